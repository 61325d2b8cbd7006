/* SPDX-License-Identifier: MIT */
/* The host of ip_bed.h with UDP, ping and raw ends on it; who was to be told is counted. */
#pragma once
#include <errno.h>

#include "3-network/ip_bed.h"
#include "4-transport/transport_end.h"
#include "4-transport/ping.h"
#include "4-transport/raw.h"
#include "4-transport/udp.h"

enum { CODE_UDP, CODE_PING, CODE_RAW };

static struct udp udp;
static struct ping ping;
static struct raw raw;
static struct link_list drained;
static uint32_t told; /* calls of transport_end_pending */

const struct ip_upper_code ip_upper_codes[] = {
    {.protocol = IP_PROTOCOL_UDP, .receive = udp_receive_datagram, .error = udp_receive_error},
    {.protocol = IP_PROTOCOL_ICMP, .receive = ping_receive_message, .error = ping_receive_error},
    {.watch_error = raw_receive_error, .watch = raw_watch}};
const uint32_t ip_upper_code_count = 3;

void transport_end_pending(struct transport_end *end)
{
    check(end->kind == TRANSPORT_DATAGRAM || end->kind == TRANSPORT_PING ||
          end->kind == TRANSPORT_RAW);
    told++;
}

static void datagram_bed(void)
{
    struct datagram_plan u = {.ip = &host, .code = CODE_UDP, .limit = 64};
    struct datagram_plan g = {.ip = &host, .code = CODE_PING, .limit = 64};
    struct datagram_plan r = {.ip = &host, .code = CODE_RAW, .limit = RAW_ENDS};

    ip_bed();
    memset(&udp, 0, sizeof udp);
    memset(&ping, 0, sizeof ping);
    memset(&raw, 0, sizeof raw);
    memset(&drained, 0, sizeof drained);
    told = 0;
    means.key = (struct siphash_key){7, 8};
    u.end_pool = pool_open(host_arena, udp_end_bytes(), 64, false);
    g.end_pool = pool_open(host_arena, ping_end_bytes(), 64, false);
    r.end_pool = pool_open(host_arena, raw_end_bytes(), RAW_ENDS, false);
    u.inbox_pool = g.inbox_pool = r.inbox_pool =
        pool_open(host_arena, inbox_item_bytes(), 4096, false);
    u.error_pool = g.error_pool = r.error_pool =
        pool_open(host_arena, error_item_bytes(), 64, false);
    udp.service.drained = ping.service.drained = raw.service.drained = &drained;
    udp.service.kind = TRANSPORT_DATAGRAM;
    ping.service.kind = TRANSPORT_PING;
    raw.service.kind = TRANSPORT_RAW;
    raw_init(&raw, &means, &r);
    check_equal(udp_init(&udp, &means, &u), 0);
    check_equal(ping_init(&ping, &means, &g), 0);
}

/* Ends still open are closed; nothing may be left. */
UNUSED static void datagram_bed_done(void)
{
    check_equal(udp_check(&udp.service), 0);
    check_equal(ping_check(&ping.service), 0);
    check_equal(raw_check(&raw.service), 0);
    while (raw.ends.first)
        raw_close(&container_of(raw.ends.first, struct raw_end, common.link)->common.end, bed.now);
    check_equal(pool_count(raw.end_pool), 0);
    check(host.watcher == NULL);
    while (udp.ends.first)
        udp_close(&container_of(udp.ends.first, struct udp_end, common.link)->common.end, bed.now);
    while (ping.ends.first)
        ping_close(&container_of(ping.ends.first, struct ping_end, common.link)->common.end,
                   bed.now);
    check_equal(udp.connected.count, 0);
    check_equal(udp.ports.table.count, 0);
    check_equal(pool_count(udp.end_pool) + pool_count(ping.end_pool), 0);
    check_equal(pool_count(udp.inbox_pool) + pool_count(udp.error_pool), 0);
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

UNUSED static struct name at(uint32_t address, uint16_t port)
{
    return (struct name){.family = NAME_INTERNET,
                         .endpoint = {.address = ip4_of(address), .port = port}};
}
