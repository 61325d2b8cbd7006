/* SPDX-License-Identifier: MIT */
/*
 * What the codecs of decode.h share, one a header: a view of the bytes that are left, the sum of
 * RFC 1071. A codec reads the header at the payload into its struct, says what is wrong, and
 * moves the payload behind it; decode.c goes from one to the next.
 */
#pragma once
#include "base/bytes.h"
#include "observe/decode/decode.h"

struct decode_view {
    const uint8_t *bytes;
    size_t length;
};

static inline void decode_break(struct decode *d, const char *why)
{
    if (!d->broken)
        d->broken = why;
}

static inline struct decode_view decode_after(struct decode_view v, size_t n)
{
    return (struct decode_view){v.bytes + n, v.length - n};
}

static inline struct decode_view decode_payload(const struct decode *d)
{
    return (struct decode_view){d->payload, d->payload_length};
}

static inline void decode_payload_put(struct decode *d, struct decode_view v)
{
    d->payload = v.bytes;
    d->payload_length = v.length;
}

static inline uint32_t decode_sum_add(uint32_t sum, const uint8_t *b, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += u16_at(b + i);
    if (length & 1)
        sum += (uint32_t)b[length - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* RFC 1071: the sum over a whole with its checksum in place is all ones. */
static inline bool decode_sum_is_good(uint32_t sum, struct decode_view v)
{
    return decode_sum_add(sum, v.bytes, v.length) == 0xffff;
}

static inline struct address decode_ip4_address(const uint8_t *b)
{
    return address_from_ip4(u32_at(b));
}

static inline struct address decode_ip6_address(const uint8_t *b)
{
    struct address a = {(uint64_t)u32_at(b) << 32 | u32_at(b + 4),
                        (uint64_t)u32_at(b + 8) << 32 | u32_at(b + 12)};

    return a;
}

static inline uint32_t decode_fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

/* RFC 9293 3.1 and RFC 8200 8.1: what stands before the header in the sum. */
static inline uint32_t decode_pseudo_sum(const struct decode_ip *ip, size_t length)
{
    uint64_t sum = ip->protocol + (uint64_t)length;
    struct address both[] = {ip->source, ip->dest};

    for (int i = 0; i < 2; i++) {
        if (ip->version == 6)
            sum += (both[i].high >> 32) + (uint32_t)both[i].high + (both[i].low >> 32);
        sum += (uint32_t)both[i].low;
    }
    return decode_fold(sum);
}

/* The first 8 bytes of what ICMP quotes behind its IP header: v is that long at least. */
static inline void decode_quote_upper(struct decode_icmp *icmp, struct decode_view v)
{
    const struct decode_ip *ip = &icmp->quote;

    icmp->has_quote_ports = ip->protocol == 6 || ip->protocol == 17;
    icmp->quote_source_port = u16_at(v.bytes);
    icmp->quote_dest_port = u16_at(v.bytes + 2);
    icmp->quote_seq = u32_at(v.bytes + 4);
    icmp->has_quote_echo = ip->version == 6 ? ip->protocol == 58 && v.bytes[0] == 128
                                            : ip->protocol == 1 && v.bytes[0] == 8;
    icmp->quote_echo_id = u16_at(v.bytes + 4);
    icmp->quote_echo_sequence = u16_at(v.bytes + 6);
}

void decode_arp_read(struct decode *d);
void decode_stp_read(struct decode *d);
void decode_ip4_read(struct decode *d);
void decode_ip6_read(struct decode *d);
/* The fixed header and where its options are; @return false if it is cut off */
bool decode_ip4_header_read(struct decode_ip *ip, struct decode_view v);
/* With the extension headers that are there; @return false if the fixed header is cut off */
bool decode_ip6_header_read(struct decode_ip *ip, struct decode_view v);
void decode_icmp_read(struct decode *d);
void decode_icmp6_read(struct decode *d);
void decode_nd_read(struct decode *d);
void decode_igmp_read(struct decode *d);
void decode_mld_read(struct decode *d);
void decode_udp_read(struct decode *d);
void decode_tcp_read(struct decode *d);
void decode_dhcp_read(struct decode *d);
void decode_dhcp6_read(struct decode *d);
void decode_dns_read(struct decode *d);
void decode_lapb_read(struct decode *d);
void decode_x25_read(struct decode *d);
void decode_xot_read(struct decode *d);
