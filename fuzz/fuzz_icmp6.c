/* SPDX-License-Identifier: MIT */
/* An ICMPv6 message, and the packet that an error quotes, on any bytes. */
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ip6_chain.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct address ours = {UINT64_C(0xfd00000000000000), 1};
    struct reader r = reader_of(bytes, length);
    uint8_t again[ICMP6_HEADER_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct icmp6_header h;
    struct ip6_header quoted;
    struct ip6_chain c;

    if (!icmp6_header_read(&r, ours, ours, &h))
        return 0;
    ensure(length >= ICMP6_HEADER_BYTES && reader_left(&r) == length - ICMP6_HEADER_BYTES);
    icmp6_header_write(&w, &h);
    ensure(!w.failed && memcmp(again, bytes, sizeof again) == 0);
    bytes = r.at;
    length = reader_left(&r);
    if (!ip6_header_read_quoted(&r, &quoted))
        return 0;
    c = ip6_chain_of(quoted.next_header);
    if (ip6_chain_skip(bytes, (uint32_t)length, &c))
        ensure(c.at >= IP6_HEADER_BYTES && c.at <= length);
    return 0;
}
