/* SPDX-License-Identifier: MIT */
/* RFC 1122 3.2.2.2. Theory in redirect4.h. */
#include "3-network/ip4/redirect4.h"

#include "3-network/route.h"
#include "base/compiler.h"

enum { CODES = 4 };

static bool has_room(const struct ip *ip)
{
    uint32_t n = 0;

    for (const struct list_link *l = ip->routes.ending.first; l; l = l->next)
        n += container_of(l, const struct route, ending)->origin == ORIGIN_REDIRECT;
    return n < REDIRECT4_ROUTES;
}

/* To one host there is one redirect, the latest: an older one would stand before it in the table.
 * @return is there room for another? */
static bool make_room(struct ip *ip, const struct route *way, nanoseconds now)
{
    const struct route_plan plan = {
        .dest = way->dest, .gateway = way->gateway, .bits = way->bits, .interface = way->interface};

    if (way->origin != ORIGIN_REDIRECT)
        return has_room(ip);
    route_drop(ip, route_table_same(&ip->routes, &plan), CHANGE_REMOVED, now);
    return true;
}

/* RFC 1122 3.2.2.2: of a datagram of ours, from the first hop that it has now, to another station
 * of the same wire. All codes are taken for one host's: RFC 1122 allows no more of networks. */
bool redirect4_receive(struct ip *ip, const struct ip_meta *meta, const struct icmp4_header *h,
                       struct reader *r, nanoseconds now)
{
    struct address dest, gateway = address_from_ip4(h->rest);
    const struct route *way, *on_link = route_find(ip, gateway, meta->interface);
    struct route_plan plan = {.interface = meta->interface,
                              .bits = 128,
                              .preference = ROUTE_MEDIUM,
                              .origin = ORIGIN_REDIRECT,
                              .expires = now + REDIRECT4_TIME};
    struct ip4_header quoted;

    if (!ip->settings.accept_redirects || ip->settings.forwarding[0] || meta->broadcast ||
        h->code >= CODES || !ip4_header_read_quoted(r, &quoted) ||
        !ip_is_own(ip, address_from_ip4(quoted.source)))
        return false;
    dest = address_from_ip4(quoted.dest);
    way = route_find(ip, dest, meta->interface);
    if (!way || way->kind != ROUTE_UNICAST || !address_equal(way->gateway, meta->source))
        return false;
    if (!on_link || on_link->kind != ROUTE_UNICAST || !address_is_unspecified(on_link->gateway) ||
        !route_is_one_station(ip, gateway) || ip_is_own(ip, gateway) || !make_room(ip, way, now))
        return false;
    plan.dest = dest;
    if (!address_equal(gateway, dest)) /* else he is on this wire himself */
        plan.gateway = gateway;
    return route_put(ip, &plan, now) >= 0;
}
