/* SPDX-License-Identifier: MIT */
/* UDP: the header, who gets a datagram, errors, and what a socket can ask of its end. */
#include "4-transport/datagram_bed.h"

static struct datagram d;
static struct ip4_header h;
static uint8_t bytes[PACKET_ROOM];

static struct udp_end *open_end(void)
{
    struct udp_end *e;

    check_equal(udp_open(&udp, NULL, NULL, &e), 0);
    return e;
}

static struct udp_end *bound(uint32_t address, uint16_t port)
{
    struct udp_end *e = open_end();
    struct endpoint local = at(address, port);

    check_equal(udp_bind(e, &local), 0);
    return e;
}

static int connect_to(struct udp_end *e, uint32_t address, uint16_t port)
{
    struct endpoint remote = at(address, port);

    return udp_connect(e, &remote, bed.now);
}

static ssize_t send_bytes(struct udp_end *e, uint32_t address, uint16_t port, const void *from,
                          size_t length)
{
    struct transport_message m = {.out = from, .length = length};

    if (port)
        m.remote = at(address, port);
    return udp_send(e, &m, 0, bed.now);
}

static ssize_t receive(struct udp_end *e, struct transport_message *m, unsigned flags)
{
    memset(m, 0, sizeof *m);
    m->in = bytes;
    m->length = sizeof bytes;
    return udp_receive(e, m, flags);
}

static ssize_t received(struct udp_end *e)
{
    struct transport_message m;

    return receive(e, &m, 0);
}

struct arriving {
    uint32_t source, dest;
    uint16_t source_port, dest_port;
    uint32_t length; /* of the payload */
    int length_lie;  /* added to the length field */
    bool no_checksum, bad_checksum;
};

static void arrive_on(uint32_t interface, struct arriving a)
{
    static uint8_t message[PACKET_ROOM];
    struct udp_header u = {.source_port = a.source_port, .dest_port = a.dest_port};
    struct writer w = writer_of(message, sizeof message);
    uint64_t sum;

    u.length = (uint16_t)((int)a.length + 8 + a.length_lie);
    for (uint32_t i = 0; i < a.length; i++)
        message[8 + i] = (uint8_t)(i + 1);
    udp_header_write(&w, &u);
    sum = checksum_pseudo(ip4_of(a.source), ip4_of(a.dest), 17, u.length);
    sum = checksum_add(sum, message, u.length < a.length + 8 ? u.length : a.length + 8);
    u.checksum = a.no_checksum ? 0 : checksum_finish(sum);
    u.checksum = (uint16_t)(u.checksum ^ (a.bad_checksum ? 0x100 : 0));
    w = writer_of(message, 8);
    udp_header_write(&w, &u);
    datagram_make(&d, header_for(a.source, a.dest, 17), message, a.length + 8);
    inject_on(interface, d.bytes, d.length);
}

static void arrive(struct arriving a)
{
    arrive_on(1, a);
}

static struct arriving from_peer(uint16_t dest_port, uint32_t length)
{
    return (struct arriving){.source = PEER,
                             .dest = HOST,
                             .source_port = 4000,
                             .dest_port = dest_port,
                             .length = length};
}

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
    check_equal(udp_ready(e), READY_OUT);
    arrive(from_peer(5000, 100));
    check_equal(told, 1);
    check_equal(udp_ready(e), READY_IN | READY_OUT);
    check_equal(udp_count(e, COUNT_UNREAD), 100);
    check_equal(receive(e, &m, TRANSPORT_PEEK), 100);
    check_equal(receive(e, &m, 0), 100);
    check_equal(bytes[99], 100);
    check(address_equal(m.remote.address, ip4_of(PEER)));
    check_equal(m.remote.port, 4000);
    check(address_equal(m.local.address, ip4_of(HOST)));
    check_equal(m.local.interface, 1);
    check_equal(m.hop_limit, 64);
    check_equal(m.true_length, 100);
    check_equal(received(e), -EAGAIN);
    datagram_bed_done();
}

