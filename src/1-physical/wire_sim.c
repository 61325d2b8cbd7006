/* SPDX-License-Identifier: MIT */
/*
 * What happens to a frame on a simulated wire, one direction at a time.
 *
 * Sending. A queue of limited packets and bytes; the limits count the frame in transmission too,
 * and an empty queue takes a frame of any size. The rate is that of the frame's own bytes: with
 * Ethernet header, at least 60 (what a card would pad it to), without preamble, FCS and gap. The
 * time is rounded up to a nanosecond. The queue has no effect on a wire without rate.
 *
 * The fate is drawn when a frame is handed over, so that it is known when the frame is first told
 * of. A lost frame has no other fate. Chance is a function of (direction, purpose, serial of the
 * frame) alone: no other frame, wire or setting changes it. The second copy of a duplicate has the
 * serial of the first, its own jitter, and the same damage.
 *
 * Damage is one flipped bit, anywhere, and a bad FCS; or, with past_fcs, one bit of an IP packet
 * under a good FCS. Frames of other protocols (ARP) are damaged in the plain way even then: they
 * have no checksum of their own that could find it.
 *
 * Flight. arrival = departure + delay (at least 1 us) + jitter + what it is held back. Kept sorted
 * by (arrival, serial), filled in from the tail, where most frames belong. Frames in flight arrive
 * even if the link goes down under them; those in the queue are lost at their departure.
 */
#include "1-physical/wire_sim.h"

#include <errno.h>

#include "1-physical/wire_voice.h"
#include "base/compiler.h"
#include "base/integer.h"

enum { MILLION = 1000000, FRAME_LEAST_BYTES = 60, IP_OFFSET = 14 };
#define OF_THE_COPY (UINT64_C(1) << 63) /* with a serial: a draw for the second copy */

static void arm(struct wire *w, uint32_t direction, enum wire_timer_kind kind, struct timer *timer,
                uint64_t serial, nanoseconds deadline)
{
    if (timer_is_set(timer))
        timer_clear(w->means->timers, timer);
    timer->node = w->end[1 - direction].node;
    timer->source = (w->number + 1) * 8 + direction * 4 + kind;
    timer->serial = serial;
    timer->code = w->timer_code;
    timer_set(w->means->timers, timer, deadline);
}

static bool chance(const struct wire_sim *s, enum random_purpose purpose, uint64_t serial,
                   uint32_t ppm)
{
    uint64_t draw;

    if (ppm == 0)
        return false;
    draw = random_draw(s->key, purpose, serial);
    return random_below(draw, MILLION) < ppm;
}

static bool carries_ip(const struct wire *w, const struct packet *p)
{
    const uint8_t *frame = packet_data(p);

    if (w->bare)
        return packet_length(p) > 0;
    return packet_length(p) > IP_OFFSET &&
           ((frame[12] == 0x08 && frame[13] == 0x00) || (frame[12] == 0x86 && frame[13] == 0xdd));
}

static uint8_t fate(const struct wire *w, const struct wire_sim *s, const struct packet *p)
{
    uint32_t flags = 0;

    if (chance(s, RANDOM_LOSS, p->serial, s->settings.loss_ppm))
        return FRAME_LOST;
    if (chance(s, RANDOM_CORRUPT, p->serial, s->settings.corrupt_ppm) && packet_length(p) > 0)
        flags |= s->settings.past_fcs && carries_ip(w, p) ? FRAME_FLIPPED : FRAME_DAMAGED;
    if (chance(s, RANDOM_DUPLICATE, p->serial, s->settings.duplicate_ppm))
        flags |= FRAME_DUPLICATED;
    if (chance(s, RANDOM_REORDER, p->serial, s->settings.reorder_ppm))
        flags |= FRAME_REORDERED;
    return (uint8_t)flags;
}

static void flip_a_bit(const struct wire *w, const struct wire_sim *s, struct packet *p)
{
    uint32_t from = p->flags & FRAME_FLIPPED && !w->bare ? IP_OFFSET : 0;
    uint64_t draw = random_draw(s->key, RANDOM_CORRUPT_BIT, p->serial);
    uint64_t bit = random_below(draw, (uint64_t)(packet_length(p) - from) * 8);

    packet_data(p)[from + bit / 8] ^= (uint8_t)(1U << bit % 8);
    p->damaged = (p->flags & FRAME_DAMAGED) != 0;
}

