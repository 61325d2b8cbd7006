/* SPDX-License-Identifier: MIT */
/* The trie beside a list of routes in which everything is looked for one by one. */
#include "3-network/route_table.h"

#include <string.h>

#include "base/base_test.h"
#include "base/pool.h"

enum { LIMIT = 600, ARENA_BYTES = 16 << 20 };

static struct arena *arena;
static struct route_table table;
static struct route *model[LIMIT]; /* as they came */
static uint32_t count;
static struct seeded chance = {17};

static uint32_t below(uint32_t n)
{
    return (uint32_t)draw_below(&chance, n);
}

static void open_table(uint32_t limit)
{
    arena = arena_fresh(ARENA_BYTES);
    memset(&table, 0, sizeof table);
    memset(model, 0, sizeof model);
    count = 0;
    route_table_init(&table, pool_open(arena, sizeof(struct route), limit, false),
                     pool_open(arena, sizeof(struct route_node), route_table_nodes(limit), false),
                     limit);
}

static struct address a_of(uint64_t high, uint64_t low)
{
    return (struct address){high, low};
}

/* RFC 1122 3.3.1 word by word: of those that cover it, the longest; then the preferred. */
static uint32_t metric_of(const struct route *r)
{
    return route_metric(r->metric, r->dest, r->gateway, (enum origin)r->origin);
}

static const struct route *model_find(struct address a)
{
    const struct route *best = NULL;

    for (uint32_t i = 0; i < count; i++) {
        const struct route *r = model[i];

        if (!address_matches(a, r->dest, r->bits) || (best && r->bits < best->bits))
            continue;
        if (!best || r->bits > best->bits || metric_of(r) < metric_of(best) ||
            (metric_of(r) == metric_of(best) && r->preference < best->preference))
            best = r;
    }
    return best;
}

static void compare(struct address a)
{
    const struct route_node *n = route_table_covering(&table, a);

    check((n ? n->route : NULL) == model_find(a));
    for (; n; n = route_table_wider(n))
        check(n->route && address_matches(a, n->prefix, n->bits));
}

static struct route *add(const struct route_plan *plan)
{
    struct route *r = route_table_same(&table, plan);

    if (r)
        return NULL;
    r = route_table_add(&table, plan, 5);
    check_equal(route_table_check(&table), 0);
    if (r)
        model[count++] = r;
    return r;
}

static void take(uint32_t i)
{
    route_table_remove(&table, model[i]);
    count--;
    memmove(&model[i], &model[i + 1], (count - i) * sizeof *model);
    check_equal(route_table_check(&table), 0);
}

static struct route_plan plan_of(struct address dest, uint32_t bits)
{
    return (struct route_plan){
        .dest = dest, .bits = bits, .interface = 1, .preference = ROUTE_MEDIUM, .expires = NEVER};
}

/* Every set of prefixes of four bits, at both ends of the 128 and across the middle. */
static void every_small_table_finds_what_the_list_finds(void)
{
    static const uint32_t at[] = {0, 62, 124};

    for (uint32_t place = 0; place < 3; place++) {
        open_table(LIMIT);
        for (uint32_t turn = 0; turn < 3000; turn++) {
            uint32_t depth = below(5), value = below(16), shift = 124 - at[place];
            struct address dest = shift >= 64
                                      ? a_of((uint64_t)value << (shift - 64), 0)
                                      : a_of(shift > 60 ? (uint64_t)value >> (64 - shift) : 0,
                                             (uint64_t)value << shift);
            struct route_plan plan = plan_of(dest, at[place] + depth);

            plan.interface = (uint16_t)below(3);
            plan.metric = below(3);
            if (count > 0 && below(2))
                take(below(count));
            else
                add(&plan);
            for (uint32_t k = 0; k < 16; k++)
                compare(shift >= 64 ? a_of((uint64_t)k << (shift - 64), 7)
                                    : a_of(shift > 60 ? (uint64_t)k >> (64 - shift) : 0,
                                           (uint64_t)k << shift));
        }
        arena_free(arena);
    }
}

static struct address any(void)
{
    static const uint64_t heads[] = {0, UINT64_C(0xfd00000000000000), UINT64_C(0x20010db800000000),
                                     UINT64_MAX};
    struct address a = {heads[below(4)], 0};

    a.high ^= (uint64_t)below(4) << below(61);
    a.low = below(2) ? UINT64_C(0xffff0a000000) + below(65536)
                     : (uint64_t)below(UINT32_MAX) << below(33);
    return a;
}

static void a_large_table_finds_what_the_list_finds(void)
{
    open_table(LIMIT);
    for (uint32_t turn = 0; turn < 8000; turn++) {
        struct route_plan plan = plan_of(any(), below(129));

        plan.interface = (uint16_t)below(4);
        plan.metric = below(3);
        plan.preference = (uint8_t)below(3);
        plan.gateway = below(2) ? a_of(0, 0) : a_of(0, below(3));
        if (count > 0 && below(100) < (turn < 4000 ? 20U : 70U))
            take(below(count));
        else
            add(&plan);
        for (uint32_t k = 0; k < 8; k++)
            compare(any());
        if (count > 0)
            compare(model[below(count)]->dest);
    }
    while (count > 0)
        take(count - 1);
    check(!table.root);
    check_equal(pool_count(table.nodes), 0);
    check_equal(pool_count(table.routes), 0);
    arena_free(arena);
}

