/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the only sender of a connection's segments. Every entry that touched a connection ends
 * with tcp_output: next_to_send() says what, from where, how long and why, until there is nothing;
 * then it is built and marked sent. The order: lost data first (RFC 6675 5, step C), then new data
 * within window, cwnd, Nagle and silly-window avoidance (RFC 9293 3.8.6.2.1, 3.7.4), the FIN with
 * or behind the last of it, and last an ACK alone if one is owed and nothing carried it.
 *
 * What a timer wants sent (SYN, probes) has a function each here. Writers elsewhere change state
 * and leave sending to this file. SND.NXT and RCV.ADV are written here only.
 */
#include "4-transport/tcp/tcp_conn.h"

#include "base/checksum.h"
#include "base/integer.h"

enum what { SEND_NOTHING, SEND_LOST, SEND_NEW };

struct intent {
    enum what what;
    tcp_seq from;
    uint32_t length; /* payload */
    bool fin;
    bool push; /* even if more was announced */
    enum mark mark;
};

/* What of it waits in the host's own wire queue is charged to it. */
static void open_charge(struct tcp_conn *c)
{
    if (!c->charge)
        c->charge = charge_open(c->tcp->means->packets, c->tcp->service.drained);
    if (c->charge)
        c->charge->owner = &c->end;
}

void tcp_output_close(struct tcp_conn *c)
{
    charge_close(c->tcp->means->packets, c->charge);
    c->charge = NULL;
}

void tcp_output_start(struct tcp_conn *c)
{
    open_charge(c);
    c->snd.nxt = c->snd.iss;
    c->snd.fin_sent = 0;
    c->rcv.adv = c->rcv.nxt;
}

/* A passive connection: its SYN-ACK, with this window, went out before it was made. */
void tcp_output_child(struct tcp_conn *c, uint32_t window)
{
    c->snd.nxt = c->snd.iss + 1;
    c->rcv.adv = c->rcv.nxt + window;
}

/* The peer's SYN came: the window that ours offered begins behind it. */
void tcp_output_offered(struct tcp_conn *c, uint64_t window)
{
    c->rcv.adv = c->rcv.nxt + window;
}

/* The path became smaller (RFC 1191 6.4). How small is known when the event is over, so output has
 * another turn then, at the same time (TCP_TIMER_SEND_LATER). */
void tcp_output_path_changed(struct tcp_conn *c)
{
    c->sending.path_changed = 1;
}

/* ---- building ---- */

/* RFC 9293 3.8.6: its right edge never moves left (SHLD-14); RFC 7323 2.3: scaled. */
static void offer_window(struct tcp_conn *c, struct tcp_segment *seg)
{
    uint64_t room = tcp_receive_room_window(&c->receive_room);
    uint64_t wire, free;
    uint8_t scale = c->rcv.wscale;

    if (c->options.window_clamp != 0)
        room = least(room, c->options.window_clamp);
    if (seg->flags & TCP_SYN) { /* RFC 7323 2.2: not scaled */
        seg->wnd = tcp_window_initial(room, c->rcv.rmss);
        c->rcv.adv = c->rcv.nxt + seg->wnd;
        return;
    }
    free = least(tcp_buffers_free(c), room);
    c->rcv.adv = tcp_window_offer(c->rcv.nxt, c->rcv.adv, free, room, c->rcv.rmss, scale);
    wire = tcp_window_wire(c->rcv.adv - c->rcv.nxt, free, scale);
    c->rcv.adv = most(c->rcv.adv, c->rcv.nxt + (wire << scale));
    seg->wnd = (uint32_t)wire;
}

