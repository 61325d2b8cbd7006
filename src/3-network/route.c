/* SPDX-License-Identifier: MIT */
/*
 * Routes and paths (RFC 1122 3.3.1, 3.3.4, 3.3.6). A path is found once and kept by its user until
 * `generation` moves on.
 * The weak host model: an own address is own on every interface, as in Linux.
 */
#include "3-network/route.h"

#include <errno.h>
#include <string.h>

#include "3-network/ip_family.h"
#include "3-network/path_mtu.h"
#include "base/integer.h"

bool route_is_usable(const struct ip *ip, uint16_t interface)
{
    return interface < ip->interface_count && link_is_up(ip->interface[interface]->link);
}

static void note_change(const struct ip *ip, const struct route *r, bool is_gone)
{
    struct changes_entry *e = changes_add(ip->means->changes, CHANGES_ROUTE);

    if (!e)
        return;
    e->is_gone = is_gone;
    e->origin = r->origin;
    e->interface = r->interface;
    e->route_kind = r->kind;
    e->preference = r->preference;
    e->protocol = r->protocol;
    e->bits = r->bits;
    e->metric = r->metric;
    e->mtu = r->mtu;
    e->address = r->dest;
    e->gateway = r->gateway;
    e->source = r->source;
    e->valid_until = r->expires;
}

/* Of what the lab's author wrote nobody need be told by an event. */
static void tell(const struct ip *ip, const struct route *r, enum change change, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(r->dest);
    struct sockeye_event *e;

    if (ip->means->changes)
        note_change(ip, r, change == CHANGE_REMOVED || change == CHANGE_EXPIRED);
    if (r->origin == ORIGIN_CONFIGURED || r->origin == ORIGIN_KERNEL)
        return;
    e = event_begin(&ip->means->voice, EVENT_ROUTE, now);
    if (!e)
        return;
    e->route.prefix.address = r->dest;
    e->route.prefix.length = r->bits - (family ? family->network_bits : 0);
    e->route.gateway = r->gateway;
    e->route.metric = r->metric;
    e->route.interface = r->interface;
    e->route.change = (uint8_t)change;
    e->route.origin = r->origin;
}

/* What may differ between two routes by the same way; false: nothing does. */
static bool renew(struct ip *ip, struct route *r, const struct route_plan *plan)
{
    /* its metric is another, if at all, in name alone: nobody gave it, or the same was given */
    bool differs = r->mtu != plan->mtu || r->origin != plan->origin ||
                   r->protocol != plan->protocol || !address_equal(r->source, plan->source);

    r->mtu = plan->mtu;
    r->metric = plan->metric;
    r->origin = plan->origin;
    r->protocol = plan->protocol;
    r->source = plan->source;
    route_table_prolong(&ip->routes, r, plan->expires);
    return differs;
}

static uint32_t metric_of_route(const struct route *r)
{
    return route_metric(r->metric, r->dest, r->gateway, (enum origin)r->origin);
}

static uint32_t metric_of_plan(const struct route_plan *plan)
{
    return route_metric(plan->metric, plan->dest, plan->gateway, (enum origin)plan->origin);
}

int route_put(struct ip *ip, const struct route_plan *plan, nanoseconds now)
{
    struct route *r = route_table_same(&ip->routes, plan);
    bool was_there = r != NULL;
    nanoseconds since = r ? r->since : now;

    /* another place among those of its prefix */
    if (r && (metric_of_route(r) != metric_of_plan(plan) || r->preference != plan->preference)) {
        route_table_remove(&ip->routes, r);
        r = NULL;
    }
    if (r) {
        if (!renew(ip, r, plan))
            return 1;
    } else {
        r = route_table_add(&ip->routes, plan, since);
        if (!r)
            return -ENOSPC;
    }
    ip->generation++;
    tell(ip, r, was_there ? CHANGE_CHANGED : CHANGE_ADDED, now);
    return was_there;
}

void route_swap(struct ip *ip, struct route *r, const struct route_plan *plan, nanoseconds now)
{
    r->gateway = plan->gateway;
    r->interface = plan->interface;
    r->kind = plan->kind;
    r->since = now;
    r->failed_at = 0;
    (void)renew(ip, r, plan);
    ip->generation++;
    tell(ip, r, CHANGE_CHANGED, now);
}

void route_drop(struct ip *ip, struct route *r, enum change change, nanoseconds now)
{
    tell(ip, r, change, now);
    route_table_remove(&ip->routes, r);
    ip->generation++;
}

