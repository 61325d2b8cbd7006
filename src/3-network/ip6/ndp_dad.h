/* SPDX-License-Identifier: MIT */
/* Is an address ours alone? (RFC 4862 5.4, RFC 7527, RFC 4429.) */
#pragma once
#include "3-network/ip6/ndp_state.h"

void ndp_dad_begin(struct ndp *n, struct address a, nanoseconds now);
void ndp_dad_end(struct ndp *n, struct address a); /* it is no longer of interest */
/* A probe of somebody's for an address that we ask for ourselves. */
void ndp_dad_probed(struct ndp *n, struct ip_address *own, struct reader r, nanoseconds now);
void ndp_dad_failed(struct ndp *n, struct ip_address *own, nanoseconds now);
nanoseconds ndp_dad_deadline(const struct ndp *n);
void ndp_dad_due(struct ndp *n, nanoseconds now);