/* The fields every segment of a connection has; timestamps in each (RFC 7323 3.2). */
static void segment_begin(struct tcp_conn *c, struct tcp_segment *seg, tcp_seq seq, uint8_t flags,
                          nanoseconds now)
{
    seg->source_port = c->name.tuple.local.port;
    seg->dest_port = c->name.tuple.remote.port;
    seg->seq = seq;
    seg->flags = flags;
    seg->options = 0;
    seg->block_count = 0;
    seg->up = 0;
    seg->length = 0;
    seg->ack = flags & TCP_ACK ? c->rcv.nxt : 0;
    offer_window(c, seg);
    if (c->agreed.ts_ok) {
        seg->options |= TCP_HAS_TIMESTAMP;
        seg->ts_val = tcp_timestamp_value(&c->ts, now);
        seg->ts_ecr = flags & TCP_ACK ? c->ts.recent : 0;
    }
}

/* RFC 2018 4: SACK blocks in every ACK while there are holes; RFC 2883 4. */
static bool has_sack(const struct tcp_conn *c)
{
    return c->agreed.sack_ok &&
           (tcp_reassembly_has_holes(&c->reassembly) || c->reassembly.duplicate.to != 0);
}

static void segment_sack(struct tcp_conn *c, struct tcp_segment *seg)
{
    uint32_t most_blocks = c->agreed.ts_ok ? 3 : 4;

    seg->block_count =
        tcp_reassembly_blocks(&c->reassembly, most_blocks, c->tcp->settings.dsack != 0, seg->block);
}

/* Is it a connection's path, which has more to say than others? Of those that answer and of half
 * open connections none is, but that an address of theirs may have become a broadcast address. */
static bool is_own(const struct ip_path *path)
{
    return path->special && (path->options_bytes || !(path->broadcast | path->group));
}

/* Puts the header in front of a packet that holds the payload (whose sum is given), and sends it:
 * RFC 9293 3.1 (the checksum, MUST-2) and RFC 9293 3.9.2 (the lower level: addresses, TOS, TTL). */
static int transmit(struct tcp *t, const struct tcp_segment *seg, struct packet *p, uint64_t sum,
                    const struct ip_path *path, const struct ip_send_facts *facts, nanoseconds now)
{
    struct ip_send_facts of_flow = {
        .hop_limit = facts->hop_limit,
        .traffic_class = facts->traffic_class,
        .dont_fragment = facts->dont_fragment,
        .flow = (uint32_t)seg->source_port << 16 | seg->dest_port,
    };
    uint32_t bytes = seg->header_bytes;
    uint8_t *header = packet_push(p, bytes);
    struct writer w = writer_of(header, bytes);
    uint16_t checksum;

    tcp_header_write(&w, seg);
    sum = checksum_header(sum, header, bytes);
    sum += checksum_pseudo(path->source, path->dest, IP_PROTOCOL_TCP, packet_length(p));
    checksum = checksum_finish(sum);
    u16_put(header + 16, checksum);
    if (unlikely(is_own(path)))
        options_rare_packet(&container_of(path, const struct tcp_conn, path)->options.common, NULL,
                            path, &of_flow, p);
    return ip_send(t->ip, &t->ip_upper, path, &of_flow, p, now);
}

/* Sends one segment of the connection; length bytes of the send buffer from seg->seq on. RFC
 * 9293 3.9.1.9 (MUST-48), 3.9.2 (MUST-49): with its TOS and TTL. false: no packet could be had,
 * nothing happened. */
static bool send_segment(struct tcp_conn *c, struct tcp_segment *seg, uint32_t length,
                         enum mark mark, nanoseconds now)
{
    struct tcp *t = c->tcp;
    const struct options_family *of = options_to(&c->options.common, c->path.dest);
    struct ip_send_facts facts = {.hop_limit = of->hop_limit,
                                  .traffic_class = of->traffic_class,
                                  .dont_fragment = options_set_dont_fragment(of)};
    uint32_t header = seg->header_bytes = (uint8_t)tcp_header_bytes(seg);
    struct packet *p = packet_get(t->means->packets, &t->means->packet_budget, header + length);
    uint64_t sum = 0;

