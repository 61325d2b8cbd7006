/* SPDX-License-Identifier: MIT */
/* A router as its neighbours see it: what goes on, changed by how little, and what does not. */
#include "3-network/forward.h"
#include "3-network/ip_keeper.h"
#include "base/integer.h"

#define EAST 0x0a000142u /* 10.0.1.66, on the wire of interface 2 */
#define WEST 0x0a000042u /* 10.0.0.66, on the wire of interface 1 */

static struct datagram in, out;
static struct ip4_header h, seen;
static uint8_t payload[4000];

static void router_bed(void)
{
    keeper_bed();
    host.settings.forwarding[0] = 1;
    for (uint32_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 11 + i / 256);
    h = header_for(WEST, EAST, IP_PROTOCOL_UDP);
}

static void make(uint32_t length)
{
    datagram_make(&in, h, payload, length);
}

/* Nothing went on, and this is what was sent back. */
static struct icmp4_header sent_back(void)
{
    struct icmp4_header icmp;

    check(!wire_outside(&wires[2]));
    check(left_by(1, &out, &seen));
    check_equal(seen.source, HOST);
    check_equal(seen.dest, WEST);
    icmp = icmp_in(&out, &seen);
    /* RFC 1812 4.3.2.3: what it is about, unchanged */
    check(memcmp(out.bytes + 28, in.bytes, least(in.length, out.length - 28)) == 0);
    check(nothing_left());
    return icmp;
}

static void one_hop_less_and_nothing_else(void)
{
    router_bed();
    for (uint32_t ttl = 2; ttl < 256; ttl++) {
        h.ttl = (uint8_t)ttl;
        h.id = (uint16_t)(ttl * 257);
        h.traffic_class = (uint8_t)(ttl * 3);
        make(ttl);
        inject(&in);
        check(left_by(2, &out, &seen));
        check_equal(seen.ttl, ttl - 1);
        check_equal(out.length, in.length);
        in.bytes[8] = out.bytes[8];
        in.bytes[10] = out.bytes[10]; /* that the checksum is right, left_by has seen */
        in.bytes[11] = out.bytes[11];
        check(memcmp(in.bytes, out.bytes, in.length) == 0);
        check(nothing_left());
    }
    check_equal(udp_keeper.count, 0);
    ip_bed_done();
}

/* RFC 1624 3: of every checksum there is; the edges are where the older formula went wrong. */
static void the_checksum_is_right_for_every_header(void)
{
    router_bed();
    for (uint32_t id = 0; id < 65536; id += id < 64 || id > 65400 ? 1 : 61) {
        h.id = (uint16_t)id;
        make(0);
        inject(&in);
        check(left_by(2, &out, &seen));
    }
    ip_bed_done();
}

static void a_host_forwards_nothing(void)
{
    router_bed();
    make(8);
    inject(&in); /* the way is known now */
    check(left_by(2, &out, &seen));
    host.settings.forwarding[0] = 0;
    inject(&in);
    check(nothing_left());
    check_equal(drops(DROP_IP_DEST), 1);
    ip_bed_done();
}

static void ways_are_the_routes(void)
{
    static const struct {
        uint32_t dest;
        uint16_t interface;
    } rows[] = {{EAST, 2}, {FAR, 1}, {0xc6336401, 2}, {EAST, 2}, {WEST, 1}, {0xc6336409, 2}};

    router_bed();
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(0x0a000102), 0), 0);
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        h = header_for(0xcb007101, rows[i].dest, IP_PROTOCOL_UDP);
        make(8);
        inject(&in);
        check(left_by(rows[i].interface, &out, &seen));
        check_equal(seen.dest, rows[i].dest);
        check(nothing_left());
    }
    /* tables that change are asked again */
    check_equal(ip_route_add(&host, ip4_of(0xc6336409), 32, ip4_of(0x0a0000fe), 0), 0);
    inject(&in);
    check(left_by(1, &out, &seen));
    ip_bed_done();
}

