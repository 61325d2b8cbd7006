/* SPDX-License-Identifier: MIT */
/* The state table of RFC 4861 appendix C, as far as ARP can say it, and what guards it. */
#include "2-link/link_bed.h"

#define REACHABLE_MOST (46 * SECOND) /* 1.5 x 30 s, and a bit */

enum event {
    SEND,            /* a packet to it */
    ANSWER,          /* a reply to us, from the station known (or the first) */
    ANSWER_OTHER,    /* the same from another station */
    REQUEST,         /* a request to us, from the station known */
    REQUEST_OTHER,   /* the same from another */
    ANNOUNCED,       /* an announcement of the station known */
    ANNOUNCED_OTHER, /* the same from another */
    CONFIRM,         /* an upper layer saw it answer */
    TIME             /* the state's timer, until it changes the state */
};

static void to_state(enum neighbor_state state)
{
    link_bed_ready();
    if (state == NEIGHBOR_NONE)
        return;
    if (state == NEIGHBOR_STALE || state == NEIGHBOR_DELAY || state == NEIGHBOR_PROBE)
        put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    if (state != NEIGHBOR_STALE)
        send_to(PEER, 1);
    settle();
    if (state == NEIGHBOR_REACHABLE)
        reply_from(peer_mac);
    if (state == NEIGHBOR_PROBE)
        run(bed.now + 5 * SECOND);
    if (state == NEIGHBOR_FAILED)
        run(bed.now + 4 * SECOND);
    check_equal(state_of(PEER), state);
}

static bool station_is(struct mac mac)
{
    return mac_equal(&neighbor_find(&station, address_from_ip4(PEER))->mac, &mac);
}

static void announce(struct mac mac)
{
    put_arp(ARP_REQUEST, mac, PEER, (struct mac){{0}}, PEER, ethernet_broadcast);
}

static void happen(enum event event)
{
    int before = state_of(PEER);

    switch (event) {
    case SEND:
        send_to(PEER, 2);
        settle();
        break;
    case ANSWER:
    case ANSWER_OTHER:
        reply_from(event == ANSWER ? peer_mac : other_mac);
        break;
    case REQUEST:
    case REQUEST_OTHER:
        put_arp(ARP_REQUEST, event == REQUEST ? peer_mac : other_mac, PEER, (struct mac){{0}}, OWN,
                ethernet_broadcast);
        break;
    case ANNOUNCED:
    case ANNOUNCED_OTHER:
        announce(event == ANNOUNCED ? peer_mac : other_mac);
        break;
    case CONFIRM:
        link_confirm(&station, address_from_ip4(PEER), bed.now);
        break;
    case TIME:
        for (int i = 0; i < 700 && state_of(PEER) == before; i++)
            run(bed.now + SECOND / 10);
        break;
    }
}

