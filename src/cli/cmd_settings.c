/* SPDX-License-Identifier: MIT */
/* `sockeye settings`: every setting of a host, its default, and a line of help. */
#include <getopt.h>
#include <stdlib.h>
#include "cli/command.h"
#include "sockeye/sockeye.h"

int command_settings(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct sockeye *lab = NULL;
    const char *name, *help;
    int option, result, host;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option != 'h')
            return command_misused(argv, "wrong option");
        printf("Usage: sockeye settings\n"
               "Lists the settings of a host: name, default, what it means. A lab file sets them:\n"
               "  settings: [net.ipv4.tcp_sack=0]     of the lab, or of one host\n");
        return COMMAND_OK;
    }
    if (optind != argc)
        return command_misused(argv, "takes no argument, not \"%s\"", argv[optind]);
    result = sockeye_open(&(struct sockeye_config){.hosts = 1, .wires = 1, .sockets = 16}, &lab);
    host = result < 0 ? result : sockeye_host(lab, "host");
    if (host < 0) {
        fprintf(stderr, "%s: %s\n", argv[0], sockeye_strerror(host));
        sockeye_close(lab);
        return COMMAND_FAILED;
    }
    for (int i = 0; (name = sockeye_setting(i, &help)) != NULL; i++) {
        char value[128];

        if (sockeye_get(lab, host, name, value, sizeof value) < 0)
            snprintf(value, sizeof value, "?");
        printf("%s = %s\n    %s\n", name, value, help == NULL ? "" : help);
    }
    sockeye_close(lab);
    return COMMAND_OK;
}
