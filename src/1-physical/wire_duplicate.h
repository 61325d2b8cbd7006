/* SPDX-License-Identifier: MIT */
/* Duplication: a second copy of a frame flies beside the first. It has the serial of the first, so
 * the same damage, and a jitter of its own. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire_chance.h"

#define WIRE_OF_THE_COPY (UINT64_C(1) << 63) /* with a serial: a draw for the second copy */

struct wire_duplicate {
    uint32_t ppm;
};

static inline bool wire_duplicate_meets(const struct wire_duplicate *d, struct siphash_key key,
                                        uint64_t n)
{
    return wire_chance(key, RANDOM_DUPLICATE, n, d->ppm);
}
