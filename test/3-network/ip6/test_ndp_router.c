/* SPDX-License-Identifier: MIT */
/* The host's side of routers: what they say, and how long it is believed. */
#include "3-network/ip6/ndp_routers.h"

static void routers_are_solicited_ever_more_slowly_until_one_answers(void)
{
    const struct seen *first, *second, *third;
    struct ndp_option o;

    host_bed();
    pass(SECOND);
    first = nth(NDP_ROUTER_SOLICITATION, 0);
    check(first->is_nd && address_equal(first->ip.dest, IP6_ALL_ROUTERS));
    check(!option_in(first, NDP_OPTION_SOURCE_MAC, &o)); /* it was optimistic: RFC 4429 3.2 */
    pass(30 * SECOND);
    second = nth(NDP_ROUTER_SOLICITATION, 1);
    third = nth(NDP_ROUTER_SOLICITATION, 2);
    check(option_in(second, NDP_OPTION_SOURCE_MAC, &o) && mac_equal(&o.mac, &own_mac));
    check(address_equal(second->ip.source, OWN_LOCAL));
    check(second->time - first->time >= 3600 * MILLISECOND);
    check(second->time - first->time <= 4400 * MILLISECOND);
    check(third->time - second->time >= 19 * (second->time - first->time) / 10);
    check(third->time - second->time <= 21 * (second->time - first->time) / 10);
    pass(4000 * SECOND);
    check(count_of(NDP_ROUTER_SOLICITATION) >= 10);
    seen_count = 0;
    pass(8000 * SECOND); /* RFC 7559: MRT 3600 s */
    check(count_of(NDP_ROUTER_SOLICITATION) >= 2 && count_of(NDP_ROUTER_SOLICITATION) <= 3);
    advertise_router(ROUTER, 1800, 0);
    seen_count = 0;
    pass(20000 * SECOND);
    check_equal(count_of(NDP_ROUTER_SOLICITATION), 0);
    ndp_bed_done();
}

static void who_was_given_an_address_solicits_three_times(void)
{
    ndp_bed();
    add(OWN);
    pass(1000 * SECOND);
    check_equal(count_of(NDP_ROUTER_SOLICITATION), 3);
    ndp_bed_done();
    ndp_bed();
    host.settings.forwarding[IP_FAMILY_6] = 1;
    add(OWN);
    pass(1000 * SECOND);
    check_equal(count_of(NDP_ROUTER_SOLICITATION), 0);
    check_equal(count_of(NDP_ROUTER_ADVERTISEMENT), 0); /* nobody told it to: 4861 6.2.1 */
    ndp_bed_done();
}

/* While no address is certain it asks from none, and names no station. */
static void who_has_no_address_names_no_station(void)
{
    const struct seen *first;
    struct ndp_option o;

    ndp_bed();
    host.settings.ndp.optimistic_dad = 0;
    host.settings.ndp.dad_transmits = 10;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    pass(SECOND);
    first = nth(NDP_ROUTER_SOLICITATION, 0);
    check(first->is_nd && address_is_unspecified(first->ip.source));
    check(!option_in(first, NDP_OPTION_SOURCE_MAC, &o));
    ndp_bed_done();
}

static void an_advertisement_makes_a_default_route(void)
{
    host_bed();
    check(address_is_unspecified(next_hop(FAR(1))));
    advertise_router(ROUTER, 1800, 0);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    check_equal(neighbor_state(ROUTER), NEIGHBOR_STALE);
    check_equal(bed.last[EVENT_ROUTE].route.change, CHANGE_ADDED);
    pass(1799 * SECOND);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    pass(2 * SECOND);
    check(address_is_unspecified(next_hop(FAR(1))));
    check_equal(bed.last[EVENT_ROUTE].route.change, CHANGE_EXPIRED);
    advertise_router(ROUTER, 1800, 0);
    advertise_router(ROUTER, 0, 0); /* it is none any more */
    check(address_is_unspecified(next_hop(FAR(1))));
    ndp_bed_done();
}

