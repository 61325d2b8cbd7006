/* SPDX-License-Identifier: MIT */
/*
 * Putting a host together: loopback, layer 3, the transports, the socket calls; then an interface
 * for each wire. Everything lies inside the host's own slot or in pools shared by the lab, and is
 * tied together by plain pointers inside the arena.
 *
 * Keys: a host's chance comes from the lab's seed and its name, an interface's from the host's key
 * and the interface's name (architecture, rule 3).
 */
#include "node/host.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"

static uint64_t table_bytes(uint64_t links)
{
    return pool_bytes((uint32_t)(links * sizeof(struct table_link *)), 1);
}

uint64_t host_arena_bytes(uint32_t sockets)
{
    uint64_t tables = 8 * table_bytes(2 * (uint64_t)sockets);
    uint64_t ports = 3 * pool_bytes(sizeof(struct port_group), 2 * sockets) +
                     pool_bytes(sizeof(struct port_share), 2 * sockets);

    return tables + ports + call_arena_bytes(sockets);
}

uint64_t host_interface_arena_bytes(void)
{
    return table_bytes(HOST_NEIGHBORS);
}

static void name_set(char name[HOST_NAME_BYTES], uint32_t *length, const char *text, size_t n)
{
    ensure(n < HOST_NAME_BYTES);
    memset(name, 0, HOST_NAME_BYTES);
    memcpy(name, text, n);
    *length = (uint32_t)n;
}

static void link_plan_of(const struct host *h, const struct host_pools *pools,
                         const struct host_interface *interface, uint32_t number,
                         struct link_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan->interface = number;
    plan->key = random_key(h->means.key, interface->name, interface->name_length);
    plan->neighbor_pool = pools->neighbors;
    plan->wire_upper_code = HOST_WIRE_LINK;
    plan->timer_code = TIMER_LINK;
    plan->neighbor_timer_code = TIMER_NEIGHBOR;
}

static int loopback_open(struct host *h, const struct host_pools *pools, uint32_t wire)
{
    struct host_interface *interface = pool_get(pools->interfaces);
    struct wire_settings settings = {.queue_packets = HOST_LOOPBACK_QUEUE};
    struct link_plan link_plan;
    const struct wire_plan wire_plan = {
        .kind = WIRE_SIM,
        .number = wire,
        .mtu = HOST_LOOPBACK_MTU,
        .bare = true,
        .key = random_key(h->means.key, "lo wire", 7),
        .timer_code = TIMER_WIRE,
    };
    int result;

    if (!interface)
        return -ENOMEM;
    h->interface[0] = interface;
    h->interface_count = 1;
    name_set(interface->name, &interface->name_length, "lo", 2);
    interface->wire = wire;
    wire_init(&h->loopback, &h->means, &wire_plan);
    wire_settings_set(&h->loopback, 0, &settings);
    wire_settings_set(&h->loopback, 1, &settings);
    link_plan_of(h, pools, interface, 0, &link_plan);
    link_plan.kind = LINK_BARE;
    result = link_init(&interface->link, &h->means, &h->loopback.end[0], &link_plan);
    if (result < 0)
        return result;
    wire_attach(&h->loopback, 1, &interface->link.wire_upper, &h->means.packet_budget,
                h->means.node);
    memcpy(&h->neighbors, &interface->link.settings, sizeof h->neighbors);
    ip_interface_add(&h->ip, &interface->ip, &interface->link, HOST_LINK_IP);
    return ip_address_add(&h->ip, 0, address_from_ip4(0x7f000001), 8, 0);
}

static int network_open(struct host *h, const struct host_pools *pools)
{
    const struct ip_plan plan = {
        .fragments_pool = pools->fragments,
        .icmp_pool = pools->icmp,
        .timer_code = TIMER_IP,
    };

    return ip_init(&h->ip, &h->means, &plan);
}

static int tcp_of_host(struct host *h, const struct host_pools *pools, uint32_t limit)
{
    const struct tcp_plan plan = {
        .ip = &h->ip,
        .pending = &h->transport.pending,
        .conn_pool = pools->conns,
        .half_pool = pools->halves,
        .hole_pool = pools->holes,
        .listener_pool = pools->listeners,
        .drained = &h->transport.drained,
        .code = HOST_IP_TCP,
        .limit = limit,
        .timer_code = TIMER_TCP,
        .half_timer_code = TIMER_TCP_HALF,
    };

    return tcp_init(&h->transport.tcp, &h->means, &plan);
}

