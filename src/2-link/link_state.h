/* SPDX-License-Identifier: MIT */
/*
 * The struct behind the service of layer 2, and what who assembles a node does with it. No folder
 * but node/ includes this.
 */
#pragma once
#include "1-physical/wire.h"
#include "2-link/link.h"
#include "base/table.h"

enum link_constants {
    LINK_UPPERS = 4,
    LINK_ADDRESSES = 16,
    LINK_NEIGHBORS = 512, /* most of an interface */
    LINK_TIMER_SOURCE = 1,
    ETHERNET_HEADER_BYTES = 14
};

enum link_kind { LINK_ETHERNET, LINK_BARE };

/* Limits and times of neighbours; defaults are RFC 4861 section 10's and Linux's. */
struct neighbor_settings {
    nanoseconds reachable_base; /* 30 s */
    nanoseconds retransmit;     /* 1 s */
    nanoseconds delay_first;    /* 5 s */
    uint32_t multicast_tries;   /* 3 */
    uint32_t unicast_tries;     /* 3 */
    uint32_t queue_packets;     /* waiting for resolution, each; Linux: by bytes; 64 */
    uint32_t limit;             /* neighbours of an interface; LINK_NEIGHBORS */
};

struct neighbor; /* neighbor.h */

struct link {
    struct wire_upper wire_upper;
    struct wire_end *end;
    struct means *means;
    struct voice voice;     /* the node's, with the wire, of what comes in */
    struct voice sending;   /* the same, of what goes out */
    struct siphash_key key; /* of the node's and the interface's name */
    struct link_upper *upper[LINK_UPPERS];
    struct pool *neighbor_pool;
    struct table neighbors;
    struct link_list neighbor_order; /* least recently used first */
    struct neighbor_settings settings;
    nanoseconds told_reachable;  /* for uppers that ask themselves; 0: settings.reachable_base */
    nanoseconds told_retransmit; /* the same; 0: settings.retransmit */
    struct neighbor *recent;     /* the last that was sent to, or NULL */
    struct address own[LINK_ADDRESSES];
    nanoseconds announce_at[LINK_ADDRESSES]; /* RFC 5227 2.3; NEVER: all said */
    nanoseconds defended_at[LINK_ADDRESSES]; /* the last defence (RFC 5227 2.4); NEVER: none */
    struct timer announce;                   /* the earliest of announce_at */
    uint8_t announcements[LINK_ADDRESSES];   /* left for own[i] */
    uint64_t conflicts;                      /* ARP packets that claimed an address of ours */
    uint64_t received_packets, received_bytes, sent_packets, sent_bytes;
    uint32_t own_count;
    uint32_t neighbor_count;
    uint32_t incomplete; /* neighbours in resolution */
    uint32_t waiting;    /* packets that wait for them */
    uint32_t watchers;   /* who wants to see its frames (watch.h) */
    uint32_t serials;    /* neighbours opened so far: names of their timers */
    uint32_t interface;
    uint32_t kind;
    uint32_t timer_code; /* link_timer, link announcements */
    uint32_t neighbor_timer_code;
    struct mac mac;
    uint16_t vlan;         /* whose tag its frames have; 0: none */
    uint16_t probe_taken;  /* somebody has claimed `probed` */
    uint8_t is_down;       /* its host has switched it off */
    uint8_t promiscuous;   /* watchers want frames for other stations too */
    uint32_t mtu;          /* that its host has set; 0: the wire's */
    struct address probed; /* wanted, and asked for (RFC 5227 2.1.1); unspecified: none */
    struct link *base;     /* whose end of a wire it shares, as the link of a VLAN; or NULL */
    struct link *vlans;    /* links of VLANs at the same end of the wire */
    struct link *next;     /* among those */
};

/* The pools: one of neighbours for the whole lab. */
uint32_t link_neighbor_bytes(void); /* size of a slot */

/* What one link is. */
struct link_plan {
    enum link_kind kind;
    uint32_t interface;     /* its number on the node */
    struct siphash_key key; /* of the node's and the interface's name */
    struct mac mac;
    struct link *base; /* NULL; or whose end of a wire it shares, as the link of a VLAN */
    uint16_t vlan;
    struct pool *neighbor_pool; /* slots of link_neighbor_bytes() */
    uint32_t wire_upper_code;
    uint32_t timer_code, neighbor_timer_code;
};

/* @return 0, or -ENOMEM: the wire knows nothing of it */
int link_init(struct link *l, struct means *means, struct wire_end *end,
              const struct link_plan *plan);
/* A whole frame, as it is (of the link of a VLAN without its tag); takes the packet. */
void link_send_frame(struct link *l, struct packet *p, nanoseconds now);
/* The link of a VLAN at the same end of the wire; NULL: there is none. */
struct link *link_vlan(const struct link *l, uint16_t vlan);
void link_receive(struct wire_upper *upper, struct packet *p, nanoseconds now); /* for the table */
void link_timer(struct timer *timer, nanoseconds now);          /* a link's own timer */
void link_neighbor_timer(struct timer *timer, nanoseconds now); /* a neighbour's */
int link_check(const struct link *l);
