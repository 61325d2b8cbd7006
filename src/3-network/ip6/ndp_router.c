/* SPDX-License-Identifier: MIT */
/*
 * The host's side of routers (RFC 4861 6.3): solicitations until one answers, and what is made of
 * their advertisements: ways (ndp_way.c), prefixes that are on the link (RFC 5942) and prefixes for
 * addresses (slaac.c), the hop limit, the MTU, times of neighbours, servers of names.
 *
 * An interface that was told to configure itself solicits without end, ever more slowly (RFC 7559);
 * another a few times. A router (it forwards) does neither, and listens to no other router.
 *
 * Believed is less than is said: a hop limit below the least that the host accepts is not (it could
 * cut a host off from all that is further away), and no MTU that IPv6 or the link cannot have, no
 * times that would make neighbours be asked without pause (the bounds are Linux's).
 */
#include "3-network/ip6/ndp_router.h"

#include "3-network/ip6/ndp_draft.h"
#include "3-network/ip6/ndp_neighbor.h"
#include "3-network/ip6/ndp_way.h"
#include "3-network/ip6/slaac.h"
#include "3-network/route.h"
#include "base/integer.h"

enum { PREFIX_METRIC = 256 };         /* as Linux */
#define SOLICIT_DELAY SECOND          /* MAX_RTR_SOLICITATION_DELAY */
#define SOLICIT_FIRST (4 * SECOND)    /* RTR_SOLICITATION_INTERVAL, RFC 7559 IRT */
#define SOLICIT_MOST (3600 * SECOND)  /* RFC 7559 MRT */
#define REACHABLE_LEAST (SECOND / 10) /* as Linux */
#define REACHABLE_MOST_MS 3600000     /* RFC 4861 6.2.1: AdvReachableTime */
#define RETRANSMIT_LEAST (SECOND / 100)

static const struct ndp_settings *settings_of(const struct ndp *n)
{
    return &n->interface->ip->settings.ndp;
}

/* As Linux: a router listens if it is told so twice. */
static bool listens(const struct ndp *n)
{
    return settings_of(n)->accept_ra > (ndp_state_is_router(n->interface) ? 1U : 0U);
}

/* ---- soliciting ---- */

/* RFC 7559 2: RAND, a tenth to either side. */
static nanoseconds spread(struct ndp *n, nanoseconds t)
{
    uint64_t draw = ndp_state_draw(n, RANDOM_NDP_DELAY);

    return (nanoseconds)random_below(draw, (uint64_t)t / 5 + 1) - t / 10;
}

void ndp_router_solicit(struct ndp *n, nanoseconds now)
{
    if (!listens(n) || n->router_heard)
        return;
    n->solicited = 0;
    n->solicit_interval = 0;
    n->solicit_at = now + (nanoseconds)random_below(ndp_state_draw(n, RANDOM_NDP_DELAY),
                                                    (uint64_t)SOLICIT_DELAY);
}

/* RFC 4861 6.3.7; RFC 4429 3.2: an optimistic source does not name its station. */
static void solicit(struct ndp *n, nanoseconds now)
{
    const struct ndp_header h = {.type = NDP_ROUTER_SOLICITATION};
    struct address source = ndp_neighbor_source(n->interface, (struct address){0, 0});
    const struct ip_address *own = ip_address_find(n->interface, source);
    struct ndp_draft d;

    ndp_draft_begin(&d, &h);
    if (own && own->state != ADDRESS_OPTIMISTIC)
        ndp_draft_mac(n, &d, NDP_OPTION_SOURCE_MAC);
    ndp_draft_send(n, &d, source, IP6_ALL_ROUTERS, NULL, now);
}

static void solicit_due(struct ndp *n, nanoseconds now)
{
    nanoseconds last = n->solicit_interval, next;

    if (n->solicit_at > now)
        return;
    n->solicit_at = NEVER;
    if (!listens(n))
        return;
    solicit(n, now);
    n->solicited++;
    if (!n->solicits_on && n->solicited >= settings_of(n)->router_solicitations)
        return;
    next = last == 0 ? SOLICIT_FIRST + spread(n, SOLICIT_FIRST) : 2 * last + spread(n, last);
    if (next > SOLICIT_MOST)
        next = SOLICIT_MOST + spread(n, SOLICIT_MOST);
    n->solicit_interval = next;
    n->solicit_at = now + next;
}

/* ---- prefixes on the link ---- */

static struct route_plan plan_of(const struct ndp *n, const struct ndp_prefix *prefix)
{
    return (struct route_plan){.dest = prefix->prefix,
                               .bits = prefix->bits,
                               .metric = PREFIX_METRIC,
                               .interface = (uint16_t)n->interface->number,
                               .preference = ROUTE_MEDIUM,
                               .origin = ORIGIN_RA,
                               .expires = prefix->until};
}

