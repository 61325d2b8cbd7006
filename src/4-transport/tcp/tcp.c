/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: TCP of a host, and the user's calls (RFC 9293 3.9.1): OPEN, CLOSE, shutdown, ABORT, SEND,
 * RECEIVE, and what is ready. Each looks at the state (RFC 9293 3.10.1 to 3.10.5), changes what the
 * call is about (the send buffer takes bytes, the receive buffer gives them), and ends like every
 * event with tcp_finish. The passive OPEN stands in tcp_listen, options and STATUS in tcp_option.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/integer.h"

uint32_t tcp_conn_bytes(void)
{
    return sizeof(struct tcp_conn);
}

uint32_t tcp_listener_bytes(void)
{
    return sizeof(struct tcp_listener);
}

static void default_settings(struct tcp_settings *s)
{
    s->timestamps = s->window_scaling = s->sack = s->dsack = 1;
    s->rmem[0] = 4096;
    s->rmem[1] = 131072;
    s->rmem[2] = 6291456;
    s->wmem[0] = 4096;
    s->wmem[1] = 16384;
    s->wmem[2] = 4194304;
    s->syn_retries = 6;
    s->synack_retries = 5;
    s->retries1 = 3;
    s->retries2 = 15;
    s->fin_timeout_ms = s->time_wait_ms = 60000;
    s->tw_reuse = TW_REUSE_LOOPBACK;
    s->tw_reuse_delay_ms = 1000;
    s->keepalive_time_ms = 7200000;
    s->keepalive_interval_ms = 75000;
    s->keepalive_probes = 9;
    s->initial_cwnd = 10;
    s->rto_initial_ms = 1000;
    s->rto_min_us = 200000;
    s->rto_max_ms = 120000;
    s->max_syn_backlog = s->somaxconn = s->max_orphans = 4096;
    s->slow_start_after_idle = 1;
    s->invalid_ratelimit_ms = 500;
    s->rfc1337 = 1;
    s->congestion = TCP_CC_RENO;
    s->moderate_rcvbuf = 1;
    s->notsent_lowat = UINT32_MAX;
}

int tcp_init(struct tcp *t, struct means *means, const struct tcp_plan *plan)
{
    t->ip = plan->ip;
    t->means = means;
    random_key_draw(&t->isn_key, means->key, RANDOM_ISN, 0);
    random_key_draw(&t->timestamp_key, means->key, RANDOM_TIMESTAMP, 0);
    random_key_draw(&t->table_key, means->key, RANDOM_TABLE, 6);
    t->conn_pool = plan->conn_pool;
    t->half_pool = plan->half_pool;
    t->hole_pool = plan->hole_pool;
    t->listener_pool = plan->listener_pool;
    t->code = plan->code;
    t->timer_code = plan->timer_code;
    t->half_timer_code = plan->half_timer_code;
    default_settings(&t->settings);
    if (table_init(&t->connections, means->arena, plan->limit) < 0 ||
        table_init(&t->half_opens, means->arena, plan->limit) < 0 ||
        table_init(&t->listeners, means->arena, plan->limit) < 0 ||
        ports_init(&t->ports, means->arena, 2 * plan->limit, means->key, true) < 0)
        return -ENOMEM;
    ip_attach(t->ip, &t->ip_upper, t->code);
    return 0;
}

int tcp_open(struct transport_service *service, struct transport_upper *upper,
             struct transport_end **end)
{
    struct tcp *t = container_of(service, struct tcp, service);
    struct tcp_conn *c = tcp_open_conn(t, 0);

    if (!c)
        return -ENOBUFS;
    tcp_state_begin(c, TCP_STATE_CLOSED);
    tcp_user_open(c, upper);
    *end = &c->end;
    return 0;
}

/* RFC 9293 3.9.1.1: the optional local address (MUST-43). */
int tcp_bind(struct transport_end *end, const struct name *name)
{
    const struct endpoint *local = &name->endpoint;
    struct tcp_conn *c = tcp_conn_of(end);
    int result;

    if (c->state != TCP_STATE_CLOSED || ports_is_bound(&c->name.binding))
        return -EINVAL;
    if (!address_is_mapped(local->address) && address_is_multicast(local->address))
        return -EINVAL;
    result = options_can_bind(&c->options.common, local->address);
    if (result == 0)
        result = tcp_option_link(c, local, true);
    if (result < 0)
        return result;
    if (!c->options.common.free_bind && !ip_can_bind(c->tcp->ip, local->address))
        return -EADDRNOTAVAIL;
    result = tcp_name_bind(c, local);
    if (result == 0)
        tcp_option_bound(c, local->address);
    return result;
}