    if (!p) {
        c->sending.starved = 1;
        return false;
    }
    seg->length = length;
    if (length != 0)
        sum = ring_read_checksum(&c->send_buffer, seg->seq, packet_append(p, length), length, 0);
    if (tcp_urgent_is_sent(&c->urgent) &&
        tcp_urgent_field(&c->urgent, seg->seq, c->snd.una, &seg->up))
        seg->flags |= TCP_URG;
    p->mark = (uint8_t)mark;
    if (c->charge)
        packet_charge(p, c->charge);
    c->totals.segments_out++;
    if (length != 0) {
        c->totals.data_out++;
        c->totals.bytes_sent += length;
        c->totals.last_data_sent = now;
        tcp_delack_on_data_sent(&c->delack, now);
    }
    if (seg->flags & TCP_ACK) {
        tcp_delack_on_ack_sent(&c->delack);
        tcp_timestamp_on_ack_sent(&c->ts, c->rcv.nxt);
    }
    (void)transmit(t, seg, p, sum, &c->path, &facts, now); /* a refusal is a loss: it is repaired */
    return true;
}

/* ---- deciding ---- */

static uint64_t unsent(const struct tcp_conn *c)
{
    return c->send_buffer.to > c->snd.nxt ? c->send_buffer.to - c->snd.nxt : 0;
}

/* RFC 9293 3.10.2: the states in which what SEND gave may go. */
static bool may_send_data(const struct tcp_conn *c)
{
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_ESTABLISHED:
    case TCP_STATE_CLOSE_WAIT:
    case TCP_STATE_FIN_WAIT_1:
    case TCP_STATE_CLOSING:
    case TCP_STATE_LAST_ACK:
        return true;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_SYN_RECEIVED:
    case TCP_STATE_FIN_WAIT_2:
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_LISTEN:
    case TCP_STATE_COUNT:
        break;
    }
    return false;
}

static enum mark mark_of_lost(const struct tcp_conn *c)
{
    if (c->recovery.phase == RECOVERY_LOSS)
        return MARK_RETRANSMIT_RTO;
    if (c->board.sacked != 0)
        return MARK_RETRANSMIT_SACK;
    return c->recovery.partial ? MARK_RETRANSMIT_PARTIAL : MARK_RETRANSMIT_FAST;
}

/* Lost data may always go when nothing is in flight; else while the pipe has room. RFC 6675 5 (step
 * C), RFC 9293 3.8.2. */
static bool next_lost(struct tcp_conn *c, uint32_t smss, struct intent *i)
{
    const struct tcp_sent *s = tcp_scoreboard_next_lost(&c->board);
    uint64_t pipe, data;

    if (!s)
        return false;
    pipe = tcp_scoreboard_pipe(&c->board);
    data = s->from < c->send_buffer.to ? least(s->to, c->send_buffer.to) - s->from : 0;
    i->what = SEND_LOST;
    i->from = s->from;
    i->length = (uint32_t)least(data, smss);
    i->fin = i->length == data && s->to > c->send_buffer.to;
    i->mark = mark_of_lost(c);
    if (pipe != 0 && pipe + i->length > c->cc.cwnd) {
        /* RFC 5681 3.2 step 3: the first retransmission of a recovery goes at once */
        if (c->recovery.phase != RECOVERY_FAST || c->board.high_rxt > c->snd.una ||
            s->from != c->snd.una) {
            tcp_usage_on_held(&c->usage);
            return false;
        }
    }
    return true;
}

/* RFC 9293 3.7: the stream is cut into segments of the peer's size; within the peer's window
 * (3.8.6: it may have shrunk, MUST-34), Nagle and silly-window avoidance (RFC 9293 3.8.6.2.1), and
 * cwnd (RFC 9293 3.8.2). */
