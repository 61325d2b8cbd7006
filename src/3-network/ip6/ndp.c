/* SPDX-License-Identifier: MIT */
/*
 * What comes in, and to whom it goes: the checks that all messages have in common (RFC 4861 6.1,
 * 7.1, 8.1), each kind's own, then its file. A message that was in fragments is ignored (RFC 6980
 * 5). What fails is silently discarded, as a drop with a reason.
 *
 * The one timer of an interface is the earliest of what its parts wait for; each tells its deadline
 * as a value, and it is set again at the end of everything that can have changed one.
 */
#include "3-network/ip6/ndp_state.h"

#include <errno.h>

#include "3-network/ip6/ndp_advertise.h"
#include "3-network/ip6/ndp_dad.h"
#include "3-network/ip6/ndp_neighbor.h"
#include "3-network/ip6/ndp_redirect.h"
#include "3-network/ip6/ndp_router.h"
#include "3-network/ip6/ndp_way.h"
#include "3-network/ip6/slaac.h"
#include "3-network/ip_timer.h"
#include "base/pool.h"

uint32_t ndp_bytes(void)
{
    return sizeof(struct ndp);
}

/* ---- the timer ---- */

static nanoseconds deadline(const struct ndp *n)
{
    nanoseconds first = time_earlier(ndp_dad_deadline(n), slaac_deadline(n));

    first = time_earlier(first, ndp_advertise_deadline(n));
    return time_earlier(first, ndp_router_deadline(n));
}

static void settle(struct ndp *n, nanoseconds now)
{
    struct timers *timers = n->interface->ip->means->timers;
    nanoseconds first = deadline(n);

    ip_timer_rearm(n->interface->ip); /* routes that end */
    if (first == NEVER || n->interface->is_resting)
        timer_clear(timers, &n->timer);
    else if (!timer_is_set(&n->timer) || n->timer.deadline != first)
        timer_set(timers, &n->timer, time_later(first, now)); /* what is due already: at once */
}

void ndp_timer(struct timer *timer, nanoseconds now)
{
    struct ndp *n = container_of(timer, struct ndp, timer);

    ndp_dad_due(n, now);
    slaac_due(n, now);
    ndp_router_due(n, now);
    ndp_advertise_due(n, now);
    settle(n, now);
}

/* ---- life ---- */

static int open(struct ip_interface *i, nanoseconds now)
{
    int result = i->ndp ? 0 : ip6_start(i);
    struct ndp *n;

    if (i->ndp || result < 0)
        return result;
    n = pool_get(i->ip->ndp_pool);
    if (!n)
        return -ENOMEM;
    n->interface = i;
    n->solicit_at = NEVER;
    n->timer.node = i->ip->means->node;
    n->timer.source = NDP_TIMER_SOURCE;
    n->timer.serial = i->number;
    n->timer.code = i->ip->ndp_timer_code;
    i->ndp = n;
    slaac_link_local(n, 0, now);
    ndp_router_solicit(n, now);
    return 0;
}

/* RFC 4862 5.4: each address of ours, however it came to be, is asked for before it is used. */
int ndp_address_added(struct ip_interface *i, uint32_t k, nanoseconds now)
{
    struct address a = i->address[k].address;
    int result;

    i->address[k].state = ADDRESS_NONE; /* until it is asked for */
    result = open(i, now);
    if (result < 0)
        return result;
    ndp_dad_begin(i->ndp, a, now);
    settle(i->ndp, now);
    return 0;
}

void ndp_address_removed(struct ip_interface *i, const struct ip_address *gone, nanoseconds now)
{
    if (!i->ndp)
        return;
    ndp_state_tell(i->ndp, gone, gone->state, ADDRESS_NONE, now);
    ndp_dad_end(i->ndp, gone->address);
    ndp_router_publish(i->ndp, now);
    settle(i->ndp, now);
}

int ndp_configure(struct ip_interface *i, nanoseconds now)
{
    int result = open(i, now);

    if (result < 0)
        return result;
    i->ndp->solicits_on = 1;
    ndp_router_solicit(i->ndp, now);
    settle(i->ndp, now);
    return 0;
}

/* RFC 4861 6.2.2: where a router advertises it is of the group of all routers, and says so (a
 * switch may ask): else nobody's questions would come. */
static void be_of_all_routers(struct ip_interface *i, bool is_one, nanoseconds now)
{
    const struct ip_group_wish wish = {.group = IP6_ALL_ROUTERS,
                                       .interface = (uint16_t)(i->number + 1),
                                       .filter = is_one ? IP_GROUP_EXCLUDE : IP_GROUP_INCLUDE};

    if (is_one)
        (void)ip_group_join(i->ip, &i->members, &wish, now);
    else
        (void)ip_group_change(i->ip, &i->members, &wish, now);
}

int ndp_advertise(struct ip_interface *i, const struct ip_advertise_plan *plan, nanoseconds now)
{
    int result = open(i, now);

    if (result < 0)
        return result;
    ndp_advertise_set(i->ndp, plan, now);
    be_of_all_routers(i, !plan->off && ndp_state_is_router(i), now);
    settle(i->ndp, now);
    return 0;
}

void ndp_rest(struct ip_interface *i, nanoseconds now)
{
    struct ndp *n = i->ndp;

    i->told_mtu = 0;
    i->hop_limit = 0;
    if (!n)
        return;
    ndp_router_forget(n, now);
    for (uint32_t k = i->address_count; k-- > 0;)
        if (!address_is_mapped(i->address[k].address))
            (void)ip_address_remove(i->ip, i->number, i->address[k].address, now);
    timer_clear(i->ip->means->timers, &n->timer);
}

