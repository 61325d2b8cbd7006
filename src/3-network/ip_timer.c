/* SPDX-License-Identifier: MIT */
/* One entry in the lab's heap for all that ends in layer 3. Theory in ip_timer.h. */
#include "3-network/ip_timer.h"

#include "3-network/fragment.h"
#include "3-network/ip_family.h"
#include "3-network/multicast.h"
#include "3-network/path_mtu.h"
#include "3-network/translate.h"

nanoseconds ip_timer_first(const struct ip *ip)
{
    nanoseconds first = time_earlier(path_mtu_deadline(ip), route_table_deadline(&ip->routes));

    if (ip->translate)
        first = time_earlier(first, translate_deadline(ip->translate));
    first = time_earlier(first, multicast_deadline(ip));
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        first = time_earlier(first, fragment_deadline(ip, (enum ip_family_kind)k));
    return first;
}

void ip_timer_rearm(struct ip *ip)
{
    nanoseconds first = ip_timer_first(ip);

    if (first == NEVER)
        timer_clear(ip->means->timers, &ip->timer);
    else if (!timer_is_set(&ip->timer) || ip->timer.deadline != first)
        timer_set(ip->means->timers, &ip->timer, first);
}
