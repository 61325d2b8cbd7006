/* SPDX-License-Identifier: MIT */
/*
 * A frame from its first byte, header by header: Ethernet II (RFC 894), and what its type says;
 * IP, and what its protocol says.
 *
 * Every read is bounded by what is left; a header that is cut off is not "there" at all, and
 * `broken` names it. Checksums are verified where all the bytes are present; fragments but the
 * first have no header above IP.
 */
#include "observe/decode/decode_parts.h"

#include <string.h>

static void read_ip(struct decode *d)
{
    decode_ip4_read(d);
    if (!d->has_ip || !d->ip.options || d->ip.fragment_offset != 0)
        return;
    if (d->ip.protocol == 1)
        decode_icmp_read(d);
    else if (d->ip.protocol == 6)
        decode_tcp_read(d);
    else if (d->ip.protocol == 17)
        decode_udp_read(d);
}

static void read_ethernet(struct decode *d)
{
    struct decode_view v = decode_payload(d);

    if (v.length < 14) {
        decode_break(d, "Ethernet: header cut off");
        return;
    }
    d->has_ethernet = true;
    memcpy(d->ethernet.dest, v.bytes, 6);
    memcpy(d->ethernet.source, v.bytes + 6, 6);
    d->ethernet.type = u16_at(v.bytes + 12);
    decode_payload_put(d, decode_after(v, 14));
    if (d->ethernet.type == 0x0800)
        read_ip(d);
    else if (d->ethernet.type == 0x0806)
        decode_arp_read(d);
}

void decode_frame(struct decode *d, const uint8_t *bytes, size_t length, bool bare_ip)
{
    memset(d, 0, sizeof *d);
    d->payload = bytes;
    d->payload_length = length;
    if (bare_ip)
        read_ip(d);
    else
        read_ethernet(d);
}
