/* SPDX-License-Identifier: MIT */
/*
 * A network made from a seed: LANs, each a hub or a switch, joined as a tree by routers with static
 * routes, of which some translate what is behind them; hosts that speak IPv4, IPv6 or both.
 *
 * Router r stands on its base LAN, and every other LAN has one router `up` towards LAN 0: the way
 * from one LAN to another is found by going up, and there is one. A host takes any router of its
 * LAN for its default: if that is the wrong one, it is told by a redirect.
 *
 *     LAN l: 10.(l+1).0.0/24, fd00:(l+1)::/64; host h is number 10 + h there, router r 200 + r
 *
 * The struct holds no pointer but the lab's: it is copied beside an image.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/random.h"
#include "lab/handle.h"
#include "sockeye/sockeye.h"

enum net_limits {
    NET_LANS = 4,
    NET_ROUTERS = 3,
    NET_HOSTS = 6,
    NET_NODES = 16,
    NET_WIRES = 20,
    NET_TALKS = 6
};
#define NET_SECOND INT64_C(1000000000)
#define NET_MS INT64_C(1000000)

struct net_lan {
    int node, up; /* up: the router towards LAN 0 */
    bool is_translated;
    uint32_t mtu;
};

struct net_router {
    int node, base;
    int interface[NET_LANS]; /* 0: none there */
    int wire[NET_LANS];
};

struct net_host {
    int node, lan, interface;
    bool has4, has6, is_auto; /* is_auto: it finds its address of IPv6 itself */
};

/* A conversation: a stream, or datagrams that the server sends back. */
struct net_talk {
    int client, server; /* numbers of hosts here */
    int domain, port;
    bool is_stream, is_6, is_forwarded, begun, connected, failed;
    bool may_end;        /* what was done to the network may have ended it */
    int listener, fd[2]; /* 0: the client's, -1: none */
    uint64_t total[2], sent[2], received[2];
    bool shut[2], ended[2], is_over[2];
    uint32_t datagrams, small, answered; /* sent, those that fit everywhere, and answers to them */
    int64_t last;                        /* number of the last answered; -1: none */
};

struct net {
    struct sockeye *lab;
    uint64_t seed, draws, steps;
    int problem;
    int lans, routers, hosts, wires, talks;
    struct net_lan lan[NET_LANS];
    struct net_router router[NET_ROUTERS];
    struct net_host host[NET_HOSTS];
    int wire[NET_WIRES];
    struct sockeye_wire_config wire_config[NET_WIRES];
    int wire_lan[NET_WIRES]; /* whose cable it is */
    struct net_talk talk[NET_TALKS];
    bool is_checked;           /* sockeye_check after each event */
    bool has_faults, may_part; /* may_part: some that keep hosts from each other */
    bool is_away[NET_NODES];   /* paused, or without power */
};

