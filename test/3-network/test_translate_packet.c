/* SPDX-License-Identifier: MIT */
/*
 * Packets through a translator: every checksum is right after it if it was before, a wrong one
 * stays wrong, errors carry what their receiver once sent, and what is too short is refused.
 * Prefixes of IPv6, too.
 */
#include <string.h>

#include "3-network/translate_packet.h"
#include "base/arena.h"
#include "base/base_test.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/pool.h"

enum { UDP = IP_PROTOCOL_UDP, TCP = IP_PROTOCOL_TCP, ICMP = IP_PROTOCOL_ICMP, ICMP6 = 58 };
enum { AT = 200, ROOM = 2000 };

static struct arena *arena;
static struct translate nat;
static struct means means;
static struct event_log events;
static uint64_t drops[DROP_COUNT];
static uint8_t bytes[ROOM];
static struct packet p;
static struct ip_meta meta;
static uint32_t transport;

static struct address inside, outside, outer;

static void begin(bool is6)
{
    struct translate_settings settings;
    struct translate_plan plan;

    arena = arena_fresh(UINT64_C(64) << 20);
    plan = (struct translate_plan){
        .mapping_pool = pool_open(arena, sizeof(struct translate_mapping), 256, false),
        .session_pool = pool_open(arena, sizeof(struct translate_session), 256, false),
        .host_pool = pool_open(arena, sizeof(struct translate_host), 256, false),
    };
    translate_settings_default(&settings);
    memset(&nat, 0, sizeof nat);
    means = (struct means){.arena = arena, .key = {7, 9}};
    means.voice = (struct voice){.log = &events, .drops = drops};
    check_equal(translate_init(&nat, &means, &plan, &settings), 0);
    inside = is6 ? (struct address){UINT64_C(0xfd00000000010000), 5} : address_from_ip4(0xc0a80105);
    outside =
        is6 ? (struct address){UINT64_C(0x20010db800990000), 9} : address_from_ip4(0xc6336409);
    outer = is6 ? (struct address){UINT64_C(0x20010db800010000), 1} : address_from_ip4(0xcb007101);
    translate_outer_set(&nat, outer, 0);
}

static void end(void)
{
    check_equal(translate_check(&nat), 0);
    arena_free(arena);
}

static uint64_t pseudo(struct address a, struct address b, uint8_t protocol, uint32_t length)
{
    return protocol == ICMP ? 0 : checksum_pseudo(a, b, protocol, length);
}

static uint32_t checksum_at(uint8_t protocol)
{
    return protocol == TCP ? 16 : protocol == UDP ? 6 : 2;
}

/* Writes a packet: its IP header, ports or an echo, text. @return its length */
static uint32_t write_packet(uint8_t *at, uint8_t protocol, struct address from, uint16_t from_port,
                             struct address to, uint16_t to_port, uint32_t text)
{
    bool is6 = !address_is_mapped(from);
    uint32_t header = is6 ? 40 : 20, length = (protocol == TCP ? 20 : 8) + text;
    uint8_t *t = at + header;

    memset(at, 0, header + length);
    if (is6) {
        at[0] = 0x60;
        u16_put(at + 4, (uint16_t)length);
        at[6] = protocol;
        at[7] = 64;
        for (uint32_t i = 0; i < 8; i++) {
            at[8 + i] = (uint8_t)(from.high >> (56 - 8 * i));
            at[16 + i] = (uint8_t)(from.low >> (56 - 8 * i));
            at[24 + i] = (uint8_t)(to.high >> (56 - 8 * i));
            at[32 + i] = (uint8_t)(to.low >> (56 - 8 * i));
        }
    } else {
        at[0] = 0x45;
        u16_put(at + 2, (uint16_t)(header + length));
        at[8] = 64;
        at[9] = protocol;
        u32_put(at + 12, address_to_ip4(from));
        u32_put(at + 16, address_to_ip4(to));
        u16_put(at + 10, checksum_finish(checksum_header(0, at, header)));
    }
    for (uint32_t i = length - text; i < length; i++)
        t[i] = (uint8_t)(i * 7);
    if (protocol == ICMP || protocol == ICMP6) {
        t[0] = protocol == ICMP ? (from_port ? 8 : 0) : (from_port ? 128 : 129);
        u16_put(t + 4, from_port ? from_port : to_port);
    } else {
        u16_put(t, from_port);
        u16_put(t + 2, to_port);
        if (protocol == TCP) {
            t[12] = 0x50;
            t[13] = 2;
        } else {
            u16_put(t + 4, (uint16_t)length);
        }
    }
    u16_put(t + checksum_at(protocol),
            checksum_finish(checksum_add(pseudo(from, to, protocol, length), t, length)));
    return header + length;
}

