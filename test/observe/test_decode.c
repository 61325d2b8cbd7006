/* SPDX-License-Identifier: MIT */
/* decode.h: what a frame says, and what is wrong with a broken one. */
#include "check.h"
#include "frames.h"
#include "observe/decode/decode.h"
#include <stdlib.h>

static const uint8_t syn_options[] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
                                      0, 7, 0, 0,    0, 9, 1, 3,  3, 8};

static void reads_tcp_with_options(void)
{
    struct frame f;
    struct decode d;

    frame_tcp(&f, &(struct segment){1, DECODE_SYN, 1000, 0, 0, syn_options, sizeof syn_options});
    decode_frame(&d, f.bytes, f.length, false);
    check(d.has_ethernet && d.has_ip && d.has_tcp && !d.broken);
    check_equal(d.tcp.source_port, 40000);
    check_equal(d.tcp.dest_port, 80);
    check_equal(d.tcp.seq, 1000);
    check_equal(d.tcp.flags, DECODE_SYN);
    check(d.tcp.has_mss && d.tcp.sack_permitted && d.tcp.has_timestamps && d.tcp.has_wscale);
    check_equal(d.tcp.mss, 1460);
    check_equal(d.tcp.ts_value, 7);
    check_equal(d.tcp.ts_echo, 9);
    check_equal(d.tcp.wscale, 8);
    check(d.tcp.checksum_ok && d.ip.checksum_ok);
    check_equal(d.payload_length, 0);
}

static void padding_is_no_payload(void)
{
    struct frame f;
    struct decode d;

    frame_tcp(&f, &(struct segment){.from = 1, .flags = DECODE_ACK, .seq = 1, .ack = 1});
    memset(f.bytes + f.length, 0, 6);
    decode_frame(&d, f.bytes, f.length + 6, false);
    check(!d.broken);
    check_equal(d.payload_length, 0);
}

static void names_wrong_checksums(void)
{
    struct frame f;
    struct decode d;

    frame_tcp(&f, &(struct segment){.from = 2, .flags = DECODE_ACK, .seq = 1, .length = 11});
    f.bytes[f.length - 1] ^= 1;
    decode_frame(&d, f.bytes, f.length, false);
    check(d.has_tcp && !d.tcp.checksum_ok && d.ip.checksum_ok);
    check(d.broken && strcmp(d.broken, "TCP: checksum wrong") == 0);
    f.bytes[f.length - 1] ^= 1;
    f.bytes[ETHERNET + 8] ^= 1;
    decode_frame(&d, f.bytes, f.length, false);
    check(d.tcp.checksum_ok && !d.ip.checksum_ok);
    check(d.broken && strcmp(d.broken, "IP: header checksum wrong") == 0);
}

static void names_a_broken_option_and_a_broken_offset(void)
{
    static const uint8_t bad[] = {2, 0, 0, 0};
    struct frame f;
    struct decode d;

    frame_tcp(&f, &(struct segment){1, DECODE_SYN, 1, 0, 0, bad, sizeof bad});
    decode_frame(&d, f.bytes, f.length, false);
    check(d.has_tcp && !d.tcp.options_ok);
    f.bytes[ETHERNET + IP + 12] = 0x40;
    decode_frame(&d, f.bytes, f.length, false);
    check(d.broken && strcmp(d.broken, "TCP: data offset wrong") == 0);
}

static void reads_sack_blocks(void)
{
    static const uint8_t sack[] = {1, 1, 5, 10, 0, 0, 0, 10, 0, 0, 0, 20};
    struct frame f;
    struct decode d;

    frame_tcp(&f, &(struct segment){2, DECODE_ACK, 1, 1, 0, sack, sizeof sack});
    decode_frame(&d, f.bytes, f.length, false);
    check_equal(d.tcp.sacks, 1);
    check_equal(d.tcp.sack_start[0], 10);
    check_equal(d.tcp.sack_end[0], 20);
}

static void reads_udp_and_what_icmp_quotes(void)
{
    struct frame f, g;
    struct decode d;
    uint8_t *udp = f.bytes + ETHERNET + IP, *icmp = g.bytes + ETHERNET + IP;

    memset(udp, 0, 12);
    put16(udp, 5000);
    put16(udp + 2, 53);
    put16(udp + 4, 12);
    frame_wrap(&f, 1, 17, 12);
    put16(udp + 6, frame_transport_sum(&f, 17, 12));
    decode_frame(&d, f.bytes, f.length, false);
    check(d.has_udp && d.udp.checksum_ok && !d.broken);
    check_equal(d.payload_length, 4);

    memset(icmp, 0, 8);
    icmp[0] = icmp[1] = 3;
    memcpy(icmp + 8, f.bytes + ETHERNET, 28);
    put16(icmp + 2, frame_fold(frame_sum(0, icmp, 36)));
    frame_wrap(&g, 2, 1, 36);
    decode_frame(&d, g.bytes, g.length, false);
    check(d.has_icmp && d.icmp.checksum_ok && d.icmp.has_quote && d.icmp.has_quote_ports);
    check_equal(d.icmp.quote_dest_port, 53);
    check_equal((int)(d.icmp.quote.source.low & 0xff), 1);
}

static void reads_arp(void)
{
    uint8_t bytes[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8,  6, 0, 1,
                         8,    0,    6,    4,    0,    1,    2, 0, 0, 0, 0, 1, 10, 0, 0, 1};
    struct decode d;

    decode_frame(&d, bytes, sizeof bytes, false);
    check(d.has_arp && !d.broken && d.arp.operation == 1 && (d.arp.sender.low & 0xff) == 1);
    bytes[18] = 8;
    decode_frame(&d, bytes, sizeof bytes, false);
    check(d.broken && strcmp(d.broken, "ARP: address lengths wrong") == 0);
}

/* Under the sanitizers every read past the end is found: each buffer is exactly as long. */
static void any_cut_and_any_flip_is_read_safely(void)
{
    struct frame f;
    struct decode d;
    size_t broken = 0;

    frame_tcp(&f, &(struct segment){1, DECODE_SYN, 1000, 0, 3, syn_options, sizeof syn_options});
    for (uint32_t cut = 0; cut <= f.length; cut++) {
        for (uint32_t bit = 0; bit < 8 * cut; bit += 1) {
            uint8_t *copy = malloc(cut);

            check(copy != NULL);
            memcpy(copy, f.bytes, cut);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            decode_frame(&d, copy, cut, false);
            check(d.payload_length <= cut);
            broken += d.broken != NULL;
            free(copy);
        }
    }
    check(broken > 1000);
}

static const struct test tests[] = {
    {"a TCP segment is read with its options", reads_tcp_with_options},
    {"Ethernet's padding is no payload", padding_is_no_payload},
    {"a wrong checksum is named", names_wrong_checksums},
    {"a broken option and a broken data offset are named",
     names_a_broken_option_and_a_broken_offset},
    {"SACK blocks are read", reads_sack_blocks},
    {"UDP is read, and the packet that ICMP quotes", reads_udp_and_what_icmp_quotes},
    {"ARP is read", reads_arp},
    {"every cut and every flipped bit is read safely", any_cut_and_any_flip_is_read_safely},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
