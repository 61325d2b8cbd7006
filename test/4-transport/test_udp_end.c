/* SPDX-License-Identifier: MIT */
/* UDP from above: what a socket can ask of its end. */
#include "4-transport/udp_bed.h"

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
    check_equal(datagram_receive(&e->common.end, &m, 0, bed.now), 10);
    check_equal(m.true_length, 100);
    check_equal(received(e), 7); /* the rest is gone */
    datagram_bed_done();
}

static void a_port_may_be_chosen_by_the_first_send(void)
{
    const struct name own = at(HOST, 0);
    struct name place;
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(datagram_option_set(&e->common.end, OPTION_BIND_NO_PORT, 1, bed.now), 0);
    check_equal(udp_bind(&e->common.end, &own), 0);
    udp_local(&e->common.end, &place);
    check(address_equal(place.endpoint.address, ip4_of(HOST)));
    check_equal(place.endpoint.port, 0);
    check_equal(send_bytes(e, PEER, 4000, "x", 1), 1);
    udp_local(&e->common.end, &place);
    check(address_equal(place.endpoint.address, ip4_of(HOST)));
    check(place.endpoint.port >= PORTS_FIRST);
    datagram_bed_done();
}

static void what_may_not_be_routed_reaches_neighbours_only(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(datagram_option_set(&e->common.end, OPTION_DONT_ROUTE, 1, bed.now), 0);
    check_equal(datagram_option_set(&e->common.end, OPTION_BROADCAST, 1, bed.now), 0);
    check_equal(connect_to(e, FAR, 9), -ENETUNREACH);
    check_equal(send_bytes(e, FAR, 9, "x", 1), -ENETUNREACH);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), 1);
    datagram_bed_done();
}

static void an_empty_datagram_is_one(void)
{
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    arrive(from_peer(5000, 0));
    check_equal(datagram_ready(&e->common.end), READY_IN | READY_OUT);
    check_equal(received(e), 0);
    check_equal(received(e), -EAGAIN);
    check_equal(send_bytes(e, PEER, 4000, NULL, 0), 0);
    check(left(&d, &h));
    check_equal(d.length, 28);
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
    check_equal(datagram_option_set(&e->common.end, OPTION_BROADCAST, 1, bed.now), 0);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), 1);
    check(left(&d, &h));
    check_equal(datagram_option_set(&e->common.end, OPTION_BROADCAST, 0, bed.now), 0);
    check_equal(send_bytes(e, 0x0a0000ff, 9, "x", 1), -EACCES);
    check_equal(send_bytes(e, 0xe00000fb, 5353, "x", 1), 1); /* a group needs none */
    check(left(&d, &h));
    check_equal(h.ttl, 1);
    no_default_route(); /* Linux knows no way, whatever the option says */
    host.generation++;
    check_equal(send_bytes(e, 0xffffffff, 9, "x", 1), -ENETUNREACH);
    check_equal(send_bytes(e, 0xe00000fb, 5353, "x", 1), -ENETUNREACH);
    datagram_bed_done();
}

static void connecting_chooses_and_filters(void)
{
    struct name place;
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(datagram_remote(&e->common.end, &place), -ENOTCONN);
    check_equal(send_bytes(e, 0, 0, "x", 1), -EDESTADDRREQ);
    check_equal(connect_to(e, PEER, 4000), 0);
    udp_local(&e->common.end, &place);
    check(address_equal(place.endpoint.address, ip4_of(HOST)));
    check(place.endpoint.port >= PORTS_FIRST);
    arrive(from_peer(place.endpoint.port, 5));
    check_equal(received(e), 5);
    arrive((struct arriving){FAR, HOST, 4000, place.endpoint.port, 5, 0, false, false});
    arrive((struct arriving){PEER, HOST, 4001, place.endpoint.port, 5, 0, false, false});
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
    check_equal(datagram_remote(&e->common.end, &place), 0);
    check(address_equal(place.endpoint.address, ip4_of(FAR)));
    check_equal(udp_disconnect(&e->common.end, bed.now), 0);
    udp_local(&e->common.end, &place);
    check(address_is_unspecified(place.endpoint.address) && place.endpoint.port == 0);
    check_equal(datagram_remote(&e->common.end, &place), -ENOTCONN);
    check_equal(connect_to(e, PEER, 0), 0); /* as resolvers do to learn a source */
    datagram_bed_done();
}