static void a_short_read_cuts_and_tells_the_length(void)
{
    struct transport_message m;
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    arrive(from_peer(5000, 100));
    arrive(from_peer(5000, 7));
    memset(&m, 0, sizeof m);
    m.in = bytes;
    m.length = 10;
    check_equal(udp_receive(e, &m, 0), 10);
    check_equal(m.true_length, 100);
    check_equal(received(e), 7); /* the rest is gone */
    datagram_bed_done();
}

static void an_empty_datagram_is_one(void)
{
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    arrive(from_peer(5000, 0));
    check_equal(udp_ready(e), READY_IN | READY_OUT);
    check_equal(received(e), 0);
    check_equal(received(e), -EAGAIN);
    check_equal(send_bytes(e, PEER, 4000, NULL, 0), 0);
    check(left(&d, &h));
    check_equal(d.length, 28);
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

static void nobody_is_port_unreachable(void)
{
    struct icmp_header icmp;

    datagram_bed();
    arrive(from_peer(5000, 20));
    check_equal(drops(DROP_UDP_NO_SOCKET), 1);
    check(left(&d, &h));
    icmp = icmp_in(&d, &h);
    check_equal(icmp.type, ICMP_UNREACHABLE);
    check_equal(icmp.code, 3);
    check_equal(d.length, 28 + 48);
    check_equal(d.bytes[48 + 3] | d.bytes[48 + 2] << 8, 5000); /* its header is quoted */
    arrive((struct arriving){.source = PEER, .dest = 0xffffffff, .dest_port = 5000, .length = 3});
    check_equal(drops(DROP_UDP_NO_SOCKET), 2);
    check(nothing_left());
    datagram_bed_done();
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
            struct endpoint local = at(ends[i].local, 5000);

            if (!(set >> i & 1))
                continue;
            e[i] = open_end();
            check_equal(udp_option_set(e[i], OPTION_REUSE_ADDRESS, 1), 0);
            check_equal(udp_option_set(e[i], OPTION_INTERFACE, ends[i].interface), 0);
            check_equal(udp_bind(e[i], &local), 0);
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

static void of_equals_the_newest_gets_it(void)
{
    struct udp_end *first = NULL, *second = NULL;
    struct endpoint local = at(0, 5000);

    datagram_bed();
    first = open_end();
    second = open_end();
    check_equal(udp_option_set(first, OPTION_REUSE_ADDRESS, 1), 0);
    check_equal(udp_option_set(second, OPTION_REUSE_ADDRESS, 1), 0);
    check_equal(udp_bind(first, &local), 0);
    check_equal(udp_bind(second, &local), 0);
    arrive(from_peer(5000, 3));
    check_equal(received(first), -EAGAIN);
    check_equal(received(second), 3);
    datagram_bed_done();
}

static void a_group_shares_by_source(void)
{
    uint32_t count[4] = {0};
    struct udp_end *e[4];
    struct endpoint local = at(0, 5000);

    datagram_bed();
    for (uint32_t i = 0; i < 4; i++) {
        e[i] = open_end();
        check_equal(udp_option_set(e[i], OPTION_REUSE_PORT, 1), 0);
        check_equal(udp_bind(e[i], &local), 0);
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
    struct endpoint local = at(0, 5000);

    datagram_bed();
    any = open_end();
    same = open_end();
    check_equal(udp_option_set(any, OPTION_REUSE_ADDRESS, 1), 0);
    check_equal(udp_option_set(same, OPTION_REUSE_ADDRESS, 1), 0);
    check_equal(udp_bind(any, &local), 0);
    check_equal(udp_bind(same, &local), 0);
    exact = open_end();
    check_equal(udp_option_set(exact, OPTION_REUSE_ADDRESS, 1), 0);
    local = at(0x0a0000ff, 5000);
    check_equal(udp_bind(exact, &local), 0);
    other = bound(0, 5001);
    far = open_end();
    check_equal(udp_option_set(far, OPTION_REUSE_ADDRESS, 1), 0);
    local = at(HOST, 5000);
    check_equal(udp_bind(far, &local), 0);
    arrive(a);
    check_equal(received(any), 3);
    check_equal(received(same), 3);
    check_equal(received(exact), 3);
    check_equal(received(far), -EAGAIN);
    check_equal(received(other), -EAGAIN);
    datagram_bed_done();
}

static void broadcasting_needs_the_option(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(send_bytes(e, 0xffffffff, 9, "x", 1), -EACCES);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), -EACCES);
    check_equal(connect_to(e, 0x0a0000ff, 9), -EACCES);
    check(nothing_left());
    check_equal(udp_option_set(e, OPTION_BROADCAST, 1), 0);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), 1);
    check(left(&d, &h));
    check_equal(udp_option_set(e, OPTION_BROADCAST, 0), 0);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), -EACCES);
    check_equal(send_bytes(e, 0xe00000fb, 5353, "x", 1), 1); /* a group needs none */
    check(left(&d, &h));
    check_equal(h.ttl, 1);
    datagram_bed_done();
}