/* The active OPEN: RFC 9293 3.9.1.1, 3.10.1. Not to a broadcast or group (MUST-46); IP chooses the
 * source (MUST-44). */
int tcp_connect(struct transport_end *end, const struct name *name, nanoseconds now)
{
    const struct endpoint *remote = &name->endpoint;
    struct tcp_conn *c = tcp_conn_of(end);
    struct tcp *t = c->tcp;
    struct endpoint to = {.port = remote->port};
    struct address source = c->name.binding.local.address;
    struct tcp_conn *old = NULL;
    tcp_seq iss;
    int result;

    if (c->state != TCP_STATE_CLOSED) /* RFC 9293 3.10.1: "connection already exists" */
        return -EISCONN;
    to.address = address_is_unspecified(remote->address) ? address_loopback_of(remote->address)
                                                         : remote->address;
    if (ip_is_broadcast(t->ip, to.address)) /* MUST-46 */
        return -ENETUNREACH;
    result = tcp_option_link(c, remote, false);
    if (result == 0)
        result = options_reach(&c->options.common, &source, to.address);
    if (result < 0)
        return result;
    result = ip_path_find(t->ip, to.address, source, c->options.common.interface, now, &c->path);
    if (result < 0)
        return result;
    if (c->path.broadcast || !options_allow_path(&c->options.common, &c->path))
        return -ENETUNREACH;
    options_path(&c->options.common, &c->path);
    result = tcp_close_make_room(t, now) ? tcp_name_take(c, &to, now, &old) : -ENOBUFS;
    if (result < 0)
        return result;
    iss = tcp_open_iss(t, &c->name.tuple.local, &c->name.tuple.remote, now);
    if (old) {
        iss = tcp_open_iss_beyond(iss, old->snd.nxt);
        tcp_close_abort(old, 0, false, now);
    }
    tcp_user_error(c, 0);
    tcp_user_soft_error(c, 0);
    tcp_close_renew(c);
    tcp_open_buffers(c);
    tcp_open_numbers(c, iss, 0);
    tcp_timestamp_offset_set(&c->ts,
                             tcp_open_ts_offset(t, &c->name.tuple.local, &c->name.tuple.remote));
    ring_init(&c->send_buffer, c->snd.iss + 1);
    tcp_output_start(c);
    tcp_ack_start(c, c->snd.iss);
    tcp_timer_init(c, 0, now, now);
    c->tcp->counts.active_opens++;
    tcp_set_state(c, TCP_STATE_SYN_SENT, now);
    tcp_output_syn(c, MARK_NONE, now);
    tcp_finish(c, now);
    return -EINPROGRESS;
}

/* RFC 9293 3.6.1: half-closed: one goes on reading. RFC 9293 3.9.1.4. */
int tcp_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);

    if (c->state == TCP_STATE_LISTEN || c->state == TCP_STATE_SYN_SENT)
        return tcp_disconnect(end, now); /* Linux: it listens no longer, or gives up */
    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_TIME_WAIT) {
        tcp_close_refused(c, reading, writing);
        tcp_user_tell(c);
        tcp_finish(c, now);
        return -ENOTCONN;
    }
    if (reading)
        tcp_close_reading(c);
    if (writing)
        tcp_close_sending(c, now);
    tcp_user_tell(c);
    tcp_finish(c, now);
    return 0;
}

/* CLOSE, for both directions: RFC 9293 3.9.1.4, 3.10.4; ABORT (RFC 9293 3.9.1.6) when told not to
 * linger. */
