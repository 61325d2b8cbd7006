/* SPDX-License-Identifier: MIT */
/* The IPv4 header, its options, and what a host does with a datagram that comes up or goes down. */
#include <errno.h>

#include "3-network/ip_keeper.h"

static struct datagram d;
static struct ip4_header h;

/* A good datagram from the peer, UDP's number, 12 bytes. */
static void good(struct datagram *to)
{
    datagram_make(to, header_for(PEER, HOST, IP_PROTOCOL_UDP), "twelve bytes", 12);
}

static void header_survives(void)
{
    struct ip4_header want = {.source = PEER,
                              .dest = HOST,
                              .total_length = 20,
                              .id = 0xbeef,
                              .ttl = 3,
                              .protocol = 6,
                              .traffic_class = 0xb9,
                              .fragment_offset = 65528,
                              .more_fragments = true},
                      got;
    uint8_t bytes[20];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct reader r = reader_of(bytes, sizeof bytes);

    ip4_header_write(&w, &want);
    check(!w.failed && ip4_header_read(&r, &got));
    check(got.checksum_right && got.more_fragments && !got.dont_fragment);
    check_equal(got.source, want.source);
    check_equal(got.dest, want.dest);
    check_equal(got.total_length, 20);
    check_equal(got.id, want.id);
    check_equal(got.ttl, 3);
    check_equal(got.protocol, 6);
    check_equal(got.traffic_class, 0xb9);
    check_equal(got.fragment_offset, 65528);
    check_equal(got.header_bytes, 20);
}

static void every_length_lie_is_refused(void)
{
    uint8_t bytes[60] = {0};

    for (uint32_t ihl = 0; ihl < 16; ihl++) {
        for (uint32_t total = 0; total < 65536; total++) {
            struct reader r = reader_of(bytes, sizeof bytes);
            bool right = ihl >= 5 && total >= ihl * 4 && total <= 60;

            bytes[0] = (uint8_t)(0x40 | ihl);
            bytes[2] = (uint8_t)(total >> 8);
            bytes[3] = (uint8_t)total;
            if (ip4_header_read(&r, &h) != right)
                test_fail(__FILE__, __LINE__, "IHL %u, total length %u", ihl, total);
        }
    }
}

static void short_and_foreign_headers_are_refused(void)
{
    for (uint32_t length = 1; length < 20; length++) {
        keeper_bed();
        good(&d);
        inject_on(1, d.bytes, length);
        check_equal(drops(DROP_IP_HEADER), 1);
        ip_bed_done();
    }
    for (uint32_t version = 0; version < 16; version++) {
        struct reader r;

        good(&d);
        d.bytes[0] = (uint8_t)(version << 4 | 5);
        r = reader_of(d.bytes, d.length);
        check_equal(ip4_header_read(&r, &h), version == 4);
    }
}

static void a_good_datagram_goes_up(void)
{
    keeper_bed();
    h = header_for(PEER, HOST, IP_PROTOCOL_UDP);
    h.traffic_class = 0x2b;
    h.ttl = 9;
    datagram_make(&d, h, "twelve bytes", 12);
    inject(&d);
    check_equal(udp_keeper.count, 1);
    check_equal(udp_keeper.last.length, 12);
    check(memcmp(udp_keeper.last.bytes, "twelve bytes", 12) == 0);
    check(address_equal(udp_keeper.meta.source, ip4_of(PEER)));
    check(address_equal(udp_keeper.meta.dest, ip4_of(HOST)));
    check_equal(udp_keeper.meta.interface, 1);
    check_equal(udp_keeper.meta.protocol, IP_PROTOCOL_UDP);
    check_equal(udp_keeper.meta.hop_limit, 9);
    check_equal(udp_keeper.meta.traffic_class, 0x2b);
    check(!udp_keeper.meta.broadcast && !udp_keeper.meta.has_options);
    ip_bed_done();
}

