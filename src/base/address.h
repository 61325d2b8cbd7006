/* SPDX-License-Identifier: MIT */
/*
 * What can be asked of the one address type of the whole system (sockeye/address.h: 16 bytes, IPv4
 * in mapped form), and its forms as bytes and as text.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sockeye/address.h"

static inline bool address_equal(struct address a, struct address b)
{
    return a.high == b.high && a.low == b.low;
}

/* The unspecified address of either family: ::, 0.0.0.0 mapped. */
static inline bool address_is_unspecified(struct address a)
{
    return a.high == 0 && (a.low == 0 || a.low == UINT64_C(0xffff00000000));
}

static inline bool address_is_mapped(struct address a)
{
    return a.high == 0 && a.low >> 32 == 0xffff;
}

static inline struct address address_from_ip4(uint32_t ip4)
{
    return (struct address){.high = 0, .low = UINT64_C(0xffff00000000) | ip4};
}

static inline uint32_t address_to_ip4(struct address a)
{
    return (uint32_t)a.low;
}

/* The loopback address of the same family: 127.0.0.1 mapped, or ::1. */
static inline struct address address_loopback_of(struct address a)
{
    return (struct address){.high = 0, .low = a.low != 0 ? UINT64_C(0xffff7f000001) : 1};
}

/* Group addresses: 224/4, ff00::/8; and 255.255.255.255. (A subnet's broadcast is layer 3's to
 * know.) */
bool address_is_multicast(struct address a);
bool address_is_limited_broadcast(struct address a);
bool address_is_loopback(struct address a); /* 127/8, ::1 */
/* Dotted decimal, exactly four numbers 0..255 without leading zeros: *end is where it stopped.
 * false: not an address. IPv6 text is not read yet. */
bool address_parse(const char *text, const char **end, struct address *a);
