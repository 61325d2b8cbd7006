/* SPDX-License-Identifier: MIT */
/*
 * CoDel (RFC 8289): a queue is good that empties, and bad that stands. Frames tell how long they
 * waited when they are taken from the queue; if that was never below the target for an interval,
 * the first is dropped, and then, while the queue still stands, the next ones ever sooner: an
 * interval / sqrt(count) after one another (5.6). Once it is below the target again, all is well;
 * who is back within 16 intervals begins where it stopped (5.5).
 *
 * The queue asks wire_codel_drops for each frame that it takes for the wire, until one may go:
 *
 *     round = WIRE_CODEL_FIRST;
 *     do p = the next frame; while (p && wire_codel_drops(..., &round) && !marked(p));
 *
 * and tells of what it did instead: a mark (wire_codel_marked), or that it ran empty. Integers
 * alone: 1/sqrt(count) is a number of 32 bits behind the point.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WIRE_CODEL_TARGET (5 * MILLISECOND) /* RFC 8289 5.3 */
#define WIRE_CODEL_INTERVAL (100 * MILLISECOND)

struct wire_codel_plan {
    nanoseconds target, interval; /* 0: the RFC's */
};

/* The words of RFC 8289 5.2. */
struct wire_codel {
    nanoseconds first_above_time; /* 0: it is not above */
    nanoseconds drop_next;
    uint32_t count, lastcount;
    uint32_t dropping;
    uint32_t zero;
};

/* What is known of a frame that was taken from the queue. */
struct wire_codel_frame {
    nanoseconds now, waited;
    uint32_t left;    /* bytes that are still in the queue */
    uint32_t longest; /* bytes of the longest frame: a queue of no more is never bad */
};

/* Which frame of one taking it is. */
enum wire_codel_round { WIRE_CODEL_FIRST, WIRE_CODEL_ENTERED, WIRE_CODEL_AGAIN };

/* Is the frame to be dropped, or marked? */
bool wire_codel_drops(struct wire_codel *c, const struct wire_codel_plan *plan,
                      const struct wire_codel_frame *frame, enum wire_codel_round *round);
/* It was marked instead, and goes. */
void wire_codel_marked(struct wire_codel *c, const struct wire_codel_plan *plan,
                       enum wire_codel_round round);
/* There was no frame to take. */
void wire_codel_empty(struct wire_codel *c);
/* interval / sqrt(count), count > 0. */
nanoseconds wire_codel_step(nanoseconds interval, uint32_t count);
