/* SPDX-License-Identifier: MIT */
/*
 * Fragments that overlap, lie about their end, never come whole, or come in floods; and path MTU
 * messages of nobody. What the policy is, is written in 3-network/ip4/fragment4.h: a byte that came
 * is never overwritten, and any overlap but an exact repetition condemns the datagram.
 */
#include "vuln_bed.h"

enum { TEXT = 200, WHOLE = TEXT + 8 };

static int service;
static uint8_t whole[WHOLE];

static void begin(void)
{
    uint8_t text[TEXT];

    bed_open(SOCKEYE_DOOR_IP);
    service = bed_datagram(PORT);
    for (size_t i = 0; i < TEXT; i++)
        text[i] = (uint8_t)(i * 7 + 1);
    make_udp(whole, 9, PORT, text, TEXT);
    bed_flush();
}

/* Bytes [from, to) of the datagram as a fragment. */
static void send_piece(uint32_t id, uint32_t from, uint32_t to, bool more)
{
    static uint8_t zero[66000];
    const struct ip_spec spec = {.protocol = 17, .id = id, .offset = from, .more = more};

    bed_send_ip(&spec, to <= WHOLE ? whole + from : zero, to - from);
}

/* Did the datagram come, whole and right? */
static bool came(void)
{
    static uint8_t bytes[70000];
    ssize_t n = sockeye_receive(bed.lab, VICTIM, service, bytes, sizeof bytes, 0);

    check(n == -EAGAIN || (n == TEXT && memcmp(bytes, whole + 8, TEXT) == 0));
    return n == TEXT;
}

static void finish(void)
{
    uint64_t slots;

    bed_friend_talks();
    bed_advance(100 * BED_SECOND);
    slots = bed_slots();
    bed_advance(100 * BED_SECOND);
    check_equal(bed_slots(), slots);
    check_equal(sockeye_close_fd(bed.lab, VICTIM, service), 0);
}

static const uint32_t overlaps[][3][2] = {
    {{0, 104}, {96, 200}, {200, WHOLE}}, /* by eight */
    {{0, 104}, {48, 96}, {104, WHOLE}},  /* one inside another */
    {{0, 104}, {0, 96}, {104, WHOLE}},   /* the same start */
    {{0, 104}, {8, 104}, {104, WHOLE}},  /* the same end */
    {{48, 96}, {0, 104}, {104, WHOLE}},  /* one around another */
    {{96, WHOLE}, {0, 104}, {104, 104}}, /* the end first */
    {{0, 36}, {24, 28}, {32, WHOLE}},    /* teardrop: the second ends before the first does */
    {{0, 8}, {0, 200}, {200, WHOLE}},    /* the header again */
    {{0, 8}, {8, 200}, {192, WHOLE}},    /* the last over the middle */
};

static void overlaps_condemn(void)
{
    begin();
    for (uint32_t i = 0; i < sizeof overlaps / sizeof *overlaps; i++) {
        for (int k = 0; k < 3; k++)
            send_piece(i, overlaps[i][k][0], overlaps[i][k][1], overlaps[i][k][1] < WHOLE);
        check(!came());
        send_piece(i, 0, 104, true); /* late ones do not begin it anew */
        send_piece(i, 104, WHOLE, false);
        check(!came());
    }
    finish();
}

static void condemned_for_its_time(void)
{
    begin();
    send_piece(7, 0, 104, true);
    send_piece(7, 96, 200, true);
    for (int i = 0; i < 29; i++) {
        bed_advance(BED_SECOND);
        send_piece(7, 0, 104, true);
        send_piece(7, 104, WHOLE, false);
        check(!came());
    }
    bed_advance(2 * BED_SECOND);
    send_piece(7, 0, 104, true);
    send_piece(7, 104, WHOLE, false);
    check(came());
    finish();
}

static void no_datagram_is_too_long(void)
{
    begin();
    for (uint32_t length = 8; length <= 1480; length += 8)
        for (uint32_t offset = 64056; offset <= 65528; offset += 16) {
            uint64_t before = bed_drops(DROP_IP_FRAGMENT);

            send_piece(offset, offset, offset + length, length % 16 == 0);
            if (length + offset + 20 > 65535)
                check(bed_drops(DROP_IP_FRAGMENT) > before);
        }
    for (uint32_t from = 0; from + 1480 < 65535 + 1480;
         from += 1480) /* and a whole one, too long */
        send_piece(99, from, from + 1480, from + 2960 < 65535 + 1480);
    check(!came());
    check_equal(bed_flush(), 0);
    finish();
}

