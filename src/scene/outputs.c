/* SPDX-License-Identifier: MIT */
/* Files are made only after the lab is known to be sound: a wrong lab file leaves none behind. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "scene/create.h"
#include "scene/outputs.h"

static bool is_stdout(const char *file)
{
    return file == NULL || strcmp(file, "-") == 0;
}

bool scene_outputs_take_stdout(const struct scene_outputs_options *options)
{
    return (options->pcap != NULL && is_stdout(options->pcap)) ||
           (options->trace == TRACE_JSON && is_stdout(options->trace_file)) ||
           options->layers == LAYERS_JSON;
}

bool scene_outputs_trace_stdout(const struct scene_outputs_options *options)
{
    return options->trace == TRACE_TEXT && is_stdout(options->trace_file);
}

/* Makes a file, or empties it; it then has the mode that was asked for, or 0600. Devices and FIFOs
 * keep theirs. @return a descriptor or -errno */
static int create(const char *name, const struct scene_outputs_options *options)
{
    mode_t mode = options->has_mode ? options->mode : 0600;
    int fd = scene_create(name, mode), result;
    struct stat status;

    if (fd < 0)
        return fd;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & 07777) == mode ||
        fchmod(fd, mode) == 0)
        return fd;
    if (!options->has_mode) /* another user's, who lets us write there */
        return fd;
    result = -errno;
    (void)close(fd);
    return result;
}

/* `standard`: what is meant by no name or "-". */
static int open_view(struct scene_outputs *outputs, enum sockeye_view_kind kind, const char *name,
                     FILE *standard)
{
    struct scene_outputs_view *view = &outputs->view[outputs->count];
    int result;

    view->is_standard = is_stdout(name);
    view->name = view->is_standard ? "-" : name;
    result = view->is_standard ? 0 : create(name, outputs->options);
    view->file = view->is_standard ? standard : result < 0 ? NULL : fdopen(result, "w");
    if (view->file == NULL) {
        if (result >= 0)
            (void)close(result);
        result = result < 0 ? result : -ENOMEM;
        fprintf(stderr, "sockeye: %s: %s\n", name, scene_create_error(result));
        return result;
    }
    result = sockeye_view_open(outputs->lab, kind, view->file, &view->view);
    if (result < 0) {
        fprintf(stderr, "sockeye: %s: %s\n", name, sockeye_strerror(result));
        if (!view->is_standard)
            (void)fclose(view->file);
        return result;
    }
    outputs->count++;
    return 0;
}

static int open_record(struct scene_outputs *outputs, const struct scene_outputs_options *options)
{
    int result;

    outputs->record_name = options->record;
    outputs->record = result = create(options->record, options);
    if (result < 0) {
        fprintf(stderr, "sockeye: %s: %s\n", options->record, scene_create_error(result));
        return result;
    }
    result = sockeye_record(outputs->lab, outputs->record, options->record_limit);
    if (result < 0)
        fprintf(stderr, "sockeye: %s: %s\n", options->record, sockeye_strerror(result));
    return result;
}

/* As wide as the terminal, or as COLUMNS says; a pipe or file is a hundred columns wide. */
static int columns_of(FILE *file)
{
    enum { PIPE = 100, FEW_DIGITS = 4 };
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (columns != NULL && columns[0] != '\0' && strlen(columns) <= FEW_DIGITS &&
        strspn(columns, "0123456789") == strlen(columns))
        return (int)strtol(columns, NULL, 10);
    if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return PIPE;
}

/* https://no-color.org: set and not empty. */
static bool has_colour(const struct scene_outputs_options *options, FILE *file)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    return isatty(fileno(file)) && (no_color == NULL || no_color[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int open_ladder(struct scene_outputs *outputs, const struct scene_outputs_options *options)
{
    FILE *file = scene_outputs_take_stdout(options) ? stderr : stdout;
    enum sockeye_view_kind kind =
        options->ladder == LADDER_ALL ? SOCKEYE_VIEW_LADDER_ALL : SOCKEYE_VIEW_LADDER;
    int result = open_view(outputs, kind, NULL, file);

    if (result >= 0)
        sockeye_view_style(outputs->view[outputs->count - 1].view, columns_of(file),
                           has_colour(options, file));
    return result;
}

static int open_layers(struct scene_outputs *outputs, const struct scene_outputs_options *options)
{
    static const enum sockeye_view_kind kinds[] = {
        [LAYERS_FIRST] = SOCKEYE_VIEW_LAYERS,
        [LAYERS_EVERY] = SOCKEYE_VIEW_LAYERS_ALL,
        [LAYERS_JSON] = SOCKEYE_VIEW_LAYERS_JSON,
    };
    bool is_aside = options->layers != LAYERS_JSON && scene_outputs_take_stdout(options);

    return open_view(outputs, kinds[options->layers], NULL, is_aside ? stderr : stdout);
}

int scene_outputs_open(struct scene_outputs *outputs, struct sockeye *lab,
                       const struct scene_outputs_options *options)
{
    int result = 0;

    memset(outputs, 0, sizeof *outputs);
    outputs->lab = lab;
    outputs->options = options;
    outputs->record = -1;
    if (options->record != NULL)
        result = open_record(outputs, options);
    if (result >= 0 && options->pcap != NULL)
        result = open_view(outputs,
                           options->pcap_sides ? SOCKEYE_VIEW_PCAPNG_SIDES : SOCKEYE_VIEW_PCAPNG,
                           options->pcap, stdout);
    if (result >= 0 && options->trace != TRACE_NONE)
        result = open_view(
            outputs, options->trace == TRACE_JSON ? SOCKEYE_VIEW_TRACE_JSON : SOCKEYE_VIEW_TRACE,
            options->trace_file, stdout);
    if (result >= 0 && options->ladder != LADDER_NONE)
        result = open_ladder(outputs, options);
    if (result >= 0 && options->layers != LAYERS_OFF)
        result = open_layers(outputs, options);
    return result < 0 ? result : 0;
}

static int close_record(struct scene_outputs *outputs)
{
    enum sockeye_record_state state = sockeye_record_state(outputs->lab);
    int result = sockeye_record_stop(outputs->lab);

    if (close(outputs->record) != 0 && result >= 0)
        result = -errno;
    if (state == SOCKEYE_RECORD_FULL)
        fprintf(stderr, "sockeye: %s: the record stopped at its limit; see --record-limit\n",
                outputs->record_name);
    if (state == SOCKEYE_RECORD_FAILED || result < 0) {
        fprintf(stderr, "sockeye: %s: the record failed%s%s\n", outputs->record_name,
                result < 0 ? ": " : "", result < 0 ? sockeye_strerror(result) : "");
        return -EIO;
    }
    return 0;
}

int scene_outputs_close(struct scene_outputs *outputs)
{
    int result = 0;

    for (int i = 0; i < outputs->count; i++) {
        struct scene_outputs_view *view = &outputs->view[i];
        int failure = sockeye_view_close(view->view);

        errno = 0;
        if (view->is_standard ? fflush(view->file) != 0 : fclose(view->file) != 0)
            failure = failure < 0 ? failure : -errno;
        if (failure < 0) {
            fprintf(stderr, "sockeye: %s: %s\n", view->name, sockeye_strerror(failure));
            result = -EIO;
        }
    }
    if (outputs->record >= 0 && close_record(outputs) < 0)
        result = -EIO;
    outputs->count = 0;
    outputs->record = -1;
    return result;
}
