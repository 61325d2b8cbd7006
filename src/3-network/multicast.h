/* SPDX-License-Identifier: MIT */
/*
 * Groups of an interface, of either family (group.h has what they are): who may join what, what is
 * due to be told, and by whose messages. An interface that is in no group but those that all are in
 * has nothing here, and says nothing (RFC 3376 6, RFC 3810 6).
 */
#pragma once
#include "3-network/group.h"
#include "3-network/ip_state.h"
#include "base/bytes.h"

struct multicast {
    struct list_link of_ip;
    struct ip_interface *interface;
    struct group_set groups;
    nanoseconds older_until; /* an older querier was heard: RFC 3376 7.2.1, RFC 3810 8.2.1 */
    uint32_t older;          /* its version; 0: none */
    uint32_t family;         /* enum ip_family_kind */
};

/* What an interface knows of its groups; begun if it knows of none. NULL: no room. */
struct multicast *multicast_open(struct ip_interface *i, uint32_t family);
/* Is this interface in the group, for somebody on this host? */
bool multicast_is_heard(const struct ip_interface *i, uint32_t family, struct address group);
/* A query came by the interface: the timer is to be set again. version: of the querier; group
 * unspecified: of all. */
void multicast_asked(struct ip_interface *i, uint32_t family, uint32_t version,
                     struct address group, const struct group_sources *sources, nanoseconds within,
                     nanoseconds now);
/* A packet for a report of so many bytes, and where they are to be written; NULL: no room, which is
 * told. */
struct packet *multicast_message(struct ip_interface *i, uint32_t length, struct writer *w,
                                 nanoseconds now);
nanoseconds multicast_deadline(const struct ip *ip);
void multicast_expire(struct ip *ip, nanoseconds now);
int multicast_check(const struct ip *ip);
