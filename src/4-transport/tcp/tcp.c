/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: TCP of a host, and the user's calls SEND and RECEIVE (RFC 9293 3.10.2, 3.10.3, 3.9.1). A
 * write puts bytes into the send buffer, a read takes them from the receive buffer; both then end
 * like every entry: tcp_finish, which lets tcp_output decide, derives the timers, and notes whom to
 * tell.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

#include "4-transport/errors.h"
#include "base/arena.h"
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
    t->pending = plan->pending;
    t->means = means;
    random_key_draw(&t->isn_key, means->key, RANDOM_ISN, 0);
    random_key_draw(&t->timestamp_key, means->key, RANDOM_TIMESTAMP, 0);
    random_key_draw(&t->table_key, means->key, RANDOM_TABLE, 6);
    t->conn_pool = plan->conn_pool;
    t->half_pool = plan->half_pool;
    t->hole_pool = plan->hole_pool;
    t->listener_pool = plan->listener_pool;
    t->drained = plan->drained;
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

/* ---- the one ending ---- */

/* ---- buffers of connections at rest ---- */

/* Nothing waits to be acknowledged or read: its buffers are empty. */
static bool is_at_rest(const struct tcp_conn *c)
{
    return ring_used(&c->send_buffer) == 0 && c->snd.nxt == c->snd.una &&
           ring_used(&c->receive_buffer) == 0 && !tcp_reassembly_has_holes(&c->reassembly);
}

void tcp_rested_leave(struct tcp_conn *c)
{
    if (!list_has(&c->rested))
        return;
    list_remove(&c->rested);
    c->tcp->rested_count--;
}

/* It comes again the next time that it is at rest. */
static void give_back(struct tcp_conn *c)
{
    struct means *m = c->tcp->means;

    tcp_rested_leave(c);
    if (!is_at_rest(c))
        return;
    ring_done(&c->send_buffer, m->buffers, &m->buffer_budget);
    ring_done(&c->receive_buffer, m->buffers, &m->buffer_budget);
    tcp_scoreboard_done(&c->board, m->buffers, &m->buffer_budget);
}

/* Empty buffers go back, or ten thousand idle connections would hold what a busy one needs. But a
 * flow whose buffers are empty after each message, or each read, shall not fetch them anew each
 * time: the last few to come to rest keep theirs. */
static void rest(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    if (list_has(&c->rested) || !is_at_rest(c) ||
        (!c->send_buffer.bytes && !c->receive_buffer.bytes && !c->board.sent))
        return;
    list_add(&t->rested, &c->rested);
    if (++t->rested_count > TCP_RESTED_MOST)
        give_back(container_of(t->rested.first, struct tcp_conn, rested));
}

/* There is no memory left: the last few give theirs up too, but not c. @return any did */
static bool give_back_all(struct tcp_conn *c)
{
    struct tcp *t = c->tcp;

    tcp_rested_leave(c);
    if (!t->rested.first)
        return false;
    while (t->rested.first)
        give_back(container_of(t->rested.first, struct tcp_conn, rested));
    return true;
}

bool tcp_ring_reserve(struct tcp_conn *c, struct ring *r, uint64_t to, uint64_t keep_to)
{
    struct means *m = c->tcp->means;

    return ring_reserve(r, m->buffers, &m->buffer_budget, to, keep_to) ||
           (give_back_all(c) && ring_reserve(r, m->buffers, &m->buffer_budget, to, keep_to));
}

bool tcp_board_reserve(struct tcp_conn *c)
{
    struct means *m = c->tcp->means;

    return tcp_scoreboard_reserve(&c->board, m->buffers, &m->buffer_budget) ||
           (give_back_all(c) && tcp_scoreboard_reserve(&c->board, m->buffers, &m->buffer_budget));
}

/* The one ending of every event of RFC 9293 3.10: all that came is processed before anything is
 * acknowledged (RFC 9293 3.10.7.4, MUST-58 and 59). */
void tcp_finish(struct tcp_conn *c, nanoseconds now)
{
    if (c->state != TCP_STATE_CLOSED && c->state != TCP_STATE_LISTEN)
        tcp_output(c, now);
    tcp_timer_rearm(c, now);
    rest(c);
    tcp_user_finish(c);
}

void tcp_drained(struct transport_end *end, nanoseconds now)
{
    tcp_finish(tcp_conn_of(end), now);
}

void tcp_deliver(struct tcp *t)
{
    struct list_link *l;

    while ((l = list_pop(&t->dead)) != NULL) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, queue);

        list_remove(&c->end.pending);
        list_remove(&c->all);
        pool_put(t->conn_pool, c);
    }
}

