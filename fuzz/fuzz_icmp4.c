/* SPDX-License-Identifier: MIT */
/* An ICMP message, and the packet that an error quotes, on any bytes. */
#include "3-network/ip4/icmp4.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint8_t again[ICMP4_HEADER_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct icmp4_header h;
    struct ip4_header quoted;

    if (!icmp4_header_read(&r, &h))
        return 0;
    ensure(length >= ICMP4_HEADER_BYTES && reader_left(&r) == length - ICMP4_HEADER_BYTES);
    icmp4_header_write(&w, &h);
    ensure(!w.failed && memcmp(again, bytes, sizeof again) == 0);
    if (!ip4_header_read_quoted(&r, &quoted))
        return 0;
    ensure(r.at <= bytes + length && quoted.total_length >= quoted.header_bytes);
    ensure(ICMP4_HEADER_BYTES + (size_t)quoted.header_bytes <= length);
    return 0;
}
