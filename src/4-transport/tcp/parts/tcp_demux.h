/* SPDX-License-Identifier: MIT */
/*
 * PART: the four-tuple of a segment -> whose it is. Keyed hashing (SipHash of the node's key), so
 * that nobody outside can choose colliding tuples (T-28). Listeners are found by port (ports.h).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/random.h"
#include "base/table.h"

/* Embedded by connections and half-open connections alike, in tables of their own. */
struct tcp_tuple {
    struct table_link link;
    struct endpoint local, remote; /* interfaces 0 */
};

static inline bool tcp_demux_is(const struct tcp_tuple *k, const struct endpoint *local,
                                const struct endpoint *remote)
{
    return k->local.port == local->port && k->remote.port == remote->port &&
           address_equal(k->remote.address, remote->address) &&
           address_equal(k->local.address, local->address);
}

uint64_t tcp_demux_hash(struct siphash_key key, const struct endpoint *local,
                        const struct endpoint *remote);
struct tcp_tuple *tcp_demux_find(const struct table *t, uint64_t hash, const struct endpoint *local,
                                 const struct endpoint *remote);
