/* SPDX-License-Identifier: MIT */
/* Layer 1 among itself: what wire.c and wire_sim.c ask of each other. */
#pragma once
#include "1-physical/wire_state.h"

enum wire_timer_kind { WIRE_TIMER_DEPART, WIRE_TIMER_ARRIVE, WIRE_TIMER_CHANGE };

/* wire.c: the voice of a direction. */
void wire_tell_frame(const struct wire *w, uint32_t direction, enum event_kind kind,
                     const struct packet *p, nanoseconds now);
/* The test stands where it is asked twice a frame: nobody looks, as a rule. */
static inline void wire_emit_frame(const struct wire *w, uint32_t direction, enum event_kind kind,
                                   const struct packet *p, nanoseconds now)
{
    if (unlikely(event_wanted(&w->voice, kind)))
        wire_tell_frame(w, direction, kind, p, now);
}
void wire_discard(struct wire *w, uint32_t direction, struct packet *p, enum drop reason,
                  nanoseconds now);
/* Handed over and not accepted: EVENT_FRAME_SENT with the flag, then the drop. */
void wire_refuse(struct wire *w, uint32_t direction, struct packet *p, enum frame_flag flag,
                 enum drop reason, nanoseconds now);

/* wire_sim.c */
void wire_sim_send(struct wire *w, uint32_t direction, struct packet *p, nanoseconds now);
/* Into the flight; p->time says when it arrives. */
void wire_sim_fly(struct wire *w, uint32_t direction, struct packet *p);
void wire_sim_depart(struct wire *w, uint32_t direction, nanoseconds now);
void wire_sim_arrive(struct wire *w, uint32_t direction, nanoseconds now);
void wire_sim_change(struct wire *w, uint32_t direction, nanoseconds now);
int wire_sim_link_at(struct wire *w, uint32_t direction, bool up, nanoseconds when,
                     nanoseconds now);
int wire_sim_check(const struct wire *w, uint32_t direction);
