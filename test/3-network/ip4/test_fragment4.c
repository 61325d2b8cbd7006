/* SPDX-License-Identifier: MIT */
/* Fragmentation and reassembly: every order, every way to lie, every limit. */
#include "3-network/ip_keeper.h"
#include "base/base_test.h"

static struct datagram d;
static struct ip4_header h;
static uint8_t pattern[PACKET_ROOM];

struct part {
    uint32_t from, to;
    bool more;
};

static void bed_with_pattern(void)
{
    keeper_bed();
    for (uint32_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 256);
}

static void put(struct ip4_header about, const struct part *part)
{
    about.fragment_offset = part->from;
    about.more_fragments = part->more;
    datagram_make(&d, about, pattern + part->from, part->to - part->from);
    inject(&d);
}

static struct ip4_header ours(uint16_t id)
{
    struct ip4_header about = header_for(PEER, HOST, IP_PROTOCOL_UDP);

    about.id = id;
    return about;
}

static void check_whole(uint32_t length)
{
    check_equal(udp_keeper.last.length, length);
    check(memcmp(udp_keeper.last.bytes, pattern, length) == 0);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 0);
}

static void what_is_sent_comes_together(void)
{
    static const uint32_t lengths[] = {1481, 1488, 2960, 2961, 4000, 65507, 65515};
    static struct datagram copies[60];

    for (uint32_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t count = 0, at = 0;
        uint16_t id = 0;

        bed_with_pattern();
        check_equal(send_to(PEER, lengths[i], false), 0);
        while (left(&copies[count], &h)) {
            check(!h.dont_fragment && copies[count].length <= 1500);
            check_equal(h.fragment_offset, at);
            check(count == 0 || h.id == id);
            id = h.id;
            at += h.total_length - 20u;
            check_equal(h.more_fragments, at < lengths[i]);
            check(!h.more_fragments || (h.total_length - 20) % 8 == 0);
            /* turned round, it is one for us */
            h.source = PEER;
            h.dest = HOST;
            datagram_make(&d, h, copies[count].bytes + 20, copies[count].length - 20);
            copies[count++] = d;
        }
        check_equal(at, lengths[i]);
        while (count)
            inject(&copies[--count]);
        check_equal(udp_keeper.count, 1);
        check_whole(lengths[i]);
        ip_bed_done();
        check_equal(means.packet_budget.used, 0);
    }
}

static void every_order_completes(void)
{
    static const struct part parts[] = {
        {0, 40, true}, {40, 48, true}, {48, 800, true}, {800, 805, false}};
    uint8_t order[4];

    for (order[0] = 0; order[0] < 4; order[0]++)
        for (order[1] = 0; order[1] < 4; order[1]++)
            for (order[2] = 0; order[2] < 4; order[2]++)
                for (order[3] = 0; order[3] < 4; order[3]++) {
                    uint32_t seen = 0;

                    for (uint32_t i = 0; i < 4; i++)
                        seen |= 1u << order[i];
                    if (seen != 15)
                        continue;
                    bed_with_pattern();
                    for (uint32_t i = 0; i < 4; i++) {
                        check_equal(udp_keeper.count, 0);
                        put(ours(9), &parts[order[i]]);
                    }
                    check_equal(udp_keeper.count, 1);
                    check_whole(805);
                    ip_bed_done();
                }
}

static void seeded_cuts_in_seeded_orders_complete(void)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct seeded s = {seed};
        struct part parts[FRAGMENT_PIECES];
        uint32_t count = 0, at = 0, length = 9 + (uint32_t)draw_below(&s, 60000);

        bed_with_pattern();
        while (at < length) {
            uint32_t n = (length / 100 / 8 + 1 + (uint32_t)draw_below(&s, 100)) * 8;

            if (at + n > length)
                n = length - at;
            parts[count++] = (struct part){at, at + n, at + n < length};
            at += n;
        }
        for (uint32_t i = count; i > 1; i--) {
            uint32_t k = (uint32_t)draw_below(&s, i);
            struct part kept = parts[k];

            parts[k] = parts[i - 1];
            parts[i - 1] = kept;
        }
        for (uint32_t i = 0; i < count; i++) {
            put(ours(9), &parts[i]);
            if (i + 1 < count && draw_below(&s, 4) == 0)
                put(ours(9), &parts[draw_below(&s, i + 1)]); /* F-11 */
        }
        check_equal(udp_keeper.count, 1);
        check_whole(length);
        ip_bed_done();
    }
}

