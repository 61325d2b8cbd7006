/* SPDX-License-Identifier: MIT */
/* ICMP: echo, errors that we send and when not, rates, errors that we get. */
#include "3-network/ip_keeper.h"
#include "3-network/route.h"

static struct datagram d, sent;
static struct ip4_header h;

static void ping_host(uint32_t source, uint32_t dest, uint32_t length)
{
    static uint8_t data[PACKET_ROOM];

    for (uint32_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i * 3);
    h = header_for(source, dest, IP_PROTOCOL_ICMP);
    h.traffic_class = 0x29;
    icmp_make(&sent, h, ICMP4_ECHO, 0, 0x12340007, data, length);
    inject(&sent);
}

static void an_echo_is_answered(void)
{
    static const uint32_t lengths[] = {0, 1, 56, 1472};

    for (uint32_t i = 0; i < 4; i++) {
        struct icmp4_header icmp;

        keeper_bed();
        ping_host(PEER, HOST, lengths[i]);
        check(left(&d, &h));
        icmp = icmp_in(&d, &h);
        check_equal(icmp.type, ICMP4_ECHO_REPLY);
        check_equal(icmp.code, 0);
        check_equal(icmp.rest, 0x12340007);
        check_equal(h.source, HOST);
        check_equal(h.dest, PEER);
        check_equal(h.ttl, 64);
        check_equal(h.traffic_class, 0x28); /* the DSCP comes back, the ECN field does not */
        check_equal(d.length, sent.length);
        check(memcmp(d.bytes + 28, sent.bytes + 28, lengths[i]) == 0);
        ip_bed_done();
    }
}

static void broadcast_echoes_are_not_answered(void)
{
    keeper_bed();
    ping_host(PEER, 0x0a0000ff, 8);
    ping_host(PEER, 0xffffffff, 8);
    ping_host(PEER, 0xe0000001, 8);
    check(nothing_left());
    check_equal(drops(DROP_ICMP_IGNORED), 3);
    host.settings.icmp_echo_ignore_all = 1;
    ping_host(PEER, HOST, 8);
    check(nothing_left());
    check_equal(drops(DROP_ICMP_IGNORED), 4);
    ip_bed_done();
}

static void an_echo_to_the_loopback_comes_back(void)
{
    static const struct ip_send_facts facts;
    struct ip_path path;
    struct packet *p;

    keeper_bed();
    check_equal(ip_path_find(&host, ip4_of(LOCALHOST), ip4_of(0), 0, 0, &path), 0);
    icmp_make(&sent, header_for(LOCALHOST, LOCALHOST, 1), ICMP4_ECHO, 0, 5, "data", 4);
    p = packet_get(&host_packets, &means.packet_budget, sent.length);
    memcpy(packet_append(p, sent.length - 20), sent.bytes + 20, sent.length - 20);
    check_equal(ip_send(&host, &ping_keeper.upper, &path, &facts, p, 0), 0);
    settle();
    check_equal(ping_keeper.count, 1);
    check_equal(ping_keeper.last.bytes[0], ICMP4_ECHO_REPLY);
    check_equal(ping_keeper.last.length, 12);
    ip_bed_done();
}

static void damaged_and_unknown_messages_are_dropped(void)
{
    keeper_bed();
    for (uint32_t length = 0; length < 8; length++) {
        uint8_t zeros[8] = {0};

        datagram_make(&d, header_for(PEER, HOST, 1), zeros, length);
        inject(&d);
    }
    check_equal(drops(DROP_ICMP_HEADER), 8);
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 5, "data", 4);
    d.bytes[d.length - 1] ^= 1;
    inject(&d);
    check_equal(drops(DROP_ICMP_HEADER), 9);
    icmp_make(&d, header_for(PEER, HOST, 1), 42, 0, 5, "data", 4);
    inject(&d);
    check_equal(drops(DROP_ICMP_HEADER), 10);
    check(nothing_left());
    ip_bed_done();
}

