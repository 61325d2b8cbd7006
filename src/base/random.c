/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012), and the numbers made of it. A word is read as eight
 * little-endian bytes whatever the machine is, so that a seed means the same network everywhere.
 * Without the key nobody can foresee an ISN (RFC 6528 3), a port (RFC 6056 3.3.3) or a bucket.
 */
#include "base/random.h"

#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

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

uint64_t random_draw(struct siphash_key key, enum random_purpose purpose, uint64_t n)
{
    uint64_t words[2] = {(uint64_t)purpose, n};

    return siphash_words(key, words, 2);
}

struct siphash_key random_key(struct siphash_key parent, const char *name, size_t length)
{
    uint64_t words[3] = {RANDOM_KEY, siphash(parent, name, length), 0};
    struct siphash_key key;

    key.k0 = siphash_words(parent, words, 3);
    words[2] = 1;
    key.k1 = siphash_words(parent, words, 3);
    return key;
}

void random_key_draw(struct siphash_key *to, struct siphash_key parent, enum random_purpose purpose,
                     uint64_t n)
{
    to->k0 = random_draw(parent, purpose, n);
    to->k1 = random_draw(parent, purpose, n + 1);
}

uint64_t random_below(uint64_t draw, uint64_t bound)
{
    ensure(bound > 0);
    return mul_shift(draw, bound);
}