static struct route_plan connected(struct address a, uint32_t bits, uint16_t interface)
{
    return (struct route_plan){.dest = a,
                               .bits = bits,
                               .interface = interface,
                               .preference = ROUTE_MEDIUM,
                               .origin = ORIGIN_KERNEL,
                               .expires = NEVER};
}

int route_connect(struct ip *ip, struct address a, uint32_t bits, uint16_t interface,
                  nanoseconds now)
{
    const struct route_plan plan = connected(a, bits, interface);

    return route_table_same(&ip->routes, &plan) ? 0 : route_put(ip, &plan, now);
}

void route_disconnect(struct ip *ip, struct address a, uint32_t bits, uint16_t interface,
                      nanoseconds now)
{
    const struct route_plan plan = connected(a, bits, interface);
    struct route *r = route_table_same(&ip->routes, &plan);

    if (r && r->origin == ORIGIN_KERNEL)
        route_drop(ip, r, CHANGE_REMOVED, now);
}

void route_expire(struct ip *ip, nanoseconds now)
{
    struct route *r;

    while ((r = route_table_ended(&ip->routes, now)))
        route_drop(ip, r, CHANGE_EXPIRED, now);
}

static bool is_way(const struct ip *ip, const struct route *r, uint16_t interface)
{
    return r->kind != ROUTE_UNICAST || ((interface == 0 || r->interface == interface) &&
                                        r->interface != 0 && route_is_usable(ip, r->interface));
}

/* RFC 1122 3.3.1.4, 3.3.1.5: of the routes of a prefix the preferred one whose gateway answers, or,
 * if none does, the one that failed longest ago, so that each is tried again in its turn. */
static const struct route *of_prefix(const struct ip *ip, const struct route_node *n,
                                     uint16_t interface)
{
    const struct route *best = NULL;

    for (const struct route *r = n->route; r; r = r->next)
        if (is_way(ip, r, interface) && (!best || r->failed_at < best->failed_at))
            best = r;
    return best;
}

/* RFC 1122 3.3.1.1, 3.3.1.2: on a network of ours, or by a gateway; the longest prefix wins. A
 * default route of the whole space is none of a family that has a part of it. */
const struct route *route_find(const struct ip *ip, struct address dest, uint16_t interface)
{
    const struct ip_family *family = ip_family_of(dest);
    const struct route_node *n = route_table_covering(&ip->routes, dest);
    const struct route *r = NULL;

    for (; !r && n && family && n->bits >= family->network_bits; n = route_table_wider(n))
        r = of_prefix(ip, n, interface);
    return r;
}

void route_failed(struct ip *ip, struct address gateway, uint16_t interface, nanoseconds now)
{
    struct route *r = route_table_next(&ip->routes, NULL), *next;

    for (; r; r = next) {
        bool is_direct = address_is_unspecified(r->gateway);

        next = route_table_next(&ip->routes, r);
        if (r->interface != interface ||
            !address_equal(is_direct && r->origin == ORIGIN_REDIRECT ? r->dest : r->gateway,
                           gateway))
            continue;
        if (r->origin == ORIGIN_REDIRECT) {
            route_drop(ip, r, CHANGE_REMOVED, now);
            continue;
        }
        r->failed_at = now;
        if (r->node->route->next) /* there is another */
            ip->generation++;
    }
}

bool route_is_interface_own(const struct ip_interface *i, struct address a)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (address_equal(i->address[k].address, a))
            return ip_address_is_usable(&i->address[k]);
    return false;
}

bool route_is_subnet_broadcast(const struct ip_interface *i, struct address a)
{
    const struct ip_family *family = ip_family_of(a);

    for (uint32_t k = 0; family && k < i->address_count; k++)
        if (family->is_broadcast(a, i->address[k].address, i->address[k].bits))
            return true;
    return false;
}

bool ip_is_own(const struct ip *ip, struct address a)
{
    if (address_is_loopback(a))
        return true;
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (route_is_interface_own(ip->interface[n], a))
            return true;
    return false;
}

bool ip_is_broadcast(const struct ip *ip, struct address a)
{
    if (address_is_limited_broadcast(a) || address_is_multicast(a))
        return true;
    for (uint32_t n = 1; n < ip->interface_count; n++)
        if (route_is_subnet_broadcast(ip->interface[n], a))
            return true;
    return false;
}

bool ip_can_bind(const struct ip *ip, struct address a)
{
    return address_is_unspecified(a) || ip_is_own(ip, a) || ip_is_broadcast(ip, a);
}

