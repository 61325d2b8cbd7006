/* SPDX-License-Identifier: MIT */
/*
 * UDP: ports and a checksum on top of datagrams (RFC 768; RFC 1122 4.1; RFC 8085). A struct udp is
 * a host's UDP; a struct udp_end is what one socket holds.
 *
 * Down: udp_send asks layer 3 for a path (kept while it is fresh), writes the header, and charges
 * the packet to the end, so that a sender feels its own wire queue (-EAGAIN). Up:
 * udp_receive_datagram finds the end (exact four-tuple, then the best of those bound to the port)
 * and lays the datagram into its inbox. Errors of layer 3 reach connected ends, by what was quoted.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/datagram.h"
#include "base/bytes.h"

enum udp_constants {
    UDP_HEADER_BYTES = 8,
    UDP_MOST_BYTES = 65507,      /* of payload: 65,535 - 20 - 8 */
    UDP_MOST_BYTES_6 = 65527,    /* over IPv6: 65,535 - 8 */
    UDP_BUFFER_DEFAULT = 212992, /* Linux: rmem_default, wmem_default */
    UDP_MATCHES = 64             /* ends that one broadcast reaches at most */
};

struct udp_header {
    uint16_t source_port, dest_port;
    uint16_t length; /* of header and payload */
    uint16_t checksum;
};

/* false: shorter than a header, or its length does not fit what is there. */
bool udp_header_read(struct reader *r, struct udp_header *h);
void udp_header_write(struct writer *w, const struct udp_header *h);

struct udp {
    struct transport_service service; /* first */
    struct ip_upper ip_upper;
    struct ip *ip;
    struct means *means;
    struct siphash_key key;
    struct table connected; /* ends by exact four-tuple */
    struct pool *end_pool, *inbox_pool, *error_pool;
    struct link_list ends;                /* in order of opening */
    uint32_t send_buffer, receive_buffer; /* defaults of new ends (rmem_default, wmem_default) */
    uint32_t code;                        /* our entry in ip_upper_codes */
    uint32_t count;                       /* ends open */
    struct ports ports;
};

struct udp_end {
    struct datagram_end common; /* first */
    struct udp *udp;
    struct table_link connected_link;
    uint8_t address_bound;     /* bind gave the address: disconnect keeps it */
    uint8_t port_bound;        /* bind gave the port: the same */
    uint8_t path_source_given; /* the path was found for a source asked for */
    uint8_t zero[5];
};

static inline struct udp_end *udp_end_of(const struct transport_end *end)
{
    return (struct udp_end *)(uintptr_t)end; /* its first member's first */
}

uint32_t udp_end_bytes(void);
/* plan->end_pool has slots of udp_end_bytes(). Attaches itself to plan->ip. @return 0 or -ENOMEM */
int udp_init(struct udp *u, struct means *means, const struct datagram_plan *plan);

/* For ip_upper_codes. */
void udp_receive_datagram(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                          nanoseconds now);
bool udp_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now);

/* The hash of a four-tuple in u->connected. */
uint64_t udp_hash(const struct udp *u, const struct endpoint *local, const struct endpoint *remote);

/* The operations of transport.h that are not datagram.h's. */
int udp_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end);
void udp_close(struct transport_end *end, nanoseconds now);
int udp_bind(struct transport_end *end, const struct name *name);
int udp_connect(struct transport_end *end, const struct name *name, nanoseconds now);
int udp_disconnect(struct transport_end *end, nanoseconds now);
int udp_group(struct transport_end *end, enum transport_group_call call,
              struct transport_group *group, nanoseconds now);
uint16_t udp_interface_of(const struct transport_end *end, struct address own);
ssize_t udp_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                 nanoseconds now);
void udp_local(const struct transport_end *end, struct name *local);
int udp_check(const struct transport_service *service); /* 0, or the line of a broken invariant */
