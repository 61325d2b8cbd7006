/* SPDX-License-Identifier: MIT */
/* ICMPv6, RFC 4443: echo, errors that we send and when not, errors that we get. */
#include "3-network/ip6_bed.h"

static struct datagram d, sent;
static struct ip6_header h;

static void ping6(struct address source, struct address dest, uint32_t length)
{
    static uint8_t data[PACKET_ROOM];

    for (uint32_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i * 3);
    h = header6_for(source, dest, IP_PROTOCOL_ICMPV6);
    h.traffic_class = 0x29;
    icmp6_make(&sent, h, (struct icmp6_header){.type = ICMP6_ECHO, .rest = 0x12340007}, data,
               length);
    inject(&sent);
}

static void an_echo_is_answered(void)
{
    static const uint32_t lengths[] = {0, 1, 56, 1452};

    for (uint32_t i = 0; i < 4; i++) {
        struct icmp6_header icmp;

        ip6_bed();
        ping6(PEER6, HOST6, lengths[i]);
        check(left6(&d, &h));
        icmp = icmp6_in(&d, &h);
        check_equal(icmp.type, ICMP6_ECHO_REPLY);
        check_equal(icmp.code, 0);
        check_equal(icmp.rest, 0x12340007);
        check(address_equal(h.source, HOST6) && address_equal(h.dest, PEER6));
        check_equal(h.traffic_class, 0x28);
        check_equal(d.length, sent.length);
        check(memcmp(d.bytes + 48, sent.bytes + 48, lengths[i]) == 0);
        ip_bed_done();
    }
}

static void an_echo_of_one_link_is_answered_there(void)
{
    ip6_bed();
    ping6(PEER6_LINK, HOST6_LINK, 8);
    check(left6(&d, &h));
    check(address_equal(h.source, HOST6_LINK) && address_equal(h.dest, PEER6_LINK));
    ping6(PEER6, IP6_ALL_NODES, 8);
    check(left6(&d, &h)); /* RFC 4443 4.2: from an address of the interface, not the group's */
    check(address_equal(h.source, HOST6) && address_equal(h.dest, PEER6));
    ping6(IP6(0, 0), IP6_ALL_NODES, 8);
    host.settings.icmp6_echo_ignore_all = 1;
    ping6(PEER6, HOST6, 8);
    check(nothing_left());
    check_equal(drops(DROP_ICMP_IGNORED), 2);
    ip_bed_done();
}

/* Of another interface's network, by which a source would be chosen else. */
static void the_address_that_was_asked_answers(void)
{
    ip6_bed();
    ping6(PEER6, HOST6_2, 8);
    check(left6(&d, &h));
    check(address_equal(h.source, HOST6_2) && address_equal(h.dest, PEER6));
    packet6_make(&sent, header6_for(PEER6, HOST6_2, 200), "x", 1);
    inject(&sent);
    check(left6(&d, &h));
    check_equal(icmp6_in(&d, &h).type, ICMP6_PARAMETER);
    check(address_equal(h.source, HOST6_2));
    ip_bed_done();
}

static void replies_go_up_and_others_are_dropped(void)
{
    ip6_bed();
    h = header6_for(PEER6, HOST6, IP_PROTOCOL_ICMPV6);
    icmp6_make(&sent, h, (struct icmp6_header){.type = ICMP6_ECHO_REPLY, .rest = 5}, "abc", 3);
    inject(&sent);
    check_equal(ping6_keeper.count, 1);
    check_equal(ping6_keeper.last.length, 11);
    sent.bytes[50] ^= 1; /* RFC 4443 2.3 */
    inject(&sent);
    icmp6_make(&sent, h, (struct icmp6_header){.type = 200}, NULL, 0); /* RFC 4443 2.4 (b) */
    inject(&sent);
    packet6_make(&sent, h, "1234567", 7);
    inject(&sent);
    check_equal(drops(DROP_ICMP_HEADER), 3);
    check(nothing_left());
    ip_bed_done();
}

/* The error that left, about `sent`. */
static struct icmp6_header error_left(void)
{
    struct icmp6_header icmp = {.type = 0};
    uint32_t quoted = sent.length < 1232 ? sent.length : 1232;

