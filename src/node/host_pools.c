/* SPDX-License-Identifier: MIT */
/*
 * The pools that all hosts of a lab share, and their sizes. Each is as large as the sum of what
 * every host may have, so that no host takes what another is owed; memory that nobody touches costs
 * nothing.
 */
#include "2-link/neighbor.h"
#include "3-network/fragment.h"
#include "3-network/icmp.h"
#include "4-transport/inbox.h"
#include "4-transport/tcp/tcp_conn.h"
#include "node/host.h"

enum { POOLS = 11 };

struct kind {
    struct pool **pool;
    uint32_t size, limit;
};

static void kinds_of(struct host_pools *p, const struct host_limits *limits,
                     struct kind kinds[POOLS])
{
    uint32_t sockets = limits->sockets * limits->hosts;

    kinds[0] =
        (struct kind){&p->neighbors, link_neighbor_bytes(), limits->interfaces * HOST_NEIGHBORS};
    kinds[1] = (struct kind){&p->fragments, fragment_bytes(), limits->hosts};
    kinds[2] = (struct kind){&p->icmp, icmp_limits_bytes(), limits->hosts};
    kinds[3] =
        (struct kind){&p->conns, tcp_conn_bytes(), 2 * sockets}; /* a program's, and others */
    kinds[4] = (struct kind){&p->halves, tcp_half_bytes(), sockets};
    kinds[5] = (struct kind){&p->udp_ends, udp_end_bytes(), sockets};
    kinds[6] = (struct kind){&p->ping_ends, ping_end_bytes(), sockets};
    kinds[7] = (struct kind){&p->inbox, inbox_item_bytes(), limits->packets * limits->hosts};
    kinds[8] = (struct kind){&p->holes, tcp_reassembly_bytes(), 2 * sockets};
    kinds[9] = (struct kind){&p->listeners, tcp_listener_bytes(), sockets};
    kinds[10] = (struct kind){&p->interfaces, sizeof(struct host_interface), limits->interfaces};
}

uint64_t host_pools_bytes(const struct host_limits *limits)
{
    struct host_pools none;
    struct kind kinds[POOLS];
    uint64_t sum = 0;

    kinds_of(&none, limits, kinds);
    for (int i = 0; i < POOLS; i++)
        sum += pool_bytes(kinds[i].size, kinds[i].limit);
    return sum;
}

bool host_pools_open(struct host_pools *pools, struct arena *arena,
                     const struct host_limits *limits)
{
    struct kind kinds[POOLS];

    kinds_of(pools, limits, kinds);
    for (int i = 0; i < POOLS; i++) {
        *kinds[i].pool = pool_open(arena, kinds[i].size, kinds[i].limit, false);
        if (!*kinds[i].pool)
            return false;
    }
    return true;
}

uint64_t host_timers_most(const struct host_limits *limits)
{
    uint64_t each = 3 * (uint64_t)limits->sockets + 1 + 6;

    return limits->hosts * each + limits->interfaces * (HOST_NEIGHBORS + 1);
}

uint64_t host_layout(void)
{
    const uint64_t sizes[] = {
        sizeof(struct host),
        sizeof(struct packet),
        sizeof(struct charge),
        sizeof(struct timer),
        sizeof(struct arena),
        sizeof(struct neighbor),
        fragment_bytes(),
        sizeof(struct tcp_conn),
        sizeof(struct udp_end),
        sizeof(struct ping_end),
        sizeof(struct descriptor),
        sizeof(struct link),
        sizeof(struct ip),
        sizeof(struct tcp),
        sizeof(struct tcp_settings),
        offsetof(struct host, ip),
        offsetof(struct host, transport),
        offsetof(struct host, calls),
        offsetof(struct tcp, settings),
        DROP_COUNT,
        TCP_STATE_COUNT,
        OPTION_COUNT,
        TIMER_TCP_HALF,
        HOST_IP_CODES,
        RANDOM_PING,
    };
    static const struct siphash_key key = {0x6c61796f7574, 0x686f7374};

    return siphash_words(key, sizes, sizeof sizes / sizeof *sizes);
}
