/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/table.h"
#include "base_test.h"

enum { COUNT = 3000 };

struct item {
    struct table_link link;
    bool in;
    uint64_t hash;
};

static struct item items[COUNT];

static struct table fresh(uint32_t limit)
{
    struct table t;

    memset(items, 0, sizeof items);
    check_equal(table_init(&t, arena_fresh(1 << 20), limit), 0);
    return t;
}

static unsigned found(const struct table *t, uint64_t hash, const struct item *item)
{
    unsigned times = 0;

    for (struct table_link *l = table_first(t, hash); l; l = table_next(l)) {
        check(l->hash == hash);
        times += l == &item->link;
    }
    return times;
}

static void grows_by_one(void)
{
    struct table t = fresh(1 << 12);
    struct seeded s = {41};
    uint32_t size = t.size;

    for (int i = 0; i < COUNT; i++) {
        items[i].hash = draw(&s);
        table_add(&t, &items[i].link, items[i].hash);
        check(t.size == size || t.size == size + 1);
        check(t.round <= t.size && t.size < 2 * t.round);
        check_equal(t.pool->live, t.size * sizeof(void *));
        size = t.size;
        for (int k = 0; k <= i; k += 1 + i / 20)
            check_equal(found(&t, items[k].hash, &items[k]), 1);
    }
    check(t.size >= COUNT - 1 && t.count == COUNT);
    arena_free(t.pool->arena);
}

static void stops_at_limit(void)
{
    struct table t = fresh(8);
    struct seeded s = {42};

    for (int i = 0; i < 200; i++) {
        items[i].hash = draw(&s);
        table_add(&t, &items[i].link, items[i].hash);
    }
    check_equal(t.size, 8);
    for (int i = 0; i < 200; i++)
        check_equal(found(&t, items[i].hash, &items[i]), 1);
    arena_free(t.pool->arena);
}

static void full_table_of_one_round(void)
{
    struct table t = fresh(32);
    struct seeded s = {44};

    for (int i = 0; i < 500; i++) {
        items[i].hash = draw(&s);
        table_add(&t, &items[i].link, items[i].hash);
    }
    check_equal(t.size, 32);
    for (int i = 0; i < 500; i++)
        check_equal(found(&t, items[i].hash, &items[i]), 1);
    arena_free(t.pool->arena);
}

static void random_operations(void)
{
    struct table t = fresh(1 << 10);
    struct seeded s = {43};
    uint32_t count = 0;

    for (int step = 0; step < 100000; step++) {
        struct item *item = &items[draw_below(&s, COUNT)];

        if (item->in) {
            table_remove(&t, &item->link);
            count--;
        } else {
            /* few hashes: many links share one; and only high bits differ in some */
            item->hash = draw_below(&s, 500) << (draw_below(&s, 2) * 50);
            table_add(&t, &item->link, item->hash);
            count++;
        }
        item->in = !item->in;
        check_equal(found(&t, item->hash, item), item->in);
        check_equal(t.count, count);
    }
    for (int i = 0; i < COUNT; i++)
        check_equal(found(&t, items[i].hash, &items[i]), items[i].in);
    arena_free(t.pool->arena);
}

static void order_does_not_depend_on_growth(void)
{
    struct table t = fresh(1 << 12);
    struct table_link *l;
    struct seeded s = {45};

    for (int i = 0; i < 10; i++)
        table_add(&t, &items[i].link, 77);
    for (int i = 10; i < COUNT; i++)
        table_add(&t, &items[i].link, draw(&s));
    l = table_first(&t, 77);
    for (int i = 9; i >= 0; i--, l = table_next(l))
        check(l == &items[i].link);
    check(!l);
    arena_free(t.pool->arena);
}

static void no_room(void)
{
    struct arena *a = arena_fresh(16 * ARENA_PAGE_BYTES);
    struct table t;

    check_equal(table_init(&t, a, 1 << 20), -ENOMEM);
    a->fail_at = 1;
    check_equal(table_init(&t, a, 16), -ENOMEM);
    arena_free(a);
}

static const struct test tests[] = {
    {"a table grows by one bucket an insertion and loses nothing", grows_by_one},
    {"a table smaller than its first size takes what it is given", stops_at_limit},
    {"a table at its limit takes more links", full_table_of_one_round},
    {"adding and removing agree with a model", random_operations},
    {"links of one hash come last in first out, whenever the table grew",
     order_does_not_depend_on_growth},
    {"a table without room says so", no_room},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