static void packet_of(uint8_t protocol, struct address from, uint16_t from_port, struct address to,
                      uint16_t to_port, uint32_t text)
{
    uint32_t length = write_packet(bytes + AT, protocol, from, from_port, to, to_port, text);

    transport = AT + (address_is_mapped(from) ? 20 : 40);
    p = (struct packet){
        .bytes = bytes, .start = AT, .end = AT + length, .size = ROOM, .network = AT};
    meta = (struct ip_meta){.source = from, .dest = to, .protocol = protocol};
}

/* An error about what stands in `quoted`: its IP header, 8 bytes, the quote. */
static void error_of(uint8_t type, uint8_t code, struct address from, struct address to,
                     const uint8_t *quoted, uint32_t length)
{
    bool is6 = !address_is_mapped(from);
    uint8_t protocol = is6 ? ICMP6 : ICMP, *t;

    packet_of(protocol, from, 1, to, 0, length);
    t = bytes + transport;
    t[0] = type;
    t[1] = code;
    memset(t + 2, 0, 6);
    memcpy(t + 8, quoted, length);
    u16_put(t + 2,
            checksum_finish(checksum_add(pseudo(from, to, protocol, length + 8), t, length + 8)));
}

static struct address header_address(const uint8_t *header, bool is_dest)
{
    const uint8_t *at = header + (header[0] >> 4 == 6 ? (is_dest ? 24 : 8) : is_dest ? 16 : 12);

    if (header[0] >> 4 == 4)
        return address_from_ip4(u32_at(at));
    return (struct address){(uint64_t)u32_at(at) << 32 | u32_at(at + 4),
                            (uint64_t)u32_at(at + 8) << 32 | u32_at(at + 12)};
}

/* All checksums of a packet, and its addresses. */
static void check_packet(const uint8_t *header, uint32_t length, uint8_t protocol,
                         struct address from, struct address to)
{
    uint32_t head = header[0] >> 4 == 6 ? 40 : 20;

    check(address_equal(header_address(header, false), from));
    check(address_equal(header_address(header, true), to));
    if (head == 20)
        check_equal(checksum_finish(checksum_header(0, header, head)), 0);
    check_equal(checksum_finish(checksum_add(pseudo(from, to, protocol, length - head),
                                             header + head, length - head)),
                0);
}

static void check_now(struct address from, struct address to)
{
    check(address_equal(meta.source, from) && address_equal(meta.dest, to));
    check_packet(bytes + AT, p.end - AT, meta.protocol, from, to);
}

static int out(void)
{
    return (int)translate_packet_outbound(&nat, &meta, &p, transport, 0);
}

static int in(void)
{
    return (int)translate_packet_inbound(&nat, &meta, &p, transport, 0);
}

static void every_protocol_goes_out_and_comes_back(void)
{
    static const uint8_t kinds[2][3] = {{UDP, TCP, ICMP}, {UDP, TCP, ICMP6}};

    for (int is6 = 0; is6 < 2; is6++)
        for (int k = 0; k < 3; k++)
            for (uint32_t text = 0; text < 40; text++) {
                bool query = k == 2;
                uint16_t port;

                begin(is6);
                /* somebody has that port, so that another one is written */
                packet_of(kinds[is6][k],
                          is6 ? (struct address){inside.high, 6} : address_from_ip4(0xc0a80106),
                          4444, outside, query ? 0 : 53, text);
                check_equal(out(), TRANSLATE_DONE);
                packet_of(kinds[is6][k], inside, 4444, outside, query ? 0 : 53, text);
                check_equal(out(), TRANSLATE_DONE);
                check_now(outer, outside);
                port = u16_at(bytes + transport + (query ? 4 : 0));
                check(port != 4444);
                packet_of(kinds[is6][k], outside, query ? 0 : 53, outer, port, text);
                check_equal(in(), TRANSLATE_DONE);
                check_now(outside, inside);
                check_equal(u16_at(bytes + transport + (query ? 4 : 2)), 4444);
                end();
            }
}

