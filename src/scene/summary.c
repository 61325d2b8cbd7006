/* SPDX-License-Identifier: MIT */
/*
 * The outcome of a run, for people or as TAP: each program and each piece of traffic is one
 * expectation, the lab as a whole one more. A run that went well is two lines, how it went and its
 * figures. What failed stands before them, with the last lines of its output and what it asked for
 * in vain; with --report what went well does too, and all that report.c has.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scene/ending.h"
#include "scene/report.h"
#include "scene/run.h"
#include "scene/text.h"

enum { TAIL_LINES = 10, LINE_BYTES = 400 };

static struct scene_text program_name(const struct scene_run *run,
                                      const struct scene_run_program *program)
{
    struct scene_text text;

    snprintf(text.bytes, sizeof text.bytes, "%s.%s", run->file.lab->hosts[program->host].name,
             program->plan->title);
    return text;
}

static struct scene_text program_outcome(const struct scene_run_program *program)
{
    struct scene_text text;

    if (program->problem[0] != '\0')
        snprintf(text.bytes, sizeof text.bytes, "%s", program->problem);
    else if (program->plan->is_background && (program->was_ended || !program->plan->may_end))
        snprintf(text.bytes, sizeof text.bytes, "in the background");
    else if (WIFSIGNALED(program->status))
        snprintf(text.bytes, sizeof text.bytes, "killed by SIG%s, as expected",
                 sigabbrev_np(WTERMSIG(program->status)));
    else
        snprintf(text.bytes, sizeof text.bytes, "exit %d, from %.40s to %.40s",
                 WEXITSTATUS(program->status), scene_text_seconds(program->started).bytes,
                 scene_text_seconds(program->ended).bytes);
    return text;
}

/* Two sources of a host differ by where they send, and how. */
static struct scene_text traffic_name(const struct scene_run *run,
                                      const struct scene_run_traffic *traffic)
{
    static const char *const kinds[] = {"source", "sink", "echo", "ping"};
    const struct scene_traffic *plan = traffic->plan;
    char peer[ADDRESS_TEXT_BYTES];
    const char *host = run->file.lab->hosts[traffic->host].name;
    const char *how = plan->datagram && !plan->stream ? " over UDP" : "";
    struct scene_text text;

    if (plan->kind == TRAFFIC_SINK || plan->kind == TRAFFIC_ECHO) {
        snprintf(text.bytes, sizeof text.bytes, "%s.%s on port %u%s", host, kinds[plan->kind],
                 plan->port, how);
        return text;
    }
    address_format(plan->peer.address, peer);
    if (plan->kind == TRAFFIC_PING)
        snprintf(text.bytes, sizeof text.bytes, "%s.ping to %s", host, peer);
    else
        snprintf(text.bytes, sizeof text.bytes,
                 address_is_mapped(plan->peer.address) ? "%s.source to %s:%u%s"
                                                       : "%s.source to [%s]:%u%s",
                 host, peer, plan->peer.port, how);
    return text;
}

static struct scene_text ping_outcome(const struct service_status *status)
{
    int64_t mean = status->replies == 0 ? 0 : status->rtt_sum / status->replies;
    struct scene_text text;

    snprintf(text.bytes, sizeof text.bytes, "%u requests, %u replies, round trip %lld/%lld/%lld us",
             status->pings, status->replies, (long long)(status->rtt_least / 1000),
             (long long)(mean / 1000), (long long)(status->rtt_most / 1000));
    return text;
}

static struct scene_text traffic_outcome(const struct scene_traffic *plan,
                                         const struct service_status *status)
{
    struct scene_text text, sent = scene_text_plural(status->sent, "byte");
    struct scene_text received = scene_text_plural(status->received, "byte");
    struct scene_text took = scene_text_seconds(status->ended - status->started);

    if (status->problem[0] != '\0')
        snprintf(text.bytes, sizeof text.bytes, "%s", status->problem);
    else if (plan->kind == TRAFFIC_PING)
        text = ping_outcome(status);
    else if (status->is_background)
        snprintf(text.bytes, sizeof text.bytes, "in the background, %.40s sent, %.40s received",
                 sent.bytes, received.bytes);
    else if (plan->kind == TRAFFIC_SINK)
        snprintf(text.bytes, sizeof text.bytes, "%.40s received and verified, in %.40s",
                 received.bytes, took.bytes);
    else if (plan->is_returned)
        snprintf(text.bytes, sizeof text.bytes,
                 "%.40s sent, %.40s came back and were verified, in %.40s", sent.bytes,
                 received.bytes, took.bytes);
    else
        snprintf(text.bytes, sizeof text.bytes, "%.40s sent, in %.40s", sent.bytes, took.bytes);
    return text;
}

/* A line of a program's as text alone: no control character, nor those of C1 in UTF-8, comes
 * through to the terminal. */
static void print_line(const char *line, FILE *out, const char *prefix)
{
    fprintf(out, "%s    | ", prefix);
    for (; *line != '\0'; line++) {
        unsigned char c = (unsigned char)line[0], next = (unsigned char)line[1];

        if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
            fputc('?', out);
            line++;
        } else {
            fputc((c < ' ' && c != '\t') || c == 0x7f ? '?' : c, out);
        }
    }
    fputc('\n', out);
}

