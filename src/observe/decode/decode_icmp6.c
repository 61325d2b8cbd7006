/* SPDX-License-Identifier: MIT */
/*
 * ICMPv6 (RFC 4443 2.1): echo, and errors with the packet that they quote. Of Neighbor Discovery
 * and MLD the first eight bytes: the rest is decode_nd.c's and decode_mld.c's.
 */
#include "observe/decode/decode_parts.h"

static void read_quote(struct decode *d, struct decode_view v)
{
    struct decode_icmp *icmp = &d->icmp;

    icmp->has_quote = decode_ip6_header_read(&icmp->quote, v);
    if (!icmp->has_quote) {
        decode_break(d, "ICMPv6: quoted packet cut off");
        return;
    }
    if (!icmp->quote.options || v.length < icmp->quote.header_length + 8U ||
        icmp->quote.fragment_offset != 0)
        return;
    v = decode_after(v, icmp->quote.header_length);
    decode_quote_upper(icmp, v);
}

void decode_icmp6_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_icmp *icmp = &d->icmp;

    if (v.length < 8) {
        decode_break(d, "ICMPv6: header cut off");
        return;
    }
    d->has_icmp = true;
    icmp->type = v.bytes[0];
    icmp->code = v.bytes[1];
    icmp->checksum = u16_at(v.bytes + 2);
    icmp->checksum_ok =
        d->ip.more_fragments || decode_sum_is_good(decode_pseudo_sum(&d->ip, v.length), v);
    icmp->id = u16_at(v.bytes + 4);
    icmp->sequence = u16_at(v.bytes + 6);
    icmp->mtu = icmp->pointer = u32_at(v.bytes + 4);
    if (!icmp->checksum_ok)
        decode_break(d, "ICMPv6: checksum wrong");
    v = decode_after(v, 8);
    if (icmp->type >= 1 && icmp->type <= 4)
        read_quote(d, v);
    decode_payload_put(d, v);
}
