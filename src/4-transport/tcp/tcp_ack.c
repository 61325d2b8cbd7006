/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the fifth check, what an acknowledgement means (RFC 9293 3.10.7.4; RFC 5961 5; RFC 5681 2
 * and 3.2; RFC 6675 5; RFC 7323 4). One struct ack_event is built from it, and the parts are told
 * in a fixed order: scoreboard -> rtt -> recovery -> congestion control -> acknowledged bytes are
 * dropped. SND.UNA, WND, WL1 and WL2 are written here only. What to send then is tcp_output's to
 * decide.
 */
#include "4-transport/tcp/tcp_conn.h"

#include "base/integer.h"

void tcp_ack_start(struct tcp_conn *c, tcp_seq iss)
{
    c->snd.una = iss;
    c->snd.wl1 = c->rcv.nxt;
    c->snd.wl2 = iss;
}

void tcp_ack_window(struct tcp_conn *c, const struct tcp_segment *seg)
{
    c->snd.wnd = seg->wnd; /* RFC 7323 2.2: the window in a SYN is never scaled */
    c->snd.wnd_max = most(c->snd.wnd_max, c->snd.wnd);
    c->snd.wl1 = seg->seq;
    c->snd.wl2 = seg->ack;
}

/* SND.WND is updated by the newest segment only (RFC 9293 3.10.7.4); it is scaled (RFC 7323 2.3),
 * and may shrink (RFC 9293 3.8.6, MUST-34). A segment that acknowledges more is newer than all that
 * came before, though its own text is a retransmission: were its window left alone, SND.UNA would
 * move the old one to the right, beyond what the peer has ever offered. Linux does the same.
 * @return it changed */
static bool update_window(struct tcp_conn *c, const struct tcp_segment *seg)
{
    uint64_t wnd = (uint64_t)seg->wnd << (seg->flags & TCP_SYN ? 0 : c->snd.wscale);
    bool changed = false;

    if (c->snd.wl2 < seg->ack || c->snd.wl1 < seg->seq ||
        (c->snd.wl1 == seg->seq && c->snd.wl2 <= seg->ack)) {
        changed = wnd != c->snd.wnd;
        c->snd.wnd = wnd;
        c->snd.wnd_max = most(c->snd.wnd_max, wnd);
        c->snd.wl1 = seg->seq;
        c->snd.wl2 = seg->ack;
    }
    return changed;
}

/* RFC 6298 3 (Karn) and 4: our own clock for what was sent once, timestamps for what was not. RFC
 * 9293 3.8.1 (MUST-18), RFC 7323 4.1 and 4.2. */
static void sample_rtt(struct tcp_conn *c, const struct tcp_segment *seg,
                       const struct tcp_scoreboard_news *news, struct ack_event *e)
{
    if (news->sent_time >= 0 && !(news->again && news->acked != 0)) {
        e->rtt = e->now - news->sent_time;
    } else if (news->acked != 0 && c->agreed.ts_ok && (seg->options & TCP_HAS_TIMESTAMP) &&
               seg->ts_ecr != 0) {
        e->rtt = tcp_timestamp_rtt(&c->ts, seg->ts_ecr, e->now);
    }
    if (e->rtt >= 0)
        tcp_rtt_sample(&c->rtt, e->rtt);
}

/* RFC 5681 2: no data, nothing new, same window, while data is outstanding. With SACK it is one
 * that tells of something new: RFC 6675 2. */
static bool is_duplicate(const struct tcp_conn *c, const struct tcp_segment *seg, uint64_t flight,
                         bool window_changed, const struct tcp_scoreboard_news *news)
{
    if (flight == 0 || seg->ack != c->snd.una)
        return false;
    if (c->agreed.sack_ok)
        return news->sacked != 0;
    return seg->length == 0 && !(seg->flags & (TCP_SYN | TCP_FIN)) && !window_changed;
}

/* What tcp_recovery advises is done here, since it sees neither board nor control: the first
 * segment is marked lost, the control told (RFC 5681 3.2, RFC 6582 3.2, RFC 6675 5; RFC 9293
 * 3.8.2). */
static void tell_recovery(struct tcp_conn *c, struct ack_event *e)
{
    uint32_t before = c->recovery.phase;

    switch (tcp_recovery_on_ack(&c->recovery, e)) {
    case RECOVERY_ENTER:
        (void)tcp_scoreboard_first_lost(&c->board);
        tcp_cc_on_loss(&c->cc, &(struct loss_event){.now = e->now,
                                                    .flight = tcp_recovery_flight(&c->recovery, e),
                                                    .what = CC_LOSS_FAST});
        break;
    case RECOVERY_PARTIAL:
        (void)tcp_scoreboard_first_lost(&c->board);
        break;
    case RECOVERY_LEAVE:
        e->recovered = before == RECOVERY_FAST;
        break;
    case RECOVERY_NOTHING:
        break;
    }
    e->recovering = before == RECOVERY_FAST || c->recovery.phase == RECOVERY_FAST;
    if (!c->agreed.sack_ok)
        tcp_scoreboard_emulate(&c->board, tcp_recovery_emulated(&c->recovery, c->snd.smss));
}

