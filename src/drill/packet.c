/* SPDX-License-Identifier: MIT */
/*
 * Packets of a script to bytes of IPv4 (RFC 791) or IPv6 (RFC 8200 3), TCP (RFC 9293 3.1), UDP (RFC
 * 768), ICMP (RFC 792) and ICMPv6 (RFC 4443), with right checksums, and bytes to packets.
 *
 * The script stands outside the host, so it reads and writes headers by itself: a fault of the
 * host's own code cannot hide behind the same code here. Ports and addresses are the caller's: a
 * packet to write carries them in run->flow.
 */
#include "drill/state.h"
#include <string.h>

enum { IP4_BYTES = 20, IP6_BYTES = 40, TCP_BYTES = 20, ICMP6 = 58, EXPERIMENT = 0xF989 };

static void put16(uint8_t *b, unsigned v)
{
    b[0] = (uint8_t)(v >> 8);
    b[1] = (uint8_t)v;
}

static void put24(uint8_t *b, uint32_t v)
{
    b[0] = (uint8_t)(v >> 16);
    put16(b + 1, v & 0xffff);
}

static void put32(uint8_t *b, uint32_t v)
{
    put16(b, v >> 16);
    put16(b + 2, v & 0xffff);
}

static unsigned get16(const uint8_t *b)
{
    return (unsigned)b[0] << 8 | b[1];
}

static uint32_t get24(const uint8_t *b)
{
    return (uint32_t)b[0] << 16 | get16(b + 1);
}

static uint32_t get32(const uint8_t *b)
{
    return (uint32_t)get16(b) << 16 | get16(b + 2);
}

static uint32_t sum(uint32_t from, const uint8_t *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        from += i & 1 ? b[i] : (uint32_t)b[i] << 8;
    while (from >> 16)
        from = (from & 0xffff) + (from >> 16);
    return from;
}

/* What stands in the sum before the header: nothing in ICMP's for IPv4 (RFC 792), the addresses in
 * all others (RFC 9293 3.1, RFC 8200 8.1). */
static uint32_t pseudo_sum(const uint8_t *ip, int protocol, size_t length)
{
    if (protocol == 1)
        return 0;
    return ip[0] >> 4 == 6 ? sum((uint32_t)protocol + (uint32_t)length, ip + 8, 32)
                           : sum((uint32_t)protocol + (uint32_t)length, ip + 12, 8);
}

static unsigned transport_sum(const uint8_t *ip, size_t header, int protocol, size_t length)
{
    return ~sum(pseudo_sum(ip, protocol, length), ip + header, length) & 0xffff;
}

static uint8_t traffic_class(const struct drill_packet *packet)
{
    return (uint8_t)((packet->tos > 0 ? packet->tos : 0) | (packet->ecn > 0 ? packet->ecn & 3 : 0));
}

static void write_ip4(uint8_t *ip, struct address from, struct address to,
                      const struct drill_packet *packet, int protocol, size_t length)
{
    memset(ip, 0, IP4_BYTES);
    ip[0] = 0x45;
    ip[1] = traffic_class(packet);
    put16(ip + 2, (unsigned)(IP4_BYTES + length));
    ip[8] = (uint8_t)(packet->ttl > 0 ? packet->ttl : 255);
    ip[9] = (uint8_t)protocol;
    put32(ip + 12, address_to_ip4(from));
    put32(ip + 16, address_to_ip4(to));
    put16(ip + 10, ~sum(0, ip, IP4_BYTES) & 0xffff);
}

static void put_ip6(uint8_t *b, struct address a)
{
    put32(b, (uint32_t)(a.high >> 32));
    put32(b + 4, (uint32_t)a.high);
    put32(b + 8, (uint32_t)(a.low >> 32));
    put32(b + 12, (uint32_t)a.low);
}

static void write_ip6(uint8_t *ip, struct address from, struct address to,
                      const struct drill_packet *packet, int protocol, size_t length)
{
    put32(ip, 6U << 28 | (uint32_t)traffic_class(packet) << 20);
    put16(ip + 4, (unsigned)length);
    ip[6] = (uint8_t)protocol;
    ip[7] = (uint8_t)(packet->ttl > 0 ? packet->ttl : 255);
    put_ip6(ip + 8, from);
    put_ip6(ip + 24, to);
}

static size_t ip_bytes(const struct drill_run *run)
{
    return run->is_six ? IP6_BYTES : IP4_BYTES;
}

