/* SPDX-License-Identifier: MIT */
/* What an interface says of its groups, and which questions it answers: RFC 3810. */
#include "3-network/ip6/ndp_bed.h"
#include "3-network/ip_group.h"

enum {
    CHAIN_BYTES = 8, /* the Hop-by-Hop Options header */
    HEADER_BYTES = CHAIN_BYTES + 8,
    RECORD_BYTES = 20,
    QUERY = 130,
    REPORT_1 = 131,
    DONE_1 = 132,
    REPORT = 143,
    IS_EXCLUDE = 2,
    TO_INCLUDE = 3,
    TO_EXCLUDE = 4
};
#define QUERIER LOCAL(9)
#define ALL_MLD2 ((struct address){UINT64_C(0xff02000000000000), 0x16})
#define GROUP ((struct address){UINT64_C(0xff05000000000000), 0x77})

static struct link_list members; /* a socket's */

static void mld_bed(void)
{
    ndp_bed();
    memset(&members, 0, sizeof members);
    host.multicast_pool = pool_open(host_arena, ip_group_interface_bytes(), 4, false);
    host.group_pool = pool_open(host_arena, ip_group_bytes(), 64, false);
    host.member_pool = pool_open(host_arena, ip_group_member_bytes(), 64, false);
    host.settings.ndp.accept_ra = 0;
}

static void mld_bed_ready(void)
{
    mld_bed();
    add(OWN);
    pass(10 * SECOND);
    seen_count = 0;
}

static struct address address_at(const uint8_t *at)
{
    struct reader r = reader_of(at, 16);
    struct address a;

    a.high = read_u64(&r);
    a.low = read_u64(&r);
    return a;
}

/* The n-th message of MLD that left, from 0, behind its Hop-by-Hop Options; `nothing`. */
static const struct seen *message(uint32_t n)
{
    for (uint32_t k = 0; k < seen_count; k++)
        if (seen[k].ip.next_header == IP6_HOP_BY_HOP && n-- == 0)
            return &seen[k];
    return &nothing;
}

static uint32_t messages(void)
{
    uint32_t count = 0;

    while (message(count) != &nothing)
        count++;
    return count;
}

/* The kind of record that a report has of a group; 0: none, or it is no report. */
static uint8_t record_of(const struct seen *s, struct address group)
{
    for (uint32_t at = HEADER_BYTES; s->options[CHAIN_BYTES] == REPORT && at < s->length;
         at += RECORD_BYTES)
        if (address_equal(address_at(s->options + at + 4), group))
            return s->options[at];
    return 0;
}

static bool told(struct address group, uint8_t kind)
{
    for (uint32_t k = 0; k < messages(); k++)
        if (record_of(message(k), group) == kind)
            return true;
    return false;
}

static void join(struct address group)
{
    const struct ip_group_wish wish = {.group = group, .interface = 2, .filter = IP_GROUP_EXCLUDE};

    check_equal(ip_group_join(&host, &members, &wish, bed.now), 0);
}

