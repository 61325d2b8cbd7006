/* SPDX-License-Identifier: MIT */
/*
 * The chance of every stage of a wire: whether the n-th frame of a direction meets it is a function
 * of (key of wire and direction, purpose, n) alone. So no other frame, wire or setting changes it,
 * and a fault that is set to zero and back meets the frames it would have met.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"

enum { WIRE_MILLION = 1000000 };

static inline bool wire_chance(struct siphash_key key, enum random_purpose purpose, uint64_t n,
                               uint32_t ppm)
{
    return ppm != 0 && random_below(random_draw(key, purpose, n), WIRE_MILLION) < ppm;
}
