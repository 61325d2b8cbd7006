/* SPDX-License-Identifier: MIT */
/* Requests of netlink to host A of a pair, and what answers them. */
#pragma once
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "lab/pair6.h"

struct request {
    struct nlmsghdr header;
    union {
        struct rtgenmsg general;
        struct ifinfomsg link;
        uint8_t bytes[96];
    };
};

UNUSED static int open_netlink(void)
{
    int fd = sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

    check(fd >= 0);
    return fd;
}

UNUSED static struct request request_of(uint16_t type, uint16_t flags, uint32_t length)
{
    return (struct request){.header = {.nlmsg_len = NLMSG_HDRLEN + length,
                                       .nlmsg_type = type,
                                       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
                                       .nlmsg_seq = 77}};
}

UNUSED static void put(int fd, const struct request *r)
{
    check_equal(sockeye_send(lab, A, fd, r, r->header.nlmsg_len, 0), r->header.nlmsg_len);
}

/* What answers, counted by type; *error: of the last message of that type. */
UNUSED static int count_of(int fd, uint16_t type, int *error)
{
    static _Alignas(8) uint8_t bytes[8192];
    int count = 0, last = 1;
    ssize_t n;

    while ((n = sockeye_receive(lab, A, fd, bytes, sizeof bytes, 0)) > 0) {
        for (size_t at = 0; at < (size_t)n;) {
            struct nlmsghdr h;

            check((size_t)n - at >= sizeof h);
            memcpy(&h, bytes + at, sizeof h);
            check(h.nlmsg_len >= sizeof h && h.nlmsg_len <= (size_t)n - at);
            check_equal(h.nlmsg_seq, 77);
            count += h.nlmsg_type == type;
            if (h.nlmsg_type == NLMSG_ERROR)
                memcpy(&last, bytes + at + sizeof h, sizeof last);
            at += NLMSG_ALIGN(h.nlmsg_len);
        }
    }
    check_equal(n, -EAGAIN);
    if (error)
        *error = last;
    return count;
}

/* A request of a header and attributes, added one by one. */
UNUSED static void add(struct request *r, uint16_t type, const void *data, uint16_t length)
{
    uint32_t at = NLMSG_ALIGN(r->header.nlmsg_len) - NLMSG_HDRLEN;
    struct rtattr a = {.rta_len = (uint16_t)(sizeof a + length), .rta_type = type};

    check(at + RTA_ALIGN(a.rta_len) <= sizeof r->bytes);
    memcpy(r->bytes + at, &a, sizeof a);
    memcpy(r->bytes + at + sizeof a, data, length);
    r->header.nlmsg_len = NLMSG_HDRLEN + at + RTA_ALIGN(a.rta_len);
}

UNUSED static int ask_netlink(int fd, const struct request *r)
{
    int error;

    put(fd, r);
    check_equal(count_of(fd, NLMSG_ERROR, &error), 1);
    return error;
}
