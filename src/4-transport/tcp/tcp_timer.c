/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: all deadlines of a connection, and what each does when due. The files tell what happened
 * (tcp_timer_on_...); tcp_timer_rearm, once an event, derives the deadlines from the state and
 * keeps the least in the lab's heap, moved only when it comes nearer (a later one is found when the
 * entry fires).
 *
 * - RETRANSMIT: the oldest outstanding segment (or SYN) was not acknowledged within RTO (RFC 6298
 *   5); gives up by retries (R2, MUST-20 to 23) or the user timeout.
 * - PERSIST: data waits for the peer's window: RFC 9293 3.8.6.1 (MUST-35 to 37, SHLD-29, 30).
 * - DELACK: an ACK is owed: RFC 9293 3.8.6.3.
 * - KEEPALIVE: nothing was heard: RFC 9293 3.8.4 (MUST-24 to 29).
 * - TIME_WAIT: 2 MSL: RFC 9293 3.6.1 (MUST-13).
 * - FIN_WAIT_2: an orphan's peer does not close (Linux: tcp_fin_timeout, TCP_LINGER2).
 * - SEND_LATER: a packet could not be had.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/integer.h"

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

/* RFC 9293 3.8.6.1, MUST-37. */
void tcp_timer_on_window(struct tcp_conn *c)
{
    /* MUST-37: the peer answers, and it may stay so for ever, unless nobody holds the connection or
     * its program said how long (T-19, RFC 6429 4) */
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
        c->sending.starved || c->sending.path_changed)
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

/* Of all but TCP_TIMER_SYN_ACK and TCP_TIMER_USER, which no connection has of its own. */
static nanoseconds first_due(const nanoseconds *due)
{
    nanoseconds first = time_earlier(due[TCP_TIMER_RETRANSMIT], due[TCP_TIMER_PERSIST]);

    first = time_earlier(first, due[TCP_TIMER_DELACK]);
    first = time_earlier(first, due[TCP_TIMER_KEEPALIVE]);
    first = time_earlier(first, due[TCP_TIMER_TIME_WAIT]);
    first = time_earlier(first, due[TCP_TIMER_FIN_WAIT_2]);
    return time_earlier(first, due[TCP_TIMER_SEND_LATER]);
}

/* RFC 9293 3.10.8: which timeouts there are in this state. */
void tcp_timer_rearm(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds first, *due = c->timers.due;

    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_LISTEN) {
        tcp_timer_stop(c);
        return;
    }
    if (c->state == TCP_STATE_TIME_WAIT) {
        for (int i = 0; i < TCP_TIMER_COUNT; i++)
            due[i] = NEVER;
        due[TCP_TIMER_TIME_WAIT] =
            c->timers.waiting_since + (nanoseconds)c->tcp->settings.time_wait_ms * MILLISECOND;
    } else {
        arm_sending(c, now);
        due[TCP_TIMER_DELACK] = c->delack.deadline;
        due[TCP_TIMER_KEEPALIVE] = keepalive_due(c);
        due[TCP_TIMER_FIN_WAIT_2] = waiting_due(c);
        due[TCP_TIMER_SEND_LATER] = NEVER;
        if (c->sending.path_changed)
            due[TCP_TIMER_SEND_LATER] = now;
        else if (c->sending.starved)
            due[TCP_TIMER_SEND_LATER] = now + TCP_SEND_LATER_MS * MILLISECOND;
    }
    first = first_due(due);
    if (first == NEVER)
        timer_clear(c->tcp->means->timers, &c->timers.timer);
    else if (!timer_is_set(&c->timers.timer) || first < c->timers.timer.deadline)
        timer_set(c->tcp->means->timers, &c->timers.timer, first);
}

/* ---- what each does ---- */

/* How long n doublings from the least RTO take, as Linux counts its retries into time. RFC
 * 9293 3.8.3: R2 as a time (SHLD-11: 100 s at least). */
