/* SPDX-License-Identifier: MIT */
/* An observer that counts: frames and their fates, drops by reason, segments sent again by
 * cause. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

struct scene_counts {
    uint64_t frames, bytes; /* handed to wires */
    uint64_t damaged, flipped, duplicated, reordered;
    uint64_t drops[DROP_COUNT];
    uint64_t drops_before_end[DROP_COUNT]; /* what comes later explains no failure */
    bool has_ended;
    uint64_t marks[MARK_COUNT];
};

int scene_counts_watch(struct scene_counts *counts, struct sockeye *lab);
/* The run is over; what still runs is ended now. */
void scene_counts_end(struct scene_counts *counts);
/* The figures of a line, without its end: frames, and what of them did not arrive as it was sent */
void scene_counts_line(const struct scene_counts *counts, FILE *out);
/* What could not be stored anywhere, with the cure: lines that a good run has none of. With `all`
 * also what explains why a program did not reach its peer. */
void scene_counts_warn(const struct scene_counts *counts, bool all, FILE *out, const char *prefix);
/* All of them, by reason, each line after `prefix`; what did not occur is left out. */
void scene_counts_report(const struct scene_counts *counts, FILE *out, const char *prefix);
