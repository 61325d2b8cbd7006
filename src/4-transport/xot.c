/* SPDX-License-Identifier: MIT */
/*
 * Between a stream and a line; RFC 1613, paragraph by paragraph. What arrives is taken out of the
 * stream packet by packet, since the packet layer takes every one at once: its own windows bound
 * what is on its way. What goes out waits here only for TCP's room.
 */
#include "4-transport/xot.h"

#include <errno.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/compiler.h"
#include "base/pool.h"

uint32_t xot_circuit_bytes(void)
{
    return sizeof(struct xot_circuit);
}

void xot_init(struct xot *x, struct means *means, const struct xot_plan *plan)
{
    x->means = means;
    x->transport = plan->transport;
    x->x25 = plan->x25;
    x->pool = plan->pool;
    x->limit = XOT_CIRCUITS;
    x->circuit_code = plan->circuit_code;
    x->timer_code = plan->timer_code;
    x->upper.code = plan->listener_code;
}

static void touch(struct xot_circuit *c)
{
    if (!list_has(&c->touched))
        list_add(&c->xot->touched, &c->touched);
}

static void break_off(struct xot_circuit *c)
{
    c->broken = true;
    touch(c);
}

/* It closes once TCP has all of it, or has had time enough. */
static void finish(struct xot_circuit *c, nanoseconds now)
{
    c->over = true;
    c->call_until = now + XOT_CALL_WAIT;
    timer_set(c->xot->means->timers, &c->timer, c->call_until);
    touch(c);
}

static struct xot_circuit *circuit_new(struct xot *x)
{
    struct xot_circuit *c = x->count < x->limit ? pool_get(x->pool) : NULL;

    if (!c)
        return NULL;
    x->count++;
    c->xot = x;
    c->upper.code = x->circuit_code;
    c->timer.node = x->means->node;
    c->timer.source = XOT_TIMER_SOURCE;
    c->timer.serial = ++x->opened;
    c->timer.code = x->timer_code;
    c->call_until = NEVER;
    list_add(&x->circuits, &c->link);
    return c;
}

static void circuit_free(struct xot_circuit *c, nanoseconds now)
{
    struct xot *x = c->xot;
    struct packet *p;

    if (c->has_line)
        x25_line_close(&c->line, now);
    if (c->stream)
        transport_close(c->stream, now);
    while ((p = packet_queue_take(&c->out)) != NULL)
        packet_put(p);
    xot_frame_done(&c->in);
    timer_clear(x->means->timers, &c->timer);
    list_remove(&c->touched);
    list_remove(&c->link);
    pool_put(x->pool, c);
    x->count--;
}

static void line_open(struct xot_circuit *c, enum x25_role role, bool extended)
{
    const struct x25_line_plan plan = {.kind = X25_LINE_XOT, .role = role, .extended = extended};

    x25_line_open(c->xot->x25, &c->line, &plan);
    c->has_line = true;
}

/* ---- down ---- */

/* As much as TCP takes. */
static void push(struct xot_circuit *c, nanoseconds now)
{
    struct packet *p;

    while (c->connected && !c->broken && (p = c->out.first) != NULL) {
        const struct transport_message m = {.out = packet_data(p) + c->sent,
                                            .length = packet_length(p) - c->sent};
        ssize_t n = transport_send(c->stream, &m, 0, now);

        if (n < 0 && n != -EAGAIN)
            break_off(c);
        if (n <= 0)
            return;
        c->sent += (uint32_t)n;
        if (c->sent < packet_length(p))
            continue;
        c->sent = 0;
        packet_put(packet_queue_take(&c->out));
    }
    if (c->over)
        touch(c);
}

static void drop(struct xot_circuit *c, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&c->xot->means->voice, now, reason, p);
    packet_put(p);
}

/* Into the stream, as they are but for their four octets (RFC 1613 6). */
static void send_framed(struct xot_circuit *c, struct packet *p, nanoseconds now)
{
    xot_frame_write(p);
    packet_queue_add(&c->out, p);
    push(c, now);
}

static struct xot_circuit *circuit_of(const struct x25_line *line)
{
    return container_of(line, struct xot_circuit, line);
}

/* RFC 1613 6.4: what means one interface alone is not sent. */
void xot_send(struct x25_line *line, struct packet *p, nanoseconds now)
{
    struct xot_circuit *c = circuit_of(line);

    if (c->broken || c->out.packets >= XOT_QUEUE)
        drop(c, p, DROP_XOT_QUEUE, now);
    else if (!x25_xot_send(&c->rules, p))
        drop(c, p, DROP_XOT_LOCAL, now);
    else
        send_framed(c, p, now);
}

