/* SPDX-License-Identifier: MIT */
/* deadlines.c: a heap of deadlines: the least first, any taken out, at the cost of a logarithm. */
#include "check.h"
#include <string.h>

#include "guest/deadlines.h"

enum { MANY = 8192 };

static struct guest_deadline entries[MANY];

/* The same numbers in every run, in no order. */
static int64_t scattered(unsigned i)
{
    return (int64_t)(i * 2654435761u >> 8);
}

static void fill(struct guest_deadlines *d)
{
    memset(d, 0, sizeof *d);
    for (unsigned i = 0; i < MANY; i++)
        check_equal(guest_deadlines_add(d, &entries[i], scattered(i)), 0);
}

static void nothing_has_no_deadline(void)
{
    struct guest_deadlines d = {0};

    check_equal(guest_deadlines_least(&d), INT64_MAX);
    check(guest_deadlines_first(&d) == NULL);
    guest_deadlines_done(&d);
}

static void never_is_in_no_heap(void)
{
    struct guest_deadlines d = {0};

    check_equal(guest_deadlines_add(&d, &entries[0], INT64_MAX), 0);
    check_equal(d.count, 0);
    guest_deadlines_remove(&d, &entries[0]);
    check_equal(guest_deadlines_least(&d), INT64_MAX);
    guest_deadlines_done(&d);
}

static void they_come_in_order(void)
{
    struct guest_deadlines d;
    int64_t last = -1;

    fill(&d);
    for (unsigned i = 0; i < MANY; i++) {
        struct guest_deadline *first = guest_deadlines_first(&d);

        check(first != NULL && first->time >= last);
        check_equal(guest_deadlines_least(&d), first->time);
        last = first->time;
        guest_deadlines_remove(&d, first);
    }
    check_equal(d.count, 0);
    guest_deadlines_done(&d);
}

static void any_can_be_taken_out(void)
{
    struct guest_deadlines d;
    int64_t last = -1;

    fill(&d);
    for (unsigned i = 0; i < MANY; i += 3)
        guest_deadlines_remove(&d, &entries[i]);
    guest_deadlines_remove(&d, &entries[0]); /* twice is once */
    for (size_t left = d.count; left > 0; left--) {
        struct guest_deadline *first = guest_deadlines_first(&d);

        check((first - entries) % 3 != 0);
        check(first->time >= last);
        last = first->time;
        guest_deadlines_remove(&d, first);
    }
    guest_deadlines_done(&d);
}

/* 13 levels: up, and down, and the sibling below. */
static void thousands_cost_a_logarithm_each(void)
{
    struct guest_deadlines d;

    fill(&d);
    check(d.steps <= (uint64_t)MANY * 13);
    d.steps = 0;
    for (unsigned i = 0; i < MANY; i++)
        guest_deadlines_remove(&d, &entries[i]);
    check(d.steps <= (uint64_t)MANY * 14);
    guest_deadlines_done(&d);
}

static const struct test tests[] = {
    {"an empty heap has no deadline", nothing_has_no_deadline},
    {"a deadline of never is in no heap", never_is_in_no_heap},
    {"deadlines come in their order", they_come_in_order},
    {"any deadline can be taken out", any_can_be_taken_out},
    {"thousands of deadlines cost a logarithm each", thousands_cost_a_logarithm_each},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
