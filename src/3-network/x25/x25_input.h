/* SPDX-License-Identifier: MIT */
/*
 * What a packet does, by the state of its circuit: ITU-T X.25 annex C, tables C-2 to C-4. A packet
 * that its state does not allow is answered by the error procedures: a clear in the states of the
 * call's beginning, a reset in data transfer, with the diagnostic that says which.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

/* On a channel without a circuit; takes it. r: behind the header. */
void x25_input_ready(struct x25_line *line, const struct x25_header *h, struct reader *r,
                     struct packet *p, nanoseconds now);
/* On a circuit's; takes it. */
void x25_input_circuit(struct x25_circuit *c, const struct x25_header *h, struct reader *r,
                       struct packet *p, nanoseconds now);