static void connecting_chooses_and_filters(void)
{
    struct endpoint place;
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(udp_remote(e, &place), -ENOTCONN);
    check_equal(send_bytes(e, 0, 0, "x", 1), -EDESTADDRREQ);
    check_equal(connect_to(e, PEER, 4000), 0);
    udp_local(e, &place);
    check(address_equal(place.address, ip4_of(HOST)));
    check(place.port >= PORTS_FIRST);
    arrive(from_peer(place.port, 5));
    check_equal(received(e), 5);
    arrive((struct arriving){FAR, HOST, 4000, place.port, 5, 0, false, false});
    arrive((struct arriving){PEER, HOST, 4001, place.port, 5, 0, false, false});
    check_equal(received(e), -EAGAIN);
    check_equal(drops(DROP_UDP_NO_SOCKET), 2);
    while (left(&d, &h))
        ;
    check_equal(send_bytes(e, 0, 0, "x", 1), 1);
    check(left(&d, &h));
    check_equal(h.dest, PEER);
    check_equal(send_bytes(e, FAR, 7, "x", 1), 1); /* still may send elsewhere */
    check(left(&d, &h));
    check_equal(h.dest, FAR);
    check_equal(connect_to(e, FAR, 7), 0); /* and connect again */
    check_equal(udp_remote(e, &place), 0);
    check(address_equal(place.address, ip4_of(FAR)));
    check_equal(udp_disconnect(e), 0);
    udp_local(e, &place);
    check(address_is_unspecified(place.address) && place.port == 0);
    check_equal(udp_remote(e, &place), -ENOTCONN);
    check_equal(connect_to(e, PEER, 0), 0); /* as resolvers do to learn a source */
    datagram_bed_done();
}

static void disconnecting_keeps_what_was_bound(void)
{
    struct endpoint place;
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    check_equal(connect_to(e, PEER, 4000), 0);
    check_equal(udp_disconnect(e), 0);
    udp_local(e, &place);
    check_equal(place.port, 5000);
    check(address_is_unspecified(place.address));
    arrive((struct arriving){FAR, HOST, 9, 5000, 5, 0, false, false});
    check_equal(received(e), 5);
    datagram_bed_done();
}

static void binding_fails_as_on_linux(void)
{
    struct endpoint local = at(PEER, 5000);
    struct udp_end *e, *other;

    datagram_bed();
    e = open_end();
    check_equal(udp_bind(e, &local), -EADDRNOTAVAIL);
    local = at(HOST, 5000);
    check_equal(udp_bind(e, &local), 0);
    check_equal(udp_bind(e, &local), -EINVAL);
    other = open_end();
    check_equal(udp_bind(other, &local), -EADDRINUSE);
    local = at(0, 5000);
    check_equal(udp_bind(other, &local), -EADDRINUSE);
    udp_close(e);
    check_equal(udp_bind(other, &local), 0);
    datagram_bed_done();
}

