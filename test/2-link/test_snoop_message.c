/* SPDX-License-Identifier: MIT */
/* What a switch reads of frames for groups, as bytes: RFC 4541 2.1 and 3. */
#include "2-link/snoop_message.h"

#include <string.h>

#include "2-link/snoop_query.h"
#include "base/checksum.h"
#include "check.h"

enum { IP4 = 0x0800, IP6 = 0x86dd };
#define ALL_IGMP3 0xe0000016U
#define STREAM 0xe8010203U

static uint8_t frame[1500];
static uint32_t frame_length;
static struct snoop_message m;
static struct snoop_record record;
static const struct address group6 = {UINT64_C(0xff15000000000000), 7};
static const struct address all_mld2 = {UINT64_C(0xff02000000000000), 0x16};
static const struct address none = {0, 0};

static void read(uint16_t ethertype)
{
    struct reader r = reader_of(frame, frame_length);

    snoop_message_read(&r, ethertype, &m);
}

/* An IPv4 packet whose payload stands behind its header already, with good checksums. */
static void ip4(uint8_t protocol, uint32_t source, uint32_t dest, uint32_t length)
{
    memset(frame, 0, 20);
    frame[0] = 0x45;
    u16_put(frame + 2, (uint16_t)(20 + length));
    frame[8] = 1;
    frame[9] = protocol;
    u32_put(frame + 12, source);
    u32_put(frame + 16, dest);
    u16_put(frame + 10, checksum_finish(checksum_header(0, frame, 20)));
    frame_length = 20 + length;
    if (protocol == 2) {
        u16_put(frame + 22, 0);
        u16_put(frame + 22, checksum_finish(checksum_add(0, frame + 20, length)));
    }
}

static void igmp(uint8_t type, uint8_t code, uint32_t group)
{
    memset(frame, 0, sizeof frame);
    frame[20] = type;
    frame[21] = code;
    u32_put(frame + 24, group);
}

static void address_put(uint8_t *at, struct address a)
{
    struct writer w = writer_of(at, 16);

    write_u64(&w, a.high);
    write_u64(&w, a.low);
}

/* The same of IPv6, with the Router Alert in front of ICMPv6. */
static void ip6(struct address source, struct address dest, uint32_t length)
{
    memset(frame, 0, 48);
    frame[0] = 0x60;
    u16_put(frame + 4, (uint16_t)(8 + length));
    frame[7] = 1;
    address_put(frame + 8, source);
    address_put(frame + 24, dest);
    frame[40] = 58;
    frame[42] = 5;
    frame[43] = 2;
    u16_put(frame + 50, 0);
    u16_put(frame + 50, checksum_finish(checksum_add(checksum_pseudo(source, dest, 58, length),
                                                     frame + 48, length)));
    frame_length = 48 + length;
}

static void groups_go_to_listeners_and_local_ones_to_all(void)
{
    ip4(17, 0x0a000001, STREAM, 8);
    read(IP4);
    check(m.way == SNOOP_TO_LISTENERS && m.says == SNOOP_SAYS_NOTHING && !m.is_ip6);
    check(address_equal(m.dest, address_from_ip4(STREAM)));
    ip4(17, 0x0a000001, 0xe00000fb, 8);
    read(IP4);
    check(m.way == SNOOP_TO_ALL);
    ip6(none, group6, 0);
    read(IP6);
    check(m.way == SNOOP_TO_LISTENERS && m.is_ip6);
    ip6(none, (struct address){UINT64_C(0xff02000000000000), 1}, 0);
    read(IP6);
    check(m.way == SNOOP_TO_ALL);
    ip6(none, (struct address){UINT64_C(0xff01000000000000), 9}, 0);
    read(IP6);
    check(m.way == SNOOP_TO_ALL);
    read(0x0806);
    check(m.way == SNOOP_TO_ALL);
    ip4(17, 0x0a000001, 0x0a000002, 8); /* to a station, in a frame for a group */
    read(IP4);
    check(m.way == SNOOP_TO_ALL);
}

