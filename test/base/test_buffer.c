/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"
#include "base_test.h"

enum { MIB = 1 << 20 };

struct world {
    struct arena *arena;
    struct buffers buffers;
    struct budget budget;
};

static struct world fresh(uint64_t total, uint64_t limit)
{
    struct world w = {.arena = arena_fresh(buffer_pool_bytes(total)),
                      .budget = {.used = 0, .limit = limit}};

    check_equal(buffer_pool_init(&w.buffers, w.arena, total), 0);
    return w;
}

static void classes(void)
{
    struct world w = fresh(64 * MIB, 20 * MIB);
    unsigned class = 99;
    void *block;

    check_equal(buffer_class_bytes(0), 4096);
    check_equal(buffer_class_bytes(6), 16 * MIB);
    block = buffer_get(&w.buffers, &w.budget, 4097, &class);
    check(block && class == 1);
    check_equal(w.budget.used, 16384);
    buffer_put(&w.buffers, &w.budget, block, class);
    check_equal(w.budget.used, 0);
    check(!buffer_get(&w.buffers, &w.budget, 16 * MIB + 1, &class));
    block = buffer_get(&w.buffers, &w.budget, 16 * MIB, &class);
    check(block && class == 6);
    check(!buffer_get(&w.buffers, &w.budget, 16 * MIB, &class));
    check(buffer_get(&w.buffers, &w.budget, 0, &class) && class == 0);
    arena_free(w.arena);
}

static void small_total_has_no_large_class(void)
{
    struct world w = fresh(MIB, 100 * MIB);
    unsigned class;

    check(buffer_get(&w.buffers, &w.budget, MIB, &class));
    check(!buffer_get(&w.buffers, &w.budget, MIB, &class));
    check(!buffer_get(&w.buffers, &w.budget, 2 * MIB, &class));
    arena_free(w.arena);
}

static const struct test tests[] = {
    {"blocks come in seven sizes, charged to a budget", classes},
    {"a small memory has no large blocks", small_total_has_no_large_class},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
