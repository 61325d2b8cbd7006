/* SPDX-License-Identifier: MIT */
/* IPv4 (RFC 791 3.1). */
#include "observe/decode/decode_parts.h"

bool decode_ip4_header_read(struct decode_ip *ip, struct decode_view v)
{
    const uint8_t *b = v.bytes;

    if (v.length < 20)
        return false;
    ip->version = b[0] >> 4;
    ip->header_length = (uint16_t)((b[0] & 15) * 4);
    ip->tos = b[1];
    ip->total_length = u16_at(b + 2);
    ip->id = u16_at(b + 4);
    ip->dont_fragment = b[6] & 0x40;
    ip->more_fragments = b[6] & 0x20;
    ip->fragment_offset = (uint16_t)((u16_at(b + 6) & 0x1fff) * 8);
    ip->ttl = b[8];
    ip->protocol = b[9];
    ip->checksum = u16_at(b + 10);
    ip->source = decode_ip4_address(b + 12);
    ip->dest = decode_ip4_address(b + 16);
    if (ip->header_length >= 20 && ip->header_length <= v.length) {
        ip->options = b + 20;
        ip->options_length = ip->header_length - 20U;
        ip->checksum_ok = decode_sum_is_good(0, (struct decode_view){b, ip->header_length});
    }
    return true;
}

void decode_ip4_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_ip *ip = &d->ip;

    if (!decode_ip4_header_read(ip, v)) {
        decode_break(d, "IP: header cut off");
        return;
    }
    if (ip->version != 4) {
        decode_break(d, "IP: version is not 4");
        return;
    }
    d->has_ip = true;
    if (!ip->options) {
        decode_break(d, "IP: header length wrong");
        return;
    }
    if (!ip->checksum_ok)
        decode_break(d, "IP: header checksum wrong");
    if (ip->total_length < ip->header_length || ip->total_length > v.length)
        decode_break(d, "IP: total length wrong");
    else
        v.length = ip->total_length; /* the rest is Ethernet's padding */
    v = decode_after(v, ip->header_length);
    decode_payload_put(d, v);
}
