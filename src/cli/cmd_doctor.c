/* SPDX-License-Identifier: MIT */
/* `sockeye doctor`: what this machine lacks to run unmodified programs, and the cure. */
#include <getopt.h>
#include <stdlib.h>
#include "7-application/run_doctor.h"
#include "cli/command.h"

int command_doctor(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option != 'h')
            return command_misused(argv, "wrong option");
        printf("Usage: sockeye doctor\n"
               "Tries what sockeye lab needs of this machine, as the user you are, and says for\n"
               "each thing that is missing the exact cure. Exit code: 0 all is there, 1 not.\n");
        return COMMAND_OK;
    }
    if (optind != argc)
        return command_misused(argv, "takes no argument, not \"%s\"", argv[optind]);
    return run_doctor(stdout) == 0 ? COMMAND_OK : COMMAND_FAILED;
}
