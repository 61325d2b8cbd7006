/* SPDX-License-Identifier: MIT */
/*
 * Sockets in groups, of both families: two hosts and a switch between them. The options are those
 * of RFC 3678 and Linux, and so are the errors.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { A, B, PORT = 5000, INDEX = 2 /* eth0's, as the ABI counts: lo is 1 */ };

static struct sockeye *lab;
static int hosts[2];
static unsigned joined, left;
static _Alignas(struct group_filter) uint8_t value[1000]; /* of an option that is asked */
static uint32_t value_length;

static void on_event(void *context, const struct sockeye_event *event)
{
    (void)context;
    joined += event->group.change == CHANGE_JOINED;
    left += event->group.change == CHANGE_LEFT;
}

static void run(void)
{
    (void)sockeye_advance(lab, sockeye_now(lab) + 3000000000);
    check_equal(sockeye_check(lab), 0);
}

static void begin(void)
{
    int bridge;

    check_equal(sockeye_open(NULL, &lab), 0);
    bridge = sockeye_switch(lab, "s", NULL);
    for (int i = 0; i < 2; i++) {
        char name[] = {(char)('a' + i), 0}, four[] = "10.0.0.1/24", six[] = "fd00::1/64";
        int wire = sockeye_wire(lab, name, NULL, NULL);

        four[7] = six[6] = (char)('1' + i);
        hosts[i] = sockeye_host(lab, name);
        check(sockeye_interface(lab, bridge, name, wire, 0, NULL) >= 0);
        check_equal(sockeye_interface(lab, hosts[i], "eth0", wire, 1, NULL), 1);
        check_equal(sockeye_address(lab, hosts[i], 1, four), 0);
        check_equal(sockeye_address(lab, hosts[i], 1, six), 0);
    }
    run();
    joined = left = 0;
    check_equal(sockeye_observe(lab, 1U << EVENT_GROUP, on_event, NULL, NULL), 0);
}

static struct sockaddr_storage name_of(bool six, unsigned group)
{
    struct sockaddr_storage s;
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};

    memset(&s, 0, sizeof s);
    in6.sin6_addr.s6_addr[0] = 0xff;
    in6.sin6_addr.s6_addr[1] = 0x15;
    in6.sin6_addr.s6_addr[15] = (uint8_t)group;
    in.sin_addr.s_addr = htonl(0xe8000000 + group);
    memcpy(&s, six ? (void *)&in6 : (void *)&in, six ? sizeof in6 : sizeof in);
    return s;
}

static struct sockaddr_storage station(bool six, unsigned number)
{
    struct sockaddr_storage s = name_of(six, number);

    if (six) {
        ((struct sockaddr_in6 *)&s)->sin6_addr.s6_addr[0] = 0xfd;
        ((struct sockaddr_in6 *)&s)->sin6_addr.s6_addr[1] = 0;
    } else {
        ((struct sockaddr_in *)&s)->sin_addr.s_addr = htonl(0x0a000000 + number);
    }
    return s;
}

static uint32_t length_of(bool six)
{
    return six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static int opened(int host, bool six)
{
    int fd = sockeye_socket(lab, hosts[host], six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), one = 1;
    struct sockaddr_storage any = station(six, 0);

    check(fd >= 0);
    check_equal(sockeye_set_option(lab, hosts[host], fd, SOL_SOCKET, SO_REUSEADDR, &one, 4), 0);
    if (six)
        memset(((struct sockaddr_in6 *)&any)->sin6_addr.s6_addr, 0, 16);
    else
        ((struct sockaddr_in *)&any)->sin_addr.s_addr = 0;
    check_equal(sockeye_bind(lab, hosts[host], fd, &any, length_of(six)), 0);
    return fd;
}

static int group_option(int host, int fd, bool six, int option, unsigned group)
{
    struct group_req r = {.gr_interface = INDEX, .gr_group = name_of(six, group)};

    return sockeye_set_option(lab, hosts[host], fd, six ? IPPROTO_IPV6 : IPPROTO_IP, option, &r,
                              sizeof r);
}

static int source_option(int host, int fd, bool six, int option, unsigned group, unsigned source)
{
    struct group_source_req r = {.gsr_interface = INDEX,
                                 .gsr_group = name_of(six, group),
                                 .gsr_source = station(six, source)};

    return sockeye_set_option(lab, hosts[host], fd, six ? IPPROTO_IPV6 : IPPROTO_IP, option, &r,
                              sizeof r);
}

/* B sends a byte to a group; how many datagrams each of A's sockets has then. */
static void send_to(int host, int fd, bool six, unsigned group)
{
    struct sockaddr_storage to = name_of(six, group);
    struct sockeye_message m = {
        .bytes = (char[]){'x'}, .length = 1, .address = &to, .address_length = length_of(six)};
    struct ip_mreqn by = {.imr_ifindex = INDEX};
    int index = INDEX;

    if (six)
        check_equal(sockeye_set_option(lab, hosts[host], fd, IPPROTO_IPV6, IPV6_MULTICAST_IF,
                                       &index, sizeof index),
                    0);
    else
        check_equal(
            sockeye_set_option(lab, hosts[host], fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by),
            0);
    check_equal(sockeye_send_message(lab, hosts[host], fd, &m, 0), 1);
    run();
}

static unsigned heard(int host, int fd)
{
    unsigned count = 0;
    char byte;

    while (sockeye_receive(lab, hosts[host], fd, &byte, 1, 0) == 1)
        count++;
    return count;
}

static void who_has_joined_hears(void)
{
    for (int six = 0; six < 2; six++) {
        int a, other, b;

        begin();
        a = opened(A, six);
        other = opened(A, six);
        b = opened(B, six);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 0);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), 0);
        check_equal(joined, 1);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 1);
        check_equal(heard(A, other), 1); /* MULTICAST_ALL, as on Linux */
        check_equal(sockeye_set_option(lab, hosts[A], other, six ? IPPROTO_IPV6 : IPPROTO_IP,
                                       six ? IPV6_MULTICAST_ALL : IP_MULTICAST_ALL, &(int){0},
                                       sizeof(int)),
                    0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 1);
        check_equal(heard(A, other), 0);
        check_equal(heard(B, b), 0); /* it is in no group */
        check_equal(group_option(A, a, six, MCAST_LEAVE_GROUP, 1), 0);
        check_equal(left, 1);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 0);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), 0);
        check_equal(sockeye_close_fd(lab, hosts[A], a), 0); /* closing leaves: RFC 3376 2 */
        check_equal(left, 2);
        sockeye_close(lab);
    }
}

