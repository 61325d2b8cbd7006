/* SPDX-License-Identifier: MIT */
/*
 * A frame from its first byte, header by header: Ethernet II (RFC 894) with the tags of IEEE 802.1Q
 * and 802.1ad, or IEEE 802.3 with LLC (RFC 1042); what its type says; IP, and what its protocol
 * says; a datagram, and what its ports say.
 *
 * Every read is bounded by what is left; a header that is cut off is not "there" at all, and
 * `broken` names it. Checksums are verified where all the bytes are present; fragments but the
 * first have no header above IP.
 */
#include "observe/decode/decode_parts.h"

#include <string.h>

enum {
    TYPE_IP4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_TAG = 0x8100,
    TYPE_OUTER_TAG = 0x88a8,
    TYPE_IP6 = 0x86dd,
    TYPE_LAPB = 0x6000,  /* as Linux's lapbether has it */
    TYPE_LEAST = 0x0600, /* below it: a length */
    PROTOCOL_ICMP = 1,
    PROTOCOL_IGMP = 2,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMP6 = 58,
    PORT_XOT = 1998
};

static bool is_port(const struct decode *d, uint16_t port)
{
    return d->udp.source_port == port || d->udp.dest_port == port;
}

static void read_datagram(struct decode *d)
{
    decode_udp_read(d);
    if (!d->has_udp || d->ip.more_fragments || d->broken)
        return;
    if (is_port(d, 67) || is_port(d, 68))
        decode_dhcp_read(d);
    else if (is_port(d, 546) || is_port(d, 547))
        decode_dhcp6_read(d);
    else if (is_port(d, 53) || is_port(d, 5353))
        decode_dns_read(d);
}

static void read_segment(struct decode *d)
{
    decode_tcp_read(d);
    if (d->has_tcp && !d->ip.more_fragments &&
        (d->tcp.source_port == PORT_XOT || d->tcp.dest_port == PORT_XOT))
        decode_xot_read(d);
}

/* RFC 4443 2.1: what kind of message of ICMPv6 it is. */
static void read_icmp6(struct decode *d)
{
    decode_icmp6_read(d);
    if (!d->has_icmp)
        return;
    if (d->icmp.type >= 133 && d->icmp.type <= 137)
        decode_nd_read(d);
    else if ((d->icmp.type >= 130 && d->icmp.type <= 132) || d->icmp.type == 143)
        decode_mld_read(d);
}

static void read_upper(struct decode *d)
{
    if (!d->has_ip || !d->ip.options || d->ip.fragment_offset != 0)
        return;
    if (d->ip.protocol == PROTOCOL_TCP)
        read_segment(d);
    else if (d->ip.protocol == PROTOCOL_UDP)
        read_datagram(d);
    else if (d->ip.version == 4 && d->ip.protocol == PROTOCOL_ICMP)
        decode_icmp_read(d);
    else if (d->ip.version == 4 && d->ip.protocol == PROTOCOL_IGMP)
        decode_igmp_read(d);
    else if (d->ip.version == 6 && d->ip.protocol == PROTOCOL_ICMP6)
        read_icmp6(d);
}

static void read_ip(struct decode *d, bool is_six)
{
    if (is_six)
        decode_ip6_read(d);
    else
        decode_ip4_read(d);
    read_upper(d);
}

/* Stacked tags are two at most: a third is what the frame carries. */
static bool tags_read(struct decode *d)
{
    while (d->ethernet.type == TYPE_TAG || d->ethernet.type == TYPE_OUTER_TAG) {
        struct decode_view v = decode_payload(d);
        struct decode_tag *tag = &d->ethernet.tag[d->ethernet.tags];

        if (d->ethernet.tags == DECODE_TAGS)
            return true;
        if (v.length < 4) {
            decode_break(d, "802.1Q: tag cut off");
            return false;
        }
        tag->type = d->ethernet.type;
        tag->priority = v.bytes[0] >> 5;
        tag->vlan = u16_at(v.bytes) & 0xfff;
        d->ethernet.tags++;
        d->ethernet.type = u16_at(v.bytes + 2);
        decode_payload_put(d, decode_after(v, 4));
    }
    return true;
}

/* IEEE 802.3: a length, and LLC, whose service says what it is. */
static void read_llc(struct decode *d)
{
    struct decode_view v = decode_payload(d);

    if (d->ethernet.type > v.length || d->ethernet.type < 3) {
        decode_break(d, "802.3: length wrong");
        return;
    }
    v.length = d->ethernet.type; /* the rest is padding */
    if (v.bytes[0] != 0x42 || v.bytes[1] != 0x42 || v.bytes[2] != 3)
        return;
    decode_payload_put(d, decode_after(v, 3));
    decode_stp_read(d);
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
    if (!tags_read(d))
        return;
    if (d->ethernet.type == TYPE_IP4 || d->ethernet.type == TYPE_IP6)
        read_ip(d, d->ethernet.type == TYPE_IP6);
    else if (d->ethernet.type == TYPE_ARP)
        decode_arp_read(d);
    else if (d->ethernet.type == TYPE_LAPB)
        decode_lapb_read(d);
    else if (d->ethernet.type < TYPE_LEAST)
        read_llc(d);
}

void decode_frame(struct decode *d, const uint8_t *bytes, size_t length, bool bare_ip)
{
    memset(d, 0, sizeof *d);
    d->payload = bytes;
    d->payload_length = length;
    if (bare_ip)
        read_ip(d, length > 0 && bytes[0] >> 4 == 6);
    else
        read_ethernet(d);
}