/* The flag beside DF, and the two low bits of the TOS. */
static void reserved_bits_keep_nothing_out(void)
{
    keeper_bed();
    for (uint32_t bits = 0; bits < 8; bits++) {
        h = header_for(PEER, HOST, IP_PROTOCOL_UDP);
        h.traffic_class = bits & 3;
        datagram_make(&d, h, "twelve bytes", 12);
        d.bytes[6] |= (uint8_t)(bits >> 2 << 7);
        datagram_options(&d, "", 0); /* the checksum anew */
        inject(&d);
        check_equal(udp_keeper.count, bits + 1);
        check_equal(udp_keeper.last.length, 12);
    }
    ip_bed_done();
}

static void padding_is_trimmed(void)
{
    keeper_bed();
    good(&d);
    memset(d.bytes + d.length, 0xee, 14);
    inject_on(1, d.bytes, d.length + 14);
    check_equal(udp_keeper.last.length, 12);
    ip_bed_done();
}

static void each_flipped_bit_of_the_header_is_seen(void)
{
    keeper_bed();
    for (uint32_t bit = 0; bit < 160; bit++) {
        good(&d);
        d.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        inject(&d);
    }
    check_equal(udp_keeper.count, 0);
    /* 8 bits make the version, the IHL; some the length; the rest fails the checksum. What is not
     * version 4 or 6 has no ethertype on a bare wire. */
    check_equal(drops(DROP_IP_HEADER) + drops(DROP_IP_CHECKSUM) + drops(DROP_ETHERTYPE), 160);
    check(drops(DROP_IP_CHECKSUM) > 130);
    check(nothing_left());
    ip_bed_done();
}

/* An address that was seen before is looked at again when the tables are others. */
static void what_is_known_of_addresses_is_not_kept_for_ever(void)
{
    keeper_bed();
    good(&d);
    inject(&d);
    inject(&d);
    check_equal(udp_keeper.count, 2);
    check_equal(ip_address_add(&host, 2, ip4_of(PEER), 32, bed.now), 0);
    inject(&d);
    check_equal(udp_keeper.count, 2);
    check_equal(drops(DROP_IP_SOURCE), 1); /* our own address comes from elsewhere */
    datagram_make(&d, header_for(PEER + 1, 0x0a0000ff, IP_PROTOCOL_UDP), "all", 3);
    for (uint32_t i = 0; i < 2; i++) {
        inject(&d);
        check_equal(udp_keeper.count, 3 + i);
        check(udp_keeper.meta.broadcast);
    }
    ip_bed_done();
}

static void a_low_ttl_is_received(void)
{
    keeper_bed();
    for (uint8_t ttl = 0; ttl < 2; ttl++) {
        h = header_for(PEER, HOST, IP_PROTOCOL_UDP);
        h.ttl = ttl;
        datagram_make(&d, h, "x", 1);
        inject(&d);
    }
    check_equal(udp_keeper.count, 2);
    ip_bed_done();
}

static const struct {
    uint32_t source, dest;
    enum drop reason; /* DROP_NONE: received */
    bool broadcast;
} places[] = {
    {PEER, HOST, DROP_NONE, false},
    {FAR, HOST, DROP_NONE, false},
    {PEER, HOST_2, DROP_NONE, false}, /* the weak host model */
    {PEER, 0x0a0000ff, DROP_NONE, true},
    {PEER, 0xffffffff, DROP_NONE, true},
    {PEER, 0xe0000001, DROP_NONE, true},
    {0, 0xffffffff, DROP_NONE, true},
    {0, HOST, DROP_IP_SOURCE, false},
    {0x00010203, HOST, DROP_IP_SOURCE, false},
    {LOCALHOST, HOST, DROP_IP_SOURCE, false},
    {0x7fffffff, HOST, DROP_IP_SOURCE, false},
    {0xe0000005, HOST, DROP_IP_SOURCE, false},
    {0xefffffff, HOST, DROP_IP_SOURCE, false},
    {0xf0000001, HOST, DROP_IP_SOURCE, false},
    {0xffffffff, HOST, DROP_IP_SOURCE, false},
    {0x0a0000ff, HOST, DROP_IP_SOURCE, false},
    {0x0a0001ff, HOST, DROP_IP_SOURCE, false},
    {HOST, HOST, DROP_IP_SOURCE, false},
    {HOST_2, HOST, DROP_IP_SOURCE, false},
    {PEER, LOCALHOST, DROP_IP_DEST, false},
    {PEER, 0x7f010203, DROP_IP_DEST, false},
    {PEER, FAR, DROP_IP_DEST, false},
    {PEER, 0x0a000003, DROP_IP_DEST, false},
    {PEER, 0, DROP_IP_DEST, false},
    {PEER, 0x0a0001ff, DROP_IP_DEST, false},    /* the other wire's broadcast */
    {PEER, 0xe0000005, DROP_NOT_FOR_US, false}, /* a group we are not in */
    {PEER, 0xf0000001, DROP_IP_DEST, false},
};

