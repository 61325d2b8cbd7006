/* SPDX-License-Identifier: MIT */
/*
 * Putting a host together: loopback, layer 3, the transports, the socket calls; then an interface
 * for each wire. Everything lies inside the host's own slot or in pools shared by the lab, and is
 * tied together by plain pointers inside the arena.
 *
 * The key of an interface is of the host's key and the interface's name (architecture, rule 3).
 */
#include "node/host.h"

#include <string.h>

#include "3-network/ip_timer.h"
#include "3-network/translate.h"
#include "base/compiler.h"

static uint64_t table_bytes(uint64_t links)
{
    return pool_bytes((uint32_t)(links * sizeof(struct table_link *)), 1);
}

uint64_t host_arena_bytes(uint32_t sockets)
{
    uint64_t tcp = 3 * table_bytes(sockets), udp = table_bytes(sockets);
    uint64_t tcp_ports = table_bytes(2 * (uint64_t)sockets) +
                         pool_bytes(sizeof(struct port_group), 2 * sockets) +
                         pool_bytes(sizeof(struct port_share), 2 * sockets);
    uint64_t udp_ports = table_bytes(sockets) + pool_bytes(sizeof(struct port_group), sockets);
    uint64_t ping_ports = udp_ports;

    return tcp + tcp_ports + udp + udp_ports + ping_ports + table_bytes(sockets) /* of names */ +
           x25_arena_bytes() + call_arena_bytes(sockets);
}

uint64_t host_interface_arena_bytes(void)
{
    return table_bytes(LINK_NEIGHBORS);
}

static void loopback_init(struct host *h, uint32_t number)
{
    const struct wire_settings settings = {.queue.packets = HOST_LOOPBACK_QUEUE};
    const struct wire_plan plan = {
        .kind = WIRE_SIM,
        .number = number,
        .mtu = HOST_LOOPBACK_MTU,
        .bare = true,
        .key = random_key(h->node.means.key, "lo wire", 7),
        .timer_code = TIMER_WIRE,
    };

    wire_init(&h->loopback, &h->node.means, &plan);
    (void)wire_settings_set(&h->loopback, 0, &settings); /* no flows: it cannot fail */
    (void)wire_settings_set(&h->loopback, 1, &settings);
}

struct wire *host_loopback(struct node *n)
{
    return &host_of_node(n)->loopback;
}

static int network_open(struct host *h, const struct node_pools *pools)
{
    const struct ip_plan plan = {
        .fragments_pool = pools->fragments,
        .icmp_pool = pools->icmp,
        .route_pool = pools->routes,
        .route_node_pool = pools->route_nodes,
        .multicast_pool = pools->multicasts,
        .group_pool = pools->groups,
        .member_pool = pools->members,
        .route_limit = pools->routes_each,
        .ndp_pool = pools->ndp,
        .timer_code = TIMER_IP,
        .ndp_timer_code = TIMER_NDP,
    };

    return ip_init(&h->ip, &h->node.means, &plan);
}

static int tcp_of_host(struct host *h, const struct node_pools *pools, uint32_t limit)
{
    const struct tcp_plan plan = {
        .ip = &h->ip,
        .conn_pool = pools->conns,
        .half_pool = pools->halves,
        .hole_pool = pools->holes,
        .listener_pool = pools->listeners,
        .code = HOST_IP_TCP,
        .limit = limit,
        .timer_code = TIMER_TCP,
        .half_timer_code = TIMER_TCP_HALF,
    };

    transport_attach(&h->transport, &h->transport.tcp.service, TRANSPORT_STREAM);
    return tcp_init(&h->transport.tcp, &h->node.means, &plan);
}

static int datagrams_of_host(struct host *h, const struct node_pools *pools, uint32_t limit)
{
    struct datagram_plan plan = {
        .ip = &h->ip,
        .end_pool = pools->udp_ends,
        .inbox_pool = pools->inbox,
        .error_pool = pools->errors,
        .code = HOST_IP_UDP,
        .limit = limit,
    };
    int result;

    transport_attach(&h->transport, &h->transport.udp.service, TRANSPORT_DATAGRAM);
    transport_attach(&h->transport, &h->transport.ping.service, TRANSPORT_PING);
    result = udp_init(&h->transport.udp, &h->node.means, &plan);
    if (result < 0)
        return result;
    plan.end_pool = pools->ping_ends;
    plan.code = HOST_IP_PING;
    result = ping_init(&h->transport.ping, &h->node.means, &plan);
    if (result == 0)
        ping_attach_6(&h->transport.ping, HOST_IP_PING_6);
    plan.end_pool = pools->raw_ends;
    plan.code = HOST_IP_RAW;
    plan.limit = RAW_ENDS;
    transport_attach(&h->transport, &h->transport.raw.service, TRANSPORT_RAW);
    raw_init(&h->transport.raw, &h->node.means, &plan);
    return result;
}

