/* SPDX-License-Identifier: MIT */
/* Theory in ndp_way.h. */
#include "3-network/ip6/ndp_way.h"

#include "3-network/route.h"

enum {
    REDIRECTS_MOST = NDP_WAYS / 2, /* so that routers have room */
    METRIC = 1024                  /* as Linux */
};

static struct route_plan plan_of(const struct ndp *n, const struct ndp_way *way)
{
    return (struct route_plan){.dest = way->dest,
                               .gateway = way->router,
                               .bits = way->bits,
                               .metric = METRIC,
                               .interface = (uint16_t)n->interface->number,
                               .preference = ROUTE_MEDIUM,
                               .origin = way->redirected ? ORIGIN_REDIRECT : ORIGIN_RA,
                               .expires = way->until};
}

static bool is_same_dest(const struct ndp_way *a, const struct ndp_way *b)
{
    return a->bits == b->bits && address_equal(a->dest, b->dest);
}

/* RFC 4861 6.3.6, RFC 4191 3.2. `a` stands before b in the list. */
static bool is_better(const struct ndp_way *a, const struct ndp_way *b)
{
    if (a->failed_at != b->failed_at)
        return a->failed_at < b->failed_at;
    return a->preference >= b->preference;
}

static bool is_best(const struct ndp *n, uint32_t k)
{
    const struct ndp_way *way = &n->way[k];

    if (way->failed_at && way->bits > 0)
        return false;
    for (uint32_t other = 0; other < n->way_count; other++) {
        if (other == k || !is_same_dest(&n->way[other], way))
            continue;
        if (other < k ? is_better(&n->way[other], way) : !is_better(way, &n->way[other]))
            return false;
    }
    return true;
}

/* Out of the table, if it is there and we put it there. */
static void take_out(const struct ndp *n, const struct ndp_way *way, enum change change,
                     nanoseconds now)
{
    const struct route_plan plan = plan_of(n, way);
    struct ip *ip = n->interface->ip;
    struct route *r = route_table_same(&ip->routes, &plan);

    if (r && r->origin == plan.origin)
        route_drop(ip, r, change, now);
}

/* What was configured by the same way stays as it is. */
static void put_in(const struct ndp *n, const struct ndp_way *way, nanoseconds now)
{
    const struct route_plan plan = plan_of(n, way);
    struct ip *ip = n->interface->ip;
    const struct route *r = route_table_same(&ip->routes, &plan);

    if (!r || r->origin == plan.origin)
        (void)route_put(ip, &plan, now);
}

void ndp_way_publish(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->way_count; k++)
        if (!is_best(n, k))
            take_out(n, &n->way[k], CHANGE_REMOVED, now);
    for (uint32_t k = 0; k < n->way_count; k++)
        if (is_best(n, k))
            put_in(n, &n->way[k], now);
}

static void drop(struct ndp *n, uint32_t k, nanoseconds now)
{
    struct ndp_way *way = &n->way[k];

    take_out(n, way, way->until <= now ? CHANGE_EXPIRED : CHANGE_REMOVED, now);
    n->way_count--;
    memmove(way, way + 1, (n->way_count - k) * sizeof *way);
    memset(&n->way[n->way_count], 0, sizeof *way);
}

/* A redirect makes place for a later one, which says what is true now. */
static bool make_room(struct ndp *n, const struct ndp_way *heard, nanoseconds now)
{
    uint32_t redirects = 0, oldest = NDP_WAYS;

    for (uint32_t k = 0; k < n->way_count; k++) {
        redirects += n->way[k].redirected;
        if (n->way[k].redirected && oldest == NDP_WAYS)
            oldest = k;
    }
    if (heard->redirected && redirects == REDIRECTS_MOST)
        drop(n, oldest, now);
    return n->way_count < NDP_WAYS;
}

/* To one destination there is one redirect, and of each router one way. */
static uint32_t find(const struct ndp *n, const struct ndp_way *heard)
{
    for (uint32_t k = 0; k < n->way_count; k++)
        if (is_same_dest(&n->way[k], heard) && n->way[k].redirected == heard->redirected &&
            (heard->redirected || address_equal(n->way[k].router, heard->router)))
            return k;
    return NDP_WAYS;
}

void ndp_way_learn(struct ndp *n, const struct ndp_way *heard, nanoseconds now)
{
    uint32_t k = find(n, heard);
    struct ndp_way *way;

    if (heard->until <= now) {
        if (k < NDP_WAYS)
            drop(n, k, now);
        ndp_way_publish(n, now);
        return;
    }
    if (k < NDP_WAYS && !address_equal(n->way[k].router, heard->router)) {
        drop(n, k, now);
        k = NDP_WAYS;
    }
    if (k == NDP_WAYS) {
        if (!make_room(n, heard, now))
            return;
        k = n->way_count++;
        way = &n->way[k];
        way->dest = heard->dest;
        way->router = heard->router;
        way->bits = heard->bits;
        way->redirected = heard->redirected;
        way->since = now;
    }
    way = &n->way[k];
    way->until = heard->until;
    way->preference = heard->preference;
    way->failed_at = 0;
    ndp_way_publish(n, now);
}

void ndp_way_forget(struct ndp *n, struct address router, nanoseconds now)
{
    for (uint32_t k = 0; k < n->way_count;) {
        if (address_equal(n->way[k].router, router))
            drop(n, k, now);
        else
            k++;
    }
    ndp_way_publish(n, now);
}

void ndp_way_forget_all(struct ndp *n, nanoseconds now)
{
    while (n->way_count)
        drop(n, n->way_count - 1, now);
}

/* RFC 4861 7.3.3: another router is chosen; what a redirect said is forgotten (8.3). */
void ndp_way_failed(struct ndp *n, struct address target, nanoseconds now)
{
    for (uint32_t k = 0; k < n->way_count;) {
        struct ndp_way *way = &n->way[k];
        struct address hop = address_is_unspecified(way->router) ? way->dest : way->router;

        if (!address_equal(hop, target)) {
            k++;
        } else if (way->redirected) {
            drop(n, k, now);
        } else {
            way->failed_at = now;
            k++;
        }
    }
    ndp_way_publish(n, now);
}

void ndp_way_heard(struct ndp *n, struct address router, nanoseconds now)
{
    bool changed = false;

    for (uint32_t k = 0; k < n->way_count; k++) {
        if (!address_equal(n->way[k].router, router) || !n->way[k].failed_at)
            continue;
        n->way[k].failed_at = 0;
        changed = true;
    }
    if (changed)
        ndp_way_publish(n, now);
}

nanoseconds ndp_way_deadline(const struct ndp *n)
{
    nanoseconds first = NEVER;

    for (uint32_t k = 0; k < n->way_count; k++)
        first = time_earlier(first, n->way[k].until);
    return first;
}

void ndp_way_due(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->way_count;) {
        if (n->way[k].until <= now)
            drop(n, k, now);
        else
            k++;
    }
    ndp_way_publish(n, now);
}
