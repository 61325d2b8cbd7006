/* SPDX-License-Identifier: MIT */
/*
 * A node: what a lab joins by wires. What all kinds of node have is here: the means of their
 * layers, a name, interfaces by number, counters of drops. What a kind does with a frame is its own
 * struct's, in which struct node stands first, and a row of the table of kinds (node.c); what wakes
 * it is in the tables of node_codes.c. The lab knows nodes, and hosts only where sockets are meant.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire_state.h"
#include "2-link/link_state.h"
#include "2-link/snoop.h"
#include "base/means.h"
#include "base/pool.h"

enum node_constants {
    NODE_NAME_BYTES = 32,
    NODE_INTERFACES = 256 /* most */
};

enum node_kind { NODE_HOST, NODE_HUB, NODE_SWITCH, NODE_ROUTER, NODE_KINDS };

struct partitions; /* partition.h */

enum node_state { NODE_RUNS, NODE_PAUSED, NODE_CRASHED };

/* What a frame comes up to: entries of wire_upper_codes. */
enum node_wire_code { NODE_WIRE_LINK = 1, NODE_WIRE_HUB, NODE_WIRE_SWITCH };

/* What wakes: the codes of struct timer. */
enum timer_code {
    TIMER_NONE,
    TIMER_WIRE, /* the lab's to dispatch: it knows the wires */
    TIMER_LINK,
    TIMER_NEIGHBOR,
    TIMER_IP,
    TIMER_TCP,
    TIMER_TCP_HALF,
    TIMER_SWITCH_AGING,
    TIMER_SWITCH_TREE,
    TIMER_NDP,
    TIMER_LAPB,
    TIMER_XOT,
    TIMER_X25_CIRCUIT,
    TIMER_X25_LINE,
    TIMER_SWITCH_SNOOP,
    TIMER_X25_RELAY
};

/* One interface: first in the struct of its kind, in a slot of the lab's pool. */
struct node_interface {
    uint32_t wire, end; /* where it is attached */
    uint32_t name_length;
    uint32_t zero;
    char name[NODE_NAME_BYTES];
};

struct node {
    uint32_t kind; /* enum node_kind */
    uint32_t interface_count;
    struct means means;
    struct partitions *partitions; /* the lab's; NULL: none is from this node */
    uint32_t name_length;
    uint32_t state; /* enum node_state */
    char name[NODE_NAME_BYTES];
    struct node_interface *interface[NODE_INTERFACES]; /* by number */
    uint64_t drops[DROP_COUNT];
};

/* The pools from which all nodes of a lab take. */
struct node_pools {
    struct pool *nodes, *interfaces; /* slots as large as the largest kind's */
    struct pool *neighbors, *fragments, *icmp, *ndp, *multicasts, *groups, *members, *conns,
        *halves, *holes, *listeners, *sockets, *udp_ends, *ping_ends, *netlink_ends, *inbox,
        *raw_ends, *errors, *stations, *snoop_entries, *routes, *route_nodes;
    struct pool *circuits, *circuit_ends;
    struct pool *frames_ends, *frames_items;
    struct pool *filters, *filter_chunks;
    struct pool *rare_options;
    struct pool *unix_ends, *unix_names, *unix_items, *unix_rights;
    struct pool *lapbs, *xots, *x25_relays;
    struct pool *translators, *mappings, *mapping_sessions, *mapping_hosts;
    uint32_t routes_each; /* most of a node */
    uint32_t zero;
};

/* The limits of all nodes together. */
struct node_limits {
    uint32_t nodes, interfaces;
    uint32_t sockets, packets; /* of each node */
};

/* What one node is. */
struct node_plan {
    enum node_kind kind;
    const char *name;
    size_t name_length;
    uint32_t number;
    uint32_t loopback_wire; /* the number of its own wire */
    uint32_t sockets;       /* most, a power of two */
    uint64_t wall_base;
    struct switch_table_settings stations; /* of a switch */
    struct snoop_settings snoop;           /* the same, and the next two */
    bool is_querier;
    uint32_t querier; /* its IPv4 address; 0: none */
    bool has_vlans, has_tree;
    uint32_t priority; /* of a switch, in the spanning tree */
    struct mac mac;    /* the same */
};

/* What one interface is. */
struct node_interface_plan {
    const char *name;
    size_t name_length;
    struct wire *wire;
    uint32_t end;
    struct mac mac;
    uint32_t base; /* with a VLAN: the interface whose end of the wire it shares */
    uint32_t vlan; /* 0: none */
};

/* One kind of node: a row. */
struct node_kind_row {
    uint32_t bytes, interface_bytes; /* of its structs */
    /* In zeroed memory whose struct node is filled in. @return 0 or -ENOMEM */
    int (*init)(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
    /* Gives back what a failed init took. */
    void (*undo)(struct node *n, const struct node_pools *pools);
    /* Its own wire, whose two ends are interface 0; no function: it has none. */
    struct wire *(*loopback)(struct node *n);
    /* The interface of this number, whose struct node_interface is filled in, comes up. @return 0
     * or -ENOMEM: the wire knows nothing of it */
    int (*interface_open)(struct node *n, const struct node_pools *pools, uint32_t number,
                          const struct node_interface_plan *plan);
    /* The end of every entry and event that can have touched the node: upcalls, and what ended. */
    void (*settle)(struct node *n, nanoseconds now);
    /* It has lost its power; no function: it knows nothing that could be lost. */
    void (*crash)(struct node *n, nanoseconds now);
    int (*check)(const struct node *n); /* 0, or the line of a broken invariant */
};
extern const struct node_kind_row node_kinds[NODE_KINDS];

/* ---- node.c ---- */

/* A node in a slot of the pool. `lab`: the means of the lab, of which it gets its own. @return 0,
 * or -ENOMEM: nothing was taken */
int node_open(const struct means *lab, const struct node_pools *pools, const struct node_plan *plan,
              struct node **node);
/* A new interface at an end of a wire. @return its number, -ENOSPC or -ENOMEM */
int node_interface_open(struct node *n, const struct node_pools *pools,
                        const struct node_interface_plan *plan);
/* The number of the interface of this name, or at this end of a wire; or -ENODEV. */
int node_interface_find(const struct node *n, const char *name, size_t length);
int node_interface_at(const struct node *n, uint32_t wire, uint32_t end);
static inline void node_settle(struct node *n, nanoseconds now)
{
    node_kinds[n->kind].settle(n, now);
}
int node_check(const struct node *n);

/* ---- node_pools.c ---- */

/* Packets that wait at sockets of frames: beside those of the nodes and wires. */
uint64_t node_frames_packets(const struct node_limits *limits);
uint64_t node_pools_bytes(const struct node_limits *limits);
bool node_pools_open(struct node_pools *pools, struct arena *arena,
                     const struct node_limits *limits); /* false: no room */
/* Bytes of arena that all nodes take beside the pools: tables. */
uint64_t node_tables_bytes(const struct node_limits *limits);
/* Timers that the nodes may have set, those of their loopbacks included. */
uint64_t node_timers_most(const struct node_limits *limits);
/* Sizes that another build may have otherwise: a hash for images. */
uint64_t node_layout(void);

/* ---- node_codes.c ---- */

/* A timer of a node is due; it is no longer set. */
void node_timer(struct timer *timer, nanoseconds now);
