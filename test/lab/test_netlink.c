/* SPDX-License-Identifier: MIT */
/*
 * What a host says of itself, and lets its programs change, by NETLINK_ROUTE (rtnetlink(7), RFC
 * 3549) and NETLINK_SOCK_DIAG. A has lo, 10.0.0.1/24 on eth0; requests of any form are answered or
 * refused, and nothing outside of them is read.
 */
#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>

#include "lab/netlink.h"

static int ask(unsigned long request, struct ifreq *row)
{
    size_t length = sizeof *row;

    return sockeye_ioctl_interface(lab, A, request, row, &length);
}

static int dump_count(int fd, uint16_t asked, uint8_t family, uint16_t told)
{
    struct request r = request_of(asked, NLM_F_DUMP, sizeof r.general);

    r.general.rtgen_family = family;
    put(fd, &r);
    return count_of(fd, told, NULL);
}

static void netlink_dumps(void)
{
    int fd;

    pair_open();
    check_equal(sockeye_address(lab, A, interfaces[A], "fd00::1/64"), 0);
    fd = open_netlink();
    check_equal(sockeye_poll(lab, A, fd) & POLLIN, 0);
    check_equal(dump_count(fd, RTM_GETLINK, AF_UNSPEC, RTM_NEWLINK), 2);
    check_equal(dump_count(fd, RTM_GETLINK, AF_UNSPEC, NLMSG_DONE), 1);
    check_equal(dump_count(fd, RTM_GETADDR, AF_INET, RTM_NEWADDR), 2);
    check(dump_count(fd, RTM_GETADDR, AF_INET6, RTM_NEWADDR) >= 2); /* and that of the link */
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, RTM_NEWROUTE), 6);
    check(dump_count(fd, RTM_GETROUTE, AF_UNSPEC, RTM_NEWROUTE) >= 2);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    pair_close();
}

/* The one there is of a kind, whose attributes hold a number. */
static uint32_t number_in(int fd, uint16_t type, uint32_t header, uint16_t attribute)
{
    static _Alignas(8) uint8_t bytes[8192];
    ssize_t n;

    while ((n = sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0)) > 0) {
        struct nlmsghdr h;
        size_t at = sizeof h + header;
        struct rtattr a;

        memcpy(&h, bytes, sizeof h);
        for (; h.nlmsg_type == type && at + sizeof a <= h.nlmsg_len; at += RTA_ALIGN(a.rta_len)) {
            uint32_t value;

            memcpy(&a, bytes + at, sizeof a);
            check(a.rta_len >= sizeof a && at + a.rta_len <= h.nlmsg_len);
            memcpy(&value, bytes + at + sizeof a, sizeof value);
            if (a.rta_type == attribute && a.rta_len >= sizeof a + sizeof value)
                return value;
        }
    }
    return 0;
}

static void netlink_tells_of_all_tables(void)
{
    struct request r = request_of(RTM_GETROUTE, NLM_F_DUMP, sizeof(struct rtmsg));
    int fd, on = 1;

    pair_open();
    fd = open_netlink();
    check_equal(dump_count(fd, RTM_GETRULE, AF_INET, RTM_NEWRULE), 3);
    check_equal(dump_count(fd, RTM_GETRULE, AF_INET6, RTM_NEWRULE), 2);
    check_equal(dump_count(fd, RTM_GETNEIGH, AF_INET, RTM_NEWNEIGH), 0);
    check_equal(sockeye_route(lab, A, "10.9.0.0/16", "10.0.0.2", 0), 0);
    /* main: 10.0.0/24 and 10.9/16; local: 10.0.0.1, its broadcast address, and four of lo */
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, RTM_NEWROUTE), 2 + 2 + 3);
    check_equal(sockeye_set_option(lab, A, fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on),
                0);
    memset(r.bytes, 0, sizeof r.bytes);
    r.bytes[0] = AF_INET;
    r.bytes[4] = RT_TABLE_MAIN;
    put(fd, &r);
    check_equal(count_of(fd, RTM_NEWROUTE, NULL), 2);
    r.bytes[1] = 8; /* a length of destinations: no table is asked for by it */
    put(fd, &r);
    check_equal(count_of(fd, RTM_NEWROUTE, NULL), 0);
    pair_close();
}