static void hops_used_up_are_told(void)
{
    struct icmp4_header icmp;

    router_bed();
    for (uint8_t ttl = 0; ttl < 2; ttl++) {
        h.ttl = ttl;
        make(100);
        inject(&in);
        icmp = sent_back();
        check(icmp.type == ICMP4_TIME_EXCEEDED && icmp.code == 0 && icmp.rest == 0);
        check_equal(out.length, 20 + 8 + 120);
    }
    check_equal(drops(DROP_FORWARD_HOPS), 2);
    h.dest = HOST_2; /* RFC 1812 4.2.2.9: what is for the router itself needs none */
    make(8);
    inject(&in);
    check_equal(udp_keeper.count, 1);
    ip_bed_done();
}

static void no_way_is_told(void)
{
    struct icmp4_header icmp;

    router_bed();
    no_default_route();
    h.dest = FAR;
    h.ttl = 1; /* RFC 1812 5.2.1.2: the way is looked for before hops are counted */
    make(1000);
    inject(&in);
    icmp = sent_back();
    check(icmp.type == ICMP4_UNREACHABLE && icmp.code == ICMP4_CODE_NET);
    check_equal(out.length, ICMP4_ERROR_MOST);
    check_equal(drops(DROP_IP_NO_ROUTE), 1);
    ip_bed_done();
}

static void what_is_too_long_and_may_not_be_cut_is_told(void)
{
    struct icmp4_header icmp;

    router_bed();
    wires[2].mtu = 600;
    h.dont_fragment = true;
    make(580);
    inject(&in);
    check(left_by(2, &out, &seen));
    check(seen.dont_fragment);
    make(581);
    inject(&in);
    icmp = sent_back();
    check(icmp.type == ICMP4_UNREACHABLE && icmp.code == ICMP4_CODE_TOO_BIG);
    check_equal(icmp.rest, 600); /* RFC 1191 4: the upper half is 0 */
    check_equal(drops(DROP_IP_TOO_BIG), 1);
    ip_bed_done();
}

/* Every option of the first fragment, and those that are copied in the others. */
static void check_options(bool first)
{
    static const uint8_t whole[] = {7, 7, 8, 10, 0, 1, 1, 1, 0x88, 4, 0xab, 0xcd},
                         copied[] = {0x88, 4, 0xab, 0xcd};

    check_equal(seen.header_bytes, first ? 32 : 24);
    check(memcmp(out.bytes + 20, first ? whole : copied, seen.header_bytes - 20) == 0);
}

/* Cuts a datagram; offset and more: it is a fragment itself. */
static void cut(uint32_t length, uint32_t mtu, uint32_t offset, bool more, bool options)
{
    static const uint8_t some[] = {7, 7, 4, 0, 0, 0, 0, 1, 0x88, 4, 0xab, 0xcd};
    uint32_t at = 0;

    wires[2].mtu = mtu;
    h.id = 0x1234;
    h.fragment_offset = offset;
    h.more_fragments = more;
    make(length);
    if (options)
        datagram_options(&in, some, sizeof some);
    inject(&in);
    while (left_by(2, &out, &seen)) {
        uint32_t n = out.length - seen.header_bytes;

        check(out.length <= mtu);
        check(seen.id == 0x1234 && seen.ttl == 63 && seen.protocol == IP_PROTOCOL_UDP);
        check_equal(seen.fragment_offset, offset + at);
        check(at + n <= length && memcmp(out.bytes + seen.header_bytes, payload + at, n) == 0);
        check_equal(seen.more_fragments, more || at + n < length);
        if (options)
            check_options(at == 0);
        at += n;
    }
    check_equal(at, length);
    check(nothing_left());
}

static void what_is_too_long_is_cut(void)
{
    router_bed();
    wires[1].mtu = 9000;
    cut(1480, 1500, 0, false, false);
    cut(1481, 1500, 0, false, false);
    cut(4000, 1500, 0, false, false);
    cut(4000, 68, 0, false, false);
    cut(4000, 576, 1480, true, false); /* a fragment is cut like a whole */
    cut(1003, 576, 1480, false, false);
    cut(4000, 576, 0, false, true);
    cut(200, 68, 0, false, true);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 0); /* RFC 1812 5.2.6: never reassembled */
    ip_bed_done();
}

/* RFC 1812 5.2.5: bits that nobody uses go on as they are. */
static void the_reserved_bit_is_copied(void)
{
    router_bed();
    wires[2].mtu = 576;
    make(1000);
    in.bytes[6] |= 0x80;
    in.bytes[10] = in.bytes[11] = 0;
    datagram_options(&in, "", 0);
    inject(&in);
    for (int i = 0; i < 2; i++) {
        check(left_by(2, &out, &seen));
        check_equal(out.bytes[6] >> 7, 1);
    }
    ip_bed_done();
}

