/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: all deadlines of a connection; what each does when due is tcp_timeout's. The files tell
 * what happened (tcp_timer_on_...); tcp_timer_rearm, once an event, derives the deadlines from the
 * state and keeps the least in the lab's heap, moved only when it comes nearer (a later one is
 * found when the entry fires).
 *
 * - RETRANSMIT: the oldest outstanding segment (or SYN) was not acknowledged within RTO (RFC 6298
 *   5); gives up by retries (R2, MUST-20 to 23) or the user timeout.
 * - PERSIST: data waits for the peer's window: RFC 9293 3.8.6.1 (MUST-35 to 37, SHLD-29, 30).
 * - DELACK: an ACK is owed: RFC 9293 3.8.6.3.
 * - KEEPALIVE: nothing was heard: RFC 9293 3.8.4 (MUST-24 to 29).
 * - TIME_WAIT: 2 MSL: RFC 9293 3.6.1 (MUST-13).
 * - FIN_WAIT_2: an orphan's peer does not close (Linux: tcp_fin_timeout, TCP_LINGER2).
 * - SEND_LATER: a packet could not be had.
 * - PACE: what is ready waits for its time (tcp_pacer).
 */
#include "4-transport/tcp/tcp_conn.h"

void tcp_timer_init(struct tcp_conn *c, uint32_t tries, nanoseconds began, nanoseconds now)
{
    c->timers.began = began;
    c->timers.retransmits = tries;
    for (int i = 0; i < TCP_TIMER_COUNT; i++)
        c->timers.due[i] = NEVER;
    c->timers.stalled_since = NEVER;
    c->timers.last_heard = now;
    c->timers.timer.code = c->tcp->timer_code;
    c->timers.timer.node = c->tcp->means->node;
    c->timers.timer.source = 3;
    c->timers.timer.serial = c->serial;
}

void tcp_timer_on_heard(struct tcp_conn *c, nanoseconds now)
{
    c->timers.last_heard = now;
    if (c->snd.wnd != 0 || c->snd.nxt != c->snd.una)
        c->timers.probes = 0;
}

/* RFC 6298 5.2 and 5.3: off, and rearmed if anything is still out. */
void tcp_timer_on_progress(struct tcp_conn *c)
{
    c->timers.due[TCP_TIMER_RETRANSMIT] = NEVER;
    c->timers.retransmits = 0;
    c->timers.probes = 0;
    c->timers.stalled_since = NEVER;
}

/* RFC 6298 5: a segment is never sent again sooner than an RTO after its last transmission. */
void tcp_timer_on_first_again(struct tcp_conn *c)
{
    c->timers.due[TCP_TIMER_RETRANSMIT] = NEVER;
}

/* The peer answers, and its window may stay shut for ever (RFC 9293 3.8.6.1, MUST-37), unless
 * nobody holds the connection or its program said how long (T-19, RFC 6429 4). */
void tcp_timer_on_window(struct tcp_conn *c)
{
    if (c->snd.wnd != 0 || (c->user.held && c->options.user_timeout == 0)) {
        c->timers.probes = 0;
        c->timers.stalled_since = NEVER;
    }
    if (c->snd.wnd != 0) {
        c->timers.due[TCP_TIMER_PERSIST] = NEVER;
        tcp_rtt_progress(&c->rtt);
    }
}

/* RFC 9293 3.10.7.4: a FIN again restarts the 2 MSL. */
void tcp_timer_on_wait(struct tcp_conn *c, nanoseconds now)
{
    c->timers.waiting_since = now;
}

/* Nothing came of what was sent since then. */
void tcp_timer_on_stalled(struct tcp_conn *c, nanoseconds since)
{
    if (c->timers.stalled_since == NEVER)
        c->timers.stalled_since = since;
}

/* The same data, or SYN, is sent again. */
void tcp_timer_on_again(struct tcp_conn *c)
{
    c->timers.retransmits++;
}

void tcp_timer_on_probe(struct tcp_conn *c)
{
    c->timers.probes++;
}

