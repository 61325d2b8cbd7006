/* SPDX-License-Identifier: MIT */
/* Fragments of IPv6, RFC 8200 4.5: every order, every way to lie, every limit. */
#include "3-network/ip6/fragment6.h"
#include "3-network/ip6_bed.h"
#include "base/base_test.h"

static struct datagram d;
static struct ip6_header h;
static uint8_t pattern[PACKET_ROOM];

struct part {
    uint32_t from, to;
    bool more;
};

static void bed_with_pattern(void)
{
    ip6_bed();
    for (uint32_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 256);
}

/* A fragment of the pattern, behind `before` bytes of other headers that begin with a kind. */
static void put_behind(struct ip6_header about, uint32_t id, uint8_t next, const struct part *part,
                       const uint8_t *before, uint32_t before_bytes)
{
    static uint8_t payload[PACKET_ROOM];
    const struct ip6_fragment_header fragment = {
        .id = id, .offset = part->from, .next_header = next, .more = part->more};
    struct writer w = writer_of(payload, sizeof payload);

    write_copy(&w, before, before_bytes);
    ip6_header_fragment_write(&w, &fragment);
    write_copy(&w, pattern + part->from, part->to - part->from);
    packet6_make(&d, about, payload, before_bytes + IP6_FRAGMENT_BYTES + part->to - part->from);
    inject(&d);
}

static void put(uint32_t id, uint32_t from, uint32_t to, bool more)
{
    put_behind(header6_for(PEER6, HOST6, IP6_FRAGMENT), id, IP_PROTOCOL_UDP,
               &(struct part){from, to, more}, NULL, 0);
}

static uint32_t sets(void)
{
    return fragment_sets(&host, IP_FAMILY_6);
}

static void check_whole(uint32_t length)
{
    check_equal(udp_keeper.last.length, length);
    check(memcmp(udp_keeper.last.bytes, pattern, length) == 0);
    check(udp_keeper.meta.fragmented && !udp_keeper.meta.has_options);
    check_equal(udp_keeper.meta.hop_limit, 64);
    check_equal(sets(), 0);
}

static void what_is_sent_comes_together(void)
{
    static const uint32_t lengths[] = {1461, 1448, 2896, 2897, 4000, 65527, 65535};
    static struct datagram copies[60];

    for (uint32_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t count = 0, at = 0, id = 0;
        struct ip6_fragment_header fragment;

        bed_with_pattern();
        check_equal(send6_to(PEER6, lengths[i], (struct ip_send_facts){.traffic_class = 4}), 0);
        if (lengths[i] <= 1460) { /* it fits */
            check(left6(&d, &h) && h.next_header == IP_PROTOCOL_UDP);
            ip_bed_done();
            continue;
        }
        while (left6(&copies[count], &h)) {
            struct reader r = reader_of(copies[count].bytes + 40, 8);

            check_equal(h.next_header, IP6_FRAGMENT);
            check_equal(h.traffic_class, 4);
            check(copies[count].length <= 1500);
            check(ip6_header_fragment_read(&r, &fragment));
            check_equal(fragment.offset, at);
            check_equal(fragment.next_header, IP_PROTOCOL_UDP);
            check(count == 0 || fragment.id == id);
            id = fragment.id;
            at += copies[count].length - 48;
            check_equal(fragment.more, at < lengths[i]);
            check(!fragment.more || copies[count].length % 8 == 0);
            count++;
        }
        check_equal(at, lengths[i]);
        for (uint32_t k = count; k-- > 0;) { /* back again, the last first */
            struct reader r = reader_of(copies[k].bytes, copies[k].length);
            struct writer w = writer_of(copies[k].bytes, 40);

            check(ip6_header_read(&r, &h));
            h.source = PEER6;
            h.dest = HOST6;
            ip6_header_write(&w, &h);
            inject(&copies[k]);
        }
        check_equal(udp_keeper.count, 1);
        check_whole(lengths[i]);
        ip_bed_done();
        check_equal(means.packet_budget.used, 0);
    }
}

static void identifications_are_not_foretold(void)
{
    uint32_t last = 0;

    ip6_bed();
    for (int i = 0; i < 20; i++) {
        struct ip6_fragment_header fragment;
        struct reader r = reader_of(d.bytes + 40, 8);

        check_equal(send6_to(PEER6, 1500, (struct ip_send_facts){0}), 0);
        check(left6(&d, &h));
        check(ip6_header_fragment_read(&r, &fragment));
        check(i == 0 || (fragment.id - last > 1000 && last - fragment.id > 1000));
        last = fragment.id;
        check(left6(&d, &h));
    }
    ip_bed_done();
}

