/* SPDX-License-Identifier: MIT */
/* The rate of RFC 5961 7. See the header. */
#include "4-transport/tcp/parts/tcp_challenge.h"

bool tcp_challenge_allows(struct tcp_challenge *c, nanoseconds between, nanoseconds now)
{
    if (c->at != 0 && now - c->at < between)
        return false;
    c->at = now;
    return true;
}
