/* SPDX-License-Identifier: MIT */
/*
 * When an event of a script may happen: at its time or within its range, give or take the tolerance
 * or an eighth of the time since, whichever is more, as packetdrill has it.
 */
#include "drill/state.h"

double drill_seconds(const struct drill_run *run, int64_t time)
{
    return (double)(time - run->origin) / 1e9;
}

bool drill_is_in_time(const struct drill_run *run, const struct drill_event *event, int64_t base,
                      int64_t when)
{
    int64_t early = base + event->time, late = event->end >= 0 ? base + event->end : early;
    int64_t slack = (event->end >= 0 ? event->end : event->time) / 8;

    if (event->time_kind == TIME_ANY)
        return true;
    if (event->time_kind == TIME_ABSOLUTE) {
        early = run->origin + event->time;
        late = event->end >= 0 ? run->origin + event->end : early;
        slack = early > base ? (early - base) / 8 : 0;
    }
    if (slack < run->tolerance)
        slack = run->tolerance;
    return when >= early - slack && when <= late + slack;
}

void drill_expected_time(const struct drill_run *run, const struct drill_event *event, int64_t base,
                         char *text, size_t size)
{
    int64_t from = event->time_kind == TIME_ABSOLUTE ? run->origin : base;

    if (event->end >= 0)
        snprintf(text, size, "expected at %.6f to %.6f", drill_seconds(run, from + event->time),
                 drill_seconds(run, from + event->end));
    else
        snprintf(text, size, "expected at %.6f", drill_seconds(run, from + event->time));
}
