/* SPDX-License-Identifier: MIT */
/*
 * Which way (RFC 1122 3.3.1): the table of static and on-link routes, longest prefix first, and
 * the choice of a source address (RFC 1122 3.3.4.3). Packets to an address of this host go by
 * interface 0, the loopback.
 */
#pragma once
#include "3-network/ip_state.h"

/* bits are of the 128 of an address (ip_family.h). Keeps the table sorted: most bits first, then
 * as added. @return 0 @raise EEXIST the same prefix by the same way; ENOSPC */
int route_add(struct ip *ip, struct address dest, uint32_t bits, struct address gateway,
              uint16_t interface);
/* Nothing if there is none such. */
void route_remove(struct ip *ip, struct address dest, uint32_t bits, struct address gateway,
                  uint16_t interface);
/* The best route; interface 0: by any. NULL: none. */
const struct ip_route *route_find(const struct ip *ip, struct address dest, uint16_t interface);
/* Is it the broadcast address of a network of that interface? */
bool route_is_subnet_broadcast(const struct ip_interface *i, struct address a);
/* An address of the interface, that it may be spoken to by. */
bool route_is_interface_own(const struct ip_interface *i, struct address a);
bool route_is_usable(const struct ip *ip, uint16_t interface); /* it has a link */
/* May this be the source of a packet from elsewhere, or the destination of an answer? One station's
 * by its form, and not a broadcast address of ours. */
bool route_is_one_station(const struct ip *ip, struct address a);
/* Are the tables as they were when the path was found? */
static inline bool route_is_fresh(const struct ip *ip, const struct ip_path *path)
{
    return path->generation == ip->generation;
}
