/* SPDX-License-Identifier: MIT */
/*
 * Both halves of silly-window avoidance (RFC 9293 3.8.6): a small offer makes small segments, and
 * small segments keep offers small, so each end must refuse to begin it.
 */
#include "4-transport/tcp/parts/tcp_window.h"

#include "base/integer.h"

/* RFC 7323 2.3: the least shift by which the whole buffer can be offered. */
uint8_t tcp_window_scale_for(uint64_t most_bytes)
{
    uint8_t scale = 0;

    while (scale < TCP_WSCALE_MOST && most_bytes >> scale > 65535)
        scale++;
    return scale;
}

uint32_t tcp_window_initial(uint64_t room, uint32_t mss)
{
    if (room > mss)
        room -= room % mss;
    return (uint32_t)least(room, 65535);
}

/* The receiver's half of RFC 9293 3.8.6.2: in steps of a segment or half the buffer (RFC
 * 9293 3.8.6.2.2, MUST-39), never back (RFC 9293 3.8.6, SHLD-14). */
tcp_seq tcp_window_offer(tcp_seq nxt, tcp_seq adv, uint64_t free, uint64_t room, uint32_t rmss,
                         uint8_t scale)
{
    tcp_seq edge = nxt + free;
    uint64_t least_move = least(room / 2, rmss);
    uint64_t most_offered = (uint64_t)65535 << scale;

    if (edge < adv + least_move && edge != nxt + room)
        return most(adv, nxt); /* not worth telling: RFC 9293 3.8.6.2.2 */
    if (edge - nxt > most_offered)
        edge = nxt + most_offered;
    if (scale != 0) /* what cannot be said exactly is not offered */
        edge = nxt + ((edge - nxt) >> scale << scale);
    return most(adv, edge);
}

uint64_t tcp_window_wire(uint64_t offered, uint64_t free, uint8_t scale)
{
    uint64_t unit = UINT64_C(1) << scale, up = (offered + unit - 1) >> scale;

    if (up << scale >= free + unit)
        up = offered >> scale;
    return least(up, 65535);
}

/* RFC 9293 3.8.6.2.2: is the window worth a segment of its own? */
bool tcp_window_update_due(tcp_seq nxt, tcp_seq adv, uint64_t free, uint64_t room, uint32_t rmss)
{
    uint64_t offered = adv - nxt;

    if (free <= offered)
        return false;
    /* the window doubled or opened by two segments: the sender may be waiting for it */
    return free - offered >= least(room / 2, 2ull * rmss) && free >= 2 * offered;
}

/* The sender's half of RFC 9293 3.8.6.2: the three cases of RFC 9293 3.8.6.2.1 (MUST-38); Nagle's
 * algorithm (RFC 9293 3.7.4), in Minshall's form (RFC 9293 A.3). */
enum tcp_window_verdict tcp_window_ask(const struct tcp_window_question *q, uint32_t *length)
{
    uint64_t can = least(least(q->have, q->usable), q->smss);

    *length = (uint32_t)can;
    if (can == q->smss)
        return WINDOW_SEND; /* (1) a maximum-sized segment */
    if (can == 0)
        return WINDOW_WAIT_ROOM;
    if (can == q->have) { /* (2) all there is */
        if (q->last)
            return WINDOW_SEND;
        if (q->corked) {
            *length = 0;
            return WINDOW_WAIT_MORE;
        }
        if (q->no_delay || !q->partial_unacked)
            return WINDOW_SEND;
        *length = 0;
        return WINDOW_WAIT_ACK;
    }
    if (can >= q->wnd_max / 2) /* (3) half the largest window */
        return WINDOW_SEND;
    *length = 0;
    return WINDOW_WAIT_ROOM;
}
