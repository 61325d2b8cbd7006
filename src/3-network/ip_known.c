/* SPDX-License-Identifier: MIT */
/* Checked once. Theory in ip_known.h. */
#include "3-network/ip_known.h"

#include "3-network/route.h"

uint16_t ip_known_interface(const struct ip *ip, const struct ip_interface *i,
                            const struct ip_meta *meta)
{
    if (i->number != 0 || address_is_loopback(meta->dest))
        return (uint16_t)i->number;
    for (uint16_t n = 1; n < ip->interface_count; n++)
        if (route_is_interface_own(ip->interface[n], meta->broadcast ? meta->source : meta->dest))
            return n;
    return 0;
}

void ip_known_put(const struct ip *ip, struct ip_interface *i, const struct ip_meta *meta)
{
    i->known_interface = meta->interface;
    i->known_generation = ip->generation;
    i->known_source = meta->source;
    i->known_dest = meta->dest;
}
