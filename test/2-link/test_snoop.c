/* SPDX-License-Identifier: MIT */
/* The groups of a switch, without a network: who listens, who asks, and when it is forgotten. */
#include "2-link/snoop.h"

#include <string.h>

#include "base/compiler.h"
#include "check.h"
#include "fake_arena.h"

static struct arena *arena;
static struct snoop snoop;
static struct snoop_ports ports;
static const struct address one = {0, UINT64_C(0xffffe8000001)},
                            two = {0, UINT64_C(0xffffe8000002)};

static void begin(uint32_t entries)
{
    const struct snoop_settings settings = {.age = SNOOP_AGE, .entries = entries};
    struct siphash_key key = {1, 2};
    struct pool *pool;

    arena = fake_arena_fresh(arena, 16 << 20);
    check(arena_root_take(arena, 64));
    pool = pool_open(arena, snoop_entry_bytes(), SNOOP_ENTRIES, false);
    memset(&snoop, 0, sizeof snoop);
    check(snoop_init(&snoop, arena, pool, key, &settings) == 0);
}

static enum snoop_heard join(uint16_t vlan, struct address group, uint32_t port, nanoseconds now)
{
    enum snoop_heard heard = snoop_join(&snoop, vlan, group, port, now);

    check_equal(snoop_check(&snoop), 0);
    return heard;
}

static void query(uint32_t port, bool routes, nanoseconds now)
{
    const struct snoop_router r = {
        .port = port, .asks = true, .routes = routes, .leads = routes, .within = 10 * SECOND};

    (void)snoop_router(&snoop, &r, now);
    check_equal(snoop_check(&snoop), 0);
}

static unsigned long long listeners(uint16_t vlan, struct address group)
{
    memset(&ports, 0, sizeof ports);
    snoop_listeners(&snoop, vlan, group, &ports);
    return ports.bit[0];
}

/* What has ended by now, is gone. */
static void pass(nanoseconds now)
{
    while (snoop_deadline(&snoop) <= now)
        snoop_forget(&snoop, snoop_first(&snoop));
    check_equal(snoop_check(&snoop), 0);
}

static void each_port_and_vlan_listens_by_itself(void)
{
    begin(16);
    check(join(0, one, 3, 10) == SNOOP_LEARNED && join(0, one, 5, 10) == SNOOP_LEARNED);
    check(join(7, one, 6, 10) == SNOOP_LEARNED && join(0, two, 1, 10) == SNOOP_LEARNED);
    check(join(0, one, 3, 20) == SNOOP_KNOWN);
    check_equal(listeners(0, one), 1 << 3 | 1 << 5);
    check_equal(listeners(7, one), 1 << 6);
    check_equal(listeners(7, two), 0);
}

static void a_report_renews_and_silence_ends(void)
{
    begin(16);
    (void)join(0, one, 3, 0);
    (void)join(0, one, 5, 0);
    (void)join(0, one, 3, 100 * SECOND);
    pass(SNOOP_AGE - 1);
    check_equal(listeners(0, one), 1 << 3 | 1 << 5);
    pass(SNOOP_AGE);
    check_equal(listeners(0, one), 1 << 3);
    check_equal(snoop_deadline(&snoop), 100 * SECOND + SNOOP_AGE);
    pass(100 * SECOND + SNOOP_AGE);
    check_equal(listeners(0, one), 0);
    check(snoop_deadline(&snoop) == NEVER);
}

static void who_does_not_answer_a_query_for_its_group_is_gone(void)
{
    begin(16);
    (void)join(0, one, 3, 0);
    (void)join(0, one, 5, 0);
    (void)join(0, two, 5, 0);
    snoop_ask(&snoop, 0, one, 2 * SECOND);
    check_equal(snoop_check(&snoop), 0);
    (void)join(0, one, 5, SECOND);
    pass(2 * SECOND);
    check_equal(listeners(0, one), 1 << 5);
    check_equal(listeners(0, two), 1 << 5);
    snoop_ask(&snoop, 0, one, 1000 * SECOND); /* makes nothing longer */
    check_equal(snoop_find(&snoop, 0, one, 5)->until, SECOND + SNOOP_AGE);
}

static void who_leaves_is_asked_for_again_before_it_is_gone(void)
{
    struct snoop_entry *e;

    begin(16);
    (void)join(0, one, 3, 0);
    e = snoop_find(&snoop, 0, one, 3);
    snoop_leave(&snoop, e, SECOND, 1);
    check(snoop_first(&snoop) == e && snoop_deadline(&snoop) == SECOND && e->again == 1);
    snoop_extend(&snoop, e, 2 * SECOND);
    check(snoop_deadline(&snoop) == 2 * SECOND && e->again == 0);
    snoop_leave(&snoop, e, 3 * SECOND, 1);
    (void)join(0, one, 3, SECOND); /* somebody else listens there */
    check(e->again == 0 && e->until == SECOND + SNOOP_AGE);
}

