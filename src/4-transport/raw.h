/* SPDX-License-Identifier: MIT */
/*
 * Datagrams of any protocol for programs: Linux's SOCK_RAW (raw(7); RFC 3542 3). An end speaks one
 * protocol of one version of IP, and hears all that comes up of it beside its proper user: so it
 * stands beside the users of layer 3 (ip_watch), and takes copies.
 *
 * What differs by version: IPv4's ends receive the IP header too, IPv6's never do; ICMPv6's
 * checksum is ours to compute and to check, and any other protocol's of IPv6 if the program says
 * where it stands (RFC 3542 3.1). An end whose packets are whole gives the IP header itself.
 *
 * A host without such an end is asked nothing: layer 3 has no watcher then. Ends of a host are few
 * (RAW_ENDS), for each datagram is shown to each of them.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/datagram.h"

enum raw_limits {
    RAW_ENDS = 64, /* of a host */
    RAW_MOST_BYTES = 65535,
    RAW_FILTER_WORDS = 8,
    RAW_PROTOCOL_MOST = 255
};

struct raw {
    struct transport_service service; /* first */
    struct ip_upper ip_upper;         /* the watcher */
    struct ip *ip;
    struct means *means;
    struct pool *end_pool, *inbox_pool, *error_pool;
    struct link_list ends;                /* in order of opening */
    uint32_t send_buffer, receive_buffer; /* defaults of new ends, as UDP's */
    uint32_t count, limit;
};

struct raw_end {
    struct datagram_end common; /* first; its binding has an address, and no port */
    struct raw *raw;
    uint32_t filter[RAW_FILTER_WORDS]; /* types of ICMP that are not wanted, a bit each */
    int32_t checksum_at;               /* -1: none that is ours */
    uint8_t protocol;
    uint8_t is_whole; /* what is sent begins with its IP header */
    uint8_t is_deaf;  /* Linux: who took its connect() back hears nothing any more */
    uint8_t zero;
};

static inline struct raw_end *raw_end_of(const struct transport_end *end)
{
    return (struct raw_end *)(uintptr_t)end; /* its first member's first */
}

uint32_t raw_end_bytes(void);
/* plan->end_pool has slots of raw_end_bytes(); plan->code is our entry in ip_upper_codes. */
void raw_init(struct raw *r, struct means *means, const struct datagram_plan *plan);

/* For ip_upper_codes. */
bool raw_watch(struct ip_upper *upper, const struct ip_meta *meta, const struct packet *p,
               nanoseconds now);
enum ip_heard raw_receive_error(struct ip_upper *upper, const struct ip_error *error,
                                nanoseconds now);

/* The operations of transport.h that are not datagram.h's (raw_end.c). */
int raw_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end);
void raw_close(struct transport_end *end, nanoseconds now);
int raw_bind(struct transport_end *end, const struct name *name);
int raw_connect(struct transport_end *end, const struct name *name, nanoseconds now);
int raw_disconnect(struct transport_end *end, nanoseconds now);
int raw_group(struct transport_end *end, enum transport_group_call call,
              struct transport_group *group, nanoseconds now);
uint16_t raw_interface_of(const struct transport_end *end, struct address own);
ssize_t raw_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                 nanoseconds now);
void raw_local(const struct transport_end *end, struct name *local);
int raw_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                   nanoseconds now);
int raw_option_get(const struct transport_end *end, enum transport_option option, int64_t *value);
int raw_check(const struct transport_service *service);
