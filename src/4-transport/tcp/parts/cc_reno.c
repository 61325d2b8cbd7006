/* SPDX-License-Identifier: MIT */
/*
 * PART: Reno, RFC 5681 3.1 and 3.2, counting bytes (RFC 3465), so that dividing ACKs gains nothing.
 * In slow start cwnd grows by what was acknowledged; in congestion avoidance by one segment for
 * each cwnd of bytes. It grows only while cwnd is what limits the sender.
 */
#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/integer.h"

/* Recovery is over (RFC 6582 3.2, step 3; RFC 5681 3.2, step 6): what it inflated goes. */
static void deflate(struct cc *cc)
{
    cc->cwnd = most(least(cc->cwnd, cc->ssthresh), cc->smss);
}

/* RFC 5681 3.1: slow start below ssthresh, congestion avoidance above it; RFC 9293 3.8.2 (MUST-19).
 * In fast recovery cwnd stays as its beginning left it. */
static void on_ack(struct cc *cc, const struct ack_event *e)
{
    uint64_t left = e->delivered; /* what was SACKed long ago does not make a burst */

    if (e->recovering) {
        if (e->recovered)
            deflate(cc);
        return;
    }
    if (e->acked == 0 || !e->cwnd_limited)
        return;
    if (cc->cwnd < cc->ssthresh) {
        uint64_t step = least(left, cc->ssthresh - cc->cwnd);

        cc->cwnd += step;
        left -= step;
    }
    cc->own.reno.counted += left;
    while (cc->own.reno.counted >= cc->cwnd) {
        cc->own.reno.counted -= cc->cwnd;
        cc->cwnd += cc->smss;
    }
}

/* RFC 5681 equation 4: of what was out, not of cwnd, which may never have been used. */
static uint64_t half_of(const struct cc *cc, uint64_t flight)
{
    return most(flight / 2, 2ull * cc->smss);
}

/* RFC 5681 3.2, steps 2 and 3; the three segments that have left are emulated by the scoreboard.
 * RFC 5681 3.1: at a timeout the loss window of one segment; ssthresh only at the first. */
static void on_loss(struct cc *cc, const struct loss_event *e)
{
    if (e->what != CC_LOSS_TIMEOUT_AGAIN)
        cc->ssthresh = half_of(cc, e->flight);
    cc->cwnd = e->what == CC_LOSS_FAST ? cc->ssthresh : cc->smss;
    cc->own.reno.counted = 0;
}

/* RFC 5681 4.1: after a pause the ACKs that would clock a full window out have stopped. */
static void on_idle(struct cc *cc, const struct idle_event *e)
{
    cc->cwnd = least(cc->cwnd, e->restart_window);
}

const struct cc_ops cc_reno = {
    .name = "reno",
    .on_ack = on_ack,
    .on_loss = on_loss,
    .on_idle = on_idle,
};
