/* SPDX-License-Identifier: MIT */
/* The theory is in x25_output.h. */
#include "3-network/x25/x25_output.h"

#include "3-network/x25/x25_wait.h"
#include "base/integer.h"

enum { CONTROL_BYTES = 320 }; /* no control packet is longer */

/* A packet under way: what is written is appended to it. */
struct draft {
    struct packet *packet;
    struct writer w;
};

/* false: the line is down, or there is no packet to be had. */
static bool begin(struct x25_line *line, const struct x25_header *h, uint32_t room, nanoseconds now,
                  struct draft *d)
{
    struct means *m = line->x25->means;

    if (!line->up)
        return false;
    d->packet = packet_get(m->packets, &m->packet_budget, room);
    if (!d->packet) {
        event_drop(&m->voice, now, DROP_NO_MEMORY, NULL);
        return false;
    }
    d->w = writer_of(d->packet->bytes + d->packet->end, room);
    x25_packet_write(&d->w, h);
    return true;
}

static void send(struct x25_line *line, struct draft *d, nanoseconds now)
{
    uint8_t *from = d->packet->bytes + d->packet->end;

    ensure(!d->w.failed);
    (void)packet_append(d->packet, (uint32_t)(d->w.at - from));
    x25_line_codes[line->kind].send(line, d->packet, now);
}

static struct x25_header header(const struct x25_line *line, uint16_t lcn,
                                enum x25_packet_type type)
{
    return (struct x25_header){.lcn = lcn, .type = (uint8_t)type, .extended = line->extended};
}

bool x25_output_number(struct x25_line *line, uint16_t lcn, enum x25_packet_type type, uint8_t pr,
                       nanoseconds now)
{
    struct x25_header h = header(line, lcn, type);
    struct draft d;
    bool begun;

    h.pr = pr;
    begun = begin(line, &h, CONTROL_BYTES, now, &d);
    if (begun)
        send(line, &d, now);
    return begun;
}

bool x25_output_bare(struct x25_line *line, uint16_t lcn, enum x25_packet_type type,
                     nanoseconds now)
{
    struct x25_header h = header(line, lcn, type);
    struct draft d;
    bool begun = begin(line, &h, CONTROL_BYTES, now, &d);

    if (begun)
        send(line, &d, now);
    return begun;
}

void x25_output_reason(struct x25_line *line, uint16_t lcn, enum x25_packet_type type,
                       const struct x25_reason *reason, nanoseconds now)
{
    struct x25_header h = header(line, lcn, type);
    struct draft d;

    if (!begin(line, &h, CONTROL_BYTES, now, &d))
        return;
    write_u8(&d.w, reason->cause);
    write_u8(&d.w, reason->diagnostic);
    send(line, &d, now);
}

void x25_output_clear(struct x25_line *line, uint16_t lcn, const struct x25_reason *reason,
                      const struct x25_user_data *data, nanoseconds now)
{
    struct x25_header h = header(line, lcn, X25_CLEAR_REQUEST);
    struct draft d;

    if (!begin(line, &h, CONTROL_BYTES, now, &d))
        return;
    x25_packet_clear_write(&d.w, reason, data);
    send(line, &d, now);
}

void x25_output_diagnostic(struct x25_line *line, uint8_t diagnostic, const uint8_t *about,
                           size_t length, nanoseconds now)
{
    struct x25_header h = header(line, 0, X25_DIAGNOSTIC);
    struct draft d;

    if (!begin(line, &h, CONTROL_BYTES, now, &d))
        return;
    write_u8(&d.w, diagnostic);
    write_copy(&d.w, about, (size_t)least(length, 3));
    send(line, &d, now);
}

void x25_output_call(struct x25_circuit *c, nanoseconds now)
{
    struct x25_header h = header(c->line, c->lcn, X25_CALL_REQUEST);
    struct draft d;

    h.delivery = c->call.confirm_delivery;
    if (!begin(c->line, &h, CONTROL_BYTES, now, &d)) {
        x25_wait_for(c, X25_WAIT_MEMORY, now);
        return;
    }
    if (c->waits != X25_WAIT_CALL) /* it is late */
        x25_wait_for(c, X25_WAIT_CALL, now);
    x25_packet_call_write(&d.w, &c->call, false);
    c->call_sent = 1;
    send(c->line, &d, now);
}

