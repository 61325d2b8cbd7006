/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base_test.h"

enum { MIB = 1 << 20 };

static void room_is_a_sum(void)
{
    uint64_t need = ARENA_PAGE_BYTES + pool_bytes(100, 50) + pool_bytes(7, 1);
    struct arena *a = arena_fresh(need);

    check(arena_root(a) == NULL);
    check(arena_root_take(a, 10) && arena_root(a));
    check(pool_open(a, 100, 50, false));
    check(!pool_open(a, 100, 50, false));
    check(pool_open(a, 7, 1, false));
    check(!pool_open(a, 1, 1, false));
    check_equal(a->used, a->reserved);
    arena_free(a);
}

static void no_more_pools_than_named(void)
{
    struct arena *a = arena_fresh(ARENA_POOLS * pool_bytes(8, 1));

    for (int i = 0; i < ARENA_POOLS; i++)
        check(pool_open(a, 8, 1, false));
    check(!pool_open(a, 8, 1, false));
    check(!pool_open(a, 8, 0, false));
    arena_free(a);
}

static uint64_t range_bytes(const struct arena *a, uint32_t i)
{
    uint64_t from, bytes;

    check(arena_range(a, i, &from, &bytes));
    check(from + bytes <= a->used);
    return bytes;
}

static void ranges_name_what_lives(void)
{
    struct arena *a = arena_fresh(64 * MIB);
    struct pool *pool = pool_open(a, 100, 10, false), *array_pool;
    uint8_t *array = arena_array(a, 32 * MIB, &array_pool);
    uint64_t from, bytes;
    void *x;

    check(array != NULL);
    check(arena_root_take(a, 1000) != NULL);
    check_equal(range_bytes(a, 0), offsetof(struct arena, pool) + 2 * sizeof a->pool[0]);
    check_equal(range_bytes(a, 1), 1000);
    check_equal(range_bytes(a, 2), 0);
    x = pool_get(pool);
    (void)pool_get(pool);
    check_equal(range_bytes(a, 2), 2 * pool->stride);
    check_equal(range_bytes(a, 3), 0);
    pool_put(pool, x);
    check_equal(range_bytes(a, 2), 2 * pool->stride);
    check_equal(range_bytes(a, 3), 4);
    check_equal(range_bytes(a, 4), 0);
    array_pool->live = 64;
    check(arena_range(a, 4, &from, &bytes));
    check((uint8_t *)a + from == array && bytes == 64);
    check(!arena_range(a, 6, &from, &bytes));
    arena_free(a);
}

/* Copies the live ranges out; the caller frees. */
static uint8_t *image_take(struct arena *a, uint64_t *size)
{
    uint64_t from, bytes;
    uint8_t *image;

    *size = 0;
    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++)
        *size += bytes;
    image = malloc(*size);
    arena_unpoison(a);
    *size = 0;
    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++) {
        memcpy(image + *size, (uint8_t *)a + from, bytes);
        *size += bytes;
    }
    arena_repoison(a);
    return image;
}

static void image_put(struct arena *a, const uint8_t *image)
{
    uint64_t from, bytes;

    arena_unpoison(a);
    memcpy(a, image, offsetof(struct arena, pool) + a->pools * sizeof a->pool[0]);
    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++) {
        memcpy((uint8_t *)a + from, image, bytes);
        image += bytes;
    }
    arena_repoison(a);
}

static void churn(struct pool *pool, void *held[64], struct seeded *s, int steps)
{
    for (int i = 0; i < steps; i++) {
        size_t k = (size_t)draw_below(s, 64);

        if (held[k]) {
            pool_put(pool, held[k]);
            held[k] = NULL;
        } else {
            held[k] = pool_get(pool);
            check(held[k] != NULL);
            memset(held[k], (int)k, pool->size);
        }
    }
}

static void restored_goes_on_alike(void)
{
    struct arena *a = arena_fresh(MIB);
    struct pool *pool = pool_open(a, 72, 64, false);
    void *held[64] = {NULL}, *saved[64];
    struct seeded s = {7}, again;
    uint8_t *image, *first, *second;
    uint64_t size, first_size, second_size;

    churn(pool, held, &s, 500);
    image = image_take(a, &size);
    memcpy(saved, held, sizeof held);
    again = s;
    churn(pool, held, &s, 1000);
    first = image_take(a, &first_size);
    image_put(a, image);
    memcpy(held, saved, sizeof held);
    churn(pool, held, &again, 1000);
    second = image_take(a, &second_size);
    check_equal(first_size, second_size);
    check(memcmp(first, second, first_size) == 0);
    free(image);
    free(first);
    free(second);
    arena_free(a);
}

static const struct test tests[] = {
    {"the room needed is the sum of what is opened", room_is_a_sum},
    {"an arena has a limit of pools", no_more_pools_than_named},
    {"the live ranges hold touched slots and what owners of arrays name", ranges_name_what_lives},
    {"an arena restored from its live ranges goes on to the same bytes", restored_goes_on_alike},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
