/* SPDX-License-Identifier: MIT */
/*
 * The queue of a sender: the frames that wait for transmission, and which of them goes next or is
 * dropped. The disciplines:
 *
 *     WIRE_TAIL_DROP   first in, first out; who finds it full is refused
 *     WIRE_HEAD_DROP   the same, but the oldest gives way
 *     WIRE_CODEL       RFC 8289: while the queue stands, frames are dropped, or marked
 *     WIRE_FQ_CODEL    RFC 8290: a queue and a CoDel for each flow, which take turns (wire_flows.h)
 *
 * The limits count the frame in transmission too, and an empty queue takes a frame of any size. On
 * a wire without rate nothing waits, and no discipline has an effect.
 *
 * A part: who asks tells the time, and gets the dropped frames to discard.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "1-physical/wire_codel.h"
#include "base/packet.h"
#include "base/siphash.h"

enum {
    WIRE_QUEUE_PACKETS = 1000,
    WIRE_FLOWS = 1024,
    WIRE_QUANTUM = 1514,
    WIRE_QUANTUM_LEAST = 256 /* a turn is not to need many rounds */
};

enum wire_discipline { WIRE_TAIL_DROP, WIRE_HEAD_DROP, WIRE_CODEL, WIRE_FQ_CODEL };

struct wire_flows;

struct wire_queue_plan {
    struct wire_codel_plan codel;
    uint32_t packets; /* 0: WIRE_QUEUE_PACKETS */
    uint32_t bytes;   /* 0: no limit in bytes */
    uint32_t discipline;
    uint32_t ecn;     /* mark instead of drop where the packet allows it (RFC 3168 5) */
    uint32_t flows;   /* 0: WIRE_FLOWS, which are the most */
    uint32_t quantum; /* bytes of a turn; 0: WIRE_QUANTUM */
    uint32_t longest; /* bytes of the longest frame of the wire */
    uint32_t bare;    /* frames begin with the IP header */
};

struct wire_queue {
    struct packet_queue waiting; /* of all disciplines but WIRE_FQ_CODEL */
    struct wire_codel codel;
    struct wire_flows *flows; /* memory of WIRE_FQ_CODEL; NULL: never asked for */
    uint32_t packets, bytes;  /* that wait, of all flows */
    uint64_t drops, marks;    /* by the discipline, so far */
};

/* Is there no room for a frame of so many bytes beside those that are there? */
static inline bool wire_queue_is_full(const struct wire_queue_plan *plan, uint32_t packets,
                                      uint32_t held, uint32_t bytes)
{
    if (packets >= (plan->packets ? plan->packets : WIRE_QUEUE_PACKETS))
        return true;
    return plan->bytes && packets && (uint64_t)held + bytes > plan->bytes;
}

/* Do so many hold more than it may? */
static inline bool wire_queue_is_over(const struct wire_queue_plan *plan, uint32_t packets,
                                      uint32_t held)
{
    return packets > (plan->packets ? plan->packets : WIRE_QUEUE_PACKETS) ||
           (plan->bytes && packets > 1 && held > plan->bytes);
}

/* Is a frame that finds it full refused? Else room is made by wire_queue_shrink. */
static inline bool wire_queue_refuses(const struct wire_queue_plan *plan)
{
    return plan->discipline == WIRE_TAIL_DROP || plan->discipline == WIRE_CODEL;
}

/* Adds the frame, which waits from now on; `flow`: its hash, for WIRE_FQ_CODEL. */
void wire_queue_add(struct wire_queue *q, const struct wire_queue_plan *plan, struct packet *p,
                    uint64_t flow, nanoseconds now);
/* It holds too much: adds to `dropped` what gives way, nothing if nothing waits. Of WIRE_HEAD_DROP
 * the oldest, of WIRE_FQ_CODEL some of the oldest of the flow that has most bytes. */
void wire_queue_shrink(struct wire_queue *q, const struct wire_queue_plan *plan,
                       struct packet_queue *dropped);
/* Takes the next frame for the wire. What CoDel drops on the way is added to `dropped`; a frame
 * that it marked has FRAME_MARKED. NULL: nothing is left. */
struct packet *wire_queue_take(struct wire_queue *q, const struct wire_queue_plan *plan,
                               nanoseconds now, struct packet_queue *dropped);
/* Another discipline: what waits goes over to it, in the order in which it would have been sent. A
 * flow is found by the key. */
void wire_queue_convert(struct wire_queue *q, const struct wire_queue_plan *before,
                        const struct wire_queue_plan *after, struct siphash_key key);
/* 0, or the line of a broken invariant. */
int wire_queue_check(const struct wire_queue *q, const struct wire_queue_plan *plan);
