/* SPDX-License-Identifier: MIT */
/* Eight bytes at a time: word w of the stream is the finalizer of splitmix64 over seed and w. */
#include <string.h>
#include "7-application/service_pattern.h"

static uint64_t word(uint64_t seed, uint64_t number)
{
    uint64_t x = seed + (number + 1) * 0x9e3779b97f4a7c15;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* The part of the stream that lies in one word: its bytes into `out`, at most `room`. */
static size_t piece(uint64_t seed, uint64_t offset, uint8_t out[8], size_t room)
{
    uint64_t value = word(seed, offset / 8);
    size_t skip = offset % 8, length = 8 - skip < room ? 8 - skip : room;

    for (size_t i = 0; i < length; i++)
        out[i] = (uint8_t)(value >> (8 * (skip + i)));
    return length;
}

void service_pattern_fill(uint64_t seed, uint64_t offset, void *bytes, size_t length)
{
    uint8_t *out = bytes;

    while (length > 0) {
        uint8_t part[8];
        size_t size = piece(seed, offset, part, length);

        memcpy(out, part, size);
        out += size;
        offset += size;
        length -= size;
    }
}

size_t service_pattern_check(uint64_t seed, uint64_t offset, const void *bytes, size_t length)
{
    const uint8_t *in = bytes;
    size_t right = 0;

    while (right < length) {
        uint8_t part[8];
        size_t size = piece(seed, offset + right, part, length - right);

        if (memcmp(in + right, part, size) != 0) {
            while (in[right] == part[0]) {
                memmove(part, part + 1, 7);
                right++;
            }
            return right;
        }
        right += size;
    }
    return right;
}
