/* SPDX-License-Identifier: MIT */
/*
 * RFC 9293 3.1 and 3.2: MUST-4 to MUST-7, MUST-64, MUST-69; RFC 7323 2.3; security P-07 and P-08.
 * Every header is laid out byte by byte here, and nothing of the stack writes what it later reads
 * but in the round trips.
 */
#include <string.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/base_test.h"

struct laid {
    uint8_t bytes[128];
    size_t length;
};

/* A header whose option area is `options`, filled with EOL up to a multiple of four, and a payload
 * of `payload` bytes of 0xee. */
static struct laid lay(uint8_t flags, const uint8_t *options, size_t count, size_t payload)
{
    struct laid l = {.length = 0};
    size_t area = (count + 3) & ~(size_t)3;

    check(area <= 40 && payload <= 60);
    l.bytes[1] = 80;
    l.bytes[3] = 81;
    l.bytes[7] = 7;
    l.bytes[11] = 9;
    l.bytes[12] = (uint8_t)((20 + area) / 4 << 4);
    l.bytes[13] = flags;
    l.bytes[15] = 99;
    if (count != 0)
        memcpy(l.bytes + 20, options, count);
    memset(l.bytes + 20 + area, 0xee, payload);
    l.length = 20 + area + payload;
    return l;
}

static bool parse(const struct laid *l, struct tcp_segment *seg)
{
    struct reader r = reader_of(l->bytes, l->length);

    memset(seg, 0xa5, sizeof *seg);
    return tcp_header_read(&r, seg);
}

static void options_of(uint8_t flags, const uint8_t *options, size_t count, struct tcp_segment *seg)
{
    struct laid l = lay(flags, options, count, 3);

    check(parse(&l, seg));
    check_equal(seg->length, 3);
    check_equal(seg->payload[0], 0xee);
}

static void fixed_fields(void)
{
    static const uint8_t bytes[20] = {0x12, 0x34, 0x56, 0x78, 0x80, 0,    0,    1,    0xff, 0xff,
                                      0xff, 0xfe, 0x50, 0xff, 0xab, 0xcd, 0x11, 0x22, 0x99, 0x88};
    struct reader r = reader_of(bytes, sizeof bytes);
    struct tcp_segment seg;

    check(tcp_header_read(&r, &seg));
    check_equal(seg.source_port, 0x1234);
    check_equal(seg.dest_port, 0x5678);
    check_equal(seg.seq, 0x80000001);
    check_equal(seg.ack, 0xfffffffe);
    check_equal(seg.flags, 0xff);
    check_equal(seg.wnd, 0xabcd);
    check_equal(seg.up, 0x9988);
    check_equal(seg.header_bytes, 20);
    check_equal(seg.length, 0);
    check_equal(seg.options, 0);
}

static void short_segments(void)
{
    uint8_t bytes[20] = {0};
    struct tcp_segment seg;

    bytes[12] = 0x50;
    for (size_t length = 0; length <= 20; length++) {
        struct reader r = reader_of(bytes, length);

        check_equal(tcp_header_read(&r, &seg), length == 20);
    }
}

/* P-08 */
static void data_offsets(void)
{
    struct tcp_segment seg;

    for (unsigned offset = 0; offset < 16; offset++) {
        for (size_t length = 20; length <= 64; length++) {
            struct laid l = {.length = length};
            bool good = offset >= 5 && offset * 4 <= length;

            l.bytes[12] = (uint8_t)(offset << 4);
            check_equal(parse(&l, &seg), good);
            if (good)
                check_equal(seg.length, length - offset * 4);
        }
    }
}