static const struct {
    enum neighbor_state from;
    enum event event;
    enum neighbor_state to;
    bool other; /* the station is the other one now */
} rows[] = {
    {NEIGHBOR_NONE, SEND, NEIGHBOR_INCOMPLETE, false},
    {NEIGHBOR_NONE, ANSWER, NEIGHBOR_NONE, false},
    {NEIGHBOR_NONE, REQUEST, NEIGHBOR_STALE, false},
    {NEIGHBOR_NONE, ANNOUNCED, NEIGHBOR_NONE, false},
    {NEIGHBOR_NONE, CONFIRM, NEIGHBOR_NONE, false},
    {NEIGHBOR_INCOMPLETE, SEND, NEIGHBOR_INCOMPLETE, false},
    {NEIGHBOR_INCOMPLETE, ANSWER, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_INCOMPLETE, REQUEST, NEIGHBOR_DELAY, false}, /* STALE, and a packet waited */
    {NEIGHBOR_INCOMPLETE, ANNOUNCED, NEIGHBOR_DELAY, false},
    {NEIGHBOR_INCOMPLETE, CONFIRM, NEIGHBOR_INCOMPLETE, false},
    {NEIGHBOR_INCOMPLETE, TIME, NEIGHBOR_FAILED, false},
    {NEIGHBOR_REACHABLE, SEND, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_REACHABLE, ANSWER, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_REACHABLE, REQUEST, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_REACHABLE, ANNOUNCED, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_REACHABLE, CONFIRM, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_REACHABLE, TIME, NEIGHBOR_STALE, false},
    {NEIGHBOR_REACHABLE, ANSWER_OTHER, NEIGHBOR_PROBE, false}, /* not believed: asked */
    {NEIGHBOR_REACHABLE, REQUEST_OTHER, NEIGHBOR_PROBE, false},
    {NEIGHBOR_REACHABLE, ANNOUNCED_OTHER, NEIGHBOR_PROBE, false},
    {NEIGHBOR_STALE, SEND, NEIGHBOR_DELAY, false},
    {NEIGHBOR_STALE, ANSWER, NEIGHBOR_STALE, false},
    {NEIGHBOR_STALE, REQUEST, NEIGHBOR_STALE, false},
    {NEIGHBOR_STALE, ANNOUNCED, NEIGHBOR_STALE, false},
    {NEIGHBOR_STALE, CONFIRM, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_STALE, TIME, NEIGHBOR_STALE, false},
    {NEIGHBOR_STALE, ANSWER_OTHER, NEIGHBOR_STALE, true},
    {NEIGHBOR_STALE, REQUEST_OTHER, NEIGHBOR_STALE, true},
    {NEIGHBOR_STALE, ANNOUNCED_OTHER, NEIGHBOR_STALE, true},
    {NEIGHBOR_DELAY, SEND, NEIGHBOR_DELAY, false},
    {NEIGHBOR_DELAY, ANSWER, NEIGHBOR_DELAY, false},
    {NEIGHBOR_DELAY, REQUEST, NEIGHBOR_DELAY, false},
    {NEIGHBOR_DELAY, CONFIRM, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_DELAY, TIME, NEIGHBOR_PROBE, false},
    {NEIGHBOR_DELAY, ANNOUNCED_OTHER, NEIGHBOR_STALE, true},
    {NEIGHBOR_PROBE, SEND, NEIGHBOR_PROBE, false},
    {NEIGHBOR_PROBE, ANSWER, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_PROBE, REQUEST, NEIGHBOR_PROBE, false},
    {NEIGHBOR_PROBE, ANNOUNCED, NEIGHBOR_PROBE, false},
    {NEIGHBOR_PROBE, CONFIRM, NEIGHBOR_REACHABLE, false},
    {NEIGHBOR_PROBE, TIME, NEIGHBOR_FAILED, false},
    {NEIGHBOR_PROBE, ANSWER_OTHER, NEIGHBOR_REACHABLE, true},
    {NEIGHBOR_PROBE, ANNOUNCED_OTHER, NEIGHBOR_STALE, true},
    {NEIGHBOR_FAILED, SEND, NEIGHBOR_INCOMPLETE, false},
    {NEIGHBOR_FAILED, ANSWER, NEIGHBOR_STALE, false},
    {NEIGHBOR_FAILED, REQUEST, NEIGHBOR_STALE, false},
    {NEIGHBOR_FAILED, ANNOUNCED, NEIGHBOR_FAILED, false},
    {NEIGHBOR_FAILED, CONFIRM, NEIGHBOR_FAILED, false},
    {NEIGHBOR_FAILED, TIME, NEIGHBOR_NONE, false},
};

static void the_table(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct neighbor *n;

        to_state(rows[i].from);
        happen(rows[i].event);
        if (state_of(PEER) != (int)rows[i].to)
            test_fail(__FILE__, __LINE__, "row %zu: state %d, event %d: %d, not %d", i,
                      rows[i].from, rows[i].event, state_of(PEER), rows[i].to);
        n = neighbor_find(&station, address_from_ip4(PEER));
        if (n && n->state != NEIGHBOR_INCOMPLETE && n->state != NEIGHBOR_FAILED)
            check(mac_equal(&n->mac, rows[i].other ? &other_mac : &peer_mac));
        link_bed_done();
    }
}

static void packets_wait_and_go_in_order(void)
{
    link_bed_ready();
    for (uint8_t i = 0; i < 5; i++)
        send_to(PEER, i);
    settle();
    check_equal(on_wire.count, 1);
    check(sent_arp(0, ARP_REQUEST, ethernet_broadcast, OWN, PEER));
    reply_from(peer_mac);
    check_equal(on_wire.count, 6);
    for (uint8_t i = 0; i < 5; i++)
        check(sent_ip(1U + i, peer_mac, i));
    send_to(PEER, 9);
    settle();
    check(sent_ip(6, peer_mac, 9));
    check_equal(bed.events[EVENT_NEIGHBOR], 2);
    check_equal(bed.last[EVENT_NEIGHBOR].neighbor.from, NEIGHBOR_INCOMPLETE);
    check_equal(bed.last[EVENT_NEIGHBOR].neighbor.to, NEIGHBOR_REACHABLE);
    check_equal(address_to_ip4(bed.last[EVENT_NEIGHBOR].neighbor.address) & 0xff, 2);
    link_bed_done();
}

