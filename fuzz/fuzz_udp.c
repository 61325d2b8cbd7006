/* SPDX-License-Identifier: MIT */
/* The UDP header, on any bytes: its length is inside, and it is written as it was read. */
#include "4-transport/udp.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint8_t again[UDP_HEADER_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct udp_header h;

    if (!udp_header_read(&r, &h))
        return 0;
    ensure(h.length >= UDP_HEADER_BYTES && h.length <= length);
    udp_header_write(&w, &h);
    ensure(!w.failed && memcmp(again, bytes, sizeof again) == 0);
    return 0;
}