/* P-07: every kind with every length, at the end of the area and before it. */
static void kinds_and_lengths(void)
{
    struct tcp_segment seg;

    for (unsigned kind = 2; kind < 256; kind++) {
        for (unsigned length = 0; length <= 40; length++) {
            uint8_t area[40];
            bool over = length < 2;
            unsigned mss_at = length;

            memset(area, 1, sizeof area);
            area[0] = (uint8_t)kind;
            area[1] = (uint8_t)length;
            if (length + 4 <= 40 && !over)
                memcpy(area + mss_at, "\x02\x04\x05\xb4", 4);
            options_of(TCP_SYN, area, sizeof area, &seg);
            if (over) /* MUST-7: it stops there, and what was before holds */
                check_equal(seg.options, 0);
            else if (length + 4 <= 40) { /* MUST-6: what follows an option is read */
                check(seg.options & TCP_HAS_MSS);
                check_equal(seg.mss, 1460);
            }
        }
    }
}

static void overruns(void)
{
    struct tcp_segment seg;

    for (unsigned length = 2; length < 256; length++) {
        for (unsigned at = 0; at < 40; at++) {
            uint8_t area[40];

            memset(area, 1, sizeof area);
            area[at] = 8; /* a timestamp that may end behind the header */
            if (at < 39)
                area[at + 1] = (uint8_t)length;
            options_of(0, area, sizeof area, &seg);
            check_equal((seg.options & TCP_HAS_TIMESTAMP) != 0, length == 10 && at + 10 <= 40);
            check_equal(seg.length, 3);
        }
    }
}

struct length_case {
    uint8_t kind, right; /* the whole length that is right, 0: blocks of 8 */
    uint32_t seen;
};

static void wrong_lengths(void)
{
    static const struct length_case cases[] = {
        {2, 4, TCP_HAS_MSS},  {3, 3, TCP_HAS_WSCALE},     {4, 2, TCP_HAS_SACK_OK},
        {5, 0, TCP_HAS_SACK}, {8, 10, TCP_HAS_TIMESTAMP},
    };
    struct tcp_segment seg;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (unsigned length = 2; length <= 40; length++) {
            uint8_t area[40];
            bool right = cases[i].right != 0 ? length == cases[i].right
                                             : length >= 10 && length <= 34 && length % 8 == 2;

            memset(area, 1, sizeof area);
            area[0] = cases[i].kind;
            area[1] = (uint8_t)length;
            options_of(TCP_SYN, area, sizeof area, &seg);
            check_equal(seg.options, right ? cases[i].seen : 0);
        }
    }
}

static void window_scales(void)
{
    struct tcp_segment seg;

    for (unsigned shift = 0; shift < 256; shift++) {
        uint8_t area[4] = {1, 3, 3, (uint8_t)shift};

        options_of(TCP_SYN, area, 4, &seg);
        check_equal(seg.options, TCP_HAS_WSCALE);
        check_equal(seg.wscale, shift < 14 ? shift : 14);
    }
}

static void end_of_options(void)
{
    static const uint8_t area[] = {0, 2, 4, 5, 0xb4, 3, 3, 7};
    struct tcp_segment seg;

    options_of(TCP_SYN, area, sizeof area, &seg);
    check_equal(seg.options, 0);
}

static void nops(void)
{
    uint8_t area[40];
    struct tcp_segment seg;

    memset(area, 1, sizeof area);
    options_of(TCP_SYN, area, sizeof area, &seg);
    check_equal(seg.options, 0);
    check_equal(seg.header_bytes, 60);
    check_equal(seg.length, 3);
}

static void repeated(void)
{
    static const uint8_t area[] = {2, 4, 1, 0, 2, 4, 2, 0, 3, 3, 2, 3, 3, 5, 4, 2, 4, 2};
    struct tcp_segment seg;

    options_of(TCP_SYN, area, sizeof area, &seg);
    check_equal(seg.options, TCP_HAS_MSS | TCP_HAS_WSCALE | TCP_HAS_SACK_OK);
    check_equal(seg.mss, 0x200);
    check_equal(seg.wscale, 5);
}

