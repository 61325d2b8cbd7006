/* SPDX-License-Identifier: MIT */
/*
 * What the rest of the packet layer asks of a line. A line that has come up is restarted (ITU-T
 * X.25 4.5, 6.1; annex C, table C-1): only when both stations are in r1 do calls go. A restart of
 * the other station's clears all circuits.
 */
#pragma once
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_state.h"

/* Sends a restart, and waits for its confirmation (r2). */
void x25_line_restart(struct x25_line *line, uint8_t cause, uint8_t diagnostic, nanoseconds now);
/* It is over (r1): calls that waited for it go. */
void x25_line_restarted(struct x25_line *line, nanoseconds now);
/* The other station knows of no circuit any more. */
void x25_line_lose_circuits(struct x25_line *line, nanoseconds now);
/* Its packets are numbered so (of an XOT line: as who called wants). */
void x25_line_extend(struct x25_line *line, bool extended);
/* A channel for a call of ours: a DTE takes the highest that is free, a DCE the lowest (X.25 annex
 * A). 0: there is none. */
uint16_t x25_line_channel(const struct x25_line *line);
/* On this channel there is no circuit, and there will be none: it is cleared. */
void x25_line_refuse(struct x25_line *line, uint16_t lcn, uint8_t cause, uint8_t diagnostic,
                     nanoseconds now);
/* May a call be sent on it? */
static inline bool x25_line_is_ready(const struct x25_line *line)
{
    return line->up && !line->restarting;
}
