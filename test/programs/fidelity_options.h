/* SPDX-License-Identifier: MIT */
/*
 * Options that few programs set: what each answers, and what comes of them between two sockets of
 * one host.
 */
#pragma once
#include <stddef.h>

#include "fidelity_sharing.h"

#ifndef IPV6_FLOWINFO /* of the kernel's header, which does not stand beside libc's */
#define IPV6_FLOWINFO 11
#define IPV6_FLOWINFO_SEND 33
#endif

enum { FLOW_LABEL = 0x54321, LEAST_MTU = 1280, LONG = 4000 };

static void set_option(int fd, const char *what, int level, int name, const void *value,
                       socklen_t length)
{
    char question[64];

    snprintf(question, sizeof question, "set %s of %d", what, (int)length);
    row(question, "%s", result_name(setsockopt(fd, level, name, value, length)));
}

static void get_option(int fd, const char *what, int level, int name, socklen_t length)
{
    char question[64], text[2 * 64 + 1] = "";
    unsigned char bytes[64] = {0};
    int n;

    snprintf(question, sizeof question, "get %s of %d", what, (int)length);
    n = getsockopt(fd, level, name, bytes, &length);
    for (socklen_t i = 0; n == 0 && i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    row(question, "%s %s", result_name(n), text);
}

/* One that is on or off. */
static void ask_flag(int fd, const char *what, int name)
{
    static const int on = 1, off = 0, more = 7;

    get_option(fd, what, IPPROTO_IPV6, name, sizeof on);
    set_option(fd, what, IPPROTO_IPV6, name, &on, sizeof on);
    get_option(fd, what, IPPROTO_IPV6, name, sizeof on);
    set_option(fd, what, IPPROTO_IPV6, name, &more, sizeof more);
    get_option(fd, what, IPPROTO_IPV6, name, 1);
    set_option(fd, what, IPPROTO_IPV6, name, &off, sizeof off);
    get_option(fd, what, IPPROTO_IPV6, name, 3);
    set_option(fd, what, IPPROTO_IPV6, name, &on, 2);
    get_option(fd, what, IPPROTO_IPV6, name, sizeof on);
}

static void ask_form(int fd)
{
    static const int four = AF_INET, six = AF_INET6;

    get_option(fd, "IPV6_ADDRFORM", IPPROTO_IPV6, IPV6_ADDRFORM, sizeof four);
    set_option(fd, "IPV6_ADDRFORM", IPPROTO_IPV6, IPV6_ADDRFORM, &six, sizeof six);
    set_option(fd, "IPV6_ADDRFORM", IPPROTO_IPV6, IPV6_ADDRFORM, &four, 2);
    set_option(fd, "IPV6_ADDRFORM", IPPROTO_IPV6, IPV6_ADDRFORM, &four, sizeof four);
    get_option(fd, "SO_DOMAIN", SOL_SOCKET, SO_DOMAIN, sizeof four);
    get_option(fd, "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, sizeof four);
    ask_name(fd);
    ask_peer(fd);
}

static void ask_path_mtu(int fd)
{
    unsigned char bytes[64];
    socklen_t length = sizeof(struct ip6_mtuinfo);
    int n = getsockopt(fd, IPPROTO_IPV6, IPV6_PATHMTU, bytes, &length);

    row("get IPV6_PATHMTU", "%s length %d", result_name(n), (int)length);
    get_option(fd, "IPV6_PATHMTU", IPPROTO_IPV6, IPV6_PATHMTU, sizeof(struct ip6_mtuinfo) - 1);
    set_option(fd, "IPV6_PATHMTU", IPPROTO_IPV6, IPV6_PATHMTU, bytes, sizeof(struct ip6_mtuinfo));
}

static void ask_sticky(int fd)
{
    struct in6_pktinfo info = {.ipi6_ifindex = 0};

    set_option(fd, "IPV6_PKTINFO", IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    set_option(fd, "IPV6_PKTINFO", IPPROTO_IPV6, IPV6_PKTINFO, &info, 0);
    set_option(fd, "IPV6_PKTINFO", IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info - 1);
    get_option(fd, "IPV6_PKTINFO", IPPROTO_IPV6, IPV6_PKTINFO, sizeof info);
    info.ipi6_ifindex = 99;
    set_option(fd, "IPV6_PKTINFO of no interface", IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    get_option(fd, "IPV6_UNICAST_IF", IPPROTO_IPV6, IPV6_UNICAST_IF, sizeof(int));
    get_option(fd, "IPV6_MULTICAST_IF", IPPROTO_IPV6, IPV6_MULTICAST_IF, sizeof(int));
    info.ipi6_ifindex = 0;
    info.ipi6_addr = address_of("2001:db8::77");
    set_option(fd, "IPV6_PKTINFO of another's", IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    info.ipi6_addr = in6addr_any;
    set_option(fd, "IPV6_PKTINFO of nothing", IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static void ask_rare_6(int fd)
{
    ask_flag(fd, "IPV6_FLOWINFO", IPV6_FLOWINFO);
    ask_flag(fd, "IPV6_FLOWINFO_SEND", IPV6_FLOWINFO_SEND);
    ask_flag(fd, "IPV6_AUTOFLOWLABEL", IPV6_AUTOFLOWLABEL);
    ask_flag(fd, "IPV6_RECVPATHMTU", IPV6_RECVPATHMTU);
    ask_sticky(fd);
    ask_path_mtu(fd);
    ask_form(fd);
}

/* Of what goes to groups: the address that was given is told, whatever it was found by. */
static void ask_group_interface(int fd)
{
    struct ip_mreqn given = {.imr_ifindex = 1};
    struct in_addr lo = {htonl(INADDR_LOOPBACK)}, none = {0}, other = {inet_addr("203.0.113.77")};

    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof given);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, 2);
    set_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, 1);
    set_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, &other, sizeof other);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
    set_option(fd, "IP_MULTICAST_IF by index", IPPROTO_IP, IP_MULTICAST_IF, &given, sizeof given);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
    given.imr_address = lo;
    set_option(fd, "IP_MULTICAST_IF by both", IPPROTO_IP, IP_MULTICAST_IF, &given, sizeof given);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
    set_option(fd, "IP_MULTICAST_IF of none", IPPROTO_IP, IP_MULTICAST_IF, &none, sizeof none);
    get_option(fd, "IP_MULTICAST_IF", IPPROTO_IP, IP_MULTICAST_IF, sizeof lo);
}

static const unsigned char record_route[] = {7, 19, 4, 0, 0, 0, 0, 0, 0, 0,
                                             0, 0,  0, 0, 0, 0, 0, 0, 0};

/* Options of the IPv4 header (source routes, which no lab sends, are left out). */
static void ask_header(int fd)
{
    static const unsigned char times[] = {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}, bad[] = {7, 2},
                               nothing[] = {1, 1, 1}, two[] = {7, 3, 4, 7, 3, 4};
    unsigned char long_one[41];

    memset(long_one, 1, sizeof long_one);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    set_option(fd, "IP_OPTIONS: a route", IPPROTO_IP, IP_OPTIONS, record_route,
               sizeof record_route);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 4);
    set_option(fd, "IP_OPTIONS: too short", IPPROTO_IP, IP_OPTIONS, bad, sizeof bad);
    set_option(fd, "IP_OPTIONS: two routes", IPPROTO_IP, IP_OPTIONS, two, sizeof two);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    set_option(fd, "IP_OPTIONS: nothing", IPPROTO_IP, IP_OPTIONS, nothing, sizeof nothing);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    set_option(fd, "IP_OPTIONS: times", IPPROTO_IP, IP_OPTIONS, times, sizeof times);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    set_option(fd, "IP_OPTIONS: too long", IPPROTO_IP, IP_OPTIONS, long_one, sizeof long_one);
    set_option(fd, "IP_OPTIONS: 40 bytes", IPPROTO_IP, IP_OPTIONS, long_one, 40);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    set_option(fd, "IP_OPTIONS: none", IPPROTO_IP, IP_OPTIONS, NULL, 0);
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
}

static int rare_of(int fd)
{
    ask_header(fd);
    ask_rare_6(fd);
    ask_group_interface(fd);
    return fd;
}

static int udp_rare(void)
{
    return rare_of(new_udp());
}

static int udp_connected_rare(void)
{
    return rare_of(udp_connected());
}

static int tcp_rare(void)
{
    return rare_of(new_tcp());
}

static int tcp_connected_rare(void)
{
    return rare_of(connected());
}

/* To itself, with a word of flow information beside the bytes, if there is one. */
static void send_to_self(int fd, const place *self, const char *question, size_t length,
                         const uint32_t *word)
{
    static char bytes[LONG];
    union {
        char bytes[CMSG_SPACE(sizeof *word)];
        struct cmsghdr header;
    } beside = {.bytes = {0}};
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {.msg_name = (void *)(uintptr_t)self,
                             .msg_namelen = sizeof *self,
                             .msg_iov = &part,
                             .msg_iovlen = 1};

    if (word != NULL) {
        beside.header.cmsg_len = CMSG_LEN(sizeof *word);
        beside.header.cmsg_level = IPPROTO_IPV6;
        beside.header.cmsg_type = IPV6_FLOWINFO;
        memcpy(CMSG_DATA(&beside.header), word, sizeof *word);
        message.msg_control = beside.bytes;
        message.msg_controllen = sizeof beside.bytes;
    }
    row(question, "%s", result_name(sendmsg(fd, &message, 0)));
}

/* What came beside the next message, type by type; a label that nobody chose is not foretold. */
static void hear_beside(int fd, const char *question)
{
    char text[LINE] = "", bytes[LONG], beside[256];
    struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    place from = {{0}};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = beside,
                             .msg_controllen = sizeof beside};
    ssize_t n;

    await_for(fd, POLLIN, FEW_MS);
    n = recvmsg(fd, &message, 0);
    for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message); c != NULL;
         c = CMSG_NXTHDR(&message, c)) {
        uint32_t word = 0;

        memcpy(&word, CMSG_DATA(c), sizeof word);
        if (c->cmsg_type == IPV6_FLOWINFO && (ntohl(word) & 0xfffff) != FLOW_LABEL)
            word = htonl((ntohl(word) & 0xff00000) | 0xabcde);
        if (c->cmsg_type == IPV6_PATHMTU)
            memcpy(&word, CMSG_DATA(c) + offsetof(struct ip6_mtuinfo, ip6m_mtu), sizeof word);
        snprintf(text + strlen(text), sizeof text - strlen(text), " %d/%d:%zu:%08x", c->cmsg_level,
                 c->cmsg_type, c->cmsg_len - CMSG_LEN(0), ntohl(word));
    }
    row(question, "%s flags %x%s", result_name(n), (unsigned)message.msg_flags, text);
}

