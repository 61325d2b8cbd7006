/* SPDX-License-Identifier: MIT */
/* What a wire says of its frames. Theory in wire_voice.h. */
#include "1-physical/wire_voice.h"

void wire_voice_tell(const struct wire *w, uint32_t direction, enum event_kind kind,
                     const struct packet *p, nanoseconds now)
{
    uint32_t end = kind == EVENT_FRAME_SENT ? direction : 1 - direction;
    struct sockeye_event *event = event_begin_frame(&w->voice, kind, p, now);

    if (!event)
        return;
    event->host = (uint16_t)w->end[end].node;
    event->direction = (uint16_t)direction;
}

void wire_voice_discard(struct wire *w, uint32_t direction, struct packet *p, enum drop reason,
                        nanoseconds now)
{
    struct sockeye_event *event = event_begin_frame(&w->voice, EVENT_DROP, p, now);

    w->voice.drops[reason]++;
    if (event) {
        event->direction = (uint16_t)direction;
        event->drop.reason = (uint8_t)reason;
    }
    packet_put(p);
}

void wire_voice_miss(const struct wire *w, uint32_t direction, enum drop reason, nanoseconds now)
{
    struct voice voice;

    voice_copy(&voice, &w->voice);
    voice.direction = (uint16_t)direction;
    event_drop(&voice, now, reason, NULL);
}

void wire_voice_refuse(struct wire *w, uint32_t direction, struct packet *p, enum frame_flag flag,
                       enum drop reason, nanoseconds now)
{
    p->flags |= (uint32_t)flag;
    wire_voice_frame(w, direction, EVENT_FRAME_SENT, p, now);
    wire_voice_discard(w, direction, p, reason, now);
}
