/* SPDX-License-Identifier: MIT */
/* The details of a run, for who asks for them (report.h). */
#include "scene/report.h"

#include <stdlib.h>
#include "scene/run.h"
#include "scene/text.h"

void scene_report_keep(struct scene_run *run)
{
    struct guest_complaint *kept = calloc(GUEST_REPORTS, sizeof *kept);

    guest_statistics(run->runner, &run->statistics);
    drive_statistics(run->drive, &run->lateness);
    run->complaints = kept;
    while (kept != NULL && run->complaint_count < GUEST_REPORTS &&
           guest_report(run->runner, run->complaint_count, &kept[run->complaint_count]))
        run->complaint_count++;
}

static void print_refusal(const struct guest_complaint *complaint, FILE *out)
{
    fputs(complaint->text, out);
    if (complaint->count > 1)
        fprintf(out, " (%s times)", scene_text_count(complaint->count).bytes);
    if (complaint->cure[0] != '\0')
        fprintf(out, ": %s", complaint->cure);
    fputc('\n', out);
}

void scene_report_refusals(const struct scene_run *run, int program, FILE *out, const char *prefix)
{
    for (int i = 0; i < run->complaint_count; i++) {
        if (run->complaints[i].program != program)
            continue;
        fprintf(out, "%s    it asked for what is not there: ", prefix);
        print_refusal(&run->complaints[i], out);
    }
}

/* A program of the file by its host and title; another, that entered by exec, by its own name. */
static void print_whose(const struct scene_run *run, const struct guest_complaint *complaint,
                        FILE *out)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        if (program->number != complaint->program)
            continue;
        fprintf(out, "%s.%s", run->file.lab->hosts[program->host].name, program->plan->title);
        return;
    }
    fputs(complaint->name, out);
}

void scene_report_print(struct scene_run *run, FILE *out, const char *prefix)
{
    const struct guest_statistics *s = &run->statistics;
    const struct drive_statistics *late = &run->lateness;

    scene_counts_report(&run->counts, out, prefix);
    scene_achieved_print(&run->achieved, true, out, prefix);
    scene_connections_print(&run->connections, out, prefix);
    if (!run->is_real)
        return;
    fprintf(out, "%sprograms: %s on %s, ", prefix, scene_text_plural(s->calls, "call").bytes,
            scene_text_plural(s->sockets, "socket").bytes);
    fprintf(out, "%s sent, ", scene_text_bytes(s->bytes_sent).bytes);
    fprintf(out, "%s received\n", scene_text_bytes(s->bytes_received).bytes);
    fprintf(out, "%slateness: p99 %s, most %s; ", prefix, scene_text_time(late->lateness_p99).bytes,
            scene_text_time(late->lateness_max).bytes);
    if (late->slips == 0)
        fprintf(out, "time never slipped\n");
    else
        fprintf(out, "time slipped by %s in %s\n", scene_text_time(late->slipped).bytes,
                scene_text_plural(late->slips, "slip").bytes);
    for (int i = 0; i < run->complaint_count; i++) {
        fprintf(out, "%sasked for in vain: ", prefix);
        print_whose(run, &run->complaints[i], out);
        fputs(": ", out);
        print_refusal(&run->complaints[i], out);
    }
    if (run->complaint_count == GUEST_REPORTS)
        fprintf(out, "%sasked for in vain: more than is kept\n", prefix);
}
