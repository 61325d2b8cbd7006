/* SPDX-License-Identifier: MIT */
/* `sockeye lab`: the options of a run. */
#include <getopt.h>
#include <stdlib.h>
#include "cli/cli.h"
#include "scene/run.h"
#include "scene/value.h"

static const uint64_t record_limit = UINT64_C(1) << 30;

static void help(void)
{
    printf("Usage: sockeye lab [OPTION]... FILE.yaml\n"
           "Runs a lab: the hosts, wires, programs and traffic of a file (sockeye-lab(5)).\n"
           "Without real programs it runs in virtual time, with no wait at all.\n\n"
           "  --seed N            the seed of all chance, instead of the file's\n"
           "  --trace[=json]      a line an event: frames, states, timers, drops, cwnd\n"
           "  --trace-file FILE   the trace goes there, not to standard output\n"
           "  --pcap FILE         every frame as pcapng, at the sender's end of its wire\n"
           "                      (\"-\": to standard output)\n"
           "  --pcap-sides        frames at both ends of a wire\n"
           "  --ladder[=all]      the conversation as a sequence diagram; long runs of data\n"
           "                      are folded, unless =all\n"
           "  --color WHEN        of the ladder: auto (on a terminal, unless NO_COLOR is set),\n"
           "                      always, never\n"
           "  --layers[=all|json] each message of a program on all seven layers, at both ends\n"
           "  --record FILE       logs all inputs, for sockeye replay\n"
           "  --record-limit N    stops the record at N bytes (1GiB)\n"
           "  --mode MODE         of these files, in octal (600)\n"
           "  --stay              goes on until interrupted, for sockeye exec\n"
           "  --tap               the outcome as TAP\n"
           "  --report            says all: each program, drops and retransmissions by reason,\n"
           "                      each connection, what programs asked for in vain\n"
           "  --tables[=json]     what each node knows at the end: addresses, neighbours,\n"
           "                      stations, routes, sockets\n"
           "  --quiet             says only what failed\n"
           "  --keep-logs         keeps the output of the programs, and says where\n"
           "  --help              this text\n\n"
           "Exit code: 0 all expectations hold; 1 one does not; 2 wrong use or a wrong file;\n"
           "128 + N interrupted by signal N.\n");
}

static int read_record_option(int option, char **argv, struct scene_outputs_options *outputs)
{
    switch (option) {
    case 'r':
        outputs->record = optarg;
        return CLI_OK;
    case 'R':
        if (!scene_read_bytes(optarg, &outputs->record_limit) || outputs->record_limit == 0)
            return cli_misused(argv, "--record-limit: \"%s\" is not a size such as 100MB", optarg);
        return CLI_OK;
    default:
        return cli_outputs_option(option, argv, outputs);
    }
}

/* @return CLI_OK to go on, else the exit code; *is_done: nothing is left to do */
static int read_options(int argc, char **argv, struct scene_options *lab, bool *is_done)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"trace", optional_argument, NULL, 't'},
                                            {"trace-file", required_argument, NULL, 'T'},
                                            {"pcap", required_argument, NULL, 'p'},
                                            {"pcap-sides", no_argument, NULL, 'P'},
                                            {"ladder", optional_argument, NULL, 'l'},
                                            {"layers", optional_argument, NULL, 'L'},
                                            {"color", required_argument, NULL, 'c'},
                                            {"record", required_argument, NULL, 'r'},
                                            {"record-limit", required_argument, NULL, 'R'},
                                            {"mode", required_argument, NULL, 'm'},
                                            {"stay", no_argument, NULL, 'S'},
                                            {"tap", no_argument, NULL, 'a'},
                                            {"report", no_argument, NULL, 'o'},
                                            {"tables", optional_argument, NULL, 'b'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"keep-logs", no_argument, NULL, 'k'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int option, code = CLI_OK;

    while (code == CLI_OK && (option = getopt_long(argc, argv, "hq", options, NULL)) != -1) {
        switch (option) {
        case 's':
            if (!cli_number(argv, "seed", optarg, UINT64_MAX, &lab->seed))
                return CLI_MISUSED;
            lab->has_seed = true;
            break;
        case 'S':
            lab->stay = true;
            break;
        case 'a':
            lab->tap = true;
            break;
        case 'o':
            lab->report = true;
            break;
        case 'b':
            if (!cli_tables(argv, optarg, &lab->tables_json))
                return CLI_MISUSED;
            lab->tables = true;
            break;
        case 'q':
            lab->quiet = true;
            break;
        case 'k':
            lab->keep_logs = true;
            break;
        case 'h':
            help();
            *is_done = true;
            return CLI_OK;
        default:
            code = read_record_option(option, argv, &lab->outputs);
            break;
        }
    }
    if (code != CLI_OK)
        return code;
    if (argc - optind != 1)
        return cli_misused(argv, argc == optind ? "needs a FILE.yaml" : "takes one FILE.yaml");
    lab->path = argv[optind];
    if (lab->outputs.record == NULL && lab->outputs.record_limit != 0)
        return cli_misused(argv, "--record-limit needs --record FILE");
    if (lab->outputs.record_limit == 0)
        lab->outputs.record_limit = record_limit;
    return cli_outputs_check(argv, &lab->outputs);
}

int cli_lab(int argc, char **argv)
{
    struct scene_options options = {0};
    struct scene_run *run;
    bool is_done = false;
    int code = read_options(argc, argv, &options, &is_done);

    if (code != CLI_OK || is_done)
        return code;
    run = calloc(1, sizeof *run);
    if (run == NULL) {
        fprintf(stderr, "sockeye lab: out of memory\n");
        return CLI_FAILED;
    }
    code = scene_run_open(run, &options);
    if (code == CLI_OK)
        code = scene_run_all(run);
    scene_run_close(run);
    free(run);
    return code;
}