static void invalid_advertisements_are_discarded(void)
{
    static const uint8_t empty_option[8] = {99, 0};
    struct say bad[6];

    for (uint32_t k = 0; k < 6; k++)
        bad[k] = ra(ROUTER);
    bad[0].source = GLOBAL(0x11);
    bad[1].hop_limit = 254;
    bad[2].code = 1;
    bad[3].bad_checksum = true;
    bad[4].bytes = empty_option;
    bad[4].length = sizeof empty_option;
    bad[5].cut = 1;
    host_bed();
    for (uint32_t k = 0; k < 6; k++) {
        say(&bad[k]);
        check(address_is_unspecified(next_hop(FAR(1))));
    }
    check_equal(bed.drops[DROP_ICMP_HEADER], 6);
    ndp_bed_done();
}

/* 5942 4: who is not known to be on the link is not looked for there. */
static void without_a_router_nobody_is_asked(void)
{
    host_bed();
    add(OWN);
    pass(3 * SECOND);
    seen_count = 0;
    check_equal(send_datagram(FAR(1)), -ENETUNREACH);
    check_equal(count_of(NDP_NEIGHBOR_SOLICITATION), 0);
    check_equal(send_datagram(LOCAL(7)), 0);
    check_equal(count_of(NDP_NEIGHBOR_SOLICITATION), 1);
    ndp_bed_done();
}

/* 7559 2.1: of which no default route comes. */
static void who_is_no_router_does_not_end_the_asking(void)
{
    host_bed();
    pass(10 * SECOND);
    advertise_router(ROUTER, 0, 0);
    seen_count = 0;
    pass(4000 * SECOND);
    check(count_of(NDP_ROUTER_SOLICITATION) >= 5);
    ndp_bed_done();
}

static void the_more_preferred_router_is_used(void)
{
    host_bed();
    advertise_router(ROUTER, 1800, NDP_PREFER_LOW);
    advertise_router(SECOND_ROUTER, 1800, NDP_PREFER_MEDIUM);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    advertise_router(ROUTER, 1800, NDP_PREFER_HIGH);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    advertise_router(ROUTER, 0, 0);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    ndp_bed_done();
}

static void a_router_that_does_not_answer_is_replaced(void)
{
    host_bed();
    add(OWN);
    pass(3 * SECOND);
    advertise_router(ROUTER, 1800, 0);
    advertise_router(SECOND_ROUTER, 1800, 0);
    check_equal(send_datagram(FAR(1)), 0);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    pass(9 * SECOND); /* delay, and three probes */
    check_equal(neighbor_state(ROUTER), NEIGHBOR_FAILED);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    check_equal(send_datagram(FAR(1)), 0);
    pass(9 * SECOND);
    check(address_equal(next_hop(FAR(1)), ROUTER)); /* none answers: in turn */
    seen_count = 0;
    pass(600 * SECOND); /* 4191 3.5: nor is one asked that nothing is sent to */
    check_equal(count_of(NDP_NEIGHBOR_SOLICITATION), 0);
    advertise_router(SECOND_ROUTER, 1800, 0);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    ndp_bed_done();
}

static void who_says_that_it_is_no_router_is_none(void)
{
    struct say s = {.source = ROUTER,
                    .dest = OWN,
                    .h = {.type = NDP_NEIGHBOR_ADVERTISEMENT,
                          .target = ROUTER,
                          .solicited = true,
                          .override = true}};

    host_bed();
    add(OWN);
    advertise_router(ROUTER, 1800, 0);
    s.h.router = true;
    say(&s);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    solicit(ROUTER, OWN); /* a question says nothing of that */
    check(address_equal(next_hop(FAR(1)), ROUTER));
    s.h.router = false;
    say(&s);
    check(address_is_unspecified(next_hop(FAR(1))));
    ndp_bed_done();
}

