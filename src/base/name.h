/* SPDX-License-Identifier: MIT */
/*
 * Who or where, in the words of one family: what bind and connect are given, and what a message is
 * sent to or comes from. Layer 6 makes it of a struct sockaddr; layer 5 and the transports of a
 * family look at their own member. A new family is a constant and a member here.
 *
 * A name is handed on for every datagram, so it stays as small as an endpoint (24 bytes beside the
 * family, checked below), and a member that would be larger refers to its bytes instead of holding
 * them: the path of a UNIX socket, 108 bytes, lies where the caller has it, or in the table of
 * names of its host, and a name is not kept beyond the call that it is given to. Names that are
 * state are kept by each family in a form of its own.
 */
#pragma once
#include "base/address.h"

enum name_family {
    NAME_NONE,     /* no name: of a message to send, the peer's */
    NAME_INTERNET, /* endpoint, of either version of IP */
    NAME_NETLINK,  /* netlink: who asks the host about itself; port 0: the host */
    NAME_UNIX,     /* a socket of the same host: a path, an abstract name, or unnamed */
    NAME_X121,     /* x121: a station of X.25 */
    NAME_LINK      /* link: an interface, a protocol above it, a station */
};

enum { NAME_UNIX_BYTES = 108 /* of a path or abstract name at most */ };

/* The bytes begin with a zero in an abstract name, and with none in a path, which has no zero
 * within nor behind it; without bytes it is unnamed. A place is where a path leads to, for who
 * keeps the files: a number that he chose; 0: the path itself says it. */
struct name_unix {
    const uint8_t *bytes;
    uint64_t place;
    uint32_t length;
    uint32_t zero;
};

enum { X121_DIGITS = 15 };

/* An address of ITU-T X.121: decimal digits; none at all: any. */
struct x121 {
    uint8_t length;
    char digit[X121_DIGITS]; /* '0' to '9'; zeroes behind them */
};

/* Whom a frame was for; the numbers are the ABI's (PACKET_HOST ...). */
enum name_link_kind {
    NAME_LINK_HOST,
    NAME_LINK_BROADCAST,
    NAME_LINK_GROUP,
    NAME_LINK_OTHER,
    NAME_LINK_SENT
};

struct name_link {
    uint32_t interface; /* its index; 0: none */
    uint16_t protocol;  /* ethertype */
    uint16_t hardware;  /* ARPHRD_ */
    uint8_t kind;       /* enum name_link_kind */
    uint8_t length;     /* of the address */
    uint8_t is_own;     /* a socket's, not a frame's */
    uint8_t address[8];
    uint8_t zero[5];
};

struct name {
    uint32_t family; /* enum name_family */
    uint32_t zero;
    union {
        struct endpoint endpoint;
        struct {
            uint32_t port, groups;
        } netlink;
        struct name_unix unix_name;
        struct x121 x121;
        struct name_link link;
    };
};
_Static_assert(sizeof(struct name) == 32, "no larger than an endpoint and its family");

static inline void name_of_endpoint(struct name *name, const struct endpoint *endpoint)
{
    name->family = NAME_INTERNET;
    name->zero = 0;
    name->endpoint = *endpoint;
}
