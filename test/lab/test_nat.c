/* SPDX-License-Identifier: MIT */
/*
 * A translator between two hosts: R of routed.h, whose outside is the wire to S. B knows nothing of
 * 10.1.0.0/24, where A is: it sees 10.9.0.1.
 */
#include "base/bytes.h"
#include "base/checksum.h"
#include "lab/routed.h"

#include <sys/mman.h>
#include <unistd.h>

enum { OUTSIDE = 2, OUTER = 0x0a090001 };

static void nat_open(uint32_t mtu, const struct sockeye_nat_config *config)
{
    routed_open(mtu);
    check_equal(sockeye_nat(lab, R, OUTSIDE, config), 0);
    memset(&told, 0, sizeof told);
    check(sockeye_observe(lab, 1U << EVENT_FRAME_DELIVERED | EVENT_BYTES, tell, NULL, NULL) >= 0);
}

static uint32_t peer_of(int host, int fd)
{
    struct sockaddr_in peer = {0};
    uint32_t length = sizeof peer;

    check_equal(sockeye_peer_name(lab, host, fd, &peer, &length), 0);
    return ntohl(peer.sin_addr.s_addr);
}

static int datagram(int host)
{
    int fd = sockeye_socket(lab, host, AF_INET, SOCK_DGRAM, 0);

    check(fd >= 0);
    return fd;
}

/* A stream from one host to a port of another; who accepts it listens as if from the beginning. */
static void connect_by(int from, const char *address, uint16_t port, int to, uint16_t to_port,
                       int fd[2])
{
    int l = listener(to, to_port);

    fd[0] = stream(from);
    check_equal(connect_to(from, fd[0], address, port), -EINPROGRESS);
    pass(100 * MS);
    fd[1] = accepted(to, l);
    check_equal(sockeye_close_fd(lab, to, l), 0);
}

static void a_server_sees_the_routers_address(void)
{
    int fd[2];

    nat_open(0, NULL);
    connect_by(A, "10.2.0.1", 5000, B, 5000, fd);
    check_equal(peer_of(B, fd[1]), OUTER);
    check_equal(peer_of(A, fd[0]), 0x0a020001);
    check_equal(transfer(A, fd[0], B, fd[1], 100000), 100000);
    check_equal(transfer(B, fd[1], A, fd[0], 100000), 100000);
    pair_close();
}

static void datagrams_and_questions_of_all_sizes_come_back(void)
{
    static const uint32_t sizes[] = {8, 64, 1472, 1473, 9000, 65507};
    static uint8_t echo[65536];
    int fd, server, pings;

    nat_open(0, NULL);
    fd = datagram(A);
    pings = pinger();
    server = datagram(B);
    check_equal(bind_to(B, server, "0.0.0.0", 7), 0);
    check_equal(connect_to(A, fd, "10.2.0.1", 7), 0);
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sockaddr_in from;
        struct sockeye_message m = {
            .bytes = echo, .length = sizeof echo, .address = &from, .address_length = sizeof from};

        memset(bytes, (int)i + 1, sizes[i]);
        check_equal(sockeye_send(lab, A, fd, bytes, sizes[i], 0), sizes[i]);
        pass(100 * MS);
        check_equal(sockeye_receive_message(lab, B, server, &m, 0), sizes[i]);
        check_equal(ntohl(from.sin_addr.s_addr), OUTER);
        m.length = sizes[i];
        check_equal(sockeye_send_message(lab, B, server, &m, 0), sizes[i]);
        pass(100 * MS);
        check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), sizes[i]);
        check(bytes[0] == i + 1 && bytes[sizes[i] - 1] == i + 1);
        check_equal(ping(pings, "10.2.0.1", sizes[i]), sizes[i]);
        pass(100 * MS);
        check_equal(sockeye_receive(lab, A, pings, bytes, sizeof bytes, 0), sizes[i]);
    }
    pair_close();
}

