/* SPDX-License-Identifier: MIT */
/*
 * The one timer of a circuit: it is told what the circuit waits for, of which there is one thing at
 * a time (enum x25_wait), and knows for how long (ITU-T X.25 annex D; T2: ISO 8208).
 */
#pragma once
#include "3-network/x25/x25_state.h"

/* Instead of what it waited for; X25_WAIT_NONE: nothing. */
void x25_wait_for(struct x25_circuit *c, enum x25_wait waits, nanoseconds now);
