/* SPDX-License-Identifier: MIT */
/*
 * A wire, apart from what happens on it (wire_sim.c): its ends and its doors.
 *
 * A door has no rate, delay or fault: a frame for the outside waits in `outside`, the frames of the
 * driver fly for no time at all, so that their arrival is an event in its order.
 */
#include "1-physical/wire.h"

#include <errno.h>
#include <string.h>

#include "1-physical/wire_sim.h"
#include "1-physical/wire_voice.h"
#include "base/compiler.h"
#include "base/integer.h"
#include "base/pool.h"

enum {
    HEADER_BYTES = 14, /* of Ethernet: what a frame may be longer than the MTU */
    TAG_BYTES = 4,     /* of IEEE 802.1Q */
    TYPE_AT = 12,      /* where an Ethernet header has its ethertype */
    PPM_MOST = 1000000
};
#define LONGEST_TIME (1000000 * SECOND)

void wire_init(struct wire *w, struct means *means, const struct wire_plan *plan)
{
    ensure(plan->mtu >= WIRE_MTU_LEAST && plan->mtu <= UINT16_MAX);
    memset(w, 0, sizeof *w);
    w->means = means;
    voice_copy(&w->voice, &means->voice);
    w->voice.wire = (uint16_t)plan->number;
    w->kind = plan->kind;
    w->number = plan->number;
    w->mtu = plan->mtu;
    w->bare = plan->bare;
    w->timer_code = plan->timer_code;
    w->flows = plan->flows;
    for (uint32_t i = 0; i < 2; i++) {
        w->end[i].wire = w;
        w->end[i].node = EVENT_NOWHERE;
        w->end[i].index = i;
        w->sim[i].key = random_key(plan->key, i ? "back" : "forth", i ? 4 : 5);
        w->sim[i].budget.limit = means->packet_budget.limit;
    }
}

void wire_attach(struct wire_end *end, struct wire_upper *upper, struct budget *budget,
                 uint32_t node)
{
    ensure(!upper || end->wire->kind == WIRE_SIM || end->index == 0);
    end->upper = upper;
    end->budget = budget;
    end->node = node;
}

uint32_t wire_mtu(const struct wire_end *end)
{
    return end->wire->mtu;
}

uint32_t wire_number(const struct wire_end *end)
{
    return end->wire->number;
}

uint64_t wire_rate_bits(const struct wire_end *end)
{
    return end->wire->sim[end->index].settings.rate.bits;
}

bool wire_has_signal(const struct wire_end *end)
{
    return !(end->wire->sim[1 - end->index].down & WIRE_LINK_DOWN);
}

uint32_t wire_direction(const struct wire_end *end)
{
    return end->index;
}

static nanoseconds clamp_time(nanoseconds t)
{
    return time_later(0, time_earlier(t, LONGEST_TIME));
}

static uint32_t clamp_ppm(uint32_t ppm)
{
    return (uint32_t)least(ppm, PPM_MOST);
}

/* The queue: its plan, and its memory if it has flows. */
static int queue_set(struct wire *w, struct wire_sim *s, const struct wire_queue_plan *plan)
{
    struct wire_queue_plan *to = &s->settings.queue, after;

    memcpy(&after, plan, sizeof after);
    after.flows = (uint32_t)least(plan->flows, WIRE_FLOWS);
    after.quantum = plan->quantum ? (uint32_t)most(plan->quantum, WIRE_QUANTUM_LEAST) : 0;
    after.codel.target = clamp_time(plan->codel.target);
    after.codel.interval = clamp_time(plan->codel.interval);
    after.longest = w->mtu + (w->bare ? 0 : HEADER_BYTES);
    after.bare = w->bare;
    if (after.discipline == WIRE_FQ_CODEL && !s->queue.flows)
        s->queue.flows = w->flows ? pool_get(w->flows) : NULL;
    if (after.discipline == WIRE_FQ_CODEL && !s->queue.flows)
        return -ENOSPC;
    wire_queue_convert(&s->queue, to, &after, s->key);
    memcpy(to, &after, sizeof after);
    return 0;
}

