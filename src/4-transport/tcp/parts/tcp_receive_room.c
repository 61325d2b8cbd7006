/* SPDX-License-Identifier: MIT */
/* The size of the receive buffer: RFC 9293 3.8.6. See the header. */
#include "4-transport/tcp/parts/tcp_receive_room.h"

#include "base/integer.h"

enum { SEGMENTS_MORE = 16 };

void tcp_receive_room_init(struct tcp_receive_room *r, uint64_t bytes)
{
    r->bytes = bytes;
    r->measured_at = 0;
    r->measured_from = 0;
}

void tcp_receive_room_start(struct tcp_receive_room *r, tcp_seq read_to, nanoseconds now)
{
    r->measured_at = now;
    r->measured_from = read_to;
}

void tcp_receive_room_on_read(struct tcp_receive_room *r, const struct tcp_receive_facts *f)
{
    uint64_t copied = f->read_to - r->measured_from, window;

    if (f->now - r->measured_at < time_later(f->srtt, MILLISECOND))
        return;
    window = 2 * copied + (uint64_t)SEGMENTS_MORE * f->rmss;
    r->bytes = most(r->bytes, least(2 * window, f->most));
    tcp_receive_room_start(r, f->read_to, f->now);
}

void tcp_receive_room_set(struct tcp_receive_room *r, uint64_t bytes, uint64_t promised)
{
    r->bytes = most(bytes, 2 * promised);
}
