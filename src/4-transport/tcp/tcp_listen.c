/* SPDX-License-Identifier: MIT */
/*
 * WHOLE: the passive open (RFC 9293 3.10.1, 3.10.7.2). A SYN makes a half-open connection, which is
 * small and only knows what the handshake needs; the ACK of our SYN-ACK makes the connection of it,
 * which waits in the accept queue. Both are limited (max_syn_backlog, the backlog): a SYN or ACK
 * over the limit is dropped and counted, and the peer tries again, as on Linux. A half-open
 * connection came of a passive open, so a RST just forgets it (MUST-11); the listener never
 * notices.
 */
#include <errno.h>

#include "4-transport/tcp/tcp_conn.h"

#include "base/arena.h"
#include "base/integer.h"

struct tcp_half {
    struct tcp_tuple tuple;
    struct list_link link; /* in listener->halves */
    struct tcp_conn *listener;
    struct timer timer;
    struct tcp_segment syn; /* what the peer's SYN said; payload is not kept */
    tcp_seq iss;
    nanoseconds opened;
    struct tcp_challenge challenge;
    struct tcp_timestamp ts;
    uint64_t serial;
    uint32_t tries;
    uint16_t mss;
    uint16_t interface; /* that it keeps to; 0: none */
    struct tcp_agreed agreed;
    uint8_t zero[5];
};

uint32_t tcp_half_bytes(void)
{
    return sizeof(struct tcp_half);
}

struct tcp_half *tcp_listen_half_of(struct tcp_tuple *tuple)
{
    return container_of(tuple, struct tcp_half, tuple);
}

const struct tcp_conn *tcp_listen_of_half(const struct tcp_half *h)
{
    return h->listener;
}

/* The passive OPEN: RFC 9293 3.9.1.1, 3.10.1 (MUST-41). */
static int begin_listening(struct tcp_conn *c)
{
    int result;

    if (c->state != TCP_STATE_CLOSED || c->name.hashed)
        return -EINVAL;
    c->listener = pool_get(c->tcp->listener_pool);
    if (!c->listener)
        return -ENOBUFS;
    result = tcp_name_listen(c);
    if (result < 0) {
        pool_put(c->tcp->listener_pool, c->listener);
        c->listener = NULL;
    }
    return result;
}

int tcp_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    struct tcp_conn *c = tcp_conn_of(end);
    int result = c->state == TCP_STATE_LISTEN ? 0 : begin_listening(c);

    if (result < 0)
        return result;
    c->listener->backlog = (uint32_t)least(backlog, c->tcp->settings.somaxconn);
    tcp_set_state(c, TCP_STATE_LISTEN, now);
    return 0;
}

/* ---- half-open connections ---- */

static void half_free(struct tcp_half *h)
{
    struct tcp *t = h->listener->tcp;

    timer_clear(t->means->timers, &h->timer);
    table_remove(&t->half_opens, &h->tuple.link);
    list_remove(&h->link);
    h->listener->listener->half_count--;
    t->half_count--;
    pool_put(t->half_pool, h);
}

void tcp_listen_half_end(struct tcp_half *h, nanoseconds now)
{
    h->listener->tcp->counts.attempt_fails++;
    tcp_state_emit(h->listener->tcp, &h->tuple, h->serial, TCP_STATE_SYN_RECEIVED, TCP_STATE_CLOSED,
                   now);
    half_free(h);
}

struct tcp_half *tcp_listen_half_next(const struct tcp_conn *l, const struct tcp_half *h)
{
    struct list_link *next = h ? h->link.next : l->listener->halves.first;

    return next ? container_of(next, struct tcp_half, link) : NULL;
}

void tcp_listen_half_tell(const struct tcp_half *h, struct tcp_half_facts *facts)
{
    facts->tuple = &h->tuple;
    facts->serial = h->serial;
    facts->due = h->timer.deadline;
    facts->retransmits = h->tries;
    facts->interface = h->interface;
}

static uint32_t half_window(const struct tcp_half *h)
{
    return tcp_window_initial(tcp_window_of_buffer(h->listener->options.common.receive_buffer),
                              h->mss);
}

/* What the two kinds of segment have in common that a half-open connection sends. */
static void reply_begin(const struct tcp_half *h, struct tcp_reply *reply, tcp_seq seq,
                        uint8_t flags, nanoseconds now)
{
    const struct tcp_conn *l = h->listener;
    const struct options_family *of = options_to(&l->options.common, h->tuple.remote.address);

    reply->local.interface = h->interface;
    reply->seg.seq = seq;
    reply->seg.ack = h->syn.seq + 1;
    reply->seg.flags = flags;
    if (h->agreed.ts_ok) {
        reply->seg.options |= TCP_HAS_TIMESTAMP;
        reply->seg.ts_val = tcp_timestamp_value(&h->ts, now);
        reply->seg.ts_ecr = h->ts.recent;
    }
    reply->facts.hop_limit = of->hop_limit;
    reply->facts.traffic_class = of->traffic_class;
    reply->facts.dont_fragment = 1;
}

