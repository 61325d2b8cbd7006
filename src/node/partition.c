/* SPDX-License-Identifier: MIT */
/* Which packets do not go. Theory in partition.h. */
#include "node/partition.h"

#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "node/host.h"

enum {
    TCP = 6,
    ICMPV6 = 58,
    TCP_FLAGS_AT = 13,
    TCP_SYN_ACK = 0x12,
    TCP_SYN = 0x02,
    ND_FIRST = 133, /* RFC 4861 4: router solicitation to redirect */
    ND_LAST = 137
};

static bool has_port(const struct partition *p, uint16_t port)
{
    for (uint32_t i = 0; i < p->port_count; i++)
        if (p->port[i] == port)
            return port != 0;
    return false;
}

static bool is_new(const struct wire_ip *ip, const uint8_t *frame, uint32_t length)
{
    return ip->protocol == TCP && ip->source_port && ip->payload + TCP_FLAGS_AT < length &&
           (frame[ip->payload + TCP_FLAGS_AT] & TCP_SYN_ACK) == TCP_SYN;
}

static bool is_discovery(const struct wire_ip *ip, const uint8_t *frame, uint32_t length)
{
    return ip->version == 6 && ip->protocol == ICMPV6 && ip->payload < length &&
           frame[ip->payload] >= ND_FIRST && frame[ip->payload] <= ND_LAST;
}

bool partition_means(const struct partition *partition, const struct wire_ip *ip,
                     const uint8_t *frame, uint32_t length)
{
    if (partition->port_count && !has_port(partition, ip->source_port) &&
        !has_port(partition, ip->dest_port))
        return false;
    if (partition->new_only && !is_new(ip, frame, length))
        return false;
    return !is_discovery(ip, frame, length);
}

static bool owns(struct node *n, struct address a)
{
    if (!node_kinds[n->kind].loopback) /* who has none has no addresses */
        return false;
    for (uint32_t i = 0; i < n->interface_count; i++) {
        const struct ip_interface *ip = &host_interface(host_of_node(n), i)->ip;

        for (uint32_t k = 0; k < ip->address_count; k++)
            if (address_equal(ip->address[k].address, a))
                return true;
    }
    return false;
}

static bool is_one_of(const struct partitions *ps, const uint64_t set[PARTITION_WORDS],
                      struct address a)
{
    for (uint32_t word = 0; word < PARTITION_WORDS; word++)
        for (uint64_t left = set[word]; left; left &= left - 1) {
            uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(left);

            if (owns(ps->node[number], a))
                return true;
        }
    return false;
}

static const struct partition *find(struct node *n, const struct wire_ip *ip, const uint8_t *frame,
                                    uint32_t length)
{
    const struct partitions *ps = n->partitions;

    if (!owns(n, ip->source))
        return NULL; /* it is passed on for another */
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        const struct partition *p = &ps->entry[i];

        if (p->in_use && partition_has(p->from, n->means.node) &&
            partition_means(p, ip, frame, length) && is_one_of(ps, p->to, ip->dest))
            return p;
    }
    return NULL;
}

static void answer(struct node *n, struct link *link, const uint8_t *bytes, uint32_t length,
                   nanoseconds now)
{
    struct packet *p = packet_get(n->means.packets, &n->means.packet_budget, length);

    if (!p)
        return;
    memcpy(packet_append(p, length), bytes, length);
    wire_answer(link->end, p, now);
}

bool partition_refuses(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    struct link *link = container_of(upper, struct link, wire_upper);
    struct node *n = container_of(link->means, struct node, means);
    bool bare = wire_is_bare(link->end);
    uint8_t bytes[PARTITION_ANSWER_BYTES];
    const struct partition *partition;
    uint32_t length = packet_length(p);
    struct wire_ip ip;

    if (!n->partitions || !wire_ip_read(packet_data(p), length, bare, &ip))
        return false;
    partition = find(n, &ip, packet_data(p), length);
    if (!partition)
        return false;
    length = partition_answer((enum partition_action)partition->action, &ip, packet_data(p), length,
                              bytes);
    event_drop(&link->sending, now, DROP_PARTITION, p);
    packet_put(p);
    if (length)
        answer(n, link, bytes, length, now);
    return true;
}
