/* SPDX-License-Identifier: MIT */
/*
 * SipHash (Aumasson and Bernstein, 2012): a keyed hash that nobody can foresee without the key.
 *
 * SipHash-2-4 is the function behind every number of base/random, and behind ISNs (RFC 6528 3) and
 * ports (RFC 6056 3.3.3): what others see of it must tell them nothing. The buckets of tables,
 * which nobody sees, are found by a shorter form of the same rounds (base/bucket.h).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct siphash_key {
    uint64_t k0, k1;
};

struct siphash_state {
    uint64_t v0, v1, v2, v3;
};

static inline void siphash_key_copy(struct siphash_key *to, struct siphash_key from)
{
    to->k0 = from.k0;
    to->k1 = from.k1;
}

uint64_t siphash(struct siphash_key key, const void *bytes, size_t length);
/* SipHash of count 64-bit words, each taken as 8 little-endian bytes: equal on every machine. */
uint64_t siphash_words(struct siphash_key key, const uint64_t *words, size_t count);

static inline uint64_t siphash_rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

/* SipRound. */
WRAPS static inline void siphash_mix(struct siphash_state *s)
{
    s->v0 += s->v1;
    s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
    s->v0 = siphash_rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
    s->v2 = siphash_rotate(s->v2, 32);
}

static inline struct siphash_state siphash_begin(struct siphash_key key)
{
    return (struct siphash_state){
        .v0 = key.k0 ^ UINT64_C(0x736f6d6570736575),
        .v1 = key.k1 ^ UINT64_C(0x646f72616e646f6d),
        .v2 = key.k0 ^ UINT64_C(0x6c7967656e657261),
        .v3 = key.k1 ^ UINT64_C(0x7465646279746573),
    };
}