static void netlink_tells_which_way(void)
{
    struct request r = request_of(RTM_GETROUTE, 0, sizeof(struct rtmsg) + 8);
    int fd, error;

    pair_open();
    fd = open_netlink();
    memset(r.bytes, 0, sizeof r.bytes);
    r.bytes[0] = AF_INET;
    r.bytes[1] = 32;
    memcpy(r.bytes + 12, "\10\0\1\0\12\11\0\1", 8); /* RTA_DST 10.9.0.1 */
    put(fd, &r);
    check_equal(count_of(fd, NLMSG_ERROR, &error), 1);
    check_equal(error, -ENETUNREACH);
    check_equal(sockeye_route(lab, A, "10.9.0.0/16", "10.0.0.2", 0), 0);
    put(fd, &r);
    check_equal(ntohl(number_in(fd, RTM_NEWROUTE, 12, RTA_GATEWAY)), 0x0a000002);
    put(fd, &r);
    check_equal(number_in(fd, RTM_NEWROUTE, 12, RTA_OIF), 2);
    r.bytes[12] = 7; /* a length that is none of an address */
    put(fd, &r);
    (void)count_of(fd, NLMSG_ERROR, &error);
    check(error < 0);
    pair_close();
}

/* What does not fit at once is told as it is read, and all of it. */
static void netlink_tells_a_long_table(void)
{
    int fd;

    pair_open();
    for (int i = 0; i < 500; i++) {
        char text[32];

        snprintf(text, sizeof text, "11.%d.%d.0/24", i / 250, i % 250);
        check_equal(sockeye_route(lab, A, text, "10.0.0.2", 0), 0);
    }
    fd = open_netlink();
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, RTM_NEWROUTE), 500 + 6);
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, NLMSG_DONE), 1);
    pair_close();
}

static void netlink_changes_addresses(void)
{
    static const uint8_t own[4] = {10, 5, 0, 1}, everybody[4] = {10, 5, 0, 255};
    const struct ifaddrmsg header = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 2};
    struct request r = request_of(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0), other;
    int fd;

    pair_open();
    fd = open_netlink();
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &header, sizeof header);
    r.header.nlmsg_len += sizeof header;
    check_equal(ask_netlink(fd, &r), -EINVAL); /* which */
    other = r;
    add(&other, IFA_LOCAL, own, sizeof own);
    add(&other, IFA_BROADCAST, own, sizeof own);
    check_equal(ask_netlink(fd, &other), -EOPNOTSUPP); /* its own is 10.5.0.255 */
    add(&r, IFA_BROADCAST, everybody, sizeof everybody);
    add(&r, IFA_LOCAL, own, sizeof own);
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -EEXIST);
    r.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(dump_count(fd, RTM_GETADDR, AF_INET, RTM_NEWADDR), 3);
    r.header.nlmsg_type = RTM_DELADDR;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -EADDRNOTAVAIL);
    check_equal(dump_count(fd, RTM_GETADDR, AF_INET, RTM_NEWADDR), 2);
    pair_close();
}

