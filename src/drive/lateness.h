/* SPDX-License-Identifier: MIT */
/*
 * How late events ran: counted in classes of a sixteenth of a power of two, so that a percentile is
 * right to 6 % whatever the size, in 4 KiB.
 */
#pragma once
#include <stdint.h>

enum { DRIVE_LATENESS_CLASSES = 64 * 16 };

struct drive_lateness {
    uint32_t count[DRIVE_LATENESS_CLASSES];
    uint64_t events;
    int64_t most;
};

void drive_lateness_add(struct drive_lateness *lateness, int64_t late);
/* The least time such that at most one event in a hundred was later, to 6 %; 0: none was added. */
int64_t drive_lateness_p99(const struct drive_lateness *lateness);
