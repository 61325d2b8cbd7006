/* SPDX-License-Identifier: MIT */
/*
 * A switch: ports that stand at ends of wires, and what they share. Who assembles a node makes one;
 * no folder but node/ includes this.
 */
#pragma once
#include "1-physical/wire.h"
#include "2-link/rstp.h"
#include "2-link/snoop.h"
#include "2-link/switch_storm.h"
#include "2-link/switch_table.h"
#include "2-link/vlan.h"
#include "base/means.h"

enum switch_constants {
    SWITCH_VLAN = 1,        /* of a port that nothing was said of */
    SWITCH_COST = 2000,     /* of a wire without a rate */
    SWITCH_TIMER_SOURCE = 2 /* as in link.h, names of timers; serial 0: what grows old,
                             * 1: the spanning tree, 2: groups */
};

struct switch_core;

/* Frames and their bytes, and of those that came in, how many went nowhere. */
struct switch_count {
    uint64_t in, in_bytes, out, out_bytes, dropped;
};

struct switch_port {
    struct wire_upper wire_upper;
    struct switch_core *core;
    struct wire_end *end;
    struct voice voice; /* the node's, with the wire, of what comes in */
    uint32_t number;
    struct mac mac;
    bool learns, forwards;
    uint8_t role;              /* enum port_role, as it was told last */
    struct switch_storm storm; /* of what comes in */
    struct switch_count count;
    nanoseconds since;     /* when it got the part that it has in the tree; without one 0 */
    struct vlan_port vlan; /* of a switch with VLANs */
    struct rstp_port tree; /* of a switch that takes part in the spanning tree */
};

struct switch_core {
    struct means *means;
    struct switch_table table;
    struct timer aging, tree_timer;
    struct rstp tree;
    struct snoop snoop;
    struct timer snoop_timer;  /* an entry ends, or it is time to ask */
    nanoseconds ask_at;        /* of a querier: when it asks for all groups; NEVER: it is none */
    struct address asks_as[2]; /* its addresses, of IPv4 and IPv6 */
    uint32_t asked;            /* how often it has: RFC 3376 8.7 */
    struct mac mac;
    uint16_t zero_too;
    uint32_t port_count;
    uint32_t port_stations; /* most of a port of which nothing else was said */
    bool has_vlans, has_tree;
    bool touched; /* the tree has moved, or there is to be asked: see switch_settle */
    bool is_querier;
    struct switch_port *port[SWITCH_PORTS]; /* by number */
};

struct switch_plan {
    struct switch_table_settings table;
    struct pool *station_pool; /* slots of switch_table_station_bytes() */
    struct snoop_settings snoop;
    struct pool *snoop_pool; /* slots of snoop_entry_bytes() */
    bool is_querier;         /* it asks who listens to groups */
    uint32_t querier;        /* its IPv4 address then; 0: none */
    uint32_t aging_timer_code, tree_timer_code, snoop_timer_code;
    bool has_vlans, has_tree;
    uint32_t priority; /* in the spanning tree */
    struct mac mac;    /* its own, which that and its questions are sent from */
};

/* What may be said of a port. */
struct switch_port_settings {
    struct vlan_port vlan;
    uint32_t stations; /* most behind it */
    uint32_t storm_rate, storm_burst;
    struct rstp_port_settings tree;
};

/* In zeroed memory. @return 0 or -ENOMEM */
int switch_init(struct switch_core *core, struct means *means, const struct switch_plan *plan);
/* The next port, at this end of a wire. */
void switch_port_open(struct switch_core *core, struct switch_port *port, struct wire_end *end,
                      const struct mac *mac, uint32_t wire_upper_code);
/* The cost of a way by a wire, by its rate (IEEE 802.1D-2004, table 17-3). */
uint32_t switch_port_cost(const struct switch_port *port);
/* What it does with frames. */
enum port_state switch_port_state(const struct switch_port *port);
/* Says it; the stations behind it are forgotten where its VLANs are others. */
void switch_port_set(struct switch_port *port, const struct switch_port_settings *settings,
                     nanoseconds now);
void switch_receive(struct wire_upper *upper, struct packet *p,
                    nanoseconds now);                          /* for the table */
void switch_signal(struct wire_upper *upper, nanoseconds now); /* the same */
void switch_aging_timer(struct timer *timer, nanoseconds now);
void switch_tree_timer(struct timer *timer, nanoseconds now);
void switch_snoop_timer(struct timer *timer, nanoseconds now);
/* The end of every entry: what the spanning tree wants is done and said. */
void switch_settle(struct switch_core *core, nanoseconds now);
/* It has lost its power: no station, and no neighbour of the tree, is known any more. Ports are up
 * again by the next switch_settle. */
void switch_crash(struct switch_core *core, nanoseconds now);
int switch_check(const struct switch_core *core);
