/* SPDX-License-Identifier: MIT */
/*
 * PART: when to acknowledge (RFC 9293 3.8.6.3, MUST-40, SHLD-18 and 19; RFC 5681 4.2). Data in,
 * "now", "later" or "not" out. An ACK is due at once for the second full-sized segment, for
 * anything out of order or that fills a hole, and while the connection is young (Linux's quick
 * mode: the sender's slow start lives on ACKs); else within DELACK_NS, which is far below the half
 * second. A connection on which data goes both ways (interactive) leaves quick mode: the answer
 * carries it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum tcp_delack_constants { DELACK_QUICK = 16, DELACK_FULL_SIZE = 536 };
#define DELACK_NS (40 * MILLISECOND)

struct tcp_delack {
    nanoseconds deadline; /* NEVER: nothing is owed, or it is owed now */
    nanoseconds last_data;
    uint32_t unacked; /* bytes received since the last ACK */
    uint32_t quick;   /* ACKs at once that are left */
    uint32_t largest; /* the largest segment seen: what "full-sized" means (RMSS) */
    uint32_t most;    /* that a segment can have: what we announced */
    uint8_t now;      /* an ACK is due at once */
    uint8_t owed;     /* an ACK is due by the deadline */
    uint8_t needed;   /* and that has nothing to do with how much came */
    uint8_t interactive;
    uint8_t started;
};

void tcp_delack_init(struct tcp_delack *d, uint32_t rmss);
void tcp_delack_full_size(struct tcp_delack *d, uint32_t bytes); /* that a segment has at most */
/* bytes more are in order, by a segment of that many. */
void tcp_delack_on_data(struct tcp_delack *d, uint32_t bytes, uint32_t segment, nanoseconds now);
/* The peer has finished: an answer, or our own FIN, is likely to follow (Linux waits for it too).
 */
void tcp_delack_on_fin(struct tcp_delack *d, nanoseconds now);
void tcp_delack_on_timer(struct tcp_delack *d);       /* the deadline has come */
void tcp_delack_quick(struct tcp_delack *d, bool on); /* TCP_QUICKACK */

/* RFC 5681 4.2: out of order, duplicate, or filling a hole; FIN, window probe: at once. */
static inline void tcp_delack_on_urgent_need(struct tcp_delack *d)
{
    d->now = d->needed = 1;
}

/* RFC 9293 3.8.6.3: data that goes out carries it. */
static inline void tcp_delack_on_ack_sent(struct tcp_delack *d)
{
    if (d->now && d->quick != 0)
        d->quick--;
    d->unacked = 0;
    d->now = d->owed = d->needed = 0;
    d->deadline = NEVER;
}

static inline void tcp_delack_on_data_sent(struct tcp_delack *d, nanoseconds now)
{
    if (d->started && now - d->last_data < DELACK_NS)
        d->interactive = 1;
}
