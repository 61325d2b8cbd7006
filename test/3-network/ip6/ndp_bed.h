/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of Neighbor Discovery: one host with a loopback and one Ethernet interface on a
 * door. The test is every other station: it puts messages on the wire and looks at what comes out.
 */
#pragma once
#include <errno.h>

#include "1-physical/wire_bed.h"
#include "2-link/ethernet.h"
#include "2-link/neighbor.h"
#include "3-network/icmp_rate.h"
#include "3-network/ip4/fragment4.h"
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ndp_state.h"
#include "3-network/ip6/slaac_id.h"
#include "3-network/route.h"
#include "base/checksum.h"

#define UNUSED __attribute__((unused))
enum {
    TIMER_IP = 9,
    TIMER_NDP,
    TIMER_LINK,
    TIMER_NEIGHBOR,
    SEEN_MOST = 256,
    FRAME_MOST = 1600,
    HOST_BYTES = 64 << 20
};

#define LOCAL(n) ((struct address){UINT64_C(0xfe80000000000000), (n)})
#define GLOBAL(n) ((struct address){UINT64_C(0x20010db800010000), (n)})
#define FAR(n) ((struct address){UINT64_C(0x20010db8ffff0000), (n)})
#define NOBODY ((struct address){0, 0})
/* of own_mac: RFC 2464 4 */
#define OWN_LOCAL LOCAL(UINT64_C(0x000000fffe000001))
#define OWN GLOBAL(1)

static const struct mac own_mac = {{2, 0, 0, 0, 0, 1}}, peer_mac = {{2, 0, 0, 0, 0, 2}},
                        other_mac = {{2, 0, 0, 0, 0, 3}};
static struct bed bed;
static struct arena *host_arena;
static struct packets host_packets;
static struct wire wires[2];
static struct link links[2];
static struct ip_interface interfaces[2];
static struct ip host;
static struct means means; /* of the host */
static struct budget outside_budget;

/* What left: a frame with a message of ND, or another. */
struct seen {
    nanoseconds time;
    struct ethernet_header ethernet;
    struct ip6_header ip;
    struct ndp_header h;
    bool is_nd;
    uint32_t length; /* of the options; of what is no ND all that is behind the header */
    uint8_t options[FRAME_MOST];
};
static struct seen seen[SEEN_MOST];
static uint32_t seen_count;

const struct wire_upper_code wire_upper_codes[] = {{.receive = link_receive}};
const struct link_upper_code link_upper_codes[] = {
    {.ethertype = 0x0800, .receive = ip4_receive, .unreachable = ip4_receive_unreachable},
    {.ethertype = 0x86dd,
     .receive = ip6_receive,
     .unreachable = ip6_receive_unreachable,
     .ask = ndp_ask,
     .failed = ndp_failed}};
const uint32_t link_upper_code_count = 2;

/* What came up to an upper of protocol 17. */
static uint32_t up_count, up_errors;

static void on_up(struct ip_upper *upper, const struct ip_meta *meta, struct packet *p,
                  nanoseconds now)
{
    (void)upper;
    (void)meta;
    (void)now;
    up_count++;
    packet_put(p);
}

static bool on_error(struct ip_upper *upper, const struct ip_error *error, nanoseconds now)
{
    (void)upper;
    (void)now;
    up_errors += error->kind == IP_ERROR_HOST_UNREACHABLE;
    return true;
}

const struct ip_upper_code ip_upper_codes[] = {
    {.protocol = IP_PROTOCOL_UDP, .receive = on_up, .error = on_error}};
const uint32_t ip_upper_code_count = 1;
static struct ip_upper udp;

static void look(struct packet *p)
{
    struct seen *s = &seen[seen_count++];
    struct reader r = reader_of(packet_data(p), packet_length(p)), icmp;

    check(seen_count <= SEEN_MOST);
    memset(s, 0, sizeof *s);
    s->time = bed.now;
    check(ethernet_header_read(&r, &s->ethernet));
    check(mac_equal(&s->ethernet.source, &own_mac));
    if (s->ethernet.ethertype == ETHERTYPE_IP6) {
        check(ip6_header_read(&r, &s->ip));
        if (s->ip.next_header == IP_PROTOCOL_ICMPV6) {
            struct icmp6_header h;

            icmp = r;
            check(icmp6_header_read(&icmp, s->ip.source, s->ip.dest, &h) && h.checksum_right);
            s->is_nd = ndp_message_read(&r, &s->h);
        }
        s->length = (uint32_t)reader_left(&r);
        memcpy(s->options, r.at, s->length);
    }
    packet_put(p);
}

static void look_all(void)
{
    struct packet *p;

    while ((p = wire_outside_take(&wires[1])))
        look(p);
}

static void on_timer(struct timer *timer, nanoseconds now)
{
    if (timer->code == TIMER_NDP)
        ndp_timer(timer, now);
    else if (timer->code == TIMER_NEIGHBOR)
        link_neighbor_timer(timer, now);
    else if (timer->code == TIMER_LINK)
        link_timer(timer, now);
    else
        ip_timer(timer, now);
    check_equal(ip_check(&host), 0);
    check_equal(link_check(&links[1]), 0);
    look_all();
}

