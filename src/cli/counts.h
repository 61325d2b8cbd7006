/* SPDX-License-Identifier: MIT */
/* An observer that counts: frames and their fates, drops by reason, segments sent again by cause.
 */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

struct counts {
    uint64_t frames, bytes; /* handed to wires */
    uint64_t lost, damaged, flipped, duplicated, reordered;
    uint64_t drops[DROP_COUNT];
    uint64_t marks[MARK_COUNT];
    uint64_t connections; /* that reached ESTABLISHED, at either side */
};

int counts_watch(struct counts *counts, struct sockeye *lab);
/* Prints them, each line after `prefix`; reasons that did not occur are left out. */
void counts_print(const struct counts *counts, FILE *out, const char *prefix);