static void a_forward_keeps_the_address_of_the_client(void)
{
    int fd[2];

    nat_open(0, NULL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 8080, "10.1.0.1", 80), 0);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 8080, "10.1.0.1", 81), -EEXIST);
    check_equal(sockeye_set(lab, -1, "net.ipv4.ip_unprivileged_port_start", "0"), 0);
    connect_by(B, "10.9.0.1", 8080, A, 80, fd);
    check_equal(peer_of(A, fd[1]), 0x0a020001);
    check_equal(transfer(B, fd[0], A, fd[1], 100000), 100000);
    check_equal(transfer(A, fd[1], B, fd[0], 100000), 100000);
    pair_close();
}

static void the_inside_reaches_itself_by_the_outer_address(void)
{
    const struct sockeye_nat_config none = {.no_hairpin = 1};
    int fd[2];

    nat_open(0, NULL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 8080, "10.1.0.1", 8000), 0);
    connect_by(A, "10.9.0.1", 8080, A, 8000, fd);
    check_equal(peer_of(A, fd[1]), OUTER);
    check_equal(transfer(A, fd[0], A, fd[1], 10000), 10000);
    pair_close();
    nat_open(0, &none);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 8080, "10.1.0.1", 8000), 0);
    fd[0] = stream(A);
    check_equal(connect_to(A, fd[0], "10.9.0.1", 8080), -EINPROGRESS);
    pass(100 * MS);
    check_equal(number_of(A, fd[0], SOL_SOCKET, SO_ERROR), ECONNREFUSED); /* of the router */
    pair_close();
}

/* RFC 4787 5; nobody outside knows inner addresses. */
static void what_nobody_asked_for_does_not_come_in(void)
{
    const struct sockeye_nat_config closed = {.closed = 1};
    int fd;

    for (int i = 0; i < 2; i++) {
        nat_open(0, i ? &closed : NULL);
        check_equal(sockeye_route(lab, S, "10.1.0.0/24", "10.9.0.1", 0), 0);
        fd = datagram(B);
        check_equal(connect_to(B, fd, "10.1.0.1", 7), 0);
        check_equal(sockeye_send(lab, B, fd, "x", 1, 0), 1);
        pass(100 * MS);
        check_equal(sockeye_drops(lab, R, DROP_NAT_FILTERED), 1);
        check_equal(sockeye_receive(lab, B, fd, bytes, sizeof bytes, 0), -EAGAIN);
        check_equal(connect_to(B, fd, "10.9.0.1", 7), 0);
        check_equal(sockeye_send(lab, B, fd, "x", 1, 0), 1);
        pass(100 * MS);
        check_equal(sockeye_receive(lab, B, fd, bytes, sizeof bytes, 0),
                    i ? -EAGAIN : -ECONNREFUSED);
        check_equal(sockeye_drops(lab, A, DROP_UDP_NO_SOCKET), 0);
        pair_close();
    }
}

static void errors_come_to_who_sent_what_they_quote(void)
{
    int fd[2], pings;

    nat_open(1000, NULL);
    connect_by(A, "10.2.0.1", 5000, B, 5000, fd);
    check_equal(transfer(A, fd[0], B, fd[1], 100000), 100000); /* told by R itself */
    check_equal(number_of(A, fd[0], IPPROTO_IP, IP_MTU), 1000);
    check_equal(told.quoted, 0x0a010001);
    check_equal(transfer(B, fd[1], A, fd[0], 100000), 100000); /* told by S */
    pass(10 * SECOND);                                         /* the rates of errors */
    pings = pinger();
    set_number(A, pings, IPPROTO_IP, IP_TTL, 2);
    check_equal(ping(pings, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check(told.from == 0x0a090002 && told.type == 11 && told.quoted == 0x0a010001);
    set_number(A, pings, IPPROTO_IP, IP_TTL, 1);
    check_equal(ping(pings, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check(told.from == 0x0a0100fe && told.type == 11 && told.quoted == 0x0a010001);
    pair_close();
}

/* RFC 5508 REQ-10a: of a neighbour that does not answer; who is told of it knows his packet again,
 * the router its own. */
static void who_finds_no_neighbour_outside_is_told(void)
{
    int fd;

    nat_open(0, NULL);
    for (int from = A; from <= R; from += R - A) {
        fd = datagram(from);
        set_number(from, fd, IPPROTO_IP, IP_RECVERR, 1);
        check_equal(bind_to(from, fd, "0.0.0.0", 4000), 0);
        check_equal(connect_to(from, fd, "10.9.0.77", 7), 0);
        check_equal(sockeye_send(lab, from, fd, "x", 1, 0), 1);
        pass(5 * SECOND);
        check_equal(number_of(from, fd, SOL_SOCKET, SO_ERROR), EHOSTUNREACH);
    }
    check(told.from == 0x0a0100fe && told.type == 3 && told.code == 1);
    check_equal(told.quoted, 0x0a010001);
    pair_close();
}

/* RFC 5508 4: what the peer is told quotes what the peer has sent. */
static void an_error_to_the_outside_names_no_inner_address(void)
{
    int fd;

    nat_open(0, NULL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_UDP, 7, "10.1.0.77", 7), 0);
    fd = datagram(B);
    set_number(B, fd, IPPROTO_IP, IP_RECVERR, 1);
    check_equal(connect_to(B, fd, "10.9.0.1", 7), 0);
    check_equal(sockeye_send(lab, B, fd, "x", 1, 0), 1);
    pass(5 * SECOND);
    check_equal(sockeye_receive(lab, B, fd, bytes, sizeof bytes, 0), -EHOSTUNREACH);
    pair_close();
    nat_open(0, NULL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_UDP, 7, "10.1.0.1", 7), 0);
    fd = datagram(B);
    check_equal(connect_to(B, fd, "10.9.0.1", 7), 0);
    check_equal(sockeye_send(lab, B, fd, "x", 1, 0), 1);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, B, fd, bytes, sizeof bytes, 0), -ECONNREFUSED); /* of A */
    pair_close();
}

