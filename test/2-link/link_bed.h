/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of a link: one link at end 0 of a wire, the test itself as the other station at
 * end 1, and an upper that keeps what comes up and what is unreachable.
 */
#pragma once
#include "1-physical/wire_bed.h"
#include "2-link/arp.h"
#include "2-link/neighbor.h"
#include "base/compiler.h"
#include "base/integer.h"

enum { TIMER_LINK = 2, TIMER_NEIGHBOR = 3, BED_KEPT = 1024, BED_KEPT_BYTES = 64 };

struct kept {
    nanoseconds time;
    uint32_t length;
    bool broadcast;
    uint8_t bytes[BED_KEPT_BYTES];
};

struct keeper {
    uint32_t count;
    struct kept kept[BED_KEPT];
};

static struct bed bed;
static struct wire wire;
static struct link station;         /* the link under test: end 0 */
static struct link_upper uppers[2]; /* IPv4, IPv6 */
static struct wire_upper peer;      /* the test: end 1 */
static struct means means;          /* of the station */
static struct budget peer_budget;
static struct keeper on_wire, received, unreachable; /* frames we sent; packets up; packets back */

static const struct mac own_mac = {{2, 0, 0, 0, 0, 1}}, peer_mac = {{2, 0, 0, 0, 0, 2}},
                        other_mac = {{2, 0, 0, 0, 0, 3}};
#define OWN 0x0a000001U
#define PEER 0x0a000002U

static void keep(struct keeper *k, struct packet *p, bool broadcast, nanoseconds now)
{
    struct kept *kept = &k->kept[k->count++];

    check(k->count <= BED_KEPT);
    kept->time = now;
    kept->length = packet_length(p);
    kept->broadcast = broadcast;
    memcpy(kept->bytes, packet_data(p), least(kept->length, BED_KEPT_BYTES));
    packet_put(p);
}

static void on_peer(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    check(upper == &peer);
    keep(&on_wire, p, false, now);
}

static void on_up(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                  nanoseconds now)
{
    check(upper == &uppers[0] || upper == &uppers[1]);
    check_equal(p->network, p->start);
    keep(&received, p, meta->broadcast, now);
}

static void on_unreachable(struct link_upper *upper, struct packet *p, nanoseconds now)
{
    check(upper == &uppers[0] || upper == &uppers[1]);
    keep(&unreachable, p, false, now);
}

const struct wire_upper_code wire_upper_codes[] = {{.receive = link_receive}, {.receive = on_peer}};
/* What layer 3 was asked to ask, and which of its neighbours did not answer. */
struct asked {
    struct address target;
    bool all, waits;
    struct mac whom;
    nanoseconds time;
};
static struct asked asked[BED_KEPT];
static uint32_t asked_count, failed_count;

static void on_ask(struct link_upper *upper, struct address target, const struct packet *waiting,
                   const struct mac *whom, nanoseconds now)
{
    struct asked *a = &asked[asked_count++];

    check(upper == &uppers[1] && asked_count <= BED_KEPT);
    *a = (struct asked){.target = target, .all = !whom, .waits = waiting, .time = now};
    if (whom)
        a->whom = *whom;
}

static void on_failed(struct link_upper *upper, struct address target, nanoseconds now)
{
    (void)now;
    check(upper == &uppers[1] && !address_is_mapped(target));
    failed_count++;
}

const struct link_upper_code link_upper_codes[] = {
    {.ethertype = 0x0800, .receive = on_up, .unreachable = on_unreachable},
    {.ethertype = 0x86dd,
     .receive = on_up,
     .unreachable = on_unreachable,
     .ask = on_ask,
     .failed = on_failed},
    {.ethertype = 0x86dd, .receive = on_up, .unreachable = on_unreachable}}; /* and cannot ask */
const uint32_t link_upper_code_count = 3;

static void bed_timers(struct timer *timer, nanoseconds now)
{
    if (timer->code == TIMER_LINK)
        link_timer(timer, now);
    else
        link_neighbor_timer(timer, now);
    check_equal(link_check(&station), 0);
}

static void run(nanoseconds until)
{
    bed_run(&bed, until, bed_timers);
    check_equal(link_check(&station), 0);
}

/* What is on its way arrives; no timer of seconds fires. */
static void settle(void)
{
    run(bed.now + 2 * MICROSECOND);
}

