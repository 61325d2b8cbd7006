/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "base_test.h"

static struct address parsed(const char *text)
{
    struct address a = {1, 1};
    const char *end;

    check(address_parse(text, &end, &a));
    check(*end == 0);
    return a;
}

static void reads_dotted_decimal(void)
{
    const char *end;
    struct address a;

    check(address_equal(parsed("10.0.0.1"), address_from_ip4(0x0a000001)));
    check(address_equal(parsed("255.255.255.255"), address_from_ip4(UINT32_MAX)));
    check(address_parse("1.2.3.4/24", &end, &a) && strcmp(end, "/24") == 0);
    check(address_parse("1.2.3.4.5", &end, &a) && strcmp(end, ".5") == 0);
}

static void refuses_the_rest(void)
{
    static const char *const bad[] = {
        "",          "1",         "1.2.3",    "1.2.3.",   ".1.2.3",
        "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2..4",
        " 1.2.3.4",  "-1.2.3.4",  "1,2,3,4",  "a.b.c.d",  "1.2.3.4294967297",
    };
    const char *end;
    struct address a;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_parse(bad[i], &end, &a))
            test_fail(__FILE__, __LINE__, "'%s' was taken", bad[i]);
}

static void refuses_what_is_no_ip6(void)
{
    static const char *const bad[] = {":",
                                      ":1",
                                      "1:",
                                      ":::",
                                      "1:::2",
                                      "1::2::3",
                                      "12345::",
                                      "::g",
                                      "1:2:3:4:5:6:7",
                                      "::1.2.3",
                                      "::1.2.3.256",
                                      "1:2:3:4:5:6:7:8:",
                                      "1:2:3:4::5:6:7:8"};
    const char *end;
    struct address a;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (address_parse(bad[i], &end, &a) && *end == 0)
            test_fail(__FILE__, __LINE__, "'%s' was taken", bad[i]);
}

static void reads_all_forms_of_ip6(void)
{
    const char *end;
    struct address a;

    check(address_equal(parsed("::"), (struct address){0, 0}));
    check(address_equal(parsed("::1"), (struct address){0, 1}));
    check(address_equal(
        parsed("2001:DB8:0:0:8:800:200C:417A"),
        (struct address){UINT64_C(0x20010db800000000), UINT64_C(0x00080800200c417a)}));
    check(address_equal(parsed("fe80::"), (struct address){UINT64_C(0xfe80000000000000), 0}));
    check(address_equal(parsed("1:2:3:4:5:6:7::"),
                        (struct address){UINT64_C(0x1000200030004), UINT64_C(0x5000600070000)}));
    check(address_equal(parsed("::ffff:129.144.52.38"), address_from_ip4(0x81903426)));
    check(address_parse("fd00::1/64", &end, &a) && strcmp(end, "/64") == 0);
    check(address_parse("fe80::1%eth0", &end, &a) && strcmp(end, "%eth0") == 0);
}

static void agrees_with_inet_pton_about_ip6(void)
{
    static const char alphabet[] = "01:a:F:2::.";
    struct seeded s = {4};
    int taken = 0;

    for (int i = 0; i < 600000; i++) {
        char text[24] = {0};
        size_t length = (size_t)(2 + draw_below(&s, 20));
        struct in6_addr want;
        struct address a;
        const char *end;
        bool ok, right;

        for (size_t k = 0; k < length; k++)
            text[k] = alphabet[draw_below(&s, sizeof alphabet - 1)];
        if (!strchr(text, ':'))
            continue;
        right = inet_pton(AF_INET6, text, &want) == 1;
        ok = address_parse(text, &end, &a) && *end == 0;
        if (ok != right)
            test_fail(__FILE__, __LINE__, "'%s' is%s taken", text, ok ? "" : " not");
        for (unsigned b = 0; ok && b < 16; b++)
            check_equal((b < 8 ? a.high >> (56 - 8 * b) : a.low >> (120 - 8 * b)) & 0xff,
                        want.s6_addr[b]);
        taken += ok;
    }
    check(taken > 100);
}

static void agrees_with_inet_pton(void)
{
    static const char alphabet[] = "0123.4567.89..";
    struct seeded s = {3};
    int taken = 0;

    for (int i = 0; i < 300000; i++) {
        char text[16] = {0};
        size_t length = (size_t)(6 + draw_below(&s, 9));
        struct in_addr want;
        struct address a;
        const char *end;
        bool ok;

        for (size_t k = 0; k < length; k++)
            text[k] = alphabet[draw_below(&s, sizeof alphabet - 1)];
        ok = address_parse(text, &end, &a) && *end == 0;
        if (ok != (inet_pton(AF_INET, text, &want) == 1))
            test_fail(__FILE__, __LINE__, "'%s' is%s taken", text, ok ? "" : " not");
        if (ok)
            check_equal(address_to_ip4(a), ntohl(want.s_addr));
        taken += ok;
    }
    check(taken > 100);
}