static void write_ip(const struct drill_run *run, uint8_t *ip, struct address from,
                     struct address to, const struct drill_packet *packet, int protocol,
                     size_t length)
{
    if (run->is_six)
        write_ip6(ip, from, to, packet, protocol, length);
    else
        write_ip4(ip, from, to, packet, protocol, length);
}

static size_t write_values(uint8_t *b, const struct drill_option *o)
{
    int i;

    switch (o->kind) {
    case OPTION_MSS:
        put16(b, o->value[0]);
        return 2;
    case OPTION_WSCALE:
        b[0] = (uint8_t)o->value[0];
        return 1;
    case OPTION_TIMESTAMPS:
        put32(b, o->value[0]);
        put32(b + 4, o->value[1]);
        return 8;
    case OPTION_SACK:
        for (i = 0; i < o->count; i++)
            put32(b + 4 * i, o->value[i]);
        return 4 * (size_t)o->count;
    case OPTION_ACCECN0:
    case OPTION_ACCECN1:
        for (i = 0; i < o->count; i++)
            put24(b + 3 * i, o->value[i] & 0xffffff);
        return 3 * (size_t)o->count;
    case OPTION_FAST_OPEN_EXPERIMENTAL:
        put16(b, EXPERIMENT);
        memcpy(b + 2, o->bytes, (size_t)o->length);
        return 2 + (size_t)o->length;
    case OPTION_FAST_OPEN:
        memcpy(b, o->bytes, (size_t)o->length);
        return (size_t)o->length;
    case OPTION_EOL:
    case OPTION_NOP:
    case OPTION_SACK_OK:
    case OPTION_OTHER:
        break;
    }
    return 0;
}

/* @return bytes of options, padded: 40 at most, as the parser has it */
static size_t write_options(uint8_t *b, const struct drill_packet *packet)
{
    static const uint8_t kinds[] = {0, 1, 2, 3, 4, 5, 8, 34, 254, 172, 174};
    size_t at = 0;

    for (int i = 0; i < packet->options && at < 40; i++) {
        const struct drill_option *o = &packet->option[i];
        size_t length;

        if (o->kind == OPTION_OTHER)
            continue;
        b[at++] = kinds[o->kind];
        if (o->kind <= OPTION_NOP)
            continue;
        length = write_values(b + at + 1, o);
        b[at] = (uint8_t)(length + 2);
        at += length + 1;
    }
    while (at % 4)
        b[at++] = 0;
    return at;
}

static size_t write_tcp(const struct drill_run *run, const struct drill_packet *packet,
                        uint8_t *tcp)
{
    uint8_t options[64];
    size_t length = write_options(options, packet);

    memset(tcp, 0, TCP_BYTES);
    put16(tcp, run->flow.remote_port);
    put16(tcp + 2, run->flow.local_port);
    put32(tcp + 4, packet->seq);
    put32(tcp + 8, packet->ack);
    put16(tcp + 12, (unsigned)((TCP_BYTES + length) / 4 << 12) | packet->flags);
    put16(tcp + 14, packet->window);
    put16(tcp + 18, packet->urgent);
    memcpy(tcp + TCP_BYTES, options, length);
    memset(tcp + TCP_BYTES + length, 0, packet->payload);
    return TCP_BYTES + length + packet->payload;
}

static size_t write_udp(const struct drill_run *run, const struct drill_packet *packet,
                        uint8_t *udp)
{
    put16(udp, run->flow.remote_port);
    put16(udp + 2, run->flow.local_port);
    put16(udp + 4, 8 + packet->payload);
    put16(udp + 6, 0);
    memset(udp + 8, 0, packet->payload);
    return 8 + packet->payload;
}

/* Only what may not be fragmented meets it. */
static void mark_unfragmentable(uint8_t *ip)
{
    ip[6] = 0x40;
    put16(ip + 10, 0);
    put16(ip + 10, ~sum(0, ip, IP4_BYTES) & 0xffff);
}