static nanoseconds arrival(const struct wire_sim *s, const struct packet *p, uint64_t which,
                           nanoseconds now)
{
    nanoseconds time = now + time_later(s->settings.delay, WIRE_LEAST_DELAY_NS);
    nanoseconds back = s->settings.reorder_by ? s->settings.reorder_by : MILLISECOND;
    uint64_t draw;

    if (s->settings.jitter) {
        draw = random_draw(s->key, RANDOM_JITTER, which);
        time += (nanoseconds)random_below(draw, (uint64_t)s->settings.jitter + 1);
    }
    return p->flags & FRAME_REORDERED ? time + back : time;
}

static bool is_before(const struct packet *a, const struct packet *b)
{
    return a->time != b->time ? a->time < b->time : a->serial < b->serial;
}

void wire_sim_fly(struct wire *w, uint32_t direction, struct packet *p)
{
    struct wire_sim *s = &w->sim[direction];
    struct packet_queue *q = &s->flight;
    struct packet *before = q->last;

    while (before && is_before(p, before))
        before = before->previous;
    p->previous = before;
    p->next = before ? before->next : q->first;
    if (p->next)
        p->next->previous = p;
    else
        q->last = p;
    if (before)
        before->next = p;
    else
        q->first = p;
    q->packets++;
    q->bytes += packet_length(p);
    if (q->first == p)
        arm(w, direction, WIRE_TIMER_ARRIVE, &s->arrive, p->serial, p->time);
}

static void depart(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    struct packet *copy = NULL;

    packet_uncharge(p);
    if (s->down) {
        wire_voice_discard(w, direction, p, DROP_WIRE_DOWN, now);
        return;
    }
    if (p->flags & FRAME_LOST) {
        wire_voice_discard(w, direction, p, DROP_WIRE_LOSS, now);
        return;
    }
    if (p->flags & (FRAME_DAMAGED | FRAME_FLIPPED))
        flip_a_bit(w, s, p);
    p->time = arrival(s, p, p->serial, now);
    if (p->flags & FRAME_DUPLICATED) {
        copy = packet_copy(p);
        if (!copy)
            wire_voice_miss(w, direction, DROP_NO_MEMORY, now);
    }
    wire_sim_fly(w, direction, p);
    if (copy) {
        copy->time = arrival(s, p, p->serial | OF_THE_COPY, now);
        wire_sim_fly(w, direction, copy);
    }
}

static nanoseconds transmission_time(const struct wire *w, const struct wire_sim *s,
                                     const struct packet *p)
{
    uint64_t bytes = w->bare ? packet_length(p) : most(packet_length(p), FRAME_LEAST_BYTES);
    uint64_t time = bytes * 8 * (uint64_t)SECOND;
    uint64_t rate = s->settings.rate_bits;

    return rate ? (nanoseconds)(time / rate + (time % rate != 0)) : 0;
}

static void start_transmission(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    const struct packet *p = s->queue.first;

    if (p)
        arm(w, direction, WIRE_TIMER_DEPART, &s->depart, p->serial,
            now + transmission_time(w, s, p));
}

static bool queue_is_full(const struct wire_sim *s, uint32_t bytes)
{
    uint32_t packets = s->settings.queue_packets ? s->settings.queue_packets : WIRE_QUEUE_PACKETS;

    if (s->queue.packets >= packets)
        return true;
    return s->settings.queue_bytes && s->queue.packets &&
           (uint64_t)s->queue.bytes + bytes > s->settings.queue_bytes;
}

void wire_sim_send(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];

    if (queue_is_full(s, packet_length(p)) || !packet_move(p, &s->budget)) {
        wire_voice_refuse(w, direction, p, FRAME_QUEUE_FULL, DROP_WIRE_QUEUE_FULL, now);
        return;
    }
    p->flags |= fate(w, s, p);
    wire_voice_frame(w, direction, EVENT_FRAME_SENT, p, now);
    if (s->settings.rate_bits == 0 && !s->queue.first) {
        depart(w, direction, p, now);
        return;
    }
    packet_queue_add(&s->queue, p);
    if (s->queue.first == p)
        start_transmission(w, direction, now);
}

void wire_sim_depart(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct packet *p = packet_queue_take(&w->sim[direction].queue);

    ensure(p);
    start_transmission(w, direction, now);
    depart(w, direction, p, now);
}

