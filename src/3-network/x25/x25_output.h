/* SPDX-License-Identifier: MIT */
/*
 * The only senders of packets. A control packet goes at once; data as far as the window, the other
 * station (RNR) and the line allow, cut from the records in order, all but the last of a record
 * with the M bit (ITU-T X.25 4.3.4). Acknowledgements ride with data, or go as RR or RNR: at once
 * when the window is closed or a packet asked for it (D bit), else after T2.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

/* For who has a circuit. Without memory it is tried again, until T21. */
void x25_output_call(struct x25_circuit *c, nanoseconds now);
/* A type with nothing behind its header: of confirmations. @return false: there was no memory */
bool x25_output_bare(struct x25_line *line, uint16_t lcn, enum x25_packet_type type,
                     nanoseconds now);
/* RR or RNR of a channel without a circuit, with this P(R). */
bool x25_output_number(struct x25_line *line, uint16_t lcn, enum x25_packet_type type, uint8_t pr,
                       nanoseconds now);
/* Of a reset or restart. */
void x25_output_reason(struct x25_line *line, uint16_t lcn, enum x25_packet_type type,
                       const struct x25_reason *reason, nanoseconds now);
void x25_output_clear(struct x25_line *line, uint16_t lcn, const struct x25_reason *reason,
                      const struct x25_user_data *data, nanoseconds now);
/* X.25 5.6.1: about a packet that no circuit can be told of. */
void x25_output_diagnostic(struct x25_line *line, uint8_t diagnostic, const uint8_t *about,
                           size_t length, nanoseconds now);
/* RR or RNR, with P(R). */
void x25_output_flow(struct x25_circuit *c, nanoseconds now);
/* The answer to a call that is owed, an interrupt and data, as far as they may go now. */
void x25_output_data(struct x25_circuit *c, nanoseconds now);