static void the_router_speaks_for_itself_too(void)
{
    const struct sockeye_nat_config closed = {.closed = 1};
    int fd[2];

    nat_open(0, &closed);
    connect_by(R, "10.2.0.1", 5000, B, 5000, fd);
    check_equal(peer_of(B, fd[1]), OUTER);
    check_equal(transfer(R, fd[0], B, fd[1], 100000), 100000);
    check_equal(transfer(B, fd[1], R, fd[0], 100000), 100000);
    pair_close();
    nat_open(0, NULL);
    connect_by(B, "10.9.0.1", 5000, R, 5000, fd);
    check_equal(transfer(R, fd[1], B, fd[0], 100000), 100000);
    check_equal(transfer(B, fd[0], R, fd[1], 100000), 100000);
    pair_close();
}

/* A port by which the router answers the outside is open to the inside too. */
static void the_inside_reaches_the_router_by_its_outer_address(void)
{
    int l, from[2] = {B, A}, fd;

    nat_open(0, NULL);
    l = listener(R, 5000);
    for (int i = 0; i < 2; i++) {
        fd = stream(from[i]);
        check_equal(connect_to(from[i], fd, "10.9.0.1", 5000), -EINPROGRESS);
        pass(100 * MS);
        check_equal(transfer(from[i], fd, R, accepted(R, l), 1000), 1000);
    }
    pair_close();
}

/* It is about no translated packet, and the router's own. */
static void an_error_from_inside_reaches_the_router(void)
{
    int fd;

    nat_open(0, NULL);
    fd = datagram(R);
    check_equal(bind_to(R, fd, "10.9.0.1", 4000), 0);
    check_equal(connect_to(R, fd, "10.1.0.1", 9), 0);
    check_equal(sockeye_send(lab, R, fd, "x", 1, 0), 1);
    pass(100 * MS);
    check_equal(number_of(R, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    pair_close();
}

/* Its memory is gone: who was connected through it is not any more; a forward is written down. */
static void a_crash_forgets_mappings_and_no_forward(void)
{
    int fd[2];

    nat_open(0, NULL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 8080, "10.1.0.1", 8000), 0);
    connect_by(A, "10.2.0.1", 5000, B, 5000, fd);
    check_equal(transfer(A, fd[0], B, fd[1], 1000), 1000);
    check_equal(sockeye_crash(lab, R), 0);
    pass(MS);
    check_equal(sockeye_resume(lab, R), 0);
    check_equal(sockeye_send(lab, B, fd[1], "lost", 4, 0), 4);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd[0], bytes, sizeof bytes, 0), -EAGAIN);
    connect_by(B, "10.9.0.1", 8080, A, 8000, fd);
    check_equal(transfer(A, fd[1], B, fd[0], 1000), 1000);
    pair_close();
}