static void sizes_have_limits(void)
{
    struct transport_message m;
    struct udp_end *e;
    uint32_t n = 0;

    datagram_bed();
    memset(bytes, 7, sizeof bytes);
    e = bound(HOST, 5000);
    check_equal(send_bytes(e, PEER, 9, bytes, 65508), -EMSGSIZE);
    check_equal(send_bytes(e, PEER, 9, bytes, 65507), 65507);
    while (left(&d, &h)) {
        check(!h.dont_fragment);
        n++;
    }
    check_equal(n, 45);
    check_equal(udp_option_set(e, OPTION_DISCOVER_MTU, DISCOVER_DO), 0);
    check_equal(send_bytes(e, PEER, 9, bytes, 1473), -EMSGSIZE);
    check_equal(send_bytes(e, PEER, 9, bytes, 1472), 1472);
    check(left(&d, &h) && h.dont_fragment);
    check_equal(udp_option_set(e, OPTION_DISCOVER_MTU, DISCOVER_DONT), 0);
    check_equal(send_bytes(e, PEER, 9, bytes, 10), 10);
    check(left(&d, &h) && !h.dont_fragment);
    m = (struct transport_message){.out = bytes, .length = 4, .remote = at(PEER, 9)};
    check_equal(udp_send(e, &m, TRANSPORT_OUT_OF_BAND, 0), -EOPNOTSUPP);
    m.remote.port = 0;
    check_equal(udp_send(e, &m, 0, 0), -EINVAL);
    datagram_bed_done();
}

static void the_largest_goes_by_the_loopback(void)
{
    struct udp_end *e, *to;

    datagram_bed();
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 3);
    to = bound(LOCALHOST, 5000);
    e = open_end();
    check_equal(send_bytes(e, LOCALHOST, 5000, bytes, 65507), 65507);
    settle();
    memset(bytes, 0, sizeof bytes);
    check_equal(received(to), 65507);
    for (uint32_t i = 0; i < 65507; i++)
        check(bytes[i] == (uint8_t)(i * 3));
    datagram_bed_done();
}

static void the_receive_buffer_is_a_limit(void)
{
    struct udp_end *e;
    uint32_t got = 0;

    datagram_bed();
    e = bound(0, 5000);
    check_equal(udp_option_set(e, OPTION_RECEIVE_BUFFER, 20000), 0);
    for (uint32_t i = 0; i < 50; i++)
        arrive(from_peer(5000, 1)); /* tiny ones count as their memory */
    check_equal(drops(DROP_UDP_BUFFER), 40);
    check(e->inbox.used <= 20000);
    while (received(e) == 1)
        got++;
    check_equal(got, 10);
    check_equal(e->inbox.used, 0);
    check_equal(udp_option_set(e, OPTION_RECEIVE_BUFFER, 1), 0);
    arrive(from_peer(5000, 1400));
    check_equal(received(e), 1400); /* one always fits */
    datagram_bed_done();
}

static void the_send_buffer_says_again(void)
{
    const struct wire_settings slow = {.rate_bits = 1000000, .delay = 1000};
    struct list_link *l;
    struct udp_end *e;
    uint32_t sent = 0;

    datagram_bed();
    wire_settings_set(&wires[0], 0, &slow);
    memset(bytes, 7, sizeof bytes);
    e = open_end();
    check_equal(udp_option_set(e, OPTION_SEND_BUFFER, 10000), 0);
    while (send_bytes(e, LOCALHOST, 9, bytes, 992) == 992)
        sent++;
    check_equal(sent, 10); /* 1000 bytes each, the header counted */
    check_equal(send_bytes(e, LOCALHOST, 9, bytes, 992), -EAGAIN);
    check_equal(udp_ready(e), 0);
    check(udp_count(e, COUNT_UNACKED) >= 10000);
    told = 0;
    for (uint32_t i = 0; i < 40 && told == 0; i++) {
        run_until(bed.now + 5 * MILLISECOND);
        while ((l = list_pop(&drained)))
            udp_drained(container_of(l, struct charge, drained));
    }
    check_equal(told, 1);
    check(udp_count(e, COUNT_UNACKED) < 5000);
    check_equal(udp_ready(e), READY_OUT);
    check_equal(send_bytes(e, LOCALHOST, 9, bytes, 992), 992);
    udp_close(e); /* what it sent goes on */
    run_until(bed.now + SECOND);
    datagram_bed_done();
}