void tcp_timer_on_keepalive(struct tcp_conn *c, nanoseconds now)
{
    c->timers.probes++;
    c->timers.last_probe = now;
}

/* Something was heard since the last keepalive. */
void tcp_timer_on_answered(struct tcp_conn *c)
{
    c->timers.probes = 0;
}

/* Has this deadline come? If so it is over. */
bool tcp_timer_take(struct tcp_conn *c, enum tcp_timer_name which, nanoseconds now)
{
    if (c->timers.due[which] > now)
        return false;
    c->timers.due[which] = NEVER;
    return true;
}

void tcp_timer_stop(struct tcp_conn *c)
{
    for (int i = 0; i < TCP_TIMER_COUNT; i++)
        c->timers.due[i] = NEVER;
    timer_clear(c->tcp->means->timers, &c->timers.timer);
}

/* ---- deadlines from state ---- */

static bool has_unsent(const struct tcp_conn *c)
{
    return c->send_buffer.to > c->snd.nxt || (c->close.fin_wanted && !c->snd.fin_sent);
}

/* A deadline that the user timeout brings nearer: nothing is tried behind it. */
static nanoseconds no_later_than_user(const struct tcp_conn *c, nanoseconds due, nanoseconds now)
{
    if (c->options.user_timeout == 0 || c->timers.stalled_since == NEVER)
        return due;
    return time_later(time_earlier(due, c->timers.stalled_since + c->options.user_timeout), now);
}

/* RFC 9293 3.8.1 while data is out, RFC 9293 3.8.6.1 while it waits. */
static void arm_sending(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds *retransmit = &c->timers.due[TCP_TIMER_RETRANSMIT];
    nanoseconds *persist = &c->timers.due[TCP_TIMER_PERSIST];
    bool corked = (c->options.cork || c->push.more) && c->snd.wnd >= c->send_buffer.to - c->snd.nxt;

    if (c->snd.nxt != c->snd.una) {
        *persist = NEVER;
        if (*retransmit == NEVER) /* RFC 6298 5.1 */
            *retransmit = no_later_than_user(c, now + tcp_rtt_timeout(&c->rtt), now);
        return;
    }
    *retransmit = NEVER; /* 5.2 */
    if (!has_unsent(c) || !tcp_is_synchronized(c) || c->sending.queue_limited ||
        c->sending.starved || c->sending.path_changed ||
        tcp_pacer_holds(&c->pacer, tcp_pacing_rate(c), now))
        *persist = NEVER;
    else if (*persist == NEVER)
        *persist = no_later_than_user(
            c, now + (corked ? 200 * MILLISECOND : tcp_rtt_timeout(&c->rtt)), now);
}

/* RFC 9293 3.8.4: off unless asked for (MUST-24, 25), only when nothing is out and nothing was
 * heard (MUST-26), after two hours (MUST-27, 28). */
static nanoseconds keepalive_due(const struct tcp_conn *c)
{
    nanoseconds idle = c->options.keepalive_idle, interval = c->options.keepalive_interval;

    if (!c->options.common.keepalive || !tcp_is_synchronized(c) ||
        c->state == TCP_STATE_TIME_WAIT || c->snd.nxt != c->snd.una)
        return NEVER;
    if (idle == 0)
        idle = (nanoseconds)c->tcp->settings.keepalive_time_ms * MILLISECOND;
    if (interval == 0)
        interval = (nanoseconds)c->tcp->settings.keepalive_interval_ms * MILLISECOND;
    if (c->timers.last_probe > c->timers.last_heard)
        return c->timers.last_probe + interval;
    return time_later(c->timers.last_heard, c->totals.last_data_sent) + idle;
}

static nanoseconds waiting_due(const struct tcp_conn *c)
{
    nanoseconds timeout = c->options.linger_2;

    if (c->state != TCP_STATE_FIN_WAIT_2 || c->user.held)
        return NEVER;
    if (timeout < 0)
        return c->timers.waiting_since; /* TCP_LINGER2 below 0: not at all */
    if (timeout == 0)
        timeout = (nanoseconds)c->tcp->settings.fin_timeout_ms * MILLISECOND;
    return c->timers.waiting_since + timeout;
}

