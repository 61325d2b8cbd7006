/* SPDX-License-Identifier: MIT */
/* An end of AF_UNIX as an object of its host: made, freed by the last who refers to it (unix.c says
 * who does), and its user or others told that it changed. */
#include "5-session/unix_end.h"

#include "base/arena.h"
#include "base/compiler.h"

struct unix_end *unix_end_if(const struct transport_end *end)
{
    bool is_ours =
        end->kind >= TRANSPORT_UNIX_STREAM && end->kind < TRANSPORT_UNIX_STREAM + UNIX_KINDS;

    return is_ours ? unix_end_of(end) : NULL;
}

bool unix_end_connects(const struct unix_end *e)
{
    return e->end.kind != TRANSPORT_UNIX_DATAGRAM;
}

void unix_end_tell(struct unix_end *e)
{
    transport_end_pending(&e->end);
}

void unix_end_tell_waiters(struct unix_end *e)
{
    struct list_link *l;

    while ((l = list_pop(&e->waiters)) != NULL)
        unix_end_tell(container_of(l, struct unix_end, waits));
    for (l = e->senders.first; l; l = l->next)
        unix_end_tell(container_of(l, struct unix_end, sends_to));
}

void unix_end_wait(struct unix_end *e, struct unix_end *full)
{
    list_remove(&e->waits);
    list_add(&full->waiters, &e->waits);
}

struct unix_end *unix_end_new(struct unix_host *h, struct transport_service *service)
{
    struct unix_end *e = h->ends_count < h->end_limit ? pool_get(h->end_pool) : NULL;

    if (!e)
        return NULL;
    e->end.service = service;
    e->end.kind = service->kind;
    e->host = h;
    e->serial = ++h->serials;
    e->references = 1;
    e->send_buffer = e->receive_buffer = UNIX_BUFFER_BYTES;
    e->low_water = 1;
    e->linger = -1;
    e->peek_at = -1;
    e->flags = UNIX_PASS_RIGHTS;
    e->backlog = h->queue_most;
    ring_init(&e->bytes, 0);
    list_add(&h->ends, &e->link);
    h->ends_count++;
    return e;
}

void unix_end_release(struct unix_end *e)
{
    struct unix_host *h = e->host;

    if (--e->references)
        return;
    list_remove(&e->link);
    h->ends_count--;
    if (e->name)
        unix_name_release(h, e->name);
    pool_put(h->end_pool, e);
}
