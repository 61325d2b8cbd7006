/* SPDX-License-Identifier: MIT */
/*
 * What a host's programs are told of it (6-presentation/manage.h), and the seams of layer 6 for
 * names that other layers own. Nothing here changes anything: that is manage_change.c's.
 */
#include "6-presentation/manage.h"

#include <errno.h>
#include <string.h>

#include "2-link/neighbor.h"
#include "3-network/route.h"
#include "3-network/route_table.h"
#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/compiler.h"
#include "node/host.h"

static const struct host *host_of(const struct call_host *calls)
{
    return container_of(calls, const struct host, calls);
}

_Static_assert((int)NODE_NAME_BYTES <= (int)CALL_INTERFACE_NAME_BYTES, "room for any name");

int manage_interface_by_name(const struct call_host *calls, const char *name, size_t length)
{
    return node_interface_find(&host_of(calls)->node, name, length);
}

int manage_interface_name(const struct call_host *calls, uint32_t number,
                          char name[CALL_INTERFACE_NAME_BYTES])
{
    const struct node *n = &host_of(calls)->node;

    if (number >= n->interface_count)
        return -ENODEV;
    memcpy(name, n->interface[number]->name, NODE_NAME_BYTES);
    return (int)n->interface[number]->name_length;
}

/* Whose wire a VLAN shares: the interface without a tag that has it. */
static uint32_t base_of(const struct host *h, const struct link *l)
{
    for (uint32_t n = 0; n < h->node.interface_count; n++) {
        const struct link *other = &host_interface(h, n)->link;

        if (other->end == l->end && !other->vlan)
            return n;
    }
    return 0;
}

bool manage_interface(const struct call_host *calls, uint32_t number,
                      struct manage_interface *interface)
{
    const struct host *h = host_of(calls);
    const struct node *n = &h->node;
    const struct link *l;

    memset(interface, 0, sizeof *interface);
    if (number >= n->interface_count)
        return false;
    l = &host_interface(h, number)->link;
    memcpy(interface->name, n->interface[number]->name, NODE_NAME_BYTES);
    memcpy(interface->mac, &l->mac, sizeof interface->mac);
    interface->vlan = l->vlan;
    interface->base = l->vlan ? base_of(h, l) : 0;
    interface->mtu = link_mtu(l);
    interface->most_mtu = wire_mtu(l->end);
    interface->is_loopback = number == 0;
    interface->is_ethernet = l->kind == LINK_ETHERNET;
    interface->is_down = !link_is_up(l);
    interface->has_ipv6 = host_interface(h, number)->ip.speaks_ip6;
    interface->address_mode = (uint8_t)h->ip.settings.ndp.addr_gen_mode;
    interface->received_packets = l->received_packets;
    interface->received_bytes = l->received_bytes;
    interface->sent_packets = l->sent_packets;
    interface->sent_bytes = l->sent_bytes;
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

static bool is_secondary(const struct ip_interface *interface, uint32_t i)
{
    const struct ip_address *a = &interface->address[i];

    for (uint32_t k = 0; address_is_mapped(a->address) && k < i; k++)
        if (interface->address[k].bits == a->bits &&
            address_matches(interface->address[k].address, a->address, a->bits))
            return true;
    return false;
}

bool manage_address(const struct call_host *calls, uint32_t number, uint32_t i, nanoseconds now,
                    struct manage_address *address)
{
    const struct ip_interface *interface = &host_interface(host_of(calls), number)->ip;
    const struct ip_address *a = &interface->address[i];

