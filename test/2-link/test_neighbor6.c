/* SPDX-License-Identifier: MIT */
/* The states of neighbours whose upper asks itself: RFC 4861 appendix C, in its order. */
#include "2-link/link_bed.h"

static const struct address peer6 = {UINT64_C(0xfe80) << 48, 2};

enum event {
    SEND,
    SOLICITATION,       /* one that names the station known (or the first): 7.2.3 */
    SOLICITATION_OTHER, /* one that names another */
    SOLICITATION_BARE,  /* one that names none */
    ADVERTISEMENT,      /* solicited and override; the flags that are missing are in the name */
    ADVERTISEMENT_UNASKED,
    ADVERTISEMENT_BARE, /* solicited, names no station */
    ADVERTISEMENT_BARE_UNASKED,
    OTHER,
    OTHER_UNASKED,
    OTHER_NO_OVERRIDE,
    OTHER_UNASKED_NO_OVERRIDE
};

static void send6(uint8_t value)
{
    struct packet *p = packet_get(&bed.packets, &means.packet_budget, 20);

    check(p);
    memset(packet_append(p, 20), value, 20);
    link_send(&station, &uppers[1], peer6, p, bed.now);
    settle();
}

static bool hear(struct link_news news, const struct mac *mac)
{
    bool used;

    news.address = peer6;
    news.mac = mac;
    used = link_hear(&station, &uppers[1], &news, bed.now);
    check_equal(link_check(&station), 0);
    settle();
    return used;
}

static bool happen(enum event event)
{
    switch (event) {
    case SEND:
        send6(1);
        return true;
    case SOLICITATION:
        return hear((struct link_news){0}, &peer_mac);
    case SOLICITATION_OTHER:
        return hear((struct link_news){0}, &other_mac);
    case SOLICITATION_BARE:
        return hear((struct link_news){0}, NULL);
    case ADVERTISEMENT:
        return hear((struct link_news){.advertisement = true, .solicited = true, .override = true},
                    &peer_mac);
    case ADVERTISEMENT_UNASKED:
        return hear((struct link_news){.advertisement = true, .override = true}, &peer_mac);
    case ADVERTISEMENT_BARE:
        return hear((struct link_news){.advertisement = true, .solicited = true}, NULL);
    case ADVERTISEMENT_BARE_UNASKED:
        return hear((struct link_news){.advertisement = true}, NULL);
    case OTHER:
        return hear((struct link_news){.advertisement = true, .solicited = true, .override = true},
                    &other_mac);
    case OTHER_UNASKED:
        return hear((struct link_news){.advertisement = true, .override = true}, &other_mac);
    case OTHER_NO_OVERRIDE:
        return hear((struct link_news){.advertisement = true, .solicited = true}, &other_mac);
    case OTHER_UNASKED_NO_OVERRIDE:
        return hear((struct link_news){.advertisement = true}, &other_mac);
    }
    return false;
}

static int state6(void)
{
    const struct neighbor *n = neighbor_find(&station, peer6);

    return n ? n->state : NEIGHBOR_NONE;
}

static void to_state(enum neighbor_state state)
{
    link_bed(LINK_ETHERNET);
    if (state == NEIGHBOR_NONE)
        return;
    if (state == NEIGHBOR_STALE || state == NEIGHBOR_DELAY || state == NEIGHBOR_PROBE)
        (void)happen(SOLICITATION);
    if (state != NEIGHBOR_STALE)
        send6(1);
    if (state == NEIGHBOR_REACHABLE)
        (void)happen(ADVERTISEMENT);
    if (state == NEIGHBOR_PROBE)
        run(bed.now + 5 * SECOND);
    if (state == NEIGHBOR_FAILED)
        run(bed.now + 4 * SECOND);
    check_equal(state6(), state);
}

