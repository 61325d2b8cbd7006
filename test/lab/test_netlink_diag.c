/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_SOCK_DIAG (sock_diag(7)) of all that a host has: sockets of AF_UNIX and AF_PACKET, raw
 * ones, connections that are half open; and those of them that are ended by others (SOCK_DESTROY).
 * The same sockets in /proc/net.
 */
#include <linux/if_ether.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdlib.h>
#include <sys/un.h>

#include "lab/netlink.h"

enum { TOLD_MOST = 16, BODY_MOST = 400, SYN_RECV = 3 };

/* What a dump told, in order. */
static struct {
    uint32_t length;
    _Alignas(8) uint8_t body[BODY_MOST];
} told[TOLD_MOST];
static int diag;

static void begin(void)
{
    pair_open();
    diag = sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    check(diag >= 0);
}

/* @return how many were told, or the error that answered */
static int hear(void)
{
    static _Alignas(8) uint8_t bytes[8192];
    int count = 0, error;
    ssize_t n;

    while ((n = sockeye_receive(lab, A, diag, bytes, sizeof bytes, 0)) > 0) {
        for (size_t at = 0; at < (size_t)n;) {
            struct nlmsghdr h;

            memcpy(&h, bytes + at, sizeof h);
            check(h.nlmsg_len >= sizeof h && h.nlmsg_len <= (size_t)n - at);
            if (h.nlmsg_type == NLMSG_ERROR) {
                memcpy(&error, bytes + at + sizeof h, sizeof error);
                return error;
            }
            if (h.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
                check(count < TOLD_MOST && h.nlmsg_len - sizeof h <= BODY_MOST);
                told[count].length = (uint32_t)(h.nlmsg_len - sizeof h);
                memcpy(told[count].body, bytes + at + sizeof h, told[count].length);
                count++;
            }
            at += NLMSG_ALIGN(h.nlmsg_len);
        }
    }
    return count;
}

static int ask(uint16_t type, uint16_t flags, const void *body, uint32_t length)
{
    struct request r = request_of(type, flags, length);

    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, body, length);
    put(diag, &r);
    return hear();
}

/* An attribute of the i-th that was told, behind its struct; NULL: it has none. */
static const uint8_t *attribute(int i, uint32_t header, uint16_t type, uint32_t *length)
{
    for (uint32_t at = header; at + sizeof(struct rtattr) <= told[i].length;) {
        struct rtattr a;

        memcpy(&a, told[i].body + at, sizeof a);
        *length = a.rta_len - (uint32_t)sizeof a;
        if (a.rta_type == type)
            return told[i].body + at + sizeof a;
        at += RTA_ALIGN(a.rta_len);
    }
    return NULL;
}

/* All of one, of so many bytes. */
static void copy_attribute(int i, uint32_t header, uint16_t type, void *to, uint32_t size)
{
    uint32_t length = 0;
    const uint8_t *at = attribute(i, header, type, &length);

    if (at == NULL || length != size)
        test_fail(__FILE__, __LINE__, "attribute %u of %d has %u bytes", type, i, length);
    else
        memcpy(to, at, size);
}

static uint32_t number_in(int i, uint32_t header, uint16_t type)
{
    uint32_t value = 0;

    copy_attribute(i, header, type, &value, sizeof value);
    return value;
}

/* ---- AF_UNIX ---- */

static int bound(int type, const char *path, uint32_t inode)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = sockeye_socket(lab, A, AF_UNIX, type, 0);

    memcpy(name.sun_path, path, path[0] ? strlen(path) + 1 : 4);
    check_equal(sockeye_bind(lab, A, fd, &name, path[0] ? sizeof name : sizeof(sa_family_t) + 4),
                0);
    check_equal(sockeye_name_socket(lab, A, fd, inode), 0);
    return fd;
}

static int connected(const char *path, uint32_t inode)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = sockeye_socket(lab, A, AF_UNIX, SOCK_STREAM, 0);

    memcpy(name.sun_path, path, strlen(path) + 1);
    check_equal(sockeye_connect(lab, A, fd, &name, sizeof name), 0);
    check_equal(sockeye_name_socket(lab, A, fd, inode), 0);
    return fd;
}

