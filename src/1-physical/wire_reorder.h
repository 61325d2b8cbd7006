/* SPDX-License-Identifier: MIT */
/* Reordering: a frame is held back behind its flight, so that later ones pass it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire_chance.h"
#include "base/time.h"

struct wire_reorder {
    nanoseconds by; /* 0: 1 ms */
    uint32_t ppm;
    uint32_t zero;
};

static inline bool wire_reorder_meets(const struct wire_reorder *r, struct siphash_key key,
                                      uint64_t n)
{
    return wire_chance(key, RANDOM_REORDER, n, r->ppm);
}

/* How much later a frame that is held back arrives. */
static inline nanoseconds wire_reorder_time(const struct wire_reorder *r)
{
    return r->by ? r->by : MILLISECOND;
}
