/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/random.h"
#include "base_test.h"

/* Key 00 01 .. 0f, as in the paper's appendix A. */
static const struct siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

static void paper_example(void)
{
    uint8_t message[15];

    for (uint8_t i = 0; i < 15; i++)
        message[i] = i;
    check_equal(siphash(key, message, 15), UINT64_C(0xa129ca6149be45e5));
}

static void reference_vectors(void)
{
    /* Of the reference implementation: messages 00, 00 01, ... of these lengths. */
    static const struct {
        size_t length;
        uint64_t hash;
    } table[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
        {2, UINT64_C(0x0d6c8009d9a94f5a)},  {3, UINT64_C(0x85676696d7fb7e2d)},
        {4, UINT64_C(0xcf2794e0277187b7)},  {5, UINT64_C(0x18765564cd99a68d)},
        {6, UINT64_C(0xcbc9466e58fee3ce)},  {7, UINT64_C(0xab0200f58b01d137)},
        {8, UINT64_C(0x93f5f5799a932462)},  {16, UINT64_C(0x3f2acc7f57c29bdb)},
        {32, UINT64_C(0x7127512f72f27cce)}, {63, UINT64_C(0x958a324ceb064572)},
    };
    uint8_t message[64];

    for (uint8_t i = 0; i < 64; i++)
        message[i] = i;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_equal(siphash(key, message, table[i].length), table[i].hash);
}

static void words_are_little_endian(void)
{
    uint64_t words[3] = {UINT64_C(0x0706050403020100), 5, UINT64_MAX};
    uint8_t bytes[24];

    for (unsigned i = 0; i < 24; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> 8 * (i % 8));
    for (size_t n = 0; n <= 3; n++)
        check_equal(siphash_words(key, words, n), siphash(key, bytes, 8 * n));
}

static void names_give_keys(void)
{
    struct siphash_key a = random_key(key, "alice", 5), b = random_key(key, "bob", 3);
    struct siphash_key again = random_key(key, "alice", 5), other = random_key(a, "alice", 5);

    check(a.k0 == again.k0 && a.k1 == again.k1);
    check(a.k0 != b.k0 && a.k1 != b.k1 && a.k0 != a.k1);
    check(other.k0 != a.k0 && other.k1 != a.k1);
}

static void draws_differ(void)
{
    check(random_draw(key, RANDOM_LOSS, 1) == random_draw(key, RANDOM_LOSS, 1));
    check(random_draw(key, RANDOM_LOSS, 1) != random_draw(key, RANDOM_LOSS, 2));
    check(random_draw(key, RANDOM_LOSS, 1) != random_draw(key, RANDOM_JITTER, 1));
}

static void below_is_uniform(void)
{
    unsigned seen[10] = {0};

    for (uint64_t n = 0; n < 100000; n++) {
        uint64_t x = random_below(random_draw(key, RANDOM_LOSS, n), 10);

        check(x < 10);
        seen[x]++;
    }
    for (int i = 0; i < 10; i++)
        check(seen[i] > 9500 && seen[i] < 10500);
    check_equal(random_below(UINT64_MAX, 1), 0);
    check_equal(random_below(UINT64_MAX, UINT64_MAX), UINT64_MAX - 1);
    check_equal(random_below(0, UINT64_MAX), 0);
}

static const struct test tests[] = {
    {"SipHash-2-4 gives the example of its paper", paper_example},
    {"SipHash-2-4 gives the vectors of its reference implementation", reference_vectors},
    {"words are hashed as little-endian bytes", words_are_little_endian},
    {"a key belongs to a name under its parent", names_give_keys},
    {"a draw belongs to its purpose and number", draws_differ},
    {"numbers below a bound are uniform", below_is_uniform},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