/* Time goes on by this much. */
static void pass(nanoseconds time)
{
    bed_run(&bed, bed.now + time, on_timer);
    look_all();
}

static void link_up(uint32_t n, enum wire_kind kind, const char *name, struct pool *neighbors)
{
    const struct link_plan plan = {.kind = n ? LINK_ETHERNET : LINK_BARE,
                                   .interface = n,
                                   .mac = own_mac,
                                   .key = {7, n},
                                   .neighbor_pool = neighbors,
                                   .timer_code = TIMER_LINK,
                                   .neighbor_timer_code = TIMER_NEIGHBOR};

    bed_wire_init(&bed, &wires[n], n, name, kind, n == 0);
    check_equal(link_init(&links[n], &means, &wires[n].end[0], &plan), 0);
    if (n == 0)
        wire_attach(&wires[n].end[1], &links[n].wire_upper, &means.packet_budget, 1);
}

/* A host that speaks no IPv6 yet; the settings are the test's to change. */
static void ndp_bed(void)
{
    const struct packet_limits limits = {4096, 64, 1024};
    struct ip_plan plan = {.timer_code = TIMER_IP, .ndp_timer_code = TIMER_NDP};
    struct pool *neighbors;

    (void)bed_packet;
    bed_init(&bed);
    memset(&host, 0, sizeof host);
    memset(interfaces, 0, sizeof interfaces);
    memset(&host_packets, 0, sizeof host_packets);
    seen_count = up_count = up_errors = 0;
    outside_budget = (struct budget){0, 4096};
    host_arena = bed_pages(HOST_BYTES);
    arena_init(host_arena, HOST_BYTES, 2);
    check_equal(packet_pool_init(&host_packets, host_arena, &limits), 0);
    means = bed.means;
    means.arena = host_arena;
    means.packets = &host_packets;
    means.key = (struct siphash_key){5, 6};
    means.node = 1;
    neighbors = pool_open(host_arena, link_neighbor_bytes(), 2048, false);
    link_up(0, WIRE_SIM, "lo", neighbors);
    link_up(1, WIRE_DOOR, "eth", neighbors);
    wires[0].mtu = 65535;
    plan.fragments_pool = pool_open(host_arena, fragment_bytes(), IP_FAMILIES, false);
    plan.icmp_pool = pool_open(host_arena, icmp_rate_bytes(), 1, false);
    plan.ndp_pool = pool_open(host_arena, ndp_bytes(), 2, false);
    plan.route_limit = 256;
    plan.route_pool = pool_open(host_arena, sizeof(struct route), 256, false);
    plan.route_node_pool =
        pool_open(host_arena, sizeof(struct route_node), route_table_nodes(256), false);
    check_equal(ip_init(&host, &means, &plan), 0);
    ip_attach(&host, &udp, 0);
    for (uint32_t n = 0; n < 2; n++)
        ip_interface_add(&host, &interfaces[n], &links[n], 0, 1);
    check_equal(ip_loopback_add(&host, 0), 0);
}

static void add(struct address a)
{
    check_equal(ip_address_add(&host, 1, a, 64, bed.now), 0);
}

/* With an address that is ours alone by now, and what that took forgotten. */
static void ndp_bed_ready(void)
{
    ndp_bed();
    host.settings.ndp.router_solicitations = 1;
    add(OWN);
    pass(5 * SECOND);
    seen_count = 0;
}

static void ndp_bed_done(void)
{
    check_equal(ip_check(&host), 0);
    check_equal(link_check(&links[1]), 0);
    arena_unpoison(host_arena);
    munmap(host_arena, HOST_BYTES);
    bed_done(&bed);
}

static enum address_state state_of(struct address a)
{
    const struct ip_address *own = ip_address_find(&interfaces[1], a);

    return own ? (enum address_state)own->state : ADDRESS_NONE;
}

static int neighbor_state(struct address a)
{
    const struct neighbor *n = neighbor_find(&links[1], a);

    return n ? n->state : NEIGHBOR_NONE;
}

/* ---- what the test says ---- */

/* A message: the zeroes of its fields stand for what is right. */
struct say {
    struct address source, dest;
    struct ndp_header h;
    struct ndp_option option[4];
    uint32_t options;
    uint8_t hop_limit; /* 0: 255 */
    uint8_t code;      /* of ICMP */
    bool bad_checksum;
    struct mac from;      /* none: the peer's */
    uint32_t cut;         /* bytes less than there should be */
    const uint8_t *bytes; /* behind the options */
    uint32_t length;
};

static uint16_t checksum_of(const uint8_t *message, uint32_t length, struct address source,
                            struct address dest)
{
    uint8_t pseudo[40] = {0};
    struct writer w = writer_of(pseudo, sizeof pseudo);

    write_u64(&w, source.high);
    write_u64(&w, source.low);
    write_u64(&w, dest.high);
    write_u64(&w, dest.low);
    write_u32(&w, length);
    write_u32(&w, IP_PROTOCOL_ICMPV6);
    return checksum_finish(checksum_add(checksum_add(0, pseudo, sizeof pseudo), message, length));
}

