/* SPDX-License-Identifier: MIT */
/*
 * What a lab says to people while it runs: a lab that stays, how to enter it; and on a terminal, a
 * line of how far it is, from the second second on. The line is for eyes alone: it is not drawn
 * where the output goes to a pipe or file, nor where the trace or a program writes to the terminal.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "scene/run.h"
#include "scene/text.h"

static const int64_t first_after = 1000000000, next_after = 200000000; /* of real time */
enum { HOSTS_TOLD = 16, COLUMNS = 80 };

static int64_t monotonic(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void scene_progress_stay(const struct scene_run *run)
{
    const struct scene *lab = run->file.lab;

    if (run->options->quiet)
        return;
    fprintf(stderr, "lab %s: hosts", run->name);
    for (unsigned i = 0; i < lab->hosts_count && i < HOSTS_TOLD; i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", lab->hosts[i].name);
    if (lab->hosts_count > HOSTS_TOLD)
        fprintf(stderr, " and %u more", lab->hosts_count - HOSTS_TOLD);
    fprintf(stderr, "\n  sockeye exec %s %s -- sh     enters one of them\n  Ctrl-C ends the lab\n",
            run->name, lab->hosts[0].name);
}

static bool is_shown(const struct scene_run *run)
{
    if (run->options->quiet || isatty(STDOUT_FILENO) == 0 || isatty(STDERR_FILENO) == 0 ||
        (run->options->outputs.trace != TRACE_NONE && run->options->outputs.trace_file == NULL))
        return false;
    for (unsigned i = 0; i < run->program_count; i++) {
        if (run->programs[i].log == NULL)
            return false;
    }
    return true;
}

/* The programs that the lab waits for, as many as fit. */
static size_t name_running(const struct scene_run *run, char *text, size_t size)
{
    size_t length = 0;

    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        if (program->stage != SCENE_RUNNING || program->plan->is_background)
            continue;
        length += (size_t)snprintf(text + length, size - length, ", %s.%s",
                                   run->file.lab->hosts[program->host].name, program->plan->title);
        if (length >= size)
            return size - 1;
    }
    return length;
}

static void draw(const struct scene_run *run)
{
    struct winsize size;
    char line[400];
    size_t length = (size_t)snprintf(line, sizeof line, "%s: %s", run->name,
                                     scene_text_seconds(sockeye_now(run->lab)).bytes);
    int columns = COLUMNS;

    if (!run->options->stay)
        length += (size_t)snprintf(line + length, sizeof line - length, " of at most %s",
                                   scene_text_seconds(run->file.lab->time_limit).bytes);
    length += (size_t)snprintf(line + length, sizeof line - length, ", %s",
                               scene_text_plural(run->counts.frames, "frame").bytes);
    length += (size_t)snprintf(line + length, sizeof line - length, " (%s)",
                               scene_text_bytes(run->counts.bytes).bytes);
    (void)name_running(run, line + length, sizeof line - length);
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        columns = size.ws_col;
    fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
}

void scene_progress(struct scene_run *run)
{
    int64_t now;

    /* Only the terminal sees the clock; the lab does not. */
    if (run->next_progress == 0)
        run->next_progress = is_shown(run) ? monotonic() + first_after : SOCKEYE_NEVER;
    if (run->is_over || run->next_progress == SOCKEYE_NEVER)
        return;
    now = monotonic();
    if (now < run->next_progress)
        return;
    run->next_progress = now + next_after;
    draw(run);
}

void scene_progress_clear(struct scene_run *run)
{
    if (run->next_progress != 0 && run->next_progress != SOCKEYE_NEVER)
        fprintf(stderr, "\r\033[K");
}