static void netlink_changes_routes(void)
{
    static const uint8_t to[4] = {10, 9, 0, 0}, by[4] = {10, 0, 0, 2}, other[4] = {10, 0, 0, 3},
                         nowhere[4] = {11, 0, 0, 1};
    const struct rtmsg header = {.rtm_family = AF_INET,
                                 .rtm_dst_len = 16,
                                 .rtm_table = RT_TABLE_MAIN,
                                 .rtm_type = RTN_UNICAST};
    struct request r = request_of(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0), begun;
    int fd;

    pair_open();
    fd = open_netlink();
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &header, sizeof header);
    r.header.nlmsg_len += sizeof header;
    add(&r, RTA_DST, to, sizeof to);
    begun = r;
    check_equal(ask_netlink(fd, &r), -ENODEV);
    add(&r, RTA_GATEWAY, nowhere, sizeof nowhere);
    check_equal(ask_netlink(fd, &r), -ENETUNREACH);
    r = begun;
    add(&r, RTA_GATEWAY, by, sizeof by);
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -EEXIST);
    r = begun;
    add(&r, RTA_GATEWAY, other, sizeof other);
    check_equal(ask_netlink(fd, &r), -EEXIST);
    r.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, RTM_NEWROUTE), 7);
    r.header.nlmsg_flags |= NLM_F_EXCL; /* the bits of NLM_F_DUMP; and that is answered too */
    check_equal(ask_netlink(fd, &r), -EEXIST);
    r.header.nlmsg_type = RTM_DELROUTE;
    check_equal(ask_netlink(fd, &r), 0);
    r.header.nlmsg_type = RTM_NEWROUTE;
    r.header.nlmsg_flags |= NLM_F_CREATE;
    check_equal(ask_netlink(fd, &r), 0);
    r.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    r.header.nlmsg_type = RTM_DELROUTE;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -ESRCH);
    r.header.nlmsg_type = RTM_NEWROUTE;
    check_equal(ask_netlink(fd, &r), -ENOENT);
    pair_close();
}

/* Off, nothing goes in or out, and there are no routes; on again, all is as it was. */
static void netlink_switches_links(void)
{
    struct request r = request_of(RTM_NEWLINK, NLM_F_ACK, sizeof r.link);
    struct ifreq row = {.ifr_name = "eth0"};
    uint32_t mtu = 1200, most = 9000;
    int fd, udp;

    pair_open();
    check_equal(sockeye_address(lab, A, interfaces[A], "fd00::1/64"), 0);
    fd = open_netlink();
    memset(r.bytes, 0, sizeof r.bytes);
    r.link.ifi_index = 2;
    r.link.ifi_change = IFF_UP;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask(SIOCGIFFLAGS, &row), 0);
    check_equal(row.ifr_flags & IFF_UP, 0);
    check_equal(dump_count(fd, RTM_GETADDR, AF_INET6, RTM_NEWADDR), 1); /* lo's */
    udp = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_connect(lab, A, udp,
                                &(struct sockaddr_in){.sin_family = AF_INET,
                                                      .sin_port = htons(9),
                                                      .sin_addr.s_addr = htonl(0x0a000002)},
                                sizeof(struct sockaddr_in)),
                -ENETUNREACH);
    r.link.ifi_flags = IFF_UP;
    check_equal(ask_netlink(fd, &r), 0);
    check(dump_count(fd, RTM_GETADDR, AF_INET6, RTM_NEWADDR) == 2); /* and its own of the link */
    check_equal(dump_count(fd, RTM_GETROUTE, AF_INET, RTM_NEWROUTE), 6);
    r.link.ifi_change = r.link.ifi_flags = 0;
    add(&r, IFLA_MTU, &mtu, sizeof mtu);
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask(SIOCGIFMTU, &row), 0);
    check_equal(row.ifr_mtu, 1200);
    check_equal(dump_count(fd, RTM_GETADDR, AF_INET6, RTM_NEWADDR), 1); /* RFC 8200 5 */
    add(&r, IFLA_MTU, &most, sizeof most);                              /* the last one counts */
    check_equal(ask_netlink(fd, &r), -EINVAL);
    pair_close();
}

static void netlink_changes_neighbors(void)
{
    static const uint8_t whom[4] = {10, 0, 0, 77}, mac[6] = {2, 0, 0, 0, 0, 77};
    const struct ndmsg header = {.ndm_family = AF_INET, .ndm_ifindex = 2, .ndm_state = 0x80};
    struct request r = request_of(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0);
    int fd;

    pair_open();
    fd = open_netlink();
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &header, sizeof header);
    r.header.nlmsg_len += sizeof header;
    add(&r, 1 /* NDA_DST */, whom, sizeof whom);
    check_equal(ask_netlink(fd, &r), -EOPNOTSUPP); /* without a station */
    add(&r, 2 /* NDA_LLADDR */, mac, sizeof mac);
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -EEXIST);
    check_equal(dump_count(fd, RTM_GETNEIGH, AF_INET, RTM_NEWNEIGH), 1);
    r.header.nlmsg_type = RTM_DELNEIGH;
    check_equal(ask_netlink(fd, &r), 0);
    check_equal(ask_netlink(fd, &r), -ENOENT);
    pair_close();
}