static void put(const uint8_t *frame, uint32_t length)
{
    struct packet *p = packet_get(&host_packets, &outside_budget, length);

    check(p);
    memcpy(packet_append(p, length), frame, length);
    wire_inject(&wires[1], p, bed.now);
    pass(MICROSECOND * 2);
}

/* On the wire with it, to the station that its destination is or to the group. */
static void put_message(const struct say *say, const uint8_t *message, uint32_t length)
{
    const struct mac *from = mac_equal(&say->from, &(struct mac){{0}}) ? &peer_mac : &say->from;
    uint8_t frame[FRAME_MOST];
    struct writer w = writer_of(frame, sizeof frame);
    struct mac to = own_mac;
    const struct ip6_header ip = {.source = say->source,
                                  .dest = say->dest,
                                  .payload_length = (uint16_t)length,
                                  .next_header = IP_PROTOCOL_ICMPV6,
                                  .hop_limit = say->hop_limit ? say->hop_limit : 255};

    (void)ethernet_group(say->dest, &to);
    ethernet_header_write(&w, &to, from, ETHERTYPE_IP6);
    ip6_header_write(&w, &ip);
    write_copy(&w, message, length);
    check(!w.failed);
    put(frame, (uint32_t)(w.at - frame));
}

static void say(const struct say *s)
{
    uint8_t message[FRAME_MOST];
    struct writer w = writer_of(message, sizeof message);
    uint32_t length;

    ndp_message_write(&w, &s->h);
    message[1] = s->code;
    for (uint32_t k = 0; k < s->options; k++)
        ndp_message_option_write(&w, &s->option[k]);
    write_copy(&w, s->bytes, s->length);
    check(!w.failed);
    length = (uint32_t)(w.at - message) - s->cut;
    u16_put(message + 2, checksum_of(message, length, s->source, s->dest));
    message[3] ^= s->bad_checksum;
    put_message(s, message, length);
}

UNUSED static struct ndp_option mac_option(enum ndp_option_type type, struct mac mac)
{
    return (struct ndp_option){.type = type, .mac = mac};
}

/* A peer asks who has `target`. */
UNUSED static void solicit(struct address source, struct address target)
{
    struct say s = {.source = source,
                    .dest = ip6_solicited_node(target),
                    .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = target},
                    .option = {mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                    .options = address_is_unspecified(source) ? 0 : 1};

    say(&s);
}

/* A peer says that it has `target`. */
UNUSED static void advertise(struct address target, struct address dest, bool solicited,
                             bool override, struct mac mac)
{
    struct say s = {.source = target,
                    .dest = dest,
                    .h = {.type = NDP_NEIGHBOR_ADVERTISEMENT,
                          .target = target,
                          .solicited = solicited,
                          .override = override},
                    .option = {mac_option(NDP_OPTION_TARGET_MAC, mac)},
                    .options = 1,
                    .from = mac};

    say(&s);
}

/* A datagram of ours to `dest`. */
UNUSED static int send_datagram(struct address dest)
{
    static const struct ip_send_facts facts;
    struct packet *p = packet_get(&host_packets, &means.packet_budget, 8);
    struct ip_path path;
    int result = ip_path_find(&host, dest, NOBODY, 0, bed.now, &path);

    check(p);
    memset(packet_append(p, 8), 0, 8);
    if (result < 0) {
        packet_put(p);
        return result;
    }
    result = ip_send(&host, &udp, &path, &facts, p, bed.now);
    pass(MICROSECOND * 2);
    return result;
}

/* ---- what the test looks for ---- */

static const struct seen nothing;

/* The n-th message of a kind that left, from 0; `nothing`: there are not so many. */
UNUSED static const struct seen *nth(enum ndp_type type, uint32_t n)
{
    for (uint32_t k = 0; k < seen_count; k++)
        if (seen[k].is_nd && seen[k].h.type == type && n-- == 0)
            return &seen[k];
    return &nothing;
}

UNUSED static uint32_t count_of(enum ndp_type type)
{
    uint32_t count = 0;

    while (nth(type, count) != &nothing)
        count++;
    return count;
}

UNUSED static bool option_in(const struct seen *s, enum ndp_option_type type, struct ndp_option *o)
{
    struct reader r = reader_of(s->options, s->length);

    while (ndp_message_option_read(&r, o))
        if (o->type == type)
            return true;
    return false;
}

/* Frames with something else than ND. */
UNUSED static uint32_t datagrams_seen(void)
{
    uint32_t count = 0;

    for (uint32_t k = 0; k < seen_count; k++)
        count += seen[k].ethernet.ethertype == ETHERTYPE_IP6 &&
                 seen[k].ip.next_header == IP_PROTOCOL_UDP;
    return count;
}

UNUSED static void ndp_bed_uses_all(void)
{
    (void)ndp_bed_ready;
    (void)ndp_bed_done;
    (void)other_mac;
    (void)state_of;
    (void)neighbor_state;
    (void)add;
}
