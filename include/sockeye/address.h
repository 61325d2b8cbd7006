/* SPDX-License-Identifier: MIT */
/*
 * One address of 16 bytes for every family (IPv4 in the mapped form of RFC 4291 2.5.5.2), and one
 * endpoint. Two numbers in host order, so that comparing is two instructions. Pure types: the core
 * itself uses these, so what an event tells is what the core knew.
 */
#pragma once
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

enum { ADDRESS_TEXT_BYTES = 48 };

/* "10.0.0.1" or the IPv6 form of RFC 5952; returns the length. */
size_t address_format(struct address a, char text[ADDRESS_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif
