/* SPDX-License-Identifier: MIT */
/* The theory is in x25_input.h. */
#include "3-network/x25/x25_input.h"

#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_facilities.h"
#include "3-network/x25/x25_forward.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_wait.h"

/* ---- p1: a channel without a circuit ---- */

/* A circuit for a call that somebody here wants. @return true: it is his; else why not */
static bool give(struct x25_line *line, const struct x25_header *h, const struct x25_call *call,
                 struct x25_reason *reason, nanoseconds now)
{
    struct x25_upper *upper = line->x25->upper;
    struct x25_circuit *c = x25_circuit_open(line, h->lcn);

    if (!c) {
        reason->cause = X25_CLEAR_CONGESTION;
        reason->diagnostic = X25_DIAGNOSTIC_NO_CHANNEL;
        return false;
    }
    c->state = X25_CALLED;
    c->called = 1;
    memcpy(&c->call, call, sizeof c->call);
    if (x25_upper_codes[upper->code].incoming(upper, c, call, reason, now))
        return true;
    x25_circuit_undo(c);
    return false;
}

/* The upper says whether it wants the call; if it does not it may go on to somebody else
 * (net.x25.x25_forward), which takes no circuit. Takes p. */
static void offer(struct x25_line *line, const struct x25_header *h, const struct x25_call *call,
                  struct packet *p, nanoseconds now)
{
    struct x25_upper *upper = line->x25->upper;
    struct x25_reason reason = {.cause = X25_CLEAR_NUMBER_BUSY};
    bool wanted = upper && x25_upper_codes[upper->code].wants(upper, call);
    bool taken = wanted && give(line, h, call, &reason, now);

    if (!wanted && x25_forward_call(line, h, call, p, now))
        return;
    if (!taken)
        x25_line_refuse(line, h->lcn, reason.cause, reason.diagnostic, now);
    packet_put(p);
}

static void call_arrives(struct x25_line *line, const struct x25_header *h, struct reader *r,
                         struct packet *p, nanoseconds now)
{
    struct x25_call call;
    uint8_t wrong;

    if (line->kind == X25_LINE_XOT) /* RFC 1613 6: as the caller numbers them */
        x25_line_extend(line, h->extended);
    wrong = x25_packet_call_read(r, h, &call, true);
    if (wrong) {
        event_drop(&line->x25->means->voice, now, DROP_X25_PACKET, p);
        x25_line_refuse(line, h->lcn, x25_circuit_cause(line, X25_CLEAR_LOCAL_ERROR), wrong, now);
        packet_put(p);
    } else {
        offer(line, h, &call, p, now);
    }
}

void x25_input_ready(struct x25_line *line, const struct x25_header *h, struct reader *r,
                     struct packet *p, nanoseconds now)
{
    if (h->type == X25_CALL_REQUEST) {
        call_arrives(line, h, r, p, now);
        return;
    }
    if (h->type == X25_CLEAR_REQUEST)
        x25_output_bare(line, h->lcn, X25_CLEAR_CONFIRMATION, now);
    else if (h->type != X25_CLEAR_CONFIRMATION && x25_packet_is_known(h->type))
        x25_line_refuse(line, h->lcn, x25_circuit_cause(line, X25_CLEAR_LOCAL_ERROR),
                        X25_DIAGNOSTIC_TYPE_P1, now);
    /* RFC 1613 6.1: of a type that there is not, before the call, nothing is said */
    if (h->type != X25_CLEAR_REQUEST && h->type != X25_CLEAR_CONFIRMATION)
        event_drop(&line->x25->means->voice, now, DROP_X25_CHANNEL, p);
    packet_put(p);
}

/* ---- errors ---- */

static void clear_for(struct x25_circuit *c, uint8_t diagnostic, nanoseconds now)
{
    struct x25_reason reason = {
        .cause = X25_CLEAR_LOCAL_ERROR, .diagnostic = diagnostic, .by = X25_BY_ERROR};

    x25_circuit_give_up(c, &reason, now);
}

