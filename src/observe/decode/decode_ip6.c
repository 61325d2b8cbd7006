/* SPDX-License-Identifier: MIT */
/*
 * IPv6 (RFC 8200 3) and the headers between it and its upper layer (RFC 8200 4): hop-by-hop
 * options, routing, fragment, destination options, authentication (RFC 4302 2.2), mobility, HIP
 * and Shim6 (RFC 7045 3). Any number may stand there in any order; DECODE_EXTENSIONS are walked,
 * and no byte twice. Behind a fragment header that is not the first piece there is no header.
 */
#include "observe/decode/decode_parts.h"

enum {
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    DEST_OPTIONS = 60,
    MOBILITY = 135,
    HIP = 139,
    SHIM6 = 140
};

static bool is_extension(uint8_t number)
{
    return number == HOP_BY_HOP || number == ROUTING || number == FRAGMENT ||
           number == AUTHENTICATION || number == DEST_OPTIONS || number == MOBILITY ||
           number == HIP || number == SHIM6;
}

static size_t extension_length(uint8_t number, const uint8_t *b)
{
    if (number == FRAGMENT)
        return 8;
    return number == AUTHENTICATION ? (b[1] + 2U) * 4 : (b[1] + 1U) * 8;
}

static void read_fragment(struct decode_ip *ip, const uint8_t *b)
{
    ip->has_fragment = true;
    ip->fragment_offset = u16_at(b + 2) & 0xfff8;
    ip->more_fragments = b[3] & 1;
    ip->id = u32_at(b + 4);
}

/* ip->protocol is the number of what stands at v, which is behind the fixed header. @return false:
 * one is cut off, or there are too many */
static bool walk(struct decode_ip *ip, struct decode_view v)
{
    while (is_extension(ip->protocol)) {
        size_t length;

        if (v.length < 8 || ip->extensions == DECODE_EXTENSIONS)
            return false;
        length = extension_length(ip->protocol, v.bytes);
        if (length > v.length)
            return false;
        if (ip->protocol == FRAGMENT)
            read_fragment(ip, v.bytes);
        ip->extension[ip->extensions++] = ip->protocol;
        ip->protocol = v.bytes[0];
        ip->header_length = (uint16_t)(ip->header_length + length);
        v = decode_after(v, length);
        if (ip->fragment_offset != 0)
            return true;
    }
    return true;
}

bool decode_ip6_header_read(struct decode_ip *ip, struct decode_view v)
{
    const uint8_t *b = v.bytes;

    if (v.length < 40)
        return false;
    ip->version = b[0] >> 4;
    ip->tos = (uint8_t)(b[0] << 4 | b[1] >> 4);
    ip->flow_label = u32_at(b) & 0xfffff;
    ip->total_length = 40U + u16_at(b + 4);
    ip->protocol = b[6];
    ip->ttl = b[7];
    ip->source = decode_ip6_address(b + 8);
    ip->dest = decode_ip6_address(b + 24);
    ip->checksum_ok = true;
    ip->header_length = 40;
    if (walk(ip, decode_after(v, 40))) {
        ip->options = b + 40;
        ip->options_length = ip->header_length - 40U;
    }
    return true;
}

void decode_ip6_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_ip *ip = &d->ip;

    if (v.length >= 40 && 40U + u16_at(v.bytes + 4) < v.length)
        v.length = 40U + u16_at(v.bytes + 4); /* the rest is Ethernet's padding */
    if (!decode_ip6_header_read(ip, v)) {
        decode_break(d, "IP: header cut off");
        return;
    }
    if (ip->version != 6) {
        decode_break(d, "IP: version is not 6");
        return;
    }
    d->has_ip = true;
    if (ip->total_length > v.length)
        decode_break(d, "IP: payload length wrong");
    if (!ip->options)
        decode_break(d, ip->extensions == DECODE_EXTENSIONS ? "IP: too many extension headers"
                                                            : "IP: extension header cut off");
    decode_payload_put(d, decode_after(v, ip->header_length));
}
