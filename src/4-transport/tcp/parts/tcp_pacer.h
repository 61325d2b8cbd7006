/* SPDX-License-Identifier: MIT */
/*
 * PART: pacing: what may be sent leaves evenly, not in a burst. A segment of n bytes at a rate of r
 * bytes a second takes n / r: that long after it no other goes. Rates are the congestion control's
 * answer and the limit of the program (SO_MAX_PACING_RATE); 0 is none, and costs a comparison; the
 * limit is none too if it is all bits set. Linux paces by neither.
 *
 * Bytes are those of payload, so that a rate is what the program gets; what is sent again counts
 * too. Time not used is not saved up: after a pause there is no burst either. tcp_output asks
 * before each segment and tells of it, tcp_timer has the deadline (TCP_TIMER_PACE);
 * acknowledgements alone, SYNs and probes never wait.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/integer.h"
#include "base/time.h"

struct tcp_pacer {
    nanoseconds next; /* no segment before */
};

/* The lesser of two rates. */
static inline uint64_t tcp_pacer_rate(uint64_t rate, uint64_t limit)
{
    if (limit == UINT64_MAX || limit == 0) /* the common one first */
        return rate;
    return rate == 0 ? limit : least(rate, limit);
}

/* Must the next segment wait until `next`? The time is asked first: where nothing was ever paced it
 * is 0, and nobody has to look for rates. */
static inline bool tcp_pacer_holds(const struct tcp_pacer *p, uint64_t rate, nanoseconds now)
{
    return unlikely(now < p->next) && rate != 0;
}

void tcp_pacer_take(struct tcp_pacer *p, uint64_t rate, uint32_t bytes, nanoseconds now);
static inline void tcp_pacer_on_sent(struct tcp_pacer *p, uint64_t rate, uint32_t bytes,
                                     nanoseconds now)
{
    if (rate != 0)
        tcp_pacer_take(p, rate, bytes, now);
}
/* The limit is another: what was sent by the old one is forgotten. */
void tcp_pacer_restart(struct tcp_pacer *p);