bool route_is_one_station(const struct ip *ip, struct address a)
{
    const struct ip_family *family = ip_family_of(a);

    return family && family->is_station(a) &&
           (!address_is_mapped(a) || !ip_is_broadcast(ip, a)); /* IPv6 has none */
}

/* The first address of an interface that is of the same family as `like`. */
static bool first_address(const struct ip_interface *i, struct address like, struct address *first)
{
    const struct ip_family *family = ip_family_of(like);

    for (uint32_t k = 0; k < i->address_count; k++) {
        if (ip_address_is_usable(&i->address[k]) && ip_family_of(i->address[k].address) == family) {
            *first = i->address[k].address;
            return true;
        }
    }
    return false;
}

/* RFC 1122 3.3.4.3: an address on the next hop's network; else one of that interface; else any. */
static bool source_choose(const struct ip *ip, struct ip_path *path)
{
    const struct ip_family *family = ip_family_of(path->dest);
    const struct ip_interface *i = ip->interface[path->interface];

    if (family && family->choose_source)
        return family->choose_source(ip, path);
    for (uint32_t k = 0; k < i->address_count; k++) {
        if (ip_address_is_usable(&i->address[k]) &&
            address_matches(path->next_hop, i->address[k].address, i->address[k].bits)) {
            path->source = i->address[k].address;
            return true;
        }
    }
    for (uint32_t n = 0; n < ip->interface_count; n++) {
        /* the path's own interface first, the loopback never */
        const struct ip_interface *other = n == 0 ? i : ip->interface[n == path->interface ? 0 : n];

        if (other->number != 0 && first_address(other, path->dest, &path->source))
            return true;
    }
    return false;
}

/* An interface for a broadcast or group address: that of the source, else of the route to it. There
 * may be none: RFC 1122 3.3.6 leaves it open, and Linux guesses none either. */
static uint16_t interface_choose(const struct ip *ip, const struct ip_path *path)
{
    const struct route *r;
    struct address any;

    for (uint16_t n = 1; n < ip->interface_count; n++)
        if (route_is_usable(ip, n) && route_is_interface_own(ip->interface[n], path->source))
            return n;
    r = route_find(ip, path->dest, 0);
    if (r)
        return r->interface;
    for (uint16_t n = 1; ip_family_rows[path->family].groups_anywhere && n < ip->interface_count;
         n++)
        if (first_address(ip->interface[n], path->dest, &any))
            return n;
    return 0;
}

static int local_path(const struct ip *ip, struct ip_path *path)
{
    if (!route_is_usable(ip, 0))
        return -ENETUNREACH;
    path->interface = 0;
    path->local = 1;
    path->next_hop = path->dest;
    if (!address_is_unspecified(path->source))
        return 0;
    path->source = path->dest;
    if (address_is_loopback(path->dest))
        (void)first_address(ip->interface[0], path->dest, &path->source);
    return 0;
}

/* As Linux answers who sends there from this host (ip-route(8)). */
static int policy_error(const struct route *r)
{
    static const int errors[ROUTE_KINDS] = {[ROUTE_BLACKHOLE] = -EINVAL,
                                            [ROUTE_UNREACHABLE] = -EHOSTUNREACH,
                                            [ROUTE_PROHIBIT] = -EACCES};

    return errors[r->kind];
}

/* RFC 1122 3.3.1.1: to whom on the wire. Sets path->mtu to that of the route. Who names an
 * interface knows what is on its wire, even where no route says so: that is Linux's reading. */
static int remote_path(const struct ip *ip, struct ip_path *path)
{
    bool everyone = address_is_limited_broadcast(path->dest);
    const struct route *r;

    path->group = address_is_multicast(path->dest);
    if (everyone || path->group) {
        path->interface = path->wanted ? path->wanted : interface_choose(ip, path);
        path->next_hop = path->dest;
        path->broadcast = everyone;
        if (path->interface == 0 || !route_is_usable(ip, path->interface))
            return -ENETUNREACH;
    } else {
        r = route_find(ip, path->dest, path->wanted);
        if (!r && (path->wanted == 0 || !route_is_usable(ip, path->wanted)))
            return -ENETUNREACH;
        if (r && r->kind != ROUTE_UNICAST)
            return policy_error(r);
        path->mtu = r ? r->mtu : 0;
        if (r && address_is_unspecified(path->source) && ip_is_own(ip, r->source))
            path->source = r->source;
        path->interface = r ? r->interface : path->wanted;
        path->next_hop = !r || address_is_unspecified(r->gateway) ? path->dest : r->gateway;
        path->broadcast = route_is_subnet_broadcast(ip->interface[path->interface], path->dest);
        if (path->broadcast)
            path->next_hop = ip_family_rows[path->family].everyone;
    }
    if (address_is_unspecified(path->source)) {
        if (source_choose(ip, path))
            return 0;
        if (!everyone || !path->wanted)
            return -EADDRNOTAVAIL;
        /* RFC 1122 3.2.1.3 (a), RFC 2131 4.1: a host without an address asks all on its wire */
        path->source = address_masked(path->dest, ip_family_rows[path->family].network_bits);
        return 0;
    }
    /* RFC 1122 3.2.1.3 (g): 127/8 never leaves the host */
    return address_is_loopback(path->source) ? -EINVAL : 0;
}

