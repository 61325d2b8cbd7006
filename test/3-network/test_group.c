/* SPDX-License-Identifier: MIT */
/* Members of groups, their merge, and what is reported of it and when: RFC 3376, RFC 3810. */
#include <errno.h>
#include <string.h>

#include "3-network/group.h"
#include "base/base_test.h"
#include "base/pool.h"

enum { SOCKETS = 4 };

static struct arena *arena;
static struct group_set gs;
static struct link_list sockets[SOCKETS];
static struct group_record records[GROUP_RECORDS];
static nanoseconds now;

static struct address group_of(uint32_t n)
{
    return address_from_ip4(0xe8000000 + n);
}

static struct group_sources these(uint32_t a, uint32_t b, uint32_t c)
{
    struct group_sources s = {0};
    const uint32_t all[] = {a, b, c};

    for (size_t i = 0; i < 3; i++)
        if (all[i])
            check_equal(group_source_add(&s, address_from_ip4(all[i]), 10), 0);
    return s;
}

static void begin(void)
{
    struct group_plan plan;

    arena = arena_fresh(UINT64_C(32) << 20);
    memset(&gs, 0, sizeof gs);
    memset(sockets, 0, sizeof sockets);
    plan = (struct group_plan){.group_pool = pool_open(arena, sizeof(struct group), 512, false),
                               .member_pool =
                                   pool_open(arena, sizeof(struct group_member), 1024, false),
                               .key = {3, 3}};
    group_init(&gs, &plan);
    now = SECOND;
}

static void end(void)
{
    check_equal(group_check(&gs), 0);
    arena_free(arena);
}

static int join(int socket, uint32_t group, enum group_filter filter, uint32_t a, uint32_t b)
{
    struct group_sources s = these(a, b, 0);

    return group_join(&gs, &sockets[socket], group_of(group), filter, &s, false, now);
}

static void change(int socket, uint32_t group, enum group_filter filter, uint32_t a, uint32_t b)
{
    struct group_sources s = these(a, b, 0);

    check_equal(
        group_change(group_member_of(&gs, &sockets[socket], group_of(group)), filter, &s, now), 0);
}

/* The one record that is due: its kind and its first two sources. */
static void reported(enum group_record_kind kind, uint32_t a, uint32_t b)
{
    struct group_sources want = these(a, b, 0);

    check_equal(group_report(&gs, records, GROUP_RECORDS, now), 1);
    check_equal(records[0].kind, kind);
    check_equal(records[0].sources ? records[0].sources->count : 0, want.count);
    for (uint32_t i = 0; i < want.count; i++)
        check(address_equal(records[0].sources->address[i], want.address[i]));
    group_forget(&gs);
    check_equal(group_check(&gs), 0);
}

static void later(void)
{
    check(gs.next != NEVER && gs.next > now && gs.next <= now + SECOND + 1);
    now = gs.next;
}

static void silent(void)
{
    check_equal(group_report(&gs, records, GROUP_RECORDS, now), 0);
    check_equal(gs.next, NEVER);
}

static void joining_is_told_twice_and_leaving_too(void)
{
    begin();
    check_equal(join(0, 1, GROUP_EXCLUDE, 0, 0), 0);
    check(group_is_heard(&gs, group_of(1)) && !group_is_heard(&gs, group_of(2)));
    reported(GROUP_TO_EXCLUDE, 0, 0);
    later();
    reported(GROUP_TO_EXCLUDE, 0, 0);
    silent();
    check_equal(join(0, 1, GROUP_EXCLUDE, 0, 0), -EADDRINUSE);
    check_equal(join(1, 1, GROUP_EXCLUDE, 0, 0), 0); /* one more changes nothing */
    silent();
    group_leave(group_member_of(&gs, &sockets[0], group_of(1)), now);
    silent();
    group_leave(group_member_of(&gs, &sockets[1], group_of(1)), now);
    check(!group_is_heard(&gs, group_of(1)));
    reported(GROUP_TO_INCLUDE, 0, 0);
    later();
    reported(GROUP_TO_INCLUDE, 0, 0);
    silent();
    check_equal(gs.count, 0);
    end();
}

