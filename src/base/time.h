/* SPDX-License-Identifier: MIT */
/* Time is an argument: int64 nanoseconds from the start of the lab. No clock is read anywhere. */
#pragma once
#include <stdint.h>

typedef int64_t nanoseconds;

#define NEVER INT64_MAX
#define MICROSECOND INT64_C(1000)
#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static inline nanoseconds time_earlier(nanoseconds a, nanoseconds b)
{
    return a < b ? a : b;
}

static inline nanoseconds time_later(nanoseconds a, nanoseconds b)
{
    return a > b ? a : b;
}
