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
    {"redirects are bounded, and end with their hop", redirects_are_bounded_and_end_with_their_hop},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
