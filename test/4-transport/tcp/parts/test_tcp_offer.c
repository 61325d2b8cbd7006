/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.7.1 (MUST-14 to 16, 65, 67); RFC 7323 2.3, 3.2; RFC 2018 2: SYN negotiation. */
#include "4-transport/tcp/parts/tcp_offer.h"
#include "base/base_test.h"

enum { ALL = TCP_HAS_MSS | TCP_HAS_WSCALE | TCP_HAS_SACK_OK | TCP_HAS_TIMESTAMP };

static const struct tcp_agreed none;

static void the_mss_is_what_the_path_leaves(void)
{
    check_equal(tcp_offer_mss(1480, 0), 1460);
    check_equal(tcp_offer_mss(1480, 1000), 1000);
    check_equal(tcp_offer_mss(1480, 2000), 1460);
    check_equal(tcp_offer_mss(100000, 0), 65535);
}

static void a_segment_is_bounded_by_all(void)
{
    const struct tcp_agreed stamped = {.ts_ok = 1};

    check_equal(tcp_offer_segment(1480, 1460, 0, &none), 1460);
    check_equal(tcp_offer_segment(1480, 1460, 0, &stamped), 1448);
    check_equal(tcp_offer_segment(576, 1460, 0, &none), 556);
    check_equal(tcp_offer_segment(1480, 1000, 0, &none), 1000);
    check_equal(tcp_offer_segment(1480, 1460, 700, &none), 700);
    check_equal(tcp_offer_segment(1480, 0, 0, &none), 536);            /* MUST-15 */
    check_equal(tcp_offer_segment(1480, 1, 0, &none), TCP_SMSS_LEAST); /* T-14 */
}

/* Each end with each option or without, for one option after the other: both or nothing. */
static void an_option_is_used_if_both_syns_had_it(void)
{
    for (unsigned wish = 0; wish < 8; wish++)
        for (unsigned peer = 0; peer < 8; peer++) {
            const struct tcp_offer o = {.timestamps = wish & 1,
                                        .sack = (wish & 2) != 0,
                                        .window_scaling = (wish & 4) != 0,
                                        .mss = 1460,
                                        .wscale = 7};
            const struct tcp_offer p = {.timestamps = peer & 1,
                                        .sack = (peer & 2) != 0,
                                        .window_scaling = (peer & 4) != 0,
                                        .mss = 1000,
                                        .wscale = 3};
            struct tcp_segment syn = {0}, answer = {0};
            struct tcp_agreed ours, theirs;

            tcp_offer_write(&p, NULL, &syn);
            tcp_offer_agree(&o, &syn, &ours);
            tcp_offer_write(&o, &ours, &answer);
            tcp_offer_agree(&p, &answer, &theirs);
            check_equal(ours.ts_ok, wish & peer & 1);
            check_equal(ours.sack_ok, (wish & peer & 2) != 0);
            check_equal(ours.wscale_ok, (wish & peer & 4) != 0);
            check(theirs.ts_ok == ours.ts_ok && theirs.sack_ok == ours.sack_ok &&
                  theirs.wscale_ok == ours.wscale_ok);
            check_equal(tcp_offer_peer_wscale(&syn, &ours), ours.wscale_ok ? 3 : 0);
            check_equal(tcp_offer_peer_wscale(&answer, &theirs), ours.wscale_ok ? 7 : 0);
            check_equal(tcp_offer_peer_mss(&syn, false), 1000);
            check_equal(tcp_offer_peer_mss(&answer, false), 1460);
        }
}

static void a_syn_without_options(void)
{
    const struct tcp_offer o = {
        .timestamps = 1, .sack = 1, .window_scaling = 1, .mss = 1460, .wscale = 7};
    struct tcp_segment bare = {0}, answer = {0};
    struct tcp_agreed agreed;

    tcp_offer_write(&o, NULL, &answer);
    check_equal(answer.options, ALL);
    tcp_offer_agree(&o, &bare, &agreed);
    tcp_offer_write(&o, &agreed, &answer);
    check_equal(answer.options, TCP_HAS_MSS); /* MUST-14: an MSS in any case */
    check_equal(tcp_offer_peer_mss(&bare, false), TCP_SMSS_DEFAULT);
    check_equal(tcp_offer_peer_mss(&bare, true), 1220);
    check_equal(tcp_offer_peer_wscale(&bare, &agreed), 0);
}

static const struct test tests[] = {
    {"the MSS is what the path leaves, or less if a program asks (MUST-67)",
     the_mss_is_what_the_path_leaves},
    {"a segment is bounded by the path, the peer and the program (MUST-15, MUST-16)",
     a_segment_is_bounded_by_all},
    {"an option is used if both SYNs had it", an_option_is_used_if_both_syns_had_it},
    {"a SYN without options is answered with an MSS alone (MUST-14)", a_syn_without_options},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
