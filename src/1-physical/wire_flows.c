/* SPDX-License-Identifier: MIT */
/* Turns and credits of flows. Theory in wire_flows.h. */
#include "1-physical/wire_flows.h"

#include "base/compiler.h"

static struct wire_flow *flow_of(struct list_link *turn)
{
    return turn ? container_of(turn, struct wire_flow, turn) : NULL;
}

static uint32_t quantum_of(const struct wire_queue_plan *plan)
{
    return plan->quantum ? plan->quantum : WIRE_QUANTUM;
}

void wire_flows_add(struct wire_flows *f, const struct wire_queue_plan *plan, struct packet *p,
                    uint64_t flow)
{
    struct wire_flow *of = &f->flow[flow % (plan->flows ? plan->flows : WIRE_FLOWS)];

    packet_queue_add(&of->waiting, p);
    if (list_has(&of->turn))
        return;
    of->credits = quantum_of(plan);
    list_add(&f->fresh, &of->turn);
}

static void go_behind(struct wire_flows *f, struct wire_flow *flow)
{
    list_remove(&flow->turn);
    list_add(&f->old, &flow->turn);
}

struct wire_flow *wire_flows_turn(struct wire_flows *f, const struct wire_queue_plan *plan)
{
    struct wire_flow *flow;

    while ((flow = flow_of(f->fresh.first ? f->fresh.first : f->old.first)) != NULL) {
        if (flow->credits > 0)
            return flow;
        flow->credits += quantum_of(plan);
        go_behind(f, flow);
    }
    return NULL;
}

void wire_flows_took(struct wire_flows *f, struct wire_flow *flow, const struct packet *p)
{
    if (p)
        flow->credits -= packet_length(p);
    else if (flow->turn.list == &f->fresh)
        go_behind(f, flow); /* not away: it could come back as new before the old had a turn */
    else
        list_remove(&flow->turn);
}

static void find_fattest(const struct link_list *list, struct wire_flow **fattest)
{
    for (struct list_link *l = list->first; l; l = l->next) {
        struct wire_flow *flow = flow_of(l);

        if (flow->waiting.bytes > (*fattest ? (*fattest)->waiting.bytes : 0))
            *fattest = flow;
    }
}

struct packet_queue *wire_flows_fattest(struct wire_flows *f)
{
    struct wire_flow *fattest = NULL;

    find_fattest(&f->fresh, &fattest);
    find_fattest(&f->old, &fattest);
    return fattest ? &fattest->waiting : NULL;
}

struct packet *wire_flows_any(struct wire_flows *f, const struct wire_queue_plan *plan)
{
    struct wire_flow *flow;
    struct packet *p;

    while ((flow = wire_flows_turn(f, plan)) != NULL) {
        p = packet_queue_take(&flow->waiting);
        wire_flows_took(f, flow, p);
        if (p)
            return p;
    }
    return NULL;
}

int wire_flows_check(const struct wire_flows *f, uint32_t *packets, uint32_t *bytes)
{
    for (uint32_t i = 0; i < WIRE_FLOWS; i++) {
        const struct wire_flow *flow = &f->flow[i];

        if (!packet_queue_is_sound(&flow->waiting))
            return __LINE__;
        if (flow->waiting.packets && !list_has(&flow->turn))
            return __LINE__;
        *packets += flow->waiting.packets;
        *bytes += flow->waiting.bytes;
    }
    return 0;
}
