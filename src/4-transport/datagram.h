/* SPDX-License-Identifier: MIT */
/*
 * What UDP, ping and raw ends have in common: one socket's end of a service that keeps datagrams
 * whole. It holds a port, waits for nobody, takes what arrives into its inbox, and charges what it
 * sends to itself, so that its own wire queue is felt (-EAGAIN). What a datagram looks like, whose
 * it is, and what connect means, each knows itself; here is what a program sees of any.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/error_queue.h"
#include "4-transport/filter.h"
#include "4-transport/inbox.h"
#include "4-transport/options.h"
#include "4-transport/ports.h"
#include "4-transport/transport_end.h"

struct datagram_end {
    struct transport_end end; /* first */
    struct list_link link;    /* in the `ends` of udp or ping */
    struct port_binding binding;
    struct endpoint remote; /* when connected; ping does not look at its port */
    struct ip_path path;    /* of the last datagram, or of connect */
    struct transport_options options;
    struct inbox inbox;
    struct error_queue errors;
    struct link_list members; /* the groups it has joined */
    struct charge *charge;
    struct means *means;
    struct filter filter;
    int32_t error; /* pending, positive */
    uint8_t connected;
    uint8_t shut_reading, shut_writing;
    uint8_t zero;
};

static inline struct datagram_end *datagram_end_of(const struct transport_end *end)
{
    return (struct datagram_end *)(uintptr_t)end; /* its first member */
}

/* What whoever assembles a host gives to UDP, and to ping, beside the means. */
struct datagram_plan {
    struct ip *ip;
    struct pool *end_pool;   /* slots of udp_end_bytes(), ping_end_bytes() */
    struct pool *inbox_pool; /* slots of inbox_item_bytes() */
    struct pool *error_pool; /* slots of error_item_bytes() */
    uint32_t code;           /* the entry in ip_upper_codes */
    uint32_t limit;          /* ends of this host, a power of two */
};

/* What all ends of one service share. */
struct datagram_service {
    struct transport_service *of;
    struct means *means;
    struct pool *inbox_pool, *error_pool;
    uint32_t send_buffer, receive_buffer;
};

/* In a zeroed slot. @return 0 or -ENOBUFS */
int datagram_open(struct datagram_end *e, const struct datagram_service *service,
                  struct transport_upper *upper);
/* Gives back what open took, and the port. */
void datagram_close(struct datagram_end *e, struct packets *packets, struct ports *ports);
/* Does its filter want the packet? It is cut to what is wanted. `before`: bytes of its header in
 * front of what is there now, which the filter sees too and which stay. */
bool datagram_filter_wants(const struct datagram_end *e, const struct ip_meta *meta,
                           struct packet *p, uint32_t before);
static inline bool datagram_is_wanted(const struct datagram_end *e, const struct ip_meta *meta,
                                      struct packet *p, uint32_t before)
{
    return likely(!e->filter.program) || datagram_filter_wants(e, meta, p, before);
}
/* Takes what arrived; false: there is no room, it stays the caller's. */
bool datagram_arrived(struct datagram_end *e, const struct ip *ip, struct packet *p,
                      const struct ip_meta *meta, const struct endpoint *remote,
                      const struct endpoint *local, nanoseconds now);
void datagram_error_set(struct datagram_end *e, int error);
/* What an ICMP error is about: of which datagram of the end's. */
struct datagram_quote {
    const uint8_t *payload; /* as much as came back of it; NULL: none */
    uint32_t length;
    uint16_t port; /* where it was sent to */
};
/* What an ICMP error for a datagram of the end does to it, as in Linux: hard errors are told to
 * connected ends (RFC 1122 4.1.3.3), with IP_RECVERR all errors to all, one by one (ip(7)). */
void datagram_error_arrives(struct datagram_end *e, struct means *means,
                            const struct ip_error *error, const struct datagram_quote *quote,
                            nanoseconds now);
/* A datagram is longer than its path carries: with IP_RECVERR that is told besides, and of IPv6 it
 * may be news of the path (RFC 3542 11.3).
 * @return -EMSGSIZE */
