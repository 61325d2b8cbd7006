/* SPDX-License-Identifier: MIT */
/* The disciplines of a queue. Theory in wire_queue.h. */
#include "1-physical/wire_queue.h"

#include "1-physical/wire_flows.h"
#include "1-physical/wire_ip.h"
#include "base/compiler.h"
#include "base/event.h"
#include "base/integer.h"

enum { FATTEST_PACKETS = 64 }; /* RFC 8290 4.1: at most so many at once, and at most half */

static void count_in(struct wire_queue *q, const struct packet *p)
{
    q->packets++;
    q->bytes += packet_length(p);
}

void wire_queue_add(struct wire_queue *q, const struct wire_queue_plan *plan, struct packet *p,
                    uint64_t flow, nanoseconds now)
{
    p->time = now;
    count_in(q, p);
    if (plan->discipline == WIRE_FQ_CODEL)
        wire_flows_add(q->flows, plan, p, flow);
    else
        packet_queue_add(&q->waiting, p);
}

static struct packet *next(struct wire_queue *q, struct packet_queue *from)
{
    struct packet *p = packet_queue_take(from);

    if (p) {
        q->packets--;
        q->bytes -= packet_length(p);
    }
    return p;
}

void wire_queue_shrink(struct wire_queue *q, const struct wire_queue_plan *plan,
                       struct packet_queue *dropped)
{
    struct packet_queue *from = &q->waiting;
    uint32_t count = 1;
    struct packet *p;

    if (plan->discipline == WIRE_FQ_CODEL) {
        from = wire_flows_fattest(q->flows);
        count = from ? (uint32_t)least((from->packets + 1) / 2, FATTEST_PACKETS) : 0;
    }
    for (; count > 0 && (p = next(q, from)) != NULL; count--) {
        packet_queue_add(dropped, p);
        q->drops++;
    }
}

/* RFC 8289 5.5: frames of one queue, until one may go. */
static struct packet *take_by_codel(struct wire_queue *q, const struct wire_queue_plan *plan,
                                    struct wire_codel *codel, struct packet_queue *from,
                                    nanoseconds now, struct packet_queue *dropped)
{
    enum wire_codel_round round = WIRE_CODEL_FIRST;
    struct packet *p;

    while ((p = next(q, from)) != NULL) {
        const struct wire_codel_frame frame = {now, now - p->time, q->bytes, plan->longest};

        if (!wire_codel_drops(codel, &plan->codel, &frame, &round))
            return p;
        if (plan->ecn && wire_ip_mark(packet_data(p), packet_length(p), plan->bare != 0)) {
            wire_codel_marked(codel, &plan->codel, round);
            p->flags |= FRAME_MARKED;
            q->marks++;
            return p;
        }
        q->drops++;
        packet_queue_add(dropped, p);
    }
    wire_codel_empty(codel);
    return NULL;
}

/* RFC 8290 4.2: the flow whose turn it is; one that has nothing is passed over. */
static struct packet *take_by_flow(struct wire_queue *q, const struct wire_queue_plan *plan,
                                   nanoseconds now, struct packet_queue *dropped)
{
    struct wire_flow *flow;
    struct packet *p;

    while ((flow = wire_flows_turn(q->flows, plan)) != NULL) {
        p = take_by_codel(q, plan, &flow->codel, &flow->waiting, now, dropped);
        wire_flows_took(q->flows, flow, p);
        if (p)
            return p;
    }
    return NULL;
}

struct packet *wire_queue_take(struct wire_queue *q, const struct wire_queue_plan *plan,
                               nanoseconds now, struct packet_queue *dropped)
{
    switch ((enum wire_discipline)plan->discipline) {
    case WIRE_TAIL_DROP:
    case WIRE_HEAD_DROP:
        return next(q, &q->waiting);
    case WIRE_CODEL:
        return take_by_codel(q, plan, &q->codel, &q->waiting, now, dropped);
    case WIRE_FQ_CODEL:
        return take_by_flow(q, plan, now, dropped);
    }
    return NULL;
}

void wire_queue_convert(struct wire_queue *q, const struct wire_queue_plan *before,
                        const struct wire_queue_plan *after, struct siphash_key key)
{
    bool was_flows = before->discipline == WIRE_FQ_CODEL;
    bool is_flows = after->discipline == WIRE_FQ_CODEL;
    struct packet_queue all = {0};
    struct packet *p;

    if (was_flows == is_flows)
        return;
    while (was_flows && (p = wire_flows_any(q->flows, before)) != NULL)
        packet_queue_add(&q->waiting, p);
    if (was_flows)
        return;
    while ((p = packet_queue_take(&q->waiting)) != NULL)
        packet_queue_add(&all, p);
    while ((p = packet_queue_take(&all)) != NULL) {
        uint64_t flow = wire_ip_flow(packet_data(p), packet_length(p), after->bare != 0, key);

        wire_flows_add(q->flows, after, p, flow);
    }
}

int wire_queue_check(const struct wire_queue *q, const struct wire_queue_plan *plan)
{
    uint32_t packets = q->waiting.packets, bytes = q->waiting.bytes;
    int line;

    if (!packet_queue_is_sound(&q->waiting))
        return __LINE__;
    if (plan->discipline == WIRE_FQ_CODEL) {
        if (!q->flows || packets)
            return __LINE__;
        line = wire_flows_check(q->flows, &packets, &bytes);
        if (line)
            return line;
    }
    return packets == q->packets && bytes == q->bytes ? 0 : __LINE__;
}
