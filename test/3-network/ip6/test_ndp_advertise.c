/* SPDX-License-Identifier: MIT */
/* The router's side: what is advertised, and when. */
#include "3-network/ip6/ndp_bed.h"

#define HOST LOCAL(2)

static struct ip_advertise_plan plan;

static void plain(void)
{
    memset(&plan, 0, sizeof plan);
    plan.least_interval_s = 200;
    plan.most_interval_s = 600;
    plan.lifetime_s = 1800;
    plan.valid_s = 2592000;
    plan.preferred_s = 604800;
}

/* A router with an address, that was told to advertise. */
static void router_bed(void)
{
    ndp_bed();
    host.settings.forwarding[IP_FAMILY_6] = 1;
    add(OWN);
    check_equal(ip_interface_advertise(&host, 1, &plan, bed.now), 0);
}

static const struct seen *ra(uint32_t n)
{
    return nth(NDP_ROUTER_ADVERTISEMENT, n);
}

static void ask(struct address source)
{
    struct say s = {.source = source,
                    .dest = IP6_ALL_ROUTERS,
                    .h = {.type = NDP_ROUTER_SOLICITATION},
                    .option = {mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                    .options = address_is_unspecified(source) ? 0 : 1};

    say(&s);
}

static void what_was_told_is_advertised(void)
{
    struct ndp_option o;

    plain();
    plan.mtu = 1400;
    plan.preference = NDP_PREFER_HIGH;
    plan.reachable_ms = 5000;
    plan.retransmit_ms = 300;
    plan.other = 1;
    plan.server[0] = GLOBAL(0x53);
    plan.server_count = 1;
    router_bed();
    pass(3 * SECOND);
    check(address_equal(ra(0)->ip.source, OWN_LOCAL));
    check(address_equal(ra(0)->ip.dest, IP6_ALL_NODES) && ra(0)->ip.hop_limit == 255);
    check(ra(0)->h.lifetime_s == 1800 && ra(0)->h.hop_limit == 64);
    check(ra(0)->h.other && !ra(0)->h.managed);
    check(ra(0)->h.preference == NDP_PREFER_HIGH);
    check(ra(0)->h.reachable_ms == 5000 && ra(0)->h.retransmit_ms == 300);
    check(option_in(ra(0), NDP_OPTION_SOURCE_MAC, &o) && mac_equal(&o.mac, &own_mac));
    check(option_in(ra(0), NDP_OPTION_MTU, &o) && o.mtu == 1400);
    check(option_in(ra(0), NDP_OPTION_PREFIX, &o) && address_equal(o.prefix, GLOBAL(0)));
    check(o.prefix_length == 64 && o.on_link && o.autonomous);
    check(o.lifetime_s == 2592000 && o.preferred_s == 604800);
    check(option_in(ra(0), NDP_OPTION_SERVERS, &o) && o.length == 16 && o.lifetime_s == 1800);
    ndp_bed_done();
}

static void prefixes_can_be_given(void)
{
    struct ndp_option o;

    plain();
    plan.prefix[0].address = FAR(0);
    plan.prefix[0].length = 64;
    plan.prefix_count = 1;
    plan.not_autonomous = 1;
    router_bed();
    add(FAR(9)); /* of the interface, and no longer what is said */
    pass(3 * SECOND);
    check(option_in(ra(0), NDP_OPTION_PREFIX, &o) && address_equal(o.prefix, FAR(0)));
    check(!o.autonomous);
    ndp_bed_done();
}

static void it_is_said_sooner_at_first_and_then_between_the_bounds(void)
{
    nanoseconds least_seen = NEVER, most_seen = 0;

    plain();
    router_bed();
    pass(20000 * SECOND);
    check(count_of(NDP_ROUTER_ADVERTISEMENT) > 30);
    check(ra(1)->time - ra(0)->time <= 16 * SECOND);
    check(ra(2)->time - ra(1)->time <= 16 * SECOND);
    for (uint32_t k = 3; k < count_of(NDP_ROUTER_ADVERTISEMENT); k++) {
        least_seen = time_earlier(least_seen, ra(k)->time - ra(k - 1)->time);
        most_seen = time_later(most_seen, ra(k)->time - ra(k - 1)->time);
    }
    check(least_seen >= 200 * SECOND && least_seen < 350 * SECOND);
    check(most_seen <= 600 * SECOND && most_seen > 450 * SECOND);
    ndp_bed_done();
}

static void who_asks_is_answered_soon_and_not_too_often(void)
{
    uint32_t neighbors;

    plain();
    router_bed();
    pass(100 * SECOND);
    seen_count = 0;
    for (uint32_t k = 0; k < 100; k++) {
        ask(HOST);
        pass(SECOND / 10);
    }
    check(count_of(NDP_ROUTER_ADVERTISEMENT) >= 3);
    check(count_of(NDP_ROUTER_ADVERTISEMENT) <= 4);
    check(ra(1)->time - ra(0)->time >= 3 * SECOND);
    check_equal(neighbor_state(HOST), NEIGHBOR_STALE);
    seen_count = 0;
    pass(10 * SECOND);
    neighbors = links[1].neighbor_count;
    ask(NOBODY);
    pass(SECOND / 2);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 2);
    check_equal(links[1].neighbor_count, neighbors);
    neighbor_find(&links[1], HOST)->mac = other_mac;
    ask(HOST); /* it names another station than is known */
    check(mac_equal(&neighbor_find(&links[1], HOST)->mac, &peer_mac));
    check_equal(neighbor_state(HOST), NEIGHBOR_STALE);
    ndp_bed_done();
}

