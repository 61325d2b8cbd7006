/* SPDX-License-Identifier: MIT */
/*
 * States of a datagram socket.
 */
#pragma once
#include "fidelity_streams.h"

static int udp_fresh(void)
{
    return new_udp();
}

static int udp_bound(void)
{
    int fd = new_udp();

    if (bind_anywhere(fd) < 0)
        give_up("bind: %s", strerror(errno));
    return fd;
}

static int udp_connected(void)
{
    int fd = new_udp();

    if (connect_to(fd, datagram_port) < 0)
        give_up("connect: %s", strerror(errno));
    return fd;
}

/* The peer knows us. */
static void introduce(int fd)
{
    place to = at(there, datagram_port);

    if (sendto(fd, "hello", 5, 0, (sa *)&to, sizeof to) != 5)
        give_up("sendto: %s", strerror(errno));
    if (strcmp(ask("hear-datagram"), "5") != 0)
        give_up("the peer hears nothing");
}

static int udp_known(void)
{
    int fd = new_udp();

    introduce(fd);
    return fd;
}

static int udp_with(const char *command)
{
    int fd = udp_known();

    ask("%s", command);
    await(fd, POLLIN);
    return fd;
}

static int udp_with_data(void)
{
    return udp_with("send-datagram 5");
}

static int udp_with_nothing(void)
{
    return udp_with("send-datagram 0");
}

static int udp_with_three(void)
{
    int fd = udp_with("send-datagram 5");

    ask("send-datagram 0");
    ask("send-datagram 3");
    pause_shortly();
    return fd;
}

static int udp_with_two_sources(void)
{
    int fd = udp_with("send-datagram 5");

    ask("send-second 3");
    ask("send-datagram 2");
    pause_shortly();
    return fd;
}

/* Of two sources only the one it is connected to is heard. */
static int udp_connected_with_data(void)
{
    int fd = udp_connected();

    row("send", "%s", result_name(send(fd, "hello", 5, 0)));
    row("the peer", "%s", ask("hear-datagram"));
    ask("send-second 3");
    ask("send-datagram 5");
    await(fd, POLLIN);
    return fd;
}

static int udp_connected_late(void)
{
    int fd = udp_with("send-second 3");

    row("connect", "%s", result_name(connect_to(fd, datagram_port)));
    return fd;
}

/* An ICMP error has come for what it sent. Hosts send six at once, and then one a second: so few of
 * these states. */
static int udp_refused(void)
{
    int fd = new_udp();
    uint16_t port = (uint16_t)atoi(ask("no-datagram-port"));

    connect_to(fd, port);
    row("send", "%s", result_name(send(fd, "x", 1, 0)));
    await_for(fd, POLLERR, FEW_MS);
    return fd;
}

static int udp_refused_unconnected(void)
{
    int fd = new_udp();
    place to = at(there, (uint16_t)atoi(ask("no-datagram-port")));

    row("sendto", "%s", result_name(sendto(fd, "x", 1, 0, (sa *)&to, sizeof to)));
    pause_shortly();
    return fd;
}

static int udp_shut_read(void)
{
    int fd = udp_connected();

    row("shutdown SHUT_RD", "%s", result_name(shutdown(fd, SHUT_RD)));
    return fd;
}

static int udp_shut_write(void)
{
    int fd = udp_connected();

    row("shutdown SHUT_WR", "%s", result_name(shutdown(fd, SHUT_WR)));
    return fd;
}

static int udp_undone(void)
{
    int fd = udp_connected();

    row("connect AF_UNSPEC", "%s", result_name(disconnect(fd)));
    return fd;
}

static void ask_to(int fd, const char *question, struct in6_addr address, uint16_t port,
                   size_t length)
{
    static const char bytes[65600];
    place to = at(address, port);

    row(question, "%s", result_name(sendto(fd, bytes, length, 0, (sa *)&to, sizeof to)));
}

/* From an address that the program chooses (IP_PKTINFO, IPV6_PKTINFO). */
static void ask_from(int fd, const char *question, const char *four, const char *six)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
        struct cmsghdr header;
    } control_bytes = {.bytes = {0}};
    place to = at(there, datagram_port);
    struct iovec part = {.iov_base = (char[]){'x'}, .iov_len = 1};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = sizeof to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control_bytes.bytes};
    struct in_pktinfo info = {.ipi_spec_dst.s_addr = inet_addr(four)};
    struct in6_pktinfo info6 = {.ipi6_addr = address_of(is_mapped() ? four : six)};
    size_t size = family == AF_INET ? sizeof info : sizeof info6;

    control_bytes.header.cmsg_len = CMSG_LEN(size);
    control_bytes.header.cmsg_level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    control_bytes.header.cmsg_type = family == AF_INET ? IP_PKTINFO : IPV6_PKTINFO;
    message.msg_controllen = CMSG_SPACE(size);
    memcpy(CMSG_DATA(&control_bytes.header), family == AF_INET ? (void *)&info : (void *)&info6,
           size);
    row(question, "%s", result_name(sendmsg(fd, &message, 0)));
}

