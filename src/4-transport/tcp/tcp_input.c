/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: SEGMENT ARRIVES (RFC 9293 3.10.7), once tcp_receive has found whose it is: the eight
 * checks of 3.10.7.4, each a function, in the RFC's order, with what later RFCs add at each: PAWS
 * and TS.Recent in the first (RFC 7323 5), RFC 5961 3 in the second, 4 in the fourth, 5 in the
 * fifth; and SYN-SENT's own (3.10.7.3).
 *
 * Where the RFC and Linux differ in what may be accepted, and why it is so here:
 *   - A segment without payload whose SEQ is the right edge passes check 1: the peer that filled
 *     our window sends its ACKs from there.
 *   - SEG.SEQ+LEN down to Last.ACK.sent passes: its ACK field is news even when its text is old.
 *   - A segment without a timestamp on a connection that has them is accepted (RFC 7323 3.2: SHOULD
 *     drop).
 *
 * RCV.NXT and FIN's place are written here only. Sending is tcp_output's, afterwards.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/integer.h"

void tcp_input_start(struct tcp_conn *c, tcp_seq irs, uint32_t ts_recent, nanoseconds now)
{
    c->rcv.nxt = irs + 1;
    c->rcv.fin_seq = 0;
    tcp_timestamp_start(&c->ts, ts_recent, irs + 1, now);
}

static void dropped(const struct tcp_conn *c, enum drop reason, nanoseconds now)
{
    event_drop(&c->tcp->means->voice, now, reason, NULL);
}

/* ---- first: the sequence number ---- */

/* PAWS (RFC 7323 5.3 R1). A RST is not asked: that the dead go matters more than how old the word
 * of it is (RFC 7323 5.2). */
static bool is_old_by_timestamp(const struct tcp_conn *c, const struct tcp_segment *seg,
                                nanoseconds now)
{
    if (!c->agreed.ts_ok || !(seg->options & TCP_HAS_TIMESTAMP) || (seg->flags & TCP_RST))
        return false;
    return tcp_timestamp_is_old(&c->ts, seg->ts_val, now);
}

/* The first check of RFC 9293 3.10.7.4: is any of it in the window (RFC 9293 3.4)? What is not is
 * answered with an ACK, a RST excepted. PAWS goes before (RFC 7323 5.3); the ACK of an old segment
 * still counts (RFC 9293 A.2). */
static bool check_sequence(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    tcp_seq end = seg->seq + tcp_segment_len(seg);
    bool old = is_old_by_timestamp(c, seg, now);

    if (!old && end >= c->ts.last_ack_sent && seg->seq <= most(c->rcv.adv, c->rcv.nxt)) {
        return true;
    }
    dropped(c,
            old                         ? DROP_TCP_PAWS
            : end < c->ts.last_ack_sent ? DROP_TCP_OLD
                                        : DROP_TCP_WINDOW,
            now);
    if (!(seg->flags & TCP_RST))
        tcp_close_duplicate_ack(c, seg, now);
    return false;
}

/* RFC 7323 4.3 (2) and (3): of the segment that an ACK of ours would be the answer to. After the
 * ACK check, so that an invalid one leaves no trace. */
static void note_timestamp(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    if (c->agreed.ts_ok && (seg->options & TCP_HAS_TIMESTAMP))
        tcp_timestamp_note(&c->ts, seg->seq, seg->ts_val, now);
}

/* ---- second: RST (RFC 5961 3) ---- */

/* The second check of RFC 9293 3.10.7.4; RFC 9293 3.5.3 and RFC 5961 3.2: only a RST at RCV.NXT
 * exactly resets, one elsewhere in the window is challenged. */