    if (!left6(&d, &h))
        return icmp;
    icmp = icmp6_in(&d, &h);
    check_equal(d.length, 48 + quoted); /* RFC 4443 2.4 (c): as much as fits 1280 */
    check(memcmp(d.bytes + 48, sent.bytes, quoted) == 0);
    return icmp;
}

static void a_protocol_that_nobody_has_is_a_problem_of_its_source(void)
{
    static const uint8_t payload[1400];
    struct icmp6_header icmp;

    ip6_bed();
    packet6_make(&sent, header6_for(PEER6, HOST6, 200), payload, sizeof payload);
    inject(&sent);
    icmp = error_left();
    check_equal(icmp.type, ICMP6_PARAMETER);
    check_equal(icmp.code, IP6_PROBLEM_NEXT_HEADER);
    check_equal(icmp.rest, 6);
    check_equal(d.length, 1280);
    check(address_equal(h.source, HOST6) && address_equal(h.dest, PEER6));
    packet6_make(&sent, header6_for(PEER6, HOST6, IP_PROTOCOL_ICMP), payload, 8); /* IPv4's */
    inject(&sent);
    check_equal(error_left().code, IP6_PROBLEM_NEXT_HEADER);
    packet6_make(&sent, header6_for(PEER6, HOST6, IP6_NOTHING), payload, 8); /* RFC 8200 4.7 */
    inject(&sent);
    check(nothing_left());
    check_equal(drops(DROP_IP_PROTOCOL), 3);
    ip_bed_done();
}

/* RFC 4443 2.4 (e), each. */
static void errors_are_not_sent_where_they_must_not(void)
{
    const struct {
        struct address source, dest;
        uint8_t type;
    } rows[] = {
        {PEER6, HOST6, 1},              /* (e.1) about an error */
        {PEER6, HOST6, 127},            /* and one that we do not know */
        {PEER6, HOST6, 137},            /* (e.2) about a redirect */
        {PEER6, IP6_ALL_NODES, 128},    /* (e.3) sent to a group */
        {IP6(0, 0), IP6_ALL_NODES, 128} /* (e.6) from no one station */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[24] = {IP_PROTOCOL_ICMPV6, 0, 0, 0, 200, 0};
        struct datagram in;

        /* a Routing header that would be told of, before a message of ICMP */
        ip6_bed();
        bytes[0] = IP_PROTOCOL_ICMPV6;
        bytes[3] = 1;
        bytes[8] = rows[i].type;
        packet6_make(&in, header6_for(rows[i].source, rows[i].dest, IP6_ROUTING), bytes, 24);
        inject(&in);
        check_equal(drops(DROP_IP_OPTION), 1);
        if (!nothing_left())
            test_fail(__FILE__, __LINE__, "row %zu", i);
        ip_bed_done();
    }
}

/* RFC 4443 2.4 (e.3): its two exceptions; the second is what Option Types 10xxxxxx ask for. */
static void what_was_sent_to_a_group_is_told_if_its_option_says_so(void)
{
    static const struct {
        uint8_t option;
        bool told;
    } rows[] = {{0x9e, true}, {0xde, false}, {0x5e, false}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t bytes[16] = {IP_PROTOCOL_UDP, 0, rows[i].option, 4};
        struct icmp6_header icmp;

        ip6_bed();
        packet6_make(&sent, header6_for(PEER6, IP6_ALL_NODES, IP6_DESTINATION), bytes, 16);
        inject(&sent);
        icmp = error_left();
        check_equal(icmp.type, rows[i].told ? ICMP6_PARAMETER : 0);
        check(!rows[i].told || (icmp.code == IP6_PROBLEM_OPTION && icmp.rest == 42 &&
                                address_equal(h.source, HOST6)));
        check(nothing_left());
        check_equal(drops(DROP_IP_OPTION), 1);
        ip_bed_done();
    }
}

static void errors_have_a_rate(void)
{
    uint32_t n = 0;

    ip6_bed();
    for (int i = 0; i < 50; i++) {
        packet6_make(&sent, header6_for(PEER6, HOST6, 200), "x", 1);
        inject(&sent);
        n += left6(&d, &h);
    }
    check(n >= ICMP_RATE_BURST - 1 && n <= ICMP_RATE_BURST + 2);
    check_equal(drops(DROP_ICMP_RATE), 50 - n);
    ip_bed_done();
}

