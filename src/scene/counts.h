/* SPDX-License-Identifier: MIT */
/* An observer that counts: frames and their fates, drops by reason, segments sent again by
 * cause. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

struct scene_counts {
    uint64_t frames, bytes; /* handed to wires */
    uint64_t lost, damaged, flipped, duplicated, reordered;
    uint64_t drops[DROP_COUNT];
    uint64_t marks[MARK_COUNT];
    uint64_t connections; /* that reached ESTABLISHED, at either side */
};

int scene_counts_watch(struct scene_counts *counts, struct sockeye *lab);
/* Prints them, each line after `prefix`; reasons that did not occur are left out. */
void scene_counts_print(const struct scene_counts *counts, FILE *out, const char *prefix);
