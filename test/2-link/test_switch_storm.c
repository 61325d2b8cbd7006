/* SPDX-License-Identifier: MIT */
/* The limit of frames for all, as a value. */
#include "2-link/switch_storm.h"

#include "check.h"

static int taken(struct switch_storm *s, nanoseconds from, nanoseconds to, nanoseconds each)
{
    int count = 0;

    for (nanoseconds now = from; now < to; now += each)
        count += switch_storm_take(s, now);
    return count;
}

static void no_limit_is_none(void)
{
    struct switch_storm s = {0};

    check_equal(taken(&s, 0, SECOND, MICROSECOND), 1000000);
}

static void so_many_a_second(void)
{
    struct switch_storm s = {.rate = 100, .burst = 1};

    check_equal(taken(&s, 0, 10 * SECOND, 100 * MICROSECOND), 1000);
    check_equal(taken(&s, 10 * SECOND, 11 * SECOND, 50 * MILLISECOND), 20);
}

static void so_many_at_once(void)
{
    struct switch_storm s = {.rate = 100, .burst = 30};

    check_equal(taken(&s, SECOND, SECOND + 1000, 1), 30);
    check_equal(taken(&s, SECOND + 1000, 2 * SECOND + 1000, MILLISECOND), 99);
    check_equal(taken(&s, 5 * SECOND, 5 * SECOND + 1000, 1), 30);
}

static void the_highest_rate_is_exact_enough(void)
{
    struct switch_storm s = {.rate = 1000000000, .burst = 1};

    check_equal(taken(&s, 0, 1000, 1), 1000);
    check(!switch_storm_take(&s, 999));
}

static const struct test tests[] = {
    {"without a limit all pass", no_limit_is_none},
    {"so many a second pass, and no more", so_many_a_second},
    {"so many at once pass after a silence", so_many_at_once},
    {"the highest rate is a frame a nanosecond", the_highest_rate_is_exact_enough},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
