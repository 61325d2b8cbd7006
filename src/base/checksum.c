/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum, eight bytes a step.
 *
 * RFC 1071 2 (B): the one's-complement sum may be made in any byte order, and swapped at the end.
 * So the bytes are added as words of the machine, with the carry brought around (2^64 = 1 modulo
 * 2^16 - 1), in four chains that do not wait for each other; the sum is folded to 16 bits, and
 * those are read back as two bytes, big-endian. That is right on a machine of either order without
 * asking which it is. Everybody outside this file sees sums in network order only, and adds to
 * them what he likes below 2^48.
 *
 * RFC 1624 3 (eqn. 3) is the update when one field changes; eqn. 4 would give the wrong zero.
 */
#include "base/checksum.h"

#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"

/* a + b with the carry brought around (RFC 1071 1); compiles to add and adc. */
WRAPS static inline uint64_t add_around(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* RFC 1071 2 (C): sums of wide words come down to 16 bits. */
static inline uint32_t fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

/* A folded sum of the machine's words, as the number that its two bytes are in network order. */
static inline uint32_t to_network_order(uint32_t folded)
{
    uint16_t word = (uint16_t)folded;
    uint8_t bytes[2];

    memcpy(bytes, &word, 2);
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static ALWAYS_INLINE uint64_t word_at(uint8_t *to, const uint8_t *from, size_t at, bool copies)
{
    uint64_t word;

    memcpy(&word, from + at, 8);
    if (copies)
        memcpy(to + at, &word, 8);
    return word;
}

/* Fewer than eight bytes: no sum of them can carry out of 64 bits. */
static inline uint64_t tail(const uint8_t *at, size_t length)
{
    uint64_t sum = 0;
    uint32_t four;
    uint16_t two;

    if (length & 4) {
        memcpy(&four, at, 4);
        sum += four;
        at += 4;
    }
    if (length & 2) {
        memcpy(&two, at, 2);
        sum += two;
        at += 2;
    }
    if (length & 1) {
        uint8_t last[2] = {at[0], 0};

        memcpy(&two, last, 2);
        sum += two;
    }
    return sum;
}

/* The sum in the machine's order; copies too, on request: the callers' constants make two
 * functions of it. */
static ALWAYS_INLINE uint64_t add_words(uint8_t *to, const uint8_t *from, size_t length,
                                        bool copies)
{
    uint64_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;

    for (; i + 32 <= length; i += 32) {
        s0 = add_around(s0, word_at(to, from, i, copies));
        s1 = add_around(s1, word_at(to, from, i + 8, copies));
        s2 = add_around(s2, word_at(to, from, i + 16, copies));
        s3 = add_around(s3, word_at(to, from, i + 24, copies));
    }
    s0 = add_around(add_around(s0, s1), add_around(s2, s3));
    for (; i + 8 <= length; i += 8)
        s0 = add_around(s0, word_at(to, from, i, copies));
    if (copies)
        memcpy(to + i, from + i, length - i);
    return add_around(s0, tail(from + i, length - i));
}

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length)
{
    if (length == 0)
        return sum;
    return add_around(sum, to_network_order(fold(add_words(NULL, bytes, length, false))));
}

uint64_t checksum_copy(uint64_t sum, void *to, const void *from, size_t length)
{
    if (length == 0)
        return sum;
    return add_around(sum, to_network_order(fold(add_words(to, from, length, true))));
}

static uint64_t add_address(uint64_t sum, uint64_t word)
{
    return sum + (word >> 32) + (word & 0xffffffff);
}

/* The pseudo-header of RFC 768, RFC 9293 3.1 and RFC 8200 8.1. */
uint64_t checksum_pseudo(struct address source, struct address dest, uint8_t protocol,
                         uint32_t length)
{
    uint64_t sum = (uint64_t)protocol + length;

    if (address_is_mapped(source) && address_is_mapped(dest))
        return sum + address_to_ip4(source) + address_to_ip4(dest);
    sum = add_address(sum, source.high);
    sum = add_address(sum, source.low);
    sum = add_address(sum, dest.high);
    return add_address(sum, dest.low);
}

/* RFC 1071 1: the complement of the sum. */
uint16_t checksum_finish(uint64_t sum)
{
    return (uint16_t)~fold(sum);
}

/* RFC 1624 3, equation 3. */
uint16_t checksum_update(uint16_t checksum, uint16_t old_value, uint16_t new_value)
{
    uint32_t sum = (uint32_t)(uint16_t)~checksum + (uint16_t)~old_value + new_value;

    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}
