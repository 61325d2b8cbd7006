/* SPDX-License-Identifier: MIT */
/* Who is on the link: solicitations and advertisements of neighbours, and what is ignored. */
#include "3-network/ip6/ndp_bed.h"

#define PEER LOCAL(2)

static void a_neighbour_is_asked_for_and_then_sent_to(void)
{
    const struct seen *asked;
    struct ndp_option o;

    ndp_bed_ready();
    check_equal(send_datagram(GLOBAL(2)), 0);
    check_equal(seen_count, 1);
    asked = nth(NDP_NEIGHBOR_SOLICITATION, 0);
    check(asked && address_equal(asked->h.target, GLOBAL(2)));
    check(address_equal(asked->ip.source, OWN)); /* of the packet that waits */
    check(address_equal(asked->ip.dest, ip6_solicited_node(GLOBAL(2))));
    check_equal(asked->ip.hop_limit, 255);
    check(memcmp(asked->ethernet.dest.bytes, "\x33\x33\xff\0\0\2", 6) == 0);
    check(option_in(asked, NDP_OPTION_SOURCE_MAC, &o) && mac_equal(&o.mac, &own_mac));
    advertise(GLOBAL(2), OWN, true, true, peer_mac);
    check_equal(datagrams_seen(), 1);
    check(mac_equal(&seen[1].ethernet.dest, &peer_mac));
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_REACHABLE);
    ndp_bed_done();
}

static void who_does_not_answer_is_unreachable(void)
{
    ndp_bed_ready();
    check_equal(send_datagram(GLOBAL(2)), 0);
    pass(4 * SECOND);
    check_equal(count_of(NDP_NEIGHBOR_SOLICITATION), 3);
    check_equal(nth(NDP_NEIGHBOR_SOLICITATION, 2)->time - nth(NDP_NEIGHBOR_SOLICITATION, 1)->time,
                SECOND);
    check_equal(up_errors, 1);
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_FAILED);
    ndp_bed_done();
}

static void a_stale_neighbour_is_probed_alone(void)
{
    const struct seen *probe;

    ndp_bed_ready();
    solicit(PEER, OWN);
    check_equal(neighbor_state(PEER), NEIGHBOR_DELAY); /* it was answered */
    seen_count = 0;
    pass(6 * SECOND);
    probe = nth(NDP_NEIGHBOR_SOLICITATION, 0);
    check(probe && address_equal(probe->ip.dest, PEER) && address_equal(probe->h.target, PEER));
    check(mac_equal(&probe->ethernet.dest, &peer_mac));
    advertise(PEER, OWN_LOCAL, true, false, peer_mac);
    check_equal(neighbor_state(PEER), NEIGHBOR_REACHABLE);
    ndp_bed_done();
}

static void who_asks_is_answered(void)
{
    const struct say to_us_alone = {
        .source = PEER, .dest = OWN, .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN}};
    const struct seen *answer;
    struct ndp_option o;

    ndp_bed_ready();
    solicit(PEER, OWN);
    answer = nth(NDP_NEIGHBOR_ADVERTISEMENT, 0);
    check(answer && address_equal(answer->ip.source, OWN) && address_equal(answer->ip.dest, PEER));
    check(address_equal(answer->h.target, OWN));
    check(answer->h.solicited && answer->h.override && !answer->h.router);
    check(option_in(answer, NDP_OPTION_TARGET_MAC, &o) && mac_equal(&o.mac, &own_mac));
    check_equal(answer->ip.hop_limit, 255);
    solicit(PEER, GLOBAL(9)); /* not ours: no proxies */
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
    say(&to_us_alone);
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 2);
    ndp_bed_done();
}

static void who_asks_without_an_address_is_answered_to_all(void)
{
    const struct seen *answer;

    ndp_bed_ready();
    solicit(NOBODY, OWN);
    answer = nth(NDP_NEIGHBOR_ADVERTISEMENT, 0);
    check(answer && address_equal(answer->ip.dest, IP6_ALL_NODES));
    check(!answer->h.solicited && answer->h.override);
    check_equal(links[1].neighbor_count, 0);
    ndp_bed_done();
}

