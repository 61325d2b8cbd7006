/* SPDX-License-Identifier: MIT */
/*
 * PART: Reno, RFC 5681 3.1 and 3.2, counting bytes (RFC 3465), so that dividing ACKs gains nothing.
 * In slow start cwnd grows by what was acknowledged; in congestion avoidance by one segment for
 * each cwnd of bytes. It grows only while cwnd is what limits the sender.
 */
#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/integer.h"

/* RFC 5681 3.1: slow start below ssthresh, congestion avoidance above it; RFC 9293 3.8.2 (MUST-19).
 */
static void on_ack(struct cc *cc, const struct ack_event *e)
{
    uint64_t left = e->delivered; /* what was SACKed long ago does not make a burst */

    if (!e->cwnd_limited)
        return;
    if (cc->cwnd < cc->ssthresh) {
        uint64_t step = least(left, cc->ssthresh - cc->cwnd);

        cc->cwnd += step;
        left -= step;
    }
    cc->counted += left;
    while (cc->counted >= cc->cwnd) {
        cc->counted -= cc->cwnd;
        cc->cwnd += cc->smss;
    }
}

/* RFC 5681 equation 4: of what was out, not of cwnd, which may never have been used. */
static uint64_t half_of(const struct cc *cc, uint64_t flight)
{
    return most(flight / 2, 2ull * cc->smss);
}

/* RFC 5681 3.2, steps 2 and 3; the three segments that have left are emulated by the scoreboard. */
static void on_loss(struct cc *cc, uint64_t flight)
{
    cc->ssthresh = half_of(cc, flight);
    cc->cwnd = cc->ssthresh;
    cc->counted = 0;
}

/* RFC 5681 3.1: the loss window of one segment; ssthresh only at the first timeout. */
static void on_timeout(struct cc *cc, uint64_t flight, bool first)
{
    if (first)
        cc->ssthresh = half_of(cc, flight);
    cc->cwnd = cc->smss;
    cc->counted = 0;
}

const struct cc_ops cc_reno = {
    .name = "reno",
    .on_ack = on_ack,
    .on_loss = on_loss,
    .on_timeout = on_timeout,
};
