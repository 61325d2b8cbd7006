/* SPDX-License-Identifier: MIT */
/*
 * A binary heap. Its key is service->queued, the deadline when it was last told: so the heap is in
 * order while a handler changes service->deadline.
 */
#include <errno.h>
#include <stdlib.h>
#include "7-application/service_parts.h"
#include "7-application/service_queue.h"

int service_queue_add(struct service_queue *queue, struct service *service)
{
    size_t room = ((size_t)queue->count + 1) * sizeof(struct service *);
    struct service **heap = realloc(queue->heap, room), **due;

    if (heap == NULL)
        return -ENOMEM;
    queue->heap = heap;
    due = realloc(queue->due, room);
    if (due == NULL)
        return -ENOMEM;
    queue->due = due;
    service->deadline = service->queued = NEVER;
    service->number = service->place = queue->count;
    queue->heap[queue->count++] = service;
    return 0;
}

void service_queue_done(struct service_queue *queue)
{
    free(queue->heap);
    free(queue->due);
}

static bool is_before(struct service_queue *queue, const struct service *a, const struct service *b)
{
    queue->steps++;
    return a->queued < b->queued || (a->queued == b->queued && a->number < b->number);
}

static void put(struct service_queue *queue, int place, struct service *service)
{
    queue->heap[place] = service;
    service->place = place;
}

static void rise(struct service_queue *queue, struct service *service)
{
    int place = service->place;

    while (place > 0 && is_before(queue, service, queue->heap[(place - 1) / 2])) {
        put(queue, place, queue->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(queue, place, service);
}

static void sink(struct service_queue *queue, struct service *service)
{
    int place = service->place;

    for (int below = 2 * place + 1; below < queue->count; below = 2 * place + 1) {
        if (below + 1 < queue->count &&
            is_before(queue, queue->heap[below + 1], queue->heap[below]))
            below++;
        if (is_before(queue, service, queue->heap[below]))
            break;
        put(queue, place, queue->heap[below]);
        place = below;
    }
    put(queue, place, service);
}

static void set(struct service_queue *queue, struct service *service, int64_t deadline)
{
    int64_t before = service->queued;

    service->queued = deadline;
    if (deadline < before)
        rise(queue, service);
    else if (deadline > before)
        sink(queue, service);
}

void service_queue_moved(struct service_queue *queue, struct service *service)
{
    set(queue, service, service->deadline);
}

int64_t service_queue_next(const struct service_queue *queue)
{
    return queue->count > 0 ? queue->heap[0]->queued : NEVER;
}

int service_queue_take(struct service_queue *queue, int64_t now)
{
    int taken = 0;

    while (queue->count > 0 && queue->heap[0]->queued <= now && queue->heap[0]->queued != NEVER) {
        queue->due[taken++] = queue->heap[0];
        set(queue, queue->heap[0], NEVER);
    }
    return taken;
}