void wire_mtu_set(struct wire *w, uint32_t mtu)
{
    ensure(mtu >= WIRE_MTU_LEAST && mtu <= UINT16_MAX);
    w->mtu = mtu;
    for (uint32_t i = 0; i < 2; i++)
        w->sim[i].settings.queue.longest = mtu + (w->bare ? 0 : HEADER_BYTES);
}

int wire_settings_set(struct wire *w, uint32_t direction, const struct wire_settings *settings)
{
    struct wire_settings *s = &w->sim[direction].settings;
    int result = queue_set(w, &w->sim[direction], &settings->queue);

    if (result < 0)
        return result;
    s->rate.bits = settings->rate.bits;
    s->delay.base = clamp_time(settings->delay.base);
    s->delay.jitter = clamp_time(settings->delay.jitter);
    s->reorder.by = clamp_time(settings->reorder.by);
    s->reorder.ppm = clamp_ppm(settings->reorder.ppm);
    s->loss.ppm = clamp_ppm(settings->loss.ppm);
    s->loss.bad_ppm = clamp_ppm(settings->loss.bad_ppm);
    s->loss.to_bad_ppm = clamp_ppm(settings->loss.to_bad_ppm);
    s->loss.to_good_ppm = clamp_ppm(settings->loss.to_good_ppm);
    s->corrupt.ppm = clamp_ppm(settings->corrupt.ppm);
    s->corrupt.past_fcs = settings->corrupt.past_fcs;
    s->duplicate.ppm = clamp_ppm(settings->duplicate.ppm);
    if (s->loss.to_bad_ppm == 0)
        w->sim[direction].loss_is_bad = 0; /* a burst under way ends with its model */
    s->has_faults =
        wire_loss_is_set(&s->loss) || (s->corrupt.ppm | s->duplicate.ppm | s->reorder.ppm) != 0;
    return 0;
}

int wire_link_at(struct wire *w, uint32_t direction, bool up, nanoseconds when, nanoseconds now)
{
    return wire_sim_link_at(w, direction, up, when, now);
}

/* A bare door takes packets of any size from outside, as a tun device with receive offload does. */
static uint32_t longest(const struct wire *w, uint32_t direction)
{
    if (w->kind == WIRE_DOOR && w->bare && direction == 1)
        return UINT16_MAX;
    return w->mtu + (w->bare ? 0 : HEADER_BYTES);
}

/* The tag of a VLAN counts no more than the Ethernet header before it (IEEE 802.3ac): the MTU is
 * that of the IP packet behind both. */
bool wire_takes(const struct wire *w, uint32_t direction, const uint8_t *frame, uint32_t length)
{
    uint32_t most = longest(w, direction);

    if (likely(length <= most))
        return true;
    return !w->bare && length >= HEADER_BYTES + TAG_BYTES && length - TAG_BYTES <= most &&
           frame[TYPE_AT] == 0x81 && frame[TYPE_AT + 1] == 0x00;
}

/* Nobody sent it, or it may not go: no frame of this wire. */
static bool is_held_back(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_upper *upper = w->end[direction].upper;
    uint32_t down = w->sim[direction].down;

    if (down & WIRE_SENDER_AWAY) {
        wire_voice_discard(w, direction, p, DROP_NODE_AWAY, now);
        return true;
    }
    return down & WIRE_ASKS_SENDER && upper && wire_upper_codes[upper->code].refuses &&
           wire_upper_codes[upper->code].refuses(upper, p, now);
}

/* What every frame goes through first. false: it was dropped. */
static bool admit(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now)
{
    struct wire_sim *s = &w->sim[direction];

    p->serial = 0;
    p->damaged = 0;
    p->flags = w->bare ? FRAME_BARE_IP : 0;
    if (!wire_takes(w, direction, packet_data(p), packet_length(p))) {
        wire_voice_discard(w, direction, p, DROP_TOO_LONG, now);
        return false;
    }
    if (unlikely(s->down) && is_held_back(w, direction, p, now))
        return false;
    p->serial = ++s->serial;
    if (unlikely(s->down & WIRE_LINK_DOWN)) {
        wire_voice_refuse(w, direction, p, FRAME_WIRE_DOWN, DROP_WIRE_DOWN, now);
        return false;
    }
    return true;
}

