/* SPDX-License-Identifier: MIT */
/*
 * PART: was cwnd used? What was never out says nothing of the path, so cwnd is worth raising only
 * by the acknowledgements of a flight that it held back (RFC 7661 4.4; Linux's cwnd_limited).
 *
 * A flight ends when what was SND.NXT at its beginning is acknowledged. For each it is remembered
 * how much was out at most, and whether cwnd held more back then. Told by tcp_output, asked by
 * tcp_ack.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"

struct tcp_usage {
    tcp_seq until;     /* the end of the flight of which the others speak */
    uint32_t most_out; /* the most of it in flight; no window is larger (RFC 7323 2.3) */
    bool limited;      /* in that flight cwnd held some back */
    bool full;         /* it does so now */
};

/* What may be sent is decided anew. */
static inline void tcp_usage_begin(struct tcp_usage *u)
{
    u->full = false;
}

/* A segment was ready, and cwnd had no room for it. */
static inline void tcp_usage_on_held(struct tcp_usage *u)
{
    u->full = true;
}

/* It is decided, and what could go is sent: [una, nxt) is out; `more` than before or not. */
void tcp_usage_on_sent(struct tcp_usage *u, tcp_seq una, tcp_seq nxt, bool more);
/* Did cwnd limit the sender? In slow start it did if half of it was used: it doubles in a round
 * trip, and would else wait for the program to write more first. */
bool tcp_usage_is_limited(const struct tcp_usage *u, uint64_t cwnd, uint64_t ssthresh);
