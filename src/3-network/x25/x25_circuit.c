/* SPDX-License-Identifier: MIT */
/* The theory is in x25_circuit.h. */
#include "3-network/x25/x25_circuit.h"

#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_wait.h"
#include "base/arena.h"
#include "base/integer.h"
#include "base/siphash.h"

/* ---- found by line and channel ---- */

static uint64_t hash_of(const struct x25_line *line, uint16_t lcn)
{
    const uint64_t words[] = {line->number, line->kind == X25_LINE_XOT ? 0 : lcn};

    return siphash_words(line->x25->means->key, words, 2);
}

struct x25_circuit *x25_circuit_find(const struct x25_line *line, uint16_t lcn)
{
    struct table_link *l = table_first(&line->x25->channels, hash_of(line, lcn));

    for (; l; l = table_next(l)) {
        struct x25_circuit *c = container_of(l, struct x25_circuit, channel);

        if (c->line == line && (c->lcn == lcn || line->kind == X25_LINE_XOT))
            return c;
    }
    return NULL;
}

struct x25_circuit *x25_circuit_open(struct x25_line *line, uint16_t lcn)
{
    struct x25 *x = line->x25;
    struct x25_circuit *c =
        x->count < least(x->settings.circuits, x->limit) ? pool_get(x->pool) : NULL;

    if (!c)
        return NULL;
    c->x25 = x;
    c->line = line;
    c->lcn = lcn;
    c->serial = ++x->serials;
    c->timer.node = x->means->node;
    c->timer.source = X25_TIMER_SOURCE;
    c->timer.serial = c->serial * 2;
    c->timer.code = x->timer_code;
    x->count++;
    list_add(&line->circuits, &c->link);
    table_add(&x->channels, &c->channel, hash_of(line, lcn));
    return c;
}

void x25_circuit_move(struct x25_circuit *c, uint16_t lcn)
{
    table_remove(&c->x25->channels, &c->channel);
    c->lcn = lcn;
    table_add(&c->x25->channels, &c->channel, hash_of(c->line, lcn));
}

/* ---- what is on it ---- */

static void drop_all(struct packet_queue *q)
{
    while (q->first)
        packet_put(packet_queue_take(q));
}

/* What a reset loses: what came of a record, and what of ours has begun to go. Records of which
 * nothing has gone stay: they go when the reset is done. */
static void lose(struct x25_circuit *c)
{
    while (c->records.first && (c->records.first != c->sending || c->sending_at > 0)) {
        if (c->records.first == c->sending) {
            c->sending = c->sending->next;
            c->sending_at = 0;
        }
        packet_put(packet_queue_take(&c->records));
    }
    c->acknowledged_at = 0;
    drop_all(&c->interrupts);
    packet_put(c->receiving);
    c->receiving = NULL;
    c->interrupted = c->confirms = c->confirm_owed = c->peer_busy = c->told_busy = 0;
    x25_window_init(&c->window, c->line->extended, c->agreed.window_in, c->agreed.window_out);
}

void x25_circuit_acknowledge(struct x25_circuit *c, int packets, nanoseconds now)
{
    uint32_t size = 1u << c->agreed.packet_out;
    bool gone = false;

    for (; packets > 0; packets--) {
        const struct packet *record = c->records.first;

        ensure(record != NULL);
        c->acknowledged_at += (uint32_t)least(size, packet_length(record) - c->acknowledged_at);
        if (c->acknowledged_at < packet_length(record))
            continue;
        c->acknowledged_at = 0;
        packet_put(packet_queue_take(&c->records));
        gone = true;
    }
    if (gone && c->user)
        x25_user_codes[c->user->code].sent(c->user, now);
}

void x25_circuit_go_back(struct x25_circuit *c)
{
    x25_window_go_back(&c->window);
    c->sending = c->records.first;
    c->sending_at = c->acknowledged_at;
}

/* ---- its life ---- */

void x25_circuit_undo(struct x25_circuit *c)
{
    struct x25 *x = c->x25;

    x25_wait_for(c, X25_WAIT_NONE, 0);
    drop_all(&c->records);
    drop_all(&c->interrupts);
    packet_put(c->receiving);
    table_remove(&x->channels, &c->channel);
    list_remove(&c->link);
    x->count--;
    pool_put(x->pool, c);
}