static void martians_are_dropped(void)
{
    for (uint32_t i = 0; i < sizeof places / sizeof *places; i++) {
        keeper_bed();
        datagram_make(&d, header_for(places[i].source, places[i].dest, IP_PROTOCOL_UDP), "x", 1);
        inject(&d);
        if (udp_keeper.count != (places[i].reason == DROP_NONE) ||
            (places[i].reason != DROP_NONE && drops(places[i].reason) != 1) ||
            udp_keeper.meta.broadcast != places[i].broadcast || !nothing_left())
            test_fail(__FILE__, __LINE__, "row %u", i);
        ip_bed_done();
    }
}

static void a_unicast_in_a_broadcast_frame_is_dropped(void)
{
    const struct link_meta all = {.broadcast = true};
    struct packet *p;

    keeper_bed();
    good(&d);
    p = packet_get(&host_packets, &means.packet_budget, d.length);
    memcpy(packet_append(p, d.length), d.bytes, d.length);
    ip4_receive(&interfaces[1].link_upper, p, &all, 0);
    check_equal(drops(DROP_IP_DEST), 1);
    check_equal(udp_keeper.count, 0);
    ip_bed_done();
}

static void an_unknown_protocol_is_unreachable(void)
{
    static const uint8_t protocols[] = {0, 3, 4, 41, 47, 255};

    keeper_bed();
    for (uint32_t i = 0; i < sizeof protocols; i++) {
        struct icmp4_header icmp;

        datagram_make(&d, header_for(PEER, HOST, protocols[i]), "payload", 7);
        inject(&d);
        check(left(&d, &h));
        check_equal(h.source, HOST);
        check_equal(h.dest, PEER);
        icmp = icmp_in(&d, &h);
        check_equal(icmp.type, ICMP4_UNREACHABLE);
        check_equal(icmp.code, 2);
        check_equal(d.length, 20 + 8 + 27);
        run_until(bed.now + 2 * SECOND);
    }
    check_equal(drops(DROP_IP_PROTOCOL), sizeof protocols);
    ip_bed_done();
}