static void broken_headers_say_nothing(void)
{
    ip4(17, 0x0a000001, STREAM, 8);
    frame[8] ^= 1;
    read(IP4);
    check(m.way == SNOOP_TO_NOBODY);
    for (uint32_t cut = 0; cut < 28; cut++) {
        ip4(17, 0x0a000001, STREAM, 8);
        frame_length = cut;
        read(IP4);
        check(m.way == SNOOP_TO_NOBODY && m.says == SNOOP_SAYS_NOTHING);
    }
    for (uint32_t cut = 0; cut < 48; cut++) {
        ip6(none, group6, 0);
        frame_length = cut;
        read(IP6);
        check(m.way == SNOOP_TO_NOBODY);
    }
    igmp(0x16, 0, STREAM);
    ip4(2, 0x0a000001, STREAM, 8);
    frame[24] ^= 1; /* past the checksum */
    read(IP4);
    check(m.way == SNOOP_TO_NOBODY && m.says == SNOOP_SAYS_NOTHING);
    igmp(0x16, 0, STREAM);
    ip4(2, 0x0a000001, STREAM, 7);
    read(IP4);
    check(m.way == SNOOP_TO_NOBODY);
}

static void older_reports_say_one_group(void)
{
    static const uint8_t types[] = {0x12, 0x16, 0x17};

    for (int i = 0; i < 3; i++) {
        igmp(types[i], 0, STREAM);
        ip4(2, 0, STREAM, 8); /* from 0.0.0.0, which counts: 2.1.1 (2) */
        read(IP4);
        check(m.way == SNOOP_TO_ROUTERS && m.says == SNOOP_SAYS_REPORT);
        check(snoop_message_next(&m, &record) && record.leaves == (i == 2));
        check(address_equal(record.group, address_from_ip4(STREAM)));
        check(!snoop_message_next(&m, &record));
    }
    igmp(0x16, 0, 0xe0000005); /* a group for all is not kept */
    ip4(2, 0, 0xe0000005, 8);
    read(IP4);
    check(m.says == SNOOP_SAYS_REPORT && !snoop_message_next(&m, &record));
    memset(frame, 0, sizeof frame);
    frame[48] = 132;
    address_put(frame + 56, group6);
    ip6(none, (struct address){UINT64_C(0xff02000000000000), 2}, 24);
    read(IP6);
    check(m.way == SNOOP_TO_ROUTERS && snoop_message_next(&m, &record) && record.leaves);
    check(address_equal(record.group, group6));
}

/* RFC 3376 4.2.12: only a filter that is empty leaves, and who blocks sources says nothing. */
static void records_are_taken_per_group(void)
{
    static const struct {
        uint8_t type, sources;
        bool is_told, leaves;
    } cases[] = {{1, 0, true, true},   {1, 2, true, false},  {2, 0, true, false},
                 {2, 1, true, false},  {3, 0, true, true},   {3, 1, true, false},
                 {4, 0, true, false},  {4, 3, true, false},  {5, 1, true, false},
                 {6, 1, false, false}, {0, 0, false, false}, {7, 0, false, false}};
    enum { CASES = sizeof cases / sizeof *cases };
    uint32_t at = 28;

    igmp(0x22, 0, CASES);
    for (uint32_t i = 0; i < CASES; i++) {
        frame[at] = cases[i].type;
        frame[at + 1] = (uint8_t)(i % 3); /* auxiliary data */
        frame[at + 3] = cases[i].sources;
        u32_put(frame + at + 4, STREAM + i);
        at += 8 + 4U * cases[i].sources + 4 * (i % 3);
    }
    ip4(2, 0x0a000001, ALL_IGMP3, at - 20);
    read(IP4);
    check(m.way == SNOOP_TO_ROUTERS && m.says == SNOOP_SAYS_REPORT);
    for (uint32_t i = 0; i < CASES; i++) {
        if (!cases[i].is_told)
            continue;
        check(snoop_message_next(&m, &record));
        check(address_equal(record.group, address_from_ip4(STREAM + i)));
        check(record.leaves == cases[i].leaves);
    }
    check(!snoop_message_next(&m, &record));
    frame[27]++; /* one record more than there is */
    ip4(2, 0x0a000001, ALL_IGMP3, at - 20);
    read(IP4);
    check(m.way == SNOOP_TO_NOBODY);
}