/* A listener with two clients, one of them accepted; an abstract name of datagrams. */
static void open_locals(void)
{
    int listener = bound(SOCK_STREAM, "/s", 11), client, accepted;

    check_equal(sockeye_listen(lab, A, listener, 5), 0);
    client = connected("/s", 12);
    accepted = sockeye_accept(lab, A, listener, NULL, NULL);
    check(accepted >= 0);
    check_equal(sockeye_name_socket(lab, A, accepted, 13), 0);
    check_equal(sockeye_send(lab, A, client, "hi", 2, 0), 2);
    (void)connected("/s", 14);
    (void)bound(SOCK_DGRAM, "\0abs", 15);
}

static struct unix_diag_msg local_of(int i)
{
    struct unix_diag_msg m;

    memcpy(&m, told[i].body, sizeof m);
    return m;
}

static int find_local(int count, uint32_t inode)
{
    for (int i = 0; i < count; i++)
        if (local_of(i).udiag_ino == inode)
            return i;
    test_fail(__FILE__, __LINE__, "inode %u was not told", inode);
    return 0;
}

static void tells_of_unix(void)
{
    const uint32_t header = sizeof(struct unix_diag_msg);
    struct unix_diag_req asked = {.sdiag_family = AF_UNIX,
                                  .udiag_states = UINT32_MAX,
                                  .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER |
                                                UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN |
                                                UDIAG_SHOW_MEMINFO};
    struct unix_diag_rqlen lengths;
    uint8_t name[4] = {0};
    uint32_t length = 0;
    int count, i;

    begin();
    open_locals();
    count = ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked);
    check_equal(count, 5); /* not the one that waits to be accepted */
    i = find_local(count, 11);
    check(local_of(i).udiag_state == 10 && local_of(i).udiag_type == SOCK_STREAM);
    copy_attribute(i, header, UNIX_DIAG_NAME, name, 3);
    check(memcmp(name, "/s", 3) == 0);
    check_equal(number_in(i, header, UNIX_DIAG_ICONS), 14);
    copy_attribute(i, header, UNIX_DIAG_RQLEN, &lengths, sizeof lengths);
    check(lengths.udiag_rqueue == 1 && lengths.udiag_wqueue == 5);
    check(attribute(i, header, UNIX_DIAG_PEER, &length) == NULL);
    i = find_local(count, 12);
    check_equal(local_of(i).udiag_state, 1);
    check_equal(number_in(i, header, UNIX_DIAG_PEER), 13);
    copy_attribute(i, header, UNIX_DIAG_RQLEN, &lengths, sizeof lengths);
    check(lengths.udiag_rqueue == 0 && lengths.udiag_wqueue == 768);
    i = find_local(count, 13);
    check_equal(number_in(i, header, UNIX_DIAG_PEER), 12);
    copy_attribute(i, header, UNIX_DIAG_RQLEN, &lengths, sizeof lengths);
    check_equal(lengths.udiag_rqueue, 2);
    check_equal(number_in(find_local(count, 14), header, UNIX_DIAG_PEER), 0);
    i = find_local(count, 15);
    check(local_of(i).udiag_state == 7 && local_of(i).udiag_type == SOCK_DGRAM);
    copy_attribute(i, header, UNIX_DIAG_NAME, name, 4);
    check(memcmp(name, "\0abs", 4) == 0);
    asked.udiag_states = 1 << 10;
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked), 1);
    pair_close();
}

static void finds_one_of_unix(void)
{
    struct unix_diag_req asked = {.sdiag_family = AF_UNIX,
                                  .udiag_cookie = {UINT32_MAX, UINT32_MAX}};
    int count;

    begin();
    open_locals();
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked), -EINVAL);
    asked.udiag_ino = 99;
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked), -ENOENT);
    asked.udiag_ino = 12;
    count = ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked);
    check_equal(count, 1);
    check_equal(local_of(0).udiag_ino, 12);
    memcpy(asked.udiag_cookie, local_of(0).udiag_cookie, sizeof asked.udiag_cookie);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked), 1);
    asked.udiag_cookie[0]++;
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked), -ESTALE);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked - 1), -EINVAL);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, 2), -EINVAL);
    check_equal(ask(SOCK_DESTROY, NLM_F_ACK, &asked, sizeof asked), -EOPNOTSUPP);
    pair_close();
}

/* ---- AF_PACKET ---- */

