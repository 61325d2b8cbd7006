/* SPDX-License-Identifier: MIT */
/*
 * PART: how much a program may write now (RFC 9293 3.9.1.2: SEND is refused for want of room, never
 * for ever). As in Linux the send buffer has a limit, the program's SO_SNDBUF, or else two cwnds of
 * segments, each with what a kernel would need to hold it; and TCP_NOTSENT_LOWAT (RFC 9293 A.4)
 * bounds what was never sent.
 *
 * A write goes in by pieces of many segments, at most half the peer's window, and the limits are
 * asked at the start of each, so that the last may pass them: in Linux a piece is one buffer. A
 * piece that was partly sent may grow by as much. A piece has at least one segment, however large a
 * segment is (65,483 bytes on a loopback): else a write would go in byte by byte.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"

enum { TCP_PIECE_MOST = 65535 - 320 }; /* what Linux can hand to hardware at once */

struct tcp_send_room {
    tcp_seq piece_from; /* where the last piece of a write began in the send buffer */
};

/* What the connection knows when it asks. */
struct tcp_send_facts {
    tcp_seq from, to;            /* the send buffer holds [from, to) */
    tcp_seq nxt;                 /* SND.NXT */
    uint64_t wnd_max, cwnd;      /* the largest window the peer ever offered; cc.cwnd */
    uint64_t low_water;          /* TCP_NOTSENT_LOWAT */
    uint64_t limit_least, limit; /* of the buffer; equal: the program's own */
    uint32_t smss;
    uint32_t zero;
};

uint64_t tcp_send_room_limit(const struct tcp_send_facts *f); /* what may wait in the buffer */
uint64_t tcp_send_room_piece(const struct tcp_send_facts *f); /* bytes of a whole piece */
/* How many bytes may be written next, 0: none now. A new piece begins if the last one is full. */
uint64_t tcp_send_room_next(struct tcp_send_room *r, const struct tcp_send_facts *f);
/* Would a program do well to write now? Not for every byte that was acknowledged. */
bool tcp_send_room_is_writable(const struct tcp_send_facts *f);
