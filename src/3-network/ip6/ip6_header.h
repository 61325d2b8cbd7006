/* SPDX-License-Identifier: MIT */
/*
 * The fixed header of IPv6 (RFC 8200 3) and the Fragment header (RFC 8200 4.5) as values. What
 * stands between the fixed header and the payload is walked by ip6_chain.c.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/bytes.h"

enum ip6_constants {
    IP6_HEADER_BYTES = 40,
    IP6_FRAGMENT_BYTES = 8, /* of the Fragment header */
    IP6_PAYLOAD_MOST = 65535,
    IP6_MTU_LEAST = 1280, /* every link carries that much: RFC 8200 5 */
    IP6_FLOW_LABEL_MOST = 0xfffff,
    IP6_NEXT_AT = 6 /* where the fixed header names what follows it */
};

/* Values of a Next Header field that are no upper layer's (RFC 8200 4). */
enum ip6_next {
    IP6_HOP_BY_HOP = 0,
    IP6_ROUTING = 43,
    IP6_FRAGMENT = 44,
    IP6_NOTHING = 59, /* No Next Header */
    IP6_DESTINATION = 60
};

struct ip6_header {
    struct address source, dest;
    uint32_t flow_label; /* 20 bits */
    uint16_t payload_length;
    uint8_t traffic_class;
    uint8_t next_header;
    uint8_t hop_limit;
};

struct ip6_fragment_header {
    uint32_t id;
    uint32_t offset; /* in bytes */
    uint8_t next_header;
    bool more;
};

/* A whole packet: false when the version or the payload length does not fit what is there. Bytes
 * behind the payload (padding of a short frame) may be left. */
bool ip6_header_read(struct reader *r, struct ip6_header *h);
/* A packet quoted in an ICMP error, which may be cut off behind its header. */
bool ip6_header_read_quoted(struct reader *r, struct ip6_header *h);
void ip6_header_write(struct writer *w, const struct ip6_header *h);

bool ip6_header_fragment_read(struct reader *r, struct ip6_fragment_header *h);
void ip6_header_fragment_write(struct writer *w, const struct ip6_fragment_header *h);
