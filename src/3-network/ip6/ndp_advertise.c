/* SPDX-License-Identifier: MIT */
/*
 * The router's side (RFC 4861 6.2): what an interface was told to advertise, to all nodes of its
 * link, at times between two bounds that chance picks, a little sooner at first (6.2.4), and when
 * somebody asks, after a moment of chance, but not within three seconds of the last one (6.2.6).
 *
 * It is said by the link-local address (6.1.2), and so not before that is certain. The prefixes are
 * those of the interface's own addresses, unless others were given. A host, which does not forward,
 * may advertise too: with a lifetime of 0, that is, as no router. The end is told by such a one
 * (6.2.5).
 */
#include "3-network/ip6/ndp_advertise.h"

#include "3-network/ip6/ndp_draft.h"
#include "3-network/ip6/ndp_neighbor.h"
#include "base/integer.h"

enum {
    INITIAL = 3, /* MAX_INITIAL_RTR_ADVERTISEMENTS */
    HOP_LIMIT_SAID = 64
};
#define INITIAL_INTERVAL (16 * SECOND)   /* MAX_INITIAL_RTR_ADVERT_INTERVAL */
#define ANSWER_DELAY (500 * MILLISECOND) /* MAX_RA_DELAY_TIME */
#define BETWEEN (3 * SECOND)             /* MIN_DELAY_BETWEEN_RAS */

static nanoseconds chance(struct ndp *n, nanoseconds most)
{
    return (nanoseconds)random_below(ndp_state_draw(n, RANDOM_NDP_DELAY), (uint64_t)most + 1);
}

/* RFC 4861 6.2.4: uniformly between the bounds. */
static nanoseconds interval(struct ndp *n)
{
    const struct ip_advertise_plan *plan = &n->advertise.plan;
    nanoseconds least_time = plan->least_interval_s * SECOND;

    return least_time + chance(n, plan->most_interval_s * SECOND - least_time);
}

/* The address that it is said by: certain, of this link. */
static bool source_of(const struct ndp *n, struct address *source)
{
    *source = ndp_neighbor_source(n->interface, (struct address){0, 0});
    return ip6_is_link_local(*source);
}

static void put_prefix(struct ndp_draft *d, const struct ip_advertise_plan *plan,
                       struct address prefix, uint8_t length)
{
    const struct ndp_option o = {.type = NDP_OPTION_PREFIX,
                                 .prefix = address_masked(prefix, length),
                                 .prefix_length = length,
                                 .on_link = true,
                                 .autonomous = !plan->not_autonomous,
                                 .lifetime_s = plan->valid_s,
                                 .preferred_s = plan->preferred_s};

    ndp_message_option_write(&d->w, &o);
}

/* Is it of the same network as one before it? */
static bool is_said(const struct ip_interface *i, uint32_t k)
{
    for (uint32_t before = 0; before < k; before++)
        if (i->address[before].bits == i->address[k].bits &&
            address_matches(i->address[before].address, i->address[k].address, i->address[k].bits))
            return true;
    return false;
}

/* RFC 4861 6.2.3: the prefixes of the interface, but for that of link-local addresses. */
static void put_own_prefixes(const struct ndp *n, struct ndp_draft *d)
{
    const struct ip_interface *i = n->interface;

    for (uint32_t k = 0; k < i->address_count; k++) {
        const struct ip_address *own = &i->address[k];

        if (!address_is_mapped(own->address) && !ip6_is_link_local(own->address) &&
            own->origin == ORIGIN_CONFIGURED && !is_said(i, k))
            put_prefix(d, &n->advertise.plan, own->address, (uint8_t)own->bits);
    }
}

/* RFC 8106 5.1 */
static void put_servers(struct ndp_draft *d, const struct ip_advertise_plan *plan)
{
    uint8_t bytes[16 * IP_ADVERTISE_SERVERS];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct ndp_option o = {.type = NDP_OPTION_SERVERS,
                           .bytes = bytes,
                           .length = 16 * plan->server_count,
                           .lifetime_s = 3 * plan->most_interval_s};

    if (plan->server_count == 0)
        return;
    for (uint32_t k = 0; k < plan->server_count; k++) {
        write_u64(&w, plan->server[k].high);
        write_u64(&w, plan->server[k].low);
    }
    ndp_message_option_write(&d->w, &o);
}

/* RFC 4861 6.2.3 */
static void advertise(struct ndp *n, struct address source, nanoseconds now)
{
    const struct ip_advertise_plan *plan = &n->advertise.plan;
    bool router = ndp_state_is_router(n->interface) && !plan->off;
    uint16_t lifetime = router ? plan->lifetime_s : 0; /* RFC 4191 2.2: 0 has no preference */
    const struct ndp_header h = {.type = NDP_ROUTER_ADVERTISEMENT,
                                 .hop_limit = HOP_LIMIT_SAID,
                                 .managed = plan->managed,
                                 .other = plan->other,
                                 .preference = lifetime ? plan->preference : NDP_PREFER_MEDIUM,
                                 .lifetime_s = lifetime,
                                 .reachable_ms = plan->reachable_ms,
                                 .retransmit_ms = plan->retransmit_ms};
    struct ndp_option mtu = {.type = NDP_OPTION_MTU, .mtu = plan->mtu};
    struct ndp_draft d;

    ndp_draft_begin(&d, &h);
    ndp_draft_mac(n, &d, NDP_OPTION_SOURCE_MAC);
    if (plan->mtu)
        ndp_message_option_write(&d.w, &mtu);
    for (uint32_t k = 0; k < plan->prefix_count; k++)
        put_prefix(&d, plan, plan->prefix[k].address, (uint8_t)plan->prefix[k].length);
    if (plan->prefix_count == 0)
        put_own_prefixes(n, &d);
    put_servers(&d, plan);
    ndp_draft_send(n, &d, source, IP6_ALL_NODES, NULL, now);
}

void ndp_advertise_set(struct ndp *n, const struct ip_advertise_plan *plan, nanoseconds now)
{
    struct ndp_advertise *a = &n->advertise;

    if (plan->off && !a->on)
        return;
    a->on = 1;
    memcpy(&a->plan, plan, sizeof a->plan);
    a->sent = 0;
    a->next = now;
}

/* RFC 4861 6.2.6. What is due sooner anyway, answers. */
void ndp_advertise_solicited(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                             struct reader r, nanoseconds now)
{
    struct ndp_advertise *a = &n->advertise;
    nanoseconds at = now + chance(n, ANSWER_DELAY);

    (void)h;
    if (!a->on)
        return;
    if (!address_is_unspecified(meta->source))
        (void)ndp_neighbor_hear(n, meta->source, r, NDP_OPTION_SOURCE_MAC, false, now);
    if (a->sent > 0 && at < a->last + BETWEEN)
        at = a->last + BETWEEN + chance(n, ANSWER_DELAY);
    a->next = time_earlier(a->next, at);
}

nanoseconds ndp_advertise_deadline(const struct ndp *n)
{
    struct address source;

    return n->advertise.on && source_of(n, &source) ? n->advertise.next : NEVER;
}

void ndp_advertise_due(struct ndp *n, nanoseconds now)
{
    struct ndp_advertise *a = &n->advertise;
    struct address source;
    nanoseconds next;

    if (!a->on || a->next > now || !source_of(n, &source))
        return;
    advertise(n, source, now);
    if (a->plan.off) {
        memset(a, 0, sizeof *a);
        return;
    }
    next = interval(n);
    a->last = now;
    a->sent++;
    a->next = now + (a->sent < INITIAL ? time_earlier(next, INITIAL_INTERVAL) : next);
}
