/* SPDX-License-Identifier: MIT */
/* The router's side: what is advertised by an interface, and when (RFC 4861 6.2). */
#pragma once
#include "3-network/ip6/ndp_state.h"

void ndp_advertise_solicited(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                             struct reader r, nanoseconds now);
/* Advertises this from now on, or, with a plan that is off, says for the last time that it is no
 * router. */
void ndp_advertise_set(struct ndp *n, const struct ip_advertise_plan *plan, nanoseconds now);
nanoseconds ndp_advertise_deadline(const struct ndp *n);
void ndp_advertise_due(struct ndp *n, nanoseconds now);
