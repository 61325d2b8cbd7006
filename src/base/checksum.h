/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum (RFC 1071): a one's-complement sum of 16-bit words. Partial sums are kept
 * in 64 bits, in network word order, and folded once. Correct for any length and alignment; an odd
 * last byte is padded with zero, so only the last part of a sum may be odd.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/bytes.h"
#include "base/compiler.h"

/* Adds bytes to a partial sum. */
uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length);
/* The same for a header of whole 32-bit words, at least five: 2^16 = 1 modulo 2^16 - 1. */
static inline uint64_t checksum_header(uint64_t sum, const uint8_t *header, uint32_t length)
{
    sum += (uint64_t)u32_at(header) + u32_at(header + 4) + u32_at(header + 8) +
           u32_at(header + 12) + u32_at(header + 16);
    for (uint32_t i = 20; i < length; i += 4)
        sum += u32_at(header + i);
    return sum;
}

/* The same while copying: one pass over the bytes. */
uint64_t checksum_copy(uint64_t sum, void *to, const void *from, size_t length);

/* RFC 1071 2 (C): sums of wide words come down to 16 bits. Each step adds the halves with the carry
 * brought around: in the last, a number and itself turned by half a word add up to the sum twice,
 * and the lower gives its carry to the upper. */
WRAPS static inline uint32_t checksum_fold(uint64_t sum)
{
    uint32_t low = (uint32_t)sum, high = (uint32_t)(sum >> 32);

    low += high;
    low += low < high;
    return (low + (low << 16 | low >> 16)) >> 16;
}

/* Folds and complements (RFC 1071 1): the value for the header field. A correct packet gives 0. */
static inline uint16_t checksum_finish(uint64_t sum)
{
    return (uint16_t)~checksum_fold(sum);
}

static inline uint64_t checksum_address(uint64_t sum, struct address a)
{
    return sum + (a.high >> 32) + (a.high & 0xffffffff) + (a.low >> 32) + (a.low & 0xffffffff);
}

/* The pseudo-header of RFC 9293 3.1 and RFC 768 (IPv4), or of RFC 8200 8.1 (IPv6). */
static inline uint64_t checksum_pseudo(struct address source, struct address dest, uint8_t protocol,
                                       uint32_t length)
{
    uint64_t sum = (uint64_t)protocol + length;

    if (address_is_mapped(source) && address_is_mapped(dest))
        return sum + address_to_ip4(source) + address_to_ip4(dest);
    return checksum_address(checksum_address(sum, source), dest);
}