/* After these parts the datagram is condemned: nothing completes it. */
static const struct {
    const char *what;
    struct part parts[4];
} lies[] = {
    {"overlap by one unit", {{0, 80, true}, {72, 160, true}, {160, 200, false}}},
    {"overlap in front", {{72, 160, true}, {0, 80, true}, {160, 200, false}}},
    {"contained", {{0, 80, true}, {16, 32, true}, {80, 200, false}}},
    {"containing", {{16, 32, true}, {0, 80, true}, {80, 200, false}}},
    {"same start, longer", {{0, 80, true}, {0, 160, true}, {160, 200, false}}},
    {"same end, shorter", {{0, 80, true}, {72, 80, true}, {80, 200, false}}},
    {"two ends, the second farther", {{160, 200, false}, {200, 240, false}, {0, 160, true}}},
    {"two ends, the second nearer", {{160, 200, false}, {80, 120, false}, {0, 160, true}}},
    {"data behind the end", {{160, 200, false}, {200, 240, true}, {0, 160, true}}},
    {"more at the end", {{160, 200, false}, {80, 200, true}, {0, 80, true}}},
    {"an end before data", {{160, 240, true}, {80, 120, false}, {0, 80, true}}},
    {"the last again, with more", {{160, 200, false}, {160, 200, true}, {0, 160, true}}},
};

static void each_lie_condemns_the_datagram(void)
{
    for (uint32_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        bed_with_pattern();
        for (uint32_t k = 0; k < 3; k++)
            put(ours(9), &lies[i].parts[k]);
        /* and all of it again, honestly */
        put(ours(9), &(struct part){0, 160, true});
        put(ours(9), &(struct part){160, 200, false});
        if (udp_keeper.count != 0 || fragment_sets(&host, IP_FAMILY_4) != 1 ||
            drops(DROP_IP_FRAGMENT) < 4)
            test_fail(__FILE__, __LINE__, "%s", lies[i].what);
        check_equal(means.packet_budget.used, 0); /* no memory is held */
        check(nothing_left());
        run_until(31 * SECOND);
        check_equal(fragment_sets(&host, IP_FAMILY_4), 0);
        check(nothing_left());
        put(ours(9), &(struct part){0, 160, true});
        put(ours(9), &(struct part){160, 200, false});
        check_equal(udp_keeper.count, 1);
        check_whole(200);
        ip_bed_done();
    }
}

static void a_whole_datagram_is_not_mixed_in(void)
{
    bed_with_pattern();
    put(ours(9), &(struct part){0, 80, true});
    put(ours(9), &(struct part){0, 80, false});
    check_equal(udp_keeper.count, 1);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 1);
    put(ours(9), &(struct part){80, 100, false});
    check_equal(udp_keeper.count, 2);
    check_whole(100);
    ip_bed_done();
}

static void a_repeat_with_other_bytes_condemns(void)
{
    bed_with_pattern();
    put(ours(9), &(struct part){0, 80, true});
    pattern[3] ^= 1;
    put(ours(9), &(struct part){0, 80, true});
    pattern[3] ^= 1;
    put(ours(9), &(struct part){80, 100, false});
    check_equal(udp_keeper.count, 0);
    ip_bed_done();
}

static void no_datagram_is_longer_than_65535(void)
{
    for (uint32_t length = 1; length <= 1480; length += 37) {
        bed_with_pattern();
        h = ours(9);
        h.fragment_offset = 8189 * 8; /* 65,512: three bytes are left */
        datagram_make(&d, h, pattern, length);
        inject(&d);
        check_equal(drops(DROP_IP_FRAGMENT), length > 3);
        check_equal(fragment_sets(&host, IP_FAMILY_4), length <= 3);
        ip_bed_done();
    }
}

static void a_long_header_counts_too(void)
{
    struct part first = {0, 1480, true};

    bed_with_pattern();
    for (uint32_t at = 1480; at < 65510;) {
        uint32_t n = 65510 - at < 1480 ? 65510 - at : 1480;

        put(ours(9), &(struct part){at, at + n, at + n < 65510});
        at += n;
    }
    check_equal(udp_keeper.count, 0);
    h = ours(9);
    h.more_fragments = true;
    datagram_make(&d, h, pattern, first.to);
    datagram_options(&d, "\1\1\1\1\1\1\1\0", 8);
    wires[1].mtu = 1600;
    inject(&d); /* 28 + 65,510 > 65,535 */
    check_equal(udp_keeper.count, 0);
    check_equal(means.packet_budget.used, 0);
    ip_bed_done();
}

