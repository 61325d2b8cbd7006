/* SPDX-License-Identifier: MIT */
/*
 * PART: how large the receive buffer is (RFC 9293 3.8.6: RCV.BUFF). Unless the program set its
 * size, it follows the program, as Linux's dynamic right-sizing does: what the program reads in a
 * round trip, twice, is what the window should offer. It only grows. Sizes count as SO_RCVBUF does,
 * twice the window (tcp_window_of_buffer).
 */
#pragma once
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_window.h"
#include "base/time.h"

struct tcp_receive_room {
    uint64_t bytes;          /* the present size */
    nanoseconds measured_at; /* when the count began */
    tcp_seq measured_from;   /* and where the program had read to */
};

struct tcp_receive_facts {
    nanoseconds now, srtt;
    tcp_seq read_to; /* the program has read up to here */
    uint64_t most;   /* that the buffer may come to */
    uint32_t rmss;
    uint32_t zero;
};

void tcp_receive_room_init(struct tcp_receive_room *r, uint64_t bytes);
/* The connection is open: counting begins. */
void tcp_receive_room_start(struct tcp_receive_room *r, tcp_seq read_to, nanoseconds now);
/* The program has read: grows if a round trip is over. */
void tcp_receive_room_on_read(struct tcp_receive_room *r, const struct tcp_receive_facts *f);
/* The program sets a size; but what was offered, and is held, stays promised. */
void tcp_receive_room_set(struct tcp_receive_room *r, uint64_t bytes, uint64_t promised);

/* The largest window. */
static inline uint64_t tcp_receive_room_window(const struct tcp_receive_room *r)
{
    return tcp_window_of_buffer(r->bytes);
}

/* RFC 9293 3.8.6: RCV.BUFF less RCV.USER, of which so much is used. */
static inline uint64_t tcp_receive_room_free(const struct tcp_receive_room *r, uint64_t used)
{
    uint64_t window = tcp_receive_room_window(r);

    return window > used ? window - used : 0;
}
