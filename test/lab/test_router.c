/* SPDX-License-Identifier: MIT */
/* Two hosts that know nothing but their routers: pings, streams, a walk of hops, and sizes. */
#include "lab/routed.h"

static void pings_pass(void)
{
    static const uint32_t sizes[] = {8, 64, 1480, 1481, 9000, 65507};
    int fd;

    routed_open(0);
    fd = pinger();
    for (uint32_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_equal(ping(fd, "10.2.0.1", sizes[i]), sizes[i]);
        pass(100 * MS);
        check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), sizes[i]);
        check_equal(bytes[0], 0);
    }
    /* a router answers at each of its addresses */
    check_equal(ping(fd, "10.9.0.1", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    check_equal(ping(fd, "10.2.0.254", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    pair_close();
}

static void a_walk_of_hops_names_the_routers(void)
{
    static const uint32_t who[] = {0x0a0100fe, 0x0a090002, 0};
    int fd;

    open_telling();
    fd = pinger();
    for (int ttl = 1; ttl <= 3; ttl++) {
        set_number(A, fd, IPPROTO_IP, IP_TTL, ttl);
        check_equal(ping(fd, "10.2.0.1", 8), 8);
        pass(100 * MS);
        check_equal(told.from, who[ttl - 1]);
        check(ttl == 3 || (told.type == 11 && told.code == 0));
        told.from = 0;
    }
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    check_equal(sockeye_drops(lab, R, DROP_FORWARD_HOPS), 1);
    check_equal(sockeye_drops(lab, S, DROP_FORWARD_HOPS), 1);
    pair_close();
}

/* RFC 1191: nothing is fragmented, and what is sent fits the narrowest wire. */
static void streams_pass_and_find_the_path_mtu(void)
{
    static const uint32_t mtus[] = {0, 1499, 1000, 576};

    for (uint32_t i = 0; i < sizeof mtus / sizeof *mtus; i++) {
        int fd[2], l;

        routed_open(mtus[i]);
        l = listener(B, 5000);
        fd[A] = stream(A);
        check_equal(connect_to(A, fd[A], "10.2.0.1", 5000), -EINPROGRESS);
        pass(100 * MS);
        fd[B] = accepted(B, l);
        check_equal(transfer(A, fd[A], B, fd[B], 300000), 300000);
        check_equal(transfer(B, fd[B], A, fd[A], 300000), 300000);
        check_equal(number_of(A, fd[A], IPPROTO_IP, IP_MTU), mtus[i] ? mtus[i] : 1500);
        check_equal(sockeye_drops(lab, R, DROP_IP_TOO_BIG) > 0, mtus[i] != 0);
        check_equal(sockeye_drops(lab, B, DROP_IP_FRAGMENT), 0);
        pair_close();
    }
}

static void what_nobody_answers_for_is_told(void)
{
    int fd;

    open_telling();
    fd = pinger();
    set_number(A, fd, IPPROTO_IP, IP_RECVERR, 1);
    check_equal(ping(fd, "10.2.0.77", 8), 8); /* nobody's: the last router asks for it in vain */
    pass(5 * SECOND);
    check_equal(told.from, 0x0a090002);
    check(told.type == 3 && told.code == 1);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EHOSTUNREACH);
    pair_close();
}

/* Each sends to the other what neither has: a datagram dies of its hops, and the source is told. */
static void a_circle_of_routers_ends(void)
{
    int fd;

    open_telling();
    fd = pinger();
    check_equal(ping(fd, "192.0.2.1", 8), 8);
    pass(SECOND);
    check_equal(told.from, 0x0a090002); /* 64 hops: the 64th is the second router */
    check_equal(told.type, 11);
    check_equal(sockeye_drops(lab, R, DROP_FORWARD_HOPS) + sockeye_drops(lab, S, DROP_FORWARD_HOPS),
                1);
    pair_close();
}

static void a_router_that_is_told_not_to_is_a_host(void)
{
    int fd;

    routed_open(0);
    fd = pinger();
    check_equal(sockeye_set(lab, R, "net.ipv4.ip_forward", "0"), 0);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EAGAIN);
    check_equal(sockeye_drops(lab, R, DROP_IP_DEST), 1);
    check_equal(sockeye_set(lab, R, "net.ipv4.ip_forward", "1"), 0);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    pair_close();
}

static void routes_come_and_go(void)
{
    const struct sockeye_route_config hole = {.kind = SOCKEYE_ROUTE_BLACKHOLE},
                                      forbidden = {.kind = SOCKEYE_ROUTE_PROHIBIT},
                                      narrow = {.mtu = 1000}, wrong = {.kind = 4},
                                      small = {.mtu = 67};
    int fd;

    open_telling();
    fd = pinger();
    check_equal(sockeye_route_put(lab, R, "10.2.0.0/24", NULL, 0, &forbidden), 0);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check(told.from == 0x0a0100fe && told.type == 3 && told.code == 13);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EHOSTUNREACH);
    check_equal(sockeye_route_remove(lab, R, "10.2.0.0/24", NULL, 0), 0);
    check_equal(sockeye_route_remove(lab, R, "10.2.0.0/24", NULL, 0), -ESRCH);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    check_equal(sockeye_route_put(lab, A, "10.2.0.0/24", NULL, 0, &hole), 0);
    check_equal(sockeye_send(lab, A, fd, bytes, 8, 0), -EINVAL);
    check_equal(sockeye_route_put(lab, A, "10.2.0.1/32", "10.1.0.254", 0, &narrow), 0);
    bytes[0] = 8;
    check_equal(sockeye_send(lab, A, fd, bytes, 8, 0), 8);
    check_equal(number_of(A, fd, IPPROTO_IP, IP_MTU), 1000);
    check_equal(sockeye_route_put(lab, A, "10.2.0.1/32", "10.1.0.254", 0, NULL), 1);
    check_equal(sockeye_route_put(lab, A, "10.3.0.0/16", NULL, 0, &wrong), -EINVAL);
    check_equal(sockeye_route_put(lab, A, "10.3.0.0/16", "10.1.0.254", 0, &small), -EINVAL);
    check_equal(sockeye_route_put(lab, A, "10.3.0.0/16", "10.1.0.254", 0, &hole), -EINVAL);
    check_equal(sockeye_route_put(lab, 9, "10.3.0.0/16", "10.1.0.254", 0, NULL), -EINVAL);
    check_equal(sockeye_route_remove(lab, A, "10.3.0.0", NULL, 0), -EINVAL);
    check_equal(sockeye_route_remove(lab, A, "default", "10.1.0.253", 0), -ESRCH);
    check_equal(sockeye_route_remove(lab, A, "default", "10.1.0.254", 0), 0);
    check_equal(connect_to(A, fd, "10.9.0.2", 0), -ENETUNREACH);
    pair_close();
}