static void reset_for(struct x25_circuit *c, uint8_t diagnostic, nanoseconds now)
{
    struct x25_reason reason = {
        .cause = X25_RESET_LOCAL_ERROR, .diagnostic = diagnostic, .by = X25_BY_ERROR};

    x25_circuit_reset(c, &reason, now);
}

static void drop(struct x25_circuit *c, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&c->x25->means->voice, now, reason, p);
    packet_put(p);
}

/* A type that the state does not allow, or that there is not. */
static uint8_t wrong_type(const struct x25_circuit *c, const struct x25_header *h)
{
    if (!x25_packet_is_known(h->type))
        return X25_DIAGNOSTIC_UNIDENTIFIABLE;
    return (uint8_t)(X25_DIAGNOSTIC_TYPE_P1 - 1 + x25_circuit_p(c));
}

/* ---- a clear of the other station's: in every state ---- */

static void clear_arrives(struct x25_circuit *c, struct reader *r, nanoseconds now)
{
    struct x25_reason reason = {.by = X25_BY_STATION};
    struct x25_user_data data = {.length = 0};

    (void)x25_packet_clear_read(r, &reason, &data); /* whatever it says, it is over */
    x25_output_bare(c->line, c->lcn, X25_CLEAR_CONFIRMATION, now);
    x25_circuit_cleared(c, &reason, &data, now);
}

/* ---- p2, p3, p5: a call is not answered yet ---- */

/* Made less by what the answer says; what it does not speak of is as it was asked for. */
static void answer_arrives(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                           nanoseconds now)
{
    struct x25_call answer;
    uint8_t wrong = x25_packet_call_read(r, h, &answer, false);

    if (!wrong &&
        (c->call.facilities.reverse & X25_FAST_SELECT_RESTRICTED) == X25_FAST_SELECT_RESTRICTED)
        wrong = X25_DIAGNOSTIC_FAST_SELECT;
    if (wrong) {
        clear_for(c, wrong, now);
        return;
    }
    x25_facilities_limit(&c->agreed, &answer.facilities);
    x25_facilities_fit(&c->agreed, c->line);
    x25_circuit_start(c, now);
    if (c->user)
        x25_user_codes[c->user->code].connected(c->user, &answer, now);
}

/* Both have called on one channel (p5; X.25 4.1.6): the DTE's call goes on. A DCE's own, which the
 * DTE does not look at, is made anew on another channel. @return true: the packet was taken */
static bool collision(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                      struct packet *p, nanoseconds now)
{
    struct x25_reason reason = {
        .cause = X25_CLEAR_CONGESTION, .diagnostic = X25_DIAGNOSTIC_NO_CHANNEL, .by = X25_BY_ERROR};
    struct x25_line *line = c->line;
    uint16_t lcn;

    if (line->kind == X25_LINE_XOT || line->role == X25_DTE)
        return false;
    lcn = x25_line_channel(line);
    if (lcn == 0) {
        x25_circuit_cleared(c, &reason, NULL, now);
    } else {
        x25_circuit_move(c, lcn);
        x25_output_call(c, now);
    }
    x25_input_ready(line, h, r, p, now);
    return true;
}

static bool calling(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                    struct packet *p, nanoseconds now)
{
    switch (h->type) {
    case X25_CALL_REQUEST:
        return collision(c, h, r, p, now);
    case X25_CALL_ACCEPTED:
        answer_arrives(c, h, r, now);
        break;
    case X25_CLEAR_REQUEST:
        clear_arrives(c, r, now);
        break;
    default:
        clear_for(c, wrong_type(c, h), now);
        break;
    }
    return false;
}

static bool called(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                   struct packet *p, nanoseconds now)
{
    (void)p;
    if (h->type == X25_CLEAR_REQUEST)
        clear_arrives(c, r, now);
    else
        clear_for(c, wrong_type(c, h), now);
    return false;
}

/* ---- p4, d1: data ---- */