/* Address masks (17, 18), information (15, 16), and all that has no name. */
static void a_type_that_is_not_known_is_dropped_in_silence(void)
{
    static const uint8_t known[] = {0, 3, 4, 5, 8, 11, 12, 13, 14};

    keeper_bed();
    for (uint32_t type = 0; type < 256; type++) {
        uint64_t before = drops(DROP_ICMP_HEADER);

        if (memchr(known, (int)type, sizeof known))
            continue;
        icmp_make(&d, header_for(PEER, HOST, 1), (uint8_t)type, 0, 5, "12345678", 8);
        inject(&d);
        check_equal(drops(DROP_ICMP_HEADER), before + 1);
    }
    check(nothing_left());
    check_equal(udp_keeper.count + ping_keeper.count + udp_keeper.errors + ping_keeper.errors, 0);
    ip_bed_done();
}

static void quench_redirect_and_timestamps_do_nothing(void)
{
    static const uint8_t types[] = {ICMP4_SOURCE_QUENCH, ICMP4_REDIRECT, ICMP4_TIMESTAMP,
                                    ICMP4_TIMESTAMP_REPLY};

    keeper_bed();
    host.settings.accept_redirects = 0;
    datagram_make(&sent, header_for(HOST, FAR, IP_PROTOCOL_UDP), "12345678", 8);
    for (uint32_t i = 0; i < 4; i++) {
        icmp_make(&d, header_for(0x0a0000fe, HOST, 1), types[i], 1, PEER, sent.bytes, sent.length);
        inject(&d);
    }
    check_equal(drops(DROP_ICMP_IGNORED), 4);
    check_equal(udp_keeper.errors, 0);
    check(nothing_left());
    ip_bed_done();
}

/* A datagram of a protocol that nobody has: the answer would be code 2. */
static void ask(uint32_t source, uint32_t dest, uint32_t length)
{
    static uint8_t data[2000];

    for (uint32_t i = 0; i < length; i++)
        data[i] = (uint8_t)i;
    datagram_make(&sent, header_for(source, dest, 99), data, length);
    inject(&sent);
}

static void an_error_quotes_what_fits_576_bytes(void)
{
    static const struct {
        uint32_t length, quoted;
    } rows[] = {{0, 20}, {8, 28}, {528, 548}, {529, 548}, {1400, 548}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        keeper_bed();
        ask(PEER, HOST, rows[i].length);
        check(left(&d, &h));
        check_equal(icmp_in(&d, &h).rest, 0);
        check_equal(d.length, 28 + rows[i].quoted);
        check(memcmp(d.bytes + 28, sent.bytes, rows[i].quoted) == 0);
        check_equal(h.traffic_class, 0xc0);
        check(!h.dont_fragment);
        ip_bed_done();
    }
}

static void errors_are_never_sent_about_errors_broadcasts_or_later_fragments(void)
{
    static const uint8_t types[] = {3, 4, 5, 11, 12, 42};
    struct ip4_header fragment = header_for(PEER, HOST, 99);
    struct ip_meta meta = {.source = ip4_of(PEER), .dest = ip4_of(HOST)};
    struct packet *p;

    keeper_bed();
    ask(PEER, 0x0a0000ff, 8);
    ask(PEER, 0xe0000001, 8);
    ask(0, 0xffffffff, 8);
    check(nothing_left());
    p = packet_get(&host_packets, &means.packet_budget, 100);
    p->network = p->start;
    for (uint32_t i = 0; i < sizeof types; i++) {
        icmp_make(&sent, header_for(PEER, HOST, 1), types[i], 0, 0, "quoted", 6);
        packet_trim(p, 0);
        memcpy(packet_append(p, sent.length), sent.bytes, sent.length);
        icmp4_send_error(&host, &meta, p, ICMP4_TIME_EXCEEDED, 0, 0, 0);
    }
    fragment.fragment_offset = 8;
    datagram_make(&sent, fragment, "later", 5);
    packet_trim(p, 0);
    memcpy(packet_append(p, sent.length), sent.bytes, sent.length);
    icmp4_send_error(&host, &meta, p, ICMP4_PARAMETER, 0, 0, 0);
    check(nothing_left());
    fragment.fragment_offset = 0;
    datagram_make(&sent, fragment, "first", 5);
    packet_trim(p, 0);
    memcpy(packet_append(p, sent.length), sent.bytes, sent.length);
    icmp4_send_error(&host, &meta, p, ICMP4_PARAMETER, 0, 0, 0);
    check(left(&d, &h));
    packet_put(p);
    ip_bed_done();
}