static void pieces_that_are_no_units_are_dropped_alone(void)
{
    bed_with_pattern();
    put(ours(9), &(struct part){0, 80, true});
    put(ours(9), &(struct part){80, 87, true});
    put(ours(9), &(struct part){80, 80, true});
    put(ours(9), &(struct part){80, 80, false});
    check_equal(drops(DROP_IP_FRAGMENT), 3);
    put(ours(9), &(struct part){80, 87, false});
    check_whole(87);
    ip_bed_done();
}

static void datagrams_are_never_mixed(void)
{
    struct ip4_header other[4];

    bed_with_pattern();
    for (uint32_t i = 0; i < 4; i++)
        other[i] = ours(9);
    other[0].id = 10;
    other[1].source = PEER + 1;
    other[2].dest = HOST_2;
    other[3].protocol = IP_PROTOCOL_ICMP;
    put(ours(9), &(struct part){0, 80, true});
    for (uint32_t i = 0; i < 4; i++)
        put(other[i], &(struct part){80, 100, false});
    h = ours(9);
    h.fragment_offset = 80;
    datagram_make(&d, h, pattern + 80, 20);
    inject_on(2, d.bytes, d.length); /* by another interface */
    check_equal(udp_keeper.count + ping_keeper.count, 0);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 6);
    put(ours(9), &(struct part){80, 100, false});
    check_equal(udp_keeper.count, 1);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 5);
    ip_bed_done();
}

static void time_exceeded_is_sent_if_the_first_came(void)
{
    struct icmp4_header icmp;

    bed_with_pattern();
    put(ours(9), &(struct part){80, 100, false});
    put(ours(10), &(struct part){80, 100, false});
    put(ours(10), &(struct part){0, 40, true});
    run_until(29 * SECOND);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 2);
    check(nothing_left());
    run_until(31 * SECOND);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 0);
    check_equal(drops(DROP_IP_FRAGMENT_TIMEOUT), 2);
    check(left(&d, &h));
    icmp = icmp_in(&d, &h);
    check_equal(icmp.type, ICMP4_TIME_EXCEEDED);
    check_equal(icmp.code, 1);
    check_equal(d.length, 28 + 20 + 40);
    check_equal(d.bytes[28 + 5], 10); /* the identification */
    check_equal(d.bytes[28 + 6], 0x20);
    check(memcmp(d.bytes + 48, pattern, 40) == 0);
    check(nothing_left());
    check(!timer_is_set(&host.timer));
    check_equal(means.packet_budget.used, 0);
    ip_bed_done();
}

static void broadcasts_that_time_out_are_silent(void)
{
    bed_with_pattern();
    h = header_for(PEER, 0x0a0000ff, IP_PROTOCOL_UDP);
    put(h, &(struct part){0, 40, true});
    run_until(31 * SECOND);
    check_equal(drops(DROP_IP_FRAGMENT_TIMEOUT), 1);
    check(nothing_left());
    ip_bed_done();
}

static void time_runs_from_the_first_piece(void)
{
    bed_with_pattern();
    for (uint32_t i = 0; i < 40; i++) {
        put(ours(9), &(struct part){i * 8, i * 8 + 8, true});
        run_until(bed.now + SECOND);
    }
    check_equal(drops(DROP_IP_FRAGMENT_TIMEOUT), 1);
    ip_bed_done();
}

static void one_source_holds_few_sets(void)
{
    bed_with_pattern();
    for (uint16_t id = 0; id < 1000; id++)
        put(ours(id), &(struct part){8, 16, true});
    check_equal(fragment_sets(&host, IP_FAMILY_4), FRAGMENT_SETS_OF_SOURCE);
    check_equal(means.packet_budget.used, FRAGMENT_SETS_OF_SOURCE);
    put(ours(999), &(struct part){0, 8, true});
    put(ours(999), &(struct part){16, 17, false});
    check_equal(udp_keeper.count, 1); /* the newest is whole */
    ip_bed_done();
    check_equal(drops(DROP_IP_FRAGMENT) + drops(DROP_IP_FRAGMENT_TIMEOUT), 0 + 984);
}

static void all_sources_together_hold_little_memory(void)
{
    bed_with_pattern();
    for (uint32_t i = 0; i < 1000; i++) {
        h = header_for(FAR + 256 * i, HOST, IP_PROTOCOL_UDP);
        put(h, &(struct part){8, 16, true});
        check(fragment_sets(&host, IP_FAMILY_4) <= IP_FRAGMENT_SETS);
        check(means.packet_budget.used * PACKET_BIG_BYTES <=
              host.settings.fragment_high_bytes[IP_FAMILY_4]);
    }
    h = header_for(PEER, HOST, IP_PROTOCOL_UDP);
    datagram_make(&d, h, pattern, 10); /* what is not in fragments is not hindered */
    inject(&d);
    check_equal(udp_keeper.count, 1);
    ip_bed_done();
}

