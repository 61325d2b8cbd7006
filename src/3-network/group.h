/* SPDX-License-Identifier: MIT */
/*
 * Membership in groups, of both families alike (RFC 3376 3 and 5, RFC 3810 4 and 6): who of this
 * host listens to which group on which interface, to which sources, and what the routers of the
 * wire are told of it. A value: it is told what sockets want and what a querier asks, and says
 * which records are to be sent when. The bytes are igmp.c's and mld.c's.
 *
 *     member   what one socket wants: a group on an interface, and sources, either these alone
 *              (INCLUDE) or all but these (EXCLUDE). It stands in its socket's list and its group's
 *     group    what the interface wants, the merge of its members: if one says EXCLUDE, EXCLUDE of
 *              what all of these leave out and no INCLUDE names; else INCLUDE of all that are named
 *
 * A change of a group is reported at once and, since reports are lost, once more within a second
 * (RFC 3376 5.1, 8.1, 8.11). A query is answered after a random time within what it allows (5.2);
 * of several that wait, the earliest time holds.
 *
 * An interface has few groups, and a packet finds its own by a hash, so nothing is walked for it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/list.h"
#include "base/siphash.h"
#include "base/time.h"

enum group_constants {
    GROUP_SOURCES = 64, /* of a member and of a group; Linux: mld_max_msf; IPv4 10 by setting */
    GROUP_MOST = 64,    /* groups of an interface */
    GROUP_BUCKETS = 64,
    GROUP_ROBUSTNESS = 2, /* RFC 3376 8.1: how often a change is told */
    GROUP_RECORDS = 256   /* of one report */
};

enum group_filter { GROUP_INCLUDE, GROUP_EXCLUDE };

/* RFC 3376 4.2.12, RFC 3810 5.2.12: the numbers of the wire. */
enum group_record_kind {
    GROUP_IS_INCLUDE = 1,
    GROUP_IS_EXCLUDE,
    GROUP_TO_INCLUDE,
    GROUP_TO_EXCLUDE,
    GROUP_ALLOW,
    GROUP_BLOCK
};

struct pool;

struct group_sources {
    uint32_t count;
    uint32_t zero;
    struct address address[GROUP_SOURCES]; /* in their order, each once */
};

struct group_member {
    struct list_link of_socket, of_group;
    struct group *group;
    uint32_t filter; /* enum group_filter */
    uint32_t zero;
    struct group_sources sources;
};

/* What is still to be told of a change. */
struct group_change {
    uint32_t filter_left;  /* how often the whole filter is to be told */
    uint32_t sources_left; /* how often ALLOW and BLOCK are */
    nanoseconds at;        /* the next time; NEVER: nothing is */
    struct group_sources allow, block;
};

struct group {
    struct group *next;     /* in its bucket */
    struct list_link order; /* of the interface, the oldest first */
    struct group_set *of;
    struct address address;
    nanoseconds since;
    struct link_list members;
    uint32_t filter;
    uint32_t is_silent; /* all-hosts: never reported (RFC 3376 6) */
    struct group_sources sources;
    struct group_change change;
    nanoseconds answer_at; /* a query about it; NEVER */
    uint32_t asks_sources; /* it named these alone */
    uint32_t zero;
    struct group_sources asked;
};

/* All groups of one family on one interface. */
struct group_set {
    struct group *bucket[GROUP_BUCKETS];
    struct link_list order; /* those that are left stay until that is told */
    struct pool *group_pool, *member_pool;
    struct siphash_key key;
    uint64_t draws;
    nanoseconds answer_at; /* a query about all; NEVER */
    nanoseconds next;      /* the earliest of all; NEVER */
    uint32_t count;
    uint32_t zero;
};

struct group_plan {
    struct pool *group_pool, *member_pool; /* slots of struct group, struct group_member */
    struct siphash_key key;                /* of the interface and the family */
};

/* One record of a report. */
struct group_record {
    enum group_record_kind kind;
    struct address group;
    const struct group_sources *sources; /* NULL: none; true until the groups change */
};

/* In zeroed memory. */
void group_init(struct group_set *gs, const struct group_plan *plan);

/* A socket wants a group: EXCLUDE of nothing is all of it. @return 0; -EADDRINUSE it has it;
 * -ENOBUFS no room for a group, a member or so many sources */
int group_join(struct group_set *gs, struct link_list *of_socket, struct address group,
               enum group_filter filter, const struct group_sources *sources, bool is_silent,
               nanoseconds now);
/* What a socket wants of a group is another thing now. INCLUDE of nothing is to leave it.
 * @return 0; -ENOBUFS no room for so many sources together: all is as it was */
int group_change(struct group_member *m, enum group_filter filter,
                 const struct group_sources *sources, nanoseconds now);
void group_leave(struct group_member *m, nanoseconds now);
/* The member of a socket; or NULL. */
struct group_member *group_member_of(const struct group_set *gs, const struct link_list *of_socket,
                                     struct address group);

/* @return 0; -EADDRNOTAVAIL it is there; -ENOBUFS there are as many as may be */
int group_source_add(struct group_sources *s, struct address a, uint32_t most);
/* @return 0; -EADDRNOTAVAIL it is not there */
int group_source_remove(struct group_sources *s, struct address a);
bool group_source_has(const struct group_sources *s, struct address a);

/* Does the interface hear a group at all; of this source? */
bool group_is_heard(const struct group_set *gs, struct address group);
/* Does this member want what comes from a source? */
bool group_member_wants(const struct group_member *m, struct address source);

/* A query came (RFC 3376 5.2): of all groups (unspecified), or of one, or of some sources of it. */
void group_asked(struct group_set *gs, struct address group, const struct group_sources *sources,
                 nanoseconds within, nanoseconds now);
/* The records of a report that is due, at most so many. @return how many; 0: none is due */
uint32_t group_report(struct group_set *gs, struct group_record *records, uint32_t most,
                      nanoseconds now);
static inline nanoseconds group_deadline(const struct group_set *gs)
{
    return gs->next;
}
/* After a report was sent: groups of which all is told, and that nobody wants, go. */
void group_forget(struct group_set *gs);
int group_check(const struct group_set *gs);
