/* SPDX-License-Identifier: MIT */
/*
 * PART: windows. What to offer (RFC 9293 3.8.6.2.2: the receiver's side of silly-window avoidance,
 * MUST-39; never shrinking the right edge, SHLD-14; RFC 7323 2: scaling), and whether to send a
 * piece now (3.8.6.2.1: the sender's side, MUST-38; Nagle's algorithm, 3.7.4, in Minshall's form,
 * as Linux: a partial segment waits only while another partial segment is unacknowledged).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"

/* The window's share of a receive buffer of that many bytes (Linux counts half for overhead). RFC
 * 9293 3.8.6. */
static inline uint64_t tcp_window_of_buffer(uint64_t buffer)
{
    return buffer / 2;
}
/* The shift to ask for when the buffer may grow to `most` bytes (RFC 7323 2.3). */
uint8_t tcp_window_scale_for(uint64_t most);
/* The window of a SYN: whole segments, not scaled. */
uint32_t tcp_window_initial(uint64_t room, uint32_t mss);
/* The new right edge to offer. nxt: RCV.NXT; adv: the edge offered before; free: bytes of room
 * behind nxt; room: all the buffer gives when empty; rmss: the peer's segments; scale: rcv.wscale.
 * Result >= adv. */
tcp_seq tcp_window_offer(tcp_seq nxt, tcp_seq adv, uint64_t free, uint64_t room, uint32_t rmss,
                         uint8_t scale);
/* The window field for what is offered. Rounded up, so that the edge does not move left, but not so
 * that it passes the room that there is by a unit: small segments could carry it on for ever. */
uint64_t tcp_window_wire(uint64_t offered, uint64_t free, uint8_t scale);
/* Would offering now move the edge enough to be worth an ACK of its own? (the reader has read) */
bool tcp_window_update_due(tcp_seq nxt, tcp_seq adv, uint64_t free, uint64_t room, uint32_t rmss);

enum tcp_window_verdict { WINDOW_SEND, WINDOW_WAIT_ACK, WINDOW_WAIT_ROOM, WINDOW_WAIT_MORE };

struct tcp_window_question {
    uint64_t have;    /* bytes not sent yet */
    uint64_t usable;  /* SND.UNA + SND.WND - SND.NXT */
    uint64_t wnd_max; /* the largest window the peer ever offered */
    uint32_t smss;
    bool no_delay, corked;
    bool partial_unacked; /* a partial segment is on its way */
    bool last;            /* the stream ends behind these bytes (FIN follows), or is pushed out */
};
/* How much to send in one segment: *length; and why not when it is 0. */
enum tcp_window_verdict tcp_window_ask(const struct tcp_window_question *q, uint32_t *length);
