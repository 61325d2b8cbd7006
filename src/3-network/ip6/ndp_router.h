/* SPDX-License-Identifier: MIT */
/* The host's side of routers: soliciting, and what they advertise (RFC 4861 6.3). */
#pragma once
#include "3-network/ip6/ndp_state.h"

/* Begins to solicit, if the interface listens to routers at all. */
void ndp_router_solicit(struct ndp *n, nanoseconds now);
void ndp_router_advertised(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                           struct reader r, nanoseconds now);
/* Of routers and prefixes, and what they said of the link. */
void ndp_router_forget(struct ndp *n, nanoseconds now);
/* What is known of the link is in the table of routes again, after an address went. */
void ndp_router_publish(struct ndp *n, nanoseconds now);
nanoseconds ndp_router_deadline(const struct ndp *n);
void ndp_router_due(struct ndp *n, nanoseconds now);