static void every_order_completes(void)
{
    static const struct part parts[4] = {
        {0, 80, true}, {80, 96, true}, {96, 200, true}, {200, 203, false}};

    for (uint32_t order = 0; order < 256; order++) {
        uint32_t seen = 0;

        for (uint32_t k = 0; k < 4; k++)
            seen |= 1u << (order >> (2 * k) & 3);
        if (seen != 15)
            continue;
        bed_with_pattern();
        for (uint32_t k = 0; k < 4; k++) {
            const struct part *part = &parts[order >> (2 * k) & 3];

            check_equal(udp_keeper.count, 0);
            put(7, part->from, part->to, part->more);
            put(8, part->from, part->to, part->more && k < 3); /* another one meanwhile */
        }
        check_equal(udp_keeper.count >= 1, 1);
        ip_bed_done();
    }
}

/* RFC 5722 4: "the entire datagram, and any fragments of it to come, MUST be silently
 * discarded". */
static void overlaps_condemn_in_silence(void)
{
    static const struct part lies[] = {
        {72, 88, true},    {0, 72, true},    {8, 16, true},     {80, 104, true}, {96, 120, true},
        {192, 240, false}, {200, 216, true}, {208, 216, false}, {88, 96, false},
    };

    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        bed_with_pattern();
        put(7, 0, 80, true);
        put(7, 96, 112, true);
        put(7, 192, 200, false);
        put(7, lies[i].from, lies[i].to, lies[i].more);
        put(7, 80, 96, true);
        put(7, 112, 192, true);
        put(7, 0, 80, true); /* all of it once more: it is too late */
        put(7, 96, 112, true);
        put(7, 192, 200, false);
        if (udp_keeper.count != 0 || sets() != 1 || !nothing_left())
            test_fail(__FILE__, __LINE__, "lie %zu", i);
        run_until(bed.now + 61 * SECOND);
        check_equal(sets(), 0);
        check(nothing_left());
        check_equal(means.packet_budget.used, 0);
        ip_bed_done();
    }
}

/* RFC 8200 4.5: "an implementation may choose to ... drop exact duplicate fragments". */
static void exact_repeats_are_ignored(void)
{
    bed_with_pattern();
    put(7, 0, 80, true);
    put(7, 0, 80, true);
    put(7, 80, 90, false);
    check_equal(udp_keeper.count, 1);
    check_whole(90);
    ip_bed_done();
}

/* RFC 6946 4: "MUST be processed in isolation from any other packets/fragments". */
static void an_atomic_fragment_is_a_datagram(void)
{
    bed_with_pattern();
    put(7, 0, 80, true);
    put(7, 0, 50, false); /* whole, with the same identification */
    check_equal(udp_keeper.count, 1);
    check_equal(udp_keeper.last.length, 50);
    check(udp_keeper.meta.fragmented);
    check_equal(sets(), 1);
    put(7, 80, 90, false);
    check_equal(udp_keeper.count, 2);
    check_whole(90);
    ip_bed_done();
}

/* The problem that left: its code << 16 | pointer; 0: none. */
static uint32_t problem_left(void)
{
    struct icmp6_header icmp;

    if (!left6(&d, &h))
        return 0;
    icmp = icmp6_in(&d, &h);
    check_equal(icmp.type, ICMP6_PARAMETER);
    return 0x80000000u | (uint32_t)icmp.code << 16 | icmp.rest;
}

static void what_is_wrong_with_a_fragment_is_told(void)
{
    bed_with_pattern();
    put(7, 0, 81, true); /* RFC 8200 4.5: not a multiple of 8; the Payload Length field */
    check_equal(problem_left(), 0x80000004);
    put(7, 65528, 65528 + 16, false); /* over 65,535; the Fragment Offset field */
    check_equal(problem_left(), 0x80000000 | 42);
    check_equal(sets(), 0);
    put(7, 0, 0, true); /* empty: it has no headers, for one */
    check_equal(problem_left(), 0x80030000);
    put(7, 8, 8, false);
    check_equal(problem_left(), 0);
    put(7, 65528, 65535, false); /* as much as there can be */
    check_equal(problem_left(), 0);
    check_equal(sets(), 1);
    ip_bed_done();
}

