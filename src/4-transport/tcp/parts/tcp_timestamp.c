/* SPDX-License-Identifier: MIT */
/* Timestamps: RFC 7323 4 and 5. See the header. */
#include "4-transport/tcp/parts/tcp_timestamp.h"

enum { RTT_MOST_MS = 3600000 }; /* T-31: an echo of more than an hour ago is a lie */

void tcp_timestamp_offset_set(struct tcp_timestamp *t, uint32_t offset)
{
    t->offset = offset;
}

void tcp_timestamp_start(struct tcp_timestamp *t, uint32_t ts_val, tcp_seq nxt, nanoseconds now)
{
    t->recent = ts_val;
    t->recent_age = now;
    t->last_ack_sent = nxt;
}

bool tcp_timestamp_is_old(const struct tcp_timestamp *t, uint32_t ts_val, nanoseconds now)
{
    return tcp_timestamp_is_later(t->recent, ts_val) && now - t->recent_age < TCP_PAWS_AGE;
}

void tcp_timestamp_note(struct tcp_timestamp *t, tcp_seq seq, uint32_t ts_val, nanoseconds now)
{
    if (seq > t->last_ack_sent || tcp_timestamp_is_later(t->recent, ts_val))
        return;
    t->recent = ts_val;
    t->recent_age = now;
}

nanoseconds tcp_timestamp_rtt(const struct tcp_timestamp *t, uint32_t ts_ecr, nanoseconds now)
{
    uint32_t elapsed_ms = tcp_timestamp_value(t, now) - ts_ecr;

    if (elapsed_ms >= RTT_MOST_MS)
        return -1;
    return elapsed_ms != 0 ? (nanoseconds)elapsed_ms * MILLISECOND : MILLISECOND;
}
