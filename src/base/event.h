/* SPDX-License-Identifier: MIT */
/*
 * Events of the current step: the core's only voice. An entry of the lab empties the log, what
 * happens fills it, observers read it after the step. It is output, never input: nothing in the
 * core reads it. Events that nobody wants (`wanted`, a bit a kind) cost a test. Frames are copied
 * in full behind their event, since the packet may be gone when the step ends.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/time.h"
#include "sockeye/event.h"

struct arena;
struct packet;

enum { EVENT_LOG_BYTES = 16 << 20 };

struct event_log {
    uint8_t *bytes; /* records: struct sockeye_event, then `length` bytes, padded to 8 */
    uint64_t used;
    uint64_t lost; /* events for which there was no room in their step */
    uint32_t size;
    uint32_t wanted;
};

/* What each module that speaks needs to know: where to, who it is. Embedded by value. */
struct voice {
    struct event_log *log;
    uint64_t *drops; /* counters of the node: uint64_t[DROP_COUNT] */
    uint16_t host;   /* number or EVENT_NOWHERE */
    uint16_t wire;
    uint32_t zero;
};

/* Into the arena: field by field, so that no padding of another place comes along. */
static inline void voice_copy(struct voice *to, const struct voice *from)
{
    to->log = from->log;
    to->drops = from->drops;
    to->host = from->host;
    to->wire = from->wire;
    to->zero = 0;
}

int event_log_init(struct event_log *log, struct arena *arena);
void event_log_clear(struct event_log *log);
/* Walks the log: *at from 0; false at the end. `event->frame` points into the log. */
bool event_log_next(const struct event_log *log, uint64_t *at, struct sockeye_event *event);

static inline bool event_wanted(const struct voice *v, enum event_kind kind)
{
    return (v->log->wanted >> kind & 1u) != 0;
}
/* Appends; frame may be NULL. */
void event_emit(const struct voice *v, const struct sockeye_event *event, const void *frame,
                uint32_t length);
/* Counts and emits a discard. `p` may be NULL; it is not freed. */
void event_drop(const struct voice *v, nanoseconds now, enum drop reason, const struct packet *p);
struct event_endpoint event_endpoint_of(const struct endpoint *e);