static void the_merge_is_as_the_rfc_says(void)
{
    static const struct {
        enum group_filter filter[3];
        uint32_t a[3], b[3];
        enum group_filter is;
        uint32_t is_a, is_b;
    } rows[] = {
        {{GROUP_INCLUDE, GROUP_INCLUDE, GROUP_INCLUDE}, {1, 2, 2}, {0, 0, 0}, GROUP_INCLUDE, 1, 2},
        {{GROUP_EXCLUDE, GROUP_EXCLUDE, GROUP_INCLUDE}, {1, 2, 9}, {2, 3, 0}, GROUP_EXCLUDE, 2, 0},
        {{GROUP_EXCLUDE, GROUP_INCLUDE, GROUP_INCLUDE}, {1, 1, 5}, {2, 0, 0}, GROUP_EXCLUDE, 2, 0},
        {{GROUP_EXCLUDE, GROUP_EXCLUDE, GROUP_EXCLUDE}, {1, 1, 0}, {2, 2, 0}, GROUP_EXCLUDE, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin();
        for (int k = 0; k < 3; k++)
            check_equal(join(k, 1, rows[i].filter[k], rows[i].a[k], rows[i].b[k]), 0);
        reported(rows[i].is == GROUP_EXCLUDE ? GROUP_TO_EXCLUDE : GROUP_ALLOW, rows[i].is_a,
                 rows[i].is_b);
        end();
    }
}

static void changes_of_sources_are_told_alone(void)
{
    begin();
    check_equal(join(0, 1, GROUP_INCLUDE, 1, 2), 0);
    reported(GROUP_ALLOW, 1, 2);
    later();
    reported(GROUP_ALLOW, 1, 2);
    change(0, 1, GROUP_INCLUDE, 1, 3);
    check_equal(group_report(&gs, records, GROUP_RECORDS, now), 2);
    check_equal(records[0].kind, GROUP_ALLOW);
    check(address_equal(records[0].sources->address[0], address_from_ip4(3)));
    check_equal(records[1].kind, GROUP_BLOCK);
    check(address_equal(records[1].sources->address[0], address_from_ip4(2)));
    change(0, 1, GROUP_EXCLUDE, 1, 0);
    reported(GROUP_TO_EXCLUDE, 1, 0);
    later();
    reported(GROUP_TO_EXCLUDE, 1, 0);
    change(0, 1, GROUP_EXCLUDE, 1, 7);
    reported(GROUP_BLOCK, 7, 0);
    change(0, 1, GROUP_EXCLUDE, 7, 0); /* and back before the second report */
    check_equal(group_report(&gs, records, GROUP_RECORDS, now), 2);
    check_equal(records[0].kind, GROUP_ALLOW);
    check_equal(records[1].kind, GROUP_BLOCK);
    change(0, 1, GROUP_INCLUDE, 0, 0); /* that is to leave */
    reported(GROUP_TO_INCLUDE, 0, 0);
    end();
}

static void queries_are_answered_within_their_time(void)
{
    struct group_sources asked = these(1, 5, 0);

    begin();
    check_equal(join(0, 1, GROUP_EXCLUDE, 1, 0), 0);
    check_equal(join(0, 2, GROUP_INCLUDE, 5, 0), 0);
    check_equal(group_join(&gs, &sockets[0], group_of(3), GROUP_EXCLUDE, NULL, true, now), 0);
    for (int i = 0; i < 2; i++) {
        check_equal(group_report(&gs, records, GROUP_RECORDS, now = i ? gs.next : now) > 0, true);
    }
    while (gs.next != NEVER)
        (void)group_report(&gs, records, GROUP_RECORDS, now = gs.next);
    /* general */
    group_asked(&gs, address_from_ip4(0), NULL, 10 * SECOND, now);
    check(gs.next > now && gs.next <= now + 10 * SECOND + 1);
    check_equal(group_report(&gs, records, GROUP_RECORDS, gs.next - 1), 0);
    now = gs.next;
    check_equal(group_report(&gs, records, GROUP_RECORDS, now), 2); /* all-hosts never */
    check_equal(records[0].kind, GROUP_IS_EXCLUDE);
    check_equal(records[1].kind, GROUP_IS_INCLUDE);
    silent();
    /* of one group */
    group_asked(&gs, group_of(1), NULL, SECOND, now);
    now = gs.next;
    reported(GROUP_IS_EXCLUDE, 1, 0);
    silent();
    group_asked(&gs, group_of(77), NULL, SECOND, now);
    silent();
    /* of sources: those of them that are wanted */
    group_asked(&gs, group_of(1), &asked, SECOND, now);
    now = gs.next;
    reported(GROUP_IS_INCLUDE, 5, 0);
    asked = these(1, 0, 0);
    group_asked(&gs, group_of(1), &asked, SECOND, now);
    now = gs.next;
    silent();
    /* one of sources and one of the group: the group's */
    asked = these(5, 0, 0);
    group_asked(&gs, group_of(1), &asked, SECOND, now);
    group_asked(&gs, group_of(1), NULL, SECOND, now);
    now = gs.next;
    reported(GROUP_IS_EXCLUDE, 1, 0);
    end();
}

static void a_group_that_is_left_owes_no_answer(void)
{
    begin();
    check_equal(join(0, 1, GROUP_EXCLUDE, 0, 0), 0);
    reported(GROUP_TO_EXCLUDE, 0, 0);
    later();
    reported(GROUP_TO_EXCLUDE, 0, 0);
    group_asked(&gs, group_of(1), NULL, 100000 * SECOND, now);
    change(0, 1, GROUP_INCLUDE, 0, 0);
    reported(GROUP_TO_INCLUDE, 0, 0);
    later();
    reported(GROUP_TO_INCLUDE, 0, 0);
    check_equal(gs.count, 0);
    check_equal(group_deadline(&gs), NEVER);
    end();
}

static void who_wants_what(void)
{
    struct group_member *m;

    begin();
    check_equal(join(0, 1, GROUP_INCLUDE, 1, 2), 0);
    m = group_member_of(&gs, &sockets[0], group_of(1));
    check(group_member_wants(m, address_from_ip4(1)) &&
          !group_member_wants(m, address_from_ip4(3)));
    change(0, 1, GROUP_EXCLUDE, 1, 2);
    check(!group_member_wants(m, address_from_ip4(1)) &&
          group_member_wants(m, address_from_ip4(3)));
    end();
}

static void sets_of_sources_are_sets(void)
{
    struct group_sources s = {0};

    for (uint32_t i = 0; i < 10; i++)
        check_equal(group_source_add(&s, address_from_ip4((i * 7) % 10 + 1), 10), 0);
    check_equal(group_source_add(&s, address_from_ip4(3), 10), -EADDRNOTAVAIL);
    check_equal(group_source_add(&s, address_from_ip4(30), 10), -ENOBUFS);
    for (uint32_t i = 1; i < s.count; i++)
        check(s.address[i - 1].low < s.address[i].low);
    check_equal(group_source_remove(&s, address_from_ip4(3)), 0);
    check_equal(group_source_remove(&s, address_from_ip4(3)), -EADDRNOTAVAIL);
    check(!group_source_has(&s, address_from_ip4(3)) && group_source_has(&s, address_from_ip4(4)));
}

/* A set of sources that are the socket's own. */
static struct group_sources many(int socket, uint32_t count)
{
    struct group_sources s = {0};

    for (uint32_t i = 0; i < count; i++)
        check_equal(group_source_add(&s, address_from_ip4(1000 * ((uint32_t)socket + 1) + i),
                                     GROUP_SOURCES),
                    0);
    return s;
}

/* What sockets want together is more than an interface can tell of. */
static void more_sources_than_there_is_room_for_are_refused(void)
{
    struct group_sources first = many(0, 40), second = many(1, 25), third = many(1, 24);
    struct group_member *m;

    begin();
    check_equal(group_join(&gs, &sockets[0], group_of(1), GROUP_INCLUDE, &first, false, now), 0);
    check_equal(group_join(&gs, &sockets[1], group_of(1), GROUP_INCLUDE, &second, false, now),
                -ENOBUFS);
    check(!group_member_of(&gs, &sockets[1], group_of(1)));
    check_equal(group_check(&gs), 0);
    check_equal(group_join(&gs, &sockets[1], group_of(1), GROUP_INCLUDE, &third, false, now), 0);
    m = group_member_of(&gs, &sockets[1], group_of(1));
    check_equal(group_change(m, GROUP_INCLUDE, &second, now), -ENOBUFS);
    check_equal(m->sources.count, 24);                            /* as before */
    check_equal(group_change(m, GROUP_EXCLUDE, &second, now), 0); /* one set, less another */
    check_equal(group_check(&gs), 0);
    end();
}

static void a_full_table_refuses_and_loses_nothing(void)
{
    begin();
    for (uint32_t i = 0; i < GROUP_MOST; i++)
        check_equal(join(0, i, GROUP_EXCLUDE, 0, 0), 0);
    check_equal(join(1, GROUP_MOST, GROUP_EXCLUDE, 0, 0), -ENOBUFS);
    check_equal(join(1, 0, GROUP_EXCLUDE, 0, 0), 0);
    /* a report of ten records at a time tells all of them in the end, twice */
    {
        uint32_t told = 0;

        for (int i = 0; i < 1000 && gs.next != NEVER; i++) {
            now = gs.next > now ? gs.next : now;
            told += group_report(&gs, records, 10, now);
        }
        check_equal(told, GROUP_MOST * GROUP_ROBUSTNESS);
    }
    for (uint32_t i = 0; i < GROUP_MOST; i++)
        group_leave(group_member_of(&gs, &sockets[0], group_of(i)), now);
    check_equal(group_check(&gs), 0);
    end();
}

static const struct test tests[] = {
    {"RFC 3376 5.1: joining is told twice, and leaving too", joining_is_told_twice_and_leaving_too},
    {"RFC 3376 3.2: the merge of what sockets want", the_merge_is_as_the_rfc_says},
    {"RFC 3376 5.1: changes of sources are told alone", changes_of_sources_are_told_alone},
    {"RFC 3376 5.2: queries are answered within their time",
     queries_are_answered_within_their_time},
    {"a group that is left owes no answer", a_group_that_is_left_owes_no_answer},
    {"a member wants what it includes, or what it does not exclude", who_wants_what},
    {"sets of sources are sets", sets_of_sources_are_sets},
    {"more sources than there is room for are refused (RFC 3376 3.2-2, RFC 3810 4.2-2)",
     more_sources_than_there_is_room_for_are_refused},
    {"a full table refuses, and loses nothing", a_full_table_refuses_and_loses_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
