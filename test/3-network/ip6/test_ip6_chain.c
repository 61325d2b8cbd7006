/* SPDX-License-Identifier: MIT */
/* The chain of extension headers, RFC 8200 4: a table of packets, and what becomes of each. */
#include <string.h>

#include "3-network/ip6/ip6_chain.h"
#include "base/base_test.h"

enum { GOOD = IP6_CHAIN_GOOD, DISCARD = IP6_CHAIN_DISCARD, PROBLEM = IP6_CHAIN_PROBLEM };
enum { UDP = 17, PADN = 1 };

struct row {
    const char *what;
    uint8_t first, bytes[40];
    uint32_t length;
    int verdict;
    uint32_t pointer; /* PROBLEM; GOOD: where the payload begins */
    uint8_t code;     /* PROBLEM; GOOD: what it is */
    bool always;
};

static const struct row rows[] = {
    {"no extension header", UDP, {0}, 8, GOOD, 40, UDP, false},
    {"hop-by-hop options first", 0, {UDP, 0, PADN, 4}, 16, GOOD, 48, UDP, false},
    {"hop-by-hop options behind others",
     60,
     {0, 0, PADN, 4, 0, 0, 0, 0, UDP, 0, PADN, 4},
     24,
     PROBLEM,
     40,
     IP6_PROBLEM_NEXT_HEADER,
     false},
    {"hop-by-hop options twice",
     0,
     {0, 0, PADN, 4, 0, 0, 0, 0, UDP, 0, PADN, 4},
     24,
     PROBLEM,
     40,
     IP6_PROBLEM_NEXT_HEADER,
     false},
    {"destination options twice",
     60,
     {60, 0, PADN, 4, 0, 0, 0, 0, UDP, 0, PADN, 4},
     24,
     GOOD,
     56,
     UDP,
     false},
    {"no next header", 60, {59, 0, PADN, 4}, 8, GOOD, 48, 59, false},
    {"a fragment header ends the walk", 60, {44, 0, PADN, 4}, 16, GOOD, 48, 44, false},
    {"an unknown header ends the walk", 60, {253, 0, PADN, 4}, 16, GOOD, 48, 253, false},
    {"an unknown option to be skipped", 60, {UDP, 0, 0x1e, 4}, 8, GOOD, 48, UDP, false},
    {"an unknown option that discards", 60, {UDP, 0, 0x5e, 4}, 8, DISCARD, 0, 0, false},
    {"an unknown option that is told always",
     60,
     {UDP, 0, 0x9e, 4},
     8,
     PROBLEM,
     42,
     IP6_PROBLEM_OPTION,
     true},
    {"an unknown option that is told unless of a group",
     0,
     {UDP, 0, PADN, 0, 0xde, 2},
     8,
     PROBLEM,
     44,
     IP6_PROBLEM_OPTION,
     false},
    {"the type is all eight bits: 0x3e is not 0x1e",
     60,
     {UDP, 0, 0x3e, 4},
     8,
     GOOD,
     48,
     UDP,
     false},
    {"options are processed in order: the first that stops counts",
     60,
     {UDP, 0, 0x5e, 0, 0x9e, 0, 0, 0},
     8,
     DISCARD,
     0,
     0,
     false},
    {"an option longer than its header",
     60,
     {UDP, 0, 0x1e, 5},
     8,
     PROBLEM,
     43,
     IP6_PROBLEM_FIELD,
     false},
    {"an option without its length",
     60,
     {UDP, 0, PADN, 3, 0, 0, 0, 0x1e},
     8,
     PROBLEM,
     47,
     IP6_PROBLEM_FIELD,
     false},
    {"seven bytes of padding",
     60,
     {UDP, 1, 0x1e, 5, 0, 0, 0, 0, 0, PADN, 5},
     16,
     GOOD,
     56,
     UDP,
     false},
    {"eight bytes of padding in a row",
     60,
     {UDP, 1, 0x1e, 4, 0, 0, 0, 0, 0, 0, PADN, 4},
     16,
     DISCARD,
     0,
     0,
     false},
    {"padding that is not zero", 60, {UDP, 0, PADN, 4, 0, 0, 1}, 8, DISCARD, 0, 0, false},
    {"eight options",
     60,
     {UDP, 2, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 4},
     24,
     GOOD,
     64,
     UDP,
     false},
    {"nine options",
     60,
     {UDP, 2, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 0, 0x1e, 2},
     24,
     DISCARD,
     0,
     0,
     false},
    {"a routing header with nothing left", 43, {UDP, 0, 253, 0}, 8, GOOD, 48, UDP, false},
    {"a routing header of an unknown type",
     43,
     {UDP, 0, 253, 1},
     8,
     PROBLEM,
     42,
     IP6_PROBLEM_FIELD,
     false},
    {"type 0 like an unknown one (RFC 5095)",
     43,
     {UDP, 2, 0, 1},
     24,
     PROBLEM,
     42,
     IP6_PROBLEM_FIELD,
     false},
    {"a header that is cut off", 60, {UDP, 1, PADN, 4}, 15, PROBLEM, 41, IP6_PROBLEM_FIELD, false},
    {"a header of one byte", 60, {UDP}, 1, PROBLEM, 6, IP6_PROBLEM_FIELD, false},
    {"a header of none", 60, {0}, 0, PROBLEM, 6, IP6_PROBLEM_FIELD, false},
};