static void a_prefix_on_the_link_is_a_route_as_long_as_it_is_valid(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    s.option[0] = prefix_option(PREFIX, 100, 50);
    s.option[0].autonomous = false;
    s.options = 1;
    say(&s);
    check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9)));
    pass(101 * SECOND);
    check(address_equal(next_hop(OF_PREFIX(9)), ROUTER));
    say(&s);
    s.option[0].lifetime_s = 0;
    say(&s);
    check(address_equal(next_hop(OF_PREFIX(9)), ROUTER));
    s.option[0].lifetime_s = 100;
    s.option[0].on_link = false; /* says nothing: RFC 4861 4.6.2 */
    say(&s);
    check(address_equal(next_hop(OF_PREFIX(9)), ROUTER));
    ndp_bed_done();
}

/* RFC 5942 4: an address says nothing of who is on the link. */
static void an_address_of_a_prefix_makes_nobody_a_neighbour(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    s.option[0] = prefix_option(PREFIX, 100, 50);
    s.option[0].on_link = false;
    s.options = 1;
    say(&s);
    check(state_of(OF_PREFIX(OWN_LOCAL.low)) != ADDRESS_NONE);
    check(address_equal(next_hop(OF_PREFIX(9)), ROUTER));
    ndp_bed_done();
}

static void a_network_that_was_configured_outlives_what_routers_say_of_it(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    add(OF_PREFIX(1));
    s.option[0] = prefix_option(PREFIX, 100, 50);
    s.options = 1;
    say(&s);
    pass(200 * SECOND);
    check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9)));
    say(&s);
    check_equal(ip_address_remove(&host, 1, OF_PREFIX(1), bed.now), 0);
    check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9))); /* the router still says so */
    ndp_bed_done();
}

static void what_a_router_says_of_hops_and_times_is_used(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    add(OWN);
    pass(3 * SECOND);
    s.h.hop_limit = 99;
    s.h.retransmit_ms = 250;
    s.h.reachable_ms = 10000;
    s.option[0] = (struct ndp_option){.type = NDP_OPTION_MTU, .mtu = 1400};
    s.options = 1;
    say(&s);
    check_equal(interfaces[1].hop_limit, 99);
    check_equal(interfaces[1].told_mtu, 1400);
    seen_count = 0;
    check_equal(send_datagram(GLOBAL(7)), 0);
    pass(SECOND);
    check_equal(count_of(NDP_NEIGHBOR_SOLICITATION), 3);
    check_equal(nth(NDP_NEIGHBOR_SOLICITATION, 2)->time - nth(NDP_NEIGHBOR_SOLICITATION, 1)->time,
                250 * MILLISECOND);
    s.h.hop_limit = 0; /* unspecified: nothing is said */
    s.h.retransmit_ms = s.h.reachable_ms = 0;
    s.options = 0;
    say(&s);
    check_equal(interfaces[1].hop_limit, 99);
    check_equal(links[1].told_retransmit, 250 * MILLISECOND);
    ndp_bed_done();
}

/* CVE-2015-2922: who lowers the hop limit cuts a host off. N-04. */
static void what_would_cut_a_host_off_is_not_believed(void)
{
    static const uint32_t mtus[] = {0, 68, 1279, 1501, UINT32_MAX};
    struct say s = ra(ROUTER);

    host_bed();
    s.h.hop_limit = 1;
    s.h.retransmit_ms = 1;
    s.h.reachable_ms = 1;
    s.options = 1;
    for (uint32_t k = 0; k < sizeof mtus / sizeof *mtus; k++) {
        s.option[0] = (struct ndp_option){.type = NDP_OPTION_MTU, .mtu = mtus[k]};
        say(&s);
    }
    check_equal(interfaces[1].hop_limit, 0);
    check_equal(interfaces[1].told_mtu, 0);
    check_equal(links[1].told_retransmit, 10 * MILLISECOND);
    check_equal(links[1].told_reachable, 100 * MILLISECOND);
    s.h.reachable_ms = 3600001; /* more than a router may say: RFC 4861 6.2.1 */
    say(&s);
    check_equal(links[1].told_reachable, 100 * MILLISECOND);
    ndp_bed_done();
}