static nanoseconds time_of_retries(const struct tcp_conn *c, uint32_t retries)
{
    nanoseconds step = c->rtt.rto_min, total = 0;

    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED)
        step = (nanoseconds)c->tcp->settings.rto_initial_ms * MILLISECOND;
    for (uint32_t i = 0; i <= retries && i < 255; i++) {
        total += time_earlier(step, c->rtt.rto_max);
        step = time_earlier(step * 2, c->rtt.rto_max);
    }
    return total;
}

/* R2 of RFC 9293 3.8.3: has it been tried long enough? A program's own is TCP_USER_TIMEOUT
 * (MUST-21); SYNs are counted (MUST-22). */
static bool gave_up(const struct tcp_conn *c, nanoseconds now)
{
    uint32_t retries = c->tcp->settings.retries2;

    if (c->timers.stalled_since == NEVER || (c->timers.retransmits == 0 && c->timers.probes == 0))
        return false; /* nothing was tried again yet, however long the RTO had become */
    if (c->options.user_timeout != 0)
        return now - c->timers.stalled_since >= c->options.user_timeout;
    if (c->snd.wnd == 0 && tcp_is_synchronized(c) && c->user.held &&
        now - c->timers.last_heard < 2 * c->rtt.rto_max)
        return false; /* MUST-37: it shut its window and answers */
    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED) {
        retries = c->options.syn_count != 0 ? c->options.syn_count : c->tcp->settings.syn_retries;
        return c->timers.retransmits >= retries;
    }
    if (!c->user.held)
        retries = c->tcp->settings.orphan_retries != 0 ? c->tcp->settings.orphan_retries : 8;
    return now - c->timers.stalled_since >= time_of_retries(c, retries);
}

/* RFC 9293 3.10.8, user timeout; RFC 9293 3.8.3: the connection is closed and its program told. */
static void give_up(struct tcp_conn *c, nanoseconds now)
{
    tcp_close_abort(c, c->user.soft_error != 0 ? c->user.soft_error : ETIMEDOUT, false, now);
}

/* RFC 9293 3.10.8, retransmission timeout; RFC 9293 3.8.1; RFC 6298 5.4 to 5.6. RFC 9293 3.8.3 and
 * RFC 1122 4.2.3.5: at R1 the IP layer is told (MUST-20). */
static void on_retransmit(struct tcp_conn *c, nanoseconds now)
{
    struct loss_event loss = {.now = now, .flight = tcp_flight_size(c)};
    bool first = c->timers.retransmits == 0;

    if (c->timers.stalled_since == NEVER) {
        const struct tcp_sent *s = tcp_scoreboard_first(&c->board);

        c->timers.stalled_since = s ? s->time : now - tcp_rtt_timeout(&c->rtt);
    }
    if (gave_up(c, now)) {
        give_up(c, now);
        return;
    }
    c->timers.retransmits++;
    c->tcp->counters.timeouts++;
    if (c->timers.retransmits >= c->tcp->settings.retries1)
        ip_path_doubt(&c->path); /* R1: tcp_output asks for it anew */
    tcp_rtt_backoff(&c->rtt);    /* 5.5; 5.6: rearmed because due is NEVER */
    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED) {
        tcp_output_syn(c, MARK_RETRANSMIT_SYN, now);
        return;
    }
    loss.what =
        first && c->recovery.phase != RECOVERY_LOSS ? CC_LOSS_TIMEOUT : CC_LOSS_TIMEOUT_AGAIN;
    tcp_cc_on_loss(&c->cc, &loss);
    tcp_recovery_on_timeout(&c->recovery, c->snd.nxt);
    tcp_scoreboard_all_lost(&c->board); /* tcp_output sends the first again (5.4) */
}