static void routes_that_forbid_say_so_or_not(void)
{
    static const struct {
        uint8_t kind, code;
        bool told;
    } rows[] = {{ROUTE_BLACKHOLE, 0, false},
                {ROUTE_UNREACHABLE, ICMP4_CODE_HOST, true},
                {ROUTE_PROHIBIT, ICMP4_CODE_PROHIBITED, true}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(0), 0);

        router_bed();
        plan.kind = rows[i].kind;
        check_equal(ip_route_put(&host, &plan, bed.now), 0);
        h.dest = 0xc6336401;
        make(8);
        inject(&in);
        if (rows[i].told) {
            struct icmp4_header icmp = sent_back();

            check(icmp.type == ICMP4_UNREACHABLE && icmp.code == rows[i].code);
        }
        check(nothing_left());
        check_equal(drops(DROP_FORWARD_POLICY), 1);
        ip_bed_done();
    }
}

static void a_route_may_be_narrower_than_its_wire(void)
{
    struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(0x0a000102), 0);

    router_bed();
    plan.mtu = 1000;
    check_equal(ip_route_put(&host, &plan, bed.now), 0);
    h.dest = 0xc6336401;
    h.dont_fragment = true;
    make(980);
    inject(&in);
    check(left_by(2, &out, &seen));
    make(981);
    inject(&in);
    check_equal(sent_back().rest, 1000);
    h.dest = EAST;
    make(1480);
    inject(&in);
    check(left_by(2, &out, &seen));
    ip_bed_done();
}

static void addresses_that_mean_nothing_elsewhere_stay(void)
{
    static const struct {
        uint32_t source, dest;
        enum drop reason;
    } rows[] = {
        {0x7f000001, EAST, DROP_IP_SOURCE},         /* 127/8 */
        {0, EAST, DROP_IP_SOURCE},                  /* 0/8 */
        {0x00000007, EAST, DROP_IP_SOURCE},         /* 0/8 */
        {0xe0000009, EAST, DROP_IP_SOURCE},         /* a group */
        {0xf0000001, EAST, DROP_IP_SOURCE},         /* class E */
        {0xffffffff, EAST, DROP_IP_SOURCE},         /* all */
        {0x0a0000ff, EAST, DROP_IP_SOURCE},         /* all of a network of ours */
        {HOST_2, EAST, DROP_IP_SOURCE},             /* ourselves */
        {WEST, 0x7f000001, DROP_IP_DEST},           /* 127/8 */
        {WEST, 0x00000007, DROP_IP_DEST},           /* 0/8 */
        {WEST, 0xf0000001, DROP_IP_DEST},           /* class E */
        {WEST, 0xe1020304, DROP_FORWARD_GROUP},     /* a group that we are not in */
        {WEST, 0x0a0001ff, DROP_FORWARD_BROADCAST}, /* RFC 2644 */
        {0xa9fe0102, EAST, DROP_FORWARD_SCOPE},     /* RFC 3927 2.7 */
        {WEST, 0xa9fe0102, DROP_FORWARD_SCOPE},
    };

    router_bed();
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t before = drops(rows[i].reason);

        h = header_for(rows[i].source, rows[i].dest, IP_PROTOCOL_UDP);
        h.ttl = i % 2 ? 1 : 64;
        make(8);
        inject(&in);
        if (drops(rows[i].reason) != before + 1)
            test_fail(__FILE__, __LINE__, "row %u is not dropped for its reason", i);
        check(nothing_left()); /* and nobody is told */
    }
    ip_bed_done();
}

/* Given to layer 3 as a frame to all stations, or to a group of them, gives it. */
static void by_frame_to_all(void)
{
    const struct link_meta all = {.broadcast = true};
    struct packet *p = packet_get(&host_packets, &means.packet_budget, in.length);

    memcpy(packet_append(p, in.length), in.bytes, in.length);
    ip4_receive(&interfaces[1].link_upper, p, &all, bed.now);
    settle();
}