void tcp_close(struct transport_end *end, nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    bool unread = ring_used(&c->receive_buffer) != 0;
    bool hard = c->options.common.linger == 0;

    tcp_user_leave(c);
    if (c->state == TCP_STATE_LISTEN) {
        tcp_listen_end(c, now);
        tcp_set_state(c, TCP_STATE_CLOSED, now);
    }
    if (c->state == TCP_STATE_CLOSED) {
        tcp_close_leave(c);
        return;
    }
    if (c->state == TCP_STATE_TIME_WAIT) { /* all was said: not even linger ends it */
        tcp_close_wait_alone(c);
        return;
    }
    c->tcp->orphan_count++;
    if (c->state == TCP_STATE_SYN_SENT || hard || unread ||
        c->tcp->orphan_count > c->tcp->settings.max_orphans) {
        /* RFC 9293 3.6.1 (SHLD-3): unread data is lost, say so */
        tcp_close_abort(c, 0, unread || tcp_close_resets(c), now);
        return;
    }
    if (c->state == TCP_STATE_FIN_WAIT_2)
        tcp_timer_on_wait(c, now); /* it is an orphan from now on */
    tcp_close_sending(c, now);
    tcp_finish(c, now);
}

/* Connect to nobody: ABORT (RFC 9293 3.9.1.6, 3.10.5), and the socket may be used again. Whoever
 * waits on it hears "connection reset"; what was to be told before stays so where nothing is cut
 * off. */
int tcp_disconnect(struct transport_end *end, nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    bool reset = tcp_close_resets(c);

    if (reset || c->state == TCP_STATE_SYN_SENT)
        tcp_user_error(c, ECONNRESET);
    if (c->state == TCP_STATE_LISTEN)
        tcp_listen_end(c, now);
    if (c->state != TCP_STATE_CLOSED)
        tcp_close_abort(c, 0, reset, now);
    ring_done(&c->receive_buffer, c->tcp->means->buffers, &c->tcp->means->buffer_budget);
    tcp_name_forget(c);
    tcp_open_renew(c);
    tcp_open_numbers(c, 0, 0);
    tcp_user_tell(c);
    return 0;
}

int tcp_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                   nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    int result = tcp_option_change(c, option, value, now);

    if (result == 0 && option == OPTION_NO_DELAY)
        c->push.now = value != 0;
    if (result == 0 && c->state != TCP_STATE_CLOSED && c->state != TCP_STATE_LISTEN)
        tcp_finish(c, now);
    return result;
}

/* ---- SEND ---- */

/* What the room for writing is judged by. */
static struct tcp_send_facts send_facts(const struct tcp_conn *c)
{
    const struct tcp_settings *s = &c->tcp->settings;
    const struct tcp_options *o = &c->options;
    bool locked = o->common.send_buffer_locked;

    return (struct tcp_send_facts){
        .from = c->send_buffer.from,
        .to = c->send_buffer.to,
        .nxt = c->snd.nxt,
        .wnd_max = c->snd.wnd_max,
        .cwnd = c->cc.cwnd,
        .low_water = o->not_sent_low_water != 0 ? o->not_sent_low_water : s->notsent_lowat,
        .limit_least = locked ? o->common.send_buffer : s->wmem[1],
        .limit = locked ? o->common.send_buffer : s->wmem[2],
        .smss = c->snd.smss,
    };
}

/* RFC 9293 3.10.2: SEND in each state. */
static int may_write(struct tcp_conn *c)
{
    int error = tcp_user_error_take(c);

    if (error != 0)
        return -error;
    if (c->close.fin_wanted)
        return -EPIPE;
    if (c->state == TCP_STATE_ESTABLISHED || c->state == TCP_STATE_CLOSE_WAIT)
        return 0;
    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED)
        return -EAGAIN;
    return -EPIPE;
}

/* Memory for so many bytes more, and first for what their sending needs: or all of it could be
 * taken by bytes that nobody can send. */
static bool reserve(struct tcp_conn *c, uint64_t length)
{
    struct ring *r = &c->send_buffer;

    if (!c->board.sent && !tcp_buffers_reserve_record(c))
        return false;
    return ring_has_room(r, r->to + length) || tcp_buffers_reserve(c, r, r->to + length, r->to);
}

/* SEND: RFC 9293 3.9.1.2, 3.10.2. It pushes, unless MSG_MORE or TCP_CORK say otherwise; nothing
 * waits for ever (MUST-60). The urgent flag is MSG_OOB (RFC 9293 3.8.5). */
