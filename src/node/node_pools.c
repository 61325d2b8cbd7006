/* SPDX-License-Identifier: MIT */
/*
 * The pools that all nodes of a lab share, and their sizes. Each is as large as the sum of what
 * every node may have, so that no node takes what another is owed; memory that nobody touches costs
 * nothing.
 */
#include "2-link/neighbor.h"
#include "3-network/translate.h"
#include "4-transport/error_queue.h"
#include "4-transport/inbox.h"
#include "4-transport/tcp/tcp_conn.h"
#include "5-session/unix.h"
#include "base/arena.h"
#include "base/integer.h"
#include "node/host.h"
#include "node/hub.h"
#include "node/switch.h"

enum { POOLS = 42, NODE_ROUTES = 1 << 21 /* of all nodes of a lab */, NODE_TRANSLATORS = 16 };

struct kind {
    struct pool **pool;
    uint32_t size, limit;
};

/* Most routes of a node: a router of a small lab has room for thousands. */
static uint32_t routes_each(const struct node_limits *limits)
{
    return (uint32_t)least(IP_ROUTES, NODE_ROUTES / limits->nodes);
}

/* Routers of a lab that may translate. */
static uint32_t translators_of(const struct node_limits *limits)
{
    return (uint32_t)least(NODE_TRANSLATORS, limits->nodes);
}

static void kinds_of(struct node_pools *p, const struct node_limits *limits,
                     struct kind kinds[POOLS])
{
    uint32_t sockets = limits->sockets * limits->nodes;
    uint32_t routes = routes_each(limits) * limits->nodes;
    uint32_t translators = translators_of(limits);

    kinds[0] =
        (struct kind){&p->neighbors, link_neighbor_bytes(), limits->interfaces * LINK_NEIGHBORS};
    kinds[1] = (struct kind){&p->fragments, fragment_bytes(), IP_FAMILIES * limits->nodes};
    kinds[2] = (struct kind){&p->icmp, icmp_rate_bytes(), limits->nodes};
    kinds[3] =
        (struct kind){&p->conns, tcp_conn_bytes(), 2 * sockets}; /* a program's, and others */
    kinds[4] = (struct kind){&p->halves, tcp_half_bytes(), sockets};
    kinds[5] = (struct kind){&p->udp_ends, udp_end_bytes(), sockets};
    kinds[6] = (struct kind){&p->ping_ends, ping_end_bytes(), sockets};
    kinds[7] = (struct kind){&p->inbox, inbox_item_bytes(), limits->packets * limits->nodes};
    kinds[8] = (struct kind){&p->holes, tcp_reassembly_bytes(), 2 * sockets};
    kinds[9] = (struct kind){&p->listeners, tcp_listener_bytes(), sockets};
    kinds[10] = (struct kind){&p->sockets, session_socket_bytes(), sockets};
    kinds[11] = (struct kind){&p->interfaces, 0, limits->interfaces};
    kinds[12] = (struct kind){&p->nodes, 0, limits->nodes};
    kinds[14] = (struct kind){&p->routes, sizeof(struct route), routes};
    kinds[15] =
        (struct kind){&p->route_nodes, sizeof(struct route_node), route_table_nodes(routes)};
    kinds[13] =
        (struct kind){&p->stations, switch_table_station_bytes(), limits->nodes * SWITCH_STATIONS};
    kinds[16] = (struct kind){&p->ndp, ndp_bytes(), limits->interfaces};
    kinds[17] = (struct kind){&p->netlink_ends, netlink_end_bytes(), limits->nodes * NETLINK_ENDS};
    kinds[18] = (struct kind){&p->translators, sizeof(struct translate), translators};
    kinds[19] = (struct kind){&p->mappings, sizeof(struct translate_mapping),
                              translators * TRANSLATE_MAPPINGS};
    kinds[20] = (struct kind){&p->mapping_sessions, sizeof(struct translate_session),
                              translators * TRANSLATE_SESSIONS};
    kinds[21] = (struct kind){&p->mapping_hosts, sizeof(struct translate_host),
                              translators * TRANSLATE_HOSTS};
    kinds[22] = (struct kind){&p->multicasts, ip_group_interface_bytes(), 2 * limits->interfaces};
    kinds[23] = (struct kind){&p->groups, ip_group_bytes(), 64 * limits->interfaces};
    kinds[24] = (struct kind){&p->members, ip_group_member_bytes(), 64 * limits->interfaces};
    kinds[25] = (struct kind){&p->filters, bpf_program_bytes(), BPF_PROGRAMS * limits->nodes};
    kinds[26] =
        (struct kind){&p->filter_chunks, bpf_chunk_bytes(), BPF_STORE_CHUNKS * limits->nodes};
    kinds[27] = (struct kind){&p->unix_ends, unix_end_bytes(), 2 * sockets}; /* and to accept */
    kinds[28] = (struct kind){&p->unix_names, unix_name_bytes(), 2 * sockets};
    kinds[29] = (struct kind){&p->unix_items, unix_item_bytes(), 2 * sockets};
    kinds[30] = (struct kind){&p->raw_ends, raw_end_bytes(), RAW_ENDS * limits->nodes};
    kinds[31] = (struct kind){&p->errors, error_item_bytes(), limits->packets * limits->nodes};
    kinds[32] = (struct kind){&p->unix_rights, sizeof(struct session_rights),
                              unix_rights_limit(limits->sockets) * limits->nodes};
    kinds[33] = (struct kind){&p->circuits, x25_circuit_bytes(),
                              host_circuits_most(limits->sockets) * limits->nodes};
    kinds[34] = (struct kind){&p->circuit_ends, circuit_end_bytes(),
                              host_circuit_ends_most(limits->sockets) * limits->nodes};
    kinds[35] = (struct kind){&p->lapbs, sizeof(struct host_lapb), limits->interfaces};
    kinds[36] = (struct kind){&p->xots, xot_circuit_bytes(), XOT_CIRCUITS * limits->nodes};
    kinds[37] = (struct kind){&p->x25_relays, x25_relay_bytes(), X25_RELAYS * limits->nodes};
    kinds[38] = (struct kind){&p->frames_ends, frames_end_bytes(), FRAMES_ENDS * limits->nodes};
    kinds[39] = (struct kind){&p->frames_items, frames_item_bytes(),
                              frames_packets(limits->packets) * limits->nodes};
    kinds[40] =
        (struct kind){&p->snoop_entries, snoop_entry_bytes(), limits->nodes * SNOOP_ENTRIES};
    kinds[41] = (struct kind){&p->rare_options, sizeof(struct rare_options),
                              (uint32_t)least(RARE_OPTIONS, limits->sockets) * limits->nodes};
    for (int i = 0; i < NODE_KINDS; i++) {
        kinds[11].size = (uint32_t)most(kinds[11].size, node_kinds[i].interface_bytes);
        kinds[12].size = (uint32_t)most(kinds[12].size, node_kinds[i].bytes);
    }
}

