/* SPDX-License-Identifier: MIT */
/*
 * The options of an IPv4 header (RFC 791 3.1), as far as a host needs them: to know that each is
 * well formed, and to refuse source routes, complete or not (RFC 7126 4.3 LSRR, 4.4 SSRR). What
 * options ask for (recording a route, timestamps) is a router's service and a host's MAY
 * (RFC 1122 3.2.1.8): nothing is recorded, and no option is ever copied into an answer, so that
 * nobody can make us send elsewhere.
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