/* 20,000 first fragments of sources and numbers of chance (the row says a million). */
static void flood_of_single_fragments(void)
{
    struct sockaddr_in name = bed_name(VICTIM_INSIDE, PORT);
    uint64_t slots, most_slots = 0;
    int good = 0;
    int fd;

    begin();
    fd = sockeye_socket(bed.lab, FRIEND, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_connect(bed.lab, FRIEND, fd, &name, sizeof name), 0);
    slots = bed_slots();
    bed.unchecked = true;
    for (int i = 0; i < 20000; i++) {
        struct ip_spec spec = {.source = 0x0a000002 + bed_draw(200),
                               .protocol = 17,
                               .id = bed_draw(65536),
                               .offset = 8 * bed_draw(8000),
                               .more = true};

        make_ip(&spec, whole, 64);
        bed_inject_ip(made.bytes, made.length);
        bed_advance(20000);
        if (i % 200 == 0) {
            static uint8_t text[5000];

            check_equal(sockeye_check(bed.lab), 0);
            check_equal(sockeye_send(bed.lab, FRIEND, fd, text, sizeof text, 0), sizeof text);
        }
        if (i % 200 == 199) {
            static uint8_t text[6000];

            good += sockeye_receive(bed.lab, VICTIM, service, text, sizeof text, 0) == 5000;
        }
        if (bed_slots() > most_slots)
            most_slots = bed_slots();
    }
    bed.unchecked = false;
    check(most_slots < slots + 200);
    check_equal(good, 100); /* datagrams of the friend, in fragments too, all came */
    finish();
}

static void flood_of_tiny_fragments(void)
{
    uint64_t slots;

    begin();
    slots = bed_slots();
    for (uint32_t id = 0; id < 20; id++)
        for (uint32_t i = 0; i < 400; i++)
            send_piece(id, 16 * ((i * 193) % 4000), 16 * ((i * 193) % 4000) + 8, true);
    check(bed_slots() < slots + 100);
    check(bed_drops(DROP_IP_FRAGMENT) > 0);
    for (uint32_t from = 0; from < 104; from += 8) /* one of tiny pieces, from its end on */
        send_piece(1000, 200 - from - 8 + 8, 200 - from + 8, from != 0);
    for (uint32_t from = 0; from < 104; from += 8)
        send_piece(1000, from, from + 8, true);
    check(came());
    finish();
}

static void incomplete_ones_expire(void)
{
    int told = 0;

    begin();
    send_piece(1, 0, 104, true);      /* never ends: its source is told */
    send_piece(2, 104, WHOLE, false); /* never begins: nobody is told */
    send_piece(3, 8, 104, true);
    bed_advance(29 * BED_SECOND);
    check_equal(bed_flush(), 0);
    bed_advance(31 * BED_SECOND);
    for (; bed_take(); told++)
        check(seen.protocol == 1 && seen.type == 11 && seen.code == 1 && seen.dest == ATTACKER_IP);
    check_equal(told, 1);
    check_equal(bed_drops(DROP_IP_FRAGMENT_TIMEOUT), 3);
    finish();
}

static void keys_are_whole(void)
{
    static const struct ip_spec other[] = {
        {.source = ATTACKER_IP + 1, .protocol = 17, .id = 5},
        {.dest = 0x0a000003, .protocol = 17, .id = 5}, /* an address that we get below */
        {.protocol = 6, .id = 5},
        {.protocol = 17, .id = 6},
    };

    begin();
    check_equal(sockeye_address(bed.lab, VICTIM, 1, "10.0.0.3/24"), 0);
    send_piece(5, 0, 104, true);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct ip_spec spec = other[i];

        spec.offset = 104;
        bed_send_ip(&spec, whole + 104, WHOLE - 104);
        check(!came());
    }
    send_piece(5, 104, WHOLE, false);
    check(came());
    finish();
}

static void repetitions_are_ignored(void)
{
    begin();
    for (int i = 0; i < 5; i++) {
        send_piece(1, 104, WHOLE, false);
        send_piece(1, 8, 104, true);
    }
    check(!came());
    send_piece(1, 0, 8, true);
    check(came());
    send_piece(1, 0, 8, true); /* the last again begins a new one, which never ends */
    check(!came());
    finish();
}

static void ends_that_lie(void)
{
    begin();
    send_piece(1, 104, WHOLE, false); /* two ends */
    send_piece(1, 104, 200, false);
    send_piece(1, 0, 104, true);
    send_piece(2, 104, 200, false); /* bytes behind the end */
    send_piece(2, 200, WHOLE, true);
    send_piece(2, 0, 104, true);
    send_piece(3, 104, WHOLE, true); /* bytes before an end that is before them */
    send_piece(3, 0, 104, false);
    send_piece(4, 0, 100, true); /* not of eights */
    send_piece(4, 104, WHOLE, false);
    send_piece(5, 104, 104, false); /* of nothing */
    send_piece(5, 0, 104, true);
    send_piece(6, 104, WHOLE, false); /* the same bytes, once the end and once not */
    send_piece(6, 104, WHOLE, true);
    send_piece(6, 0, 104, true);
    check(!came());
    finish();
}

