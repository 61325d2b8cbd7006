/* SPDX-License-Identifier: MIT */
/*
 * The phases of the header. Duplicates are counted in every phase, since without SACK they are all
 * that is known of what has left the network (RFC 5681 3.2, RFC 6582 3.2); with SACK the
 * scoreboard's judgement begins a recovery (RFC 6675 5).
 */
#include "4-transport/tcp/parts/tcp_recovery.h"

#include "4-transport/tcp/parts/tcp_scoreboard.h"
#include "base/integer.h"

/* RFC 5681 3.2: cwnd is inflated no more often than segments were outstanding, or a receiver could
 * draw out as many as it likes (T-18). */
static bool is_credible(const struct tcp_recovery *r, const struct ack_event *e)
{
    return r->duplicates < DUP_THRESH || (uint64_t)r->duplicates * e->smss < r->edge - e->una;
}

/* RFC 5681 3.2, step 1: how many in a row; RFC 6582 3.2: a partial ACK takes some away. */
static void count_duplicates(struct tcp_recovery *r, const struct ack_event *e)
{
    uint32_t passed;

    if (e->duplicate && r->duplicates == 0)
        r->edge = e->nxt;
    if (e->acked == 0) {
        if (e->duplicate && is_credible(r, e))
            r->duplicates++;
        return;
    }
    r->edge = e->nxt;
    if (e->sack_ok || r->phase == RECOVERY_OPEN || r->phase == RECOVERY_DISORDER) {
        r->duplicates = 0;
        return;
    }
    /* one acknowledged segment was the hole; the others had been counted as duplicates */
    passed = e->acked_segments != 0 ? e->acked_segments - 1 : 0;
    r->duplicates -= passed < r->duplicates ? passed : r->duplicates;
}

/* RFC 6675 5: RecoveryPoint; RFC 6582 3.2, step 2: recover. */
static enum tcp_recovery_advice enter(struct tcp_recovery *r, const struct ack_event *e)
{
    r->phase = RECOVERY_FAST;
    r->point = e->nxt;
    r->partial = 0;
    return RECOVERY_ENTER;
}

/* Behind the point the loss is over, whoever was lost (RFC 5681 3.2, RFC 6582 3.2, RFC 6675 5). An
 * ACK short of it in fast recovery means another loss, but only without SACK, where nothing else
 * could say so. */
enum tcp_recovery_advice tcp_recovery_on_ack(struct tcp_recovery *r, const struct ack_event *e)
{
    count_duplicates(r, e);
    switch (r->phase) {
    case RECOVERY_FAST:
    case RECOVERY_LOSS:
        if (e->ack >= r->point) {
            r->phase = RECOVERY_OPEN;
            r->duplicates = 0;
            return RECOVERY_LEAVE;
        }
        if (r->phase != RECOVERY_FAST || e->acked == 0 || e->sack_ok)
            return RECOVERY_NOTHING;
        r->partial = 1;
        return RECOVERY_PARTIAL;
    default:
        /* RFC 6582 3.2 step 1: not again for the same window of data */
        if (e->lost || (r->duplicates >= DUP_THRESH && e->ack > r->point))
            return enter(r, e);
        if (r->duplicates != 0)
            r->phase = RECOVERY_DISORDER;
        else if (e->acked != 0)
            r->phase = RECOVERY_OPEN;
        return RECOVERY_NOTHING;
    }
}

uint64_t tcp_recovery_flight(const struct tcp_recovery *r, const struct ack_event *e)
{
    return r->duplicates != 0 ? least(e->flight, r->edge - e->una) : e->flight;
}

/* RFC 6582 4, RFC 6675 5.1: no fast recovery for what was out when the timer expired. */
void tcp_recovery_on_timeout(struct tcp_recovery *r, tcp_seq nxt)
{
    r->phase = RECOVERY_LOSS;
    r->point = nxt;
    r->duplicates = 0;
}

/* RFC 5681 3.2, step 4: each duplicate ACK says that a segment has left. */
uint64_t tcp_recovery_emulated(const struct tcp_recovery *r, uint32_t smss)
{
    return (uint64_t)r->duplicates * smss;
}
