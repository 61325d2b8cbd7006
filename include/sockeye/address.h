/* SPDX-License-Identifier: MIT */
/*
 * One address of 16 bytes for every family (IPv4 in the mapped form of RFC 4291 2.5.5.2), and one
 * endpoint. Two numbers in host order, so that comparing is two instructions. Pure: the core
 * itself uses these, so what an event tells is what the core knew.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct address {
    uint64_t high, low; /* bytes 0-7 and 8-15, big-endian value; 10.0.0.1: 0, 0xffff0a000001 */
};

struct endpoint {
    struct address address;
    uint16_t port;
    uint16_t interface; /* 0: any */
    uint32_t zero;      /* no padding: endpoints are hashed and compared */
};

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
    struct address a = {0, UINT64_C(0xffff00000000) | ip4};

    return a;
}

static inline uint32_t address_to_ip4(struct address a)
{
    return (uint32_t)a.low;
}

enum { ADDRESS_TEXT_BYTES = 48 };

/* "10.0.0.1" or the IPv6 form of RFC 5952; returns the length. */
size_t address_format(struct address a, char text[ADDRESS_TEXT_BYTES]);
/* Dotted decimal, exactly four numbers 0..255 without leading zeros, or a form of RFC 4291 2.2:
 * *end is where it stopped. false: not an address. */
bool address_parse(const char *text, const char **end, struct address *a);

#ifdef __cplusplus
}
#endif
