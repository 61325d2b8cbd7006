/* SPDX-License-Identifier: MIT */
/* `sockeye drill`: packetdrill scripts against one host of ours, in virtual time. */
#include <getopt.h>
#include <string.h>
#include "cli/cli.h"
#include "drill/drill.h"

enum { DEFINES = 64 };

static void help(void)
{
    printf(
        "Usage: sockeye drill [OPTION]... FILE.pkt...\n"
        "Runs packetdrill scripts, each against a new host, in virtual time.\n\n"
        "  --verbose           every event and packet as it comes\n"
        "  --check             only reads the scripts\n"
        "  --ip_version=NAME   ipv4, ipv6, or ipv4-mapped-ipv6 (sockets of IPv6, packets of "
        "IPv4),\n"
        "                      whatever the scripts say\n"
        "  --seed N            the seed of the host\n"
        "  --define NAME=TEXT  a word of the scripts that stands for another\n"
        "  --pcap FILE         the packets of the (single) script as pcapng\n"
        "  --help              this text\n\n"
        "Exit code: 0 all pass; 1 one fails; 2 one cannot be read, or uses what is not known.\n");
}

static bool add_define(char **argv, struct drill_define *list, size_t *count, char *text)
{
    char *equals = strchr(text, '=');

    if (equals == NULL || equals == text || *count == DEFINES) {
        (void)cli_misused(argv, "--define: \"%s\" is not NAME=TEXT, or there are too many", text);
        return false;
    }
    *equals = '\0';
    list[*count].name = text;
    list[(*count)++].value = equals + 1;
    return true;
}

static int drill_all(char **paths, int count, const struct drill_options *script)
{
    int worst = DRILL_PASS, passed = 0;

    for (int i = 0; i < count; i++) {
        int result = drill_run(paths[i], script, stderr);

        passed += result == DRILL_PASS;
        worst = result > worst ? result : worst;
        printf("%s %s\n",
               result == DRILL_PASS   ? "pass"
               : result == DRILL_FAIL ? "FAIL"
                                      : "UNKNOWN",
               paths[i]);
    }
    if (count > 1)
        printf("%d of %d pass\n", passed, count);
    return worst;
}

int cli_drill(int argc, char **argv)
{
    static const struct option options[] = {
        {"verbose", no_argument, NULL, 'v'},      {"check", no_argument, NULL, 'c'},
        {"seed", required_argument, NULL, 's'},   {"ip_version", required_argument, NULL, 'i'},
        {"define", required_argument, NULL, 'D'}, {"pcap", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct drill_define defines[DEFINES];
    struct drill_options script = {.seed = 1, .defines = defines};
    int option;

    while ((option = getopt_long(argc, argv, "hvD:", options, NULL)) != -1) {
        switch (option) {
        case 'v':
            script.verbose = true;
            break;
        case 'c':
            script.parse_only = true;
            break;
        case 's':
            if (!cli_number(argv, "seed", optarg, UINT64_MAX, &script.seed))
                return CLI_MISUSED;
            break;
        case 'i':
            if (strcmp(optarg, "ipv4") != 0 && strcmp(optarg, "ipv6") != 0 &&
                strcmp(optarg, "ipv4-mapped-ipv6") != 0)
                return cli_misused(argv, "--ip_version: not ipv4, ipv6 or ipv4-mapped-ipv6: %s",
                                   optarg);
            script.ip_version = optarg;
            break;
        case 'D':
            if (!add_define(argv, defines, &script.define_count, optarg))
                return CLI_MISUSED;
            break;
        case 'p':
            script.pcap = optarg;
            break;
        case 'h':
            help();
            return CLI_OK;
        default:
            return cli_misused(argv, "wrong option");
        }
    }
    if (optind == argc)
        return cli_misused(argv, "needs a FILE.pkt");
    if (script.pcap != NULL && argc - optind > 1)
        return cli_misused(argv, "--pcap is for one FILE.pkt");
    return drill_all(argv + optind, argc - optind, &script);
}