static void a_wrong_checksum_stays_wrong(void)
{
    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 20);
    bytes[transport + 15] ^= 1;
    check_equal(out(), TRANSLATE_DONE);
    check(checksum_finish(
              checksum_add(checksum_pseudo(outer, outside, UDP, 28), bytes + transport, 28)) != 0);
    end();
}

static void no_checksum_of_udp_stays_none(void)
{
    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 20);
    u16_put(bytes + transport + 6, 0);
    check_equal(out(), TRANSLATE_DONE);
    check_equal(u16_at(bytes + transport + 6), 0);
    end();
}

/* A checksum that becomes 0 is written as 0xffff: 0 would say that there is none. */
static void a_checksum_of_udp_never_becomes_none(void)
{
    uint32_t seen = 0;

    begin(false);
    for (uint32_t i = 0; i < 0x10000; i++) {
        packet_of(UDP, inside, 4444, outside, 53, 2);
        u16_put(bytes + transport + 8, (uint16_t)i);
        u16_put(bytes + transport + 6, 0);
        u16_put(bytes + transport + 6,
                checksum_finish(checksum_add(checksum_pseudo(inside, outside, UDP, 10),
                                             bytes + transport, 10)));
        if (u16_at(bytes + transport + 6) == 0)
            u16_put(bytes + transport + 6, 0xffff);
        check_equal(out(), TRANSLATE_DONE);
        check(u16_at(bytes + transport + 6) != 0);
        seen += u16_at(bytes + transport + 6) == 0xffff;
        check_now(outer, outside);
    }
    check(seen > 0);
    end();
}

static void errors_from_outside_reach_who_sent(void)
{
    static const struct {
        bool is6;
        uint8_t protocol, type;
        uint32_t quoted; /* of the packet */
    } rows[] = {
        {false, UDP, 3, 28},   {false, UDP, 11, 60}, {false, TCP, 3, 28}, {false, TCP, 12, 60},
        {false, ICMP, 11, 28}, {true, UDP, 1, 48},   {true, TCP, 2, 60},  {true, ICMP6, 3, 60},
    };
    uint8_t quoted[128];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool query = rows[i].protocol == ICMP || rows[i].protocol == ICMP6;
        struct address router;
        uint32_t head = rows[i].is6 ? 40 : 20;

        begin(rows[i].is6);
        router = rows[i].is6 ? (struct address){outside.high, 77} : address_from_ip4(0xc63364fe);
        packet_of(rows[i].protocol, inside, 4444, outside, query ? 0 : 53, 40);
        check_equal(out(), TRANSLATE_DONE);
        memcpy(quoted, bytes + AT, rows[i].quoted);
        error_of(rows[i].type, 0, router, outer, quoted, rows[i].quoted);
        check_equal(in(), TRANSLATE_DONE);
        check_now(router, inside);
        check(address_equal(header_address(bytes + transport + 8, false), inside));
        check(address_equal(header_address(bytes + transport + 8, true), outside));
        check_equal(u16_at(bytes + transport + 8 + head + (query ? 4 : 0)), 4444);
        if (!rows[i].is6)
            check_equal(checksum_finish(checksum_header(0, bytes + transport + 8, 20)), 0);
        /* as the inside sent it, where all of it came back */
        if (rows[i].quoted == head + 48)
            check_packet(bytes + transport + 8, head + 48, rows[i].protocol, inside, outside);
        end();
    }
}

static void errors_from_inside_are_the_routers(void)
{
    uint8_t quoted[128];

    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 40);
    check_equal(out(), TRANSLATE_DONE);
    packet_of(UDP, outside, 53, outer, 4444, 4);
    check_equal(in(), TRANSLATE_DONE);
    memcpy(quoted, bytes + AT, 32);
    error_of(3, 3, inside, outside, quoted, 32);
    check_equal(out(), TRANSLATE_DONE);
    check_now(outer, outside);
    check_packet(bytes + transport + 8, 32, UDP, outside, outer);
    /* one from a router further inside has an address that must not be seen either */
    error_of(11, 0, address_from_ip4(0xc0a80201), outside, quoted, 32);
    check_equal(out(), TRANSLATE_DONE);
    check_now(outer, outside);
    end();
}

static void errors_of_no_session_are_dropped(void)
{
    uint8_t quoted[128];

    begin(false);
    write_packet(quoted, UDP, outer, 4444, outside, 53, 8);
    error_of(3, 3, outside, outer, quoted, 36);
    check_equal(in(), TRANSLATE_NONE);
    write_packet(quoted, UDP, outside, 53, inside, 4444, 8);
    error_of(3, 3, inside, outside, quoted, 36);
    check_equal(out(), TRANSLATE_FILTERED);
    end();
}

