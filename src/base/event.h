/* SPDX-License-Identifier: MIT */
/*
 * Events of the current entry: the core's only voice. Whoever enters the lab says which kinds are
 * wanted (event_log_begin); what happens fills the log; the door moves it out when the entry ends.
 * It is output, never input: nothing in the core reads it, and no byte of it is state.
 *
 * An event is filled in where it lies in the log:
 *
 *     struct sockeye_event *e = event_begin(voice, EVENT_LINK, now);
 *     if (e)
 *         e->link.up = up;
 *
 * What nobody wants costs one test of a mask and is not made. Frames are copied behind their event,
 * since the packet may be gone when the entry ends, and only if somebody wants bytes.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/time.h"
#include "sockeye/event.h"

struct arena;
struct packet;

enum { EVENT_LOG_BYTES = 16 << 20 };

/* One behind the other: this, the event as long as its kind is, `kept` bytes of its frame. */
struct event_record {
    uint32_t bytes; /* to the next one; a multiple of 8 */
    uint32_t kept;
};

struct event_log {
    uint8_t *bytes;
    uint64_t used;
    uint64_t lost; /* events of this entry for which there was no room */
    uint64_t lost_of[EVENT_KINDS];
    uint32_t size;
    uint32_t wanted; /* 1u << kind, EVENT_BYTES */
};

/* What each module that speaks needs to know: where to, who it is. Embedded by value. */
struct voice {
    struct event_log *log;
    uint64_t *drops; /* counters of the node: uint64_t[DROP_COUNT] */
    uint16_t host;   /* number or EVENT_NOWHERE */
    uint16_t wire;
    uint16_t direction; /* of that wire, in which what it speaks of goes */
    uint16_t zero;
};

/* Into the arena: field by field, so that no padding of another place comes along. */
static inline void voice_copy(struct voice *to, const struct voice *from)
{
    to->log = from->log;
    to->drops = from->drops;
    to->host = from->host;
    to->wire = from->wire;
    to->direction = from->direction;
    to->zero = 0;
}

int event_log_init(struct event_log *log, struct arena *arena);
/* An entry begins: the log is empty, these kinds are wanted. */
static inline void event_log_begin(struct event_log *log, uint32_t wanted)
{
    log->used = 0;
    log->wanted = wanted;
}

/* ---- who speaks ---- */

static inline bool event_wanted(const struct voice *v, enum event_kind kind)
{
    return (v->log->wanted >> kind & 1u) != 0;
}
/* event_begin, after the test. */
struct sockeye_event *event_add(const struct voice *v, enum event_kind kind, nanoseconds now);
/* A new event with its time and place; the caller fills in the rest of its kind's struct, all of
 * it. NULL: nobody wants it, or there is no room (which is counted). */
static inline struct sockeye_event *event_begin(const struct voice *v, enum event_kind kind,
                                                nanoseconds now)
{
    return unlikely(event_wanted(v, kind)) ? event_add(v, kind, now) : NULL;
}
/* The same for a kind that begins with struct event_frame, which is filled in from the packet. */
struct sockeye_event *event_begin_frame(const struct voice *v, enum event_kind kind,
                                        const struct packet *p, nanoseconds now);
/* The same for EVENT_DATA: the bytes are there, the rest is the caller's to fill in. */
struct sockeye_event *event_begin_data(const struct voice *v, nanoseconds now, const void *bytes,
                                       uint32_t length);
/* Counts and tells a discard. `p` may be NULL; it is not freed. */
void event_drop(const struct voice *v, nanoseconds now, enum drop reason, const struct packet *p);

/* ---- who reads: the door ---- */

/* Walks the log: *at from 0; NULL at the end. */
const struct event_record *event_log_next(const struct event_log *log, uint64_t *at);
enum event_kind event_record_kind(const struct event_record *r);
/* The event as a reader of `wanted` gets it; the bytes of its frame stay where they are. */
void event_record_read(const struct event_record *r, uint32_t wanted, struct sockeye_event *event);
