/* SPDX-License-Identifier: MIT */
/*
 * Records lie one behind the other as they lay in the log of their entry, and never across the end
 * of the ring: what is left there is a gap, a record without an event.
 */
#include "lab/event_ring.h"

#include <string.h>

#define GAP UINT32_MAX /* in `kept`: clang has enumerators of int alone */

void event_ring_init(struct event_ring *ring, void *bytes, uint64_t size)
{
    memset(ring, 0, sizeof *ring);
    ring->bytes = bytes;
    ring->size = size;
}

static void sum_wanted(struct event_ring *ring)
{
    ring->wanted = 0;
    for (const struct event_reader *r = ring->readers; r; r = r->next)
        ring->wanted |= r->kinds;
}

void event_ring_join(struct event_ring *ring, struct event_reader *reader, uint32_t kinds)
{
    struct event_reader **last = &ring->readers;

    while (*last)
        last = &(*last)->next;
    *last = reader;
    reader->next = NULL;
    reader->at = ring->end;
    reader->lost = 0;
    reader->kinds = kinds;
    sum_wanted(ring);
}

void event_ring_leave(struct event_ring *ring, struct event_reader *reader)
{
    struct event_reader **at = &ring->readers;

    while (*at && *at != reader)
        at = &(*at)->next;
    if (*at)
        *at = reader->next;
    sum_wanted(ring);
}

static struct event_record *record_at(const struct event_ring *ring, uint64_t position)
{
    return (void *)(ring->bytes + position % ring->size);
}

static bool is_wanted(const struct event_reader *reader, const struct event_record *record)
{
    return record->kept != GAP && (reader->kinds >> event_record_kind(record) & 1u) != 0;
}

/* The oldest event goes. */
static void drop_first(struct event_ring *ring)
{
    const struct event_record *record = record_at(ring, ring->first);
    uint64_t behind = ring->first + record->bytes;

    for (struct event_reader *r = ring->readers; r; r = r->next) {
        if (r->at > ring->first)
            continue;
        r->at = behind;
        r->lost += is_wanted(r, record);
    }
    ring->first = behind;
}

void event_ring_lose(struct event_ring *ring, enum event_kind kind, uint64_t count)
{
    for (struct event_reader *r = ring->readers; r; r = r->next)
        if (r->kinds >> kind & 1u)
            r->lost += count;
}

void event_ring_add(struct event_ring *ring, const struct event_record *record)
{
    uint64_t left = ring->size - ring->end % ring->size;
    uint64_t gap = record->bytes > left ? left : 0;

    if (record->bytes > ring->size / 2) {
        event_ring_lose(ring, event_record_kind(record), 1);
        return;
    }
    while (ring->end + gap + record->bytes - ring->first > ring->size)
        drop_first(ring);
    if (gap) {
        *record_at(ring, ring->end) = (struct event_record){(uint32_t)gap, GAP};
        ring->end += gap;
    }
    memcpy(record_at(ring, ring->end), record, record->bytes);
    ring->end += record->bytes;
}

bool event_ring_next(const struct event_ring *ring, struct event_reader *reader,
                     struct sockeye_event *event)
{
    while (reader->at != ring->end) {
        const struct event_record *record = record_at(ring, reader->at);

        reader->at += record->bytes;
        if (!is_wanted(reader, record))
            continue;
        event_record_read(record, reader->kinds, event);
        return true;
    }
    return false;
}
