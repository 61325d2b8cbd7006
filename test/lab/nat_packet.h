/* SPDX-License-Identifier: MIT */
/* Packets of the plays of nat_bed.h: made as their lines say (nat_line.h), sent into the doors. */
#pragma once
#include "lab/nat_line.h"

/* ---- packets out of lines ---- */

static uint32_t nat_header(uint8_t *at, const struct nat_packet *p, const struct nat_end *from,
                           const struct nat_end *to, uint8_t protocol, bool options, uint32_t rest)
{
    static const uint8_t record[4] = {1, 1, 1, 0}; /* no operation, and the end */
    uint32_t header = nat_is6(from->address) ? 40 : options ? 24 : 20;

    memset(at, 0, header);
    if (header == 40) {
        u32_put(at, 0x60000000 | p->tos << 20);
        u16_put(at + 4, (uint16_t)rest);
        at[6] = protocol;
        at[7] = (uint8_t)p->ttl;
        u32_put(at + 8, (uint32_t)(from->address.high >> 32));
        u32_put(at + 12, (uint32_t)from->address.high);
        u32_put(at + 16, (uint32_t)(from->address.low >> 32));
        u32_put(at + 20, (uint32_t)from->address.low);
        u32_put(at + 24, (uint32_t)(to->address.high >> 32));
        u32_put(at + 28, (uint32_t)to->address.high);
        u32_put(at + 32, (uint32_t)(to->address.low >> 32));
        u32_put(at + 36, (uint32_t)to->address.low);
        return header;
    }
    at[0] = (uint8_t)(0x40 | header / 4);
    at[1] = (uint8_t)p->tos;
    u16_put(at + 2, (uint16_t)(header + rest));
    u16_put(at + 4, (uint16_t)p->id);
    u16_put(at + 6, p->df ? 0x4000 : 0);
    at[8] = (uint8_t)p->ttl;
    at[9] = protocol;
    u32_put(at + 12, address_to_ip4(from->address));
    u32_put(at + 16, address_to_ip4(to->address));
    if (header == 24)
        memcpy(at + 20, record, 4);
    u16_put(at + 10, checksum_finish(checksum_header(0, at, header)));
    return header;
}

static uint8_t nat_family(uint8_t protocol, bool is6)
{
    return protocol == NAT_ICMP && is6 ? NAT_ICMP6 : protocol;
}

static uint32_t nat_sum_at(uint8_t protocol)
{
    return protocol == NAT_UDP ? 6 : protocol == NAT_TCP ? 16 : 2;
}

/* Of all but IPv4's ICMP over the addresses too. */
static uint16_t nat_sum(uint8_t protocol, struct address from, struct address to, const uint8_t *at,
                        uint32_t length)
{
    uint64_t sum = protocol == NAT_ICMP ? 0 : checksum_pseudo(from, to, protocol, length);

    return checksum_finish(checksum_add(sum, at, length));
}

static int nat_port(const struct nat_end *end)
{
    if (end->named)
        nat_check(nat_ports[(unsigned char)end->named[0]] != 0);
    return end->named ? nat_ports[(unsigned char)end->named[0]] : end->port;
}

/* The transport: ports or an identifier, and a text of which each byte tells where it stands. */
static uint32_t nat_transport(uint8_t *at, const struct nat_packet *p, const struct nat_end *from,
                              const struct nat_end *to)
{
    bool is6 = nat_is6(from->address);
    uint8_t protocol = nat_family(p->protocol, is6);
    uint32_t header = protocol == NAT_TCP ? 20 : 8, length = header + p->size;
    uint32_t sum_at = nat_sum_at(protocol);

    memset(at, 0, header);
    for (uint32_t i = 0; i < p->size; i++)
        at[header + i] = (uint8_t)(i * 7 + i / 256);
    if (protocol == NAT_OTHER)
        return length;
    if (protocol == NAT_TCP || protocol == NAT_UDP) {
        u16_put(at, (uint16_t)nat_port(from));
        u16_put(at + 2, (uint16_t)nat_port(to));
        if (protocol == NAT_UDP)
            u16_put(at + 4, (uint16_t)length);
        else
            u16_put(at + 12, (uint16_t)(0x5000 | p->flags));
    } else {
        at[0] = (uint8_t)(is6 ? 128 + p->is_answer : p->is_answer ? 0 : 8);
        u16_put(at + 4, (uint16_t)(nat_port(from) | nat_port(to)));
    }
    if (p->no_sum)
        return length;
    u16_put(at + sum_at, nat_sum(protocol, from->address, to->address, at, length));
    if (p->damaged && !p->is_error)
        u16_put(at + sum_at, (uint16_t)(u16_at(at + sum_at) ^ 0x1234));
    return length;
}