/* Who asked is told, if it is one station that can be told. */
static void no_error_goes_to_who_is_not_one_station(void)
{
    static const struct {
        uint32_t source;
        bool told;
    } rows[] = {{PEER, true},        {FAR, true},         {0, false},          {7, false},
                {0xffffffff, false}, {0x0a0000ff, false}, {0xe0000005, false}, {0xf0000001, false}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip_meta meta = {.source = ip4_of(rows[i].source), .dest = ip4_of(HOST)};
        struct packet *p;

        keeper_bed();
        datagram_make(&sent, header_for(rows[i].source, HOST, 99), "12345678", 8);
        p = packet_get(&host_packets, &means.packet_budget, sent.length);
        p->network = p->start;
        memcpy(packet_append(p, sent.length), sent.bytes, sent.length);
        icmp4_send_error(&host, &meta, p, ICMP4_PARAMETER, 0, 0, 0);
        if (left(&d, &h) != rows[i].told)
            test_fail(__FILE__, __LINE__, "row %u", i);
        meta.broadcast = true; /* nor of what came to all, by its frame or its address */
        icmp4_send_error(&host, &meta, p, ICMP4_PARAMETER, 0, 0, 0);
        check(nothing_left());
        packet_put(p);
        ip_bed_done();
    }
}

static void an_error_without_memory_is_a_counted_drop(void)
{
    keeper_bed();
    means.packet_budget.limit = means.packet_budget.used;
    ask(PEER, HOST, 8);
    check(nothing_left());
    check_equal(drops(DROP_NO_MEMORY), 1);
    means.packet_budget.limit = 1000;
    ask(PEER, HOST, 8);
    check(left(&d, &h));
    ip_bed_done();
}

static uint32_t answers(void)
{
    uint32_t n = 0;

    while (left(&d, &h))
        n++;
    return n;
}

static void one_destination_gets_few_errors(void)
{
    uint32_t n;

    keeper_bed();
    for (uint32_t i = 0; i < 100; i++)
        ask(PEER, HOST, 8);
    n = answers();
    check(n >= ICMP_RATE_BURST - 1 && n <= ICMP_RATE_BURST + 2);
    check_equal(drops(DROP_ICMP_RATE), 100 - n);
    ask(0x0a000003, HOST, 8); /* another has its own bucket */
    check_equal(answers(), 1);
    run_until(bed.now + 3 * SECOND); /* about one a second comes back */
    for (uint32_t i = 0; i < 20; i++)
        ask(PEER, HOST, 8);
    n = answers();
    check(n >= 2 && n <= 4);
    ip_bed_done();
}

static void the_host_sends_few_errors_in_all(void)
{
    uint32_t n;

    keeper_bed();
    for (uint32_t i = 0; i < 1000; i++) {
        datagram_make(&sent, header_for(FAR + 256 * i, HOST, 99), "x", 1);
        inject(&sent);
    }
    n = answers(); /* 50 at once, and 1000 a second for the 10 ms that this took */
    check(n >= 40 && n <= 80);
    ip_bed_done();
}

static void the_rate_is_another_with_another_key(void)
{
    uint64_t first = 0;
    bool differs = false;

    for (uint64_t key = 0; key < 8; key++) {
        keeper_bed();
        means.key.k0 = key;
        for (uint32_t i = 0; i < 300; i++) {
            datagram_make(&sent, header_for(FAR + 256 * i, HOST, 99), "x", 1);
            inject(&sent);
        }
        if (key == 0)
            first = answers();
        else
            differs |= answers() != first;
        ip_bed_done();
    }
    check(differs);
}

/* An error that comes in about a datagram of ours. */
static void complain(uint8_t type, uint8_t code, uint32_t rest, struct ip4_header about,
                     uint32_t claimed, uint32_t quoted)
{
    static struct datagram original;
    static uint8_t data[2000];

    for (uint32_t i = 0; i < 64; i++)
        data[i] = (uint8_t)(0xa0 + i);
    datagram_make(&original, about, data, claimed - 20);
    icmp_make(&d, header_for(0x0a0000fe, HOST, 1), type, code, rest, original.bytes, quoted);
    inject(&d);
}

