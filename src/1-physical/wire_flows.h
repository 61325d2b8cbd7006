/* SPDX-License-Identifier: MIT */
/*
 * The flows of FQ-CoDel (RFC 8290): each has a queue, and they take turns by deficit round robin. A
 * flow that gets its first frame is new, and new ones come first; who has used up its credits, or
 * is found empty, goes behind the old ones (4.2); an old one that is found empty leaves. So a flow
 * that never builds a queue never waits behind those that do, and none starves.
 */
#pragma once
#include <stdint.h>

#include "1-physical/wire_queue.h"
#include "base/list.h"

struct wire_flow {
    struct packet_queue waiting;
    struct wire_codel codel;
    struct list_link turn; /* in `fresh` or `old`; in none: it has nothing */
    int64_t credits;       /* bytes that it may still send in its turn */
};

struct wire_flows {
    struct link_list fresh, old;
    struct wire_flow flow[WIRE_FLOWS];
};

/* RFC 8290 4.1. */
void wire_flows_add(struct wire_flows *f, const struct wire_queue_plan *plan, struct packet *p,
                    uint64_t flow);
/* RFC 8290 4.2: whose turn it is; NULL: all have left. */
struct wire_flow *wire_flows_turn(struct wire_flows *f, const struct wire_queue_plan *plan);
/* It had its turn, and sent that; NULL: it was found empty. */
void wire_flows_took(struct wire_flows *f, struct wire_flow *flow, const struct packet *p);
/* What waits of the flow with most bytes, of several the one whose turn is first; NULL: nothing. */
struct packet_queue *wire_flows_fattest(struct wire_flows *f);
/* The next frame, whatever CoDel thinks of it; NULL. */
struct packet *wire_flows_any(struct wire_flows *f, const struct wire_queue_plan *plan);
/* Adds up what waits. @return 0, or the line of a broken invariant */
int wire_flows_check(const struct wire_flows *f, uint32_t *packets, uint32_t *bytes);
