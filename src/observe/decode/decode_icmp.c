/* SPDX-License-Identifier: MIT */
/* ICMP (RFC 792, next-hop MTU of RFC 1191 4), and the packet it quotes. */
#include "observe/decode/decode_parts.h"

static void read_quote(struct decode *d, struct decode_view v)
{
    struct decode_icmp *icmp = &d->icmp;

    icmp->has_quote = decode_ip4_header_read(&icmp->quote, v);
    if (!icmp->has_quote) {
        decode_break(d, "ICMP: quoted packet cut off");
        return;
    }
    if (!icmp->quote.options || v.length < icmp->quote.header_length + 8U)
        return;
    v = decode_after(v, icmp->quote.header_length);
    if (icmp->quote.fragment_offset != 0)
        return;
    decode_quote_upper(icmp, v);
}

void decode_icmp_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_icmp *icmp = &d->icmp;

    if (v.length < 8) {
        decode_break(d, "ICMP: header cut off");
        return;
    }
    d->has_icmp = true;
    icmp->type = v.bytes[0];
    icmp->code = v.bytes[1];
    icmp->checksum = u16_at(v.bytes + 2);
    icmp->checksum_ok = decode_sum_is_good(0, v) || d->ip.more_fragments;
    icmp->id = u16_at(v.bytes + 4);
    icmp->sequence = u16_at(v.bytes + 6);
    icmp->mtu = u16_at(v.bytes + 6);
    icmp->pointer = v.bytes[4];
    if (!icmp->checksum_ok)
        decode_break(d, "ICMP: checksum wrong");
    v = decode_after(v, 8);
    if (icmp->type == 3 || icmp->type == 4 || icmp->type == 5 || icmp->type == 11 ||
        icmp->type == 12)
        read_quote(d, v);
    decode_payload_put(d, v);
}
