/* SPDX-License-Identifier: MIT */
/*
 * What the packet layer tells an end. A call that comes in finds its listener by the address that
 * is called and by its user data: an address of its own before none, and the longest beginning that
 * matches; of two that are the same the older one (as Linux's x25_find_listener, but for a listener
 * whose beginning does not match: it is none, however short the call's data is).
 */
#include <errno.h>
#include <string.h>

#include "4-transport/circuit.h"
#include "base/compiler.h"

static struct circuit_end *end_of(struct x25_user *user)
{
    return container_of(user, struct circuit_end, user);
}

static void tell(struct circuit_end *e)
{
    transport_end_pending(&e->end);
}

/* ---- calls ---- */

/* How well a listener fits: 0 not at all. */
static uint32_t weight(const struct circuit_end *e, const struct x25_call *call)
{
    uint32_t address = 1;

    if (e->phase != TRANSPORT_LISTENING || !e->bound)
        return 0;
    if (e->local.length > 0) {
        if (e->local.length != call->called.length ||
            memcmp(e->local.digit, call->called.digit, e->local.length) != 0)
            return 0;
        address = X25_USER_DATA_BYTES + 1;
    }
    if (e->match_length > call->data.length ||
        memcmp(e->data.bytes, call->data.bytes, e->match_length) != 0)
        return 0;
    return address + e->match_length;
}

static struct circuit_end *find_listener(const struct circuit *s, const struct x25_call *call)
{
    struct circuit_end *best = NULL;
    uint32_t best_weight = 0;

    for (struct list_link *l = s->ends.first; l; l = l->next) {
        struct circuit_end *e = container_of(l, struct circuit_end, link);
        uint32_t w = weight(e, call);

        if (w > best_weight) {
            best = e;
            best_weight = w;
        }
    }
    return best;
}

/* A new end is as its listener is, with what the call says of itself. */
static void become(struct circuit_end *e, const struct circuit_end *from,
                   const struct x25_call *call)
{
    memcpy(&e->options, &from->options, sizeof e->options);
    memcpy(&e->facilities, &from->facilities, sizeof e->facilities);
    memcpy(&e->data, &call->data, sizeof e->data);
    memcpy(&e->local, &call->called, sizeof e->local);
    memcpy(&e->remote, &call->calling, sizeof e->remote);
    e->facilities.throughput = call->facilities.throughput;
    e->facilities.reverse = call->facilities.reverse;
    memcpy(&e->facilities.calling, &call->facilities.calling, sizeof e->facilities.calling);
    if (call->facilities.mask & X25_FACILITY_CALLED_EXTENSION)
        memcpy(&e->facilities.called, &call->facilities.called, sizeof e->facilities.called);
    e->match_length = from->match_length;
    e->decides = from->decides;
    e->bound = 1;
    e->phase = TRANSPORT_OPEN;
}

bool circuit_user_wants(const struct x25_upper *upper, const struct x25_call *call)
{
    return find_listener(container_of(upper, const struct circuit, upper), call) != NULL;
}

bool circuit_user_incoming(struct x25_upper *upper, struct x25_circuit *c,
                           const struct x25_call *call, struct x25_reason *reason, nanoseconds now)
{
    struct circuit *s = container_of(upper, struct circuit, upper);
    struct circuit_end *listener = find_listener(s, call), *e;

    (void)reason; /* number busy, as Linux says */
    if (!listener || listener->waiting_count > listener->backlog)
        return false;
    e = circuit_end_new(s, NULL);
    if (!e)
        return false;
    become(e, listener, call);
    e->below = c;
    x25_own(c, &e->user);
    if (!e->decides && circuit_end_accept(e, now) < 0) {
        circuit_end_free(e);
        return false;
    }
    e->listener = listener;
    list_add(&listener->waiting, &e->queued);
    listener->waiting_count++;
    tell(listener);
    return true;
}

void circuit_user_connected(struct x25_user *user, const struct x25_call *answer, nanoseconds now)
{
    struct circuit_end *e = end_of(user);

    (void)now;
    e->phase = TRANSPORT_OPEN;
    e->accepted = 1;
    memcpy(&e->facilities, x25_agreed(e->below), sizeof e->facilities);
    memcpy(&e->data, &answer->data, sizeof e->data);
    e->data_said = 0;
    tell(e);
}

/* As Linux tells it: a call that was refused by ECONNREFUSED, a line that is gone by ENETUNREACH, a
 * clear of what was connected by no error. */
static int error_of(const struct circuit_end *e, const struct x25_reason *reason)
{
    switch ((enum x25_by)reason->by) {
    case X25_BY_TIMER:
        return ETIMEDOUT;
    case X25_BY_LINE:
        return ENETUNREACH;
    case X25_BY_STATION:
    case X25_BY_ERROR:
    case X25_BY_USER:
    case X25_BY_COUNT:
        break;
    }
    return e->phase == TRANSPORT_OPENING ? ECONNREFUSED : 0;
}

void circuit_user_cleared(struct x25_user *user, const struct x25_reason *reason,
                          const struct x25_user_data *data, nanoseconds now)
{
    struct circuit_end *e = end_of(user);
    int error = error_of(e, reason);

    (void)now;
    if (error)
        e->error = error;
    e->reason.cause = reason->cause;
    e->reason.diagnostic = reason->diagnostic;
    if (data->length > 0)
        memcpy(&e->data, data, sizeof e->data);
    e->below = NULL;
    e->phase = TRANSPORT_CLOSED;
    e->over = 1;
    tell(e);
}

/* ---- data ---- */

void circuit_user_record(struct x25_user *user, struct packet *p, bool qualified, nanoseconds now)
{
    struct circuit_end *e = end_of(user);

    p->flags = qualified;
    e->memory += p->size;
    packet_queue_add(&e->records, p);
    circuit_end_flow(e, now);
    tell(e);
}

/* With SO_OOBINLINE an interrupt is a record among the others. */
void circuit_user_interrupt(struct x25_user *user, const uint8_t *bytes, size_t length,
                            nanoseconds now)
{
    struct circuit_end *e = end_of(user);
    struct means *m = e->circuit->means;
    struct packet *p = packet_get(m->packets, &m->packet_budget, X25_INTERRUPT_BYTES);

    if (!p) {
        event_drop(&m->voice, now, DROP_NO_MEMORY, NULL);
    } else {
        if (length)
            memcpy(packet_append(p, (uint32_t)length), bytes, length);
        if (e->options.oob_inline) {
            circuit_user_record(user, p, false, now);
        } else {
            packet_queue_add(&e->interrupts, p);
        }
        tell(e);
    }
    e->unconfirmed = circuit_end_is_full(e);
    if (!e->unconfirmed)
        x25_interrupt_confirm(e->below, now);
}

void circuit_user_reset(struct x25_user *user, const struct x25_reason *reason, nanoseconds now)
{
    struct circuit_end *e = end_of(user);

    (void)now;
    e->error = ENETRESET;
    e->reason.cause = reason->cause;
    e->reason.diagnostic = reason->diagnostic;
    e->unconfirmed = 0;
    tell(e);
}

void circuit_user_sent(struct x25_user *user, nanoseconds now)
{
    (void)now;
    tell(end_of(user));
}