void ndp_wake(struct ip_interface *i, nanoseconds now)
{
    if (!i->ndp)
        return;
    slaac_link_local(i->ndp, 0, now);
    ndp_router_solicit(i->ndp, now);
    settle(i->ndp, now);
}

void ndp_prolonged(struct ip_interface *i, struct ip_address *own, nanoseconds now)
{
    if (!i->ndp)
        return;
    if (own->state == ADDRESS_DEPRECATED && own->preferred_until > now)
        ndp_state_address(i->ndp, own, ADDRESS_PREFERRED, now);
    settle(i->ndp, now);
}

/* ---- what layer 2 wants ---- */

void ndp_ask(struct link_upper *upper, struct address target, const struct packet *waiting,
             const struct mac *whom, nanoseconds now)
{
    const struct ip_interface *i = container_of(upper, struct ip_interface, link_upper6);

    if (i->ndp)
        ndp_neighbor_ask(i->ndp, target, waiting, whom, now);
}

void ndp_failed(struct link_upper *upper, struct address target, nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper6);

    if (!i->ndp)
        return;
    ndp_way_failed(i->ndp, target, now);
    settle(i->ndp, now);
}

/* ---- what comes in ---- */

struct ndp_kind {
    void (*receive)(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                    struct reader r, nanoseconds now);
    /* Or: @return false: it changed nothing that the parts wait for */
    bool (*hear)(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                 struct reader r, nanoseconds now);
    bool (*is_valid)(const struct ip_meta *meta, const struct ndp_header *h);
};

/* RFC 4861 6.1.1 */
static bool router_solicitation_is_valid(const struct ip_meta *meta, const struct ndp_header *h)
{
    return !address_is_unspecified(meta->source) || !h->names_source;
}

/* RFC 4861 6.1.2 */
static bool router_advertisement_is_valid(const struct ip_meta *meta, const struct ndp_header *h)
{
    (void)h;
    return ip6_is_link_local(meta->source);
}

/* What neighbours may speak of: one station, and not by an address of IPv4, which ARP alone tells
 * of. */
static bool is_spoken_of(struct address a)
{
    return !address_is_multicast(a) && !address_is_mapped(a);
}

/* RFC 4861 7.1.1 */
static bool solicitation_is_valid(const struct ip_meta *meta, const struct ndp_header *h)
{
    if (!is_spoken_of(h->target))
        return false;
    return !address_is_unspecified(meta->source) ||
           (ip6_is_solicited_node(meta->dest) && !h->names_source);
}

/* RFC 4861 7.1.2 */
static bool advertisement_is_valid(const struct ip_meta *meta, const struct ndp_header *h)
{
    return is_spoken_of(h->target) && !(address_is_multicast(meta->dest) && h->solicited);
}

/* RFC 4861 8.1, but for who the first hop is. */
static bool redirect_is_valid(const struct ip_meta *meta, const struct ndp_header *h)
{
    return ip6_is_link_local(meta->source) && is_spoken_of(h->dest) &&
           (ip6_is_link_local(h->target) || address_equal(h->target, h->dest));
}

static const struct ndp_kind kinds[] = {
    [NDP_ROUTER_SOLICITATION - NDP_ROUTER_SOLICITATION] = {ndp_advertise_solicited, NULL,
                                                           router_solicitation_is_valid},
    [NDP_ROUTER_ADVERTISEMENT -
        NDP_ROUTER_SOLICITATION] = {ndp_router_advertised, NULL, router_advertisement_is_valid},
    [NDP_NEIGHBOR_SOLICITATION -
        NDP_ROUTER_SOLICITATION] = {NULL, ndp_neighbor_solicited, solicitation_is_valid},
    [NDP_NEIGHBOR_ADVERTISEMENT -
        NDP_ROUTER_SOLICITATION] = {NULL, ndp_neighbor_advertised, advertisement_is_valid},
    [NDP_REDIRECT - NDP_ROUTER_SOLICITATION] = {ndp_redirect_received, NULL, redirect_is_valid},
};

/* RFC 4861 7.1 and its like: the checks, in their order. Afterwards the timer, once. */
void ndp_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct ndp *n =
        meta->interface < ip->interface_count ? ip->interface[meta->interface]->ndp : NULL;
    struct reader r = reader_of(packet_data(p), packet_length(p));
    const struct ndp_kind *kind;
    struct ndp_header h;
    bool valid = ndp_message_read(&r, &h) && meta->hop_limit == NDP_HOP_LIMIT && !meta->fragmented;

    if (valid && n) {
        kind = &kinds[h.type - NDP_ROUTER_SOLICITATION];
        valid = kind->is_valid(meta, &h);
        if (valid && kind->receive)
            kind->receive(n, meta, &h, r, now);
        if (valid && (kind->receive || kind->hear(n, meta, &h, r, now)))
            settle(n, now);
    }
    if (!valid || !n)
        event_drop(&ip->means->voice, now, valid ? DROP_ICMP_IGNORED : DROP_ICMP_HEADER, p);
    packet_put(p);
}

static int interface_check(const struct ndp *n)
{
    if (n->dad_count > IP_ADDRESSES || n->way_count > NDP_WAYS || n->prefix_count > NDP_PREFIXES ||
        n->server_count > NDP_SERVERS)
        return __LINE__;
    if (timer_is_set(&n->timer) != (deadline(n) != NEVER && !n->interface->is_resting))
        return __LINE__;
    for (uint32_t k = 0; k < n->dad_count; k++)
        if (!ip_address_find(n->interface, n->dad[k].address))
            return __LINE__;
    return 0;
}

int ndp_check(const struct ip *ip)
{
    int line = 0;

    for (uint32_t k = 0; line == 0 && k < ip->interface_count; k++)
        if (ip->interface[k]->ndp)
            line = interface_check(ip->interface[k]->ndp);
    return line;
}
