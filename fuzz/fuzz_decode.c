/* SPDX-License-Identifier: MIT */
/*
 * The observer's codecs alone: any bytes as a frame and as a bare datagram. What is left of the
 * payload lies in them, counts are within their arrays, and the line of a message is printable
 * ASCII whose end is there.
 */
#include "base/compiler.h"
#include "observe/decode/decode.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_counts(const struct decode *d)
{
    ensure(d->ethernet.tags <= DECODE_TAGS);
    ensure(d->ip.extensions <= DECODE_EXTENSIONS);
    ensure(d->icmp.quote.extensions <= DECODE_EXTENSIONS);
    ensure(d->tcp.sacks <= DECODE_SACKS);
    ensure(d->nd.prefixes <= DECODE_PREFIXES && d->nd.routes <= DECODE_PREFIXES);
    ensure(d->nd.servers <= DECODE_PREFIXES);
    ensure(d->group.records <= DECODE_RECORDS && d->group.kind <= DECODE_GROUP_LEAVE);
}

static void check_message(const struct decode *d)
{
    size_t length = strnlen(d->message, sizeof d->message);

    ensure(length < sizeof d->message);
    for (size_t i = 0; i < length; i++)
        ensure(d->message[i] >= ' ' && d->message[i] < 127);
}

static void look(const uint8_t *bytes, size_t length, bool bare_ip)
{
    struct decode d;

    decode_frame(&d, bytes, length, bare_ip);
    ensure(d.payload >= bytes && d.payload_length <= length);
    ensure(d.payload + d.payload_length <= bytes + length);
    check_counts(&d);
    check_message(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    look(bytes, length, false);
    look(bytes, length, true);
    return 0;
}
