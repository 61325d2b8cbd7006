/* SPDX-License-Identifier: MIT */
/*
 * The service of layer 3, as far as it is about this host itself: its interfaces, addresses
 * (RFC 1122 3.2.1.3), users, settings, what its one timer brings and its invariants. Finding a path
 * is in route.c. What depends on the family of an address is asked of its row (ip_family.h); what
 * comes up goes from the link to the family's own files (ip4/ip4_receive.c), and from there to the
 * users by ip_upper.c.
 */
#include "3-network/ip_state.h"

#include <errno.h>
#include <string.h>

#include "3-network/forward_translate.h"
#include "3-network/fragment.h"
#include "3-network/icmp_rate.h"
#include "3-network/ip_family.h"
#include "3-network/ip_group.h"
#include "3-network/ip_timer.h"
#include "3-network/multicast.h"
#include "3-network/path_mtu.h"
#include "3-network/route.h"
#include "3-network/translate.h"
#include "base/integer.h"
#include "base/pool.h"

enum { TIMER_SOURCE = 2 };

static void settings_init(struct ip_settings *s)
{
    s->default_ttl = 64;
    s->icmp_ratelimit_ms = 1000;
    s->icmp_msgs_per_sec = 1000;
    s->fragment_time_ms[IP_FAMILY_4] = 30000;
    s->fragment_time_ms[IP_FAMILY_6] = 60000;
    s->path_mtu_expires_ms = 600000;
    s->path_mtu_least = 552;
    s->send_redirects = s->accept_redirects = 1;
    s->hop_limit = 64;
    s->auto_flowlabels = 1;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        s->fragment_high_bytes[k] = 4 << 20;
    s->ndp.dad_transmits = 1;
    s->ndp.optimistic_dad = 1;
    s->ndp.accept_ra = 1;
    s->ndp.accept_ra_min_hop_limit = 64;
    s->ndp.autoconf = 1;
    s->ndp.accept_redirects = 1;
    s->ndp.router_solicitations = 3;
    s->ndp.temp_valid_s = 172800;
    s->ndp.temp_preferred_s = 86400;
}

int ip_init(struct ip *ip, struct means *means, const struct ip_plan *plan)
{
    ip->means = means;
    ip->generation = 1;
    ip->timer.node = means->node;
    ip->timer.source = TIMER_SOURCE;
    ip->timer.code = plan->timer_code;
    ip->ndp_pool = plan->ndp_pool;
    ip->ndp_timer_code = plan->ndp_timer_code;
    settings_init(&ip->settings);
    route_table_init(&ip->routes, plan->route_pool, plan->route_node_pool, plan->route_limit);
    ip->fragments_pool = plan->fragments_pool;
    ip->icmp = pool_get(plan->icmp_pool);
    ip->multicast_pool = plan->multicast_pool;
    ip->group_pool = plan->group_pool;
    ip->member_pool = plan->member_pool;
    if (!ip->icmp)
        return -ENOMEM;
    icmp_rate_init(ip);
    return 0;
}

void ip_attach(struct ip *ip, struct ip_upper *upper, uint32_t code)
{
    uint32_t free = 0;

    ensure(code < ip_upper_code_count);
    while (free < IP_UPPERS && ip->upper[free])
        free++;
    ensure(free < IP_UPPERS);
    upper->code = code;
    ip->upper[free] = upper;
}

void ip_watch(struct ip *ip, struct ip_upper *watcher)
{
    ip->watcher = watcher;
}

void ip_interface_add(struct ip *ip, struct ip_interface *interface, struct link *link,
                      uint32_t ip4_code, uint32_t ip6_code)
{
    ensure(ip->interface_count < IP_INTERFACES);
    interface->ip = ip;
    interface->number = ip->interface_count;
    interface->link = link;
    interface->ip6_code = ip6_code;
    link_attach(link, &interface->link_upper, ip4_code);
    ip->interface[ip->interface_count++] = interface;
    ip->generation++;
}

/* A prefix of a family's addresses as bits of the 128; false: too long, or of no family. */
static bool bits_of(const struct ip_family *family, uint32_t prefix, uint32_t *bits)
{
    if (!family || prefix > 128 - family->network_bits)
        return false;
    *bits = family->network_bits + prefix;
    return true;
}