static int datagrams_of_host(struct host *h, const struct host_pools *pools, uint32_t limit)
{
    struct datagram_plan plan = {
        .ip = &h->ip,
        .end_pool = pools->udp_ends,
        .inbox_pool = pools->inbox,
        .drained = &h->transport.drained,
        .pending = &h->transport.pending,
        .code = HOST_IP_UDP,
        .limit = limit,
    };
    int result = udp_init(&h->transport.udp, &h->means, &plan);

    if (result < 0)
        return result;
    plan.end_pool = pools->ping_ends;
    plan.code = HOST_IP_PING;
    return ping_init(&h->transport.ping, &h->means, &plan);
}

static int calls_open(struct host *h, const struct host_plan *of_host)
{
    const struct call_plan plan = {
        .transport = &h->transport,
        .limit = of_host->sockets,
        .upper_code = HOST_TRANSPORT_SESSION,
        .wall_base = of_host->wall_base,
    };

    return call_host_init(&h->calls, &h->means, &plan);
}

int host_init(struct host *h, const struct means *lab, const struct host_pools *pools,
              const struct host_plan *plan)
{
    int result;

    name_set(h->name, &h->name_length, plan->name, plan->name_length);
    means_of_node(&h->means, lab, plan->number, random_key(lab->key, plan->name, plan->name_length),
                  h->drops);
    result = network_open(h, pools);
    if (result == 0)
        result = loopback_open(h, pools, plan->loopback_wire);
    if (result == 0)
        result = tcp_of_host(h, pools, plan->sockets);
    if (result == 0)
        result = datagrams_of_host(h, pools, plan->sockets);
    if (result == 0)
        result = calls_open(h, plan);
    return result;
}

void host_undo(struct host *h, const struct host_pools *pools)
{
    if (h->ip.fragments)
        pool_put(pools->fragments, h->ip.fragments);
    if (h->ip.icmp)
        pool_put(pools->icmp, h->ip.icmp);
    for (uint32_t i = 0; i < h->interface_count; i++)
        pool_put(pools->interfaces, h->interface[i]);
}

int host_interface_open(struct host *h, const struct host_pools *pools, const char *name,
                        size_t name_length, struct wire *wire, uint32_t end, struct mac mac)
{
    uint32_t number = h->interface_count;
    struct host_interface *interface;
    struct link_plan plan;
    int result;

    if (number == IP_INTERFACES)
        return -ENOSPC;
    interface = pool_get(pools->interfaces);
    if (!interface)
        return -ENOMEM;
    name_set(interface->name, &interface->name_length, name, name_length);
    interface->wire = wire->number;
    interface->end = end;
    link_plan_of(h, pools, interface, number, &plan);
    plan.kind = wire->bare ? LINK_BARE : LINK_ETHERNET;
    plan.mac = mac;
    result = link_init(&interface->link, &h->means, &wire->end[end], &plan);
    if (result < 0) {
        pool_put(pools->interfaces, interface);
        return result;
    }
    memcpy(&interface->link.settings, &h->neighbors, sizeof interface->link.settings);
    ip_interface_add(&h->ip, &interface->ip, &interface->link, HOST_LINK_IP);
    h->interface[h->interface_count++] = interface;
    return (int)number;
}

void host_deliver(struct host *h, nanoseconds now)
{
    transport_deliver(&h->transport, now);
}

struct host *host_of_calls(struct call_host *calls)
{
    return container_of(calls, struct host, calls);
}

int host_check(const struct host *h)
{
    int line = wire_check(&h->loopback);

    for (uint32_t i = 0; line == 0 && i < h->interface_count; i++)
        line = link_check(&h->interface[i]->link);
    if (line == 0)
        line = ip_check(&h->ip);
    if (line == 0)
        line = transport_check(&h->transport);
    if (line == 0)
        line = call_check(&h->calls);
    if (line == 0 && h->means.packet_budget.used > h->means.packet_budget.limit)
        line = __LINE__;
    if (line == 0 && h->means.buffer_budget.used > h->means.buffer_budget.limit)
        line = __LINE__;
    return line;
}
