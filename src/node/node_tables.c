/* SPDX-License-Identifier: MIT */
/*
 * The tables of hosts and switches as rows. A walk counts all that is there and fills in as many as
 * there is room for, in the order in which the layer keeps them; who shows them may sort.
 */
#include <string.h>

#include "2-link/neighbor.h"
#include "3-network/route_table.h"
#include "3-network/translate.h"
#include "4-transport/tcp/tcp_conn.h"
#include "4-transport/transport.h"
#include "node/host.h"
#include "3-network/ip6/ndp_state.h"
#include "node/node_tables.h"
#include "node/switch.h"
#include "sockeye/event.h"

enum { NO_INTERFACE = 0xffff, PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

/* Of the ends that are listed by their sockets; streams have a list of their own. */
static const uint8_t protocols[TRANSPORT_KINDS] = {
    [TRANSPORT_DATAGRAM] = PROTOCOL_UDP, [TRANSPORT_PING] = PROTOCOL_ICMP};

/* Where the rows go. */
struct table_walk {
    struct sockeye_row *rows;
    uint64_t most, count;
    struct sockeye_row beyond; /* of which nobody reads */
};

/* The next row: of this kind, for ever, of nobody, and known by nothing. */
static struct sockeye_row *next_row(struct table_walk *walk, enum sockeye_table_kind kind)
{
    struct sockeye_row *row = walk->count < walk->most ? &walk->rows[walk->count] : &walk->beyond;

    walk->count++;
    *row = (struct sockeye_row){
        .since = -1, .until = NEVER, .interface = NO_INTERFACE, .kind = (uint8_t)kind};
    return row;
}

static const struct host *host_of(const struct node *n)
{
    return container_of(n, const struct host, node);
}

/* Of the bits of 128, those of the address's own family. */
static uint32_t own_bits(struct address a, uint32_t bits)
{
    return address_is_mapped(a) ? bits - 96 : bits;
}

static struct sockeye_row *interface_row(struct table_walk *walk, uint32_t number,
                                         const struct link *l)
{
    struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_INTERFACES);

    row->interface = (uint16_t)number;
    row->origin = ORIGIN_CONFIGURED;
    row->interfaces.wire = l->end->wire->number;
    row->interfaces.mtu = l->end->wire->mtu;
    memcpy(row->interfaces.mac, l->mac.bytes, sizeof row->interfaces.mac);
    return row;
}

static void host_interfaces(const struct node *n, struct table_walk *walk)
{
    const struct host *h = host_of(n);

    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct host_interface *interface = host_interface(h, i);

        for (uint32_t k = 0; k < interface->ip.address_count; k++) {
            const struct ip_address *a = &interface->ip.address[k];
            struct sockeye_row *row = interface_row(walk, i, &interface->link);

            row->interfaces.address = a->address;
            row->interfaces.prefix = own_bits(a->address, a->bits);
            row->interfaces.state = a->state;
            row->origin = a->origin;
            row->since = a->since;
            row->until = a->valid_until;
        }
        if (!interface->ip.address_count)
            interface_row(walk, i, &interface->link);
    }
}

static void host_neighbors(const struct node *n, struct table_walk *walk)
{
    const struct host *h = host_of(n);

    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct list_link *at = host_interface(h, i)->link.neighbor_order.first;

        for (; at; at = at->next) {
            const struct neighbor *neighbor = container_of(at, struct neighbor, order);
            struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_NEIGHBORS);

            row->interface = (uint16_t)i;
            row->origin = neighbor->origin;
            row->since = neighbor->since;
            row->neighbor.address = neighbor->address;
            row->neighbor.state = neighbor->state;
            memcpy(row->neighbor.mac, neighbor->mac.bytes, sizeof row->neighbor.mac);
        }
    }
}

