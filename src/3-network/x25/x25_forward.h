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
 * have gone; of a line that has gone the other station is told by a clear of the network's. A call
 * that nobody answers is cleared both ways after T21, and who does not confirm a clear is waited
 * for no longer than T23. Relays are bounded; if all are taken, the oldest that only waits for its
 * confirmation goes. What a line has no room for waits (x25_relay_room.h).
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

/* A call that is wanted by nobody here. @return true: it has gone on, or was cleared; p was
 * taken */
bool x25_forward_call(struct x25_line *line, const struct x25_header *h,
                      const struct x25_call *call, struct packet *p, nanoseconds now);
/* @return true: its channel is a switched one; p was taken */
bool x25_forward_packet(struct x25_line *line, const struct x25_header *h, struct packet *p,
                        nanoseconds now);
