/* SPDX-License-Identifier: MIT */
/* The time of a flight. Theory in wire_delay.h. */
#include "1-physical/wire_delay.h"

#include "base/random.h"

nanoseconds wire_delay_of(const struct wire_delay *d, struct siphash_key key, uint64_t n)
{
    nanoseconds time = time_later(d->base, WIRE_LEAST_DELAY_NS);
    uint64_t draw;

    if (d->jitter == 0)
        return time;
    draw = random_draw(key, RANDOM_JITTER, n);
    return time + (nanoseconds)random_below(draw, (uint64_t)d->jitter + 1);
}