static void host_routes(const struct node *n, struct table_walk *walk)
{
    const struct ip *ip = &host_of(n)->ip;

    const struct route *route = route_table_next(&ip->routes, NULL);

    for (; route; route = route_table_next(&ip->routes, route)) {
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_ROUTES);

        row->interface = route->interface;
        row->origin = route->origin;
        row->since = route->since;
        row->until = route->expires;
        row->route.network = route->dest;
        row->route.prefix = own_bits(route->dest, route->bits);
        row->route.gateway = route->gateway;
        row->route.metric = route->metric;
        row->route.kind = route->kind;
    }
}

/* What all kinds of end have. */
static struct sockeye_row *socket_row(struct table_walk *walk, const struct transport_end *end,
                                      uint8_t protocol)
{
    struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_SOCKETS);
    struct name name = {0};

    row->origin = ORIGIN_CALL;
    row->socket.protocol = protocol;
    transport_local(end, &name);
    row->socket.local = name.endpoint;
    row->interface = name.endpoint.interface ? name.endpoint.interface : NO_INTERFACE;
    name = (struct name){0};
    if (transport_remote(end, &name) == 0)
        row->socket.remote = name.endpoint;
    row->socket.unread = (uint64_t)transport_count(end, COUNT_UNREAD);
    row->socket.unsent = (uint64_t)transport_count(end, COUNT_UNACKED);
    return row;
}

static void host_streams(const struct host *h, struct table_walk *walk)
{
    const struct list_link *at = h->transport.tcp.all.first;

    for (; at; at = at->next) {
        const struct tcp_conn *c = container_of(at, struct tcp_conn, all);
        struct sockeye_row *row;

        if (c->state == TCP_STATE_CLOSED)
            continue;
        row = socket_row(walk, &c->end, PROTOCOL_TCP);
        row->socket.state = c->state;
        if (!c->end.upper)
            row->origin = ORIGIN_NONE; /* its program has closed it, or not taken it yet */
    }
}

static void host_sockets(const struct node *n, struct table_walk *walk)
{
    const struct host *h = host_of(n);
    const struct list_link *at = h->sessions.all.first;

    host_streams(h, walk);
    for (; at; at = at->next) {
        const struct transport_end *end = container_of(at, struct socket, link)->end;
        struct sockeye_row *row;

        if (!end || !protocols[end->kind])
            continue;
        row = socket_row(walk, end, protocols[end->kind]);
        row->socket.state =
            transport_phase(end) == TRANSPORT_OPEN ? TCP_STATE_ESTABLISHED : TCP_STATE_CLOSED;
    }
}

static void host_mappings(const struct node *n, struct table_walk *walk)
{
    const struct translate *t = host_of(n)->ip.translate;
    const struct list_link *at = t ? t->mappings.first : NULL;

    for (; at; at = at->next) {
        const struct translate_mapping *mapping = container_of(at, struct translate_mapping, order);
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_MAPPINGS);

        row->interface = (uint16_t)t->outside;
        row->origin = mapping->origin == TRANSLATE_BY_FORWARD ? ORIGIN_CONFIGURED : ORIGIN_TRAFFIC;
        row->since = mapping->since;
        row->mapping.inner = mapping->inner;
        row->mapping.outer = mapping->outer;
        row->mapping.peer = mapping->peer;
        row->mapping.sessions = mapping->sessions;
        row->mapping.protocol = mapping->protocol;
    }
}

static void host_servers(const struct node *n, struct table_walk *walk)
{
    const struct host *h = host_of(n);

    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct ndp *ndp = host_interface(h, i)->ip.ndp;

        for (uint32_t k = 0; ndp && k < ndp->server_count; k++) {
            struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_SERVERS);

            row->interface = (uint16_t)i;
            row->origin = ORIGIN_RA;
            row->since = ndp->server[k].since;
            row->until = ndp->server[k].until;
            row->server.address = ndp->server[k].address;
        }
    }
}