/* An ACK, by rate, for what is not acceptable (RFC 9293 3.10.7.4, first check), for a RST in the
 * window (RFC 5961 3.2) and for a SYN (4.2). */
static void send_challenge(struct tcp_half *h, nanoseconds now)
{
    struct tcp *t = h->listener->tcp;
    struct tcp_reply reply = {
        .local = h->tuple.local, .remote = h->tuple.remote, .mark = MARK_CHALLENGE_ACK};
    nanoseconds between = (nanoseconds)t->settings.invalid_ratelimit_ms * MILLISECOND;
    uint8_t scale = h->agreed.wscale_ok ? tcp_open_scale(h->listener) : 0;

    if (!tcp_challenge_allows(&h->challenge, between, now))
        return;
    reply_begin(h, &reply, h->iss + 1, TCP_ACK, now);
    reply.seg.wnd = half_window(h) >> scale;
    tcp_output_reply(t, &reply, NULL, now);
}

/* path NULL: it is looked for. */
static void send_syn_ack(struct tcp_half *h, const struct ip_path *path, enum mark mark,
                         nanoseconds now)
{
    const struct tcp_conn *l = h->listener;
    struct tcp *t = l->tcp;
    struct tcp_reply reply = {.local = h->tuple.local, .remote = h->tuple.remote, .mark = mark};
    struct tcp_offer offer = {0};

    reply_begin(h, &reply, h->iss, TCP_SYN | TCP_ACK, now);
    reply.seg.wnd = half_window(h);
    offer.mss = h->mss;
    offer.wscale = tcp_open_scale(l);
    tcp_offer_write(&offer, &h->agreed, &reply.seg);
    tcp_output_reply(t, &reply, path, now);
}

/* RFC 6298 5.5: the SYN-ACK backs off as data does (RFC 9293 3.8.3, MUST-22). */
static void half_arm(struct tcp_half *h, nanoseconds now)
{
    struct tcp *t = h->listener->tcp;
    nanoseconds wait = (nanoseconds)t->settings.rto_initial_ms * MILLISECOND;
    nanoseconds longest = (nanoseconds)t->settings.rto_max_ms * MILLISECOND;

    for (uint32_t i = 0; i < h->tries && wait < longest; i++)
        wait *= 2;
    timer_set(t->means->timers, &h->timer, now + time_earlier(wait, longest));
}

/* RFC 9293 3.8.3, 3.10.8: retransmit, or give up. */
void tcp_listen_timer_due(struct timer *timer, nanoseconds now)
{
    struct tcp_half *h = container_of(timer, struct tcp_half, timer);
    struct tcp *t = h->listener->tcp;
    uint32_t retries = h->listener->options.syn_count != 0 ? h->listener->options.syn_count
                                                           : t->settings.synack_retries;

    if (h->tries >= retries) {
        tcp_listen_half_end(h, now);
        return;
    }
    h->tries++;
    t->counts.segments_again++;
    send_syn_ack(h, NULL, MARK_RETRANSMIT_SYN, now);
    half_arm(h, now);
}

/* RFC 9293 3.10.7.2: the SYN made it SYN-RECEIVED; IRS, ISS and what was offered. */
static struct tcp_half *half_open(struct tcp_conn *l, const struct tcp_tuple *who,
                                  const struct tcp_segment *syn, const struct ip_path *path,
                                  nanoseconds now)
{
    struct tcp *t = l->tcp;
    struct tcp_half *h = pool_get(t->half_pool);
    struct tcp_offer offer;

    if (!h)
        return NULL;
    h->listener = l;
    h->serial = ++t->serials;
    h->tuple.local.address = who->local.address;
    h->tuple.local.port = who->local.port;
    h->tuple.local.interface = who->local.interface;
    h->tuple.remote.address = who->remote.address;
    h->tuple.remote.port = who->remote.port;
    h->syn.flags = syn->flags;
    h->syn.seq = ((uint64_t)1 << 32) + (uint32_t)syn->seq;
    h->syn.wnd = syn->wnd;
    h->syn.options = syn->options;
    h->syn.mss = syn->mss;
    h->syn.wscale = syn->wscale;
    h->syn.ts_val = syn->ts_val;
    tcp_open_offer(l, path, &offer);
    tcp_offer_agree(&offer, syn, &h->agreed);
    h->mss = offer.mss;
    h->interface = path->wanted;
    h->iss = tcp_open_iss(t, &who->local, &who->remote, now);
    tcp_timestamp_offset_set(&h->ts, tcp_open_ts_offset(t, &who->local, &who->remote));
    tcp_timestamp_start(&h->ts, syn->ts_val, h->syn.seq + 1, now);
    h->opened = now;
    h->timer.node = t->means->node;
    h->timer.source = 3;
    h->timer.serial = h->serial;
    h->timer.code = t->half_timer_code;
    table_add(&t->half_opens, &h->tuple.link, who->link.hash);
    list_add(&l->listener->halves, &h->link);
    l->listener->half_count++;
    t->half_count++;
    return h;
}

