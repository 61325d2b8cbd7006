/* SPDX-License-Identifier: MIT */
/*
 * The options of an IPv4 header (RFC 791 3.1), as far as a host needs them: to know that each is
 * well formed, and to refuse source routes, complete or not (RFC 7126 4.3 LSRR, 4.4 SSRR). What
 * the others ask for (recording a route, timestamps) a router does for what it passes on, and a
 * host for what comes to it and what it sends (RFC 1122 3.2.1.8 (c), (e)), as Linux's does. An
 * answer of ICMP has the records of what it answers (RFC 1122 3.2.2.6), and no other option, so
 * that nobody can make us send elsewhere.
 */
#pragma once
#include "3-network/ip4/ip4_header.h"
#include "base/time.h"

enum ip4_options_verdict {
    IP4_OPTIONS_GOOD,
    IP4_OPTIONS_BAD,         /* malformed: *pointer is the offending byte of the header */
    IP4_OPTIONS_SOURCE_ROUTE /* refused (RFC 7126 4.3, 4.4) */
};

/* Walks the options (RFC 791 3.1); unknown ones are passed over (RFC 1122 3.2.1.8). */
enum ip4_options_verdict ip4_options_check(const struct ip4_header *h, uint8_t *pointer);

/* May a program send them? @raise EINVAL malformed, or too long; EOPNOTSUPP a source route, which
 * nobody here takes (RFC 7126 4.3) */
int ip4_options_may_send(const uint8_t *options, uint32_t length);

/* What is recorded in the options of a header (RFC 1812 5.3.13.5, 5.3.13.6). */
struct ip4_options_record {
    uint32_t address; /* of the interface that it leaves by, or its own; 0: it has none */
    uint32_t time;    /* as RFC 791 3.1 says of the timestamp */
    bool asked;       /* ip4_options_asked is an address of ours */
};
/* RFC 791 3.1: milliseconds, of no day that others know. */
static inline uint32_t ip4_options_time(nanoseconds now)
{
    return (uint32_t)((uint64_t)now / (uint64_t)MILLISECOND) | UINT32_C(0x80000000);
}
/* Those that an answer has, of a datagram's that were checked: records, as they are now, filled up
 * to whole words. @return bytes */
uint32_t ip4_options_back(const uint8_t *options, uint32_t length,
                          uint8_t back[IP4_HEADER_MOST - IP4_HEADER_BYTES]);
/* Of headers that were checked. The address whose time is asked for next; 0: of no one alone. */
uint32_t ip4_options_asked(const uint8_t *header, uint32_t header_bytes);
/* The checksum is the caller's to make right. @return false: more routers than can be counted had
 * no room: *pointer is the byte of the header that says so */
bool ip4_options_fill(uint8_t *header, uint32_t header_bytes,
                      const struct ip4_options_record *record, uint8_t *pointer);
