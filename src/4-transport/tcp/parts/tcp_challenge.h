/* SPDX-License-Identifier: MIT */
/*
 * PART: how often the improbable is answered (RFC 5961 7): challenge ACKs, and ACKs to what is not
 * acceptable, one in a time for each connection, so that two confused ends do not chatter. There is
 * no counter that connections share: it would tell one peer of another (security T-29).
 */
#pragma once
#include <stdbool.h>

#include "base/time.h"

struct tcp_challenge {
    nanoseconds at; /* of the last one that counted; 0: none */
};

/* May one be sent now? If so it counts. */
bool tcp_challenge_allows(struct tcp_challenge *c, nanoseconds between, nanoseconds now);
