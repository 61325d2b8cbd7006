/* SPDX-License-Identifier: MIT */
/*
 * X.25 over TCP (RFC 1613 4.1): packets behind four octets each, version 0 and a length. A segment
 * is read as far as it has whole packets, if it begins with one: where packets begin in a stream, a
 * segment alone does not say.
 */
#include "observe/decode/decode_parts.h"

enum { HEADER = 4, LEAST = 3, MOST = 4100 };

/* @return the length of the packet that begins here, or 0 */
static size_t packet_at(struct decode_view v)
{
    size_t length;

    if (v.length < HEADER || u16_at(v.bytes) != 0)
        return 0;
    length = u16_at(v.bytes + 2);
    if (length < LEAST || length > MOST || length > v.length - HEADER)
        return 0;
    return (v.bytes[HEADER] & 0x30) == 0x10 || (v.bytes[HEADER] & 0x30) == 0x20 ? length : 0;
}

void decode_xot_read(struct decode *d)
{
    struct decode_view v = decode_payload(d), rest = v;
    size_t length;

    while ((length = packet_at(rest)) > 0) {
        const struct decode_view packet = {rest.bytes + HEADER, length};

        d->has_xot = true;
        if (d->xot_packets < UINT8_MAX)
            d->xot_packets++;
        decode_payload_put(d, packet);
        decode_x25_read(d);
        rest = decode_after(rest, HEADER + length);
    }
    decode_payload_put(d, v); /* what TCP carried: its length is the segment's */
}
