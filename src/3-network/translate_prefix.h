/* SPDX-License-Identifier: MIT */
/*
 * Translation of prefixes of IPv6 (RFC 6296, NPTv6): an inner prefix and an outer one of the same
 * length, and nothing else: no state, no ports, every inner address has its outer one for ever. One
 * word of the address takes up what the exchange of prefixes changes in the checksum of a
 * pseudo-header, so that transports are not touched (RFC 6296 2.6).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct translate_prefix {
    struct address inner, outer;
    uint32_t bits; /* 0: none */
    uint32_t zero;
};

/* An inner address becomes its outer one. @return false: it has none, being not in the prefix, or
 * having no word that can take up the change (RFC 6296 3.5, 3.7) */
bool translate_prefix_outbound(const struct translate_prefix *prefix, struct address *a);
bool translate_prefix_inbound(const struct translate_prefix *prefix, struct address *a);