#define net_expect(n, condition)                                                                   \
    do {                                                                                           \
        if (!(condition) && (n)->problem == 0) {                                                   \
            (n)->problem = __LINE__;                                                               \
            printf("# seed %llu, %s:%d: not %s, at %lld ns\n", (unsigned long long)(n)->seed,      \
                   __FILE__, __LINE__, #condition, (long long)sockeye_now((n)->lab));              \
        }                                                                                          \
    } while (0)

static uint64_t net_draw(struct net *n, uint64_t below)
{
    struct siphash_key key = {n->seed, 0x6e6574};

    return random_below(random_draw(key, RANDOM_KEY, n->draws++), below);
}

static int net_wire(struct net *n, uint32_t mtu)
{
    static const uint64_t rates[] = {0, 10000000, 100000000, 1000000000};
    struct sockeye_wire_config config = {.rate_bits = rates[net_draw(n, 4)],
                                         .delay_ns = 1000 + (int64_t)net_draw(n, 2000000)};
    char name[16];
    int i = n->wires++;

    config.mtu = mtu;
    n->wire_config[i] = config;
    snprintf(name, sizeof name, "w%d", i);
    n->wire[i] = sockeye_wire(n->lab, name, &config, NULL);
    net_expect(n, n->wire[i] >= 0);
    return i;
}

/* A cable from a node to a LAN. @return the node's interface there */
static int net_plug(struct net *n, int node, int l, int *wire)
{
    char name[16];
    int i = net_wire(n, n->lan[l].mtu), interface;

    n->wire_lan[i] = l;
    snprintf(name, sizeof name, "eth%d", l);
    interface = sockeye_interface(n->lab, node, name, n->wire[i], 0, NULL);
    snprintf(name, sizeof name, "p%d", i);
    net_expect(n, interface > 0);
    net_expect(n, sockeye_interface(n->lab, n->lan[l].node, name, n->wire[i], 1, NULL) >= 0);
    if (wire)
        *wire = i;
    return interface;
}

static const char *net_text(char text[48], bool is_6, int l, int number, const char *bits)
{
    if (is_6)
        snprintf(text, 48, "fd00:%d::%x%s", l + 1, (unsigned)number, bits);
    else
        snprintf(text, 48, "10.%d.0.%d%s", l + 1, number, bits);
    return text;
}

static void net_router_plug(struct net *n, int r, int l)
{
    struct net_router *router = &n->router[r];
    char text[48];

    router->interface[l] = net_plug(n, router->node, l, &router->wire[l]);
    for (int is_6 = 0; is_6 < 2; is_6++)
        net_expect(n, sockeye_address(n->lab, router->node, router->interface[l],
                                      net_text(text, is_6, l, 200 + r, is_6 ? "/64" : "/24")) == 0);
}

/* The router that packets for LAN `to` are given to by router r, and the LAN that joins both. */
static int net_next(const struct net *n, int r, int to, int *by)
{
    int base = n->router[r].base;

    for (int l = to; l != 0; l = n->router[n->lan[l].up].base) {
        int q = n->lan[l].up, below = n->router[q].base;

        *by = below;
        if (q != r && (n->router[r].interface[below] || below == base))
            return q;
    }
    *by = base;
    return n->lan[base].up;
}

static void net_routes(struct net *n)
{
    char network[48], gateway[48];

    for (int r = 0; r < n->routers; r++) {
        for (int l = 0; l < n->lans; l++) {
            int by, q;

            if (n->router[r].interface[l])
                continue;
            q = net_next(n, r, l, &by);
            for (int is_6 = 0; is_6 < 2; is_6++) {
                net_text(network, is_6, l, 0, is_6 ? "/64" : "/24");
                net_text(gateway, is_6, by, 200 + q, "");
                net_expect(n, sockeye_route(n->lab, n->router[r].node, network, gateway, 0) == 0);
            }
        }
    }
}

/* The last LAN of a router that has no other below may be translated. */
static void net_translate(struct net *n)
{
    const struct sockeye_nat_config config = {
        .mapping = (enum sockeye_nat_dependence)net_draw(n, 4),
        .filter = (enum sockeye_nat_dependence)net_draw(n, 4)};
    int l = n->lans - 1, r = n->lan[l].up, below = 0;

    for (int k = 1; k < n->lans; k++)
        below += n->lan[k].up == r;
    if (below != 1 || net_draw(n, 2))
        return;
    n->lan[l].is_translated = true;
    net_expect(n, sockeye_nat(n->lab, n->router[r].node, n->router[r].interface[n->router[r].base],
                              &config) == 0);
}

static void net_lans(struct net *n)
{
    static const uint32_t mtus[] = {1500, 1500, 1280, 1400, 9000};
    char name[16];

    n->lans = 2 + (int)net_draw(n, NET_LANS - 1);
    n->routers = 1 + (int)net_draw(n, (uint64_t)(n->lans - 1));
    for (int l = 0; l < n->lans; l++) {
        snprintf(name, sizeof name, "lan%d", l);
        n->lan[l].mtu = mtus[net_draw(n, 5)];
        n->lan[l].node =
            net_draw(n, 4) ? sockeye_switch(n->lab, name, NULL) : sockeye_hub(n->lab, name);
        net_expect(n, n->lan[l].node >= 0);
    }
    for (int r = 0; r < n->routers; r++) {
        snprintf(name, sizeof name, "r%d", r);
        n->router[r].node = sockeye_router(n->lab, name);
        n->router[r].base = -1;
        net_expect(n, n->router[r].node >= 0);
    }
    for (int l = 1; l < n->lans && n->problem == 0; l++) {
        int r = l <= n->routers ? l - 1 : (int)net_draw(n, (uint64_t)n->routers);

        if (n->router[r].base < 0) {
            n->router[r].base = (int)net_draw(n, (uint64_t)l);
            net_router_plug(n, r, n->router[r].base);
        }
        n->lan[l].up = r;
        net_router_plug(n, r, l);
    }
    net_routes(n);
    net_translate(n);
}

/* Any router that stands on the LAN; one that translates does not forward from its outside, and is
 * taken there only if there is no other. */
static int net_router_of(struct net *n, int l)
{
    int r = (int)net_draw(n, (uint64_t)n->routers), last = n->lans - 1, translator = 0;

    for (int i = 0; i < n->routers; i++, r = (r + 1) % n->routers) {
        if (!n->router[r].interface[l])
            continue;
        if (l == last || !n->lan[last].is_translated || n->lan[last].up != r)
            return r;
        translator = r;
    }
    return translator;
}

/* RFC 4862: by what that router advertises. */
static void net_host_auto(struct net *n, struct net_host *host, int r)
{
    const struct sockeye_advertise_config config = {.interval_s = 10, .lifetime_s = 1800};
    const struct net_router *router = &n->router[r];

    host->is_auto = true;
    net_expect(n,
               sockeye_advertise(n->lab, router->node, router->interface[host->lan], &config) == 0);
    net_expect(n, sockeye_address(n->lab, host->node, host->interface, "auto") == 0);
}

static void net_host_plug(struct net *n, int h)
{
    struct net_host *host = &n->host[h];
    uint64_t families = net_draw(n, 4);
    char name[16], text[48];

    snprintf(name, sizeof name, "h%d", h);
    host->node = sockeye_host(n->lab, name);
    net_expect(n, host->node >= 0);
    host->lan = h < 2 ? h * (n->lans - 1) : (int)net_draw(n, (uint64_t)n->lans);
    host->interface = net_plug(n, host->node, host->lan, NULL);
    host->has4 = families != 0;
    host->has6 = families != 1;
    for (int is_6 = 0; is_6 < 2; is_6++) {
        int r = net_router_of(n, host->lan);

        if (!(is_6 ? host->has6 : host->has4))
            continue;
        if (is_6 && net_draw(n, 3) == 0) {
            net_host_auto(n, host, r);
            continue;
        }
        net_text(text, is_6, host->lan, 10 + h, is_6 ? "/64" : "/24");
        net_expect(n, sockeye_address(n->lab, host->node, host->interface, text) == 0);
        net_text(text, is_6, host->lan, 200 + r, "");
        net_expect(n, sockeye_route(n->lab, host->node, is_6 ? "::/0" : "default", text, 0) == 0);
    }
}

/* May both talk by IPv6? Nobody knows the address of a server that finds it itself. */
static bool net_has_way6(const struct net *n, int client, int server)
{
    return n->host[client].has6 && n->host[server].has6 && !n->host[server].is_auto;
}

/* May this client reach this server? Behind a translator by a port that is forwarded. */
static bool net_has_way(const struct net *n, int client, int server)
{
    const struct net_host *c = &n->host[client], *s = &n->host[server];

    return client != server && ((c->has4 && s->has4) || net_has_way6(n, client, server));
}

static void net_open(struct net *n)
{
    net_lans(n);
    n->hosts = 3 + (int)net_draw(n, NET_HOSTS - 2);
    for (int h = 0; h < n->hosts && n->problem == 0; h++)
        net_host_plug(n, h);
}
