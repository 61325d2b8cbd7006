/* SPDX-License-Identifier: MIT */
/*
 * What the table of families (ip_family.c) and the files of IPv6 need of each other: the kinds of
 * address (RFC 4291 2), sending, and when an interface speaks IPv6.
 *
 * An interface is silent in IPv6, and deaf, until it gets its first IPv6 address or is told to
 * configure itself: then it is attached to its link for the ethertype, and hears the groups that
 * every node is in. So a host that nobody gave IPv6 puts nothing on its wires.
 */
#pragma once
#include "3-network/ip6/ip6_header.h"
#include "3-network/ip_state.h"

/* How far a group or an address reaches (RFC 4291 2.7; unicast addresses have two). */
enum ip6_scope {
    IP6_SCOPE_INTERFACE = 1,
    IP6_SCOPE_LINK = 2,
    IP6_SCOPE_SITE = 5,
    IP6_SCOPE_GLOBAL = 14
};

#define IP6_ALL_NODES ((struct address){UINT64_C(0xff02000000000000), 1})
#define IP6_ALL_ROUTERS ((struct address){UINT64_C(0xff02000000000000), 2})

/* fe80::/10 */
static inline bool ip6_is_link_local(struct address a)
{
    return a.high >> 54 == 0x3fa;
}
/* enum ip6_scope, or one of the numbers between, of a group. */
uint32_t ip6_scope(struct address a);
/* The group in which every node is that has this address (RFC 4291 2.7.1). */
static inline struct address ip6_solicited_node(struct address a)
{
    return (struct address){UINT64_C(0xff02000000000000),
                            UINT64_C(0x1ff000000) | (a.low & 0xffffff)};
}
static inline bool ip6_is_solicited_node(struct address a)
{
    return address_equal(a, ip6_solicited_node(a));
}
/* Does this interface hear the group? */
bool ip6_is_heard(const struct ip_interface *i, struct address group);

/* One station's address; ::1 on the loopback alone. */
bool ip6_can_be_own(struct address a, uint32_t bits, uint32_t interface);
bool ip6_can_be_dest(struct address a);
/* By its form one station's, on a wire: not ::, ::1, a group, or IPv4's. */
bool ip6_is_station(struct address a);
/* There are no broadcasts. */
bool ip6_is_broadcast(struct address a, struct address own, uint32_t bits);
/* From now on it hears and may speak IPv6; again: nothing. @raise EINVAL the link carries less than
 * every link of IPv6 must (RFC 8200 5); EAFNOSUPPORT the host has none */
int ip6_start(struct ip_interface *i);

/* ip_send, for a protocol given by number and a fresh path. */
int ip6_send(struct ip *ip, uint8_t protocol, const struct ip_path *path,
             const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* ip_send_whole, by a fresh path. */
int ip6_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now);
