/* SPDX-License-Identifier: MIT */
/*
 * A word is read as eight little-endian bytes whatever the machine is, so that a seed means the
 * same network everywhere.
 */
#include "base/siphash.h"

#include "base/compiler.h"

struct siphash_state {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

WRAPS static inline void mix(struct siphash_state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline struct siphash_state begin(struct siphash_key key)
{
    return (struct siphash_state){
        .v0 = key.k0 ^ UINT64_C(0x736f6d6570736575),
        .v1 = key.k1 ^ UINT64_C(0x646f72616e646f6d),
        .v2 = key.k0 ^ UINT64_C(0x6c7967656e657261),
        .v3 = key.k1 ^ UINT64_C(0x7465646279746573),
    };
}

static inline void absorb(struct siphash_state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s);
    mix(s);
    s->v0 ^= word;
}

static inline uint64_t finish(struct siphash_state *s)
{
    s->v2 ^= 0xff;
    mix(s);
    mix(s);
    mix(s);
    mix(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static uint64_t little(const uint8_t *bytes, size_t count)
{
    uint64_t word = 0;

    for (size_t i = 0; i < count; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

uint64_t siphash(struct siphash_key key, const void *bytes, size_t length)
{
    struct siphash_state s = begin(key);
    const uint8_t *at = bytes;
    size_t left = length;

    for (; left >= 8; left -= 8, at += 8)
        absorb(&s, little(at, 8));
    absorb(&s, little(at, left) | (uint64_t)length << 56);
    return finish(&s);
}

uint64_t siphash_words(struct siphash_key key, const uint64_t *words, size_t count)
{
    struct siphash_state s = begin(key);

    for (size_t i = 0; i < count; i++)
        absorb(&s, words[i]);
    absorb(&s, (uint64_t)(count * 8) << 56);
    return finish(&s);
}