static void the_oldest_of_too_many_goes(void)
{
    link_bed_ready();
    station.settings.queue_packets = 3;
    for (uint8_t i = 0; i < 10; i++)
        send_to(PEER, i);
    check_equal(bed.drops[DROP_NEIGHBOR_QUEUE], 7);
    check_equal(means.packet_budget.used, 3);
    reply_from(peer_mac);
    check(sent_ip(1, peer_mac, 7) && sent_ip(2, peer_mac, 8) && sent_ip(3, peer_mac, 9));
    check_equal(on_wire.count, 4);
    link_bed_done();
}

static void waiting_packets_have_a_limit_together(void)
{
    link_bed_ready();
    means.packet_budget.limit = 400; /* a quarter may wait */
    for (uint32_t i = 0; i < 200; i++)
        send_to(PEER + i % 4, 1);
    check_equal(station.waiting, 100);
    check_equal(bed.drops[DROP_NEIGHBOR_QUEUE], 100);
    link_bed_done();
}

static void who_does_not_answer_fails(void)
{
    nanoseconds start;

    link_bed_ready();
    start = bed.now;
    send_to(PEER, 1);
    send_to(PEER, 2);
    run(start + 3 * SECOND - 1);
    check_equal(unreachable.count, 0);
    run(start + 3 * SECOND);
    check_equal(on_wire.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        check(sent_arp(i, ARP_REQUEST, ethernet_broadcast, OWN, PEER));
        check_equal(on_wire.kept[i].time, start + i * SECOND + MICROSECOND);
    }
    check_equal(unreachable.count, 2);
    check_equal(bed.drops[DROP_NEIGHBOR_FAILED], 2);
    check_equal(unreachable.kept[0].bytes[0], 1);
    check_equal(unreachable.kept[1].bytes[0], 2);
    check_equal(unreachable.kept[0].length, 20);
    check_equal(means.packet_budget.used, 0);
    send_to(PEER, 3); /* tried again by the next packet, at once */
    settle();
    check_equal(on_wire.count, 4);
    check_equal(state_of(PEER), NEIGHBOR_INCOMPLETE);
    reply_from(peer_mac);
    check(sent_ip(4, peer_mac, 3));
    link_bed_done();
}

static void requests_come_once_a_second(void)
{
    link_bed_ready();
    station.settings.multicast_tries = 1;
    for (int i = 0; i < 100; i++) {
        send_to(PEER, 1);
        run(bed.now + SECOND / 10);
    }
    check(on_wire.count >= 9 && on_wire.count <= 10);
    for (uint32_t i = 1; i < on_wire.count; i++)
        check(on_wire.kept[i].time - on_wire.kept[i - 1].time >= SECOND);
    link_bed_done();
}

static void probes_go_to_the_station_known(void)
{
    nanoseconds start;

    to_state(NEIGHBOR_STALE);
    on_wire.count = 0;
    start = bed.now;
    send_to(PEER, 1);
    run(start + 8 * SECOND);
    check_equal(on_wire.count, 4);
    check(sent_ip(0, peer_mac, 1));
    for (uint32_t i = 1; i < 4; i++) {
        check(sent_arp(i, ARP_REQUEST, peer_mac, OWN, PEER));
        check_equal(on_wire.kept[i].time, start + (4 + i) * SECOND + MICROSECOND);
    }
    check_equal(state_of(PEER), NEIGHBOR_FAILED);
    link_bed_done();
}

static void confirmations_keep_it_reachable(void)
{
    to_state(NEIGHBOR_REACHABLE);
    for (int i = 0; i < 20; i++) {
        run(bed.now + 10 * SECOND);
        link_confirm(&station, address_from_ip4(PEER), bed.now);
        check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    }
    run(bed.now + 14 * SECOND);
    check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    run(bed.now + REACHABLE_MOST);
    check_equal(state_of(PEER), NEIGHBOR_STALE);
    link_bed_done();
}

static void reachable_times_are_random_in_their_bounds(void)
{
    nanoseconds least_seen = NEVER, most_seen = 0;

    link_bed_ready();
    for (uint32_t i = 0; i < 200; i++) {
        const struct neighbor *n;

        put_arp(ARP_REQUEST, peer_mac, PEER + i, (struct mac){{0}}, OWN, ethernet_broadcast);
        n = neighbor_find(&station, address_from_ip4(PEER + i));
        check(n && n->reachable >= 15 * SECOND && n->reachable <= 45 * SECOND);
        least_seen = time_earlier(least_seen, n->reachable);
        most_seen = time_later(most_seen, n->reachable);
    }
    check(least_seen < 17 * SECOND && most_seen > 43 * SECOND);
    link_bed_done();
}

