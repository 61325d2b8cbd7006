/* SPDX-License-Identifier: MIT */
/*
 * The outcome of a run, for people or as TAP: each program and each piece of traffic is one
 * expectation, the lab as a whole one more. After them what the wires did, how late the driver was,
 * and what programs asked for in vain.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scene/ending.h"
#include "scene/run.h"

enum { TAIL_LINES = 10, LINE_BYTES = 400 };

struct scene_text {
    char bytes[300];
};

static struct scene_text seconds(int64_t time)
{
    struct scene_text text;

    snprintf(text.bytes, sizeof text.bytes, "%lld.%03lld s", (long long)(time / 1000000000),
             (long long)(time % 1000000000 / 1000000));
    return text;
}

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
    else if (program->plan->is_background)
        snprintf(text.bytes, sizeof text.bytes, "in the background");
    else if (WIFSIGNALED(program->status))
        snprintf(text.bytes, sizeof text.bytes, "killed by SIG%s, as expected",
                 sigabbrev_np(WTERMSIG(program->status)));
    else
        snprintf(text.bytes, sizeof text.bytes, "exit %d, from %.40s to %.40s",
                 WEXITSTATUS(program->status), seconds(program->started).bytes,
                 seconds(program->ended).bytes);
    return text;
}

static struct scene_text traffic_name(const struct scene_run *run,
                                      const struct scene_run_traffic *traffic)
{
    static const char *const kinds[] = {"source", "sink", "echo", "ping"};
    const struct scene_traffic *plan = traffic->plan;
    char peer[ADDRESS_TEXT_BYTES];
    const char *host = run->file.lab->hosts[traffic->host].name;
    struct scene_text text;

    if (plan->kind == TRAFFIC_SINK || plan->kind == TRAFFIC_ECHO)
        snprintf(text.bytes, sizeof text.bytes, "%s.%s on port %u", host, kinds[plan->kind],
                 plan->port);
    else {
        address_format(plan->peer.address, peer);
        snprintf(text.bytes, sizeof text.bytes, "%s.%s to %s", host, kinds[plan->kind], peer);
    }
    return text;
}

static struct scene_text traffic_outcome(const struct scene_traffic *plan,
                                         const struct service_status *status)
{
    struct scene_text text;
    int64_t took = status->ended - status->started;

    if (status->problem[0] != '\0')
        snprintf(text.bytes, sizeof text.bytes, "%s", status->problem);
    else if (plan->kind == TRAFFIC_PING)
        snprintf(text.bytes, sizeof text.bytes,
                 "%u requests, %u replies, round trip %lld/%lld/%lld us", status->pings,
                 status->replies, (long long)(status->rtt_least / 1000),
                 (long long)(status->replies == 0 ? 0 : status->rtt_sum / status->replies / 1000),
                 (long long)(status->rtt_most / 1000));
    else if (status->is_background)
        snprintf(text.bytes, sizeof text.bytes, "in the background, %llu bytes sent, %llu received",
                 (unsigned long long)status->sent, (unsigned long long)status->received);
    else
        snprintf(text.bytes, sizeof text.bytes,
                 "%llu bytes sent, %llu received and verified, in %.40s",
                 (unsigned long long)status->sent, (unsigned long long)status->received,
                 seconds(took).bytes);
    return text;
}

/* The last lines of a program's log, when it did not do what was expected. */
static void print_tail(const struct scene_run_program *program, FILE *out, const char *prefix)
{
    char lines[TAIL_LINES][LINE_BYTES];
    unsigned count = 0;
    FILE *file = program->log[0] == '\0' ? NULL : fopen(program->log, "re");

    if (file == NULL)
        return;
    while (fgets(lines[count % TAIL_LINES], LINE_BYTES, file) != NULL) {
        lines[count % TAIL_LINES][strcspn(lines[count % TAIL_LINES], "\n")] = '\0';
        count++;
    }
    (void)fclose(file);
    for (unsigned i = count < TAIL_LINES ? 0 : count - TAIL_LINES; i < count; i++)
        fprintf(out, "%s    | %s\n", prefix, lines[i % TAIL_LINES]);
}

