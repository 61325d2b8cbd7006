/* SPDX-License-Identifier: MIT */
/*
 * Everything that changes a lab from outside, apart from time, as one value: what was asked, of
 * whom, with which numbers and bytes. The door turns every call of sockeye.h into an input; the
 * record writes inputs down; a replay reads them and runs them again. There is no other way in.
 *
 * What kinds there are, and what is done with each, is told by one table (input_table.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lab/input_table.h"
#include "lab/sink.h"

enum input_limits {
    INPUT_NUMBERS = 3,
    INPUT_PARTS = 3,
    INPUT_MOST_BYTES = 32 << 20,   /* of one part: what is longer is cut, as streams may */
    INPUT_SETTINGS_BYTES = 21 * 8, /* of a wire; records of before have fewer: zeroes behind */
    INPUT_SETTINGS_LEAST = 12 * 8
};

/* INPUT_NODE_STATE's number. */
enum input_node_state { INPUT_PAUSE, INPUT_RESUME, INPUT_CRASH };

struct input_bytes {
    const uint8_t *at; /* NULL: not given */
    size_t length;
};

struct input_room {
    uint8_t *at; /* NULL: not wanted */
    size_t size; /* in: room; out: used, or the true length */
};

struct input {
    uint32_t kind; /* enum input_kind */
    int32_t at;    /* host or wire */
    int32_t fd;
    uint32_t flags; /* out: of a received message */
    int64_t number[INPUT_NUMBERS];
    struct input_bytes in[INPUT_PARTS];
    struct input_room out[INPUT_PARTS];
};

/* Runs it at the lab's time. What happens goes to the event log, as far as it is wanted
 * (event_log_begin). @return what the call of sockeye.h returns; next_change: 1 or 0 */
ssize_t input_run(struct lab *lab, struct input *in, uint32_t wanted);
bool input_is_call(uint32_t kind); /* a socket call */
/* Must it be written down, given its result? */
bool input_is_logged(const struct input *in, ssize_t result);

/* The input and what it needs of its result. `out` sizes must be those asked for. */
void input_write(struct sink *s, const struct input *in, ssize_t result);
/* Reads it back. Bytes point into the reader's, or into *scratch (malloc, the caller frees) when
 * only a part of them was kept; out parts get room in *scratch. false: no input, or no memory. */
bool input_read(struct reader *r, struct input *in, void **scratch);
