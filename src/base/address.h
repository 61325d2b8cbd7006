/* SPDX-License-Identifier: MIT */
/*
 * What layers ask of the one address type of the whole system (sockeye/address.h), beside what that
 * header has for everybody: its kinds, and its form as bytes.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sockeye/address.h"

/* The loopback address of the same family: 127.0.0.1 mapped, or ::1. */
static inline struct address address_loopback_of(struct address a)
{
    return (struct address){.high = 0, .low = a.low != 0 ? UINT64_C(0xffff7f000001) : 1};
}

/* The first so many bits of the 128, then zeros. (IPv4's begin at bit 96.) */
static inline struct address address_masked(struct address a, uint32_t bits)
{
    struct address masked = {0, 0};

    if (bits > 64) {
        masked.high = a.high;
        masked.low = a.low & UINT64_MAX << (128 - bits);
    } else if (bits > 0) {
        masked.high = a.high & UINT64_MAX << (64 - bits);
    }
    return masked;
}

/* Are the first so many bits of both the same? */
static inline bool address_matches(struct address a, struct address b, uint32_t bits)
{
    if (bits > 64)
        return a.high == b.high && (a.low ^ b.low) >> (128 - bits) == 0;
    return bits == 0 || (a.high ^ b.high) >> (64 - bits) == 0;
}

/* Group addresses: 224/4, ff00::/8; and 255.255.255.255. (A subnet's broadcast is layer 3's to
 * know.) */
bool address_is_multicast(struct address a);
bool address_is_limited_broadcast(struct address a);
bool address_is_loopback(struct address a); /* 127/8, ::1 */