static void damaged_errors_are_refused(void)
{
    uint8_t quoted[128];

    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 40);
    check_equal(out(), TRANSLATE_DONE);
    memcpy(quoted, bytes + AT, 68);
    error_of(3, 3, outside, outer, quoted, 68);
    bytes[transport + 30] ^= 4; /* its checksum does not match */
    check_equal(in(), TRANSLATE_MALFORMED);
    quoted[15] ^= 1; /* that of the quoted header does not */
    error_of(3, 3, outside, outer, quoted, 68);
    check_equal(in(), TRANSLATE_MALFORMED);
    quoted[15] ^= 1;
    for (uint32_t length = 0; length < 28; length++) {
        error_of(3, 3, outside, outer, quoted, length);
        check_equal(in(), TRANSLATE_MALFORMED);
    }
    u16_put(quoted + 6, 1); /* a later fragment has no ports */
    u16_put(quoted + 10, 0);
    u16_put(quoted + 10, checksum_finish(checksum_header(0, quoted, 20)));
    error_of(3, 3, outside, outer, quoted, 68);
    check_equal(in(), TRANSLATE_MALFORMED);
    end();
}

/* RFC 5508 4.1 (b): options of the quoted header are walked past. */
static void a_quote_of_ipv6_finds_no_session_of_ipv4(void)
{
    const struct address inside4 = address_from_ip4(0xc0a80105), other4 = address_from_ip4(7);
    const struct address outer4 = address_from_ip4(0xcb007101);
    uint8_t quoted[64];

    begin(true);
    translate_outer_set(&nat, outer4, 0);
    packet_of(UDP, inside4, 4444, other4, 53, 8);
    check_equal(out(), TRANSLATE_DONE);
    (void)write_packet(quoted, UDP, outer, 4444, outside, 53, 8);
    memset(quoted + 8, 0, 32);
    u16_put(quoted + 18, 0xffff);
    u32_put(quoted + 20, address_to_ip4(outer4));
    u16_put(quoted + 34, 0xffff);
    u32_put(quoted + 36, address_to_ip4(other4));
    error_of(1, 4, outside, outer, quoted, 56);
    check_equal(in(), TRANSLATE_MALFORMED);
    end();
}

static void options_of_what_is_quoted_are_walked_past(void)
{
    uint8_t quoted[128], longer[128];

    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 40);
    check_equal(out(), TRANSLATE_DONE);
    memcpy(quoted, bytes + AT, 68);
    memcpy(longer, quoted, 20);
    memset(longer + 20, 1, 4); /* no operation */
    memcpy(longer + 24, quoted + 20, 48);
    longer[0] = 0x46;
    u16_put(longer + 10, 0);
    u16_put(longer + 10, checksum_finish(checksum_header(0, longer, 24)));
    error_of(3, 3, outside, outer, longer, 72);
    check_equal(in(), TRANSLATE_DONE);
    check_equal(u16_at(bytes + transport + 8 + 24), 4444);
    end();
}

/* Any bytes: nothing is read or written beyond them (the sanitizers see it), and no session comes
 * of what is not whole. */
static void any_bytes_do_no_harm(void)
{
    struct seeded seeded = {5508};

    for (int is6 = 0; is6 < 2; is6++) {
        begin(is6);
        for (uint32_t i = 0; i < 20000; i++) {
            uint32_t length = (uint32_t)draw_below(&seeded, 120);
            static const uint8_t protocols[] = {UDP, TCP, ICMP, ICMP6, 0, 47, 132};
            uint8_t *whole = malloc(AT + 40 + length);

            check(whole);
            transport = AT + (is6 ? 40 : 20);
            p = (struct packet){.bytes = whole,
                                .start = AT,
                                .end = transport + length,
                                .size = AT + 40 + length,
                                .network = AT};
            for (uint32_t b = AT; b < p.end; b++)
                whole[b] = (uint8_t)draw(&seeded);
            if (length > 0 && draw_below(&seeded, 2))
                whole[transport] = (uint8_t)(is6 ? 1 + draw_below(&seeded, 4) : 3);
            if (length > 20 && draw_below(&seeded, 2)) {
                whole[transport + 8] = is6 ? 0x60 : 0x45;
                whole[transport + 14] = (uint8_t)(draw_below(&seeded, 2) ? 44 : 0);
            }
            meta = (struct ip_meta){.source = draw_below(&seeded, 2) ? inside : outside,
                                    .dest = draw_below(&seeded, 2) ? outer : outside,
                                    .protocol = protocols[draw_below(&seeded, sizeof protocols)]};
            if (draw_below(&seeded, 2))
                (void)out();
            else
                (void)in();
            free(whole);
        }
        end();
    }
}