/* Forged, by an address of ours: nobody else has it. */
static void who_asks_by_our_address_is_no_neighbour(void)
{
    struct address own[2] = {OWN_LOCAL, OWN};

    plain();
    router_bed();
    pass(100 * SECOND);
    for (uint32_t i = 0; i < 2; i++) {
        ask(own[i]);
        check_equal(neighbor_state(own[i]), NEIGHBOR_NONE);
    }
    ask(HOST);
    check_equal(neighbor_state(HOST), NEIGHBOR_STALE);
    ndp_bed_done();
}

static void invalid_questions_are_discarded(void)
{
    static const uint8_t empty_option[8] = {99, 0};
    struct say good = {
        .source = HOST, .dest = IP6_ALL_ROUTERS, .h = {.type = NDP_ROUTER_SOLICITATION}};
    struct say bad[6];

    for (uint32_t k = 0; k < 6; k++)
        bad[k] = good;
    bad[0].hop_limit = 254;
    bad[1].code = 1;
    bad[2].bytes = empty_option;
    bad[2].length = 8;
    bad[3].cut = 1;
    bad[4].source = NOBODY;
    bad[4].option[0] = mac_option(NDP_OPTION_SOURCE_MAC, peer_mac);
    bad[4].options = 1;
    bad[5].bad_checksum = true;
    plain();
    router_bed();
    pass(100 * SECOND);
    seen_count = 0;
    for (uint32_t k = 0; k < 6; k++)
        say(&bad[k]);
    pass(4 * SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 0);
    say(&good);
    pass(SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 1);
    ndp_bed_done();
}

