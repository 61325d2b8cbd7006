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

static inline uint32_t decode_pseudo_sum(const struct decode_ip *ip, size_t length)
{
    uint32_t source = address_to_ip4(ip->source), dest = address_to_ip4(ip->dest);

    return (source >> 16) + (source & 0xffff) + (dest >> 16) + (dest & 0xffff) + ip->protocol +
           (uint32_t)length;
}

void decode_arp_read(struct decode *d);
void decode_ip4_read(struct decode *d);
/* The fixed header and where its options are; @return false if it is cut off */
bool decode_ip4_header_read(struct decode_ip *ip, struct decode_view v);
void decode_icmp_read(struct decode *d);
void decode_udp_read(struct decode *d);
void decode_tcp_read(struct decode *d);
