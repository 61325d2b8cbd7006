/* SPDX-License-Identifier: MIT */
/* The limits of the send buffer: RFC 9293 3.9.1.2, RFC 9293 A.4. See the header. */
#include "4-transport/tcp/parts/tcp_send_room.h"

#include "base/integer.h"

enum { OVERHEAD_OF_DATA = 640, OVERHEAD_OF_HEAD = 256, BLOCK_LEAST = 2048 };

/* A kernel holds a segment in a block of a power of two, and describes it in another. */
uint64_t tcp_send_room_limit(const struct tcp_send_facts *f)
{
    uint64_t block = BLOCK_LEAST, smss = most(f->smss, 1);

    if (f->limit_least == f->limit)
        return f->limit;
    while (block < smss + OVERHEAD_OF_DATA)
        block *= 2;
    return least(most(f->limit_least, 2 * (f->cwnd / smss) * (block + OVERHEAD_OF_HEAD)), f->limit);
}

uint64_t tcp_send_room_piece(const struct tcp_send_facts *f)
{
    uint64_t smss = most(f->smss, 1);
    uint64_t bytes = least(TCP_PIECE_MOST, most(f->wnd_max / 2, smss));

    return most(bytes - bytes % smss, smss);
}

static uint64_t unsent(const struct tcp_send_facts *f)
{
    return f->to - least(f->nxt, f->to);
}

/* A buffer that holds little needs no reckoning. */
static bool is_full(const struct tcp_send_facts *f)
{
    uint64_t used = f->to - f->from;

    return used >= least(f->limit_least, f->limit) && used >= tcp_send_room_limit(f);
}

uint64_t tcp_send_room_next(struct tcp_send_room *r, const struct tcp_send_facts *f)
{
    uint64_t piece = tcp_send_room_piece(f), full = most(r->piece_from, f->nxt) + piece;

    if (unsent(f) != 0 && f->to < full)
        return full - f->to;
    if (is_full(f) || unsent(f) >= f->low_water)
        return 0;
    r->piece_from = f->to;
    return piece;
}

bool tcp_send_room_is_writable(const struct tcp_send_facts *f)
{
    uint64_t used = f->to - f->from, limit = tcp_send_room_limit(f);

    return used < limit && limit - used >= used / 2 && 2 * unsent(f) < f->low_water;
}
