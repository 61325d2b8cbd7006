/* SPDX-License-Identifier: MIT */
/* A router of IPv6 as its neighbours see it. What both families have, test_forward.c looks at. */
#include "3-network/ip6_bed.h"
#include "base/integer.h"

#define EAST IP6(0xfd01000000000000, 0x42) /* on the wire of interface 2 */
#define WEST IP6(0xfd00000000000000, 0x42) /* on the wire of interface 1 */
#define NOWHERE IP6(0x2001000000000000, 0x42)

static struct datagram in, out;
static struct ip6_header h, seen;
static uint8_t payload[4000];

static void router_bed(void)
{
    ip6_bed();
    host.settings.forwarding[1] = 1;
    for (uint32_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 11 + i / 256);
    h = header6_for(WEST, EAST, IP_PROTOCOL_UDP);
    h.flow_label = 0xabcde;
    h.traffic_class = 0xb9;
}

static void send(uint32_t length)
{
    packet6_make(&in, h, payload, length);
    inject(&in);
}

/* Nothing went on, and this is what was sent back by the way it came. */
static struct icmp6_header sent_back_to(struct address source, struct address dest)
{
    struct icmp6_header icmp;

    check(!wire_outside(&wires[2]));
    check(left6_by(1, &out, &seen));
    check(address_equal(seen.source, source) && address_equal(seen.dest, dest));
    icmp = icmp6_in(&out, &seen);
    check(memcmp(out.bytes + 48, in.bytes, least(in.length, out.length - 48)) == 0);
    check(nothing_left());
    return icmp;
}

static struct icmp6_header sent_back(void)
{
    return sent_back_to(HOST6, WEST);
}

static void one_hop_less_and_nothing_else(void)
{
    router_bed();
    for (uint32_t limit = 2; limit < 256; limit++) {
        h.hop_limit = (uint8_t)limit;
        send(limit);
        check(left6_by(2, &out, &seen));
        check_equal(seen.hop_limit, limit - 1);
        check_equal(out.length, in.length);
        in.bytes[7] = out.bytes[7];
        check(memcmp(in.bytes, out.bytes, in.length) == 0);
        check(nothing_left());
    }
    h.dest = FAR6;
    send(8);
    check(left6_by(1, &out, &seen));
    host.settings.forwarding[1] = 0;
    send(8);
    check(nothing_left());
    check_equal(drops(DROP_IP_DEST), 1);
    ip_bed_done();
}

static void hops_used_up_are_told(void)
{
    router_bed();
    for (uint8_t limit = 0; limit < 2; limit++) {
        struct icmp6_header icmp;

        h.hop_limit = limit;
        send(100);
        icmp = sent_back();
        check(icmp.type == ICMP6_TIME_EXCEEDED && icmp.code == 0 && icmp.rest == 0);
    }
    check_equal(drops(DROP_FORWARD_HOPS), 2);
    ip_bed_done();
}

static void no_way_is_told(void)
{
    struct route_plan plan = plan_of_route(IP6(0, 0), 0, ROUTER6, 0);
    struct icmp6_header icmp;

    router_bed();
    check_equal(ip_route_remove(&host, &plan, 0), 0);
    h.dest = NOWHERE;
    send(2000);
    icmp = sent_back();
    check(icmp.type == ICMP6_UNREACHABLE && icmp.code == ICMP6_CODE_NO_ROUTE);
    check_equal(out.length, IP6_MTU_LEAST); /* RFC 4443 2.4 (c) */
    check_equal(drops(DROP_IP_NO_ROUTE), 1);
    ip_bed_done();
}

static void routes_that_forbid_say_so_or_not(void)
{
    static const struct {
        uint8_t kind, code;
        bool told;
    } rows[] = {{ROUTE_BLACKHOLE, 0, false},
                {ROUTE_UNREACHABLE, ICMP6_CODE_ADDRESS, true},
                {ROUTE_PROHIBIT, ICMP6_CODE_PROHIBITED, true}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_plan plan = plan_of_route(NOWHERE, 128, IP6(0, 0), 0);

        router_bed();
        plan.kind = rows[i].kind;
        check_equal(ip_route_put(&host, &plan, bed.now), 0);
        h.dest = NOWHERE;
        send(8);
        if (rows[i].told) {
            struct icmp6_header icmp = sent_back();

            check(icmp.type == ICMP6_UNREACHABLE && icmp.code == rows[i].code);
        }
        check(nothing_left());
        check_equal(drops(DROP_FORWARD_POLICY), 1);
        ip_bed_done();
    }
}

