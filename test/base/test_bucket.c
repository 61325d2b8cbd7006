/* SPDX-License-Identifier: MIT */
#include "base/bucket.h"
#include "base_test.h"

/* Key 00 01 .. 0f, as in the paper's appendix A. */
static const struct siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

/* With the block of the length that the paper ends a message with, which the tables leave out. */
static void one_and_three_rounds(void)
{
    static const uint64_t empty[] = {0},
                          eight[] = {UINT64_C(0x0706050403020100), UINT64_C(8) << 56};

    check_equal(bucket_of_words(key, empty, 1), UINT64_C(0xabac0158050fc4dc));
    check_equal(bucket_of_words(key, eight, 2), UINT64_C(0x369095118d299a8e));
}

static struct endpoint end(uint64_t high, uint64_t low, uint16_t port, uint16_t interface)
{
    return (struct endpoint){.address = {high, low}, .port = port, .interface = interface};
}

static void pairs_have_an_order_and_no_interface(void)
{
    const uint64_t ip4 = UINT64_C(0xffff00000000);
    struct endpoint a = end(0, ip4 | 0x0a000001, 80, 0), b = end(0, ip4 | 0x0a000002, 81, 0);
    struct endpoint a6 = end(1, 2, 80, 0), b6 = end(3, 4, 81, 0);
    struct endpoint on = end(0, ip4 | 0x0a000001, 80, 7), on6 = end(1, 2, 80, 7);
    const struct siphash_key other = {key.k0, key.k1 + 1};
    uint64_t pair = bucket_of_pair(key, &a, &b);

    check(bucket_of_pair(key, &on, &b) == pair);
    check(bucket_of_pair(key, &on6, &b6) == bucket_of_pair(key, &a6, &b6));
    check(bucket_of_pair(key, &b, &a) != pair && bucket_of_pair(other, &a, &b) != pair);
    check(bucket_of_pair(key, &b6, &a6) != bucket_of_pair(key, &a6, &b6));
    check(bucket_of_pair(key, &a, &b6) != bucket_of_pair(key, &a6, &b));
    check(bucket_of_address(key, a.address) != bucket_of_address(key, b.address));
    a6 = end(5, 2, 80, 0); /* all of it counts beside an IPv4 address too */
    b6 = end(6, 2, 80, 0);
    check(bucket_of_pair(key, &a, &a6) != bucket_of_pair(key, &a, &b6));
    check(bucket_of_pair(key, &a6, &a) != bucket_of_pair(key, &b6, &a));
}

/* Each bit of either end moves about half of the hash: 10 of 64 would be a wonder. */
static void every_bit_counts(void)
{
    const uint64_t low = UINT64_C(0xffff0a000000);
    struct endpoint a = end(0, low | 1, 0x1234, 0), b = end(0, low | 2, 0x4321, 0);
    uint64_t before = bucket_of_pair(key, &a, &b);

    for (int bit = 0; bit < 96; bit++) {
        struct endpoint x = a, y = b;

        if (bit < 32)
            x.address.low ^= UINT64_C(1) << bit;
        else if (bit < 64)
            y.address.low ^= UINT64_C(1) << (bit - 32);
        else if (bit < 80)
            x.port ^= (uint16_t)(1U << (bit - 64));
        else
            y.port ^= (uint16_t)(1U << (bit - 80));
        check(__builtin_popcountll(before ^ bucket_of_pair(key, &x, &y)) > 10);
    }
}

static const struct test tests[] = {
    {"the hash is SipHash with one and three rounds", one_and_three_rounds},
    {"a pair has an order, and its interfaces do not count", pairs_have_an_order_and_no_interface},
    {"every bit of addresses and ports counts", every_bit_counts},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