static bool next_new(struct tcp_conn *c, uint32_t smss, struct intent *i)
{
    uint64_t pipe, have = unsent(c), edge = c->snd.una + c->snd.wnd;
    struct tcp_window_question q;

    if (c->snd.fin_sent)
        return false;
    i->from = c->snd.nxt;
    i->mark = MARK_NONE;
    if (have == 0) {
        i->length = 0;
        i->fin = c->close.fin_wanted;
        i->what = i->fin ? SEND_NEW : SEND_NOTHING;
        return i->fin;
    }
    q = (struct tcp_window_question){
        .have = have,
        .usable = edge > c->snd.nxt ? edge - c->snd.nxt : 0,
        .wnd_max = c->snd.wnd_max,
        .smss = smss,
        .no_delay = (c->options.no_delay && !c->options.cork) || c->push.now,
        .corked = (c->options.cork && !c->push.now) || c->push.more,
        .partial_unacked = c->snd.small_end > c->snd.una && c->snd.nxt > c->snd.una,
        .last = c->close.fin_wanted,
    };

    if (tcp_window_ask(&q, &i->length) != WINDOW_SEND)
        return false;
    pipe = tcp_scoreboard_pipe(&c->board);
    if (pipe != 0 && pipe + i->length > c->cc.cwnd) {
        tcp_usage_on_held(&c->usage);
        return false;
    }
    i->what = SEND_NEW;
    i->fin = c->close.fin_wanted && i->length == have;
    return true;
}

static bool next_to_send(struct tcp_conn *c, struct intent *i, nanoseconds now)
{
    uint32_t smss = c->snd.smss;

    i->what = SEND_NOTHING;
    if (!may_send_data(c))
        return false;
    if (c->charge && c->charge->packets >= TCP_QUEUE_SEGMENTS) {
        c->charge->wants = 1; /* the wire's own queue holds enough of ours: tcp_drained goes on */
        c->sending.queue_limited = 1;
        return false;
    }
    c->sending.queue_limited = 0;
    if (tcp_pacer_holds(&c->pacer, tcp_pacing_rate(c), now))
        return false; /* TCP_TIMER_PACE goes on */
    if (has_sack(c))
        smss -= c->agreed.ts_ok ? 28 : 36; /* SACK blocks ride along */
    return next_lost(c, smss, i) || next_new(c, smss, i);
}

static void tell_sent(struct tcp_conn *c, const struct intent *i, tcp_seq end, nanoseconds now)
{
    struct sent_event e = {.now = now,
                           .from = i->from,
                           .to = end,
                           .pipe = tcp_scoreboard_pipe(&c->board),
                           .again = i->what == SEND_LOST};

    tcp_cc_on_sent(&c->cc, &e);
}

/* RFC 9293 3.8: one segment that takes numbers; it stays on the board until acknowledged. */
static bool send_intent(struct tcp_conn *c, const struct intent *i, nanoseconds now)
{
    struct tcp_segment seg;
    tcp_seq end = i->from + i->length + i->fin;
    uint8_t flags = TCP_ACK;

    if (!tcp_scoreboard_has_room(&c->board) && !tcp_buffers_reserve_record(c)) {
        c->sending.starved = 1;
        return false;
    }
    if (i->length != 0 &&
        (i->push || (i->from + i->length == c->send_buffer.to && !c->push.no_push)))
        flags |= TCP_PSH; /* RFC 9293 3.9.1, MUST-61: the last of what was written */
    if (i->fin)
        flags |= TCP_FIN;
    segment_begin(c, &seg, i->from, flags, now);
    if (has_sack(c))
        segment_sack(c, &seg);
    if (!send_segment(c, &seg, i->length, i->mark, now))
        return false;
    if (i->what == SEND_LOST) {
        tcp_scoreboard_sent_again(&c->board, i->from, end, now);
        if (i->from == c->snd.una)
            tcp_timer_on_first_again(c);
        c->totals.segments_again++;
        c->totals.bytes_again += i->length;
    } else {
        tcp_scoreboard_sent(&c->board, i->from, end, now);
        c->snd.nxt = end;
        if (i->length != 0 && i->length < c->snd.smss)
            c->snd.small_end = end;
        c->snd.fin_sent = i->fin;
    }
    tcp_pacer_on_sent(&c->pacer, tcp_pacing_rate(c), i->length, now);
    if (tcp_cc_hears_sent(&c->cc))
        tell_sent(c, i, end, now);
    return true;
}

