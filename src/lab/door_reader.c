/* SPDX-License-Identifier: MIT */
/*
 * The door, part four: who reads the lab's events, and how those of an entry come to them.
 *
 * Two kinds of reader follow the one ring. One is asked for by its owner when it likes
 * (sockeye_reader_next) and loses events if it is asked too seldom: the lab waits for nobody. The
 * other is an observer: the door calls it at the end of every entry, and in the midst of one that
 * makes more than the ring holds, so it loses nothing, and what it asks about the lab (the name of
 * an end of a wire) is as it was when the event happened. Whatever must be whole is an observer:
 * trace, capture, ladder, record and the check of a replay.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "lab/handle.h"

struct sockeye_reader {
    struct event_reader cursor;
    struct sockeye *lab;
    sockeye_observer *call; /* NULL: it is asked */
    void *context;
    bool is_closed; /* by an observer */
};

static struct sockeye_reader *of_cursor(struct event_reader *cursor)
{
    return container_of(cursor, struct sockeye_reader, cursor);
}

static void call_observers(struct event_ring *ring)
{
    struct sockeye_event event;

    for (struct event_reader *cursor = ring->readers; cursor; cursor = cursor->next) {
        const struct sockeye_reader *reader = of_cursor(cursor);

        while (reader->call && event_ring_next(ring, cursor, &event))
            reader->call(reader->context, &event);
    }
}

static void ring_close(struct sockeye *s)
{
    free(s->ring.bytes);
    event_ring_init(&s->ring, NULL, 0);
}

static void leave(struct sockeye *s, struct sockeye_reader *reader)
{
    event_ring_leave(&s->ring, &reader->cursor);
    free(reader);
    if (!s->ring.readers)
        ring_close(s);
}

static void close_later(struct sockeye *s, struct sockeye_reader *reader)
{
    reader->call = NULL;
    reader->is_closed = true;
    s->readers_closed++;
}

static void leave_closed(struct sockeye *s)
{
    struct event_reader *next = s->ring.readers;

    while (next && s->readers_closed > 0) {
        struct sockeye_reader *reader = of_cursor(next);

        next = next->next;
        if (reader->is_closed) {
            s->readers_closed--;
            leave(s, reader);
        }
    }
}

void door_reader_serve(struct sockeye *s)
{
    struct event_ring *ring = &s->ring;
    struct event_log *log = s->lab->log;
    const struct event_record *record;
    uint64_t called = ring->end, at = 0; /* observers have read up to `called` */

    s->is_serving = true;
    while ((record = event_log_next(log, &at))) {
        /* with the gap before it a record takes less than twice its length */
        if (ring->end + 2 * (uint64_t)record->bytes - called > ring->size) {
            call_observers(ring);
            called = ring->end;
        }
        event_ring_add(ring, record);
    }
    for (int kind = 0; log->lost > 0 && kind < EVENT_KINDS; kind++) {
        event_ring_lose(ring, (enum event_kind)kind, log->lost_of[kind]);
        log->lost -= log->lost_of[kind];
        log->lost_of[kind] = 0;
    }
    call_observers(ring);
    s->is_serving = false;
    leave_closed(s);
}

static int ring_open(struct sockeye *s)
{
    uint64_t size = s->ring_bytes ? s->ring_bytes : SOCKEYE_READER_BYTES;
    void *bytes = malloc(size);

    if (!bytes)
        return -ENOMEM;
    event_ring_init(&s->ring, bytes, size);
    return 0;
}

int sockeye_reader_room(struct sockeye *s, size_t bytes)
{
    if (s->ring.bytes)
        return -EBUSY;
    if (bytes && (bytes < SOCKEYE_READER_BYTES_LEAST || bytes > SOCKEYE_READER_BYTES_MOST))
        return -EINVAL;
    s->ring_bytes = (bytes + 7) / 8 * 8;
    return 0;
}

int sockeye_observe(struct sockeye *s, uint32_t kinds, sockeye_observer *observer, void *context,
                    struct sockeye_reader **reader)
{
    struct sockeye_reader *r = calloc(1, sizeof *r);

    if (!r || (!s->ring.bytes && ring_open(s) < 0)) {
        free(r);
        return -ENOMEM;
    }
    r->lab = s;
    r->call = observer;
    r->context = context;
    event_ring_join(&s->ring, &r->cursor, kinds);
    if (reader)
        *reader = r;
    return 0;
}

int sockeye_reader_open(struct sockeye *s, uint32_t kinds, struct sockeye_reader **reader)
{
    return sockeye_observe(s, kinds, NULL, NULL, reader);
}

int sockeye_reader_next(struct sockeye_reader *reader, struct sockeye_event *event)
{
    return event_ring_next(&reader->lab->ring, &reader->cursor, event);
}

uint64_t sockeye_reader_lost(const struct sockeye_reader *reader)
{
    return reader->cursor.lost;
}

void sockeye_reader_close(struct sockeye_reader *reader)
{
    if (!reader || reader->is_closed)
        return;
    if (reader->lab->is_serving)
        close_later(reader->lab, reader);
    else
        leave(reader->lab, reader);
}

void door_reader_close_all(struct sockeye *s)
{
    while (s->ring.readers)
        sockeye_reader_close(of_cursor(s->ring.readers));
}