struct ip_address *ip_address_find(struct ip_interface *i, struct address a)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (address_equal(i->address[k].address, a))
            return &i->address[k];
    return NULL;
}

static bool has_network(const struct ip_interface *i, struct address a, uint32_t bits)
{
    for (uint32_t k = 0; k < i->address_count; k++)
        if (i->address[k].bits == bits && address_matches(i->address[k].address, a, bits))
            return true;
    return false;
}

static void address_fill(struct ip_address *own, const struct ip_address_plan *plan, uint32_t bits,
                         nanoseconds now)
{
    own->address = plan->address;
    own->since = now;
    own->preferred_until = plan->preferred_until;
    own->valid_until = plan->valid_until;
    own->bits = bits;
    own->state = ADDRESS_PREFERRED;
    own->origin = (uint8_t)plan->origin;
}

/* A route to the network of an address. An address that was made from a prefix brings none: whether
 * that prefix is on the link, the router says apart (RFC 5942 4). */
static bool brings_route(const struct ip_interface *i, const struct ip_address *own)
{
    return i->number != 0 && own->origin != ORIGIN_RA && own->origin != ORIGIN_TEMPORARY &&
           link_is_up(i->link);
}

void ip_address_note(const struct ip_interface *i, const struct ip_address *own, bool is_gone)
{
    struct changes_entry *e = changes_add(i->ip->means->changes, CHANGES_ADDRESS);

    if (!e)
        return;
    e->is_gone = is_gone;
    e->state = own->state;
    e->origin = own->origin;
    e->interface = (uint16_t)i->number;
    e->bits = own->bits;
    e->address = own->address;
    e->preferred_until = own->preferred_until;
    e->valid_until = own->valid_until;
}

void ip_address_prolong(struct ip_interface *i, struct ip_address *own, nanoseconds preferred_until,
                        nanoseconds valid_until, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(own->address);

    own->preferred_until = preferred_until;
    own->valid_until = valid_until;
    ip_address_note(i, own, false);
    if (family && family->prolonged)
        family->prolonged(i, own, now);
}

static int address_put(struct ip_interface *i, const struct ip_address_plan *plan, uint32_t bits,
                       nanoseconds now)
{
    struct ip_address *own = &i->address[i->address_count];
    const struct ip_family *family = ip_family_of(plan->address);
    int result = 0;

    address_fill(own, plan, bits, now);
    if (brings_route(i, own))
        result = route_connect(i->ip, plan->address, bits, (uint16_t)i->number, now);
    if (result < 0)
        return result;
    i->address_count++;
    i->ip->generation++;
    if (!family->address_added || address_is_mapped(plan->address) || i->number == 0)
        ip_address_note(i, own, false); /* else when it is asked for */
    if (i->ip->translate)
        forward_translate_addresses(i, now);
    if (i->number == 0)
        return 0;
    ip_group_address_added(i, plan->address, now);
    if (!family->address_added)
        return 0;
    result = family->address_added(i, i->address_count - 1, now);
    if (result < 0)
        (void)ip_address_remove(i->ip, i->number, plan->address, now);
    return result;
}

int ip_address_assign(struct ip *ip, uint32_t interface, const struct ip_address_plan *plan,
                      nanoseconds now)
{
    const struct ip_family *family = ip_family_of(plan->address);
    uint32_t bits;
    int result;

    if (interface >= ip->interface_count || plan->prefix == 0 ||
        !bits_of(family, plan->prefix, &bits) ||
        !family->can_be_own(plan->address, bits, interface))
        return -EINVAL;
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (ip_address_find(ip->interface[n], plan->address))
            return -EEXIST;
    if (ip->interface[interface]->address_count == IP_ADDRESSES)
        return -ENOSPC;
    result = family->start ? family->start(ip->interface[interface]) : 0;
    return result < 0 ? result : address_put(ip->interface[interface], plan, bits, now);
}

int ip_address_add(struct ip *ip, uint32_t interface, struct address a, uint32_t prefix,
                   nanoseconds now)
{
    struct ip_address_plan plan = {.address = a,
                                   .prefix = prefix,
                                   .origin = ORIGIN_CONFIGURED,
                                   .preferred_until = NEVER,
                                   .valid_until = NEVER};

    return ip_address_assign(ip, interface, &plan, now);
}

