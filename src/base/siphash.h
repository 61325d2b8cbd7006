/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that nobody can foresee without the key.
 * It is the function behind every number of base/random, and behind ISNs (RFC 6528 3), ports (RFC
 * 6056 3.3.3) and the buckets of tables.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t k0, k1;
};

static inline void siphash_key_copy(struct siphash_key *to, struct siphash_key from)
{
    to->k0 = from.k0;
    to->k1 = from.k1;
}

uint64_t siphash(struct siphash_key key, const void *bytes, size_t length);
/* SipHash of count 64-bit words, each taken as 8 little-endian bytes: equal on every machine. */
uint64_t siphash_words(struct siphash_key key, const uint64_t *words, size_t count);