static void send_outside(struct wire *w, struct packet *p, nanoseconds now)
{
    if (w->outside.packets >= WIRE_DOOR_PACKETS || !packet_move(p, &w->sim[0].budget)) {
        wire_voice_refuse(w, 0, p, FRAME_QUEUE_FULL, DROP_WIRE_QUEUE_FULL, now);
        return;
    }
    wire_voice_frame(w, 0, EVENT_FRAME_SENT, p, now);
    packet_uncharge(p);
    p->time = now;
    packet_queue_add(&w->outside, p);
}

void wire_send(struct wire_end *end, struct packet *p, nanoseconds now)
{
    struct wire *w = end->wire;

    if (!admit(w, end->index, p, now))
        return;
    if (w->kind == WIRE_DOOR)
        send_outside(w, p, now);
    else
        wire_sim_send(w, end->index, p, now);
}

void wire_inject(struct wire *w, struct packet *p, nanoseconds now)
{
    ensure(w->kind == WIRE_DOOR);
    if (!admit(w, 1, p, now))
        return;
    if (!packet_move(p, &w->sim[1].budget)) {
        wire_voice_refuse(w, 1, p, FRAME_QUEUE_FULL, DROP_WIRE_QUEUE_FULL, now);
        return;
    }
    wire_voice_frame(w, 1, EVENT_FRAME_SENT, p, now);
    packet_uncharge(p);
    p->time = now;
    wire_sim_fly(w, 1, p);
}

struct packet *wire_outside(struct wire *w)
{
    return w->outside.first;
}

struct packet *wire_outside_take(struct wire *w)
{
    return packet_queue_take(&w->outside);
}

bool wire_is_bare(const struct wire_end *end)
{
    return end->wire->bare != 0;
}

void wire_away(struct wire_end *end, bool is_away)
{
    struct wire *w = end->wire;
    uint32_t *down = &w->sim[end->index].down;

    *down = is_away ? *down | WIRE_SENDER_AWAY : *down & ~(uint32_t)WIRE_SENDER_AWAY;
    w->sim[1 - end->index].deaf = is_away;
}

void wire_ask(struct wire_end *end, bool is_asked)
{
    uint32_t *down = &end->wire->sim[end->index].down;

    *down = is_asked ? *down | WIRE_ASKS_SENDER : *down & ~(uint32_t)WIRE_ASKS_SENDER;
}

void wire_answer(struct wire_end *end, struct packet *p, nanoseconds now)
{
    struct wire *w = end->wire;
    uint32_t direction = 1 - end->index;
    struct wire_sim *s = &w->sim[direction];

    p->damaged = 0;
    p->flags = w->bare ? FRAME_BARE_IP : 0;
    if (packet_length(p) > longest(w, direction) || !packet_move(p, &s->budget)) {
        wire_voice_discard(w, direction, p, DROP_TOO_LONG, now);
        return;
    }
    p->serial = ++s->serial;
    wire_voice_frame(w, direction, EVENT_FRAME_SENT, p, now);
    p->time = now + WIRE_LEAST_DELAY_NS;
    wire_sim_fly(w, direction, p);
}

void wire_timer(struct wire *w, struct timer *timer, nanoseconds now)
{
    uint32_t direction = timer->source >> 2 & 1;

    switch ((enum wire_timer_kind)(timer->source & 3)) {
    case WIRE_TIMER_DEPART:
        wire_sim_depart(w, direction, now);
        return;
    case WIRE_TIMER_ARRIVE:
        wire_sim_arrive(w, direction, now);
        return;
    case WIRE_TIMER_CHANGE:
        wire_sim_change(w, direction, now);
        return;
    }
    ensure(false);
}

int wire_check(const struct wire *w)
{
    const struct packet *p = w->outside.first;
    uint32_t packets = 0;
    int line;

    for (; p && packets <= w->outside.packets; p = p->next)
        packets++;
    if (p || packets != w->outside.packets)
        return __LINE__;
    if (w->kind == WIRE_DOOR &&
        (w->sim[0].sending || w->sim[0].queue.packets || w->sim[0].flight.packets))
        return __LINE__;
    line = wire_sim_check(w, 0);
    return line ? line : wire_sim_check(w, 1);
}