void x25_circuit_close(struct x25_circuit *c, nanoseconds now)
{
    struct x25_line *line = c->line;

    x25_circuit_undo(c);
    x25_line_codes[line->kind].released(line, now);
}

void x25_circuit_event(const struct x25_circuit *c, const struct x25_reason *reason, bool is_reset,
                       enum x25_by by, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&c->x25->means->voice, EVENT_X25, now);

    if (!event)
        return;
    event->x25 = (struct event_x25){.lcn = c->lcn,
                                    .is_reset = is_reset,
                                    .cause = reason->cause,
                                    .diagnostic = reason->diagnostic,
                                    .by = (uint8_t)by};
}

static void tell_cleared(struct x25_circuit *c, const struct x25_reason *reason,
                         const struct x25_user_data *data, nanoseconds now)
{
    static const struct x25_user_data none;
    struct x25_user *user = c->user;

    c->user = NULL;
    x25_circuit_event(c, reason, false, (enum x25_by)reason->by, now);
    if (user)
        x25_user_codes[user->code].cleared(user, reason, data ? data : &none, now);
}

void x25_circuit_cleared(struct x25_circuit *c, const struct x25_reason *reason,
                         const struct x25_user_data *data, nanoseconds now)
{
    tell_cleared(c, reason, data, now);
    x25_circuit_close(c, now);
}

void x25_circuit_give_up(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now)
{
    struct x25_reason said = {.cause = x25_circuit_cause(c->line, reason->cause),
                              .diagnostic = reason->diagnostic};

    tell_cleared(c, reason, NULL, now);
    c->state = X25_CLEARING;
    x25_wait_for(c, X25_WAIT_CLEAR, now);
    x25_output_clear(c->line, c->lcn, &said, NULL, now);
}

void x25_circuit_start(struct x25_circuit *c, nanoseconds now)
{
    c->state = X25_OPEN;
    x25_wait_for(c, X25_WAIT_NONE, now);
    x25_window_init(&c->window, c->line->extended, c->agreed.window_in, c->agreed.window_out);
}

void x25_circuit_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now)
{
    struct x25_reason said = {.cause = x25_circuit_cause(c->line, reason->cause),
                              .diagnostic = reason->diagnostic};

    lose(c);
    c->state = X25_RESETTING;
    x25_wait_for(c, X25_WAIT_RESET, now);
    x25_output_reason(c->line, c->lcn, X25_RESET_REQUEST, &said, now);
    x25_circuit_event(c, reason, true,
                      reason->by == X25_BY_STATION ? X25_BY_USER : (enum x25_by)reason->by, now);
    if (c->user && reason->by != X25_BY_STATION)
        x25_user_codes[c->user->code].reset(c->user, reason, now);
}

void x25_circuit_was_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now)
{
    lose(c);
    c->state = X25_OPEN;
    x25_wait_for(c, X25_WAIT_NONE, now);
    if (reason)
        x25_circuit_event(c, reason, true, X25_BY_STATION, now);
    if (c->user && reason)
        x25_user_codes[c->user->code].reset(c->user, reason, now);
    if (c->hold)
        x25_output_flow(c, now);
    x25_output_data(c, now);
}

uint8_t x25_circuit_cause(const struct x25_line *line, uint8_t cause_of_dce)
{
    return line->kind == X25_LINE_LAPB && line->role == X25_DTE ? X25_CAUSE_DTE : cause_of_dce;
}

uint8_t x25_circuit_p(const struct x25_circuit *c)
{
    bool is_dte = c->line->role == X25_DTE;

    switch ((enum x25_call_state)c->state) {
    case X25_CALLING:
        return is_dte ? 2 : 3;
    case X25_CALLED:
        return is_dte ? 3 : 2;
    case X25_OPEN:
    case X25_RESETTING:
        return 4;
    case X25_CLEARING:
        return is_dte ? 6 : 7;
    }
    return 1;
}
