/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: what each deadline of a connection does when it has come (RFC 9293 3.10.8). tcp_timer
 * knows which there are and when; here is what follows: sending again, probing, giving up (R2: RFC
 * 9293 3.8.3, MUST-20 to 23), forgetting. Output and new deadlines are tcp_finish's, as ever.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

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

    const struct tcp_sent *s = tcp_scoreboard_first(&c->board);

    tcp_timer_on_stalled(c, s ? s->time : now - tcp_rtt_timeout(&c->rtt));
    if (gave_up(c, now)) {
        give_up(c, now);
        return;
    }
    tcp_timer_on_again(c);
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
    tcp_timer_on_stalled(c, now);
    if (c->timers.probes > 0 && gave_up(c, now)) {
        give_up(c, now);
        return;
    }
    if (tcp_output_wakeup(c, now))
        return;
    tcp_timer_on_probe(c);
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
        tcp_timer_on_answered(c);
    if (silent &&
        (c->options.user_timeout != 0 ? now - c->timers.last_heard >= c->options.user_timeout
                                      : c->timers.probes >= most_probes)) {
        tcp_close_abort(c, c->user.soft_error != 0 ? c->user.soft_error : ETIMEDOUT, true, now);
        return;
    }
    tcp_timer_on_keepalive(c, now);
    tcp_output_probe(c, MARK_KEEPALIVE, now);
}

/* What nobody holds and cannot even send is not kept for ever (RFC 9293 3.8.3: R2). */
static void on_send_later(struct tcp_conn *c, nanoseconds now)
{
    uint32_t retries = c->tcp->settings.orphan_retries;

    if (c->user.held || !c->sending.starved || c->sending.path_changed || c->snd.nxt != c->snd.una)
        return;
    tcp_timer_on_stalled(c, now);
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

/* A deadline has come and is over: it is set again only if the state still asks for it, when
 * tcp_finish derives them all (RFC 9293 3.10.8). */
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
    case TCP_TIMER_PACE: /* tcp_output, which follows, sends */
    case TCP_TIMER_COUNT:
        break;
    }
}

void tcp_timeout_due(struct timer *timer, nanoseconds now)
{
    struct tcp_conn *c = container_of(timer, struct tcp_conn, timers.timer);

    for (int i = 0; i < TCP_TIMER_COUNT && c->state != TCP_STATE_CLOSED; i++) {
        if (tcp_timer_take(c, (enum tcp_timer_name)i, now))
            fire(c, (enum tcp_timer_name)i, now);
    }
    tcp_finish(c, now);
}
