/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of layers 3 and 4: one host with a loopback and two interfaces on doors that
 * carry bare IP packets, 10.0.0.1/24 and 10.0.1.1/24, a default route by 10.0.0.254. The test is
 * the network: it gives packets to a door and looks at what comes out.
 */
#pragma once
#include "1-physical/wire_bed.h"
#include "2-link/link_state.h"
#include "3-network/ip4/fragment4.h"
#include "3-network/ip4/icmp4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/icmp_rate.h"
#include "3-network/ip_state.h"
#include "base/checksum.h"
#include "base/compiler.h"

#define UNUSED __attribute__((unused))
#define HOST 0x0a000001u
#define HOST_2 0x0a000101u
#define PEER 0x0a000002u
#define FAR 0xc0000209u /* 192.0.2.9, by the gateway */
#define LOCALHOST 0x7f000001u

enum { BED_LINKS = 3, TIMER_IP = 9, PACKET_ROOM = 70000, HOST_BYTES = 256 << 20 };

static struct bed bed;
static struct arena *host_arena; /* of its packets and pools */
static struct packets host_packets;
static struct wire wires[BED_LINKS];
static struct link links[BED_LINKS];
static struct ip_interface interfaces[BED_LINKS];
static struct ip host;
static struct means means; /* of the host */
static struct budget outside_budget;

const struct wire_upper_code wire_upper_codes[] = {{.receive = link_receive}};
const struct link_upper_code link_upper_codes[] = {
    {.ethertype = 0x0800, .receive = ip4_receive, .unreachable = ip4_receive_unreachable},
    {.ethertype = 0x86dd, .receive = ip6_receive, .unreachable = ip6_receive_unreachable}};
const uint32_t link_upper_code_count = 2;

static struct address ip4_of(uint32_t a)
{
    return address_from_ip4(a);
}

static struct route_plan plan_of_route(struct address dest, uint32_t prefix, struct address gateway,
                                       uint32_t interface)
{
    return (struct route_plan){.dest = dest,
                               .gateway = gateway,
                               .bits = prefix,
                               .interface = (uint16_t)interface,
                               .preference = ROUTE_MEDIUM,
                               .origin = ORIGIN_CONFIGURED,
                               .expires = NEVER};
}

/* A configured route. */
static int ip_route_add(struct ip *ip, struct address dest, uint32_t prefix, struct address gateway,
                        uint32_t interface)
{
    const struct route_plan plan = plan_of_route(dest, prefix, gateway, interface);

    return ip_route_new(ip, &plan, bed.now);
}

static void link_up(uint32_t n, enum wire_kind kind, const char *name)
{
    const struct link_plan plan = {.kind = LINK_BARE, .interface = n};

    bed_wire_init(&bed, &wires[n], n, name, kind, true);
    check_equal(link_init(&links[n], &means, &wires[n].end[0], &plan), 0);
    if (kind == WIRE_SIM)
        wire_attach(&wires[n].end[1], &links[n].wire_upper, &means.packet_budget, 1);
}

/* Everything but the uppers. */
static void ip_bed(void)
{
    const struct packet_limits limits = {8192, 128, 4096};
    struct ip_plan plan = {.timer_code = TIMER_IP};

    (void)bed_packet;
    bed_init(&bed);
    memset(&host, 0, sizeof host);
    memset(interfaces, 0, sizeof interfaces);
    memset(&host_packets, 0, sizeof host_packets);
    outside_budget = (struct budget){0, 4096};
    host_arena = bed_pages(HOST_BYTES);
    arena_init(host_arena, HOST_BYTES, 2);
    check_equal(packet_pool_init(&host_packets, host_arena, &limits), 0);
    means = bed.means;
    means.arena = host_arena;
    means.packets = &host_packets;
    means.key = (struct siphash_key){5, 6};
    means.node = 1;
    link_up(0, WIRE_SIM, "lo");
    link_up(1, WIRE_DOOR, "one");
    link_up(2, WIRE_DOOR, "two");
    wires[0].mtu = 65535;
    plan.fragments_pool = pool_open(host_arena, fragment_bytes(), IP_FAMILIES, false);
    plan.route_pool = pool_open(host_arena, sizeof(struct route), IP_ROUTES, false);
    plan.route_limit = IP_ROUTES;
    plan.route_node_pool =
        pool_open(host_arena, sizeof(struct route_node), route_table_nodes(IP_ROUTES), false);
    plan.icmp_pool = pool_open(host_arena, icmp_rate_bytes(), 1, false);
    plan.ndp_pool = pool_open(host_arena, ndp_bytes(), BED_LINKS, false);
    check_equal(ip_init(&host, &means, &plan), 0);
    host.settings.ndp.accept_ra = 0; /* it asks for no routers, and has the addresses given alone */
    host.settings.ndp.addr_gen_mode = SLAAC_MODE_NONE;
    for (uint32_t n = 0; n < BED_LINKS; n++)
        ip_interface_add(&host, &interfaces[n], &links[n], 0, 1);
    check_equal(ip_loopback_add(&host, 0), 0);
    check_equal(ip_address_add(&host, 1, ip4_of(HOST), 24, 0), 0);
    check_equal(ip_address_add(&host, 2, ip4_of(HOST_2), 24, 0), 0);
    check_equal(ip_route_add(&host, ip4_of(0), 0, ip4_of(0x0a0000fe), 0), 0);
}

