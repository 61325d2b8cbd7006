/* SPDX-License-Identifier: MIT */
/*
 * Partitions: packets from some nodes to some others do not arrive, whatever path they would take.
 * A packet is held back where it leaves the node that made it, by its addresses: that of the source
 * and that of the destination. So what a router passes on is the business of who made it, and who
 * is behind a NAT is named by what the others see, the router. Neighbour discovery is left alone,
 * as ARP is: a partition is above layer 2.
 *
 *     PARTITION_DROP         nobody hears of it
 *     PARTITION_RESET        TCP is answered with a RST (RFC 9293 3.10.7.1); the rest as above
 *     PARTITION_UNREACHABLE  ICMP: administratively prohibited (RFC 1812 5.2.7.1, RFC 4443 3.1)
 *
 * An answer comes back by the same wire at once, as if from the destination. While there is no
 * partition nothing is asked of any frame: wire_ask.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire.h"
#include "1-physical/wire_ip.h"

enum partition_constants {
    PARTITIONS = 32,
    PARTITION_NODES = 4096,
    PARTITION_PORTS = 8,
    PARTITION_WORDS = PARTITION_NODES / 64
};

enum partition_action { PARTITION_DROP, PARTITION_RESET, PARTITION_UNREACHABLE, PARTITION_ACTIONS };

struct partition {
    uint64_t from[PARTITION_WORDS], to[PARTITION_WORDS]; /* bit: number of a node */
    uint16_t port[PARTITION_PORTS]; /* of either end; if there is any, only TCP and UDP are meant */
    uint32_t port_count;
    uint32_t new_only; /* only TCP's SYNs: what is connected goes on */
    uint32_t action;
    uint32_t in_use;
};

struct node;

/* Of a lab; every node that is in the `from` of one points here. */
struct partitions {
    struct node **node; /* by number */
    struct partition entry[PARTITIONS];
};

static inline bool partition_has(const uint64_t set[PARTITION_WORDS], uint32_t node)
{
    return node < PARTITION_NODES && (set[node / 64] >> node % 64 & 1) != 0;
}

/* Of wire_upper_codes. */
bool partition_refuses(struct wire_upper *upper, struct packet *p, nanoseconds now);
/* Does a partition speak of such a packet, apart from who sent it to whom? */
bool partition_means(const struct partition *partition, const struct wire_ip *ip,
                     const uint8_t *frame, uint32_t length);

/* partition_answer.c: the answer to a frame that was held back, as a frame of the same wire, to be
 * written to `to`. @return its length, 0: there is none */
enum { PARTITION_ANSWER_BYTES = 14 + 4 + 1280 }; /* Ethernet with a tag, RFC 4443 2.4 (c) */
uint32_t partition_answer(enum partition_action action, const struct wire_ip *ip,
                          const uint8_t *frame, uint32_t length,
                          uint8_t to[PARTITION_ANSWER_BYTES]);