ssize_t tcp_write(struct transport_end *end, const struct transport_message *m, unsigned flags,
                  nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    uint64_t done = 0;
    bool more, full;
    int result = may_write(c);

    if (result < 0)
        return result;
    if (m->length == 0)
        return 0;
    do {
        struct tcp_send_facts facts = send_facts(c);
        uint64_t room = flags & TRANSPORT_LAST ? tcp_send_room_piece(&facts)
                                               : tcp_send_room_next(&c->send_room, &facts);
        uint64_t length = least(m->length - done, room);

        more = (flags & TRANSPORT_MORE) != 0 || (length != 0 && done + length < m->length);
        if (length != 0) {
            if (!reserve(c, length)) {
                c->push.more = 0; /* what is in goes out: more may not come */
                tcp_finish(c, now);
                return done != 0 ? (ssize_t)done : -ENOBUFS;
            }
            ring_push(&c->send_buffer, m->out + done, (size_t)length);
            c->push.now = 0;
        } else if (done == 0) {
            return -EAGAIN;
        }
        done += length;
        full = length == 0;
        c->push.more = c->push.no_push = more;
        if (flags & TRANSPORT_OUT_OF_BAND && done == m->length)
            tcp_urgent_send(&c->urgent, c->send_buffer.to);
        tcp_finish(c, now);
    } while (done < m->length && !full);
    c->push.more = 0; /* it holds back this write only; the next ACK may take the rest along */
    return (ssize_t)done;
}

/* The window follows the program. */
static void grow_receive_buffer(struct tcp_conn *c, nanoseconds now)
{
    const struct tcp_receive_facts facts = {.now = now,
                                            .srtt = c->rtt.srtt,
                                            .read_to = c->receive_buffer.from,
                                            .most = c->tcp->settings.rmem[2],
                                            .rmss = c->rcv.rmss};

    if (c->tcp->settings.moderate_rcvbuf && !c->options.common.receive_buffer_locked)
        tcp_receive_room_on_read(&c->receive_room, &facts);
}

/* RFC 9293 3.8.6.2.2: reading opens the window; is that worth an ACK? */
static void after_read(struct tcp_conn *c, nanoseconds now)
{
    uint64_t room;

    if (c->state == TCP_STATE_CLOSED) {
        tcp_buffers_rest(c);
        return;
    }
    grow_receive_buffer(c, now);
    room = least(tcp_receive_room_window(&c->receive_room), UINT64_C(65535) << c->rcv.wscale);
    if (c->options.window_clamp != 0)
        room = least(room, c->options.window_clamp);
    if (c->rcv.fin_seq == 0 && c->rcv.adv >= c->rcv.nxt &&
        tcp_window_update_due(c->rcv.nxt, c->rcv.adv, least(tcp_buffers_free(c), room), room,
                              c->rcv.rmss))
        tcp_delack_on_urgent_need(&c->delack);
    tcp_finish_read(c, now);
}

/* RFC 9293 3.10.3: RECEIVE in each state, with nothing there. */
static ssize_t nothing_to_read(struct tcp_conn *c)
{
    int error;

    if (c->rcv.fin_seq != 0 && c->rcv.nxt > c->rcv.fin_seq)
        return 0;
    error = tcp_user_error_take(c);
    if (error != 0)
        return -error;
    if (c->close.shut_reading)
        return 0;
    if (c->state == TCP_STATE_CLOSED)
        return -ENOTCONN;
    return -EAGAIN;
}

/* How far a read may go: to the urgent byte, not over it. */
static uint64_t up_to_mark(struct tcp_conn *c, uint64_t length)
{
    uint64_t from = c->receive_buffer.from;

    return c->urgent.mark > from ? least(length, c->urgent.mark - from) : length;
}

/* MSG_OOB: the urgent byte alone, out of the order of the stream (RFC 9293 3.8.5). */
static ssize_t read_urgent(struct tcp_conn *c, struct transport_message *m, unsigned flags)
{
    uint8_t byte;
    int result;

    if (c->options.common.oob_inline)
        return -EINVAL;
    result = tcp_urgent_take(&c->urgent, (flags & TRANSPORT_PEEK) != 0, &byte);
    if (result < 0)
        return result;
    m->urgent = true;
    if (m->length == 0)
        return 0;
    m->in[0] = byte;
    return 1;
}

