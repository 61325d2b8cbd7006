/* SPDX-License-Identifier: MIT */
/* Longest prefixes in a trie. Theory in route_table.h. */
#include "3-network/route_table.h"

#include "base/compiler.h"
#include "base/integer.h"
#include "base/pool.h"

enum { BITS = 128 };

static uint32_t bit_of(struct address a, uint32_t n)
{
    return (uint32_t)(n < 64 ? a.high >> (63 - n) : a.low >> (127 - n)) & 1;
}

/* How many bits both begin with, at most so many. */
static uint32_t common_bits(struct address a, struct address b, uint32_t most_bits)
{
    uint32_t n = BITS;

    if (a.high != b.high)
        n = 63 - integer_log2(a.high ^ b.high);
    else if (a.low != b.low)
        n = 127 - integer_log2(a.low ^ b.low);
    return (uint32_t)least(n, most_bits);
}

void route_table_init(struct route_table *t, struct pool *routes, struct pool *nodes,
                      uint32_t limit)
{
    t->routes = routes;
    t->nodes = nodes;
    t->limit = limit;
}

/* ---- nodes ---- */

static struct route_node *node_open(struct route_table *t, struct address prefix, uint32_t bits,
                                    struct route_node *parent)
{
    struct route_node *n = pool_get(t->nodes);

    if (!n)
        return NULL;
    n->prefix = address_masked(prefix, bits);
    n->bits = bits;
    n->parent = parent;
    return n;
}

/* Where a child of parent is named that begins with this prefix. */
static struct route_node **place_of(struct route_table *t, struct route_node *parent,
                                    struct address prefix)
{
    return parent ? &parent->child[bit_of(prefix, parent->bits)] : &t->root;
}

/* The deepest node on the way to a prefix; NULL: none, the root is not on it. */
static struct route_node *way_to(const struct route_table *t, struct address prefix, uint32_t bits)
{
    struct route_node *n = t->root, *found = NULL;

    while (n && n->bits <= bits && address_matches(prefix, n->prefix, n->bits)) {
        found = n;
        n = n->bits < BITS ? n->child[bit_of(prefix, n->bits)] : NULL;
    }
    return found;
}

/* A node for a prefix between parent and what stands there now, with a parting one if neither is in
 * the other. NULL: no room; nothing has changed. */
static struct route_node *node_insert(struct route_table *t, struct route_node *parent,
                                      struct address prefix, uint32_t bits)
{
    struct route_node **place = place_of(t, parent, prefix), *below = *place, *n, *parting;
    uint32_t common =
        below ? common_bits(prefix, below->prefix, (uint32_t)least(bits, below->bits)) : bits;

    n = node_open(t, prefix, bits, parent);
    if (!n)
        return NULL;
    if (!below || common == bits) {
        if (below) {
            n->child[bit_of(below->prefix, bits)] = below;
            below->parent = n;
        }
        *place = n;
        return n;
    }
    parting = node_open(t, prefix, common, parent);
    if (!parting) {
        pool_put(t->nodes, n);
        return NULL;
    }
    parting->child[bit_of(prefix, common)] = n;
    parting->child[bit_of(below->prefix, common)] = below;
    n->parent = below->parent = parting;
    *place = parting;
    return n;
}

/* A node without routes that parts no two others is not needed, and then perhaps its parent. */
static void node_prune(struct route_table *t, struct route_node *n)
{
    while (n && !n->route && !(n->child[0] && n->child[1])) {
        struct route_node *parent = n->parent, *child = n->child[n->child[0] ? 0 : 1];

        *place_of(t, parent, n->prefix) = child;
        if (child)
            child->parent = parent;
        pool_put(t->nodes, n);
        n = parent;
    }
}

/* ---- routes ---- */

static uint32_t metric_of(const struct route *r)
{
    return route_metric(r->metric, r->dest, r->gateway, (enum origin)r->origin);
}

/* Is a to be taken before b? What came first stays first. */
static bool is_preferred(const struct route *a, const struct route *b)
{
    if (metric_of(a) != metric_of(b))
        return metric_of(a) < metric_of(b);
    return a->preference < b->preference;
}

static void route_fill(struct route *r, const struct route_plan *plan, nanoseconds now)
{
    r->dest = address_masked(plan->dest, plan->bits);
    r->gateway = plan->gateway;
    r->source = plan->source;
    r->bits = plan->bits;
    r->metric = plan->metric;
    r->mtu = plan->mtu;
    r->interface = plan->interface;
    r->kind = plan->kind;
    r->preference = plan->preference;
    r->origin = plan->origin;
    r->protocol = plan->protocol;
    r->since = now;
    r->expires = NEVER;
}

struct route *route_table_add(struct route_table *t, const struct route_plan *plan, nanoseconds now)
{
    struct address dest = address_masked(plan->dest, plan->bits);
    struct route_node *n;
    struct route *r, **at;

    r = t->count < t->limit ? pool_get(t->routes) : NULL;
    if (!r)
        return NULL;
    route_fill(r, plan, now);
    n = way_to(t, dest, plan->bits);
    if (!n || n->bits != plan->bits)
        n = node_insert(t, n, dest, plan->bits);
    if (!n) {
        pool_put(t->routes, r);
        return NULL;
    }
    at = &n->route;
    while (*at && !is_preferred(r, *at))
        at = &(*at)->next;
    r->next = *at;
    *at = r;
    r->node = n;
    t->count++;
    route_table_prolong(t, r, plan->expires);
    return r;
}

