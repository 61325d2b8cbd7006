/* SPDX-License-Identifier: MIT */
/*
 * What became of each TCP connection, in figures: for each way in which data went, how much and how
 * fast, the round trip, what was lost and sent again, and what held the sender back for which share
 * of the time. Written when the view closes, connections in their order.
 *
 * A sender that may send and has something to send, sends. So at any moment one of these holds it:
 *
 *   the wire        its last frame has not left the sender's own queue yet: the rate is used
 *   the receiver    less than a segment is left of the window that the peer offered
 *   congestion      less than a segment is left of cwnd, or what is lost must be repaired first
 *   the program     all it gave was sent (or its send buffer, SO_SNDBUF, takes no more)
 *   something else  pacing, cork
 *
 * The time counted is that from the first byte handed to a wire to the last acknowledged: what an
 * observer sees, not what the connection believes. (Linux's tcpi_busy_time, tcpi_rwnd_limited and
 * tcpi_sndbuf_limited are the connection's own.)
 */
#pragma once
#include "observe/flows.h"
#include "observe/names.h"
#include <stdio.h>

struct connection;

struct connections {
    FILE *file;
    struct names names;
    struct flows flows;
    struct connection *connection; /* of flows.flow, by index */
    int count, room;
    int64_t *idle_at; /* by wire and direction: when all that was handed over has left */
    unsigned wires;
    uint64_t left_out; /* segments that are not counted, for want of memory */
};

int connections_init(struct connections *c, FILE *file, const struct names *names);
void connections_event(struct connections *c, const struct sockeye_event *event);
void connections_done(struct connections *c); /* writes */