static void what_came_to_all_goes_on_to_none(void)
{
    router_bed();
    make(8);
    by_frame_to_all();
    check(nothing_left());
    check_equal(drops(DROP_IP_DEST), 1);
    inject(&in); /* the way is known now, and it is the same */
    check(left_by(2, &out, &seen));
    by_frame_to_all();
    check(nothing_left());
    check_equal(drops(DROP_IP_DEST), 2);
    ip_bed_done();
}

static void broadcasts_of_a_wire_are_received_and_stay(void)
{
    static const uint32_t dests[] = {0xffffffff, 0x0a0000ff, 0xe0000001};

    router_bed();
    for (uint32_t i = 0; i < sizeof dests / sizeof *dests; i++) {
        h.dest = dests[i];
        make(8);
        inject(&in);
        check_equal(udp_keeper.count, i + 1);
        check(udp_keeper.meta.broadcast);
        check(nothing_left());
    }
    h.source = 0; /* who has no address yet asks all: DHCP */
    h.dest = 0xffffffff;
    make(8);
    inject(&in);
    check_equal(udp_keeper.count, 4);
    h.dest = HOST; /* and nobody else: RFC 1812 4.2.2.11 (a) */
    make(8);
    inject(&in);
    check_equal(udp_keeper.count, 4);
    check_equal(drops(DROP_IP_SOURCE), 1);
    check(nothing_left());
    ip_bed_done();
}

static void what_is_for_the_router_is_made_whole(void)
{
    static struct datagram whole;
    uint32_t n = 0;

    router_bed();
    icmp_make(&whole, header_for(WEST, HOST_2, 1), ICMP4_ECHO, 0, 7, payload, 3000);
    for (uint32_t at = 0; at < 3008; at += 1480) {
        h = header_for(WEST, HOST_2, IP_PROTOCOL_ICMP);
        h.id = 5;
        h.fragment_offset = at;
        h.more_fragments = at + 1480 < 3008;
        datagram_make(&in, h, whole.bytes + 20 + at, h.more_fragments ? 1480 : 3008 - at);
        inject(&in);
    }
    while (left_by(1, &out, &seen)) {
        check(seen.source == HOST_2 && seen.dest == WEST);
        n += out.length - 20;
    }
    check_equal(n, 3008);
    check(nothing_left());
    ip_bed_done();
}

static void a_bad_header_goes_nowhere(void)
{
    router_bed();
    make(8);
    in.bytes[10] ^= 1;
    inject(&in);
    check_equal(drops(DROP_IP_CHECKSUM), 1);
    make(8);
    in.bytes[3]++;
    inject(&in);
    check_equal(drops(DROP_IP_HEADER), 1);
    make(8);
    in.bytes[0] = 0x44;
    inject(&in);
    check_equal(drops(DROP_IP_HEADER), 2);
    check(nothing_left());
    ip_bed_done();
}

static void options_go_on_unchanged_and_source_routes_do_not(void)
{
    static const uint8_t unknown[] = {0x5e, 6, 1, 2, 3, 4, 0, 0},
                         source_route[] = {0x83, 7, 4, 10, 0, 1, 66, 0},
                         malformed[] = {0x44, 3, 9, 0};
    struct icmp4_header icmp;

    router_bed();
    make(8);
    datagram_options(&in, unknown, sizeof unknown);
    inject(&in);
    check(left_by(2, &out, &seen));
    check(memcmp(out.bytes + 20, unknown, sizeof unknown) == 0);
    make(8);
    datagram_options(&in, source_route, sizeof source_route);
    inject(&in);
    check(nothing_left());
    make(8);
    datagram_options(&in, malformed, sizeof malformed);
    inject(&in);
    icmp = sent_back();
    check_equal(icmp.type, ICMP4_PARAMETER);
    check_equal(drops(DROP_IP_OPTION), 2);
    ip_bed_done();
}

