/* SPDX-License-Identifier: MIT */
/*
 * The events that a lab's readers have not read yet: a ring of bytes outside of the arena. The door
 * moves the events of an entry in, once; each reader follows with a cursor of its own. When there
 * is no room the oldest events go, whoever has not read them: a reader that is too slow is told how
 * many of the kinds it wants it has lost, to the last one, and the lab never waits.
 *
 * Pure: who opens readers, and calls those that want to be called, is door_reader.c.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

/* A cursor. It never points at an event that has gone. */
struct event_reader {
    struct event_reader *next;
    uint64_t at;    /* position of what it reads next */
    uint64_t lost;  /* events it wanted and did not get */
    uint32_t kinds; /* 1u << kind, EVENT_BYTES */
};

/* Positions only grow; the place is the position modulo the size. */
struct event_ring {
    uint8_t *bytes;
    uint64_t size;
    uint64_t first, end; /* the oldest event, behind the newest */
    struct event_reader *readers;
    uint32_t wanted; /* what any of them wants */
};

/* `size` is a multiple of 8; an event larger than half of it is lost to all. */
void event_ring_init(struct event_ring *ring, void *bytes, uint64_t size);
/* A reader sees what comes after it joined. */
void event_ring_join(struct event_ring *ring, struct event_reader *reader, uint32_t kinds);
void event_ring_leave(struct event_ring *ring, struct event_reader *reader);
void event_ring_add(struct event_ring *ring, const struct event_record *record);
/* Events of a kind were lost before they came here. */
void event_ring_lose(struct event_ring *ring, enum event_kind kind, uint64_t count);
/* Reads the next event of its kinds; the bytes of a frame stay in the ring until the next add.
 * false: it has read all. */
bool event_ring_next(const struct event_ring *ring, struct event_reader *reader,
                     struct sockeye_event *event);
