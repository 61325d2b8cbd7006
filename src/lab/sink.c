/* SPDX-License-Identifier: MIT */
/* Reading believes nothing: a number that does not end, or does not fit, is a bad one. */
#include "lab/sink.h"

#include <stdlib.h>
#include <string.h>

void sink_bytes(struct sink *s, const void *bytes, size_t length)
{
    if (!s->failed && length > s->room - s->used) {
        size_t room = 2 * (s->used + length) + 256;
        uint8_t *more = realloc(s->bytes, room);

        if (more) {
            s->bytes = more;
            s->room = room;
        } else {
            s->failed = true;
        }
    }
    if (s->failed || length == 0)
        return;
    memcpy(s->bytes + s->used, bytes, length);
    s->used += length;
}

void sink_number(struct sink *s, uint64_t value)
{
    uint8_t text[10];
    size_t n = 0;

    while (value >= 128) {
        text[n++] = (uint8_t)(value | 128);
        value >>= 7;
    }
    text[n++] = (uint8_t)value;
    sink_bytes(s, text, n);
}

void sink_signed(struct sink *s, int64_t value)
{
    sink_number(s, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

uint64_t sink_number_read(struct reader *r)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = read_u8(r);

        if (shift == 63 && byte > 1)
            break;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return r->failed ? 0 : value;
    }
    r->failed = true;
    return 0;
}

int64_t sink_signed_read(struct reader *r)
{
    uint64_t value = sink_number_read(r);

    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}