static void host_lapb(const struct node *n, struct table_walk *walk)
{
    for (const struct host_lapb *l = host_of(n)->lapb; l; l = l->next) {
        const struct lapb *lapb = &l->ether.lapb;
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_LAPB);

        row->interface = (uint16_t)l->interface;
        row->origin = ORIGIN_CONFIGURED;
        row->lapb.sent = lapb->counts.sent;
        row->lapb.received = lapb->counts.received;
        row->lapb.again = lapb->counts.again;
        row->lapb.rejects = lapb->counts.rejects_in;
        row->lapb.timeouts = lapb->counts.timeouts;
        row->lapb.state = (uint8_t)lapb->state;
        row->lapb.is_dce = lapb->settings.dce;
        row->lapb.is_128 = lapb->settings.extended;
    }
}

/* A stream has none. */
static uint16_t interface_of_line(const struct x25_line *line)
{
    if (line->kind != X25_LINE_LAPB)
        return NO_INTERFACE;
    return (uint16_t)container_of(line, const struct host_lapb, line)->interface;
}

static void digits_copy(char to[16], const struct x121 *from)
{
    memcpy(to, from->digit, from->length);
    to[from->length] = 0;
}

static void circuit_row(struct table_walk *walk, const struct x25_circuit *c)
{
    struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_CIRCUITS);

    _Static_assert((int)SOCKEYE_CIRCUIT_CLEARING == (int)X25_CLEARING, "the same states");
    row->interface = interface_of_line(c->line);
    row->origin = ORIGIN_CALL;
    digits_copy(row->circuit.called, &c->call.called);
    digits_copy(row->circuit.calling, &c->call.calling);
    row->circuit.lcn = c->lcn;
    row->circuit.state = c->state;
    row->circuit.is_128 = c->line->extended;
    row->circuit.window_in = c->agreed.window_in;
    row->circuit.window_out = c->agreed.window_out;
    row->circuit.packet_in = c->agreed.packet_in;
    row->circuit.packet_out = c->agreed.packet_out;
}

static void relay_rows(struct table_walk *walk, const struct x25_relay *r)
{
    static const uint8_t states[] = {[X25_RELAY_CALLING] = SOCKEYE_CIRCUIT_CALLING,
                                     [X25_RELAY_OPEN] = SOCKEYE_CIRCUIT_OPEN,
                                     [X25_RELAY_CLEARING] = SOCKEYE_CIRCUIT_CLEARING,
                                     [X25_RELAY_ENDING] = SOCKEYE_CIRCUIT_CLEARING};

    for (int i = 0; i < 2; i++) {
        struct sockeye_row *row;

        if (!r->side[i].line)
            continue;
        row = next_row(walk, SOCKEYE_TABLE_CIRCUITS);
        row->interface = interface_of_line(r->side[i].line);
        row->origin = ORIGIN_TRAFFIC;
        row->circuit.packets = r->packets;
        row->circuit.lcn = r->side[i].lcn;
        row->circuit.state = states[r->state];
        row->circuit.is_switched = 1;
        row->circuit.is_128 = r->side[i].line->extended;
    }
}

static void host_circuits(const struct node *n, struct table_walk *walk)
{
    const struct x25 *x = &host_of(n)->x25;

    for (const struct list_link *l = x->lines.first; l; l = l->next) {
        const struct x25_line *line = container_of(l, const struct x25_line, link);

        for (const struct list_link *c = line->circuits.first; c; c = c->next)
            circuit_row(walk, container_of(c, const struct x25_circuit, link));
    }
    for (const struct list_link *l = x->relays.first; l; l = l->next)
        relay_rows(walk, container_of(l, const struct x25_relay, link));
}

static void switch_stations(const struct node *n, struct table_walk *walk)
{
    const struct switch_table *t = &container_of(n, const struct node_switch, node)->core.table;
    const struct switch_station *s = switch_table_oldest(t);

    for (; s; s = switch_table_next(s)) {
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_STATIONS);

        row->interface = (uint16_t)s->port;
        row->origin = ORIGIN_TRAFFIC;
        row->since = s->since;
        row->until = s->heard + t->age;
        row->station.vlan = s->vlan;
        row->station.moves = s->moves;
        memcpy(row->station.mac, s->mac.bytes, sizeof row->station.mac);
    }
}

