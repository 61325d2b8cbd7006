/* SPDX-License-Identifier: MIT */
/*
 * The hash by which a table finds its bucket: SipHash-1-3 under the key of its node. Nobody sees
 * the hash, so the key only has to keep an attacker from filling one bucket on purpose (T-28), for
 * which the authors of SipHash propose this shorter form. It stands in the header because every
 * packet needs it once or twice, of a length that the compiler knows.
 *
 * There is no block of the length: no two keys of one table may be such that the words of one begin
 * with the words of the other.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/compiler.h"
#include "base/siphash.h"

static ALWAYS_INLINE uint64_t bucket_of_words(struct siphash_key key, const uint64_t *words,
                                              size_t count)
{
    struct siphash_state s = siphash_begin(key);

    for (size_t i = 0; i < count; i++) {
        s.v3 ^= words[i];
        siphash_mix(&s);
        s.v0 ^= words[i];
    }
    s.v2 ^= 0xff;
    siphash_mix(&s);
    siphash_mix(&s);
    siphash_mix(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static inline uint64_t bucket_of_address(struct siphash_key key, struct address a)
{
    const uint64_t words[] = {a.high, a.low};

    return bucket_of_words(key, words, 2);
}

/* Of a pair of endpoints, whatever their interfaces. The ports come first, and say whether two
 * IPv4 addresses in one word follow or two addresses of any kind. */
static inline uint64_t bucket_of_pair(struct siphash_key key, const struct endpoint *local,
                                      const struct endpoint *remote)
{
    uint64_t ports = (uint64_t)local->port << 16 | remote->port;

    if (likely(address_is_mapped(local->address) && address_is_mapped(remote->address))) {
        const uint64_t words[] = {ports | UINT64_C(1) << 32,
                                  (uint64_t)address_to_ip4(local->address) << 32 |
                                      address_to_ip4(remote->address)};

        return bucket_of_words(key, words, 2);
    } else {
        const uint64_t words[] = {ports, local->address.high, local->address.low,
                                  remote->address.high, remote->address.low};

        return bucket_of_words(key, words, 5);
    }
}
