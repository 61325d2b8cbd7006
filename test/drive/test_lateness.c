/* SPDX-License-Identifier: MIT */
/* lateness.c: percentiles of what was added, to 6 %. */
#include "check.h"
#include "drive/lateness.h"

static void nothing_is_zero(void)
{
    static struct drive_lateness lateness;

    check_equal(drive_lateness_p99(&lateness), 0);
}

static void one_value_is_its_own_percentile(void)
{
    static const int64_t values[] = {0, 1, 15, 16, 17, 1000, 99999, 1000000000, INT64_MAX};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        static struct drive_lateness lateness;
        int64_t p99;

        lateness = (struct drive_lateness){.events = 0};
        drive_lateness_add(&lateness, values[i]);
        p99 = drive_lateness_p99(&lateness);
        check(p99 <= values[i]);
        check(p99 >= values[i] - values[i] / 16);
        check_equal(lateness.most, values[i]);
    }
}

static void one_in_a_hundred_may_be_later(void)
{
    static struct drive_lateness lateness;

    for (int i = 0; i < 990; i++)
        drive_lateness_add(&lateness, 10);
    for (int i = 0; i < 10; i++)
        drive_lateness_add(&lateness, 1000000);
    check_equal(drive_lateness_p99(&lateness), 10);
    drive_lateness_add(&lateness, 1000000);
    check(drive_lateness_p99(&lateness) > 900000);
}

static void what_was_early_counts_as_in_time(void)
{
    static struct drive_lateness lateness;

    drive_lateness_add(&lateness, -5);
    check_equal(drive_lateness_p99(&lateness), 0);
    check_equal(lateness.events, 1);
}

static const struct test tests[] = {
    {"nothing added is zero", nothing_is_zero},
    {"one value is its own percentile, to 6 %", one_value_is_its_own_percentile},
    {"one in a hundred may be later than the percentile", one_in_a_hundred_may_be_later},
    {"what was early counts as in time", what_was_early_counts_as_in_time},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
