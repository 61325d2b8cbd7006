/* SPDX-License-Identifier: MIT */
/*
 * What an interface remembers of its last datagram that one station sent to one address of ours:
 * such another needs no check while the tables are as they were. And by which interface a datagram
 * counts as having come. Of both families.
 */
#pragma once
#include "3-network/ip_state.h"

static inline bool ip_known_is(const struct ip *ip, const struct ip_interface *i,
                               const struct ip_meta *meta)
{
    return i->known_generation == ip->generation && address_equal(i->known_source, meta->source) &&
           address_equal(i->known_dest, meta->dest);
}
void ip_known_put(const struct ip *ip, struct ip_interface *i, const struct ip_meta *meta);
/* What this host says to itself comes by the loopback, and yet counts as having come by the
 * interface whose address it was sent to, or, to all, from: who keeps to that interface hears it,
 * as on Linux. */
uint16_t ip_known_interface(const struct ip *ip, const struct ip_interface *i,
                            const struct ip_meta *meta);
