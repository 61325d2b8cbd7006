/* SPDX-License-Identifier: MIT */
/*
 * AF_INET6 sockets that reach IPv4 (RFC 3493 3.7, 5.3), and what they are refused: each answer is
 * Linux's, where all of this was asked first. Frames are IPv4's here; what goes over IPv6 is
 * test_ip6_sockets.c's.
 */
#include "lab/pair6.h"

/* RFC 3493 3.7: an IPv4 node reaches a socket of IPv6's, which sees it by its mapped address. */
static void a_listener_takes_both_families(void)
{
    struct sockaddr_in6 from;
    uint32_t length = sizeof from;
    int l, fd, got;
    char bytes[8];

    pair_open();
    l = open6(B, SOCK_STREAM);
    check_equal(bind6(B, l, "::", 80), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
    check(is_name6(B, l, false, "::", 80));
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 80), -EINPROGRESS);
    pass(20 * MS);
    got = sockeye_accept(lab, B, l, &from, &length);
    check(got >= 0 && length == sizeof from && from.sin6_family == AF_INET6);
    check(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr) && ntohs(from.sin6_port) == port_of(A, fd));
    check_equal(memcmp(&from.sin6_addr.s6_addr[12], "\x0a\0\0\x01", 4), 0);
    check(is_name6(B, got, false, "::ffff:10.0.0.2", 80));
    check(is_name6(B, got, true, "::ffff:10.0.0.1", port_of(A, fd)));
    check_equal(number_of(B, got, SOL_SOCKET, SO_DOMAIN), AF_INET6);
    check_equal(sockeye_send(lab, A, fd, "hello", 5, 0), 5);
    pass(20 * MS);
    check_equal(sockeye_receive(lab, B, got, bytes, sizeof bytes, 0), 5);
    pair_close();
}

