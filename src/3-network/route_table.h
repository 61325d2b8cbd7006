/* SPDX-License-Identifier: MIT */
/*
 * A table of routes, of both families in the one space of 128 bits (ip_family.h): a trie in which
 * every way down skips the bits that no branch asks about, so that a look-up visits at most as many
 * nodes as there are prefixes one in the other on its way, whatever the table holds.
 *
 * A node stands for a prefix. Its routes hang on it, the preferred first: least metric, then what
 * RFC 4191 2.1 calls preference, then as they came. A node without routes only parts two others.
 * Which of the routes that cover an address serves, its user decides: it begins at the longest
 * prefix (RFC 1122 3.3.1, RFC 1812 5.2.4.3) and goes to wider ones. Routes with an end are in a
 * list.
 *
 * The slots come from pools that all nodes of a lab share, as far as `limit` lets this table.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/list.h"
#include "base/time.h"
#include "sockeye/event.h"

struct pool;

/* What a route says of the packets that it is for (ip-route(8)). */
enum route_kind {
    ROUTE_UNICAST,
    ROUTE_BLACKHOLE,   /* they are dropped in silence */
    ROUTE_UNREACHABLE, /* and their source is told that the host cannot be reached */
    ROUTE_PROHIBIT,    /* or that it is forbidden */
    ROUTE_KINDS
};

/* RFC 4191 2.1, by order. */
enum route_preference { ROUTE_HIGH, ROUTE_MEDIUM, ROUTE_LOW };

/* What a route is to be. */
struct route_plan {
    struct address dest, gateway; /* gateway unspecified: on the wire itself */
    struct address source; /* that speaks for us by it unless told otherwise; or unspecified */
    uint32_t bits;         /* of dest, of the 128; the rest is cut off */
    uint32_t metric;
    uint32_t mtu; /* 0: the interface's */
    uint16_t interface;
    uint8_t kind;        /* enum route_kind */
    uint8_t preference;  /* enum route_preference */
    uint8_t origin;      /* enum origin */
    uint8_t protocol;    /* who made it, in the words of its maker (RTPROT_*); 0: nothing more */
    nanoseconds expires; /* NEVER: it stays */
};

/* The metric by which a route is taken: of IPv6 one that nobody gave is, as on Linux, 256 to the
 * network of an address, else 1024. */
static inline uint32_t route_metric(uint32_t metric, struct address dest, struct address gateway,
                                    enum origin origin)
{
    if (metric || address_is_mapped(dest))
        return metric;
    return origin == ORIGIN_KERNEL || (origin == ORIGIN_RA && address_is_unspecified(gateway))
               ? 256
               : 1024;
}

struct route {
    struct route *next; /* of the same prefix: no more preferred */
    struct route_node *node;
    struct list_link ending; /* table->ending */
    struct address dest, gateway, source;
    nanoseconds since, expires;
    nanoseconds failed_at; /* its gateway did not answer; 0: it does, as far as is known */
    uint32_t bits;
    uint32_t metric;
    uint32_t mtu;
    uint16_t interface;
    uint8_t kind, preference, origin, protocol;
    uint8_t zero[2];
};

struct route_node {
    struct address prefix;
    struct route_node *parent, *child[2]; /* by the bit behind the prefix */
    struct route *route;                  /* the preferred one; NULL: it only parts */
    uint32_t bits;
    uint32_t zero;
};

struct route_table {
    struct pool *routes, *nodes;
    struct route_node *root;
    struct link_list ending; /* routes with an end */
    nanoseconds first_end;   /* none is earlier */
    uint32_t count, limit;
};

/* Slots of both pools for tables of so many routes together. */
static inline uint32_t route_table_nodes(uint32_t routes)
{
    return 2 * routes;
}

/* In zeroed memory. The pools have slots of struct route and struct route_node. */
void route_table_init(struct route_table *t, struct pool *routes, struct pool *nodes,
                      uint32_t limit);
/* NULL: the limit is reached. There is none such (route_table_same). */
struct route *route_table_add(struct route_table *t, const struct route_plan *plan,
                              nanoseconds now);
void route_table_remove(struct route_table *t, struct route *r);
/* The same prefix by the same way; NULL: none. */
struct route *route_table_same(const struct route_table *t, const struct route_plan *plan);
/* The node of the longest prefix with routes that covers an address; NULL: none. */
const struct route_node *route_table_covering(const struct route_table *t, struct address a);
/* The next wider one. */
static inline const struct route_node *route_table_wider(const struct route_node *n)
{
    do
        n = n->parent;
    while (n && !n->route);
    return n;
}
/* All routes, in the order of their prefixes, each before those within it. NULL: the first; and
 * after the last. */
struct route *route_table_next(const struct route_table *t, const struct route *r);
/* The same, each behind those within it. */
struct route *route_table_next_inner_first(const struct route_table *t, const struct route *r);

/* Another end for a route of the table. */
void route_table_prolong(struct route_table *t, struct route *r, nanoseconds expires);
/* A route whose time is over, to be removed; NULL: none. */
struct route *route_table_ended(struct route_table *t, nanoseconds now);
static inline nanoseconds route_table_deadline(const struct route_table *t)
{
    return t->ending.first ? t->first_end : NEVER;
}

int route_table_check(const struct route_table *t); /* 0, or the line of a broken invariant */