static void link_bed(enum link_kind kind)
{
    struct link_plan plan = {.kind = kind, .key = {3, 4}};

    bed_init(&bed);
    memset(&station, 0, sizeof station);
    on_wire.count = received.count = unreachable.count = asked_count = failed_count = 0;
    peer_budget = (struct budget){0, 4096};
    means = bed.means;
    means.node = 1;
    bed_wire_init(&bed, &wire, 0, "w", WIRE_SIM, kind == LINK_BARE);
    peer.code = 1;
    plan.neighbor_pool = pool_open(bed.arena, link_neighbor_bytes(), 2048, false);
    plan.mac = own_mac;
    plan.interface = 1;
    plan.timer_code = TIMER_LINK;
    plan.neighbor_timer_code = TIMER_NEIGHBOR;
    check_equal(link_init(&station, &means, &wire.end[0], &plan), 0);
    wire_attach(&wire.end[1], &peer, &peer_budget, 2);
    link_attach(&station, &uppers[0], 0);
    link_attach(&station, &uppers[1], 1);
}

/* An Ethernet link with our address, its announcements over and forgotten. */
static void link_bed_ready(void)
{
    link_bed(LINK_ETHERNET);
    check_equal(link_address_add(&station, address_from_ip4(OWN), 0), 0);
    run(10 * SECOND);
    on_wire.count = 0;
}

static void link_bed_done(void)
{
    check_equal(link_check(&station), 0);
    check_equal(wire_check(&wire), 0);
    bed_done(&bed);
}

/* A frame from the peer's end. */
static void put_frame(const void *bytes, uint32_t length)
{
    struct packet *p = packet_get(&bed.packets, &peer_budget, length);

    check(p);
    memcpy(packet_append(p, length), bytes, length);
    wire_send(&wire.end[1], p, bed.now);
    settle();
}

static void put_arp(uint16_t opcode, struct mac sender_mac, uint32_t sender, struct mac target_mac,
                    uint32_t target, struct mac dest)
{
    uint8_t frame[ETHERNET_HEADER_BYTES + ARP_BYTES];
    struct writer w = writer_of(frame, sizeof frame);
    struct arp_header h = {.opcode = opcode,
                           .sender_mac = sender_mac,
                           .target_mac = target_mac,
                           .sender = address_from_ip4(sender),
                           .target = address_from_ip4(target)};

    ethernet_header_write(&w, &dest, &sender_mac, ETHERTYPE_ARP);
    arp_header_write(&w, &h);
    check(!w.failed);
    put_frame(frame, sizeof frame);
}

static void reply_from(struct mac mac)
{
    put_arp(ARP_REPLY, mac, PEER, own_mac, OWN, own_mac);
}

/* The i-th frame that we sent is this ARP packet. */
static bool sent_arp(uint32_t i, uint16_t opcode, struct mac dest, uint32_t sender, uint32_t target)
{
    const struct kept *k = &on_wire.kept[i];
    struct reader r = reader_of(k->bytes, least(k->length, BED_KEPT_BYTES));
    struct ethernet_header e;
    struct arp_header h;

    return i < on_wire.count && ethernet_header_read(&r, &e) && e.ethertype == ETHERTYPE_ARP &&
           arp_header_read(&r, &h) && reader_left(&r) == 0 && h.opcode == opcode &&
           mac_equal(&e.dest, &dest) && mac_equal(&e.source, &own_mac) &&
           mac_equal(&h.sender_mac, &own_mac) && address_to_ip4(h.sender) == sender &&
           address_to_ip4(h.target) == target;
}

/* The i-th frame that we sent is an IPv4 packet to this station, with this in it. */
static bool sent_ip(uint32_t i, struct mac dest, uint8_t value)
{
    const struct kept *k = &on_wire.kept[i];

    return i < on_wire.count && k->length == ETHERNET_HEADER_BYTES + 20 &&
           memcmp(k->bytes, dest.bytes, 6) == 0 && memcmp(k->bytes + 6, own_mac.bytes, 6) == 0 &&
           k->bytes[12] == 0x08 && k->bytes[13] == 0x00 && k->bytes[14] == value;
}

/* Sends a packet of 20 bytes, each of this value. */
static void send_to(uint32_t next_hop, uint8_t value)
{
    struct packet *p = packet_get(&bed.packets, &means.packet_budget, 20);

    check(p);
    memset(packet_append(p, 20), value, 20);
    link_send(&station, &uppers[0], address_from_ip4(next_hop), p, bed.now);
    check_equal(link_check(&station), 0);
}

static int state_of(uint32_t who)
{
    const struct neighbor *n = neighbor_find(&station, address_from_ip4(who));

    return n ? n->state : NEIGHBOR_NONE;
}

__attribute__((unused)) static void link_bed_uses_all(void)
{
    (void)other_mac;
    (void)link_bed_ready;
    (void)link_bed_done;
    (void)reply_from;
    (void)sent_arp;
    (void)sent_ip;
    (void)send_to;
    (void)state_of;
    (void)bed_packet;
}