static void each_code_is_told_with_its_meaning(void)
{
    static const struct {
        uint8_t type, code;
        int kind; /* -1: told to nobody */
    } rows[] = {
        {3, 0, IP_ERROR_NET_UNREACHABLE},
        {3, 1, IP_ERROR_HOST_UNREACHABLE},
        {3, 2, IP_ERROR_PROTOCOL_UNREACHABLE},
        {3, 3, IP_ERROR_PORT_UNREACHABLE},
        {3, 5, IP_ERROR_SOURCE_ROUTE},
        {3, 6, IP_ERROR_NET_UNREACHABLE},
        {3, 7, IP_ERROR_HOST_UNREACHABLE},
        {3, 8, IP_ERROR_HOST_UNREACHABLE},
        {3, 9, IP_ERROR_PROHIBITED},
        {3, 10, IP_ERROR_PROHIBITED},
        {3, 11, IP_ERROR_NET_UNREACHABLE},
        {3, 12, IP_ERROR_HOST_UNREACHABLE},
        {3, 13, IP_ERROR_PROHIBITED},
        {3, 14, IP_ERROR_PROHIBITED},
        {3, 15, IP_ERROR_PROHIBITED},
        {3, 16, -1},
        {3, 255, -1},
        {11, 0, IP_ERROR_TIME_EXCEEDED},
        {11, 1, IP_ERROR_REASSEMBLY_TIME},
        {11, 2, -1},
        {12, 0, IP_ERROR_PARAMETER},
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        keeper_bed();
        complain(rows[i].type, rows[i].code, 0, header_for(HOST, FAR, IP_PROTOCOL_UDP), 100, 28);
        check_equal(udp_keeper.errors, rows[i].kind >= 0);
        if (rows[i].kind >= 0) {
            check_equal(udp_keeper.error.kind, rows[i].kind);
            check_equal(udp_keeper.error.type, rows[i].type);
            check_equal(udp_keeper.error.code, rows[i].code);
            check(address_equal(udp_keeper.error.offender, ip4_of(0x0a0000fe)));
            check(address_equal(udp_keeper.error.source, ip4_of(HOST)));
            check(address_equal(udp_keeper.error.dest, ip4_of(FAR)));
            check_equal(udp_keeper.error.quoted_length, 8);
            check_equal(udp_keeper.quoted[7], 0xa7);
            check(!udp_keeper.error.from_here);
        } else {
            check_equal(drops(DROP_ICMP_IGNORED), 1);
        }
        check(nothing_left());
        ip_bed_done();
    }
}

static void a_quote_cut_anywhere_is_read_safely(void)
{
    for (uint32_t quoted = 0; quoted <= 64; quoted++) {
        keeper_bed();
        complain(3, 3, 0, header_for(HOST, FAR, IP_PROTOCOL_UDP), 64, quoted);
        check_equal(udp_keeper.errors, quoted >= 20);
        if (quoted >= 20)
            check_equal(udp_keeper.error.quoted_length, quoted - 20);
        else
            check_equal(drops(DROP_ICMP_HEADER), 1);
        ip_bed_done();
    }
}

static void a_quote_is_never_longer_than_its_datagram(void)
{
    static uint8_t quote[100];
    struct ip4_header about = header_for(HOST, FAR, IP_PROTOCOL_UDP);
    struct writer w = writer_of(quote, sizeof quote);

    keeper_bed();
    about.total_length = 30;
    ip4_header_write(&w, &about);
    icmp_make(&d, header_for(PEER, HOST, 1), 3, 3, 0, quote, sizeof quote);
    inject(&d);
    check_equal(udp_keeper.error.quoted_length, 10);
    quote[0] = 0x4f; /* options that are not there */
    icmp_make(&d, header_for(PEER, HOST, 1), 3, 3, 0, quote, 28);
    inject(&d);
    check_equal(drops(DROP_ICMP_HEADER), 1);
    quote[0] = 0x65;
    icmp_make(&d, header_for(PEER, HOST, 1), 3, 3, 0, quote, 28);
    inject(&d);
    check_equal(drops(DROP_ICMP_HEADER), 2);
    ip_bed_done();
}