/* The path's MTU may have changed; what was sent and does not fit any more is lost (RFC 1191 6.4).
 */
static void fit_path(struct tcp_conn *c)
{
    uint32_t before = c->snd.smss;

    tcp_open_segment_size(c);
    if (c->snd.smss < before)
        tcp_scoreboard_larger_lost(&c->board, c->snd.smss);
}

/* RFC 5681 4.1: cwnd says nothing after an idle RTO. */
static void begin_again(struct tcp_conn *c, nanoseconds now)
{
    const struct tcp_settings *s = &c->tcp->settings;
    struct idle_event e = {.now = now,
                           .since = c->totals.last_data_sent,
                           .restart_window = s->slow_start_after_idle
                                                 ? (uint64_t)c->snd.smss * s->initial_cwnd
                                                 : UINT64_MAX};

    tcp_cc_on_idle(&c->cc, &e);
}

/* Is there anything that could be sent, or is to be sent again? */
static bool has_work(const struct tcp_conn *c)
{
    return unsent(c) != 0 || c->board.lost_segments != 0 ||
           (c->close.fin_wanted && !c->snd.fin_sent);
}

/* What its numbers and the window let go: RFC 9293 3.8. */
static void send_stream(struct tcp_conn *c, nanoseconds now)
{
    struct intent intent = {.push = false};
    tcp_seq before = c->snd.nxt;

    if (c->snd.nxt == c->snd.una && unsent(c) != 0 && c->totals.last_data_sent != 0 &&
        now - c->totals.last_data_sent > tcp_rtt_timeout(&c->rtt))
        begin_again(c, now);
    tcp_usage_begin(&c->usage);
    while (has_work(c) && next_to_send(c, &intent, now) && send_intent(c, &intent, now)) {
    }
    tcp_usage_on_sent(&c->usage, c->snd.una, c->snd.nxt, c->snd.nxt != before);
}

/* RFC 9293 3.8. What later ICMP errors said of the path's MTU is asked for here (RFC 9293 3.7.2),
 * and what a route said of another interface (RFC 9293 3.7.3). */
void tcp_output(struct tcp_conn *c, nanoseconds now)
{
    c->sending.starved = c->sending.path_changed = 0;
    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_LISTEN)
        return;
    if (!ip_path_is_fresh(c->tcp->ip, &c->path) &&
        ip_path_refresh(c->tcp->ip, &c->path, now) == 0) {
        options_path(&c->options.common, &c->path);
        if (c->snd.smss != 0)
            fit_path(c);
    }
    if (has_work(c))
        send_stream(c, now);
    if (c->delack.now && c->state != TCP_STATE_SYN_SENT)
        tcp_output_ack(c, MARK_NONE, now);
}

/* ---- what others ask for by name ---- */

/* RFC 9293 3.5: with what is agreed, or before with what we would have. */
void tcp_output_syn(struct tcp_conn *c, enum mark mark, nanoseconds now)
{
    bool answer = c->state == TCP_STATE_SYN_RECEIVED;
    struct tcp_segment seg;
    struct tcp_offer offer;

    segment_begin(c, &seg, c->snd.iss, (uint8_t)(TCP_SYN | (answer ? TCP_ACK : 0)), now);
    tcp_open_offer(c, &c->path, &offer);
    tcp_offer_write(&offer, answer ? &c->agreed : NULL, &seg);
    seg.ts_val = tcp_timestamp_value(&c->ts, now);
    seg.ts_ecr = answer ? c->ts.recent : 0;
    (void)send_segment(c, &seg, 0, mark, now);
    if (c->snd.nxt == c->snd.iss)
        c->snd.nxt = c->snd.iss + 1;
}