static void a_router_says_that_it_is_one(void)
{
    ndp_bed();
    host.settings.forwarding[IP_FAMILY_6] = 1;
    add(OWN);
    pass(5 * SECOND);
    seen_count = 0;
    solicit(PEER, OWN);
    check(nth(NDP_NEIGHBOR_ADVERTISEMENT, 0)->h.router);
    host.settings.forwarding[IP_FAMILY_6] =
        0; /* 4861 6.2.5: and says so when it is none any more */
    solicit(PEER, OWN);
    check(nth(NDP_NEIGHBOR_ADVERTISEMENT, 1)->is_nd &&
          !nth(NDP_NEIGHBOR_ADVERTISEMENT, 1)->h.router);
    ndp_bed_done();
}

/* 4861 7.1.1, 7.1.2, 6.1.2, 8.1, 6980 5: each of these is as good a message, but for one thing. */
static void invalid_messages_are_discarded(void)
{
    static const uint8_t empty_option[8] = {99, 0}, cut_option[4] = {1, 1};
    const struct say good = {.source = PEER,
                             .dest = ip6_solicited_node(OWN),
                             .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN},
                             .option = {mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                             .options = 1};
    struct say bad[9];

    for (uint32_t k = 0; k < 9; k++)
        bad[k] = good;
    bad[0].hop_limit = 254;
    bad[1].bad_checksum = true;
    bad[2].code = 1;
    bad[3].options = 0;
    bad[3].cut = 1;
    bad[4].h.target = IP6_ALL_NODES;
    bad[5].bytes = empty_option;
    bad[5].length = sizeof empty_option;
    bad[6].bytes = cut_option;
    bad[6].length = sizeof cut_option;
    bad[7].source = NOBODY; /* and names its station */
    bad[8].source = NOBODY;
    bad[8].options = 0;
    bad[8].dest = OWN; /* not the group */
    for (uint32_t k = 0; k < 9; k++) {
        ndp_bed_ready();
        say(&bad[k]);
        check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
        check_equal(links[1].neighbor_count, 0);
        check(bed.drops[DROP_ICMP_HEADER] == 1 || bed.drops[DROP_IP_SOURCE] == 1);
        say(&good);
        check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
        ndp_bed_done();
    }
}

/* A solicitation behind a Fragment header that says it is all there is, or two halves of it. */
static void put_fragment(const uint8_t *message, uint32_t length, uint32_t offset, bool more)
{
    const struct ip6_header ip = {.source = PEER,
                                  .dest = ip6_solicited_node(OWN),
                                  .payload_length = (uint16_t)(IP6_FRAGMENT_BYTES + length),
                                  .next_header = IP6_FRAGMENT,
                                  .hop_limit = 255};
    const struct ip6_fragment_header fragment = {
        .id = 7, .offset = offset, .next_header = IP_PROTOCOL_ICMPV6, .more = more};
    uint8_t frame[FRAME_MOST];
    struct writer w = writer_of(frame, sizeof frame);
    struct mac to;

    check(ethernet_group(ip.dest, &to));
    ethernet_header_write(&w, &to, &peer_mac, ETHERTYPE_IP6);
    ip6_header_write(&w, &ip);
    ip6_header_fragment_write(&w, &fragment);
    write_copy(&w, message, length);
    check(!w.failed);
    put(frame, (uint32_t)(w.at - frame));
}

static void what_came_in_fragments_is_ignored(void)
{
    const struct ndp_header h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN};
    uint8_t message[32];
    struct writer w = writer_of(message, sizeof message);
    const struct ndp_option o = mac_option(NDP_OPTION_SOURCE_MAC, peer_mac);

    ndp_message_write(&w, &h);
    ndp_message_option_write(&w, &o);
    check(!w.failed);
    u16_put(message + 2, checksum_of(message, sizeof message, PEER, ip6_solicited_node(OWN)));
    ndp_bed_ready();
    put_fragment(message, sizeof message, 0, false);
    put_fragment(message, 16, 0, true);
    put_fragment(message + 16, 16, 16, false);
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 0);
    check_equal(links[1].neighbor_count, 0);
    ndp_bed_done();
}

