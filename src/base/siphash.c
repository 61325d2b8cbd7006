/* SPDX-License-Identifier: MIT */
/*
 * A word is read as eight little-endian bytes whatever the machine is, so that a seed means the
 * same network everywhere.
 */
#include "base/siphash.h"

#include "base/compiler.h"

static inline void absorb(struct siphash_state *s, uint64_t word)
{
    s->v3 ^= word;
    siphash_mix(s);
    siphash_mix(s);
    s->v0 ^= word;
}

static inline uint64_t finish(struct siphash_state *s)
{
    s->v2 ^= 0xff;
    siphash_mix(s);
    siphash_mix(s);
    siphash_mix(s);
    siphash_mix(s);
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
    struct siphash_state s = siphash_begin(key);
    const uint8_t *at = bytes;
    size_t left = length;

    for (; left >= 8; left -= 8, at += 8)
        absorb(&s, little(at, 8));
    absorb(&s, little(at, left) | (uint64_t)length << 56);
    return finish(&s);
}

uint64_t siphash_words(struct siphash_key key, const uint64_t *words, size_t count)
{
    struct siphash_state s = siphash_begin(key);

    for (size_t i = 0; i < count; i++)
        absorb(&s, words[i]);
    absorb(&s, (uint64_t)(count * 8) << 56);
    return finish(&s);
}
