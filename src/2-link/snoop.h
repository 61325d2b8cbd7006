/* SPDX-License-Identifier: MIT */
/*
 * Which groups are listened to behind which ports of a switch, and where their routers are (RFC
 * 4541 2.1.1): a value with no network. An entry is one of three things about a port, in a VLAN:
 * a group that it listens to; that somebody behind it asks who listens (the querier of IGMP or
 * MLD); that a router is behind it, which hears of all groups. The last two are one entry whose
 * group is the unspecified address of its family.
 *
 * What nobody asks for nobody reports, so the entries are worth nothing without a querier, and for
 * its first round of answers: until then everything goes to all (snoop_is_active), as Linux's
 * bridge has it. The same holds while the table cannot tell all: a report found no room, or the
 * ways of the network are others and the listeners have not said again where they are. Whoever is
 * in doubt gets too much, never too little.
 *
 * Entries end by their age, which each report and query renews, and earlier where a querier asks
 * for one group and no answer comes. Two lists by the time of their end, those that were asked for
 * and the others: what is added belongs near the end of its list, so no clock walks the table.
 */
#pragma once
#include "2-link/switch_table.h"

enum snoop_limits {
    SNOOP_ENTRIES = 4096,      /* of a switch, at most and by default; a power of two */
    SNOOP_SELF = SWITCH_PORTS, /* as a port: the switch itself asks */
    SNOOP_LAST_QUERIES = 2     /* RFC 3376 8.9: a querier asks so often before it gives up */
};
#define SNOOP_AGE (260 * SECOND)         /* RFC 3376 8.4 */
#define SNOOP_QUERIER_AGE (255 * SECOND) /* RFC 3376 8.5 */
#define SNOOP_ROUND (135 * SECOND) /* RFC 3376 8.2, 8.3: until all have been asked and answer */

struct snoop_entry {
    struct table_link link; /* by VLAN and group */
    struct list_link order;
    nanoseconds since;    /* when it was first heard of */
    nanoseconds until;    /* when it ends */
    nanoseconds ready;    /* of a querier: when its first answers have come */
    struct address group; /* unspecified: of a querier or router */
    uint32_t port;
    uint16_t vlan;
    uint8_t asks;   /* a querier */
    uint8_t routes; /* a router */
    uint8_t leads;  /* a querier before which this switch is silent */
    uint8_t again;  /* how often this switch will ask for the group before it ends */
    uint8_t zero[6];
};

struct snoop_settings {
    nanoseconds age;
    uint32_t entries; /* most */
    bool is_off;
};

struct snoop {
    struct pool *pool; /* of entries: snoop_entry_bytes() */
    struct table table;
    struct siphash_key key;
    struct link_list listed[2]; /* by the time of their end; [1]: those that were asked for */
    nanoseconds age;
    nanoseconds unsure; /* until then the table does not tell all */
    uint64_t refused;   /* reports that found no room */
    uint32_t limit;
    bool is_off;
};

/* Somebody who asks, or sends on what is for a group. */
struct snoop_router {
    uint16_t vlan;
    bool is_ip6;
    uint32_t port; /* or SNOOP_SELF */
    bool asks, routes, leads;
    nanoseconds within; /* of who asks: when the last answer comes */
};

enum snoop_heard { SNOOP_KNOWN, SNOOP_LEARNED, SNOOP_REFUSED };

struct snoop_ports {
    uint64_t bit[SWITCH_PORTS / 64];
};

uint32_t snoop_entry_bytes(void); /* size of a slot */
uint64_t snoop_arena_bytes(void); /* what its buckets take */
/* In zeroed memory. @return 0 or -ENOMEM */
int snoop_init(struct snoop *s, struct arena *arena, struct pool *pool, struct siphash_key key,
               const struct snoop_settings *settings);
/* A port listens to a group. */
enum snoop_heard snoop_join(struct snoop *s, uint16_t vlan, struct address group, uint32_t port,
                            nanoseconds now);
enum snoop_heard snoop_router(struct snoop *s, const struct snoop_router *router, nanoseconds now);
/* Who listens to this group has until then to say so again. */
void snoop_ask(struct snoop *s, uint16_t vlan, struct address group, nanoseconds until);
/* The same of one port, which this switch will ask `again` times more. */
void snoop_leave(struct snoop *s, struct snoop_entry *e, nanoseconds until, uint8_t again);
/* An entry that has ended goes on until then: it was asked for once more. */
void snoop_extend(struct snoop *s, struct snoop_entry *e, nanoseconds until);
/* Until then the table does not tell all. */
void snoop_doubt(struct snoop *s, nanoseconds until);

/* What is known of a group, or of routers, at a port; NULL: nothing. */
struct snoop_entry *snoop_find(const struct snoop *s, uint16_t vlan, struct address group,
                               uint32_t port);
/* May frames for groups go to their listeners alone? */
bool snoop_is_active(const struct snoop *s, uint16_t vlan, bool is_ip6, nanoseconds now);
/* Is there a querier before which this switch is silent? */
bool snoop_is_led(const struct snoop *s, uint16_t vlan, bool is_ip6);
/* Adds the ports that listen to a group, or those of routers. */
void snoop_listeners(const struct snoop *s, uint16_t vlan, struct address group,
                     struct snoop_ports *ports);
void snoop_routers(const struct snoop *s, uint16_t vlan, bool is_ip6, struct snoop_ports *ports);

/* The one that ends first; NULL: there is none. */
struct snoop_entry *snoop_first(const struct snoop *s);
/* All, one after the other; NULL: begin, and there is none left. */
struct snoop_entry *snoop_next(const struct snoop *s, const struct snoop_entry *before);
struct snoop_entry *snoop_at_port(const struct snoop *s, uint32_t port); /* one, or NULL */
void snoop_forget(struct snoop *s, struct snoop_entry *e);
nanoseconds snoop_deadline(const struct snoop *s); /* NEVER: there is none */
int snoop_check(const struct snoop *s);            /* 0, or the line of a broken invariant */