/* RFC 1122 3.2.1.3: a source that can be no host's is a mistake; Linux takes any other that is not
 * ours for a way that is not there. */
static int source_error(struct address source)
{
    bool many = address_is_multicast(source) || address_is_limited_broadcast(source);

    return many ? -EINVAL : -ENETUNREACH;
}

/* RFC 1122 3.3.1, 3.3.4.3: found once, and kept by its user: that is the route cache of RFC
 * 1122 3.3.1.3. */
int ip_path_find(const struct ip *ip, struct address dest, struct address source,
                 uint16_t interface, nanoseconds now, struct ip_path *path)
{
    const struct ip_family *family;
    int result;

    memset(path, 0, sizeof *path);
    path->wanted = interface;
    path->source = source;
    path->dest = dest;
    if (!address_is_unspecified(source) && !ip_is_own(ip, source))
        return source_error(source);
    if (address_is_unspecified(dest)) /* this host, as Linux reads it */
        path->dest = address_is_unspecified(source) ? address_loopback_of(dest) : source;
    family = ip_family_of(path->dest);
    if (!family || !family->can_be_dest(path->dest))
        return -ENETUNREACH;
    path->family = (uint8_t)(family - ip_family_rows);
    result = ip_is_own(ip, path->dest) ? local_path(ip, path) : remote_path(ip, path);
    if (result < 0)
        return result;
    path->generation = ip->generation;
    path->header_bytes = family->header_bytes;
    if (family->mtu_told && ip->interface[path->interface]->told_mtu && path->mtu == 0)
        path->mtu = ip->interface[path->interface]->told_mtu;
    path->mtu = route_mtu(ip, path->interface, path->mtu);
    path->special = path->broadcast | path->group;
    path_mtu_apply(ip, path, now);
    return 0;
}

struct address ip_spoken_for(const struct ip *ip, struct address remote, uint16_t interface)
{
    struct ip_path path = {.interface = interface, .dest = remote, .next_hop = remote};

    if (!address_is_unspecified(remote) &&
        ip_path_find(ip, remote, (struct address){0}, 0, 0, &path) == 0)
        return path.source;
    path = (struct ip_path){.interface = interface, .dest = remote, .next_hop = remote};
    return source_choose(ip, &path) ? path.source : (struct address){0};
}

bool ip_path_is_fresh(const struct ip *ip, const struct ip_path *path)
{
    return route_is_fresh(ip, path);
}

int ip_path_refresh(const struct ip *ip, struct ip_path *path, nanoseconds now)
{
    struct ip_path fresh;
    int result;

    if (route_is_fresh(ip, path))
        return 0;
    result = ip_path_find(ip, path->dest, path->source, path->wanted, now, &fresh);
    if (result == 0)
        memcpy(path, &fresh, sizeof fresh);
    return result;
}

/* RFC 1122 3.3.2, 3.3.3: what MMS_R and MMS_S are reckoned from. */
uint32_t ip_interface_mtu(const struct ip *ip, uint16_t interface)
{
    return route_is_usable(ip, interface)
               ? (uint32_t)least(link_mtu(ip->interface[interface]->link), IP_MTU_MOST)
               : 0;
}

uint32_t route_mtu(const struct ip *ip, uint16_t interface, uint32_t mtu)
{
    uint32_t most_bytes = ip_interface_mtu(ip, interface);

    return mtu && mtu < most_bytes ? mtu : most_bytes;
}

/* RFC 1122 3.3.1.4: positive advice from above; RFC 4861 7.3.1. */
void ip_path_confirm(struct ip *ip, const struct ip_path *path, nanoseconds now)
{
    if (!path->local && !path->group && !path->broadcast && route_is_usable(ip, path->interface))
        link_confirm(ip->interface[path->interface]->link, path->next_hop, now);
}