static void sources_are_filtered(void)
{
    for (int six = 0; six < 2; six++) {
        int a, b;

        begin();
        a = opened(A, six);
        b = opened(B, six);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), 0);
        check_equal(source_option(A, a, six, MCAST_BLOCK_SOURCE, 1, 2), 0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 0);
        check_equal(source_option(A, a, six, MCAST_UNBLOCK_SOURCE, 1, 2), 0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 1);
        check_equal(group_option(A, a, six, MCAST_LEAVE_GROUP, 1), 0);
        check_equal(source_option(A, a, six, MCAST_JOIN_SOURCE_GROUP, 1, 9), 0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 0);
        check_equal(source_option(A, a, six, MCAST_JOIN_SOURCE_GROUP, 1, 2), 0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 1);
        check_equal(source_option(A, a, six, MCAST_LEAVE_SOURCE_GROUP, 1, 2), 0);
        send_to(B, b, six, 1);
        check_equal(heard(A, a), 0);
        sockeye_close(lab);
    }
}

static void senders_hear_themselves_if_they_want(void)
{
    for (int six = 0; six < 2; six++) {
        int a, no = 0;

        begin();
        a = opened(A, six);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), 0);
        send_to(A, a, six, 1);
        check_equal(heard(A, a), 1);
        check_equal(sockeye_set_option(lab, hosts[A], a, six ? IPPROTO_IPV6 : IPPROTO_IP,
                                       six ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP, &no,
                                       sizeof no),
                    0);
        send_to(A, a, six, 1);
        check_equal(heard(A, a), 0);
        sockeye_close(lab);
    }
}

static void the_older_options_of_ipv4(void)
{
    struct ip_mreq by_address = {.imr_multiaddr.s_addr = htonl(0xe8000001),
                                 .imr_interface.s_addr = htonl(0x0a000001)};
    struct ip_mreq_source source = {.imr_multiaddr.s_addr = htonl(0xe8000001),
                                    .imr_interface.s_addr = htonl(0x0a000001),
                                    .imr_sourceaddr.s_addr = htonl(0x0a000002)};
    int a, b;

    begin();
    a = opened(A, false);
    b = opened(B, false);
    check_equal(sockeye_set_option(lab, hosts[A], a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &by_address,
                                   sizeof by_address),
                0);
    send_to(B, b, false, 1);
    check_equal(heard(A, a), 1);
    check_equal(
        sockeye_set_option(lab, hosts[A], a, IPPROTO_IP, IP_BLOCK_SOURCE, &source, sizeof source),
        0);
    send_to(B, b, false, 1);
    check_equal(heard(A, a), 0);
    check_equal(sockeye_set_option(lab, hosts[A], a, IPPROTO_IP, IP_DROP_MEMBERSHIP, &by_address,
                                   sizeof by_address),
                0);
    by_address.imr_interface.s_addr = htonl(0x0a000009); /* nobody's here */
    check_equal(sockeye_set_option(lab, hosts[A], a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &by_address,
                                   sizeof by_address),
                -ENODEV);
    sockeye_close(lab);
}