/* A forged answer does not move a neighbour that answers; both stations are asked, once. */
static void a_reachable_station_is_not_overridden(void)
{
    to_state(NEIGHBOR_REACHABLE);
    run(bed.now + 2 * SECOND);
    on_wire.count = 0;
    reply_from(other_mac);
    check(sent_arp(0, ARP_REQUEST, peer_mac, OWN, PEER));
    check(sent_arp(1, ARP_REQUEST, other_mac, OWN, PEER));
    for (int i = 0; i < 20; i++) {
        reply_from(other_mac);
        announce(other_mac);
    }
    check_equal(on_wire.count, 2);
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    send_to(PEER, 5);
    link_confirm(&station, address_from_ip4(PEER), bed.now); /* nobody knows whose doing */
    settle();
    check(sent_ip(2, peer_mac, 5));
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    reply_from(peer_mac);
    check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    check(station_is(peer_mac));
    link_bed_done();
}

/* The one known is gone, the other one says so itself and answers. */
static void an_address_that_moved_is_followed(void)
{
    nanoseconds start;

    to_state(NEIGHBOR_REACHABLE); /* it answered within microseconds */
    start = bed.now;
    announce(other_mac);
    run(start + MILLISECOND / 2);
    put_arp(ARP_REPLY, peer_mac, PEER, own_mac, OWN, ethernet_broadcast); /* no answer to us */
    send_to(PEER, 5);
    settle();
    check(sent_ip(on_wire.count - 1, peer_mac, 5));
    reply_from(other_mac);
    run(start + MILLISECOND + 20 * MICROSECOND);
    check(station_is(other_mac));
    check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    link_bed_done();
}

/* The claimant answers much sooner than the one known is wont to, which keeps its time. */
static void a_claimant_near_by_does_not_outrun_the_one_known(void)
{
    nanoseconds start;

    to_state(NEIGHBOR_INCOMPLETE);
    run(bed.now + 100 * MILLISECOND);
    reply_from(peer_mac);
    start = bed.now;
    announce(other_mac);
    reply_from(other_mac);
    run(start + 150 * MILLISECOND);
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    reply_from(peer_mac);
    check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    check(station_is(peer_mac));
    link_bed_done();
}

/* Neither answers: after three questions to each, the next packet asks all. */
static void a_contest_of_the_silent_fails(void)
{
    to_state(NEIGHBOR_REACHABLE);
    on_wire.count = 0;
    announce(other_mac);
    run(bed.now + 3 * SECOND);
    check_equal(on_wire.count, 6);
    check_equal(state_of(PEER), NEIGHBOR_FAILED);
    send_to(PEER, 6);
    reply_from(other_mac);
    check(sent_ip(7, other_mac, 6));
    link_bed_done();
}

/* A first claim is looked into at once; who claims again and again makes us ask once a second. An
 * answer that comes before the question counts for nothing. */
static void a_claim_soon_after_a_claim_waits(void)
{
    nanoseconds start;

    to_state(NEIGHBOR_REACHABLE);
    start = bed.now;
    on_wire.count = 0;
    announce(other_mac);
    check_equal(on_wire.count, 2);
    reply_from(peer_mac);
    for (int i = 0; i < 20; i++)
        reply_from(other_mac);
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    run(start + SECOND - 1);
    check_equal(on_wire.count, 2);
    run(start + 4 * SECOND - 1);
    check_equal(on_wire.count, 8);
    check_equal(on_wire.kept[2].time, start + SECOND + 2 * MICROSECOND);
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    run(start + 4 * SECOND + MICROSECOND);
    check_equal(state_of(PEER), NEIGHBOR_FAILED);
    link_bed_done();
}

static void an_answer_to_all_proves_nothing(void)
{
    to_state(NEIGHBOR_INCOMPLETE);
    put_arp(ARP_REPLY, peer_mac, PEER, own_mac, OWN, ethernet_broadcast);
    check_equal(state_of(PEER), NEIGHBOR_DELAY); /* STALE, and a packet waited */
    link_bed_done();
    to_state(NEIGHBOR_PROBE);
    put_arp(ARP_REPLY, peer_mac, PEER, own_mac, OWN, ethernet_broadcast);
    check_equal(state_of(PEER), NEIGHBOR_PROBE);
    link_bed_done();
}

