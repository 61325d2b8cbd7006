/* SPDX-License-Identifier: MIT */
/* What tests of AF_INET6 sockets add to a pair of hosts: names, and calls with them. */
#pragma once
#include "lab/pair.h"

UNUSED static struct sockaddr_in6 name6_of(const char *address, uint16_t port)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    check(inet_pton(AF_INET6, address, &a.sin6_addr) == 1);
    return a;
}

UNUSED static int open6(int host, int type)
{
    int fd = sockeye_socket(lab, host, AF_INET6, type, 0);

    check(fd >= 0);
    return fd;
}

UNUSED static int connect6(int host, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 to = name6_of(address, port);

    return sockeye_connect(lab, host, fd, &to, sizeof to);
}

UNUSED static int bind6(int host, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 own = name6_of(address, port);

    return sockeye_bind(lab, host, fd, &own, sizeof own);
}

UNUSED static ssize_t send6(int host, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 to = name6_of(address, port);

    return sockeye_send_message(
        lab, host, fd,
        &(struct sockeye_message){
            .bytes = (char[]){'x'}, .length = 1, .address = &to, .address_length = sizeof to},
        0);
}

/* Is that the socket's own name, or its peer's? port 0: any. */
UNUSED static bool is_name6(int host, int fd, bool peer, const char *address, uint16_t port)
{
    struct sockaddr_in6 got = {.sin6_flowinfo = 1}, want = name6_of(address, port);
    uint32_t length = sizeof got;
    int r = peer ? sockeye_peer_name(lab, host, fd, &got, &length)
                 : sockeye_local_name(lab, host, fd, &got, &length);

    if (port == 0)
        want.sin6_port = got.sin6_port;
    return r == 0 && length == sizeof got && memcmp(&got, &want, sizeof got) == 0;
}

/* Who sent the datagram that waits; it is taken. */
UNUSED static bool came6(int host, int fd, const char *address)
{
    struct sockaddr_in6 got = {.sin6_flowinfo = 1}, want = name6_of(address, 0);
    char byte = 0;
    struct sockeye_message m = {
        .bytes = &byte, .length = 1, .address = &got, .address_length = sizeof got};
    ssize_t n = sockeye_receive_message(lab, host, fd, &m, 0);

    want.sin6_port = got.sin6_port;
    return n == 1 && byte == 'x' && m.address_length == sizeof got &&
           memcmp(&got, &want, sizeof got) == 0;
}
