/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: what is written as an answer (RFC 3549 2.3.2): messages with attributes, in
 * packets one after another. What does not fit into all of them is not written, and said at the
 * end.
 */
#pragma once
#include "6-presentation/netlink.h"

/* A request as it came: the header, and behind it so many bytes. */
struct netlink_request {
    uint16_t type, flags;
    uint32_t serial;
    const uint8_t *header; /* 16 bytes, then the body */
    const uint8_t *body;
    uint32_t length; /* of the body */
};

struct netlink_answer {
    struct netlink_end *end;
    const struct netlink_request *request;
    struct packet *packet; /* NULL: none yet */
    uint32_t message;      /* where in it the message under way begins */
    bool full;             /* something found no room */
};

/* Begins a message, which netlink_answer_end ends, of a body of so many bytes: where it is, zeroed;
 * NULL: no room. */
uint8_t *netlink_answer_begin(struct netlink_answer *a, uint16_t type, uint16_t flags,
                              uint32_t bytes);
void netlink_answer_attribute(struct netlink_answer *a, uint16_t type, const void *data,
                              uint32_t length);
void netlink_answer_number(struct netlink_answer *a, uint16_t type, uint32_t value);
void netlink_answer_text(struct netlink_answer *a, uint16_t type, const char *text);
/* IPv4's four bytes or IPv6's sixteen. */
void netlink_answer_address(struct netlink_answer *a, uint16_t type, struct address address);
void netlink_answer_end(struct netlink_answer *a);
/* Gives what was written to the reader. */
void netlink_answer_flush(struct netlink_answer *a);

/* ---- netlink_dump.c: what is asked for ---- */

/* @return 0 or -errno, for the message that answers */
int netlink_dump(struct netlink_answer *a, nanoseconds now);
