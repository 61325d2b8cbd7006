/* SPDX-License-Identifier: MIT */
/* What becomes of switched calls when a line comes up or goes, and with time (x25_forward.h). */
#pragma once
#include "3-network/x25/x25_relay.h"

/* A line has come up: calls that wait for it go. */
void x25_relay_life_line_up(struct x25_line *line, nanoseconds now);
/* Its channels are all free again: it was restarted, or is down. for_good: calls that wait for it
 * are cleared too. */
void x25_relay_life_line_lost(struct x25_line *line, bool for_good, nanoseconds now);
void x25_relay_life_timer(struct timer *timer, nanoseconds now); /* for the table */