static void invalid_advertisements_are_discarded(void)
{
    struct say bad = {.source = GLOBAL(2),
                      .dest = IP6_ALL_NODES,
                      .h = {.type = NDP_NEIGHBOR_ADVERTISEMENT,
                            .target = GLOBAL(2),
                            .solicited = true, /* to a group */
                            .override = true},
                      .option = {mac_option(NDP_OPTION_TARGET_MAC, peer_mac)},
                      .options = 1};

    ndp_bed_ready();
    check_equal(send_datagram(GLOBAL(2)), 0);
    say(&bad);
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_INCOMPLETE);
    bad.dest = OWN;
    bad.h.target = IP6_ALL_NODES;
    say(&bad);
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_INCOMPLETE);
    bad.h.target = GLOBAL(2);
    bad.hop_limit = 1;
    say(&bad);
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_INCOMPLETE);
    bad.hop_limit = 255;
    check_equal(bed.drops[DROP_ICMP_HEADER], 3);
    say(&bad);
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_REACHABLE);
    ndp_bed_done();
}

/* What a message has beside what it needs. */
static void unknown_options_and_reserved_bits_are_passed_over(void)
{
    static const uint8_t unknown[] = {200, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    struct say s = {.source = PEER,
                    .dest = ip6_solicited_node(OWN),
                    .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN},
                    .option = {mac_option(NDP_OPTION_SOURCE_MAC, peer_mac),
                               {.type = NDP_OPTION_MTU, .mtu = 1400}},
                    .options = 2,
                    .bytes = unknown,
                    .length = sizeof unknown};

    ndp_bed_ready();
    say(&s);
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
    check_equal(interfaces[1].told_mtu, 0);
    ndp_bed_done();
}

static void what_nobody_asked_for_creates_nothing(void)
{
    ndp_bed_ready();
    for (uint64_t k = 2; k < 1000; k++)
        advertise(GLOBAL(k), IP6_ALL_NODES, false, true, peer_mac);
    check_equal(links[1].neighbor_count, 0);
    check_equal(seen_count, 0);
    ndp_bed_done();
}

/* N-02: a scan of a /64 leaves who is spoken to in place, and asks for each target once a second at
 * most. */
static void a_scan_of_a_network_is_bounded(void)
{
    ndp_bed_ready();
    check_equal(send_datagram(GLOBAL(2)), 0);
    advertise(GLOBAL(2), OWN, true, true, peer_mac);
    for (uint64_t k = 100; k < 5000; k++) {
        seen_count = 0;
        (void)send_datagram(GLOBAL(k));
    }
    check(links[1].incomplete <= NEIGHBOR_INCOMPLETE_MOST);
    check(links[1].neighbor_count <= LINK_NEIGHBORS);
    seen_count = 0;
    check_equal(send_datagram(GLOBAL(2)), 0);
    check_equal(datagrams_seen(), 1);
    ndp_bed_done();
}

