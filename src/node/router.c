/* SPDX-License-Identifier: MIT */
/* A host that forwards, and may translate. Theory in router.h. */
#include "node/router.h"

#include <errno.h>

#include "3-network/forward_translate.h"
#include "node/host.h"

int router_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan)
{
    struct host *h = host_of_node(n);
    int result = host_init(n, pools, plan);

    for (uint32_t i = 0; i < IP_FAMILIES; i++)
        h->ip.settings.forwarding[i] = 1;
    return result;
}

int router_translate(struct host *h, const struct node_pools *pools, uint32_t outside,
                     const struct translate_settings *settings,
                     const struct translate_prefix *prefix, nanoseconds now)
{
    const struct translate_plan plan = {.mapping_pool = pools->mappings,
                                        .session_pool = pools->mapping_sessions,
                                        .host_pool = pools->mapping_hosts,
                                        .outside = outside};
    struct translate *t;

    if (outside == 0 || outside >= h->node.interface_count)
        return -EINVAL;
    if (h->ip.translate)
        return -EEXIST;
    t = pool_get(pools->translators);
    if (!t)
        return -ENOSPC;
    if (translate_init(t, &h->node.means, &plan, settings) < 0) {
        pool_put(pools->translators, t);
        return -ENOSPC;
    }
    t->prefix.inner = prefix->inner;
    t->prefix.outer = prefix->outer;
    t->prefix.bits = prefix->bits;
    h->ip.translate = t;
    forward_translate_addresses(h->ip.interface[outside], now);
    return 0;
}
