/* SPDX-License-Identifier: MIT */
/* What IPv4's addresses can be. Theory in ip4.h. */
#include "3-network/ip4/ip4.h"

enum { FIRST_GROUP = 224, LOOPBACK = 127, MAPPED_BITS = 96, HOST_BITS_OF_BROADCAST = 2 };

/* The bits of a station in a network; of IPv4's 32. */
static uint32_t host_mask(uint32_t bits)
{
    return bits == MAPPED_BITS ? UINT32_MAX : (UINT32_C(1) << (128 - bits)) - 1;
}

bool ip4_can_be_own(struct address a, uint32_t bits, uint32_t interface)
{
    uint32_t ip4 = address_to_ip4(a), first = ip4 >> 24, host = ip4 & host_mask(bits);

    if (first == 0 || first >= FIRST_GROUP || (first == LOOPBACK) != (interface == 0))
        return interface == 0 && first != 0 && first < FIRST_GROUP;
    return 128 - bits < HOST_BITS_OF_BROADCAST || (host != 0 && host != host_mask(bits));
}

bool ip4_can_be_dest(struct address a)
{
    return address_to_ip4(a) >> 28 != 0xf || address_is_limited_broadcast(a);
}

bool ip4_is_station(struct address a)
{
    uint32_t first = address_to_ip4(a) >> 24;

    return first != 0 && first != LOOPBACK && first < FIRST_GROUP;
}

bool ip4_is_broadcast(struct address a, struct address own, uint32_t bits)
{
    return 128 - bits >= HOST_BITS_OF_BROADCAST && address_matches(a, own, bits) &&
           (address_to_ip4(a) | ~host_mask(bits)) == UINT32_MAX;
}

int ip4_address_added(struct ip_interface *i, uint32_t k, nanoseconds now)
{
    return link_address_add(i->link, i->address[k].address, now);
}

void ip4_address_removed(struct ip_interface *i, const struct ip_address *gone, nanoseconds now)
{
    (void)now;
    link_address_remove(i->link, gone->address);
}
