/* SPDX-License-Identifier: MIT */
/*
 * Damage: one flipped bit, anywhere, and a bad FCS; or, with past_fcs, one bit of an IP packet
 * under a good FCS. Frames of other protocols (ARP) are damaged in the plain way even then: they
 * have no checksum of their own that could find it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/siphash.h"

struct wire_corrupt {
    uint32_t ppm;
    uint32_t past_fcs;
};

enum wire_damage { WIRE_INTACT, WIRE_DAMAGED, WIRE_FLIPPED };

/* What becomes of the n-th frame; `bare`: it begins with the IP header. */
enum wire_damage wire_corrupt_meets(const struct wire_corrupt *c, struct siphash_key key,
                                    uint64_t n, const uint8_t *frame, uint32_t length, bool bare);
/* Flips the bit of the n-th frame. */
void wire_corrupt_flip(struct siphash_key key, uint64_t n, enum wire_damage damage, uint8_t *frame,
                       uint32_t length, bool bare);
