/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/checksum.h"
#include "base_test.h"

/* The sum as RFC 1071 4.1 tells it, two bytes at a time. */
static uint16_t naive(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++) {
        sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void rfc_example(void)
{
    /* RFC 1071 3: the sum is ddf2. */
    static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    check_equal(checksum_finish(checksum_add(0, bytes, 8)), (uint16_t)~0xddf2);
}

static void agrees_with_naive(void)
{
    static uint8_t bytes[4096], copy[4096 + 16];
    struct seeded s = {21};

    for (int round = 0; round < 20000; round++) {
        size_t from = (size_t)draw_below(&s, 16), length = (size_t)draw_below(&s, 200);
        size_t to = (size_t)draw_below(&s, 16);
        uint64_t sum;

        if (round % 100 == 0)
            length = (size_t)draw_below(&s, 4000);
        for (size_t i = 0; i < length; i++)
            bytes[from + i] = round % 3 ? (uint8_t)draw(&s) : 0xff;
        sum = checksum_add(0, bytes + from, length);
        check_equal(checksum_finish(sum), naive(bytes + from, length));
        memset(copy, 0x55, sizeof copy);
        check(checksum_copy(0, copy + to, bytes + from, length) == sum);
        check(memcmp(copy + to, bytes + from, length) == 0);
        check_equal(copy[to + length], 0x55);
    }
}

static void parts_add_up(void)
{
    uint8_t bytes[512];
    struct seeded s = {22};

    for (int round = 0; round < 20000; round++) {
        size_t length = (size_t)draw_below(&s, sizeof bytes);
        size_t split = (size_t)draw_below(&s, length + 1) & ~(size_t)1;
        uint64_t sum;

        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)draw(&s);
        sum = checksum_add(0, bytes, split);
        sum = checksum_add(sum, bytes + split, length - split);
        check_equal(checksum_finish(sum), naive(bytes, length));
    }
}

static void whole_packet_sums_to_zero(void)
{
    uint8_t bytes[100];
    struct seeded s = {23};

    for (int round = 0; round < 10000; round++) {
        uint16_t checksum;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)draw(&s);
        bytes[16] = bytes[17] = 0;
        checksum = checksum_finish(checksum_add(0, bytes, sizeof bytes));
        bytes[16] = (uint8_t)(checksum >> 8);
        bytes[17] = (uint8_t)checksum;
        check_equal(checksum_finish(checksum_add(0, bytes, sizeof bytes)), 0);
    }
}

static void zeros_and_ones(void)
{
    static const uint8_t zeros[64], ones[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    check_equal(checksum_finish(checksum_add(0, zeros, 64)), 0xffff);
    check_equal(checksum_finish(checksum_add(0, zeros, 0)), 0xffff);
    check_equal(checksum_finish(checksum_add(0, ones, 8)), 0);
    check_equal(checksum_finish(UINT64_MAX), 0);
    check_equal(checksum_finish(checksum_add(UINT64_MAX, ones, 8)), 0);
    check_equal(checksum_finish(0x1ffff), (uint16_t)~1);
}

static void pseudo_header(void)
{
    struct address a = address_from_ip4(0xc0a80001), b = address_from_ip4(0x0a0b0c0d);
    struct address a6 = {UINT64_C(0x20010db8fffeffff), UINT64_C(0xfffffffffffffffe)};
    struct address b6 = {UINT64_C(0xfe80000000000000), UINT64_C(0x0123456789abcdef)};
    uint8_t four[12] = {0xc0, 0xa8, 0, 1, 10, 11, 12, 13, 0, 6, 0x05, 0xb4}, six[40] = {0};

    check_equal(checksum_finish(checksum_pseudo(a, b, 6, 1460)), naive(four, 12));
    for (unsigned i = 0; i < 32; i++) {
        uint64_t word = i < 8 ? a6.high : i < 16 ? a6.low : i < 24 ? b6.high : b6.low;

        six[i] = (uint8_t)(word >> (56 - 8 * (i % 8)));
    }
    six[33] = 1; /* 65536 + 1460 */
    six[34] = 0x05;
    six[35] = 0xb4;
    six[39] = 17;
    check_equal(checksum_finish(checksum_pseudo(a6, b6, 17, 65536 + 1460)), naive(six, 40));
}

static const struct test tests[] = {
    {"RFC 1071's example", rfc_example},
    {"any length and alignment sums as two bytes at a time do", agrees_with_naive},
    {"parts split at even places add up", parts_add_up},
    {"a packet with its checksum in place sums to zero", whole_packet_sums_to_zero},
    {"all zeros, all ones and a full sum fold right", zeros_and_ones},
    {"pseudo-headers of IPv4 and IPv6", pseudo_header},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