static void all_routes_are_walked_once_each_before_those_within_it(void)
{
    const struct route *before = NULL;
    uint32_t seen = 0;

    open_table(LIMIT);
    check(!route_table_next(&table, NULL));
    for (uint32_t i = 0; i < 400; i++) {
        struct route_plan plan = plan_of(any(), below(129));

        plan.metric = below(3);
        plan.interface = (uint16_t)below(9);
        add(&plan);
    }
    for (const struct route *r = route_table_next(&table, NULL); r;
         r = route_table_next(&table, r)) {
        if (before) {
            check(r->dest.high >= before->dest.high);
            check(r->dest.high > before->dest.high || r->dest.low >= before->dest.low);
            check(!address_equal(r->dest, before->dest) || r->bits >= before->bits);
        }
        before = r;
        seen++;
    }
    check_equal(seen, count);
    arena_free(arena);
}

static void the_preferred_of_a_prefix_stands_first(void)
{
    struct route_plan plan = plan_of(a_of(0, UINT64_C(0xffff0a000000)), 104);
    struct route *first, *low, *high, *cheap;

    open_table(LIMIT);
    first = add(&plan);
    plan.interface = 2;
    plan.preference = ROUTE_LOW;
    low = add(&plan);
    plan.interface = 3;
    plan.preference = ROUTE_HIGH;
    high = add(&plan);
    check(!add(&plan)); /* the same way */
    plan.interface = 4;
    plan.preference = ROUTE_MEDIUM;
    check(add(&plan));
    check(table.root->route == high && high->next == first && first->next->next == low);
    plan.interface = 5;
    plan.metric = 1;
    plan.preference = ROUTE_HIGH;
    check(add(&plan) && low->next->interface == 5);
    plan.interface = 6;
    plan.metric = 0;
    cheap = add(&plan);
    check(high->next == cheap);
    arena_free(arena);
}

static void a_route_of_ipv6_without_a_metric_has_that_of_linux(void)
{
    struct route_plan plan = plan_of(a_of(UINT64_C(0xfd00) << 48, 0), 64);
    const struct {
        uint32_t metric;
        enum origin origin;
        uint16_t first; /* the interface of the one that is taken then; its own is its place + 1 */
    } rows[] = {{0, ORIGIN_CONFIGURED, 1}, {1025, ORIGIN_CALL, 1}, {1023, ORIGIN_CALL, 3},
                {0, ORIGIN_KERNEL, 4},     {257, ORIGIN_CALL, 4},  {255, ORIGIN_CALL, 6}};

    open_table(LIMIT);
    for (uint16_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plan.interface = i + 1;
        plan.metric = rows[i].metric;
        plan.origin = (uint8_t)rows[i].origin;
        check(add(&plan) && table.root->route->interface == rows[i].first);
    }
    arena_free(arena);
}

static void a_full_table_stays_as_it_is(void)
{
    struct route_plan plan;

    open_table(9);
    for (uint32_t i = 0; i < 9; i++) {
        plan = plan_of(a_of((uint64_t)i << 60, 0), 64 + i);
        check(add(&plan));
    }
    plan = plan_of(a_of(UINT64_MAX, 0), 128);
    check(!add(&plan));
    check_equal(table.count, 9);
    take(4);
    check(add(&plan));
    arena_free(arena);
}

/* A node that cannot be had, or the one that would part it from another. */
static void no_memory_changes_nothing(void)
{
    struct route_plan plan;

    for (uint64_t n = 1; n <= 3; n++) {
        open_table(LIMIT);
        plan = plan_of(a_of(0, 0), 64);
        check(add(&plan));
        plan = plan_of(a_of(1, 0), 64);
        arena->fail_at = arena->gets + n;
        check(!add(&plan));
        arena->fail_at = 0;
        check_equal(pool_count(table.nodes), 1);
        check_equal(pool_count(table.routes), 1);
        check(add(&plan));
        arena_free(arena);
    }
}

static void routes_end_in_time(void)
{
    static const nanoseconds ends[] = {300, 100, NEVER, 200, 100};
    struct route *r;

    open_table(LIMIT);
    check_equal(route_table_deadline(&table), NEVER);
    for (uint32_t i = 0; i < 5; i++) {
        struct route_plan plan = plan_of(a_of(i, 0), 64);

        plan.expires = ends[i];
        check(add(&plan));
    }
    check_equal(route_table_deadline(&table), 100);
    check(!route_table_ended(&table, 99));
    route_table_prolong(&table, model[1], 250);
    for (uint32_t i = 0; (r = route_table_ended(&table, 200)); i++) {
        check(i < 2 && (r == model[4] || r == model[3]));
        route_table_remove(&table, r);
        check_equal(route_table_check(&table), 0);
    }
    check_equal(table.count, 3);
    check_equal(route_table_deadline(&table), 250);
    route_table_prolong(&table, model[1], NEVER);
    check_equal(route_table_ended(&table, 299) == NULL, 1);
    check_equal(route_table_deadline(&table), 300);
    r = route_table_ended(&table, 300);
    check(r == model[0]);
    route_table_remove(&table, r);
    check_equal(route_table_deadline(&table), NEVER);
    arena_free(arena);
}

static const struct test tests[] = {
    {"every small table finds what the list finds", every_small_table_finds_what_the_list_finds},
    {"a large table finds what the list finds", a_large_table_finds_what_the_list_finds},
    {"all routes are walked once, each before those within it",
     all_routes_are_walked_once_each_before_those_within_it},
    {"the preferred of a prefix stands first", the_preferred_of_a_prefix_stands_first},
    {"a route of IPv6 without a metric has that of Linux",
     a_route_of_ipv6_without_a_metric_has_that_of_linux},
    {"a full table stays as it is", a_full_table_stays_as_it_is},
    {"without memory nothing changes", no_memory_changes_nothing},
    {"routes end in time", routes_end_in_time},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
