/* SPDX-License-Identifier: MIT */
/*
 * What is done to a network (net.h) while its programs talk, and healed again: bad weather on a
 * wire, a link that goes down, a partition, a node that is paused or loses power, a smaller MTU
 * behind a router, another MTU of a LAN. Each says which conversations it may end: no other may end
 * by an error, for none lasts so long that a connection gives up.
 */
#pragma once
#include "net_talk.h"

enum net_fault_kind {
    NET_FAULT_WEATHER,
    NET_FAULT_LINK,
    NET_FAULT_PARTITION,
    NET_FAULT_PAUSE,
    NET_FAULT_CRASH,
    NET_FAULT_MTU,      /* of a router's route */
    NET_FAULT_WIRE_MTU, /* of all cables of a LAN */
    NET_FAULT_KINDS
};

struct net_fault {
    enum net_fault_kind kind;
    int object, other; /* a wire; a node; two hosts; a router and a LAN */
    int number;        /* of the partition */
    bool is_on, is_new_only;
    enum sockeye_partition_action action;
    struct sockeye_wire_config weather;
    uint32_t mtu;
};

static bool net_excuses(const struct net *n, const struct net_talk *t, int error)
{
    if (!n->has_faults)
        return false;
    switch (error) {
    case ECONNRESET:
    case ECONNREFUSED:
    case EPIPE:
    case EINVAL: /* of accept: the power took the listener too */
    case ENETDOWN:
    case ETIMEDOUT: /* no fault lasts so long that who tries on gives up */
        return t->may_end;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EACCES:
        return n->may_part && (t->may_end || !t->connected);
    case EAGAIN:
    case ENOBUFS:
        return !t->is_stream;
    default:
        return false;
    }
}

static bool net_runs(const struct net *n, int host)
{
    return !n->is_away[n->host[host].node];
}

static uint32_t net_sometimes(struct net *n, uint32_t most)
{
    return net_draw(n, 2) ? (uint32_t)net_draw(n, most) : 0;
}

static void net_fault_draw(struct net *n, struct net_fault *f)
{
    f->kind = (enum net_fault_kind)net_draw(n, NET_FAULT_KINDS);
    f->object = (int)net_draw(n, (uint64_t)n->wires);
    if (f->kind == NET_FAULT_PAUSE || f->kind == NET_FAULT_CRASH)
        f->object = (int)net_draw(n, (uint64_t)(n->lans + n->routers + n->hosts));
    if (f->kind == NET_FAULT_PARTITION) {
        f->object = (int)net_draw(n, (uint64_t)n->hosts);
        f->other = (int)net_draw(n, (uint64_t)n->hosts);
        f->action = (enum sockeye_partition_action)net_draw(n, 3);
        f->is_new_only = net_draw(n, 2) != 0;
    }
    if (f->kind == NET_FAULT_MTU) {
        f->object = (int)net_draw(n, (uint64_t)n->routers);
        f->other = (int)net_draw(n, (uint64_t)n->lans);
        f->mtu = 576 + (uint32_t)net_draw(n, 700);
    }
    if (f->kind == NET_FAULT_WIRE_MTU) {
        f->object = (int)net_draw(n, (uint64_t)n->lans);
        f->mtu = 1280 + (uint32_t)net_draw(n, 2000); /* RFC 8200 5: no less for IPv6 */
    }
    if (f->kind == NET_FAULT_WEATHER) {
        f->weather = n->wire_config[f->object];
        f->weather.jitter_ns = (int64_t)net_sometimes(n, 20000000);
        f->weather.loss_ppm = net_sometimes(n, 100000);
        f->weather.reorder_ppm = net_sometimes(n, 100000);
        f->weather.duplicate_ppm = net_sometimes(n, 100000);
        f->weather.corrupt_ppm = net_sometimes(n, 50000);
    }
}

/* Whom does it end if this node forgets all it knew? Its own talks, and what it translated. */
static void net_fault_ends(struct net *n, int node)
{
    const struct net_lan *last = &n->lan[n->lans - 1];
    bool is_translator = last->is_translated && n->router[last->up].node == node;

    for (int i = 0; i < n->talks; i++) {
        struct net_talk *t = &n->talk[i];
        int c = n->host[t->client].lan, s = n->host[t->server].lan;

        t->may_end = t->may_end || node == net_host_of(n, t, 0) || node == net_host_of(n, t, 1) ||
                     (is_translator && c != s && (c == n->lans - 1 || s == n->lans - 1));
    }
}