bool xot_has_room(const struct x25_line *line)
{
    struct xot_circuit *c = circuit_of(line);
    bool has = c->out.packets < XOT_QUEUE / 2;

    c->is_full = !has;
    return has;
}

/* RFC 1613 6.1: after a clear the stream may be closed at once. */
void xot_released(struct x25_line *line, nanoseconds now)
{
    finish(circuit_of(line), now);
}

static void set_options(const struct xot_circuit *c, nanoseconds now)
{
    nanoseconds keepalive = c->xot->keepalive * SECOND;

    (void)transport_option_set(c->stream, OPTION_NO_DELAY, 1, now);
    if (keepalive == 0)
        return;
    (void)transport_option_set(c->stream, OPTION_KEEPALIVE_IDLE, keepalive, now);
    (void)transport_option_set(c->stream, OPTION_KEEPALIVE_INTERVAL, keepalive, now);
    (void)transport_option_set(c->stream, OPTION_KEEPALIVE, 1, now);
}

static int connect_to(struct xot_circuit *c, const struct endpoint *to, nanoseconds now)
{
    struct name name;
    int result = transport_open(c->xot->transport, TRANSPORT_STREAM, &c->upper, &c->stream);

    if (result < 0) {
        c->stream = NULL;
        return result;
    }
    set_options(c, now);
    name_of_endpoint(&name, to);
    result = transport_connect(c->stream, &name, now);
    return result == -EINPROGRESS ? 0 : result;
}

struct x25_line *xot_open(struct xot *x, const struct endpoint *to, bool extended, nanoseconds now)
{
    struct xot_circuit *c = circuit_new(x);

    if (!c)
        return NULL;
    if (connect_to(c, to, now) < 0) {
        circuit_free(c, now);
        return NULL;
    }
    line_open(c, X25_DTE, extended);
    return &c->line;
}

/* ---- up ---- */

static void call_came(struct xot_circuit *c, const struct packet *p, nanoseconds now)
{
    c->call_until = NEVER;
    timer_clear(c->xot->means->timers, &c->timer);
    line_open(c, X25_DCE, x25_xot_is_extended(p));
    x25_line_up(&c->line, now);
}

static void packet_arrived(struct xot_circuit *c, struct packet *p, nanoseconds now)
{
    switch (x25_xot_receive(&c->rules, p)) {
    case X25_XOT_PASS:
        if (!c->has_line)
            call_came(c, p, now);
        x25_line_receive(&c->line, p, now);
        break;
    case X25_XOT_DROP:
        drop(c, p, DROP_XOT_LOCAL, now);
        break;
    case X25_XOT_ANSWER:
        send_framed(c, p, now);
        finish(c, now);
        break;
    case X25_XOT_CLOSE:
        drop(c, p, DROP_XOT_HEADER, now);
        break_off(c);
        break;
    }
}

/* The next octets of the stream. false: there are none now, or ever. */
static bool pull_some(struct xot_circuit *c, nanoseconds now)
{
    struct transport_message m = {0};
    ssize_t n;

    m.in = xot_frame_room(&c->in, c->xot->means, &m.length);
    if (!m.in) {
        timer_set(c->xot->means->timers, &c->timer, now + XOT_MEMORY_WAIT);
        return false;
    }
    n = transport_receive(c->stream, &m, 0, now);
    if (n == -EAGAIN)
        return false;
    if (n <= 0) { /* the peer has closed: RFC 1613 6.1 */
        break_off(c);
        return false;
    }
    switch (xot_frame_took(&c->in, (size_t)n)) {
    case XOT_FRAME_WHOLE:
        packet_arrived(c, xot_frame_take(&c->in), now);
        break;
    case XOT_FRAME_BAD: /* RFC 1613 4.1: the stream MUST be closed */
        event_drop(&c->xot->means->voice, now, DROP_XOT_HEADER, NULL);
        break_off(c);
        break;
    case XOT_FRAME_MORE:
        break;
    }
    return true;
}

static void pull(struct xot_circuit *c, nanoseconds now)
{
    while (c->connected && !c->broken && !c->over && pull_some(c, now))
        continue;
}

void xot_told(struct transport_upper *upper, nanoseconds now)
{
    struct xot_circuit *c = container_of(upper, struct xot_circuit, upper);
    enum transport_phase phase = transport_phase(c->stream);

    if (!c->connected) {
        if (phase == TRANSPORT_OPENING)
            return;
        if (phase != TRANSPORT_OPEN) {
            break_off(c);
            return;
        }
        c->connected = true;
        if (c->has_line)
            x25_line_up(&c->line, now);
    }
    push(c, now);
    pull(c, now);
    if (c->is_full && c->has_line && xot_has_room(&c->line))
        x25_line_ready(&c->line, now);
}

