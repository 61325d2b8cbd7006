/* SPDX-License-Identifier: MIT */
/* Redirects: which are followed, how long, and whom a router sends one. */
#include "3-network/ip6/ndp_redirect.h"

#include "3-network/ip6/ndp_routers.h"

static struct say redirect(struct address router, struct address dest, struct address to)
{
    return (struct say){.source = router,
                        .dest = OWN,
                        .h = {.type = NDP_REDIRECT, .dest = dest, .target = to},
                        .option = {mac_option(NDP_OPTION_TARGET_MAC, other_mac)},
                        .options = 1};
}

static void redirect_bed(void)
{
    host_bed();
    add(OWN);
    pass(3 * SECOND);
    advertise_router(ROUTER, 1800, 0);
}

/* RFC 4861 8.2. A router's neighbour SECOND_ROUTER has spoken, or not. */
static void a_redirect_names_the_station_if_it_is_known(void)
{
    const struct ip6_header about = {.source = ROUTER, .dest = FAR(1), .hop_limit = 64};
    struct ndp_option o;
    struct packet *p;
    struct writer w;

    redirect_bed();
    for (uint32_t known = 0; known < 2; known++) {
        p = packet_get(&host_packets, &means.packet_budget, IP6_HEADER_BYTES);
        check(p);
        w = writer_of(packet_append(p, IP6_HEADER_BYTES), IP6_HEADER_BYTES);
        ip6_header_write(&w, &about);
        p->network = p->start;
        seen_count = 0;
        ndp_redirect_send(&interfaces[1], SECOND_ROUTER, p, bed.now);
        packet_put(p);
        pass(MICROSECOND);
        check_equal(count_of(NDP_REDIRECT), 1);
        check_equal(option_in(nth(NDP_REDIRECT, 0), NDP_OPTION_TARGET_MAC, &o), known);
        advertise_router(SECOND_ROUTER, 1800, 0);
    }
    check(mac_equal(&o.mac, &other_mac));
    ndp_bed_done();
}

static void a_redirect_of_the_first_hop_is_followed(void)
{
    struct say s = redirect(ROUTER, FAR(1), SECOND_ROUTER);

    redirect_bed();
    say(&s);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    check(address_equal(next_hop(FAR(2)), ROUTER));
    check_equal(neighbor_state(SECOND_ROUTER), NEIGHBOR_STALE);
    s = redirect(ROUTER, FAR(3), FAR(3)); /* it is on the link */
    say(&s);
    check(address_equal(next_hop(FAR(3)), FAR(3)));
    check_equal(neighbor_state(FAR(3)), NEIGHBOR_STALE);
    ndp_bed_done();
}

static void a_redirect_of_anybody_else_is_discarded(void)
{
    struct say bad[6];

    for (uint32_t k = 0; k < 6; k++)
        bad[k] = redirect(ROUTER, FAR(1), SECOND_ROUTER);
    bad[0].source = SECOND_ROUTER;
    bad[1].source = GLOBAL(0x11);
    bad[2].hop_limit = 64;
    bad[3].h.dest = IP6_ALL_NODES;
    bad[4].h.target = GLOBAL(5); /* neither a router nor the destination */
    bad[5].code = 1;
    redirect_bed();
    for (uint32_t k = 0; k < 6; k++) {
        say(&bad[k]);
        check(address_equal(next_hop(FAR(1)), ROUTER));
        check_equal(interfaces[1].ndp->way_count, 1);
    }
    host.settings.ndp.accept_redirects = 0;
    bad[0] = redirect(ROUTER, FAR(1), SECOND_ROUTER);
    say(&bad[0]);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    host.settings.ndp.accept_redirects = 1;
    host.settings.forwarding[IP_FAMILY_6] = 1;
    say(&bad[0]);
    check(address_equal(next_hop(FAR(1)), ROUTER));
    ndp_bed_done();
}

/* 8.1: "IP Source Address is a link-local address", even if the first hop is known by another. */
static void a_redirect_of_no_link_local_address_is_discarded(void)
{
    const struct route_plan far = {.dest = FAR(0),
                                   .gateway = GLOBAL(0x11),
                                   .bits = 64,
                                   .interface = 1,
                                   .preference = ROUTE_MEDIUM,
                                   .expires = NEVER};
    struct say s = redirect(GLOBAL(0x11), FAR(1), SECOND_ROUTER);

    redirect_bed();
    check_equal(route_put(&host, &far, bed.now), 0);
    say(&s);
    check(address_equal(next_hop(FAR(1)), GLOBAL(0x11)));
    check_equal(bed.drops[DROP_ICMP_HEADER], 1);
    ndp_bed_done();
}

/* Reserved bits, and options that are unknown or of other messages; the target's station is known
 * already, as another one. */
static void a_redirect_is_followed_for_what_it_says_alone(void)
{
    static const uint8_t unknown[8] = {200, 1, 9, 9};
    struct say s = redirect(ROUTER, FAR(1), SECOND_ROUTER);

    redirect_bed();
    advertise_router(SECOND_ROUTER, 1800, NDP_PREFER_LOW);
    neighbor_find(&links[1], SECOND_ROUTER)->mac = peer_mac;
    s.option[1] = prefix_option(FAR(0), 100, 50);
    s.option[2] = (struct ndp_option){.type = NDP_OPTION_MTU, .mtu = 1400};
    s.option[3] = mac_option(NDP_OPTION_SOURCE_MAC, own_mac);
    s.options = 4;
    s.bytes = unknown;
    s.length = sizeof unknown;
    say(&s);
    check(address_equal(next_hop(FAR(1)), SECOND_ROUTER));
    check(mac_equal(&neighbor_find(&links[1], SECOND_ROUTER)->mac, &other_mac));
    check_equal(neighbor_state(SECOND_ROUTER), NEIGHBOR_STALE);
    check_equal(interfaces[1].told_mtu, 0);
    check_equal(interfaces[1].ndp->prefix_count, 0);
    check(mac_equal(&neighbor_find(&links[1], ROUTER)->mac, &peer_mac));
    ndp_bed_done();
}

