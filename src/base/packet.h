/* SPDX-License-Identifier: MIT */
/*
 * One packet: contiguous bytes with headroom. On the way down each layer pushes its header in
 * front; on the way up each takes its own off. It is owned by exactly one place; sending it gives
 * it away.
 *
 * Two classes of slot: 2 KiB for frames of ordinary wires, 64 KiB for datagrams before
 * fragmentation and after reassembly. A packet is counted against a node's budget (in packets) and,
 * while it waits in the sender's own wire queue, against the socket that sent it (struct charge):
 * that is how a socket feels its own queue.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/charge.h"
#include "base/compiler.h"
#include "base/time.h"

struct arena;

enum packet_constants {
    PACKET_HEADROOM = 160,     /* Ethernet 14 + IPv4 60 + TCP 60, rounded */
    PACKET_SMALL_BYTES = 1760, /* after the headroom; the slot is 2 KiB */
    PACKET_BIG_BYTES = 65535 + 64
};

struct packet {
    struct packet *next;     /* for the one queue that owns it */
    struct packet *previous; /* the same, where the queue is sorted (wires) */
    uint8_t *bytes;          /* of the slot's data */
    uint32_t start, end;     /* the packet is bytes[start, end) */
    uint32_t size;           /* bytes in the slot */
    uint32_t network;        /* where its IP header starts, once layer 3 knows (for ICMP quotes) */
    struct budget *budget;
    struct charge *charge;   /* NULL: none */
    struct packets *packets; /* where it goes back to */
    uint64_t serial;         /* of its wire and direction */
    nanoseconds time;        /* wires: when it arrives */
    uint8_t mark;            /* enum mark */
    uint8_t big;             /* class of the slot */
    uint8_t damaged;         /* the FCS will not match */
    uint8_t zero;
    uint32_t charged; /* bytes counted in `charge` */
    uint32_t flags;   /* wires: enum frame_flag */
    uint32_t zero_too;
};

struct packets {
    struct pool *small, *big, *charges;
};

/* How many packets of either class, and how many sockets that packets are charged to (those that
 * live on in a queue included). */
struct packet_limits {
    uint32_t small, big, charges;
};

int packet_pool_init(struct packets *ps, struct arena *arena, const struct packet_limits *limits);
uint64_t packet_pool_bytes(const struct packet_limits *limits);
/* A packet with room for `size` bytes after PACKET_HEADROOM, start = end = PACKET_HEADROOM; NULL:
 * the budget or the pool is used up. */
struct packet *packet_get(struct packets *ps, struct budget *budget, uint32_t size);
/* Frees; releases its charge. NULL is fine. */
void packet_put(struct packet *p);
/* A second packet with the same bytes and marks, under the same budget, no charge; NULL: no room.
 */
struct packet *packet_copy(const struct packet *p);
/* Moves it to another node's budget. false: that one is full (nothing changed). */
bool packet_move(struct packet *p, struct budget *budget);

void packet_charge(struct packet *p, struct charge *charge);
void packet_uncharge(struct packet *p); /* it left the host's queue */

static inline uint32_t packet_length(const struct packet *p)
{
    return p->end - p->start;
}

static inline uint8_t *packet_data(const struct packet *p)
{
    return p->bytes + p->start;
}

/* Room for a header in front. */
static inline uint8_t *packet_push(struct packet *p, uint32_t n)
{
    ensure(n <= p->start);
    p->start -= n;
    return p->bytes + p->start;
}

/* Takes a header off; the caller has checked the length. */
static inline void packet_take(struct packet *p, uint32_t n)
{
    ensure(n <= p->end - p->start);
    p->start += n;
}

/* Room for n bytes at the end. */
static inline uint8_t *packet_append(struct packet *p, uint32_t n)
{
    uint8_t *at = p->bytes + p->end;

    ensure(n <= p->size - p->end);
    p->end += n;
    return at;
}

/* Cuts off what is behind `length` bytes. */
static inline void packet_trim(struct packet *p, uint32_t length)
{
    ensure(length <= p->end - p->start);
    p->end = p->start + length;
}

/* A queue of packets, first in first out. */
struct packet_queue {
    struct packet *first, *last;
    uint32_t packets;
    uint32_t bytes;
};

void packet_queue_add(struct packet_queue *q, struct packet *p);
struct packet *packet_queue_take(struct packet_queue *q); /* NULL: empty */
bool packet_queue_is_sound(const struct packet_queue *q); /* packets and bytes are as counted */