/* What it cuts itself has a mapping too, or the answer would be nobody's. */
static void the_router_sends_what_does_not_fit_one_packet(void)
{
    const struct sockeye_nat_config closed = {.closed = 1};
    static uint8_t echo[65536];
    struct sockaddr_in from;
    struct sockeye_message m = {
        .bytes = echo, .length = sizeof echo, .address = &from, .address_length = sizeof from};
    int fd, server;

    nat_open(0, &closed);
    fd = datagram(R);
    server = datagram(B);
    check_equal(bind_to(B, server, "0.0.0.0", 7), 0);
    check_equal(connect_to(R, fd, "10.2.0.1", 7), 0);
    memset(bytes, 5, 4000);
    check_equal(sockeye_send(lab, R, fd, bytes, 4000, 0), 4000);
    pass(100 * MS);
    check_equal(sockeye_receive_message(lab, B, server, &m, 0), 4000);
    m.length = 4000;
    check_equal(sockeye_send_message(lab, B, server, &m, 0), 4000);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, R, fd, bytes, sizeof bytes, 0), 4000);
    check(bytes[0] == 5 && bytes[3999] == 5);
    pair_close();
}

static struct sockaddr_in6 at_6(const char *text, uint16_t port)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    check_equal(inet_pton(AF_INET6, text, &a.sin6_addr), 1);
    return a;
}

/* RFC 6296: one that has an address under the outer prefix keeps it, and whoever asks whose it is
 * (RFC 4861) has an answer. */
static void a_router_between_prefixes_has_its_own_address(void)
{
    const struct sockeye_nat_config prefixes = {
        .closed = 1, .inner = "fd01::/64", .outer = "fd09::/64"};
    struct sockaddr_in6 own = at_6("fd09::1", 7), other = at_6("fd09::2", 7);
    int r, s;

    routed_open(0);
    check_equal(sockeye_address(lab, R, OUTSIDE, "fd09::1/64"), 0);
    check_equal(sockeye_address(lab, S, 1, "fd09::2/64"), 0);
    check_equal(sockeye_nat(lab, R, OUTSIDE, &prefixes), 0);
    pass(3000 * MS);
    r = sockeye_socket(lab, R, AF_INET6, SOCK_DGRAM, 0);
    s = sockeye_socket(lab, S, AF_INET6, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(lab, R, r, &own, sizeof own), 0);
    check_equal(sockeye_bind(lab, S, s, &other, sizeof other), 0);
    check_equal(sockeye_connect(lab, R, r, &other, sizeof other), 0);
    check_equal(sockeye_connect(lab, S, s, &own, sizeof own), 0);
    check_equal(sockeye_send(lab, S, s, "there", 5, 0), 5);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, R, r, bytes, sizeof bytes, 0), 5);
    check_equal(sockeye_send(lab, R, r, "back", 4, 0), 4);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, S, s, bytes, sizeof bytes, 0), 4);
    pair_close();
}

/* What comes back of it is not an inner host's, though its address is under the outer prefix. */
static void a_router_between_prefixes_hears_of_a_neighbour_that_is_not_there(void)
{
    const struct sockeye_nat_config prefixes = {.inner = "fd01::/64", .outer = "fd09::/64"};
    struct sockaddr_in6 nobody = at_6("fd09::77", 7);
    int fd, one = 1;

    routed_open(0);
    check_equal(sockeye_address(lab, R, OUTSIDE, "fd09::1/64"), 0);
    check_equal(sockeye_nat(lab, R, OUTSIDE, &prefixes), 0);
    pass(3000 * MS);
    fd = sockeye_socket(lab, R, AF_INET6, SOCK_DGRAM, 0);
    check_equal(sockeye_set_option(lab, R, fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one), 0);
    check_equal(sockeye_connect(lab, R, fd, &nobody, sizeof nobody), 0);
    check_equal(sockeye_send(lab, R, fd, "there?", 6, 0), 6);
    pass(5000 * MS);
    check_equal(sockeye_send(lab, R, fd, "there?", 6, 0), -EHOSTUNREACH);
    pair_close();
}