static place self_of(int fd)
{
    return at(address_of(family == AF_INET || is_mapped() ? "127.0.0.1" : "::1"), port_of(fd));
}

static int udp_labels(void)
{
    const uint32_t word = htonl(FLOW_LABEL), other = htonl(0x11111), class = htonl(0xb800000);
    int fd = udp_bound();
    place self = self_of(fd);

    setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWINFO, &(int){1}, sizeof(int));
    send_to_self(fd, &self, "send", 1, NULL);
    hear_beside(fd, "hear");
    send_to_self(fd, &self, "send with a label", 1, &word);
    hear_beside(fd, "hear");
    send_to_self(fd, &self, "send with a class", 1, &class);
    hear_beside(fd, "hear");
    if (family == AF_INET6)
        self.six.sin6_flowinfo = word;
    send_to_self(fd, &self, "send to a name with a label", 1, NULL);
    hear_beside(fd, "hear");
    setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, &(int){1}, sizeof(int));
    send_to_self(fd, &self, "send to it when that counts", 1, NULL);
    hear_beside(fd, "hear");
    send_to_self(fd, &self, "send to it with the same beside", 1, &word);
    hear_beside(fd, "hear");
    send_to_self(fd, &self, "send to it with another beside", 1, &other);
    hear_beside(fd, "hear");
    row("connect", "%s", result_name(connect(fd, (sa *)&self, sizeof self)));
    row("send", "%s", result_name(send(fd, "x", 1, 0)));
    hear_beside(fd, "hear");
    close(fd);
    fd = udp_bound();
    setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWINFO, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, &(int){0}, sizeof(int));
    self = self_of(fd);
    send_to_self(fd, &self, "send without labels", 1, NULL);
    hear_beside(fd, "hear");
    return fd;
}