static void foreign_and_nested_errors_are_ignored(void)
{
    struct ip4_header about = header_for(PEER, FAR, IP_PROTOCOL_UDP);

    keeper_bed();
    complain(3, 3, 0, about, 100, 28); /* not ours */
    about = header_for(HOST, FAR, 99);
    complain(3, 3, 0, about, 100, 28); /* a protocol that we do not speak */
    about = header_for(HOST, FAR, IP_PROTOCOL_UDP);
    about.fragment_offset = 8;
    complain(3, 3, 0, about, 100, 28);
    about = header_for(HOST, FAR, IP_PROTOCOL_ICMP);
    complain(3, 3, 0, about, 100, 28); /* 0xa0 is no echo request */
    check_equal(drops(DROP_ICMP_IGNORED), 4);
    check_equal(udp_keeper.errors + ping_keeper.errors, 0);
    udp_keeper.plausible = false;
    complain(3, 3, 0, header_for(HOST, FAR, IP_PROTOCOL_UDP), 100, 28);
    check_equal(udp_keeper.errors, 1);
    check_equal(drops(DROP_ICMP_IGNORED), 5);
    check(nothing_left());
    ip_bed_done();
}

static void too_big_lowers_only_what_is_plausible(void)
{
    static const struct {
        uint32_t mtu, claimed;
        bool dont_fragment, plausible;
        uint32_t result;
    } rows[] = {
        {1400, 1500, true, true, 1400},
        {1400, 1500, true, false, 1500}, /* layer 4 knows nothing of it */
        {1400, 1500, false, true, 1500}, /* it could have been fragmented */
        {1500, 1500, true, true, 1500},  /* no reason to refuse it */
        {1400, 1400, true, true, 1500},  /* nor this one */
        {9000, 1500, true, true, 1500},  /* never raised */
        {552, 1500, true, true, 552},
        {551, 1500, true, true, 552},
        {68, 1500, true, true, 552},
        {67, 1500, true, true, 1500}, /* no link has so little */
        {1, 1500, true, true, 1500},
        {0, 1500, true, true, 1492},      /* an old router: the plateau below */
        {0x50005, 1500, true, true, 1500} /* the upper half is not the MTU */
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip4_header about = header_for(HOST, FAR, IP_PROTOCOL_UDP);
        struct ip_path path;

        keeper_bed();
        about.dont_fragment = rows[i].dont_fragment;
        udp_keeper.plausible = rows[i].plausible;
        complain(3, 4, rows[i].mtu, about, rows[i].claimed, 28);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        if (path.mtu != rows[i].result)
            test_fail(__FILE__, __LINE__, "row %u: %u", i, path.mtu);
        if (udp_keeper.errors && rows[i].plausible)
            check_equal(udp_keeper.error.mtu, rows[i].result);
        ip_bed_done();
    }
}

static void below_the_least_mtu_fragments_may_be_made(void)
{
    struct ip4_header about = header_for(HOST, FAR, IP_PROTOCOL_UDP);

    keeper_bed();
    about.dont_fragment = true;
    complain(3, 4, 300, about, 1500, 28);
    check_equal(send_to(FAR, 400, true), 0);
    check(left(&d, &h));
    check(!h.dont_fragment);
    ip_bed_done();
}

static void the_plateaus_are_rfc_1191s(void)
{
    check_equal(icmp4_plateau(1500), 1492);
    check_equal(icmp4_plateau(1492), 1006);
    check_equal(icmp4_plateau(508), 68);
    check_equal(icmp4_plateau(60), 68);
}

/* RFC 1122 3.2.2.2; rows of what an attacker would send (T-27). */
static void a_redirect_is_believed_of_the_present_first_hop(void)
{
    enum { GATEWAY = 0x0a0000fe, BETTER = 0x0a000063 };
    static const struct {
        uint32_t from, gateway, quoted_source;
        uint8_t setting, forwarding, believed;
    } rows[] = {
        {GATEWAY, BETTER, HOST, 1, 0, 1},
        {PEER, BETTER, HOST, 1, 0, 0},        /* not the first hop */
        {GATEWAY, 0x0a000163, HOST, 1, 0, 0}, /* on another wire */
        {GATEWAY, 0xcb007101, HOST, 1, 0, 0}, /* on none */
        {GATEWAY, HOST, HOST, 1, 0, 0},       /* ourselves */
        {GATEWAY, 0x0a0000ff, HOST, 1, 0, 0}, /* everybody */
        {GATEWAY, BETTER, PEER, 1, 0, 0},     /* about somebody else's datagram */
        {GATEWAY, BETTER, HOST, 0, 0, 0},
        {GATEWAY, BETTER, HOST, 1, 1, 0}, /* a router believes none */
    };
    static struct datagram quote;
    struct ip_path path;

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        keeper_bed();
        host.settings.accept_redirects = rows[i].setting;
        host.settings.forwarding[0] = rows[i].forwarding;
        datagram_make(&quote, header_for(rows[i].quoted_source, FAR, IP_PROTOCOL_UDP), "12345678",
                      8);
        icmp_make(&d, header_for(rows[i].from, HOST, 0), ICMP4_REDIRECT, 1, rows[i].gateway,
                  quote.bytes, quote.length);
        inject(&d);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        if (!address_equal(path.next_hop, ip4_of(rows[i].believed ? BETTER : GATEWAY)))
            test_fail(__FILE__, __LINE__, "row %u", i);
        check_equal(drops(DROP_ICMP_IGNORED), !rows[i].believed);
        check_equal(ip_path_find(&host, ip4_of(FAR + 1), ip4_of(0), 0, bed.now, &path), 0);
        check(address_equal(path.next_hop, ip4_of(GATEWAY))); /* of one host alone */
        run_until(bed.now + 301 * SECOND);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        check(address_equal(path.next_hop, ip4_of(GATEWAY)));
        ip_bed_done();
    }
}

