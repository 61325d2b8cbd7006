/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/ranges.h"
#include "base_test.h"

enum { SPACE = 700 };

/* The same set as a row of flags. */
struct model {
    bool has[SPACE];
};

static uint64_t model_set(struct model *m, uint64_t from, uint64_t to, bool value)
{
    uint64_t changed = 0;

    for (uint64_t i = from; i < to; i++) {
        changed += m->has[i] != value;
        m->has[i] = value;
    }
    return changed;
}

static uint32_t model_count(const struct model *m)
{
    uint32_t count = 0;

    for (int i = 0; i < SPACE; i++)
        count += m->has[i] && (i == 0 || !m->has[i - 1]);
    return count;
}

static void compare(const struct ranges *s, const struct model *m)
{
    uint32_t at = 0;

    check(ranges_valid(s));
    check_equal(s->count, model_count(m));
    for (uint64_t i = 0; i < SPACE; i++) {
        while (at < s->count && s->range[at].to <= i)
            at++;
        check_equal(at < s->count && s->range[at].from <= i, m->has[i]);
    }
}

static void random_operations(uint64_t seed, uint64_t longest, uint32_t *fullest)
{
    struct ranges s = {0};
    struct model m = {{false}};
    struct seeded random = {seed};

    for (int step = 0; step < 5000; step++) {
        uint64_t from = draw_below(&random, SPACE), added;
        uint64_t to = from + draw_below(&random, longest);
        struct ranges before = s;
        struct model after = m;

        if (to > SPACE)
            to = SPACE;
        if (draw_below(&random, 4) > 0) {
            uint64_t want = model_set(&after, from, to, true);
            bool ok = ranges_add(&s, from, to, &added);

            check_equal(ok, model_count(&after) <= RANGES_MOST);
            check_equal(added, ok ? want : 0);
            if (ok)
                m = after;
            else
                check(memcmp(&s, &before, sizeof s) == 0);
        } else {
            ranges_remove_below(&s, from / 50);
            (void)model_set(&m, 0, from / 50, false);
        }
        compare(&s, &m);
        if (s.count > *fullest)
            *fullest = s.count;
    }
}

static void agrees_with_model(void)
{
    uint32_t fullest = 0;

    for (uint64_t seed = 1; seed <= 4; seed++) {
        random_operations(seed, 3, &fullest);
        random_operations(seed + 100, 40, &fullest);
    }
    check_equal(fullest, RANGES_MOST);
}

static void touching_merges(void)
{
    struct ranges s = {0};
    uint64_t added;

    check(ranges_add(&s, 10, 20, &added) && added == 10);
    check(ranges_add(&s, 30, 40, NULL) && s.count == 2);
    check(ranges_add(&s, 20, 30, &added) && added == 10 && s.count == 1);
    check(s.range[0].from == 10 && s.range[0].to == 40);
    check(ranges_add(&s, 15, 15, &added) && added == 0 && s.count == 1);
    check(ranges_add(&s, 0, UINT64_MAX, &added) && s.count == 1);
    check(added == UINT64_MAX - 30);
}

static void finds(void)
{
    struct ranges s = {0};

    check_equal(ranges_find(&s, 5), 0);
    check(ranges_add(&s, 10, 20, NULL) && ranges_add(&s, 30, 40, NULL));
    check_equal(ranges_find(&s, 0), 0);
    check_equal(ranges_find(&s, 10), 0);
    check_equal(ranges_find(&s, 19), 0);
    check_equal(ranges_find(&s, 20), 1);
    check_equal(ranges_find(&s, 39), 1);
    check_equal(ranges_find(&s, 40), 2);
}

static void forgets_below(void)
{
    struct seeded random = {5};

    for (int round = 0; round < 300; round++) {
        struct ranges s = {0};
        struct model m = {{false}};
        uint64_t to = draw_below(&random, SPACE);

        for (int i = 0; i < 30; i++) {
            uint64_t from = draw_below(&random, SPACE - 20), end = from + draw_below(&random, 20);

            check(ranges_add(&s, from, end, NULL));
            (void)model_set(&m, from, end, true);
        }
        ranges_remove_below(&s, to);
        (void)model_set(&m, 0, to, false);
        compare(&s, &m);
    }
}

static void full_set(void)
{
    struct ranges s = {0};
    uint64_t added = 7;

    for (uint64_t i = 0; i < RANGES_MOST; i++)
        check(ranges_add(&s, 10 * i, 10 * i + 5, NULL));
    check(!ranges_add(&s, 7, 8, &added) && added == 0);
    check(!ranges_add(&s, 5000, 5001, NULL));
    check(ranges_add(&s, 5, 8, &added) && added == 3); /* touches the first */
    check(ranges_add(&s, 8, 10, NULL) && s.count == RANGES_MOST - 1);
    check(ranges_add(&s, 0, 10 * RANGES_MOST, NULL) && s.count == 1);
}

static void broken_sets_are_seen(void)
{
    static const struct ranges touching = {.count = 2, .range = {{1, 2}, {2, 3}}};
    static const struct ranges empty = {.count = 1, .range = {{2, 2}}};
    static const struct ranges unsorted = {.count = 2, .range = {{5, 6}, {1, 2}}};
    static const struct ranges good = {.count = 2, .range = {{1, 2}, {5, 6}}};
    static const struct ranges many = {.count = RANGES_MOST + 1};

    check(!ranges_valid(&touching) && !ranges_valid(&empty) && !ranges_valid(&unsorted));
    check(!ranges_valid(&many) && ranges_valid(&good));
}

static const struct test tests[] = {
    {"adding and removing agree with a row of flags, at the limit too", agrees_with_model},
    {"ranges that touch become one", touching_merges},
    {"a range is found by any number in it, or the next after it", finds},
    {"everything below a number is forgotten", forgets_below},
    {"a full set refuses one range more and stays as it was", full_set},
    {"a set that is not in form is seen", broken_sets_are_seen},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