/* RFC 7112 5: the first fragment MUST contain the entire header chain. */
static void the_first_fragment_holds_all_headers(void)
{
    static const uint8_t options[8] = {IP_PROTOCOL_UDP, 0, 1, 4, 0, 0, 0, 0};
    static const struct {
        uint8_t next;
        uint32_t bytes;
        bool good;
    } rows[] = {
        {IP_PROTOCOL_UDP, 8, true},
        {IP_PROTOCOL_TCP, 16, false},
        {IP_PROTOCOL_TCP, 24, true},
        {IP_PROTOCOL_ICMPV6, 8, true},
        {IP6_DESTINATION, 8, false},
        {IP6_DESTINATION, 16, true},
        {200, 8, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bed_with_pattern();
        if (rows[i].next == IP6_DESTINATION)
            memcpy(pattern, options, sizeof options);
        put_behind(header6_for(PEER6, HOST6, IP6_FRAGMENT), 7, rows[i].next,
                   &(struct part){0, rows[i].bytes, true}, NULL, 0);
        if (problem_left() != (rows[i].good ? 0 : 0x80030000) || sets() != rows[i].good)
            test_fail(__FILE__, __LINE__, "row %zu", i);
        ip_bed_done();
    }
}

/* RFC 8200 4.5: headers before the Fragment header are processed as they come; those of the first
 * are kept; the first's Next Header counts. */
static void headers_before_and_behind_are_walked(void)
{
    static const uint8_t before[16] = {IP6_DESTINATION, 0, 1, 4, 0, 0, 0, 0,
                                       IP6_FRAGMENT,    0, 1, 4, 0, 0, 0, 0};
    static const uint8_t behind[8] = {IP_PROTOCOL_UDP, 0, 1, 4, 0, 0, 0, 0};

    bed_with_pattern();
    memcpy(pattern, behind, sizeof behind);
    put(7, 80, 90, false); /* says UDP, and has no headers before */
    put_behind(header6_for(PEER6, HOST6, IP6_HOP_BY_HOP), 7, IP6_DESTINATION,
               &(struct part){0, 80, true}, before, sizeof before);
    check_equal(udp_keeper.count, 1);
    check_equal(udp_keeper.last.length, 82);
    check(memcmp(udp_keeper.last.bytes, pattern + 8, 82) == 0);
    check(udp_keeper.meta.has_options && udp_keeper.meta.fragmented);
    check_equal(sets(), 0);
    ip_bed_done();
}

/* The whole is one datagram: an unknown protocol in it is told of in its own places. */
static void a_problem_behind_reassembly_is_told(void)
{
    bed_with_pattern();
    put_behind(header6_for(PEER6, HOST6, IP6_FRAGMENT), 7, 200, &(struct part){0, 80, true}, NULL,
               0);
    put(7, 80, 90, false);
    check_equal(problem_left(), 0x80000000 | IP6_PROBLEM_NEXT_HEADER << 16 | 6);
    check_equal(d.bytes[48 + 6], 200);
    check_equal(d.length, 48 + 40 + 90);
    ip_bed_done();
}

/* RFC 8200 4.5: 60 seconds; told if the first came. */
static void time_exceeded_is_sent_if_the_first_came(void)
{
    struct icmp6_header icmp;

    bed_with_pattern();
    put(9, 80, 90, false);
    put(10, 80, 90, false);
    put(10, 0, 40, true);
    run_until(59 * SECOND);
    check_equal(sets(), 2);
    check(nothing_left());
    run_until(61 * SECOND);
    check_equal(sets(), 0);
    check_equal(drops(DROP_IP_FRAGMENT_TIMEOUT), 2);
    check(left6(&d, &h));
    icmp = icmp6_in(&d, &h);
    check_equal(icmp.type, ICMP6_TIME_EXCEEDED);
    check_equal(icmp.code, ICMP6_CODE_REASSEMBLY);
    check_equal(d.length, 48 + 40 + 8 + 40); /* with its Fragment header, as it came */
    check_equal(d.bytes[48 + 6], IP6_FRAGMENT);
    check(memcmp(d.bytes + 48 + 48, pattern, 40) == 0);
    check(nothing_left());
    check_equal(means.packet_budget.used, 0);
    ip_bed_done();
}

static void datagrams_are_never_mixed(void)
{
    static const struct part rest = {80, 90, false};

    bed_with_pattern();
    put(9, 0, 80, true);
    put(10, 80, 90, false);
    put_behind(header6_for(IP6(0xfd00000000000000, 3), HOST6, IP6_FRAGMENT), 9, IP_PROTOCOL_UDP,
               &rest, NULL, 0);
    put_behind(header6_for(PEER6, HOST6_2, IP6_FRAGMENT), 9, IP_PROTOCOL_UDP, &rest, NULL, 0);
    check_equal(udp_keeper.count, 0);
    check_equal(sets(), 4);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 0);
    put(9, 80, 90, false);
    check_equal(udp_keeper.count, 1);
    ip_bed_done();
}