static void too_many_pieces_condemn(void)
{
    bed_with_pattern();
    for (uint32_t i = 0; i <= FRAGMENT_PIECES; i++)
        put(ours(9), &(struct part){i * 16, i * 16 + 8, true});
    check_equal(means.packet_budget.used, 0);
    check_equal(fragment_sets(&host, IP_FAMILY_4), 1);
    ip_bed_done();
}

static void congestion_marks_are_joined(void)
{
    static const struct {
        uint8_t first, second;
        int joined; /* -1: dropped */
    } rows[] = {{0, 0, 0}, {2, 2, 2}, {2, 3, 3}, {3, 1, 3}, {3, 3, 3}, {0, 3, -1}, {3, 0, -1}};

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bed_with_pattern();
        h = ours(9);
        h.traffic_class = rows[i].first;
        put(h, &(struct part){0, 8, true});
        h.traffic_class = rows[i].second;
        put(h, &(struct part){8, 16, false});
        check_equal(udp_keeper.count, rows[i].joined >= 0);
        if (rows[i].joined >= 0)
            check_equal(udp_keeper.meta.traffic_class, rows[i].joined);
        ip_bed_done();
    }
}

static void fragments_of_echoes_are_answered_in_fragments(void)
{
    static struct datagram whole;
    uint32_t n = 0;

    bed_with_pattern();
    icmp_make(&whole, header_for(PEER, HOST, 1), ICMP4_ECHO, 0, 77, pattern, 5000);
    for (uint32_t at = 0; at < 5008; at += 1480) {
        h = header_for(PEER, HOST, 1);
        h.fragment_offset = at;
        h.more_fragments = at + 1480 < 5008;
        datagram_make(&d, h, whole.bytes + 20 + at, h.more_fragments ? 1480 : 5008 - at);
        inject(&d);
    }
    while (left(&d, &h)) {
        uint32_t skip = h.fragment_offset ? 0 : 8; /* of ICMP's header */

        check(memcmp(d.bytes + 20 + skip, whole.bytes + 20 + h.fragment_offset + skip,
                     d.length - 20 - skip) == 0);
        n++;
    }
    check_equal(n, 4);
    ip_bed_done();
    check_equal(means.packet_budget.used, 0);
}

static const struct test tests[] = {
    {"what is sent in fragments comes together, in any size (RFC 791 3.2)",
     what_is_sent_comes_together},
    {"every order of fragments completes (RFC 791 3.2)", every_order_completes},
    {"seeded cuts complete in seeded orders with exact repeats (F-11)",
     seeded_cuts_in_seeded_orders_complete},
    {"overlaps, two ends and data behind the end condemn the datagram (F-01, F-12, RFC 5722)",
     each_lie_condemns_the_datagram},
    {"a whole datagram with the same identification goes its own way (F-06)",
     a_whole_datagram_is_not_mixed_in},
    {"a repeat with other bytes condemns the datagram (F-01)", a_repeat_with_other_bytes_condemns},
    {"no datagram grows over 65,535 bytes (F-02)", no_datagram_is_longer_than_65535},
    {"the options of the first fragment count in its length (F-02)", a_long_header_counts_too},
    {"an empty piece, or one that is no whole units, is dropped alone (F-12)",
     pieces_that_are_no_units_are_dropped_alone},
    {"pieces of different datagrams are never mixed (F-09)", datagrams_are_never_mixed},
    {"time exceeded is sent, if the first fragment came (RFC 1122 3.3.2, F-04)",
     time_exceeded_is_sent_if_the_first_came},
    {"a broadcast that times out is silent (RFC 1122 3.2.2)", broadcasts_that_time_out_are_silent},
    {"time runs from the first piece on (RFC 1122 3.3.2)", time_runs_from_the_first_piece},
    {"one source holds few sets (F-03)", one_source_holds_few_sets},
    {"all sources together hold little memory (F-03)", all_sources_together_hold_little_memory},
    {"too many pieces condemn a datagram (F-03)", too_many_pieces_condemn},
    {"congestion marks of fragments are joined (RFC 3168 5.3)", congestion_marks_are_joined},
    {"a long echo is answered in fragments (RFC 1122 3.2.2.6)",
     fragments_of_echoes_are_answered_in_fragments},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