/* What ICMP quotes: a packet of the host, as far as RFC 792 asks: the header and 8 bytes. */
static size_t write_icmp(const struct drill_run *run, const struct drill_packet *packet,
                         uint8_t *icmp)
{
    static const struct drill_packet plain = {.tos = -1, .ttl = 64, .ecn = ECN_NONE};
    uint8_t *quote = icmp + 8, *transport = quote + ip_bytes(run);
    size_t header = packet->quote_protocol == 17 ? 8 : TCP_BYTES;

    memset(icmp, 0, 8);
    icmp[0] = (uint8_t)packet->type;
    icmp[1] = (uint8_t)packet->code;
    put32(icmp + 4, packet->mtu); /* of IPv4 the lower half: RFC 1191 4 */
    if (packet->protocol == 1 ? packet->type == 0 || packet->type == 8 : packet->type >= 128)
        return 8;
    write_ip(run, quote, run->local_ip, run->remote_ip, &plain, packet->quote_protocol,
             header + packet->quote_payload);
    if (packet->protocol == 1 && packet->type == 3 && packet->code == 4)
        mark_unfragmentable(quote);
    put16(transport, run->flow.local_port);
    put16(transport + 2, run->flow.remote_port);
    if (packet->quote_protocol == 17)
        put32(transport + 4, (8 + packet->quote_payload) << 16);
    else
        put32(transport + 4, packet->quote_seq);
    return 8 + ip_bytes(run) + 8;
}

size_t drill_packet_write(const struct drill_run *run, const struct drill_packet *packet,
                          uint8_t bytes[DRILL_PACKET_ROOM])
{
    size_t header = ip_bytes(run), length, sum_at;
    uint8_t *transport = bytes + header;

    if (packet->payload > DRILL_PACKET_BYTES)
        return 0;
    if (packet->protocol == 6) {
        length = write_tcp(run, packet, transport);
        sum_at = 16;
    } else if (packet->protocol == 17) {
        length = write_udp(run, packet, transport);
        sum_at = 6;
    } else {
        length = write_icmp(run, packet, transport);
        sum_at = 2;
    }
    write_ip(run, bytes, run->remote_ip, run->local_ip, packet, packet->protocol, length);
    put16(transport + sum_at, transport_sum(bytes, header, packet->protocol, length));
    return header + length;
}

static const char *read_option(struct drill_option *o, const uint8_t *b, size_t length)
{
    memset(o, 0, sizeof *o);
    o->kind = OPTION_OTHER;
    if (b[0] == 2 && length == 2) {
        o->kind = OPTION_MSS;
        o->value[0] = get16(b + 2);
    } else if (b[0] == 3 && length == 1) {
        o->kind = OPTION_WSCALE;
        o->value[0] = b[2];
    } else if (b[0] == 4 && length == 0) {
        o->kind = OPTION_SACK_OK;
    } else if (b[0] == 5 && length % 8 == 0 && length <= 32) {
        o->kind = OPTION_SACK;
        for (o->count = 0; o->count < (int)length / 4; o->count++)
            o->value[o->count] = get32(b + 2 + 4 * o->count);
    } else if (b[0] == 8 && length == 8) {
        o->kind = OPTION_TIMESTAMPS;
        o->value[0] = get32(b + 2);
        o->value[1] = get32(b + 6);
    } else if ((b[0] == 172 || b[0] == 174) && length % 3 == 0 && length <= 9) {
        o->kind = b[0] == 172 ? OPTION_ACCECN0 : OPTION_ACCECN1;
        for (o->count = 0; o->count < (int)length / 3; o->count++)
            o->value[o->count] = get24(b + 2 + 3 * o->count);
    } else {
        size_t skip = b[0] == 254 && length >= 2 && get16(b + 2) == EXPERIMENT ? 2 : 0;

        if (b[0] == 34)
            o->kind = OPTION_FAST_OPEN;
        else if (skip)
            o->kind = OPTION_FAST_OPEN_EXPERIMENTAL;
        o->value[0] = b[0];
        o->length = (int)(length - skip);
        memcpy(o->bytes, b + 2 + skip, length - skip);
    }
    return NULL;
}

static const char *read_options(struct drill_packet *packet, const uint8_t *b, size_t length)
{
    size_t at = 0;

    while (at < length && packet->options < PACKET_OPTIONS) {
        struct drill_option *o = &packet->option[packet->options];
        size_t size;

        memset(o, 0, sizeof *o);
        if (b[at] <= 1) {
            o->kind = b[at] ? OPTION_NOP : OPTION_EOL;
            at++;
            packet->options++;
            if (o->kind == OPTION_EOL)
                return NULL;
            continue;
        }
        if (at + 1 >= length)
            return "a TCP option without a length";
        size = b[at + 1];
        if (size < 2 || size > length - at)
            return "a TCP option with a bad length";
        read_option(o, b + at, size - 2);
        packet->options++;
        at += size;
    }
    return NULL;
}