/* By the loopback, and not as if from outside. */
static void a_closed_router_reaches_its_own_outer_address(void)
{
    const struct sockeye_nat_config closed = {.closed = 1};
    struct sockaddr_in6 own = at_6("fd09::1", 7);
    int fd;

    nat_open(0, &closed);
    check_equal(sockeye_address(lab, R, OUTSIDE, "fd09::1/64"), 0);
    pass(3000 * MS);
    fd = sockeye_socket(lab, R, AF_INET6, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(lab, R, fd, &own, sizeof own), 0);
    check_equal(sockeye_connect(lab, R, fd, &own, sizeof own), 0);
    check_equal(sockeye_send(lab, R, fd, "me", 2, 0), 2);
    pass(MS);
    check_equal(sockeye_receive(lab, R, fd, bytes, sizeof bytes, 0), 2);
    pair_close();
}

/* A fragment of a datagram of protocol 47, whose payload looks like a record of a route that is
 * longer than any header; `options`: bytes of no operation behind the header. */
static void inject_fragment(int door, uint16_t place, uint32_t options)
{
    uint8_t all[20 + 40 + 64] = {0};
    uint32_t header = 20 + options, length = header + 64;
    struct writer w = writer_of(all, sizeof all);

    write_u8(&w, (uint8_t)(0x40 | header / 4));
    write_u8(&w, 0);
    write_u16(&w, (uint16_t)length);
    write_u16(&w, 7);
    write_u16(&w, place);
    write_u8(&w, 64);
    write_u8(&w, 47);
    write_u16(&w, 0);
    write_u32(&w, 0xc0a8010a); /* 192.168.1.10 */
    write_u32(&w, 0xc6336405); /* 198.51.100.5 */
    memset(all + 20, 1, options);
    for (uint32_t i = header; i < length; i += 2) {
        all[i] = 7;
        all[i + 1] = 255;
    }
    u16_put(all + 10, checksum_finish(checksum_add(0, all, header)));
    check_equal(sockeye_inject(lab, door, all, length), 0);
}

/* RFC 5508 REQ-8, RFC 1122 3.2.2.6: who is told gets the records of the first fragment back, whose
 * header the whole has, and not what stands where the last one had its options. */
static void who_is_refused_fragments_gets_their_own_records_back(void)
{
    uint8_t packet[1500];
    int router, doors[2], outside = 0;

    check_equal(sockeye_open(NULL, &lab), 0);
    router = sockeye_router(lab, "r");
    for (int i = 0; i < 2; i++) {
        doors[i] = sockeye_door(lab, i ? "out" : "in", SOCKEYE_DOOR_IP, 1500);
        outside = sockeye_interface(lab, router, i ? "out" : "in", doors[i], 0, NULL);
        check_equal(sockeye_address(lab, router, outside, i ? "203.0.113.1/24" : "192.168.1.1/24"),
                    0);
    }
    check_equal(sockeye_nat(lab, router, outside, NULL), 0);
    check_equal(sockeye_route(lab, router, "default", "203.0.113.254", 0), 0);
    pass(1000 * MS);
    while (sockeye_emit(lab, doors[0], packet, sizeof packet, NULL) > 0)
        continue;
    inject_fragment(doors[0], 0x2000, 0);
    inject_fragment(doors[0], 64 / 8, 40);
    pass(1000 * MS);
    check(sockeye_emit(lab, doors[0], packet, sizeof packet, NULL) > 28);
    check(packet[0] == 0x45 && packet[20] == 3 && packet[21] == 13); /* prohibited */
    check(sockeye_emit(lab, doors[0], packet, sizeof packet, NULL) <= 0);
    pair_close();
}

/* RFC 5382 REQ-4. */
static void a_syn_that_nobody_asked_for_waits_and_is_refused(void)
{
    int fd[2], late;

    nat_open(0, NULL);
    fd[0] = stream(A);
    check_equal(bind_to(A, fd[0], "0.0.0.0", 40000), 0);
    check_equal(connect_to(A, fd[0], "10.9.0.2", 5000), -EINPROGRESS); /* S; nobody listens */
    pass(100 * MS);
    late = stream(B);
    check_equal(connect_to(B, late, "10.9.0.1", 40000), -EINPROGRESS);
    pass(5900 * MS);
    check_equal(number_of(B, late, SOL_SOCKET, SO_ERROR), 0);
    check_equal(sockeye_drops(lab, R, DROP_NAT_FILTERED), 0);
    pass(10 * SECOND);
    check(sockeye_drops(lab, R, DROP_NAT_FILTERED) > 0);
    check_equal(sockeye_drops(lab, A, DROP_TCP_NO_SOCKET), 0);
    pair_close();
}

