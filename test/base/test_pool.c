/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base_test.h"

enum { MIB = 1 << 20 };

static void slots_are_zeroed(void)
{
    struct arena *a = arena_fresh(MIB);
    struct pool *pool = pool_open(a, 100, 10, false);
    uint8_t *slot = pool_get(pool);

    memset(slot, 0xff, 100);
    pool_put(pool, slot);
    check(pool_get(pool) == slot);
    for (int i = 0; i < 100; i++)
        check_equal(slot[i], 0);
    arena_free(a);
}

static void raw_slots_keep_bytes(void)
{
    struct arena *a = arena_fresh(MIB);
    struct pool *pool = pool_open(a, 100, 10, true);
    uint8_t *slot = pool_get(pool);

    memset(slot, 0xff, 100);
    pool_put(pool, slot);
    check(pool_get(pool) == slot);
    check_equal(slot[99], 0xff);
    arena_free(a);
}

static void last_in_first_out(void)
{
    struct arena *a = arena_fresh(MIB);
    struct pool *pool = pool_open(a, 8, 3, false);
    void *x = pool_get(pool), *y = pool_get(pool), *z = pool_get(pool);

    check(x && y && z && x != y && y != z);
    check(!pool_get(pool));
    check_equal(pool_count(pool), 3);
    pool_put(pool, x);
    pool_put(pool, z);
    check_equal(pool_count(pool), 1);
    check(pool_get(pool) == z);
    check(pool_get(pool) == x);
    check(!pool_get(pool));
    arena_free(a);
}

static void nth_get_fails(void)
{
    struct arena *a = arena_fresh(MIB);
    struct pool *pool = pool_open(a, 8, 100, false), *other = pool_open(a, 8, 100, true);

    a->fail_at = 3;
    check(pool_get(pool));
    check(pool_get(other));
    check(!pool_get(pool));
    check(pool_get(pool));
    check_equal(a->gets, 4);
    check_equal(pool_count(pool), 2);
    arena_free(a);
}

static void pools_do_not_overlap(void)
{
    struct arena *a = arena_fresh(64 * MIB);
    struct seeded s = {1};
    struct pool *pools[20];
    uint8_t *slot[200];

    for (int i = 0; i < 20; i++)
        pools[i] = pool_open(a, (uint32_t)(1 + draw_below(&s, 5000)), 10, false);
    for (int i = 0; i < 200; i++) {
        slot[i] = pool_get(pools[i % 20]);
        check(slot[i] && (uintptr_t)slot[i] % POOL_SLOT_ALIGN == 0);
        memset(slot[i], i, pools[i % 20]->size);
    }
    for (int i = 0; i < 200; i++)
        for (uint32_t k = 0; k < pools[i % 20]->size; k++)
            check_equal(slot[i][k], (uint8_t)i);
    arena_free(a);
}

static void pools_begin_at_many_places_of_a_page(void)
{
    struct arena *a = arena_fresh(16 * MIB);
    uint64_t places = 0;

    for (int i = 0; i < 200; i++) {
        uintptr_t slot = (uintptr_t)pool_get(pool_open(a, 100, 3, false));

        places |= UINT64_C(1) << slot % ARENA_PAGE_BYTES / POOL_SLOT_ALIGN;
    }
    check(__builtin_popcountll(places) > 50); /* of 64 */
    arena_free(a);
}

static const struct test tests[] = {
    {"a slot is zeroed when it is handed out", slots_are_zeroed},
    {"a raw slot keeps its bytes", raw_slots_keep_bytes},
    {"slots are reused last in, first out, up to the limit", last_in_first_out},
    {"the n-th get of all pools can be made to fail", nth_get_fails},
    {"slots of many pools never overlap", pools_do_not_overlap},
    {"the first slots of pools lie at many places of a page", pools_begin_at_many_places_of_a_page},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