int tcp_open(struct tcp *t, struct transport_upper *upper, struct transport_end **end)
{
    struct tcp_conn *c = tcp_open_conn(t, 0);

    if (!c)
        return -ENOBUFS;
    tcp_user_open(c, upper);
    *end = &c->end;
    return 0;
}

/* RFC 9293 3.9.1.1: the optional local address (MUST-43). */
int tcp_bind(struct transport_end *end, const struct name *name)
{
    const struct endpoint *local = &name->endpoint;
    struct tcp_conn *c = tcp_conn_of(end);

    if (c->state != TCP_STATE_CLOSED || ports_is_bound(&c->name.binding))
        return -EINVAL;
    if (!c->options.common.free_bind && !ip_can_bind(c->tcp->ip, local->address))
        return -EADDRNOTAVAIL;
    return tcp_name_bind(c, local);
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

    if (!c->board.sent && !tcp_board_reserve(c))
        return false;
    return tcp_ring_reserve(c, r, r->to + length, r->to);
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
        uint64_t length = least(m->length - done, tcp_send_room_next(&c->send_room, &facts));

        more = (flags & TRANSPORT_MORE) != 0 || (length != 0 && done + length < m->length);
        if (length != 0) {
            if (!reserve(c, length)) {
                c->push.more = 0; /* what is in goes out: more may not come */
                tcp_finish(c, now);
                return done != 0 ? (ssize_t)done : -ENOBUFS;
            }
            ring_push(&c->send_buffer, m->out + done, (size_t)length);
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

/* ---- RECEIVE ---- */

uint64_t tcp_receive_free(const struct tcp_conn *c)
{
    return tcp_receive_room_free(&c->receive_room, c->rcv.nxt > c->receive_buffer.from
                                                       ? c->rcv.nxt - c->receive_buffer.from
                                                       : 0);
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

    if (c->state == TCP_STATE_CLOSED)
        return;
    grow_receive_buffer(c, now);
    room = least(tcp_receive_room_window(&c->receive_room), UINT64_C(65535) << c->rcv.wscale);
    if (c->rcv.fin_seq == 0 && c->rcv.adv >= c->rcv.nxt &&
        tcp_window_update_due(c->rcv.nxt, c->rcv.adv, least(tcp_receive_free(c), room), room,
                              c->rcv.rmss))
        tcp_delack_on_urgent_need(&c->delack);
    tcp_finish(c, now);
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
    if (c->state == TCP_STATE_CLOSED || c->state == TCP_STATE_LISTEN)
        return -ENOTCONN;
    return -EAGAIN;
}

/* How far a read may go: to the urgent byte, not over it. Skips that byte itself if it is not
 * inline. */
static uint64_t up_to_mark(struct tcp_conn *c, uint64_t length)
{
    const struct tcp_urgent *u = &c->urgent;
    uint64_t from = c->receive_buffer.from;

    if (u->mark == 0 || u->mark < from || u->mark >= from + length)
        return length;
    if (u->mark > from)
        return u->mark - from;
    return length;
}

/* RFC 9293 3.8.5. */
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

/* RECEIVE: RFC 9293 3.9.1.3, 3.10.3. */
ssize_t tcp_read(struct transport_end *end, struct transport_message *m, unsigned flags,
                 nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    struct ring *r = &c->receive_buffer;
    uint64_t length, skip = 0;

    if (flags & TRANSPORT_OUT_OF_BAND)
        return read_urgent(c, m, flags);
    if (ring_used(r) != 0 && c->urgent.mark == r->from && c->urgent.mark != 0 && c->urgent.come &&
        !c->options.common.oob_inline)
        skip = 1; /* the out-of-band byte is no part of the stream */
    if (ring_used(r) == skip) {
        if (skip != 0 && !(flags & TRANSPORT_PEEK))
            ring_drop(r, r->from + 1);
        return nothing_to_read(c);
    }
    if (m->length == 0)
        return 0;
    length = up_to_mark(c, least(m->length, ring_used(r) - skip));
    if (!(flags & TRANSPORT_DISCARD))
        ring_read(r, r->from + skip, m->in, (size_t)length);
    if (!(flags & TRANSPORT_PEEK)) {
        ring_drop(r, r->from + skip + length);
        after_read(c, now);
    }
    return (ssize_t)length;
}

/* ---- what a program can see ---- */

/* SO_RCVLOWAT: that much, but no more than may come; Linux's bounds. */
static bool is_readable(const struct tcp_conn *c)
{
    const struct transport_options *o = &c->options.common;
    uint64_t used = ring_used(&c->receive_buffer);
    uint64_t most_bytes = o->receive_buffer_locked ? o->receive_buffer : c->tcp->settings.rmem[2];

    return used != 0 && (used >= least(o->receive_low_water, most_bytes / 2) ||
                         tcp_receive_free(c) <= c->rcv.rmss);
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
        return ready | (c->listener->accepted_count != 0 ? READY_IN : 0);
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

/* RFC 9293 3.3.2, as a dialogue sees it. What waits in TIME-WAIT is ours; to its user it is over. */
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
    name_of_endpoint(local, &tcp_conn_of(end)->name.tuple.local);
}

int tcp_remote(const struct transport_end *end, struct name *remote)
{
    const struct tcp_conn *c = tcp_conn_of(end);

    if (c->name.tuple.remote.port == 0 || c->state == TCP_STATE_SYN_SENT)
        return -ENOTCONN; /* after a reset it still says who it was: layer 5 decides what to tell */
    name_of_endpoint(remote, &c->name.tuple.remote);
    return 0;
}

/* ---- errors from below: RFC 9293 3.9.2.2, RFC 5927 ---- */

/* RFC 9293 3.9.2.2: to the connection that it is about (MUST-54), if its number is in flight (RFC
 * 5927 4.1). As on Linux an error ends SYN-SENT (RFC 5461), nothing else (RFC 5927 5.2). Too big:
 * RFC 9293 3.7.2; the path's MTU is lowered by layer 3 (RFC 5927 7.2). */
bool tcp_receive_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    struct tcp *t = container_of(upper, struct tcp, ip_upper);
    struct reader r = reader_of(error->quoted, error->quoted_length);
    struct endpoint local = {.address = error->source}, remote = {.address = error->dest};
    struct tcp_tuple *tuple;
    struct tcp_conn *c;
    tcp_seq seq;
    bool hard;
    int number;

    local.port = read_u16(&r);
    remote.port = read_u16(&r);
    seq = read_u32(&r);
    if (r.failed)
        return false;
    tuple = tcp_demux_find(&t->connections, tcp_demux_hash(t->table_key, &local, &remote), &local,
                           &remote);
    if (!tuple)
        return false;
    c = container_of(tuple, struct tcp_conn, name.tuple);
    seq = tcp_seq_near(c->snd.una, (uint32_t)seq);
    if (seq < c->snd.una || seq >= c->snd.nxt) /* RFC 5927 4.1 */
        return false;
    if (error->kind == IP_ERROR_TOO_BIG) { /* once the path knows, tcp_output finds what is lost */
        tcp_output_path_changed(c);
        tcp_timer_rearm(c, now);
        return true;
    }
    number = errors_number(error, &hard);
    if (c->state == TCP_STATE_SYN_SENT) {
        tcp_close_abort(c, number, false, now);
    } else if (c->options.common.receive_errors) { /* IP_RECVERR: told, though it ends nothing */
        tcp_user_error(c, number);
        tcp_user_tell(c);
    } else {
        tcp_user_soft_error(c, number); /* MUST-56; all are soft by RFC 5927 5.2 */
    }
    tcp_finish(c, now);
    return true;
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
    if (c->state == TCP_STATE_SYN_SENT)
        return 0;
    if (c->receive_buffer.to > c->rcv.nxt || c->receive_buffer.from > c->receive_buffer.to)
        return __LINE__;
    if (tcp_reassembly_end(&c->reassembly, c->rcv.nxt) > most(c->rcv.adv, c->rcv.nxt))
        return __LINE__;
    if (!tcp_reassembly_valid(&c->reassembly))
        return __LINE__;
    if (c->board.sent &&
        !tcp_scoreboard_valid(&c->board, most(c->snd.una, c->snd.iss + 1), c->snd.nxt))
        return __LINE__;
    if (c->snd.nxt != c->snd.una && c->timers.due[TCP_TIMER_RETRANSMIT] == NEVER &&
        c->state != TCP_STATE_TIME_WAIT)
        return __LINE__;
    if (c->cc.cwnd < c->cc.smss && tcp_is_synchronized(c))
        return __LINE__;
    return 0;
}

int tcp_check_all(const struct tcp *t)
{
    for (const struct list_link *l = t->all.first; l; l = l->next) {
        int line = tcp_check(container_of(l, struct tcp_conn, all));

        if (line != 0)
            return line;
    }
    if (t->recent && !container_of(t->recent, struct tcp_conn, name.tuple)->name.hashed)
        return __LINE__;
    return 0;
}
