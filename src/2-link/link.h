/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 2: neighbours on one wire. A packet is sent to a next hop, by its layer-3
 * address; which station that is, layer 2 finds out (ARP, RFC 826; the states of RFC 4861), while
 * the packet waits. Packets come up by ethertype.
 *
 * Two kinds of link: Ethernet, and bare (a wire that carries IP packets and nothing else: the
 * loopback, a door of that kind). On a bare link there are no stations, and every next hop is the
 * other end.
 *
 * Names of timers: source is LINK_TIMER_SOURCE, serial is interface << 32 | count of neighbours (0:
 * the announcements), so that they are unique on a node.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire.h"
#include "base/address.h"
#include "base/table.h"

enum link_constants {
    LINK_UPPERS = 4,
    LINK_ADDRESSES = 8,
    LINK_TIMER_SOURCE = 1,
    ETHERNET_HEADER_BYTES = 14,
    MAC_BYTES = 6
};

struct mac {
    uint8_t bytes[MAC_BYTES];
};

/* Facts beside a packet that came up. */
struct link_meta {
    bool broadcast; /* sent to all or to a group of stations */
};

/* What layer 3 provides, per interface. */
struct link_upper {
    uint32_t code;
    uint32_t zero;
};

struct link_upper_code {
    uint16_t ethertype;
    void (*receive)(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                    nanoseconds now);
    /* The next hop of this packet does not answer; takes the packet (starts at its layer-3 header),
     * which is counted as dropped already. */
    void (*unreachable)(struct link_upper *upper, struct packet *p, nanoseconds now);
};
extern const struct link_upper_code link_upper_codes[]; /* the assembler's */
extern const uint32_t link_upper_code_count;

enum link_kind { LINK_ETHERNET, LINK_BARE };

/* Limits and times of neighbours; defaults are RFC 4861 section 10's and Linux's. */
struct neighbor_settings {
    nanoseconds reachable_base; /* 30 s */
    nanoseconds retransmit;     /* 1 s */
    nanoseconds delay_first;    /* 5 s */
    uint32_t multicast_tries;   /* 3 */
    uint32_t unicast_tries;     /* 3 */
    uint32_t queue_packets;     /* waiting for resolution, each; Linux: by bytes; 64 */
    uint32_t limit;             /* neighbours of an interface; 512 */
};

struct neighbor; /* neighbor.h */

struct link {
    struct wire_upper wire_upper;
    struct wire_end *end;
    struct means *means;
    struct voice voice;     /* the node's, with the number of the wire */
    struct siphash_key key; /* of the node's and the interface's name */
    struct link_upper *upper[LINK_UPPERS];
    struct pool *neighbor_pool;
    struct table neighbors;
    struct link_list neighbor_order; /* least recently used first */
    struct neighbor_settings settings;
    struct neighbor *recent; /* the last that was sent to, or NULL */
    struct address own[LINK_ADDRESSES];
    nanoseconds announce_at[LINK_ADDRESSES]; /* RFC 5227 2.3; NEVER: all said */
    nanoseconds defended_at[LINK_ADDRESSES]; /* the last defence (RFC 5227 2.4); NEVER: none */
    struct timer announce;                   /* the earliest of announce_at */
    uint8_t announcements[LINK_ADDRESSES];   /* left for own[i] */
    uint64_t conflicts;                      /* ARP packets that claimed an address of ours */
    uint32_t own_count;
    uint32_t neighbor_count;
    uint32_t incomplete; /* neighbours in resolution */
    uint32_t waiting;    /* packets that wait for them */
    uint32_t serials;    /* neighbours opened so far: names of their timers */
    uint32_t interface;
    uint32_t kind;
    uint32_t timer_code; /* link_timer, link announcements */
    uint32_t neighbor_timer_code;
    struct mac mac;
    uint16_t zero[3];
};

/* The pools: one of neighbours for the whole lab. */
uint32_t link_neighbor_bytes(void); /* size of a slot */

/* What one link is. */
struct link_plan {
    enum link_kind kind;
    uint32_t interface;     /* its number on the node */
    struct siphash_key key; /* of the node's and the interface's name */
    struct mac mac;
    struct pool *neighbor_pool; /* slots of link_neighbor_bytes() */
    uint32_t wire_upper_code;
    uint32_t timer_code, neighbor_timer_code;
};

/* @return 0, or -ENOMEM: the wire knows nothing of it */
int link_init(struct link *l, struct means *means, struct wire_end *end,
              const struct link_plan *plan);
void link_attach(struct link *l, struct link_upper *upper, uint32_t code);
/* An address of ours on this link: ARP answers for it and announces it. @return 0 -ENOSPC */
int link_address_add(struct link *l, struct address own, nanoseconds now);
/* Sends to a next hop; takes the packet. Group addresses and the limited broadcast are mapped; a
 * broadcast of a subnet is layer 3's to know: it names 255.255.255.255 as the next hop. */
void link_send(struct link *l, const struct link_upper *from, struct address next_hop,
               struct packet *p, nanoseconds now);
/* RFC 4861 7.3.1: an upper layer saw the neighbour answer. */
void link_confirm(struct link *l, struct address next_hop, nanoseconds now);
uint32_t link_mtu(const struct link *l);

void link_receive(struct wire_upper *upper, struct packet *p, nanoseconds now); /* for the table */
void link_timer(struct timer *timer, nanoseconds now);          /* a link's own timer */
void link_neighbor_timer(struct timer *timer, nanoseconds now); /* a neighbour's */
int link_check(const struct link *l);
