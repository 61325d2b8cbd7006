/* SPDX-License-Identifier: MIT */
/* UDP from below: the header, who gets a datagram, errors. */
#include "4-transport/udp_bed.h"

static void a_datagram_has_the_right_bytes(void)
{
    struct udp_end *e;
    struct udp_header u;
    struct reader r;

    datagram_bed();
    e = bound(HOST, 5000);
    check_equal(send_bytes(e, PEER, 4000, "hello", 5), 5);
    check(left(&d, &h));
    check_equal(h.protocol, 17);
    check(h.dont_fragment);
    r = reader_of(d.bytes + 20, d.length - 20);
    check(udp_header_read(&r, &u));
    check_equal(u.source_port, 5000);
    check_equal(u.dest_port, 4000);
    check_equal(u.length, 13);
    check(u.checksum != 0);
    check_equal(checksum_finish(checksum_add(checksum_pseudo(ip4_of(HOST), ip4_of(PEER), 17, 13),
                                             d.bytes + 20, 13)),
                0);
    check(memcmp(d.bytes + 28, "hello", 5) == 0);
    datagram_bed_done();
}

static void a_checksum_of_zero_is_sent_as_ones(void)
{
    struct udp_end *e;
    bool seen = false;

    datagram_bed();
    e = bound(HOST, 5000);
    for (uint32_t i = 0; i < 65536 && !seen; i++) {
        uint8_t two[2] = {(uint8_t)(i >> 8), (uint8_t)i};

        check_equal(send_bytes(e, PEER, 4000, two, 2), 2);
        check(left(&d, &h));
        check(d.bytes[26] || d.bytes[27]);
        seen = d.bytes[26] == 0xff && d.bytes[27] == 0xff;
    }
    check(seen);
    datagram_bed_done();
}

static void what_arrives_is_read_with_its_facts(void)
{
    struct transport_message m;
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    check_equal(received(e), -EAGAIN);
    check_equal(datagram_ready(&e->common.end), READY_OUT);
    arrive(from_peer(5000, 100));
    check_equal(told, 1);
    check_equal(datagram_ready(&e->common.end), READY_IN | READY_OUT);
    check_equal(datagram_count(&e->common.end, COUNT_UNREAD), 100);
    check_equal(receive(e, &m, TRANSPORT_PEEK), 100);
    check_equal(receive(e, &m, 0), 100);
    check_equal(bytes[99], 100);
    check(address_equal(m.remote.endpoint.address, ip4_of(PEER)));
    check_equal(m.remote.endpoint.port, 4000);
    check(address_equal(m.local.address, ip4_of(HOST)));
    check_equal(m.local.interface, 1);
    check_equal(m.hop_limit, 64);
    check_equal(m.true_length, 100);
    check_equal(received(e), -EAGAIN);
    datagram_bed_done();
}

static void options_that_came_are_told(void)
{
    static const uint8_t some[8] = {0x1e, 8, 1, 2, 3, 4, 5, 6}, /* that nobody knows */
        message[9] = {0x0f, 0xa0, 0x13, 0x88, 0, 9, 0, 0, 'x'};
    struct transport_message m;
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    datagram_make(&d, header_for(PEER, HOST, IP_PROTOCOL_UDP), message, sizeof message);
    datagram_options(&d, some, sizeof some);
    inject(&d);
    check_equal(receive(e, &m, 0), 1);
    check_equal(m.options_length, sizeof some);
    check(memcmp(m.options, some, sizeof some) == 0);
    arrive(from_peer(5000, 1));
    check_equal(receive(e, &m, 0), 1);
    check_equal(m.options_length, 0);
    datagram_bed_done();
}

static void length_lies_are_caught(void)
{
    static const struct {
        int lie;
        ssize_t result;
    } rows[] = {{0, 20},        {-1, 19},     {-20, 0},       {-21, -EAGAIN},
                {-28, -EAGAIN}, {1, -EAGAIN}, {1000, -EAGAIN}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arriving a = from_peer(5000, 20);
        struct udp_end *e;

        datagram_bed();
        e = bound(0, 5000);
        a.length_lie = rows[i].lie;
        a.no_checksum = rows[i].lie == 1000;
        arrive(a);
        check_equal(received(e), rows[i].result);
        check_equal(drops(DROP_UDP_HEADER), rows[i].result == -EAGAIN);
        check(nothing_left());
        datagram_bed_done();
    }
}

