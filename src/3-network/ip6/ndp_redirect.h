/* SPDX-License-Identifier: MIT */
/* Better first hops (RFC 4861 8): heard by hosts, told by routers. */
#pragma once
#include "3-network/ip6/ndp_state.h"

void ndp_redirect_received(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                           struct reader r, nanoseconds now);
