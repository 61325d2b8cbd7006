/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes at a time: word w of the stream, low byte first, is the finalizer of splitmix64 over
 * seed and w. A virtual lab with built-in traffic spends its time here and in checksums, so whole
 * words are made and compared as words; only the two ends of a piece go by bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_pattern.h"

enum { WORD = 8 };

static uint64_t word(uint64_t seed, uint64_t number)
{
    uint64_t x = seed + (number + 1) * 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* Written out, so that compilers make one store, and one load below, of it. */
static void word_put(uint8_t out[WORD], uint64_t value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
    out[2] = (uint8_t)(value >> 16);
    out[3] = (uint8_t)(value >> 24);
    out[4] = (uint8_t)(value >> 32);
    out[5] = (uint8_t)(value >> 40);
    out[6] = (uint8_t)(value >> 48);
    out[7] = (uint8_t)(value >> 56);
}

static uint64_t word_at(const uint8_t in[WORD])
{
    return in[0] | (uint64_t)in[1] << 8 | (uint64_t)in[2] << 16 | (uint64_t)in[3] << 24 |
           (uint64_t)in[4] << 32 | (uint64_t)in[5] << 40 | (uint64_t)in[6] << 48 |
           (uint64_t)in[7] << 56;
}

static uint8_t byte(uint64_t seed, uint64_t offset)
{
    return (uint8_t)(word(seed, offset / WORD) >> (offset % WORD * 8));
}

void service_pattern_fill(uint64_t seed, uint64_t offset, void *bytes, size_t length)
{
    uint8_t *out = bytes;
    size_t i = 0;

    for (; i < length && (offset + i) % WORD != 0; i++)
        out[i] = byte(seed, offset + i);
    for (; length - i >= WORD; i += WORD)
        word_put(out + i, word(seed, (offset + i) / WORD));
    for (; i < length; i++)
        out[i] = byte(seed, offset + i);
}

size_t service_pattern_check(uint64_t seed, uint64_t offset, const void *bytes, size_t length)
{
    const uint8_t *in = bytes;
    size_t i = 0;

    for (; i < length && (offset + i) % WORD != 0; i++)
        if (in[i] != byte(seed, offset + i))
            return i;
    while (length - i >= WORD && word_at(in + i) == word(seed, (offset + i) / WORD))
        i += WORD;
    while (i < length && in[i] == byte(seed, offset + i))
        i++;
    return i;
}

int service_pattern_init(struct service_pattern *pattern, uint64_t seed, size_t most)
{
    *pattern = (struct service_pattern){.seed = seed, .most = most};
    pattern->bytes = malloc(2 * most);
    return pattern->bytes != NULL ? 0 : -ENOMEM;
}

void service_pattern_done(struct service_pattern *pattern)
{
    free(pattern->bytes);
    pattern->bytes = NULL;
}

const uint8_t *service_pattern_next(struct service_pattern *pattern, size_t length)
{
    /* with room for two pieces, what is held moves at most once in the length of a piece */
    if (pattern->from > pattern->most) {
        memmove(pattern->bytes, pattern->bytes + pattern->from, pattern->held);
        pattern->from = 0;
    }
    if (pattern->held < length) {
        size_t more = length - pattern->held;

        service_pattern_fill(pattern->seed, pattern->made,
                             pattern->bytes + pattern->from + pattern->held, more);
        pattern->made += more;
        pattern->held = length;
    }
    return pattern->bytes + pattern->from;
}

void service_pattern_take(struct service_pattern *pattern, size_t length)
{
    pattern->from += length;
    pattern->held -= length;
}
