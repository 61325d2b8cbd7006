/* SPDX-License-Identifier: MIT */
/* The theory is in x25_route.h. */
#include "3-network/x25/x25_route.h"

#include <errno.h>
#include <string.h>

static bool is_same(const struct x121 *a, const struct x121 *b)
{
    return a->length == b->length && memcmp(a->digit, b->digit, a->length) == 0;
}

static uint32_t find(const struct x25 *x, const struct x121 *prefix)
{
    uint32_t i = 0;

    while (i < x->routes && !is_same(&x->route[i].prefix, prefix))
        i++;
    return i;
}

int x25_route_add(struct x25 *x, const struct x25_route *route)
{
    uint32_t i = find(x, &route->prefix);

    if (i == X25_ROUTES)
        return -ENOBUFS;
    if (i == x->routes)
        x->routes++;
    memcpy(&x->route[i], route, sizeof *route);
    return 0;
}

bool x25_route_has(const struct x25 *x, const struct x121 *prefix)
{
    return find(x, prefix) < x->routes;
}

static void take_away(struct x25 *x, uint32_t i)
{
    x->routes--;
    memmove(&x->route[i], &x->route[i + 1], (x->routes - i) * sizeof x->route[0]);
    memset(&x->route[x->routes], 0, sizeof x->route[0]);
}

int x25_route_remove(struct x25 *x, const struct x121 *prefix)
{
    uint32_t i = find(x, prefix);

    if (i == x->routes)
        return -ENOENT;
    take_away(x, i);
    return 0;
}

void x25_route_forget(struct x25 *x, const struct x25_line *line)
{
    uint32_t i = 0;

    while (i < x->routes) {
        if (x->route[i].line == line)
            take_away(x, i);
        else
            i++;
    }
}

static const struct x25_route *best_of(const struct x25 *x, const struct x121 *called)
{
    const struct x25_route *best = NULL;

    for (uint32_t i = 0; i < x->routes; i++) {
        const struct x25_route *r = &x->route[i];

        if (r->prefix.length <= called->length &&
            memcmp(r->prefix.digit, called->digit, r->prefix.length) == 0 &&
            (!best || r->prefix.length > best->prefix.length))
            best = r;
    }
    return best;
}

struct x25_line *x25_route_open(struct x25 *x, const struct x121 *called, nanoseconds now)
{
    const struct x25_route *best = best_of(x, called);

    if (!best)
        return NULL;
    if (!best->line)
        return x25_line_codes[X25_LINE_XOT].open(x, &best->to, best->extended, now);
    if (!best->line->up)
        x25_line_codes[best->line->kind].wanted(best->line, now);
    return best->line;
}
