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

/* Which families of addresses a socket takes (RFC 3493 3.7, 5.3). */
enum address_families { ADDRESS_FAMILIES_BOTH, ADDRESS_FAMILY_4, ADDRESS_FAMILY_6 };

static inline unsigned address_family_of(struct address a)
{
    return address_is_mapped(a) ? ADDRESS_FAMILY_4 : ADDRESS_FAMILY_6;
}

static inline bool address_is_of(struct address a, unsigned families)
{
    return families == ADDRESS_FAMILIES_BOTH || families == address_family_of(a);
}

/* Is it of one link alone, so that it means nothing without an interface (RFC 4007 6)? */
static inline bool address_is_of_link(struct address a)
{
    uint64_t group = a.high >> 48 & 0xff0f; /* RFC 4291 2.7: scopes 1 and 2 */

    return a.high >> 54 == 0x3fa || group == 0xff01 || group == 0xff02;
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
