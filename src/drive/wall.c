/* SPDX-License-Identifier: MIT */
/* The machine's clocks, in a file of their own: a test of the drive brings others. */
#include <time.h>

#include "drive/drive.h"

static int64_t read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t drive_wall(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t drive_date(void)
{
    return read_clock(CLOCK_REALTIME);
}
