/* SPDX-License-Identifier: MIT */
/* Queries of IGMP and MLD as bytes: what is read, and what is refused. RFC 3376, RFC 3810. */
#include <stdlib.h>
#include <string.h>

#include "3-network/ip4/igmp.h"
#include "3-network/ip6/mld.h"
#include "base/base_test.h"
#include "base/bytes.h"
#include "base/checksum.h"

static uint8_t bytes[1024];
static struct igmp_query query;
static struct mld_query query6;

static bool read4(uint32_t length)
{
    struct reader r;

    if (length >= 4) {
        u16_put(bytes + 2, 0);
        u16_put(bytes + 2, checksum_finish(checksum_add(0, bytes, length)));
    }
    r = reader_of(bytes, length);
    return igmp_header_read(&r, &query);
}

static bool read6(uint32_t length)
{
    struct reader r = reader_of(bytes, length);

    return mld_header_read(&r, &query6);
}

static void query_of(uint8_t code, uint32_t group, uint16_t sources)
{
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 0x11;
    bytes[1] = code;
    u32_put(bytes + 4, group);
    u16_put(bytes + 10, sources);
    for (uint32_t i = 0; i < sources && i < 200; i++)
        u32_put(bytes + 12 + 4 * i, 0x0a000001 + i);
}

static void versions_are_told_by_length_and_code(void)
{
    query_of(0, 0, 0);
    check(read4(8));
    check_equal(query.version, 1);
    check_equal(query.within, 10 * SECOND);
    query_of(50, 0xe8010203, 0);
    check(read4(8));
    check_equal(query.version, 2);
    check_equal(query.within, 5 * SECOND);
    check(address_equal(query.group, address_from_ip4(0xe8010203)));
    query_of(100, 0xe8010203, 2);
    check(read4(20));
    check_equal(query.version, 3);
    check_equal(query.within, 10 * SECOND);
    check_equal(query.sources.count, 2);
    for (uint32_t length = 0; length < 20; length++)
        check_equal(read4(length), length == 8); /* the first of version 2 */
}

/* RFC 3376 4.1.1. */
static void long_times_are_numbers_of_few_digits(void)
{
    static const struct {
        uint8_t code;
        int64_t tenths;
    } rows[] = {{127, 127}, {128, 128}, {0x8f, 248}, {0xff, 31744}, {0x90, 256}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        query_of(rows[i].code, 0, 0);
        check(read4(12));
        check_equal(query.within, rows[i].tenths * 100 * MILLISECOND);
    }
}

static void more_sources_than_we_tell_apart_are_all(void)
{
    query_of(10, 0xe8010203, 100);
    check(read4(412));
    check_equal(query.sources.count, 0);
    query_of(10, 0xe8010203, 300);
    check(!read4(412));
}

static void what_is_no_query_is_none(void)
{
    struct reader r;

    query_of(10, 0, 0);
    bytes[0] = 0x22;
    check(!read4(12));
    query_of(10, 0, 0);
    check(read4(12));
    bytes[3] ^= 1;
    r = reader_of(bytes, 12);
    check(!igmp_header_read(&r, &query)); /* a wrong checksum */
}

static void queries_of_mld(void)
{
    memset(bytes, 0, sizeof bytes);
    bytes[0] = MLD_QUERY;
    u16_put(bytes + 4, 10000);
    bytes[8] = 0xff;
    bytes[23] = 9;
    check(read6(24));
    check_equal(query6.version, 1);
    check_equal(query6.within, 10 * SECOND);
    check(query6.group.low == 9);
    u16_put(bytes + 26, 2);
    bytes[28] = bytes[44] = 0x20;
    bytes[59] = 1;
    check(read6(60));
    check_equal(query6.version, 2);
    check_equal(query6.sources.count, 2);
    for (uint32_t length = 0; length < 60; length++)
        check_equal(read6(length), length == 24);
    u16_put(bytes + 4, 0x8000); /* RFC 3810 5.1.3 */
    u16_put(bytes + 26, 0);
    check(read6(28));
    check_equal(query6.within, 32768 * MILLISECOND);
    bytes[0] = MLD_REPORT_2;
    check(!read6(28));
}

static void any_bytes_are_harmless(void)
{
    struct seeded seeded = {3376};

    for (uint32_t i = 0; i < 50000; i++) {
        uint32_t length = (uint32_t)draw_below(&seeded, 100);
        uint8_t *some = malloc(length + 1);
        struct reader r, r6;

        check(some);
        for (uint32_t k = 0; k < length; k++)
            some[k] = (uint8_t)draw(&seeded);
        if (length > 0)
            some[0] = i % 2 ? 0x11 : MLD_QUERY;
        r = r6 = reader_of(some, length);
        (void)igmp_header_read(&r, &query);
        (void)mld_header_read(&r6, &query6);
        check(query.sources.count <= GROUP_SOURCES && query6.sources.count <= GROUP_SOURCES);
        free(some);
    }
}

static const struct test tests[] = {
    {"RFC 3376 7.1: versions are told by length and code", versions_are_told_by_length_and_code},
    {"RFC 3376 4.1.1: long times are numbers of few digits", long_times_are_numbers_of_few_digits},
    {"more sources than we tell apart are all of them", more_sources_than_we_tell_apart_are_all},
    {"what is no query is none", what_is_no_query_is_none},
    {"RFC 3810 5.1: queries of MLD", queries_of_mld},
    {"any bytes are harmless", any_bytes_are_harmless},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
