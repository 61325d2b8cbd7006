/* SPDX-License-Identifier: MIT */
/*
 * What is told unasked (RFC 3549 2.2, groups): each change of the host's links, addresses, routes
 * and neighbours, of whoever's making, to the sockets that are members of its group. Layers note
 * them (base/changes.h) while somebody listens; they are told when the entry of the lab ends. A
 * socket that has no room for one is told ENOBUFS, once, as on Linux: it has lost something.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "sockeye/event.h"

static uint32_t prefix_of(const struct changes_entry *c)
{
    return address_is_mapped(c->address) ? c->bits - 96 : c->bits;
}

static nanoseconds left(nanoseconds until, nanoseconds now)
{
    return until == NEVER ? NEVER : time_later(until - now, 0);
}

static uint32_t group_of(const struct changes_entry *c)
{
    bool is_4 = address_is_mapped(c->address);

    switch ((enum changes_kind)c->kind) {
    case CHANGES_ADDRESS:
        return is_4 ? RTNLGRP_IPV4_IFADDR : RTNLGRP_IPV6_IFADDR;
    case CHANGES_ROUTE:
        return is_4 ? RTNLGRP_IPV4_ROUTE : RTNLGRP_IPV6_ROUTE;
    case CHANGES_NEIGHBOR:
        return RTNLGRP_NEIGH;
    case CHANGES_LINK:
        break;
    }
    return RTNLGRP_LINK;
}

static void put_address(struct netlink_answer *a, const struct changes_entry *c,
                        const struct manage_interface *i, nanoseconds now)
{
    const struct manage_address m = {.address = c->address,
                                     .prefix = prefix_of(c),
                                     .preferred_for = left(c->preferred_until, now),
                                     .valid_for = left(c->valid_until, now),
                                     .since = now,
                                     .temporary = c->origin == ORIGIN_TEMPORARY,
                                     .by_router = c->origin == ORIGIN_RA,
                                     .is_link_local = c->origin == ORIGIN_LINK_LOCAL,
                                     .tentative = c->state == ADDRESS_TENTATIVE,
                                     .optimistic = c->state == ADDRESS_OPTIMISTIC,
                                     .deprecated = c->state == ADDRESS_DEPRECATED,
                                     .duplicate = c->state == ADDRESS_DUPLICATED};

    netlink_address_put(a, c->is_gone ? RTM_DELADDR : RTM_NEWADDR, c->interface, i->name, &m);
}

static void put_route(struct netlink_answer *a, const struct changes_entry *c, nanoseconds now)
{
    const struct manage_route r = {.dest = c->address,
                                   .gateway = c->gateway,
                                   .source = c->source,
                                   .prefix = prefix_of(c),
                                   .metric = c->metric,
                                   .mtu = c->mtu,
                                   .interface = c->interface,
                                   .kind = c->route_kind,
                                   .preference = c->preference,
                                   .protocol = c->protocol,
                                   .by_router = c->origin == ORIGIN_RA,
                                   .by_address = c->origin == ORIGIN_KERNEL,
                                   .expires_in = left(c->valid_until, now)};

    netlink_route_put(a, c->is_gone ? RTM_DELROUTE : RTM_NEWROUTE, &r, now);
}

static void put_neighbor(struct netlink_answer *a, const struct changes_entry *c)
{
    struct manage_neighbor n = {
        .address = c->address, .state = c->state, .is_permanent = c->is_permanent};

    memcpy(n.mac, c->mac, sizeof n.mac);
    netlink_neighbor_put(a, c->is_gone ? RTM_DELNEIGH : RTM_NEWNEIGH, c->interface, &n);
}

static void tell(struct netlink_end *e, const struct changes_entry *c, nanoseconds now)
{
    static const struct netlink_request nobodys;
    struct netlink_answer a = {.end = e, .request = &nobodys, .is_news = true};
    struct manage_interface i;

    (void)manage_interface(e->netlink->host, c->interface, &i);
    if (c->kind == CHANGES_LINK)
        netlink_link_put(&a, c->interface, 0, &i);
    else if (c->kind == CHANGES_ADDRESS)
        put_address(&a, c, &i, now);
    else if (c->kind == CHANGES_ROUTE)
        put_route(&a, c, now);
    else
        put_neighbor(&a, c);
    netlink_answer_flush(&a);
    e->has_lost |= a.full;
}

void netlink_tell(struct netlink *n, nanoseconds now)
{
    for (struct list_link *l = n->ends.first; l; l = l->next) {
        struct netlink_end *e = container_of(l, struct netlink_end, link);

        for (uint32_t k = 0; e->groups && k < n->changes.count; k++)
            if (e->groups >> (group_of(&n->changes.entry[k]) - 1) & 1)
                tell(e, &n->changes.entry[k], now);
        if (e->groups && n->changes.lost)
            e->has_lost = 1;
        if (e->has_lost)
            transport_end_pending(&e->end);
    }
    n->changes.count = n->changes.lost = 0;
}
