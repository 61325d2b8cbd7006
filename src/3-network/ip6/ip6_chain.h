/* SPDX-License-Identifier: MIT */
/*
 * The chain of extension headers between the fixed header of IPv6 and the payload (RFC 8200 4),
 * each named by the one before. It is walked strictly in order, as its destination must; a header
 * of a kind that we do not know ends it, since nobody can tell where such a header ends.
 *
 * Part: bytes in, a verdict out; it knows no interface and sends nothing.
 *
 * Limits (RFC 8504 5.3 lets a host have them, and Linux has those of options): headers of a packet,
 * options of a header that are not padding, and bytes of padding in a row. What is over a limit is
 * discarded without an answer.
 */
#pragma once
#include "3-network/ip6/ip6_header.h"

enum ip6_chain_limits { IP6_CHAIN_HEADERS = 8, IP6_CHAIN_OPTIONS = 8, IP6_CHAIN_PADDING = 7 };

enum ip6_chain_verdict {
    IP6_CHAIN_GOOD,    /* `next` is the payload's, a Fragment header, or nothing */
    IP6_CHAIN_DISCARD, /* silently */
    IP6_CHAIN_PROBLEM  /* discard, and tell the source: ICMP parameter problem, code and pointer */
};

/* Codes of "parameter problem" (RFC 4443 3.4, RFC 7112 5). */
enum ip6_chain_problem {
    IP6_PROBLEM_FIELD = 0,
    IP6_PROBLEM_NEXT_HEADER = 1,
    IP6_PROBLEM_OPTION = 2,
    IP6_PROBLEM_CHAIN = 3 /* the first fragment does not hold all of it */
};

/* Where a walk stands. Offsets are from the start of the fixed header. */
struct ip6_chain {
    uint32_t at;      /* of the header that is next */
    uint32_t next_at; /* of the field that named it */
    uint32_t pointer; /* PROBLEM: of what is wrong */
    uint8_t next;     /* its kind */
    uint8_t headers;  /* walked so far */
    uint8_t code;     /* PROBLEM */
    uint8_t always;   /* PROBLEM: told even if the packet was sent to a group */
};

/* A walk begins behind the fixed header. */
static inline struct ip6_chain ip6_chain_of(uint8_t next_header)
{
    return (struct ip6_chain){.at = IP6_HEADER_BYTES, .next_at = IP6_NEXT_AT, .next = next_header};
}
/* Walks on, over headers that we know, in a packet of so many bytes. */
enum ip6_chain_verdict ip6_chain_walk(const uint8_t *packet, uint32_t length, struct ip6_chain *c);
/* The same over hop-by-hop options alone: what a router on the way looks at. */
enum ip6_chain_verdict ip6_chain_hop(const uint8_t *packet, uint32_t length, struct ip6_chain *c);
/* Goes to the upper layer's header without regard to what the headers say, Fragment headers
 * included: for packets that are quoted. @return false: it is not there (cut off, or another
 * fragment's); `next` is then what is known of it */
bool ip6_chain_skip(const uint8_t *packet, uint32_t length, struct ip6_chain *c);
/* The same, but that a Fragment header ends it. @return false: it is cut off */
bool ip6_chain_part(const uint8_t *packet, uint32_t length, struct ip6_chain *c);
