/* SPDX-License-Identifier: MIT */
/*
 * What rides in the queues of an end of AF_UNIX, and in those of ends that wait to be accepted at
 * it: for who looks for sockets that hold each other alone (6-presentation/rights.c).
 */
#include "5-session/unix_end.h"

#include "base/compiler.h"

bool unix_walk_holds(const struct transport_end *end)
{
    const struct unix_end *e = unix_end_if(end);

    if (!e)
        return false;
    for (const struct list_link *l = e->accepts.first; l; l = l->next)
        if (container_of(l, const struct unix_end, accepted)->rights)
            return true;
    return e->rights > 0;
}

const struct session_rights *unix_walk_next(const struct transport_end *end,
                                            struct session_rights_walk *walk)
{
    if (!walk->end) {
        walk->end = unix_end_if(end);
        if (!walk->end)
            return NULL;
        walk->item = unix_queue_first(walk->end);
        walk->accepts = walk->end->accepts.first;
    }
    for (;;) {
        while (walk->item) {
            const struct unix_item *item = walk->item;

            walk->item = unix_queue_next(item);
            if (item->rights)
                return item->rights;
        }
        if (!walk->accepts)
            return NULL;
        walk->item = unix_queue_first(container_of(walk->accepts, const struct unix_end, accepted));
        walk->accepts = walk->accepts->next;
    }
}

void unix_walk_purge(struct transport_end *end)
{
    struct unix_end *e = unix_end_if(end);

    if (!e)
        return;
    for (struct list_link *l = e->accepts.first; l; l = l->next)
        unix_queue_purge(container_of(l, struct unix_end, accepted));
    unix_queue_purge(e);
}
