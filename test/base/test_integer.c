/* SPDX-License-Identifier: MIT */
#include "base/integer.h"
#include "base_test.h"

__extension__ typedef unsigned __int128 wide;

/* Numbers of all sizes, and the edges of 2^k. */
static uint64_t any(struct seeded *s)
{
    uint64_t n = draw(s) >> draw_below(s, 64);

    return draw_below(s, 4) ? n : (UINT64_C(1) << draw_below(s, 64)) - draw_below(s, 2);
}

static void mul_div_is_exact(void)
{
    struct seeded s = {11};
    int large = 0;

    for (int i = 0; i < 500000; i++) {
        uint64_t a = any(&s), b = any(&s), divisor = any(&s);
        wide want;

        if (divisor == 0)
            divisor = 1;
        want = (wide)a * b / divisor;
        large += want <= UINT64_MAX && (wide)a * b > UINT64_MAX;
        check(integer_mul_div(a, b, divisor) == (want > UINT64_MAX ? UINT64_MAX : (uint64_t)want));
        check(integer_mul_shift(a, b) == (uint64_t)((wide)a * b >> 64));
    }
    check(large > 10000);
    check_equal(integer_mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
    check_equal(integer_mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX - 1), UINT64_MAX);
}

static void cube_root_is_floor(void)
{
    struct seeded s = {12};

    for (uint64_t root = 0; root < 3000; root++) {
        check_equal(integer_cube_root(root * root * root), root);
        if (root > 1)
            check_equal(integer_cube_root(root * root * root - 1), root - 1);
    }
    for (int i = 0; i < 300000; i++) {
        uint64_t a = any(&s);
        wide root = integer_cube_root(a);

        check(root * root * root <= a && (root + 1) * (root + 1) * (root + 1) > a);
    }
    check_equal(integer_cube_root(UINT64_MAX), 2642245);
}

static void log2_is_floor(void)
{
    for (unsigned k = 0; k < 64; k++) {
        check_equal(integer_log2(UINT64_C(1) << k), k);
        check_equal(integer_log2((UINT64_C(1) << k) | ((UINT64_C(1) << k) - 1)), k);
    }
}

static void least_and_most(void)
{
    check_equal(least(1, 2), 1);
    check_equal(most(1, 2), 2);
    check(least(0, UINT64_MAX) == 0 && most(0, UINT64_MAX) == UINT64_MAX);
}

static const struct test tests[] = {
    {"a product of 128 bits is divided exactly, and saturates", mul_div_is_exact},
    {"the cube root is the floor of the true one", cube_root_is_floor},
    {"the logarithm is the place of the highest bit", log2_is_floor},
    {"the least and the most of two", least_and_most},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
