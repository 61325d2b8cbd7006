/* SPDX-License-Identifier: MIT */
/*
 * The lab's deadlines: one binary heap, with the earliest beside it. Ordered by (deadline, node,
 * source, serial): names, never history or addresses, so that a lab split over processes, or with
 * one host more, fires the same timers in the same order (architecture, rule 3). Timers are
 * embedded in what they wake; the code says whose they are, and node/ knows what to call.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/time.h"

struct arena;
struct pool;

struct timer {
    nanoseconds deadline;
    uint32_t node;   /* the receiving node's number */
    uint32_t source; /* the sending wire's number for deliveries; 0 else */
    uint64_t serial; /* the source's own count: unique with node and source */
    uint32_t index;  /* place in the heap + 1; 0: not set; TIMER_IS_FRONT: beside it */
    uint32_t code;   /* enum timer_code of node/: what to do when due */
};

#define TIMER_IS_FRONT UINT32_MAX
/* Behind all times of a lab: a timer that is due, and waits for its node to go on, stands there. */
#define TIMER_PUT_OFF ((INT64_C(1) << 62) + 1)

struct timers {
    struct timer **heap;
    struct pool *pool;     /* the one-slot pool that holds the heap */
    struct timer *front;   /* before all of the heap; or NULL: the heap's first is the earliest */
    uint32_t count, limit; /* of the heap */
    uint32_t hole; /* 1: the first was taken, and its place is free for the next that is set */
    uint32_t zero;
};

/* The array is a one-slot pool of the arena. @return 0 or -ENOMEM */
int timer_heap_init(struct timers *t, struct arena *arena, uint32_t limit);
/* Sets or moves; the timer's node, source, serial and code stay as they are while it is set. */
void timer_set(struct timers *t, struct timer *timer, nanoseconds deadline);
void timer_clear(struct timers *t, struct timer *timer); /* not set: nothing */
static inline bool timer_is_set(const struct timer *timer)
{
    return timer->index != 0;
}
/* The earliest, or NULL. */
static inline struct timer *timer_heap_first(const struct timers *t)
{
    ensure(!t->hole);
    return t->front ? t->front : t->count ? t->heap[0] : NULL;
}
/* Takes the first off, which is then not set. Its place in the heap stays free, since what a
 * timer does is often to set another; timer_heap_close, before timer_heap_first is asked again,
 * fills it if nobody did. */
struct timer *timer_heap_take(struct timers *t);
void timer_heap_close(struct timers *t);
/* The front is before all, every parent before its children, every index right (checks). */
bool timer_heap_valid(const struct timers *t);
