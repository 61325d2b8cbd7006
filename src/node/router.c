/* SPDX-License-Identifier: MIT */
/* A host that forwards. Theory in router.h. */
#include "node/router.h"

#include "node/host.h"

int router_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan)
{
    struct host *h = host_of_node(n);
    int result = host_init(n, pools, plan);

    for (uint32_t i = 0; i < IP_FAMILIES; i++)
        h->ip.settings.forwarding[i] = 1;
    return result;
}