static bool check_rst(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    int error = ECONNRESET;

    if (!(seg->flags & TCP_RST))
        return true;
    if (seg->seq != c->rcv.nxt) {
        dropped(c, DROP_TCP_RST, now);
        if (seg->seq > c->rcv.nxt && seg->seq < c->rcv.adv)
            tcp_close_challenge_ack(c, now);
        return false;
    }
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_SYN_RECEIVED: /* simultaneous open: MUST-11 */
        error = ECONNREFUSED;
        break;
    case TCP_STATE_CLOSE_WAIT:
        error = EPIPE; /* Linux: the peer had finished sending */
        break;
    case TCP_STATE_TIME_WAIT:
        if (c->tcp->settings.rfc1337) {
            dropped(c, DROP_TCP_RST, now);
            return false;
        }
        error = 0;
        break;
    case TCP_STATE_CLOSING:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_ESTABLISHED:
    case TCP_STATE_FIN_WAIT_1:
    case TCP_STATE_FIN_WAIT_2:
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_LISTEN:
    case TCP_STATE_COUNT:
        break;
    }
    tcp_close_abort(c, error, false, now);
    return false;
}

/* ---- fourth: SYN (RFC 5961 4) ---- */

/* The fourth check of RFC 9293 3.10.7.4. A peer that lost its memory (RFC 9293 3.5.1) answers the
 * challenge of RFC 5961 4.2 with a RST. */
static bool check_syn(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    if (!(seg->flags & TCP_SYN))
        return true;
    /* figure 7: the peer's SYN,ACK of a simultaneous open; its SYN is the one that we know */
    if (c->state == TCP_STATE_SYN_RECEIVED && (seg->flags & TCP_ACK) && seg->seq == c->rcv.irs &&
        seg->ack == c->snd.nxt && tcp_segment_len(seg) == 1) {
        tcp_delack_on_urgent_need(&c->delack);
        return true;
    }
    dropped(c, DROP_TCP_SYN, now);
    tcp_close_challenge_ack(c, now);
    return false;
}

/* ---- fifth: ACK ---- */

/* Our SYN was acknowledged: sizes are known, data may flow. RFC 9293 3.5: the handshake is
 * complete. RFC 6298 5.7; RFC 6928 2. */
static void established(struct tcp_conn *c, nanoseconds now)
{
    tcp_open_segment_size(c);
    tcp_cc_init(&c->cc, (enum tcp_cc_kind)c->cc.kind, c->snd.smss,
                c->timers.retransmits > 1 ? 1 : c->tcp->settings.initial_cwnd); /* RFC 5681 3.1 */
    if (c->timers.retransmits == 0)
        tcp_rtt_sample(&c->rtt, now - c->timers.began);
    else
        tcp_rtt_syn_was_lost(&c->rtt);
    if (c->agreed.ts_ok)
        tcp_delack_full_size(&c->delack, c->rcv.rmss - TCP_TIMESTAMP_SPACE);
    tcp_receive_room_start(&c->receive_room, c->receive_buffer.from, now);
    tcp_set_state(c, TCP_STATE_ESTABLISHED, now);
    if (c->close.fin_wanted) /* closed in SYN-RECEIVED: RFC 9293 3.10.4 */
        tcp_set_state(c, TCP_STATE_FIN_WAIT_1, now);
    tcp_user_tell(c);
}

/* The fifth check of RFC 9293 3.10.7.4; in SYN-RECEIVED a wrong one is answered with a RST. */
static bool check_ack(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    if (!(seg->flags & TCP_ACK)) {
        dropped(c, DROP_TCP_NO_ACK, now);
        return false;
    }
    if (c->state == TCP_STATE_SYN_RECEIVED) {
        if (seg->ack <= c->snd.una || seg->ack > c->snd.nxt) {
            dropped(c, DROP_TCP_ACK, now);
            tcp_output_reject(c->tcp, &c->name.tuple.local, &c->name.tuple.remote, seg, now);
            return false;
        }
        established(c, now);
    }
    if (tcp_ack_arrives(c, seg, now) == ACK_DROP) {
        dropped(c, DROP_TCP_ACK, now);
        return false;
    }
    return c->state != TCP_STATE_CLOSED;
}

