/* SPDX-License-Identifier: MIT */
/* The `sockeye` command: finds the subcommand and gives it its part of the arguments. */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/command.h"
#include "scene/value.h"
#include "sockeye/sockeye.h"

static const struct {
    const char *name, *title, *help;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"lab", "sockeye lab", "runs a lab: hosts, wires and programs of a file", command_lab},
    {"exec", "sockeye exec", "runs a command on a host of a running lab", command_exec},
    {"replay", "sockeye replay", "gives every packet of a recorded lab again", command_replay},
    {"drill", "sockeye drill", "runs packetdrill scripts against one host", command_drill},
    {"doctor", "sockeye doctor", "says what this machine lacks, and the cure", command_doctor},
    {"settings", "sockeye settings", "lists the settings of a host", command_settings},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

int command_misused(char **argv, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", argv[0]);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry \"%s --help\".\n", argv[0]);
    return COMMAND_MISUSED;
}

int command_takes_nothing(int argc, char **argv, const char *help, bool *is_done)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int option = getopt_long(argc, argv, "h", options, NULL);

    *is_done = option == 'h';
    if (*is_done)
        fputs(help, stdout);
    else if (option != -1)
        return command_misused(argv, "wrong option");
    else if (optind != argc)
        return command_misused(argv, "takes no argument, not \"%s\"", argv[optind]);
    return COMMAND_OK;
}

bool command_number(char **argv, const char *option, const char *text, uint64_t most,
                    uint64_t *value)
{
    if (scene_read_number(text, most, value))
        return true;
    (void)command_misused(argv, "--%s: \"%s\" is not a whole number up to %llu", option, text,
                          (unsigned long long)most);
    return false;
}

static bool read_trace(const char *text, enum scene_outputs_trace *trace)
{
    if (text != NULL && strcmp(text, "json") != 0 && strcmp(text, "text") != 0)
        return false;
    *trace = text != NULL && text[0] == 'j' ? TRACE_JSON : TRACE_TEXT;
    return true;
}

static bool read_ladder(const char *text, enum scene_outputs_ladder *ladder)
{
    if (text != NULL && strcmp(text, "all") != 0)
        return false;
    *ladder = text == NULL ? LADDER_FOLDED : LADDER_ALL;
    return true;
}

int command_outputs_option(int option, char **argv, struct scene_outputs_options *outputs)
{
    switch (option) {
    case 't':
        if (!read_trace(optarg, &outputs->trace))
            return command_misused(argv, "--trace takes =json or nothing, not \"%s\"", optarg);
        break;
    case 'T':
        outputs->trace_file = optarg;
        if (outputs->trace == TRACE_NONE)
            outputs->trace = TRACE_TEXT;
        break;
    case 'p':
        outputs->pcap = optarg;
        break;
    case 'P':
        outputs->pcap_sides = true;
        break;
    case 'l':
        if (!read_ladder(optarg, &outputs->ladder))
            return command_misused(argv, "--ladder takes =all or nothing, not \"%s\"", optarg);
        break;
    default:
        return command_misused(argv, "wrong option");
    }
    return COMMAND_OK;
}

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
        return COMMAND_MISUSED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("sockeye %s\n", SOCKEYE_VERSION);
        return COMMAND_OK;
    }
    for (int i = 0; i < COMMANDS; i++) {
        int code;

        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        argv[1] = strdup(commands[i].title);
        if (argv[1] == NULL)
            return COMMAND_FAILED;
        code = commands[i].run(argc - 1, argv + 1);
        if (fflush(stdout) != 0 && code == COMMAND_OK) {
            perror("sockeye: standard output");
            return COMMAND_FAILED;
        }
        return code;
    }
    fprintf(stderr, "sockeye: there is no command \"%s\"\nTry \"sockeye --help\".\n", argv[1]);
    return COMMAND_MISUSED;
}
