/* SPDX-License-Identifier: MIT */
/*
 * A message at its two ends, layer by layer: how much each had of it, and whether both had the same
 * in the part that is their own. For a part that is another there: which byte, on which wire, and
 * who noticed.
 */
#pragma once
#include "observe/layers_find.h"

enum layers_layer { LAYERS_LEAST = 1, LAYERS_TRANSPORT = 4, LAYERS_APPLICATION = 7, LAYERS_ROWS };
enum { LAYERS_FAULTS = 8 };

enum layers_verdict {
    LAYERS_UNUSED, /* this message has no unit of that layer */
    LAYERS_UNSEEN, /* nothing of it came to the other end */
    LAYERS_PART,   /* what came is the same, and some did not */
    LAYERS_SAME,
    LAYERS_TRANSLATED, /* a translator wrote another address or port on its way */
    LAYERS_DIFFERS
};

/* What a layer had of a message: at the sender, at the receiver. */
struct layers_row {
    uint64_t bytes[2];
    uint32_t units[2];
    enum layers_verdict verdict;
};

/* A frame that came out as another, or did not come. */
struct layers_fault {
    int frame, last; /* last: that which brought it as far as it came */
    uint32_t at;     /* the byte of the frame */
    uint8_t layer;   /* whose part it is in; 0: nothing came */
    uint8_t was, became;
};

struct layers_compared {
    struct layers_row row[LAYERS_ROWS]; /* by layer, from 1 */
    struct layers_fault fault[LAYERS_FAULTS];
    int faults;
    uint64_t more; /* faults beyond these */
};

void layers_compare(const struct layers_log *log, int message, const struct layers_found *found,
                    struct layers_compared *compared);
/* The layer that a reason belongs to, by its place in enum drop: who noticed. */
int layers_compare_drop(unsigned reason);