/* RFC 1812 5.3.13.5, 5.3.13.6, RFC 791 3.1. */
static void routes_and_times_are_recorded(void)
{
    static const struct {
        uint8_t before[16], after[16]; /* 0xee: a byte of a time */
    } rows[] = {
        {{7, 15, 4}, {7, 15, 8, 10, 0, 1, 1}},
        {{7, 7, 8, 1, 2, 3, 4}, {7, 7, 8, 1, 2, 3, 4}}, /* full */
        {{7, 3, 4}, {7, 3, 4}},
        {{68, 12, 5, 0}, {68, 12, 9, 0, 0xee, 0xee, 0xee, 0xee}},
        {{68, 12, 5, 1}, {68, 12, 13, 1, 10, 0, 1, 1, 0xee, 0xee, 0xee, 0xee}},
        {{68, 12, 5, 3, 10, 0, 0, 1}, {68, 12, 13, 3, 10, 0, 0, 1, 0xee, 0xee, 0xee, 0xee}},
        {{68, 12, 5, 3, 10, 0, 0, 2}, {68, 12, 5, 3, 10, 0, 0, 2}},   /* another's */
        {{68, 8, 9, 0x30, 1, 2, 3, 4}, {68, 8, 9, 0x40, 1, 2, 3, 4}}, /* no room: counted */
    };

    router_bed();
    run_until(77 * SECOND);
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        make(8);
        datagram_options(&in, rows[i].before, 16);
        inject(&in);
        check(left_by(2, &out, &seen));
        for (uint32_t k = 0; k < 16; k++)
            if (rows[i].after[k] != 0xee && out.bytes[20 + k] != rows[i].after[k])
                test_fail(__FILE__, __LINE__, "row %u, byte %u is %u", i, k, out.bytes[20 + k]);
        for (uint32_t k = 0; k < 13; k++)
            if (rows[i].after[k] == 0xee && (k == 0 || rows[i].after[k - 1] != 0xee))
                check_equal(u32_at(out.bytes + 20 + k) >> 8, 0x80012c); /* 77,000 ms */
    }
    make(8);
    datagram_options(&in, ((const uint8_t[]){68, 8, 9, 0xf0, 1, 2, 3, 4}), 8);
    inject(&in);
    check(!wire_outside(&wires[2]) && left_by(1, &out, &seen));
    check_equal(icmp_in(&out, &seen).rest, 23u << 24);
    ip_bed_done();
}

/* RFC 1812 4.3.2.7 */
static void errors_are_not_told_of_errors_groups_or_later_fragments(void)
{
    router_bed();
    h.ttl = 1;
    icmp_make(&in, h, ICMP4_UNREACHABLE, 0, 0, payload, 28);
    inject(&in);
    check(nothing_left());
    h.protocol = IP_PROTOCOL_UDP;
    h.fragment_offset = 8;
    make(16);
    inject(&in);
    check(nothing_left());
    h.fragment_offset = 0;
    icmp_make(&in, h, ICMP4_ECHO, 0, 0, payload, 28); /* of a question they are */
    inject(&in);
    check_equal(sent_back().type, ICMP4_TIME_EXCEEDED);
    check_equal(drops(DROP_FORWARD_HOPS), 3);
    ip_bed_done();
}

static void errors_are_bounded(void)
{
    uint32_t told = 0;

    router_bed();
    h.ttl = 1;
    make(8);
    for (int i = 0; i < 100; i++) {
        inject(&in);
        while (left_by(1, &out, &seen))
            told++;
    }
    check(told > 0 && told <= ICMP_RATE_BURST + 2);
    check_equal(drops(DROP_FORWARD_HOPS), 100);
    check_equal(drops(DROP_ICMP_RATE), 100 - told);
    ip_bed_done();
}

/* RFC 1812 5.3.8. */
static void a_source_from_elsewhere_passes_unless_it_is_filtered(void)
{
    static const struct {
        uint32_t source, filter;
        bool passes;
    } rows[] = {
        {EAST + 1, 0, true}, {EAST + 1, 1, false}, {EAST + 1, 2, true},
        {WEST, 1, true},     {FAR, 1, true}, /* by the default route */
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        router_bed();
        host.settings.rp_filter = rows[i].filter;
        h.source = rows[i].source;
        make(8);
        inject(&in);
        if (left_by(2, &out, &seen) != rows[i].passes)
            test_fail(__FILE__, __LINE__, "row %u", i);
        check(nothing_left());
        check_equal(drops(DROP_IP_SOURCE), !rows[i].passes);
        ip_bed_done();
    }
}