/* RFC 9293 3.8.6.3: an ACK alone. */
void tcp_output_ack(struct tcp_conn *c, enum mark mark, nanoseconds now)
{
    struct tcp_segment seg;

    segment_begin(c, &seg, c->snd.nxt, TCP_ACK, now);
    if (has_sack(c))
        segment_sack(c, &seg);
    (void)send_segment(c, &seg, 0, mark, now);
}

/* An octet that the peer has already, and so must acknowledge: RFC 9293 3.8.4, 3.8.6.1. */
void tcp_output_probe(struct tcp_conn *c, enum mark mark, nanoseconds now)
{
    struct tcp_segment seg;

    segment_begin(c, &seg, c->snd.una - 1, TCP_ACK, now);
    (void)send_segment(c, &seg, 0, mark, now);
}

/* RFC 9293 3.8.6.2.1 (4): the override timeout: what the window takes goes now. */
bool tcp_output_wakeup(struct tcp_conn *c, nanoseconds now)
{
    uint64_t edge = c->snd.una + c->snd.wnd;
    struct intent i = {.what = SEND_NEW, .from = c->snd.nxt, .push = true, .mark = MARK_NONE};

    if (unsent(c) == 0 || edge <= c->snd.nxt)
        return false;
    i.length = (uint32_t)least(least(unsent(c), edge - c->snd.nxt), c->snd.smss);
    i.fin = c->close.fin_wanted && i.length == unsent(c);
    return send_intent(c, &i, now);
}

/* ABORT's RST is at SND.NXT, where alone the peer believes it (RFC 9293 3.10.5, RFC 5961 3.2). */
void tcp_output_reset(struct tcp_conn *c, nanoseconds now)
{
    struct tcp_segment seg;

    c->tcp->counts.resets_out++;
    segment_begin(c, &seg, c->snd.nxt, TCP_RST | TCP_ACK, now);
    (void)send_segment(c, &seg, 0, MARK_NONE, now);
}

void tcp_output_reply(struct tcp *t, struct tcp_reply *reply, const struct ip_path *path,
                      nanoseconds now)
{
    struct ip_path found;
    struct packet *p;

    reply->seg.source_port = reply->local.port;
    reply->seg.dest_port = reply->remote.port;
    if (!path) {
        if (ip_path_find(t->ip, reply->remote.address, reply->local.address, reply->local.interface,
                         now, &found) < 0)
            return;
        path = &found;
    }
    p = packet_get(t->means->packets, &t->means->packet_budget, TCP_HEADER_MOST);
    if (!p)
        return;
    t->counts.segments_out++;
    t->counts.resets_out += (reply->seg.flags & TCP_RST) != 0;
    p->mark = (uint8_t)reply->mark;
    reply->seg.header_bytes = (uint8_t)tcp_header_bytes(&reply->seg);
    (void)transmit(t, &reply->seg, p, 0, path, &reply->facts, now);
}

/* RFC 9293 3.5.2 (group 1 and 2), RFC 9293 3.10.7.1: the RST that the sender will believe. Where
 * the segment has a timestamp it is echoed, so that the sender may know its own (RFC 7323 5.2). */
void tcp_output_reject(struct tcp *t, const struct endpoint *local, const struct endpoint *remote,
                       const struct tcp_segment *seg, nanoseconds now)
{
    struct tcp_reply reply = {.local = *local, .remote = *remote};

    if (seg->flags & TCP_RST)
        return;
    if (seg->flags & TCP_ACK) {
        reply.seg.seq = seg->ack;
        reply.seg.flags = TCP_RST;
    } else {
        reply.seg.ack = seg->seq + tcp_segment_len(seg);
        reply.seg.flags = TCP_RST | TCP_ACK;
    }
    if (seg->options & TCP_HAS_TIMESTAMP) {
        reply.seg.options = TCP_HAS_TIMESTAMP;
        reply.seg.ts_ecr = seg->ts_val;
    }
    reply.facts.dont_fragment = 1;
    tcp_output_reply(t, &reply, NULL, now);
}
