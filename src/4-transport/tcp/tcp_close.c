/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: ending a connection: what CLOSE means in each state (RFC 9293 3.10.4), ABORT (3.10.5), the
 * FIN states (3.6), TIME-WAIT, and the challenge ACKs of RFC 5961. tcp_set_state is the only writer
 * of the state, and says so to the observers. A connection in CLOSED that nobody holds is put on
 * the list of the dead, and freed when the entry ends.
 */
#include "4-transport/tcp/tcp_conn.h"

void tcp_state_emit(const struct tcp *t, const struct tcp_tuple *tuple, uint64_t serial,
                    enum tcp_state_name from, enum tcp_state_name to, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&t->means->voice, EVENT_TCP_STATE, now);

    if (!event)
        return;
    event->tcp_state = (struct event_tcp_state){
        .flow = {tuple->local, tuple->remote, serial}, .from = (uint8_t)from, .to = (uint8_t)to};
}

/* RFC 9293 3.3.2: the arrows of figure 5 all come through here. */
void tcp_set_state(struct tcp_conn *c, enum tcp_state_name state, nanoseconds now)
{
    if (c->state == state)
        return;
    tcp_state_emit(c->tcp, &c->name.tuple, c->serial, (enum tcp_state_name)c->state, state, now);
    c->state = (uint8_t)state;
    tcp_user_tell(c);
}

void tcp_state_begin(struct tcp_conn *c, enum tcp_state_name state)
{
    c->state = (uint8_t)state;
}

/* Lets go of memory and tables; the struct stays until its user lets go too. */
static void release(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    tcp_reassembly_done(&c->reassembly, t->hole_pool);
    tcp_name_release(c);
    ring_done(&c->send_buffer, t->means->buffers, &t->means->buffer_budget);
    tcp_scoreboard_done(&c->board, t->means->buffers, &t->means->buffer_budget);
    tcp_buffers_leave(c);
    tcp_output_close(c);
    tcp_timer_stop(c);
}

static void bury(struct tcp_conn *c)
{
    if (list_has(&c->queue))
        return;
    ring_done(&c->receive_buffer, c->tcp->means->buffers, &c->tcp->means->buffer_budget);
    list_add(&c->tcp->dead, &c->queue);
}

/* RFC 9293 3.10.5: whom ABORT resets. In CLOSING and LAST-ACK the peer has had our FIN, and
 * there is nothing to tell; but here they begin when the FIN is queued, and then it has not. */
bool tcp_close_resets(const struct tcp_conn *c)
{
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_SYN_RECEIVED:
    case TCP_STATE_ESTABLISHED:
    case TCP_STATE_FIN_WAIT_1:
    case TCP_STATE_FIN_WAIT_2:
    case TCP_STATE_CLOSE_WAIT:
        return true;
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_CLOSING:
        return c->snd.nxt <= c->send_buffer.to;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_LISTEN:
    case TCP_STATE_COUNT:
        break;
    }
    return false;
}

/* To CLOSED at once: ABORT (RFC 9293 3.9.1.6, 3.10.5: a RST in the synchronized states), the peer's
 * RST (RFC 9293 3.5.3), a timeout, the last ACK. */
void tcp_close_abort(struct tcp_conn *c, int error, bool reset, nanoseconds now)
{
    if (c->state == TCP_STATE_CLOSED)
        return;
    if (reset && c->state != TCP_STATE_SYN_SENT && c->state != TCP_STATE_TIME_WAIT &&
        c->state != TCP_STATE_LISTEN)
        tcp_output_reset(c, now);
    if (error != 0)
        tcp_user_error(c, error);
    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED)
        c->tcp->counts.attempt_fails++;
    else if (c->state == TCP_STATE_ESTABLISHED || c->state == TCP_STATE_CLOSE_WAIT)
        c->tcp->counts.resets++;
    if (!c->user.held && c->state != TCP_STATE_TIME_WAIT)
        c->tcp->orphan_count--;
    tcp_set_state(c, TCP_STATE_CLOSED, now);
    c->close.shut_reading = 1;
    release(c);
    if (!c->user.held) {
        list_remove(&c->queue); /* of those that wait */
        bury(c);
    }
}

/* Nobody holds it any more, and it is closed. */
void tcp_close_leave(struct tcp_conn *c)
{
    tcp_user_leave(c);
    release(c);
    bury(c);
}

/* A TIME-WAIT that nobody holds may make room for others, and is no orphan: it costs no buffers. */
void tcp_close_wait_alone(struct tcp_conn *c)
{
    ring_done(&c->receive_buffer, c->tcp->means->buffers, &c->tcp->means->buffer_budget);
    list_add(&c->tcp->waiting, &c->queue);
}

/* A host has so many connections and no more, or it would take what is another's (T-21). At the
 * limit the oldest TIME-WAIT makes room. */
bool tcp_close_make_room(struct tcp *t, nanoseconds now)
{
    if (t->connections.count < t->connections.limit)
        return true;
    if (!t->waiting.first)
        return false;
    tcp_close_abort(container_of(t->waiting.first, struct tcp_conn, queue), 0, false, now);
    return true;
}

/* RFC 9293 3.6.1, MUST-13: the pair stays taken for 2 MSL, so that nothing old meets a new
 * connection (RFC 9293 3.4.2). */
