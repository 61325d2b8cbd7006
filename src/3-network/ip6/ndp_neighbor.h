/* SPDX-License-Identifier: MIT */
/* Solicitations and advertisements of neighbours (RFC 4861 7.2), both ways. */
#pragma once
#include "3-network/ip6/ndp_state.h"

/* Asks for a target, as link_upper_codes has it. */
void ndp_neighbor_ask(const struct ndp *n, struct address target, const struct packet *waiting,
                      const struct mac *whom, nanoseconds now);
/* A message that passed: it begins with h, and r is at its options. */
bool ndp_neighbor_solicited(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                            struct reader r, nanoseconds now);
bool ndp_neighbor_advertised(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                             struct reader r, nanoseconds now);
/* An address to speak to the link from, that is ours alone if we know one: `like` if it will do.
 * unspecified: there is none. */
struct address ndp_neighbor_source(const struct ip_interface *i, struct address like);
/* A station that asks or tells anything names itself, or another, in an option of this type.
 * @return it did */
bool ndp_neighbor_hear(struct ndp *n, struct address a, struct reader r, enum ndp_option_type type,
                       bool router, nanoseconds now);