void xot_timer(struct timer *timer, nanoseconds now)
{
    struct xot_circuit *c = container_of(timer, struct xot_circuit, timer);

    if (now >= c->call_until) {
        break_off(c);
        return;
    }
    pull(c, now);
    if (c->call_until != NEVER && !timer_is_set(timer))
        timer_set(c->xot->means->timers, timer, c->call_until);
}

/* ---- the server ---- */

int xot_listen(struct xot *x, nanoseconds now)
{
    const struct endpoint any = {.port = XOT_PORT};
    struct name name;
    int result;

    if (x->listener)
        return 0;
    result = transport_open(x->transport, TRANSPORT_STREAM, &x->upper, &x->listener);
    if (result < 0) {
        x->listener = NULL;
        return result;
    }
    name_of_endpoint(&name, &any);
    (void)transport_option_set(x->listener, OPTION_REUSE_ADDRESS, 1, now);
    result = transport_bind(x->listener, &name);
    if (result == 0)
        result = transport_listen(x->listener, XOT_BACKLOG, now);
    if (result < 0) {
        transport_close(x->listener, now);
        x->listener = NULL;
    }
    return result;
}

/* One too many is taken and closed at once, so that it does not wait for nothing. */
static void refuse(struct xot *x, nanoseconds now)
{
    struct transport_end *stream;

    if (transport_accept(x->listener, NULL, &stream) < 0)
        return;
    event_drop(&x->means->voice, now, DROP_XOT_FULL, NULL);
    transport_close(stream, now);
}

int xot_permit(struct xot *x, struct address network, uint32_t bits)
{
    if (x->callers == XOT_CALLERS)
        return -ENOBUFS;
    x->caller[x->callers++] = (struct xot_caller){network, bits, 0};
    return 0;
}

static bool may_call(const struct xot *x, const struct transport_end *stream)
{
    struct name peer = {.family = NAME_NONE};
    bool may = x->callers == 0;

    (void)transport_remote(stream, &peer);
    for (uint32_t i = 0; i < x->callers && !may; i++)
        may = address_matches(peer.endpoint.address, x->caller[i].network, x->caller[i].bits);
    return may;
}

static bool accept_one(struct xot *x, nanoseconds now)
{
    struct xot_circuit *c = circuit_new(x);

    if (!c) {
        refuse(x, now);
        return (transport_ready(x->listener) & READY_IN) != 0;
    }
    if (transport_accept(x->listener, &c->upper, &c->stream) < 0) {
        c->stream = NULL;
        circuit_free(c, now);
        return false;
    }
    if (!may_call(x, c->stream)) {
        event_drop(&x->means->voice, now, DROP_XOT_CALLER, NULL);
        circuit_free(c, now);
        return true;
    }
    set_options(c, now);
    c->connected = true;
    c->call_until = now + XOT_CALL_WAIT;
    timer_set(x->means->timers, &c->timer, c->call_until);
    pull(c, now);
    return true;
}

void xot_told_listener(struct transport_upper *upper, nanoseconds now)
{
    struct xot *x = container_of(upper, struct xot, upper);

    while (accept_one(x, now))
        continue;
}

void xot_crash(struct xot *x, nanoseconds now)
{
    if (!x->listener)
        return;
    transport_close(x->listener, now);
    x->listener = NULL;
    (void)xot_listen(x, now);
}

/* ---- the end of an entry ---- */

void xot_settle(struct xot *x, nanoseconds now)
{
    struct list_link *l;

    while ((l = list_pop(&x->touched)) != NULL) {
        struct xot_circuit *c = container_of(l, struct xot_circuit, touched);

        if (c->broken || (c->over && (c->out.packets == 0 || !c->connected)))
            circuit_free(c, now);
    }
}

int xot_check(const struct xot *x)
{
    uint32_t count = 0;

    for (const struct list_link *l = x->circuits.first; l; l = l->next) {
        const struct xot_circuit *c = container_of(l, const struct xot_circuit, link);

        if (!packet_queue_is_sound(&c->out) || c->out.packets > XOT_QUEUE + 1)
            return __LINE__;
        if (c->sent > 0 && (!c->out.first || c->sent >= packet_length(c->out.first)))
            return __LINE__;
        if (c->in.packet && c->in.have > c->in.length)
            return __LINE__;
        count++;
    }
    return count != x->count || count > x->limit ? __LINE__ : 0;
}