static bool answer_goes(struct x25_circuit *c, nanoseconds now)
{
    struct x25_header h = header(c->line, c->lcn, X25_CALL_ACCEPTED);
    struct draft d;

    if (!c->answer_owed)
        return true;
    h.delivery = c->call.confirm_delivery;
    if (!begin(c->line, &h, CONTROL_BYTES, now, &d))
        return false;
    x25_packet_call_write(&d.w, &c->call, true);
    c->answer_owed = 0;
    send(c->line, &d, now);
    return true;
}

/* ---- flow and data ---- */

/* What was to be acknowledged is: T2 runs no more. */
static void told(struct x25_circuit *c)
{
    if (c->waits == X25_WAIT_ACKNOWLEDGE)
        x25_wait_for(c, X25_WAIT_NONE, 0);
}

/* Who was told that there is no room (RNR) gets no wider window: what he sends all the same is
 * bounded by the one he has, and is wrong beyond it (X.25 4.4.1.3). */
static uint8_t pr_of(const struct x25_circuit *c)
{
    return c->hold && c->told_busy ? c->window.vl : c->window.vr;
}

void x25_output_flow(struct x25_circuit *c, nanoseconds now)
{
    struct x25_header h = header(c->line, c->lcn, c->hold ? X25_RNR : X25_RR);
    struct draft d;

    if (c->answer_owed) /* nothing goes before it */
        return;
    h.pr = pr_of(c);
    if (!begin(c->line, &h, CONTROL_BYTES, now, &d)) {
        x25_wait_for(c, X25_WAIT_MEMORY, now);
        return;
    }
    x25_window_tell(&c->window, h.pr);
    c->told_busy = c->hold;
    send(c->line, &d, now);
    told(c);
}

static bool interrupt_goes(struct x25_circuit *c, nanoseconds now)
{
    struct x25_header h = header(c->line, c->lcn, X25_INTERRUPT);
    const struct packet *p = c->interrupts.first;
    struct draft d;

    if (!p || c->interrupted)
        return true;
    if (!begin(c->line, &h, CONTROL_BYTES, now, &d))
        return false;
    write_copy(&d.w, packet_data(p), packet_length(p));
    c->interrupted = 1;
    send(c->line, &d, now);
    return true;
}

/* The next packet of the record that is being sent. */
static bool data_goes(struct x25_circuit *c, nanoseconds now)
{
    struct x25_header h = header(c->line, c->lcn, X25_DATA);
    uint32_t left = packet_length(c->sending) - c->sending_at, size = 1u << c->agreed.packet_out;
    uint32_t length = (uint32_t)least(left, size);
    struct draft d;

    h.qualified = c->sending->flags != 0;
    h.more = left > size;
    h.pr = pr_of(c);
    h.ps = c->window.vs;
    if (!begin(c->line, &h, length + CONTROL_BYTES, now, &d))
        return false;
    write_copy(&d.w, packet_data(c->sending) + c->sending_at, length);
    (void)x25_window_send(&c->window);
    x25_window_tell(&c->window, h.pr);
    c->sending_at += length;
    if (!h.more) {
        c->sending = c->sending->next;
        c->sending_at = 0;
    }
    send(c->line, &d, now);
    told(c);
    return true;
}

void x25_output_data(struct x25_circuit *c, nanoseconds now)
{
    bool has_memory;

    if (c->state != X25_OPEN || !c->line->up)
        return;
    has_memory = answer_goes(c, now) && interrupt_goes(c, now);
    while (has_memory && c->sending && !c->peer_busy && x25_window_can_send(&c->window) &&
           x25_line_codes[c->line->kind].has_room(c->line))
        has_memory = data_goes(c, now);
    if (!has_memory)
        x25_wait_for(c, X25_WAIT_MEMORY, now);
}