/* Reserved bits, unknown options and those of other messages make no question invalid. */
static void a_question_is_heard_whatever_it_has_beside(void)
{
    static const uint8_t unknown[16] = {200, 2, 9, 9};
    const struct say s = {.source = HOST,
                          .dest = IP6_ALL_ROUTERS,
                          .h = {.type = NDP_ROUTER_SOLICITATION},
                          .option = {{.type = NDP_OPTION_MTU, .mtu = 1300},
                                     mac_option(NDP_OPTION_TARGET_MAC, other_mac),
                                     mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                          .options = 3,
                          .bytes = unknown,
                          .length = sizeof unknown};

    plain();
    router_bed();
    pass(100 * SECOND);
    seen_count = 0;
    say(&s);
    pass(SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 1);
    check(mac_equal(&neighbor_find(&links[1], HOST)->mac, &peer_mac));
    check_equal(interfaces[1].told_mtu, 0);
    ndp_bed_done();
}

/* As many prefixes as an interface has room for, and all else, fit every link. */
static void the_longest_advertisement_fits_every_link(void)
{
    plain();
    plan.mtu = 1280;
    plan.server_count = IP_ADVERTISE_SERVERS;
    for (uint32_t k = 0; k < IP_ADVERTISE_SERVERS; k++)
        plan.server[k] = GLOBAL(k + 1);
    router_bed();
    for (uint64_t k = 1; interfaces[1].address_count < IP_ADDRESSES; k++)
        add((struct address){OWN.high + (k << 16), 1});
    pass(3 * SECOND);
    check(ra(0)->is_nd && ra(0)->ip.payload_length > 16 + 8 + 8 + 32 * (IP_ADDRESSES - 2));
    check(ra(0)->ip.payload_length + IP6_HEADER_BYTES <= IP6_MTU_LEAST);
    ndp_bed_done();
}

static void the_end_is_told(void)
{
    plain();
    router_bed();
    pass(100 * SECOND);
    seen_count = 0;
    plan.off = 1;
    check_equal(ip_interface_advertise(&host, 1, &plan, bed.now), 0);
    pass(5000 * SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 1);
    check_equal(ra(0)->h.lifetime_s, 0);
    ask(HOST);
    pass(5 * SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 1);
    ndp_bed_done();
}

/* 4191 2.2 */
static void who_is_no_router_to_all_is_not_preferred(void)
{
    plain();
    plan.preference = NDP_PREFER_HIGH;
    plan.lifetime_s = 0;
    router_bed();
    pass(3 * SECOND);
    check(ra(0)->is_nd && ra(0)->h.lifetime_s == 0 && ra(0)->h.preference == NDP_PREFER_MEDIUM);
    ndp_bed_done();
}

static void who_does_not_forward_is_no_router_to_all(void)
{
    plain();
    router_bed();
    host.settings.forwarding[IP_FAMILY_6] = 0;
    pass(3 * SECOND);
    check(ra(0)->is_nd && ra(0)->h.lifetime_s == 0);
    ndp_bed_done();
}

static void nothing_is_said_before_the_address_is_certain(void)
{
    plain();
    router_bed();
    pass(SECOND / 2);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 0);
    advertise(OWN_LOCAL, IP6_ALL_NODES, false, true, peer_mac);
    check_equal(state_of(OWN_LOCAL), ADDRESS_DUPLICATED);
    pass(1000 * SECOND);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 0);
    ndp_bed_done();
}

static const struct test tests[] = {
    {"what was told is advertised (RFC 4861 6.2.3)", what_was_told_is_advertised},
    {"prefixes can be given (RFC 4861 6.2.1)", prefixes_can_be_given},
    {"it is said sooner at first, and then between the bounds (RFC 4861 6.2.4)",
     it_is_said_sooner_at_first_and_then_between_the_bounds},
    {"who asks is answered soon, and not too often (RFC 4861 6.2.6)",
     who_asks_is_answered_soon_and_not_too_often},
    {"who asks by our own address is no neighbour", who_asks_by_our_address_is_no_neighbour},
    {"invalid questions are discarded (RFC 4861 6.1.1)", invalid_questions_are_discarded},
    {"a question is heard whatever it has beside (RFC 4861 4.1-4, 4.6.3-3, 6.1.1-3 to 4)",
     a_question_is_heard_whatever_it_has_beside},
    {"the longest advertisement fits every link (RFC 4861 9-8, RFC 6980 5-1)",
     the_longest_advertisement_fits_every_link},
    {"the end is told (RFC 4861 6.2.5)", the_end_is_told},
    {"who does not forward is no router to all", who_does_not_forward_is_no_router_to_all},
    {"who is no router to all is not preferred (RFC 4191 2.2-1)",
     who_is_no_router_to_all_is_not_preferred},
    {"nothing is said before the address is certain",
     nothing_is_said_before_the_address_is_certain},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