int ip_address_remove(struct ip *ip, uint32_t interface, struct address a, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(a);
    struct ip_interface *i;
    struct ip_address *own, gone;

    if (interface >= ip->interface_count)
        return -EADDRNOTAVAIL;
    i = ip->interface[interface];
    own = ip_address_find(i, a);
    if (!own)
        return -EADDRNOTAVAIL;
    gone = *own;
    i->address_count--;
    memmove(own, own + 1, (size_t)(&i->address[i->address_count] - own) * sizeof *own);
    memset(&i->address[i->address_count], 0, sizeof *own);
    ip_address_note(i, &gone, true);
    if (brings_route(i, &gone) && !has_network(i, a, gone.bits))
        route_disconnect(ip, a, gone.bits, (uint16_t)interface, now);
    ip->generation++;
    if (ip->translate)
        forward_translate_addresses(i, now);
    if (interface != 0)
        ip_group_address_removed(i, a, now);
    if (interface != 0 && family->address_removed)
        family->address_removed(i, &gone, now);
    return 0;
}

int ip_interface_configure(struct ip *ip, uint32_t interface, nanoseconds now)
{
    int result = -EINVAL;

    if (interface == 0 || interface >= ip->interface_count)
        return result;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (ip_family_rows[k].configure)
            result = ip_family_rows[k].configure(ip->interface[interface], now);
    return result;
}

int ip_interface_advertise(struct ip *ip, uint32_t interface, const struct ip_advertise_plan *plan,
                           nanoseconds now)
{
    int result = -EINVAL;

    if (interface == 0 || interface >= ip->interface_count)
        return result;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (ip_family_rows[k].advertise)
            result = ip_family_rows[k].advertise(ip->interface[interface], plan, now);
    return result;
}

int ip_loopback_add(struct ip *ip, nanoseconds now)
{
    int result = 0;

    for (uint32_t k = 0; k < IP_FAMILY_COUNT && result == 0; k++)
        result = ip_address_add(ip, 0, address_loopback_of(ip_family_rows[k].network),
                                ip_family_rows[k].loopback_prefix, now);
    return result;
}

/* ---- an interface that rests ---- */

static void rest(struct ip_interface *i, nanoseconds now)
{
    if (i->is_resting)
        return;
    i->is_resting = 1;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (ip_family_rows[k].rest)
            ip_family_rows[k].rest(i, now);
}

static void wake(struct ip_interface *i, nanoseconds now)
{
    bool may = link_is_up(i->link);

    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        may = may && link_mtu(i->link) >= ip_family_rows[k].mtu_least;
    if (!may || !i->is_resting)
        return;
    i->is_resting = 0;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (ip_family_rows[k].wake)
            ip_family_rows[k].wake(i, now);
}

static void routes_drop(struct ip *ip, uint32_t interface, nanoseconds now)
{
    struct route *r = NULL, *next = route_table_next(&ip->routes, NULL);

    while ((r = next)) {
        next = route_table_next(&ip->routes, r);
        if (r->kind == ROUTE_UNICAST && r->interface == interface)
            route_drop(ip, r, CHANGE_REMOVED, now);
    }
}

void ip_interface_up_set(struct ip *ip, uint32_t interface, bool up, nanoseconds now)
{
    struct ip_interface *i = ip->interface[interface];

    if (!up)
        rest(i, now);
    link_up_set(i->link, up, now);
    ip->generation++;
    if (!up)
        routes_drop(ip, interface, now);
    for (uint32_t k = 0; up && k < i->address_count; k++)
        if (brings_route(i, &i->address[k]))
            (void)route_connect(ip, i->address[k].address, i->address[k].bits, (uint16_t)interface,
                                now);
    if (up)
        wake(i, now);
    ip_timer_rearm(ip);
}

int ip_interface_mtu_set(struct ip *ip, uint32_t interface, uint32_t mtu, nanoseconds now)
{
    struct ip_interface *i = ip->interface[interface];
    int result = link_mtu_set(i->link, mtu);

    if (result < 0)
        return result;
    ip->generation++;
    if (i->told_mtu > mtu)
        i->told_mtu = 0;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (mtu < ip_family_rows[k].mtu_least)
            rest(i, now);
    wake(i, now);
    return 0;
}