/* Who has a /64 has all of its addresses: the limit is the /64's. */
static void one_source_holds_few_sets(void)
{
    bed_with_pattern();
    put_behind(header6_for(FAR6, HOST6, IP6_FRAGMENT), 1, IP_PROTOCOL_UDP,
               &(struct part){0, 8, true}, NULL, 0);
    for (uint32_t i = 0; i < 100; i++)
        put_behind(
            header6_for((struct address){UINT64_C(0x20010db800000001), i + 1}, HOST6, IP6_FRAGMENT),
            i, IP_PROTOCOL_UDP, &(struct part){0, 8, true}, NULL, 0);
    check_equal(sets(), FRAGMENT_SETS_OF_SOURCE + 1);
    put_behind(header6_for(FAR6, HOST6, IP6_FRAGMENT), 1, IP_PROTOCOL_UDP,
               &(struct part){8, 16, false}, NULL, 0);
    check_equal(udp_keeper.count, 1); /* the honest one was not touched */
    for (uint32_t i = 0; i < 500; i++)
        put_behind(
            header6_for((struct address){UINT64_C(0x20010db800000000) + i, 9}, HOST6, IP6_FRAGMENT),
            i, IP_PROTOCOL_UDP, &(struct part){0, 8, true}, NULL, 0);
    check(sets() <= IP_FRAGMENT_SETS);
    check(means.packet_budget.used * PACKET_BIG_BYTES <=
          host.settings.fragment_high_bytes[IP_FAMILY_6]);
    ip_bed_done();
}

/* A long chain of headers does not fit in front of the payload's place; fragments in fragments
 * count against the limit of headers. */
