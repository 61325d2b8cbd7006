/* SPDX-License-Identifier: MIT */
/*
 * A purpose and a count are hashed as two words, a name as bytes and then with the purpose
 * RANDOM_KEY: so a key of a name is never a number that something else draws.
 */
#include "base/random.h"

#include "base/compiler.h"
#include "base/integer.h"

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
    return integer_mul_shift(draw, bound);
}
