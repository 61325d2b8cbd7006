/* SPDX-License-Identifier: MIT */
/*
 * What a host's programs change of it (6-presentation/manage.h): its own links, addresses, routes
 * and neighbours, never those of another node, nor the wire that an interface is at. The order in
 * which errors are found, and their words, are Linux's.
 */
#include "6-presentation/manage.h"

#include <errno.h>
#include <string.h>

#include "3-network/ip_family.h"
#include "3-network/ip_timer.h"
#include "3-network/route.h"
#include "3-network/route_table.h"
#include "node/host.h"

enum { MTU_LEAST = 68 /* RFC 791 3.2 */ };

/* ---- links ---- */

/* Linux: the VLANs of an interface go down and up with it. */
static void up_set(struct host *h, uint32_t number, bool up, nanoseconds now)
{
    const struct link *l = &host_interface(h, number)->link;

    for (uint32_t n = 0; n < h->node.interface_count; n++) {
        const struct link *other = &host_interface(h, n)->link;
        bool is_vlan = !l->vlan && other->vlan && other->end == l->end;

        if ((n == number || is_vlan) && link_is_up(other) != up)
            ip_interface_up_set(&h->ip, n, up, now);
    }
}

int manage_link_set(struct call_host *calls, uint32_t number, const struct manage_link *link,
                    nanoseconds now, const char **why)
{
    struct host *h = host_of_calls(calls);
    struct link *l = &host_interface(h, number)->link;
    struct changes_entry *note;
    struct mac mac;
    int result = 0;

    if (link->mtu && link->mtu < MTU_LEAST) {
        *why = "mtu less than device minimum";
        return -EINVAL;
    }
    if (link->mtu > wire_mtu(l->end)) {
        *why = "mtu greater than device maximum";
        return -EINVAL;
    }
    if (link->has_mac) {
        memcpy(mac.bytes, link->mac, sizeof mac.bytes);
        result = link_mac_set(l, &mac, now);
    }
    if (result == 0 && link->mtu && link->mtu != link_mtu(l))
        result = ip_interface_mtu_set(&h->ip, number, link->mtu, now);
    if (result == 0 && link->has_up)
        up_set(h, number, link->up, now);
    note = result == 0 ? changes_add(h->node.means.changes, CHANGES_LINK) : NULL;
    if (note)
        note->interface = (uint16_t)number;
    return result;
}

/* ---- addresses ---- */

static nanoseconds end_of(nanoseconds time, nanoseconds now)
{
    return time == NEVER ? NEVER : now + time;
}

static int again(struct host *h, uint32_t number, struct ip_address *own,
                 const struct manage_address *address, nanoseconds now)
{
    ip_address_prolong(&host_interface(h, number)->ip, own, end_of(address->preferred_for, now),
                       end_of(address->valid_for, now), now);
    return 0;
}

int manage_address_put(struct call_host *calls, uint32_t number,
                       const struct manage_address *address, bool replace, nanoseconds now,
                       const char **why)
{
    struct host *h = host_of_calls(calls);
    struct ip_address *own = ip_address_find(&host_interface(h, number)->ip, address->address);
    bool is_4 = address_is_mapped(address->address);
    const struct ip_address_plan plan = {.address = address->address,
                                         .prefix = address->prefix,
                                         .origin = ORIGIN_CALL,
                                         .preferred_until = end_of(address->preferred_for, now),
                                         .valid_until = end_of(address->valid_for, now)};
    int result;

    if (own && replace && own->bits == (is_4 ? 96 : 0) + address->prefix)
        return again(h, number, own, address, now);
    result = ip_address_assign(&h->ip, number, &plan, now);
    if (result == -EEXIST)
        *why = is_4 ? "ipv4: Address already assigned" : "ipv6: address already assigned";
    return result == -ENOSPC ? -ENOBUFS : result;
}

/* With the first IPv4 address of a network its others go, as Linux's promote_secondaries 0. */
int manage_address_remove(struct call_host *calls, uint32_t number, struct address address,
                          nanoseconds now)
{
    struct host *h = host_of_calls(calls);
    struct ip_interface *i = &host_interface(h, number)->ip;
    const struct ip_address *own = ip_address_find(i, address);
    uint32_t bits = own ? own->bits : 0;
    struct manage_address m;
    bool is_first;

    for (uint32_t k = 0; manage_address(calls, number, k, now, &m); k++)
        if (address_equal(m.address, address))
            break;
    is_first = own && address_is_mapped(address) && !m.is_secondary;
    if (!own)
        return -EADDRNOTAVAIL;
    (void)ip_address_remove(&h->ip, number, address, now);
    for (uint32_t k = i->address_count; is_first && k-- > 0;)
        if (i->address[k].bits == bits && address_matches(i->address[k].address, address, bits))
            (void)ip_address_remove(&h->ip, number, i->address[k].address, now);
    return 0;
}

/* ---- routes ---- */

static struct route_plan plan_of(const struct manage_route *r, nanoseconds now)
{
    return (struct route_plan){.dest = r->dest,
                               .gateway = r->gateway,
                               .source = r->source,
                               .bits = r->prefix,
                               .metric = r->metric,
                               .mtu = r->mtu,
                               .interface = (uint16_t)r->interface,
                               .kind = (uint8_t)r->kind,
                               .preference = r->preference,
                               .protocol = r->protocol,
                               .origin = ORIGIN_CALL,
                               .expires = end_of(r->expires_in, now)};
}