static void switch_ports(const struct node *n, struct table_walk *walk)
{
    const struct switch_core *core = &container_of(n, const struct node_switch, node)->core;

    for (uint32_t i = 0; i < core->port_count; i++) {
        const struct switch_port *port = core->port[i];
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_PORTS);

        row->interface = (uint16_t)i;
        row->origin = core->has_tree ? ORIGIN_TRAFFIC : ORIGIN_CONFIGURED;
        row->since = port->since;
        row->port.in = port->count.in;
        row->port.in_bytes = port->count.in_bytes;
        row->port.out = port->count.out;
        row->port.out_bytes = port->count.out_bytes;
        row->port.dropped = port->count.dropped;
        row->port.wire = wire_number(port->end);
        row->port.vlan = core->has_vlans ? port->vlan.untagged : 0;
        row->port.role = core->has_tree ? port->role : PORT_DESIGNATED;
        row->port.state = (uint8_t)switch_port_state(port);
    }
}

static void switch_groups(const struct node *n, struct table_walk *walk)
{
    const struct snoop *s = &container_of(n, const struct node_switch, node)->core.snoop;

    for (const struct snoop_entry *e = snoop_next(s, NULL); e; e = snoop_next(s, e)) {
        struct sockeye_row *row = next_row(walk, SOCKEYE_TABLE_GROUPS);

        row->interface = e->port == SNOOP_SELF ? UINT16_MAX : (uint16_t)e->port;
        row->origin = e->port == SNOOP_SELF ? ORIGIN_CONFIGURED : ORIGIN_TRAFFIC;
        row->since = e->since;
        row->until = e->until;
        row->group.group = e->group;
        row->group.vlan = e->vlan;
        row->group.asks = e->asks;
        row->group.routes = e->routes;
    }
}

typedef void walk_of_table(const struct node *n, struct table_walk *walk);

/* By kind of table and of node; no function: such a node has no such table. */
static walk_of_table *const tables[SOCKEYE_TABLE_KINDS][NODE_KINDS] = {
    [SOCKEYE_TABLE_INTERFACES] = {[NODE_HOST] = host_interfaces, [NODE_ROUTER] = host_interfaces},
    [SOCKEYE_TABLE_NEIGHBORS] = {[NODE_HOST] = host_neighbors, [NODE_ROUTER] = host_neighbors},
    [SOCKEYE_TABLE_STATIONS] = {[NODE_SWITCH] = switch_stations},
    [SOCKEYE_TABLE_PORTS] = {[NODE_SWITCH] = switch_ports},
    [SOCKEYE_TABLE_GROUPS] = {[NODE_SWITCH] = switch_groups},
    [SOCKEYE_TABLE_ROUTES] = {[NODE_HOST] = host_routes, [NODE_ROUTER] = host_routes},
    [SOCKEYE_TABLE_MAPPINGS] = {[NODE_HOST] = host_mappings, [NODE_ROUTER] = host_mappings},
    [SOCKEYE_TABLE_SERVERS] = {[NODE_HOST] = host_servers, [NODE_ROUTER] = host_servers},
    [SOCKEYE_TABLE_SOCKETS] = {[NODE_HOST] = host_sockets, [NODE_ROUTER] = host_sockets},
    [SOCKEYE_TABLE_LAPB] = {[NODE_HOST] = host_lapb, [NODE_ROUTER] = host_lapb},
    [SOCKEYE_TABLE_CIRCUITS] = {[NODE_HOST] = host_circuits, [NODE_ROUTER] = host_circuits},
};

uint64_t node_table(const struct node *n, enum sockeye_table_kind kind, struct sockeye_row *rows,
                    uint64_t most)
{
    struct table_walk walk = {.rows = rows, .most = most};

    if (tables[kind][n->kind])
        tables[kind][n->kind](n, &walk);
    return walk.count;
}
