/* SPDX-License-Identifier: MIT */
#include "base/random.h"
#include "base_test.h"

static const struct siphash_key key = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

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
    {"a key belongs to a name under its parent", names_give_keys},
    {"a draw belongs to its purpose and number", draws_differ},
    {"numbers below a bound are uniform", below_is_uniform},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