    if (i >= interface->address_count)
        return false;
    memset(address, 0, sizeof *address);
    address->address = a->address;
    address->prefix = prefix_of(a->address, a->bits);
    address->preferred_for = left(a->preferred_until, now);
    address->valid_for = left(a->valid_until, now);
    address->since = a->since;
    address->configured = a->origin == ORIGIN_CONFIGURED || a->origin == ORIGIN_LINK_LOCAL;
    address->is_link_local = a->origin == ORIGIN_LINK_LOCAL;
    address->by_router = a->origin == ORIGIN_RA;
    address->temporary = a->origin == ORIGIN_TEMPORARY;
    address->tentative = a->state == ADDRESS_TENTATIVE;
    address->optimistic = a->state == ADDRESS_OPTIMISTIC;
    address->deprecated = a->state == ADDRESS_DEPRECATED;
    address->duplicate = a->state == ADDRESS_DUPLICATED;
    address->is_secondary = is_secondary(interface, i);
    return true;
}

static bool tell_route(const struct route *r, nanoseconds now, const void **at,
                       struct manage_route *route)
{
    *at = r;
    if (!r)
        return false;
    memset(route, 0, sizeof *route);
    route->dest = r->dest;
    route->gateway = r->gateway;
    route->source = r->source;
    route->prefix = prefix_of(r->dest, r->bits);
    route->metric = r->metric;
    route->mtu = r->mtu;
    route->interface = r->interface;
    _Static_assert((int)ROUTE_PROHIBIT == (int)MANAGE_ROUTE_PROHIBIT, "the same kinds");
    route->kind = r->kind;
    _Static_assert((int)ROUTE_LOW == (int)MANAGE_ROUTE_LOW, "the same preferences");
    route->preference = r->preference;
    route->protocol = r->protocol;
    route->by_router = r->origin == ORIGIN_RA;
    route->by_address = r->origin == ORIGIN_KERNEL;
    route->expires_in = left(r->expires, now);
    return true;
}

bool manage_route(const struct call_host *calls, const void **at, nanoseconds now,
                  struct manage_route *route)
{
    return tell_route(route_table_next(&host_of(calls)->ip.routes, *at), now, at, route);
}

bool manage_route_inner_first(const struct call_host *calls, const void **at, nanoseconds now,
                              struct manage_route *route)
{
    return tell_route(route_table_next_inner_first(&host_of(calls)->ip.routes, *at), now, at,
                      route);
}

int manage_way(const struct call_host *calls, struct address dest, struct address source,
               uint32_t interface, nanoseconds now, struct manage_way *way)
{
    const struct host *h = host_of(calls);
    const struct route *r;
    struct ip_path path;
    const void *at;
    int result;

    memset(way, 0, sizeof *way);
    if (interface >= h->node.interface_count)
        return -ENODEV;
    result = ip_path_find(&h->ip, dest, source, (uint16_t)interface, now, &path);
    if (result < 0)
        return result;
    r = path.local ? NULL : route_find(&h->ip, path.dest, (uint16_t)interface);
    way->has_route = tell_route(r, now, &at, &way->route);
    way->dest = path.dest;
    way->source = path.source;
    if (r && !address_is_unspecified(r->gateway))
        way->gateway = r->gateway;
    way->interface = path.interface;
    way->mtu = path.mtu;
    way->is_local = path.local;
    way->is_group = path.group;
    way->is_broadcast = path.broadcast;
    return 0;
}

bool manage_neighbor(const struct call_host *calls, uint32_t number, const void **at,
                     nanoseconds now, struct manage_neighbor *neighbor)
{
    const struct link *l = &host_interface(host_of(calls), number)->link;
    const struct neighbor *n = *at;
    const struct list_link *next = n ? n->order.next : l->neighbor_order.first;

    if (!next)
        return false;
    n = container_of(next, struct neighbor, order);
    *at = n;
    memset(neighbor, 0, sizeof *neighbor);
    neighbor->address = n->address;
    neighbor->since = now - n->since;
    neighbor->confirmed = now - n->confirmed;
    memcpy(neighbor->mac, n->mac.bytes, sizeof neighbor->mac);
    _Static_assert((int)NEIGHBOR_FAILED == (int)MANAGE_NEIGHBOR_FAILED, "the same states");
    neighbor->state = n->state;
    neighbor->probes = n->tries;
    neighbor->is_permanent = n->is_permanent != 0;
    neighbor->is_router = n->is_router != 0;
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
