/* SPDX-License-Identifier: MIT */
/*
 * What is recorded in the options of a header: by who gets it, by who answers it, by who sends it;
 * and what goes in fragments.
 */
#include <errno.h>

#include "3-network/ip4/icmp4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip_keeper.h"

static struct datagram d;
static struct ip4_header h;

/* Room for three addresses, in 12 bytes with the end. */
static const uint8_t route[] = {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};

static void echo_with(const uint8_t *options, uint32_t length)
{
    icmp_make(&d, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 1, "data", 4);
    datagram_options(&d, options, length);
    inject(&d);
}

static void an_echo_reply_has_the_record(void)
{
    keeper_bed();
    echo_with(route, sizeof route);
    check(left(&d, &h));
    check_equal(h.header_bytes, 20 + sizeof route);
    check(h.checksum_right);
    check_equal(h.options[0], 7);
    check_equal(h.options[2], 12); /* full: where it came, and where the reply began */
    check_equal(u32_at(h.options + 3), HOST);
    check_equal(u32_at(h.options + 7), HOST);
    ip_bed_done();
}

static void an_answer_has_no_other_option(void)
{
    static const uint8_t alert[] = {148, 4, 0, 0, 1, 130, 3, 9};

    keeper_bed();
    echo_with(alert, sizeof alert);
    check(left(&d, &h));
    check_equal(h.header_bytes, 20);
    ip_bed_done();
}

static void times_are_recorded(void)
{
    static const uint8_t times[] = {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                         full[] = {68, 4, 5, 0xf0},
                         asked[] = {68, 12, 5, 3, 1, 2, 3, 4, 0, 0, 0, 0};

    keeper_bed();
    echo_with(times, sizeof times);
    check(left(&d, &h));
    check_equal(h.options[2], 13);
    check(u32_at(h.options + 4) >> 31); /* no day that others know */
    echo_with(asked, sizeof asked);
    check(left(&d, &h));
    check_equal(h.options[2], 5); /* somebody else's place */
    echo_with(full, sizeof full);
    check(left(&d, &h));
    check_equal(h.protocol, 1);
    check_equal(d.bytes[h.header_bytes], ICMP4_PARAMETER); /* too many had no room */
    check_equal(drops(DROP_IP_OPTION), 1);
    ip_bed_done();
}

/* A UDP datagram to the peer with options in front of its payload. */
static int send_with(const uint8_t *options, uint32_t length, uint32_t payload)
{
    const struct ip_send_facts facts = {.hop_limit = 9};
    struct packet *p = packet_get(&host_packets, &means.packet_budget, payload);
    struct ip_path path;

    check(p != NULL);
    check_equal(ip_path_find(&host, ip4_of(PEER), ip4_of(0), 0, bed.now, &path), 0);
    ip_path_options(&path, length);
    check_equal(path.header_bytes, 20 + length);
    memset(packet_append(p, payload), 'x', payload);
    memcpy(packet_push(p, length), options, length);
    return ip_send(&host, &udp_keeper.upper, &path, &facts, p, bed.now);
}

static void who_sends_is_recorded_first(void)
{
    static const uint8_t stamps[12] = {68, 12, 5, 1}; /* with addresses */

    keeper_bed();
    check_equal(send_with(route, sizeof route, 100), 0);
    check(left(&d, &h));
    check_equal(h.header_bytes, 32);
    check_equal(h.total_length, 132);
    check(h.checksum_right);
    check_equal(h.options[2], 8);
    check_equal(u32_at(h.options + 3), HOST);
    check_equal(send_with(stamps, sizeof stamps, 100), 0);
    check(left(&d, &h));
    check_equal(h.options[2], 13);
    check_equal(u32_at(h.options + 4), HOST);
    check(u32_at(h.options + 8) >> 31);
    ip_bed_done();
}

static void fragments_have_what_is_to_be_copied(void)
{
    uint8_t options[16] = {148, 4, 0, 0}; /* copied; the record behind it is not */

    keeper_bed();
    memcpy(options + 4, route, sizeof route);
    check_equal(send_with(options, sizeof options, 2000), 0);
    check(left(&d, &h));
    check_equal(h.header_bytes, 36);
    check(h.more_fragments && h.checksum_right);
    check_equal(u32_at(h.options + 7), HOST);
    check(left(&d, &h));
    check_equal(h.header_bytes, 24);
    check(!h.more_fragments && h.checksum_right);
    check_equal(h.options[0], 148);
    check_equal(h.fragment_offset + h.total_length - 24u, 2000);
    ip_bed_done();
}

static void what_may_be_sent_is_checked(void)
{
    static const uint8_t loose[] = {131, 7, 4, 1, 2, 3, 4, 0}, bad[] = {7, 2, 0, 0};

    check_equal(ip_options_check(route, sizeof route), 0);
    check_equal(ip_options_check(NULL, 0), 0);
    check_equal(ip_options_check(loose, sizeof loose), -EOPNOTSUPP);
    check_equal(ip_options_check(bad, sizeof bad), -EINVAL);
    check_equal(ip_options_check(route, 44), -EINVAL);
}

static const struct test tests[] = {
    {"an echo reply has the request's record, with ours (RFC 1122 3.2.2.6)",
     an_echo_reply_has_the_record},
    {"an answer has no other option", an_answer_has_no_other_option},
    {"times are recorded, and who had no room (RFC 791 3.1)", times_are_recorded},
    {"who sends is recorded first (RFC 1122 3.2.1.8)", who_sends_is_recorded_first},
    {"fragments have the options that are to be copied (RFC 791 3.1)",
     fragments_have_what_is_to_be_copied},
    {"what may be sent is checked (RFC 7126 4.3)", what_may_be_sent_is_checked},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
