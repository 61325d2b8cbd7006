/* SPDX-License-Identifier: MIT */
/*
 * A binary heap of pointers to timers, in which every timer knows its own place, so that moving or
 * clearing one costs no search. The four names make the order total: no two timers that are set
 * compare equal, hence the order in which they fire does not depend on how the heap came to be.
 *
 * Most timers are of frames on short wires: set before all others, and the next to fire. Such a one
 * stands beside the heap, in front, and neither its coming nor its going moves anything in it. It
 * goes into the heap when an earlier one comes.
 */
#include "base/timer.h"

#include <errno.h>

#include "base/arena.h"
#include "base/compiler.h"

int timer_heap_init(struct timers *t, struct arena *arena, uint32_t limit)
{
    t->heap = arena_array(arena, (uint64_t)limit * sizeof *t->heap, &t->pool);
    t->front = NULL;
    t->count = t->hole = 0;
    t->limit = limit;
    return t->heap ? 0 : -ENOMEM;
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    if (a->deadline != b->deadline)
        return a->deadline < b->deadline;
    if (a->node != b->node)
        return a->node < b->node;
    if (a->source != b->source)
        return a->source < b->source;
    return a->serial < b->serial;
}

static void place(struct timers *t, uint32_t at, struct timer *timer)
{
    t->heap[at] = timer;
    timer->index = at + 1;
}

/* Finds the place of a timer, from a free place on, towards the root and then away from it. */
static void settle(struct timers *t, uint32_t at, struct timer *timer)
{
    while (at > 0 && is_before(timer, t->heap[(at - 1) / 2])) {
        place(t, at, t->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (uint32_t child = 2 * at + 1; child < t->count; child = 2 * at + 1) {
        if (child + 1 < t->count && is_before(t->heap[child + 1], t->heap[child]))
            child++;
        if (!is_before(t->heap[child], timer))
            break;
        place(t, at, t->heap[child]);
        at = child;
    }
    place(t, at, timer);
}

static void set_count(struct timers *t, uint32_t count)
{
    t->count = count;
    t->pool->live = (uint64_t)count * sizeof *t->heap;
}

void timer_heap_close(struct timers *t)
{
    struct timer *last;

    if (!t->hole)
        return;
    t->hole = 0;
    last = t->heap[t->count - 1];
    set_count(t, t->count - 1);
    if (t->count)
        settle(t, 0, last);
}

struct timer *timer_heap_take(struct timers *t)
{
    struct timer *first = timer_heap_first(t);

    ensure(first);
    first->index = 0;
    if (first == t->front)
        t->front = NULL;
    else
        t->hole = 1;
    return first;
}

static void push(struct timers *t, struct timer *timer)
{
    ensure(t->count < t->limit);
    set_count(t, t->count + 1);
    settle(t, t->count - 1, timer);
}

/* One that is in neither place. */
static void add(struct timers *t, struct timer *timer)
{
    const struct timer *first = timer_heap_first(t);

    if (first && !is_before(timer, first)) {
        push(t, timer);
        return;
    }
    if (t->front)
        push(t, t->front);
    t->front = timer;
    timer->index = TIMER_IS_FRONT;
}

/* While there is a hole nothing is in front: what was taken off the heap was its first. */
void timer_set(struct timers *t, struct timer *timer, nanoseconds deadline)
{
    if (t->hole && timer->index == 0) {
        t->hole = 0;
        timer->deadline = deadline;
        settle(t, 0, timer);
        return;
    }
    timer_heap_close(t);
    timer->deadline = deadline;
    if (timer == t->front) {
        t->front = NULL;
        timer->index = 0;
    }
    if (timer->index == 0) {
        add(t, timer);
        return;
    }
    settle(t, timer->index - 1, timer);
    if (t->front && is_before(t->heap[0], t->front)) {
        push(t, t->front);
        t->front = NULL;
    }
}

void timer_clear(struct timers *t, struct timer *timer)
{
    struct timer *last;
    uint32_t at;

    if (timer->index == 0)
        return;
    if (timer == t->front) {
        t->front = NULL;
        timer->index = 0;
        return;
    }
    timer_heap_close(t);
    at = timer->index - 1;
    ensure(at < t->count && t->heap[at] == timer);
    last = t->heap[t->count - 1];
    set_count(t, t->count - 1);
    timer->index = 0;
    if (last != timer)
        settle(t, at, last);
}

bool timer_heap_valid(const struct timers *t)
{
    if (t->hole)
        return false;
    if (t->front &&
        (t->front->index != TIMER_IS_FRONT || (t->count && !is_before(t->front, t->heap[0]))))
        return false;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->heap[i]->index != i + 1)
            return false;
        if (i > 0 && !is_before(t->heap[(i - 1) / 2], t->heap[i]))
            return false;
    }
    return t->pool->live == (uint64_t)t->count * sizeof *t->heap;
}
