/* SPDX-License-Identifier: MIT */
/*
 * The routes that no file needs to give. A host has a default route of each family by the first
 * router of its networks, unless it gives one of its own; and each router knows the way to every
 * network of the others, the shortest by the number of routers, the first in the file of equals.
 *
 * A network is what has one prefix: of `networks`, or of the wire between two routers. The networks
 * in order and the routers in the order of the file are the nodes of a graph, the routers'
 * addresses its edges; it is searched in breadth from each router. The outer prefix of a translator
 * is a network too, of which its outer address is the edge. What a router cannot hold is told
 * before that, so the search is bounded by what comes out of it.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"

/* An address of a router: an edge between it and a network. */
struct edge {
    struct scene_prefix network;
    struct address ip;
    unsigned host, interface;
    unsigned number; /* of the network */
    bool is_outer;   /* the outer prefix of a translator: it is seen from outside */
};

struct ways {
    struct scene_check *check;
    struct edge *by_network, *by_router; /* the same edges, in the two orders */
    size_t count;
    unsigned networks;
    size_t *first_edge;             /* of each network, in by_network; and where the last ends */
    size_t *first_of_router;        /* of each host, in by_router; the same */
    struct scene_way *way;          /* to each network, from the router that is looked from */
    bool *is_seen, *is_router_seen; /* networks of both families; routers of the one looked for */
    unsigned *queue;                /* of networks */
    unsigned from;                  /* the interface of a router by which it is come to */
};

static int compare_prefixes(struct scene_prefix a, struct scene_prefix b)
{
    if (a.ip.high != b.ip.high)
        return a.ip.high < b.ip.high ? -1 : 1;
    if (a.ip.low != b.ip.low)
        return a.ip.low < b.ip.low ? -1 : 1;
    return (a.bits > b.bits) - (a.bits < b.bits);
}

static int compare_edges(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;
    int order = compare_prefixes(a->network, b->network);

    if (order == 0)
        order = (a->host > b->host) - (a->host < b->host);
    return order != 0 ? order : (a->interface > b->interface) - (a->interface < b->interface);
}

static int compare_by_router(const void *left, const void *right)
{
    const struct edge *a = left, *b = right;

    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    if (a->interface != b->interface)
        return a->interface < b->interface ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* RFC 6296 2: the outer prefix of a router leads to it. */
static size_t gather_outer(const struct scene *lab, unsigned router, struct edge *edge)
{
    const struct scene_host *host = &lab->hosts[router];
    const struct scene_interface *outside;

    if (host->nat6 == NULL || host->outside < 0)
        return 0;
    outside = &host->interfaces[host->outside];
    for (unsigned a = 0; a < outside->ip_count; a++) {
        if (address_is_mapped(outside->ip[a].ip) || scene_is_link_local(outside->ip[a].ip))
            continue;
        if (edge != NULL)
            *edge = (struct edge){.network = host->nat6->outer,
                                  .ip = outside->ip[a].ip,
                                  .host = router,
                                  .interface = (unsigned)host->outside,
                                  .is_outer = true};
        return 1;
    }
    return 0;
}

static size_t gather(const struct scene *lab, struct edge *edges)
{
    size_t count = 0;

    for (unsigned i = lab->listed_hosts_count; i < lab->hosts_count; i++) {
        count += gather_outer(lab, i, edges == NULL ? NULL : &edges[count]);
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            const struct scene_interface *interface = &lab->hosts[i].interfaces[k];

            for (unsigned a = 0; a < interface->ip_count; a++) {
                if (scene_is_link_local(interface->ip[a].ip))
                    continue;
                if (edges != NULL)
                    edges[count] = (struct edge){.network = scene_network_of(interface->ip[a]),
                                                 .ip = interface->ip[a].ip,
                                                 .host = i,
                                                 .interface = k};
                count++;
            }
        }
    }
    return count;
}

/* Numbers the networks, and finds where the edges of each network and each router begin. */
static void sort_edges(struct ways *ways)
{
    const struct scene *lab = ways->check->lab;
    size_t at = 0;

    qsort(ways->by_network, ways->count, sizeof *ways->by_network, compare_edges);
    for (size_t i = 0; i < ways->count; i++) {
        struct edge *edge = &ways->by_network[i];

        if (i == 0 || compare_prefixes(edge->network, edge[-1].network) != 0)
            ways->first_edge[ways->networks++] = i;
        edge->number = ways->networks - 1;
    }
    ways->first_edge[ways->networks] = ways->count;
    if (ways->count > 0)
        memcpy(ways->by_router, ways->by_network, ways->count * sizeof *ways->by_router);
    qsort(ways->by_router, ways->count, sizeof *ways->by_router, compare_by_router);
    for (unsigned i = 0; i <= lab->hosts_count; i++) {
        while (at < ways->count && ways->by_router[at].host < i)
            at++;
        ways->first_of_router[i] = at;
    }
}

