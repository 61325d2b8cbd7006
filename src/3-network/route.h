/* SPDX-License-Identifier: MIT */
/*
 * Which way (RFC 1122 3.3.1): the table of static and on-link routes, longest prefix first, and
 * the choice of a source address (RFC 1122 3.3.4.3). Packets to an address of this host go by
 * interface 0, the loopback.
 */
#pragma once
#include "3-network/ip_state.h"

/* The part of an address that a prefix of so many bits names; IPv4. */
uint32_t route_mask(uint32_t prefix);
/* Keeps the table sorted: longest prefix first, then as added.
 * @return 0 @raise EEXIST the same prefix by the same way; ENOSPC */
int route_add(struct ip *ip, struct address dest, uint32_t prefix, struct address gateway,
              uint16_t interface);
/* The best route; interface 0: by any. NULL: none. */
const struct ip_route *route_find(const struct ip *ip, struct address dest, uint16_t interface);
/* An address of an interface that is the broadcast address of its prefix (none for /31 and /32:
 * RFC 3021). */
bool route_is_subnet_broadcast(const struct ip_interface *i, struct address a);
/* The address of an interface. */
bool route_is_interface_own(const struct ip_interface *i, struct address a);
bool route_is_usable(const struct ip *ip, uint16_t interface); /* it has a link */
/* May this be the source of a packet from elsewhere, or the destination of an answer? One station,
 * not 0/8, 127/8, a group, class E or a broadcast address of ours. */
bool route_is_one_station(const struct ip *ip, struct address a);
