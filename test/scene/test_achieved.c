/* SPDX-License-Identifier: MIT */
/* The sketch of delays, and what is as asked, against numbers that are known. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "scene/achieved.h"

static struct scene_achieved_direction d;

static void check_near(int64_t found, int64_t expected)
{
    if (found < expected - expected / 11 || found > expected + expected / 11)
        test_fail(__FILE__, __LINE__, "%lld is not near %lld", (long long)found,
                  (long long)expected);
}

static void quantiles_are_right_to_an_eleventh(void)
{
    static const int64_t scales[] = {1, 1000, 12345, 1000000, INT64_C(3600000000000)};

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        memset(&d, 0, sizeof d);
        for (int64_t n = 1000; n > 0; n--)
            scene_achieved_delay(&d, n * scales[i]);
        check_near(scene_achieved_quantile(&d, 50), 500 * scales[i]);
        check_near(scene_achieved_quantile(&d, 99), 990 * scales[i]);
        check_near(scene_achieved_quantile(&d, 100), 1000 * scales[i]);
        check_equal(d.least, scales[i]);
        check_equal(d.most, 1000 * scales[i]);
    }
}

static void one_delay_is_itself(void)
{
    for (int64_t delay = 0; delay < 1000; delay++) {
        memset(&d, 0, sizeof d);
        scene_achieved_delay(&d, delay);
        check_equal(scene_achieved_quantile(&d, 50), delay);
    }
    memset(&d, 0, sizeof d);
    scene_achieved_delay(&d, INT64_MAX);
    check_equal(scene_achieved_quantile(&d, 99), INT64_MAX);
}

/* 10,000 frames at 10 %: sigma is 30, so 1,000 +- 99, and some more. */
static void a_count_is_within_the_bounds_of_its_binomial(void)
{
    static const struct {
        uint64_t count;
        bool is_off;
    } rows[] = {{1000, false}, {1104, false}, {1107, true}, {900, false},
                {899, true},   {0, true},     {10000, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct scene_achieved_count c = {rows[i].count, UINT64_C(1000000000),
                                               UINT64_C(900000000)};

        check_equal(scene_achieved_off(&c) > 100, rows[i].is_off);
    }
}

static void few_frames_are_no_reason(void)
{
    struct scene_achieved_count c = {.asked = 10000, .variance = 9900}; /* one at 1 % */

    for (c.count = 0; c.count < 5; c.count++)
        check(scene_achieved_off(&c) <= 100);
    c = (struct scene_achieved_count){.count = 7}; /* of none */
    check(scene_achieved_off(&c) > 100);
}

/* What 2,000 runs of 500 frames at 5 % come to: about one in a thousand is off. */
static void chance_is_seldom_off(void)
{
    uint64_t random = 88172645463325252, off = 0;

    for (int run = 0; run < 2000; run++) {
        struct scene_achieved_count c = {.asked = 500 * 50000, .variance = 500 * 47500};

        for (int i = 0; i < 500; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            c.count += random % 1000000 < 50000;
        }
        off += scene_achieved_off(&c) > 100;
    }
    check(off <= 6);
}

static const struct test tests[] = {
    {"quantiles are right to an eleventh, and the most exactly",
     quantiles_are_right_to_an_eleventh},
    {"one delay is itself", one_delay_is_itself},
    {"a count is as asked within the bounds of its binomial",
     a_count_is_within_the_bounds_of_its_binomial},
    {"a few frames are no reason to call it off", few_frames_are_no_reason},
    {"chance is seldom called off", chance_is_seldom_off},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
