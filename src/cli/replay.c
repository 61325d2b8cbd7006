/* SPDX-License-Identifier: MIT */
/*
 * `sockeye replay`: a record runs again, without the programs, and every packet of it comes again.
 * With another build than the recorder's the first difference is told: what, when, where.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"
#include "scene/connections.h"
#include "scene/counts.h"
#include "scene/line.h"
#include "scene/outputs.h"
#include "scene/tables.h"
#include "scene/text.h"

struct replay {
    const char *path;
    struct scene_outputs_options options;
    bool report, quiet, tables, tables_json;
    enum sockeye_trust trust;
};

static void help(void)
{
    printf("Usage: sockeye replay [OPTION]... FILE\n"
           "Replays a file made by sockeye lab --record.\n\n"
           "  --trace[=json]      a line an event\n"
           "  --trace-file FILE   the trace goes there, not to standard output\n"
           "  --pcap FILE         every frame as pcapng (\"-\": to standard output)\n"
           "  --pcap-sides        frames at both ends of a wire, not only the sender's\n"
           "  --mode MODE         of the files, in octal (600)\n"
           "  --ladder[=all]      the conversation as a sequence diagram\n"
           "  --color WHEN        of the ladder: auto, always, never\n"
           "  --layers[=all|json] each message of a program on all seven layers, at both ends\n"
           "  --report            drops and retransmissions by reason, each connection\n"
           "  --tables[=json]     what each node knows at the end\n"
           "  --trust-image       also a record that begins with an image of a lab's memory\n"
           "                      (sockeye_record in mid-life). Images are trusted: whoever\n"
           "                      made it could run anything here as you\n"
           "  --quiet             no summary\n"
           "  --help              this text\n\n"
           "Exit code: 0 it went as recorded; 1 it did not, or the file is cut; 2 wrong use.\n");
}

/* @return CLI_OK to go on, else the exit code; *is_done: nothing is left to do */
static int read_options(int argc, char **argv, struct replay *replay, bool *is_done)
{
    static const struct option options[] = {
        {"trace", optional_argument, NULL, 't'},  {"trace-file", required_argument, NULL, 'T'},
        {"pcap", required_argument, NULL, 'p'},   {"pcap-sides", no_argument, NULL, 'P'},
        {"ladder", optional_argument, NULL, 'l'}, {"layers", optional_argument, NULL, 'L'},
        {"color", required_argument, NULL, 'c'},  {"report", no_argument, NULL, 'o'},
        {"mode", required_argument, NULL, 'm'},   {"quiet", no_argument, NULL, 'q'},
        {"trust-image", no_argument, NULL, 'i'},  {"tables", optional_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    int option, code = CLI_OK;

    while (code == CLI_OK && (option = getopt_long(argc, argv, "hq", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            replay->report = true;
            break;
        case 'b':
            if (!cli_tables(argv, optarg, &replay->tables_json))
                return CLI_MISUSED;
            replay->tables = true;
            break;
        case 'q':
            replay->quiet = true;
            break;
        case 'i':
            replay->trust = SOCKEYE_TRUST_IMAGE;
            break;
        case 'h':
            help();
            *is_done = true;
            return CLI_OK;
        default:
            code = cli_outputs_option(option, argv, &replay->options);
            break;
        }
    }
    if (code != CLI_OK)
        return code;
    if (argc - optind != 1)
        return cli_misused(argv, argc == optind ? "needs a FILE" : "takes one FILE");
    replay->path = argv[optind];
    return cli_outputs_check(argv, &replay->options);
}

static void draw_progress(struct scene_line *progress, const struct sockeye *lab, uint64_t inputs)
{
    char line[200];

    snprintf(line, sizeof line, "replay: %.40s, %.40s", scene_text_seconds(sockeye_now(lab)).bytes,
             scene_text_plural(inputs, "input").bytes);
    scene_line_draw(progress, line);
}

/* @return 0 at the end, or where a signal came; -errno */
static int play(const struct replay *replay, struct sockeye_replay *player,
                const struct sockeye *lab, uint64_t *inputs)
{
    struct scene_line progress;
    int result = 1;

    scene_line_open(&progress, !replay->quiet && !scene_outputs_trace_stdout(&replay->options));
    while (result > 0 && scene_ending_signal() == 0) {
        result = sockeye_replay_next(player);
        *inputs += result == SOCKEYE_REPLAY_INPUT;
        if (scene_line_is_due(&progress))
            draw_progress(&progress, lab, *inputs);
    }
    scene_line_clear(&progress);
    return result;
}

/* Runs a record to its end. */
static int run(const struct replay *replay, struct sockeye_replay *player, struct sockeye *lab)
{
    struct scene_outputs outputs = {.record = -1};
    struct scene_connections connections = {0};
    struct scene_counts counts;
    FILE *out = scene_outputs_take_stdout(&replay->options) ? stderr : stdout;
    uint64_t inputs = 0;
    int result;
    int code = CLI_OK;

    scene_ending_watch_signals(true);
    result = scene_counts_watch(&counts, lab);
    if (result >= 0 && replay->report)
        result = scene_connections_open(&connections, lab);
    if (result >= 0 && scene_outputs_open(&outputs, lab, &replay->options) < 0) {
        (void)scene_outputs_close(&outputs);
        scene_connections_close(&connections);
        return CLI_MISUSED;
    }
    if (result >= 0)
        result = play(replay, player, lab, &inputs);
    if (result == -EILSEQ)
        fprintf(stderr, "sockeye replay: %s: it goes another way than recorded: %s\n", replay->path,
                sockeye_replay_divergence(player));
    else if (result < 0)
        fprintf(stderr, "sockeye replay: %s: %s after %llu inputs\n", replay->path,
                result == -EBADMSG ? "the record is cut or damaged" : sockeye_strerror(result),
                (unsigned long long)inputs);
    if (scene_outputs_close(&outputs) < 0 || result < 0)
        code = CLI_FAILED;
    if (scene_ending_signal() != 0)
        code = CLI_SIGNALLED + scene_ending_signal();
    if (replay->tables) {
        const struct scene_tables all = {
            .node = -1, .now = sockeye_now(lab), .is_json = replay->tables_json};

        scene_tables_print(lab, &all, out);
    }
    if (!replay->quiet) {
        if (replay->report) {
            scene_counts_report(&counts, out, "  ");
            scene_connections_print(&connections, out, "  ");
        }
        fprintf(out, "replay: %s, %s\n  %s, ", code == CLI_OK ? "ok" : "NOT to its end",
                scene_text_plural(inputs, "input").bytes,
                scene_text_seconds(sockeye_now(lab)).bytes);
        scene_counts_line(&counts, out);
        fputc('\n', out);
    }
    scene_connections_close(&connections);
    return code;
}

int cli_replay(int argc, char **argv)
{
    struct replay replay = {0};
    struct sockeye_replay *player = NULL;
    struct sockeye *lab = NULL;
    bool is_done = false;
    int code = read_options(argc, argv, &replay, &is_done), fd, result;

    if (code != CLI_OK || is_done)
        return code;
    fd = open(replay.path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "%s: %s: %s\n", argv[0], replay.path, strerror(errno));
        return CLI_MISUSED;
    }
    result = sockeye_replay_open(fd, replay.trust, &player, &lab);
    if (result < 0) {
        fprintf(stderr, "%s: %s: %s\n", argv[0], replay.path,
                result == -EBADMSG ? "not a record of sockeye, or a damaged one"
                : result == -EPERM ? "it begins with an image of memory, which nobody can check; "
                                     "--trust-image if you made it yourself"
                                   : sockeye_strerror(result));
        code = CLI_MISUSED;
    } else {
        code = run(&replay, player, lab);
        sockeye_replay_close(player);
    }
    (void)close(fd);
    return code;
}
