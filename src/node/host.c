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
#include "base/integer.h"

static uint64_t table_bytes(uint64_t links)
{
    return pool_bytes((uint32_t)(links * sizeof(struct table_link *)), 1);
}

uint64_t host_arena_bytes(uint32_t sockets)
{
    uint64_t tables = 7 * table_bytes(2 * (uint64_t)sockets);
    uint64_t ports = 3 * pool_bytes(sizeof(struct port_group), 2 * sockets);

    return tables + ports + IP_INTERFACES * table_bytes(HOST_NEIGHBORS) + call_arena_bytes(sockets);
}

static void name_set(char name[HOST_NAME_BYTES], uint32_t *length, const char *text, size_t n)
{
    ensure(n < HOST_NAME_BYTES);
    memset(name, 0, HOST_NAME_BYTES);
    memcpy(name, text, n);
    *length = (uint32_t)n;
}

static void link_parts_of(struct host *h, const struct host_parts *parts,
                          const struct host_interface *interface, uint32_t number,
                          struct link_parts *out)
{
    memset(out, 0, sizeof *out);
    out->timers = h->timers;
    out->packets = h->packets;
    out->budget = &h->packet_budget;
    out->voice = h->voice;
    out->voice.wire = (uint16_t)interface->wire;
    out->key = random_key(h->key, interface->name, interface->name_length);
    out->neighbor_pool = parts->pools->neighbors;
    out->arena = parts->arena;
    out->node = h->number;
    out->interface = number;
    out->wire_upper_code = HOST_WIRE_LINK;
    out->timer_code = TIMER_LINK;
    out->neighbor_timer_code = TIMER_NEIGHBOR;
}

static int loopback_open(struct host *h, const struct host_parts *parts)
{
    struct host_interface *interface = &h->interface[0];
    struct wire_settings settings = {.queue_packets = HOST_LOOPBACK_QUEUE};
    struct link_parts link_parts;
    struct voice voice = h->voice;
    struct siphash_key key;
    int result;

    name_set(interface->name, &interface->name_length, "lo", 2);
    interface->wire = parts->loopback_wire;
    voice.wire = (uint16_t)parts->loopback_wire;
    key = random_key(h->key, "lo wire", 7);
    wire_init(&h->loopback, h->timers, h->packets, voice, parts->loopback_wire, key, WIRE_SIM, true,
              HOST_LOOPBACK_MTU, parts->packet_limit);
    h->loopback.timer_code = TIMER_WIRE;
    wire_settings_set(&h->loopback, 0, &settings);
    wire_settings_set(&h->loopback, 1, &settings);
    link_parts_of(h, parts, interface, 0, &link_parts);
    result = link_init(&interface->link, LINK_BARE, &h->loopback.end[0], &link_parts);
    if (result < 0)
        return result;
    wire_attach(&h->loopback, 0, &interface->link.wire_upper, &h->packet_budget, h->number);
    wire_attach(&h->loopback, 1, &interface->link.wire_upper, &h->packet_budget, h->number);
    ip_interface_add(&h->ip, 0, &interface->link, HOST_LINK_IP);
    h->interface_count = 1;
    return ip_address_add(&h->ip, 0, address_from_ip4(0x7f000001), 8, 0);
}

static int network_open(struct host *h, const struct host_parts *parts)
{
    struct ip_parts ip_parts = {
        .packets = h->packets,
        .budget = &h->packet_budget,
        .timers = h->timers,
        .voice = h->voice,
        .key = h->key,
        .fragments_pool = parts->pools->fragments,
        .icmp_pool = parts->pools->icmp,
        .node = h->number,
        .timer_code = TIMER_IP,
    };

    return ip_init(&h->ip, &ip_parts);
}

static int tcp_of_host(struct host *h, const struct host_parts *parts)
{
    struct tcp_parts tcp_parts = {
        .ip = &h->ip,
        .transport = &h->transport,
        .packets = h->packets,
        .budget = &h->packet_budget,
        .buffers = h->buffers,
        .buffer_budget = &h->buffer_budget,
        .timers = h->timers,
        .arena = parts->arena,
        .voice = h->voice,
        .key = h->key,
        .conn_pool = parts->pools->conns,
        .half_pool = parts->pools->halves,
        .drained = &h->transport.drained,
        .code = HOST_IP_TCP,
        .node = h->number,
        .limit = parts->sockets,
        .timer_code = TIMER_TCP,
        .half_timer_code = TIMER_TCP_HALF,
    };

    return tcp_init(&h->transport.tcp, &tcp_parts);
}