static void formats(void)
{
    static const struct {
        uint64_t high, low;
        const char *text;
    } table[] = {
        {0, 0, "::"},
        {0, 1, "::1"},
        {0, UINT64_C(0xffff0a000001), "10.0.0.1"},
        {0, UINT64_C(0xffff00000000), "0.0.0.0"},
        {UINT64_C(0x20010db800000000), 1, "2001:db8::1"},
        {UINT64_C(0x20010db800000001), UINT64_C(0x0001000100010001), "2001:db8:0:1:1:1:1:1"},
        {UINT64_C(0x2001000000000001), UINT64_C(0x0000000000000001), "2001:0:0:1::1"},
        {UINT64_C(0x20010db800000000), UINT64_C(0x0001000000000001), "2001:db8::1:0:0:1"},
        {UINT64_C(0xfe80000000000000), 0, "fe80::"},
        {UINT64_C(0x0001000200030004), UINT64_C(0x0005000600070008), "1:2:3:4:5:6:7:8"},
        {UINT64_C(0), UINT64_C(0x0005000600070008), "::5:6:7:8"},
        {UINT64_MAX, UINT64_MAX, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[ADDRESS_TEXT_BYTES];
        size_t length = address_format((struct address){table[i].high, table[i].low}, text);

        if (strcmp(text, table[i].text) != 0)
            test_fail(__FILE__, __LINE__, "%s, not %s", text, table[i].text);
        check_equal(length, strlen(table[i].text));
    }
}

static struct address of_bytes(const uint8_t bytes[16])
{
    struct address a = {0, 0};

    for (int i = 0; i < 8; i++) {
        a.high = a.high << 8 | bytes[i];
        a.low = a.low << 8 | bytes[8 + i];
    }
    return a;
}

static void format_agrees_with_inet_pton(void)
{
    struct seeded s = {4};

    for (int i = 0; i < 100000; i++) {
        uint8_t want[16], got[16];
        char text[ADDRESS_TEXT_BYTES];

        for (int k = 0; k < 16; k++)
            want[k] = draw_below(&s, 3) ? 0 : (uint8_t)draw(&s);
        want[0] |= 1; /* not mapped */
        check_equal(address_format(of_bytes(want), text), strlen(text));
        check_equal(inet_pton(AF_INET6, text, got), 1);
        check(memcmp(got, want, 16) == 0);
    }
}

static void kinds(void)
{
    struct address group6 = {UINT64_C(0xff02) << 48, 1}, local6 = {0, 1}, high = {1, 1};

    check(address_is_multicast(parsed("224.0.0.1")) && address_is_multicast(group6));
    check(address_is_multicast(parsed("239.255.255.255")));
    check(!address_is_multicast(parsed("223.255.255.255")));
    check(!address_is_multicast(parsed("240.0.0.0")) && !address_is_multicast(local6));
    check(address_is_limited_broadcast(parsed("255.255.255.255")));
    check(!address_is_limited_broadcast(parsed("255.255.255.254")));
    check(!address_is_limited_broadcast((struct address){UINT64_MAX, UINT64_MAX}));
    check(address_is_loopback(parsed("127.9.9.9")) && address_is_loopback(local6));
    check(!address_is_loopback(parsed("128.0.0.1")) && !address_is_loopback(high));
    check(address_is_unspecified(parsed("0.0.0.0")));
    check(address_is_unspecified((struct address){0, 0}) && !address_is_unspecified(local6));
    check(address_is_mapped(parsed("1.2.3.4")) && !address_is_mapped(local6));
}

static void prefixes_are_bits_of_the_128(void)
{
    const struct address a = {0x123456789abcdef0, 0x0fedcba987654321};

    for (uint32_t bits = 0; bits <= 128; bits++) {
        struct address masked = address_masked(a, bits), other = a;

        for (uint32_t at = 0; at < 128; at++) {
            uint64_t word = at < 64 ? a.high : a.low, kept = at < 64 ? masked.high : masked.low;
            uint64_t bit = UINT64_C(1) << (63 - at % 64);

            check_equal(kept & bit, at < bits ? word & bit : 0);
            other.high = a.high ^ (at < 64 ? bit : 0);
            other.low = a.low ^ (at < 64 ? 0 : bit);
            check_equal(address_matches(a, other, bits), at >= bits);
        }
        check(address_matches(a, masked, bits));
    }
}

static const struct test tests[] = {
    {"dotted decimal is read, and where it stopped is told", reads_dotted_decimal},
    {"all forms of an IPv6 address are read", reads_all_forms_of_ip6},
    {"reading IPv6 agrees with inet_pton on random texts", agrees_with_inet_pton_about_ip6},
    {"what is not four plain numbers is refused", refuses_the_rest},
    {"what is no form of RFC 4291 2.2 is refused", refuses_what_is_no_ip6},
    {"reading agrees with inet_pton on random texts", agrees_with_inet_pton},
    {"addresses are written as RFC 5952 has it", formats},
    {"what is written, inet_pton reads back", format_agrees_with_inet_pton},
    {"groups, broadcast, loopback and unspecified are told apart", kinds},
    {"a prefix is so many bits of the 128", prefixes_are_bits_of_the_128},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
