/* SPDX-License-Identifier: MIT */
/*
 * Delay and jitter of a direction: how long a frame flies. Never less than 1 us (wire.h); the
 * jitter is added, uniform in [0, jitter], so that frames may overtake each other.
 */
#pragma once
#include <stdint.h>

#include "base/siphash.h"
#include "base/time.h"

enum { WIRE_LEAST_DELAY_NS = 1000 };

struct wire_delay {
    nanoseconds base, jitter;
};

/* `n`: the serial of the frame, or of a copy of it. */
nanoseconds wire_delay_of(const struct wire_delay *d, struct siphash_key key, uint64_t n);