static void routes_to_prefixes_are_learned(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    advertise_router(SECOND_ROUTER, 1800, NDP_PREFER_HIGH);
    s.option[0] = (struct ndp_option){
        .type = NDP_OPTION_ROUTE, .prefix = FAR(0), .prefix_length = 64, .lifetime_s = 100};
    s.options = 1;
    say(&s);
    check(address_equal(next_hop(FAR(5)), ROUTER));
    check(address_equal(next_hop(GLOBAL(5)), SECOND_ROUTER));
    pass(101 * SECOND);
    check(address_equal(next_hop(FAR(5)), SECOND_ROUTER));
    ndp_bed_done();
}

/* IPv4's addresses are mapped ones, and its routes and neighbours stand in the same tables. */
static void what_is_said_of_addresses_of_ipv4_is_not_believed(void)
{
    const struct address own4 = address_from_ip4(0x0a000001), peer4 = address_from_ip4(0x0a000002),
                         far4 = address_from_ip4(0x08080808);
    struct say s = ra(ROUTER), of4 = {.source = ROUTER, .dest = OWN_LOCAL};

    host_bed();
    check_equal(ip_address_add(&host, 1, own4, 24, bed.now), 0);
    pass(3 * SECOND);
    s.option[0] = prefix_option(address_from_ip4(0), 100, 50);
    s.option[0].prefix_length = 96;
    s.option[1] = (struct ndp_option){
        .type = NDP_OPTION_ROUTE, .prefix = far4, .prefix_length = 128, .lifetime_s = 100};
    s.options = 2;
    say(&s);
    check(address_is_unspecified(next_hop(far4)));
    seen_count = 0;
    of4.h = (struct ndp_header){.type = NDP_NEIGHBOR_SOLICITATION, .target = own4};
    say(&of4); /* whose it is, ARP says */
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
    check_equal(send_datagram(peer4), 0);
    of4.h = (struct ndp_header){
        .type = NDP_NEIGHBOR_ADVERTISEMENT, .target = peer4, .solicited = true, .override = true};
    of4.option[0] = mac_option(NDP_OPTION_TARGET_MAC, other_mac);
    of4.options = 1;
    say(&of4);
    check_equal(neighbor_state(peer4), NEIGHBOR_INCOMPLETE);
    ndp_bed_done();
}

static void servers_of_names_are_learned_and_forgotten(void)
{
    static const uint8_t two[32] = {0x20, 1, 0xd, 0xb8, [15] = 0x53, [16] = 0x20, [31] = 0x54};
    struct say s = ra(ROUTER);
    const struct ndp *n;

    host_bed();
    n = interfaces[1].ndp;
    s.option[0] = (struct ndp_option){
        .type = NDP_OPTION_SERVERS, .bytes = two, .length = 32, .lifetime_s = 100};
    s.options = 1;
    say(&s);
    check_equal(n->server_count, 2);
    check_equal(n->server[0].address.low, 0x53);
    s.option[0].length = 16;
    s.option[0].lifetime_s = 0;
    say(&s);
    check_equal(n->server_count, 1);
    check_equal(n->server[0].address.low, 0x54);
    pass(101 * SECOND);
    check_equal(n->server_count, 0);
    ndp_bed_done();
}