/* P(R) of any packet that has one. false: the circuit was reset. */
static bool acknowledged(struct x25_circuit *c, uint8_t pr, nanoseconds now)
{
    int packets = x25_window_acknowledged(&c->window, pr);

    if (packets < 0)
        reset_for(c, X25_DIAGNOSTIC_PR, now);
    else
        x25_circuit_acknowledge(c, packets, now);
    return packets >= 0;
}

static void flow_arrives(struct x25_circuit *c, const struct x25_header *h, nanoseconds now)
{
    if (!acknowledged(c, h->pr, now))
        return;
    c->peer_busy = h->type == X25_RNR;
    if (h->type == X25_REJ)
        x25_circuit_go_back(c);
    x25_output_data(c, now);
}

/* Puts a packet's data behind what came of its record before. @return 0, or the diagnostic of why
 * it cannot be */
static uint8_t join(struct x25_circuit *c, const struct packet *p)
{
    struct means *m = c->x25->means;
    struct packet *record = c->receiving, *larger;
    uint32_t length = packet_length(record) + packet_length(p);

    if (length > X25_RECORD_BYTES)
        return X25_DIAGNOSTIC_NO_ROOM;
    if (packet_length(p) > record->size - record->end) {
        larger = packet_get(m->packets, &m->packet_budget, X25_RECORD_BYTES);
        if (!larger)
            return X25_DIAGNOSTIC_NO_ROOM;
        memcpy(packet_append(larger, packet_length(record)), packet_data(record),
               packet_length(record));
        packet_put(record);
        c->receiving = record = larger;
    }
    if (packet_length(p) > 0)
        memcpy(packet_append(record, packet_length(p)), packet_data(p), packet_length(p));
    return 0;
}

/* What is wrong with a packet of data (X.25 4.3, 4.4.1.3). */
static uint8_t data_is_wrong(struct x25_circuit *c, const struct x25_header *h,
                             const struct packet *p)
{
    if (packet_length(p) > 1u << c->agreed.packet_in)
        return X25_DIAGNOSTIC_TOO_LONG;
    if (c->receiving && c->receiving_qualified != h->qualified)
        return X25_DIAGNOSTIC_Q_BIT;
    if (!x25_window_take(&c->window, h->ps))
        return X25_DIAGNOSTIC_PS;
    return 0;
}

/* The packet's data is its own record, or joins those before; the last one goes up. @return 0 or a
 * diagnostic. *taken: the packet is */
static uint8_t data_joins(struct x25_circuit *c, const struct x25_header *h, struct packet *p,
                          bool *taken, nanoseconds now)
{
    uint8_t wrong = c->receiving ? join(c, p) : 0;
    struct packet *record;

    *taken = !c->receiving;
    if (!c->receiving)
        c->receiving = p;
    c->receiving_qualified = h->qualified;
    if (wrong || h->more)
        return wrong;
    record = c->receiving;
    c->receiving = NULL;
    if (c->user)
        x25_user_codes[c->user->code].record(c->user, record, h->qualified, now);
    else
        packet_put(record);
    return 0;
}

static bool data_arrives(struct x25_circuit *c, const struct x25_header *h, struct packet *p,
                         nanoseconds now)
{
    bool taken = false;
    uint8_t wrong;

    if (!acknowledged(c, h->pr, now))
        return false;
    packet_take(p, x25_packet_header_bytes(h));
    wrong = data_is_wrong(c, h, p);
    if (!wrong)
        wrong = data_joins(c, h, p, &taken, now);
    if (wrong) {
        reset_for(c, wrong, now);
        return taken;
    }
    x25_output_data(c, now);
    if (c->hold && c->told_busy)
        return taken; /* it is acknowledged when there is room again */
    if (x25_window_owes(&c->window) && (x25_window_is_closed(&c->window) || h->delivery))
        x25_output_flow(c, now);
    else if (x25_window_owes(&c->window) && c->waits == X25_WAIT_NONE)
        x25_wait_for(c, X25_WAIT_ACKNOWLEDGE, now);
    return taken;
}