uint64_t node_frames_packets(const struct node_limits *limits)
{
    return (uint64_t)limits->nodes * frames_packets(limits->packets);
}

uint64_t node_pools_bytes(const struct node_limits *limits)
{
    struct node_pools none;
    struct kind kinds[POOLS];
    uint64_t sum = 0;

    kinds_of(&none, limits, kinds);
    for (int i = 0; i < POOLS; i++)
        sum += pool_bytes(kinds[i].size, kinds[i].limit);
    return sum;
}

bool node_pools_open(struct node_pools *pools, struct arena *arena,
                     const struct node_limits *limits)
{
    struct kind kinds[POOLS];

    kinds_of(pools, limits, kinds);
    for (int i = 0; i < POOLS; i++) {
        *kinds[i].pool = pool_open(arena, kinds[i].size, kinds[i].limit, false);
        if (!*kinds[i].pool)
            return false;
    }
    pools->routes_each = routes_each(limits);
    return true;
}

uint64_t node_tables_bytes(const struct node_limits *limits)
{
    uint64_t node = most(host_arena_bytes(limits->sockets), node_switch_arena_bytes());

    return limits->nodes * node + limits->interfaces * host_interface_arena_bytes() +
           translators_of(limits) * translate_arena_bytes();
}

uint64_t node_timers_most(const struct node_limits *limits)
{
    uint64_t connections = 2 * (uint64_t)limits->sockets, half_open = limits->sockets;
    /* with lines and streams of their own */
    uint64_t circuits = 2 * X25_CIRCUITS + XOT_CIRCUITS + X25_RELAYS;
    uint64_t each = connections + half_open + 1 + WIRE_TIMERS + circuits; /* layer 3 has one */

    /* ND; LAPB and its line */
    return limits->nodes * each + limits->interfaces * (LINK_NEIGHBORS + 2 + 2);
}

uint64_t node_layout(void)
{
    const uint64_t sizes[] = {
        sizeof(struct node),
        sizeof(struct host),
        sizeof(struct host_interface),
        sizeof(struct packet),
        sizeof(struct charge),
        sizeof(struct timer),
        sizeof(struct arena),
        sizeof(struct neighbor),
        sizeof(struct hub_port),
        sizeof(struct node_switch),
        sizeof(struct node_switch_port),
        sizeof(struct switch_station),
        sizeof(struct snoop_entry),
        fragment_bytes(),
        ndp_bytes(),
        sizeof(struct tcp_conn),
        sizeof(struct udp_end),
        sizeof(struct ping_end),
        sizeof(struct unix_end),
        sizeof(struct unix_name),
        sizeof(struct unix_item),
        sizeof(struct raw_end),
        sizeof(struct error_item),
        sizeof(struct session_rights),
        sizeof(struct circuit_end),
        x25_circuit_bytes(),
        sizeof(struct x25),
        sizeof(struct rare_options),
        sizeof(struct descriptor),
        sizeof(struct descriptor_share),
        sizeof(struct socket),
        sizeof(struct link),
        sizeof(struct ip),
        sizeof(struct route),
        sizeof(struct route_node),
        sizeof(struct translate),
        sizeof(struct translate_mapping),
        sizeof(struct translate_session),
        sizeof(struct tcp),
        sizeof(struct tcp_settings),
        sizeof(struct x25),
        sizeof(struct xot),
        sizeof(struct host_lapb),
        xot_circuit_bytes(),
        x25_circuit_bytes(),
        x25_relay_bytes(),
        offsetof(struct host, ip),
        offsetof(struct host, transport),
        offsetof(struct host, calls),
        offsetof(struct tcp, settings),
        DROP_COUNT,
        TCP_STATE_COUNT,
        OPTION_COUNT,
        TIMER_X25_RELAY,
        HOST_IP_CODES,
        RANDOM_PING,
    };
    static const struct siphash_key key = {0x6c61796f7574, 0x686f7374};

    return siphash_words(key, sizes, sizeof sizes / sizeof *sizes);
}