/* RFC 9293 3.10.7.2: LISTEN: RST, ACK, SYN, in this order. */
void tcp_listen_arrives(struct tcp_conn *l, const struct tcp_tuple *who, struct tcp_segment *seg,
                        tcp_seq old_nxt, nanoseconds now)
{
    struct tcp *t = l->tcp;
    struct ip_path path;
    struct tcp_half *h = NULL;

    if (seg->flags & TCP_RST) /* first */
        return;
    if (seg->flags & TCP_ACK) { /* second */
        event_drop(&t->means->voice, now, DROP_TCP_ACK, NULL);
        tcp_output_reject(t, &who->local, &who->remote, seg, now);
        return;
    }
    if (!(seg->flags & TCP_SYN) || (seg->flags & TCP_FIN)) { /* third, fourth */
        event_drop(&t->means->voice, now, DROP_TCP_BAD_FLAGS, NULL);
        return;
    }
    /* T-12: a SYN from ourselves to ourselves is no stranger's */
    if (ip_path_find(t->ip, who->remote.address, who->local.address,
                     who->local.interface ? who->local.interface : l->options.common.interface, now,
                     &path) < 0)
        return;
    if (t->half_count < least(t->settings.max_syn_backlog, t->half_opens.limit) &&
        l->listener->accepted_count <= l->listener->backlog)
        h = half_open(l, who, seg, &path, now);
    if (h && old_nxt != 0)
        h->iss = tcp_open_iss_beyond(h->iss, old_nxt);
    if (!h) {
        event_drop(&t->means->voice, now, DROP_TCP_BACKLOG, NULL);
        return;
    }
    tcp_state_emit(t, &h->tuple, h->serial, TCP_STATE_LISTEN, TCP_STATE_SYN_RECEIVED, now);
    send_syn_ack(h, &path, MARK_NONE, now);
    half_arm(h, now);
}

/* ---- from half-open to open ---- */

/* The connection of a half-open one, in SYN-RECEIVED; the half is gone. NULL: no room. */
static struct tcp_conn *child_of(struct tcp_half *h, nanoseconds now)
{
    struct tcp_conn *l = h->listener, *c;
    struct tcp *t = l->tcp;

    c = tcp_close_make_room(t, now) ? tcp_open_conn(t, h->serial) : NULL;
    if (!c)
        return NULL;
    tcp_option_inherit(c, l, h->interface);
    if (ip_path_find(t->ip, h->tuple.remote.address, h->tuple.local.address, h->interface, now,
                     &c->path) < 0 ||
        tcp_name_inherit(c, l, &h->tuple) < 0) {
        list_remove(&c->all);
        options_done(&c->options.common, t->means);
        pool_put(t->conn_pool, c);
        return NULL;
    }
    options_path(&c->options.common, &c->path);
    t->counts.passive_opens++;
    tcp_user_promise(c, l);
    tcp_open_buffers(c);
    tcp_open_agree(c, &h->syn);
    tcp_open_numbers(c, h->iss, h->syn.seq);
    tcp_timestamp_offset_set(&c->ts, h->ts.offset);
    tcp_input_start(c, h->syn.seq, h->ts.recent, now);
    ring_init(&c->send_buffer, c->snd.iss + 1);
    tcp_output_start(c);
    tcp_ack_start(c, c->snd.iss);
    tcp_ack_window(c, &h->syn);
    tcp_timer_init(c, h->tries, h->opened, now);
    tcp_output_child(c, half_window(h));
    half_free(h);
    tcp_state_begin(c, TCP_STATE_SYN_RECEIVED);
    return c;
}

/* The first five checks of RFC 9293 3.10.7.4 for a half-open connection, where a SYN in the window
 * does not end it but is challenged (RFC 5961 4.2). true: an ACK of our SYN-ACK. */