/* The log to be read; NULL: there is none that could be, as a device or a FIFO could not. */
static FILE *open_log(const char *log)
{
    int fd = log == NULL ? -1 : open(log, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    FILE *file = NULL;

    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        file = fdopen(fd, "r");
    if (file == NULL && fd >= 0)
        (void)close(fd);
    return file;
}

/* The last lines of a program's log, when it did not do what was expected: looked for at its end,
 * however long it is. */
static void print_tail(const struct scene_run_program *program, FILE *out, const char *prefix)
{
    char lines[TAIL_LINES][LINE_BYTES];
    unsigned count = 0;
    FILE *file = open_log(program->log);

    if (file == NULL)
        return;
    if (fseek(file, -(long)(TAIL_LINES * LINE_BYTES), SEEK_END) != 0)
        rewind(file);
    while (fgets(lines[count % TAIL_LINES], LINE_BYTES, file) != NULL) {
        lines[count % TAIL_LINES][strcspn(lines[count % TAIL_LINES], "\n")] = '\0';
        count++;
    }
    (void)fclose(file);
    for (unsigned i = count < TAIL_LINES ? 0 : count - TAIL_LINES; i < count; i++)
        print_line(lines[i % TAIL_LINES], out, prefix);
}

struct result {
    FILE *out;
    bool is_tap;
    bool is_told; /* what went well too */
    unsigned number, failed;
};

/* One expectation. */
static void say(struct result *result, bool is_ok, const char *name, const char *outcome)
{
    result->number++;
    result->failed += !is_ok;
    if (result->is_tap)
        fprintf(result->out, "%sok %u - %s: %s\n", is_ok ? "" : "not ", result->number, name,
                outcome);
    else if (!is_ok || result->is_told)
        fprintf(result->out, "  %-6s %s: %s\n", is_ok ? "ok" : "FAILED", name, outcome);
}

static void say_programs(struct scene_run *run, struct result *result, const char *prefix)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        say(result, program->problem[0] == '\0', program_name(run, program).bytes,
            program_outcome(program).bytes);
        if (program->problem[0] == '\0')
            continue;
        print_tail(program, result->out, prefix);
        scene_report_refusals(run, program->number, result->out, prefix);
    }
}

static void say_traffic(struct scene_run *run, struct result *result)
{
    for (unsigned i = 0; i < run->traffic_count; i++) {
        struct service_status status;

        service_set_status(run->services, run->traffic[i].service, &status);
        say(result, status.state == SERVICE_DONE, traffic_name(run, &run->traffic[i]).bytes,
            traffic_outcome(run->traffic[i].plan, &status).bytes);
    }
}

/* "2 programs, 1 service": what there was, or what of it failed */
static struct scene_text numbers(unsigned programs, unsigned services)
{
    struct scene_text text = {""};
    size_t length = 0;

    if (programs > 0)
        length = (size_t)snprintf(text.bytes, sizeof text.bytes, "%.40s",
                                  scene_text_plural(programs, "program").bytes);
    if (services > 0)
        snprintf(text.bytes + length, sizeof text.bytes - length, "%s%.40s",
                 programs > 0 ? ", " : "", scene_text_plural(services, "service").bytes);
    return text;
}

/* How lab time stood to real time: whoever reads figures of the run must know it if that was not as
 * good as equal. */
static void print_time(const struct scene_run *run, FILE *out)
{
    const struct drive_statistics *late = &run->lateness;

    fprintf(out, ", at most %s late", scene_text_time(late->lateness_max).bytes);
    if (late->slipped > run->ended / 100)
        fprintf(out, "; TIME SLIPPED by %s: the machine could not keep up",
                scene_text_time(late->slipped).bytes);
    else if (late->slipped > 0)
        fprintf(out, ", time slipped by %s", scene_text_time(late->slipped).bytes);
}

/* The two lines at the end: how it went, and its figures. */
static void print_end(const struct scene_run *run, const struct result *result, const char *prefix)
{
    FILE *out = result->out;

    fprintf(out, "%slab %s: %s", result->is_tap ? "# " : "", run->name,
            result->failed == 0 ? "ok" : "FAILED");
    if (result->failed > 0)
        fprintf(out, ", %u of %u", result->failed, result->number);
    else if (run->program_count + run->traffic_count > 0)
        fprintf(out, ", %s", numbers(run->program_count, run->traffic_count).bytes);
    fprintf(out, "\n%sseed %llu, %s, ", prefix, (unsigned long long)run->seed,
            scene_text_seconds(run->ended).bytes);
    scene_counts_line(&run->counts, out);
    if (run->is_real)
        print_time(run, out);
    fputc('\n', out);
}

int scene_summary(struct scene_run *run, FILE *out)
{
    struct result result = {.out = out,
                            .is_tap = run->options->tap,
                            .is_told = run->options->report && !run->options->quiet};
    bool is_quiet = run->options->quiet && !result.is_tap;
    const char *prefix = result.is_tap ? "# " : "  ";
    bool is_whole = run->problem[0] == '\0' && (scene_ending_signal() == 0 || run->options->stay);

    if (result.is_tap)
        fprintf(out, "TAP version 13\n1..%u\n", run->program_count + run->traffic_count + 1);
    say_programs(run, &result, prefix);
    say_traffic(run, &result);
    if (result.failed > 0 || result.is_told)
        scene_reach_print(&run->reach, out, prefix);
    if (result.is_tap || !is_whole)
        say(&result, is_whole, "the lab",
            run->problem[0] != '\0' ? run->problem
            : is_whole              ? "ran to its end"
                                    : "was interrupted");
    if (!is_quiet || result.failed > 0)
        scene_counts_warn(&run->counts, result.failed > 0, out, prefix);
    if (run->options->report && !is_quiet)
        scene_report_print(run, out, prefix);
    else if (!is_quiet)
        scene_achieved_print(&run->achieved, false, out, prefix);
    if (run->options->keep_logs && run->logs[0] != '\0')
        fprintf(out, "%slogs: %s\n", prefix, run->logs);
    if (!is_quiet)
        print_end(run, &result, prefix);
    return result.failed == 0 ? SCENE_OK : SCENE_FAILED;
}
