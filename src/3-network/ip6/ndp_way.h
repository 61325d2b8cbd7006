/* SPDX-License-Identifier: MIT */
/*
 * Ways that were advertised: the Default Router List (RFC 4861 5.1) with preferences, routes to
 * prefixes (RFC 4191 3), and better first hops to single destinations (RFC 4861 8). Of those to one
 * destination the best is in the table of routes: one whose router answers, or failed longest ago
 * (6.3.6: each is tried in turn), then the most preferred, then the first that was heard of. A
 * router that failed serves no prefix and no single destination: then the default routers do.
 */
#pragma once
#include "3-network/ip6/ndp_state.h"

/* What was heard, since now; one that ends by now is forgotten. */
void ndp_way_learn(struct ndp *n, const struct ndp_way *heard, nanoseconds now);
/* A router is none any more: all ways by it. */
void ndp_way_forget(struct ndp *n, struct address router, nanoseconds now);
/* A neighbour did not answer, or is heard again. */
void ndp_way_forget_all(struct ndp *n, nanoseconds now);
void ndp_way_failed(struct ndp *n, struct address target, nanoseconds now);
void ndp_way_heard(struct ndp *n, struct address router, nanoseconds now);
/* The best of each are in the table of routes. */
void ndp_way_publish(struct ndp *n, nanoseconds now);
nanoseconds ndp_way_deadline(const struct ndp *n);
void ndp_way_due(struct ndp *n, nanoseconds now);
