/* SPDX-License-Identifier: MIT */
/* The groups of a host's interfaces as its programs are told of them (6-presentation/manage.h). */
#include "6-presentation/manage.h"

#include "3-network/multicast.h"
#include "base/compiler.h"
#include "base/time.h"
#include "node/host.h"

static uint32_t members(const struct group *g)
{
    uint32_t count = 0;

    for (const struct list_link *l = g->members.first; l; l = l->next)
        count++;
    return count;
}

bool manage_group(const struct call_host *calls, uint32_t number, bool is_6, const void **at,
                  struct manage_group *group)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct multicast *m = host_interface(h, number)->ip.multicast[is_6];
    const struct group *g = *at;
    const struct list_link *next;

    if (!m)
        return false;
    next = g ? g->order.previous : m->groups.order.last;
    while (next && members(container_of(next, const struct group, order)) == 0)
        next = next->previous; /* it was left, and that is still to be told */
    if (!next)
        return false;
    g = container_of(next, const struct group, order);
    *at = g;
    group->address = g->address;
    group->users = members(g);
    group->is_silent = g->is_silent;
    group->due = time_earlier(g->change.at, g->answer_at);
    return true;
}
