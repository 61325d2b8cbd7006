/* SPDX-License-Identifier: MIT */
/*
 * Errors that a datagram end asked to be told one by one (ip(7), IP_RECVERR): each with what it was
 * about, who says so, and as much of the datagram as came back. First in first out. What waits
 * counts against the same limit as what is received (inbox.h), and every error holds a packet of
 * the host's budget: so neither can take more than that.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/transport.h"

struct error_item {
    struct list_link link;
    struct packet *packet; /* its bytes are what came back, beginning with the payload */
    struct transport_trouble trouble;
    struct endpoint remote; /* where the datagram was sent */
    struct endpoint local;  /* to which of our addresses the error came, by which interface */
    nanoseconds time;
    uint8_t hop_limit, traffic_class; /* of what told it */
    uint16_t zero;
    uint32_t zero2;
};

struct error_queue {
    struct link_list items;
    struct pool *pool; /* of struct error_item */
    uint32_t used;     /* bytes, as slots */
    uint32_t count;
};

uint32_t error_item_bytes(void);
void error_queue_init(struct error_queue *q, struct pool *pool);
void error_queue_clear(struct error_queue *q);
/* Keeps one with a copy of these bytes; `room` are left of the end's limit. false: it is lost. */
bool error_queue_add(struct error_queue *q, struct means *means, const struct error_item *like,
                     const uint8_t *bytes, uint32_t length, uint32_t room);
static inline bool error_queue_is_empty(const struct error_queue *q)
{
    return q->items.first == NULL;
}
/* Takes the first out. *next: the number of the error behind it if that came by ICMP, 0: there is
 * none such; *by_icmp: did this one? @return bytes copied @raise EAGAIN there is none */
ssize_t error_queue_receive(struct error_queue *q, struct transport_message *m, int *next,
                            bool *by_icmp);