/* RFC 3493 5.3. */
static void a_listener_of_ipv6_alone_takes_no_ipv4(void)
{
    int l, fd, other;

    pair_open();
    l = open6(B, SOCK_STREAM);
    check_equal(number_of(B, l, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    set_number(B, l, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    check_equal(bind6(B, l, "::", 80), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
    check_equal(sockeye_set_option(lab, B, l, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, 4), -EINVAL);
    check_equal(number_of(B, l, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 80), -EINPROGRESS);
    pass(20 * MS);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);

    other = listener(B, 80); /* and an IPv4 listener stands beside it */
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 80), -EINPROGRESS);
    pass(20 * MS);
    check_equal(sockeye_accept(lab, B, l, NULL, NULL), -EAGAIN);
    check(accepted(B, other) >= 0);
    pair_close();
}

static void streams_connect_to_mapped_addresses(void)
{
    int l, fd, other;

    pair_open();
    l = listener(B, 80);
    fd = open6(A, SOCK_STREAM);
    check_equal(connect6(A, fd, "::ffff:10.0.0.2", 80), -EINPROGRESS);
    pass(20 * MS);
    check_equal(connect6(A, fd, "::ffff:10.0.0.2", 80), 0);
    check(is_name6(A, fd, false, "::ffff:10.0.0.1", 0));
    check(is_name6(A, fd, true, "::ffff:10.0.0.2", 80));
    check(accepted(B, l) >= 0);

    other = open6(A, SOCK_STREAM);
    set_number(A, other, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    check_equal(connect6(A, other, "::ffff:10.0.0.2", 80), -ENETUNREACH);
    check_equal(bind6(A, other, "::ffff:10.0.0.1", 0), -EINVAL);
    check_equal(bind6(A, other, "::", 0), 0);
    check_equal(connect6(A, other, "::ffff:10.0.0.2", 80), -ENETUNREACH);

    other = open6(A, SOCK_STREAM); /* bound to IPv4, it has no way to IPv6 */
    check_equal(bind6(A, other, "::ffff:0.0.0.0", 0), 0);
    check(is_name6(A, other, false, "::ffff:0.0.0.0", 0));
    check_equal(connect6(A, other, "2001:db8::1", 80), -EAFNOSUPPORT);
    check_equal(connect6(A, other, "::ffff:10.0.0.2", 80), -EINPROGRESS);
    pair_close();
}

static void datagrams_go_to_mapped_addresses_and_come_from_them(void)
{
    int a, b, four;

    pair_open();
    a = open6(A, SOCK_DGRAM);
    b = open6(B, SOCK_DGRAM);
    check_equal(bind6(B, b, "::", 53), 0);
    check_equal(send6(A, a, "::ffff:10.0.0.2", 53), 1);
    pass(20 * MS);
    check(came6(B, b, "::ffff:10.0.0.1"));
    check(is_name6(A, a, false, "::", 0));

    four = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0); /* and a socket of IPv4's reaches it */
    check_equal(connect_to(A, four, "10.0.0.2", 53), 0);
    check_equal(sockeye_send(lab, A, four, "x", 1, 0), 1);
    pass(20 * MS);
    check(came6(B, b, "::ffff:10.0.0.1"));

    check_equal(connect6(A, a, "::ffff:10.0.0.2", 53), 0);
    check(is_name6(A, a, false, "::ffff:10.0.0.1", 0));
    check(is_name6(A, a, true, "::ffff:10.0.0.2", 53));
    check_equal(connect6(A, a, "2001:db8::1", 53), -EAFNOSUPPORT);
    check_equal(disconnect(A, a), 0);
    check_equal(connect_to(A, a, "10.0.0.2", 53), 0); /* by a name of IPv4's, as Linux takes it */
    check(is_name6(A, a, true, "::ffff:10.0.0.2", 53));
    pair_close();
}

/* A name of another family: which each call takes, and what it says of the others. */
static void names_of_another_family(void)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct sockeye_message m = {
        .bytes = (char[]){'x'}, .length = 1, .address = &four, .address_length = sizeof four};
    struct sockaddr_in6 six = name6_of("::", 53);
    int s, d;

    pair_open();
    s = open6(A, SOCK_STREAM);
    d = open6(A, SOCK_DGRAM);
    check_equal(inet_pton(AF_INET, "10.0.0.2", &four.sin_addr), 1);
    check_equal(sockeye_bind(lab, A, d, &four, sizeof four), -EINVAL); /* too short for the other */
    check_equal(sockeye_connect(lab, A, s, &four, sizeof four), -EINVAL);
    check_equal(sockeye_send_message(lab, A, d, &m, 0), 1);
    four.sin_family = AF_UNSPEC;
    check_equal(sockeye_send_message(lab, A, d, &m, 0), -EDESTADDRREQ);
    four.sin_family = 99;
    check_equal(sockeye_send_message(lab, A, d, &m, 0), -EINVAL);
    six.sin6_family = AF_INET;
    check_equal(sockeye_bind(lab, A, d, &six, sizeof six), -EAFNOSUPPORT);
    check_equal(sockeye_connect(lab, A, s, &six, sizeof six), -EAFNOSUPPORT);
    six.sin6_family = AF_UNSPEC;
    check_equal(sockeye_bind(lab, A, d, &six, sizeof six), -EAFNOSUPPORT);

    d = open6(A, SOCK_DGRAM); /* of IPv6 alone */
    set_number(A, d, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    check_equal(connect_to(A, d, "10.0.0.2", 53), -EAFNOSUPPORT);
    check_equal(connect6(A, d, "::ffff:10.0.0.2", 53), -ENETUNREACH);
    check_equal(send6(A, d, "::ffff:10.0.0.2", 53), -ENETUNREACH);
    pair_close();
}

/* The struct was of 24 bytes once, without the scope; programs of that time still run. */
static void lengths_of_a_name(void)
{
    static const struct {
        uint32_t length;
        int bind, connect, send;
    } rows[] = {
        {0, -EINVAL, -EINVAL, 0}, /* to send, no name at all */
        {1, -EINVAL, -EINVAL, -EINVAL},
        {16, -EINVAL, -EINVAL, -EINVAL},
        {23, -EINVAL, -EINVAL, -EINVAL},
        {24, 0, 0, 1},
        {28, 0, 0, 1},
        {128, 0, 0, 1},
        {129, -EINVAL, -EINVAL, -EINVAL},
    };
    struct {
        struct sockaddr_in6 name;
        char more[104];
    } to = {.name = name6_of("::ffff:10.0.0.2", 9)}, own = {.name = name6_of("::", 0)};

    pair_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockeye_message m = {
            .bytes = (char[]){'x'}, .length = 1, .address = &to, .address_length = rows[i].length};

        check_equal(sockeye_bind(lab, A, open6(A, SOCK_STREAM), &own, rows[i].length),
                    rows[i].bind);
        check_equal(sockeye_connect(lab, A, open6(A, SOCK_DGRAM), &to, rows[i].length),
                    rows[i].connect);
        if (rows[i].length)
            check_equal(sockeye_send_message(lab, A, open6(A, SOCK_DGRAM), &m, 0), rows[i].send);
    }
    pair_close();
}

