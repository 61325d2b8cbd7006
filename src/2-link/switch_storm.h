/* SPDX-License-Identifier: MIT */
/*
 * How many frames a second a port may bring in that go out by all others: for all, for a group, or
 * for a station that is not known. A bucket of tokens as one time: when it will be full again. A
 * frame moves that time by its share of a second, and is refused if it would then lie further ahead
 * than the bucket is deep. So there is no clock to fill it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/integer.h"
#include "base/time.h"

struct switch_storm {
    nanoseconds full; /* when */
    uint32_t rate;    /* frames a second; 0: no limit */
    uint32_t burst;   /* frames at once, at least 1 */
};

static inline bool switch_storm_take(struct switch_storm *s, nanoseconds now)
{
    nanoseconds share, full = time_later(s->full, now);

    if (s->rate == 0)
        return true;
    share = SECOND / s->rate;
    if (full - now > share * ((nanoseconds)s->burst - 1))
        return false;
    s->full = full + share;
    return true;
}