static void tells_of_packet(void)
{
    struct packet_diag_req asked = {.sdiag_family = AF_PACKET,
                                    .pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO};
    struct packet_diag_info info;
    struct packet_diag_msg m;
    const int one = 1;
    int fd;

    begin();
    fd = sockeye_socket(lab, A, AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP));
    check(fd >= 0);
    check_equal(sockeye_set_option(lab, A, fd, 263 /* SOL_PACKET */, 8 /* PACKET_AUXDATA */, &one,
                                   sizeof one),
                0);
    check_equal(sockeye_name_socket(lab, A, fd, 21), 0);
    check(sockeye_socket(lab, A, AF_PACKET, SOCK_RAW, 0) >= 0);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked), 2);
    memcpy(&m, told[0].body, sizeof m);
    check(m.pdiag_type == SOCK_DGRAM && m.pdiag_num == ETH_P_ARP && m.pdiag_ino == 21);
    copy_attribute(0, sizeof m, PACKET_DIAG_INFO, &info, sizeof info);
    check_equal(info.pdi_flags, PDI_RUNNING | PDI_AUXDATA);
    memcpy(&m, told[1].body, sizeof m);
    check(m.pdiag_type == SOCK_RAW && m.pdiag_num == 0);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, 0, &asked, sizeof asked), -EOPNOTSUPP);
    asked.sdiag_protocol = 3;
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked), -EINVAL);
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked - 1), -EINVAL);
    asked.sdiag_family = AF_X25;
    check_equal(ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked), -ENOENT);
    pair_close();
}

/* ---- the Internet's ---- */

static int dump_inet(uint8_t family, uint8_t protocol, uint32_t states)
{
    const struct inet_diag_req_v2 asked = {
        .sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = states};

    return ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &asked, sizeof asked);
}

static struct inet_diag_msg inet_of(int i)
{
    struct inet_diag_msg m;

    memcpy(&m, told[i].body, sizeof m);
    return m;
}

/* Ends the first that was told. */
static int end_first(uint8_t protocol, uint8_t raw_protocol)
{
    struct inet_diag_req_v2 asked = {.sdiag_family = inet_of(0).idiag_family,
                                     .sdiag_protocol = protocol,
                                     .pad = raw_protocol,
                                     .id = inet_of(0).id};

    return ask(SOCK_DESTROY, NLM_F_ACK, &asked, sizeof asked);
}

static int error_of(int host, int fd)
{
    int error = -1;
    uint32_t length = sizeof error;

    check_equal(sockeye_get_option(lab, host, fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    return error;
}

static void tells_of_raw(void)
{
    const uint32_t header = sizeof(struct inet_diag_msg);
    uint8_t protocol = 0;
    int fd;

    begin();
    fd = sockeye_socket(lab, A, AF_INET, SOCK_RAW, 89);
    check(fd >= 0);
    check(sockeye_socket(lab, A, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6) >= 0);
    check_equal(dump_inet(AF_INET6, IPPROTO_RAW, UINT32_MAX), 1);
    check_equal(dump_inet(AF_INET, IPPROTO_RAW, UINT32_MAX), 1);
    check_equal(inet_of(0).id.idiag_sport, htons(89)); /* Linux: the protocol is its port */
    copy_attribute(0, header, INET_DIAG_PROTOCOL, &protocol, 1);
    check_equal(protocol, 89);
    check_equal(end_first(IPPROTO_RAW, 88), -ENOENT);
    check_equal(end_first(IPPROTO_RAW, 89), 0);
    check_equal(error_of(A, fd), ECONNABORTED);
    pair_close();
}

static void ends_datagrams(void)
{
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(53)};
    int fd;

    begin();
    fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(lab, A, fd, &name, sizeof name), 0);
    check_equal(dump_inet(AF_INET, IPPROTO_UDP, UINT32_MAX), 1);
    check_equal(end_first(IPPROTO_UDP, 0), 0);
    check(sockeye_poll(lab, A, fd) & POLLERR);
    check_equal(error_of(A, fd), ECONNABORTED);
    check_equal(sockeye_check(lab), 0);
    pair_close();
}

