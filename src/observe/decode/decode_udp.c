/* SPDX-License-Identifier: MIT */
/* UDP (RFC 768). */
#include "observe/decode/decode_parts.h"

void decode_udp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_udp *udp = &d->udp;

    if (v.length < 8) {
        decode_break(d, "UDP: header cut off");
        return;
    }
    d->has_udp = true;
    udp->source_port = u16_at(v.bytes);
    udp->dest_port = u16_at(v.bytes + 2);
    udp->length = u16_at(v.bytes + 4);
    udp->checksum = u16_at(v.bytes + 6);
    if (udp->length < 8 || udp->length > v.length) {
        /* the first fragment of a datagram has not all of it: that is no fault */
        if (!d->ip.more_fragments || udp->length < 8)
            decode_break(d, "UDP: length wrong");
        udp->checksum_ok = d->ip.more_fragments;
    } else {
        v.length = udp->length;
        udp->checksum_ok = udp->checksum == 0
                               ? d->ip.version == 4 /* RFC 8200 8.1: over IPv6 it must be there */
                               : decode_sum_is_good(decode_pseudo_sum(&d->ip, v.length), v);
        if (!udp->checksum_ok)
            decode_break(d, udp->checksum == 0 ? "UDP: no checksum" : "UDP: checksum wrong");
    }
    v = decode_after(v, 8);
    decode_payload_put(d, v);
}