/* What belongs to other messages is no news here, and what is good among it counts. */
static void options_of_other_messages_are_not_looked_at(void)
{
    static const uint8_t quoted[8] = {0x60}, unknown[8] = {200, 1, 9, 9};
    struct say s = {.source = PEER,
                    .dest = ip6_solicited_node(OWN),
                    .h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = OWN},
                    .option = {{.type = NDP_OPTION_PREFIX,
                                .prefix = FAR(0),
                                .prefix_length = 64,
                                .on_link = true,
                                .autonomous = true,
                                .lifetime_s = 1000,
                                .preferred_s = 1000},
                               {.type = NDP_OPTION_REDIRECTED, .bytes = quoted, .length = 8},
                               mac_option(NDP_OPTION_TARGET_MAC, other_mac),
                               mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                    .options = 4,
                    .bytes = unknown,
                    .length = sizeof unknown};

    ndp_bed_ready();
    say(&s);
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
    check(mac_equal(&neighbor_find(&links[1], PEER)->mac, &peer_mac));
    check_equal(interfaces[1].address_count, 2); /* OWN, and the one of the link */
    check_equal(interfaces[1].ndp->prefix_count, 0);
    check_equal(send_datagram(GLOBAL(2)), 0);
    s.dest = OWN;
    s.source = s.h.target = GLOBAL(2);
    s.h.type = NDP_NEIGHBOR_ADVERTISEMENT;
    s.h.solicited = true;
    s.options = 2;
    s.option[1] = mac_option(NDP_OPTION_SOURCE_MAC, peer_mac);
    say(&s); /* it names no target's station */
    check_equal(neighbor_state(GLOBAL(2)), NEIGHBOR_INCOMPLETE);
    s.options = 3;
    say(&s);
    check(mac_equal(&neighbor_find(&links[1], GLOBAL(2))->mac, &other_mac));
    check_equal(interfaces[1].ndp->prefix_count, 0);
    ndp_bed_done();
}

static void each_packet_that_waits_is_given_back(void)
{
    ndp_bed_ready();
    for (uint32_t k = 0; k < 3; k++)
        check_equal(send_datagram(GLOBAL(2)), 0);
    pass(4 * SECOND);
    check_equal(datagrams_seen(), 0);
    check_equal(up_errors, 3); /* address unreachable, each */
    ndp_bed_done();
}

/* Two addresses of one group: it is heard until both have gone. */
static void a_group_is_heard_as_long_as_an_address_is_of_it(void)
{
    const struct address one = GLOBAL(7), other = FAR(7); /* the end of both is one */

    ndp_bed_ready();
    check(ip6_is_heard(&interfaces[1], IP6_ALL_NODES));
    check(!ip6_is_heard(&interfaces[1], ip6_solicited_node(one)));
    add(one);
    add(other);
    pass(3 * SECOND);
    check_equal(ip_address_remove(&host, 1, one, bed.now), 0);
    check(ip6_is_heard(&interfaces[1], ip6_solicited_node(one)));
    seen_count = 0;
    solicit(PEER, other);
    check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
    check_equal(ip_address_remove(&host, 1, other, bed.now), 0);
    check(!ip6_is_heard(&interfaces[1], ip6_solicited_node(one)));
    check(ip6_is_heard(&interfaces[1], ip6_solicited_node(OWN)));
    ndp_bed_done();
}

static void a_host_hears_no_question_for_routers(void)
{
    struct say s = {.source = PEER,
                    .h = {.type = NDP_ROUTER_SOLICITATION},
                    .option = {mac_option(NDP_OPTION_SOURCE_MAC, peer_mac)},
                    .options = 1};

    for (uint32_t to_us = 0; to_us < 2; to_us++) {
        ndp_bed_ready();
        s.dest = to_us ? OWN : IP6_ALL_ROUTERS;
        say(&s);
        pass(20 * SECOND);
        check_equal(seen_count, 0);
        check_equal(links[1].neighbor_count, 0);
        ndp_bed_done();
    }
}

/* 4443 2.4 (e): of what all stations got nothing is told, even if its address is ours alone. */
static void what_came_to_all_stations_is_not_complained_of(void)
{
    const struct ip6_header ip = {
        .source = PEER, .dest = OWN, .payload_length = 8, .next_header = 200, .hop_limit = 64};
    const struct mac to[] = {own_mac, ethernet_broadcast, {{0x33, 0x33, 0, 0, 0, 1}}};

    for (uint32_t k = 0; k < 3; k++) {
        uint8_t frame[100] = {0};
        struct writer w = writer_of(frame, sizeof frame);

        ndp_bed_ready();
        solicit(PEER, OWN);
        seen_count = 0;
        ethernet_header_write(&w, &to[k], &peer_mac, ETHERTYPE_IP6);
        ip6_header_write(&w, &ip);
        put(frame, (uint32_t)(w.at - frame) + 8);
        check_equal(seen_count, k == 0);
        check_equal(bed.drops[DROP_IP_PROTOCOL], 1);
        ndp_bed_done();
    }
}

