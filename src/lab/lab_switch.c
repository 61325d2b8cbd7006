/* SPDX-License-Identifier: MIT */
/*
 * The parts of a lab that are switches. Their settings come as numbers in the order of the structs
 * of sockeye.h; those that an older record does not have are 0. All are checked here.
 */
#include <string.h>

#include "base/bytes.h"
#include "lab/lab.h"
#include "node/switch.h"

_Static_assert((int)SOCKEYE_STATIONS == (int)SWITCH_STATIONS, "one limit");
_Static_assert((int)SOCKEYE_GROUPS == (int)SNOOP_ENTRIES, "one limit");

enum { PRIORITY_MOST = 61440, PORT_PRIORITY_MOST = 240, STORM_RATE_MOST = 1000000000 };

static uint32_t or_else(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

/* The next number, 0 to most; failed: there is another one. */
static uint32_t read_number(struct reader *r, uint32_t most)
{
    uint64_t value = reader_left(r) ? read_u64(r) : 0;

    r->failed = r->failed || value > most;
    return (uint32_t)value;
}

/* A time; 0: it was not said, so it is this one. */
static nanoseconds read_age(struct reader *r, nanoseconds otherwise)
{
    int64_t age = reader_left(r) ? (int64_t)read_u64(r) : 0;

    r->failed = r->failed || age < 0 || age > SOCKEYE_WAIT_MOST;
    return age ? age : otherwise;
}

static void read_snooping(struct reader *r, struct node_plan *plan)
{
    plan->snoop.is_off = read_number(r, 1) != 0;
    plan->snoop.entries = or_else(read_number(r, SNOOP_ENTRIES), SNOOP_ENTRIES);
    plan->snoop.age = read_age(r, SNOOP_AGE);
    plan->is_querier = read_number(r, 1) != 0;
    plan->querier = read_number(r, UINT32_MAX);
    r->failed = r->failed || (plan->is_querier && plan->snoop.is_off) ||
                (plan->querier && !plan->is_querier) || plan->querier >= 0xe0000000;
}

int lab_switch_open(struct lab *lab, const char *name, const uint8_t *settings, size_t length)
{
    struct node_plan plan = {.kind = NODE_SWITCH, .name = name};
    struct switch_table_settings *stations = &plan.stations;
    struct reader r = reader_of(settings, length);

    stations->age = read_age(&r, SWITCH_AGE);
    stations->stations = or_else(read_number(&r, SWITCH_STATIONS), SWITCH_STATIONS);
    stations->port_stations = or_else(read_number(&r, SWITCH_STATIONS), stations->stations);
    stations->full = read_number(&r, 1) ? SWITCH_FULL_NOT_LEARNED : SWITCH_FULL_OLDEST_GOES;
    plan.has_vlans = read_number(&r, 1) != 0;
    plan.has_tree = read_number(&r, 1) != 0;
    plan.priority = or_else(read_number(&r, PRIORITY_MOST), RSTP_PRIORITY);
    read_snooping(&r, &plan);
    if (r.failed || plan.priority % RSTP_PRIORITY_STEP != 0)
        return -EINVAL;
    if (name)
        plan.mac = lab_mac(name, "");
    return lab_node_make(lab, &plan);
}

static bool read_vlans(struct reader *r, const char *trunk, bool has_vlans, struct vlan_port *vlans)
{
    uint32_t vlan = read_number(r, VLAN_MOST);

    vlans->double_tags = (uint8_t)read_number(r, 1);
    if (!has_vlans && (vlan || trunk || vlans->double_tags))
        return false;
    if (trunk)
        return vlan_port_trunk(vlans, trunk, (uint16_t)vlan);
    vlan_port_access(vlans, (uint16_t)or_else(vlan, SWITCH_VLAN));
    return true;
}

/* What it says of the spanning tree is nothing to a switch that takes no part in it. */
static bool read_tree(struct reader *r, const struct switch_port *port,
                      struct rstp_port_settings *tree)
{
    uint32_t cost = read_number(r, RSTP_COST_MOST);
    uint32_t priority = read_number(r, PORT_PRIORITY_MOST);

    tree->edge = read_number(r, 1) != 0;
    tree->shared = read_number(r, 1) != 0;
    if (!port->core->has_tree)
        return !cost && !priority && !tree->edge && !tree->shared;
    tree->cost = or_else(cost, switch_port_cost(port));
    tree->priority = or_else(priority, RSTP_PORT_PRIORITY);
    return tree->priority % RSTP_PORT_PRIORITY_STEP == 0;
}

static bool read_storm(struct reader *r, struct switch_port_settings *s)
{
    uint32_t burst;

    s->storm_rate = read_number(r, STORM_RATE_MOST);
    burst = read_number(r, STORM_RATE_MOST);
    s->storm_burst = or_else(burst, s->storm_rate / 10 + 1);
    return s->storm_rate || !burst;
}

int lab_switch_port(struct lab *lab, int node, int64_t interface, const uint8_t *settings,
                    size_t length, const char *trunk)
{
    struct switch_port_settings s = {0};
    struct reader r = reader_of(settings, length);
    struct node *n = lab_node(lab, node);
    const struct switch_core *core;
    struct switch_port *port;

    if (n && n->kind != NODE_SWITCH)
        return -EOPNOTSUPP;
    if (!n || interface < 0 || interface >= n->interface_count)
        return -EINVAL;
    core = &node_switch_of_node(n)->core;
    port = node_switch_port(n, (uint32_t)interface);
    s.stations = or_else(read_number(&r, SWITCH_STATIONS), core->port_stations);
    if (!read_vlans(&r, trunk, core->has_vlans, &s.vlan) || !read_tree(&r, port, &s.tree) ||
        !read_storm(&r, &s) || r.failed)
        return -EINVAL;
    switch_port_set(port, &s, lab->now);
    return 0;
}

/* An interface of a host beside the one that stands at the wire. */
int lab_vlan_open(struct lab *lab, int host, int64_t interface, int64_t vlan, const char *name)
{
    struct host *h = lab_host(lab, host);
    struct node_interface_plan plan = {.name = name};
    const struct host_interface *base;

    if (!h)
        return lab_no_host(lab, host);
    if (!lab_is_name(name) || interface < 1 || interface >= h->node.interface_count || vlan < 1 ||
        vlan > VLAN_MOST)
        return -EINVAL;
    base = host_interface(h, (uint32_t)interface);
    if (lab->wire[base->common.wire]->bare || base->link.vlan)
        return -EINVAL;
    plan.name_length = strlen(name);
    if (link_vlan(&base->link, (uint16_t)vlan) ||
        node_interface_find(&h->node, name, plan.name_length) >= 0)
        return -EEXIST;
    plan.wire = lab->wire[base->common.wire];
    plan.end = base->common.end;
    plan.mac = base->link.mac;
    plan.base = (uint32_t)interface;
    plan.vlan = (uint32_t)vlan;
    return node_interface_open(&h->node, &lab->pools, &plan);
}
