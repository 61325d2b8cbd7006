/* SPDX-License-Identifier: MIT */
/* The IPv4 header and its options, on any bytes: what is accepted must be true and inside, and a
 * header without options must be written again as it was read. */
#include "3-network/ip4/ip4_options.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length), quoted = r;
    uint8_t again[IP4_HEADER_BYTES], pointer = 0;
    struct writer w = writer_of(again, sizeof again);
    struct ip4_header h, q;
    bool good = ip4_header_read(&r, &h);

    ensure(!good || ip4_header_read_quoted(&quoted, &q));
    if (!good)
        return 0;
    ensure(h.header_bytes >= IP4_HEADER_BYTES && h.header_bytes <= h.total_length);
    ensure(h.total_length <= length && r.at == bytes + h.header_bytes);
    ensure(h.options == bytes + IP4_HEADER_BYTES);
    if (ip4_options_check(&h, &pointer) == IP4_OPTIONS_BAD)
        ensure(pointer >= IP4_HEADER_BYTES && pointer < h.header_bytes);
    if (h.header_bytes == IP4_HEADER_BYTES && h.checksum_right && !(bytes[6] & 0x80)) {
        ip4_header_write(&w, &h);
        ensure(!w.failed && memcmp(again, bytes, 10) == 0 &&
               memcmp(again + 12, bytes + 12, 8) == 0);
    }
    return 0;
}