/* An error: RFC 792, RFC 4443. `extended`: with zeroes and extensions behind (RFC 4884). */
static uint32_t nat_error(uint8_t *at, const struct nat_packet *p)
{
    bool is6 = nat_is6(p->from.address);
    struct nat_packet quoted = *p;
    uint32_t header, length, quote = 8;

    memset(at, 0, quote);
    at[0] = p->type;
    at[1] = p->code;
    quoted.ttl = 60;
    quoted.damaged = false;
    length = nat_transport(at + 128, &quoted, &p->quoted_from, &p->quoted_to);
    header = nat_header(at + quote, &quoted, &p->quoted_from, &p->quoted_to,
                        nat_family(p->protocol, is6), p->quoted_options, length);
    memmove(at + quote + header, at + 128, length);
    length += quote + header;
    at[quote + 8] ^= p->quoted_damaged;
    if (p->extended) { /* 128 bytes of the packet, in words of 4 or 8 bytes */
        memset(at + length, 0, quote + 128 - length);
        at[is6 ? 4 : 5] = is6 ? 16 : 32;
        length = quote + 128;
        memcpy(at + length, nat_extension, sizeof nat_extension);
        length += (uint32_t)sizeof nat_extension;
    }
    u16_put(at + 2, nat_sum(nat_family(NAT_ICMP, is6), p->from.address, p->to.address, at, length));
    if (p->damaged)
        at[length - 1] ^= 1;
    return length;
}

static uint32_t nat_build(uint8_t *at, const struct nat_packet *p)
{
    static uint8_t transport[NAT_ROOM];
    uint8_t protocol = nat_family(p->is_error ? NAT_ICMP : p->protocol, nat_is6(p->from.address));
    uint32_t length =
        p->is_error ? nat_error(transport, p) : nat_transport(transport, p, &p->from, &p->to);
    uint32_t header = nat_header(at, p, &p->from, &p->to, protocol, p->options, length);

    memcpy(at + header, transport, length);
    return header + length;
}

/* Fragment k of a packet. @return its length; 0: there is none */
static uint32_t nat_cut(uint8_t *to, const uint8_t *whole, uint32_t length, uint32_t cut, int k,
                        uint32_t id)
{
    bool is6 = whole[0] >> 4 == 6;
    uint32_t header = is6 ? 40 : (whole[0] & 15U) * 4, from = (uint32_t)k * cut, n = cut;
    bool more = true;

    if (header + from >= length)
        return 0;
    if (header + from + n >= length) {
        n = length - header - from;
        more = false;
    }
    memcpy(to, whole, header);
    if (is6) {
        to[6] = NAT_FRAGMENT;
        to[40] = whole[6];
        to[41] = 0;
        u16_put(to + 42, (uint16_t)(from | more));
        u32_put(to + 44, id);
        u16_put(to + 4, (uint16_t)(n + 8));
        memcpy(to + 48, whole + header + from, n);
        return 48 + n;
    }
    u16_put(to + 2, (uint16_t)(header + n));
    u16_put(to + 6, (uint16_t)(from / 8 | (more ? 0x2000 : 0)));
    u16_put(to + 10, 0);
    u16_put(to + 10, checksum_finish(checksum_header(0, to, header)));
    memcpy(to + header, whole + header + from, n);
    return header + n;
}

static bool nat_is_inside(struct address a)
{
    return nat_is6(a) ? a.high >> 48 == 0xfd00
                      : address_to_ip4(a) >> 16 == 0xc0a8 || address_to_ip4(a) >> 24 == 10;
}

static void nat_send(const struct nat_packet *p)
{
    static uint8_t whole[NAT_ROOM], piece[NAT_ROOM];
    int door = nat_is_inside(p->from.address) ? NAT_IN : NAT_OUT, pieces = 0;
    uint32_t length = nat_build(whole, p);

    if (!p->cut) {
        nat_check(sockeye_inject(nat_lab, nat_door[door], whole, length) == 0);
        return;
    }
    while (nat_cut(piece, whole, length, p->cut, pieces, p->id))
        pieces++;
    for (int i = 0; i < pieces - p->lost; i++) {
        int k = p->reversed ? pieces - 1 - i : i;
        uint32_t n = nat_cut(piece, whole, length, p->cut, k, p->id);

        nat_check(sockeye_inject(nat_lab, nat_door[door], piece, n) == 0);
        (void)sockeye_advance(nat_lab, sockeye_now(nat_lab) + 1000);
    }
}