static void what_is_idle_ends(void)
{
    const struct sockeye_nat_config brief = {.udp_ns = 2 * SECOND};
    struct sockaddr_in from;
    struct sockeye_message m = {.bytes = bytes, .address = &from};
    int fd, server;

    nat_open(0, &brief);
    fd = datagram(A);
    server = datagram(B);
    check_equal(bind_to(B, server, "0.0.0.0", 7), 0);
    check_equal(connect_to(A, fd, "10.2.0.1", 7), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(100 * MS);
    m.length = sizeof bytes;
    m.address_length = sizeof from;
    check_equal(sockeye_receive_message(lab, B, server, &m, 0), 1);
    for (int i = 0; i < 2; i++) {
        pass(i ? 3 * SECOND : SECOND);
        m.length = 1;
        check_equal(sockeye_send_message(lab, B, server, &m, 0), 1);
        pass(100 * MS);
        check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), i ? -EAGAIN : 1);
    }
    pair_close();
}

/* What is due meanwhile waits, and that is as it should be. */
static void a_paused_router_forgets_when_it_goes_on(void)
{
    int fd;

    nat_open(0, NULL);
    fd = datagram(A);
    check_equal(connect_to(A, fd, "10.2.0.1", 7), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(100 * MS);
    check_equal(sockeye_pause(lab, R), 0);
    pass(400 * SECOND);
    check_equal(sockeye_check(lab), 0);
    check_equal(sockeye_resume(lab, R), 0);
    check_equal(sockeye_check(lab), 0); /* late, but the next that is due */
    pass(MS);
    check_equal(sockeye_check(lab), 0);
    pair_close();
}

static void configs_are_checked(void)
{
    const struct sockeye_nat_config wrong[] = {
        {.mapping = 4},
        {.filter = 4},
        {.no_hairpin = 2},
        {.sessions = 65537},
        {.port_first = 2000, .port_last = 1999},
        {.udp_ns = -1},
        {.inner = "fd00:1::/48"},
        {.inner = "fd00:1::/48", .outer = "2001:db8::/56"},
        {.inner = "10.0.0.0/8", .outer = "11.0.0.0/8"},
    };

    routed_open(0);
    for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (sockeye_nat(lab, R, OUTSIDE, &wrong[i]) != -EINVAL)
            test_fail(__FILE__, __LINE__, "row %u", i);
    check_equal(sockeye_nat(lab, R, 0, NULL), -EINVAL);
    check_equal(sockeye_nat(lab, R, 9, NULL), -EINVAL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 80, "10.1.0.1", 80), -EINVAL);
    check_equal(sockeye_nat(lab, R, OUTSIDE, NULL), 0);
    check_equal(sockeye_nat(lab, R, OUTSIDE, NULL), -EEXIST);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_ICMP, 80, "10.1.0.1", 80), -EINVAL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 0, "10.1.0.1", 80), -EINVAL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 80, "10.1.0.1", 65536), -EINVAL);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_TCP, 80, NULL, 80), -EINVAL);
    pair_close();
}

static int memory_file(void)
{
    int fd = memfd_create("lab", 0);

    check(fd >= 0);
    return fd;
}

static void from_the_start(int fd)
{
    check(lseek(fd, 0, SEEK_SET) == 0);
}