/* A router of an internet: every /24 of a /12. */
static void a_router_has_room_for_thousands(void)
{
    char text[32];
    int fd, i;

    open_telling();
    fd = pinger();
    for (i = 0; i < 4092; i++) {
        snprintf(text, sizeof text, "172.%d.%d.0/24", 16 + i / 256, i % 256);
        check_equal(sockeye_route(lab, R, text, "10.9.0.2", 0), 0);
    }
    check_equal(sockeye_route(lab, R, "192.0.2.0/24", "10.9.0.2", 0), 0);
    check_equal(sockeye_route(lab, R, "198.51.100.0/24", "10.9.0.2", 0), -ENOSPC);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    pair_close();
}

/* The same in IPv6: fd00:1::1 at A, fd00:2::1 at B, fd00:9::/64 between the routers. */
static void speak_ip6(void)
{
    check_equal(sockeye_address(lab, A, 1, "fd00:1::1/64"), 0);
    check_equal(sockeye_address(lab, R, 1, "fd00:1::fe/64"), 0);
    check_equal(sockeye_address(lab, R, 2, "fd00:9::1/64"), 0);
    check_equal(sockeye_address(lab, S, 1, "fd00:9::2/64"), 0);
    check_equal(sockeye_address(lab, S, 2, "fd00:2::fe/64"), 0);
    check_equal(sockeye_address(lab, B, 1, "fd00:2::1/64"), 0);
    check_equal(sockeye_route(lab, A, "default", "fd00:1::fe", 0), 0);
    check_equal(sockeye_route(lab, B, "default", "fd00:2::fe", 0), 0);
    check_equal(sockeye_route(lab, R, "fd00:2::/64", "fd00:9::2", 0), 0);
    check_equal(sockeye_route(lab, S, "fd00:1::/64", "fd00:9::1", 0), 0);
    pass(3 * SECOND);
}

static struct sockaddr_in6 name6_of(const char *address, uint16_t port)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    check(inet_pton(AF_INET6, address, &a.sin6_addr) == 1);
    return a;
}

static void ip6_passes_two_routers(void)
{
    static const uint32_t mtus[] = {0, 1280};

    for (uint32_t i = 0; i < 2; i++) {
        struct sockaddr_in6 server = name6_of("fd00:2::1", 5000);
        int l, fd[2];

        routed_open(mtus[i]);
        speak_ip6();
        l = sockeye_socket(lab, B, AF_INET6, SOCK_STREAM, 0);
        fd[A] = sockeye_socket(lab, A, AF_INET6, SOCK_STREAM, 0);
        check(l >= 0 && fd[A] >= 0);
        check_equal(sockeye_bind(lab, B, l, &server, sizeof server), 0);
        check_equal(sockeye_listen(lab, B, l, 5), 0);
        check_equal(sockeye_connect(lab, A, fd[A], &server, sizeof server), -EINPROGRESS);
        pass(200 * MS);
        fd[B] = accepted(B, l);
        check_equal(transfer(A, fd[A], B, fd[B], 300000), 300000);
        check_equal(transfer(B, fd[B], A, fd[A], 300000), 300000);
        check_equal(sockeye_drops(lab, R, DROP_IP_TOO_BIG) > 0, mtus[i] != 0);
        pair_close();
    }
}

