/* SPDX-License-Identifier: MIT */
/*
 * What happens to a frame on a simulated wire, one direction at a time: the stages, each a part of
 * its own, in this order.
 *
 *     wire_queue      is there room for it?                    refused, and told so
 *     wire_loss       the fate: is it lost? Then nothing else befalls it
 *     wire_corrupt              is a bit flipped,
 *     wire_duplicate            does a copy fly beside it,
 *     wire_reorder              is it held back?
 *     wire_queue      it waits, and goes when its discipline says so: dropped, or marked, instead
 *     wire_rate       its time in transmission, also of what is lost: it takes the wire's time
 *     wire_delay      its flight: departure + delay + jitter (+ what it is held back)
 *
 * The fate is drawn when a frame is handed over, so that it is known when the frame is first told
 * of. Chance is a function of (direction, purpose, serial of the frame) alone; a wire without
 * faults draws nothing. What a change of settings meets: a frame keeps the fate it was given, takes
 * the rate that is in force when its transmission begins, and the delay when it departs.
 *
 * The flight is kept sorted by (arrival, serial), filled in from the tail, where most frames
 * belong. Frames in flight arrive even if the link goes down under them; those in the queue are
 * lost at their departure.
 */
#include "1-physical/wire_sim.h"

#include <errno.h>

#include "1-physical/wire_ip.h"
#include "1-physical/wire_voice.h"
#include "base/compiler.h"
#include "base/integer.h"

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

static uint32_t fate(const struct wire *w, struct wire_sim *s, const struct packet *p)
{
    const struct wire_settings *settings = &s->settings;
    uint32_t flags = 0;

    if (wire_loss_meets(&settings->loss, s->key, p->serial, &s->loss_is_bad))
        return FRAME_LOST;
    switch (wire_corrupt_meets(&settings->corrupt, s->key, p->serial, packet_data(p),
                               packet_length(p), w->bare)) {
    case WIRE_INTACT:
        break;
    case WIRE_DAMAGED:
        flags |= FRAME_DAMAGED;
        break;
    case WIRE_FLIPPED:
        flags |= FRAME_FLIPPED;
        break;
    }
    if (wire_duplicate_meets(&settings->duplicate, s->key, p->serial))
        flags |= FRAME_DUPLICATED;
    if (wire_reorder_meets(&settings->reorder, s->key, p->serial))
        flags |= FRAME_REORDERED;
    return flags;
}

static void flip_a_bit(const struct wire *w, const struct wire_sim *s, struct packet *p)
{
    wire_corrupt_flip(s->key, p->serial, p->flags & FRAME_FLIPPED ? WIRE_FLIPPED : WIRE_DAMAGED,
                      packet_data(p), packet_length(p), w->bare);
    p->damaged = (p->flags & FRAME_DAMAGED) != 0;
}

static nanoseconds arrival(const struct wire_sim *s, const struct packet *p, uint64_t which,
                           nanoseconds now)
{
    nanoseconds time = now + wire_delay_of(&s->settings.delay, s->key, which);

    return p->flags & FRAME_REORDERED ? time + wire_reorder_time(&s->settings.reorder) : time;
}

static bool is_before(const struct packet *a, const struct packet *b)
{
    return a->time != b->time ? a->time < b->time : a->serial < b->serial;
}

