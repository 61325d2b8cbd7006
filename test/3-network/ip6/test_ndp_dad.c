/* SPDX-License-Identifier: MIT */
/* Is an address ours alone? */
#include "3-network/ip6/ndp_bed.h"

static void careful_bed(void)
{
    ndp_bed();
    host.settings.ndp.optimistic_dad = 0;
    host.settings.ndp.router_solicitations = 1;
}

static const struct seen *probe_for(struct address a, uint32_t n)
{
    for (uint32_t k = 0; k < seen_count; k++)
        if (seen[k].is_nd && seen[k].h.type == NDP_NEIGHBOR_SOLICITATION &&
            address_equal(seen[k].h.target, a) && n-- == 0)
            return &seen[k];
    return &nothing;
}

static bool probed(struct address a, uint32_t n)
{
    return probe_for(a, n) != &nothing;
}

/* The probe comes back, as a loop would have it. */
static void reflect(const struct seen *probe)
{
    struct say s = {.dest = probe->ip.dest,
                    .h = probe->h,
                    .bytes = probe->options,
                    .length = probe->length,
                    .from = other_mac};

    say(&s);
}

static void an_address_is_asked_for_before_it_is_used(void)
{
    const struct seen *probe;
    struct ndp_option nonce;

    careful_bed();
    add(OWN);
    check_equal(state_of(OWN), ADDRESS_TENTATIVE);
    check_equal(state_of(OWN_LOCAL), ADDRESS_TENTATIVE);
    check(!ip_is_own(&host, OWN));
    check_equal(send_datagram(GLOBAL(2)), -EADDRNOTAVAIL);
    pass(SECOND);
    probe = probe_for(OWN, 0);
    check(probe && address_is_unspecified(probe->ip.source));
    check(address_equal(probe->ip.dest, ip6_solicited_node(OWN)));
    check(option_in(probe, NDP_OPTION_NONCE, &nonce) && nonce.length == NDP_NONCE_BYTES);
    check(!option_in(probe, NDP_OPTION_SOURCE_MAC, &nonce));
    check(probed(OWN_LOCAL, 0) && !probed(OWN, 1));
    solicit(LOCAL(2), OWN); /* and is not answered for */
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
    check_equal(links[1].neighbor_count, 0);
    pass(SECOND);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    check(ip_is_own(&host, OWN));
    ndp_bed_done();
}

static void an_optimistic_address_is_used_at_once(void)
{
    const struct seen *answer;

    ndp_bed();
    add(OWN);
    check_equal(state_of(OWN), ADDRESS_OPTIMISTIC);
    pass(MICROSECOND);
    check(probed(OWN, 0)); /* without a delay */
    check_equal(send_datagram(GLOBAL(2)), 0);
    solicit(LOCAL(2), OWN);
    answer = nth(NDP_NEIGHBOR_ADVERTISEMENT, 0);
    check(answer && answer->h.solicited && !answer->h.override);
    pass(2 * SECOND);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    solicit(LOCAL(2), OWN);
    check(nth(NDP_NEIGHBOR_ADVERTISEMENT, 1)->h.override);
    ndp_bed_done();
}

static void who_has_the_address_keeps_it(void)
{
    for (uint32_t optimistic = 0; optimistic < 2; optimistic++) {
        careful_bed();
        host.settings.ndp.optimistic_dad = optimistic;
        add(OWN);
        pass(SECOND / 2);
        advertise(OWN, IP6_ALL_NODES, false, true, peer_mac);
        check_equal(state_of(OWN), ADDRESS_DUPLICATED);
        check(!ip_is_own(&host, OWN));
        pass(5 * SECOND);
        check_equal(state_of(OWN), ADDRESS_DUPLICATED);
        check_equal(state_of(OWN_LOCAL), ADDRESS_PREFERRED); /* N-05: the others are of use */
        seen_count = 0;
        solicit(LOCAL(2), OWN);
        check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
        ndp_bed_done();
    }
}

static void two_that_want_one_address_have_it_neither(void)
{
    for (uint32_t optimistic = 0; optimistic < 2; optimistic++) {
        careful_bed();
        host.settings.ndp.optimistic_dad = optimistic;
        add(OWN);
        solicit(NOBODY, OWN); /* before our own question, or behind it */
        check_equal(state_of(OWN), ADDRESS_DUPLICATED);
        check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
        ndp_bed_done();
    }
}

/* As good a claim, but for one thing each: the address stays ours. */
static void what_is_invalid_takes_no_address_away(void)
{
    const struct say asked = {.dest = ip6_solicited_node(OWN),
                              .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN}};
    const struct say said = {.source = OWN,
                             .dest = IP6_ALL_NODES,
                             .h = {.type = NDP_NEIGHBOR_ADVERTISEMENT, .target = OWN}};
    struct say bad[7] = {asked, asked, asked, said, said, said, said};

    bad[0].hop_limit = 254;
    bad[1].dest = IP6_ALL_NODES; /* not the group of what is asked for */
    bad[2].option[0] = mac_option(NDP_OPTION_SOURCE_MAC, peer_mac);
    bad[2].options = 1;
    bad[3].hop_limit = 254;
    bad[4].h.solicited = true; /* to a group */
    bad[5].bad_checksum = true;
    bad[6].code = 1;
    for (uint32_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        careful_bed();
        add(OWN);
        say(&bad[k]);
        check_equal(state_of(OWN), ADDRESS_TENTATIVE);
        pass(3 * SECOND);
        check_equal(state_of(OWN), ADDRESS_PREFERRED);
        ndp_bed_done();
    }
}

