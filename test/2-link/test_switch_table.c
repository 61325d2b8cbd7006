/* SPDX-License-Identifier: MIT */
/* The stations of a switch, without a network: who is learned, moves, grows old, and goes. */
#include "2-link/switch_table.h"

#include <string.h>

#include "base/compiler.h"
#include "check.h"
#include "fake_arena.h"

static struct arena *arena;
static struct switch_table table;
static struct switch_news news;

static void begin(uint32_t stations, uint32_t port_stations, enum switch_full full)
{
    const struct switch_table_settings settings = {
        .age = 300 * SECOND, .stations = stations, .port_stations = port_stations, .full = full};
    struct siphash_key key = {1, 2};
    struct pool *pool;

    arena = fake_arena_fresh(arena, 16 << 20);
    check(arena_root_take(arena, 64));
    pool = pool_open(arena, switch_table_station_bytes(), SWITCH_STATIONS, false);
    memset(&table, 0, sizeof table);
    check(switch_table_init(&table, arena, pool, key, &settings) == 0);
}

static struct mac mac(uint32_t n)
{
    return (struct mac){
        {2, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static enum switch_heard hear(uint16_t vlan, uint32_t n, uint32_t port, nanoseconds now)
{
    struct mac m = mac(n);

    switch_table_learn(&table, vlan, &m, port, now, &news);
    check_equal(switch_table_check(&table), 0);
    return news.heard;
}

static long long where(uint16_t vlan, uint32_t n)
{
    struct mac m = mac(n);
    uint32_t port = switch_table_find(&table, vlan, &m);

    return port == SWITCH_NOWHERE ? -1 : (long long)port;
}

static void a_station_is_where_it_was_heard(void)
{
    begin(16, 16, SWITCH_FULL_OLDEST_GOES);
    check_equal(where(0, 1), -1);
    check(hear(0, 1, 3, 10) == SWITCH_LEARNED && hear(0, 2, 4, 10) == SWITCH_LEARNED);
    check_equal(where(0, 1), 3);
    check_equal(where(0, 2), 4);
    check(hear(0, 1, 3, 20) == SWITCH_KNOWN);
    check_equal(switch_table_oldest_at(&table, 3)->since, 10);
    check_equal(switch_table_oldest_at(&table, 3)->heard, 20);
}

static void a_station_moves_with_its_frames(void)
{
    begin(16, 16, SWITCH_FULL_OLDEST_GOES);
    check(hear(0, 1, 3, 10) == SWITCH_LEARNED);
    check(hear(0, 1, 5, 20) == SWITCH_MOVED);
    check_equal(news.old_port, 3);
    check_equal(where(0, 1), 5);
    check(switch_table_oldest_at(&table, 3) == NULL);
    check_equal(switch_table_oldest_at(&table, 5)->moves, 1);
    check_equal(switch_table_oldest_at(&table, 5)->since, 20);
}

/* IEEE 802.1Q: independent learning. */
static void each_vlan_learns_by_itself(void)
{
    begin(16, 16, SWITCH_FULL_OLDEST_GOES);
    check(hear(10, 1, 3, 10) == SWITCH_LEARNED && hear(20, 1, 4, 10) == SWITCH_LEARNED);
    check_equal(where(10, 1), 3);
    check_equal(where(20, 1), 4);
    check_equal(where(30, 1), -1);
}

static void the_one_silent_longest_grows_old_first(void)
{
    begin(16, 16, SWITCH_FULL_OLDEST_GOES);
    check(switch_table_deadline(&table) == NEVER);
    (void)hear(0, 1, 0, 1 * SECOND);
    (void)hear(0, 2, 0, 2 * SECOND);
    check_equal(switch_table_deadline(&table), 301 * SECOND);
    (void)hear(0, 1, 0, 3 * SECOND);
    check_equal(switch_table_deadline(&table), 302 * SECOND);
    switch_table_forget(&table, switch_table_oldest(&table));
    check_equal(where(0, 2), -1);
    check_equal(where(0, 1), 0);
    check_equal(switch_table_deadline(&table), 303 * SECOND);
    check_equal(switch_table_check(&table), 0);
}

static void in_a_full_table_the_oldest_goes(void)
{
    begin(3, 3, SWITCH_FULL_OLDEST_GOES);
    for (uint32_t n = 1; n <= 3; n++)
        (void)hear(7, n, n, n);
    (void)hear(7, 1, 1, 4);
    check(hear(7, 9, 0, 5) == SWITCH_LEARNED);
    check(news.evicted && news.evicted_vlan == 7 && news.evicted_port == 2);
    check_equal(news.evicted_mac.bytes[5], 2);
    check(where(7, 1) == 1 && where(7, 2) == -1 && where(7, 3) == 3 && where(7, 9) == 0);
}

static void or_a_full_table_learns_nothing_new(void)
{
    begin(2, 2, SWITCH_FULL_NOT_LEARNED);
    (void)hear(0, 1, 0, 1);
    (void)hear(0, 2, 0, 2);
    check(hear(0, 3, 1, 3) == SWITCH_REFUSED && !news.evicted);
    check_equal(where(0, 3), -1);
    check(hear(0, 1, 1, 4) == SWITCH_MOVED);
    check_equal(where(0, 1), 1);
}

/* security/cases.md: one port that makes up addresses cannot push out the stations of others. */
static void a_port_at_its_limit_loses_its_own_alone(void)
{
    begin(100, 10, SWITCH_FULL_OLDEST_GOES);
    (void)hear(0, 1, 0, 1);
    for (uint32_t n = 1000; n < 3000; n++)
        (void)hear(0, n, 1, n);
    check_equal(table.port[1].count, 10);
    check_equal(table.table.count, 11);
    check_equal(where(0, 1), 0);
    check_equal(where(0, 2989), -1);
    check_equal(where(0, 2990), 1);
    switch_table_limit(&table, 2, 1);
    (void)hear(0, 5, 2, 4000);
    check(hear(0, 6, 2, 4001) == SWITCH_LEARNED && news.evicted && where(0, 5) == -1);
    check(hear(0, 1, 2, 4002) == SWITCH_MOVED && news.evicted && where(0, 6) == -1);
}

static void a_pool_without_room_is_no_harm(void)
{
    begin(16, 16, SWITCH_FULL_OLDEST_GOES);
    arena->fail_at = arena->gets + 1;
    check(hear(0, 1, 0, 1) == SWITCH_REFUSED);
    check(hear(0, 1, 0, 1) == SWITCH_LEARNED);
}

static const struct test tests[] = {
    {"a station is where it was heard", a_station_is_where_it_was_heard},
    {"a station moves with its frames", a_station_moves_with_its_frames},
    {"each VLAN learns by itself", each_vlan_learns_by_itself},
    {"the station that was silent longest grows old first", the_one_silent_longest_grows_old_first},
    {"in a full table the station that was silent longest goes", in_a_full_table_the_oldest_goes},
    {"or a full table learns nothing new", or_a_full_table_learns_nothing_new},
    {"a port at its limit loses stations of its own alone",
     a_port_at_its_limit_loses_its_own_alone},
    {"a pool without room is no harm", a_pool_without_room_is_no_harm},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