/* Bytes are there: as many as are wanted, in order, up to the urgent one. */
static ssize_t read_stream(struct tcp_conn *c, struct transport_message *m, unsigned flags,
                           nanoseconds now)
{
    struct ring *r = &c->receive_buffer;
    uint64_t length, skip = tcp_is_at_urgent(c);

    if (ring_used(r) == skip) {
        if (!(flags & TRANSPORT_PEEK))
            ring_drop(r, r->from + 1);
        return nothing_to_read(c);
    }
    if (m->length == 0)
        return 0;
    m->time =
        c->totals.last_data_received; /* as near as Linux, which has the latest of a train's */
    length = up_to_mark(c, least(m->length, ring_used(r) - skip));
    if (!(flags & TRANSPORT_DISCARD))
        ring_read(r, r->from + skip, m->in, (size_t)length);
    if (!(flags & TRANSPORT_PEEK)) {
        ring_drop(r, r->from + skip + length);
        after_read(c, now);
    }
    return (ssize_t)length;
}

/* RECEIVE: RFC 9293 3.9.1.3, 3.10.3. */
ssize_t tcp_read(struct transport_end *end, struct transport_message *m, unsigned flags,
                 nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);

    if (c->state == TCP_STATE_LISTEN)
        return -ENOTCONN;
    if (flags & TRANSPORT_OUT_OF_BAND)
        return read_urgent(c, m, flags);
    if (ring_used(&c->receive_buffer) == 0)
        return nothing_to_read(c);
    return read_stream(c, m, flags, now);
}

/* ---- what a program can see ---- */

/* SO_RCVLOWAT: that much, but no more than may come; Linux's bounds. */
static bool is_readable(const struct tcp_conn *c)
{
    const struct transport_options *o = &c->options.common;
    uint64_t used = ring_used(&c->receive_buffer) - tcp_is_at_urgent(c);

    return used != 0 && (used >= least(o->receive_low_water, tcp_option_low_water_most(c)) ||
                         tcp_buffers_free(c) <= c->rcv.rmss);
}

static bool is_writable(const struct tcp_conn *c)
{
    const struct tcp_send_facts facts = send_facts(c);

    return tcp_send_room_is_writable(&facts);
}

/* RFC 9293 3.9.1.8: what a program that waits is told of: data, end, error, urgent data. */
unsigned tcp_ready(const struct transport_end *end)
{
    const struct tcp_conn *c = tcp_conn_of(end);
    bool peer_done = c->rcv.fin_seq != 0 && c->rcv.nxt > c->rcv.fin_seq;
    bool reading = !peer_done && !c->close.shut_reading;
    bool writing = !c->close.fin_wanted && !(c->state == TCP_STATE_CLOSED && c->close.shut_reading);
    unsigned ready = c->user.error != 0 ? READY_ERROR : 0;

    if (c->state == TCP_STATE_LISTEN)
        return c->listener->accepted_count != 0 ? READY_IN : 0;
    if (c->state == TCP_STATE_CLOSED || (!reading && !writing))
        ready |= READY_HUP;
    if (!reading)
        ready |= READY_IN | READY_READ_END;
    if (c->state == TCP_STATE_SYN_SENT || c->state == TCP_STATE_SYN_RECEIVED)
        return ready;
    if (is_readable(c))
        ready |= READY_IN;
    if (!writing || c->state == TCP_STATE_CLOSED || is_writable(c))
        ready |= READY_OUT;
    if (c->urgent.fresh && c->urgent.mark >= c->receive_buffer.from)
        ready |= READY_URGENT;
    return ready;
}

/* RFC 9293 3.3.2, as a dialogue sees it. What waits in TIME-WAIT is ours; to its user it is
 * over. */
enum transport_phase tcp_phase(const struct transport_end *end)
{
    static const uint8_t phases[TCP_STATE_COUNT] = {
        [TCP_STATE_CLOSED] = TRANSPORT_CLOSED,    [TCP_STATE_LISTEN] = TRANSPORT_LISTENING,
        [TCP_STATE_SYN_SENT] = TRANSPORT_OPENING, [TCP_STATE_SYN_RECEIVED] = TRANSPORT_OPENING,
        [TCP_STATE_ESTABLISHED] = TRANSPORT_OPEN, [TCP_STATE_FIN_WAIT_1] = TRANSPORT_OPEN,
        [TCP_STATE_FIN_WAIT_2] = TRANSPORT_OPEN,  [TCP_STATE_CLOSE_WAIT] = TRANSPORT_OPEN,
        [TCP_STATE_CLOSING] = TRANSPORT_OPEN,     [TCP_STATE_LAST_ACK] = TRANSPORT_OPEN,
        [TCP_STATE_TIME_WAIT] = TRANSPORT_CLOSED,
    };

    return (enum transport_phase)phases[tcp_conn_of(end)->state];
}

