/* SPDX-License-Identifier: MIT */
/* Uppers for tests of layer 3 alone: they keep what comes up, and the last error. */
#pragma once
#include "3-network/ip_bed.h"

struct keeper {
    struct ip_upper upper;
    uint32_t count;
    struct ip_meta meta;
    struct datagram last; /* its payload */
    uint32_t errors;
    bool plausible; /* the answer to errors */
    struct ip_error error;
    uint8_t quoted[64];
};

static struct keeper udp_keeper, ping_keeper, ping6_keeper;

static void on_receive(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                       nanoseconds now)
{
    struct keeper *k = container_of(upper, struct keeper, upper);

    (void)now;
    k->count++;
    k->meta = *meta;
    k->last.length = packet_length(p);
    memcpy(k->last.bytes, packet_data(p), k->last.length);
    check(p->network < p->start);
    packet_put(p);
}

static bool on_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    struct keeper *k = container_of(upper, struct keeper, upper);

    (void)now;
    k->errors++;
    k->error = *error;
    memcpy(k->quoted, error->quoted, error->quoted_length < 64 ? error->quoted_length : 64);
    return k->plausible;
}

const struct ip_upper_code ip_upper_codes[] = {
    {.protocol = IP_PROTOCOL_UDP, .receive = on_receive, .error = on_error},
    {.protocol = IP_PROTOCOL_ICMP, .receive = on_receive, .error = on_error},
    {.protocol = IP_PROTOCOL_ICMPV6, .receive = on_receive, .error = on_error}};
const uint32_t ip_upper_code_count = 3;

static void keeper_bed(void)
{
    ip_bed();
    memset(&udp_keeper, 0, sizeof udp_keeper);
    memset(&ping_keeper, 0, sizeof ping_keeper);
    memset(&ping6_keeper, 0, sizeof ping6_keeper);
    udp_keeper.plausible = ping_keeper.plausible = ping6_keeper.plausible = true;
    ip_attach(&host, &udp_keeper.upper, 0);
    ip_attach(&host, &ping_keeper.upper, 1);
    ip_attach(&host, &ping6_keeper.upper, 2);
}

/* Sends `length` bytes of a known pattern to an address. @return as ip_send, or the path's error */
UNUSED static int send_to(uint32_t dest, uint32_t length, bool dont_fragment)
{
    const struct ip_send_facts facts = {.dont_fragment = dont_fragment};
    struct packet *p = packet_get(&host_packets, &means.packet_budget, length);
    struct ip_path path;
    int result = ip_path_find(&host, ip4_of(dest), ip4_of(0), 0, bed.now, &path);

    if (result < 0) {
        packet_put(p);
        return result;
    }
    check(p);
    for (uint32_t i = 0; i < length; i++)
        *packet_append(p, 1) = (uint8_t)(i * 7 + i / 256);
    return ip_send(&host, &udp_keeper.upper, &path, &facts, p, bed.now);
}
