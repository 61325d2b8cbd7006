/* SPDX-License-Identifier: MIT */
/* What an interface says of its groups, and which questions it answers: RFC 3376. */
#include "3-network/ip4/igmp.h"
#include "3-network/ip_group.h"
#include "3-network/ip_keeper.h"

#define ALL_HOSTS 0xe0000001u
#define ALL_ROUTERS 0xe0000002u
#define ALL_IGMP3 0xe0000016u
#define GROUP 0xef010203u

enum {
    QUERY = 0x11,
    REPORT_1 = 0x12,
    REPORT_2 = 0x16,
    LEAVE_2 = 0x17,
    REPORT_3 = 0x22,
    IS_EXCLUDE = 2,
    TO_INCLUDE = 3,
    TO_EXCLUDE = 4
};

static struct link_list members; /* a socket's */
static struct datagram d;
static struct ip4_header h;

static void igmp_bed(void)
{
    keeper_bed();
    memset(&members, 0, sizeof members);
    host.multicast_pool = pool_open(host_arena, ip_group_interface_bytes(), 4, false);
    host.group_pool = pool_open(host_arena, ip_group_bytes(), 64, false);
    host.member_pool = pool_open(host_arena, ip_group_member_bytes(), 64, false);
}

static void join_by(uint32_t interface)
{
    const struct ip_group_wish wish = {
        .group = ip4_of(GROUP), .interface = (uint16_t)(interface + 1), .filter = IP_GROUP_EXCLUDE};

    check_equal(ip_group_join(&host, &members, &wish, bed.now), 0);
}

static void pass(nanoseconds time)
{
    run_until(bed.now + time);
}

static const uint8_t *message(void)
{
    return d.bytes + h.header_bytes;
}

/* The next message, of one record if it is of version 3: its type << 8 | the record's kind; 0: none
 * left. */
static uint32_t said_by(uint32_t interface)
{
    if (!left_by(interface, &d, &h))
        return 0;
    check_equal(h.protocol, IP_PROTOCOL_IGMP);
    check_equal(h.ttl, 1);
    check_equal(checksum_finish(checksum_add(0, message(), d.length - h.header_bytes)), 0);
    if (message()[0] != REPORT_3) {
        check_equal(u32_at(message() + 4), GROUP);
        return (uint32_t)message()[0] << 8;
    }
    check_equal(u16_at(message() + 6), 1);
    check_equal(u32_at(message() + 12), GROUP);
    return REPORT_3 << 8 | message()[8];
}

static void a_report_is_as_the_text_draws_it(void)
{
    static const uint8_t alert[4] = {0x94, 4, 0, 0}, record[4] = {TO_EXCLUDE, 0, 0, 0};

    igmp_bed();
    join_by(1);
    pass(2 * SECOND);
    check_equal(said_by(1), REPORT_3 << 8 | TO_EXCLUDE);
    check(h.source == HOST && h.dest == ALL_IGMP3);
    check_equal(d.length, 24 + 8 + 8); /* nothing behind the record, and none beside it */
    check_equal(d.bytes[1], 0xc0);
    check(memcmp(d.bytes + 20, alert, 4) == 0);
    check(memcmp(message() + 8, record, 4) == 0);
    check_equal(said_by(1), REPORT_3 << 8 | TO_EXCLUDE); /* once more, since reports are lost */
    check(nothing_left());
    ip_group_leave_all(&host, &members, bed.now);
    pass(2 * SECOND);
    check_equal(said_by(1), REPORT_3 << 8 | TO_INCLUDE);
    ip_bed_done();
}

/* A query of `length` bytes: 8 for the older ones. */
struct asking {
    uint32_t dest, group;
    uint8_t ttl, type, code; /* 0: 1, a query, a second */
    uint32_t length;         /* 0: 12 */
    bool bad_checksum;
};

