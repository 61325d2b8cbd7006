/* SPDX-License-Identifier: MIT */
/*
 * Open descriptors on their way (SCM_RIGHTS of unix(7)): so many ride on a message, and lie in the
 * queue with it. What they are is known above: sockets of this host, which are held as long as the
 * message waits, or whatever the caller keeps elsewhere and calls by a number.
 *
 * Those of a message that is received go up with it. Those that nobody gets any more, since the
 * socket was closed, or had no room for them, are put on one of two lists, and layer 6 looks there
 * at the end of the call: closing a socket may so close others, one after the other and never one
 * within the other, however deep they lie in each other's queues.
 */
#include "5-session/unix_end.h"

#include "base/arena.h"
#include "base/compiler.h"

struct session_rights *unix_rights_open(struct unix_host *h)
{
    struct session_rights *rights =
        h->rights_count < h->rights_limit ? pool_get(h->rights_pool) : NULL;

    if (rights)
        h->rights_count++;
    return rights;
}

void unix_rights_close(struct unix_host *h, struct session_rights *rights)
{
    list_remove(&rights->link);
    h->rights_count--;
    pool_put(h->rights_pool, rights);
}

void unix_rights_drop(struct unix_host *h, struct session_rights *rights)
{
    list_add(rights->number ? &h->lost : &h->released, &rights->link);
}

struct session_rights *unix_rights_take(struct link_list *list)
{
    struct list_link *l = list_pop(list);

    return l ? container_of(l, struct session_rights, link) : NULL;
}