/* RFC 9293 3.8.6.1: a probe after RTO (SHLD-29), then at longer and longer times (SHLD-30). */
static void on_persist(struct tcp_conn *c, nanoseconds now)
{
    if (c->timers.stalled_since == NEVER)
        c->timers.stalled_since = now;
    if (c->timers.probes > 0 && gave_up(c, now)) {
        give_up(c, now);
        return;
    }
    if (tcp_output_wakeup(c, now))
        return;
    c->timers.probes++;
    tcp_rtt_backoff(&c->rtt); /* SHLD-30 */
    tcp_output_probe(c, MARK_WINDOW_PROBE, now);
}

/* RFC 9293 3.8.4: no single probe decides (MUST-29). */
static void on_keepalive(struct tcp_conn *c, nanoseconds now)
{
    uint32_t most_probes = c->options.keepalive_count != 0 ? c->options.keepalive_count
                                                           : c->tcp->settings.keepalive_probes;
    bool silent = c->timers.last_probe > c->timers.last_heard;

    if (!silent)
        c->timers.probes = 0;
    if (silent &&
        (c->options.user_timeout != 0 ? now - c->timers.last_heard >= c->options.user_timeout
                                      : c->timers.probes >= most_probes)) {
        tcp_close_abort(c, c->user.soft_error != 0 ? c->user.soft_error : ETIMEDOUT, true, now);
        return;
    }
    c->timers.probes++;
    c->timers.last_probe = now;
    tcp_output_probe(c, MARK_KEEPALIVE, now);
}

/* What nobody holds and cannot even send is not kept for ever (RFC 9293 3.8.3: R2). */
static void on_send_later(struct tcp_conn *c, nanoseconds now)
{
    uint32_t retries = c->tcp->settings.orphan_retries;

    if (c->user.held || !c->sending.starved || c->sending.path_changed || c->snd.nxt != c->snd.una)
        return;
    if (c->timers.stalled_since == NEVER)
        c->timers.stalled_since = now;
    if (now - c->timers.stalled_since >= time_of_retries(c, retries != 0 ? retries : 8))
        give_up(c, now);
}

static void emit_timer(const struct tcp_conn *c, enum tcp_timer_name which, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&c->tcp->means->voice, EVENT_TCP_TIMER, now);

    if (!event)
        return;
    event->tcp_timer =
        (struct event_tcp_timer){.flow = {c->name.tuple.local, c->name.tuple.remote, c->serial},
                                 .rto = tcp_rtt_timeout(&c->rtt),
                                 .retransmits = c->timers.retransmits,
                                 .timer = (uint8_t)which};
}

/* RFC 9293 3.10.8. */
static void fire(struct tcp_conn *c, enum tcp_timer_name which, nanoseconds now)
{
    emit_timer(c, which, now);
    switch (which) {
    case TCP_TIMER_RETRANSMIT:
        on_retransmit(c, now);
        break;
    case TCP_TIMER_PERSIST:
        on_persist(c, now);
        break;
    case TCP_TIMER_DELACK:
        tcp_delack_on_timer(&c->delack);
        break;
    case TCP_TIMER_KEEPALIVE:
        on_keepalive(c, now);
        break;
    case TCP_TIMER_FIN_WAIT_2:
        tcp_close_abort(c, 0, c->options.linger_2 < 0, now); /* Linux: not waited for, so reset */
        break;
    case TCP_TIMER_TIME_WAIT:
        tcp_close_abort(c, 0, false, now);
        break;
    case TCP_TIMER_SEND_LATER:
        on_send_later(c, now); /* tcp_output, which follows, tries again */
        break;
    case TCP_TIMER_COUNT:
        break;
    }
}

void tcp_timer_due(struct timer *timer, nanoseconds now)
{
    struct tcp_conn *c = container_of(timer, struct tcp_conn, timers.timer);

    for (int i = 0; i < TCP_TIMER_COUNT && c->state != TCP_STATE_CLOSED; i++) {
        if (c->timers.due[i] > now)
            continue;
        c->timers.due[i] = NEVER;
        fire(c, (enum tcp_timer_name)i, now);
    }
    tcp_finish(c, now);
}