/* RFC 8200 5: nothing is put in fragments on the way. */
static void what_is_too_long_is_told_its_mtu(void)
{
    struct icmp6_header icmp;

    router_bed();
    wires[1].mtu = 9000;
    wires[2].mtu = 1400;
    send(1360);
    check(left6_by(2, &out, &seen));
    send(1361);
    icmp = sent_back();
    check(icmp.type == ICMP6_TOO_BIG && icmp.code == 0);
    check_equal(icmp.rest, 1400);
    check_equal(drops(DROP_IP_TOO_BIG), 1);
    h.next_header = IP6_FRAGMENT; /* a fragment is no other */
    payload[0] = IP_PROTOCOL_UDP;
    send(1361);
    check_equal(sent_back().type, ICMP6_TOO_BIG);
    ip_bed_done();
}

static void addresses_that_mean_nothing_elsewhere_stay(void)
{
    const struct {
        struct address source, dest;
        enum drop reason;
    } rows[] = {
        {IP6(0, 0), EAST, DROP_IP_SOURCE},
        {LOCALHOST6, EAST, DROP_IP_SOURCE},
        {IP6(0xff02000000000000, 5), EAST, DROP_IP_SOURCE},
        {IP6(0, 0xffff0a000042), EAST, DROP_IP_SOURCE}, /* IPv4's */
        {HOST6_2, EAST, DROP_IP_SOURCE},                /* ourselves */
        {WEST, LOCALHOST6, DROP_IP_DEST},
        {WEST, IP6(0, 0), DROP_IP_DEST},
        {WEST, IP6(0, 0xffff0a000142), DROP_IP_DEST},
        {WEST, IP6(0xff0e000000000000, 5), DROP_FORWARD_GROUP},
        {WEST, IP6(0xfe80000000000000, 0x77), DROP_FORWARD_SCOPE},
        {IP6(0xfe80000000000000, 0x42), IP6(0xfe80000000000000, 0x77), DROP_FORWARD_SCOPE},
    };

    router_bed();
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t before = drops(rows[i].reason);

        h = header6_for(rows[i].source, rows[i].dest, IP_PROTOCOL_UDP);
        h.hop_limit = i % 2 ? 1 : 64;
        send(8);
        if (drops(rows[i].reason) != before + 1)
            test_fail(__FILE__, __LINE__, "row %u is not dropped for its reason", i);
        check(nothing_left()); /* and nobody is told */
    }
    ip_bed_done();
}

/* RFC 4291 2.5.7: they are like any others. */
static void addresses_of_a_site_go_on(void)
{
    const struct address site = IP6(0xfec0000000000000, 7);

    router_bed();
    check_equal(
        ip_route_add(&host, IP6(0xfec0000000000000, 0), 64, IP6(0xfd01000000000000, 0xfe), 0), 0);
    h.source = IP6(0xfec0000000000005, 7);
    h.dest = site;
    send(8);
    check(left6_by(2, &out, &seen) && address_equal(seen.dest, site));
    ip_bed_done();
}

/* RFC 4443 3.1: code 2, on the link where he is. */
static void who_speaks_for_his_link_alone_is_told(void)
{
    struct icmp6_header icmp;

    router_bed();
    h.source = PEER6_LINK;
    send(8);
    icmp = sent_back_to(HOST6_LINK, PEER6_LINK);
    check(icmp.type == ICMP6_UNREACHABLE && icmp.code == ICMP6_CODE_SCOPE);
    check_equal(drops(DROP_FORWARD_SCOPE), 1);
    ip_bed_done();
}

