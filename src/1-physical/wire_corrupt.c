/* SPDX-License-Identifier: MIT */
/* One flipped bit. Theory in wire_corrupt.h. */
#include "1-physical/wire_corrupt.h"

#include "1-physical/wire_chance.h"

enum { IP_OFFSET = 14 };

static bool carries_ip(const uint8_t *frame, uint32_t length, bool bare)
{
    if (bare)
        return length > 0;
    return length > IP_OFFSET &&
           ((frame[12] == 0x08 && frame[13] == 0x00) || (frame[12] == 0x86 && frame[13] == 0xdd));
}

enum wire_damage wire_corrupt_meets(const struct wire_corrupt *c, struct siphash_key key,
                                    uint64_t n, const uint8_t *frame, uint32_t length, bool bare)
{
    if (!wire_chance(key, RANDOM_CORRUPT, n, c->ppm) || length == 0)
        return WIRE_INTACT;
    return c->past_fcs && carries_ip(frame, length, bare) ? WIRE_FLIPPED : WIRE_DAMAGED;
}

void wire_corrupt_flip(struct siphash_key key, uint64_t n, enum wire_damage damage, uint8_t *frame,
                       uint32_t length, bool bare)
{
    uint32_t from = damage == WIRE_FLIPPED && !bare ? IP_OFFSET : 0;
    uint64_t draw = random_draw(key, RANDOM_CORRUPT_BIT, n);
    uint64_t bit = random_below(draw, (uint64_t)(length - from) * 8);

    frame[from + bit / 8] ^= (uint8_t)(1U << bit % 8);
}
