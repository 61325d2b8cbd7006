/* SPDX-License-Identifier: MIT */
/*
 * Time of a script. It passes from moment to moment of the lab: after each, packets that came out
 * are taken, and the call that waits is tried again, as a kernel would wake it.
 */
#include "drill/state.h"
#include <stdlib.h>
#include <string.h>

enum { WIRE = 2000 /* ns that a door's wire may take */ };

/* A script of years may have more moments than anybody waits for. */
static bool is_too_long(struct drill_run *run)
{
    if (run->moments++ < DRILL_MOMENTS)
        return false;
    drill_unsupported(run, run->line, "more than %d moments of the lab have passed", DRILL_MOMENTS);
    return true;
}

void drill_collect(struct drill_run *run)
{
    static uint8_t bytes[DRILL_PACKET_BYTES];
    ssize_t length;
    int64_t when;

    while ((length = sockeye_emit(run->lab, run->door, bytes, sizeof bytes, &when)) > 0) {
        struct drill_emitted *e = malloc(sizeof *e + (size_t)length);

        if (!e) {
            drill_unsupported(run, 0, "out of memory");
            return;
        }
        e->next = NULL;
        e->when = when;
        e->length = (size_t)length;
        memcpy(e->bytes, bytes, (size_t)length);
        if (run->last)
            run->last->next = e;
        else
            run->first = e;
        run->last = e;
    }
}

void drill_advance(struct drill_run *run, int64_t time)
{
    for (;;) {
        int64_t due = sockeye_next_deadline(run->lab);

        if (due > time)
            break;
        if (is_too_long(run))
            return;
        sockeye_advance(run->lab, due);
        drill_collect(run);
        drill_call_again(run);
    }
    if (time > sockeye_now(run->lab))
        sockeye_advance(run->lab, time);
    drill_collect(run);
    drill_call_again(run);
}

void drill_settle(struct drill_run *run)
{
    int64_t until = sockeye_now(run->lab) + WIRE;

    drill_collect(run);
    drill_call_again(run);
    for (;;) {
        int64_t due = sockeye_next_deadline(run->lab);

        if (due > until || is_too_long(run))
            return;
        sockeye_advance(run->lab, due);
        drill_collect(run);
        drill_call_again(run);
    }
}
