/* SPDX-License-Identifier: MIT */
/*
 * Interface identifiers: the low 64 bits of an address. From the station's address (RFC 4291
 * appendix A, RFC 2464 4), or opaque: always the same on one network, and another on each (RFC 7217
 * 5). Temporary ones (RFC 8981 3.3.1) are chance, which their user draws.
 *
 * Part: key and facts in, a number out.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "2-link/link.h"
#include "base/address.h"
#include "base/siphash.h"

enum { SLAAC_ID_BITS = 64 };

uint64_t slaac_id_of_mac(const struct mac *mac);
/* mac: the interface's; NULL: it has none. counter: how many like it were duplicates. */
uint64_t slaac_id_opaque(struct siphash_key secret, struct address prefix, uint32_t interface,
                         const struct mac *mac, uint32_t counter);
/* RFC 5453: an identifier that means something else. */
bool slaac_id_is_reserved(uint64_t id);
