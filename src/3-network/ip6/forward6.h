/* SPDX-License-Identifier: MIT */
/*
 * What is IPv6's own in forwarding (RFC 8200 3, 4; RFC 4443 3): one off the hop limit; nothing is
 * ever put in fragments that did not come in some, so that a source is told how long its packets
 * may be; of the extension headers a router looks at the hop-by-hop options alone, as Linux does,
 * and at these only for what their types demand of who does not know them. The columns of
 * ip_family.h of the same names.
 */
#pragma once
#include "3-network/ip_state.h"

/* RFC 4291 2.5.6. */
bool forward6_may_leave(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now);
void forward6_pass_on(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                      const struct ip_forward *way, uint32_t mtu, nanoseconds now);
/* RFC 4861 8.2. */
void forward6_redirect(struct ip_interface *in, const struct ip_meta *meta, const struct packet *p,
                       struct address next_hop, nanoseconds now);
bool forward6_may_cut(const struct packet *p); /* never */
struct packet *forward6_whole(struct ip *ip, struct ip_meta *meta, struct packet *p,
                              uint32_t *transport, nanoseconds now);
bool forward6_reaches(struct address a);
void forward6_turn_back(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        enum ip_error_kind kind, nanoseconds now);