int datagram_too_long(struct datagram_end *e, const struct transport_message *m,
                      const struct ip_path *path, nanoseconds now);

/* ---- datagram_group.c ---- */
int datagram_group(struct datagram_end *e, struct ip *ip, enum transport_group_call call,
                   struct transport_group *group, nanoseconds now);
uint16_t datagram_group_interface(const struct ip *ip, struct address own);
/* Does the end want what came to a group? By what it has joined, else by what others have. */
static inline bool datagram_wants(const struct datagram_end *e, const struct ip_meta *meta)
{
    bool all = options_to(&e->options, meta->dest)->flags & OPTIONS_MULTICAST_ALL;

    return e->members.first ? ip_group_wants(&e->members, meta, all) : all;
}

/* @raise as ports_bind */
int datagram_port_take(struct datagram_end *e, struct ports *ports, const struct endpoint *local);
/* The first send or connect of an end without a port. */
int datagram_bind_if_needed(struct datagram_end *e, struct ports *ports);
/* An address of one link names its interface, or the end is bound to one (RFC 4007 6, RFC
 * 3493 3.3); from now on it is. binds: it may be bound to another now.
 * @raise EINVAL it names none, or another; ENODEV there is no such */
int datagram_link_take(struct datagram_end *e, const struct ip *ip, const struct endpoint *at,
                       bool binds);
/* The source that what it sends must have; unspecified: layer 3 chooses. */
struct address datagram_source(const struct datagram_end *e, const struct ip *ip);
/* @raise EACCES a broadcast not asked for (RFC 1122 3.3.6); ENETUNREACH; as ip_path_find */
int datagram_path_find(const struct datagram_end *e, const struct ip *ip, struct address dest,
                       struct address source, uint16_t interface, nanoseconds now,
                       struct ip_path *path);
/* May a message name this source? Of IPv4 it is looked at with the route, of IPv6 before. */
static inline bool datagram_has_source(const struct datagram_end *e, const struct ip *ip,
                                       struct address source)
{
    return address_is_mapped(source) || e->options.free_bind || ip_is_own(ip, source);
}
/* What no end could send. @raise EOPNOTSUPP EMSGSIZE */
int datagram_can_send(const struct transport_message *m, size_t most_bytes, unsigned flags);
/* What forbids any sending now, asked last, as Linux does: the pending error is told and cleared by
 * what would have been sent, not by what has nowhere to go. @raise EPIPE EAGAIN; that error */
int datagram_may_send(struct datagram_end *e);
/* Something was sent: is the end to be told when its own queue is lighter? */
void datagram_sent(struct datagram_end *e);

/* The operations of transport.h that are the same for both. */
ssize_t datagram_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                         nanoseconds now);
int datagram_listen(struct transport_end *end, uint32_t backlog,
                    nanoseconds now); /* @raise EOPNOTSUPP */
int datagram_accept(struct transport_end *end, struct transport_upper *upper,
                    struct transport_end **accepted); /* @raise EOPNOTSUPP */
int datagram_info(const struct transport_end *end, struct transport_info *info,
                  nanoseconds now); /* @raise ENOPROTOOPT */
int datagram_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase datagram_phase(const struct transport_end *end);
unsigned datagram_ready(const struct transport_end *end);
int datagram_error_take(struct transport_end *end);
/* Its own wire queue became lighter. */
void datagram_drained(struct transport_end *end, nanoseconds now);
int datagram_remote(const struct transport_end *end, struct name *remote);
int datagram_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                        nanoseconds now);
int datagram_option_get(const struct transport_end *end, enum transport_option option,
                        int64_t *value);
int datagram_filter(struct transport_end *end, enum transport_filter_call call,
                    struct transport_filter *filter);
int datagram_header(struct transport_end *end, enum transport_header_call call,
                    struct transport_header *header);
int64_t datagram_count(const struct transport_end *end, enum transport_count_kind kind);