/* What was freed too early elsewhere: options in the first, and a timer at the very moment. */
static void completion_meets_the_timer(void)
{
    static const uint8_t options[40] = {7, 39, 4};
    const struct ip_spec first = {
        .protocol = 17, .id = 1, .more = true, .options = options, .option_bytes = 40};

    begin();
    for (int late = -2; late <= 2; late++) {
        bed_send_ip(&first, whole, 104);
        bed_advance(30 * BED_SECOND - 20000 + late * 10000);
        send_piece(1, 104, WHOLE, false);
        check_equal(came(), late < 1);
        bed_advance(31 * BED_SECOND);
        (void)bed_flush();
    }
    for (int i = 0; i < 3000; i++) { /* chance */
        uint32_t from = 8 * bed_draw(26), to = from + 8 * (1 + bed_draw(12));
        struct ip_spec spec = {.protocol = 17, .id = bed_draw(6), .offset = from};

        to = to > WHOLE ? WHOLE : to;
        spec.more = to < WHOLE && bed_draw(20) != 0;
        spec.options = bed_draw(3) ? NULL : options;
        spec.option_bytes = spec.options ? 40 : 0;
        bed_send_ip(&spec, whole + from, to - from);
        if (i % 50 == 0)
            bed_advance(8 * BED_SECOND);
        while (came())
            ;
        (void)bed_flush();
    }
    finish();
}

/* The victim's segments to a peer after "too big: mtu", about the first byte in flight. */
static size_t longest_after(uint32_t mtu, uint32_t total, int listener, uint32_t port)
{
    struct peer p = {.port = port, .window = 65535};
    uint8_t inner[28] = {0x45}, text[3000] = {0};
    size_t longest = 0;

    peer_open_with(&p, listener, (const uint8_t[]){2, 4, 0x05, 0xb4}, 4);
    check_equal(sockeye_send(bed.lab, VICTIM, p.fd, text, sizeof text, 0), sizeof text);
    bed_advance(10000);
    (void)bed_flush();
    put16(inner + 2, total);
    inner[6] = 0x40;
    inner[8] = 64;
    inner[9] = 6;
    put32(inner + 12, VICTIM_IP);
    put32(inner + 16, ATTACKER_IP);
    put16(inner + 10, checksum_of(inner, 20, 0));
    put16(inner + 20, PORT);
    put16(inner + 22, port);
    put32(inner + 24, p.ack);
    bed_send_icmp(3, 4, mtu, inner, sizeof inner);
    bed_advance(2 * BED_SECOND);
    while (bed_take_protocol(6))
        longest = seen.body_bytes + 20 > longest ? seen.body_bytes + 20 : longest;
    peer_reset(&p);
    return longest;
}

static void path_mtu_has_a_floor(void)
{
    static const uint32_t mtus[] = {1, 8, 20, 48, 67, 68, 100, 296, 551, 552, 576, 1000, 1499, 0};
    int listener;

    begin();
    listener = bed_listener(PORT, 4);
    bed_set("net.ipv4.route.mtu_expires", "1");
    for (uint32_t i = 0; i < sizeof mtus / sizeof *mtus; i++) {
        size_t longest = longest_after(mtus[i], 1500, listener, 2000 + i);

        if (mtus[i] != 0 && mtus[i] < 68)
            check_equal(longest, 1500);
        else
            check(longest >= 552 && longest <= 1500);
        if (mtus[i] >= 552)
            check_equal(longest, mtus[i]);
        bed_advance(3 * BED_SECOND);
    }
    check_equal(longest_after(1500, 1500, listener, 3000), 1500); /* never raised */
    check_equal(longest_after(9000, 65535, listener, 3001), 1500);
    check_equal(longest_after(65535, 65535, listener, 3002), 1500);
    check_equal(longest_after(1000, 900, listener, 3003), 1500); /* smaller than that already */
    finish();
}

static const struct test tests[] = {
    {"F-01 overlapping fragments are never put together", overlaps_condemn},
    {"F-01 what overlapped stays condemned for its time", condemned_for_its_time},
    {"F-02 no datagram grows beyond 65535 bytes", no_datagram_is_too_long},
    {"F-03 a flood of single fragments costs a bounded memory and no friend",
     flood_of_single_fragments},
    {"F-03 tiny fragments are bounded, and a few of them still work", flood_of_tiny_fragments},
    {"F-04 incomplete datagrams expire, and only a beginning is answered", incomplete_ones_expire},
    {"F-07 a path MTU has a floor and is never raised", path_mtu_has_a_floor},
    {"F-09 fragments of different keys never meet", keys_are_whole},
    {"F-11 a fragment repeated is ignored", repetitions_are_ignored},
    {"F-12 two ends, bytes behind the end and odd lengths are refused", ends_that_lie},
    {"F-13 completion, expiry and options at one moment", completion_meets_the_timer},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