static void what_has_no_ports_is_refused(void)
{
    begin(false);
    packet_of(UDP, inside, 4444, outside, 53, 8);
    meta.protocol = 47;
    check_equal(out(), TRANSLATE_PROTOCOL);
    check_equal(in(), TRANSLATE_NONE);
    packet_of(TCP, inside, 4444, outside, 53, 0);
    p.end -= 1;
    check_equal(out(), TRANSLATE_MALFORMED);
    check_equal(translate_packet_drop(TRANSLATE_PROTOCOL), DROP_NAT_PROTOCOL);
    check_equal(translate_packet_drop(TRANSLATE_FULL), DROP_NAT_FULL);
    check_equal(translate_packet_drop(TRANSLATE_MALFORMED), DROP_NAT_HEADER);
    check_equal(translate_packet_drop(TRANSLATE_FILTERED), DROP_NAT_FILTERED);
    end();
}

/* RFC 5508 3.1. An identifier may be 0, which is no port that a question has come to. */
static void questions_from_outside_are_the_routers(void)
{
    for (int is6 = 0; is6 < 2; is6++) {
        begin(is6);
        packet_of(is6 ? ICMP6 : ICMP, inside, 1, outside, 0, 8);
        u16_put(bytes + transport + 4, 0);
        check_equal(out(), TRANSLATE_DONE);
        packet_of(is6 ? ICMP6 : ICMP, outside, 7, outer, 0, 8);
        check_equal(in(), TRANSLATE_NONE);
        check(!translate_packet_is_mapped(&nat, &meta, &p, transport));
        packet_of(is6 ? ICMP6 : ICMP, inside, 0, outside, 7, 8); /* nobody has asked */
        check_equal(out(), TRANSLATE_FILTERED);
        check_equal(nat.session_count, 1);
        end();
    }
}

/* RFC 5382 REQ-4: held, and silently forgotten if the inside has sent its own. */
static void a_syn_that_the_inside_makes_good_is_known(void)
{
    begin(false);
    packet_of(TCP, outside, 80, outer, 4444, 0);
    check(!translate_packet_is_known(&nat, &meta, &p, transport));
    packet_of(TCP, inside, 4444, outside, 80, 0);
    check_equal(out(), TRANSLATE_DONE);
    packet_of(TCP, outside, 80, outer, 4444, 0);
    check(translate_packet_is_known(&nat, &meta, &p, transport));
    end();
}

/* ---- prefixes ---- */

static void the_example_of_rfc6296_3_1(void)
{
    struct translate_prefix prefix = {.inner = {UINT64_C(0xfd01020304050000), 0},
                                      .outer = {UINT64_C(0x20010db800010000), 0},
                                      .bits = 48};
    struct address a = {UINT64_C(0xfd01020304050001), 0x1234};

    check(translate_prefix_outbound(&prefix, &a));
    check(a.high == UINT64_C(0x20010db80001d550) && a.low == 0x1234);
    check(translate_prefix_inbound(&prefix, &a));
    check(a.high == UINT64_C(0xfd01020304050001) && a.low == 0x1234);
}

static void prefixes_keep_every_checksum(void)
{
    struct seeded seeded = {6296};

    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t bits = 1 + (uint32_t)draw_below(&seeded, 64);
        struct address from = {draw(&seeded), draw(&seeded)}, to = {draw(&seeded), draw(&seeded)};
        struct translate_prefix prefix = {.inner = from, .outer = to, .bits = bits};
        struct address a = address_masked(from, bits), before;
        struct address rest = {draw(&seeded), draw(&seeded)}, masked = address_masked(rest, bits);

        a.high |= rest.high ^ masked.high;
        a.low |= rest.low ^ masked.low;
        before = a;
        if (!translate_prefix_outbound(&prefix, &a))
            continue;
        check(address_matches(a, to, bits));
        check_equal(checksum_finish(checksum_address(0, a)),
                    checksum_finish(checksum_address(0, before)));
        check(translate_prefix_inbound(&prefix, &a));
        check_equal(checksum_finish(checksum_address(0, a)),
                    checksum_finish(checksum_address(0, before)));
        check(address_matches(a, from, bits));
    }
}

