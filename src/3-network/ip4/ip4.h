/* SPDX-License-Identifier: MIT */
/*
 * What the table of families (ip_family.c) and the files of IPv4 need of each other: the kinds of
 * address (RFC 1122 3.2.1.3, RFC 3021), sending, and what is due. bits are of the 128 of a mapped
 * address: 96 and those of the prefix.
 */
#pragma once
#include "3-network/ip_state.h"
#include "3-network/ip4/ip4_header.h"

/* One station's address; 127/8 on the loopback alone; not the first or last of its prefix. */
bool ip4_can_be_own(struct address a, uint32_t bits, uint32_t interface);
/* Not class E, but for 255.255.255.255. */
bool ip4_can_be_dest(struct address a);
/* Not 0/8, 127/8, a group or class E. */
bool ip4_is_station(struct address a);
/* None for /31 and /32: RFC 3021. */
bool ip4_is_broadcast(struct address a, struct address own, uint32_t bits);
/* Layer 2 answers for it, and announces it (RFC 5227 2.3). As ip_family.h says. */
int ip4_address_added(struct ip_interface *i, uint32_t k, nanoseconds now);
void ip4_address_removed(struct ip_interface *i, const struct ip_address *gone, nanoseconds now);
/* ip_send, for a protocol given by number and a fresh path. */
int ip4_send(struct ip *ip, uint8_t protocol, const struct ip_path *path,
             const struct ip_send_facts *facts, struct packet *p, nanoseconds now);
/* ip_send_whole, by a fresh path. */
int ip4_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now);