static void disconnecting_keeps_what_was_bound(void)
{
    struct name place;
    struct udp_end *e;

    datagram_bed();
    e = bound(0, 5000);
    check_equal(connect_to(e, PEER, 4000), 0);
    check_equal(udp_disconnect(&e->common.end, bed.now), 0);
    udp_local(&e->common.end, &place);
    check_equal(place.endpoint.port, 5000);
    check(address_is_unspecified(place.endpoint.address));
    arrive((struct arriving){FAR, HOST, 9, 5000, 5, 0, false, false});
    check_equal(received(e), 5);
    datagram_bed_done();
}

static void binding_fails_as_on_linux(void)
{
    struct name local = at(PEER, 5000);
    struct udp_end *e, *other;

    datagram_bed();
    e = open_end();
    check_equal(udp_bind(&e->common.end, &local), -EADDRNOTAVAIL);
    local = at(HOST, 5000);
    check_equal(udp_bind(&e->common.end, &local), 0);
    check_equal(udp_bind(&e->common.end, &local), -EINVAL);
    other = open_end();
    check_equal(udp_bind(&other->common.end, &local), -EADDRINUSE);
    local = at(0, 5000);
    check_equal(udp_bind(&other->common.end, &local), -EADDRINUSE);
    udp_close(&e->common.end, bed.now);
    check_equal(udp_bind(&other->common.end, &local), 0);
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
    check_equal(datagram_option_set(&e->common.end, OPTION_DISCOVER_MTU, DISCOVER_DO, bed.now), 0);
    check_equal(send_bytes(e, PEER, 9, bytes, 1473), -EMSGSIZE);
    check_equal(send_bytes(e, PEER, 9, bytes, 1472), 1472);
    check(left(&d, &h) && h.dont_fragment);
    check_equal(datagram_option_set(&e->common.end, OPTION_DISCOVER_MTU, DISCOVER_DONT, bed.now),
                0);
    check_equal(send_bytes(e, PEER, 9, bytes, 10), 10);
    check(left(&d, &h) && !h.dont_fragment);
    m = (struct transport_message){.out = bytes, .length = 4, .remote = at(PEER, 9)};
    check_equal(udp_send(&e->common.end, &m, TRANSPORT_OUT_OF_BAND, 0), -EOPNOTSUPP);
    m.remote.endpoint.port = 0;
    check_equal(udp_send(&e->common.end, &m, 0, 0), -EINVAL);
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
    check_equal(datagram_option_set(&e->common.end, OPTION_RECEIVE_BUFFER, 20000, bed.now), 0);
    for (uint32_t i = 0; i < 50; i++)
        arrive(from_peer(5000, 1)); /* tiny ones count as their memory */
    check_equal(drops(DROP_UDP_BUFFER), 40);
    check(e->common.inbox.used <= 20000);
    while (received(e) == 1)
        got++;
    check_equal(got, 10);
    check_equal(e->common.inbox.used, 0);
    check_equal(datagram_option_set(&e->common.end, OPTION_RECEIVE_BUFFER, 1, bed.now), 0);
    arrive(from_peer(5000, 1400));
    check_equal(received(e), 1400); /* one always fits */
    datagram_bed_done();
}

static void the_send_buffer_says_again(void)
{
    const struct wire_settings slow = {.rate.bits = 1000000, .delay.base = 1000};
    struct list_link *l;
    struct udp_end *e;
    uint32_t sent = 0;

    datagram_bed();
    wire_settings_set(&wires[0], 0, &slow);
    memset(bytes, 7, sizeof bytes);
    e = open_end();
    check_equal(datagram_option_set(&e->common.end, OPTION_SEND_BUFFER, 10000, bed.now), 0);
    while (send_bytes(e, LOCALHOST, 9, bytes, 992) == 992)
        sent++;
    check_equal(sent, 10); /* 1000 bytes each, the header counted */
    check_equal(send_bytes(e, LOCALHOST, 9, bytes, 992), -EAGAIN);
    check_equal(datagram_ready(&e->common.end), 0);
    check(datagram_count(&e->common.end, COUNT_UNACKED) >= 10000);
    told = 0;
    for (uint32_t i = 0; i < 40 && told == 0; i++) {
        run_until(bed.now + 5 * MILLISECOND);
        while ((l = list_pop(&drained)))
            if (l == &e->common.charge->drained) {
                e->common.charge->wants = 0;
                datagram_drained(&e->common.end, bed.now);
            }
    }
    check_equal(told, 1);
    check(datagram_count(&e->common.end, COUNT_UNACKED) < 5000);
    check_equal(datagram_ready(&e->common.end), READY_OUT);
    check_equal(send_bytes(e, LOCALHOST, 9, bytes, 992), 992);
    udp_close(&e->common.end, bed.now); /* what it sent goes on */
    run_until(bed.now + SECOND);
    datagram_bed_done();
}