/* s: the direction of w. */
static void fly(struct wire *w, struct wire_sim *s, uint32_t direction, struct packet *p)
{
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

void wire_sim_fly(struct wire *w, uint32_t direction, struct packet *p)
{
    fly(w, &w->sim[direction], direction, p);
}

/* It has some fate of its own, or the link is down. */
RARE static void depart_with_faults(struct wire *w, uint32_t direction, struct packet *p,
                                    nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    struct packet *copy = NULL;

    if (s->down & WIRE_LINK_DOWN) {
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
        copy->time = arrival(s, p, p->serial | WIRE_OF_THE_COPY, now);
        wire_sim_fly(w, direction, copy);
    }
}

static void depart(struct wire *w, struct wire_sim *s, uint32_t direction, struct packet *p,
                   nanoseconds now)
{
    packet_uncharge(p);
    if (unlikely(s->down | p->flags)) {
        depart_with_faults(w, direction, p, now);
        return;
    }
    p->time = now + wire_delay_of(&s->settings.delay, s->key, p->serial);
    fly(w, s, direction, p);
}

static void discard_all(struct wire *w, uint32_t direction, struct packet_queue *dropped,
                        enum drop reason, nanoseconds now)
{
    struct packet *p;

    while ((p = packet_queue_take(dropped)) != NULL)
        wire_voice_discard(w, direction, p, reason, now);
}

static void start_transmission(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    struct packet_queue dropped = {0};
    struct packet *p = wire_queue_take(&s->queue, &s->settings.queue, now, &dropped);

    s->sending = p;
    if (unlikely(dropped.first))
        discard_all(w, direction, &dropped, DROP_WIRE_STANDING, now);
    if (p)
        arm(w, direction, WIRE_TIMER_DEPART, &s->depart, p->serial,
            now + wire_rate_time(&s->settings.rate, packet_length(p), w->bare));
}

/* Is there no room for so many bytes more? The limits count what is in transmission too. */
static bool is_full(const struct wire_sim *s, uint32_t bytes)
{
    uint32_t held = s->sending ? packet_length(s->sending) : 0;

    return wire_queue_is_full(&s->settings.queue, s->queue.packets + (s->sending != NULL),
                              s->queue.bytes + held, bytes);
}

static bool is_over(const struct wire_sim *s)
{
    uint32_t held = s->sending ? packet_length(s->sending) : 0;

    return wire_queue_is_over(&s->settings.queue, s->queue.packets + (s->sending != NULL),
                              s->queue.bytes + held);
}

/* It waits for its transmission; if that is too much, others give way, or itself. */
static void wait_its_turn(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    bool gives_way = !wire_queue_refuses(&s->settings.queue);
    struct packet_queue dropped = {0};
    uint64_t flow = 0;

    if (unlikely(s->settings.queue.discipline == WIRE_FQ_CODEL))
        flow = wire_ip_flow(packet_data(p), packet_length(p), w->bare != 0, s->key);
    wire_queue_add(&s->queue, &s->settings.queue, p, flow, now);
    while (unlikely(gives_way) && s->queue.packets > 0 && is_over(s))
        wire_queue_shrink(&s->queue, &s->settings.queue, &dropped);
    if (unlikely(dropped.first))
        discard_all(w, direction, &dropped, DROP_WIRE_QUEUE_FULL, now);
    if (!s->sending)
        start_transmission(w, direction, now);
}

void wire_sim_send(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    bool waits;

    keep_pointer(s);
    waits = s->settings.rate.bits != 0 || s->sending;
    if ((waits && wire_queue_refuses(&s->settings.queue) && is_full(s, packet_length(p))) ||
        !packet_move(p, &s->budget)) {
        wire_voice_refuse(w, direction, p, FRAME_QUEUE_FULL, DROP_WIRE_QUEUE_FULL, now);
        return;
    }
    if (s->settings.has_faults)
        p->flags |= fate(w, s, p);
    wire_voice_frame(w, direction, EVENT_FRAME_SENT, p, now);
    if (waits)
        wait_its_turn(w, direction, p, now);
    else
        depart(w, s, direction, p, now);
}

void wire_sim_depart(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    struct packet *p = s->sending;

    ensure(p);
    start_transmission(w, direction, now);
    depart(w, s, direction, p, now);
}

/* One frame an event: what comes up may send on this wire again. */
void wire_sim_arrive(struct wire *w, uint32_t direction, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];
    const struct wire_end *end = &w->end[1 - direction];
    struct packet *p, *next;

    keep_pointer(s);
    p = packet_queue_take(&s->flight);
    next = s->flight.first;
    ensure(p);
    if (next) {
        next->previous = NULL;
        arm(w, direction, WIRE_TIMER_ARRIVE, &s->arrive, next->serial, next->time);
    }
    if (unlikely(!end->upper || s->deaf)) {
        wire_voice_discard(w, direction, p, end->upper ? DROP_NODE_AWAY : DROP_WIRE_DOWN, now);
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
    struct wire_upper *upper = w->end[1 - direction].upper;
    struct wire_sim *s = &w->sim[direction];
    struct sockeye_event *event;

    if (!(s->down & WIRE_LINK_DOWN) == up)
        return;
    s->down ^= WIRE_LINK_DOWN;
    event = event_begin(&w->voice, EVENT_LINK, now);
    if (event) {
        event->direction = (uint16_t)direction;
        event->link.up = up;
    }
    if (upper && wire_upper_codes[upper->code].signal)
        wire_upper_codes[upper->code].signal(upper, now);
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

int wire_sim_check(const struct wire *w, uint32_t direction)
{
    const struct wire_sim *s = &w->sim[direction];
    const struct packet *first = s->flight.first;
    uint64_t outside = direction == 0 ? w->outside.packets : 0;
    int line;

    if (!packet_queue_is_sound(&s->flight))
        return __LINE__;
    line = wire_queue_check(&s->queue, &s->settings.queue);
    if (line)
        return line;
    for (const struct packet *p = first; p; p = p->next) {
        if (p->next && (p->next->previous != p || is_before(p->next, p)))
            return __LINE__;
        if (p->budget != &s->budget || p->charge)
            return __LINE__;
    }
    if (s->budget.used <
            (uint64_t)s->queue.packets + s->flight.packets + outside + (s->sending != NULL) ||
        s->budget.used > s->budget.limit)
        return __LINE__;
    if (timer_is_set(&s->depart) != (s->sending != NULL) || (s->queue.packets && !s->sending))
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