static void errors_are_linuxs(void)
{
    for (int six = 0; six < 2; six++) {
        struct group_req r = {.gr_interface = 99, .gr_group = name_of(six, 1)};
        int level = six ? IPPROTO_IPV6 : IPPROTO_IP, a, stream;

        begin();
        a = opened(A, six);
        stream = sockeye_socket(lab, hosts[A], six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
        check_equal(group_option(A, a, six, MCAST_LEAVE_GROUP, 1), -EADDRNOTAVAIL);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), 0);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 1), -EADDRINUSE);
        check_equal(sockeye_set_option(lab, hosts[A], a, level, MCAST_JOIN_GROUP, &r, sizeof r),
                    -ENODEV);
        check_equal(sockeye_set_option(lab, hosts[A], a, level, MCAST_JOIN_GROUP, &r, 100),
                    -EINVAL);
        r.gr_interface = INDEX;
        r.gr_group = station(six, 1); /* no group */
        check_equal(sockeye_set_option(lab, hosts[A], a, level, MCAST_JOIN_GROUP, &r, sizeof r),
                    -EINVAL);
        check_equal(group_option(A, stream, six, MCAST_JOIN_GROUP, 1), -EPROTO);
        for (unsigned i = 2; i <= 20; i++)
            check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, i), 0);
        check_equal(group_option(A, a, six, MCAST_JOIN_GROUP, 21), -ENOBUFS);
        check_equal(joined, 20);
        sockeye_close(lab);
    }
}

/* MCAST_MSFILTER of a group; @return what getsockopt does */
static int filter_of(int fd, bool six, uint32_t interface, unsigned room, uint32_t length)
{
    struct group_filter head = {
        .gf_interface = interface, .gf_group = name_of(six, 1), .gf_numsrc = room};

    memset(value, 0xff, sizeof value);
    memcpy(value, &head, 144);
    value_length = length;
    return sockeye_get_option(lab, hosts[A], fd, six ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_MSFILTER,
                              value, &value_length);
}

static void filters_are_told(void)
{
    for (int six = 0; six < 2; six++) {
        struct sockaddr_storage source;
        struct group_filter *got = (void *)value;
        int a;

        begin();
        a = opened(A, six);
        check_equal(filter_of(a, six, INDEX, 2, sizeof value), -EADDRNOTAVAIL);
        check_equal(source_option(A, a, six, MCAST_JOIN_SOURCE_GROUP, 1, 9), 0);
        check_equal(source_option(A, a, six, MCAST_JOIN_SOURCE_GROUP, 1, 8), 0);
        check_equal(filter_of(a, six, INDEX, 2, sizeof value), 0);
        check_equal(value_length, 144 + 2 * 128);
        check_equal(got->gf_fmode, MCAST_INCLUDE);
        check_equal(got->gf_numsrc, 2);
        source = station(six, 8);          /* they are in the order of addresses */
        memset((char *)&source + 2, 0, 2); /* without a port */
        check(memcmp(value + 144, &source, sizeof source) == 0);
        check_equal(filter_of(a, six, INDEX, 1, sizeof value), 0);
        check_equal(value_length, 144 + 128);
        check_equal(got->gf_numsrc, 2);
        check_equal(filter_of(a, six, INDEX, 64, 144 + 130), 0);
        check_equal(value_length, 144 + 128);
        check_equal(filter_of(a, six, 0, 2, sizeof value), -EADDRNOTAVAIL);
        check_equal(filter_of(a, six, INDEX, 2, 143), -EINVAL);
        sockeye_close(lab);
    }
}

static void the_older_option_tells_too(void)
{
    uint32_t own = htonl(0x0a000001), length;
    struct {
        uint32_t group, own, mode, count, source[4];
    } filter = {.group = htonl(0xe8000001), .own = own, .count = 4};
    int a;

    begin();
    a = opened(A, false);
    check_equal(source_option(A, a, false, MCAST_JOIN_SOURCE_GROUP, 1, 9), 0);
    length = sizeof filter;
    check_equal(sockeye_get_option(lab, hosts[A], a, IPPROTO_IP, IP_MSFILTER, &filter, &length), 0);
    check_equal(length, 20);
    check(filter.mode == MCAST_INCLUDE && filter.count == 1);
    check_equal(filter.source[0], htonl(0x0a000009));
    filter.own = htonl(0x01020304);
    length = sizeof filter;
    check_equal(sockeye_get_option(lab, hosts[A], a, IPPROTO_IP, IP_MSFILTER, &filter, &length),
                -ENODEV);
    filter.group = own;
    check_equal(sockeye_get_option(lab, hosts[A], a, IPPROTO_IP, IP_MSFILTER, &filter, &length),
                -EINVAL);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"who has joined a group hears it, and others as MULTICAST_ALL says", who_has_joined_hears},
    {"RFC 3678 4.1.3, 5.1: sources are filtered", sources_are_filtered},
    {"senders hear themselves if they want (MULTICAST_LOOP)", senders_hear_themselves_if_they_want},
    {"the older options of IPv4 name an interface by its address", the_older_options_of_ipv4},
    {"errors are Linux's", errors_are_linuxs},
    {"RFC 3678 4.2.2, 5.2.2: filters are told, as many sources as there is room for",
     filters_are_told},
    {"IP_MSFILTER tells what was said", the_older_option_tells_too},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