static void without_a_querier_and_its_first_answers_all_goes_to_all(void)
{
    begin(16);
    (void)join(0, one, 3, 0);
    check(!snoop_is_active(&snoop, 0, false, SECOND));
    query(8, true, SECOND);
    check(!snoop_is_active(&snoop, 0, false, 11 * SECOND - 1));
    check(snoop_is_active(&snoop, 0, false, 11 * SECOND));
    check(!snoop_is_active(&snoop, 0, true, 11 * SECOND));
    check(!snoop_is_active(&snoop, 7, false, 11 * SECOND));
    query(8, true, 100 * SECOND); /* goes on, and does not begin again */
    check(snoop_is_active(&snoop, 0, false, 100 * SECOND));
    pass(100 * SECOND + SNOOP_QUERIER_AGE);
    check(!snoop_is_active(&snoop, 0, false, 100 * SECOND + SNOOP_QUERIER_AGE));
}

static void a_querier_without_address_is_no_router(void)
{
    begin(16);
    query(8, false, 0);
    memset(&ports, 0, sizeof ports);
    snoop_routers(&snoop, 0, false, &ports);
    check(ports.bit[0] == 0 && !snoop_is_led(&snoop, 0, false));
    query(9, true, 0);
    snoop_routers(&snoop, 0, false, &ports);
    check(ports.bit[0] == 1 << 9 && snoop_is_led(&snoop, 0, false));
    query(SNOOP_SELF, false, 0);
    check(snoop_at_port(&snoop, SNOOP_SELF) != NULL);
    snoop_routers(&snoop, 0, false, &ports);
    check(ports.bit[0] == 1 << 9);
}

static void a_full_table_is_told_and_everything_goes_to_all(void)
{
    begin(3);
    query(8, true, 0);
    check(join(0, one, 1, 0) == SNOOP_LEARNED && join(0, two, 1, 0) == SNOOP_LEARNED);
    check(snoop_is_active(&snoop, 0, false, 20 * SECOND));
    check(join(0, one, 2, 20 * SECOND) == SNOOP_REFUSED);
    check_equal(snoop.refused, 1);
    check(!snoop_is_active(&snoop, 0, false, 20 * SECOND));
    query(8, true, 20 * SECOND + SNOOP_AGE);
    check(snoop_is_active(&snoop, 0, false, 20 * SECOND + SNOOP_AGE));
}

/* Any order of ends: the lists stay sorted, and each entry is found by its port. */
static void ends_come_in_their_order(void)
{
    uint32_t state = 12345;
    nanoseconds now = 0, last = 0;

    begin(SNOOP_ENTRIES);
    for (int i = 0; i < 3000; i++) {
        struct address g = {0, UINT64_C(0xffffe8000000) + (state >> 16) % 40};

        state = (uint32_t)(state * UINT64_C(1103515245) + 12345);
        now += (state >> 20) % 1000 * MILLISECOND;
        if (state & 0x8000)
            snoop_ask(&snoop, 0, g, now + (state >> 12) % 20 * SECOND);
        else
            (void)snoop_join(&snoop, 0, g, (state >> 8) % 8, now);
        if (i % 50 == 0)
            pass(now);
    }
    check_equal(snoop_check(&snoop), 0);
    while (snoop_first(&snoop)) {
        check(snoop_deadline(&snoop) >= last);
        last = snoop_deadline(&snoop);
        snoop_forget(&snoop, snoop_first(&snoop));
    }
    check_equal(snoop_check(&snoop), 0);
}

static const struct test tests[] = {
    {"each port and VLAN listens by itself", each_port_and_vlan_listens_by_itself},
    {"a report renews and silence ends", a_report_renews_and_silence_ends},
    {"who does not answer a query for its group is gone",
     who_does_not_answer_a_query_for_its_group_is_gone},
    {"who leaves is asked for again before it is gone",
     who_leaves_is_asked_for_again_before_it_is_gone},
    {"without a querier and its first answers all goes to all",
     without_a_querier_and_its_first_answers_all_goes_to_all},
    {"a querier without address is no router", a_querier_without_address_is_no_router},
    {"a full table is told and everything goes to all",
     a_full_table_is_told_and_everything_goes_to_all},
    {"ends come in their order", ends_come_in_their_order},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