static void netlink_tells_of_sockets(void)
{
    struct inet_diag_req_v2 asked = {
        .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = UINT32_MAX};
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(80)};
    /* dport = :81, and the same with a step that goes back */
    const struct inet_diag_bc_op code[] = {{INET_DIAG_BC_D_EQ, 8, 12}, {0, 0, 81}};
    const struct inet_diag_bc_op loops[] = {{INET_DIAG_BC_JMP, 4, 0}};
    struct request r = request_of(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof asked), begun;
    int fd, tcp, error;

    pair_open();
    fd = sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    check(fd >= 0);
    tcp = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(lab, A, tcp, &name, sizeof name), 0);
    check_equal(sockeye_listen(lab, A, tcp, 7), 0);
    check_equal(sockeye_name_socket(lab, A, tcp, 4711), 0);
    check_equal(sockeye_name_socket(lab, A, 99, 1), -EBADF);
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &asked, sizeof asked);
    begun = r;
    put(fd, &r);
    check_equal(count_of(fd, SOCK_DIAG_BY_FAMILY, NULL), 1);
    add(&r, INET_DIAG_REQ_BYTECODE, code, sizeof code);
    put(fd, &r);
    check_equal(count_of(fd, SOCK_DIAG_BY_FAMILY, NULL), 0);
    r = begun;
    add(&r, INET_DIAG_REQ_BYTECODE, loops, sizeof loops);
    put(fd, &r);
    (void)count_of(fd, NLMSG_ERROR, &error);
    check_equal(error, -EINVAL);
    r = begun;
    asked.sdiag_protocol = IPPROTO_UDP;
    memcpy(r.bytes, &asked, sizeof asked);
    put(fd, &r);
    check_equal(count_of(fd, NLMSG_DONE, NULL), 1);
    r.bytes[0] = AF_X25;
    put(fd, &r);
    (void)count_of(fd, NLMSG_ERROR, &error);
    check_equal(error, -ENOENT);
    pair_close();
}

/* What anybody changes is told to the members of a group, and to no others. */
static void netlink_tells_unasked(void)
{
    struct sockaddr_nl name = {.nl_family = AF_NETLINK,
                               .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_IFADDR};
    uint8_t bytes[2048];
    int fd, other, routes = RTNLGRP_IPV4_ROUTE, none = 99;
    struct nlmsghdr h;

    pair_open();
    fd = open_netlink();
    other = open_netlink();
    check_equal(sockeye_bind(lab, A, fd, &name, sizeof name), 0);
    check_equal(sockeye_route(lab, A, "10.9.0.0/16", "10.0.0.2", 0), 0);
    check(sockeye_poll(lab, A, fd) & POLLIN);
    check_equal(sockeye_poll(lab, A, other) & POLLIN, 0);
    check(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0) > (ssize_t)sizeof h);
    memcpy(&h, bytes, sizeof h);
    check(h.nlmsg_type == RTM_NEWROUTE && h.nlmsg_seq == 0 && h.nlmsg_pid == 0);
    check_equal(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0), -EAGAIN);
    check_equal(sockeye_address_remove(lab, A, interfaces[A], "10.0.0.1/24"), 0);
    check(sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0) > 0);
    memcpy(&h, bytes, sizeof h);
    check(h.nlmsg_type == RTM_DELADDR || h.nlmsg_type == RTM_DELROUTE);
    check_equal(
        sockeye_set_option(lab, A, other, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &none, sizeof none),
        -EINVAL);
    check_equal(sockeye_set_option(lab, A, other, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &routes,
                                   sizeof routes),
                0);
    check_equal(sockeye_address(lab, A, interfaces[A], "10.0.0.1/24"), 0);
    for (int i = 0; i < 200; i++) { /* more than there is room for */
        char text[32];

        snprintf(text, sizeof text, "11.0.%d.0/24", i);
        check_equal(sockeye_route(lab, A, text, "10.0.0.2", 0), 0);
    }
    check(sockeye_poll(lab, A, other) & POLLERR);
    check_equal(sockeye_receive(lab, A, other, bytes, sizeof bytes, 0), -ENOBUFS);
    check(sockeye_receive(lab, A, other, bytes, sizeof bytes, 0) > 0);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    check_equal(sockeye_close_fd(lab, A, other), 0);
    check_equal(sockeye_route(lab, A, "12.0.0.0/24", "10.0.0.2", 0), 0); /* to nobody */
    check_equal(sockeye_check(lab), 0);
    pair_close();
}