static void each_packet_gets_its_verdict(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct ip6_chain c = ip6_chain_of(row->first);
        uint8_t packet[80] = {0x60};
        int verdict;

        packet[IP6_NEXT_AT] = row->first;
        memcpy(packet + IP6_HEADER_BYTES, row->bytes, sizeof row->bytes);
        verdict = (int)ip6_chain_walk(packet, IP6_HEADER_BYTES + row->length, &c);
        if (verdict != row->verdict ||
            (verdict == PROBLEM &&
             (c.pointer != row->pointer || c.code != row->code || c.always != row->always)) ||
            (verdict == GOOD &&
             (c.at != row->pointer || c.next != row->code || packet[c.next_at] != c.next)))
            test_fail(__FILE__, __LINE__, "%s: %d, pointer %u at %u", row->what, verdict, c.pointer,
                      c.at);
    }
}

static void no_more_headers_than_the_limit(void)
{
    for (uint32_t n = IP6_CHAIN_HEADERS - 1; n <= IP6_CHAIN_HEADERS + 1; n++) {
        struct ip6_chain c = ip6_chain_of(60), skipped = c;
        uint8_t packet[200] = {0x60};

        for (uint32_t k = 0; k < n; k++)
            memcpy(packet + 40 + 8 * k, (const uint8_t[]){k + 1 < n ? 60 : UDP, 0, PADN, 4}, 4);
        check_equal(ip6_chain_walk(packet, 40 + 8 * n, &c),
                    n <= IP6_CHAIN_HEADERS ? IP6_CHAIN_GOOD : IP6_CHAIN_DISCARD);
        check_equal(ip6_chain_skip(packet, 40 + 8 * n, &skipped), n <= IP6_CHAIN_HEADERS);
    }
}

static void quoted_packets_are_skipped_through(void)
{
    static const uint8_t fragment[] = {60, 0, 0, 1, 0,   0, 0, 9, 43, 0, 0x9e, 4,
                                       0,  0, 0, 0, UDP, 0, 9, 1, 0,  0, 0,    0};
    uint8_t packet[80] = {0x60};
    struct ip6_chain c = ip6_chain_of(44);

    memcpy(packet + 40, fragment, sizeof fragment);
    check(ip6_chain_skip(packet, 64, &c));
    check_equal(c.at, 64);
    check_equal(c.next, UDP);
    for (uint32_t length = 40; length < 64; length++) {
        c = ip6_chain_of(44);
        check(!ip6_chain_skip(packet, length, &c));
    }
    packet[43] = 9; /* a later fragment: what follows is no header */
    c = ip6_chain_of(44);
    check(!ip6_chain_skip(packet, 64, &c));
    check_equal(c.next, 60);
}

/* Whatever it is given, a walk ends within its bytes, and what it names lies there. */
static void random_bytes_never_lead_out(void)
{
    static const uint8_t kinds[] = {0, 43, 44, 60, 59, UDP, 1, 200};
    struct seeded s = {9};
    int good = 0;

    for (int i = 0; i < 200000; i++) {
        uint8_t packet[120] = {0x60};
        uint32_t length = 40 + (uint32_t)draw_below(&s, 80);
        struct ip6_chain c = ip6_chain_of(kinds[draw_below(&s, sizeof kinds)]), skipped = c;

        for (uint32_t k = 40; k < length; k++)
            packet[k] = k % 8 == 0   ? kinds[draw_below(&s, sizeof kinds)]
                        : k % 8 == 1 ? (uint8_t)draw_below(&s, 3)
                                     : (uint8_t)(draw_below(&s, 4) ? draw_below(&s, 6)
                                                                   : draw_below(&s, 256));
        if (ip6_chain_walk(packet, length, &c) == IP6_CHAIN_PROBLEM)
            check(c.pointer < length || length == 40);
        good += c.at > 48;
        check(c.at <= length && c.next_at < c.at && c.headers <= IP6_CHAIN_HEADERS);
        if (ip6_chain_skip(packet, length, &skipped))
            check(skipped.at <= length);
    }
    check(good > 1000);
}

static const struct test tests[] = {
    {"each packet gets its verdict (RFC 8200 4, RFC 8200 4.1, 4.2, 4.4, 4.7; RFC 5095 3)",
     each_packet_gets_its_verdict},
    {"no more headers than the limit are walked (RFC 8504 5.3)", no_more_headers_than_the_limit},
    {"quoted packets are skipped through", quoted_packets_are_skipped_through},
    {"random bytes never lead out of the packet", random_bytes_never_lead_out},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
