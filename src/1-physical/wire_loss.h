/* SPDX-License-Identifier: MIT */
/*
 * The loss of a direction, in the words of tc-netem(8): `loss random`, each frame for itself, and
 * `loss gemodel`, the model of Gilbert and Elliott, where losses come in bursts. There the wire is
 * in one of two states, good and bad, and loses a frame with the chance of the state that the frame
 * meets (1-k, 1-h); then the state changes, from good to bad with chance p, back with chance r. A
 * random loss is the same with p = 0: the wire never gets bad.
 *
 * A burst is 1/r frames long on average, p/(p + r) of all frames meet the bad state, and of all
 * frames (r (1-k) + p (1-h)) / (p + r) are lost.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"

struct wire_loss {
    uint32_t ppm;                     /* lost in the good state: 1-k, or `loss random` */
    uint32_t bad_ppm;                 /* lost in the bad state: 1-h */
    uint32_t to_bad_ppm, to_good_ppm; /* p, r; p 0: no bursts */
};

static inline bool wire_loss_is_set(const struct wire_loss *l)
{
    return (l->ppm | l->to_bad_ppm) != 0;
}

/* Is the n-th frame lost? *is_bad: the state, 0 at first. */
bool wire_loss_meets(const struct wire_loss *l, struct siphash_key key, uint64_t n,
                     uint32_t *is_bad);
/* The chance of a frame in the long run, in ppm: what was asked for. */
uint32_t wire_loss_share(const struct wire_loss *l);