/* Whom a binding shuts out. */
static void conflicts_of_families(void)
{
    static const struct {
        const char *first, *second; /* of IPv4's socket when it has no colon; '6': of IPv6 alone */
        int result;
    } rows[] = {
        {"::", "0.0.0.0", -EADDRINUSE},
        {"::", "10.0.0.1", -EADDRINUSE},
        {"::", "::", -EADDRINUSE},
        {"::", "6::", -EADDRINUSE},
        {"::", "::ffff:10.0.0.1", -EADDRINUSE},
        {"6::", "0.0.0.0", 0},
        {"6::", "10.0.0.1", 0},
        {"6::", "6::", -EADDRINUSE},
        {"6::", "::", -EADDRINUSE},
        {"6::", "::ffff:10.0.0.1", 0},
        {"0.0.0.0", "::", -EADDRINUSE},
        {"0.0.0.0", "6::", 0},
        {"0.0.0.0", "::ffff:0.0.0.0", -EADDRINUSE},
        {"10.0.0.1", "::", -EADDRINUSE},
        {"10.0.0.1", "6::", 0},
        {"10.0.0.1", "::ffff:10.0.0.1", -EADDRINUSE},
        {"10.0.0.1", "::ffff:127.0.0.1", 0},
        {"::ffff:0.0.0.0", "6::", 0},
        {"::ffff:0.0.0.0", "10.0.0.1", -EADDRINUSE},
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        const char *const text[] = {rows[i / 2].first, rows[i / 2].second};
        int type = i % 2 ? SOCK_STREAM : SOCK_DGRAM;

        pair_open();
        for (int k = 0; k < 2; k++) {
            bool alone = text[k][0] == '6';
            bool six = strchr(text[k], ':') != NULL;
            int fd = six ? open6(A, type) : sockeye_socket(lab, A, AF_INET, type, 0);

            if (alone)
                set_number(A, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
            check_equal(six ? bind6(A, fd, text[k] + alone, 77) : bind_to(A, fd, text[k], 77),
                        k == 0 ? 0 : rows[i / 2].result);
        }
        pair_close();
    }
}

/* With both options that share a port: the socket of the datagram's own family goes first. */
static void a_socket_of_ipv4_goes_before_one_of_both(void)
{
    int six, four, a;
    char byte;

    pair_open();
    four = sockeye_socket(lab, B, AF_INET, SOCK_DGRAM, 0);
    six = open6(B, SOCK_DGRAM);
    set_number(B, four, SOL_SOCKET, SO_REUSEADDR, 1);
    set_number(B, six, SOL_SOCKET, SO_REUSEADDR, 1);
    check_equal(bind_to(B, four, "0.0.0.0", 53), 0);
    check_equal(bind6(B, six, "::", 53), 0);
    a = open6(A, SOCK_DGRAM);
    check_equal(send6(A, a, "::ffff:10.0.0.2", 53), 1);
    pass(20 * MS);
    check_equal(sockeye_receive(lab, B, six, &byte, 1, 0), -EAGAIN);
    check_equal(sockeye_receive(lab, B, four, &byte, 1, 0), 1);
    check_equal(sockeye_close_fd(lab, B, four), 0);
    check_equal(send6(A, a, "::ffff:10.0.0.2", 53), 1);
    pass(20 * MS);
    check_equal(sockeye_receive(lab, B, six, &byte, 1, 0), 1);
    pair_close();
}

/* RFC 4007 6: an address of a link says which; the scope of others is nobody's business. */
static void an_address_of_a_link_names_its_interface(void)
{
    struct sockaddr_in6 link = name6_of("fe80::9", 9);
    int s, d;

    pair_open();
    s = open6(A, SOCK_STREAM);
    d = open6(A, SOCK_DGRAM);
    check_equal(bind6(A, d, "fe80::9", 0), -EINVAL);
    check_equal(bind6(A, d, "ff02::1", 0), -EINVAL);
    check_equal(bind6(A, s, "ff02::1", 0), -EINVAL);
    link.sin6_scope_id = 2;
    check_equal(sockeye_bind(lab, A, open6(A, SOCK_DGRAM), &link, sizeof link), -EADDRNOTAVAIL);
    link.sin6_scope_id = 99;
    check_equal(sockeye_bind(lab, A, d, &link, sizeof link), -ENODEV);
    check_equal(connect6(A, s, "fe80::9", 9), -EINVAL);
    check_equal(connect6(A, d, "fe80::9", 9), -EINVAL);
    check_equal(sockeye_connect(lab, A, d, &link, sizeof link), -ENETUNREACH);
    check_equal(sockeye_connect(lab, A, s, &link, sizeof link), -ENETUNREACH);
    check_equal(sockeye_connect(lab, A, d, &link, 24), -EINVAL); /* the older form has no scope */
    pair_close();
}

/* The kernel's parameter, and the setting of new sockets. */
static void settings_of_families(void)
{
    int fd;

    pair_open();
    check_equal(sockeye_set(lab, A, "net.ipv6.bindv6only", "1"), 0);
    fd = open6(A, SOCK_STREAM);
    check_equal(number_of(A, fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    set_number(A, fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    check_equal(connect6(A, fd, "::ffff:10.0.0.2", 80), -EINPROGRESS);
    check_equal(sockeye_set(lab, A, "ipv6.disable", "1"), 0);
    check_equal(sockeye_socket(lab, A, AF_INET6, SOCK_STREAM, 0), -EAFNOSUPPORT);
    check_equal(sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6), -EAFNOSUPPORT);
    check(stream(A) >= 0);
    check(open6(B, SOCK_STREAM) >= 0);
    pair_close();
}

/* An ICMPv6 socket has nothing to do with IPv4, and an ICMP socket's replies do not come to it. */
static void a_ping_socket_of_ipv6_is_of_ipv6_alone(void)
{
    uint8_t request[16] = {8};
    struct sockaddr_in to = name_of("10.0.0.2", 0);
    struct sockeye_message m = {
        .bytes = request, .length = 16, .address = &to, .address_length = sizeof to};
    int six, four;

    pair_open();
    six = sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    check_equal(number_of(A, six, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    check_equal(bind6(A, six, "::", 7), 0);
    check_equal(bind6(A, sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6),
                      "::ffff:10.0.0.1", 0),
                -EINVAL);
    check_equal(connect6(A, six, "::ffff:10.0.0.2", 0), -ENETUNREACH);
    check_equal(send6(A, six, "::ffff:10.0.0.2", 0), -EINVAL);
    four = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    check_equal(bind_to(A, four, "0.0.0.0", 7), 0); /* the same identifier */
    check_equal(sockeye_send_message(lab, A, four, &m, 0), 16);
    pass(20 * MS);
    check_equal(sockeye_receive(lab, A, six, request, 16, 0), -EAGAIN);
    check_equal(sockeye_receive(lab, A, four, request, 16, 0), 16);
    pair_close();
}

static const struct test tests[] = {
    {"a listener of both families takes IPv4, by mapped addresses", a_listener_takes_both_families},
    {"a listener of IPv6 alone takes no IPv4", a_listener_of_ipv6_alone_takes_no_ipv4},
    {"streams connect to mapped addresses", streams_connect_to_mapped_addresses},
    {"datagrams go to mapped addresses and come from them",
     datagrams_go_to_mapped_addresses_and_come_from_them},
    {"each call takes a name of another family as Linux does", names_of_another_family},
    {"a name of IPv6's has 24 bytes or more", lengths_of_a_name},
    {"bindings conflict when their families can meet", conflicts_of_families},
    {"a socket of IPv4 goes before one of both", a_socket_of_ipv4_goes_before_one_of_both},
    {"an address of a link names its interface", an_address_of_a_link_names_its_interface},
    {"a host without IPv6, and one whose sockets take IPv6 alone", settings_of_families},
    {"a ping socket of IPv6 is of IPv6 alone", a_ping_socket_of_ipv6_is_of_ipv6_alone},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