/* The fields, the addresses around them, and nothing behind. */
static void a_report_is_as_the_text_draws_it(void)
{
    static const uint8_t chain[CHAIN_BYTES] = {IP_PROTOCOL_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
    static const uint8_t record[4] = {TO_EXCLUDE, 0, 0, 0}; /* no auxiliary data, no sources */
    const struct seen *s;

    mld_bed_ready();
    join(GROUP);
    pass(2 * SECOND);
    check_equal(messages(), 2); /* once more, since reports are lost */
    s = message(0);
    check(address_equal(s->ip.source, OWN_LOCAL) && address_equal(s->ip.dest, ALL_MLD2));
    check_equal(s->ip.hop_limit, 1);
    check_equal(s->length, HEADER_BYTES + RECORD_BYTES);
    check(memcmp(s->options, chain, CHAIN_BYTES) == 0);
    check_equal(s->options[CHAIN_BYTES], REPORT);
    check_equal(
        checksum_of(s->options + CHAIN_BYTES, s->length - CHAIN_BYTES, s->ip.source, s->ip.dest),
        0);
    check_equal(u16_at(s->options + CHAIN_BYTES + 6), 1);
    check(memcmp(s->options + HEADER_BYTES, record, 4) == 0);
    check(address_equal(address_at(s->options + HEADER_BYTES + 4), GROUP));
    ip_group_leave_all(&host, &members, bed.now);
    seen_count = 0;
    pass(2 * SECOND);
    check(told(GROUP, TO_INCLUDE));
    ndp_bed_done();
}

/* The groups of its addresses, by no address as long as none is certain. */
static void the_groups_of_addresses_are_told_by_no_address_at_first(void)
{
    mld_bed();
    host.settings.ndp.optimistic_dad = 0;
    host.settings.ndp.dad_transmits = 5;
    add(OWN);
    pass(MILLISECOND);
    check(messages() > 0 && address_is_unspecified(message(0)->ip.source));
    check(told(ip6_solicited_node(OWN), TO_EXCLUDE));
    check(!told(IP6_ALL_NODES, TO_EXCLUDE)); /* of which nobody is told: 6 */
    pass(10 * SECOND);
    seen_count = 0;
    join(GROUP);
    pass(MILLISECOND);
    check(address_equal(message(0)->ip.source, OWN_LOCAL));
    ndp_bed_done();
}

/* Two addresses of one group, which is left with the second. */
static void a_group_is_left_with_its_last_address(void)
{
    const struct address one = GLOBAL(7), other = FAR(7);

    mld_bed_ready();
    add(one);
    add(other);
    pass(3 * SECOND);
    seen_count = 0;
    check_equal(ip_address_remove(&host, 1, one, bed.now), 0);
    pass(3 * SECOND);
    check(!told(ip6_solicited_node(one), TO_INCLUDE));
    check_equal(ip_address_remove(&host, 1, other, bed.now), 0);
    pass(3 * SECOND);
    check(told(ip6_solicited_node(one), TO_INCLUDE));
    ndp_bed_done();
}

/* What a querier asks: the zeroes stand for what is right. */
struct asking {
    struct address source, dest, group;
    uint8_t hop_limit, type; /* 0: 1, and a query */
    uint32_t length;         /* 0: 28 */
    bool bad_checksum, no_alert;
};

static void query(const struct asking *a)
{
    uint8_t frame[FRAME_MOST] = {0}, body[100] = {0};
    uint32_t length = a->length ? a->length : 28, before = a->no_alert ? 0 : CHAIN_BYTES;
    const struct ip6_header ip = {.source = a->source,
                                  .dest = a->dest,
                                  .payload_length = (uint16_t)(before + length),
                                  .next_header = a->no_alert ? IP_PROTOCOL_ICMPV6 : IP6_HOP_BY_HOP,
                                  .hop_limit = a->hop_limit ? a->hop_limit : 1};
    struct writer w = writer_of(frame, sizeof frame);
    struct mac to = own_mac;

    body[0] = a->type ? a->type : QUERY;
    u16_put(body + 4, 1000); /* within a second */
    for (uint32_t k = 0; k < 8; k++) {
        body[8 + k] = (uint8_t)(a->group.high >> (56 - 8 * k));
        body[16 + k] = (uint8_t)(a->group.low >> (56 - 8 * k));
    }
    memset(body + 28, 0xee, sizeof body - 28); /* what is behind it, if it is longer */
    u16_put(body + 2, checksum_of(body, length, a->source, a->dest));
    body[3] ^= a->bad_checksum;
    (void)ethernet_group(a->dest, &to);
    ethernet_header_write(&w, &to, &peer_mac, ETHERTYPE_IP6);
    ip6_header_write(&w, &ip);
    write_copy(&w, (const uint8_t[]){IP_PROTOCOL_ICMPV6, 0, 5, 2, 0, 0, 1, 0}, before);
    write_copy(&w, body, length);
    check(!w.failed);
    put(frame, (uint32_t)(w.at - frame));
}

/* 5.1.12, 5.1.14, 5.1.15, 6.2, 8.1: each as good as the others but for one thing. */
static void a_query_is_answered_if_it_is_valid(void)
{
    const struct {
        struct asking asking;
        bool answered;
    } rows[] = {
        {{.source = QUERIER, .dest = IP6_ALL_NODES}, true},
        {{.source = QUERIER, .dest = GROUP, .group = GROUP}, true},
        {{.source = QUERIER, .dest = OWN, .group = GROUP}, true}, /* to any address of ours */
        {{.source = QUERIER, .dest = OWN_LOCAL, .group = GROUP}, true},
        {{.source = QUERIER, .dest = OWN}, true},
        {{.source = QUERIER, .dest = GROUP}, true},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .length = 40}, true}, /* more behind it */
        {{.source = NOBODY, .dest = IP6_ALL_NODES}, false},
        {{.source = GLOBAL(9), .dest = IP6_ALL_NODES}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .hop_limit = 2}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .no_alert = true}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .bad_checksum = true}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .length = 40, .bad_checksum = true}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .length = 26}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .length = 23}, false},
        {{.source = QUERIER, .dest = IP6_ALL_NODES, .type = 200}, false},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        mld_bed_ready();
        join(GROUP);
        pass(3 * SECOND);
        seen_count = 0;
        query(&rows[k].asking);
        check_equal(seen_count, 0); /* never at once */
        pass(2 * SECOND);
        if (told(GROUP, IS_EXCLUDE) != rows[k].answered || messages() != rows[k].answered)
            test_fail(__FILE__, __LINE__, "row %zu", k);
        ndp_bed_done();
    }
}