static void shutting_ends_each_direction(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(connect_to(e, PEER, 4000), 0);
    check_equal(datagram_shutdown(&e->common.end, false, true, bed.now), 0);
    check_equal(send_bytes(e, 0, 0, "x", 1), -EPIPE);
    check_equal(datagram_ready(&e->common.end), READY_OUT);
    check_equal(datagram_shutdown(&e->common.end, true, false, bed.now), 0);
    check_equal(received(e), 0);
    check_equal(datagram_ready(&e->common.end), READY_IN | READY_OUT | READY_READ_END | READY_HUP);
    e = open_end();
    check_equal(datagram_shutdown(&e->common.end, true, true, bed.now), -ENOTCONN);
    datagram_bed_done();
}

static void options_go_into_the_datagram(void)
{
    struct transport_message m = {.out = (const uint8_t *)"x", .length = 1};
    struct udp_end *e;
    int64_t value;

    datagram_bed();
    e = open_end();
    check_equal(datagram_option_set(&e->common.end, OPTION_HOP_LIMIT, 7, bed.now), 0);
    check_equal(datagram_option_set(&e->common.end, OPTION_TRAFFIC_CLASS, 0xb8, bed.now), 0);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1);
    check(left(&d, &h));
    check_equal(h.ttl, 7);
    check_equal(h.traffic_class, 0xb8);
    m.remote = at(PEER, 9);
    m.hop_limit = 3;
    m.has_traffic_class = true;
    m.local = at(HOST_2, 0).endpoint;
    check_equal(udp_send(&e->common.end, &m, 0, bed.now), 1);
    check(left(&d, &h));
    check_equal(h.ttl, 3);
    check_equal(h.traffic_class, 0);
    check_equal(h.source, HOST_2);
    m.local = at(FAR, 0).endpoint;
    check_equal(udp_send(&e->common.end, &m, 0, bed.now), -ENETUNREACH);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1); /* the next is from the usual source */
    check(left(&d, &h));
    check_equal(h.source, HOST);
    m.local = at(HOST_2, 0).endpoint;
    check_equal(udp_send(&e->common.end, &m, 0, bed.now), 1);
    check(left(&d, &h));
    check_equal(h.source, HOST_2);
    check_equal(send_bytes(e, 0xffffffff, 9, "x", 1), -EACCES);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1); /* and so if one between was refused */
    check(left(&d, &h));
    check_equal(h.source, HOST);
    check_equal(datagram_option_set(&e->common.end, OPTION_DONT_ROUTE, 1, bed.now), 0);
    check_equal(send_bytes(e, FAR, 9, "x", 1), -ENETUNREACH);
    check_equal(datagram_option_get(&e->common.end, OPTION_MTU, &value), -ENOTCONN);
    check_equal(connect_to(e, PEER, 9), 0);
    check_equal(datagram_option_get(&e->common.end, OPTION_MTU, &value), 0);
    check_equal(value, 1500);
    check_equal(datagram_option_set(&e->common.end, OPTION_NO_DELAY, 1, bed.now), -ENOPROTOOPT);
    check_equal(datagram_option_set(&e->common.end, OPTION_HOP_LIMIT, 256, bed.now), -EINVAL);
    check_equal(datagram_option_get(&e->common.end, OPTION_SEND_BUFFER, &value), 0);
    check_equal(value, UDP_BUFFER_DEFAULT);
    datagram_bed_done();
}

