/* SPDX-License-Identifier: MIT */
/* Lines and routes of X.25, a host's own, as its programs see and change them (manage.h of layer
 * 6). */
#include "6-presentation/manage.h"

#include <errno.h>
#include <string.h>

#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_relay.h"
#include "base/compiler.h"
#include "node/host.h"

static struct host_lapb *line_of(const struct call_host *calls, const char *name, size_t length)
{
    const struct host *h = container_of(calls, const struct host, calls);
    int interface = node_interface_find(&h->node, name, length);

    return interface < 0 ? NULL : host_x25_line(h, (uint32_t)interface);
}

int manage_x25_route(struct call_host *host, const struct x121 *prefix, const char *name,
                     size_t length, bool adds)
{
    struct x25 *x = &host_of_calls(host)->x25;
    struct host_lapb *l = line_of(host, name, length);
    struct x25_route route;
    bool is_there = x25_route_has(x, prefix);

    if (!l || is_there == adds)
        return -EINVAL;
    if (!adds)
        return x25_route_remove(x, prefix);
    memset(&route, 0, sizeof route);
    route.line = &l->line;
    memcpy(&route.prefix, prefix, sizeof route.prefix);
    return x25_route_add(x, &route);
}

int manage_x25_line(const struct call_host *host, const char *name, size_t length,
                    struct manage_x25_line *line)
{
    const struct host_lapb *l = line_of(host, name, length);

    if (!l)
        return -EINVAL;
    line->negotiates = l->line.negotiates;
    line->extended = l->line.extended;
    return 0;
}

int manage_x25_line_set(struct call_host *host, const char *name, size_t length,
                        const struct manage_x25_line *line)
{
    struct host_lapb *l = line_of(host, name, length);

    if (!l || (l->line.extended != line->extended &&
               (l->line.circuits.first || x25_relay_uses(&l->line))))
        return -EINVAL;
    l->line.negotiates = line->negotiates;
    x25_line_extend(&l->line, line->extended);
    return 0;
}
