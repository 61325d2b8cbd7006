/* SPDX-License-Identifier: MIT */
/*
 * Header and options, bytes <-> meaning. RFC 9293 3.1 (format), 3.2 (options, MUST-4 to MUST-7,
 * MUST-64), RFC 7323 2.2 (window scale), 3.2 (timestamps), RFC 2018 2 and 3 (SACK). Options are
 * written as Linux orders them: MSS, SACK-permitted with timestamps, NOP and window scale.
 */
#include "4-transport/tcp/parts/tcp_header.h"

#include "base/compiler.h"

enum tcp_option_kind {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WSCALE = 3,
    OPTION_SACK_OK = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMP = 8
};

/* RFC 7323 appendix A: how most headers' options begin, and then there are no others. */
#define TIMESTAMP_ALONE ((uint32_t)OPTION_NOP << 24 | OPTION_NOP << 16 | OPTION_TIMESTAMP << 8 | 10)

/* RFC 2018 3: one to four pairs of edges; with any other length it is no SACK option. */
static void sack_read(struct reader *option, struct tcp_segment *seg)
{
    size_t bytes = reader_left(option);

    if (bytes == 0 || bytes % 8 != 0 || bytes / 8 > TCP_SACK_BLOCKS)
        return;
    seg->options |= TCP_HAS_SACK;
    seg->block_count = (uint8_t)(bytes / 8);
    for (unsigned i = 0; i < seg->block_count; i++) {
        seg->block[i].from = read_u32(option);
        seg->block[i].to = read_u32(option);
    }
}

/* One option whose length is right for its kind, else it is ignored (MUST-7): RFC 9293 3.2 (MSS),
 * RFC 9293 3.2.1 (those of RFC 7323 2.2 and 3.2, of RFC 2018 2 and 3). An experimental one (RFC
 * 9293 3.2.2) is unknown like any other. */
static void option_read(struct tcp_segment *seg, uint8_t kind, struct reader *option)
{
    size_t bytes = reader_left(option);

    switch (kind) {
    case OPTION_MSS:
        if (bytes == 2 && (seg->flags & TCP_SYN)) {
            seg->mss = read_u16(option);
            seg->options |= TCP_HAS_MSS;
        }
        break;
    case OPTION_WSCALE:
        if (bytes == 1 && (seg->flags & TCP_SYN)) {
            seg->wscale = read_u8(option);
            if (seg->wscale > TCP_WSCALE_MOST) /* RFC 7323 2.3: used as 14, not refused */
                seg->wscale = TCP_WSCALE_MOST;
            seg->options |= TCP_HAS_WSCALE;
        }
        break;
    case OPTION_SACK_OK:
        if (bytes == 0 && (seg->flags & TCP_SYN))
            seg->options |= TCP_HAS_SACK_OK;
        break;
    case OPTION_SACK:
        sack_read(option, seg);
        break;
    case OPTION_TIMESTAMP:
        if (bytes == 8) {
            seg->ts_val = read_u32(option);
            seg->ts_ecr = read_u32(option);
            seg->options |= TCP_HAS_TIMESTAMP;
        }
        break;
    default:
        break; /* MUST-6: unknown, stepped over */
    }
}

/* RFC 9293 3.2: kinds 0 and 1 are single bytes, all others have a length (MUST-68), at any boundary
 * (MUST-64). A length that cannot be ends the list (MUST-7). */
static void options_read(struct tcp_segment *seg, struct reader *r)
{
    while (reader_left(r) != 0) {
        uint8_t kind = read_u8(r);
        uint8_t length;
        const uint8_t *body;
        struct reader option;

        if (kind == OPTION_END)
            return;
        if (kind == OPTION_NOP)
            continue;
        length = read_u8(r);
        if (r->failed || length < 2)
            return;
        body = read_bytes(r, length - 2u);
        if (!body)
            return;
        option = reader_of(body, length - 2u);
        option_read(seg, kind, &option);
    }
}

/* RFC 9293 3.1: the fields in their order, options behind them. The window is unsigned (MUST-1). */
bool tcp_header_read(struct reader *r, struct tcp_segment *seg)
{
    const uint8_t *from = read_bytes(r, TCP_HEADER_BYTES), *options;
    uint32_t bytes;

    if (!from)
        return false;
    seg->options = 0;
    seg->mss = 0;
    seg->wscale = 0;
    seg->block_count = 0;
    seg->ts_val = seg->ts_ecr = 0;
    seg->source_port = u16_at(from);
    seg->dest_port = u16_at(from + 2);
    seg->seq = u32_at(from + 4);
    seg->ack = u32_at(from + 8);
    bytes = (uint32_t)(from[12] >> 4) * 4;
    seg->flags = from[13];
    seg->wnd = u16_at(from + 14); /* the checksum: summed over all by the caller */
    seg->up = u16_at(from + 18);
    if (bytes < TCP_HEADER_BYTES)
        return false;
    seg->header_bytes = (uint8_t)bytes;
    bytes -= TCP_HEADER_BYTES;
    options = read_bytes(r, bytes);
    if (!options)
        return false;
    if (bytes == TCP_TIMESTAMP_SPACE && u32_at(options) == TIMESTAMP_ALONE) {
        seg->ts_val = u32_at(options + 4);
        seg->ts_ecr = u32_at(options + 8);
        seg->options = TCP_HAS_TIMESTAMP;
    } else if (bytes != 0) {
        struct reader area = reader_of(options, bytes);

        options_read(seg, &area);
    }
    seg->payload = r->at;
    seg->length = (uint32_t)reader_left(r);
    return true;
}

