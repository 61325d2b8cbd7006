/* SPDX-License-Identifier: MIT */
/*
 * PART: timestamps (RFC 7323). Our own clock: milliseconds plus an offset that is each four-tuple's
 * own (RFC 7323 5.4), told in TSval; the peer's, TS.Recent, which is echoed in TSecr and says what
 * is too old (PAWS, RFC 7323 5). Last.ACK.sent decides which segment's TSval is kept (RFC 7323
 * 4.3); the first check of RFC 9293 3.10.7.4 asks for it too, so it is kept on connections without
 * the option.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/time.h"

#define TCP_PAWS_AGE (24 * 86400 * SECOND) /* RFC 7323 5.5 */

struct tcp_timestamp {
    uint32_t recent;        /* TS.Recent */
    uint32_t offset;        /* of our own clock */
    nanoseconds recent_age; /* when TS.Recent was set */
    tcp_seq last_ack_sent;  /* Last.ACK.sent */
};

void tcp_timestamp_offset_set(struct tcp_timestamp *t, uint32_t offset);
/* The peer's SYN said this; its next byte is nxt. */
void tcp_timestamp_start(struct tcp_timestamp *t, uint32_t ts_val, tcp_seq nxt, nanoseconds now);
/* RFC 7323 5.3 R1: older than TS.Recent, and TS.Recent is not itself outdated. */
bool tcp_timestamp_is_old(const struct tcp_timestamp *t, uint32_t ts_val, nanoseconds now);
/* RFC 7323 4.3 (2) and (3): of an acceptable segment that begins at seq. */
void tcp_timestamp_note(struct tcp_timestamp *t, tcp_seq seq, uint32_t ts_val, nanoseconds now);
/* A round trip by the echo of our clock; -1: the echo is of the future or of the distant past. */
nanoseconds tcp_timestamp_rtt(const struct tcp_timestamp *t, uint32_t ts_ecr, nanoseconds now);

/* RFC 7323 4.1: a clock of one millisecond. */
static inline uint32_t tcp_timestamp_value(const struct tcp_timestamp *t, nanoseconds now)
{
    return (uint32_t)(uint64_t)(now / MILLISECOND) + t->offset;
}

/* The ACK says that all before nxt has come: what begins behind it is not what it answers (RFC
 * 7323 4.3 (1)). */
static inline void tcp_timestamp_on_ack_sent(struct tcp_timestamp *t, tcp_seq nxt)
{
    t->last_ack_sent = nxt;
}

/* RFC 7323 2.2 of a clock that wraps: is a later than b? */
static inline bool tcp_timestamp_is_later(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}
