/* SPDX-License-Identifier: MIT */
/*
 * Groups that an end has joined (RFC 3678 3, 4): layer 3 keeps them, in a list of the end's. An end
 * that is closed leaves them all (RFC 3376 2).
 */
#include <errno.h>
#include <string.h>

#include "4-transport/datagram.h"

enum { MEMBERSHIPS = 20 }; /* of one end: Linux's igmp_max_memberships */

_Static_assert((int)TRANSPORT_GROUP_SOURCES == (int)IP_GROUP_SOURCES, "the same lists");

int datagram_group(struct datagram_end *e, struct ip *ip, enum transport_group_call call,
                   struct transport_group *group, nanoseconds now)
{
    struct ip_group_wish wish;
    int result = -EINVAL;

    memset(&wish, 0, sizeof wish);
    wish.group = group->group;
    wish.interface = group->interface;
    wish.filter = group->is_exclude ? IP_GROUP_EXCLUDE : IP_GROUP_INCLUDE;
    wish.count = group->count;
    memcpy(wish.source, group->source, group->count * sizeof wish.source[0]);
    switch (call) {
    case TRANSPORT_GROUP_JOIN:
        if (ip_group_count(&e->members) >= MEMBERSHIPS)
            return -ENOBUFS;
        result = ip_group_join(ip, &e->members, &wish, now);
        break;
    case TRANSPORT_GROUP_CHANGE:
        result = ip_group_change(ip, &e->members, &wish, now);
        break;
    case TRANSPORT_GROUP_READ:
        result = ip_group_get(ip, &e->members, &wish);
        group->is_exclude = wish.filter == IP_GROUP_EXCLUDE;
        group->count = wish.count;
        memcpy(group->source, wish.source, wish.count * sizeof wish.source[0]);
        break;
    }
    return result;
}

uint16_t datagram_group_interface(const struct ip *ip, struct address own)
{
    int number = ip_group_interface_of(ip, own);

    return number < 0 ? 0 : (uint16_t)(number + 1);
}
