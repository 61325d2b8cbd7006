/* SPDX-License-Identifier: MIT */
/* The `sockeye` command: finds the subcommand and gives it its part of the arguments. */
#include <string.h>
#include "cli/cli.h"
#include "sockeye/sockeye.h"

static const struct {
    const char *name, *title, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"lab", "sockeye lab", "runs a lab: hosts, wires and programs of a file", cli_lab},
    {"exec", "sockeye exec", "runs a command on a host of a running lab", cli_exec},
    {"set", "sockeye set", "changes the faults of a running lab", cli_set},
    {"show", "sockeye show", "prints what the nodes of a running lab know", cli_show},
    {"replay", "sockeye replay", "gives every packet of a recorded lab again", cli_replay},
    {"drill", "sockeye drill", "runs packetdrill scripts against one host", cli_drill},
    {"doctor", "sockeye doctor", "says what this machine lacks, and the cure", cli_doctor},
    {"settings", "sockeye settings", "lists the settings of a host", cli_settings},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void help(FILE *out)
{
    fprintf(out, "Usage: sockeye COMMAND [OPTION]... [ARGUMENT]...\n"
                 "A whole socket system in user space: unmodified programs talk over simulated\n"
                 "wires through a TCP/IP that can be watched and repeated.\n\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\n  sockeye COMMAND --help   the options of a command\n"
                 "  sockeye --version        the version\n\n"
                 "Exit code: 0 all went as expected; 1 it did not; 2 wrong use.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return CLI_MISUSED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("sockeye %s\n", SOCKEYE_VERSION);
        return CLI_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        int code;

        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        argv[1] = strdup(commands[i].title);
        if (argv[1] == NULL)
            return CLI_FAILED;
        code = commands[i].run(argc - 1, argv + 1);
        if (fflush(stdout) != 0 && code == CLI_OK) {
            perror("sockeye: standard output");
            return CLI_FAILED;
        }
        return code;
    }
    fprintf(stderr, "sockeye: there is no command \"%s\"\nTry \"sockeye --help\".\n", argv[1]);
    return CLI_MISUSED;
}
