/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: what is written as an answer (RFC 3549 2.3.2): messages with attributes, in
 * packets one after another. What does not fit into all of them is not written, and said at the
 * end.
 */
#pragma once
#include "6-presentation/netlink_request.h"

struct netlink_answer {
    struct netlink_end *end;
    const struct netlink_request *request;
    const char *complaint; /* of an error, in words (NLMSGERR_ATTR_MSG); or NULL */
    struct packet *packet; /* NULL: none yet */
    uint32_t message;      /* where in it the message under way begins */
    uint32_t passed;       /* entries of the table that is told, so far */
    uint32_t told;         /* that were told before */
    bool full;             /* something found no room */
    bool is_news;          /* told unasked: of nobody */
    bool paused;           /* the rest of the table is told later */
    bool is_dump;          /* the request has begun a table, whose end answers it */
};

/* Is the next entry of a table that is being told to be written now? */
bool netlink_answer_next(struct netlink_answer *a);
/* Begins a message, which netlink_answer_end ends, of a body of so many bytes: where it is, zeroed;
 * NULL: no room. */
uint8_t *netlink_answer_begin(struct netlink_answer *a, uint16_t type, uint16_t flags,
                              uint32_t bytes);
void netlink_answer_attribute(struct netlink_answer *a, uint16_t type, const void *data,
                              uint32_t length);
void netlink_answer_byte(struct netlink_answer *a, uint16_t type, uint8_t value);
void netlink_answer_number(struct netlink_answer *a, uint16_t type, uint32_t value);
void netlink_answer_text(struct netlink_answer *a, uint16_t type, const char *text);
/* Bytes, as Linux tells of any socket (SK_MEMINFO_*). */
struct netlink_answer_memory {
    uint32_t unread, receive_buffer, sent, send_buffer, unsent;
};
void netlink_answer_memory(struct netlink_answer *a, uint16_t type,
                           const struct netlink_answer_memory *memory);
/* IPv4's four bytes or IPv6's sixteen. */
void netlink_answer_address(struct netlink_answer *a, uint16_t type, struct address address);
/* Attributes within an attribute. @return where it begins, for the end */
uint32_t netlink_answer_nest(struct netlink_answer *a, uint16_t type);
void netlink_answer_nest_end(struct netlink_answer *a, uint32_t nest);
void netlink_answer_end(struct netlink_answer *a);
/* Gives what was written to the reader. */
void netlink_answer_flush(struct netlink_answer *a);
/* RFC 3549 2.3.2.2: what came of it, 0 for well, and the request again. */
void netlink_answer_error(struct netlink_answer *a, int status);

/* The answer to one entry, or NLM_F_MULTI to those of a table. */
static inline uint16_t netlink_answer_flags(const struct netlink_answer *a)
{
    return (a->request->flags & NETLINK_REQUEST_DUMP) == NETLINK_REQUEST_DUMP ? NETLINK_MULTI : 0;
}

/* ---- one entry of each kind: as an answer, or told unasked ---- */

uint32_t netlink_link_flags(const struct manage_interface *i); /* IFF_* */
uint16_t netlink_link_type(const struct manage_interface *i);  /* ARPHRD_* */
/* change: which of the flags are another */
void netlink_link_put(struct netlink_answer *a, uint32_t number, uint32_t change,
                      const struct manage_interface *i);
/* By its index, or, where that is 0, by a name among the attributes. @return its number, -ENODEV,
 * -EINVAL */
int netlink_link_find(struct netlink_answer *a, const struct netlink_attributes *asked, int index);
uint8_t netlink_address_scope(struct address a); /* RT_SCOPE_* */
void netlink_address_put(struct netlink_answer *a, uint16_t type, uint32_t number,
                         const char *label, const struct manage_address *m);
void netlink_route_put(struct netlink_answer *a, uint16_t type, const struct manage_route *r,
                       nanoseconds now);
void netlink_neighbor_put(struct netlink_answer *a, uint16_t type, uint32_t number,
                          const struct manage_neighbor *n);
bool netlink_neighbor_find(const struct call_host *host, uint32_t number, struct address address,
                           nanoseconds now, struct manage_neighbor *n);
