/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of RFC 6296 3.1 to 3.7. Sums are one's complement over words of 16 bits, in which
 * 0 has two forms: 0xffff is never written (3.4), and a word that holds it is never used (3.5).
 */
#include "3-network/translate_prefix.h"

enum { WORDS = 8, SUBNET_WORD = 3, FIRST_INTERFACE_WORD = 4, SUBNET_BITS = 48, MOST_BITS = 64 };

static uint32_t word_of(struct address a, unsigned i)
{
    return (uint32_t)((i < 4 ? a.high : a.low) >> (48 - 16 * (i & 3))) & 0xffff;
}

static void word_set(struct address *a, unsigned i, uint32_t word)
{
    uint64_t *half = i < 4 ? &a->high : &a->low;
    unsigned shift = 48 - 16 * (i & 3);

    *half = (*half & ~(UINT64_C(0xffff) << shift)) | (uint64_t)word << shift;
}

static uint32_t sum(uint32_t a, uint32_t b)
{
    a += b;
    return (a & 0xffff) + (a >> 16);
}

static uint32_t sum_of(struct address a)
{
    uint32_t total = 0;

    for (unsigned i = 0; i < WORDS; i++)
        total = sum(total, word_of(a, i));
    return total;
}

static bool exchange(struct address *a, struct address from, struct address to, uint32_t bits)
{
    struct address kept;
    uint32_t change, word;
    unsigned at = SUBNET_WORD;

    if (bits == 0 || bits > MOST_BITS || !address_matches(*a, from, bits))
        return false;
    if (bits > SUBNET_BITS)
        for (at = FIRST_INTERFACE_WORD; at < WORDS && word_of(*a, at) == 0xffff; at++)
            ;
    if (at == WORDS || word_of(*a, at) == 0xffff)
        return false;
    from = address_masked(from, bits);
    to = address_masked(to, bits);
    /* what the new prefix adds to the sum less than the old one */
    change = sum(sum_of(from), 0xffff - sum_of(to));
    kept = address_masked(*a, bits);
    a->high = (a->high ^ kept.high) | to.high;
    a->low = (a->low ^ kept.low) | to.low;
    word = sum(word_of(*a, at), change);
    word_set(a, at, word == 0xffff ? 0 : word);
    return true;
}

bool translate_prefix_outbound(const struct translate_prefix *prefix, struct address *a)
{
    return exchange(a, prefix->inner, prefix->outer, prefix->bits);
}

bool translate_prefix_inbound(const struct translate_prefix *prefix, struct address *a)
{
    return exchange(a, prefix->outer, prefix->inner, prefix->bits);
}