static int unix_of_host(struct host *h, const struct node_pools *pools, uint32_t limit)
{
    const struct unix_plan plan = {
        .end_pool = pools->unix_ends,
        .name_pool = pools->unix_names,
        .item_pool = pools->unix_items,
        .rights_pool = pools->unix_rights,
        .sockets = limit,
    };

    for (int i = 0; i < UNIX_KINDS; i++)
        transport_attach(&h->transport, &h->unix_host.service[i],
                         (enum transport_kind)(TRANSPORT_UNIX_STREAM + i));
    return unix_init(&h->unix_host, &h->node.means, &plan);
}

static int circuits_of_host(struct host *h, const struct node_pools *pools, uint32_t sockets)
{
    const struct x25_plan x25_plan = {
        .pool = pools->circuits,
        .relay_pool = pools->x25_relays,
        .timer_code = TIMER_X25_CIRCUIT,
        .line_timer_code = TIMER_X25_LINE,
        .relay_timer_code = TIMER_X25_RELAY,
        .limit = host_circuits_most(sockets),
    };
    const struct circuit_plan plan = {
        .x25 = &h->x25,
        .pool = pools->circuit_ends,
        .limit = host_circuit_ends_most(sockets),
        .upper_code = HOST_X25_CIRCUIT,
        .user_code = HOST_X25_CIRCUIT,
    };
    int result = x25_init(&h->x25, &h->node.means, &x25_plan);

    transport_attach(&h->transport, &h->transport.circuit.service, TRANSPORT_CIRCUIT);
    circuit_init(&h->transport.circuit, &h->node.means, &plan);
    return result;
}

static int calls_open(struct host *h, const struct node_pools *pools,
                      const struct node_plan *of_host)
{
    const struct session_plan session_plan = {
        .transport = &h->transport,
        .unix_host = &h->unix_host,
        .pool = pools->sockets,
        .upper_code = HOST_TRANSPORT_SESSION,
    };
    const struct call_plan call_plan = {
        .sessions = &h->sessions,
        .limit = of_host->sockets,
        .wall_base = of_host->wall_base,
    };

    transport_attach(&h->transport, &h->frames.service, TRANSPORT_FRAMES);
    frames_init(&h->frames, &h->node.means, pools->frames_ends, pools->frames_items);
    transport_attach(&h->transport, &h->netlink.service, TRANSPORT_NETLINK);
    transport_attach(&h->transport, &h->netlink.diag, TRANSPORT_DIAG);
    netlink_init(&h->netlink, &h->node.means, &h->calls, pools->netlink_ends);
    session_table_init(&h->sessions, &h->node.means, &session_plan);
    return call_host_init(&h->calls, &h->node.means, &call_plan);
}

static void xot_of_host(struct host *h, const struct node_pools *pools)
{
    const struct xot_plan plan = {
        .transport = &h->transport,
        .x25 = &h->x25,
        .pool = pools->xots,
        .circuit_code = HOST_TRANSPORT_XOT,
        .listener_code = HOST_TRANSPORT_XOT_LISTENER,
        .timer_code = TIMER_XOT,
    };

    xot_init(&h->xot, &h->node.means, &plan);
}

int host_init(struct node *n, const struct node_pools *pools, const struct node_plan *plan)
{
    struct host *h = host_of_node(n);
    int result = network_open(h, pools);

    loopback_init(h, plan->loopback_wire);
    if (result == 0)
        result = tcp_of_host(h, pools, plan->sockets);
    if (result == 0)
        result = datagrams_of_host(h, pools, plan->sockets);
    if (result == 0)
        result = unix_of_host(h, pools, plan->sockets);
    if (result == 0)
        result = circuits_of_host(h, pools, plan->sockets);
    xot_of_host(h, pools);
    if (result == 0)
        result = calls_open(h, pools, plan);
    return result;
}

