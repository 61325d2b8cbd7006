/* SPDX-License-Identifier: MIT */
/*
 * What the packet layer remembers: the structs behind x25.h, for this folder and for who assembles
 * a machine.
 *
 * States are named by what this station has done, since it may be a DTE or a DCE (ITU-T X.25 annex
 * B):
 *
 *     X25_CALLING     it has called                   p2 of a DTE, p3 of a DCE
 *     X25_CALLED      it was called                   p3 of a DTE, p2 of a DCE
 *     X25_OPEN        data                            p4, with d1; X25_RESETTING: d2 (d3)
 *     X25_CLEARING    it has cleared                  p6 (p7)
 *
 * p1 is a channel without a circuit. p5, both have called, is left as soon as it is entered: at the
 * DTE its own call goes on, at the DCE the other's does and its own goes to another channel. A
 * clear, a reset or a restart of the other station's is confirmed at once, so that p7, d3 and r3
 * are not seen either.
 *
 * Names of timers: source is X25_TIMER_SOURCE, serial is that of the circuit or the relay * 2, of a
 * line its number * 2 + 1.
 */
#pragma once
#include "3-network/x25/x25.h"
#include "3-network/x25/x25_window.h"
#include "base/packet.h"
#include "base/table.h"

enum { X25_TIMER_SOURCE = 5, X25_ROUTES = 32, X25_RELAYS = 64 };

enum x25_call_state { X25_CALLING = 1, X25_CALLED, X25_OPEN, X25_RESETTING, X25_CLEARING };
/* What runs on a circuit's one timer. */
enum x25_wait {
    X25_WAIT_NONE,
    X25_WAIT_CALL,        /* T21 */
    X25_WAIT_RESET,       /* T22 */
    X25_WAIT_CLEAR,       /* T23 */
    X25_WAIT_ACKNOWLEDGE, /* T2: an acknowledgement that may ride with data */
    X25_WAIT_MEMORY       /* no packet could be had: again */
};

struct x25_settings {
    nanoseconds restart, call, reset, clear; /* T20 to T23 */
    nanoseconds acknowledge;                 /* T2 */
    uint32_t circuits;                       /* most of this host */
    uint32_t zero;
};

/* Whose first digits these are, goes by that line, or by a line of its own to that host. */
struct x25_route {
    struct x25_line *line; /* NULL: one is opened */
    struct endpoint to;
    struct x121 prefix;
    uint8_t extended; /* of a line that is opened: modulo 128 */
    uint8_t zero[7];
};

struct x25 {
    struct means *means;
    struct x25_upper *upper;
    struct pool *pool;      /* slots of x25_circuit_bytes() */
    struct link_list lines; /* in order of opening */
    struct table channels;  /* circuits by line and channel */
    struct x25_settings settings;
    uint64_t serials; /* of the newest circuit or relay */
    uint32_t limit;   /* circuits at most, whatever the settings say */
    uint32_t count;   /* circuits */
    uint32_t lines_opened;
    uint32_t timer_code, line_timer_code, relay_timer_code;
    uint32_t routes;
    uint32_t forward; /* calls that nobody here wants go on */
    struct link_list relays;
    struct pool *relay_pool; /* slots of x25_relay_bytes() */
    uint32_t relay_count;
    struct x25_route route[X25_ROUTES];
};

struct x25_circuit {
    struct x25 *x25;
    struct x25_line *line;
    struct x25_user *user; /* NULL: its user has cleared it */
    struct list_link link; /* line->circuits */
    struct table_link channel;
    struct timer timer;
    uint64_t serial;
    uint16_t lcn;
    uint8_t state; /* enum x25_call_state */
    uint8_t waits; /* enum x25_wait */
    struct x25_window window;
    struct x25_facilities agreed;
    struct x25_call call; /* as it is sent; or as it came, then as it is answered */
    /* what is to be sent */
    struct packet_queue records;    /* not acknowledged whole; of each, flags: is it qualified */
    struct packet *sending;         /* the record the next packet is cut from; NULL: all are out */
    uint32_t sending_at;            /* its first byte that is not out */
    uint32_t acknowledged_at;       /* of the first record */
    struct packet_queue interrupts; /* the first is out if `interrupted` */
    /* what came */
    struct packet *receiving; /* a record, as far as it came */
    uint8_t receiving_qualified;
    uint8_t interrupted;  /* one of ours is not confirmed */
    uint8_t confirms;     /* one of theirs is to be confirmed */
    uint8_t peer_busy;    /* the last was RNR */
    uint8_t hold;         /* the user has no room */
    uint8_t told_busy;    /* and the peer was told so */
    uint8_t called;       /* this end was called */
    uint8_t call_sent;    /* the call has gone to the line */
    uint8_t answer_owed;  /* the call was accepted, and its answer has not gone */
    uint8_t confirm_owed; /* a confirmation of theirs has found no memory */
    uint8_t zero[4];
    nanoseconds call_until; /* T21, while its call finds no memory */
};

struct x25_plan {
    struct pool *pool, *relay_pool;
    uint32_t timer_code, line_timer_code, relay_timer_code;
    uint32_t limit; /* of its circuits: the host's share of the pool */
};

uint32_t x25_circuit_bytes(void);
uint64_t x25_arena_bytes(void); /* of a host, beside its slot and the pools */
/* In zeroed memory. @return 0 or -ENOMEM */
int x25_init(struct x25 *x, struct means *means, const struct x25_plan *plan);
void x25_timer(struct timer *timer, nanoseconds now);      /* a circuit's */
void x25_line_timer(struct timer *timer, nanoseconds now); /* a line's */
void x25_crash(struct x25 *x, nanoseconds now);            /* all lines are down */
int x25_check(const struct x25 *x); /* 0, or the line of a broken invariant */