static void print_facts(const struct scene_run *run, FILE *out, const char *prefix)
{
    const struct guest_statistics *s = &run->statistics;
    const struct drive_statistics *late = &run->lateness;
    char *report = run->report, *line;

    scene_counts_print(&run->counts, out, prefix);
    if (!run->file.lab->has_programs && !run->options->stay)
        return;
    fprintf(out, "%sprograms: %llu calls on %llu sockets, %llu bytes sent, %llu received\n", prefix,
            (unsigned long long)s->calls, (unsigned long long)s->sockets,
            (unsigned long long)s->bytes_sent, (unsigned long long)s->bytes_received);
    fprintf(out, "%slateness: p99 %lld us, max %lld us; slipped %lld us in %llu slips\n", prefix,
            (long long)(late->lateness_p99 / 1000), (long long)(late->lateness_max / 1000),
            (long long)(late->slipped / 1000), (unsigned long long)late->slips);
    if (report != NULL && run->report_lines > 0)
        fprintf(out, "%sasked for in vain:\n", prefix);
    while (report != NULL && (line = strsep(&report, "\n")) != NULL && run->report_lines > 0) {
        if (line[0] != '\0')
            fprintf(out, "%s  %s\n", prefix, line);
    }
}

struct result {
    FILE *out;
    bool is_tap, is_quiet;
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
    else if (!is_ok || !result->is_quiet)
        fprintf(result->out, "  %-6s %s: %s\n", is_ok ? "ok" : "FAILED", name, outcome);
}

int scene_summary(struct scene_run *run, FILE *out)
{
    struct result result = {
        .out = out, .is_tap = run->options->tap, .is_quiet = run->options->quiet};
    const char *prefix = result.is_tap ? "# " : "  ";
    bool is_whole = run->problem[0] == '\0' && (scene_ending_signal() == 0 || run->options->stay);

    if (result.is_tap)
        fprintf(out, "TAP version 13\n1..%u\n", run->program_count + run->traffic_count + 1);
    else if (!result.is_quiet)
        fprintf(out, "lab %s: seed %llu, %s of lab time\n", run->name,
                (unsigned long long)run->seed, seconds(run->ended).bytes);
    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        say(&result, program->problem[0] == '\0', program_name(run, program).bytes,
            program_outcome(program).bytes);
        if (program->problem[0] != '\0')
            print_tail(program, out, prefix);
    }
    for (unsigned i = 0; i < run->traffic_count; i++) {
        struct service_status status;

        service_set_status(run->services, run->traffic[i].service, &status);
        say(&result, status.state == SERVICE_DONE, traffic_name(run, &run->traffic[i]).bytes,
            traffic_outcome(run->traffic[i].plan, &status).bytes);
    }
    if (result.is_tap || !is_whole)
        say(&result, is_whole, "the lab",
            run->problem[0] != '\0' ? run->problem
            : is_whole              ? "ran to its end"
                                    : "was interrupted");
    if (!result.is_quiet || result.is_tap)
        print_facts(run, out, prefix);
    if (run->options->keep_logs && run->logs[0] != '\0')
        fprintf(out, "%slogs: %s\n", prefix, run->logs);
    if (!result.is_tap && !result.is_quiet)
        fprintf(out, "%s\n", result.failed == 0 ? "as expected" : "NOT as expected");
    return result.failed == 0 ? SCENE_OK : SCENE_FAILED;
}

static int64_t monotonic(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool is_shown(const struct scene_run *run)
{
    return !run->options->quiet && isatty(STDERR_FILENO) != 0 &&
           (run->options->outputs.trace == TRACE_NONE || run->options->outputs.trace_file != NULL);
}

void scene_progress(struct scene_run *run)
{
    static const int64_t pause = 200000000;
    int64_t now;
    unsigned running = 0;

    /* Only the terminal sees the clock; the lab does not. */
    if (run->next_progress == 0 && !is_shown(run))
        run->next_progress = SOCKEYE_NEVER;
    if (run->is_over || run->next_progress == SOCKEYE_NEVER)
        return;
    now = monotonic();
    if (now < run->next_progress)
        return;
    run->next_progress = now + pause;
    for (unsigned i = 0; i < run->program_count; i++)
        running += run->programs[i].stage == SCENE_RUNNING;
    fprintf(stderr, "\r\033[K%s: %s, %u programs, %llu frames, %llu bytes", run->name,
            seconds(sockeye_now(run->lab)).bytes, running, (unsigned long long)run->counts.frames,
            (unsigned long long)run->counts.bytes);
}

void scene_progress_clear(struct scene_run *run)
{
    if (run->next_progress != 0 && run->next_progress != SOCKEYE_NEVER)
        fprintf(stderr, "\r\033[K");
}