/* ICMP about our datagram to PEER:4000. */
static void complain(struct udp_end *e, uint8_t type, uint8_t code, uint32_t rest, uint32_t quoted)
{
    static struct datagram original;
    struct endpoint local;
    uint8_t head[1480] = {0};

    udp_local(e, &local);
    head[0] = (uint8_t)(local.port >> 8);
    head[1] = (uint8_t)local.port;
    head[2] = 4000 >> 8;
    head[3] = 4000 & 0xff;
    h = header_for(HOST, PEER, 17);
    h.dont_fragment = true;
    datagram_make(&original, h, head, sizeof head);
    icmp_make(&d, header_for(PEER, HOST, 1), type, code, rest, original.bytes, 20 + quoted);
    inject(&d);
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
        check_equal(udp_error_take(e), 0); /* not connected: it may be about anything */
        check_equal(connect_to(e, PEER, 4000), 0);
        told = 0;
        complain(e, rows[i].type, rows[i].code, 1300, 8);
        check_equal(told, rows[i].error != 0);
        check_equal(udp_ready(e) & READY_ERROR, rows[i].error ? READY_ERROR : 0);
        if (rows[i].error)
            check_equal(received(e), -rows[i].error);
        check_equal(received(e), -EAGAIN); /* told once */
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
    check_equal(udp_error_take(e), 0);
    check_equal(drops(DROP_ICMP_IGNORED), 1);
    complain(e, 3, 3, 0, 4);
    check_equal(udp_error_take(e), ECONNREFUSED);
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
    udp_close(other); /* nobody has 5001 now */
    other = open_end();
    other->binding.local.port = 5001; /* not in any table: only to be quoted */
    complain(other, 3, 4, 1000, 8);
    other->binding.local.port = 0;
    check_equal(udp_error_take(e), 0);
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

static void shutting_ends_each_direction(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(connect_to(e, PEER, 4000), 0);
    check_equal(udp_shutdown(e, false, true), 0);
    check_equal(send_bytes(e, 0, 0, "x", 1), -EPIPE);
    check_equal(udp_ready(e), READY_OUT);
    check_equal(udp_shutdown(e, true, false), 0);
    check_equal(received(e), 0);
    check_equal(udp_ready(e), READY_IN | READY_OUT | READY_READ_END | READY_HUP);
    e = open_end();
    check_equal(udp_shutdown(e, true, true), -ENOTCONN);
    datagram_bed_done();
}

static void options_go_into_the_datagram(void)
{
    struct transport_message m = {.out = (const uint8_t *)"x", .length = 1};
    struct udp_end *e;
    int64_t value;

    datagram_bed();
    e = open_end();
    check_equal(udp_option_set(e, OPTION_HOP_LIMIT, 7), 0);
    check_equal(udp_option_set(e, OPTION_TRAFFIC_CLASS, 0xb8), 0);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1);
    check(left(&d, &h));
    check_equal(h.ttl, 7);
    check_equal(h.traffic_class, 0xb8);
    m.remote = at(PEER, 9);
    m.hop_limit = 3;
    m.has_traffic_class = true;
    m.local = at(HOST_2, 0);
    check_equal(udp_send(e, &m, 0, bed.now), 1);
    check(left(&d, &h));
    check_equal(h.ttl, 3);
    check_equal(h.traffic_class, 0);
    check_equal(h.source, HOST_2);
    m.local = at(FAR, 0);
    check_equal(udp_send(e, &m, 0, bed.now), -EINVAL);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1); /* the next is from the usual source */
    check(left(&d, &h));
    check_equal(h.source, HOST);
    check_equal(udp_option_set(e, OPTION_DONT_ROUTE, 1), 0);
    check_equal(send_bytes(e, FAR, 9, "x", 1), -ENETUNREACH);
    check_equal(udp_option_get(e, OPTION_MTU, &value), -ENOTCONN);
    check_equal(connect_to(e, PEER, 9), 0);
    check_equal(udp_option_get(e, OPTION_MTU, &value), 0);
    check_equal(value, 1500);
    check_equal(udp_option_set(e, OPTION_RECEIVE_ERRORS, 1), -ENOPROTOOPT);
    check_equal(udp_option_set(e, OPTION_NO_DELAY, 1), -ENOPROTOOPT);
    check_equal(udp_option_set(e, OPTION_HOP_LIMIT, 256), -EINVAL);
    check_equal(udp_option_get(e, OPTION_SEND_BUFFER, &value), 0);
    check_equal(value, UDP_BUFFER_DEFAULT);
    datagram_bed_done();
}