/* An error about the datagram that just left, from a router. */
static void answer_with(struct icmp6_header icmp, uint32_t quoted)
{
    struct datagram about;

    check(left6(&about, &h));
    icmp6_make(&sent, header6_for(ROUTER6, HOST6, 0), icmp, about.bytes,
               quoted < about.length ? quoted : about.length);
    inject(&sent);
}

static void errors_go_up_to_who_sent(void)
{
    static const struct {
        uint8_t type, code;
        enum ip_error_kind kind;
    } rows[] = {
        {1, 0, IP_ERROR_NET_UNREACHABLE},  {1, 1, IP_ERROR_PROHIBITED},
        {1, 2, IP_ERROR_NET_UNREACHABLE},  {1, 3, IP_ERROR_HOST_UNREACHABLE},
        {1, 4, IP_ERROR_PORT_UNREACHABLE}, {1, 5, IP_ERROR_PROHIBITED},
        {1, 6, IP_ERROR_PROHIBITED},       {3, 0, IP_ERROR_TIME_EXCEEDED},
        {3, 1, IP_ERROR_REASSEMBLY_TIME},  {4, 0, IP_ERROR_PARAMETER},
        {4, 1, IP_ERROR_PARAMETER},        {77, 3, IP_ERROR_UNKNOWN}, /* RFC 4443 2.4 (a) */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ip6_bed();
        check_equal(send6_to(FAR6, 100, (struct ip_send_facts){0}), 0);
        answer_with((struct icmp6_header){.type = rows[i].type, .code = rows[i].code}, 1232);
        check_equal(udp_keeper.errors, 1);
        check_equal(udp_keeper.error.kind, rows[i].kind);
        check_equal(udp_keeper.error.type, rows[i].type);
        check_equal(udp_keeper.error.code, rows[i].code);
        check_equal(udp_keeper.error.quoted_length, 100);
        check(address_equal(udp_keeper.error.source, HOST6));
        check(address_equal(udp_keeper.error.dest, FAR6));
        check(address_equal(udp_keeper.error.offender, ROUTER6));
        check_equal(udp_keeper.quoted[1], 7);
        ip_bed_done();
    }
}

static void errors_that_are_about_nothing_are_dropped(void)
{
    ip6_bed();
    check_equal(send6_to(FAR6, 100, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 1, .code = 9}, 1232); /* no such code */
    check_equal(send6_to(FAR6, 100, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 1}, 39); /* not even a header */
    icmp6_make(&sent, header6_for(ROUTER6, HOST6, 0), (struct icmp6_header){.type = 1}, d.bytes, 0);
    inject(&sent);
    check_equal(udp_keeper.errors, 0);
    packet6_make(&d, header6_for(PEER6, FAR6, 17), "not ours", 8);
    icmp6_make(&sent, header6_for(ROUTER6, HOST6, 0), (struct icmp6_header){.type = 1}, d.bytes,
               d.length);
    inject(&sent);
    check_equal(udp_keeper.errors, 0);
    check_equal(drops(DROP_ICMP_IGNORED), 2);
    check_equal(drops(DROP_ICMP_HEADER), 2);
    ip_bed_done();
}

static uint32_t mtu_to(struct address dest)
{
    struct ip_path path;

    check_equal(ip_path_find(&host, dest, IP6(0, 0), 0, bed.now, &path), 0);
    return path.mtu;
}

static void too_big_lowers_the_path_mtu(void)
{
    ip6_bed();
    check_equal(send6_to(FAR6, 1460, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1400}, 1232);
    check_equal(udp_keeper.error.kind, IP_ERROR_TOO_BIG);
    check_equal(udp_keeper.error.mtu, 1400);
    check_equal(mtu_to(FAR6), 1400);
    check_equal(mtu_to(PEER6), 1500);
    check_equal(send6_to(FAR6, 1360, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1279}, 1232); /* RFC 8201 4: discarded */
    check_equal(mtu_to(FAR6), 1400);
    check_equal(send6_to(FAR6, 1360, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1400}, 1232); /* it was not too big */
    check_equal(udp_keeper.errors, 1);
    udp_keeper.plausible = false; /* RFC 5927 */
    check_equal(send6_to(FAR6, 1360, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1300}, 1232);
    check_equal(mtu_to(FAR6), 1400);
    udp_keeper.plausible = true;
    check_equal(send6_to(FAR6, 1360, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .code = 7, .rest = 1280}, 1232);
    check_equal(mtu_to(FAR6), 1280);
    run_until(bed.now + 601 * SECOND); /* RFC 8201 4: tried again, not before 5 minutes */
    check_equal(mtu_to(FAR6), 1500);
    ip_bed_done();
}