static void an_interface_is_kept_to(void)
{
    struct udp_end *e;

    datagram_bed();
    e = open_end();
    check_equal(datagram_option_set(&e->common.end, OPTION_INTERFACE, 2, bed.now), 0);
    check_equal(send_bytes(e, PEER, 9, "x", 1), 1); /* whose network is interface 1's: as Linux */
    check(left_by(2, &d, &h));
    check_equal(send_bytes(e, 0x0a000105, 9, "x", 1), 1);
    check(left_by(2, &d, &h));
    datagram_bed_done();
}

/* Every get from the pools fails in turn: a clean error, and nothing is lost or left. */
static void every_failing_get_is_survived(void)
{
    uint64_t gets = 100;

    for (uint64_t n = 1; n < gets; n++) {
        struct transport_end *e = NULL;
        uint64_t before;

        datagram_bed();
        before = host_arena->gets;
        host_arena->fail_at = before + n;
        if (udp_open(&udp.service, NULL, &e) == 0) {
            struct name local = at(0, 5000);
            int result = udp_bind(e, &local);
            ssize_t sent;

            check(result == 0 || result == -ENOBUFS);
            sent = send_bytes(udp_end_of(e), LOCALHOST, 5000, bytes, 2000);
            check(sent == 2000 || sent == -ENOBUFS);
            settle();
            if (result == 0 && sent == 2000) {
                ssize_t got = received(udp_end_of(e));

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

/* Each get of what an end needs fails in turn. */
static void an_end_that_cannot_be_opened_takes_nothing(void)
{
    struct transport_end *end;
    int result = -ENOBUFS;

    datagram_bed();
    for (int get = 1; get < 10 && result == -ENOBUFS; get++) {
        host_arena->fail_at = host_arena->gets + (uint64_t)get;
        result = udp_open(&udp.service, NULL, &end);
        check(get > 2 || result == -ENOBUFS); /* the end, and its charge */
        check_equal(pool_count(udp.end_pool), result == 0);
    }
    check_equal(result, 0);
    udp_close(end, bed.now);
    datagram_bed_done();
}

/* connect() to port 0: Linux's getpeername() knows no such peer, and nothing can be sent there. */
static void a_peer_without_a_port_has_no_name(void)
{
    struct udp_end *e;
    struct name place;

    datagram_bed();
    e = open_end();
    check_equal(connect_to(e, PEER, 0), 0);
    check_equal(datagram_remote(&e->common.end, &place), -ENOTCONN);
    check_equal(connect_to(e, PEER, 9), 0);
    check_equal(datagram_remote(&e->common.end, &place), 0);
    datagram_bed_done();
}

static const struct test tests[] = {
    {"a peer without a port has no name", a_peer_without_a_port_has_no_name},
    {"an end that cannot be opened takes nothing", an_end_that_cannot_be_opened_takes_nothing},
    {"a short read cuts the datagram and tells its length", a_short_read_cuts_and_tells_the_length},
    {"a port may be chosen by the first send", a_port_may_be_chosen_by_the_first_send},
    {"what may not be routed reaches neighbours only",
     what_may_not_be_routed_reaches_neighbours_only},
    {"an empty datagram is one (RFC 768)", an_empty_datagram_is_one},
    {"broadcasting needs the option (RFC 1122 3.3.6)", broadcasting_needs_the_option},
    {"connecting chooses a source and a port, and filters", connecting_chooses_and_filters},
    {"disconnecting keeps what was bound", disconnecting_keeps_what_was_bound},
    {"binding fails as on Linux", binding_fails_as_on_linux},
    {"sizes have limits; DF is the program's choice (RFC 8085 3.2)", sizes_have_limits},
    {"65,507 bytes go by the loopback in one datagram", the_largest_goes_by_the_loopback},
    {"the receive buffer is a limit in memory", the_receive_buffer_is_a_limit},
    {"the send buffer says again, and then that there is room", the_send_buffer_says_again},
    {"shutting ends each direction", shutting_ends_each_direction},
    {"options go into the datagram (RFC 1122 4.1.4)", options_go_into_the_datagram},
    {"an end keeps to its interface", an_interface_is_kept_to},
    {"every failing get from the pools is survived (T-34)", every_failing_get_is_survived},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