/* RFC 8201 5.2: it is a datagram that hears of it, and a stream's segments fit from then on. */
static void all_of_a_path_hear_that_it_is_narrow(void)
{
    struct sockaddr_in6 server = name6_of("fd00:2::1", 5000);
    int l, udp, fd[2];

    routed_open(1280);
    speak_ip6();
    l = sockeye_socket(lab, B, AF_INET6, SOCK_STREAM, 0);
    check_equal(sockeye_bind(lab, B, l, &server, sizeof server), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
    fd[A] = sockeye_socket(lab, A, AF_INET6, SOCK_STREAM, 0);
    check_equal(sockeye_connect(lab, A, fd[A], &server, sizeof server), -EINPROGRESS);
    pass(200 * MS);
    fd[B] = accepted(B, l);
    udp = sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, 0);
    check_equal(sockeye_connect(lab, A, udp, &server, sizeof server), 0);
    check_equal(sockeye_send(lab, A, udp, bytes, 1400, 0), 1400);
    pass(200 * MS);
    check_equal(sockeye_drops(lab, R, DROP_IP_TOO_BIG), 1);
    check_equal(transfer(A, fd[A], B, fd[B], 300000), 300000);
    check_equal(sockeye_drops(lab, R, DROP_IP_TOO_BIG), 1);
    pair_close();
}

static void who_sends_to_nobody_in_ip6_is_told(void)
{
    struct sockaddr_in6 nobody = name6_of("fd00:2::77", 7), nowhere = name6_of("fd00:3::1", 7);
    int fd, error = 1;

    routed_open(0);
    speak_ip6();
    fd = sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, 0);
    check_equal(sockeye_set_option(lab, A, fd, IPPROTO_IPV6, IPV6_RECVERR, &error, sizeof error),
                0);
    check_equal(sockeye_connect(lab, A, fd, &nobody, sizeof nobody), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(5 * SECOND);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EHOSTUNREACH);
    check_equal(sockeye_connect(lab, A, fd, &nowhere, sizeof nowhere), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(SECOND);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -ENETUNREACH);
    pair_close();
}

/* RFC 1122 3.3.1.4, 3.3.1.5: one of two gateways is nobody. */
static void a_dead_gateway_is_passed_over(void)
{
    int fd;

    routed_open(0);
    fd = pinger();
    check_equal(sockeye_route_remove(lab, A, "default", "10.1.0.254", 0), 0);
    check_equal(sockeye_route(lab, A, "default", "10.1.0.77", 0), 0);
    check_equal(sockeye_route(lab, A, "default", "10.1.0.254", 0), 0);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(5 * SECOND); /* asked for in vain */
    for (int i = 0; i < 3; i++) {
        check_equal(ping(fd, "10.2.0.1", 8), 8);
        pass(i ? 100 * SECOND : SECOND);
        check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), 8);
    }
    /* alone it is tried again */
    check_equal(sockeye_route_remove(lab, A, "default", "10.1.0.254", 0), 0);
    check_equal(ping(fd, "10.2.0.1", 8), 8);
    pass(5 * SECOND);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EAGAIN);
    pair_close();
}

static const struct test tests[] = {
    {"pings of all sizes pass two routers", pings_pass},
    {"a walk of hops names the routers", a_walk_of_hops_names_the_routers},
    {"streams pass, and find the path MTU", streams_pass_and_find_the_path_mtu},
    {"a source is told that nobody answers", what_nobody_answers_for_is_told},
    {"what goes in a circle dies of its hops", a_circle_of_routers_ends},
    {"IPv6 passes two routers, and finds the path MTU", ip6_passes_two_routers},
    {"all of a path hear that it is narrow (RFC 8201 5.2-5)", all_of_a_path_hear_that_it_is_narrow},
    {"who sends to nobody in IPv6 is told", who_sends_to_nobody_in_ip6_is_told},
    {"a dead gateway is passed over", a_dead_gateway_is_passed_over},
    {"routes come and go, forbid and narrow", routes_come_and_go},
    {"a router has room for thousands of routes", a_router_has_room_for_thousands},
    {"a router that is told not to forward is a host", a_router_that_is_told_not_to_is_a_host},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
