/* SPDX-License-Identifier: MIT */
/*
 * Sockets over IPv6 (RFC 3493, RFC 3542): streams, datagrams and pings between two hosts on a wire
 * of bare IP, and on a host's loopback. A is fd00::1, B is fd00::2.
 */
#include <netinet/icmp6.h>

#include "lab/pair6.h"

static int doors[2];

/* Two doors that carry bare IP, so that no neighbour is to be found; carry() is the wire. */
static void open_pair(void)
{
    static const char *const names[] = {"a", "b"}, *const addresses[] = {"fd00::1/64",
                                                                         "fd00::2/64"};

    check_equal(sockeye_open(NULL, &lab), 0);
    for (int i = 0; i < 2; i++) {
        check_equal(sockeye_host(lab, names[i]), i);
        doors[i] = sockeye_door(lab, names[i], SOCKEYE_DOOR_IP, 1500);
        interfaces[i] = sockeye_interface(lab, i, "eth0", doors[i], 0, NULL);
        check_equal(sockeye_address(lab, i, interfaces[i], addresses[i]), 0);
    }
}

static void carry(int64_t time)
{
    static uint8_t bytes[2000];

    for (int64_t passed = 0; passed < time; passed += MS) {
        pass(MS);
        for (int i = 0; i < 2; i++) {
            ssize_t n;

            while ((n = sockeye_emit(lab, doors[i], bytes, sizeof bytes, NULL)) > 0)
                check_equal(sockeye_inject(lab, doors[1 - i], bytes, (size_t)n), 0);
        }
    }
}

static int listener6(int host, const char *address, uint16_t port)
{
    int fd = open6(host, SOCK_STREAM);

    check_equal(bind6(host, fd, address, port), 0);
    check_equal(sockeye_listen(lab, host, fd, 5), 0);
    return fd;
}

static void exchange(int a, int b)
{
    char bytes[16];

    check_equal(sockeye_send(lab, A, a, "hello", 5, 0), 5);
    carry(20 * MS);
    check_equal(sockeye_receive(lab, B, b, bytes, sizeof bytes, 0), 5);
    check_equal(sockeye_send(lab, B, b, "and more", 8, 0), 8);
    carry(20 * MS);
    check_equal(sockeye_receive(lab, A, a, bytes, sizeof bytes, 0), 8);
}

static void a_stream(const char *address)
{
    int l = listener6(B, address, 80), fd = open6(A, SOCK_STREAM), got;

    check_equal(connect6(A, fd, "fd00::2", 80), -EINPROGRESS);
    carry(50 * MS);
    check_equal(connect6(A, fd, "fd00::2", 80), 0);
    got = accepted(B, l);
    check(is_name6(A, fd, false, "fd00::1", 0));
    check(is_name6(A, fd, true, "fd00::2", 80));
    check(is_name6(B, got, false, "fd00::2", 80));
    check(is_name6(B, got, true, "fd00::1", 0));
    exchange(fd, got);
    check_equal(number_of(A, fd, IPPROTO_IPV6, IPV6_MTU), 1500);
    check_equal(number_of(A, fd, IPPROTO_TCP, TCP_MAXSEG), 1428); /* 1,440, less timestamps */
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    check_equal(sockeye_close_fd(lab, B, l), 0);
    carry(50 * MS);
    check_equal(sockeye_receive(lab, B, got, NULL, 0, 0), 0);
    check_equal(sockeye_close_fd(lab, B, got), 0);
    carry(50 * MS);
}

static void streams(void)
{
    open_pair();
    a_stream("fd00::2");
    a_stream("::");
    pair_close();
}