/* RFC 8200 4: what stands behind the hop-by-hop options is the destination's. */
static void only_hop_by_hop_options_are_looked_at(void)
{
    static const struct {
        uint8_t next, option;
        bool passes, told;
    } rows[] = {
        {IP6_HOP_BY_HOP, 0x1e, true, false},  /* unknown: passed over */
        {IP6_HOP_BY_HOP, 0x5e, false, false}, /* discarded */
        {IP6_HOP_BY_HOP, 0x9e, false, true},  /* and told */
        {IP6_DESTINATION, 0x5e, true, false}, /* not for us */
        {IP6_DESTINATION, 0x9e, true, false}, /* not for us */
        {IP6_ROUTING, 0, true, false},        /* not for us */
        {IP6_NOTHING, 0, true, false},        /* goes on as it is */
        {200, 0, true, false},                /* what nobody knows too */
    };

    router_bed();
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t header[16] = {IP_PROTOCOL_UDP, 0, rows[i].option, 4};

        h.next_header = rows[i].next;
        packet6_make(&in, h, header, sizeof header);
        inject(&in);
        if (rows[i].told) {
            struct icmp6_header icmp = sent_back();

            check(icmp.type == ICMP6_PARAMETER && icmp.code == IP6_PROBLEM_OPTION);
            check_equal(icmp.rest, 42);
        }
        if (left6_by(2, &out, &seen) != rows[i].passes)
            test_fail(__FILE__, __LINE__, "row %u", i);
        check(nothing_left());
    }
    ip_bed_done();
}

static void a_link_that_speaks_no_ipv6_is_no_way(void)
{
    struct route_plan plan = plan_of_route(NOWHERE, 128, IP6(0, 0), 2);

    keeper_bed();
    check_equal(ip_address_add(&host, 1, HOST6, 64, 0), 0);
    host.settings.forwarding[1] = 1;
    check_equal(ip_route_put(&host, &plan, 0), 0);
    h = header6_for(WEST, NOWHERE, IP_PROTOCOL_UDP);
    send(8);
    check_equal(sent_back().code, ICMP6_CODE_NO_ROUTE);
    ip_bed_done();
}

/* RFC 4443 3.1: what came by a wire of two ends does not go back by it to an address of its
 * network, or both ends would send it to and fro; to a gateway there it may. */
static void nothing_goes_back_to_the_network_of_two_ends(void)
{
    struct icmp6_header icmp;

    router_bed();
    h.dest = PEER6;
    send(100);
    icmp = sent_back();
    check(icmp.type == ICMP6_UNREACHABLE && icmp.code == ICMP6_CODE_ADDRESS);
    check_equal(drops(DROP_FORWARD_SCOPE), 1);
    h.dest = FAR6;
    send(100);
    check(left6_by(1, &out, &seen) && address_equal(seen.dest, FAR6));
    check(nothing_left());
    ip_bed_done();
}

/* RFC 4443 3.1: a router that has no room says nothing of it. */
static void a_full_router_says_nothing(void)
{
    uint64_t limit;

    router_bed();
    limit = means.packet_budget.limit;
    means.packet_budget.limit = means.packet_budget.used;
    send(100);
    check(nothing_left());
    check_equal(drops(DROP_NO_MEMORY), 1);
    means.packet_budget.limit = limit;
    ip_bed_done();
}

static const struct test tests[] = {
    {"what is forwarded has one hop less and is the same otherwise", one_hop_less_and_nothing_else},
    {"a source is told that its hops are used up", hops_used_up_are_told},
    {"a source is told that there is no way", no_way_is_told},
    {"routes that forbid say so, or not", routes_that_forbid_say_so_or_not},
    {"a source is told how long a packet may be, and nothing is cut",
     what_is_too_long_is_told_its_mtu},
    {"addresses that mean nothing elsewhere stay where they are",
     addresses_that_mean_nothing_elsewhere_stay},
    {"addresses of a site go on (RFC 4291 2.5.7-1)", addresses_of_a_site_go_on},
    {"who speaks for his link alone is told that it reaches no further",
     who_speaks_for_his_link_alone_is_told},
    {"of the extension headers only hop-by-hop options are looked at",
     only_hop_by_hop_options_are_looked_at},
    {"nothing goes back to the network of two ends (RFC 4443 3.1-2)",
     nothing_goes_back_to_the_network_of_two_ends},
    {"a full router says nothing (RFC 4443 3.1-1)", a_full_router_says_nothing},
    {"a link that speaks no IPv6 is no way", a_link_that_speaks_no_ipv6_is_no_way},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