/* RFC 1122 3.2.2.1: that a network, a host or a source route cannot be reached may be over in a
 * moment; of the gateway it proves nothing. */
static void an_unreachable_is_no_proof_of_a_dead_gateway(void)
{
    static const uint8_t codes[] = {0, 1, 5};
    struct ip_path path;

    keeper_bed();
    check_equal(ip_route_add(&host, ip4_of(0), 0, ip4_of(0x0a0000fd), 0), 0);
    for (uint32_t i = 0; i < sizeof codes; i++) {
        complain(3, codes[i], 0, header_for(HOST, FAR, IP_PROTOCOL_UDP), 100, 28);
        check_equal(udp_keeper.errors, i + 1);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        check(address_equal(path.next_hop, ip4_of(0x0a0000fe)));
    }
    ip_bed_done();
}

/* Of a network, of a host, and both with a type of service. */
static void redirects_of_each_code_are_believed(void)
{
    static struct datagram quote;
    struct ip_path path;

    datagram_make(&quote, header_for(HOST, FAR, IP_PROTOCOL_UDP), "12345678", 8);
    for (uint8_t code = 0; code < 6; code++) {
        keeper_bed();
        icmp_make(&d, header_for(0x0a0000fe, HOST, 0), ICMP4_REDIRECT, code, 0x0a000063,
                  quote.bytes, quote.length);
        inject(&d);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        check(address_equal(path.next_hop, ip4_of(code < 4 ? 0x0a000063 : 0x0a0000fe)));
        ip_bed_done();
    }
}

static void the_latest_redirect_counts(void)
{
    static const uint32_t hops[] = {0x0a0000fe, 0x0a000063, 0x0a000064};
    static struct datagram quote;
    struct ip_path path;
    uint32_t before;

    keeper_bed();
    before = host.routes.count;
    datagram_make(&quote, header_for(HOST, FAR, IP_PROTOCOL_UDP), "12345678", 8);
    for (uint32_t i = 0; i < 2; i++) {
        icmp_make(&d, header_for(hops[i], HOST, 0), ICMP4_REDIRECT, 1, hops[i + 1], quote.bytes,
                  quote.length);
        inject(&d);
        check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
        check(address_equal(path.next_hop, ip4_of(hops[i + 1])));
        check_equal(host.routes.count, before + 1);
    }
    ip_bed_done();
}

/* RFC 1122 3.3.1.4: the router that gave it is asked again, and only for what failed. */
static void a_redirect_to_a_dead_gateway_is_forgotten(void)
{
    enum { GATEWAY = 0x0a0000fe, BETTER = 0x0a000063, OTHER = 0x0a000064 };
    static struct datagram quote;
    struct ip_path path;
    uint32_t before;

    keeper_bed();
    before = host.routes.count;
    for (uint32_t i = 0; i < 2; i++) {
        datagram_make(&quote, header_for(HOST, FAR + i, IP_PROTOCOL_UDP), "12345678", 8);
        icmp_make(&d, header_for(GATEWAY, HOST, 0), ICMP4_REDIRECT, 1, i ? OTHER : BETTER,
                  quote.bytes, quote.length);
        inject(&d);
    }
    check_equal(host.routes.count, before + 2);
    route_failed(&host, ip4_of(BETTER), 1, bed.now);
    check_equal(host.routes.count, before + 1);
    check_equal(ip_path_find(&host, ip4_of(FAR), ip4_of(0), 0, bed.now, &path), 0);
    check(address_equal(path.next_hop, ip4_of(GATEWAY)));
    check_equal(ip_path_find(&host, ip4_of(FAR + 1), ip4_of(0), 0, bed.now, &path), 0);
    check(address_equal(path.next_hop, ip4_of(OTHER)));
    ip_bed_done();
}

