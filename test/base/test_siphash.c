/* SPDX-License-Identifier: MIT */
#include "base/siphash.h"
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

static const struct test tests[] = {
    {"SipHash-2-4 gives the example of its paper", paper_example},
    {"SipHash-2-4 gives the vectors of its reference implementation", reference_vectors},
    {"words are hashed as little-endian bytes", words_are_little_endian},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
