/* SPDX-License-Identifier: MIT */
/*
 * A switch: ports that stand at ends of wires, and what they share. Who assembles a node makes one;
 * no folder but node/ includes this.
 */
#pragma once
#include "1-physical/wire.h"
#include "2-link/switch_table.h"
#include "2-link/vlan.h"
#include "base/means.h"

enum switch_constants {
    SWITCH_VLAN = 1,        /* of a port that nothing was said of */
    SWITCH_TIMER_SOURCE = 2 /* as in link.h, names of timers; serial 0: what grows old */
};

struct switch_core;

struct switch_port {
    struct wire_upper wire_upper;
    struct switch_core *core;
    struct wire_end *end;
    struct voice voice; /* the node's, with the wire, of what comes in */
    uint32_t number;
    uint32_t zero;
    struct vlan_port vlan; /* of a switch with VLANs */
};

struct switch_core {
    struct means *means;
    struct switch_table table;
    struct timer aging;
    uint32_t port_count;
    uint32_t port_stations; /* most of a port of which nothing else was said */
    uint32_t has_vlans;
    uint32_t zero;
    struct switch_port *port[SWITCH_PORTS]; /* by number */
};

struct switch_plan {
    struct switch_table_settings table;
    struct pool *station_pool; /* slots of switch_table_station_bytes() */
    uint32_t aging_timer_code;
    bool has_vlans;
};

/* What may be said of a port. */
struct switch_port_settings {
    struct vlan_port vlan;
    uint32_t stations; /* most behind it */
};

/* In zeroed memory. @return 0 or -ENOMEM */
int switch_init(struct switch_core *core, struct means *means, const struct switch_plan *plan);
/* The next port, at this end of a wire. */
void switch_port_open(struct switch_core *core, struct switch_port *port, struct wire_end *end,
                      uint32_t wire_upper_code);
/* Says it; the stations behind it are forgotten where its VLANs are others. */
void switch_port_set(struct switch_port *port, const struct switch_port_settings *settings);
void switch_receive(struct wire_upper *upper, struct packet *p,
                    nanoseconds now); /* for the table */
void switch_aging_timer(struct timer *timer, nanoseconds now);
int switch_check(const struct switch_core *core);
