/* SPDX-License-Identifier: MIT */
/*
 * Neighbor Discovery (RFC 4861) and what is made of it: who is on the link, which addresses are
 * ours (RFC 4862), which routers there are. The states of neighbours are layer 2's; it asks by
 * ndp_ask, and is told by link_hear.
 *
 *     ndp_message    the messages as values                                    part
 *     ndp            what comes in, the one timer of an interface, its beginning
 *     ndp_neighbor   solicitations and advertisements of neighbours
 *     ndp_dad        is an address ours alone? (RFC 4862 5.4, RFC 7527, RFC 4429)
 *     ndp_router     the host's side of routers: soliciting, and what they advertise
 *     ndp_way        routes that were advertised, and which of them is in the table
 *     ndp_redirect   better first hops (RFC 4861 8)
 *     ndp_advertise  the router's side
 *     slaac          addresses made from prefixes, and the lives of addresses
 *     slaac_id       interface identifiers                                     part
 *
 * An interface has its struct ndp from the moment it begins to speak IPv6 (ip6.h): with its first
 * IPv6 address, or when it is told to configure itself. Its link-local address is made then.
 *
 * Limits, so that who floods an interface with messages costs it a walk over short arrays each and
 * no memory: enum ndp_limits. What is over a limit is not learned; nothing known makes place for it
 * but by its own end, or it would be the flood that decides what is known.
 *
 * Chance is of the node's key, the interface's number and the count of its draws.
 */
#pragma once
#include "3-network/ip_state.h"

enum ndp_limits {
    NDP_WAYS = 16,           /* default routers, routes and redirects, of an interface */
    NDP_PREFIXES = 16,       /* on the link, as routers say */
    NDP_SLAAC_ADDRESSES = 8, /* made from their prefixes: half of IP_ADDRESSES */
    NDP_SERVERS = 8,         /* of names */
    NDP_NONCES_KEPT = 16,    /* of our last probes, that are known again */
    NDP_MESSAGE_MOST = 1232, /* what is sent: any link carries that */
    NDP_DAD_ROUNDS = 10      /* of probes that came back to us, until the address is used */
};

enum ndp_constants {
    NDP_HOP_LIMIT = 255, /* RFC 4861 7.1: nobody forwarded it */
    NDP_TIMER_SOURCE = 4
};

/* A message of ND, which p begins with; its checksum is right. Takes p. */
void ndp_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);

/* For the table of families: as ip_family.h says. */
int ndp_address_added(struct ip_interface *i, uint32_t k, nanoseconds now);
void ndp_address_removed(struct ip_interface *i, const struct ip_address *gone, nanoseconds now);
int ndp_advertise(struct ip_interface *i, const struct ip_advertise_plan *plan, nanoseconds now);
int ndp_configure(struct ip_interface *i, nanoseconds now);
/* The rows of ip_family.h: nothing is asked or told any more, and what was heard is forgotten; and
 * all begins anew. */
void ndp_rest(struct ip_interface *i, nanoseconds now);
void ndp_wake(struct ip_interface *i, nanoseconds now);
void ndp_prolonged(struct ip_interface *i, struct ip_address *own, nanoseconds now);

/* A better first hop than we are, for the packet at p->network that came in by this interface (RFC
 * 4861 8.2): its destination itself, or the link-local address of a router. The rate, and whether
 * the packet's source is a neighbour, are the caller's to know. */
void ndp_redirect_send(struct ip_interface *i, struct address target, const struct packet *p,
                       nanoseconds now);

int ndp_check(const struct ip *ip);