/* A listener of IPv4 does not hear it, and nobody is told so. */
static void who_does_not_listen(void)
{
    int fd;

    open_pair();
    (void)listener(B, 80);
    fd = open6(A, SOCK_STREAM);
    check_equal(connect6(A, fd, "fd00::2", 80), -EINPROGRESS);
    carry(50 * MS);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    fd = open6(A, SOCK_STREAM);
    check_equal(connect6(A, fd, "2001:db8::1", 80), -ENETUNREACH);
    check_equal(bind6(A, fd, "fd00::2", 0), -EADDRNOTAVAIL);
    check_equal(bind6(A, fd, "fd00::1", 0), 0);
    check_equal(number_of(A, fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    pair_close();
}

static void datagrams(void)
{
    int a, b;

    open_pair();
    a = open6(A, SOCK_DGRAM);
    b = open6(B, SOCK_DGRAM);
    check_equal(bind6(B, b, "::", 53), 0);
    check_equal(send6(A, a, "fd00::2", 53), 1);
    carry(20 * MS);
    check(came6(B, b, "fd00::1"));
    check_equal(connect6(A, a, "fd00::2", 53), 0);
    check(is_name6(A, a, false, "fd00::1", 0));
    check_equal(sockeye_send(lab, A, a, "x", 1, 0), 1);
    carry(20 * MS);
    check(came6(B, b, "fd00::1"));
    check_equal(sockeye_close_fd(lab, B, b), 0);
    check_equal(sockeye_send(lab, A, a, "x", 1, 0), 1); /* RFC 4443 3.1: port unreachable */
    carry(20 * MS);
    check_equal(number_of(A, a, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    pair_close();
}

/* The length of an IPv6 packet counts its payload alone: 20 bytes more than over IPv4. */
static void lengths_of_datagrams(void)
{
    static char bytes[65535];
    int fd;

    open_pair();
    fd = open6(A, SOCK_DGRAM);
    check_equal(connect6(A, fd, "::1", 53), 0);
    check_equal(sockeye_send(lab, A, fd, bytes, 65528, 0), -EMSGSIZE);
    fd = open6(A, SOCK_DGRAM);
    check_equal(connect6(A, fd, "fd00::2", 53), 0);
    set_number(A, fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
    check_equal(sockeye_send(lab, A, fd, bytes, 1453, 0), -EMSGSIZE);
    check_equal(sockeye_send(lab, A, fd, bytes, 1452, 0), 1452);
    set_number(A, fd, IPPROTO_IPV6, IPV6_DONTFRAG, 0);
    set_number(A, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
    check_equal(sockeye_send(lab, A, fd, bytes, 1453, 0), -EMSGSIZE);
    pair_close();
}

static void the_loopback(void)
{
    int l, fd, udp;

    open_pair();
    l = listener6(A, "::", 80);
    fd = open6(A, SOCK_STREAM);
    check_equal(connect6(A, fd, "::", 80), -EINPROGRESS); /* this host (RFC 4291 2.5.2) */
    carry(20 * MS);
    check_equal(connect6(A, fd, "::", 80), 0);
    check(is_name6(A, fd, false, "::1", 0));
    check(is_name6(A, fd, true, "::1", 80));
    check(accepted(A, l) >= 0);
    udp = open6(A, SOCK_DGRAM);
    check_equal(bind6(A, udp, "::1", 53), 0);
    check_equal(send6(A, udp, "::1", 53), 1);
    carry(20 * MS);
    check(came6(A, udp, "::1"));
    check_equal(send6(A, udp, "::ffff:127.0.0.1", 53), -ENETUNREACH);
    pair_close();
}

/* RFC 4443 4: a request of a program's, with our identifier and checksum, and its reply. */
static void pings(void)
{
    uint8_t message[16] = {ICMP6_ECHO_REQUEST, 0, 9, 9, 9, 9, 0, 1, 'a', 'b'};
    struct sockaddr_in6 to = name6_of("fd00::2", 0);
    struct sockeye_message m = {
        .bytes = message, .length = sizeof message, .address = &to, .address_length = sizeof to};
    int fd;

    open_pair();
    fd = sockeye_socket(lab, A, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    check_equal(bind6(A, fd, "::", 77), 0);
    check_equal(sockeye_send_message(lab, A, fd, &m, 0), 16);
    carry(20 * MS);
    check_equal(sockeye_receive_message(lab, A, fd, &m, 0), 16);
    check_equal(message[0], ICMP6_ECHO_REPLY);
    check(message[4] == 0 && message[5] == 77 && message[7] == 1 && message[9] == 'b');
    message[0] = 8; /* a request of the other version */
    check_equal(sockeye_send_message(lab, A, fd, &m, 0), -EINVAL);
    pair_close();
}

/* RFC 3542 6: what is told of a datagram, and what is chosen for one. */
static void facts_beside_datagrams(void)
{
    union {
        char bytes[256];
        struct cmsghdr align;
    } room = {0};
    struct msghdr header = {.msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    struct sockaddr_in6 to = name6_of("fd00::2", 53);
    char byte = 'x';
    struct sockeye_message m = {.bytes = &byte,
                                .length = 1,
                                .address = &to,
                                .address_length = sizeof to,
                                .control = room.bytes,
                                .control_length = 2 * CMSG_SPACE(sizeof(int))};
    struct in6_pktinfo info;
    int a, b, number;

    open_pair();
    a = open6(A, SOCK_DGRAM);
    b = open6(B, SOCK_DGRAM);
    check_equal(bind6(B, b, "::", 53), 0);
    set_number(B, b, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set_number(B, b, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set_number(B, b, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    set_number(B, b, IPPROTO_IP, IP_RECVTTL, 1); /* of what comes over IPv4 */
    c->cmsg_len = CMSG_LEN(sizeof(int));
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_HOPLIMIT;
    memcpy(CMSG_DATA(c), &(int){33}, sizeof(int));
    c = CMSG_NXTHDR(&header, c);
    c->cmsg_len = CMSG_LEN(sizeof(int));
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_TCLASS;
    memcpy(CMSG_DATA(c), &(int){0x20}, sizeof(int));
    check_equal(sockeye_send_message(lab, A, a, &m, 0), 1);
    carry(20 * MS);

    m.control_length = sizeof room.bytes;
    check_equal(sockeye_receive_message(lab, B, b, &m, 0), 1);
    header.msg_controllen = m.control_length;
    c = CMSG_FIRSTHDR(&header);
    check(c && c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO &&
          c->cmsg_len == CMSG_LEN(sizeof info));
    memcpy(&info, CMSG_DATA(c), sizeof info);
    check_equal(memcmp(&info.ipi6_addr, &to.sin6_addr, 15), 0);
    check(info.ipi6_addr.s6_addr[15] == 2 && info.ipi6_ifindex == 2);
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_type == IPV6_HOPLIMIT && c->cmsg_len == CMSG_LEN(sizeof(int)));
    memcpy(&number, CMSG_DATA(c), sizeof number);
    check_equal(number, 33);
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_type == IPV6_TCLASS && c->cmsg_len == CMSG_LEN(sizeof(int)));
    memcpy(&number, CMSG_DATA(c), sizeof number);
    check_equal(number, 0x20);
    check(!CMSG_NXTHDR(&header, c));
    pair_close();
}

/* The address of a host that is of its link alone. */
static struct sockaddr_in6 of_link(int host)
{
    struct sockaddr_in6 to = name6_of("fe80::99", 9), own;
    uint32_t length = sizeof own;
    int fd = open6(host, SOCK_DGRAM);

    to.sin6_scope_id = 2;
    check_equal(sockeye_connect(lab, host, fd, &to, sizeof to), 0);
    check_equal(sockeye_local_name(lab, host, fd, &own, &length), 0);
    check_equal(sockeye_close_fd(lab, host, fd), 0);
    check(length == sizeof own && IN6_IS_ADDR_LINKLOCAL(&own.sin6_addr));
    check_equal(own.sin6_scope_id, 2);
    own.sin6_port = 0;
    return own;
}

static void is_named(int host, int fd, bool peer, const struct sockaddr_in6 *want)
{
    struct sockaddr_in6 got;
    uint32_t length = sizeof got;

    check_equal(peer ? sockeye_peer_name(lab, host, fd, &got, &length)
                     : sockeye_local_name(lab, host, fd, &got, &length),
                0);
    check_equal(memcmp(&got.sin6_addr, &want->sin6_addr, sizeof got.sin6_addr), 0);
    check_equal(got.sin6_scope_id, want->sin6_scope_id);
}

/* RFC 4007 6: the interface is part of the name, of a stream's both ends and of a datagram's
 * source; what comes of it is bound to that interface from then on. */
static void addresses_of_a_link(void)
{
    struct sockaddr_in6 a, b, from;
    char device[16];
    uint32_t length = sizeof device;
    char byte;
    struct sockeye_message m = {
        .bytes = &byte, .length = 1, .address = &from, .address_length = sizeof from};
    int l, fd, got, udp;

    pair_open();
    for (int i = 0; i < 2; i++)
        check_equal(sockeye_address(lab, i, interfaces[i], i ? "fd00::2/64" : "fd00::1/64"), 0);
    pass(5 * SECOND);
    a = of_link(A);
    b = of_link(B);
    l = listener6(B, "::", 80);
    fd = open6(A, SOCK_STREAM);
    b.sin6_port = htons(80);
    check_equal(sockeye_connect(lab, A, fd, &b, 24), -EINVAL); /* without its scope */
    check_equal(sockeye_connect(lab, A, fd, &b, sizeof b), -EINPROGRESS);
    pass(50 * MS);
    check_equal(sockeye_connect(lab, A, fd, &b, sizeof b), 0);
    got = accepted(B, l);
    is_named(A, fd, false, &a);
    is_named(A, fd, true, &b);
    is_named(B, got, false, &b);
    is_named(B, got, true, &a);
    check_equal(sockeye_get_option(lab, B, got, SOL_SOCKET, SO_BINDTODEVICE, device, &length), 0);
    check_equal(strcmp(device, "eth0"), 0);
    check_equal(sockeye_send(lab, B, got, "x", 1, 0), 1);
    pass(50 * MS);
    check_equal(sockeye_receive(lab, A, fd, &byte, 1, 0), 1);

    b.sin6_port = htons(81); /* nobody listens: the answer finds its way back too */
    fd = open6(A, SOCK_STREAM);
    check_equal(sockeye_connect(lab, A, fd, &b, sizeof b), -EINPROGRESS);
    pass(50 * MS);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);

    udp = open6(B, SOCK_DGRAM);
    check_equal(bind6(B, udp, "::", 53), 0);
    b.sin6_port = htons(53);
    fd = open6(A, SOCK_DGRAM);
    check_equal(sockeye_connect(lab, A, fd, &b, sizeof b), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(50 * MS);
    check_equal(sockeye_receive_message(lab, B, udp, &m, 0), 1);
    check_equal(memcmp(&from.sin6_addr, &a.sin6_addr, sizeof from.sin6_addr), 0);
    check_equal(from.sin6_scope_id, 2);
    m.address_length = sizeof from; /* and back */
    check_equal(sockeye_send_message(lab, B, udp, &m, 0), 1);
    pass(50 * MS);
    check_equal(sockeye_receive(lab, A, fd, &byte, 1, 0), 1);
    pair_close();
}

/* RFC 9293 3.7.1, MUST-15: who names no size is sent 1,220 bytes at most; a SYN by hand. */
static void an_mss_that_is_not_named(void)
{
    static uint8_t bytes[4000];
    uint8_t syn[60] = {0x60, [5] = 20, 6, 64, 0xfd, [23] = 2, 0xfd, [39] = 1};
    uint32_t sum = 20 + 6;
    int l, got, value;

    open_pair();
    l = listener6(A, "::", 80);
    syn[41] = 99;
    syn[43] = 80;
    syn[47] = 1; /* sequence number */
    syn[52] = 5 << 4;
    syn[53] = 2; /* SYN */
    syn[54] = 0xff;
    for (int turn = 0; turn < 2; turn++) { /* the ACK of what it answers comes second */
        sum = 20 + 6;
        syn[56] = syn[57] = 0;
        for (int i = 8; i < 60; i += 2)
            sum += (uint32_t)syn[i] << 8 | syn[i + 1];
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        syn[56] = (uint8_t)(~sum >> 8);
        syn[57] = (uint8_t)~sum;
        check_equal(sockeye_inject(lab, doors[A], syn, sizeof syn), 0);
        pass(5 * MS);
        while (sockeye_emit(lab, doors[A], bytes, sizeof bytes, NULL) > 0)
            if (bytes[6] == 6 && bytes[53] == 0x12)
                memcpy(&syn[48], &bytes[44], 4); /* its number, acknowledged below */
        syn[47] = 2;
        syn[51]++; /* no carry: the test draws no such number */
        syn[53] = 0x10;
    }
    got = accepted(A, l);
    value = number_of(A, got, IPPROTO_TCP, TCP_MAXSEG);
    check_equal(value, 1220);
    pair_close();
}

static const struct test tests[] = {
    {"streams, to an address and to any, with an MSS of 1,440 (RFC 9293 3.7.1)", streams},
    {"who listens on IPv4 alone, and addresses that are not there", who_does_not_listen},
    {"datagrams, and what nobody took is told (RFC 4443 3.1)", datagrams},
    {"a datagram is as long as IPv6 and its options let it be", lengths_of_datagrams},
    {"the loopback, and :: is this host", the_loopback},
    {"pings of programs", pings},
    {"facts beside datagrams go both ways (RFC 3542 6)", facts_beside_datagrams},
    {"addresses of a link have its interface in their names (RFC 4007 6)", addresses_of_a_link},
    {"an MSS that is not named is 1,220 (RFC 9293 3.7.1, MUST-15)", an_mss_that_is_not_named},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