/* RFC 1122 3.3.1.1: a gateway is on a network of ours, whose interface the route has. */
static bool gateway_is_good(const struct ip *ip, struct route_plan *plan)
{
    const struct route *on_link = route_find(ip, plan->gateway, plan->interface);

    if (ip_family_of(plan->gateway) != ip_family_of(plan->dest) || !on_link ||
        on_link->kind != ROUTE_UNICAST || !address_is_unspecified(on_link->gateway) ||
        !route_is_one_station(ip, plan->gateway) || ip_is_own(ip, plan->gateway))
        return false;
    plan->interface = on_link->interface;
    return true;
}

/* What the plan leaves open is filled in. */
static int route_plan_read(const struct ip *ip, const struct route_plan *given,
                           struct route_plan *plan)
{
    const struct ip_family *family = ip_family_of(given->dest);

    *plan = *given;
    if (!bits_of(family, given->bits, &plan->bits) || plan->interface >= ip->interface_count ||
        plan->kind >= ROUTE_KINDS || plan->preference > ROUTE_LOW ||
        (plan->mtu && plan->mtu < most(family->mtu_least, IP_PATH_MTU_LEAST)) ||
        !address_equal(plan->dest, address_masked(plan->dest, plan->bits)))
        return -EINVAL;
    if (plan->kind != ROUTE_UNICAST)
        return address_is_unspecified(plan->gateway) && plan->interface == 0 ? 0 : -EINVAL;
    if (address_is_unspecified(plan->gateway))
        plan->gateway = (struct address){0};
    else if (!gateway_is_good(ip, plan))
        return -EINVAL;
    return plan->interface != 0 && route_is_usable(ip, plan->interface) ? 0 : -EINVAL;
}

int ip_route_put(struct ip *ip, const struct route_plan *given, nanoseconds now)
{
    struct route_plan plan;
    int result = route_plan_read(ip, given, &plan);

    if (result == 0)
        result = route_put(ip, &plan, now);
    if (result >= 0)
        ip_timer_rearm(ip);
    return result;
}

int ip_route_new(struct ip *ip, const struct route_plan *given, nanoseconds now)
{
    struct route_plan plan;
    int result = route_plan_read(ip, given, &plan);

    if (result < 0)
        return result;
    return route_table_same(&ip->routes, &plan) ? -EEXIST : ip_route_put(ip, given, now);
}

int ip_route_swap(struct ip *ip, struct route *there, const struct route_plan *given,
                  nanoseconds now)
{
    struct route_plan plan;
    int result = route_plan_read(ip, given, &plan);
    const struct route *same = result < 0 ? NULL : route_table_same(&ip->routes, &plan);

    if (result < 0)
        return result;
    if (same && same != there)
        return -EEXIST;
    route_swap(ip, there, &plan, now);
    ip_timer_rearm(ip);
    return 0;
}

int ip_route_remove(struct ip *ip, const struct route_plan *given, nanoseconds now)
{
    struct route *r = NULL;
    uint32_t bits;

    if (!bits_of(ip_family_of(given->dest), given->bits, &bits))
        return -EINVAL;
    while ((r = route_table_next(&ip->routes, r)))
        if (r->bits == bits && address_equal(r->dest, given->dest) &&
            (given->interface == 0 || r->interface == given->interface) &&
            (address_is_unspecified(given->gateway) || address_equal(r->gateway, given->gateway)))
            break;
    if (!r)
        return -ESRCH;
    route_drop(ip, r, CHANGE_REMOVED, now);
    ip_timer_rearm(ip);
    return 0;
}

int ip_options_check(const uint8_t *options, uint32_t length)
{
    return ip_family_rows[IP_FAMILY_4].options_check(options, length);
}

/* The tables have changed since its user found the path. */
static int find_anew(struct ip *ip, const struct ip_path *path, struct ip_path *fresh,
                     struct packet *p, nanoseconds now)
{
    int result;