/* One frame an event: what comes up may send on this wire again. */
void wire_sim_arrive(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    const struct wire_end *end = &w->end[1 - direction];
    struct packet *p = packet_queue_take(&s->flight);
    struct packet *next = s->flight.first;

    ensure(p);
    if (next) {
        next->previous = NULL;
        arm(w, direction, WIRE_TIMER_ARRIVE, &s->arrive, next->serial, next->time);
    }
    if (!end->upper) {
        wire_voice_discard(w, direction, p, DROP_WIRE_DOWN, now);
        return;
    }
    if (!packet_move(p, end->budget)) {
        wire_voice_discard(w, direction, p, DROP_NO_MEMORY, now);
        return;
    }
    wire_voice_frame(w, direction, EVENT_FRAME_DELIVERED, p, now);
    wire_upper_codes[end->upper->code].receive(end->upper, p, now);
}

static void change_link(struct wire *w, uint32_t direction, bool up, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    struct sockeye_event *event;

    if (s->down == !up)
        return;
    s->down = !up;
    event = event_begin(&w->voice, EVENT_LINK, now);
    if (!event)
        return;
    event->direction = (uint16_t)direction;
    event->link.up = up;
}

/* Sets the timer for the first change. */
static void arm_next_change(struct wire *w, uint32_t direction)
{
    struct wire_sim *s = &w->sim[direction];

    if (s->change_count)
        arm(w, direction, WIRE_TIMER_CHANGE, &s->change, 0, s->changes[0].when);
}

void wire_sim_change(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    bool up = s->changes[0].up != 0;

    ensure(s->change_count > 0);
    s->change_count--;
    for (uint32_t i = 0; i < s->change_count; i++) {
        s->changes[i].when = s->changes[i + 1].when;
        s->changes[i].up = s->changes[i + 1].up;
    }
    change_link(w, direction, up, now);
    arm_next_change(w, direction);
}

int wire_sim_link_at(struct wire *w, uint32_t direction, bool up, nanoseconds when, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    uint32_t at = s->change_count;

    if (when < now)
        return -EINVAL;
    if (when == now && (at == 0 || s->changes[0].when > now)) {
        change_link(w, direction, up, now);
        return 0;
    }
    if (at == WIRE_LINK_CHANGES)
        return -ENOSPC;
    for (; at > 0 && s->changes[at - 1].when > when; at--) {
        s->changes[at].when = s->changes[at - 1].when;
        s->changes[at].up = s->changes[at - 1].up;
    }
    s->changes[at].when = when;
    s->changes[at].up = up;
    s->change_count++;
    arm_next_change(w, direction);
    return 0;
}

/* The packets of a queue and their bytes are as counted. */
static bool queue_is_valid(const struct packet_queue *q)
{
    const struct packet *p = q->first;
    uint32_t packets = 0, bytes = 0;

    for (; p && packets <= q->packets; p = p->next) {
        packets++;
        bytes += packet_length(p);
        if (!p->next && q->last != p)
            return false;
    }
    return !p && packets == q->packets && bytes == q->bytes && (packets || !q->last);
}

int wire_sim_check(const struct wire *w, uint32_t direction)
{
    const struct wire_sim *s = &w->sim[direction];
    const struct packet *first = s->flight.first;
    uint64_t outside = direction == 0 ? w->outside.packets : 0;

    if (!queue_is_valid(&s->queue) || !queue_is_valid(&s->flight))
        return __LINE__;
    for (const struct packet *p = first; p; p = p->next) {
        if (p->next && (p->next->previous != p || is_before(p->next, p)))
            return __LINE__;
        if (p->budget != &s->budget || p->charge)
            return __LINE__;
    }
    if (s->budget.used < (uint64_t)s->queue.packets + s->flight.packets + outside ||
        s->budget.used > s->budget.limit)
        return __LINE__;
    if (timer_is_set(&s->depart) != (s->queue.first != NULL))
        return __LINE__;
    if (timer_is_set(&s->arrive) != (first != NULL) || (first && s->arrive.deadline != first->time))
        return __LINE__;
    if (timer_is_set(&s->change) != (s->change_count > 0) || s->change_count > WIRE_LINK_CHANGES)
        return __LINE__;
    for (uint32_t i = 1; i < s->change_count; i++)
        if (s->changes[i].when < s->changes[i - 1].when)
            return __LINE__;
    return 0;
}
