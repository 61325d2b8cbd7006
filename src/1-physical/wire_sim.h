/* SPDX-License-Identifier: MIT */
/* What happens on a simulated wire, for wire.c, which is the service. Within layer 1. */
#pragma once
#include "1-physical/wire_state.h"

enum wire_timer_kind { WIRE_TIMER_DEPART, WIRE_TIMER_ARRIVE, WIRE_TIMER_CHANGE };

void wire_sim_send(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now);
/* Into the flight; p->time says when it arrives. */
void wire_sim_fly(struct wire *w, uint32_t direction, struct packet *p);
void wire_sim_depart(struct wire *w, uint32_t direction, nanoseconds now);
void wire_sim_arrive(struct wire *w, uint32_t direction, nanoseconds now);
void wire_sim_change(struct wire *w, uint32_t direction, nanoseconds now);
int wire_sim_link_at(struct wire *w, uint32_t direction, bool up, nanoseconds when,
                     nanoseconds now);
int wire_sim_check(const struct wire *w, uint32_t direction);
