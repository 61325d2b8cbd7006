/* SPDX-License-Identifier: MIT */
/*
 * What all kinds of node have in common, and the table of kinds. A new kind is a row here, its
 * struct with struct node first, and its file; what wakes it, and what its layers call, is in the
 * tables of node_codes.c.
 *
 * A node's chance comes from the lab's seed and its name (architecture, rule 3). Its limits are its
 * own, so that one node's hunger is not another's.
 */
#include "node/node.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "node/host.h"
#include "node/hub.h"
#include "node/router.h"
#include "node/switch.h"

const struct node_kind_row node_kinds[NODE_KINDS] = {
    [NODE_HOST] = {.bytes = sizeof(struct host),
                   .interface_bytes = sizeof(struct host_interface),
                   .init = host_init,
                   .undo = host_undo,
                   .loopback = host_loopback,
                   .interface_open = host_interface_open,
                   .settle = host_settle,
                   .crash = host_crash,
                   .check = host_check},
    [NODE_HUB] = {.bytes = sizeof(struct hub),
                  .interface_bytes = sizeof(struct hub_port),
                  .init = hub_init,
                  .undo = hub_undo,
                  .interface_open = hub_interface_open,
                  .settle = hub_settle,
                  .check = hub_check},
    [NODE_SWITCH] = {.bytes = sizeof(struct node_switch),
                     .interface_bytes = sizeof(struct node_switch_port),
                     .init = node_switch_init,
                     .undo = node_switch_undo,
                     .interface_open = node_switch_interface_open,
                     .settle = node_switch_settle,
                     .crash = node_switch_crash,
                     .check = node_switch_check},
    [NODE_ROUTER] = {.bytes = sizeof(struct host),
                     .interface_bytes = sizeof(struct host_interface),
                     .init = router_init,
                     .undo = host_undo,
                     .loopback = host_loopback,
                     .interface_open = host_interface_open,
                     .settle = host_settle,
                     .crash = host_crash,
                     .check = host_check},
};

static void name_set(char name[NODE_NAME_BYTES], uint32_t *length, const char *text, size_t n)
{
    ensure(n < NODE_NAME_BYTES);
    memcpy(name, text, n);
    *length = (uint32_t)n;
}

int node_interface_open(struct node *n, const struct node_pools *pools,
                        const struct node_interface_plan *plan)
{
    uint32_t number = n->interface_count;
    struct node_interface *i;
    int result;

    if (number == NODE_INTERFACES)
        return -ENOSPC;
    i = pool_get(pools->interfaces);
    if (!i)
        return -ENOMEM;
    name_set(i->name, &i->name_length, plan->name, plan->name_length);
    i->wire = plan->wire->number;
    i->end = plan->end;
    n->interface[number] = i;
    result = node_kinds[n->kind].interface_open(n, pools, number, plan);
    if (result < 0) {
        n->interface[number] = NULL;
        pool_put(pools->interfaces, i);
        return result;
    }
    n->interface_count++;
    return (int)number;
}

static int loopback_open(struct node *n, const struct node_pools *pools)
{
    struct node_interface_plan plan = {.name = "lo", .name_length = 2};
    int result;

    if (!node_kinds[n->kind].loopback)
        return 0;
    plan.wire = node_kinds[n->kind].loopback(n);
    result = node_interface_open(n, pools, &plan);
    return result < 0 ? result : 0;
}

int node_open(const struct means *lab, const struct node_pools *pools, const struct node_plan *plan,
              struct node **node)
{
    struct node *n = pool_get(pools->nodes);
    int result;

    if (!n)
        return -ENOMEM;
    n->kind = plan->kind;
    name_set(n->name, &n->name_length, plan->name, plan->name_length);
    means_of_node(&n->means, lab, plan->number, random_key(lab->key, plan->name, plan->name_length),
                  n->drops);
    n->means.filters.program_pool = pools->filters;
    n->means.filters.chunk_pool = pools->filter_chunks;
    n->means.rare = pools->rare_options;
    result = node_kinds[n->kind].init(n, pools, plan);
    if (result == 0)
        result = loopback_open(n, pools);
    if (result < 0) {
        node_kinds[n->kind].undo(n, pools);
        pool_put(pools->nodes, n);
        return result;
    }
    *node = n;
    return 0;
}

int node_interface_find(const struct node *n, const char *name, size_t length)
{
    for (uint32_t i = 0; length > 0 && i < n->interface_count; i++)
        if (n->interface[i]->name_length == length &&
            memcmp(n->interface[i]->name, name, length) == 0)
            return (int)i;
    return -ENODEV;
}

/* Both ends of a wire that has only one interface are its own: a loopback. */
int node_interface_at(const struct node *n, uint32_t wire, uint32_t end)
{
    int found = -ENODEV;

    for (uint32_t i = 0; i < n->interface_count; i++) {
        if (n->interface[i]->wire != wire)
            continue;
        found = (int)i;
        if (n->interface[i]->end == end)
            break;
    }
    return found;
}

int node_check(const struct node *n)
{
    if (n->means.packet_budget.used > n->means.packet_budget.limit ||
        n->means.buffer_budget.used > n->means.buffer_budget.limit)
        return __LINE__;
    return node_kinds[n->kind].check(n);
}