/* A network of an address of ours is in the table already, and needs nobody to say so. */
static void prefix_publish(const struct ndp *n, const struct ndp_prefix *prefix, nanoseconds now)
{
    const struct route_plan plan = plan_of(n, prefix);
    struct ip *ip = n->interface->ip;
    const struct route *r = route_table_same(&ip->routes, &plan);

    if (!r || r->origin == ORIGIN_RA)
        (void)route_put(ip, &plan, now);
}

static void prefix_drop(struct ndp *n, uint32_t k, nanoseconds now)
{
    struct ndp_prefix *prefix = &n->prefix[k];
    const struct route_plan plan = plan_of(n, prefix);
    struct ip *ip = n->interface->ip;
    struct route *r = route_table_same(&ip->routes, &plan);

    if (r && r->origin == ORIGIN_RA)
        route_drop(ip, r, prefix->until <= now ? CHANGE_EXPIRED : CHANGE_REMOVED, now);
    n->prefix_count--;
    memmove(prefix, prefix + 1, (n->prefix_count - k) * sizeof *prefix);
    memset(&n->prefix[n->prefix_count], 0, sizeof *prefix);
}

static nanoseconds end_of(uint32_t lifetime_s, nanoseconds now)
{
    return lifetime_s == UINT32_MAX ? NEVER : now + lifetime_s * SECOND;
}

/* Is it a prefix of addresses that routers of IPv6 may speak of? Those of one link are on the link
 * as they are, groups are nobody's, and mapped ones are IPv4's, whose routes stand in the same
 * table. */
static bool is_tellable(const struct ndp_option *o)
{
    return !ip6_is_link_local(o->prefix) && !address_is_multicast(o->prefix) &&
           !address_is_mapped(o->prefix);
}

/* RFC 4861 6.3.4: the Prefix List. */
static void prefix_on_link(struct ndp *n, const struct ndp_option *o, nanoseconds now)
{
    uint32_t k = 0;

    if (!is_tellable(o))
        return;
    while (k < n->prefix_count && (n->prefix[k].bits != o->prefix_length ||
                                   !address_equal(n->prefix[k].prefix, o->prefix)))
        k++;
    if (o->lifetime_s == 0) {
        if (k < n->prefix_count)
            prefix_drop(n, k, now);
        return;
    }
    if (k == NDP_PREFIXES)
        return;
    if (k == n->prefix_count) {
        n->prefix_count++;
        n->prefix[k].prefix = o->prefix;
        n->prefix[k].bits = o->prefix_length;
        n->prefix[k].since = now;
    }
    n->prefix[k].until = end_of(o->lifetime_s, now);
    prefix_publish(n, &n->prefix[k], now);
}

void ndp_router_publish(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->prefix_count; k++)
        prefix_publish(n, &n->prefix[k], now);
    ndp_way_publish(n, now);
}

void ndp_router_forget(struct ndp *n, nanoseconds now)
{
    while (n->prefix_count)
        prefix_drop(n, n->prefix_count - 1, now);
    ndp_way_forget_all(n, now);
    memset(n->server, 0, sizeof n->server);
    n->server_count = 0;
    n->router_heard = 0;
    n->solicit_at = NEVER;
    n->retransmit = n->reachable = 0;
    link_times_set(n->interface->link, &n->interface->link_upper6, 0, 0);
}

/* ---- servers of names (RFC 8106) ---- */

static void server_learn(struct ndp *n, struct address a, nanoseconds until, nanoseconds now)
{
    uint32_t k = 0;

    while (k < n->server_count && !address_equal(n->server[k].address, a))
        k++;
    if (until <= now && k < n->server_count) {
        n->server_count--;
        memmove(&n->server[k], &n->server[k + 1], (n->server_count - k) * sizeof n->server[0]);
        memset(&n->server[n->server_count], 0, sizeof n->server[0]);
        return;
    }
    if (until <= now || k == NDP_SERVERS)
        return;
    if (k == n->server_count) {
        n->server[k].address = a;
        n->server[k].since = now;
        n->server_count++;
    }
    n->server[k].until = until;
}

/* RFC 8106 5.1 */
static void servers_learn(struct ndp *n, const struct ndp_option *o, nanoseconds now)
{
    struct reader r = reader_of(o->bytes, o->length);

    while (reader_left(&r) > 0) {
        struct address a;

        a.high = read_u64(&r);
        a.low = read_u64(&r);
        if (!address_is_multicast(a) && !address_is_unspecified(a))
            server_learn(n, a, end_of(o->lifetime_s, now), now);
    }
}

