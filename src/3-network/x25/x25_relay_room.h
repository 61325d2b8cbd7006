/* SPDX-License-Identifier: MIT */
/*
 * A switched call where the next line has no room: what comes for it waits here, in order, instead
 * of being lost, and the station that sends it is told to stop (RNR, with the P(R) it had last;
 * ITU-T X.25 4.4.1.4, 4.4.1.5) until all of it has gone. Both stations' windows bound what may come
 * meanwhile; what comes beyond them is dropped.
 *
 * In order are data and what has a P(R), and the clear behind them. Interrupts overtake data, and a
 * reset throws it away.
 */
#pragma once
#include "3-network/x25/x25_relay.h"

/* To a side, now or once there is room; takes the packet. */
void x25_relay_room_put(struct x25_relay *r, int to, struct packet *p, uint8_t type,
                        nanoseconds now);
/* The line of a side has room again. */
void x25_relay_room_again(struct x25_line *line, nanoseconds now);
/* A side's sender waits, and could not be told that there is room: tells it now. */
void x25_relay_room_retry(struct x25_relay *r, nanoseconds now);