static bool half_checks(struct tcp_half *h, struct tcp_segment *seg, nanoseconds now)
{
    struct tcp *t = h->listener->tcp;
    tcp_seq nxt = h->syn.seq + 1;

    if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && seg->seq == h->syn.seq) {
        send_syn_ack(h, NULL, MARK_RETRANSMIT_SYN, now); /* the peer did not get it */
        return false;
    }
    if (seg->seq < nxt || seg->seq > nxt + half_window(h) ||
        (h->agreed.ts_ok && (seg->options & TCP_HAS_TIMESTAMP) && !(seg->flags & TCP_RST) &&
         tcp_timestamp_is_later(h->ts.recent, seg->ts_val))) {
        event_drop(&t->means->voice, now, DROP_TCP_WINDOW, NULL);
        if (!(seg->flags & TCP_RST))
            send_challenge(h, now);
        return false;
    }
    if (seg->flags & TCP_RST) {
        if (seg->seq == nxt) {
            tcp_listen_half_end(h, now);
        } else {
            event_drop(&t->means->voice, now, DROP_TCP_RST, NULL);
            if (seg->seq < nxt + half_window(h)) /* RFC 5961 3.2: outside of it, silence */
                send_challenge(h, now);
        }
        return false;
    }
    if (seg->flags & TCP_SYN) {
        event_drop(&t->means->voice, now, DROP_TCP_SYN, NULL);
        send_challenge(h, now);
        return false;
    }
    if (!(seg->flags & TCP_ACK)) {
        event_drop(&t->means->voice, now, DROP_TCP_NO_ACK, NULL);
        return false;
    }
    if (seg->ack != h->iss + 1) {
        event_drop(&t->means->voice, now, DROP_TCP_ACK, NULL);
        tcp_output_reject(t, &h->tuple.local, &h->tuple.remote, seg, now);
        return false;
    }
    return true;
}

/* RFC 9293 3.5: the third segment of the handshake, from SYN-RECEIVED on. */
struct tcp_conn *tcp_listen_half_arrives(struct tcp_half *h, struct tcp_segment *seg,
                                         nanoseconds now)
{
    struct tcp_conn *l = h->listener, *c;
    struct tcp *t = l->tcp;

    tcp_header_place(seg, h->syn.seq + 1, h->iss);
    if (!half_checks(h, seg, now))
        return NULL;
    if (l->listener->accepted_count > l->listener->backlog) {
        event_drop(&t->means->voice, now, DROP_TCP_BACKLOG, NULL);
        if (t->settings.abort_on_overflow) {
            tcp_output_reject(t, &h->tuple.local, &h->tuple.remote, seg, now);
            tcp_listen_half_end(h, now);
        }
        return NULL;
    }
    c = child_of(h, now);
    if (!c)
        event_drop(&t->means->voice, now, DROP_TCP_MEMORY, NULL);
    return c;
}

void tcp_listen_established(struct tcp_conn *c)
{
    struct tcp_conn *l = c->user.parent;

    list_add(&l->listener->accepted, &c->queue);
    l->listener->accepted_count++;
    transport_end_pending(&l->end);
}

/* RFC 9293 3.9.1.1: the connection that a passive OPEN became. */
int tcp_accept(struct transport_end *end, struct transport_upper *upper,
               struct transport_end **accepted)
{
    struct tcp_conn *l = tcp_conn_of(end);
    struct list_link *first;
    struct tcp_conn *c;

    if (l->state != TCP_STATE_LISTEN)
        return -EINVAL;
    first = list_pop(&l->listener->accepted);
    if (!first)
        return -EAGAIN;
    c = container_of(first, struct tcp_conn, queue);
    l->listener->accepted_count--;
    tcp_user_accept(c, upper);
    *accepted = &c->end;
    return 0;
}

/* The listener goes: those half open are forgotten, those never accepted are reset. RFC
 * 9293 3.10.4, 3.10.5, LISTEN. */
void tcp_listen_end(struct tcp_conn *l, nanoseconds now)
{
    struct list_link *link;

    tcp_name_unlisten(l);
    while ((link = l->listener->halves.first) != NULL)
        tcp_listen_half_end(container_of(link, struct tcp_half, link), now);
    while ((link = list_pop(&l->listener->accepted)) != NULL) {
        struct tcp_conn *c = container_of(link, struct tcp_conn, queue);

        l->listener->accepted_count--;
        tcp_user_forsake(c);
        tcp_close_abort(c, 0, true, now); /* the peer's RST may have ended it already */
        tcp_close_leave(c);
    }
    pool_put(l->tcp->listener_pool, l->listener);
    l->listener = NULL;
}
