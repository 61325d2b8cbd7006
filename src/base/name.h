/* SPDX-License-Identifier: MIT */
/*
 * Who or where, in the words of one family: what bind and connect are given, and what a message is
 * sent to or comes from. Layer 6 makes it of a struct sockaddr; layer 5 and the transports of a
 * family look at their own member. A new family is a constant and a member here.
 */
#pragma once
#include "base/address.h"

enum name_family {
    NAME_NONE,     /* no name: of a message to send, the peer's */
    NAME_INTERNET, /* endpoint, of either version of IP */
    NAME_NETLINK   /* netlink: who asks the host about itself; port 0: the host */
};

struct name {
    uint32_t family; /* enum name_family */
    uint32_t zero;
    union {
        struct endpoint endpoint;
        struct {
            uint32_t port, groups;
        } netlink;
    };
};

static inline void name_of_endpoint(struct name *name, const struct endpoint *endpoint)
{
    name->family = NAME_INTERNET;
    name->zero = 0;
    name->endpoint = *endpoint;
}