/* MUST-64: each option at each place of a word; MUST-4: EOL, NOP and MSS in any order. */
static void alignments(void)
{
    struct tcp_segment seg;

    for (unsigned before = 0; before < 20; before++) {
        uint8_t area[40];
        unsigned at = before;

        memset(area, 1, before);
        memcpy(area + at, "\x02\x04\x12\x34", 4);
        at += 4;
        memcpy(area + at, "\x08\x0a\x01\x02\x03\x04\x05\x06\x07\x08", 10);
        at += 10;
        memcpy(area + at, "\x03\x03\x09", 3);
        at += 3;
        area[at++] = 0;
        options_of(TCP_SYN, area, at, &seg);
        check_equal(seg.options, TCP_HAS_MSS | TCP_HAS_TIMESTAMP | TCP_HAS_WSCALE);
        check_equal(seg.mss, 0x1234);
        check_equal(seg.ts_val, 0x01020304);
        check_equal(seg.ts_ecr, 0x05060708);
        check_equal(seg.wscale, 9);
    }
}

/* MUST-5: options in any segment; but MSS, scale and SACK-permitted mean something in a SYN only */
static void outside_of_a_syn(void)
{
    static const uint8_t area[] = {2, 4, 5, 0xb4, 3, 3,  7, 4, 2, 8, 10, 0, 0, 0, 1,
                                   0, 0, 0, 2,    5, 10, 0, 0, 0, 3, 0,  0, 0, 4};
    static const uint8_t flags[] = {TCP_ACK, TCP_ACK | TCP_FIN, TCP_RST, 0};
    struct tcp_segment seg;

    for (size_t i = 0; i < sizeof flags; i++) {
        options_of(flags[i], area, sizeof area, &seg);
        check_equal(seg.options, TCP_HAS_TIMESTAMP | TCP_HAS_SACK);
        check_equal(seg.block_count, 1);
        check_equal(seg.block[0].from, 3);
        check_equal(seg.block[0].to, 4);
    }
}

static void near_numbers(void)
{
    const tcp_seq base = (UINT64_C(5) << 32) + 10;
    struct tcp_segment seg = {.seq = 5, .ack = 0xfffffff0u, .block_count = 1};

    check_equal(tcp_seq_near(base, 10), base);
    check_equal(tcp_seq_near(base, 9), base - 1);
    check_equal(tcp_seq_near(base, 0xffffffffu), base - 11);
    check_equal(tcp_seq_near(base, 0x80000009u), base + 0x7fffffff);
    check_equal(tcp_seq_near(base, 0x8000000au), base - 0x80000000);
    check_equal(tcp_seq_near(base - 11, 0), base - 10);
    seg.block[0].from = 0xffffffffu;
    seg.block[0].to = 3;
    tcp_header_place(&seg, base, base + 5);
    check_equal(seg.seq, base - 5);
    check_equal(seg.ack, base - 26);
    check_equal(seg.block[0].from, base - 11);
    check_equal(seg.block[0].to, base - 7);
}

static void segment_lengths(void)
{
    struct tcp_segment seg = {.length = 10};

    check_equal(tcp_segment_len(&seg), 10);
    seg.flags = TCP_SYN;
    check_equal(tcp_segment_len(&seg), 11);
    seg.flags = TCP_SYN | TCP_FIN | TCP_ACK;
    check_equal(tcp_segment_len(&seg), 12);
}

static void write_random(struct seeded *random, struct tcp_segment *seg)
{
    static const uint32_t seen[] = {TCP_HAS_MSS, TCP_HAS_WSCALE, TCP_HAS_SACK_OK,
                                    TCP_HAS_TIMESTAMP};

    memset(seg, 0, sizeof *seg);
    seg->source_port = (uint16_t)draw(random);
    seg->dest_port = (uint16_t)draw(random);
    seg->seq = (uint32_t)draw(random);
    seg->ack = (uint32_t)draw(random);
    seg->wnd = (uint16_t)draw(random);
    seg->up = (uint16_t)draw(random);
    seg->flags = (uint8_t)draw(random);
    for (size_t i = 0; i < 4; i++)
        if ((seg->flags & TCP_SYN || seen[i] == TCP_HAS_TIMESTAMP) && draw(random) & 1)
            seg->options |= seen[i];
    seg->mss = seg->options & TCP_HAS_MSS ? (uint16_t)draw(random) : 0;
    seg->wscale = seg->options & TCP_HAS_WSCALE ? (uint8_t)draw_below(random, 15) : 0;
    if (seg->options & TCP_HAS_TIMESTAMP) {
        seg->ts_val = (uint32_t)draw(random);
        seg->ts_ecr = (uint32_t)draw(random);
    }
    if (!(seg->flags & TCP_SYN))
        seg->block_count =
            (uint8_t)draw_below(random, seg->options & TCP_HAS_TIMESTAMP ? 4 : TCP_SACK_BLOCKS + 1);
    for (unsigned i = 0; i < seg->block_count; i++) {
        seg->block[i].from = (uint32_t)draw(random);
        seg->block[i].to = (uint32_t)draw(random);
    }
    if (seg->block_count != 0)
        seg->options |= TCP_HAS_SACK;
}