/* 8.2.1: of the interface that it came by, for a while. */
static void an_older_querier_is_answered_in_its_words(void)
{
    const struct asking old = {.source = QUERIER, .dest = IP6_ALL_NODES, .length = 24};

    mld_bed_ready();
    join(GROUP);
    pass(3 * SECOND);
    seen_count = 0;
    query(&old);
    pass(2 * SECOND);
    check(messages() >= 1 && !told(GROUP, IS_EXCLUDE));
    for (uint32_t k = 0; k < messages(); k++)
        check_equal(message(k)->options[CHAIN_BYTES], REPORT_1);
    seen_count = 0;
    ip_group_leave_all(&host, &members, bed.now);
    pass(2 * SECOND);
    check_equal(message(0)->options[CHAIN_BYTES], DONE_1);
    pass(300 * SECOND); /* 9.12: two intervals, and an answer's time */
    seen_count = 0;
    join(GROUP);
    pass(2 * SECOND);
    check(told(GROUP, TO_EXCLUDE));
    ndp_bed_done();
}

/* 4861 6.2.2: a router, where it advertises. */
static void an_advertising_router_is_of_all_routers(void)
{
    struct ip_advertise_plan plan = {.least_interval_s = 200, .most_interval_s = 600};

    for (uint32_t is_router = 0; is_router < 2; is_router++) {
        mld_bed();
        host.settings.forwarding[IP_FAMILY_6] = is_router;
        add(OWN);
        pass(5 * SECOND);
        check(!told(IP6_ALL_ROUTERS, TO_EXCLUDE));
        plan.off = 0;
        check_equal(ip_interface_advertise(&host, 1, &plan, bed.now), 0);
        check_equal(ip_interface_advertise(&host, 1, &plan, bed.now), 0);
        pass(5 * SECOND);
        check_equal(told(IP6_ALL_ROUTERS, TO_EXCLUDE), is_router);
        check_equal(ip6_is_heard(&interfaces[1], IP6_ALL_ROUTERS), is_router);
        plan.off = 1;
        check_equal(ip_interface_advertise(&host, 1, &plan, bed.now), 0);
        pass(5 * SECOND);
        check_equal(told(IP6_ALL_ROUTERS, TO_INCLUDE), is_router);
        ndp_bed_done();
    }
}

static const struct test tests[] = {
    {"a report is as the text draws it (RFC 3810 5-1, 5.2.10-1 to 2, 5.2.11-3, 5.2.13-1)",
     a_report_is_as_the_text_draws_it},
    {"the groups of addresses are told, by no address at first (RFC 3810 5.2.13-1, RFC 4862 "
     "5.4.2-1)",
     the_groups_of_addresses_are_told_by_no_address_at_first},
    {"a group is left with its last address (RFC 4861 7.2.1-3)",
     a_group_is_left_with_its_last_address},
    {"a query is answered if it is valid (RFC 3810 5-2, 5.1.2-1, 5.1.12-1 to 2, 5.1.14-2, "
     "5.1.15-1, "
     "6.3-1 to 2, 8.1-1)",
     a_query_is_answered_if_it_is_valid},
    {"an older querier is answered in its words (RFC 3810 8.2.1-1 to 2, 9.12-1)",
     an_older_querier_is_answered_in_its_words},
    {"an advertising router is of all routers (RFC 4861 6.2.2-2)",
     an_advertising_router_is_of_all_routers},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
