/* SPDX-License-Identifier: MIT */
/* What IPv6's addresses can be (RFC 4291 2), and when an interface speaks it. Theory in ip6.h. */
#include "3-network/ip6/ip6.h"

#include "3-network/ip_family.h"
#include "3-network/multicast.h"

#include <errno.h>

#include "3-network/ip_family.h"
#include "3-network/route.h"

#define IP6_GROUPS UINT64_C(0xff00000000000000) /* those that are not transient, without a scope */

uint32_t ip6_scope(struct address a)
{
    if (address_is_multicast(a))
        return (uint32_t)(a.high >> 48 & 0xf);
    return ip6_is_link_local(a) || address_is_loopback(a) ? IP6_SCOPE_LINK : IP6_SCOPE_GLOBAL;
}

/* RFC 4291 2.7.1: of the interface, the link or the site. */
static bool is_all_routers(struct address group)
{
    uint32_t scope = ip6_scope(group);

    return group.low == 2 && (group.high & UINT64_C(0xfff0ffffffffffff)) == IP6_GROUPS &&
           (scope == IP6_SCOPE_INTERFACE || scope == IP6_SCOPE_LINK || scope == IP6_SCOPE_SITE);
}

/* RFC 4291 2.8: all nodes, of the link and of the interface, and the solicited-node group of each
 * address of its own; of a router, all routers too. */
bool ip6_is_heard(const struct ip_interface *i, struct address group)
{
    if (i->ip->settings.forwarding[IP_FAMILY_6] && is_all_routers(group))
        return true;
    if (address_equal(group, IP6_ALL_NODES) ||
        address_equal(group, (struct address){UINT64_C(0xff01000000000000), 1}))
        return true;
    for (uint32_t k = 0; k < i->address_count; k++)
        if (address_equal(group, ip6_solicited_node(i->address[k].address)))
            return true;
    return multicast_is_heard(i, IP_FAMILY_6, group);
}

/* RFC 4291 2.5.2, 2.5.3, 2.7. */
bool ip6_can_be_own(struct address a, uint32_t bits, uint32_t interface)
{
    (void)bits; /* the first address of a prefix, all routers', may be one's own: RFC 4291 2.6.1 */
    if (address_is_multicast(a) || address_is_unspecified(a))
        return false;
    return interface == 0 || !address_is_loopback(a);
}

/* RFC 4291 2.7: of groups, scope 0 is reserved. */
bool ip6_can_be_dest(struct address a)
{
    return !address_is_multicast(a) || ip6_scope(a) != 0;
}

bool ip6_is_station(struct address a)
{
    return !address_is_unspecified(a) && !address_is_loopback(a) && !address_is_multicast(a) &&
           !address_is_mapped(a);
}

bool ip6_is_broadcast(struct address a, struct address own, uint32_t bits)
{
    (void)a;
    (void)own;
    (void)bits;
    return false;
}

int ip6_start(struct ip_interface *i)
{
    if (i->speaks_ip6)
        return 0;
    if (i->ip->settings.ip6_disable)
        return -EAFNOSUPPORT;
    if (link_mtu(i->link) < IP6_MTU_LEAST)
        return -EINVAL;
    link_attach(i->link, &i->link_upper6, i->ip6_code);
    i->speaks_ip6 = 1;
    return 0;
}