static void round_trips(void)
{
    struct seeded random = {7};

    for (int i = 0; i < 20000; i++) {
        struct tcp_segment seg, again;
        struct laid l = {.length = 0};
        struct writer w = writer_of(l.bytes, TCP_HEADER_MOST);

        write_random(&random, &seg);
        tcp_header_write(&w, &seg);
        check(!w.failed);
        l.length = (size_t)(w.at - l.bytes);
        check_equal(l.length, tcp_header_bytes(&seg));
        check_equal(l.length % 4, 0);
        check(parse(&l, &again));
        check_equal(again.header_bytes, l.length);
        check(again.source_port == seg.source_port && again.dest_port == seg.dest_port);
        check(again.seq == seg.seq && again.ack == seg.ack && again.wnd == seg.wnd);
        check(again.up == seg.up && again.flags == seg.flags);
        check_equal(again.options, seg.options);
        check(again.mss == seg.mss && again.wscale == seg.wscale);
        check(again.ts_val == seg.ts_val && again.ts_ecr == seg.ts_ecr);
        check_equal(again.block_count, seg.block_count);
        for (unsigned k = 0; k < seg.block_count; k++)
            check(again.block[k].from == seg.block[k].from && again.block[k].to == seg.block[k].to);
    }
}

/* MUST-69: what fills the header up is NOPs before options here, and nothing after the last one. */
static void the_last_option_ends_the_header(void)
{
    static const uint8_t want[] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
    struct tcp_segment seg = {.flags = TCP_SYN,
                              .options = TCP_HAS_MSS | TCP_HAS_SACK_OK | TCP_HAS_TIMESTAMP |
                                         TCP_HAS_WSCALE,
                              .mss = 1460,
                              .ts_val = 1,
                              .wscale = 7};
    uint8_t bytes[60];
    struct writer w = writer_of(bytes, sizeof bytes);

    tcp_header_write(&w, &seg);
    check_equal(w.at - bytes, 40);
    check(memcmp(bytes + 20, want, sizeof want) == 0);
    check_equal(bytes[12] & 0x0f, 0); /* reserved bits are zero when sent */
    check(bytes[16] == 0 && bytes[17] == 0);
}

static const struct test tests[] = {
    {"the fixed fields are read in network order", fixed_fields},
    {"a segment shorter than a header is refused", short_segments},
    {"a data offset below 5 or beyond the segment is refused (P-08)", data_offsets},
    {"every kind with every length is finite, and stepped over (MUST-6, P-07)", kinds_and_lengths},
    {"an option that ends behind the header is ignored (MUST-7, P-07)", overruns},
    {"a known option with a wrong length is ignored (MUST-7)", wrong_lengths},
    {"a window scale above 14 is 14 (RFC 7323 2.3)", window_scales},
    {"nothing behind the end of options is read", end_of_options},
    {"forty NOPs are no options", nops},
    {"of a repeated option the last holds", repeated},
    {"options need no alignment (MUST-64, MUST-4)", alignments},
    {"what belongs in a SYN is ignored elsewhere (MUST-5)", outside_of_a_syn},
    {"numbers of the wire are placed near the connection's", near_numbers},
    {"SYN and FIN count in SEG.LEN", segment_lengths},
    {"what is written is read back", round_trips},
    {"the option area ends with an option (MUST-69)", the_last_option_ends_the_header},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
