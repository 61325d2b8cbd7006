/* SPDX-License-Identifier: MIT */
/*
 * AF_NETLINK: what a host tells its programs of itself, and lets them change of it: a kind of
 * transport whose bytes never leave the host. A program sends requests (RFC 3549 2.3) and reads the
 * answers. Those to one question are made when it asks; a table is told as it is read (a dump goes
 * on when what it wrote before is taken), as on Linux, so that its length has no limit and memory
 * has one. What is not known is refused (EOPNOTSUPP) in an error message as Linux's.
 *
 * NETLINK_ROUTE (rtnetlink(7)) and NETLINK_SOCK_DIAG (sock_diag(7), netlink_diag.c) are the two
 * protocols; each is a kind of transport of its own. netlink_request.c reads what is asked,
 * netlink_answer.c writes what is answered; a file each has links, addresses, routes, neighbours.
 */
#pragma once
#include <stdint.h>

#include "4-transport/transport_end.h"
#include "6-presentation/call.h"
#include "base/means.h"

enum netlink_constants {
    NETLINK_ENDS = 32,    /* of a host */
    NETLINK_WAITING = 48, /* packets of answers at one socket */
    NETLINK_DUMP = 8,     /* of them a dump waits to be read, before it goes on */
    NETLINK_ASKED = 512,  /* bytes of a request for a dump */
    NETLINK_CHUNK = 1700  /* bytes of one: no program has less room, and a small packet holds it */
};

struct netlink {
    struct transport_service service; /* first; of NETLINK_ROUTE */
    struct transport_service diag;    /* of NETLINK_SOCK_DIAG */
    struct means *means;
    struct call_host *host;
    struct pool *end_pool;
    struct link_list ends;
    uint32_t count;
    uint32_t ports;         /* given so far */
    struct changes changes; /* that somebody is to be told of (netlink_tell.c) */
};

/* A table that is being told: the request, and how far it has come. */
struct netlink_progress {
    uint16_t type, flags;
    uint32_t serial;
    uint32_t length;  /* of the body */
    uint32_t told;    /* entries of the table */
    uint32_t goes_on; /* 0: none is under way */
    uint8_t body[NETLINK_ASKED];
};

struct netlink_end {
    struct transport_end end; /* first */
    struct netlink *netlink;
    struct list_link link; /* in netlink->ends */
    struct packet *waiting[NETLINK_WAITING];
    struct netlink_progress dump;
    uint32_t first, count;
    uint32_t port; /* its name; 0: none yet */
    uint32_t send_buffer, receive_buffer;
    uint8_t explains;  /* NETLINK_EXT_ACK */
    uint8_t is_capped; /* NETLINK_CAP_ACK: an error does not repeat the request */
    uint8_t is_strict; /* NETLINK_GET_STRICT_CHK */
    uint8_t has_lost;  /* news that found no room: ENOBUFS, once */
    uint64_t groups;   /* that it is a member of, by number: bit 0 is group 1 */
};

uint32_t netlink_end_bytes(void);
void netlink_init(struct netlink *n, struct means *means, struct call_host *host,
                  struct pool *end_pool);

/* Is there anything to tell? */
static inline bool netlink_has_news(const struct netlink *n)
{
    return n->changes.count || n->changes.lost;
}
/* Tells the members of groups what has changed. */
void netlink_tell(struct netlink *n, nanoseconds now);

/* The operations of transport_end.h. */
int netlink_open(struct transport_service *service, struct transport_upper *upper,
                 struct transport_end **end);
void netlink_close(struct transport_end *end, nanoseconds now);
int netlink_bind(struct transport_end *end, const struct name *local);
int netlink_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
int netlink_connect(struct transport_end *end, const struct name *remote, nanoseconds now);
int netlink_disconnect(struct transport_end *end, nanoseconds now);
int netlink_accept(struct transport_end *end, struct transport_upper *upper,
                   struct transport_end **accepted);
ssize_t netlink_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                     nanoseconds now);
ssize_t netlink_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                        nanoseconds now);
int netlink_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase netlink_phase(const struct transport_end *end);
unsigned netlink_ready(const struct transport_end *end);
int netlink_error_take(struct transport_end *end);
void netlink_drained(struct transport_end *end, nanoseconds now);
void netlink_local(const struct transport_end *end, struct name *local);
int netlink_remote(const struct transport_end *end, struct name *remote);
int netlink_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                       nanoseconds now);
int netlink_option_get(const struct transport_end *end, enum transport_option option,
                       int64_t *value);
int64_t netlink_count(const struct transport_end *end, enum transport_count_kind kind);
int netlink_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
int netlink_check(const struct transport_service *service);
