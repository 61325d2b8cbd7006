/* SPDX-License-Identifier: MIT */
/*
 * The estimator of RFC 6298 section 2 in integers: gains 1/8 and 1/4 of nanoseconds lose nothing
 * worth keeping.
 */
#include "4-transport/tcp/parts/tcp_rtt.h"

/* RFC 6298 2.1: one second until there is a measurement. */
void tcp_rtt_init(struct tcp_rtt *t, nanoseconds initial, nanoseconds rto_min, nanoseconds rto_max)
{
    t->srtt = t->rttvar = t->least = 0;
    t->rto = initial;
    t->rto_min = rto_min;
    t->rto_max = rto_max;
    t->backoff = 0;
}

/* RFC 6298 2.2, 2.3 and 2.5; RFC 9293 3.8.1. The mean moves by an eighth, the deviation, from the
 * old mean, by a quarter: so one odd sample raises the RTO at once and the mean hardly. */
void tcp_rtt_sample(struct tcp_rtt *t, nanoseconds rtt)
{
    nanoseconds error;

    if (rtt < 1)
        rtt = 1;
    if (rtt > t->rto_max)
        rtt = t->rto_max;
    if (t->least == 0 || rtt < t->least)
        t->least = rtt;
    if (t->srtt == 0) { /* the first: half of it is as good a guess as any */
        t->srtt = rtt;
        t->rttvar = rtt / 2;
    } else {
        error = t->srtt > rtt ? t->srtt - rtt : rtt - t->srtt;
        t->rttvar += (error - t->rttvar) / 4;
        t->srtt += (rtt - t->srtt) / 8;
        if (t->srtt < 1)
            t->srtt = 1;
    }
    t->rto = t->srtt + time_later(4 * t->rttvar, t->rto_min);
    t->rto = time_earlier(t->rto, t->rto_max);
    t->backoff = 0;
}

/* RFC 6298 5.7: a path that lost its SYN may be a slow one, and there is no sample to say so. */
void tcp_rtt_syn_was_lost(struct tcp_rtt *t)
{
    t->rto = time_earlier(time_later(t->rto, 3 * SECOND), t->rto_max);
    t->backoff = 0;
}

void tcp_rtt_progress(struct tcp_rtt *t)
{
    t->backoff = 0;
}

/* RFC 6298 5.5: kept as a count, so that the estimate itself is not spoilt. */
void tcp_rtt_backoff(struct tcp_rtt *t)
{
    if (t->backoff < 31)
        t->backoff++;
}

/* RFC 6298 2.5, 5.5: doubled, to a maximum of at least 60 s. */
nanoseconds tcp_rtt_timeout(const struct tcp_rtt *t)
{
    nanoseconds timeout = t->rto;

    for (uint32_t i = 0; i < t->backoff && timeout < t->rto_max; i++)
        timeout *= 2;
    return time_earlier(timeout, t->rto_max);
}