static void emit_cwnd(const struct tcp_conn *c, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&c->tcp->means->voice, EVENT_TCP_CWND, now);

    if (!event)
        return;
    event->tcp_cwnd = (struct event_tcp_cwnd){
        .flow = {c->name.tuple.local, c->name.tuple.remote, c->serial},
        .cwnd = (int64_t)c->cc.cwnd,
        .ssthresh = c->cc.ssthresh > INT64_MAX / 2 ? -1 : (int64_t)c->cc.ssthresh,
        .flight = (int64_t)tcp_flight_size(c),
        .srtt = c->rtt.srtt,
        .rto = c->rtt.rto,
        .phase = (uint8_t)c->recovery.phase};
}

/* The acknowledged part of the send buffer is forgotten; the FIN is no byte of it. RFC
 * 9293 3.8, 3.10.7.4: what is acknowledged leaves the retransmission queue. */
static void drop_acked(struct tcp_conn *c, tcp_seq ack, nanoseconds now)
{
    uint64_t bytes = 0;

    if (ack > c->send_buffer.from)
        bytes = least(ack, c->send_buffer.to) - c->send_buffer.from;
    c->snd.una = ack;
    c->totals.bytes_acked += bytes;
    if (bytes != 0) {
        ring_drop(&c->send_buffer, c->send_buffer.from + bytes);
        tcp_user_tell(c);
    }
    tcp_timer_on_progress(c);
    ip_path_confirm(c->tcp->ip, &c->path, now);
    if (c->snd.fin_sent && ack > c->send_buffer.to)
        tcp_close_fin_acked(c, now);
}

/* Nothing of ours is out, and nothing is said of what was: as in most segments that bring data. */
static bool has_no_news(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return c->snd.nxt == c->snd.una && seg->ack == c->snd.una && !(seg->options & TCP_HAS_SACK) &&
           c->recovery.phase == RECOVERY_OPEN && c->recovery.duplicates == 0;
}

/* An acceptable ACK: RFC 9293 3.10.7.4, fifth check, ESTABLISHED. */
static void process(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    struct tcp_scoreboard_news news = {.sent_time = -1};
    struct ack_event e = {.now = now,
                          .rtt = -1,
                          .una = c->snd.una,
                          .nxt = c->snd.nxt,
                          .ack = seg->ack,
                          .flight = tcp_flight_size(c),
                          .smss = c->snd.smss,
                          .sack_ok = c->agreed.sack_ok};
    uint64_t cwnd = c->cc.cwnd;
    uint32_t phase = c->recovery.phase;
    bool window_changed = update_window(c, seg);

    if (window_changed || (seg->ack == c->snd.una && e.flight == 0))
        tcp_timer_on_window(c);
    tcp_scoreboard_ack(&c->board, seg->ack, &news);
    if (seg->options & TCP_HAS_SACK && c->agreed.sack_ok)
        tcp_scoreboard_sack(&c->board, seg->block, seg->block_count, seg->ack, c->snd.nxt, &news);
    c->totals.duplicate_sacks += news.duplicate;
    sample_rtt(c, seg, &news, &e);
    e.acked = news.acked;
    e.acked_segments = news.acked_segments;
    e.sacked = news.sacked;
    e.delivered = news.acked_fresh + news.sacked;
    e.duplicate = is_duplicate(c, seg, e.flight, window_changed, &news);
    if (c->agreed.sack_ok)
        e.lost = tcp_scoreboard_judge(&c->board, c->snd.smss);
    e.cwnd_limited = tcp_usage_is_limited(&c->usage, c->cc.cwnd, c->cc.ssthresh);
    tell_recovery(c, &e);
    e.pipe = tcp_scoreboard_pipe(&c->board);
    tcp_cc_on_ack(&c->cc, &e);
    if (seg->ack > c->snd.una)
        drop_acked(c, seg->ack, now);
    if (c->cc.cwnd != cwnd || c->recovery.phase != phase)
        emit_cwnd(c, now);
}

/* RFC 9293 3.10.7.4, fifth check: too new, too old (RFC 5961 5.2), a repetition, or news. */
enum tcp_ack_verdict tcp_ack_arrives(struct tcp_conn *c, const struct tcp_segment *seg,
                                     nanoseconds now)
{
    c->totals.last_ack_received = now;
    if (seg->ack > c->snd.nxt) { /* acknowledges what was not sent: ACK, drop */
        tcp_close_challenge_ack(c, now);
        return ACK_DROP;
    }
    if (seg->ack < c->snd.una) {
        if (seg->ack + c->snd.wnd_max < c->snd.una) { /* RFC 5961 5.2 */
            tcp_close_challenge_ack(c, now);
            return ACK_DROP;
        }
        if (seg->options & TCP_HAS_SACK && c->agreed.sack_ok) {
            struct tcp_scoreboard_news news = {.sent_time = -1};

            tcp_scoreboard_sack(&c->board, seg->block, seg->block_count, c->snd.una, c->snd.nxt,
                                &news);
        }
        return ACK_OLD;
    }
    if (has_no_news(c, seg)) {
        (void)update_window(c, seg);
        tcp_timer_on_window(c);
    } else {
        process(c, seg, now);
    }
    return ACK_GOOD;
}