/* ---- sixth: URG ---- */

/* The sixth check of RFC 9293 3.10.7.4: the program is told of a new mark (RFC 9293 3.8.5,
 * MUST-32). A window of zero does not matter (MUST-66). The byte at the old mark stays out of the
 * stream if all before it was read (as in Linux's tcp_check_urg), else it was told twice. */
static void check_urg(struct tcp_conn *c, const struct tcp_segment *seg)
{
    bool was_at_mark = tcp_is_at_urgent(c);

    if (!(seg->flags & TCP_URG) || c->rcv.fin_seq != 0)
        return;
    if (!tcp_urgent_receive(&c->urgent, seg->seq, seg->up, c->tcp->settings.stdurg != 0,
                            c->receive_buffer.from, c->rcv.nxt))
        return;
    if (was_at_mark)
        ring_drop(&c->receive_buffer, c->receive_buffer.from + 1);
    tcp_user_tell(c);
}

/* ---- seventh: the text ---- */

/* RFC 9293 3.10.7.4 would cut what lies beyond the window; but a segment in order that finds the
 * buffer empty is taken whole, as Linux does: a peer that sends so had no room to be told less. */
static bool overruns(const struct tcp_conn *c, const struct tcp_segment *seg)
{
    return seg->seq == c->rcv.nxt && c->rcv.adv > c->rcv.nxt && ring_used(&c->receive_buffer) == 0;
}

/* Cuts what is left of RCV.NXT or right of the window. false: nothing of it is new. RFC
 * 9293 3.10.7.4: only the new parts of a segment that straddles are processed. */
static bool trim(struct tcp_conn *c, struct tcp_segment *seg, nanoseconds now)
{
    tcp_seq end = seg->seq + seg->length;

    if (c->rcv.fin_seq != 0 && end > c->rcv.fin_seq) { /* behind the end of the stream */
        dropped(c, DROP_TCP_WINDOW, now);
        tcp_delack_on_urgent_need(&c->delack);
        seg->length = c->rcv.fin_seq > seg->seq ? (uint32_t)(c->rcv.fin_seq - seg->seq) : 0;
        end = seg->seq + seg->length;
    }
    if (end <= c->rcv.nxt) {
        if (seg->length != 0) {
            dropped(c, DROP_TCP_DUPLICATE, now);
            tcp_reassembly_duplicate(&c->reassembly, seg->seq, end);
            tcp_delack_on_urgent_need(&c->delack);
        }
        seg->length = 0;
        return false;
    }
    if (seg->seq < c->rcv.nxt) {
        uint32_t cut = (uint32_t)(c->rcv.nxt - seg->seq);

        tcp_reassembly_duplicate(&c->reassembly, seg->seq, c->rcv.nxt);
        seg->payload += cut;
        seg->length -= cut;
        seg->seq += cut;
    }
    if (end > c->rcv.adv && !overruns(c, seg)) {
        uint64_t keep = c->rcv.adv > seg->seq ? c->rcv.adv - seg->seq : 0;

        dropped(c, DROP_TCP_WINDOW, now);
        tcp_delack_on_urgent_need(&c->delack);
        seg->length = (uint32_t)keep;
        seg->flags &= (uint8_t)~TCP_FIN;
        return keep != 0;
    }
    return true;
}

/* RFC 9293 3.10.7.4, the seventh check: text is kept at its place, in order or not (SHLD-31), and
 * acknowledged (RFC 5681 4.2). */