static void a_scan_leaves_others_alone(void)
{
    link_bed_ready();
    for (uint32_t i = 0; i < 100; i++) {
        send_to(0x0a000100 + i, 1);
        settle();
        put_arp(ARP_REPLY, peer_mac, 0x0a000100 + i, own_mac, OWN, own_mac);
    }
    on_wire.count = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        send_to(0x0b000000 + i, 1);
        if (i % 100 == 0) {
            settle();
            on_wire.count = 0;
        }
    }
    check(station.incomplete <= NEIGHBOR_INCOMPLETE_MOST);
    check(station.neighbor_count <= station.settings.limit);
    check_equal(bed.drops[DROP_NEIGHBOR_TABLE], 20000 - NEIGHBOR_INCOMPLETE_MOST);
    for (uint32_t i = 0; i < 100; i++)
        check_equal(state_of(0x0a000100 + i), NEIGHBOR_REACHABLE);
    run(bed.now + 4 * SECOND);
    check_equal(unreachable.count, NEIGHBOR_INCOMPLETE_MOST);
    check_equal(station.waiting, 0);
    link_bed_done();
}

static void the_stalest_makes_place(void)
{
    link_bed_ready();
    station.settings.limit = 8;
    for (uint32_t i = 0; i < 8; i++)
        put_arp(ARP_REQUEST, peer_mac, PEER + i, (struct mac){{0}}, OWN, ethernet_broadcast);
    send_to(PEER, 1); /* used: DELAY, and last in order */
    for (uint32_t i = 8; i < 12; i++) {
        put_arp(ARP_REQUEST, peer_mac, PEER + i, (struct mac){{0}}, OWN, ethernet_broadcast);
        check_equal(station.neighbor_count, 8);
        check_equal(state_of(PEER + i - 7), NEIGHBOR_NONE);
        check_equal(state_of(PEER + i), NEIGHBOR_STALE);
        check_equal(state_of(PEER), NEIGHBOR_DELAY);
    }
    link_bed_done();
}

/* However many strangers knock, while there are others that may go. */
static void who_answered_within_a_minute_keeps_its_place(void)
{
    link_bed_ready();
    station.settings.limit = 8;
    send_to(PEER, 1);
    settle();
    put_arp(ARP_REPLY, peer_mac, PEER, own_mac, OWN, own_mac);
    check_equal(state_of(PEER), NEIGHBOR_REACHABLE);
    run(bed.now + 46 * SECOND);
    check_equal(state_of(PEER), NEIGHBOR_STALE);
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = 1; i < 100; i++)
            put_arp(ARP_REQUEST, peer_mac, PEER + i, (struct mac){{0}}, OWN, ethernet_broadcast);
        check_equal(state_of(PEER), turn ? NEIGHBOR_NONE : NEIGHBOR_STALE);
        run(bed.now + 20 * SECOND);
    }
    link_bed_done();
}