static void who_only_asks_for_it_is_no_rival(void)
{
    careful_bed();
    add(OWN);
    solicit(LOCAL(7), OWN);
    check_equal(state_of(OWN), ADDRESS_TENTATIVE);
    pass(3 * SECOND);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    ndp_bed_done();
}

static void a_probe_that_comes_back_is_no_rival(void)
{
    careful_bed();
    add(OWN);
    pass(SECOND);
    reflect(probe_for(OWN, 0));
    check_equal(state_of(OWN), ADDRESS_TENTATIVE);
    pass(SECOND);
    check_equal(state_of(OWN), ADDRESS_TENTATIVE); /* three probes more */
    pass(3 * SECOND);
    check(probed(OWN, 3) && !probed(OWN, 4));
    check(memcmp(probe_for(OWN, 0)->options, probe_for(OWN, 1)->options, 8) != 0);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    ndp_bed_done();
}

static void a_loop_does_not_keep_an_address_for_ever(void)
{
    careful_bed();
    add(OWN);
    for (uint32_t k = 0; k < 400; k++) {
        pass(SECOND / 4);
        for (uint32_t i = 0; i < seen_count; i++)
            if (seen[i].is_nd && seen[i].h.type == NDP_NEIGHBOR_SOLICITATION)
                reflect(&seen[i]);
        seen_count = 0;
    }
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    ndp_bed_done();
}

static void a_nonce_of_others_is_a_rivals(void)
{
    static const uint8_t nonce[8] = {14, 1, 1, 2, 3, 4, 5, 6};
    const struct say s = {.dest = ip6_solicited_node(OWN),
                          .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN},
                          .bytes = nonce,
                          .length = sizeof nonce};

    careful_bed();
    add(OWN);
    pass(SECOND);
    say(&s);
    check_equal(state_of(OWN), ADDRESS_DUPLICATED);
    ndp_bed_done();
}

static void dad_can_be_switched_off(void)
{
    careful_bed();
    host.settings.ndp.dad_transmits = 0;
    add(OWN);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    pass(SECOND / 100);
    check(!probed(OWN, 0));
    ndp_bed_done();
    careful_bed();
    host.settings.ndp.dad_transmits = 3;
    add(OWN);
    pass(5 * SECOND);
    check(probed(OWN, 2) && !probed(OWN, 3));
    check_equal(probe_for(OWN, 2)->time - probe_for(OWN, 1)->time, SECOND);
    ndp_bed_done();
}

static void a_router_uses_no_optimistic_address(void)
{
    ndp_bed();
    host.settings.forwarding[IP_FAMILY_6] = 1;
    add(OWN);
    check_equal(state_of(OWN), ADDRESS_TENTATIVE);
    ndp_bed_done();
}

static void an_address_that_is_taken_away_is_asked_for_no_more(void)
{
    careful_bed();
    add(OWN);
    add(GLOBAL(3));
    check_equal(ip_address_remove(&host, 1, OWN, bed.now), 0);
    pass(5 * SECOND);
    check(!probed(OWN, 0) && probed(GLOBAL(3), 0));
    check_equal(state_of(GLOBAL(3)), ADDRESS_PREFERRED);
    ndp_bed_done();
}

static void a_later_claim_takes_nothing_away(void)
{
    ndp_bed_ready();
    advertise(OWN, IP6_ALL_NODES, false, true, peer_mac);
    check_equal(state_of(OWN), ADDRESS_PREFERRED);
    check_equal(bed.last[EVENT_NOTE].note.note, NOTE_ADDRESS_CLAIMED);
    ndp_bed_done();
}

static void the_states_of_an_address_are_events(void)
{
    careful_bed();
    add(OWN);
    pass(3 * SECOND);
    check_equal(bed.last[EVENT_ADDRESS].address.to, ADDRESS_PREFERRED);
    check_equal(bed.last[EVENT_ADDRESS].address.from, ADDRESS_TENTATIVE);
    check_equal(ip_address_remove(&host, 1, OWN, bed.now), 0);
    pass(MICROSECOND);
    check_equal(bed.last[EVENT_ADDRESS].address.to, ADDRESS_NONE);
    check_equal(bed.last[EVENT_ADDRESS].address.origin, ORIGIN_CONFIGURED);
    ndp_bed_done();
}

static const struct test tests[] = {
    {"an address is asked for before it is used (RFC 4862 5.4)",
     an_address_is_asked_for_before_it_is_used},
    {"an optimistic address is used at once (RFC 4429 3.3)", an_optimistic_address_is_used_at_once},
    {"who has the address keeps it (RFC 4862 5.4.4, N-05)", who_has_the_address_keeps_it},
    {"two that want one address have it neither (RFC 4862 5.4.3)",
     two_that_want_one_address_have_it_neither},
    {"what is invalid takes no address away (RFC 4862 5.4.1-1)",
     what_is_invalid_takes_no_address_away},
    {"who only asks for it is no rival (RFC 4862 5.4.3)", who_only_asks_for_it_is_no_rival},
    {"a probe that comes back is no rival (RFC 7527 4)", a_probe_that_comes_back_is_no_rival},
    {"a loop does not keep an address for ever", a_loop_does_not_keep_an_address_for_ever},
    {"a nonce of others is a rival's (RFC 7527 4.2)", a_nonce_of_others_is_a_rivals},
    {"how often is asked is a setting, and never too", dad_can_be_switched_off},
    {"a router uses no optimistic address (RFC 4429 3.3)", a_router_uses_no_optimistic_address},
    {"an address that is taken away is asked for no more",
     an_address_that_is_taken_away_is_asked_for_no_more},
    {"a later claim takes nothing away (RFC 4862 5.4.4)", a_later_claim_takes_nothing_away},
    {"the states of an address are events", the_states_of_an_address_are_events},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