static void take_text(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    tcp_seq before = c->rcv.nxt, end = seg->seq + seg->length;
    bool in_order = seg->seq == before, holes = tcp_reassembly_has_holes(&c->reassembly);
    uint64_t added = 0;

    if (!ring_has_room(&c->receive_buffer, end) &&
        !tcp_buffers_reserve(c, &c->receive_buffer, end,
                             tcp_reassembly_end(&c->reassembly, before))) {
        dropped(c, DROP_TCP_MEMORY, now);
        return;
    }
    if (!tcp_reassembly_add(&c->reassembly, c->tcp->hole_pool, &c->rcv.nxt, seg->seq, end,
                            &added)) {
        dropped(c, DROP_TCP_REASSEMBLY, now);
        tcp_delack_on_urgent_need(&c->delack);
        return;
    }
    if (added == 0) {
        dropped(c, DROP_TCP_DUPLICATE, now);
        tcp_reassembly_duplicate(&c->reassembly, seg->seq, end);
        tcp_delack_on_urgent_need(&c->delack);
        return;
    }
    ring_write(&c->receive_buffer, seg->seq, seg->payload, seg->length);
    tcp_urgent_data(&c->urgent, seg->seq, seg->payload, seg->length);
    c->totals.data_in++;
    c->totals.bytes_received += added;
    c->totals.last_data_received = now;
    if (!in_order) {
        c->totals.out_of_order++;
        tcp_delack_on_urgent_need(&c->delack); /* RFC 5681 4.2: at once */
        return;
    }
    ring_extend(&c->receive_buffer, c->rcv.nxt);
    tcp_delack_on_data(&c->delack, (uint32_t)(c->rcv.nxt - before), seg->length, now);
    if (holes)
        tcp_delack_on_urgent_need(&c->delack);
    tcp_user_tell(c);
}

/* Is there anybody who could read it? false: the connection was reset. */
static bool check_reader(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    if (c->user.held || seg->length == 0 || seg->seq + seg->length <= c->rcv.nxt)
        return true;
    dropped(c, DROP_TCP_CLOSED, now); /* RFC 9293 3.6.1 (SHLD-3): data after close */
    tcp_output_reject(c->tcp, &c->name.tuple.local, &c->name.tuple.remote, seg,
                      now); /* where the peer expects it */
    tcp_close_abort(c, 0, false, now);
    return false;
}

/* The seventh check of RFC 9293 3.10.7.4. */
static bool check_text(struct tcp_conn *c, struct tcp_segment *seg, nanoseconds now)
{
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_ESTABLISHED:
    case TCP_STATE_FIN_WAIT_1:
    case TCP_STATE_FIN_WAIT_2:
        if (!check_reader(c, seg, now))
            return false;
        if (seg->length != 0 && trim(c, seg, now))
            take_text(c, seg, now);
        break;
    case TCP_STATE_CLOSE_WAIT:
    case TCP_STATE_CLOSING:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_TIME_WAIT: /* the peer has finished: text can only be old */
        if (seg->length != 0 || (seg->flags & TCP_FIN))
            tcp_delack_on_urgent_need(&c->delack);
        break;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_SYN_RECEIVED:
    case TCP_STATE_CLOSED:
    case TCP_STATE_LISTEN:
    case TCP_STATE_COUNT:
        break;
    }
    return true;
}

/* ---- eighth: FIN ---- */

/* A FIN is an octet like others: not right of the window (RFC 9293 3.4), unless it is next; nor
 * before text that has come. */
static bool fin_is_credible(const struct tcp_conn *c, tcp_seq end)
{
    return end >= tcp_reassembly_end(&c->reassembly, c->rcv.nxt) &&
           (end < c->rcv.adv || end == c->rcv.nxt);
}

