/* SPDX-License-Identifier: MIT */
/*
 * What a lab says to people while it runs: a lab that stays, how to enter it; and on a terminal, a
 * line of how far it is (line.h), where neither the trace nor a program writes to the terminal.
 */
#include <stdio.h>
#include "scene/run.h"
#include "scene/text.h"

enum { HOSTS_TOLD = 16 };

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

void scene_progress_open(struct scene_run *run)
{
    bool is_wanted = !run->options->quiet && !scene_outputs_trace_stdout(&run->options->outputs);

    for (unsigned i = 0; i < run->program_count; i++)
        is_wanted = is_wanted && run->programs[i].log != NULL;
    scene_line_open(&run->progress, is_wanted);
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

void scene_progress(struct scene_run *run)
{
    char line[400];
    size_t length;

    if (run->is_over || !scene_line_is_due(&run->progress))
        return;
    length = (size_t)snprintf(line, sizeof line, "%s: %s", run->name,
                              scene_text_seconds(sockeye_now(run->lab)).bytes);
    if (!run->options->stay)
        length += (size_t)snprintf(line + length, sizeof line - length, " of at most %s",
                                   scene_text_seconds(run->file.lab->time_limit).bytes);
    length += (size_t)snprintf(line + length, sizeof line - length, ", %s",
                               scene_text_plural(run->counts.frames, "frame").bytes);
    length += (size_t)snprintf(line + length, sizeof line - length, " (%s)",
                               scene_text_bytes(run->counts.bytes).bytes);
    (void)name_running(run, line + length, sizeof line - length);
    scene_line_draw(&run->progress, line);
}