static int udp_path_mtu(void)
{
    int fd = udp_bound();
    place self = self_of(fd);

    setsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &(int){LEAST_MTU}, sizeof(int));
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPATHMTU, &(int){1}, sizeof(int));
    send_to_self(fd, &self, "send a long one", LONG, NULL);
    hear_beside(fd, "hear");
    setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &(int){1}, sizeof(int));
    send_to_self(fd, &self, "send one that is too long", LONG, NULL);
    send_to_self(fd, &self, "send a short one", 1, NULL);
    ask_poll(fd);
    hear_beside(fd, "hear");
    hear_beside(fd, "hear");
    hear_beside(fd, "hear");
    send_to_self(fd, &self, "send one that is too long", LONG, NULL);
    await_for(fd, POLLIN, FEW_MS); /* a lab's news takes a turn */
    ask_poll(fd);
    ask_recv(fd);
    ask_recv(fd);
    return fd;
}

/* It is a socket of AF_INET in all that follows, if it can be. */
static int udp_other_form(void)
{
    int fd = udp_connected();
    place to = at(there, datagram_port);

    setsockopt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, &(int){AF_INET}, sizeof(int));
    ask_name(fd);
    ask_send(fd);
    row("the peer", "%s", ask("hear-datagram"));
    ask("send-datagram 3");
    await(fd, POLLIN);
    ask_recvfrom(fd);
    row("sendto", "%s", result_name(sendto(fd, "x", 1, 0, (sa *)&to, sizeof to)));
    row("connect AF_UNSPEC", "%s", result_name(disconnect(fd)));
    ask_name(fd);
    return fd;
}