/* RFC 8201 3: a neighbour may be behind a narrower wire too; 5.2: and so may who is in a group. */
static void a_path_of_one_link_or_to_a_group_may_be_narrow(void)
{
    const struct address group = IP6(0xff0e000000000000, 9);

    ip6_bed();
    check_equal(send6_to(PEER6, 1460, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1400}, 1232);
    check_equal(mtu_to(PEER6), 1400);
    check_equal(send6_to(group, 1460, (struct ip_send_facts){0}), 0);
    answer_with((struct icmp6_header){.type = 2, .rest = 1300}, 1232);
    check_equal(mtu_to(group), 1300);
    check_equal(mtu_to(PEER6), 1400);
    ip_bed_done();
}

/* RFC 8201 4: layer 3's own replies too, but not to whom none so large was sent. */
static void a_large_echo_reply_learns_its_path(void)
{
    ip6_bed();
    ping6(FAR6, HOST6, 1200);
    answer_with((struct icmp6_header){.type = 2, .rest = 1280}, 1232);
    check_equal(mtu_to(FAR6), 1500);
    ping6(FAR6, HOST6, 1452);
    answer_with((struct icmp6_header){.type = 2, .rest = 1400}, 1232);
    check_equal(mtu_to(FAR6), 1400);
    check_equal(mtu_to(PEER6), 1500);
    ping6(PEER6, HOST6, 1452);
    check(left6(&d, &h));
    check_equal(d.length, 1500);
    icmp6_make(&sent, header6_for(ROUTER6, HOST6, 0), (struct icmp6_header){.type = 1}, d.bytes,
               1232); /* of use is nothing else that is said of it */
    inject(&sent);
    check_equal(drops(DROP_ICMP_IGNORED), 2);
    ip_bed_done();
}

static const struct test tests[] = {
    {"an echo is answered with its data (RFC 4443 4.2)", an_echo_is_answered},
    {"an echo of one link, or to a group, is answered there (RFC 4443 2.2, RFC 4443 4.2)",
     an_echo_of_one_link_is_answered_there},
    {"the address that was asked answers (RFC 4443 2.2-2, 4.2-2)",
     the_address_that_was_asked_answers},
    {"replies go up; damaged, short and unknown messages are dropped",
     replies_go_up_and_others_are_dropped},
    {"a protocol that nobody has is a problem of its source (RFC 8200 4, RFC 4443 3.4)",
     a_protocol_that_nobody_has_is_a_problem_of_its_source},
    {"errors are not sent where they must not (RFC 4443 2.4 (e))",
     errors_are_not_sent_where_they_must_not},
    {"what was sent to a group is told if its option says so (RFC 4443 2.2-3, 2.4-5; RFC 8200 "
     "4.2-3)",
     what_was_sent_to_a_group_is_told_if_its_option_says_so},
    {"errors have a rate (RFC 4443 2.4 (f))", errors_have_a_rate},
    {"errors go up to who sent (RFC 4443 2.4, RFC 4443 3.1, RFC 4443 3.3, RFC 4443 3.4)",
     errors_go_up_to_who_sent},
    {"errors that are about nothing of ours are dropped",
     errors_that_are_about_nothing_are_dropped},
    {"too big lowers the path MTU, never below 1280 (RFC 4443 3.2, RFC 8201 4)",
     too_big_lowers_the_path_mtu},
    {"a path of one link, or to a group, may be narrow (RFC 8201 3-1, 5.2-2)",
     a_path_of_one_link_or_to_a_group_may_be_narrow},
    {"a large echo reply learns its path (RFC 8201 4)", a_large_echo_reply_learns_its_path},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
