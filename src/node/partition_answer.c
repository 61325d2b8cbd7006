/* SPDX-License-Identifier: MIT */
/*
 * What a partition answers, written with the headers of the layers whose answer it is: a RST (RFC
 * 9293 3.10.7.1, as for a connection that does not exist), or ICMP's "administratively prohibited"
 * with what fits of the packet behind it (RFC 792, RFC 4443 2.4 (c)). Nothing answers a RST, an
 * error of ICMP, or a fragment.
 */
#include <string.h>

#include "3-network/ip4/ip4_header.h"
#include "3-network/ip6/ip6_header.h"
#include "4-transport/tcp/parts/tcp_header.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/integer.h"
#include "node/partition.h"

enum {
    TTL = 64,
    ICMP = 1,
    TCP = 6,
    ICMPV6 = 58,
    ICMP_BYTES = 8,
    ICMP_UNREACHABLE = 3,
    ICMP_PROHIBITED = 13, /* communication administratively prohibited: RFC 1812 5.2.7.1 */
    ICMP_ECHO = 8,
    ICMPV6_UNREACHABLE = 1,
    ICMPV6_PROHIBITED = 1, /* RFC 4443 3.1 */
    ICMPV6_INFORMS = 128,  /* from here on no errors: RFC 4443 2.1 */
    IP4_ERROR_MOST = 576,  /* RFC 1812 4.3.2.3 */
    IP6_ERROR_MOST = 1280
};

/* The header of IP, and Ethernet's turned round; @return where the payload begins. */
static uint32_t begin(const struct wire_ip *ip, const uint8_t *frame, uint8_t *to, uint32_t length,
                      uint8_t protocol)
{
    struct writer w = writer_of(to + ip->at, IP6_HEADER_BYTES);

    memcpy(to, frame, ip->at);
    if (ip->at) {
        memcpy(to, frame + 6, 6);
        memcpy(to + 6, frame, 6);
    }
    if (ip->version == 4) {
        const struct ip4_header h = {.source = address_to_ip4(ip->dest),
                                     .dest = address_to_ip4(ip->source),
                                     .total_length = (uint16_t)(IP4_HEADER_BYTES + length),
                                     .ttl = TTL,
                                     .protocol = protocol,
                                     .dont_fragment = true};

        ip4_header_write(&w, &h);
        return ip->at + IP4_HEADER_BYTES;
    }
    ip6_header_write(&w, &(struct ip6_header){.source = ip->dest,
                                              .dest = ip->source,
                                              .payload_length = (uint16_t)length,
                                              .next_header = protocol,
                                              .hop_limit = TTL});
    return ip->at + IP6_HEADER_BYTES;
}

static void put_checksum(uint8_t *at, uint16_t sum)
{
    at[0] = (uint8_t)(sum >> 8);
    at[1] = (uint8_t)sum;
}

static uint32_t reset(const struct wire_ip *ip, const uint8_t *frame, uint32_t length, uint8_t *to)
{
    struct reader r = reader_of(frame + ip->payload, length - ip->payload);
    struct tcp_segment seg, rst = {.flags = TCP_RST};
    struct writer w;
    uint32_t at;

    if (ip->protocol != TCP || !ip->source_port || !tcp_header_read(&r, &seg) ||
        seg.flags & TCP_RST)
        return 0;
    rst.source_port = seg.dest_port;
    rst.dest_port = seg.source_port;
    rst.seq = seg.flags & TCP_ACK ? seg.ack : 0;
    if (!(seg.flags & TCP_ACK)) {
        rst.flags |= TCP_ACK;
        rst.ack =
            seg.seq + seg.length + ((seg.flags & TCP_SYN) != 0) + ((seg.flags & TCP_FIN) != 0);
    }
    at = begin(ip, frame, to, TCP_HEADER_BYTES, TCP);
    w = writer_of(to + at, TCP_HEADER_BYTES);
    tcp_header_write(&w, &rst);
    put_checksum(to + at + 16, checksum_finish(checksum_add(
                                   checksum_pseudo(ip->dest, ip->source, TCP, TCP_HEADER_BYTES),
                                   to + at, TCP_HEADER_BYTES)));
    return at + TCP_HEADER_BYTES;
}

/* Is it an error of ICMP itself, or a later fragment? RFC 1122 3.2.2, RFC 4443 2.4 (e) */
static bool is_silent(const struct wire_ip *ip, const uint8_t *frame, uint32_t length)
{
    if (ip->version == 4 && (u16_at(frame + ip->at + 6) & 0x1fff) != 0)
        return true;
    if (ip->payload >= length)
        return true;
    if (ip->protocol == ICMP && ip->version == 4)
        return frame[ip->payload] != ICMP_ECHO;
    return ip->protocol == ICMPV6 && frame[ip->payload] < ICMPV6_INFORMS;
}

static uint32_t unreachable(const struct wire_ip *ip, const uint8_t *frame, uint32_t length,
                            uint8_t *to)
{
    uint32_t most = ip->version == 4 ? IP4_ERROR_MOST - IP4_HEADER_BYTES - ICMP_BYTES
                                     : IP6_ERROR_MOST - IP6_HEADER_BYTES - ICMP_BYTES;
    uint32_t quoted = (uint32_t)least(length - ip->at, most), bytes = ICMP_BYTES + quoted, at;
    uint64_t sum = 0;

    if (is_silent(ip, frame, length))
        return 0;
    at = begin(ip, frame, to, bytes, ip->version == 4 ? ICMP : ICMPV6);
    memset(to + at, 0, ICMP_BYTES);
    to[at] = ip->version == 4 ? ICMP_UNREACHABLE : ICMPV6_UNREACHABLE;
    to[at + 1] = ip->version == 4 ? ICMP_PROHIBITED : ICMPV6_PROHIBITED;
    memcpy(to + at + ICMP_BYTES, frame + ip->at, quoted);
    if (ip->version == 6)
        sum = checksum_pseudo(ip->dest, ip->source, ICMPV6, bytes);
    put_checksum(to + at + 2, checksum_finish(checksum_add(sum, to + at, bytes)));
    return at + bytes;
}

uint32_t partition_answer(enum partition_action action, const struct wire_ip *ip,
                          const uint8_t *frame, uint32_t length, uint8_t to[PARTITION_ANSWER_BYTES])
{
    switch (action) {
    case PARTITION_RESET:
        return ip->payload < length ? reset(ip, frame, length, to) : 0;
    case PARTITION_UNREACHABLE:
        return unreachable(ip, frame, length, to);
    case PARTITION_DROP:
    case PARTITION_ACTIONS:
        break;
    }
    return 0;
}
