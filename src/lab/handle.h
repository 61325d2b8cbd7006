/* SPDX-License-Identifier: MIT */
/*
 * What stands outside of the arena for each lab: the mapping, who reads its events, who records. It
 * is memory of the process (malloc), never part of an image, and nothing in the core knows it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "lab/arena_map.h"
#include "lab/event_ring.h"
#include "lab/input.h"
#include "lab/lab.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

struct record; /* record.h */

_Static_assert((int)SOCKEYE_LABS == (int)ARENA_MAP_SLOTS, "a place for each lab");

struct sockeye {
    struct arena_map map;
    struct lab *lab;        /* in the arena */
    struct event_ring ring; /* no bytes: nobody reads */
    uint64_t ring_bytes;    /* as asked for; 0: the default */
    bool is_serving;        /* observers are being called */
    size_t readers_closed;  /* by them; they go when all have been called */
    struct record *record;  /* NULL: off */
    uint64_t inputs;        /* run so far; 0: the lab is as it was opened */
};

/* door.c */

/* Every entry but time: runs the input, writes it down, gives its events to the readers. */
ssize_t door_enter(struct sockeye *s, struct input *in);
/* The next thing that is due in the lab; gives its events to the readers. */
void door_step(struct sockeye *s);

/* door_reader.c */

/* Moves the events of the entry that ended into the ring, and calls the observers. */
void door_reader_serve(struct sockeye *s);
/* Closes all readers, and with them the ring. */
void door_reader_close_all(struct sockeye *s);