static int datagrams_of_host(struct host *h, const struct host_parts *parts)
{
    struct datagram_parts datagram_parts = {
        .ip = &h->ip,
        .packets = h->packets,
        .budget = &h->packet_budget,
        .arena = parts->arena,
        .voice = h->voice,
        .key = h->key,
        .end_pool = parts->pools->udp_ends,
        .inbox_pool = parts->pools->inbox,
        .drained = &h->transport.drained,
        .code = HOST_IP_UDP,
        .limit = parts->sockets,
    };
    int result = udp_init(&h->transport.udp, &datagram_parts);

    if (result < 0)
        return result;
    datagram_parts.end_pool = parts->pools->ping_ends;
    datagram_parts.code = HOST_IP_PING;
    return ping_init(&h->transport.ping, &datagram_parts);
}

static int calls_open(struct host *h, const struct host_parts *parts)
{
    struct call_parts call_parts = {
        .arena = parts->arena,
        .transport = &h->transport,
        .limit = parts->sockets,
        .upper_code = HOST_TRANSPORT_SESSION,
        .wall_base = parts->wall_base,
    };

    return call_host_init(&h->calls, &call_parts);
}

int host_init(struct host *h, const struct host_parts *parts)
{
    int result;

    h->packets = parts->packets;
    h->buffers = parts->buffers;
    h->timers = parts->timers;
    h->number = parts->number;
    name_set(h->name, &h->name_length, parts->name, parts->name_length);
    h->key = random_key(parts->seed, parts->name, parts->name_length);
    h->voice.log = parts->log;
    h->voice.drops = h->drops;
    h->voice.host = (uint16_t)parts->number;
    h->voice.wire = EVENT_NOWHERE;
    h->packet_budget.limit = parts->packet_limit;
    h->buffer_budget.limit = parts->buffer_bytes;
    result = network_open(h, parts);
    if (result == 0)
        result = loopback_open(h, parts);
    if (result == 0)
        result = tcp_of_host(h, parts);
    if (result == 0)
        result = datagrams_of_host(h, parts);
    if (result == 0)
        result = calls_open(h, parts);
    return result;
}

int host_interface_open(struct host *h, const struct host_parts *parts, const char *name,
                        size_t name_length, struct wire *wire, uint32_t end, struct mac mac)
{
    uint32_t number = h->interface_count;
    struct host_interface *interface = &h->interface[number];
    struct link_parts link_parts;
    int result;

    if (number == IP_INTERFACES)
        return -ENOSPC;
    name_set(interface->name, &interface->name_length, name, name_length);
    interface->wire = wire->number;
    interface->end = end;
    link_parts_of(h, parts, interface, number, &link_parts);
    link_parts.mac = mac;
    result = link_init(&interface->link, wire->bare ? LINK_BARE : LINK_ETHERNET, &wire->end[end],
                       &link_parts);
    if (result < 0)
        return result;
    memcpy(&interface->link.settings, &h->interface[0].link.settings,
           sizeof interface->link.settings);
    wire_attach(wire, end, &interface->link.wire_upper, &h->packet_budget, h->number);
    ip_interface_add(&h->ip, number, &interface->link, HOST_LINK_IP);
    h->interface_count++;
    return (int)number;
}

void host_deliver(struct host *h, nanoseconds now)
{
    transport_deliver(&h->transport, now);
}

int host_check(const struct host *h)
{
    int line = wire_check(&h->loopback);

    for (uint32_t i = 0; line == 0 && i < h->interface_count; i++)
        line = link_check(&h->interface[i].link);
    if (line == 0)
        line = ip_check(&h->ip);
    if (line == 0)
        line = tcp_check_all(&h->transport.tcp);
    if (line == 0)
        line = udp_check(&h->transport.udp);
    if (line == 0)
        line = ping_check(&h->transport.ping);
    if (line == 0)
        line = call_check(&h->calls);
    if (line == 0 && h->packet_budget.used > h->packet_budget.limit)
        line = __LINE__;
    if (line == 0 && h->buffer_budget.used > h->buffer_budget.limit)
        line = __LINE__;
    return line;
}
