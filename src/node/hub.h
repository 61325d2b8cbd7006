/* SPDX-License-Identifier: MIT */
/*
 * A hub: what comes in by one port goes out by all others, whatever it is. It knows layer 1 alone:
 * no addresses, no stations, no time. That two stations talk at once on it does no harm here: wires
 * carry both ways, so there are no collisions.
 *
 * A damaged frame is dropped, where the repeater of copper repeats it with its bad FCS: no station
 * would take it, and here it is counted once and not at each.
 */
#pragma once
#include "node/node.h"

struct hub_port {
    struct node_interface common; /* first */
    struct wire_upper wire_upper;
    struct hub *hub;
    struct wire_end *end;
    struct voice voice; /* of what comes in */
};

struct hub {
    struct node node; /* first */
};

/* The row of node_kinds: see node.h. */
int hub_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
void hub_undo(struct node *n, const struct node_pools *pools);
int hub_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                       const struct node_interface_plan *plan);
void hub_settle(struct node *n, nanoseconds now);
int hub_check(const struct node *n);

void hub_receive(struct wire_upper *upper, struct packet *p, nanoseconds now); /* for the table */