static const struct {
    const char *bytes;
    uint32_t length;
    enum ip4_options_verdict verdict;
    uint8_t pointer; /* of a bad one */
} options[] = {
    {"\0\0\0\0", 4, IP4_OPTIONS_GOOD, 0},
    {"\1\1\1\0", 4, IP4_OPTIONS_GOOD, 0},
    {"\1\1\1\1", 4, IP4_OPTIONS_GOOD, 0},
    {"\0\xff\xff\xff", 4, IP4_OPTIONS_GOOD, 0},                /* nothing counts behind the end */
    {"\x94\4\0\0", 4, IP4_OPTIONS_GOOD, 0},                    /* router alert */
    {"\x1e\4\0\0", 4, IP4_OPTIONS_GOOD, 0},                    /* unknown */
    {"\x88\4\0\1", 4, IP4_OPTIONS_GOOD, 0},                    /* a stream: RFC 1122 3.2.1.8 (b) */
    {"\x82\x0b\0\0\0\0\0\0\0\0\0\0", 12, IP4_OPTIONS_GOOD, 0}, /* security */
    {"\x07\x07\x04\0\0\0\0\0", 8, IP4_OPTIONS_GOOD, 0},
    {"\x07\x07\x08\0\0\0\0\0", 8, IP4_OPTIONS_GOOD, 0}, /* full */
    {"\x44\x08\x05\x00\0\0\0\0", 8, IP4_OPTIONS_GOOD, 0},
    {"\x44\x08\x09\xf0\0\0\0\0", 8, IP4_OPTIONS_BAD, 23}, /* no room for us, nor to count us */
    {"\x1e\0\0\0", 4, IP4_OPTIONS_BAD, 21},
    {"\x1e\1\0\0", 4, IP4_OPTIONS_BAD, 21},
    {"\x1e\5\0\0", 4, IP4_OPTIONS_BAD, 21},
    {"\x1e\xff\0\0", 4, IP4_OPTIONS_BAD, 21},
    {"\1\1\1\x1e", 4, IP4_OPTIONS_BAD, 23},
    {"\x07\x02\0\0", 4, IP4_OPTIONS_BAD, 21},
    {"\x07\x07\x00\0\0\0\0\0", 8, IP4_OPTIONS_BAD, 22},
    {"\x07\x07\x03\0\0\0\0\0", 8, IP4_OPTIONS_BAD, 22},
    {"\x07\x07\x05\0\0\0\0\0", 8, IP4_OPTIONS_BAD, 22}, /* half an address is left */
    {"\x07\x03\x04\x07\x03\x04\0\0", 8, IP4_OPTIONS_BAD, 23},
    {"\x44\x03\x05\0", 4, IP4_OPTIONS_BAD, 21},
    {"\x44\x08\x04\0\0\0\0\0", 8, IP4_OPTIONS_BAD, 22},
    {"\x44\x08\x05\x01\0\0\0\0", 8, IP4_OPTIONS_BAD, 22}, /* 8 bytes are needed */
    {"\x44\x0c\x05\x02\0\0\0\0\0\0\0\0", 12, IP4_OPTIONS_BAD, 23},
    {"\x83\x07\x04\x0a\0\0\x03\0", 8, IP4_OPTIONS_SOURCE_ROUTE, 0},
    {"\x89\x07\x04\x0a\0\0\x03\0", 8, IP4_OPTIONS_SOURCE_ROUTE, 0},
    {"\x83\x07\x08\x0a\0\0\x03\0", 8, IP4_OPTIONS_SOURCE_ROUTE, 0}, /* complete: refused too */
    {"\x83\x03\x04\x89\x03\x04\0\0", 8, IP4_OPTIONS_BAD, 23},
    {"\x83\x07\x02\x0a\0\0\x03\0", 8, IP4_OPTIONS_BAD, 22},
};

static void options_are_judged(void)
{
    for (uint32_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct icmp4_header icmp;

        keeper_bed();
        good(&d);
        datagram_options(&d, options[i].bytes, options[i].length);
        inject(&d);
        if (udp_keeper.count != (options[i].verdict == IP4_OPTIONS_GOOD) ||
            drops(DROP_IP_OPTION) != (options[i].verdict != IP4_OPTIONS_GOOD))
            test_fail(__FILE__, __LINE__, "row %u", i);
        if (options[i].verdict == IP4_OPTIONS_BAD) {
            check(left(&d, &h));
            icmp = icmp_in(&d, &h);
            check_equal(icmp.type, ICMP4_PARAMETER);
            check_equal(icmp.code, 0);
            if (icmp.rest >> 24 != options[i].pointer)
                test_fail(__FILE__, __LINE__, "row %u points at %u", i, icmp.rest >> 24);
            check_equal(h.header_bytes, 20); /* no option is copied */
        }
        check(nothing_left());
        ip_bed_done();
    }
}

/* P-05: every kind with every length and pointer ends, and what passes is within the header. */
static void every_option_walk_ends(void)
{
    uint8_t bytes[40];

    for (uint32_t kind = 0; kind < 256; kind++) {
        for (uint32_t length = 0; length < 256; length++) {
            uint8_t pointer = 0;

            memset(bytes, (int)kind, sizeof bytes);
            bytes[1] = (uint8_t)length;
            for (uint32_t at = 0; at < 256; at += 3) {
                bytes[2] = (uint8_t)at;
                h = (struct ip4_header){.header_bytes = 60, .options = bytes};
                if (ip4_options_check(&h, &pointer) == IP4_OPTIONS_GOOD && kind > 1)
                    check(length >= 2 && length <= 40);
                check(pointer < 60);
            }
        }
    }
}

