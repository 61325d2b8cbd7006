/* SPDX-License-Identifier: MIT */
/*
 * The service of layer 3, as far as it is about this host itself: its interfaces, addresses
 * (RFC 1122 3.2.1.3), users, settings, its one timer and its invariants. Receiving is in
 * ip4_receive.c, sending in ip4_send.c, finding a path in route.c, errors in icmp4.c, reassembly in
 * fragment4.c.
 */
#include "3-network/ip_state.h"

#include <errno.h>

#include "3-network/ip4/fragment4.h"
#include "3-network/ip4/icmp4.h"
#include "3-network/ip_shared.h"
#include "3-network/path_mtu.h"
#include "3-network/route.h"
#include "base/arena.h"

enum { TIMER_SOURCE = 2 };

static void settings_init(struct ip_settings *s)
{
    s->default_ttl = 64;
    s->icmp_ratelimit_ms = 1000;
    s->icmp_msgs_per_sec = 1000;
    s->fragment_time_ms = 30000;
    s->fragment_high_bytes = 4 << 20;
    s->path_mtu_expires_ms = 600000;
    s->path_mtu_least = 552;
}

int ip_init(struct ip *ip, struct means *means, const struct ip_plan *plan)
{
    ip->means = means;
    ip->generation = 1;
    ip->timer.node = means->node;
    ip->timer.source = TIMER_SOURCE;
    ip->timer.code = plan->timer_code;
    settings_init(&ip->settings);
    ip->fragments = pool_get(plan->fragments_pool);
    ip->icmp = pool_get(plan->icmp_pool);
    if (!ip->fragments || !ip->icmp)
        return -ENOMEM;
    icmp4_init(ip);
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

struct ip_upper *ip_upper_find(const struct ip *ip, uint8_t protocol)
{
    for (uint32_t i = 0; i < IP_UPPERS && ip->upper[i]; i++)
        if (ip_upper_codes[ip->upper[i]->code].protocol == protocol)
            return ip->upper[i];
    return NULL;
}

void ip_interface_add(struct ip *ip, struct ip_interface *interface, struct link *link,
                      uint32_t link_upper_code)
{
    ensure(ip->interface_count < IP_INTERFACES);
    interface->ip = ip;
    interface->number = ip->interface_count;
    interface->link = link;
    link_attach(link, &interface->link_upper, link_upper_code);
    ip->interface[ip->interface_count++] = interface;
    ip->generation++;
}

/* One station's address; 127/8 on the loopback alone; not the first or last of its prefix. */
static bool address_is_good(uint32_t interface, uint32_t a, uint32_t prefix)
{
    uint32_t host = a & ~route_mask(prefix), first = a >> 24;

    if (first == 0 || first >= 224 || (first == 127) != (interface == 0))
        return interface == 0 && first != 0 && first < 224;
    return prefix > 30 || (host != 0 && host != ~route_mask(prefix));
}

int ip_address_add(struct ip *ip, uint32_t interface, struct address a, uint32_t prefix,
                   nanoseconds now)
{
    struct ip_interface *i;
    int result;

    if (interface >= ip->interface_count || prefix == 0 || prefix > 32 || !address_is_mapped(a) ||
        !address_is_good(interface, address_to_ip4(a), prefix))
        return -EINVAL;
    i = ip->interface[interface];
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (route_is_interface_own(ip->interface[n], a))
            return -EEXIST;
    if (i->address_count == IP_ADDRESSES)
        return -ENOSPC;
    if (interface != 0) {
        result = route_add(ip, a, prefix, (struct address){0}, (uint16_t)interface);
        if (result == 0 || result == -EEXIST)
            result = link_address_add(i->link, a, now);
        if (result < 0)
            return result;
    }
    i->address[i->address_count].address = a;
    i->address[i->address_count].prefix = prefix;
    i->address_count++;
    ip->generation++;
    return 0;
}

int ip_route_add(struct ip *ip, struct address dest, uint32_t prefix, struct address gateway,
                 uint32_t interface)
{
    const struct ip_route *on_link;

    if (prefix > 32 || interface >= ip->interface_count || !address_is_mapped(dest) ||
        (address_to_ip4(dest) & ~route_mask(prefix)) != 0)
        return -EINVAL;
    if (address_is_unspecified(gateway)) {
        gateway = (struct address){0};
    } else {
        /* RFC 1122 3.3.1.1: a gateway is on a network of ours */
        on_link = route_find(ip, gateway, (uint16_t)interface);
        if (!address_is_mapped(gateway) || !on_link || !address_is_unspecified(on_link->gateway) ||
            !route_is_one_station(ip, gateway) || ip_is_own(ip, gateway))
            return -EINVAL;
        interface = on_link->interface;
    }
    if (interface == 0 || !route_is_usable(ip, (uint16_t)interface))
        return -EINVAL;
    return route_add(ip, dest, prefix, gateway, (uint16_t)interface);
}

/* SEND (RFC 791 3.3, RFC 1122 3.4): the protocol is the sender's own, so that nobody can speak for
 * another. */
int ip_send(struct ip *ip, const struct ip_upper *from, const struct ip_path *path,
            const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    return ip4_send(ip, ip_upper_codes[from->code].protocol, path, facts, p, now);
}

void ip_timer_rearm(struct ip *ip)
{
    nanoseconds first = time_earlier(fragment4_deadline(ip), path_mtu_deadline(ip));

    if (first == NEVER)
        timer_clear(ip->means->timers, &ip->timer);
    else if (!timer_is_set(&ip->timer) || ip->timer.deadline != first)
        timer_set(ip->means->timers, &ip->timer, first);
}

void ip_timer(struct timer *timer, nanoseconds now)
{
    struct ip *ip = container_of(timer, struct ip, timer);

    fragment4_expire(ip, now);
    path_mtu_expire(ip, now);
    ip_timer_rearm(ip);
}

int ip_check(const struct ip *ip)
{
    nanoseconds first = time_earlier(fragment4_deadline(ip), path_mtu_deadline(ip));

    if (ip->route_count > IP_ROUTES || ip->path_mtu_count > IP_PATH_MTUS || ip->generation == 0)
        return __LINE__;
    for (uint32_t i = 1; i < ip->route_count; i++)
        if (ip->route[i - 1].prefix < ip->route[i].prefix)
            return __LINE__;
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (ip->interface[n]->ip != ip || ip->interface[n]->number != n ||
            ip->interface[n]->address_count > IP_ADDRESSES)
            return __LINE__;
    if (timer_is_set(&ip->timer) ? ip->timer.deadline > first : first != NEVER)
        return __LINE__;
    for (uint32_t i = 0; i < ip->path_mtu_count; i++)
        if (ip->path_mtu[i].mtu < ip->settings.path_mtu_least)
            return __LINE__;
    return fragment4_check(ip);
}
