/* SPDX-License-Identifier: MIT */
/*
 * Which way (RFC 1122 3.3.1): the routes that are in use, from the table (route_table.h), and the
 * choice of a source address (RFC 1122 3.3.4.3). Packets to an address of this host go by
 * interface 0, the loopback.
 */
#pragma once
#include "3-network/ip_state.h"

/* Adds a route, or renews the one by the same way to the same network. bits are of the 128 of an
 * address (ip_family.h). @return 1 it was there, 0 -ENOSPC */
int route_put(struct ip *ip, const struct route_plan *plan, nanoseconds now);
/* It becomes another way to the same network, of the same metric. */
void route_swap(struct ip *ip, struct route *r, const struct route_plan *plan, nanoseconds now);
/* change: why. */
void route_drop(struct ip *ip, struct route *r, enum change change, nanoseconds now);
/* To the network of an address of ours, on its wire. @return 0 -ENOSPC */
int route_connect(struct ip *ip, struct address a, uint32_t bits, uint16_t interface,
                  nanoseconds now);
/* Nothing if it is not there. */
void route_disconnect(struct ip *ip, struct address a, uint32_t bits, uint16_t interface,
                      nanoseconds now);
void route_expire(struct ip *ip, nanoseconds now);
/* The best route, of any kind; interface 0: by any. NULL: none. */
const struct route *route_find(const struct ip *ip, struct address dest, uint16_t interface);
/* A gateway does not answer: its routes stand behind others of their prefixes, and what redirects
 * have said of it is forgotten. */
void route_failed(struct ip *ip, struct address gateway, uint16_t interface, nanoseconds now);
/* Is it the broadcast address of a network of that interface? */
bool route_is_subnet_broadcast(const struct ip_interface *i, struct address a);
/* An address of the interface, that it may be spoken to by. */
bool route_is_interface_own(const struct ip_interface *i, struct address a);
bool route_is_usable(const struct ip *ip, uint16_t interface); /* it has a link */
/* May this be the source of a packet from elsewhere, or the destination of an answer? One station's
 * by its form, and not a broadcast address of ours. */
bool route_is_one_station(const struct ip *ip, struct address a);
/* Of a route by an interface: the lesser of both; mtu 0: the interface's. */
uint32_t route_mtu(const struct ip *ip, uint16_t interface, uint32_t mtu);
/* Are the tables as they were when the path was found? */
static inline bool route_is_fresh(const struct ip *ip, const struct ip_path *path)
{
    return path->generation == ip->generation;
}
