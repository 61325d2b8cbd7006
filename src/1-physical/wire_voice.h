/* SPDX-License-Identifier: MIT */
/*
 * The voice of a direction of a wire. Within layer 1.
 *
 * Every frame handed to a direction gets the next serial and is told as EVENT_FRAME_SENT, with its
 * fate in the flags and its bytes as they were handed over; refused frames too. What comes up at
 * the far end is told as EVENT_FRAME_DELIVERED, with the same serial and the bytes as they came.
 * Frames longer than the MTU are no frames of this wire: they are dropped without a serial.
 */
#pragma once
#include "1-physical/wire_state.h"
#include "base/compiler.h"

void wire_voice_tell(const struct wire *w, uint32_t direction, enum event_kind kind,
                     const struct packet *p, nanoseconds now);
/* The test stands where it is asked twice a frame: nobody looks, as a rule. */
static inline void wire_voice_frame(const struct wire *w, uint32_t direction, enum event_kind kind,
                                    const struct packet *p, nanoseconds now)
{
    if (unlikely(event_wanted(&w->voice, kind)))
        wire_voice_tell(w, direction, kind, p, now);
}
void wire_voice_discard(struct wire *w, uint32_t direction, struct packet *p, enum drop reason,
                        nanoseconds now);
/* A discard of what could not even be made. */
void wire_voice_miss(const struct wire *w, uint32_t direction, enum drop reason, nanoseconds now);
/* Handed over and not accepted: EVENT_FRAME_SENT with the flag, then the drop. */
void wire_voice_refuse(struct wire *w, uint32_t direction, struct packet *p, enum frame_flag flag,
                       enum drop reason, nanoseconds now);
