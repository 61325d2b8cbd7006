/* SPDX-License-Identifier: MIT */
/*
 * Runs a lab from its file to its end. Two loops, one for virtual time and one with the drive;
 * both start what may start, let time pass, and ask whether all has ended. After the end,
 * connections still close: without programs time costs nothing, so up to two minutes of it are
 * given, through every TIME-WAIT, before the outputs are closed.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "scene/ending.h"
#include "scene/live.h"
#include "scene/report.h"
#include "scene/run.h"
#include "scene/tables.h"

static const int64_t settle_time = 120000000000;
static const int64_t end_time = 1000000000; /* for background programs to end by SIGTERM */
static const int64_t turn_time = 100000000; /* the longest sleep: signals are looked at */
enum { CHANGES_A_TURN = 100000, SETTLE_TURNS = 10000000 };

/* The first thing that went wrong with the whole is kept. */
__attribute__((format(printf, 2, 3))) static void fail(struct scene_run *run, const char *format,
                                                       ...)
{
    va_list arguments;

    if (run->problem[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(run->problem, sizeof run->problem, format, arguments);
    va_end(arguments);
}

static void name_lab(struct scene_run *run)
{
    const char *slash = strrchr(run->options->path, '/');
    const char *base = slash == NULL ? run->options->path : slash + 1;

    if (run->file.lab->name != NULL)
        base = run->file.lab->name;
    snprintf(run->name, sizeof run->name, "%.*s",
             (int)(strcspn(base, ".") < 31 ? strcspn(base, ".") : 31), base);
    if (run->name[0] == '\0')
        snprintf(run->name, sizeof run->name, "lab");
}

/* Makes the lab empty; with `whole` also its parts. */
static int make(struct scene_run *run, const struct sockeye_config *config, bool whole)
{
    int result = sockeye_open(config, &run->lab);

    if (result < 0) {
        fprintf(stderr, "sockeye lab: the lab cannot be made: %s\n", sockeye_strerror(result));
        run->lab = NULL;
        return SCENE_FAILED;
    }
    return whole && scene_build(&run->file, run->lab, stderr) < 0 ? SCENE_MISUSED : SCENE_OK;
}

/* Makes the lab, its outputs and its parts, in this order, so that the outputs have all of it. A
 * first lab is made for trial, so that a file which the stack refuses leaves no output behind.
 * Until the first output is made a signal ends the process; then it ends the lab. */
static int build(struct scene_run *run)
{
    struct sockeye_config config = scene_config(run->file.lab, run->seed);
    int code = make(run, &config, true), result;

    sockeye_close(run->lab);
    run->lab = NULL;
    if (code != SCENE_OK)
        return code;
    scene_ending_watch_signals(true);
    code = make(run, &config, false);
    if (code != SCENE_OK)
        return code;
    if (scene_outputs_open(&run->outputs, run->lab, &run->options->outputs) < 0)
        return SCENE_MISUSED;
    result = scene_counts_watch(&run->counts, run->lab);
    if (result >= 0 && run->options->report)
        result = scene_connections_open(&run->connections, run->lab);
    if (result >= 0)
        result = scene_reach_watch(&run->reach, run->file.lab, run->lab);
    if (result < 0) {
        fprintf(stderr, "sockeye lab: %s\n", sockeye_strerror(result));
        return SCENE_FAILED;
    }
    return scene_build(&run->file, run->lab, stderr) < 0 ? SCENE_MISUSED : SCENE_OK;
}

static int64_t on_time(void *context, int64_t now)
{
    struct scene_run *run = context;

    int64_t faults = scene_weather_on_time(&run->weather), traffic;

    (void)now;
    traffic = service_set_on_time(run->services);
    return faults < traffic ? faults : traffic;
}

static bool on_change(void *context, const struct sockeye_change *change)
{
    struct scene_run *run = context;

    service_set_on_change(run->services, change->host, change->fd);
    return true;
}

/* The built-in traffic joins behind the programs: what is not a program's socket is its own. */
static int join(struct scene_run *run)
{
    const struct drive_user user = {.context = run, .on_change = on_change, .on_time = on_time};

    return drive_join(run->drive, &user) < 0 ? SCENE_FAILED : SCENE_OK;
}

static int open_runner(struct scene_run *run)
{
    char directory[sizeof run->place + 16];
    struct guest_config config;

    snprintf(directory, sizeof directory, "%s/%d.h", run->place, (int)getpid());
    config = run->names.config;
    config.directory = directory;
    if (guest_open(run->drive, &config, &run->runner) < 0) {
        run->runner = NULL;
        fprintf(stderr, "sockeye lab: %s\nTry \"sockeye doctor\".\n", guest_error(NULL));
        return SCENE_FAILED;
    }
    return SCENE_OK;
}

_Static_assert((int)SCENE_WEATHER_ANSWER_BYTES <= (int)SCENE_CONTROL_TEXT_BYTES, "room for it");

static int on_set(void *context, char **words, unsigned count, char text[SCENE_CONTROL_TEXT_BYTES])
{
    struct scene_run *run = context;

    return scene_weather_set(&run->weather, words, count, text);
}

static int open_control(struct scene_run *run)
{
    const struct scene_control_setter setter = {run, on_set, run->services};
    char path[sizeof run->place + sizeof run->name + 8];
    int result;

    snprintf(path, sizeof path, "%s/%s.sock", run->place, run->name);
    result = scene_control_open(run->drive, run->runner, path, &setter, &run->control);
    if (result == -EADDRINUSE) {
        size_t length = strlen(run->name);
        char taken[sizeof run->name];

        memcpy(taken, run->name, sizeof taken);
        snprintf(run->name + length, sizeof run->name - length, "-%d", (int)getpid());
        snprintf(path, sizeof path, "%s/%s.sock", run->place, run->name);
        result = scene_control_open(run->drive, run->runner, path, &setter, &run->control);
        if (result >= 0 && !run->options->quiet)
            fprintf(stderr, "sockeye lab: another lab \"%s\" runs; this one is called %s\n", taken,
                    run->name);
    }
    if (result < 0) {
        fprintf(stderr, "sockeye lab: %s: %s\n", path, strerror(-result));
        return SCENE_FAILED;
    }
    return SCENE_OK;
}

/* What only a lab with real programs needs. */
static int open_reality(struct scene_run *run)
{
    int code;

    if (scene_place_open(run->place, true) < 0) {
        run->place[0] = '\0';
        return SCENE_FAILED;
    }
    if (drive_open(run->lab, &run->drive) < 0) {
        perror("sockeye lab");
        return SCENE_FAILED;
    }
    code = open_runner(run);
    if (code == SCENE_OK)
        code = join(run);
    if (code == SCENE_OK)
        code = open_control(run);
    if (code == SCENE_OK && scene_programs_logs(run) < 0)
        code = SCENE_FAILED;
    if (code == SCENE_OK && scene_outputs_trace_stdout(&run->options->outputs) &&
        scene_relay_open(run->drive, stdout, run->program_count, &run->relay) < 0)
        code = SCENE_FAILED;
    return code;
}

static void on_host(void *context, unsigned host, enum scene_weather_host what)
{
    struct scene_run *run = context;

    if (run->runner != NULL)
        scene_programs_befall(run, host, what);
    scene_traffic_befall(run, host, what);
}

/* Is anything asked of any wire that could come to something else? A lab that stays may be set. */
static bool is_asking(const struct scene_run *run)
{
    const struct scene *lab = run->file.lab;
    bool is_asking = run->options->report || run->options->stay || lab->faults_count > 0;

    for (unsigned i = 0; i < lab->wires_count; i++) {
        for (int d = 0; d < 2; d++) {
            const struct sockeye_wire_config *c = &lab->wires[i].config[d];

            is_asking |= (c->loss_ppm | c->loss_to_bad_ppm | c->duplicate_ppm | c->corrupt_ppm |
                          c->reorder_ppm) != 0;
        }
    }
    return is_asking;
}

static int open_weather(struct scene_run *run)
{
    const struct scene_weather_programs programs = {run, on_host};

    if (scene_names_open(&run->names, run->file.lab) == 0 &&
        scene_weather_open(&run->weather, run->file.lab, run->lab, &programs) == 0 &&
        (!is_asking(run) || scene_achieved_watch(&run->achieved, &run->weather) == 0))
        return SCENE_OK;
    fprintf(stderr, "sockeye lab: out of memory\n");
    return SCENE_FAILED;
}

int scene_run_open(struct scene_run *run, const struct scene_options *options)
{
    int code;

    memset(run, 0, sizeof *run);
    run->options = options;
    run->outputs.record = -1;
    if (scene_load(options->path, stderr, &run->file) < 0)
        return SCENE_MISUSED;
    run->seed = options->has_seed ? options->seed : run->file.lab->seed;
    name_lab(run);
    code = scene_programs_open(run);
    if (code == SCENE_OK)
        code = build(run);
    if (code == SCENE_OK)
        code = open_weather(run);
    if (code == SCENE_OK)
        code = scene_traffic_open(run);
    if (code == SCENE_OK && (run->file.lab->has_programs || options->stay))
        code = open_reality(run);
    return code;
}

/* Gives changes of sockets to the services. */
static void take_changes(struct scene_run *run)
{
    struct sockeye_change change;

    for (int i = 0; i < CHANGES_A_TURN && sockeye_next_change(run->lab, &change); i++)
        service_set_on_change(run->services, change.host, change.fd);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void run_virtual(struct scene_run *run)
{
    int64_t limit = run->file.lab->time_limit;

    for (;;) {
        int64_t next = SOCKEYE_NEVER;

        next = scene_weather_on_time(&run->weather);
        scene_traffic_start(run, &next);
        (void)service_set_on_time(run->services);
        take_changes(run);
        if (!scene_traffic_is_running(run) || scene_ending_signal() != 0)
            return;
        if (sockeye_now(run->lab) >= limit) {
            fail(run, "the time limit was reached");
            return;
        }
        next = least(next, service_set_on_time(run->services));
        next = least(next, sockeye_next_deadline(run->lab));
        if (next == SOCKEYE_NEVER) {
            fail(run, "nothing more can happen");
            return;
        }
        (void)sockeye_advance(run->lab, least(next, limit));
        scene_progress(run);
    }
}

/* Have all hosts what comes by DHCP? */
static bool are_addressed(const struct scene_run *run)
{
    for (unsigned i = 0; i < run->file.lab->hosts_count; i++) {
        if (!scene_live_is_addressed(run->lab, &run->file.lab->hosts[i]))
            return false;
    }
    return true;
}

/* Can anything still bring about what waits? */
static bool is_stuck(const struct scene_run *run, int64_t next)
{
    bool is_waiting = false;

    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        /* Also one in the background: it may still open its port. */
        if (program->stage == SCENE_RUNNING)
            return false;
        is_waiting |= program->stage == SCENE_WAITING && !program->plan->is_background;
    }
    return is_waiting && next == SOCKEYE_NEVER && !scene_traffic_is_running(run) &&
           are_addressed(run);
}

static bool background_failed(struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        if (program->plan->is_background && program->problem[0] != '\0') {
            fail(run, "a background program ended early");
            return true;
        }
    }
    return false;
}

/* One turn of the drive. @return false: it cannot go on */
static bool turn(struct scene_run *run, int64_t wait)
{
    int result = drive_turn(run->drive, wait);

    if (result < 0 && result != -EINTR) {
        fail(run, "the drive failed: %s", strerror(-result));
        return false;
    }
    if (guest_is_lost(run->runner)) {
        fail(run, "the process that its programs are children of was killed");
        return false;
    }
    scene_programs_watch(run);
    scene_names_refresh(&run->names, run->lab, run->services);
    if (run->control != NULL)
        scene_control_turn(run->control);
    scene_progress(run);
    return true;
}

static void run_real(struct scene_run *run)
{
    for (;;) {
        int64_t next = SOCKEYE_NEVER, now;

        scene_traffic_start(run, &next);
        scene_programs_start(run, &next);
        scene_programs_watch(run);
        if (scene_ending_signal() != 0 || background_failed(run))
            return;
        if (!run->options->stay) {
            if (!scene_programs_are_running(run) && !scene_traffic_is_running(run))
                return;
            if (is_stuck(run, next)) {
                fail(run, "what is waited for cannot come any more");
                return;
            }
        }
        now = drive_now(run->drive);
        if (!run->options->stay && now >= run->file.lab->time_limit) {
            fail(run, "the time limit was reached");
            return;
        }
        if (!turn(run, least(turn_time, next > now ? next - now : 0)))
            return;
    }
}

/* What was told that there is no route: programs before their runner is closed, traffic at the end.
 */
static void take_unreached(struct scene_run *run)
{
    const struct guest_unreached *list;
    size_t count = run->runner == NULL ? 0 : guest_unreached(run->runner, &list);

    for (size_t i = 0; i < count; i++)
        scene_reach_add(&run->reach, (unsigned)list[i].host, list[i].to);
    for (unsigned i = 0; i < run->traffic_count; i++) {
        const struct scene_traffic *plan = run->traffic[i].plan;
        struct service_status status;

        service_set_status(run->services, run->traffic[i].service, &status);
        if (status.problem[0] != '\0' &&
            (plan->kind == TRAFFIC_SOURCE || plan->kind == TRAFFIC_PING))
            scene_reach_add(&run->reach, run->traffic[i].host, plan->peer.address);
    }
}

/* Ends what still runs, and keeps what the runner and the drive know. */
static void end_real(struct scene_run *run)
{
    int64_t until = drive_now(run->drive) + end_time;

    scene_counts_end(&run->counts);

    scene_control_close(run->control);
    run->control = NULL;
    scene_programs_finish(run);
    scene_programs_end_background(run);
    while (!scene_programs_background_is_gone(run) && drive_now(run->drive) < until) {
        if (!turn(run, turn_time / 4))
            break;
    }
    scene_relay_close(run->relay);
    run->relay = NULL;
    scene_report_keep(run);
    take_unreached(run);
    guest_close(run->runner);
    run->runner = NULL;
    drive_close(run->drive);
    run->drive = NULL;
}

/* Lets connections close; bounded in time and in turns. */
static void settle(struct scene_run *run)
{
    int64_t until = sockeye_now(run->lab) + settle_time;

    for (int i = 0; i < SETTLE_TURNS && scene_ending_signal() == 0; i++) {
        int64_t next = sockeye_next_deadline(run->lab);

        take_changes(run);
        next =
            least(next, least(service_set_on_time(run->services), sockeye_next_deadline(run->lab)));
        if (next > until)
            return;
        (void)sockeye_advance(run->lab, next);
    }
}

/* The tables as they are now, before connections close and neighbours are forgotten. */
static void keep_tables(struct scene_run *run)
{
    const struct scene_tables all = {.node = -1,
                                     .now = sockeye_now(run->lab),
                                     .is_json = run->options->tables_json,
                                     .services = run->services};
    size_t size;
    FILE *out = run->options->tables ? open_memstream(&run->tables, &size) : NULL;

    if (out == NULL)
        return;
    scene_tables_print(run->lab, &all, out);
    (void)fclose(out);
}

/* In TAP they are comments. */
static void print_tables(const struct scene_run *run, FILE *out)
{
    for (const char *at = run->tables; at != NULL && *at != '\0';) {
        int length = (int)strcspn(at, "\n");

        fprintf(out, "%s%.*s\n", run->options->tap ? "# " : "", length, at);
        at += length + (at[length] == '\n');
    }
}

int scene_run_all(struct scene_run *run)
{
    FILE *out = scene_outputs_take_stdout(&run->options->outputs) ? stderr : stdout;
    char problem[280];
    int code;

    run->is_real = run->runner != NULL;
    if (run->options->stay)
        scene_progress_stay(run);
    scene_progress_open(run);
    if (run->is_real)
        run_real(run);
    else
        run_virtual(run);
    run->is_over = true;
    run->ended = sockeye_now(run->lab);
    keep_tables(run);
    if (run->is_real)
        end_real(run);
    if (run->is_real && run->file.lab->max_lateness > 0 &&
        run->lateness.lateness_max > run->file.lab->max_lateness)
        fail(run, "an event was late by %lld us, more than max_lateness",
             (long long)(run->lateness.lateness_max / 1000));
    settle(run);
    service_set_finish(run->services);
    if (scene_traffic_services_failed(run, problem, sizeof problem))
        fail(run, "%s", problem);
    take_unreached(run);
    scene_line_clear(&run->progress);
    if (scene_outputs_close(&run->outputs) < 0)
        fail(run, "an output was not written");
    print_tables(run, out);
    code = scene_summary(run, out);
    /* Ctrl-C is how a lab that stays is meant to end. */
    if (scene_ending_signal() != 0 && !run->options->stay)
        code = SCENE_SIGNALLED + scene_ending_signal();
    return code;
}

void scene_run_close(struct scene_run *run)
{
    scene_control_close(run->control);
    scene_relay_close(run->relay);
    guest_close(run->runner);
    scene_names_close(&run->names);
    drive_close(run->drive);
    service_set_close(run->services);
    scene_connections_close(&run->connections);
    scene_reach_close(&run->reach);
    scene_achieved_close(&run->achieved);
    scene_weather_close(&run->weather);
    if (run->lab != NULL)
        (void)scene_outputs_close(&run->outputs);
    sockeye_close(run->lab);
    if (run->logs[0] != '\0' && !run->options->keep_logs)
        scene_place_remove(run->logs);
    if (run->place[0] != '\0')
        scene_place_close(run->place);
    scene_programs_close(run);
    free(run->tables);
    free(run->dhcp);
    free(run->servers);
    free(run->traffic);
    free(run->waiting);
    free(run->complaints);
    scene_close(&run->file);
}
