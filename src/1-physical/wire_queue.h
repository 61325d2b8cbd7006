/* SPDX-License-Identifier: MIT */
/*
 * The queue of a sender: how many frames and bytes may wait for, and be in, transmission. An empty
 * queue takes a frame of any size. It has no effect on a wire without rate, where nothing waits.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { WIRE_QUEUE_PACKETS = 1000 };

struct wire_queue_limits {
    uint32_t packets; /* 0: WIRE_QUEUE_PACKETS */
    uint32_t bytes;   /* 0: no limit in bytes */
};

/* Is there no room for a frame of so many bytes beside those that are there? */
static inline bool wire_queue_is_full(const struct wire_queue_limits *l, uint32_t packets,
                                      uint32_t held, uint32_t bytes)
{
    if (packets >= (l->packets ? l->packets : WIRE_QUEUE_PACKETS))
        return true;
    return l->bytes && packets && (uint64_t)held + bytes > l->bytes;
}