/* RFC 9293 3.9.1.8: how it ended (MUST-12: closed or aborted, and why). */
int tcp_error_take(struct transport_end *end)
{
    return tcp_user_error_take(tcp_conn_of(end));
}

void tcp_local(const struct transport_end *end, struct name *local)
{
    const struct tcp_conn *c = tcp_conn_of(end);

    name_of_endpoint(local, &c->name.tuple.local);
    local->endpoint.interface = c->options.common.interface;
}

int tcp_remote(const struct transport_end *end, struct name *remote)
{
    const struct tcp_conn *c = tcp_conn_of(end);

    if (c->name.tuple.remote.port == 0 || c->state == TCP_STATE_SYN_SENT)
        return -ENOTCONN; /* after a reset it still says who it was: layer 5 decides what to tell */
    name_of_endpoint(remote, &c->name.tuple.remote);
    remote->endpoint.interface = c->options.common.interface;
    return 0;
}

/* ---- invariants ---- */

int tcp_check(const struct tcp_conn *c)
{
    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_LISTEN)
        return 0;
    if (c->snd.una > c->snd.nxt || c->send_buffer.from > c->send_buffer.to)
        return __LINE__;
    if (c->snd.nxt > c->send_buffer.to + c->close.fin_wanted && c->state != TCP_STATE_TIME_WAIT &&
        c->state != TCP_STATE_FIN_WAIT_2)
        return __LINE__;
    if (c->name.hashed && !ports_is_bound(&c->name.binding))
        return __LINE__;
    if (c->state == TCP_STATE_SYN_SENT)
        return 0;
    if (c->receive_buffer.to > c->rcv.nxt || c->receive_buffer.from > c->receive_buffer.to)
        return __LINE__;
    if (!tcp_reassembly_valid(&c->reassembly))
        return __LINE__;
    if (tcp_reassembly_end(&c->reassembly, c->rcv.nxt) > most(c->rcv.adv, c->rcv.nxt))
        return __LINE__;
    if (c->board.sent && !tcp_scoreboard_valid(&c->board, c->snd.una, c->snd.nxt))
        return __LINE__;
    if (c->snd.nxt != c->snd.una && c->timers.due[TCP_TIMER_RETRANSMIT] == NEVER &&
        c->state != TCP_STATE_TIME_WAIT)
        return __LINE__;
    if (c->cc.cwnd < c->cc.smss && tcp_is_synchronized(c))
        return __LINE__;
    return 0;
}

int tcp_check_all(const struct transport_service *service)
{
    const struct tcp *t = container_of(service, const struct tcp, service);

    for (const struct list_link *l = t->all.first; l; l = l->next) {
        int line = tcp_check(container_of(l, struct tcp_conn, all));

        if (line != 0)
            return line;
    }
    if (t->recent && !container_of(t->recent, struct tcp_conn, name.tuple)->name.hashed)
        return __LINE__;
    return 0;
}

void tcp_counts_read(const struct tcp *t, struct tcp_counts *counts)
{
    *counts = t->counts;
    for (const struct list_link *l = t->all.first; l; l = l->next)
        tcp_counts_keep(counts, &container_of(l, const struct tcp_conn, all)->totals);
}

/* ---- what others end ---- */

static void listener_destroy(struct tcp_conn *c, int error, nanoseconds now)
{
    tcp_listen_end(c, now);
    tcp_user_error(c, error);
    tcp_set_state(c, TCP_STATE_CLOSED, now);
}

/* ABORT (RFC 9293 3.9.1.6) by somebody else. A TIME-WAIT is its user's no more, who hears nothing.
 */
void tcp_destroy(struct tcp_conn *c, nanoseconds now)
{
    if (c->state == TCP_STATE_LISTEN)
        listener_destroy(c, ECONNABORTED, now);
    else
        tcp_close_abort(c, c->state == TCP_STATE_TIME_WAIT ? 0 : ECONNABORTED, tcp_close_resets(c),
                        now);
    tcp_finish(c, now);
}

void tcp_crash(struct tcp *t, nanoseconds now)
{
    struct list_link *next;

    for (struct list_link *l = t->all.first; l; l = next) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, all);

        next = l->next;
        if (c->state != TCP_STATE_LISTEN) {
            tcp_close_abort(c, ENETDOWN, false, now);
            continue;
        }
        listener_destroy(c, ENETDOWN, now);
    }
}
