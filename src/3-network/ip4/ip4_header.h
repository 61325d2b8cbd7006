/* SPDX-License-Identifier: MIT */
/*
 * The IPv4 header (RFC 791 3.1) and its options as a value. Reading checks everything that can be
 * checked without knowing who we are; what the addresses mean is ip4_receive.c's.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum ip4_constants {
    IP4_HEADER_BYTES = 20,
    IP4_HEADER_MOST = 60,
    IP4_PACKET_MOST = 65535,
    IP4_MTU_LEAST = 68 /* every link carries that much: RFC 791 3.2 */
};

struct ip4_header {
    uint32_t source, dest;
    uint32_t fragment_offset; /* in bytes */
    uint16_t total_length;
    uint16_t id;
    uint8_t header_bytes;
    uint8_t traffic_class;
    uint8_t ttl;
    uint8_t protocol;
    bool dont_fragment, more_fragments;
    bool checksum_right;
    const uint8_t *options; /* of the packet: header_bytes - 20 of them */
};

/* A whole packet: false when the version, IHL or total length does not fit what is there
 * (RFC 1122 3.2.1.1). The reader then stands behind the header, options included. Bytes behind
 * total_length (padding of a short frame) may be left. */
bool ip4_header_read(struct reader *r, struct ip4_header *h);
/* A packet quoted in an ICMP error: it may be cut off behind its header, and its checksum may be
 * stale. */
bool ip4_header_read_quoted(struct reader *r, struct ip4_header *h);
/* Writes 20 bytes with the checksum; header_bytes, options and checksum_right are not looked at. */
void ip4_header_write(struct writer *w, const struct ip4_header *h);