static uint32_t bits_of(const struct manage_route *r)
{
    return r->prefix + (address_is_mapped(r->dest) ? 96 : 0);
}

/* The first to the same network of this metric. */
static struct route *first_of(const struct host *h, const struct manage_route *route)
{
    struct route *r = NULL;

    while ((r = route_table_next(&h->ip.routes, r))) {
        struct manage_route m = {.dest = r->dest,
                                 .gateway = r->gateway,
                                 .metric = r->metric,
                                 .by_address = r->origin == ORIGIN_KERNEL,
                                 .by_router = r->origin == ORIGIN_RA};

        if (r->bits == bits_of(route) && address_equal(r->dest, route->dest) &&
            manage_route_metric(&m) == manage_route_metric(route))
            return r;
    }
    return NULL;
}

/* Why the way of a route is none; 0: nothing was found. */
static int way_error(const struct host *h, const struct manage_route *r, const char **why)
{
    bool by_gateway = !address_is_unspecified(r->gateway);
    const struct route *way;

    if (r->kind != MANAGE_ROUTE_UNICAST)
        return 0;
    if (!by_gateway && r->interface == 0)
        return -ENODEV;
    if (r->interface && !route_is_usable(&h->ip, (uint16_t)r->interface)) {
        *why = "Device for nexthop is not up";
        return -ENETDOWN;
    }
    if (!by_gateway)
        return 0;
    *why = "Nexthop has invalid gateway";
    if (ip_is_own(&h->ip, r->gateway))
        return -EINVAL;
    way = route_find(&h->ip, r->gateway, (uint16_t)r->interface);
    if (!way || way->kind != ROUTE_UNICAST || !address_is_unspecified(way->gateway))
        return address_is_mapped(r->gateway) ? -ENETUNREACH : -EHOSTUNREACH;
    *why = NULL;
    return 0;
}

int manage_route_put(struct call_host *calls, const struct manage_route *route, uint32_t how,
                     nanoseconds now, const char **why)
{
    struct host *h = host_of_calls(calls);
    const struct route_plan plan = plan_of(route, now);
    struct route *there = first_of(h, route);
    int result = way_error(h, route, why);

    if (result < 0)
        return result;
    if (!address_is_unspecified(route->source) && !ip_is_own(&h->ip, route->source)) {
        *why =
            address_is_mapped(route->source) ? "Invalid prefsrc address" : "Invalid source address";
        return -EINVAL;
    }
    if (there && (how & MANAGE_ROUTE_EXCLUSIVE))
        return -EEXIST;
    if (!there && !(how & MANAGE_ROUTE_CREATE))
        return -ENOENT;
    if (there && (how & MANAGE_ROUTE_REPLACE)) {
        result = ip_route_swap(&h->ip, there, &plan, now);
        return result == -ENOSPC ? -ENOBUFS : result;
    }
    result = ip_route_new(&h->ip, &plan, now);
    return result == -ENOSPC ? -ENOBUFS : result;
}

static bool is_match(const struct route *r, const struct manage_route_match *match)
{
    const struct manage_route *m = &match->route;
    struct manage_route own = {.dest = r->dest,
                               .gateway = r->gateway,
                               .metric = r->metric,
                               .by_address = r->origin == ORIGIN_KERNEL,
                               .by_router = r->origin == ORIGIN_RA};

    return r->bits == bits_of(m) && address_equal(r->dest, m->dest) &&
           (!match->has_gateway || address_equal(r->gateway, m->gateway)) &&
           (!match->has_interface || r->kind != ROUTE_UNICAST || r->interface == m->interface) &&
           (!match->has_metric || manage_route_metric(&own) == m->metric) &&
           (!match->has_kind || r->kind == m->kind) &&
           (!match->has_protocol || r->protocol == m->protocol);
}

int manage_route_remove(struct call_host *calls, const struct manage_route_match *match,
                        nanoseconds now)
{
    struct host *h = host_of_calls(calls);
    struct route *r = NULL;

    while ((r = route_table_next(&h->ip.routes, r)))
        if (is_match(r, match))
            break;
    if (!r)
        return -ESRCH;
    route_drop(&h->ip, r, CHANGE_REMOVED, now);
    ip_timer_rearm(&h->ip);
    return 0;
}

/* ---- neighbours ---- */

int manage_neighbor_put(struct call_host *calls, uint32_t number,
                        const struct manage_neighbor *neighbor, nanoseconds now)
{
    struct host *h = host_of_calls(calls);
    struct link_neighbor_plan plan = {.address = neighbor->address,
                                      .is_permanent = neighbor->is_permanent,
                                      .is_stale = neighbor->state == MANAGE_NEIGHBOR_STALE};

    if (!route_is_one_station(&h->ip, neighbor->address) || ip_is_own(&h->ip, neighbor->address))
        return -EINVAL;
    if (!link_is_up(&host_interface(h, number)->link))
        return -EINVAL;
    memcpy(plan.mac.bytes, neighbor->mac, sizeof plan.mac.bytes);
    return link_neighbor_put(&host_interface(h, number)->link, &plan, now);
}

int manage_neighbor_remove(struct call_host *calls, uint32_t number, struct address address,
                           nanoseconds now)
{
    return link_neighbor_remove(&host_interface(host_of_calls(calls), number)->link, address, now);
}
