/* SPDX-License-Identifier: MIT */
/*
 * A stream's bytes between two 64-bit offsets, in memory of a power of two: byte o lives at
 * o & (capacity - 1). Offsets only grow; a TCP sequence number (64 bits inside) is such an offset,
 * so a segment out of order is written straight to its place, and a retransmission is read from
 * its. The memory is a block of one of a few sizes (struct buffers), exchanged for a larger one as
 * the stream needs it, up to a limit: small connections stay small.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"

struct ring {
    uint8_t *bytes;    /* NULL: no memory yet */
    uint64_t from, to; /* held: [from, to) */
    uint32_t capacity; /* of the memory */
    uint32_t class;
};

static inline uint64_t ring_used(const struct ring *r)
{
    return r->to - r->from;
}

/* Is there memory for offsets up to `to` (from r->from)? */
static inline bool ring_has_room(const struct ring *r, uint64_t to)
{
    return to - r->from <= r->capacity;
}

void ring_init(struct ring *r, uint64_t at); /* empty at an offset */
void ring_done(struct ring *r, struct buffers *b, struct budget *budget);
/* Makes room for offsets up to `to` (from r->from); keeps [from, keep_to), where keep_to >= r->to
 * may include bytes written out of order. false: no memory, nothing changed. */
bool ring_reserve(struct ring *r, struct buffers *b, struct budget *budget, uint64_t to,
                  uint64_t keep_to);
/* Copies in at an offset inside [from, from + capacity); moves no end. */
void ring_write(struct ring *r, uint64_t offset, const void *bytes, size_t length);
/* Copies out of the memory at an offset. */
void ring_read(const struct ring *r, uint64_t offset, void *bytes, size_t length);
/* The same, adding the bytes to a checksum. An odd split inside is dealt with. */
uint64_t ring_read_checksum(const struct ring *r, uint64_t offset, void *bytes, size_t length,
                            uint64_t sum);
void ring_extend(struct ring *r, uint64_t to); /* what was written up to there is held */

/* Writes at `to`, moves it. */
static inline void ring_push(struct ring *r, const void *bytes, size_t length)
{
    ring_write(r, r->to, bytes, length);
    r->to += length;
}

/* Forgets what is before. */
static inline void ring_drop(struct ring *r, uint64_t from)
{
    ensure(from >= r->from && from <= r->to);
    r->from = from;
}