/* What cannot be sent. To everybody cannot without a route, which is the machine's to have. */
static int udp_wrong(void)
{
    place to = at(there, datagram_port);
    int fd = udp_bound();

    ask_to(fd, "sendto port 0", there, 0, 3);
    ask_to(fd, "sendto of 65508", there, datagram_port, 65508);
    ask_from(fd, "sendmsg from another host's address", "203.0.113.77", "2001:db8::77");
    ask_from(fd, "sendmsg from a group", "224.0.0.7", "ff05::7");
    ask_from(fd, "sendmsg from everybody", "255.255.255.255", "ff02::1");
    to.four.sin_family = family == AF_INET ? AF_INET6 : AF_UNIX;
    row("sendto of another family", "%s", result_name(sendto(fd, "x", 1, 0, (sa *)&to, sizeof to)));
    row("sendto of a short name", "%s", result_name(sendto(fd, "x", 1, 0, (sa *)&to, 4)));
    return fd;
}

/* A pair of sockets, the one told what the other sent: lengths that matter. */
static int udp_long(void)
{
    static char bytes[65507];
    int fd = udp_bound();
    place self = at(there, port_of(fd));
    ssize_t n;

    self = at(address_of(is_mapped() ? "127.0.0.1" : "::1"), port_of(fd));
    row("sendto self of 65507", "%s",
        result_name(sendto(fd, bytes, sizeof bytes, 0, (sa *)&self, sizeof self)));
    await(fd, POLLIN);
    row("FIONREAD", "%d", bytes_waiting(fd));
    n = recv(fd, bytes, sizeof bytes, 0);
    row("recv", "%s", result_name(n));
    return fd;
}

static int udp_waiting(void)
{
    int fd = udp_bound();

    set_blocking(fd, true);
    set_time(fd, SO_RCVTIMEO, 30);
    ask_recv(fd);
    ask_recvfrom(fd);
    ask_recvmsg(fd);
    ask_read(fd);
    set_blocking(fd, false);
    return fd;
}

static const struct state datagrams[] = {
    {"udp fresh", udp_fresh,
     "poll epoll select recv error nread outq name peer accept listen connect"},
    {"udp fresh, reading", udp_fresh, "recv recv0 read recvfrom recvmsg peek trunc oob errqueue"},
    {"udp fresh, sending", udp_fresh, "send name"},
    {"udp fresh, writing", udp_fresh, "write sendmsg writev sendmsg sendfile sendmsg poll error"},
    {"udp fresh, sending to", udp_fresh, "sendto name peer poll"},
    {"udp fresh, shut", udp_fresh, "shut-wr shut-rd poll recv"},
    {"udp fresh, options", udp_fresh, "options"},
    {"udp bound", udp_bound, "poll recv name peer bind error"},
    {"udp connected", udp_connected, "poll epoll recv send send0 write name peer error outq"},
    {"udp connected, writing", udp_connected, "writev sendmsg sendto sendfile send-oob poll"},
    {"udp connected, data", udp_connected_with_data, "poll nread recv recv poll"},
    {"udp connected late", udp_connected_late, "poll recv peer recv"},
    {"udp data", udp_with_data, "poll epoll select nread peek recv poll nread recv"},
    {"udp data, cut", udp_with_data, "recv2 recv poll"},
    {"udp data, cut by read", udp_with_data, "recv0 recv"},
    {"udp data, true length", udp_with_data, "trunc2 recv"},
    {"udp data, cut by recvmsg", udp_with_data, "recvmsg2 recvmsg"},
    {"udp data, read by recvfrom", udp_with_data, "recvfrom recvfrom"},
    {"udp data, read by readv", udp_with_data, "readv poll"},
    {"udp data of no bytes", udp_with_nothing, "poll nread recv recv poll"},
    {"udp data of no bytes, recvmsg", udp_with_nothing, "recvmsg recvmsg"},
    {"udp three datagrams", udp_with_three, "nread recv nread recv nread recv nread recv poll"},
    {"udp three datagrams, recvfrom", udp_with_three, "recvfrom recvfrom recvfrom recvfrom"},
    {"udp two sources", udp_with_two_sources, "recvfrom await recvfrom await recvfrom poll"},
    {"udp two sources, read", udp_with_two_sources, "read await read await read read"},
    {"udp refused", udp_refused, "poll epoll select error poll recv"},
    {"udp refused, read first", udp_refused, "recv poll recv"},
    {"udp refused, written first", udp_refused, "send error"},
    {"udp refused, recvfrom", udp_refused, "recvfrom poll recvfrom"},
    {"udp refused, unconnected", udp_refused_unconnected, "poll error recv"},
    {"udp shut for reading", udp_shut_read, "poll recv send recvfrom"},
    {"udp shut for writing", udp_shut_write, "poll recv send sendto"},
    {"udp undone", udp_undone, "poll recv name peer sendto"},
    {"udp wrong", udp_wrong, "poll error"},
    {"udp long", udp_long, "poll recv"},
    {"udp waiting", udp_waiting, "poll"},
};
