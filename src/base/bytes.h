/* SPDX-License-Identifier: MIT */
/*
 * Bytes become meaning once: a reader and a writer, big-endian, bounds-checked, with sticky
 * failure, so that a parser reads straight down and asks once at its end.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *at, *end;
    bool failed;
};

struct writer {
    uint8_t *at, *end;
    bool failed;
};

/* Fields at known places of bytes that are known to be there. */
static inline uint16_t u16_at(const uint8_t *b)
{
    return (uint16_t)((uint32_t)b[0] << 8 | b[1]);
}

static inline uint32_t u32_at(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void u16_put(uint8_t *b, uint16_t value)
{
    b[0] = (uint8_t)(value >> 8);
    b[1] = (uint8_t)value;
}

static inline void u32_put(uint8_t *b, uint32_t value)
{
    b[0] = (uint8_t)(value >> 24);
    b[1] = (uint8_t)(value >> 16);
    b[2] = (uint8_t)(value >> 8);
    b[3] = (uint8_t)value;
}

/* Of no bytes the pointer may be NULL, and C adds nothing to that, not even 0. */
static inline struct reader reader_of(const void *bytes, size_t length)
{
    return (struct reader){.at = bytes,
                           .end = length > 0 ? (const uint8_t *)bytes + length : bytes};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next n bytes, or NULL and failure. */
static inline const uint8_t *read_bytes(struct reader *r, size_t n)
{
    const uint8_t *at = r->at;

    if (r->failed || reader_left(r) < n) {
        r->failed = true;
        return NULL;
    }
    r->at += n;
    return at;
}

static inline uint8_t read_u8(struct reader *r)
{
    const uint8_t *b = read_bytes(r, 1);

    return b ? b[0] : 0;
}

static inline uint16_t read_u16(struct reader *r)
{
    const uint8_t *b = read_bytes(r, 2);

    return b ? u16_at(b) : 0;
}

static inline uint32_t read_u32(struct reader *r)
{
    const uint8_t *b = read_bytes(r, 4);

    return b ? u32_at(b) : 0;
}

static inline uint64_t read_u64(struct reader *r)
{
    uint64_t high = read_u32(r);

    return high << 32 | read_u32(r);
}

static inline void read_copy(struct reader *r, void *to, size_t n)
{
    const uint8_t *b = read_bytes(r, n);

    if (b)
        memcpy(to, b, n);
    else
        memset(to, 0, n);
}

static inline void read_skip(struct reader *r, size_t n)
{
    (void)read_bytes(r, n);
}

static inline struct writer writer_of(void *bytes, size_t size)
{
    return (struct writer){.at = bytes, .end = (uint8_t *)bytes + size};
}

static inline uint8_t *write_room(struct writer *w, size_t n)
{
    uint8_t *at = w->at;

    if (w->failed || (size_t)(w->end - w->at) < n) {
        w->failed = true;
        return NULL;
    }
    w->at += n;
    return at;
}

static inline void write_u8(struct writer *w, uint8_t value)
{
    uint8_t *b = write_room(w, 1);

    if (b)
        b[0] = value;
}

static inline void write_u16(struct writer *w, uint16_t value)
{
    uint8_t *b = write_room(w, 2);

    if (b)
        u16_put(b, value);
}

static inline void write_u32(struct writer *w, uint32_t value)
{
    uint8_t *b = write_room(w, 4);

    if (b)
        u32_put(b, value);
}

static inline void write_u64(struct writer *w, uint64_t value)
{
    write_u32(w, (uint32_t)(value >> 32));
    write_u32(w, (uint32_t)value);
}

static inline void write_copy(struct writer *w, const void *from, size_t n)
{
    uint8_t *b = write_room(w, n);

    if (b && n)
        memcpy(b, from, n);
}