/* A table full of neighbours in use costs who knocks a few looks, and its place nobody. */
static void strangers_cost_no_walk_of_a_full_table(void)
{
    link_bed_ready();
    station.settings.limit = 200;
    for (uint32_t i = 0; i < 200; i++) {
        put_arp(ARP_REQUEST, peer_mac, PEER + i, (struct mac){{0}}, OWN, ethernet_broadcast);
        if (i != 150)
            send_to(PEER + i, 1); /* DELAY */
    }
    for (uint32_t i = 0; i < 200 && state_of(PEER + 150) != NEIGHBOR_NONE; i++)
        put_arp(ARP_REQUEST, peer_mac, PEER + 300, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(state_of(PEER + 150), NEIGHBOR_NONE); /* found in the end */
    check_equal(state_of(PEER + 300), NEIGHBOR_STALE);
    for (uint32_t i = 0; i < 200; i++)
        check(i == 150 || state_of(PEER + i) == NEIGHBOR_DELAY);
    link_bed_done();
}

static void no_place_is_named(void)
{
    link_bed_ready();
    station.settings.limit = 4;
    for (uint32_t i = 0; i < 4; i++) {
        send_to(PEER + i, 1);
        settle();
        put_arp(ARP_REPLY, peer_mac, PEER + i, own_mac, OWN, own_mac);
    }
    send_to(PEER + 9, 1);
    check_equal(bed.drops[DROP_NEIGHBOR_TABLE], 1);
    put_arp(ARP_REQUEST, peer_mac, PEER + 10, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(state_of(PEER + 10), NEIGHBOR_NONE); /* answered, not kept */
    check(sent_arp(on_wire.count - 1, ARP_REPLY, peer_mac, OWN, PEER + 10));
    check_equal(means.packet_budget.used, 0);
    link_bed_done();
}

/* The first get is the neighbour's, the second the request's; then nothing fails. */
static void the_pool_may_run_out(void)
{
    link_bed_ready();
    for (uint32_t n = 1; n <= 3; n++) {
        struct packet *p = packet_get(&bed.packets, &means.packet_budget, 20);

        packet_append(p, 20);
        bed.arena->fail_at = bed.arena->gets + n;
        link_send(&station, &uppers[0], address_from_ip4(PEER + n), p, bed.now);
        bed.arena->fail_at = 0;
        check_equal(link_check(&station), 0);
        check_equal(bed.drops[DROP_NEIGHBOR_TABLE], 1);
        check_equal(bed.drops[DROP_NO_MEMORY], n > 1);
        check_equal(station.waiting, n - 1);
    }
    run(bed.now + SECOND + MICROSECOND); /* the request that failed is made again */
    check_equal(on_wire.count, 3);
    link_bed_done();
}

/* Anything in any order: the invariants hold (bed_timers and send_to check them). */
static void anything_in_any_order(void)
{
    uint64_t seed = 88172645463325252;
    static const struct mac macs[] = {{{2, 0, 0, 0, 0, 2}}, {{2, 0, 0, 0, 0, 3}}};

    link_bed_ready();
    station.settings.limit = 24;
    for (int i = 0; i < 20000; i++) {
        uint32_t who, what;

        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        who = PEER + (uint32_t)(seed >> 8) % 40;
        what = (uint32_t)(seed >> 20) % 8;
        if (what < 3)
            send_to(who, (uint8_t)i);
        else if (what == 3)
            put_arp(ARP_REPLY, macs[seed >> 40 & 1], who, own_mac, OWN, own_mac);
        else if (what == 4)
            put_arp(ARP_REQUEST, macs[seed >> 40 & 1], who, own_mac, OWN, ethernet_broadcast);
        else if (what == 5)
            put_arp(ARP_REQUEST, macs[seed >> 40 & 1], who, own_mac, who, ethernet_broadcast);
        else if (what == 6)
            link_confirm(&station, address_from_ip4(who), bed.now);
        else
            run(bed.now + (nanoseconds)(seed >> 44) * 4000);
        on_wire.count = received.count = unreachable.count = 0;
        check_equal(link_check(&station), 0);
    }
    run(bed.now + 200 * SECOND);
    check_equal(means.packet_budget.used, 0);
    link_bed_done();
}

static const struct test tests[] = {
    {"each state does on each event as the table says", the_table},
    {"packets wait for the station and go in order", packets_wait_and_go_in_order},
    {"of too many waiting packets the oldest goes", the_oldest_of_too_many_goes},
    {"packets that wait have a limit together", waiting_packets_have_a_limit_together},
    {"who does not answer three times has failed", who_does_not_answer_fails},
    {"a neighbour is asked for once a second at most", requests_come_once_a_second},
    {"probes go to the station known", probes_go_to_the_station_known},
    {"confirmations keep a neighbour reachable", confirmations_keep_it_reachable},
    {"reachable times are random in their bounds", reachable_times_are_random_in_their_bounds},
    {"a reachable station is not overridden by a claim", a_reachable_station_is_not_overridden},
    {"an address that moved is followed when both were asked", an_address_that_moved_is_followed},
    {"a claimant near by does not outrun the one known",
     a_claimant_near_by_does_not_outrun_the_one_known},
    {"a contest of stations that are silent fails", a_contest_of_the_silent_fails},
    {"a claim soon after a claim waits its second", a_claim_soon_after_a_claim_waits},
    {"an answer sent to all stations proves nothing", an_answer_to_all_proves_nothing},
    {"a scan of a subnet costs nobody a place", a_scan_leaves_others_alone},
    {"the stalest neighbour makes place", the_stalest_makes_place},
    {"who answered within a minute keeps its place", who_answered_within_a_minute_keeps_its_place},
    {"strangers cost no walk of a full table", strangers_cost_no_walk_of_a_full_table},
    {"no place for a neighbour is a named drop", no_place_is_named},
    {"the pool may run out at any get", the_pool_may_run_out},
    {"anything in any order keeps the invariants", anything_in_any_order},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
