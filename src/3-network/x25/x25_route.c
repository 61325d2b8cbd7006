/* SPDX-License-Identifier: MIT */
/* The theory is in x25_route.h. */
#include "3-network/x25/x25_route.h"

#include <errno.h>
#include <string.h>

static bool is_same(const struct x121 *a, const struct x121 *b)
{
    return a->length == b->length && memcmp(a->digit, b->digit, a->length) == 0;
}

int x25_route_add(struct x25 *x, const struct x121 *prefix, struct x25_line *line)
{
    uint32_t i = 0;

    while (i < x->routes && !is_same(&x->route[i].prefix, prefix))
        i++;
    if (i == X25_ROUTES)
        return -ENOBUFS;
    if (i == x->routes)
        x->routes++;
    memcpy(&x->route[i].prefix, prefix, sizeof *prefix);
    x->route[i].line = line;
    return 0;
}

void x25_route_forget(struct x25 *x, const struct x25_line *line)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < x->routes; i++) {
        if (x->route[i].line == line)
            continue;
        x->route[kept].line = x->route[i].line;
        memmove(&x->route[kept++].prefix, &x->route[i].prefix, sizeof x->route[i].prefix);
    }
    x->routes = kept;
}

struct x25_line *x25_route_open(struct x25 *x, const struct x121 *called, nanoseconds now)
{
    const struct x25_route *best = NULL;

    (void)now;
    for (uint32_t i = 0; i < x->routes; i++) {
        const struct x25_route *r = &x->route[i];

        if (r->prefix.length <= called->length &&
            memcmp(r->prefix.digit, called->digit, r->prefix.length) == 0 &&
            (!best || r->prefix.length > best->prefix.length))
            best = r;
    }
    return best ? best->line : NULL;
}