static const struct {
    enum neighbor_state from;
    enum event event;
    enum neighbor_state to;
    bool used, other;
} rows[] = {
    {NEIGHBOR_NONE, SEND, NEIGHBOR_INCOMPLETE, true, false},
    {NEIGHBOR_NONE, SOLICITATION, NEIGHBOR_STALE, true, false},
    {NEIGHBOR_NONE, SOLICITATION_BARE, NEIGHBOR_NONE, false, false},
    {NEIGHBOR_NONE, ADVERTISEMENT, NEIGHBOR_NONE, false, false},
    {NEIGHBOR_INCOMPLETE, ADVERTISEMENT, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_INCOMPLETE, ADVERTISEMENT_UNASKED, NEIGHBOR_DELAY, true, false}, /* a packet waited */
    {NEIGHBOR_INCOMPLETE, ADVERTISEMENT_BARE, NEIGHBOR_INCOMPLETE, false, false},
    {NEIGHBOR_INCOMPLETE, SOLICITATION, NEIGHBOR_DELAY, true, false},
    {NEIGHBOR_INCOMPLETE, OTHER_NO_OVERRIDE, NEIGHBOR_REACHABLE, true, true},
    {NEIGHBOR_REACHABLE, ADVERTISEMENT_UNASKED, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_REACHABLE, ADVERTISEMENT_BARE_UNASKED, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_REACHABLE, OTHER_UNASKED_NO_OVERRIDE, NEIGHBOR_STALE, false, false},
    {NEIGHBOR_REACHABLE, OTHER_NO_OVERRIDE, NEIGHBOR_STALE, false, false},
    {NEIGHBOR_REACHABLE, OTHER, NEIGHBOR_PROBE, true, false}, /* not believed: both are asked */
    {NEIGHBOR_REACHABLE, OTHER_UNASKED, NEIGHBOR_PROBE, true, false},
    {NEIGHBOR_REACHABLE, SOLICITATION_OTHER, NEIGHBOR_PROBE, true, false},
    {NEIGHBOR_REACHABLE, SOLICITATION, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_STALE, SEND, NEIGHBOR_DELAY, true, false},
    {NEIGHBOR_STALE, ADVERTISEMENT, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_STALE, ADVERTISEMENT_BARE, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_STALE, ADVERTISEMENT_UNASKED, NEIGHBOR_STALE, true, false},
    {NEIGHBOR_STALE, OTHER, NEIGHBOR_REACHABLE, true, true},
    {NEIGHBOR_STALE, OTHER_UNASKED, NEIGHBOR_STALE, true, true},
    {NEIGHBOR_STALE, OTHER_NO_OVERRIDE, NEIGHBOR_STALE, false, false},
    {NEIGHBOR_STALE, SOLICITATION_OTHER, NEIGHBOR_STALE, true, true},
    {NEIGHBOR_DELAY, ADVERTISEMENT, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_DELAY, OTHER_UNASKED, NEIGHBOR_STALE, true, true},
    {NEIGHBOR_DELAY, OTHER_UNASKED_NO_OVERRIDE, NEIGHBOR_DELAY, false, false},
    {NEIGHBOR_PROBE, ADVERTISEMENT, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_PROBE, ADVERTISEMENT_BARE, NEIGHBOR_REACHABLE, true, false},
    {NEIGHBOR_PROBE, ADVERTISEMENT_UNASKED, NEIGHBOR_PROBE, true, false},
    {NEIGHBOR_PROBE, OTHER, NEIGHBOR_REACHABLE, true, true},
    {NEIGHBOR_PROBE, OTHER_NO_OVERRIDE, NEIGHBOR_PROBE, false, false},
    {NEIGHBOR_FAILED, ADVERTISEMENT, NEIGHBOR_FAILED, false, false},
    {NEIGHBOR_FAILED, SOLICITATION, NEIGHBOR_STALE, true, false},
    {NEIGHBOR_FAILED, SEND, NEIGHBOR_INCOMPLETE, true, false},
};

static void each_state_hears_each_message_as_the_rfc_says(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct neighbor *n;
        bool used;

        to_state(rows[i].from);
        used = happen(rows[i].event);
        n = neighbor_find(&station, peer6);
        if (state6() != (int)rows[i].to || used != rows[i].used)
            printf("row %zu: state %d, used %d\n", i, state6(), used);
        check_equal(state6(), rows[i].to);
        check_equal(used, rows[i].used);
        check(!rows[i].other || mac_equal(&n->mac, &other_mac));
        link_bed_done();
    }
}

/* RFC 4861 7.2.5: what is ignored says nothing of routers either. */
static void an_advertisement_that_is_ignored_makes_no_router(void)
{
    struct link_news another = {.advertisement = true, .solicited = true, .router = true};

    to_state(NEIGHBOR_INCOMPLETE);
    check(!hear(another, NULL));
    check(!neighbor_find(&station, peer6)->is_router);
    check(hear(another, &peer_mac));
    check(neighbor_find(&station, peer6)->is_router);
    another.router = false;
    (void)hear(another, &other_mac);
    check(neighbor_find(&station, peer6)->is_router);
    another.override = true;
    (void)hear(another, &peer_mac);
    check(!neighbor_find(&station, peer6)->is_router);
    link_bed_done();
}

static void the_upper_asks_all_first_and_then_the_station_alone(void)
{
    to_state(NEIGHBOR_INCOMPLETE);
    check_equal(asked_count, 1);
    check(asked[0].all && asked[0].waits && address_equal(asked[0].target, peer6));
    run(bed.now + 4 * SECOND);
    check_equal(asked_count, 3); /* once a second, three times */
    check_equal(asked[2].time - asked[1].time, SECOND);
    check_equal(failed_count, 1);
    check_equal(unreachable.count, 1);
    link_bed_done();
    to_state(NEIGHBOR_PROBE);
    check_equal(asked_count, 1);
    check(!asked[0].all && !asked[0].waits && mac_equal(&asked[0].whom, &peer_mac));
    check_equal(on_wire.count, 1); /* what was sent went to the station known */
    run(bed.now + 4 * SECOND);
    check_equal(failed_count, 1);
    link_bed_done();
}