/* B connects to A's port 80; *listener: A's. */
static int begin_connecting(int *listener)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = sockeye_socket(lab, B, AF_INET, SOCK_STREAM, 0);

    *listener = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(lab, A, *listener, &name, sizeof name), 0);
    check_equal(sockeye_listen(lab, A, *listener, 5), 0);
    name.sin_addr.s_addr = htonl(0x0a000001);
    check_equal(sockeye_connect(lab, B, fd, &name, sizeof name), -EINPROGRESS);
    return fd;
}

static void until_half_open(void)
{
    for (int i = 0; i < 40; i++) {
        pass(MS / 2);
        if (dump_inet(AF_INET, IPPROTO_TCP, 1 << SYN_RECV) == 1)
            return;
    }
    test_fail(__FILE__, __LINE__, "nothing is half open");
}

static void tells_of_the_half_open(void)
{
    int listener, fd;

    begin();
    fd = begin_connecting(&listener);
    until_half_open();
    check_equal(inet_of(0).idiag_state, SYN_RECV);
    check_equal(inet_of(0).id.idiag_sport, htons(80));
    check_equal(inet_of(0).id.idiag_dst[0], htonl(0x0a000002));
    check(inet_of(0).idiag_timer == 1 && inet_of(0).idiag_expires > 500);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, UINT32_MAX), 2);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, 1 << SYN_RECV), 1);
    check_equal(end_first(IPPROTO_TCP, 0), 0);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, 1 << SYN_RECV), 0);
    check_equal(sockeye_check(lab), 0);
    pass(SECOND);
    check_equal(error_of(B, fd), ECONNRESET); /* its ACK was a stranger's */
    pair_close();
}

static void ends_connections(void)
{
    int listener, fd, accepted;

    begin();
    fd = begin_connecting(&listener);
    pass(SECOND);
    accepted = sockeye_accept(lab, A, listener, NULL, NULL);
    check(accepted >= 0);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, 1 << 1), 1);
    check_equal(end_first(IPPROTO_TCP, 0), 0);
    check_equal(error_of(A, accepted), ECONNABORTED);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, UINT32_MAX), 1);
    check_equal(end_first(IPPROTO_TCP, 0), 0); /* the listener */
    check_equal(error_of(A, listener), ECONNABORTED);
    check_equal(sockeye_accept(lab, A, listener, NULL, NULL), -EINVAL);
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, UINT32_MAX), 0);
    check_equal(sockeye_check(lab), 0);
    pass(SECOND);
    check_equal(error_of(B, fd), ECONNRESET);
    check_equal(sockeye_close_fd(lab, A, accepted), 0);
    check_equal(sockeye_close_fd(lab, A, listener), 0);
    check_equal(sockeye_check(lab), 0);
    pair_close();
}

/* The host's own XOT (RFC 1613) listens on a port; no program has it, nor what connects to it. */
static void what_no_program_has(void)
{
    const uint16_t port = 1998;
    int fd;

    begin();
    check_equal(sockeye_x25_xot(lab, A), 0);
    fd = sockeye_socket(lab, B, AF_INET, SOCK_STREAM, 0);
    check_equal(connect_to(B, fd, "10.0.0.1", port), -EINPROGRESS);
    pass(SECOND);
    check_equal(dump_inet(AF_INET6, IPPROTO_TCP, UINT32_MAX), 2);
    for (int i = 0; i < 2; i++) {
        check_equal(inet_of(i).id.idiag_sport, htons(port));
        check_equal(inet_of(i).idiag_inode, 0);
    }
    check_equal(dump_inet(AF_INET6, IPPROTO_TCP, 1 << 1), 1);
    check_equal(end_first(IPPROTO_TCP, 0), 0);
    pass(SECOND);
    check_equal(error_of(B, fd), ECONNRESET);
    pair_close();
}

/* ---- /proc/net ---- */

static void check_file(const char *name, const char *has)
{
    static char text[8192];
    ssize_t n = sockeye_proc(lab, A, name, text, sizeof text - 1);

    check(n > 0 && n < (ssize_t)sizeof text);
    text[n] = '\0';
    if (strstr(text, has) == NULL)
        test_fail(__FILE__, __LINE__, "%s has no \"%s\": %s", name, has, text);
}

