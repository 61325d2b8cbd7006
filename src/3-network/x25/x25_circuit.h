/* SPDX-License-Identifier: MIT */
/*
 * The life of a circuit: it is opened by a call of either side, closed when a clear is confirmed,
 * its line is lost or nobody answers, and found by its line and channel in between (ITU-T X.25 4.1,
 * annex B, annex D). What a packet does to it is x25_input's; here is what both directions share.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

/* NULL: the host has as many as it may. */
struct x25_circuit *x25_circuit_open(struct x25_line *line, uint16_t lcn);
/* Of a channel of the line; the line of one circuit alone has no other. NULL: there is none. */
struct x25_circuit *x25_circuit_find(const struct x25_line *line, uint16_t lcn);
/* Moves it to another channel. */
void x25_circuit_move(struct x25_circuit *c, uint16_t lcn);
/* It is no more, and nobody was told of it. */
void x25_circuit_undo(struct x25_circuit *c);
/* It is no more; its user is not told, the line is. */
void x25_circuit_close(struct x25_circuit *c, nanoseconds now);
/* The same, and its user is. */
void x25_circuit_cleared(struct x25_circuit *c, const struct x25_reason *reason,
                         const struct x25_user_data *data, nanoseconds now);
/* A clear is sent, and its confirmation waited for; its user is told, and has it no more. */
void x25_circuit_give_up(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now);
/* Tells who looks that it was cleared, or reset. */
void x25_circuit_event(const struct x25_circuit *c, const struct x25_reason *reason, bool is_reset,
                       enum x25_by by, nanoseconds now);
/* Both stations agree: data may go. */
void x25_circuit_start(struct x25_circuit *c, nanoseconds now);
/* A reset is sent (by: X25_BY_STATION, if the user wants it; else he is told). All is anew. */
void x25_circuit_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now);
/* It is over: the other station's was confirmed (and the user is told), or it has confirmed ours
 * (reason: NULL). */
void x25_circuit_was_reset(struct x25_circuit *c, const struct x25_reason *reason, nanoseconds now);
/* The other station has everything of the next `packets` packets. */
void x25_circuit_acknowledge(struct x25_circuit *c, int packets, nanoseconds now);
/* What is not acknowledged is sent again, from the first. */
void x25_circuit_go_back(struct x25_circuit *c);
/* The cause that a station says for a mistake it found: a DTE has none of its own (X.25 5.2.3). */
uint8_t x25_circuit_cause(const struct x25_line *line, uint8_t cause_of_dce);
/* The number of its state in the diagnostics: p1 is 1. */
uint8_t x25_circuit_p(const struct x25_circuit *c);