static void records_of_mld_are_taken_too(void)
{
    memset(frame, 0, sizeof frame);
    frame[48] = 143;
    frame[55] = 2;
    frame[56] = 4;
    address_put(frame + 60, group6);
    frame[76] = 3;
    address_put(frame + 80, group6);
    ip6(none, all_mld2, 48);
    read(IP6);
    check(m.way == SNOOP_TO_ROUTERS && m.says == SNOOP_SAYS_REPORT);
    check(snoop_message_next(&m, &record) && !record.leaves);
    check(snoop_message_next(&m, &record) && record.leaves);
    check(!snoop_message_next(&m, &record));
    frame[7] ^= 0xff; /* hop limit: RFC 4541 3 says nothing of it for reports */
    read(IP6);
    check(m.says == SNOOP_SAYS_REPORT);
    frame[60] ^= 1;
    read(IP6);
    check(m.way == SNOOP_TO_NOBODY);
}

/* What this switch writes is what it, and any host, reads. */
static void queries_are_read_as_they_were_written(void)
{
    static const struct address link6 = {UINT64_C(0xfe80000000000000), 5};

    for (int i = 0; i < 4; i++) {
        bool six = i & 1, general = i & 2;
        struct snoop_query q = {.source = six ? link6 : address_from_ip4(0x0a0000fe),
                                .group = six ? general ? none : group6
                                             : address_from_ip4(general ? 0 : STREAM),
                                .within_ms = general ? 10000 : 1000,
                                .interval_s = 125};
        struct writer w = writer_of(frame, sizeof frame);

        frame_length = snoop_query_write(&w, &q);
        read(six ? IP6 : IP4);
        check(m.way == SNOOP_TO_ALL && m.says == SNOOP_SAYS_QUERY && !m.spares);
        check(address_equal(m.group, q.group) && address_equal(m.source, q.source));
        check_equal(m.within, q.within_ms * MILLISECOND);
        frame[six ? 7 : 8] = 2; /* of no host believed */
        if (!six) {
            u16_put(frame + 10, 0);
            u16_put(frame + 10, checksum_finish(checksum_header(0, frame, 24)));
        }
        read(six ? IP6 : IP4);
        check(m.way == SNOOP_TO_ALL && m.says == SNOOP_SAYS_NOTHING);
    }
}

static void older_queries_say_their_time_otherwise(void)
{
    igmp(0x11, 0, 0);
    ip4(2, 0x0a000001, 0xe0000001, 8);
    read(IP4);
    check(m.says == SNOOP_SAYS_QUERY && m.within == 10 * SECOND);
    igmp(0x11, 200, STREAM);
    ip4(2, 0x0a000001, STREAM, 8);
    read(IP4);
    check(m.says == SNOOP_SAYS_QUERY && m.within == 20 * SECOND);
    igmp(0x11, 0x80, STREAM); /* version 3: 16 << 3 tenths; suppressed */
    frame[28] = 8 | 2;
    ip4(2, 0x0a000001, STREAM, 12);
    read(IP4);
    check(m.says == SNOOP_SAYS_QUERY && m.within == 12800 * MILLISECOND && m.spares);
    igmp(0x11, 1, 0); /* a general one to anybody else is none */
    ip4(2, 0x0a000001, STREAM, 8);
    read(IP4);
    check(m.says == SNOOP_SAYS_NOTHING);
}

static void other_igmp_goes_to_all_and_pim_tells_a_router(void)
{
    igmp(0x13, 0, 0);
    ip4(2, 0x0a000001, 0xe0000004, 8);
    read(IP4);
    check(m.way == SNOOP_TO_ALL && m.says == SNOOP_SAYS_NOTHING);
    memset(frame, 0, sizeof frame);
    frame[20] = 0x20;
    ip4(103, 0x0a000001, 0xe000000d, 8);
    read(IP4);
    check(m.way == SNOOP_TO_ALL && m.says == SNOOP_SAYS_HELLO);
    frame[20] = 0x23; /* a join */
    ip4(103, 0x0a000001, 0xe000000d, 8);
    read(IP4);
    check(m.says == SNOOP_SAYS_NOTHING);
}

static const struct test tests[] = {
    {"groups go to listeners and local ones to all", groups_go_to_listeners_and_local_ones_to_all},
    {"broken headers say nothing", broken_headers_say_nothing},
    {"older reports say one group", older_reports_say_one_group},
    {"records are taken per group", records_are_taken_per_group},
    {"records of MLD are taken too", records_of_mld_are_taken_too},
    {"queries are read as they were written", queries_are_read_as_they_were_written},
    {"older queries say their time otherwise", older_queries_say_their_time_otherwise},
    {"other IGMP goes to all and PIM tells a router",
     other_igmp_goes_to_all_and_pim_tells_a_router},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
