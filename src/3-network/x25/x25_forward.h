/* SPDX-License-Identifier: MIT */
/*
 * Switching: a call that nobody here wants goes on by the route of the address it calls, and every
 * packet behind it from line to line, end to end (net.x25.x25_forward). The two stations' windows,
 * sizes, interrupts, resets and clears are each other's: what is between them changes the number of
 * the channel (each line has its own), the modulo where the lines differ, and nothing else (RFC
 * 1613 6, 6.2). What the second line cannot carry is made less in the call, and its answer says so.
 *
 * A switched call is a relay: two sides, each a channel of a line. With both lines modulo 8, or
 * both 128, the numbers of packets pass as they are. Else each is understood as the count it stands
 * for, near the last one that passed, and written again in the other line's modulo: both counts
 * begin at 0 with the call and with every reset.
 *
 * It ends with the confirmation of a clear, or with two clears that met, or when both of its lines
 * have gone; of a line that has gone the other station is told by a clear of the network's. Relays
 * are bounded; if all are taken, the oldest that only waits for its confirmation goes.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

enum x25_relay_state {
    X25_RELAY_CALLING, /* the call has gone on, or waits for its line */
    X25_RELAY_OPEN,
    X25_RELAY_CLEARING /* a clear of side `clearer` has passed */
};

/* What was sent to a side since the call or the last reset. */
struct x25_relay_side {
    struct x25_line *line; /* NULL: it has gone */
    uint32_t ps;           /* the next data packet's number, not wrapped */
    uint32_t pr;           /* the last acknowledged */
    uint16_t lcn;
    uint8_t zero[6];
};

struct x25_relay {
    struct list_link link;         /* in x25->relays: the oldest first */
    struct packet *call;           /* while the line of side 1 is not up */
    struct x25_relay_side side[2]; /* 0: who called */
    uint64_t packets;              /* that passed */
    uint8_t state;                 /* enum x25_relay_state */
    uint8_t clearer;
    uint8_t lessened; /* what was made less in the call: 1 packet size, 2 window size */
    uint8_t said[4];  /* and what it is then: packet sizes and windows, of called and calling */
    uint8_t zero;
};

uint32_t x25_relay_bytes(void);
/* A call that is wanted by nobody here. @return true: it has gone on, or was cleared; p was taken */
bool x25_forward_call(struct x25_line *line, const struct x25_header *h,
                      const struct x25_call *call, struct packet *p, nanoseconds now);
/* @return true: its channel is a switched one; p was taken */
bool x25_forward_packet(struct x25_line *line, const struct x25_header *h, struct packet *p,
                        nanoseconds now);
bool x25_forward_has_channel(const struct x25_line *line, uint16_t lcn);
/* It has come up: calls that wait for it go. */
void x25_forward_line_up(struct x25_line *line, nanoseconds now);
/* Its channels are all free again: it was restarted, or is down. for_good: calls that wait for it
 * are cleared too. */
void x25_forward_line_lost(struct x25_line *line, bool for_good, nanoseconds now);
int x25_forward_check(const struct x25 *x);