static void query(uint32_t interface, const struct asking *a, uint8_t code)
{
    uint8_t bytes[40] = {0};
    uint32_t length = a->length ? a->length : 12;
    struct ip4_header ip = header_for(PEER, a->dest, IP_PROTOCOL_IGMP);

    memset(bytes + 12, 0xee, sizeof bytes - 12); /* what is behind it, if it is longer */
    bytes[0] = a->type ? a->type : QUERY;
    bytes[1] = code;
    u32_put(bytes + 4, a->group);
    u16_put(bytes + 2, checksum_finish(checksum_add(0, bytes, length)));
    bytes[3] ^= a->bad_checksum;
    ip.ttl = a->ttl ? a->ttl : 1;
    datagram_make(&d, ip, bytes, length);
    inject_on(interface, d.bytes, d.length);
}

/* 4.1.10, 4.1.12, 7.1, 9.1: each as good as the others but for one thing. */
static void a_query_is_answered_if_it_is_valid(void)
{
    static const struct {
        struct asking asking;
        bool answered;
    } rows[] = {
        {{.dest = ALL_HOSTS}, true},
        {{.dest = GROUP, .group = GROUP}, true},
        {{.dest = HOST, .group = GROUP}, true}, /* to any address of ours */
        {{.dest = HOST}, true},
        {{.dest = ALL_HOSTS, .length = 30}, true}, /* more behind it */
        {{.dest = GROUP}, false},                  /* a general one is for all */
        {{.dest = ALL_HOSTS, .ttl = 2}, false},
        {{.dest = ALL_HOSTS, .bad_checksum = true}, false},
        {{.dest = ALL_HOSTS, .length = 30, .bad_checksum = true}, false},
        {{.dest = ALL_HOSTS, .length = 10}, false},
        {{.dest = ALL_HOSTS, .length = 7}, false},
        {{.dest = ALL_HOSTS, .type = 0x99}, false},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint32_t said;

        igmp_bed();
        join_by(1);
        pass(3 * SECOND);
        while (said_by(1))
            ;
        query(1, &rows[k].asking, 10);
        check(nothing_left()); /* never at once */
        pass(2 * SECOND);
        said = said_by(1);
        if (said != (rows[k].answered ? REPORT_3 << 8 | IS_EXCLUDE : 0) || !nothing_left())
            test_fail(__FILE__, __LINE__, "row %zu", k);
        ip_bed_done();
    }
}

/* 7.2.1: each interface for itself, and for a while. */
static void an_older_querier_is_answered_in_its_words(void)
{
    static const struct asking old = {.dest = ALL_HOSTS, .length = 8};

    for (uint32_t version = 1; version <= 2; version++) {
        igmp_bed();
        query(1, &old, version == 1 ? 0 : 10);
        join_by(1);
        pass(MILLISECOND);
        check_equal(said_by(1), (version == 1 ? REPORT_1 : REPORT_2) << 8);
        check(h.dest == GROUP);
        join_by(2);
        pass(MILLISECOND);
        check_equal(said_by(2), REPORT_3 << 8 | TO_EXCLUDE);
        pass(5 * SECOND);
        while (said_by(1) || said_by(2))
            ;
        ip_group_leave_all(&host, &members, bed.now);
        pass(MILLISECOND);
        check_equal(said_by(1), version == 1 ? 0 : LEAVE_2 << 8);
        check(version == 1 || h.dest == ALL_ROUTERS);
        pass(300 * SECOND); /* 8.12: two intervals, and an answer's time */
        while (said_by(1) || said_by(2))
            ;
        join_by(1);
        pass(MILLISECOND);
        check_equal(said_by(1), REPORT_3 << 8 | TO_EXCLUDE);
        ip_bed_done();
    }
}

static const struct test tests[] = {
    {"a report is as the text draws it (RFC 3376 4.2.10-1 to 2, 4.2.11-3)",
     a_report_is_as_the_text_draws_it},
    {"a query is answered if it is valid (RFC 3376 4-2, 4.1.2-1, 4.1.10-1 to 2, 4.1.12-1, 5.2-1 to "
     "2, 7.1-1)",
     a_query_is_answered_if_it_is_valid},
    {"an older querier is answered in its words (RFC 3376 4-1, 7.2.1-1 to 2, 8.12-1)",
     an_older_querier_is_answered_in_its_words},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
