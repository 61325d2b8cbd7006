/* SPDX-License-Identifier: MIT */
/*
 * The options of an IPv4 header (RFC 791 3.1), as far as a host needs them: to know that each is
 * well formed, and to refuse source routes, complete or not (RFC 7126 4.3 LSRR, 4.4 SSRR). What
 * options ask for (recording a route, timestamps) is a router's service and a host's MAY
 * (RFC 1122 3.2.1.8): what is for this host records nothing, and no option is ever copied into an
 * answer, so that nobody can make us send elsewhere.
 */
#pragma once
#include "3-network/ip4/ip4_header.h"

enum ip4_options_verdict {
    IP4_OPTIONS_GOOD,
    IP4_OPTIONS_BAD,         /* malformed: *pointer is the offending byte of the header */
    IP4_OPTIONS_SOURCE_ROUTE /* refused (RFC 7126 4.3, 4.4) */
};

/* Walks the options (RFC 791 3.1); unknown ones are passed over (RFC 1122 3.2.1.8). */
enum ip4_options_verdict ip4_options_check(const struct ip4_header *h, uint8_t *pointer);

/* What a router records in the options of a header on its way (RFC 1812 5.3.13.5, 5.3.13.6). */
struct ip4_options_record {
    uint32_t address; /* of the interface that it leaves by; 0: it has none */
    uint32_t time;    /* as RFC 791 3.1 says of the timestamp */
    bool asked;       /* ip4_options_asked is an address of ours */
};
/* Of headers that were checked. The address whose time is asked for next; 0: of no one alone. */
uint32_t ip4_options_asked(const uint8_t *header, uint32_t header_bytes);
/* The checksum is the caller's to make right. @return false: more routers than can be counted had
 * no room: *pointer is the byte of the header that says so */
bool ip4_options_fill(uint8_t *header, uint32_t header_bytes,
                      const struct ip4_options_record *record, uint8_t *pointer);