static bool ways_open(struct ways *ways)
{
    const struct scene *lab = ways->check->lab;
    size_t most;

    ways->count = gather(lab, NULL);
    most = ways->count + 1;
    ways->by_network = calloc(most, sizeof *ways->by_network);
    ways->by_router = calloc(most, sizeof *ways->by_router);
    ways->first_edge = calloc(most + 1, sizeof *ways->first_edge);
    ways->first_of_router = calloc(lab->hosts_count + 1, sizeof *ways->first_of_router);
    ways->way = calloc(most, sizeof *ways->way);
    ways->is_seen = calloc(most, sizeof *ways->is_seen);
    ways->is_router_seen = calloc(lab->hosts_count + 1, sizeof *ways->is_router_seen);
    ways->queue = calloc(most, sizeof *ways->queue);
    if (ways->by_network == NULL || ways->by_router == NULL || ways->first_edge == NULL ||
        ways->first_of_router == NULL || ways->way == NULL || ways->is_seen == NULL ||
        ways->is_router_seen == NULL || ways->queue == NULL)
        return false;
    (void)gather(lab, ways->by_network);
    if (ways->count > 0)
        sort_edges(ways);
    return true;
}

static void ways_close(struct ways *ways)
{
    free(ways->by_network);
    free(ways->by_router);
    free(ways->first_edge);
    free(ways->first_of_router);
    free(ways->way);
    free(ways->is_seen);
    free(ways->is_router_seen);
    free(ways->queue);
}

static bool has_way(const struct scene_host *host, unsigned given, struct scene_prefix network)
{
    for (unsigned i = 0; i < given; i++) {
        if (compare_prefixes(scene_network_of(host->ways[i].network), network) == 0)
            return true;
    }
    return false;
}

/* Is what is behind a router hidden from who looks, on the outside of its translator? */
static bool is_hidden(const struct ways *ways, unsigned router, const struct scene_way *way)
{
    const struct scene_host *host = &ways->check->lab->hosts[router];

    return host->outside >= 0 && !address_is_unspecified(way->via) &&
           ways->from == (unsigned)host->outside;
}

/* The networks of a router that were not seen yet are found: by its address `via`, of an interface
 * of the one that looks, or as that one's own. */
static unsigned find_networks(struct ways *ways, unsigned router, bool is_ip4,
                              const struct scene_way *way, unsigned to)
{
    bool hidden = is_hidden(ways, router, way);

    ways->is_router_seen[router] = true;
    for (size_t i = ways->first_of_router[router]; i < ways->first_of_router[router + 1]; i++) {
        const struct edge *edge = &ways->by_router[i];

        if (ways->is_seen[edge->number] || address_is_mapped(edge->ip) != is_ip4 ||
            (hidden && !edge->is_outer))
            continue;
        ways->is_seen[edge->number] = true;
        ways->way[edge->number] = (struct scene_way){
            .network = edge->network, .via = way->via, .interface = way->interface};
        if (address_is_unspecified(way->via))
            ways->way[edge->number].interface = edge->interface;
        ways->queue[to++] = edge->number;
    }
    return to;
}

/* Looks from a router: the way to each network is that to the router by which it was found. */
static void search(struct ways *ways, unsigned router, bool is_ip4)
{
    const struct scene_way own = {0};
    unsigned from = 0, to;

    memset(ways->is_router_seen, 0, ways->check->lab->hosts_count * sizeof *ways->is_router_seen);
    to = find_networks(ways, router, is_ip4, &own, 0);
    while (from < to) {
        unsigned at = ways->queue[from++];

        for (size_t i = ways->first_edge[at]; i < ways->first_edge[at + 1]; i++) {
            const struct edge *next = &ways->by_network[i];
            struct scene_way way = ways->way[at];

            if (ways->is_router_seen[next->host])
                continue;
            if (address_is_unspecified(way.via))
                way.via = next->ip;
            ways->from = next->interface;
            to = find_networks(ways, next->host, is_ip4, &way, to);
        }
    }
}