void host_undo(struct node *n, const struct node_pools *pools)
{
    struct host *h = host_of_node(n);

    for (int i = 0; i < IP_FAMILIES; i++)
        if (h->ip.fragments[i])
            pool_put(pools->fragments, h->ip.fragments[i]);
    if (h->ip.icmp)
        pool_put(pools->icmp, h->ip.icmp);
}

/* The loopback's other end, the addresses of all loopbacks, and what later interfaces begin
 * with. */
static int loopback_up(struct host *h, struct host_interface *i)
{
    wire_attach(&h->loopback.end[1], &i->link.wire_upper, &h->node.means.packet_budget,
                h->node.means.node);
    memcpy(&h->neighbors, &i->link.settings, sizeof h->neighbors);
    return ip_loopback_add(&h->ip, 0);
}

int host_interface_open(struct node *n, const struct node_pools *pools, uint32_t number,
                        const struct node_interface_plan *plan)
{
    struct host *h = host_of_node(n);
    struct host_interface *i = host_interface(h, number);
    const struct link_plan link_plan = {
        .kind = plan->wire->bare ? LINK_BARE : LINK_ETHERNET,
        .interface = number,
        .key = random_key(n->means.key, plan->name, plan->name_length),
        .mac = plan->mac,
        .base = plan->vlan ? &host_interface(h, plan->base)->link : NULL,
        .vlan = (uint16_t)plan->vlan,
        .neighbor_pool = pools->neighbors,
        .wire_upper_code = NODE_WIRE_LINK,
        .timer_code = TIMER_LINK,
        .neighbor_timer_code = TIMER_NEIGHBOR,
    };
    int result = link_init(&i->link, &n->means, &plan->wire->end[plan->end], &link_plan);

    if (result < 0)
        return result;
    ip_interface_add(&h->ip, &i->ip, &i->link, HOST_LINK_IP, HOST_LINK_IP6);
    i->link.watchers = frames_watchers(&h->frames, number);
    if (number == 0)
        return loopback_up(h, i);
    memcpy(&i->link.settings, &h->neighbors, sizeof i->link.settings);
    return 0;
}

/* Netlink's groups are told first; what a stream of XOT is told may make its circuit write to it,
 * or give it up. */
RARE static void settle_more(struct host *h, nanoseconds now)
{
    if (netlink_has_news(&h->netlink))
        netlink_tell(&h->netlink, now);
    transport_deliver(&h->transport, now);
    while (transport_is_touched(&h->transport) || xot_is_touched(&h->xot)) {
        transport_deliver(&h->transport, now);
        xot_settle(&h->xot, now);
    }
}

/* After most calls and events there is nothing to tell. */
void host_settle(struct node *n, nanoseconds now)
{
    struct host *h = host_of_node(n);

    if (unlikely(netlink_has_news(&h->netlink) || xot_has_circuits(&h->xot)))
        settle_more(h, now);
    else if (transport_is_touched(&h->transport))
        transport_deliver(&h->transport, now);
}

void host_crash(struct node *n, nanoseconds now)
{
    struct host *h = host_of_node(n);

    tcp_crash(&h->transport.tcp, now);
    unix_crash(&h->unix_host);
    x25_crash(&h->x25, now);
    xot_crash(&h->xot, now);
    host_x25_crash(h, now);
    if (h->ip.translate) {
        translate_forget(h->ip.translate, now);
        ip_timer_rearm(&h->ip);
    }
    host_settle(n, now);
}

int host_check(const struct node *n)
{
    const struct host *h = container_of(n, const struct host, node);
    int line = wire_check(&h->loopback);

    for (uint32_t i = 0; line == 0 && i < n->interface_count; i++)
        line = link_check(&host_interface(h, i)->link);
    if (line == 0)
        line = ip_check(&h->ip);
    if (line == 0)
        line = x25_check(&h->x25);
    if (line == 0)
        line = transport_check(&h->transport);
    if (line == 0)
        line = call_check(&h->calls);
    if (line == 0)
        line = x25_relay_check(&h->x25);
    if (line == 0)
        line = xot_check(&h->xot);
    if (line == 0)
        line = host_x25_check(h);
    return line;
}