/* All kinds of input that routers have, and a translator at work. */
static uint64_t routers_at_work(void)
{
    const struct sockeye_route_config hole = {.kind = SOCKEYE_ROUTE_BLACKHOLE, .metric = 7};
    const struct sockeye_nat_config nat = {
        .mapping = SOCKEYE_NAT_ADDRESS_AND_PORT, .inner = "fd00:1::/48", .outer = "2001:db8::/48"};
    int fd[2];

    nat_open(1000, &nat);
    check_equal(sockeye_nat_forward(lab, R, IPPROTO_UDP, 7, "10.1.0.1", 7), 0);
    check_equal(sockeye_route_put(lab, S, "10.7.0.0/16", NULL, 0, &hole), 0);
    check_equal(sockeye_route_put(lab, S, "10.8.0.0/16", "10.9.0.1", 0, NULL), 0);
    check_equal(sockeye_route_remove(lab, S, "10.8.0.0/16", NULL, 0), 0);
    connect_by(A, "10.2.0.1", 5000, B, 5000, fd);
    check_equal(transfer(A, fd[0], B, fd[1], 50000), 50000);
    return sockeye_hash(lab);
}

static void routers_are_recorded(void)
{
    struct sockeye_replay *replay;
    uint64_t state;
    int step = 1;

    routed_record = memory_file();
    state = routers_at_work();
    check_equal(sockeye_record_stop(lab), 0);
    sockeye_close(lab);
    from_the_start(routed_record);
    check_equal(sockeye_replay_open(routed_record, SOCKEYE_TRUST_NOTHING, &replay, &lab), 0);
    for (int i = 0; i < 1000000 && step > 0; i++)
        step = sockeye_replay_next(replay);
    check_equal(step, SOCKEYE_REPLAY_OVER);
    check(sockeye_hash(lab) == state);
    sockeye_replay_close(replay);
    close(routed_record);
    routed_record = -1;
}

static void routers_go_on_out_of_an_image(void)
{
    uint64_t state, later;
    int image = memory_file();

    state = routers_at_work();
    check_equal(sockeye_save(lab, image), 0);
    pass(400 * SECOND); /* sessions end */
    later = sockeye_hash(lab);
    sockeye_close(lab);
    from_the_start(image);
    check_equal(sockeye_load(image, &lab), 0);
    check(sockeye_hash(lab) == state);
    pass(400 * SECOND);
    check(sockeye_hash(lab) == later);
    pair_close();
    close(image);
}

static const struct test tests[] = {
    {"a server sees the router's address", a_server_sees_the_routers_address},
    {"datagrams and questions of all sizes come back, in fragments too",
     datagrams_and_questions_of_all_sizes_come_back},
    {"a forward keeps the address of the client", a_forward_keeps_the_address_of_the_client},
    {"the inside reaches itself by the outer address, or not",
     the_inside_reaches_itself_by_the_outer_address},
    {"what nobody asked for does not come in", what_nobody_asked_for_does_not_come_in},
    {"errors come to who sent what they quote", errors_come_to_who_sent_what_they_quote},
    {"RFC 5508 REQ-10a: who finds no neighbour outside is told of what he sent",
     who_finds_no_neighbour_outside_is_told},
    {"an error to the outside names no inner address",
     an_error_to_the_outside_names_no_inner_address},
    {"the router speaks for itself too", the_router_speaks_for_itself_too},
    {"the inside reaches the router by its outer address",
     the_inside_reaches_the_router_by_its_outer_address},
    {"an error from inside reaches the router", an_error_from_inside_reaches_the_router},
    {"a crash forgets mappings, and no forward", a_crash_forgets_mappings_and_no_forward},
    {"a router between prefixes has its own address",
     a_router_between_prefixes_has_its_own_address},
    {"who is refused fragments gets their own records back (RFC 1122 3.2.2.6)",
     who_is_refused_fragments_gets_their_own_records_back},
    {"a router between prefixes hears of a neighbour that is not there",
     a_router_between_prefixes_hears_of_a_neighbour_that_is_not_there},
    {"a closed router reaches its own outer address",
     a_closed_router_reaches_its_own_outer_address},
    {"the router sends what does not fit one packet",
     the_router_sends_what_does_not_fit_one_packet},
    {"a SYN that nobody asked for waits, and is refused",
     a_syn_that_nobody_asked_for_waits_and_is_refused},
    {"what is idle ends", what_is_idle_ends},
    {"a paused router forgets when it goes on", a_paused_router_forgets_when_it_goes_on},
    {"a record of routers runs again to the same end", routers_are_recorded},
    {"routers go on out of an image as they did", routers_go_on_out_of_an_image},
    {"configs are checked", configs_are_checked},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