/* When the pacer lets the next segment go, if there is one. */
static nanoseconds pacing_due(const struct tcp_conn *c, nanoseconds now)
{
    if (!tcp_pacer_holds(&c->pacer, tcp_pacing_rate(c), now) ||
        (!has_unsent(c) && c->board.lost_segments == 0))
        return NEVER;
    return c->pacer.next;
}

/* Of all, in the order of enum tcp_timer_name but for the last two. */
static nanoseconds first_due(const nanoseconds *due)
{
    nanoseconds first = time_earlier(due[TCP_TIMER_RETRANSMIT], due[TCP_TIMER_PERSIST]);

    first = time_earlier(first, due[TCP_TIMER_DELACK]);
    first = time_earlier(first, due[TCP_TIMER_KEEPALIVE]);
    first = time_earlier(first, due[TCP_TIMER_TIME_WAIT]);
    first = time_earlier(first, due[TCP_TIMER_FIN_WAIT_2]);
    first = time_earlier(first, due[TCP_TIMER_PACE]);
    return time_earlier(first, due[TCP_TIMER_SEND_LATER]);
}

/* The deadlines that few connections have: most have none of them, and had none before. */
static void arm_rare(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds *due = c->timers.due;

    due[TCP_TIMER_KEEPALIVE] = keepalive_due(c);
    due[TCP_TIMER_FIN_WAIT_2] = waiting_due(c);
    due[TCP_TIMER_PACE] = pacing_due(c, now);
    due[TCP_TIMER_SEND_LATER] = NEVER;
    if (c->sending.path_changed)
        due[TCP_TIMER_SEND_LATER] = now;
    else if (c->sending.starved)
        due[TCP_TIMER_SEND_LATER] = now + TCP_SEND_LATER_MS * MILLISECOND;
    c->timers.rare = due[TCP_TIMER_KEEPALIVE] != NEVER || due[TCP_TIMER_FIN_WAIT_2] != NEVER ||
                     due[TCP_TIMER_PACE] != NEVER || due[TCP_TIMER_SEND_LATER] != NEVER;
}

static nanoseconds arm(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds *due = c->timers.due;

    arm_sending(c, now);
    due[TCP_TIMER_DELACK] = c->delack.deadline;
    if (c->timers.rare || c->options.common.keepalive || c->state == TCP_STATE_FIN_WAIT_2 ||
        c->sending.path_changed || c->sending.starved ||
        tcp_pacer_holds(&c->pacer, tcp_pacing_rate(c), now)) {
        arm_rare(c, now);
        return first_due(due);
    }
    return time_earlier(time_earlier(due[TCP_TIMER_RETRANSMIT], due[TCP_TIMER_PERSIST]),
                        due[TCP_TIMER_DELACK]);
}

static nanoseconds arm_time_wait(struct tcp_conn *c)
{
    nanoseconds *due = c->timers.due;

    for (int i = 0; i < TCP_TIMER_COUNT; i++)
        due[i] = NEVER;
    due[TCP_TIMER_TIME_WAIT] =
        c->timers.waiting_since + (nanoseconds)c->tcp->settings.time_wait_ms * MILLISECOND;
    return due[TCP_TIMER_TIME_WAIT];
}

/* RFC 9293 3.10.8: which timeouts there are in this state. */
void tcp_timer_rearm(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds first;

    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_LISTEN) {
        tcp_timer_stop(c);
        return;
    }
    first = c->state == TCP_STATE_TIME_WAIT ? arm_time_wait(c) : arm(c, now);
    if (first == NEVER)
        timer_clear(c->tcp->means->timers, &c->timers.timer);
    else if (!timer_is_set(&c->timers.timer) || first < c->timers.timer.deadline)
        timer_set(c->tcp->means->timers, &c->timers.timer, first);
}
