/* SPDX-License-Identifier: MIT */
/*
 * A switched call: two channels of two lines, and what becomes of them when a line comes up or goes
 * (x25_forward.h has the theory). What its packets are, x25_forward.c knows.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

enum x25_relay_state {
    X25_RELAY_CALLING, /* the call has gone on, or waits for its line */
    X25_RELAY_OPEN,
    X25_RELAY_CLEARING, /* a clear of side `clearer` has passed */
    X25_RELAY_ENDING    /* both sides were cleared from here; a side goes when it confirms that */
};

/* How long a relay waits, beside T21 and T23, to find memory for an RR. */
#define X25_RELAY_MEMORY_WAIT (100 * MILLISECOND)

/* What was sent to a side since the call or the last reset. */
struct x25_relay_side {
    struct x25_line *line;    /* NULL: it has gone */
    struct packet_queue held; /* for it, while its line has no room (x25_relay_room.h) */
    uint32_t ps;              /* the next data packet's number, not wrapped */
    uint32_t pr;              /* the last acknowledged */
    uint16_t lcn;
    uint8_t told_pr;   /* the last P(R) that it was told, as it is written on its line */
    uint8_t held_last; /* the type of the last of `held`; 0: data, or none */
    uint8_t far_busy;  /* the other station has said RNR to it */
    uint8_t waits;     /* we have */
    uint8_t zero[2];
};

struct x25_relay {
    struct list_link link; /* in x25->relays: the oldest first */
    struct timer timer;    /* T21 while it calls, T23 while it is cleared */
    struct x25 *x25;
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
void x25_relay_wait(struct x25_relay *r, nanoseconds time, nanoseconds now);
/* A clear of this side passes, or has passed: the other's confirmation is waited for, T23. */
void x25_relay_clearing(struct x25_relay *r, int side, nanoseconds now);
/* It is open: T21 runs no more. */
void x25_relay_open(struct x25_relay *r);
/* Both were cleared from here, and this side has confirmed. */
void x25_relay_side_ended(struct x25_relay *r, int side, nanoseconds now);
/* NULL: there are too many. */
struct x25_relay *x25_relay_new(struct x25 *x, nanoseconds now);
/* What waits for its sides is lost, and nobody is busy: it is cleared, or reset. */
void x25_relay_forget(struct x25_relay *r);
/* Its lines are told that it needs them no more. */
void x25_relay_free(struct x25 *x, struct x25_relay *r, nanoseconds now);
/* The relay of a channel, and which side it is; NULL: it is not switched. */
struct x25_relay *x25_relay_find(const struct x25_line *line, uint16_t lcn, int *side);
/* By the line of this side; takes the packet. */
void x25_relay_send(struct x25_relay *r, int to, struct packet *p, nanoseconds now);
/* Says to a side, if it is there, that its clear is confirmed, or clears it. */
void x25_relay_confirm(struct x25_relay *r, int side, nanoseconds now);
void x25_relay_clear(struct x25_relay *r, int side, uint8_t cause, uint8_t diagnostic,
                     nanoseconds now);
bool x25_relay_has_channel(const struct x25_line *line, uint16_t lcn);
/* Is it a side of a switched call? */
bool x25_relay_uses(const struct x25_line *line);
int x25_relay_check(const struct x25 *x);