static void files_tell_of_them(void)
{
    const struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(0xef010101), .imr_ifindex = 2};
    int fd;

    begin();
    open_locals();
    check_file("net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
    check_file("net/unix", ": 00000002 00000000 00010000 0001 01    11 /s\n");
    check_file("net/unix", ": 00000003 00000000 00000000 0001 03    12\n");
    check_file("net/unix", ": 00000003 00000000 00000000 0001 03    13 /s\n");
    check_file("net/unix", ": 00000003 00000000 00000000 0001 02     0 /s\n");
    check_file("net/unix", ": 00000002 00000000 00000000 0002 01    15 @abs\n");
    fd = sockeye_socket(lab, A, AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
    check_equal(sockeye_name_socket(lab, A, fd, 34738241), 0);
    check_file("net/packet", " 3      3    0800   0     1 0      0      34738241\n");
    fd = sockeye_socket(lab, A, AF_INET, SOCK_RAW, 89);
    check_equal(sockeye_name_socket(lab, A, fd, 34738239), 0);
    check_file("net/raw", "   0: 00000000:0059 00000000:0000 07 00000000:00000000 00:00000000 "
                          "00000000     0        0 34738239 2 0000000000000000 0\n");
    check_file("net/raw6", "retrnsmt   uid  timeout inode ref pointer drops\n");
    check_file("net/udplite", "inode ref pointer drops             \n");
    check_file("net/netlink", "0000000000000000 4   0          00000000 0        0        0     2");
    fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_set_option(lab, A, fd, IPPROTO_IP, 35 /* IP_ADD_MEMBERSHIP */, &group,
                                   sizeof group),
                0);
    check_file("net/igmp",
               "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n");
    check_file("net/igmp", "2\teth0      :     2      V3\n\t\t\t\t010101EF     1 ");
    check_file("net/igmp6",
               "1    lo              ff020000000000000000000000000001     1 0000000C 0\n");
    check_file("net/dev_mcast", "2    eth0            1     0     01005e010101\n");
    check_file("net/dev_mcast", "2    eth0            1     0     01005e000001\n");
    check_file("net/sockstat", "RAW: inuse 1\n");
    pair_close();
}

/* A connection, an attempt at a port where nobody is, and one that is cut off; B is another host,
 * which counts for itself. */
static void connections_are_counted(void)
{
    int listener, fd, accepted;

    begin();
    check_file("net/snmp", "Ip: Forwarding DefaultTTL\nIp: 2 64\n");
    check_file("net/snmp", "\nTcp: 1 200 120000 -1 0 0 0 0 0 0 0 0 0 0 0\n");
    (void)begin_connecting(&listener);
    pass(SECOND);
    accepted = sockeye_accept(lab, A, listener, NULL, NULL);
    check_equal(sockeye_send(lab, A, accepted, "x", 1, 0), 1);
    pass(SECOND);
    /* in: SYN, ACK, ACK of the byte; out: SYN-ACK, the byte */
    check_file("net/snmp", "\nTcp: 1 200 120000 -1 0 1 0 0 1 3 2 0 0 0 0\n");
    fd = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);
    check_equal(connect_to(A, fd, "10.0.0.2", 81), -EINPROGRESS);
    pass(SECOND);
    check_file("net/snmp", "\nTcp: 1 200 120000 -1 1 1 1 0 1 4 3 0 0 0 0\n");
    check_equal(dump_inet(AF_INET, IPPROTO_TCP, 1 << 1), 1);
    check_equal(end_first(IPPROTO_TCP, 0), 0);
    check_equal(sockeye_close_fd(lab, A, accepted), 0);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    check_equal(sockeye_close_fd(lab, A, listener), 0);
    pass(SECOND);
    check_file("net/snmp", "\nTcp: 1 200 120000 -1 1 1 1 1 0 4 4 0 0 1 0\n");
    pair_close();
}

static const struct test tests[] = {
    {"sockets of AF_UNIX are told, with names, peers and who waits", tells_of_unix},
    {"one of AF_UNIX is found by its inode and its cookie", finds_one_of_unix},
    {"sockets of AF_PACKET are told", tells_of_packet},
    {"raw sockets are told by their protocol, and ended", tells_of_raw},
    {"sockets of datagrams are ended by others", ends_datagrams},
    {"what is half open is told, and forgotten when asked", tells_of_the_half_open},
    {"connections and listeners are ended by others", ends_connections},
    {"what no program has is told without an inode, and ended", what_no_program_has},
    {"files of /proc/net tell of the same sockets and of groups", files_tell_of_them},
    {"connections and segments of TCP are counted", connections_are_counted},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