static void an_echo_with_a_source_route_is_not_answered(void)
{
    keeper_bed();
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 1, "data", 4);
    datagram_options(&d, "\x83\x07\x04\xc0\x00\x02\x09\0", 8);
    inject(&d);
    check(nothing_left());
    check_equal(drops(DROP_IP_OPTION), 1);
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 1, "data", 4);
    datagram_options(&d, "\x07\x07\x04\0\0\0\0\0", 8);
    inject(&d);
    check(left(&d, &h));
    check_equal(h.dest, PEER);
    check_equal(h.header_bytes, 28); /* the record alone (test_ip4_options.c) */
    ip_bed_done();
}

static void an_atomic_datagram_has_no_identification(void)
{
    uint16_t first;

    keeper_bed();
    check_equal(send_to(PEER, 100, true), 0);
    check(left(&d, &h));
    check(h.dont_fragment);
    check_equal(h.id, 0);
    check_equal(h.ttl, 64);
    check_equal(h.protocol, IP_PROTOCOL_UDP);
    check_equal(send_to(PEER, 100, false), 0);
    check(left(&d, &h));
    check(!h.dont_fragment);
    first = h.id;
    check_equal(send_to(PEER, 100, false), 0);
    check(left(&d, &h));
    check(h.id != first && h.id != (uint16_t)(first + 1));
    ip_bed_done();
}

static void the_ttl_is_the_senders_or_the_settings(void)
{
    static const struct {
        uint8_t setting, asked, sent;
    } rows[] = {{64, 0, 64}, {9, 0, 9}, {9, 1, 1}, {255, 0, 255}, {9, 255, 255}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ip_send_facts facts = {.hop_limit = rows[i].asked, .traffic_class = 0xb8};
        struct ip_path path;
        struct packet *p;

        keeper_bed();
        host.settings.default_ttl = rows[i].setting;
        check_equal(ip_path_find(&host, ip4_of(PEER), ip4_of(0), 0, 0, &path), 0);
        p = packet_get(&host_packets, &means.packet_budget, 8);
        memcpy(packet_append(p, 8), "12345678", 8);
        check_equal(ip_send(&host, &udp_keeper.upper, &path, &facts, p, 0), 0);
        check(left(&d, &h));
        check_equal(h.ttl, rows[i].sent);
        check_equal(h.traffic_class, 0xb8);
        check_equal(d.bytes[6] >> 7, 0); /* RFC 791 3.1: the reserved flag */
        ip_bed_done();
    }
}