static void an_interface_is_kept_to(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(udp_option_set(e, OPTION_INTERFACE, 2), 0);
    check_equal(send_bytes(e, PEER, 9, "x", 1), -ENETUNREACH);
    check_equal(send_bytes(e, 0x0a000105, 9, "x", 1), 1);
    check(left_by(2, &d, &h));
    datagram_bed_done();
}

/* Every get from the pools fails in turn: a clean error, and nothing is lost or left. */
static void every_failing_get_is_survived(void)
{
    uint64_t gets = 100;

    for (uint64_t n = 1; n < gets; n++) {
        struct udp_end *e = NULL;
        uint64_t before;

        datagram_bed();
        before = host_arena->gets;
        host_arena->fail_at = before + n;
        if (udp_open(&udp, NULL, NULL, &e) == 0) {
            struct endpoint local = at(0, 5000);
            int result = udp_bind(e, &local);
            ssize_t sent;

            check(result == 0 || result == -ENOBUFS);
            sent = send_bytes(e, LOCALHOST, 5000, bytes, 2000);
            check(sent == 2000 || sent == -ENOBUFS);
            settle();
            if (result == 0 && sent == 2000) {
                ssize_t got = received(e);

                check(got == 2000 || (got == -EAGAIN && drops(DROP_UDP_BUFFER) == 1));
            }
        }
        if (host_arena->gets < before + n)
            gets = n; /* it never failed: done */
        host_arena->fail_at = 0;
        datagram_bed_done();
    }
    check(gets > 4 && gets < 100);
}

static const struct test tests[] = {
    {"a datagram has the right bytes (RFC 768)", a_datagram_has_the_right_bytes},
    {"a checksum of zero is sent as all ones (RFC 768)", a_checksum_of_zero_is_sent_as_ones},
    {"what arrives is read with its facts (RFC 1122 4.1.3.5)", what_arrives_is_read_with_its_facts},
    {"a short read cuts the datagram and tells its length", a_short_read_cuts_and_tells_the_length},
    {"an empty datagram is one (RFC 768)", an_empty_datagram_is_one},
    {"lies of the length field are caught (P-10)", length_lies_are_caught},
    {"headers cut short, and port 0, are dropped (P-10)", headers_cut_short_are_dropped},
    {"a wrong checksum is dropped, none is accepted (RFC 1122 4.1.3.4)",
     a_wrong_checksum_is_dropped_and_none_is_taken},
    {"nobody there is answered with port unreachable (RFC 1122 4.1.3.1)",
     nobody_is_port_unreachable},
    {"the best match gets a datagram, and nobody else", the_best_match_gets_it},
    {"of equals the newest gets it", of_equals_the_newest_gets_it},
    {"a reuse_port group shares by source, always the same way", a_group_shares_by_source},
    {"a broadcast reaches every end that it fits", a_broadcast_reaches_all},
    {"broadcasting needs the option (RFC 1122 3.3.6)", broadcasting_needs_the_option},
    {"connecting chooses a source and a port, and filters", connecting_chooses_and_filters},
    {"disconnecting keeps what was bound", disconnecting_keeps_what_was_bound},
    {"binding fails as on Linux", binding_fails_as_on_linux},
    {"sizes have limits; DF is the program's choice (RFC 8085 3.2)", sizes_have_limits},
    {"65,507 bytes go by the loopback in one datagram", the_largest_goes_by_the_loopback},
    {"the receive buffer is a limit in memory", the_receive_buffer_is_a_limit},
    {"the send buffer says again, and then that there is room", the_send_buffer_says_again},
    {"hard errors reach connected ends, once (RFC 1122 4.1.3.3)", hard_errors_reach_connected_ends},
    {"an error stops one send", an_error_stops_one_send},
    {"an error about nothing of ours changes nothing (RFC 5927, P-11)",
     errors_of_others_change_nothing},
    {"a refusal comes by the loopback, each time", a_refusal_comes_by_the_loopback},
    {"shutting ends each direction", shutting_ends_each_direction},
    {"options go into the datagram (RFC 1122 4.1.4)", options_go_into_the_datagram},
    {"an end keeps to its interface", an_interface_is_kept_to},
    {"every failing get from the pools is survived (T-34)", every_failing_get_is_survived},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
