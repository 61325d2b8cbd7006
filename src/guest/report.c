/* SPDX-License-Identifier: MIT */
/*
 * What programs asked for and did not get, each said once and counted; the last error in one line;
 * and the driver's lateness, in classes of a sixteenth of a power of two: p99 to 6 %.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "guest/state.h"

void guest_report_add(struct guest_runner *runner, int program, const char *format, ...)
{
    struct guest_complaint new = {.count = 1};
    va_list list;

    snprintf(new.program, sizeof new.program, "%s", runner->programs[program].name);
    va_start(list, format);
    vsnprintf(new.text, sizeof new.text, format, list);
    va_end(list);
    for (int i = 0; i < runner->complaint_count; i++) {
        struct guest_complaint *old = &runner->complaints[i];

        if (strcmp(old->program, new.program) == 0 && strcmp(old->text, new.text) == 0) {
            old->count++;
            return;
        }
    }
    if (runner->complaint_count < GUEST_REPORTS)
        runner->complaints[runner->complaint_count++] = new;
}

int guest_report(const struct guest_runner *runner, FILE *file)
{
    for (int i = 0; i < runner->complaint_count; i++) {
        const struct guest_complaint *c = &runner->complaints[i];

        fprintf(file, "%s: %s", c->program, c->text);
        if (c->count > 1)
            fprintf(file, " (%llu times)", (unsigned long long)c->count);
        fprintf(file, "\n");
    }
    if (runner->complaint_count == GUEST_REPORTS)
        fprintf(file, "and more: the report is full\n");
    return runner->complaint_count;
}

static char open_error[256];

/* Keeps the line for guest_error; `runner` may be NULL. @return -error */
int guest_report_fail(struct guest_runner *runner, int error, const char *format, ...)
{
    char *to = runner == NULL ? open_error : runner->error;
    va_list list;

    va_start(list, format);
    vsnprintf(to, sizeof open_error, format, list);
    va_end(list);
    if (runner != NULL) /* guest_open may fail after it was made */
        memcpy(open_error, runner->error, sizeof open_error);
    return error < 0 ? error : -error;
}

const char *guest_error(const struct guest_runner *runner)
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

void guest_report_late(struct guest_runner *runner, int64_t late)
{
    runner->lateness[class_of(late)]++;
    runner->statistics.deadlines++;
    if (late > runner->statistics.lateness_max)
        runner->statistics.lateness_max = late;
}

void guest_statistics(const struct guest_runner *runner, struct guest_statistics *statistics)
{
    uint64_t above = runner->statistics.deadlines / 100, seen = 0;

    *statistics = runner->statistics;
    statistics->slipped = runner->slipped;
    for (unsigned class = GUEST_LATENESS; class -- > 0;) {
        seen += runner->lateness[class];
        if (seen > above) {
            statistics->lateness_p99 = least_of(class);
            break;
        }
    }
    if (statistics->lateness_p99 > statistics->lateness_max)
        statistics->lateness_p99 = statistics->lateness_max;
}