static void servers_due(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->server_count;) {
        if (n->server[k].until <= now)
            server_learn(n, n->server[k].address, now, now);
        else
            k++;
    }
}

/* ---- advertisements ---- */

/* RFC 4861 6.3.4: an unspecified value changes nothing. */
static void times_learn(struct ndp *n, const struct ndp_header *h)
{
    struct ip_interface *i = n->interface;

    if (h->reachable_ms > 0 && h->reachable_ms <= REACHABLE_MOST_MS)
        n->reachable = time_later(h->reachable_ms * MILLISECOND, REACHABLE_LEAST);
    if (h->retransmit_ms > 0 && h->retransmit_ms <= REACHABLE_MOST_MS)
        n->retransmit = time_later(h->retransmit_ms * MILLISECOND, RETRANSMIT_LEAST);
    link_times_set(i->link, &i->link_upper6, n->reachable, n->retransmit);
    if (h->hop_limit > 0 && h->hop_limit >= settings_of(n)->accept_ra_min_hop_limit)
        i->hop_limit = h->hop_limit;
}

/* RFC 4861 6.3.4, RFC 4191 3.1: a router to all, as long as it says. */
static void default_learn(struct ndp *n, struct address router, uint32_t lifetime_s,
                          int8_t preference, nanoseconds now)
{
    const struct ndp_way way = {
        .router = router, .until = end_of(lifetime_s, now), .preference = preference};

    ndp_way_learn(n, &way, now);
}

/* RFC 4191 2.3, 3.1: a route of reserved preference is ignored; one of no bits is as a default
 * router. */
static void route_learn(struct ndp *n, struct address router, const struct ndp_option *o,
                        nanoseconds now)
{
    const struct ndp_way way = {.dest = o->prefix,
                                .router = router,
                                .until = end_of(o->lifetime_s, now),
                                .bits = o->prefix_length,
                                .preference = o->preference};

    if (!o->reserved_preference && is_tellable(o))
        ndp_way_learn(n, &way, now);
}

static void mtu_learn(struct ndp *n, uint32_t mtu)
{
    struct ip_interface *i = n->interface;

    if (mtu < IP6_MTU_LEAST || mtu > link_mtu(i->link) || mtu == i->told_mtu)
        return;
    i->told_mtu = mtu;
    i->ip->generation++;
}

static void option_learn(struct ndp *n, struct address router, const struct ndp_option *o,
                         nanoseconds now)
{
    switch (o->type) {
    case NDP_OPTION_PREFIX:
        if (o->on_link)
            prefix_on_link(n, o, now);
        if (o->autonomous)
            slaac_advertised(n, o, now);
        break;
    case NDP_OPTION_ROUTE:
        route_learn(n, router, o, now);
        break;
    case NDP_OPTION_MTU:
        mtu_learn(n, o->mtu);
        break;
    case NDP_OPTION_SERVERS:
        servers_learn(n, o, now);
        break;
    case NDP_OPTION_SEARCH:
    case NDP_OPTION_SOURCE_MAC:
    case NDP_OPTION_TARGET_MAC:
    case NDP_OPTION_REDIRECTED:
    case NDP_OPTION_NONCE:
        break;
    }
}

/* RFC 4861 6.3.4, in its order. Several routers may say different things: the last one counts. */
void ndp_router_advertised(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                           struct reader r, nanoseconds now)
{
    struct ndp_option o;

    if (!listens(n) || ip_is_own(n->interface->ip, meta->source))
        return;
    times_learn(n, h);
    (void)ndp_neighbor_hear(n, meta->source, r, NDP_OPTION_SOURCE_MAC, true, now);
    default_learn(n, meta->source, h->lifetime_s, h->preference, now);
    while (ndp_message_option_read(&r, &o))
        option_learn(n, meta->source, &o, now);
    if (h->lifetime_s > 0) { /* RFC 7559 2.1 */
        n->router_heard = 1;
        n->solicit_at = NEVER;
    }
}

/* ---- time ---- */

nanoseconds ndp_router_deadline(const struct ndp *n)
{
    nanoseconds first = time_earlier(n->solicit_at, ndp_way_deadline(n));

    for (uint32_t k = 0; k < n->prefix_count; k++)
        first = time_earlier(first, n->prefix[k].until);
    for (uint32_t k = 0; k < n->server_count; k++)
        first = time_earlier(first, n->server[k].until);
    return first;
}

void ndp_router_due(struct ndp *n, nanoseconds now)
{
    solicit_due(n, now);
    ndp_way_due(n, now);
    servers_due(n, now);
    for (uint32_t k = 0; k < n->prefix_count;) {
        if (n->prefix[k].until <= now)
            prefix_drop(n, k, now);
        else
            k++;
    }
}
