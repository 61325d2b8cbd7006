/* SPDX-License-Identifier: MIT */
/* What the subcommands share of reading their arguments, and of saying what is wrong with them. */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "scene/value.h"

int cli_misused(char **argv, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", argv[0]);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry \"%s --help\".\n", argv[0]);
    return CLI_MISUSED;
}

int cli_takes_nothing(int argc, char **argv, const char *help, bool *is_done)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int option = getopt_long(argc, argv, "h", options, NULL);

    *is_done = option == 'h';
    if (*is_done)
        fputs(help, stdout);
    else if (option != -1)
        return cli_misused(argv, "wrong option");
    else if (optind != argc)
        return cli_misused(argv, "takes no argument, not \"%s\"", argv[optind]);
    return CLI_OK;
}

bool cli_number(char **argv, const char *option, const char *text, uint64_t most, uint64_t *value)
{
    if (scene_read_number(text, most, value))
        return true;
    (void)cli_misused(argv, "--%s: \"%s\" is not a whole number up to %llu", option, text,
                      (unsigned long long)most);
    return false;
}

bool cli_mode(char **argv, const char *text, unsigned *mode)
{
    char *end;
    unsigned long number = strtoul(text, &end, 8);

    if (text[0] >= '0' && text[0] <= '7' && *end == '\0' && number <= 0777) {
        *mode = (unsigned)number;
        return true;
    }
    (void)cli_misused(argv, "--mode: \"%s\" is not a mode such as 640", text);
    return false;
}

bool cli_tables(char **argv, const char *text, bool *is_json)
{
    *is_json = text != NULL;
    if (text == NULL || strcmp(text, "json") == 0)
        return true;
    (void)cli_misused(argv, "--tables: \"%s\" is not json", text);
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

static bool read_layers(const char *text, enum scene_outputs_layers *layers)
{
    *layers = text == NULL                ? LAYERS_FIRST
              : strcmp(text, "all") == 0  ? LAYERS_EVERY
              : strcmp(text, "json") == 0 ? LAYERS_JSON
                                          : LAYERS_OFF;
    return *layers != LAYERS_OFF;
}

static bool read_color(const char *text, enum scene_outputs_color *color)
{
    static const char *const words[] = {
        [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            *color = (enum scene_outputs_color)i;
            return true;
        }
    }
    return false;
}

int cli_outputs_option(int option, char **argv, struct scene_outputs_options *outputs)
{
    switch (option) {
    case 't':
        if (!read_trace(optarg, &outputs->trace))
            return cli_misused(argv, "--trace takes =json or nothing, not \"%s\"", optarg);
        break;
    case 'T':
        outputs->trace_file = optarg;
        if (outputs->trace == TRACE_NONE)
            outputs->trace = TRACE_TEXT;
        break;
    case 'p':
        outputs->pcap = optarg;
        break;
    case 'm':
        outputs->has_mode = true;
        return cli_mode(argv, optarg, &outputs->mode) ? CLI_OK : CLI_MISUSED;
    case 'P':
        outputs->pcap_sides = true;
        break;
    case 'l':
        if (!read_ladder(optarg, &outputs->ladder))
            return cli_misused(argv, "--ladder takes =all or nothing, not \"%s\"", optarg);
        break;
    case 'L':
        if (!read_layers(optarg, &outputs->layers))
            return cli_misused(argv, "--layers takes =all, =json or nothing, not \"%s\"", optarg);
        break;
    case 'c':
        if (!read_color(optarg, &outputs->color))
            return cli_misused(argv, "--color takes auto, always or never, not \"%s\"", optarg);
        break;
    default:
        return cli_misused(argv, "wrong option");
    }
    return CLI_OK;
}

static bool is_file(const char *name)
{
    return name != NULL && strcmp(name, "-") != 0;
}

static bool has_file(const struct scene_outputs_options *outputs)
{
    return is_file(outputs->pcap) || is_file(outputs->trace_file) || outputs->record != NULL;
}

/* By their names; devices take more than one. */
static bool is_one_file(const char *a, const char *b)
{
    return is_file(a) && is_file(b) && strcmp(a, b) == 0 && strncmp(a, "/dev/", 5) != 0;
}

int cli_outputs_check(char **argv, const struct scene_outputs_options *outputs)
{
    bool is_pcap = outputs->pcap != NULL && strcmp(outputs->pcap, "-") == 0;

    if (outputs->pcap_sides && outputs->pcap == NULL)
        return cli_misused(argv, "--pcap-sides needs --pcap FILE");
    if (outputs->color != COLOR_AUTO && outputs->ladder == LADDER_NONE)
        return cli_misused(argv, "--color needs --ladder");
    if (outputs->has_mode && !has_file(outputs))
        return cli_misused(argv, "--mode is of files, and none is written");
    if (is_one_file(outputs->pcap, outputs->trace_file) ||
        is_one_file(outputs->pcap, outputs->record) ||
        is_one_file(outputs->trace_file, outputs->record))
        return cli_misused(argv, "two outputs would go to one file");
    if (outputs->layers == LAYERS_JSON &&
        (is_pcap || (outputs->trace == TRACE_JSON &&
                     (outputs->trace_file == NULL || strcmp(outputs->trace_file, "-") == 0))))
        return cli_misused(argv, "--layers=json has standard output for itself: give the other "
                                 "output a file");
    if (is_pcap && outputs->trace != TRACE_NONE &&
        (outputs->trace_file == NULL || strcmp(outputs->trace_file, "-") == 0))
        return cli_misused(argv, "--pcap - and --trace would both go to standard output: give one "
                                 "of them a file");
    return CLI_OK;
}
