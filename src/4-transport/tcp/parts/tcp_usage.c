/* SPDX-License-Identifier: MIT */
/*
 * Cwnd validation. A flight begins anew before its end if it has become larger than it was, or if
 * cwnd holds it back now and did not: so the flight that is remembered is the fullest one.
 */
#include "4-transport/tcp/parts/tcp_usage.h"

void tcp_usage_on_sent(struct tcp_usage *u, tcp_seq una, tcp_seq nxt, bool more)
{
    uint64_t flight = nxt - una;

    if (!more && !u->full)
        return;
    if (una < u->until && !u->full && (u->limited || flight <= u->most_out))
        return;
    u->limited = u->full;
    u->most_out = (uint32_t)flight;
    u->until = nxt;
}

bool tcp_usage_is_limited(const struct tcp_usage *u, uint64_t cwnd, uint64_t ssthresh)
{
    return u->limited || (cwnd < ssthresh && cwnd < 2ull * u->most_out);
}
