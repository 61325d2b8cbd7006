/* SPDX-License-Identifier: MIT */
/*
 * What is IPv4's own in forwarding (RFC 1812 5.2, 5.3): one off the TTL and the checksum made right
 * for it alone (RFC 1624 3), so that damage done elsewhere is still seen by the receiver; the route
 * and the times are recorded, where options ask for it (RFC 1812 5.3.13); what is too long for the
 * next wire goes in fragments (RFC 791 3.2), or, with DF, not at all, and its source is told how
 * long it may be (RFC 1191 4). The columns of ip_family.h of the same names.
 */
#pragma once
#include "3-network/ip_state.h"

/* Not of 169.254/16 (RFC 3927 7). */
bool forward4_may_leave(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now);
void forward4_pass_on(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                      const struct ip_forward *way, uint32_t mtu, nanoseconds now);
void forward4_redirect(struct ip_interface *in, const struct ip_meta *meta, const struct packet *p,
                       struct address next_hop, nanoseconds now);
bool forward4_may_cut(const struct packet *p); /* without DF */
struct packet *forward4_whole(struct ip *ip, struct ip_meta *meta, struct packet *p,
                              uint32_t *transport, nanoseconds now);
bool forward4_reaches(struct address a);
/* Records in the header of p, whose options were checked, what its source asked for; address: which
 * is ours there, 0: none. @return false: it cannot go on, and its source was told (RFC 791 3.1) */
bool forward4_record(struct ip *ip, const struct ip_meta *meta, struct packet *p, uint32_t address,
                     nanoseconds now);
void forward4_turn_back(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        enum ip_error_kind kind, nanoseconds now);