static void what_no_word_can_take_up_has_no_outer_address(void)
{
    struct translate_prefix prefix = {.inner = {UINT64_C(0xfd01020304050000), 0},
                                      .outer = {UINT64_C(0x20010db800010000), 0},
                                      .bits = 48};
    struct address a = {UINT64_C(0xfd0102030405ffff), 1}, b = {UINT64_C(0xfd01020304060000), 1};

    check(!translate_prefix_outbound(&prefix, &a));
    check(!translate_prefix_outbound(&prefix, &b));
    prefix.bits = 64;
    a = (struct address){UINT64_C(0xfd01020304050000), UINT64_MAX};
    check(!translate_prefix_outbound(&prefix, &a));
    a.low = UINT64_C(0xffff000000000001);
    check(translate_prefix_outbound(&prefix, &a));
    check_equal(a.low >> 48, 0xffff); /* the word of all ones is left alone */
    prefix.bits = 0;
    check(!translate_prefix_outbound(&prefix, &b));
}

static void packets_pass_by_prefixes(void)
{
    uint8_t quoted[128];
    struct address there;

    begin(true);
    nat.prefix = (struct translate_prefix){.inner = {UINT64_C(0xfd00000000010000), 0},
                                           .outer = {UINT64_C(0x20010db800010000), 0},
                                           .bits = 64};
    packet_of(47, inside, 1, outside, 2, 40);
    check_equal(out(), TRANSLATE_DONE); /* of any protocol */
    packet_of(UDP, inside, 4444, outside, 53, 40);
    check_equal(out(), TRANSLATE_DONE);
    there = meta.source;
    check(address_matches(there, nat.prefix.outer, 64));
    check_now(there, outside);
    check_equal(u16_at(bytes + transport), 4444);
    memcpy(quoted, bytes + AT, 88);
    error_of(1, 4, outside, there, quoted, 88);
    check_equal(in(), TRANSLATE_DONE);
    check_now(outside, inside);
    check_packet(bytes + transport + 8, 88, UDP, inside, outside);
    check_equal(nat.session_count, 0);
    end();
}

static const struct test tests[] = {
    {"UDP, TCP and echoes of both families go out and come back with right checksums",
     every_protocol_goes_out_and_comes_back},
    {"RFC 1624 3: a wrong checksum stays wrong", a_wrong_checksum_stays_wrong},
    {"RFC 768: no checksum stays none", no_checksum_of_udp_stays_none},
    {"RFC 768: a checksum never becomes none", a_checksum_of_udp_never_becomes_none},
    {"RFC 5508 REQ-4: errors from outside reach who sent, as that knows its packet",
     errors_from_outside_reach_who_sent},
    {"RFC 5508 REQ-5: errors from inside are the router's", errors_from_inside_are_the_routers},
    {"RFC 5508 REQ-4, REQ-5: errors of no session are dropped", errors_of_no_session_are_dropped},
    {"RFC 5508 REQ-3: damaged errors are refused", damaged_errors_are_refused},
    {"RFC 5508 REQ-3: a quote of IPv6 finds no session of IPv4",
     a_quote_of_ipv6_finds_no_session_of_ipv4},
    {"RFC 5508 REQ-3b: options of what is quoted are walked past",
     options_of_what_is_quoted_are_walked_past},
    {"any bytes do no harm", any_bytes_do_no_harm},
    {"what has no ports, or is cut off, is refused by name", what_has_no_ports_is_refused},
    {"RFC 5508 3.1: questions from outside are the router's",
     questions_from_outside_are_the_routers},
    {"RFC 5382 REQ-4: a SYN that the inside makes good is known",
     a_syn_that_the_inside_makes_good_is_known},
    {"RFC 6296 3.1: the example", the_example_of_rfc6296_3_1},
    {"RFC 6296 2.6: no exchange of prefixes changes a checksum", prefixes_keep_every_checksum},
    {"RFC 6296 3.5: an address that cannot take up the change has no outer one",
     what_no_word_can_take_up_has_no_outer_address},
    {"RFC 6296: packets and errors pass by prefixes without a state", packets_pass_by_prefixes},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
