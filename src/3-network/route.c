/* SPDX-License-Identifier: MIT */
/*
 * Routes and paths (RFC 1122 3.3.1, 3.3.4, 3.3.6). A host's table is small, so it is a sorted
 * array that is walked; a path is found once and kept by its user until `generation` moves on.
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
    return interface < ip->interface_count;
}

int route_add(struct ip *ip, struct address dest, uint32_t bits, struct address gateway,
              uint16_t interface)
{
    uint32_t at = 0;
    struct ip_route *r;

    dest = address_masked(dest, bits);
    for (uint32_t i = 0; i < ip->route_count; i++) {
        r = &ip->route[i];
        if (r->bits == bits && address_equal(r->dest, dest) && r->interface == interface &&
            address_equal(r->gateway, gateway))
            return -EEXIST;
        if (r->bits >= bits)
            at = i + 1;
    }
    if (ip->route_count == IP_ROUTES)
        return -ENOSPC;
    memmove(&ip->route[at + 1], &ip->route[at], (ip->route_count - at) * sizeof ip->route[0]);
    r = &ip->route[at];
    r->dest = dest;
    r->gateway = gateway;
    r->bits = bits;
    r->interface = interface;
    r->zero = 0;
    ip->route_count++;
    ip->generation++;
    return 0;
}

void route_remove(struct ip *ip, struct address dest, uint32_t bits, struct address gateway,
                  uint16_t interface)
{
    dest = address_masked(dest, bits);
    for (uint32_t i = 0; i < ip->route_count; i++) {
        struct ip_route *r = &ip->route[i];

        if (r->bits != bits || !address_equal(r->dest, dest) || r->interface != interface ||
            !address_equal(r->gateway, gateway))
            continue;
        ip->route_count--;
        memmove(r, r + 1, (ip->route_count - i) * sizeof *r);
        memset(&ip->route[ip->route_count], 0, sizeof *r);
        ip->generation++;
        return;
    }
}

/* RFC 1122 3.3.1.1, 3.3.1.2: on a network of ours, or by a gateway; the longest prefix wins. */
const struct ip_route *route_find(const struct ip *ip, struct address dest, uint16_t interface)
{
    for (uint32_t i = 0; i < ip->route_count; i++) {
        const struct ip_route *r = &ip->route[i];

        if (address_matches(dest, r->dest, r->bits) &&
            (interface == 0 || r->interface == interface) && r->interface != 0 &&
            route_is_usable(ip, r->interface))
            return r;
    }
    return NULL;
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

    return family && family->is_station(a) && !ip_is_broadcast(ip, a);
}

/* The first address of an interface that is of the same family as `like`. */
static bool first_address(const struct ip_interface *i, struct address like, struct address *first)
{
    const struct ip_family *family = ip_family_of(like);

    for (uint32_t k = 0; k < i->address_count; k++) {
        if (ip_family_of(i->address[k].address) == family) {
            *first = i->address[k].address;
            return true;
        }
    }
    return false;
}

/* RFC 1122 3.3.4.3: an address on the next hop's network; else one of that interface; else any. */
static bool source_choose(const struct ip *ip, struct ip_path *path)
{
    const struct ip_interface *i = ip->interface[path->interface];

    for (uint32_t k = 0; k < i->address_count; k++) {
        if (address_matches(path->next_hop, i->address[k].address, i->address[k].bits)) {
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
    const struct ip_route *r;
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

/* RFC 1122 3.3.1.1: to whom on the wire. Who names an interface knows what is on its wire, even
 * where no route says so: that is Linux's reading. */
static int remote_path(const struct ip *ip, struct ip_path *path)
{
    bool everyone = address_is_limited_broadcast(path->dest);
    const struct ip_route *r;

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
    path->mtu = ip_interface_mtu(ip, path->interface);
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

/* RFC 1122 3.3.1.4: positive advice from above; RFC 4861 7.3.1. */
void ip_path_confirm(struct ip *ip, const struct ip_path *path, nanoseconds now)
{
    if (!path->local && !path->group && !path->broadcast && route_is_usable(ip, path->interface))
        link_confirm(ip->interface[path->interface]->link, path->next_hop, now);
}