/* N-04: 1e5 advertisements of as many routers, prefixes and servers. */
static void a_flood_of_advertisements_costs_nothing(void)
{
    struct say s = ra(ROUTER);
    uint32_t routes;

    host_bed();
    advertise_router(ROUTER, 1800, NDP_PREFER_HIGH);
    for (uint64_t k = 0; k < 100000; k++) {
        uint8_t server[16] = {0x20, 1, [8] = (uint8_t)(k >> 16), (uint8_t)(k >> 8), (uint8_t)k};

        s.source = LOCAL(0x100 + k);
        s.option[0] =
            prefix_option((struct address){UINT64_C(0x2a00000000000000) + k, 0}, 1000, 1000);
        s.option[1] = (struct ndp_option){
            .type = NDP_OPTION_SERVERS, .bytes = server, .length = 16, .lifetime_s = 1000};
        s.option[2] = (struct ndp_option){.type = NDP_OPTION_ROUTE,
                                          .prefix = {UINT64_C(0x2b00000000000000) + k, 0},
                                          .prefix_length = 64,
                                          .lifetime_s = 1000};
        s.options = 3;
        seen_count = 0;
        say(&s);
    }
    routes = host.routes.count;
    check(routes <= NDP_WAYS + NDP_PREFIXES + 2);
    check_equal(interfaces[1].ndp->way_count, NDP_WAYS);
    check_equal(interfaces[1].ndp->prefix_count, NDP_PREFIXES);
    check_equal(interfaces[1].ndp->server_count, NDP_SERVERS);
    check(interfaces[1].address_count <= NDP_SLAAC_ADDRESSES + 1);
    check(address_equal(next_hop(FAR(1)), ROUTER)); /* what was known is still used */
    add(OWN);                                       /* and there is room for what is configured */
    ndp_bed_done();
}

/* 6.3.4: what is said is added to what was said; an option without its flag says nothing. */
static void what_one_advertisement_says_stays_with_the_next(void)
{
    struct say s = ra(ROUTER);

    host_bed();
    s.option[0] = prefix_option(PREFIX, 100, 50);
    s.options = 1;
    say(&s);
    s.option[0] = prefix_option(FAR(0), 100, 50);
    say(&s);
    s.options = 0;
    say(&s);
    s.source = SECOND_ROUTER;
    say(&s);
    check_equal(interfaces[1].ndp->prefix_count, 2);
    check_equal(interfaces[1].ndp->way_count, 2); /* two routers are kept */
    check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9)));
    s.option[0] = prefix_option(PREFIX, 0, 0);
    s.option[0].on_link = false;
    s.options = 1;
    say(&s);
    check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9)));
    check_equal(interfaces[1].ndp->prefix_count, 2);
    ndp_bed_done();
}

/* In any order, among others that are unknown or of other messages. */
static void options_come_in_any_order_and_company(void)
{
    static const uint8_t unknown[16] = {200, 2, 9, 9, 9, 9}, quoted[8] = {0x60};
    const struct ndp_option mine[] = {prefix_option(PREFIX, 100, 50),
                                      {.type = NDP_OPTION_MTU, .mtu = 1400},
                                      mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)};

    for (uint32_t order = 0; order < 6; order++) {
        static uint8_t bytes[200];
        struct writer w = writer_of(bytes, sizeof bytes);
        const struct ndp_option target = mac_option(NDP_OPTION_TARGET_MAC, other_mac),
                                redirected = {
                                    .type = NDP_OPTION_REDIRECTED, .bytes = quoted, .length = 8};
        uint32_t first = order / 2, second = (first + 1 + order % 2) % 3;
        struct say s = ra(ROUTER);

        ndp_message_option_write(&w, &target);
        ndp_message_option_write(&w, &mine[first]);
        write_copy(&w, unknown, sizeof unknown);
        ndp_message_option_write(&w, &mine[second]);
        ndp_message_option_write(&w, &redirected);
        ndp_message_option_write(&w, &mine[3 - first - second]);
        s.bytes = bytes;
        s.length = (uint32_t)(w.at - bytes);
        host_bed();
        say(&s);
        check_equal(interfaces[1].told_mtu, 1400);
        check(address_equal(next_hop(OF_PREFIX(9)), OF_PREFIX(9)));
        check(mac_equal(&neighbor_find(&links[1], ROUTER)->mac, &peer_mac));
        ndp_bed_done();
    }
}

/* A router that is known is STALE when it names another station. */
static void a_router_that_moves_is_stale(void)
{
    host_bed();
    advertise_router(SECOND_ROUTER, 1800, 0);
    neighbor_find(&links[1], SECOND_ROUTER)->mac = peer_mac;
    advertise_router(SECOND_ROUTER, 1800, 0);
    check(mac_equal(&neighbor_find(&links[1], SECOND_ROUTER)->mac, &other_mac));
    check_equal(neighbor_state(SECOND_ROUTER), NEIGHBOR_STALE);
    ndp_bed_done();
}