    memcpy(fresh, path, sizeof *fresh);
    result = ip_path_refresh(ip, fresh, now);
    if (result == 0) {
        ip_path_options(fresh, path->options_bytes);
        return 0;
    }
    event_drop(&ip->means->voice, now, DROP_IP_NO_ROUTE, p);
    packet_put(p);
    return result;
}

/* SEND (RFC 791 3.3, RFC 1122 3.4): the protocol is the sender's own, so that nobody can speak for
 * another. With a fresh path nothing is looked up. */
int ip_send(struct ip *ip, const struct ip_upper *from, const struct ip_path *path,
            const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    return ip_send_as(ip, ip_upper_codes[from->code].protocol, path, facts, p, now);
}

int ip_send_as(struct ip *ip, uint8_t protocol, const struct ip_path *path,
               const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    struct ip_path fresh;
    int result;

    if (likely(route_is_fresh(ip, path)))
        return ip_family_rows[path->family].send(ip, protocol, path, facts, p, now);
    result = find_anew(ip, path, &fresh, p, now);
    return result < 0 ? result
                      : ip_family_rows[fresh.family].send(ip, protocol, &fresh, facts, p, now);
}

int ip_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now)
{
    struct ip_path fresh;
    int result;

    if (likely(route_is_fresh(ip, path)))
        return ip_family_rows[path->family].send_whole(ip, path, p, now);
    result = find_anew(ip, path, &fresh, p, now);
    return result < 0 ? result : ip_family_rows[fresh.family].send_whole(ip, &fresh, p, now);
}

void ip_send_unreachable(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                         enum ip_error_kind kind, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(meta->source);

    ensure(family); /* it came up by one */
    family->send_unreachable(ip, meta, p, kind, now);
}

/* RFC 1122 3.3.2, RFC 8200 4.5: time exceeded in reassembly. */
static void expire_fragments(struct ip *ip, enum ip_family_kind family, nanoseconds now)
{
    struct ip_meta meta;
    struct packet *first;

    while ((first = fragment_expire(ip, family, &meta, now)) != NULL) {
        ip_family_rows[family].tell_timeout(ip, &meta, first, now);
        packet_put(first);
    }
}

void ip_mtu_changed(struct ip *ip)
{
    ip->generation++;
}

void ip_timer(struct timer *timer, nanoseconds now)
{
    struct ip *ip = container_of(timer, struct ip, timer);

    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        expire_fragments(ip, (enum ip_family_kind)k, now);
    path_mtu_expire(ip, now);
    route_expire(ip, now);
    if (ip->translate)
        forward_translate_expire(ip, now);
    multicast_expire(ip, now);
    ip_timer_rearm(ip);
}

/* It waits for its node to go on, or the node just did, and it is with what is due next. */
static bool timer_was_put_off(const struct ip *ip)
{
    const struct timer *next = timer_heap_first(ip->means->timers);

    return ip->timer.deadline == TIMER_PUT_OFF || (next && next->deadline == ip->timer.deadline);
}

int ip_check(const struct ip *ip)
{
    nanoseconds first = ip_timer_first(ip);
    int line = route_table_check(&ip->routes);

    if (line == 0)
        line = multicast_check(ip);
    if (ip->path_mtu_count > IP_PATH_MTUS || ip->generation == 0)
        return __LINE__;
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (ip->interface[n]->ip != ip || ip->interface[n]->number != n ||
            ip->interface[n]->address_count > IP_ADDRESSES)
            return __LINE__;
    if (timer_is_set(&ip->timer) ? ip->timer.deadline > first && !timer_was_put_off(ip)
                                 : first != NEVER)
        return __LINE__;
    for (uint32_t i = 0; i < ip->path_mtu_count; i++)
        if (ip->path_mtu[i].mtu < IP_PATH_MTU_LEAST)
            return __LINE__;
    if (line == 0 && ip->translate)
        line = translate_check(ip->translate);
    for (uint32_t k = 0; line == 0 && k < IP_FAMILY_COUNT; k++)
        line = fragment_check(ip, (enum ip_family_kind)k);
    for (uint32_t k = 0; line == 0 && k < IP_FAMILY_COUNT; k++)
        line = ip_family_rows[k].check ? ip_family_rows[k].check(ip) : 0;
    return line;
}
