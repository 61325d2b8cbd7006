/* SPDX-License-Identifier: MIT */
/*
 * What stands outside of the arena for each lab: the mapping, who observes, who records. It is
 * memory of the process (malloc), it is never part of an image, and nothing in the core knows it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "lab/arena_map.h"
#include "lab/input.h"
#include "lab/lab.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { HANDLE_OBSERVERS = 8 };

struct observer {
    sockeye_observer *call; /* NULL: free */
    void *context;
};

struct record; /* record.h */

struct sockeye {
    struct arena_map map;
    struct lab *lab; /* in the arena */
    struct observer observers[HANDLE_OBSERVERS];
    struct observer replay; /* sees the frames that are sent */
    struct record *record;  /* NULL: off */
    uint64_t inputs;        /* run so far; 0: the lab is as it was opened */
};

/* door.c */

/* Every entry but time: empties the event log, runs the input, writes it down, tells observers. */
ssize_t door_enter(struct sockeye *s, struct input *in);
/* One event of the lab; tells observers. */
void door_step(struct sockeye *s);
/* Which kinds of event anybody wants. */
void door_listen(struct sockeye *s);