static void redirects_do_not_fill_the_table(void)
{
    static struct datagram quote;
    uint32_t before;

    keeper_bed();
    before = host.routes.count;
    for (uint32_t i = 0; i < 100; i++) {
        datagram_make(&quote, header_for(HOST, FAR + i, IP_PROTOCOL_UDP), "12345678", 8);
        icmp_make(&d, header_for(0x0a0000fe, HOST, 0), ICMP4_REDIRECT, 1, 0x0a000063, quote.bytes,
                  quote.length);
        inject(&d);
    }
    check_equal(host.routes.count, before + 64);
    ip_bed_done();
}

static const struct test tests[] = {
    {"an echo is answered with its data, from its destination (RFC 1122 3.2.2.6)",
     an_echo_is_answered},
    {"echoes to broadcast and group addresses are not answered (RFC 1122 3.2.2.6, R-02)",
     broadcast_echoes_are_not_answered},
    {"an echo to 127.0.0.1 comes back", an_echo_to_the_loopback_comes_back},
    {"short, damaged and unknown messages are dropped (RFC 1122 3.2.2)",
     damaged_and_unknown_messages_are_dropped},
    {"a type that is not known is dropped in silence (RFC 1122 3.2.2-1, 3.2.2.9-7 to 8)",
     a_type_that_is_not_known_is_dropped_in_silence},
    {"no error goes to who is not one station (RFC 1122 3.2.2-4)",
     no_error_goes_to_who_is_not_one_station},
    {"an unreachable is no proof of a dead gateway (RFC 1122 3.2.2.1-4)",
     an_unreachable_is_no_proof_of_a_dead_gateway},
    {"redirects of each code are believed (RFC 1122 3.2.2.2-2)",
     redirects_of_each_code_are_believed},
    {"a redirect is believed of the present first hop alone (T-27)",
     a_redirect_is_believed_of_the_present_first_hop},
    {"of redirects to one host the latest counts", the_latest_redirect_counts},
    {"a redirect to a dead gateway is forgotten (RFC 1122 3.3.1.4)",
     a_redirect_to_a_dead_gateway_is_forgotten},
    {"redirects do not fill the table", redirects_do_not_fill_the_table},
    {"source quench (RFC 6633), redirects switched off and timestamps do nothing",
     quench_redirect_and_timestamps_do_nothing},
    {"an error quotes what fits 576 bytes (RFC 1812 4.3.2.3)", an_error_quotes_what_fits_576_bytes},
    {"an error for which there is no memory is a counted drop",
     an_error_without_memory_is_a_counted_drop},
    {"no error about an error, a broadcast or a later fragment (RFC 1122 3.2.2, R-03)",
     errors_are_never_sent_about_errors_broadcasts_or_later_fragments},
    {"one destination gets few errors (RFC 1812 4.3.2.8)", one_destination_gets_few_errors},
    {"the host sends few errors in all (RFC 1812 4.3.2.8)", the_host_sends_few_errors_in_all},
    {"how many errors the host sends depends on its key (T-07)",
     the_rate_is_another_with_another_key},
    {"each type and code is told with its meaning (RFC 1122 3.2.2.1)",
     each_code_is_told_with_its_meaning},
    {"a quote cut off anywhere is read safely (P-11)", a_quote_cut_anywhere_is_read_safely},
    {"a quote is never longer than its datagram says (P-11)",
     a_quote_is_never_longer_than_its_datagram},
    {"errors about others' datagrams, or about errors, are ignored (P-11, RFC 5927)",
     foreign_and_nested_errors_are_ignored},
    {"too big lowers the path MTU only when plausible (RFC 1191, RFC 5927 7, F-07)",
     too_big_lowers_only_what_is_plausible},
    {"the plateaus are those of RFC 1191 7.1", the_plateaus_are_rfc_1191s},
    {"below the least path MTU, DF is not set", below_the_least_mtu_fragments_may_be_made},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
