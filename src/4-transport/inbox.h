/* SPDX-License-Identifier: MIT */
/*
 * What waits to be read at a datagram end (UDP, ping): packets with their facts, first in first
 * out, up to a limit in bytes of memory: a waiting datagram counts as its packet's whole slot, as
 * Linux counts truesize, so that tiny datagrams cannot hold memory for nothing. One datagram is
 * always taken, however small the limit.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/transport.h"

struct inbox_item {
    struct list_link link;
    struct packet *packet; /* its bytes are the payload */
    struct endpoint remote, local;
    struct address own; /* that speaks for local's */
    nanoseconds time;
    uint8_t hop_limit, traffic_class;
    uint16_t options_at; /* of IPv4, in the packet's slot */
    uint8_t options_length;
    uint8_t zero[3];
};

struct inbox {
    struct link_list items;
    struct pool *pool; /* of struct inbox_item */
    uint32_t used;     /* bytes, as slots */
    uint32_t count;
};

uint32_t inbox_item_bytes(void);
void inbox_init(struct inbox *i, struct pool *pool);
void inbox_done(struct inbox *i); /* frees what waits */
/* Takes the packet if it fits under `limit`; false: it stays the caller's. `ip` is asked who speaks
 * for us when it was sent to others too. */
bool inbox_add(struct inbox *i, const struct ip *ip, struct packet *p, const struct ip_meta *meta,
               const struct endpoint *remote, const struct endpoint *local, uint32_t limit,
               nanoseconds now);
static inline bool inbox_is_empty(const struct inbox *i)
{
    return i->items.first == NULL;
}
/* Length of the next; 0 when there is none too. */
uint32_t inbox_next_length(const struct inbox *i);
/* Copies the next datagram out and, unless `peek`, frees it. m->true_length tells its length.
 * @return bytes copied @raise EAGAIN there is none */
ssize_t inbox_receive(struct inbox *i, struct transport_message *m, bool peek);
