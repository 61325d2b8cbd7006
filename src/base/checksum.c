/* SPDX-License-Identifier: MIT */
/*
 * The Internet checksum, sixty-four bytes a step.
 *
 * RFC 1071 2 (B): the one's-complement sum may be made in any byte order, and swapped at the end.
 * So the bytes are added as words of the machine, two side by side, in chains that do not wait for
 * each other; what is left over of a block, with the carry brought around (2^64 = 1 modulo
 * 2^16 - 1). The sum is folded to 16 bits, and those are read back as two bytes, big-endian. That
 * is right on a machine of either order without asking which it is. Everybody outside this file
 * sees sums in network order only, and adds to them what he likes below 2^48.
 */
#include "base/checksum.h"

#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"

enum { BLOCK = 64 };

/* a + b with the carry brought around (RFC 1071 1); compiles to add and adc. */
WRAPS static inline uint64_t add_around(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* A folded sum of the machine's words, as the number that its two bytes are in network order. */
static inline uint32_t to_network_order(uint32_t folded)
{
    uint16_t word = (uint16_t)folded;
    uint8_t bytes[2];

    memcpy(bytes, &word, 2);
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

/* 16 bytes go to one of two chains: of every word its full sum (modulo 2^64) and the sum of its
 * upper half. The lower halves' sum is what the two leave, so no carry is ever brought around. */
struct sums {
    two_words all0, all1, upper0, upper1;
};

static ALWAYS_INLINE two_words words_at(uint8_t *to, const uint8_t *from, size_t at, bool copies)
{
    two_words words;

    memcpy(&words, from + at, sizeof words);
    if (copies)
        memcpy(to + at, &words, sizeof words);
    return words;
}

static ALWAYS_INLINE void add_block(struct sums *s, uint8_t *to, const uint8_t *from, bool copies)
{
    two_words w = words_at(to, from, 0, copies), x = words_at(to, from, 16, copies);
    two_words y = words_at(to, from, 32, copies), z = words_at(to, from, 48, copies);

    s->all0 += w;
    s->all1 += x;
    s->upper0 += w >> 32;
    s->upper1 += x >> 32;
    s->all0 += y;
    s->all1 += z;
    s->upper0 += y >> 32;
    s->upper1 += z >> 32;
}

/* RFC 1071 2 (C): what all blocks come to; 2^32 = 1 modulo 2^16 - 1. */
WRAPS static inline uint64_t sum_of(const struct sums *s)
{
    two_words all = s->all0 + s->all1, upper = s->upper0 + s->upper1;
    two_words lower = all - (upper << 32);

    return lower[0] + lower[1] + upper[0] + upper[1];
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
    uint64_t sum = 0, word;

    if (length >= BLOCK) {
        struct sums s = {{0}, {0}, {0}, {0}};

        for (; length >= BLOCK; length -= BLOCK, from += BLOCK) {
            add_block(&s, to, from, copies);
            if (copies)
                to += BLOCK;
        }
        sum = sum_of(&s);
    }
    for (; length >= 8; length -= 8, from += 8) {
        memcpy(&word, from, 8);
        sum = add_around(sum, word);
        if (copies) {
            memcpy(to, &word, 8);
            to += 8;
        }
    }
    if (copies)
        memcpy(to, from, length);
    return add_around(sum, tail(from, length));
}

uint64_t checksum_add(uint64_t sum, const void *bytes, size_t length)
{
    if (length == 0)
        return sum;
    return add_around(sum, to_network_order(checksum_fold(add_words(NULL, bytes, length, false))));
}

uint64_t checksum_copy(uint64_t sum, void *to, const void *from, size_t length)
{
    if (length == 0)
        return sum;
    return add_around(sum, to_network_order(checksum_fold(add_words(to, from, length, true))));
}
