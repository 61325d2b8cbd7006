/* SPDX-License-Identifier: MIT */
/*
 * A switch as a node: the switch of layer 2, and its interfaces as ports. It has no address and no
 * sockets. Its settings come with it (struct node_plan), since a table does not change its size.
 */
#pragma once
#include "2-link/switch_state.h"
#include "base/compiler.h"
#include "node/node.h"

struct node_switch_port {
    struct node_interface common; /* first */
    struct switch_port port;
};

struct node_switch {
    struct node node; /* first */
    struct switch_core core;
};

uint64_t node_switch_arena_bytes(void); /* tables, of one switch */

/* The switch that a node of that kind is, and its port behind an interface. */
static inline struct node_switch *node_switch_of_node(struct node *n)
{
    return container_of(n, struct node_switch, node);
}
static inline struct switch_port *node_switch_port(const struct node *n, uint32_t interface)
{
    return &container_of(n->interface[interface], struct node_switch_port, common)->port;
}

/* The row of node_kinds: see node.h. */
int node_switch_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan);
void node_switch_undo(struct node *n, const struct node_pools *pools);
int node_switch_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                               const struct node_interface_plan *plan);
void node_switch_settle(struct node *n, nanoseconds now);
void node_switch_crash(struct node *n, nanoseconds now);
int node_switch_check(const struct node *n);