static void a_host_can_refuse_to_listen_and_a_router_does(void)
{
    ndp_bed();
    host.settings.ndp.accept_ra = 0;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    pass(10 * SECOND);
    check_equal(count_of(NDP_ROUTER_SOLICITATION), 0);
    advertise_router(ROUTER, 1800, 0);
    check(address_is_unspecified(next_hop(FAR(1))));
    host.settings.ndp.accept_ra = 1;
    host.settings.forwarding[IP_FAMILY_6] = 1;
    advertise_router(ROUTER, 1800, 0);
    check(address_is_unspecified(next_hop(FAR(1))));
    host.settings.ndp.accept_ra = 2;
    advertise_router(ROUTER, 1800, 0);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    ndp_bed_done();
}

static const struct test tests[] = {
    {"routers are solicited, ever more slowly, until one answers (RFC 4861 6.3.7, RFC 7559 2)",
     routers_are_solicited_ever_more_slowly_until_one_answers},
    {"who was given an address solicits three times, and a router never",
     who_was_given_an_address_solicits_three_times},
    {"who has no address names no station (RFC 4861 4.1-3)", who_has_no_address_names_no_station},
    {"an advertisement makes a default route, as long as it says (RFC 4861 6.3.4)",
     an_advertisement_makes_a_default_route},
    {"invalid advertisements are discarded (RFC 4861 6.1.2)", invalid_advertisements_are_discarded},
    {"without a router nobody is asked (RFC 5942 4-6 to 7)", without_a_router_nobody_is_asked},
    {"who is no router does not end the asking (RFC 7559 2.1-1)",
     who_is_no_router_does_not_end_the_asking},
    {"the more preferred router is used (RFC 4191 3.2)", the_more_preferred_router_is_used},
    {"a router that does not answer is replaced (RFC 4861 6.3.6, RFC 4191 3.5-1)",
     a_router_that_does_not_answer_is_replaced},
    {"who says that it is no router is none (RFC 4861 7.2.5)",
     who_says_that_it_is_no_router_is_none},
    {"a prefix on the link is a route as long as it is valid (RFC 4861 6.3.4)",
     a_prefix_on_the_link_is_a_route_as_long_as_it_is_valid},
    {"an address of a prefix makes nobody a neighbour (RFC 5942 4)",
     an_address_of_a_prefix_makes_nobody_a_neighbour},
    {"a network that was configured outlives what routers say of it",
     a_network_that_was_configured_outlives_what_routers_say_of_it},
    {"what a router says of hops and times is used (RFC 4861 6.3.4)",
     what_a_router_says_of_hops_and_times_is_used},
    {"what would cut a host off is not believed (N-04)", what_would_cut_a_host_off_is_not_believed},
    {"routes to prefixes are learned (RFC 4191 3.1)", routes_to_prefixes_are_learned},
    {"what is said of addresses of IPv4 is not believed (N-04)",
     what_is_said_of_addresses_of_ipv4_is_not_believed},
    {"servers of names are learned, and forgotten (RFC 8106 5.1)",
     servers_of_names_are_learned_and_forgotten},
    {"a flood of advertisements costs nothing (N-04)", a_flood_of_advertisements_costs_nothing},
    {"what one advertisement says stays with the next (RFC 4861 4.6.2-1 to 2, 6.3.4-1, 6.3.4-3, "
     "6.3.4-8)",
     what_one_advertisement_says_stays_with_the_next},
    {"options come in any order and company (RFC 4861 4.2-4, 6.1.2-2 to 3, 9-1 to 6)",
     options_come_in_any_order_and_company},
    {"a router that moves is stale (RFC 4861 6.3.4-7)", a_router_that_moves_is_stale},
    {"a host can refuse to listen, and a router does",
     a_host_can_refuse_to_listen_and_a_router_does},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