static void netlink_asks_for_one_interface(void)
{
    struct request r = request_of(RTM_GETLINK, 0, sizeof r.link);
    int fd, error;

    pair_open();
    fd = open_netlink();
    r.link.ifi_index = 2;
    put(fd, &r);
    check(sockeye_poll(lab, A, fd) & POLLIN);
    check_equal(count_of(fd, RTM_NEWLINK, &error), 1);
    check_equal(error, 1); /* no error message */
    r.link.ifi_index = 3;
    put(fd, &r);
    check_equal(count_of(fd, NLMSG_ERROR, &error), 1);
    check_equal(error, -ENODEV);
    r.link.ifi_index = INT32_MIN;
    put(fd, &r);
    check_equal(count_of(fd, NLMSG_ERROR, &error), 1);
    check_equal(error, -ENODEV);
    r.link.ifi_index = 0;
    put(fd, &r);
    (void)count_of(fd, NLMSG_ERROR, &error);
    check_equal(error, -EINVAL);
    pair_close();
}

static void netlink_refuses(void)
{
    static const struct {
        uint16_t type, flags;
        uint32_t length;
        int error; /* 1: no answer */
    } rows[] = {
        {RTM_NEWADDR, 0, 8, -EOPNOTSUPP},
        {RTM_DELROUTE, NLM_F_ACK, 12, -EOPNOTSUPP},
        {RTM_SETLINK, 0, 16, -EINVAL},
        {RTM_NEWLINK, 0, 16, -ENODEV},
        {RTM_DELLINK, 0, 16, -EINVAL},
        {RTM_NEWNEIGH, 0, 12, -EOPNOTSUPP},
        {RTM_NEWRULE, 0, 12, -EOPNOTSUPP},
        {RTM_NEWROUTE, 0, 11, -EINVAL},
        {RTM_GETROUTE, 0, 12, -EOPNOTSUPP},
        {RTM_GETNEIGH, 0, 12, -EOPNOTSUPP},
        {RTM_GETNEIGHTBL, NLM_F_DUMP, 1, -EOPNOTSUPP},
        {RTM_MAX + 1, 0, 4, -EOPNOTSUPP},
        {NLMSG_NOOP, NLM_F_ACK, 0, 0},
        {NLMSG_NOOP, 0, 0, 1},
        {RTM_GETLINK, NLM_F_ACK, 0, 0},
        {RTM_GETLINK, 0, 4, -EINVAL},
    };
    struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    uint32_t length = sizeof name;
    int fd;

    pair_open();
    fd = open_netlink();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct request r = request_of(rows[i].type, rows[i].flags, rows[i].length);
        int error;

        put(fd, &r);
        check_equal(count_of(fd, NLMSG_ERROR, &error), rows[i].error != 1);
        check_equal(error, rows[i].error);
    }
    check_equal(sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC), -EPROTONOSUPPORT);
    check_equal(sockeye_socket(lab, A, AF_NETLINK, SOCK_STREAM, 0), -ESOCKTNOSUPPORT);
    fd = open_netlink();
    check_equal(sockeye_bind(lab, A, fd, &name, sizeof name - 1), -EINVAL);
    name.nl_groups = 0;
    check_equal(sockeye_bind(lab, A, fd, &name, sizeof name), 0);
    check_equal(sockeye_local_name(lab, A, fd, &name, &length), 0);
    check(length == sizeof name && name.nl_family == AF_NETLINK && name.nl_pid != 0);
    check_equal(sockeye_bind(lab, A, open_netlink(), &name, sizeof name), -EADDRINUSE);
    check_equal(sockeye_connect(lab, A, fd, &name, sizeof name), -EPERM);
    check_equal(sockeye_listen(lab, A, fd, 1), -EOPNOTSUPP);
    pair_close();
}