static const char *read_tcp(struct drill_packet *packet, const uint8_t *tcp, size_t length)
{
    size_t header = length >= TCP_BYTES ? (size_t)(tcp[12] >> 4) * 4 : 0;

    if (header < TCP_BYTES || header > length)
        return "a TCP header that is too short";
    packet->seq = get32(tcp + 4);
    packet->ack = get32(tcp + 8);
    packet->flags = get16(tcp + 12) & 0x1ff;
    packet->has_ack = packet->flags & 16;
    packet->window = get16(tcp + 14);
    packet->has_window = true;
    packet->urgent = get16(tcp + 18);
    packet->payload = (uint32_t)(length - header);
    return read_options(packet, tcp + TCP_BYTES, header - TCP_BYTES);
}

/* @return the length of the IP header; 0 after *wrong is set */
static size_t read_ip4(struct drill_packet *packet, const uint8_t *bytes, size_t length,
                       const char **wrong)
{
    size_t header = (size_t)(bytes[0] & 15) * 4;

    if (header < IP4_BYTES || length < header || get16(bytes + 2) != length)
        *wrong = "wrong lengths in the IP header";
    else if (sum(0, bytes, header) != 0xffff)
        *wrong = "a wrong IP header checksum";
    if (*wrong)
        return 0;
    packet->protocol = bytes[9];
    packet->ecn = bytes[1] & 3;
    packet->tos = bytes[1] & ~3;
    packet->ttl = bytes[8];
    return header;
}

static size_t read_ip6(struct drill_packet *packet, const uint8_t *bytes, size_t length,
                       const char **wrong)
{
    unsigned class = get16(bytes) >> 4 & 0xff;

    if (length < IP6_BYTES || get16(bytes + 4) != length - IP6_BYTES) {
        *wrong = "wrong lengths in the IP header";
        return 0;
    }
    packet->protocol = bytes[6];
    packet->ecn = (int)(class & 3);
    packet->tos = (int)(class & ~3U);
    packet->ttl = bytes[7];
    return IP6_BYTES;
}

/* A fragment, or one with extension headers: only its IP fields are known. */
static bool is_more_than_ip(const struct drill_packet *packet, const uint8_t *bytes)
{
    if (bytes[0] >> 4 == 4)
        return (get16(bytes + 6) & 0x3fff) != 0;
    return packet->protocol != 6 && packet->protocol != 17 && packet->protocol != ICMP6;
}

/* Behind an IP header without more. */
static const char *read_transport(struct drill_packet *packet, struct drill_ports *ports,
                                  const uint8_t *ip, const uint8_t *transport, size_t length)
{
    bool is_sound;

    if (length < 8)
        return "a transport header that is cut off";
    is_sound = sum(pseudo_sum(ip, packet->protocol, length), transport, length) == 0xffff;
    if (packet->protocol == 1 || packet->protocol == ICMP6) {
        packet->type = transport[0];
        packet->code = transport[1];
        packet->mtu = packet->protocol == 1 ? get16(transport + 6) : get32(transport + 4);
        return is_sound ? NULL : "a wrong ICMP checksum";
    }
    ports->source = (uint16_t)get16(transport);
    ports->dest = (uint16_t)get16(transport + 2);
    if (packet->protocol == 17)
        packet->payload = (uint32_t)length - 8;
    if (packet->protocol == 17 && get16(transport + 6) == 0)
        return ip[0] >> 4 == 4 ? NULL : "no UDP checksum";
    if (!is_sound)
        return packet->protocol == 6 ? "a wrong TCP checksum" : "a wrong UDP checksum";
    return packet->protocol == 6 ? read_tcp(packet, transport, length) : NULL;
}

const char *drill_packet_read(struct drill_packet *packet, struct drill_ports *ports,
                              const uint8_t *bytes, size_t length)
{
    const char *wrong = NULL;
    size_t header;

    memset(packet, 0, sizeof *packet);
    memset(ports, 0, sizeof *ports);
    if (length < IP4_BYTES || (bytes[0] >> 4 != 4 && bytes[0] >> 4 != 6))
        return "no IP header";
    header = bytes[0] >> 4 == 4 ? read_ip4(packet, bytes, length, &wrong)
                                : read_ip6(packet, bytes, length, &wrong);
    if (wrong || is_more_than_ip(packet, bytes))
        return wrong;
    return read_transport(packet, ports, bytes, bytes + header, length - header);
}