static int tcp_other_form(void)
{
    int fd = connected();

    setsockopt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, &(int){AF_INET}, sizeof(int));
    ask_name(fd);
    ask_peer(fd);
    get_option(fd, "IP_TTL", IPPROTO_IP, IP_TTL, sizeof(int));
    return fd;
}

/* The options that came with the next datagram, by what they are told as. */
static void hear_options(int fd, const char *question)
{
    char text[LINE] = "", bytes[64], beside[256];
    struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = beside, .msg_controllen = sizeof beside};
    ssize_t n;

    await_for(fd, POLLIN, FEW_MS);
    n = recvmsg(fd, &message, 0);
    for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message); c != NULL;
         c = CMSG_NXTHDR(&message, c)) {
        snprintf(text + strlen(text), sizeof text - strlen(text), " %d/%d:", c->cmsg_level,
                 c->cmsg_type);
        for (size_t i = 0; i < c->cmsg_len - CMSG_LEN(0); i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%02x", CMSG_DATA(c)[i]);
    }
    row(question, "%s%s", result_name(n), text);
}

static int udp_recorded(void)
{
    static const unsigned char alert[] = {148, 4, 0, 0, 1, 0}, full[] = {7, 7, 8, 1, 2, 3, 4};
    int fd = udp_bound();
    place self = self_of(fd);

    setsockopt(fd, IPPROTO_IP, IP_RECVOPTS, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_IP, IP_RETOPTS, &(int){1}, sizeof(int));
    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, record_route, sizeof record_route);
    send_to_self(fd, &self, "send", 1, NULL);
    hear_options(fd, "hear");
    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, alert, sizeof alert);
    send_to_self(fd, &self, "send with a router's alert", 1, NULL);
    hear_options(fd, "hear");
    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, full, sizeof full);
    send_to_self(fd, &self, "send with a full record", 1, NULL);
    hear_options(fd, "hear");
    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, NULL, 0);
    send_to_self(fd, &self, "send without", 1, NULL);
    hear_options(fd, "hear");
    return fd;
}

static int tcp_recorded(void)
{
    int fd = new_tcp();

    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, record_route, sizeof record_route);
    set_blocking(fd, true);
    row("connect", "%s", result_name(connect_to(fd, peer_port)));
    set_blocking(fd, false);
    ask("accept");
    get_option(fd, "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, 40);
    row("send", "%s", result_name(send(fd, "hello", 5, 0)));
    row("the peer read", "%s", ask("read 5"));
    return fd;
}

static const struct state rare[] = {
    {"udp, rare options", udp_rare, "poll"},
    {"udp connected, rare options", udp_connected_rare, "poll"},
    {"tcp, rare options", tcp_rare, "poll"},
    {"tcp connected, rare options", tcp_connected_rare, "poll"},
    {"udp labels of flows", udp_labels, "poll error"},
    {"udp news of a path", udp_path_mtu, "poll error"},
    {"udp of another form", udp_other_form, "poll error"},
    {"tcp of another form", tcp_other_form, "poll send"},
    {"udp routes recorded", udp_recorded, "poll error"},
    {"tcp routes recorded", tcp_recorded, "poll"},
};
