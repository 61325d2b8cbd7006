/* SPDX-License-Identifier: MIT */
/*
 * Addresses that an interface makes itself (RFC 4862 5.3, 5.5; temporary ones, RFC 8981), and the
 * lives of all its addresses.
 */
#pragma once
#include "3-network/ip6/ndp_state.h"

/* Of the n-th try to find one that nobody has. */
void slaac_link_local(struct ndp *n, uint8_t counter, nanoseconds now);
/* A router advertised a prefix for addresses. */
void slaac_advertised(struct ndp *n, const struct ndp_option *prefix, nanoseconds now);
/* Another station has this address: it may be replaced, and be gone after this. */
void slaac_duplicate(struct ndp *n, const struct ip_address *own, nanoseconds now);
nanoseconds slaac_deadline(const struct ndp *n);
void slaac_due(struct ndp *n, nanoseconds now);
