/* SPDX-License-Identifier: MIT */
/*
 * What programs asked for and did not get, each said once and counted; the last error in one line;
 * and the driver's lateness, in classes of a sixteenth of a power of two: p99 to 6 %.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "7-application/run_state.h"

void run_report_add(struct runner *runner, int program, const char *format, ...)
{
    struct run_complaint new = {.count = 1};
    va_list list;

    snprintf(new.program, sizeof new.program, "%s", runner->programs[program].name);
    va_start(list, format);
    vsnprintf(new.text, sizeof new.text, format, list);
    va_end(list);
    for (int i = 0; i < runner->complaint_count; i++) {
        struct run_complaint *old = &runner->complaints[i];

        if (strcmp(old->program, new.program) == 0 && strcmp(old->text, new.text) == 0) {
            old->count++;
            return;
        }
    }
    if (runner->complaint_count < RUN_REPORTS)
        runner->complaints[runner->complaint_count++] = new;
}

int runner_report(const struct runner *runner, FILE *file)
{
    for (int i = 0; i < runner->complaint_count; i++) {
        const struct run_complaint *c = &runner->complaints[i];

        fprintf(file, "%s: %s", c->program, c->text);
        if (c->count > 1)
            fprintf(file, " (%llu times)", (unsigned long long)c->count);
        fprintf(file, "\n");
    }
    if (runner->complaint_count == RUN_REPORTS)
        fprintf(file, "and more: the report is full\n");
    return runner->complaint_count;
}

static char open_error[256];

/* Keeps the line for runner_error; `runner` may be NULL. @return -error */
int run_report_fail(struct runner *runner, int error, const char *format, ...)
{
    char *to = runner == NULL ? open_error : runner->error;
    va_list list;

    va_start(list, format);
    vsnprintf(to, sizeof open_error, format, list);
    va_end(list);
    if (runner != NULL) /* runner_open may fail after it was made */
        memcpy(open_error, runner->error, sizeof open_error);
    return error < 0 ? error : -error;
}

const char *runner_error(const struct runner *runner)
{
    return runner == NULL ? open_error : runner->error;
}

static unsigned class_of(int64_t late)
{
    unsigned high, shift;

    if (late < 16)
        return late < 0 ? 0 : (unsigned)late;
    high = 63 - (unsigned)__builtin_clzll((unsigned long long)late);
    shift = high - 4;
    return (high - 3) * 16 + ((unsigned)(late >> shift) & 15);
}

static int64_t least_of(unsigned class)
{
    if (class < 16)
        return class;
    return (int64_t)(16 + class % 16) << (class / 16 - 1);
}

void run_report_late(struct runner *runner, int64_t late)
{
    runner->lateness[class_of(late)]++;
    runner->statistics.deadlines++;
    if (late > runner->statistics.lateness_max)
        runner->statistics.lateness_max = late;
}

void runner_statistics(const struct runner *runner, struct runner_statistics *statistics)
{
    uint64_t above = runner->statistics.deadlines / 100, seen = 0;

    *statistics = runner->statistics;
    statistics->slipped = runner->slipped;
    for (unsigned class = RUN_LATENESS; class -- > 0;) {
        seen += runner->lateness[class];
        if (seen > above) {
            statistics->lateness_p99 = least_of(class);
            break;
        }
    }
    if (statistics->lateness_p99 > statistics->lateness_max)
        statistics->lateness_p99 = statistics->lateness_max;
}
