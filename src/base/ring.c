/* SPDX-License-Identifier: MIT */
/*
 * Rings over blocks of memory (base/buffer).
 *
 * A ring has no head and no tail of its own: an offset says where its byte lies, so writing a
 * segment that came out of order (RFC 9293 3.10.7.4, seventh check) or reading one to send it again
 * is the same copy as any other. When the memory is exchanged for more, every byte of [from,
 * keep_to) moves to the place that its offset has in the larger block.
 *
 * During an exchange the old block is not counted in the budget: it goes back in the same call.
 */
#include "base/ring.h"

#include <string.h>

#include "base/checksum.h"
#include "base/compiler.h"
#include "base/integer.h"

void ring_init(struct ring *r, uint64_t at)
{
    r->bytes = NULL;
    r->from = r->to = at;
    r->capacity = 0;
    r->class = 0;
}

void ring_done(struct ring *r, struct buffers *b, struct budget *budget)
{
    if (r->bytes)
        buffer_put(b, budget, r->bytes, r->class);
    ring_init(r, r->to);
}

/* How many bytes from an offset on lie in one piece. */
static size_t piece(const struct ring *r, uint64_t offset, size_t length)
{
    return (size_t)least(length, r->capacity - (offset & (r->capacity - 1)));
}

static uint8_t *place(const struct ring *r, uint64_t offset)
{
    return r->bytes + (offset & (r->capacity - 1));
}

bool ring_reserve(struct ring *r, struct buffers *b, struct budget *budget, uint64_t to,
                  uint64_t keep_to)
{
    uint32_t freed = r->bytes ? buffer_class_bytes(r->class) : 0;
    struct ring larger;
    unsigned class;

    ensure(to >= r->from && keep_to >= r->to && keep_to - r->from <= r->capacity);
    if (to - r->from <= r->capacity)
        return true;
    budget->used -= freed;
    larger.bytes = buffer_get(b, budget, to - r->from, &class);
    budget->used += freed;
    if (!larger.bytes)
        return false;
    larger.capacity = buffer_class_bytes(class);
    for (uint64_t at = r->from; at < keep_to;) {
        size_t length = piece(r, at, (size_t)(keep_to - at));

        length = piece(&larger, at, length);
        memcpy(place(&larger, at), place(r, at), length);
        at += length;
    }
    if (r->bytes)
        buffer_put(b, budget, r->bytes, r->class);
    r->bytes = larger.bytes;
    r->capacity = larger.capacity;
    r->class = class;
    return true;
}

/* Where [offset, offset + length) begins, and how much of it lies there in one piece; the rest, if
 * any, stands at the beginning of the memory. */
WRAPS static inline size_t first_piece(const struct ring *r, uint64_t offset, size_t length,
                                       uint8_t **at)
{
    uint64_t ahead = offset - r->from; /* huge, if it is behind */
    size_t start, straight;

    ensure(ahead <= r->capacity && length <= r->capacity - ahead);
    start = (size_t)(offset & (r->capacity - 1));
    straight = r->capacity - start;
    *at = r->bytes + start;
    return length < straight ? length : straight;
}

void ring_write(struct ring *r, uint64_t offset, const void *bytes, size_t length)
{
    uint8_t *at;
    size_t first;

    if (length == 0)
        return;
    first = first_piece(r, offset, length, &at);
    memcpy(at, bytes, first);
    if (length > first)
        memcpy(r->bytes, (const uint8_t *)bytes + first, length - first);
}

void ring_read(const struct ring *r, uint64_t offset, void *bytes, size_t length)
{
    uint8_t *at;
    size_t first;

    if (length == 0)
        return;
    first = first_piece(r, offset, length, &at);
    memcpy(bytes, at, first);
    if (length > first)
        memcpy((uint8_t *)bytes + first, r->bytes, length - first);
}

uint64_t ring_read_checksum(const struct ring *r, uint64_t offset, void *bytes, size_t length,
                            uint64_t sum)
{
    uint16_t rest;
    uint8_t *at;
    size_t first;

    if (length == 0)
        return sum;
    first = first_piece(r, offset, length, &at);
    sum = checksum_copy(sum, bytes, at, first);
    if (length == first)
        return sum;
    if (first % 2 == 0)
        return checksum_copy(sum, (uint8_t *)bytes + first, r->bytes, length - first);
    /* RFC 1071 2 (B): the second part stands at an odd place, so its sum is swapped. */
    rest = (uint16_t)~checksum_finish(
        checksum_copy(0, (uint8_t *)bytes + first, r->bytes, length - first));
    return sum + (uint64_t)((rest & 0xffu) << 8 | rest >> 8);
}

void ring_extend(struct ring *r, uint64_t to)
{
    ensure(to >= r->to && to - r->from <= r->capacity);
    r->to = to;
}