/* Takes the default route of the bed away. */
UNUSED static void no_default_route(void)
{
    const struct route_plan plan = plan_of_route(ip4_of(0), 0, ip4_of(0x0a0000fe), 0);

    check_equal(ip_route_remove(&host, &plan, bed.now), 0);
}

static void on_timer(struct timer *timer, nanoseconds now)
{
    check_equal(timer->code, TIMER_IP);
    ip_timer(timer, now);
}

UNUSED static void run_until(nanoseconds until)
{
    bed_run(&bed, until, on_timer);
    check_equal(ip_check(&host), 0);
}

/* What is on its way arrives. */
UNUSED static void settle(void)
{
    run_until(bed.now + 10 * MICROSECOND);
}

UNUSED static void ip_bed_done(void)
{
    struct packet *p;

    settle();
    check_equal(ip_check(&host), 0);
    for (uint32_t n = 0; n < BED_LINKS; n++)
        while ((p = wire_outside_take(&wires[n])))
            packet_put(p);
    bed_done(&bed);
    arena_unpoison(host_arena);
    munmap(host_arena, HOST_BYTES);
}

/* ---- packets ---- */

struct datagram {
    uint32_t length;
    uint8_t bytes[PACKET_ROOM];
};

UNUSED static struct ip4_header header_for(uint32_t source, uint32_t dest, uint8_t protocol)
{
    return (struct ip4_header){.source = source, .dest = dest, .protocol = protocol, .ttl = 64};
}

/* A packet with the right length and checksum. */
UNUSED static void datagram_make(struct datagram *d, struct ip4_header h, const void *payload,
                                 uint32_t length)
{
    struct writer w = writer_of(d->bytes, sizeof d->bytes);

    d->length = IP4_HEADER_BYTES + length;
    h.total_length = (uint16_t)d->length;
    ip4_header_write(&w, &h);
    if (length)
        memcpy(d->bytes + IP4_HEADER_BYTES, payload, length);
}

/* Puts options behind the header of a packet, and makes the header right again. */
UNUSED static void datagram_options(struct datagram *d, const void *options, uint32_t length)
{
    uint16_t checksum;

    memmove(d->bytes + 20 + length, d->bytes + 20, d->length - 20);
    memcpy(d->bytes + 20, options, length);
    d->length += length;
    d->bytes[0] = (uint8_t)(0x45 + length / 4);
    d->bytes[2] = (uint8_t)(d->length >> 8);
    d->bytes[3] = (uint8_t)d->length;
    d->bytes[10] = d->bytes[11] = 0;
    checksum = checksum_finish(checksum_add(0, d->bytes, 20 + length));
    d->bytes[10] = (uint8_t)(checksum >> 8);
    d->bytes[11] = (uint8_t)checksum;
}

UNUSED static void inject_on(uint32_t interface, const void *bytes, uint32_t length)
{
    struct packet *p = packet_get(&host_packets, &outside_budget, length);

    check(p);
    memcpy(packet_append(p, length), bytes, length);
    wire_inject(&wires[interface], p, bed.now);
    settle();
}

UNUSED static void inject(const struct datagram *d)
{
    inject_on(1, d->bytes, d->length);
}

/* The next packet that left by an interface; false: none. */
UNUSED static bool left_by(uint32_t interface, struct datagram *d, struct ip4_header *h)
{
    struct packet *p = wire_outside_take(&wires[interface]);
    struct reader r;

    if (!p)
        return false;
    d->length = packet_length(p);
    memcpy(d->bytes, packet_data(p), d->length);
    packet_put(p);
    r = reader_of(d->bytes, d->length);
    check(ip4_header_read(&r, h) && h->checksum_right);
    check_equal(h->total_length, d->length);
    return true;
}

UNUSED static bool left(struct datagram *d, struct ip4_header *h)
{
    return left_by(1, d, h);
}

UNUSED static bool nothing_left(void)
{
    return !wire_outside(&wires[1]) && !wire_outside(&wires[2]);
}

/* The ICMP message in a packet that left. */
UNUSED static struct icmp4_header icmp_in(const struct datagram *d, const struct ip4_header *h)
{
    struct reader r = reader_of(d->bytes + h->header_bytes, d->length - h->header_bytes);
    struct icmp4_header icmp;

    check_equal(h->protocol, IP_PROTOCOL_ICMP);
    check(icmp4_header_read(&r, &icmp) && icmp.checksum_right);
    return icmp;
}

/* An ICMP message to us: header and what follows. */
UNUSED static void icmp_make(struct datagram *d, struct ip4_header h, uint8_t type, uint8_t code,
                             uint32_t rest, const void *payload, uint32_t length)
{
    static uint8_t message[PACKET_ROOM];
    struct icmp4_header icmp = {.type = type, .code = code, .rest = rest};
    struct writer w = writer_of(message, sizeof message);

    icmp4_header_write(&w, &icmp);
    write_copy(&w, payload, length);
    icmp.checksum = checksum_finish(checksum_add(0, message, 8 + length));
    w = writer_of(message, 8);
    icmp4_header_write(&w, &icmp);
    h.protocol = IP_PROTOCOL_ICMP;
    datagram_make(d, h, message, 8 + length);
}

/* How many packets were dropped for a reason. */
UNUSED static uint64_t drops(enum drop reason)
{
    return bed.drops[reason];
}