void route_table_remove(struct route_table *t, struct route *r)
{
    struct route **at = &r->node->route;

    while (*at != r) {
        ensure(*at);
        at = &(*at)->next;
    }
    *at = r->next;
    node_prune(t, r->node);
    list_remove(&r->ending);
    pool_put(t->routes, r);
    t->count--;
}

struct route *route_table_same(const struct route_table *t, const struct route_plan *plan)
{
    const struct route_node *n = way_to(t, address_masked(plan->dest, plan->bits), plan->bits);
    struct route *r = n && n->bits == plan->bits ? n->route : NULL;

    while (r && (r->interface != plan->interface || r->kind != plan->kind ||
                 !address_equal(r->gateway, plan->gateway)))
        r = r->next;
    return r;
}

const struct route_node *route_table_covering(const struct route_table *t, struct address a)
{
    const struct route_node *n = t->root, *found = NULL;

    while (n && address_matches(a, n->prefix, n->bits)) {
        if (n->route)
            found = n;
        n = n->bits < BITS ? n->child[bit_of(a, n->bits)] : NULL;
    }
    return found;
}

/* ---- all of them ---- */

/* The next node: down first, then to the other side of the nearest that has one. */
static const struct route_node *node_next(const struct route_node *n)
{
    const struct route_node *from;

    if (n->child[0] || n->child[1])
        return n->child[n->child[0] ? 0 : 1];
    do {
        from = n;
        n = n->parent;
    } while (n && (n->child[1] == from || !n->child[1]));
    return n ? n->child[1] : NULL;
}

struct route *route_table_next(const struct route_table *t, const struct route *r)
{
    const struct route_node *n = t->root;

    if (r && r->next)
        return r->next;
    if (r)
        n = node_next(r->node);
    while (n && !n->route)
        n = node_next(n);
    return n ? n->route : NULL;
}

/* Down as far as it goes, the lower child first. */
static const struct route_node *deepest(const struct route_node *n)
{
    while (n && (n->child[0] || n->child[1]))
        n = n->child[n->child[0] ? 0 : 1];
    return n;
}

static const struct route_node *node_next_inner_first(const struct route_node *n)
{
    const struct route_node *parent = n->parent;

    return parent && parent->child[0] == n && parent->child[1] ? deepest(parent->child[1]) : parent;
}

struct route *route_table_next_inner_first(const struct route_table *t, const struct route *r)
{
    const struct route_node *n;

    if (r && r->next)
        return r->next;
    n = r ? node_next_inner_first(r->node) : deepest(t->root);
    while (n && !n->route)
        n = node_next_inner_first(n);
    return n ? n->route : NULL;
}

/* ---- time ---- */

void route_table_prolong(struct route_table *t, struct route *r, nanoseconds expires)
{
    r->expires = expires;
    if (expires == NEVER) {
        list_remove(&r->ending);
        return;
    }
    t->first_end = t->ending.first ? time_earlier(t->first_end, expires) : expires;
    if (!list_has(&r->ending))
        list_add(&t->ending, &r->ending);
}

struct route *route_table_ended(struct route_table *t, nanoseconds now)
{
    nanoseconds first = NEVER;

    if (!t->ending.first || t->first_end > now)
        return NULL;
    for (struct list_link *l = t->ending.first; l; l = l->next) {
        struct route *r = container_of(l, struct route, ending);

        if (r->expires <= now)
            return r;
        first = time_earlier(first, r->expires);
    }
    t->first_end = first;
    return NULL;
}

/* ---- check ---- */

static int node_check(const struct route_table *t, const struct route_node *n)
{
    if (!n->route && !(n->child[0] && n->child[1]))
        return __LINE__;
    if (!address_equal(n->prefix, address_masked(n->prefix, n->bits)))
        return __LINE__;
    for (uint32_t k = 0; k < 2; k++) {
        const struct route_node *child = n->child[k];

        if (child &&
            (child->parent != n || child->bits <= n->bits || bit_of(child->prefix, n->bits) != k ||
             !address_matches(child->prefix, n->prefix, n->bits)))
            return __LINE__;
    }
    for (const struct route *r = n->route; r; r = r->next) {
        if (r->node != n || r->bits != n->bits || !address_equal(r->dest, n->prefix) ||
            r->kind >= ROUTE_KINDS || (r->next && is_preferred(r->next, r)))
            return __LINE__;
        if (list_has(&r->ending) != (r->expires != NEVER) ||
            (r->expires != NEVER && r->expires < t->first_end))
            return __LINE__;
    }
    return 0;
}

int route_table_check(const struct route_table *t)
{
    uint32_t routes = 0, nodes = 0;
    int line = 0;

    if (t->count > t->limit || (t->root && t->root->parent))
        return __LINE__;
    for (const struct route_node *n = t->root; n && line == 0; n = node_next(n)) {
        line = node_check(t, n);
        for (const struct route *r = n->route; r; r = r->next)
            routes++;
        nodes++;
    }
    if (line != 0)
        return line;
    return routes == t->count && nodes <= route_table_nodes(routes) ? 0 : __LINE__;
}