static void what_does_not_fit_is_refused(void)
{
    keeper_bed();
    check_equal(send_to(PEER, 1480, true), 0);
    check_equal(send_to(PEER, 1481, true), -EMSGSIZE);
    check_equal(drops(DROP_IP_TOO_BIG), 1);
    check_equal(send_to(PEER, 65515, false), 0);
    check_equal(send_to(PEER, 65516, false), -EMSGSIZE);
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

static void own_addresses_are_reached_by_the_loopback(void)
{
    static const uint32_t own[] = {LOCALHOST, 0x7f010203, HOST, HOST_2, HOST_2, 0};
    static const uint16_t interface[] = {0, 0, 1, 2, 2, 0}; /* whose address it is: as Linux */

    keeper_bed();
    for (uint32_t i = 0; i < sizeof own / sizeof *own; i++) {
        check_equal(send_to(own[i], 40000, true), 0);
        check(nothing_left());
        settle();
        check_equal(udp_keeper.count, i + 1);
        check_equal(udp_keeper.last.length, 40000);
        check_equal(udp_keeper.meta.interface, interface[i]);
    }
    check(address_equal(udp_keeper.meta.dest, ip4_of(LOCALHOST)));
    ip_bed_done();
}

static void a_broadcast_comes_back_too(void)
{
    keeper_bed();
    check_equal(send_to(0x0a0000ff, 10, false), 0);
    settle();
    check(left(&d, &h));
    check_equal(h.dest, 0x0a0000ff);
    check_equal(udp_keeper.count, 1);
    check(udp_keeper.meta.broadcast);
    check_equal(udp_keeper.meta.interface, 1);
    check_equal(send_to(0x0a0001ff, 4000, false), 0); /* whole, though it leaves in fragments */
    settle();
    check_equal(udp_keeper.count, 2);
    check_equal(udp_keeper.last.length, 4000);
    check_equal(udp_keeper.meta.interface, 2);
    for (int i = 0; i < 3; i++)
        check(left_by(2, &d, &h));
    check(nothing_left());
    check_equal(send_to(0x0a0001ff, 4000, true), -EMSGSIZE);
    settle();
    check_equal(udp_keeper.count, 2);
    ip_bed_done();
}

static void a_silent_neighbor_is_an_error_from_here(void)
{
    struct packet *p;

    keeper_bed();
    datagram_make(&d, header_for(HOST, PEER, IP_PROTOCOL_UDP), "twelve bytes", 12);
    p = packet_get(&host_packets, &means.packet_budget, d.length);
    memcpy(packet_append(p, d.length), d.bytes, d.length);
    ip4_receive_unreachable(&interfaces[1].link_upper, p, 0);
    check_equal(udp_keeper.errors, 1);
    check(udp_keeper.error.from_here);
    check_equal(udp_keeper.error.kind, IP_ERROR_HOST_UNREACHABLE);
    check_equal(udp_keeper.error.type, 0);
    check(address_equal(udp_keeper.error.dest, ip4_of(PEER)));
    check_equal(udp_keeper.error.quoted_length, 12);
    check_equal(drops(DROP_NEIGHBOR_FAILED), 0); /* layer 2 counts it, once */
    ip_bed_done();
}

static const struct test tests[] = {
    {"a header is read as it was written (RFC 791 3.1)", header_survives},
    {"every IHL and total length on 60 bytes is judged right (P-01, RFC 1122 3.2.1)",
     every_length_lie_is_refused},
    {"headers cut short and other versions are refused (RFC 1122 3.2.1.1)",
     short_and_foreign_headers_are_refused},
    {"a good datagram goes up with its facts", a_good_datagram_goes_up},
    {"reserved bits keep nothing out (RFC 1812 4.2.2.3-2)", reserved_bits_keep_nothing_out},
    {"padding behind the total length never goes up (P-01)", padding_is_trimmed},
    {"each flipped bit of a header is seen (RFC 1122 3.2.1.2)",
     each_flipped_bit_of_the_header_is_seen},
    {"a datagram with TTL 0 or 1 is received (RFC 1122 3.2.1.7, R-03)", a_low_ttl_is_received},
    {"martian sources and destinations are dropped (RFC 1122 3.2.1.3, P-22, R-01, R-02)",
     martians_are_dropped},
    {"what is known of a pair of addresses holds until a table changes",
     what_is_known_of_addresses_is_not_kept_for_ever},
    {"a unicast datagram in a broadcast frame is dropped (RFC 1122 3.3.6)",
     a_unicast_in_a_broadcast_frame_is_dropped},
    {"an unknown protocol is answered with code 2 (RFC 1122 3.2.2.1, P-23)",
     an_unknown_protocol_is_unreachable},
    {"options are good, bad at a pointer, or a source route (RFC 791 3.1, RFC 7126, P-05)",
     options_are_judged},
    {"every option walk ends inside the header (P-05)", every_option_walk_ends},
    {"no option of an echo is copied, and a source route gets no answer (P-06)",
     an_echo_with_a_source_route_is_not_answered},
    {"an atomic datagram has identification 0, others an unpredictable one (RFC 6864 4.1, F-08)",
     an_atomic_datagram_has_no_identification},
    {"the TTL is the sender's or the setting's (RFC 1122 3.2.1.6-1, 3.2.1.7-1, 3.2.1.7-3 to 4)",
     the_ttl_is_the_senders_or_the_settings},
    {"what may not be fragmented, or is over 65,535 bytes, is refused",
     what_does_not_fit_is_refused},
    {"own addresses and 127/8 are reached by interface 0 (RFC 1122 3.2.1.3 (g))",
     own_addresses_are_reached_by_the_loopback},
    {"a broadcast is heard by this host too", a_broadcast_comes_back_too},
    {"a neighbour that does not answer is an error from here (RFC 1122 3.2.2.1)",
     a_silent_neighbor_is_an_error_from_here},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
