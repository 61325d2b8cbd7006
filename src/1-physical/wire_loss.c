/* SPDX-License-Identifier: MIT */
/* Random loss and bursts. Theory in wire_loss.h. */
#include "1-physical/wire_loss.h"

#include "1-physical/wire_chance.h"

bool wire_loss_meets(const struct wire_loss *l, struct siphash_key key, uint64_t n,
                     uint32_t *is_bad)
{
    uint32_t ppm;

    if (l->to_bad_ppm == 0)
        return wire_chance(key, RANDOM_LOSS, n, l->ppm);
    ppm = *is_bad ? l->bad_ppm : l->ppm;
    if (wire_chance(key, RANDOM_BURST, n, *is_bad ? l->to_good_ppm : l->to_bad_ppm))
        *is_bad = !*is_bad;
    return wire_chance(key, RANDOM_LOSS, n, ppm);
}

uint32_t wire_loss_share(const struct wire_loss *l)
{
    uint64_t p = l->to_bad_ppm, r = l->to_good_ppm;

    if (p == 0)
        return l->ppm;
    return (uint32_t)((r * l->ppm + p * l->bad_ppm) / (p + r));
}
