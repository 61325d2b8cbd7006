/* SPDX-License-Identifier: MIT */
/*
 * Echo requests for ordinary programs: Linux's ICMP sockets (SOCK_DGRAM with
 * IPPROTO_ICMP or IPPROTO_ICMPV6). What is sent and read is the whole ICMP message; its identifier
 * is the local port, set by us, so that an end sees the replies to its own requests and nothing
 * else (RFC 1122 3.2.2.6: replies go up to who asked; RFC 4443 4.2).
 *
 * An end speaks one of the two versions: IPv4's until it is told to take more than that
 * (OPTION_FAMILIES). Their identifiers are one set of numbers, as on Linux.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/datagram.h"

enum ping_constants { PING_HEADER_BYTES = 8, PING_MOST_BYTES = 65515 };

struct ping {
    struct transport_service service; /* first */
    struct ip_upper ip_upper;         /* of ICMP */
    struct ip_upper ip_upper_6;       /* of ICMPv6 */
    struct ip *ip;
    struct means *means;
    struct ports ports; /* ports are identifiers */
    struct pool *end_pool, *inbox_pool, *error_pool;
    struct link_list ends;
    uint32_t send_buffer, receive_buffer; /* defaults of new ends, as UDP's */
    uint32_t code;
    uint32_t count;
};

struct ping_end {
    struct datagram_end common; /* first */
    struct ping *ping;
    uint32_t port_given; /* the identifier is the program's choice: kept until it closes */
    uint32_t zero;
};

static inline struct ping_end *ping_end_of(const struct transport_end *end)
{
    return (struct ping_end *)(uintptr_t)end; /* its first member's first */
}

uint32_t ping_end_bytes(void);
int ping_init(struct ping *g, struct means *means, const struct datagram_plan *plan);
/* Speaks ICMPv6 too; code: its entry in ip_upper_codes. */
void ping_attach_6(struct ping *g, uint32_t code);

void ping_receive_message(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now);
bool ping_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now);
void ping_receive_message_6(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                            nanoseconds now);
bool ping_receive_error_6(struct ip_upper *upper, const struct ip_error *error, nanoseconds now);

int ping_open(struct transport_service *service, struct transport_upper *upper,
              struct transport_end **end);
void ping_close(struct transport_end *end, nanoseconds now);
int ping_bind(struct transport_end *end, const struct name *name);
int ping_connect(struct transport_end *end, const struct name *name, nanoseconds now);
int ping_disconnect(struct transport_end *end, nanoseconds now);
ssize_t ping_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                  nanoseconds now);
void ping_local(const struct transport_end *end, struct name *local);
int ping_check(const struct transport_service *service);