static void net_partition(struct net *n, struct net_fault *f)
{
    uint16_t from = (uint16_t)n->host[f->object].node, to = (uint16_t)n->host[f->other].node;
    const struct sockeye_partition partition = {.from = &from,
                                                .to = &to,
                                                .from_count = 1,
                                                .to_count = 1,
                                                .action = f->action,
                                                .new_only = f->is_new_only};

    f->number = sockeye_partition(n->lab, &partition);
    net_expect(n, f->number >= 0);
    f->is_on = true;
    for (int i = 0; i < n->talks; i++) {
        struct net_talk *t = &n->talk[i];

        if (f->action == SOCKEYE_PARTITION_RESET &&
            ((t->client == f->object && t->server == f->other) ||
             (t->client == f->other && t->server == f->object)))
            t->may_end = true;
    }
}

static void net_route_mtu(struct net *n, const struct net_fault *f, uint32_t mtu)
{
    const struct sockeye_route_config config = {.mtu = mtu}, config6 = {.mtu = mtu ? 1280 : 0};
    const struct net_router *r = &n->router[f->object];
    char text[48];

    if (r->interface[f->other] == 0)
        return;
    net_expect(n, sockeye_route_put(n->lab, r->node, net_text(text, false, f->other, 0, "/24"),
                                    NULL, r->interface[f->other], &config) >= 0);
    net_expect(n, sockeye_route_put(n->lab, r->node, net_text(text, true, f->other, 0, "/64"), NULL,
                                    r->interface[f->other], &config6) >= 0);
}

/* As if the cables and their ports were others: a switch between two sizes loses what is long. */
static void net_wire_mtu(struct net *n, int lan, uint32_t mtu)
{
    for (int i = 0; i < n->wires; i++)
        if (n->wire_lan[i] == lan)
            net_expect(n, sockeye_wire_mtu(n->lab, n->wire[i], mtu) == 0);
}

static void net_weather(struct net *n, int wire, const struct sockeye_wire_config *config)
{
    for (int direction = 0; direction < 2; direction++)
        net_expect(n, sockeye_wire_change(n->lab, n->wire[wire], direction, config) == 0);
}

static void net_link(struct net *n, int wire, bool up)
{
    for (int direction = 0; direction < 2; direction++) {
        int64_t now = sockeye_now(n->lab);

        net_expect(n, sockeye_wire_link(n->lab, n->wire[wire], direction, up, now) == 0);
    }
}

static void net_fault_begin(struct net *n, struct net_fault *f)
{
    int result;

    n->may_part = n->may_part || (f->kind != NET_FAULT_MTU && f->kind != NET_FAULT_WIRE_MTU);
    switch (f->kind) {
    case NET_FAULT_WEATHER:
        net_weather(n, f->object, &f->weather);
        break;
    case NET_FAULT_LINK:
        net_link(n, f->object, false);
        break;
    case NET_FAULT_PARTITION:
        net_partition(n, f);
        break;
    case NET_FAULT_MTU:
        net_route_mtu(n, f, f->mtu);
        break;
    case NET_FAULT_WIRE_MTU:
        net_wire_mtu(n, f->object, f->mtu);
        break;
    case NET_FAULT_PAUSE:
    case NET_FAULT_CRASH:
        if (n->is_away[f->object])
            break;
        result = f->kind == NET_FAULT_CRASH ? sockeye_crash(n->lab, f->object)
                                            : sockeye_pause(n->lab, f->object);
        net_expect(n, result == 0);
        f->is_on = n->is_away[f->object] = true;
        if (f->kind == NET_FAULT_CRASH)
            net_fault_ends(n, f->object);
        break;
    case NET_FAULT_KINDS:
        break;
    }
}

static void net_fault_heal(struct net *n, struct net_fault *f)
{
    switch (f->kind) {
    case NET_FAULT_WEATHER:
        net_weather(n, f->object, &n->wire_config[f->object]);
        break;
    case NET_FAULT_LINK:
        net_link(n, f->object, true);
        break;
    case NET_FAULT_PARTITION:
        net_expect(n, sockeye_heal(n->lab, f->number) == 0);
        break;
    case NET_FAULT_MTU:
        net_route_mtu(n, f, 0);
        break;
    case NET_FAULT_WIRE_MTU:
        net_wire_mtu(n, f->object, n->lan[f->object].mtu ? n->lan[f->object].mtu : 1500);
        break;
    case NET_FAULT_PAUSE:
    case NET_FAULT_CRASH:
        if (!f->is_on)
            break;
        net_expect(n, sockeye_resume(n->lab, f->object) == 0);
        n->is_away[f->object] = false;
        break;
    case NET_FAULT_KINDS:
        break;
    }
    f->is_on = false;
}
