/* SPDX-License-Identifier: MIT */
/*
 * Bytes of a frame to named fields (decode.h).
 *
 * Ethernet II (RFC 894), ARP (RFC 826), IPv4 (RFC 791 3.1), ICMP (RFC 792, next-hop MTU of
 * RFC 1191 4), UDP (RFC 768), TCP (RFC 9293 3.1) and its options: MSS (RFC 9293 3.2), window scale
 * and timestamps (RFC 7323 2.2, 3.2), SACK (RFC 2018 2, 3). Every read is bounded by what is left;
 * a header that is cut off is not "there" at all, and `broken` names it. Checksums are verified
 * where all the bytes are present; fragments but the first have no header above IP.
 */
#include "decode.h"
#include <string.h>

struct view {
    const uint8_t *bytes;
    size_t length;
};

/* An option of a TCP header. */
struct option {
    uint8_t kind;
    uint8_t length; /* of data */
    const uint8_t *data;
};

static uint16_t u16(const uint8_t *b)
{
    return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t u32(const uint8_t *b)
{
    return (uint32_t)u16(b) << 16 | u16(b + 2);
}

static void break_at(struct decode *d, const char *why)
{
    if (!d->broken)
        d->broken = why;
}

static struct view after(struct view v, size_t n)
{
    return (struct view){v.bytes + n, v.length - n};
}

static uint32_t sum_add(uint32_t sum, const uint8_t *b, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += u16(b + i);
    if (length & 1)
        sum += (uint32_t)b[length - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* RFC 1071: the sum over a whole with its checksum in place is all ones. */
static bool sum_is_good(uint32_t sum, struct view v)
{
    return sum_add(sum, v.bytes, v.length) == 0xffff;
}

static struct address ip4_address(const uint8_t *b)
{
    return address_from_ip4(u32(b));
}

static uint32_t pseudo_sum(const struct decode_ip *ip, size_t length)
{
    uint32_t source = address_to_ip4(ip->source), dest = address_to_ip4(ip->dest);

    return (source >> 16) + (source & 0xffff) + (dest >> 16) + (dest & 0xffff) + ip->protocol +
           (uint32_t)length;
}

/* Walks the options of a TCP header: gives kind, and the data after the length byte.
 * `at` is 0 at first. @return false at the end (or at END OF OPTIONS, or at a broken one) */
static bool option_next(const uint8_t *options, size_t length, size_t *at, struct option *option)
{
    size_t left = length - *at;

    memset(option, 0, sizeof *option);
    if (*at >= length || options[*at] == 0)
        return false;
    option->kind = options[*at];
    if (option->kind == 1) {
        *at += 1;
        return true;
    }
    if (left < 2 || options[*at + 1] < 2 || options[*at + 1] > left)
        return false;
    option->length = (uint8_t)(options[*at + 1] - 2);
    option->data = options + *at + 2;
    *at += options[*at + 1];
    return true;
}

static bool is_all_read(const uint8_t *options, size_t length, size_t at)
{
    return at >= length || options[at] == 0;
}

static void read_sacks(struct decode_tcp *tcp, const struct option *option)
{
    for (uint8_t i = 0; i < option->length / 8 && i < DECODE_SACKS; i++) {
        tcp->sack_start[i] = u32(option->data + 8 * i);
        tcp->sack_end[i] = u32(option->data + 8 * i + 4);
        tcp->sacks = (uint8_t)(i + 1);
    }
}

static void read_tcp_options(struct decode_tcp *tcp)
{
    struct option option;
    size_t at = 0;

    while (option_next(tcp->options, tcp->options_length, &at, &option)) {
        if (option.kind == 2 && option.length == 2) {
            tcp->has_mss = true;
            tcp->mss = u16(option.data);
        } else if (option.kind == 3 && option.length == 1) {
            tcp->has_wscale = true;
            tcp->wscale = option.data[0];
        } else if (option.kind == 4 && option.length == 0) {
            tcp->sack_permitted = true;
        } else if (option.kind == 5) {
            read_sacks(tcp, &option);
        } else if (option.kind == 8 && option.length == 8) {
            tcp->has_timestamps = true;
            tcp->ts_value = u32(option.data);
            tcp->ts_echo = u32(option.data + 4);
        }
    }
    tcp->options_ok = is_all_read(tcp->options, tcp->options_length, at);
}

static void read_tcp(struct decode *d, struct view v)
{
    struct decode_tcp *tcp = &d->tcp;
    const uint8_t *b = v.bytes;

    if (v.length < 20) {
        break_at(d, "TCP: header cut off");
        return;
    }
    d->has_tcp = true;
    tcp->source_port = u16(b);
    tcp->dest_port = u16(b + 2);
    tcp->seq = u32(b + 4);
    tcp->ack = u32(b + 8);
    tcp->header_length = (uint8_t)((b[12] >> 4) * 4);
    tcp->flags = (uint16_t)(u16(b + 12) & 0x1ff);
    tcp->window = u16(b + 14);
    tcp->checksum = u16(b + 16);
    tcp->urgent = u16(b + 18);
    tcp->checksum_ok = sum_is_good(pseudo_sum(&d->ip, v.length), v);
    if (tcp->header_length < 20 || tcp->header_length > v.length) {
        break_at(d, "TCP: data offset wrong");
        return;
    }
    tcp->options = b + 20;
    tcp->options_length = tcp->header_length - 20U;
    read_tcp_options(tcp);
    if (!tcp->options_ok)
        break_at(d, "TCP: option length wrong");
    if (!tcp->checksum_ok)
        break_at(d, "TCP: checksum wrong");
    v = after(v, tcp->header_length);
    d->payload = v.bytes;
    d->payload_length = v.length;
}

static void read_udp(struct decode *d, struct view v)
{
    struct decode_udp *udp = &d->udp;

    if (v.length < 8) {
        break_at(d, "UDP: header cut off");
        return;
    }
    d->has_udp = true;
    udp->source_port = u16(v.bytes);
    udp->dest_port = u16(v.bytes + 2);
    udp->length = u16(v.bytes + 4);
    udp->checksum = u16(v.bytes + 6);
    if (udp->length < 8 || udp->length > v.length) {
        /* the first fragment of a datagram has not all of it: that is no fault */
        if (!d->ip.more_fragments || udp->length < 8)
            break_at(d, "UDP: length wrong");
        udp->checksum_ok = d->ip.more_fragments;
    } else {
        v.length = udp->length;
        udp->checksum_ok = udp->checksum == 0 || sum_is_good(pseudo_sum(&d->ip, v.length), v);
        if (!udp->checksum_ok)
            break_at(d, "UDP: checksum wrong");
    }
    v = after(v, 8);
    d->payload = v.bytes;
    d->payload_length = v.length;
}

static bool read_ip_header(struct decode_ip *ip, struct view v)
{
    const uint8_t *b = v.bytes;

    if (v.length < 20)
        return false;
    ip->version = b[0] >> 4;
    ip->header_length = (uint8_t)((b[0] & 15) * 4);
    ip->tos = b[1];
    ip->total_length = u16(b + 2);
    ip->id = u16(b + 4);
    ip->dont_fragment = b[6] & 0x40;
    ip->more_fragments = b[6] & 0x20;
    ip->fragment_offset = (uint16_t)((u16(b + 6) & 0x1fff) * 8);
    ip->ttl = b[8];
    ip->protocol = b[9];
    ip->checksum = u16(b + 10);
    ip->source = ip4_address(b + 12);
    ip->dest = ip4_address(b + 16);
    if (ip->header_length >= 20 && ip->header_length <= v.length) {
        ip->options = b + 20;
        ip->options_length = ip->header_length - 20U;
        ip->checksum_ok = sum_is_good(0, (struct view){b, ip->header_length});
    }
    return true;
}

static void read_quote(struct decode *d, struct view v)
{
    struct decode_icmp *icmp = &d->icmp;

    icmp->has_quote = read_ip_header(&icmp->quote, v);
    if (!icmp->has_quote) {
        break_at(d, "ICMP: quoted packet cut off");
        return;
    }
    if (!icmp->quote.options || v.length < icmp->quote.header_length + 8U)
        return;
    v = after(v, icmp->quote.header_length);
    if (icmp->quote.fragment_offset != 0)
        return;
    icmp->has_quote_ports = icmp->quote.protocol == 6 || icmp->quote.protocol == 17;
    icmp->quote_source_port = u16(v.bytes);
    icmp->quote_dest_port = u16(v.bytes + 2);
    icmp->quote_seq = u32(v.bytes + 4);
}

static void read_icmp(struct decode *d, struct view v)
{
    struct decode_icmp *icmp = &d->icmp;

    if (v.length < 8) {
        break_at(d, "ICMP: header cut off");
        return;
    }
    d->has_icmp = true;
    icmp->type = v.bytes[0];
    icmp->code = v.bytes[1];
    icmp->checksum = u16(v.bytes + 2);
    icmp->checksum_ok = sum_is_good(0, v) || d->ip.more_fragments;
    icmp->id = u16(v.bytes + 4);
    icmp->sequence = u16(v.bytes + 6);
    icmp->mtu = u16(v.bytes + 6);
    icmp->pointer = v.bytes[4];
    if (!icmp->checksum_ok)
        break_at(d, "ICMP: checksum wrong");
    v = after(v, 8);
    if (icmp->type == 3 || icmp->type == 4 || icmp->type == 5 || icmp->type == 11 ||
        icmp->type == 12)
        read_quote(d, v);
    d->payload = v.bytes;
    d->payload_length = v.length;
}

static void read_ip(struct decode *d, struct view v)
{
    struct decode_ip *ip = &d->ip;

    if (!read_ip_header(ip, v)) {
        break_at(d, "IP: header cut off");
        return;
    }
    if (ip->version != 4) {
        break_at(d, "IP: version is not 4");
        return;
    }
    d->has_ip = true;
    if (!ip->options) {
        break_at(d, "IP: header length wrong");
        return;
    }
    if (!ip->checksum_ok)
        break_at(d, "IP: header checksum wrong");
    if (ip->total_length < ip->header_length || ip->total_length > v.length)
        break_at(d, "IP: total length wrong");
    else
        v.length = ip->total_length; /* the rest is Ethernet's padding */
    v = after(v, ip->header_length);
    d->payload = v.bytes;
    d->payload_length = v.length;
    if (ip->fragment_offset != 0)
        return;
    if (ip->protocol == 1)
        read_icmp(d, v);
    else if (ip->protocol == 6)
        read_tcp(d, v);
    else if (ip->protocol == 17)
        read_udp(d, v);
}

static void read_arp(struct decode *d, struct view v)
{
    struct decode_arp *arp = &d->arp;
    const uint8_t *b = v.bytes;

    if (v.length < 28) {
        break_at(d, "ARP: cut off");
        return;
    }
    d->has_arp = true;
    arp->hardware = u16(b);
    arp->protocol = u16(b + 2);
    arp->hardware_length = b[4];
    arp->protocol_length = b[5];
    arp->operation = u16(b + 6);
    arp->sender = arp->target = address_from_ip4(0);
    if (arp->hardware_length != 6 || arp->protocol_length != 4) {
        break_at(d, "ARP: address lengths wrong");
        return;
    }
    memcpy(arp->sender_mac, b + 8, 6);
    arp->sender = ip4_address(b + 14);
    memcpy(arp->target_mac, b + 18, 6);
    arp->target = ip4_address(b + 24);
    d->payload_length = 0;
}

void decode_frame(struct decode *d, const uint8_t *bytes, size_t length, bool bare_ip)
{
    struct view v = {bytes, length};

    memset(d, 0, sizeof *d);
    d->payload = bytes;
    d->payload_length = length;
    if (bare_ip) {
        read_ip(d, v);
        return;
    }
    if (length < 14) {
        break_at(d, "Ethernet: header cut off");
        return;
    }
    d->has_ethernet = true;
    memcpy(d->ethernet.dest, bytes, 6);
    memcpy(d->ethernet.source, bytes + 6, 6);
    d->ethernet.type = u16(bytes + 12);
    v = after(v, 14);
    d->payload = v.bytes;
    d->payload_length = v.length;
    if (d->ethernet.type == 0x0800)
        read_ip(d, v);
    else if (d->ethernet.type == 0x0806)
        read_arp(d, v);
}