static void long_chains_are_refused(void)
{
    static const uint8_t nested[80] = {IP6_FRAGMENT, 0, 0, 1, 0, 0, 0, 1, IP6_FRAGMENT};
    uint8_t before[256] = {IP6_FRAGMENT, 31};

    bed_with_pattern();
    for (uint32_t i = 2; i < sizeof before; i += 6) {
        before[i] = 0x1e; /* options to be skipped, with data of four */
        before[i + 1] = (uint8_t)(i + 6 <= sizeof before ? 4 : sizeof before - i - 2);
    }
    before[1] = 31;
    put_behind(header6_for(PEER6, HOST6, IP6_DESTINATION), 7, IP_PROTOCOL_UDP,
               &(struct part){0, 8, true}, before, sizeof before);
    check_equal(sets(), 0);
    memcpy(pattern, nested, sizeof nested);
    for (uint32_t i = 0; i < sizeof nested; i += 8)
        memcpy(pattern + i, (const uint8_t[]){IP6_FRAGMENT, 0, 0, 0, 0, 0, 0, 1}, 8);
    put_behind(header6_for(PEER6, HOST6, IP6_FRAGMENT), 7, IP6_FRAGMENT,
               &(struct part){0, 80, false}, NULL, 0);
    check_equal(udp_keeper.count, 0);
    check_equal(sets(), 0);
    check(nothing_left());
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

/* RFC 3168 5.3. */
static void congestion_marks_are_joined(void)
{
    static const struct {
        uint8_t first, second;
        int joined; /* -1: dropped */
    } rows[] = {{0, 0, 0}, {2, 3, 3}, {3, 1, 3}, {0, 3, -1}, {0xb8, 0xba, 0xb8}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bed_with_pattern();
        h = header6_for(PEER6, HOST6, IP6_FRAGMENT);
        h.traffic_class = rows[i].first;
        put_behind(h, 7, IP_PROTOCOL_UDP, &(struct part){0, 8, true}, NULL, 0);
        h.traffic_class = rows[i].second;
        put_behind(h, 7, IP_PROTOCOL_UDP, &(struct part){8, 16, false}, NULL, 0);
        check_equal(udp_keeper.count, rows[i].joined >= 0);
        if (rows[i].joined >= 0)
            check_equal(udp_keeper.meta.traffic_class, rows[i].joined);
        ip_bed_done();
    }
}

static void a_long_echo_is_answered_in_fragments(void)
{
    static struct datagram whole;
    uint32_t n = 0;

    bed_with_pattern();
    icmp6_make(&whole, header6_for(PEER6, HOST6, 0), (struct icmp6_header){.type = ICMP6_ECHO},
               pattern, 65527);
    memcpy(pattern, whole.bytes + 40, 65535);
    for (uint32_t at = 0; at < 65535; at += 1448)
        put_behind(header6_for(PEER6, HOST6, IP6_FRAGMENT), 7, IP_PROTOCOL_ICMPV6,
                   &(struct part){at, at + 1448 < 65535 ? at + 1448 : 65535, at + 1448 < 65535},
                   NULL, 0);
    while (left6(&d, &h))
        n++;
    check_equal(n, 46);
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

/* What goes on in packets of 1,280 bytes, behind so many of hop-by-hop options. @return how many */
static uint32_t passed_on(uint32_t options)
{
    static uint8_t payload[4000];
    const struct ip_forward way = {.dest = PEER6, .next_hop = PEER6, .interface = 1};
    struct packet *p;
    uint32_t n = 0;

    payload[0] = IP_PROTOCOL_UDP;
    payload[1] = (uint8_t)(options / 8 - 1);
    packet6_make(&d, header6_for(HOST6, PEER6, IP6_HOP_BY_HOP), payload, sizeof payload);
    p = packet_get(&host_packets, &means.packet_budget, d.length);
    memcpy(packet_append(p, d.length), d.bytes, d.length);
    fragment6_pass_on(&host, &way, p, 1280, bed.now);
    for (; left6(&d, &h); n++)
        check(d.length <= 1280 && h.next_header == IP6_HOP_BY_HOP);
    return n;
}

/* Each repeats them: as many bytes as could be would make many times as many of one datagram. */
static void headers_that_are_half_of_each_go_on_and_longer_ones_do_not(void)
{
    ip6_bed();
    check_equal(passed_on(8), 4);
    check_equal(passed_on(600), 6);
    check_equal(passed_on(608), 0);
    check_equal(passed_on(1232), 0);
    check_equal(passed_on(2048), 0);
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

static const struct test tests[] = {
    {"what is sent in fragments comes together, in any size (RFC 8200 4.5)",
     what_is_sent_comes_together},
    {"identifications are not foretold (RFC 7739)", identifications_are_not_foretold},
    {"every order of fragments completes (RFC 8200 4.5)", every_order_completes},
    {"overlaps condemn the datagram in silence (RFC 5722 4, RFC 8200 4.5)",
     overlaps_condemn_in_silence},
    {"exact repeats are ignored (RFC 8200 4.5)", exact_repeats_are_ignored},
    {"an atomic fragment is a datagram by itself (RFC 6946 4)", an_atomic_fragment_is_a_datagram},
    {"what is wrong with a fragment is told (RFC 8200 4.5)", what_is_wrong_with_a_fragment_is_told},
    {"the first fragment holds all headers (RFC 7112 5, RFC 8200 4.5)",
     the_first_fragment_holds_all_headers},
    {"headers before and behind are walked (RFC 8200 4.5)", headers_before_and_behind_are_walked},
    {"a problem behind reassembly is told", a_problem_behind_reassembly_is_told},
    {"time exceeded is sent after 60 s, if the first came (RFC 8200 4.5)",
     time_exceeded_is_sent_if_the_first_came},
    {"fragments of different datagrams are never mixed", datagrams_are_never_mixed},
    {"one source, a /64, holds few sets, and all together little memory",
     one_source_holds_few_sets},
    {"long chains are refused, fragments in fragments too", long_chains_are_refused},
    {"congestion marks of fragments are joined (RFC 3168 5.3)", congestion_marks_are_joined},
    {"a long echo is answered in fragments", a_long_echo_is_answered_in_fragments},
    {"headers that are half of each fragment go on, and longer ones do not",
     headers_that_are_half_of_each_go_on_and_longer_ones_do_not},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