/* Adds what was found to what the file gives. */
static void add_found(struct ways *ways, unsigned router)
{
    struct scene_host *host = &ways->check->lab->hosts[router];
    unsigned given = host->ways_count;

    for (unsigned i = 0; i < ways->networks; i++) {
        const struct scene_way *way = &ways->way[i];

        if (!ways->is_seen[i] || address_is_unspecified(way->via) ||
            has_way(host, given, way->network))
            continue;
        host->ways[host->ways_count++] = *way;
    }
}

static void find_of_router(struct ways *ways, unsigned router)
{
    memset(ways->is_seen, 0, ways->networks * sizeof *ways->is_seen);
    search(ways, router, true);
    search(ways, router, false);
    add_found(ways, router);
}

static bool is_outside(const struct ways *ways, const struct edge *edge)
{
    return ways->check->lab->hosts[edge->host].outside == (int)edge->interface;
}

/* The first router that has an address of a network, or NULL. */
static const struct edge *router_of(const struct ways *ways, struct scene_prefix network)
{
    size_t from = 0, to = ways->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_prefixes(ways->by_network[middle].network, network) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == ways->count || compare_prefixes(ways->by_network[from].network, network) != 0)
        return NULL;
    /* who is there with the outside of a translator leads to nobody else */
    while (from + 1 < ways->count && is_outside(ways, &ways->by_network[from]) &&
           compare_prefixes(ways->by_network[from + 1].network, network) == 0)
        from++;
    return is_outside(ways, &ways->by_network[from]) ? NULL : &ways->by_network[from];
}

static void find_of_host(const struct ways *ways, struct scene_host *host, bool is_ip4)
{
    const struct scene_prefix all = {is_ip4 ? address_from_ip4(0) : (struct address){0, 0}, 0};

    if (has_way(host, host->ways_count, all))
        return;
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        for (unsigned k = 0; k < host->interfaces[i].ip_count; k++) {
            struct scene_prefix ip = host->interfaces[i].ip[k];
            const struct edge *router;

            if (address_is_mapped(ip.ip) != is_ip4)
                continue;
            router = router_of(ways, scene_network_of(ip));
            if (router == NULL)
                continue;
            host->ways[host->ways_count++] =
                (struct scene_way){.network = all, .via = router->ip, .interface = i};
            return;
        }
    }
}

/* A host beside the outside of a translator, which no other router leads to its prefix. */
static void find_outer(const struct ways *ways, struct scene_host *host, unsigned interface)
{
    const struct scene_interface *own = &host->interfaces[interface];

    for (size_t i = 0; i < ways->count; i++) {
        const struct edge *edge = &ways->by_network[i];

        for (unsigned k = 0; edge->is_outer && k < own->ip_count; k++) {
            if (address_is_mapped(own->ip[k].ip) || !scene_is_within(edge->ip, own->ip[k]) ||
                has_way(host, host->ways_count, edge->network) || host->ways_count >= SCENE_ROUTES)
                continue;
            host->ways[host->ways_count++] = (struct scene_way){
                .network = edge->network, .via = edge->ip, .interface = interface};
        }
    }
}

/* Makes room behind the ways of the file. @return false: no memory */
static bool make_room(struct scene_host *host, size_t more)
{
    struct scene_way *ways = realloc(host->ways, (host->ways_count + more) * sizeof *ways);

    if (ways != NULL)
        host->ways = ways;
    return ways != NULL;
}

static void find_all(struct ways *ways)
{
    struct scene *lab = ways->check->lab;

    for (unsigned i = 0; i < lab->hosts_count; i++) {
        struct scene_host *host = &lab->hosts[i];
        size_t before = scene_check_enter(ways->check, "hosts[%u]", i);

        if (!make_room(host, host->is_router ? SCENE_ROUTES_FOUND : 2 + SCENE_ROUTES)) {
            scene_check_fail(ways->check, "", "out of memory");
        } else if (host->is_router) {
            find_of_router(ways, i);
        } else {
            find_of_host(ways, host, true);
            find_of_host(ways, host, false);
            for (unsigned k = 0; k < host->interfaces_count; k++)
                find_outer(ways, host, k);
        }
        scene_check_leave(ways->check, before);
    }
}

void scene_find_ways(struct scene_check *check)
{
    struct ways ways = {.check = check};

    if (check->lab->listed_routers_count == 0)
        return;
    if (!ways_open(&ways))
        scene_check_fail(check, "", "out of memory");
    else if (ways.networks > SCENE_ROUTES_FOUND)
        scene_check_fail(check, "routers", "they join more than %d networks", SCENE_ROUTES_FOUND);
    else
        find_all(&ways);
    ways_close(&ways);
}