void tcp_close_time_wait(struct tcp_conn *c, nanoseconds now)
{
    struct tcp *t = c->tcp;

    tcp_set_state(c, TCP_STATE_TIME_WAIT, now);
    if (!c->user.held) {
        t->orphan_count--;
        tcp_close_wait_alone(c);
    }
    tcp_timer_on_wait(c, now);
    ring_done(&c->send_buffer, t->means->buffers, &t->means->buffer_budget);
    tcp_scoreboard_done(&c->board, t->means->buffers, &t->means->buffer_budget);
}

/* ---- the FIN states ---- */

/* The peer's FIN has its number: who closes first goes by CLOSING or FIN-WAIT-2, who closes second
 * by CLOSE-WAIT (RFC 9293 3.6, cases 1 to 3; 3.10.7.4, eighth check). */
void tcp_close_fin_received(struct tcp_conn *c, nanoseconds now)
{
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_SYN_RECEIVED:
    case TCP_STATE_ESTABLISHED:
        tcp_set_state(c, TCP_STATE_CLOSE_WAIT, now);
        break;
    case TCP_STATE_FIN_WAIT_1: /* ours is not acknowledged yet, or check 5 had moved us on */
        tcp_set_state(c, TCP_STATE_CLOSING, now);
        break;
    case TCP_STATE_FIN_WAIT_2:
        tcp_close_time_wait(c, now);
        break;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_CLOSE_WAIT:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_LISTEN:
    case TCP_STATE_CLOSING:
    case TCP_STATE_COUNT:
        break;
    }
    tcp_user_tell(c);
}

/* Our FIN was acknowledged: RFC 9293 3.6; 3.10.7.4, fifth check. */
void tcp_close_fin_acked(struct tcp_conn *c, nanoseconds now)
{
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_FIN_WAIT_1:
        tcp_set_state(c, TCP_STATE_FIN_WAIT_2, now);
        tcp_timer_on_wait(c, now);
        break;
    case TCP_STATE_CLOSING:
        tcp_close_time_wait(c, now);
        break;
    case TCP_STATE_LAST_ACK:
        tcp_close_abort(c, 0, false, now);
        break;
    case TCP_STATE_ESTABLISHED:
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_SYN_RECEIVED:
    case TCP_STATE_FIN_WAIT_2:
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_CLOSE_WAIT:
    case TCP_STATE_LISTEN:
    case TCP_STATE_COUNT:
        break;
    }
}

/* ---- what the user ends ---- */

/* Both directions are open again: it is connected anew. */
void tcp_close_renew(struct tcp_conn *c)
{
    c->close.fin_wanted = c->close.shut_reading = 0;
}

void tcp_close_reading(struct tcp_conn *c)
{
    c->close.shut_reading = 1;
}

/* Linux: a shutdown of what is not connected is refused, and yet remembered. */
void tcp_close_refused(struct tcp_conn *c, bool reading, bool writing)
{
    c->close.shut_reading |= reading;
    c->close.fin_wanted |= writing;
}

/* Our stream ends at what is in the send buffer now. RFC 9293 3.6, 3.10.4: CLOSE in each state. */
void tcp_close_sending(struct tcp_conn *c, nanoseconds now)
{
    if (c->close.fin_wanted)
        return;
    switch ((enum tcp_state_name)c->state) {
    case TCP_STATE_SYN_RECEIVED: /* queued until ESTABLISHED, by tcp_input */
        break;
    case TCP_STATE_ESTABLISHED:
        tcp_set_state(c, TCP_STATE_FIN_WAIT_1, now);
        break;
    case TCP_STATE_CLOSE_WAIT:
        tcp_set_state(c, TCP_STATE_LAST_ACK, now);
        break;
    case TCP_STATE_SYN_SENT:
    case TCP_STATE_FIN_WAIT_1:
    case TCP_STATE_FIN_WAIT_2:
    case TCP_STATE_TIME_WAIT:
    case TCP_STATE_CLOSED:
    case TCP_STATE_LAST_ACK:
    case TCP_STATE_LISTEN:
    case TCP_STATE_CLOSING:
    case TCP_STATE_COUNT:
        return;
    }
    c->close.fin_wanted = 1;
}

/* ---- answers to the improbable ---- */

static bool rate_allows(struct tcp_conn *c, nanoseconds now)
{
    nanoseconds between = (nanoseconds)c->tcp->settings.invalid_ratelimit_ms * MILLISECOND;

    return tcp_challenge_allows(&c->challenge, between, now);
}

/* RFC 5961 3.2, 4.2, 5.2; RFC 9293 3.5.1: a peer that knows nothing of us answers it with a RST. */
void tcp_close_challenge_ack(struct tcp_conn *c, nanoseconds now)
{
    if (!rate_allows(c, now))
        return;
    tcp_output_ack(c, MARK_CHALLENGE_ACK, now);
}

/* An unacceptable segment is answered with an ACK (RFC 9293 3.10.7.4, 3.5.2 group 3): text always
 * (the peer must learn where we are), others by rate, so that two confused ends do not chatter. */
void tcp_close_duplicate_ack(struct tcp_conn *c, const struct tcp_segment *seg, nanoseconds now)
{
    if (seg->length == 0 || (seg->flags & TCP_SYN)) {
        if (rate_allows(c, now))
            tcp_delack_on_urgent_need(&c->delack);
        return;
    }
    if (seg->seq + seg->length <= c->rcv.nxt)
        tcp_reassembly_duplicate(&c->reassembly, seg->seq, seg->seq + seg->length);
    tcp_delack_on_urgent_need(&c->delack);
}