static void headers_cut_short_are_dropped(void)
{
    datagram_bed();
    for (uint32_t length = 0; length < 8; length++) {
        datagram_make(&d, header_for(PEER, HOST, 17), "\x0f\xa0\x13\x88\0\x08\0", length);
        inject(&d);
    }
    check_equal(drops(DROP_UDP_HEADER), 8);
    arrive(from_peer(0, 4)); /* port 0 is nobody's */
    check_equal(drops(DROP_UDP_HEADER), 9);
    check(nothing_left());
    datagram_bed_done();
}

static void a_wrong_checksum_is_dropped_and_none_is_taken(void)
{
    struct arriving a = from_peer(5000, 21);
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    a.bad_checksum = true;
    arrive(a);
    check_equal(drops(DROP_UDP_CHECKSUM), 1);
    check_equal(received(e), -EAGAIN);
    a.bad_checksum = false;
    a.no_checksum = true;
    arrive(a);
    check_equal(received(e), 21);
    datagram_bed_done();
}

/* RFC 8200 8.1: of the addresses of IPv6, and never left out. */
static void over_ipv6_a_checksum_must_be_there(void)
{
    const struct address own = {UINT64_C(0xfd00000000000000), 1},
                         peer = {UINT64_C(0xfd00000000000000), 2};
    struct name any = {.family = NAME_INTERNET, .endpoint = {.address = {0, 0}, .port = 5000}};
    struct transport_message m = {.length = 2, .remote = {.family = NAME_INTERNET}};
    struct udp_end *e;
    bool seen = false;
    uint64_t sum;

    datagram_bed();
    check_equal(ip_address_add(&host, 1, own, 64, 0), 0);
    e = open_end();
    check_equal(udp_bind(&e->common.end, &any), 0);
    m.remote.endpoint.address = peer;
    m.remote.endpoint.port = 4000;
    for (uint32_t i = 0; i < 65536 && !seen; i++) {
        uint8_t two[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        struct packet *p;

        m.out = two;
        check_equal(udp_send(&e->common.end, &m, 0, bed.now), 2);
        p = wire_outside_take(&wires[1]);
        check(p);
        d.length = packet_length(p);
        memcpy(d.bytes, packet_data(p), d.length);
        packet_put(p);
        check_equal(d.length, 40 + 10);
        check(d.bytes[46] || d.bytes[47]);
        seen = d.bytes[46] == 0xff && d.bytes[47] == 0xff;
        sum = checksum_pseudo(own, peer, 17, 10);
        check_equal(checksum_finish(checksum_add(sum, d.bytes + 40, 10)), 0);
    }
    check(seen);
    memmove(d.bytes + 8, d.bytes + 24, 16); /* from the peer, to us */
    d.bytes[24 + 15] = 1;
    u16_put(d.bytes + 42, 5000);
    u16_put(d.bytes + 40, 4000);
    inject(&d);
    check_equal(received(e), 2);
    d.bytes[46] = d.bytes[47] = 0; /* it would be right without one */
    inject(&d);
    check_equal(received(e), -EAGAIN);
    check_equal(drops(DROP_UDP_CHECKSUM), 1);
    datagram_bed_done();
}

static void nobody_is_port_unreachable(void)
{
    struct icmp4_header icmp;

    datagram_bed();
    arrive(from_peer(5000, 20));
    check_equal(drops(DROP_UDP_NO_SOCKET), 1);
    check(left(&d, &h));
    icmp = icmp_in(&d, &h);
    check_equal(icmp.type, ICMP4_UNREACHABLE);
    check_equal(icmp.code, 3);
    check_equal(d.length, 28 + 48);
    check_equal(d.bytes[48 + 3] | d.bytes[48 + 2] << 8, 5000); /* its header is quoted */
    arrive((struct arriving){.source = PEER, .dest = 0xffffffff, .dest_port = 5000, .length = 3});
    check_equal(drops(DROP_UDP_NO_SOCKET), 2);
    check(nothing_left());
    datagram_bed_done();
}

/* RFC 1122 4.1.3.5: what was sent to all is answered from an address of ours. */
static void a_broadcast_tells_whom_to_answer_from(void)
{
    static const struct {
        uint32_t dest, own;
    } rows[] = {{HOST, HOST}, {HOST_2, HOST_2}, {0x0a0000ff, HOST}, {0xffffffff, HOST}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct transport_message m;
        struct udp_end *e;

        datagram_bed();
        e = bound(0, 5000);
        arrive((struct arriving){PEER, rows[i].dest, 4000, 5000, 3, 0, false, false});
        check_equal(receive(e, &m, 0), 3);
        check(address_equal(m.local.address, ip4_of(rows[i].dest)));
        check(address_equal(m.own, ip4_of(rows[i].own)));
        datagram_bed_done();
    }
}

/* Who gets a datagram from PEER:4000 to HOST:5000 that came by interface 1: the highest place. */
static void the_best_match_gets_it(void)
{
    static const struct {
        const char *what;
        uint32_t local;
        uint16_t interface, remote_port; /* 0: not connected */
        uint32_t remote;
        int place; /* 0: never */
    } ends[] = {
        {"any", 0, 0, 0, 0, 1},
        {"any, by interface 1", 0, 1, 0, 0, 2},
        {"our address", HOST, 0, 0, 0, 3},
        {"our address, by interface 1", HOST, 1, 0, 0, 4},
        {"connected", HOST, 0, 4000, PEER, 5},
        {"another address", HOST_2, 0, 0, 0, 0},
        {"by interface 2", 0, 2, 0, 0, 0},
        {"connected to another port", HOST, 0, 4001, PEER, 0},
        {"connected to another host", HOST, 0, 4000, PEER + 1, 0},
    };
    enum { COUNT = sizeof ends / sizeof *ends };

    for (uint32_t set = 1; set < 1u << COUNT; set++) {
        struct udp_end *e[COUNT] = {NULL};
        int best = 0;

        if (set % 7 && set > 40)
            continue; /* every small set, and every seventh */
        datagram_bed();
        for (uint32_t i = 0; i < COUNT; i++) {
            struct name local = at(ends[i].local, 5000);

            if (!(set >> i & 1))
                continue;
            e[i] = open_end();
            check_equal(datagram_option_set(&e[i]->common.end, OPTION_REUSE_ADDRESS, 1, bed.now),
                        0);
            check_equal(datagram_option_set(&e[i]->common.end, OPTION_INTERFACE, ends[i].interface,
                                            bed.now),
                        0);
            check_equal(udp_bind(&e[i]->common.end, &local), 0);
            if (ends[i].remote_port)
                check_equal(connect_to(e[i], ends[i].remote, ends[i].remote_port), 0);
            best = ends[i].place > best ? ends[i].place : best;
        }
        arrive(from_peer(5000, 3));
        for (uint32_t i = 0; i < COUNT; i++)
            if (e[i] && (received(e[i]) == 3) != (ends[i].place == best && best > 0))
                test_fail(__FILE__, __LINE__, "set %x, %s", set, ends[i].what);
        check_equal(drops(DROP_UDP_NO_SOCKET), best == 0);
        datagram_bed_done();
    }
}

/* SO_BINDTODEVICE after connect(): what comes by another interface is not for it. */
static void a_connected_end_of_another_interface_gets_nothing(void)
{
    struct name local = at(HOST, 5000);
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(udp_bind(&e->common.end, &local), 0);
    check_equal(connect_to(e, PEER, 4000), 0);
    arrive(from_peer(5000, 3));
    check_equal(received(e), 3);
    check_equal(datagram_option_set(&e->common.end, OPTION_INTERFACE, 2, bed.now), 0);
    arrive(from_peer(5000, 3));
    check(received(e) < 0);
    check_equal(drops(DROP_UDP_NO_SOCKET), 1);
    datagram_bed_done();
}

static void of_equals_the_newest_gets_it(void)
{
    struct udp_end *first = NULL, *second = NULL;
    struct name local = at(0, 5000);

    datagram_bed();
    first = open_end();
    second = open_end();
    check_equal(datagram_option_set(&first->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    check_equal(datagram_option_set(&second->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    check_equal(udp_bind(&first->common.end, &local), 0);
    check_equal(udp_bind(&second->common.end, &local), 0);
    arrive(from_peer(5000, 3));
    check_equal(received(first), -EAGAIN);
    check_equal(received(second), 3);
    check_equal(connect_to(second, PEER, 4000), 0); /* the same when both are connected */
    check_equal(connect_to(first, PEER, 4000), 0);
    arrive(from_peer(5000, 3));
    check_equal(received(first), -EAGAIN);
    check_equal(received(second), 3);
    datagram_bed_done();
}

static void a_group_shares_by_source(void)
{
    uint32_t count[4] = {0};
    struct udp_end *e[4];
    struct name local = at(0, 5000);

    datagram_bed();
    for (uint32_t i = 0; i < 4; i++) {
        e[i] = open_end();
        check_equal(datagram_option_set(&e[i]->common.end, OPTION_REUSE_PORT, 1, bed.now), 0);
        check_equal(udp_bind(&e[i]->common.end, &local), 0);
    }
    for (uint32_t round = 0; round < 2; round++) {
        for (uint16_t port = 1; port <= 200; port++) {
            struct arriving a = from_peer(5000, 3);
            uint32_t who = 4;

            a.source_port = port;
            arrive(a);
            for (uint32_t i = 0; i < 4; i++)
                who = received(e[i]) == 3 ? i : who;
            check(who < 4);
            count[who]++;
        }
    }
    for (uint32_t i = 0; i < 4; i++)
        check(count[i] > 60 && count[i] < 140 && count[i] % 2 == 0);
    datagram_bed_done();
}

static void a_broadcast_reaches_all(void)
{
    struct udp_end *any, *same, *other, *far, *exact;
    struct arriving a = {
        .source = PEER, .dest = 0x0a0000ff, .source_port = 4000, .dest_port = 5000, .length = 3};
    struct name local = at(0, 5000);

    datagram_bed();
    any = open_end();
    same = open_end();
    check_equal(datagram_option_set(&any->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    check_equal(datagram_option_set(&same->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    check_equal(udp_bind(&any->common.end, &local), 0);
    check_equal(udp_bind(&same->common.end, &local), 0);
    exact = open_end();
    check_equal(datagram_option_set(&exact->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    local = at(0x0a0000ff, 5000);
    check_equal(udp_bind(&exact->common.end, &local), 0);
    other = bound(0, 5001);
    far = open_end();
    check_equal(datagram_option_set(&far->common.end, OPTION_REUSE_ADDRESS, 1, bed.now), 0);
    local = at(HOST, 5000);
    check_equal(udp_bind(&far->common.end, &local), 0);
    arrive(a);
    check_equal(received(any), 3);
    check_equal(received(same), 3);
    check_equal(received(exact), 3);
    check_equal(received(far), -EAGAIN);
    check_equal(received(other), -EAGAIN);
    datagram_bed_done();
}

static void hard_errors_reach_connected_ends(void)
{
    static const struct {
        uint8_t type, code;
        int error; /* 0: soft */
    } rows[] = {
        {3, 0, 0},
        {3, 1, 0},
        {3, 2, ENOPROTOOPT},
        {3, 3, ECONNREFUSED},
        {3, 5, 0},
        {3, 6, ENETUNREACH},
        {3, 7, EHOSTDOWN},
        {3, 8, ENONET},
        {3, 9, ENETUNREACH},
        {3, 10, EHOSTUNREACH},
        {3, 13, EHOSTUNREACH},
        {3, 4, EMSGSIZE},
        {11, 0, 0},
        {11, 1, 0},
        {12, 0, EPROTO},
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct udp_end *e;

        datagram_bed();
        e = bound(0, 5000);
        complain(e, rows[i].type, rows[i].code, 1400, 8);
        check_equal(datagram_error_take(&e->common.end),
                    0); /* not connected: it may be about anything */
        check_equal(connect_to(e, PEER, 4000), 0);
        told = 0;
        complain(e, rows[i].type, rows[i].code, 1300, 8);
        check_equal(told, rows[i].error != 0);
        check_equal(datagram_ready(&e->common.end) & READY_ERROR, rows[i].error ? READY_ERROR : 0);
        if (rows[i].error)
            check_equal(received(e), -rows[i].error);
        check_equal(received(e), -EAGAIN); /* told once */
        datagram_bed_done();
    }
}

/* ip(7), IP_RECVERR; the numbers are those of icmp_err_convert in Linux's net/ipv4/icmp.c. */
static void all_errors_reach_who_asks_for_them(void)
{
    static const struct {
        uint8_t type, code;
        int error;
    } rows[] = {
        {3, 0, ENETUNREACH}, {3, 1, EHOSTUNREACH},  {3, 3, ECONNREFUSED}, {3, 4, EMSGSIZE},
        {3, 5, EOPNOTSUPP},  {11, 0, EHOSTUNREACH}, {12, 0, EPROTO},
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct udp_end *e;

        datagram_bed();
        e = bound(0, 5000);
        check_equal(datagram_option_set(&e->common.end, OPTION_RECEIVE_ERRORS, 1, bed.now), 0);
        complain(e, rows[i].type, rows[i].code, 1400, 8);
        check_equal(datagram_error_take(&e->common.end), rows[i].error);
        check_equal(connect_to(e, PEER, 4000), 0);
        complain(e, rows[i].type, rows[i].code, 1300, 8);
        check_equal(datagram_ready(&e->common.end) & READY_ERROR, READY_ERROR);
        check_equal(received(e), -rows[i].error);
        check_equal(received(e), -EAGAIN);
        check_equal(
            datagram_option_set(&e->common.end, OPTION_DISCOVER_MTU, DISCOVER_DONT, bed.now), 0);
        complain(e, 3, 4, 1300, 8); /* who wants to hear nothing of MTUs does not */
        check_equal(received(e), -EAGAIN);
        datagram_bed_done();
    }
}

static void an_error_stops_one_send(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(connect_to(e, PEER, 4000), 0);
    complain(e, 3, 3, 0, 8);
    check_equal(send_bytes(e, 0, 0, "x", 1), -ECONNREFUSED);
    check_equal(send_bytes(e, 0, 0, "x", 1), 1);
    complain(e, 3, 3, 0, 3); /* no port in it */
    check_equal(datagram_error_take(&e->common.end), 0);
    check_equal(drops(DROP_ICMP_IGNORED), 1);
    complain(e, 3, 3, 0, 4);
    check_equal(datagram_error_take(&e->common.end), ECONNREFUSED);
    datagram_bed_done();
}

static void errors_of_others_change_nothing(void)
{
    struct ip_path path;
    struct udp_end *e, *other;

    datagram_bed();
    other = bound(0, 5001);
    e = open_end();
    check_equal(connect_to(e, PEER, 4000), 0);
    udp_close(&other->common.end, bed.now); /* nobody has 5001 now */
    other = open_end();
    other->common.binding.local.port = 5001; /* not in any table: only to be quoted */
    complain(other, 3, 4, 1000, 8);
    other->common.binding.local.port = 0;
    check_equal(datagram_error_take(&e->common.end), 0);
    check_equal(drops(DROP_ICMP_IGNORED), 1);
    check_equal(ip_path_find(&host, ip4_of(PEER), ip4_of(0), 0, bed.now, &path), 0);
    check_equal(path.mtu, 1500);
    complain(e, 3, 4, 1000, 8);
    check_equal(ip_path_find(&host, ip4_of(PEER), ip4_of(0), 0, bed.now, &path), 0);
    check_equal(path.mtu, 1000);
    datagram_bed_done();
}

static void a_refusal_comes_by_the_loopback(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    for (uint32_t i = 0; i < 50; i++) { /* rates do not count here */
        check_equal(connect_to(e, LOCALHOST, 9), 0);
        check_equal(send_bytes(e, 0, 0, "x", 1), 1);
        settle();
        check_equal(received(e), -ECONNREFUSED);
    }
    datagram_bed_done();
}

static const struct test tests[] = {
    {"a datagram has the right bytes (RFC 768)", a_datagram_has_the_right_bytes},
    {"a checksum of zero is sent as all ones (RFC 768)", a_checksum_of_zero_is_sent_as_ones},
    {"what arrives is read with its facts (RFC 1122 4.1.3.5)", what_arrives_is_read_with_its_facts},
    {"options that came are told as they came (RFC 1122 3.2.1.8-2, 4.1.3.2-1)",
     options_that_came_are_told},
    {"lies of the length field are caught (P-10)", length_lies_are_caught},
    {"headers cut short, and port 0, are dropped (P-10)", headers_cut_short_are_dropped},
    {"a wrong checksum is dropped, none is accepted (RFC 1122 4.1.3.4)",
     a_wrong_checksum_is_dropped_and_none_is_taken},
    {"over IPv6 a checksum must be there (RFC 8200 8.1-1 to 4)",
     over_ipv6_a_checksum_must_be_there},
    {"nobody there is answered with port unreachable (RFC 1122 4.1.3.1)",
     nobody_is_port_unreachable},
    {"a broadcast tells from which address of ours to answer (RFC 1122 4.1.3.5)",
     a_broadcast_tells_whom_to_answer_from},
    {"the best match gets a datagram, and nobody else", the_best_match_gets_it},
    {"a connected end of another interface gets nothing",
     a_connected_end_of_another_interface_gets_nothing},
    {"of equals the newest gets it", of_equals_the_newest_gets_it},
    {"a reuse_port group shares by source, always the same way", a_group_shares_by_source},
    {"a broadcast reaches every end that it fits", a_broadcast_reaches_all},
    {"hard errors reach connected ends, once (RFC 1122 4.1.3.3)", hard_errors_reach_connected_ends},
    {"with IP_RECVERR all errors reach all ends", all_errors_reach_who_asks_for_them},
    {"an error stops one send", an_error_stops_one_send},
    {"an error about nothing of ours changes nothing (RFC 5927, P-11)",
     errors_of_others_change_nothing},
    {"a refusal comes by the loopback, each time", a_refusal_comes_by_the_loopback},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
