/* SPDX-License-Identifier: MIT */
/*
 * PART: the TCP header and its options <-> struct tcp_segment (RFC 9293 3.1, 3.2; RFC 7323 2, 3;
 * RFC 2018 2, 3). Reads checked bytes once; the connection later widens the 32-bit numbers to 64
 * (tcp_header_place). An option with a length that cannot be makes the reader stop at it and keep
 * what was good (MUST-7); unknown options are stepped over by their length (MUST-6).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* The control bits: RFC 9293 3.1, registered in RFC 9293 6. */
enum tcp_flag {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_PSH = 8,
    TCP_ACK = 16,
    TCP_URG = 32,
    TCP_ECE = 64,
    TCP_CWR = 128
};

enum tcp_header_constants {
    TCP_HEADER_BYTES = 20,
    TCP_HEADER_MOST = 60,
    TCP_SACK_BLOCKS = 4,
    TCP_TIMESTAMP_SPACE = 12, /* with two NOPs, as RFC 7323 appendix A recommends */
    TCP_WSCALE_MOST = 14      /* so that a window stays below 2^30: RFC 7323 2.3 */
};

typedef uint64_t tcp_seq; /* sequence numbers are 64 bits inside, 32 on the wire */

struct tcp_block {
    tcp_seq from, to;
};

/* RFC 9293 3.3.1: SEG.SEQ, SEG.ACK, SEG.LEN, SEG.WND, SEG.UP. */
struct tcp_segment {
    uint16_t source_port, dest_port;
    tcp_seq seq, ack;
    uint32_t wnd; /* as on the wire, unscaled */
    uint16_t up;
    uint8_t flags;
    uint8_t header_bytes;
    uint32_t length;  /* payload bytes */
    uint32_t options; /* enum tcp_option_seen */
    uint16_t mss;
    uint8_t wscale;
    uint8_t block_count;
    uint32_t ts_val, ts_ecr;
    struct tcp_block block[TCP_SACK_BLOCKS]; /* from on the wire 32 bits, placed later */
    const uint8_t *payload;
};

enum tcp_option_seen {
    TCP_HAS_MSS = 1,
    TCP_HAS_WSCALE = 2,
    TCP_HAS_SACK_OK = 4,
    TCP_HAS_TIMESTAMP = 8,
    TCP_HAS_SACK = 16
};

/* The number on the wire nearest to a 64-bit one: RFC 9293 3.4, arithmetic modulo 2^32. */
static inline tcp_seq tcp_seq_near(tcp_seq near, uint32_t wire)
{
    return near + (uint64_t)(int64_t)(int32_t)(wire - (uint32_t)near);
}

/* SEG.LEN, with SYN and FIN: RFC 9293 3.4. */
static inline uint32_t tcp_segment_len(const struct tcp_segment *seg)
{
    return seg->length + ((seg->flags & TCP_SYN) != 0) + ((seg->flags & TCP_FIN) != 0);
}

/* Reads header and options; seg->payload is what follows. false: data offset below 5 or beyond the
 * segment (drop it). */
bool tcp_header_read(struct reader *r, struct tcp_segment *seg);
/* Puts the numbers of a segment near the connection's own: seq near rcv_nxt, ack and SACK blocks
 * near snd_una. */
void tcp_header_place(struct tcp_segment *seg, tcp_seq rcv_nxt, tcp_seq snd_una);
/* Nothing, or timestamps alone: every segment but SYNs and those with SACK blocks. */
static inline bool tcp_header_is_plain(const struct tcp_segment *seg)
{
    return (seg->options & ~(uint32_t)TCP_HAS_TIMESTAMP) == 0 && seg->block_count == 0;
}

/* Bytes the header will take. */
uint32_t tcp_header_bytes_of_all(const struct tcp_segment *seg);
static inline uint32_t tcp_header_bytes(const struct tcp_segment *seg)
{
    if (!tcp_header_is_plain(seg))
        return tcp_header_bytes_of_all(seg);
    return TCP_HEADER_BYTES + (seg->options ? TCP_TIMESTAMP_SPACE : 0u);
}
/* Writes header and options, checksum zero. Options in Linux's order and padding (NOPs first). */
void tcp_header_write(struct writer *w, const struct tcp_segment *seg);
