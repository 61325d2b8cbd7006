/* SPDX-License-Identifier: MIT */
/*
 * The union of all kinds of machine: which code stands behind each small number in the state. One
 * set of tables a program; a machine leaves a protocol out by not attaching its struct. The seams
 * of layer 6 for names that other layers own are here too.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "5-session/session.h"
#include "base/compiler.h"
#include "node/host.h"
#include "node/hub.h"
#include "node/partition.h"
#include "node/switch.h"

const struct wire_upper_code wire_upper_codes[] = {
    [NODE_WIRE_LINK] = {.receive = link_receive, .refuses = partition_refuses},
    [NODE_WIRE_HUB] = {.receive = hub_receive},
    [NODE_WIRE_SWITCH] = {.receive = switch_receive, .signal = switch_signal},
};

const struct link_upper_code link_upper_codes[] = {
    [HOST_LINK_IP] = {.ethertype = 0x0800,
                      .receive = ip4_receive,
                      .unreachable = ip4_receive_unreachable,
                      .failed = ip4_receive_failed},
    [HOST_LINK_IP6] = {.ethertype = 0x86dd,
                       .receive = ip6_receive,
                       .unreachable = ip6_receive_unreachable,
                       .ask = ndp_ask,
                       .failed = ndp_failed},
};
const uint32_t link_upper_code_count = HOST_LINK_CODES;

const struct ip_upper_code ip_upper_codes[] = {
    [HOST_IP_TCP] = {.protocol = IP_PROTOCOL_TCP,
                     .receive = tcp_receive,
                     .error = tcp_receive_error},
    [HOST_IP_UDP] = {.protocol = IP_PROTOCOL_UDP,
                     .receive = udp_receive_datagram,
                     .error = udp_receive_error},
    [HOST_IP_PING] = {.protocol = IP_PROTOCOL_ICMP,
                      .receive = ping_receive_message,
                      .error = ping_receive_error},
    [HOST_IP_PING_6] = {.protocol = IP_PROTOCOL_ICMPV6,
                        .receive = ping_receive_message_6,
                        .error = ping_receive_error_6},
};
const uint32_t ip_upper_code_count = HOST_IP_CODES;

const struct transport_upper_code transport_upper_codes[] = {
    [HOST_TRANSPORT_SESSION] = {.told = session_ready_told},
};

static void (*const timers[])(struct timer *timer, nanoseconds now) = {
    [TIMER_LINK] = link_timer,
    [TIMER_NEIGHBOR] = link_neighbor_timer,
    [TIMER_NDP] = ndp_timer,
    [TIMER_IP] = ip_timer,
    [TIMER_TCP] = tcp_timeout_due,
    [TIMER_TCP_HALF] = tcp_listen_timer_due,
    [TIMER_SWITCH_AGING] = switch_aging_timer,
    [TIMER_SWITCH_TREE] = switch_tree_timer,
};

void node_timer(struct timer *timer, nanoseconds now)
{
    ensure(timer->code < sizeof timers / sizeof *timers && timers[timer->code]);
    timers[timer->code](timer, now);
}

static const struct node *node_of(const struct call_host *calls)
{
    return &container_of(calls, const struct host, calls)->node;
}

_Static_assert((int)NODE_NAME_BYTES <= (int)CALL_INTERFACE_NAME_BYTES, "room for any name");

int manage_interface_by_name(const struct call_host *calls, const char *name, size_t length)
{
    return node_interface_find(node_of(calls), name, length);
}

int manage_interface_name(const struct call_host *calls, uint32_t number,
                          char name[CALL_INTERFACE_NAME_BYTES])
{
    const struct node *n = node_of(calls);

    if (number >= n->interface_count)
        return -ENODEV;
    memcpy(name, n->interface[number]->name, NODE_NAME_BYTES);
    return (int)n->interface[number]->name_length;
}

bool manage_interface(const struct call_host *calls, uint32_t number,
                      struct manage_interface *interface)
{
    const struct node *n = node_of(calls);
    const struct host *h = container_of(n, const struct host, node);
    const struct link *l;

    if (number >= n->interface_count)
        return false;
    l = &host_interface(h, number)->link;
    memset(interface, 0, sizeof *interface);
    memcpy(interface->name, n->interface[number]->name, NODE_NAME_BYTES);
    memcpy(interface->mac, &l->mac, sizeof interface->mac);
    interface->mtu = ip_interface_mtu(&h->ip, (uint16_t)number);
    interface->is_loopback = number == 0;
    interface->is_ethernet = l->kind == LINK_ETHERNET;
    return true;
}

/* Of an address's own bits. */
static uint32_t prefix_of(struct address a, uint32_t bits)
{
    return address_is_mapped(a) ? bits - 96 : bits;
}

static nanoseconds left(nanoseconds until, nanoseconds now)
{
    return until == NEVER ? NEVER : time_later(until - now, 0);
}

bool manage_address(const struct call_host *calls, uint32_t number, uint32_t i, nanoseconds now,
                    struct manage_address *address)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct ip_interface *interface = &host_interface(h, number)->ip;
    const struct ip_address *a = &interface->address[i];

    if (i >= interface->address_count)
        return false;
    memset(address, 0, sizeof *address);
    address->address = a->address;
    address->prefix = prefix_of(a->address, a->bits);
    address->preferred_for = left(a->preferred_until, now);
    address->valid_for = left(a->valid_until, now);
    address->configured = a->origin == ORIGIN_CONFIGURED || a->origin == ORIGIN_LINK_LOCAL;
    address->temporary = a->origin == ORIGIN_TEMPORARY;
    address->tentative = a->state == ADDRESS_TENTATIVE;
    address->optimistic = a->state == ADDRESS_OPTIMISTIC;
    address->deprecated = a->state == ADDRESS_DEPRECATED;
    address->duplicate = a->state == ADDRESS_DUPLICATED;
    return true;
}

bool manage_route(const struct call_host *calls, const void **at, struct manage_route *route)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct route *r = route_table_next(&h->ip.routes, *at);

    *at = r;
    if (!r)
        return false;
    memset(route, 0, sizeof *route);
    route->dest = r->dest;
    route->gateway = r->gateway;
    route->prefix = prefix_of(r->dest, r->bits);
    route->metric = r->metric;
    route->interface = r->interface;
    _Static_assert((int)ROUTE_PROHIBIT == (int)MANAGE_ROUTE_PROHIBIT, "the same kinds");
    route->kind = r->kind;
    route->by_router = r->origin == ORIGIN_RA;
    route->by_address = r->origin == ORIGIN_KERNEL;
    return true;
}

int manage_congestion_by_name(const struct call_host *calls, const char *name, size_t length)
{
    (void)calls;
    return tcp_cc_kind_of(name, length);
}

int manage_congestion_name(const struct call_host *calls, uint32_t kind,
                           char name[CALL_CONGESTION_NAME_BYTES])
{
    const char *text = tcp_cc_name(kind);
    size_t n = 0;

    (void)calls;
    if (!text)
        return -ENOENT;
    memset(name, 0, CALL_CONGESTION_NAME_BYTES);
    for (; n < CALL_CONGESTION_NAME_BYTES - 1 && text[n]; n++)
        name[n] = text[n];
    return 0;
}