/* The eighth check of RFC 9293 3.10.7.4: a FIN counts when all before it has come. */
static void check_fin(struct tcp_conn *c, const struct tcp_segment *seg, tcp_seq end,
                      nanoseconds now)
{
    bool open = c->state == TCP_STATE_ESTABLISHED || c->state == TCP_STATE_FIN_WAIT_1 ||
                c->state == TCP_STATE_FIN_WAIT_2;
    bool room;

    if (!open) {
        if ((seg->flags & TCP_FIN) && c->state == TCP_STATE_TIME_WAIT)
            tcp_timer_on_wait(c, now); /* restart the 2 MSL timeout */
        return;
    }
    if ((seg->flags & TCP_FIN) && c->rcv.fin_seq == 0 && fin_is_credible(c, end))
        c->rcv.fin_seq = end;
    if (c->rcv.fin_seq == 0 || c->rcv.nxt != c->rcv.fin_seq) { /* there are holes before it */
        if (seg->flags & TCP_FIN)
            tcp_delack_on_urgent_need(&c->delack);
        return;
    }
    room = c->rcv.adv > c->rcv.nxt;
    c->rcv.nxt++;
    if (c->state == TCP_STATE_ESTABLISHED && room)
        tcp_delack_on_fin(&c->delack, now);
    else
        tcp_delack_on_urgent_need(&c->delack);
    tcp_close_fin_received(c, now);
}

/* ---- SYN-SENT (3.10.7.3) ---- */

/* RFC 9293 3.10.7.3, in its order: ACK, RST, SYN (there is no security). A SYN alone is a
 * simultaneous open (RFC 9293 3.5). */
static void syn_sent_arrives(struct tcp_conn *c, struct tcp_segment *seg, nanoseconds now)
{
    bool acked = (seg->flags & TCP_ACK) != 0;
    uint64_t offered;

    if (acked && (seg->ack <= c->snd.iss || seg->ack > c->snd.nxt)) { /* first: ACK */
        dropped(c, DROP_TCP_ACK, now);
        tcp_output_reject(c->tcp, &c->name.tuple.local, &c->name.tuple.remote, seg, now);
        return;
    }
    if (seg->flags & TCP_RST) { /* second: RST, only if it acknowledges our SYN */
        if (acked)
            tcp_close_abort(c, ECONNREFUSED, false, now);
        else
            dropped(c, DROP_TCP_RST, now);
        return;
    }
    if (!(seg->flags & TCP_SYN)) { /* fourth: SYN */
        dropped(c, DROP_TCP_BAD_FLAGS, now);
        return;
    }
    seg->seq = ((uint64_t)1 << 32) + (uint32_t)seg->seq;
    offered = c->rcv.adv - c->rcv.nxt;
    tcp_open_agree(c, seg);
    tcp_open_numbers(c, c->snd.iss, seg->seq);
    tcp_input_start(c, seg->seq, seg->ts_val, now);
    tcp_output_offered(c, offered);
    tcp_ack_window(c, seg);
    if (!acked) { /* simultaneous open: MUST-10 */
        tcp_set_state(c, TCP_STATE_SYN_RECEIVED, now);
        tcp_output_syn(c, MARK_NONE, now);
        return;
    }
    established(c, now);
    (void)tcp_ack_arrives(c, seg, now);
    tcp_delack_on_urgent_need(&c->delack);
    if (seg->length != 0 || (seg->flags & TCP_FIN)) { /* text on a SYN-ACK starts after the SYN */
        tcp_seq end = seg->seq + 1 + seg->length;

        seg->seq++;
        if (check_text(c, seg, now))
            check_fin(c, seg, end, now);
    }
}

/* RFC 9293 3.10.7.4: the checks in their order; SYN-SENT has its own (RFC 9293 3.10.7.3). */
void tcp_segment_arrives(struct tcp_conn *c, struct tcp_segment *seg, nanoseconds now)
{
    tcp_seq end = seg->seq + seg->length;

    c->totals.segments_in++;
    if (c->state == TCP_STATE_SYN_SENT) {
        syn_sent_arrives(c, seg, now);
        return;
    }
    if (!check_sequence(c, seg, now) || !check_rst(c, seg, now) || !check_syn(c, seg, now))
        return;
    tcp_timer_on_heard(c, now);
    if (!check_ack(c, seg, now))
        return;
    if (seg->flags & TCP_SYN)
        tcp_ack_window(c, seg);
    note_timestamp(c, seg, now);
    check_urg(c, seg);
    if (!check_text(c, seg, now))
        return;
    check_fin(c, seg, end, now);
}
