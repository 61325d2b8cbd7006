/* SPDX-License-Identifier: MIT */
/*
 * What sockets ask of groups, and what an address of ours asks: which interface is meant, that it
 * has room, and that its routers are told (multicast.h).
 */
#include "3-network/ip_group.h"

#include <errno.h>
#include <string.h>

#include "3-network/ip_family.h"
#include "3-network/ip_timer.h"
#include "3-network/multicast.h"
#include "3-network/route.h"
#include "base/compiler.h"
#include "base/pool.h"

uint32_t ip_group_interface_bytes(void)
{
    return sizeof(struct multicast);
}
uint32_t ip_group_bytes(void)
{
    return sizeof(struct group);
}
uint32_t ip_group_member_bytes(void)
{
    return sizeof(struct group_member);
}

static uint32_t family_of(struct address a)
{
    return (uint32_t)(ip_family_of(a) - ip_family_rows);
}

/* Which interface is meant: the one named; else that of the route to the group; else the first. */
static struct ip_interface *interface_for(const struct ip *ip, uint16_t interface,
                                          struct address group)
{
    const struct route *r;

    if (interface != 0)
        return interface <= ip->interface_count ? ip->interface[interface - 1] : NULL;
    r = route_find(ip, group, 0);
    if (r && r->interface)
        return ip->interface[r->interface];
    return ip->interface_count > 1 ? ip->interface[1] : NULL;
}

static struct group_member *member_of(const struct ip *ip, const struct link_list *members,
                                      uint16_t interface, struct address group)
{
    struct ip_interface *i = interface_for(ip, interface, group);
    struct multicast *m = i ? i->multicast[family_of(group)] : NULL;

    return m ? group_member_of(&m->groups, members, group) : NULL;
}

/* The interface has come into a group, or has left it. */
static void emit(const struct ip *ip, const struct ip_interface *i, struct address group,
                 enum change change, nanoseconds now)
{
    struct sockeye_event *event = event_begin(&ip->means->voice, EVENT_GROUP, now);

    if (!event)
        return;
    event->group.group = group;
    event->group.source = (struct address){0};
    event->group.interface = (uint16_t)i->number;
    event->group.change = (uint8_t)change;
    event->group.vlan = 0;
}

/* A member of a group came, went or is another one now. */
static void changed(struct ip *ip, const struct multicast *m, struct address group, bool was_heard,
                    nanoseconds now)
{
    bool is_heard = group_is_heard(&m->groups, group);

    if (is_heard != was_heard)
        emit(ip, m->interface, group, is_heard ? CHANGE_JOINED : CHANGE_LEFT, now);
    ip->generation++; /* what a flow may do is asked again */
    ip_timer_rearm(ip);
}

int ip_group_join(struct ip *ip, struct link_list *members, const struct ip_group_wish *wish,
                  nanoseconds now)
{
    struct ip_interface *i = interface_for(ip, wish->interface, wish->group);
    struct group_sources sources = {0};
    const struct ip_family *family;
    struct multicast *m;
    bool was_heard;
    uint32_t number;
    int result;

    if (!address_is_multicast(wish->group))
        return -EINVAL;
    if (!i)
        return -ENODEV;
    number = family_of(wish->group);
    family = &ip_family_rows[number];
    for (uint32_t k = 0; k < wish->count; k++)
        (void)group_source_add(&sources, wish->source[k], GROUP_SOURCES);
    m = multicast_open(i, number);
    if (!m)
        return -ENOBUFS;
    was_heard = group_is_heard(&m->groups, wish->group);
    result = group_join(&m->groups, members, wish->group, wish->filter, &sources,
                        family->group_is_silent(wish->group) || i->number == 0, now);
    if (result == 0)
        changed(ip, m, wish->group, was_heard, now);
    return result;
}

int ip_group_get(const struct ip *ip, const struct link_list *members, struct ip_group_wish *wish)
{
    struct group_member *m = member_of(ip, members, wish->interface, wish->group);

    if (!m)
        return -EADDRNOTAVAIL;
    wish->filter = (uint8_t)m->filter;
    wish->count = m->sources.count;
    memcpy(wish->source, m->sources.address, m->sources.count * sizeof wish->source[0]);
    return 0;
}

int ip_group_change(struct ip *ip, struct link_list *members, const struct ip_group_wish *wish,
                    nanoseconds now)
{
    struct group_member *member = member_of(ip, members, wish->interface, wish->group);
    struct group_sources sources = {0};
    struct multicast *m;
    int result;

    if (!member)
        return -EADDRNOTAVAIL;
    m = container_of(member->group->of, struct multicast, groups);
    for (uint32_t k = 0; k < wish->count; k++)
        (void)group_source_add(&sources, wish->source[k], GROUP_SOURCES);
    result = group_change(member, wish->filter, &sources, now);
    if (result == 0)
        changed(ip, m, wish->group, true, now);
    return result;
}

void ip_group_leave_all(struct ip *ip, struct link_list *members, nanoseconds now)
{
    while (members->first) {
        struct group_member *member = container_of(members->first, struct group_member, of_socket);
        struct multicast *m = container_of(member->group->of, struct multicast, groups);
        struct address group = member->group->address;

        group_leave(member, now);
        changed(ip, m, group, true, now);
    }
}

bool ip_group_wants(const struct link_list *members, const struct ip_meta *meta, bool unless_joined)
{
    for (struct list_link *at = members->first; at; at = at->next) {
        const struct group_member *member = container_of(at, struct group_member, of_socket);
        const struct multicast *m = container_of(member->group->of, struct multicast, groups);

        if (m->interface->number == meta->interface &&
            address_equal(member->group->address, meta->dest))
            return group_member_wants(member, meta->source);
    }
    return unless_joined;
}

uint32_t ip_group_count(const struct link_list *members)
{
    uint32_t count = 0;

    for (struct list_link *at = members->first; at; at = at->next)
        count++;
    return count;
}

int ip_group_interface_of(const struct ip *ip, struct address own)
{
    for (uint32_t n = 0; n < ip->interface_count; n++)
        if (route_is_interface_own(ip->interface[n], own))
            return (int)n;
    return -ENODEV;
}

/* Where there is no room the interface hears the group all the same (ip6_is_heard), and no router
 * is told of it. */
void ip_group_address_added(struct ip_interface *i, struct address a, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(a);
    struct ip_group_wish wish = {.interface = (uint16_t)(i->number + 1),
                                 .filter = IP_GROUP_EXCLUDE};

    if (!family || !family->group_of_address)
        return;
    wish.group = family->group_of_address(a);
    (void)ip_group_join(i->ip, &i->members, &wish, now);
}

void ip_group_address_removed(struct ip_interface *i, struct address a, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(a);
    struct ip_group_wish wish = {.interface = (uint16_t)(i->number + 1)};

    if (!family || !family->group_of_address)
        return;
    wish.group = family->group_of_address(a);
    for (uint32_t k = 0; k < i->address_count; k++)
        if (ip_family_of(i->address[k].address) == family &&
            address_equal(family->group_of_address(i->address[k].address), wish.group))
            return;
    (void)ip_group_change(i->ip, &i->members, &wish, now);
}