/* P-21: lengths that lie, in a block that ends where the request ends; and random bytes. */
static void netlink_reads_nothing_outside(void)
{
    static const uint32_t lengths[] = {0, 1, 15, 16, 17, 20, 31, 32, 33, UINT32_MAX, INT32_MAX};
    uint64_t state = 29;
    int fd;

    pair_open();
    fd = open_netlink();
    for (size_t size = 0; size <= 64; size++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct request r = request_of(RTM_GETLINK, 0, 0);
            uint8_t *bytes = malloc(size + 1);

            check(bytes != NULL);
            r.header.nlmsg_len = lengths[i];
            memset(r.bytes, 0xff, sizeof r.bytes); /* attributes that lie too */
            memcpy(bytes, &r, size);
            check_equal(sockeye_send(lab, A, fd, bytes, size, 0), (ssize_t)size);
            free(bytes);
            (void)count_of(fd, NLMSG_ERROR, NULL);
        }
    }
    for (int i = 0; i < 20000; i++) {
        struct request r = request_of((uint16_t)(RTM_GETLINK + i % 32), (uint16_t)(i >> 5 & 0x300),
                                      (uint32_t)i % 64);

        for (size_t k = 0; k < sizeof r.bytes; k++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
            r.bytes[k] = (uint8_t)(state >> 56);
        }
        put(fd, &r);
        (void)count_of(fd, NLMSG_ERROR, NULL);
    }
    pair_close();
}

/* Who asks and never reads is told so, and takes no more memory. */
static void netlink_is_bounded(void)
{
    struct request r = request_of(RTM_GETLINK, NLM_F_DUMP, sizeof r.general);
    ssize_t n = 0;
    int fd, i = 0;

    pair_open();
    fd = open_netlink();
    while (n >= 0 && i++ < 1000)
        n = sockeye_send(lab, A, fd, &r, r.header.nlmsg_len, 0);
    check_equal(n, -ENOBUFS);
    check(count_of(fd, RTM_NEWLINK, NULL) > 0);
    put(fd, &r);
    check_equal(count_of(fd, RTM_NEWLINK, NULL), 2);
    for (i = 0; i < 100 && sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, 0) >= 0; i++)
        continue;
    check_equal(i, 31);
    check_equal(sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, 0), -ENOBUFS);
    pair_close();
}

static const struct test tests[] = {
    {"netlink dumps interfaces, addresses and routes", netlink_dumps},
    {"netlink tells of rules, neighbours, and both tables of routes", netlink_tells_of_all_tables},
    {"netlink tells which way a packet goes", netlink_tells_which_way},
    {"a table longer than the room is told as it is read", netlink_tells_a_long_table},
    {"netlink adds, renews and removes addresses", netlink_changes_addresses},
    {"netlink adds, replaces and removes routes", netlink_changes_routes},
    {"netlink switches links off and on, and sets their MTU", netlink_switches_links},
    {"netlink writes down neighbours, and forgets them", netlink_changes_neighbors},
    {"netlink tells of sockets, by states and a filter", netlink_tells_of_sockets},
    {"netlink tells members of groups what changes", netlink_tells_unasked},
    {"netlink tells of one interface", netlink_asks_for_one_interface},
    {"what netlink does not do it refuses", netlink_refuses},
    {"netlink reads nothing outside of a request", netlink_reads_nothing_outside},
    {"answers that nobody reads are bounded", netlink_is_bounded},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
