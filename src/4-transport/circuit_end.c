/* SPDX-License-Identifier: MIT */
/* One end of a circuit, as the calls of a program and those of the packet layer find it; the theory
 * is in circuit.h. */
#include <string.h>

#include "4-transport/circuit.h"
#include "base/pool.h"

enum { BUFFER_DEFAULT = 212992 };

uint32_t circuit_end_bytes(void)
{
    return sizeof(struct circuit_end);
}

static void facilities_init(struct x25_facilities *f)
{
    f->window_in = f->window_out = X25_WINDOW;
    f->packet_in = f->packet_out = X25_PACKET_BYTES_LOG;
    f->mask = X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW; /* Linux: always said */
}

struct circuit_end *circuit_end_new(struct circuit *s, struct transport_upper *upper)
{
    struct circuit_end *e = s->count < s->limit ? pool_get(s->pool) : NULL;

    if (!e)
        return NULL;
    e->end.upper = upper;
    e->end.service = &s->service;
    e->end.kind = s->service.kind;
    e->circuit = s;
    e->user.code = s->user_code;
    options_init(&e->options, BUFFER_DEFAULT, BUFFER_DEFAULT);
    facilities_init(&e->facilities);
    list_add(&s->ends, &e->link);
    s->count++;
    return e;
}

static void drop_all(struct packet_queue *q)
{
    while (q->first)
        packet_put(packet_queue_take(q));
}

void circuit_end_free(struct circuit_end *e)
{
    struct circuit *s = e->circuit;

    drop_all(&e->records);
    drop_all(&e->interrupts);
    list_remove(&e->end.pending);
    list_remove(&e->queued);
    list_remove(&e->link);
    s->count--;
    pool_put(s->pool, e);
}

/* Linux stops the other station at half of the buffer. */
bool circuit_end_is_full(const struct circuit_end *e)
{
    return e->interrupts.packets >= CIRCUIT_INTERRUPTS || (e->options.oob_inline && e->held);
}

void circuit_end_flow(struct circuit_end *e, nanoseconds now)
{
    bool hold = e->memory > e->options.receive_buffer / 2, changes = hold != (e->held != 0);

    e->held = hold;
    if (changes && e->below)
        x25_hold(e->below, hold, now);
    if (!e->unconfirmed || circuit_end_is_full(e))
        return;
    e->unconfirmed = 0;
    if (e->below)
        x25_interrupt_confirm(e->below, now);
}

int circuit_end_accept(struct circuit_end *e, nanoseconds now)
{
    struct x25_call answer;
    int result;

    memset(&answer, 0, sizeof answer);
    memcpy(&answer.facilities, &e->facilities, sizeof answer.facilities);
    if (e->data_said)
        memcpy(&answer.data, &e->data, sizeof answer.data);
    result = x25_accept(e->below, &answer, now);
    if (result < 0)
        return result;
    e->accepted = 1;
    memcpy(&e->facilities, x25_agreed(e->below), sizeof e->facilities);
    return 0;
}
