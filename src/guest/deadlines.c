/* SPDX-License-Identifier: MIT */
/*
 * A binary heap of pointers to entries; each entry has its index, so that any can be taken out.
 */
#include <errno.h>
#include <stdlib.h>

#include "guest/deadlines.h"

static void put(struct guest_deadlines *d, size_t place, struct guest_deadline *entry)
{
    d->heap[place] = entry;
    entry->place = place + 1;
}

static void rise(struct guest_deadlines *d, size_t place)
{
    struct guest_deadline *entry = d->heap[place];

    while (place > 0) {
        size_t above = (place - 1) / 2;

        d->steps++;
        if (d->heap[above]->time <= entry->time)
            break;
        put(d, place, d->heap[above]);
        place = above;
    }
    put(d, place, entry);
}

static void sink(struct guest_deadlines *d, size_t place)
{
    struct guest_deadline *entry = d->heap[place];

    for (;;) {
        size_t below = 2 * place + 1;

        if (below >= d->count)
            break;
        if (below + 1 < d->count && d->heap[below + 1]->time < d->heap[below]->time)
            below++;
        d->steps++;
        if (entry->time <= d->heap[below]->time)
            break;
        put(d, place, d->heap[below]);
        place = below;
    }
    put(d, place, entry);
}

int guest_deadlines_add(struct guest_deadlines *d, struct guest_deadline *entry, int64_t time)
{
    entry->time = time;
    entry->place = 0;
    if (time == INT64_MAX)
        return 0;
    if (d->count == d->size) {
        size_t size = d->size == 0 ? 64 : d->size * 2;
        struct guest_deadline **heap = realloc(d->heap, size * sizeof *heap);

        if (heap == NULL)
            return -ENOMEM;
        d->heap = heap;
        d->size = size;
    }
    put(d, d->count++, entry);
    rise(d, entry->place - 1);
    return 0;
}

void guest_deadlines_remove(struct guest_deadlines *d, struct guest_deadline *entry)
{
    size_t place = entry->place;
    struct guest_deadline *last;

    if (place == 0)
        return;
    entry->place = 0;
    last = d->heap[--d->count];
    if (last == entry)
        return;
    put(d, place - 1, last);
    rise(d, place - 1);
    sink(d, last->place - 1);
}

int64_t guest_deadlines_least(const struct guest_deadlines *d)
{
    return d->count == 0 ? INT64_MAX : d->heap[0]->time;
}

struct guest_deadline *guest_deadlines_first(const struct guest_deadlines *d)
{
    return d->count == 0 ? NULL : d->heap[0];
}

void guest_deadlines_done(struct guest_deadlines *d)
{
    free(d->heap);
    d->heap = NULL;
    d->count = d->size = 0;
}