/* A datagram of a neighbour that goes on to `dest`. */
static void pass_on(struct address source, struct address dest, uint32_t length)
{
    const struct ip6_header ip = {.source = source,
                                  .dest = dest,
                                  .payload_length = (uint16_t)length,
                                  .next_header = IP_PROTOCOL_UDP,
                                  .hop_limit = 64};
    uint8_t frame[FRAME_MOST] = {0};
    struct writer w = writer_of(frame, sizeof frame);

    ethernet_header_write(&w, &own_mac, &peer_mac, ETHERTYPE_IP6);
    ip6_header_write(&w, &ip);
    put(frame, (uint32_t)(w.at - frame) + length);
}

static void forwarding_bed(struct address gateway)
{
    const struct route_plan far = {.dest = FAR(0),
                                   .gateway = gateway,
                                   .bits = 64,
                                   .interface = 1,
                                   .preference = ROUTE_MEDIUM,
                                   .expires = NEVER};

    ndp_bed();
    host.settings.forwarding[IP_FAMILY_6] = 1;
    add(OWN);
    check_equal(route_put(&host, &far, 0), 0);
    pass(5 * SECOND);
    seen_count = 0;
}

/* 8.2, 4.5: whom a router tells of a better first hop, and what; never more than every link
 * carries, nor without end. */
static void a_router_tells_of_a_better_first_hop(void)
{
    const struct {
        struct address gateway, source, dest, target; /* target: none is told */
    } rows[] = {
        {LOCAL(0x22), GLOBAL(2), FAR(1), LOCAL(0x22)},
        {LOCAL(0x22), GLOBAL(2), GLOBAL(3), GLOBAL(3)}, /* the destination itself */
        {GLOBAL(9), GLOBAL(2), FAR(1), NOBODY},         /* no host knows a router by that */
        {LOCAL(0x22), FAR(2), FAR(1), NOBODY},          /* he is no neighbour */
    };

    for (uint32_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        bool told = !address_is_unspecified(rows[k].target);
        const struct seen *r;

        forwarding_bed(rows[k].gateway);
        pass_on(rows[k].source, rows[k].dest, 1400);
        advertise(rows[k].source, OWN_LOCAL, true, true, peer_mac);
        check_equal(count_of(NDP_REDIRECT), told);
        r = nth(NDP_REDIRECT, 0);
        check(!told ||
              (address_equal(r->h.target, rows[k].target) &&
               address_equal(r->h.dest, rows[k].dest) && address_equal(r->ip.source, OWN_LOCAL) &&
               address_equal(r->ip.dest, rows[k].source) && r->ip.hop_limit == 255));
        check(r->ip.payload_length + IP6_HEADER_BYTES <= IP6_MTU_LEAST);
        check(!told || r->ip.payload_length + IP6_HEADER_BYTES > IP6_MTU_LEAST - 24);
        ndp_bed_done();
    }
    forwarding_bed(LOCAL(0x22));
    advertise_router(SECOND_ROUTER, 0, 0);
    solicit(GLOBAL(2), OWN);
    for (uint32_t k = 0; k < 100; k++)
        pass_on(GLOBAL(2), FAR(1), 8);
    check(count_of(NDP_REDIRECT) <= ICMP_RATE_BURST + 2 && count_of(NDP_REDIRECT) > 1);
    host.settings.forwarding[IP_FAMILY_6] = 0; /* a host sends none */
    seen_count = 0;
    pass(10 * SECOND);
    pass_on(GLOBAL(2), FAR(1), 8);
    check_equal(count_of(NDP_REDIRECT), 0);
    ndp_bed_done();
}

static void redirects_are_bounded_and_end_with_their_hop(void)
{
    redirect_bed();
    for (uint64_t k = 0; k < 1000; k++) {
        struct say s = redirect(ROUTER, FAR(k + 1), SECOND_ROUTER);

        say(&s);
    }
    check_equal(interfaces[1].ndp->way_count, 1 + NDP_WAYS / 2);
    check(address_equal(next_hop(FAR(1000)), SECOND_ROUTER)); /* the latest */
    check(address_equal(next_hop(FAR(1)), ROUTER));
    check_equal(send_datagram(FAR(1000)), 0);
    pass(9 * SECOND);
    check(address_equal(next_hop(FAR(1000)), ROUTER));
    check_equal(interfaces[1].ndp->way_count, 1);
    ndp_bed_done();
}

static const struct test tests[] = {
    {"a redirect names the station if it is known (RFC 4861 8.2)",
     a_redirect_names_the_station_if_it_is_known},
    {"a redirect of the first hop is followed (RFC 4861 8.3)",
     a_redirect_of_the_first_hop_is_followed},
    {"a redirect of anybody else is discarded (RFC 4861 8.1)",
     a_redirect_of_anybody_else_is_discarded},
    {"a redirect of no link-local address is discarded (RFC 4861 8.1-1)",
     a_redirect_of_no_link_local_address_is_discarded},
    {"a redirect is followed for what it says alone (RFC 4861 8.1-2 to 3, 8.3-2)",
     a_redirect_is_followed_for_what_it_says_alone},
    {"a router tells of a better first hop (RFC 4861 4.5-1, 4.5-4 to 5, 8.2-1 to 3, 8.3-5, 9-7)",
     a_router_tells_of_a_better_first_hop},
    {"redirects are bounded, and end with their hop", redirects_are_bounded_and_end_with_their_hop},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
