/* SPDX-License-Identifier: MIT */
/*
 * What RFC 1613 asks of the packets of a circuit whose line is a stream of its own: which may pass,
 * and what a call has to say. The stream itself is layer 4's (xot.h), which asks here before a
 * packet goes down and before one goes up. A value: no line, no time.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct packet;

struct x25_xot {
    bool called;      /* a call has passed, either way: state p1 is over */
    bool incoming;    /* the call was the peer's */
    uint8_t missing;  /* of the peer's call: 1 packet size, 2 window size; until it is answered */
    bool is_answered; /* by a packet of ours */
};

enum x25_xot_verdict {
    X25_XOT_PASS,
    X25_XOT_DROP,   /* silently */
    X25_XOT_ANSWER, /* the packet has become its answer: it is sent, and the stream closed */
    X25_XOT_CLOSE   /* the stream is closed */
};

/* A packet of ours. false: it may not be sent. */
bool x25_xot_send(struct x25_xot *x, struct packet *p);
/* One of the peer's. */
enum x25_xot_verdict x25_xot_receive(struct x25_xot *x, struct packet *p);
/* Is this the modulo of the call it begins with (128: true)? */
bool x25_xot_is_extended(const struct packet *p);
