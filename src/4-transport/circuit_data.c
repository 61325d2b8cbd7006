/* SPDX-License-Identifier: MIT */
/*
 * Records and interrupts of a circuit, as a program sends and reads them; errors are those of
 * Linux's x25_sendmsg and x25_recvmsg, in their order. A record is sent whole or not at all.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/circuit.h"
#include "base/integer.h"

/* The pending error, cleared; as every call that could tell it does. */
static int pending(struct circuit_end *e)
{
    int error = e->error;

    e->error = 0;
    return -error;
}

/* ---- to send ---- */

static int can_send(struct circuit_end *e, const struct transport_message *m)
{
    if (!e->bound)
        return -EADDRNOTAVAIL;
    if (e->over)
        return -EPIPE;
    if (e->phase == TRANSPORT_CLOSED || e->phase == TRANSPORT_LISTENING)
        return -ENETUNREACH; /* it has no line */
    if (m->remote.family != NAME_NONE &&
        (m->remote.x121.length != e->remote.length ||
         memcmp(m->remote.x121.digit, e->remote.digit, e->remote.length) != 0))
        return -EISCONN;
    if (e->phase != TRANSPORT_OPEN || !e->accepted)
        return -ENOTCONN;
    return m->length > X25_RECORD_BYTES ? -EMSGSIZE : pending(e);
}

/* Room for so many bytes more. One record always goes. */
static bool has_room(const struct circuit_end *e, size_t length)
{
    uint32_t unsent = x25_unsent_bytes(e->below);

    return unsent == 0 || unsent + length <= e->options.send_buffer;
}

ssize_t circuit_data_send(struct transport_end *end, const struct transport_message *m,
                          unsigned flags, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);
    struct means *means = e->circuit->means;
    bool interrupts = (flags & TRANSPORT_OUT_OF_BAND) != 0;
    size_t length = interrupts ? (size_t)least(m->length, X25_INTERRUPT_BYTES) : m->length;
    struct packet *p;
    int result = can_send(e, m);

    if (result < 0)
        return result;
    if (!has_room(e, length))
        return -EAGAIN;
    p = packet_get(means->packets, &means->packet_budget, (uint32_t)length);
    if (!p) /* what is under way gives back memory, and wakes who waits for it */
        return x25_unsent_bytes(e->below) > 0 ? -EAGAIN : -ENOBUFS;
    if (length)
        memcpy(packet_append(p, (uint32_t)length), m->out, length);
    result =
        interrupts ? x25_interrupt(e->below, p, now) : x25_send(e->below, p, m->qualified, now);
    return result < 0 ? result : (ssize_t)length;
}

/* ---- to read ---- */

/* The first of a queue, so far as there is room; `keep`: it stays. */
static ssize_t give(struct packet_queue *q, struct transport_message *m, bool keep)
{
    struct packet *p = q->first;
    size_t n;

    m->true_length = packet_length(p);
    m->qualified = p->flags != 0;
    n = (size_t)least(m->length, m->true_length);
    if (n)
        memcpy(m->in, packet_data(p), n);
    if (!keep)
        packet_put(packet_queue_take(q));
    return (ssize_t)n;
}

static void name_peer(const struct circuit_end *e, struct transport_message *m)
{
    memset(&m->remote, 0, sizeof m->remote);
    m->remote.family = NAME_X121;
    memcpy(&m->remote.x121, &e->remote, sizeof e->remote);
}

static ssize_t receive_interrupt(struct circuit_end *e, struct transport_message *m,
                                 nanoseconds now)
{
    ssize_t got;

    if (e->options.oob_inline || !e->interrupts.first)
        return -EINVAL;
    got = give(&e->interrupts, m, false);
    m->urgent = true;
    m->qualified = false;
    circuit_end_flow(e, now);
    return got;
}

ssize_t circuit_data_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                             nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);
    bool keeps = (flags & TRANSPORT_PEEK) != 0;
    uint32_t size;
    ssize_t got;

    if (e->phase != TRANSPORT_OPEN && !(e->over && (e->records.first || e->interrupts.first)))
        return -ENOTCONN;
    m->urgent = false;
    name_peer(e, m);
    if (flags & TRANSPORT_OUT_OF_BAND)
        return receive_interrupt(e, m, now);
    if (e->error)
        return pending(e);
    if (!e->records.first)
        return e->over ? -ENOTCONN : -EAGAIN;
    size = e->records.first->size;
    got = give(&e->records, m, keeps);
    if (!keeps) {
        e->memory -= size;
        circuit_end_flow(e, now);
    }
    return got;
}

/* ---- what it is ready for, as Linux's datagram_poll ---- */

unsigned circuit_data_ready(const struct transport_end *end)
{
    const struct circuit_end *e = circuit_end_of(end);
    unsigned ready = e->error ? READY_ERROR : 0u;

    if (e->records.first || e->waiting.first)
        ready |= READY_IN;
    if (e->interrupts.first)
        ready |= READY_URGENT;
    switch ((enum transport_phase)e->phase) {
    case TRANSPORT_CLOSED:
        return ready | READY_HUP | READY_OUT;
    case TRANSPORT_OPEN:
        return ready | (x25_unsent_bytes(e->below) < e->options.send_buffer / 2 ? READY_OUT : 0u);
    case TRANSPORT_LISTENING:
    case TRANSPORT_OPENING:
        break;
    }
    return ready;
}

int64_t circuit_data_count(const struct transport_end *end, enum transport_count_kind kind)
{
    const struct circuit_end *e = circuit_end_of(end);
    uint32_t unsent = e->below ? x25_unsent_bytes(e->below) : 0;

    switch (kind) {
    case COUNT_UNREAD: /* of the next record */
        return e->records.first ? packet_length(e->records.first) : 0;
    case COUNT_UNACKED: /* Linux: TIOCOUTQ is the room that is left */
        return unsent < e->options.send_buffer ? e->options.send_buffer - unsent : 0;
    case COUNT_UNSENT:
    case COUNT_AT_MARK:
        break;
    }
    return -EINVAL;
}