static void interrupt_arrives(struct x25_circuit *c, struct reader *r, nanoseconds now)
{
    size_t length = reader_left(r);

    if (length > X25_INTERRUPT_BYTES) {
        reset_for(c, X25_DIAGNOSTIC_TOO_LONG, now);
    } else if (c->confirms) {
        reset_for(c, X25_DIAGNOSTIC_SECOND_INTERRUPT, now);
    } else {
        c->confirms = 1;
        if (c->user)
            x25_user_codes[c->user->code].interrupt(c->user, r->at, length, now);
    }
}

static void interrupt_is_confirmed(struct x25_circuit *c, nanoseconds now)
{
    if (!c->interrupted) {
        reset_for(c, X25_DIAGNOSTIC_NO_INTERRUPT, now);
        return;
    }
    c->interrupted = 0;
    packet_put(packet_queue_take(&c->interrupts));
    if (c->user)
        x25_user_codes[c->user->code].sent(c->user, now);
    x25_output_data(c, now);
}

static void reset_arrives(struct x25_circuit *c, struct reader *r, nanoseconds now)
{
    struct x25_reason reason = {.by = X25_BY_STATION};

    (void)x25_packet_reason_read(r, &reason);
    x25_output_bare(c->line, c->lcn, X25_RESET_CONFIRMATION, now);
    x25_circuit_was_reset(c, &reason, now);
}

static bool open(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                 struct packet *p, nanoseconds now)
{
    switch (h->type) {
    case X25_DATA:
        return data_arrives(c, h, p, now);
    case X25_RR:
    case X25_RNR:
    case X25_REJ:
        flow_arrives(c, h, now);
        break;
    case X25_INTERRUPT:
        interrupt_arrives(c, r, now);
        break;
    case X25_INTERRUPT_CONFIRMATION:
        interrupt_is_confirmed(c, now);
        break;
    case X25_RESET_REQUEST:
        reset_arrives(c, r, now);
        break;
    case X25_RESET_CONFIRMATION:
        reset_for(c, X25_DIAGNOSTIC_TYPE_D1, now);
        break;
    case X25_CLEAR_REQUEST:
        clear_arrives(c, r, now);
        break;
    case X25_CALL_REQUEST:
    case X25_CALL_ACCEPTED:
    case X25_CLEAR_CONFIRMATION:
        clear_for(c, wrong_type(c, h), now);
        break;
    default:
        reset_for(c, wrong_type(c, h), now);
        break;
    }
    return false;
}

/* d2: what is not about the reset is of before it. Both have sent one: each is the other's
 * confirmation. */
static bool resetting(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                      struct packet *p, nanoseconds now)
{
    switch (h->type) {
    case X25_RESET_REQUEST:
    case X25_RESET_CONFIRMATION:
        x25_circuit_was_reset(c, NULL, now);
        return false;
    case X25_CLEAR_REQUEST:
        clear_arrives(c, r, now);
        return false;
    case X25_CALL_REQUEST:
    case X25_CALL_ACCEPTED:
    case X25_CLEAR_CONFIRMATION:
        clear_for(c, wrong_type(c, h), now);
        return false;
    default:
        drop(c, p, DROP_X25_STATE, now);
        return true;
    }
}

/* p6: the same of a clear. */
static bool clearing(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                     struct packet *p, nanoseconds now)
{
    (void)r;
    if (h->type == X25_CLEAR_REQUEST || h->type == X25_CLEAR_CONFIRMATION) {
        x25_circuit_close(c, now);
        return false;
    }
    drop(c, p, DROP_X25_STATE, now);
    return true;
}

void x25_input_circuit(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                       struct packet *p, nanoseconds now)
{
    bool taken = false;

    switch ((enum x25_call_state)c->state) {
    case X25_CALLING:
        taken = calling(c, h, r, p, now);
        break;
    case X25_CALLED:
        taken = called(c, h, r, p, now);
        break;
    case X25_OPEN:
        taken = open(c, h, r, p, now);
        break;
    case X25_RESETTING:
        taken = resetting(c, h, r, p, now);
        break;
    case X25_CLEARING:
        taken = clearing(c, h, r, p, now);
        break;
    }
    if (!taken)
        packet_put(p);
}
