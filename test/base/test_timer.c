/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/timer.h"
#include "base_test.h"

static struct timers fresh(uint32_t limit)
{
    struct timers t;

    check_equal(timer_heap_init(&t, arena_fresh(1 << 20), limit), 0);
    return t;
}

static void earliest_first(void)
{
    struct timers t = fresh(8);
    struct timer timer[5];
    static const nanoseconds deadlines[] = {50, 10, 40, 20, 30};

    memset(timer, 0, sizeof timer);
    check(!timer_heap_first(&t));
    for (int i = 0; i < 5; i++)
        timer_set(&t, &timer[i], deadlines[i]);
    for (nanoseconds want = 10; want <= 50; want += 10) {
        struct timer *first = timer_heap_first(&t);

        check(first && timer_is_set(first));
        check_equal(first->deadline, want);
        timer_clear(&t, first);
        check(!timer_is_set(first));
        timer_clear(&t, first);
    }
    check(!timer_heap_first(&t));
    arena_free(t.pool->arena);
}

/* Sets the same timers in an order, and tells in which order they fire. */
static void fire(const unsigned *order, unsigned count, struct timer *timer, unsigned *fired)
{
    struct timers t = fresh(64);

    for (unsigned i = 0; i < count; i++)
        timer_set(&t, &timer[order[i]], timer[order[i]].deadline);
    check(timer_heap_valid(&t));
    for (unsigned i = 0; i < count; i++) {
        fired[i] = (unsigned)(timer_heap_first(&t) - timer);
        timer_clear(&t, timer_heap_first(&t));
    }
    arena_free(t.pool->arena);
}

static void names_order_equals(void)
{
    struct timer timer[24];
    unsigned order[24], fired[24];
    struct seeded s = {31};

    memset(timer, 0, sizeof timer);
    for (unsigned i = 0; i < 24; i++) {
        timer[i].deadline = 100 + i / 12;
        timer[i].node = i / 6 % 2;
        timer[i].source = i / 3 % 2;
        timer[i].serial = i % 3;
        order[i] = i;
    }
    for (int round = 0; round < 500; round++) {
        for (unsigned i = 23; i > 0; i--) {
            unsigned k = (unsigned)draw_below(&s, i + 1), keep = order[i];

            order[i] = order[k];
            order[k] = keep;
        }
        fire(order, 24, timer, fired);
        for (unsigned i = 0; i < 24; i++)
            check_equal(fired[i], i);
    }
}

static const struct timer *naive_first(const struct timer *timer, unsigned count)
{
    const struct timer *first = NULL;

    for (unsigned i = 0; i < count; i++)
        if (timer_is_set(&timer[i]) &&
            (!first || timer[i].deadline < first->deadline ||
             (timer[i].deadline == first->deadline && timer[i].serial < first->serial)))
            first = &timer[i];
    return first;
}

static void random_operations(void)
{
    enum { COUNT = 100 };
    struct timers t = fresh(COUNT);
    struct timer timer[COUNT];
    struct seeded s = {32};

    memset(timer, 0, sizeof timer);
    for (unsigned i = 0; i < COUNT; i++)
        timer[i].serial = i;
    for (int step = 0; step < 50000; step++) {
        struct timer *one = &timer[draw_below(&s, COUNT)];

        if (draw_below(&s, 3) == 0)
            timer_clear(&t, one);
        else
            timer_set(&t, one, (nanoseconds)draw_below(&s, 50));
        check(timer_heap_first(&t) == naive_first(timer, COUNT));
        check(timer_heap_valid(&t));
    }
    arena_free(t.pool->arena);
}

/* The first is taken; then the others, and it itself again, are set and cleared as may be. */
static void taking_leaves_a_place(void)
{
    enum { COUNT = 20 };
    struct timers t = fresh(COUNT);
    struct timer timer[COUNT];
    struct seeded s = {33};

    memset(timer, 0, sizeof timer);
    for (unsigned i = 0; i < COUNT; i++)
        timer[i].serial = i;
    for (int step = 0; step < 20000; step++) {
        struct timer *one = &timer[draw_below(&s, COUNT)];
        const struct timer *first = naive_first(timer, COUNT);

        if (first)
            check(timer_heap_take(&t) == first && !timer_is_set(first));
        for (uint64_t n = draw_below(&s, 4); n > 0; n--) {
            if (draw_below(&s, 3) == 0)
                timer_clear(&t, one);
            else
                timer_set(&t, one, (nanoseconds)draw_below(&s, 50));
            one = &timer[draw_below(&s, COUNT)];
        }
        timer_heap_close(&t);
        check(timer_heap_valid(&t));
        check(timer_heap_first(&t) == naive_first(timer, COUNT));
    }
    arena_free(t.pool->arena);
}

static void live_bytes_follow_the_count(void)
{
    struct timers t = fresh(8);
    struct timer one = {.serial = 1}, two = {.serial = 2}, three = {.serial = 3};

    check_equal(t.pool->live, 0);
    timer_set(&t, &one, NEVER);
    timer_set(&t, &two, 5);
    timer_set(&t, &three, 7);
    timer_set(&t, &two, 6);
    check_equal(t.pool->live, 2 * sizeof(struct timer *)); /* the first is beside the heap */
    timer_clear(&t, &one);
    check_equal(t.pool->live, sizeof(struct timer *));
    check(timer_heap_first(&t) == &two);
    arena_free(t.pool->arena);
}

/* A frame on a short wire: nothing in the heap knows that it came and went. */
static void the_next_to_fire_moves_nothing(void)
{
    struct timers t = fresh(8);
    struct timer later[5], soon = {.serial = 9}, sooner = {.serial = 10};
    struct timer *heap[5];

    memset(later, 0, sizeof later);
    for (unsigned i = 0; i < 5; i++) {
        later[i].serial = i;
        timer_set(&t, &later[i], 100 - i);
    }
    timer_set(&t, &soon, 10);
    memcpy(heap, t.heap, t.count * sizeof *heap);
    check(timer_heap_take(&t) == &soon && !timer_is_set(&soon));
    timer_heap_close(&t);
    timer_set(&t, &soon, 20);
    check_equal(t.count, 5);
    check(memcmp(t.heap, heap, sizeof heap) == 0);
    timer_set(&t, &sooner, 15); /* the front makes place, and comes after it */
    check(timer_heap_valid(&t));
    check(timer_heap_take(&t) == &sooner);
    check(timer_heap_first(&t) == &soon);
    timer_set(&t, &later[0], 5); /* from within the heap to before the front */
    check(timer_heap_valid(&t));
    check(timer_heap_first(&t) == &later[0]);
    arena_free(t.pool->arena);
}

static const struct test tests[] = {
    {"timers fire by deadline", earliest_first},
    {"timers of one deadline fire by name, however they were set", names_order_equals},
    {"setting, moving and clearing agree with a search", random_operations},
    {"what is set while the first is off, and what is cleared, keeps the order",
     taking_leaves_a_place},
    {"an image holds only as much heap as there are timers", live_bytes_follow_the_count},
    {"what is set before all others and fires next moves nothing in the heap",
     the_next_to_fire_moves_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
