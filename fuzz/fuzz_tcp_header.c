/* SPDX-License-Identifier: MIT */
/* The TCP header reader on any bytes: what it accepts is in bounds, and what is written from it
 * reads the same (RFC 9293 3.1, 3.2). */
#include "4-transport/tcp/parts/tcp_header.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void same(const struct tcp_segment *a, const struct tcp_segment *b)
{
    ensure(a->source_port == b->source_port && a->dest_port == b->dest_port);
    ensure(a->seq == b->seq && a->ack == b->ack && a->wnd == b->wnd && a->up == b->up);
    ensure(a->flags == b->flags && a->options == b->options);
    ensure(a->mss == b->mss && a->wscale == b->wscale);
    ensure(a->ts_val == b->ts_val && a->ts_ecr == b->ts_ecr && a->block_count == b->block_count);
    for (unsigned i = 0; i < a->block_count; i++)
        ensure(a->block[i].from == b->block[i].from && a->block[i].to == b->block[i].to);
}

static void again(const struct tcp_segment *seg)
{
    uint8_t bytes[TCP_HEADER_MOST];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct tcp_segment copy;
    struct reader r;

    if (tcp_header_bytes(seg) > TCP_HEADER_MOST) /* our padding may need more than theirs */
        return;
    tcp_header_write(&w, seg);
    ensure(!w.failed && (size_t)(w.at - bytes) == tcp_header_bytes(seg));
    r = reader_of(bytes, (size_t)(w.at - bytes));
    ensure(tcp_header_read(&r, &copy));
    same(seg, &copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct tcp_segment seg;

    if (!tcp_header_read(&r, &seg))
        return 0;
    ensure(seg.header_bytes >= TCP_HEADER_BYTES && seg.header_bytes <= TCP_HEADER_MOST);
    ensure(seg.header_bytes + (size_t)seg.length == length);
    ensure(seg.payload == bytes + seg.header_bytes);
    ensure(seg.block_count <= TCP_SACK_BLOCKS && seg.wscale <= TCP_WSCALE_MOST);
    ensure((seg.block_count != 0) == ((seg.options & TCP_HAS_SACK) != 0));
    again(&seg);
    return 0;
}