/* RFC 1812 5.2.7.2: three conditions, and the datagram goes on all the same. */
static void a_better_first_hop_is_told(void)
{
    static const struct {
        uint32_t source, dest, gateway;
    } rows[] = {
        {WEST, FAR, 0x0a0000fe},        /* the gateway is his neighbour */
        {WEST, 0x0a000099, 0x0a000099}, /* the destination itself */
        {0xcb007101, FAR, 0},           /* he is not on this wire */
        {WEST, EAST, 0},                /* by another wire */
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct icmp4_header icmp;

        router_bed();
        h.source = rows[i].source;
        h.dest = rows[i].dest;
        make(100);
        inject(&in);
        if (rows[i].gateway) {
            check(left_by(1, &out, &seen));
            check(seen.source == HOST && seen.dest == rows[i].source);
            icmp = icmp_in(&out, &seen);
            check(icmp.type == ICMP4_REDIRECT && icmp.code == 1 && icmp.rest == rows[i].gateway);
            check(memcmp(out.bytes + 28, in.bytes, in.length) == 0);
        }
        check(left_by(rows[i].dest == EAST ? 2 : 1, &out, &seen));
        check_equal(seen.dest, rows[i].dest);
        check(nothing_left());
        host.settings.send_redirects = 0;
        inject(&in);
        check(left_by(rows[i].dest == EAST ? 2 : 1, &out, &seen));
        check_equal(seen.dest, rows[i].dest);
        check(nothing_left());
        ip_bed_done();
    }
}

/* What is in the router is charged to it. */
static void a_full_router_drops_by_name(void)
{
    uint64_t limit;

    router_bed();
    wires[2].mtu = 576;
    limit = means.packet_budget.limit;
    make(1400);
    means.packet_budget.limit = means.packet_budget.used + 1; /* the whole, and no fragment */
    inject(&in);
    check(nothing_left());
    check_equal(drops(DROP_NO_MEMORY), 1);
    means.packet_budget.limit = means.packet_budget.used;
    inject(&in);
    check(nothing_left());
    check_equal(drops(DROP_NO_MEMORY), 2);
    means.packet_budget.limit = limit;
    ip_bed_done();
}

static const struct test tests[] = {
    {"what is forwarded has one hop less and is the same otherwise", one_hop_less_and_nothing_else},
    {"the checksum is right for every header", the_checksum_is_right_for_every_header},
    {"a host forwards nothing, even what it forwarded as a router", a_host_forwards_nothing},
    {"ways are the routes, and a changed table is asked again", ways_are_the_routes},
    {"a source is told that its hops are used up", hops_used_up_are_told},
    {"a source is told that there is no way", no_way_is_told},
    {"a source is told how long a datagram with DF may be",
     what_is_too_long_and_may_not_be_cut_is_told},
    {"what is too long is cut, fragments too, with the right options", what_is_too_long_is_cut},
    {"the reserved bit of a header is in each of its fragments", the_reserved_bit_is_copied},
    {"routes that forbid say so, or not", routes_that_forbid_say_so_or_not},
    {"a route may be narrower than its wire", a_route_may_be_narrower_than_its_wire},
    {"addresses that mean nothing elsewhere stay where they are",
     addresses_that_mean_nothing_elsewhere_stay},
    {"what came to all stations goes on to none (RFC 1812 5.3.4-1 to 2)",
     what_came_to_all_goes_on_to_none},
    {"broadcasts of a wire are received and stay on it (RFC 1812 4.2.2.11-2 to 5, 4.2.2.11-13 to "
     "14, 4.2.3.1-1, 4.2.3.1-3, 5.3.5.1-1 to 2)",
     broadcasts_of_a_wire_are_received_and_stay},
    {"what is for the router itself is made whole (RFC 1812 4.2.2.8-1, 4.3.3.6-1 to 2)",
     what_is_for_the_router_is_made_whole},
    {"what has a bad header goes nowhere", a_bad_header_goes_nowhere},
    {"options go on unchanged, and source routes do not",
     options_go_on_unchanged_and_source_routes_do_not},
    {"routes and times are recorded where it is asked for", routes_and_times_are_recorded},
    {"nobody is told of errors and of later fragments",
     errors_are_not_told_of_errors_groups_or_later_fragments},
    {"a storm of used-up hops is answered at the rate of errors", errors_are_bounded},
    {"a source from elsewhere passes, unless it is filtered",
     a_source_from_elsewhere_passes_unless_it_is_filtered},
    {"a better first hop is told", a_better_first_hop_is_told},
    {"a full router drops, and says so", a_full_router_drops_by_name},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
