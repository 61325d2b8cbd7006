/* SPDX-License-Identifier: MIT */
/* Theory in switch.h. */
#include "node/switch.h"

#include <errno.h>

_Static_assert((int)NODE_INTERFACES == (int)SWITCH_PORTS, "an interface is a port");

uint64_t node_switch_arena_bytes(void)
{
    return switch_table_arena_bytes() + snoop_arena_bytes();
}

int node_switch_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan)
{
    const struct switch_plan of_switch = {
        .table = plan->stations,
        .station_pool = pools->stations,
        .snoop = plan->snoop,
        .snoop_pool = pools->snoop_entries,
        .is_querier = plan->is_querier,
        .querier = plan->querier,
        .aging_timer_code = TIMER_SWITCH_AGING,
        .tree_timer_code = TIMER_SWITCH_TREE,
        .snoop_timer_code = TIMER_SWITCH_SNOOP,
        .has_vlans = plan->has_vlans,
        .has_tree = plan->has_tree,
        .priority = plan->priority,
        .mac = plan->mac,
    };

    return switch_init(&node_switch_of_node(n)->core, &n->means, &of_switch);
}

/* Its table is the arena's, which takes nothing back. */
void node_switch_undo(struct node *n, const struct node_pools *pools)
{
    (void)n;
    (void)pools;
}

int node_switch_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                               const struct node_interface_plan *plan)
{
    (void)pools;
    if (plan->wire->bare)
        return -EINVAL;
    switch_port_open(&node_switch_of_node(n)->core, node_switch_port(n, number),
                     &plan->wire->end[plan->end], &plan->mac, NODE_WIRE_SWITCH);
    return 0;
}

void node_switch_settle(struct node *n, nanoseconds now)
{
    if (n->state == NODE_RUNS)
        switch_settle(&node_switch_of_node(n)->core, now);
}

void node_switch_crash(struct node *n, nanoseconds now)
{
    switch_crash(&node_switch_of_node(n)->core, now);
}

int node_switch_check(const struct node *n)
{
    return switch_check(&container_of(n, const struct node_switch, node)->core);
}