static void both_stations_of_a_contest_are_asked_each_alone(void)
{
    to_state(NEIGHBOR_REACHABLE);
    run(bed.now + 2 * SECOND);
    (void)happen(OTHER_UNASKED);
    check_equal(asked_count, 3); /* the resolution, and two */
    check(mac_equal(&asked[1].whom, &peer_mac) && mac_equal(&asked[2].whom, &other_mac));
    check(happen(OTHER)); /* it answers; the other is silent */
    run(bed.now + SECOND / 2);
    check_equal(state6(), NEIGHBOR_REACHABLE);
    check(mac_equal(&neighbor_find(&station, peer6)->mac, &other_mac));
    link_bed_done();
    to_state(NEIGHBOR_REACHABLE);
    run(bed.now + 2 * SECOND);
    (void)happen(OTHER_UNASKED);
    check(happen(OTHER));
    check(happen(ADVERTISEMENT)); /* the one known lives */
    run(bed.now + SECOND / 2);
    check_equal(state6(), NEIGHBOR_REACHABLE);
    check(mac_equal(&neighbor_find(&station, peer6)->mac, &peer_mac));
    link_bed_done();
}

/* 4861 6.3.4: what a router says of times holds for those whose upper asks, and for no others. */
static void times_that_were_told_are_the_uppers_own(void)
{
    const struct neighbor *four, *six;

    link_bed_ready();
    link_times_set(&station, &uppers[1], 2 * SECOND, SECOND / 4);
    send_to(PEER, 1);
    send6(1);
    run(bed.now + SECOND);
    check_equal(asked_count, 3);
    check_equal(asked[1].time - asked[0].time, SECOND / 4);
    check_equal(state6(), NEIGHBOR_FAILED);
    check_equal(state_of(PEER), NEIGHBOR_INCOMPLETE);
    six = neighbor_find(&station, peer6);
    four = neighbor_find(&station, address_from_ip4(PEER));
    check(six->reachable >= SECOND && six->reachable <= 3 * SECOND);
    check(four->reachable >= 15 * SECOND);
    link_times_set(&station, &uppers[1], 0, 0);
    check(six->reachable >= 15 * SECOND);
    link_bed_done();
}

static void a_packet_can_go_to_a_station_that_no_neighbour_is(void)
{
    struct packet *p;

    link_bed(LINK_ETHERNET);
    p = packet_get(&bed.packets, &means.packet_budget, 20);
    check(p);
    memset(packet_append(p, 20), 7, 20);
    link_send_station(&station, &uppers[1], &other_mac, p, bed.now);
    settle();
    check_equal(on_wire.count, 1);
    check(memcmp(on_wire.kept[0].bytes, other_mac.bytes, 6) == 0);
    check(on_wire.kept[0].bytes[12] == 0x86 && on_wire.kept[0].bytes[13] == 0xdd);
    check_equal(station.neighbor_count, 0);
    check(mac_equal(link_mac(&station), &own_mac));
    link_bed_done();
    link_bed(LINK_BARE);
    check(!link_mac(&station));
    check(!happen(SOLICITATION));
    link_bed_done();
}

static void an_address_that_is_removed_is_answered_for_no_more(void)
{
    link_bed_ready();
    check_equal(link_address_add(&station, address_from_ip4(OWN + 8), bed.now), 0);
    link_address_remove(&station, address_from_ip4(OWN));
    check_equal(link_check(&station), 0);
    run(bed.now + 5 * SECOND); /* the other one is announced as before */
    check_equal(on_wire.count, 2);
    check(sent_arp(1, ARP_REQUEST, ethernet_broadcast, OWN + 8, OWN + 8));
    put_arp(ARP_REQUEST, peer_mac, PEER, (struct mac){{0}}, OWN, ethernet_broadcast);
    check_equal(on_wire.count, 2);
    link_address_remove(&station, address_from_ip4(OWN + 8));
    link_address_remove(&station, address_from_ip4(OWN + 8));
    check_equal(station.own_count, 0);
    link_bed_done();
}

static const struct test tests[] = {
    {"each state hears each message as RFC 4861 appendix C says",
     each_state_hears_each_message_as_the_rfc_says},
    {"an advertisement that is ignored makes no router (RFC 4861 7.2.5)",
     an_advertisement_that_is_ignored_makes_no_router},
    {"the upper asks all first, and then the station alone (RFC 4861 7.2.2, 7.3.3)",
     the_upper_asks_all_first_and_then_the_station_alone},
    {"both stations of a contest are asked, each alone (N-01)",
     both_stations_of_a_contest_are_asked_each_alone},
    {"times that a router told are the upper's own (RFC 4861 6.3.4)",
     times_that_were_told_are_the_uppers_own},
    {"a packet can go to a station that no neighbour is",
     a_packet_can_go_to_a_station_that_no_neighbour_is},
    {"an address that is removed is answered for no more",
     an_address_that_is_removed_is_answered_for_no_more},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