/* However many others have asked: from a crowded table on, by the station that the question
 * names. */
static void in_a_crowd_everybody_is_answered(void)
{
    ndp_bed_ready();
    for (uint64_t k = 0; k < 2000; k++) {
        seen_count = 0;
        solicit(GLOBAL(1000 + k), OWN);
        check_equal(count_of(NDP_NEIGHBOR_ADVERTISEMENT), 1);
        check(mac_equal(&nth(NDP_NEIGHBOR_ADVERTISEMENT, 0)->ethernet.dest, &peer_mac));
    }
    check_equal(links[1].neighbor_count, LINK_NEIGHBORS);
    check_equal(neighbor_state(GLOBAL(1000)), NEIGHBOR_DELAY);
    check_equal(neighbor_state(GLOBAL(2999)), NEIGHBOR_STALE); /* who is not sent to is not asked */
    ndp_bed_done();
}

static void a_host_without_an_address_of_ipv6_is_silent_and_deaf(void)
{
    ndp_bed();
    solicit(PEER, OWN);
    solicit(NOBODY, LOCAL(1));
    pass(100 * SECOND);
    check_equal(seen_count, 0);
    check(!interfaces[1].ndp);
    ndp_bed_done();
}

static const struct test tests[] = {
    {"a neighbour is asked for, and then sent to (RFC 4861 7.2.2)",
     a_neighbour_is_asked_for_and_then_sent_to},
    {"who does not answer three questions is unreachable (RFC 4861 7.2.2)",
     who_does_not_answer_is_unreachable},
    {"a stale neighbour is probed alone (RFC 4861 7.3.3)", a_stale_neighbour_is_probed_alone},
    {"who asks is answered (RFC 4861 7.2.4)", who_asks_is_answered},
    {"who asks without an address is answered to all (RFC 4861 7.2.4)",
     who_asks_without_an_address_is_answered_to_all},
    {"a router says that it is one (RFC 4861 7.2.4)", a_router_says_that_it_is_one},
    {"invalid solicitations are discarded (RFC 4861 7.1.1)", invalid_messages_are_discarded},
    {"invalid advertisements are discarded (RFC 4861 7.1.2)", invalid_advertisements_are_discarded},
    {"what came in fragments is ignored (RFC 6980 5)", what_came_in_fragments_is_ignored},
    {"unknown options are passed over (RFC 4861 4.6)",
     unknown_options_and_reserved_bits_are_passed_over},
    {"what nobody asked for creates nothing (N-01)", what_nobody_asked_for_creates_nothing},
    {"a scan of a network is bounded (N-02)", a_scan_of_a_network_is_bounded},
    {"options of other messages are not looked at (RFC 4861 4.4-7, 4.6.1-1, 4.6.2-9, 7.1.1-3, "
     "7.1.2-2 to 3)",
     options_of_other_messages_are_not_looked_at},
    {"each packet that waits is given back (RFC 4861 7.2.2-5)",
     each_packet_that_waits_is_given_back},
    {"a group is heard as long as an address is of it (RFC 4861 7.2.1-1 to 3)",
     a_group_is_heard_as_long_as_an_address_is_of_it},
    {"a host hears no question for routers (RFC 4861 6.1.1-1, 6.2.6-1)",
     a_host_hears_no_question_for_routers},
    {"what came to all stations is not complained of (RFC 4443 2.4-5)",
     what_came_to_all_stations_is_not_complained_of},
    {"in a crowd everybody is answered (RFC 4861 7.2.4)", in_a_crowd_everybody_is_answered},
    {"a host without an address of IPv6 is silent, and deaf",
     a_host_without_an_address_of_ipv6_is_silent_and_deaf},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
