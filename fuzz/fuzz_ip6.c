/* SPDX-License-Identifier: MIT */
/* The IPv6 header and the chain of extension headers, on any bytes: what is accepted must be
 * inside, and a header must be written again as it was read. */
#include "3-network/ip6/ip6_chain.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A walk goes forward, ends, and names a place in the packet. */
static void walk(const uint8_t *bytes, uint32_t length, uint8_t first)
{
    struct ip6_chain c = ip6_chain_of(first), skipped = c;
    struct reader r;
    struct ip6_fragment_header fragment, again;
    uint8_t written[IP6_FRAGMENT_BYTES];
    struct writer w = writer_of(written, sizeof written);

    if (ip6_chain_walk(bytes, length, &c) == IP6_CHAIN_PROBLEM)
        ensure(c.pointer < length && c.code <= IP6_PROBLEM_OPTION);
    ensure(c.at <= length && c.next_at < c.at && c.headers <= IP6_CHAIN_HEADERS);
    ensure(!ip6_chain_skip(bytes, length, &skipped) || skipped.at <= length);
    r = reader_of(bytes + c.at, length - c.at);
    if (!ip6_header_fragment_read(&r, &fragment))
        return;
    ip6_header_fragment_write(&w, &fragment);
    r = reader_of(written, sizeof written);
    ensure(ip6_header_fragment_read(&r, &again) && again.id == fragment.id &&
           again.offset == fragment.offset && again.more == fragment.more &&
           again.next_header == fragment.next_header);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length), quoted = r;
    uint8_t again[IP6_HEADER_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct ip6_header h, q;

    if (!ip6_header_read(&r, &h))
        return 0;
    ensure(ip6_header_read_quoted(&quoted, &q) && r.at == bytes + IP6_HEADER_BYTES);
    ensure((size_t)IP6_HEADER_BYTES + h.payload_length <= length);
    ip6_header_write(&w, &h);
    ensure(!w.failed && memcmp(again, bytes, sizeof again) == 0);
    walk(bytes, (uint32_t)IP6_HEADER_BYTES + h.payload_length, h.next_header);
    return 0;
}