/* RFC 9293 3.4: numbers on the wire are modulo 2^32; meant is the one nearest to ours. */
void tcp_header_place(struct tcp_segment *seg, tcp_seq rcv_nxt, tcp_seq snd_una)
{
    seg->seq = tcp_seq_near(rcv_nxt, (uint32_t)seg->seq);
    seg->ack = tcp_seq_near(snd_una, (uint32_t)seg->ack);
    for (unsigned i = 0; i < seg->block_count; i++) {
        seg->block[i].from = tcp_seq_near(snd_una, (uint32_t)seg->block[i].from);
        seg->block[i].to = tcp_seq_near(snd_una, (uint32_t)seg->block[i].to);
    }
}

uint32_t tcp_header_bytes_of_all(const struct tcp_segment *seg)
{
    uint32_t bytes = TCP_HEADER_BYTES;

    if (seg->options & TCP_HAS_MSS)
        bytes += 4;
    if (seg->options & TCP_HAS_TIMESTAMP)
        bytes += TCP_TIMESTAMP_SPACE;
    else if (seg->options & TCP_HAS_SACK_OK)
        bytes += 4;
    if (seg->options & TCP_HAS_WSCALE)
        bytes += 4;
    if (seg->block_count != 0)
        bytes += 4 + 8u * seg->block_count;
    return bytes;
}

/* The two bytes before a timestamp are SACK-permitted or NOPs: either way 12 in all. RFC 7323
 * appendix A. */
static void timestamp_write(struct writer *w, const struct tcp_segment *seg)
{
    if (seg->options & TCP_HAS_SACK_OK) {
        write_u8(w, OPTION_SACK_OK);
        write_u8(w, 2);
    } else {
        write_u8(w, OPTION_NOP);
        write_u8(w, OPTION_NOP);
    }
    if (seg->options & TCP_HAS_TIMESTAMP) {
        write_u8(w, OPTION_TIMESTAMP);
        write_u8(w, 10);
        write_u32(w, seg->ts_val);
        write_u32(w, seg->ts_ecr);
    }
}

/* RFC 9293 3.2: NOPs align, so no padding is left to be zeroes (MUST-69). */
static void options_write(struct writer *w, const struct tcp_segment *seg)
{
    if (seg->options & TCP_HAS_MSS) {
        write_u8(w, OPTION_MSS);
        write_u8(w, 4);
        write_u16(w, seg->mss);
    }
    if (seg->options & TCP_HAS_TIMESTAMP) {
        timestamp_write(w, seg);
    } else if (seg->options & TCP_HAS_SACK_OK) {
        write_u16(w, OPTION_NOP << 8 | OPTION_NOP);
        write_u8(w, OPTION_SACK_OK);
        write_u8(w, 2);
    }
    if (seg->options & TCP_HAS_WSCALE) {
        write_u8(w, OPTION_NOP);
        write_u8(w, OPTION_WSCALE);
        write_u8(w, 3);
        write_u8(w, seg->wscale);
    }
    if (seg->block_count != 0) {
        write_u16(w, OPTION_NOP << 8 | OPTION_NOP);
        write_u8(w, OPTION_SACK);
        write_u8(w, (uint8_t)(2 + 8 * seg->block_count));
        for (unsigned i = 0; i < seg->block_count; i++) {
            write_u32(w, (uint32_t)seg->block[i].from);
            write_u32(w, (uint32_t)seg->block[i].to);
        }
    }
}

/* RFC 9293 3.1. The checksum is put in by who has the payload. */
void tcp_header_write(struct writer *w, const struct tcp_segment *seg)
{
    uint8_t *to = write_room(w, TCP_HEADER_BYTES);

    if (!to)
        return;
    u16_put(to, seg->source_port);
    u16_put(to + 2, seg->dest_port);
    u32_put(to + 4, (uint32_t)seg->seq);
    u32_put(to + 8, (uint32_t)seg->ack);
    to[12] = (uint8_t)(tcp_header_bytes(seg) / 4 << 4);
    to[13] = seg->flags;
    u16_put(to + 14, (uint16_t)seg->wnd);
    u16_put(to + 16, 0);
    u16_put(to + 18, seg->up);
    if (likely(tcp_header_is_plain(seg))) {
        to = seg->options ? write_room(w, TCP_TIMESTAMP_SPACE) : NULL;
        if (!to)
            return;
        u32_put(to, TIMESTAMP_ALONE);
        u32_put(to + 4, seg->ts_val);
        u32_put(to + 8, seg->ts_ecr);
    } else {
        options_write(w, seg);
    }
}
