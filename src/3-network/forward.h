/* SPDX-License-Identifier: MIT */
/*
 * A datagram that is for somebody else, at a node that is a router for its family
 * (settings.forwarding; RFC 791 2.4, RFC 1812 5.2.1, RFC 8200 3). The receive of the family has
 * checked header, checksum and options, and found that the destination is none of ours.
 *
 * The order is that of RFC 1812 5.2.1.2: may it be passed on at all (5.3.4, 5.3.5, 5.3.7)? Which
 * way (5.2.4)? Has it hops left (5.3.1)? Then the family takes one hop off, and sends it, whole, in
 * fragments, or not (5.2.6). What is not passed on is counted, by name, and its source is told
 * where the RFC says so. The answers to the first two questions hold for the next datagram of the
 * same two stations: each interface remembers its last way, so that a flow asks nothing.
 *
 * Groups are not forwarded: that would take a multicast routing protocol, and there is none.
 * Broadcasts to other networks are not either (RFC 2644). Nothing of a datagram is kept: it goes on
 * in the packet it came in, in this node's budget.
 */
#pragma once
#include "3-network/ip_state.h"

/* Does the interface know the way of such a datagram? */
static inline bool forward_is_known(const struct ip *ip, const struct ip_interface *in,
                                    const struct ip_meta *meta)
{
    return in->forward.generation == ip->generation &&
           address_equal(in->forward.dest, meta->dest) &&
           address_equal(in->forward.source, meta->source);
}

/* Passes on what came in by this interface, a datagram of this family (enum ip_family_kind); p
 * begins with its header. Takes p. */
void forward_datagram(struct ip_interface *in, uint32_t family, const struct link_meta *link,
                      const struct ip_meta *meta, struct packet *p, nanoseconds now);
/* By its addresses it is for us; p begins with its transport. Where addresses are translated, it
 * may not be. @return true: it was taken */
bool forward_own(struct ip_interface *in, uint32_t family, struct ip_meta *meta, struct packet *p,
                 nanoseconds now);
