/* SPDX-License-Identifier: MIT */
/*
 * PART: the four-tuple of a segment -> whose it is. Keyed hashing (SipHash of the node's key), so
 * that nobody outside can choose colliding tuples (T-28).
 *
 * Connections, half-open ones and listeners each stand in a table of their own, so that a listener
 * is found as fast beside ten thousand connections of its port as beside none. A listener is a
 * tuple of which the local end counts alone; there may be several of one local end (SO_REUSEPORT,
 * interfaces), which tcp_demux_listener_next goes through. One that is bound to any address is
 * looked for by the unspecified address.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/siphash.h"
#include "base/table.h"

/* Embedded by connections, half-open connections and listeners alike. */
struct tcp_tuple {
    struct table_link link;
    struct endpoint local, remote; /* interfaces 0, but local's with a peer of one link */
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

/* Without a key: who listens where is chosen by this host's own programs, not by strangers. */
uint64_t tcp_demux_listener_hash(const struct endpoint *local);
/* The first listener at this local end, by its hash; and the next at the same. NULL: none. */
struct tcp_tuple *tcp_demux_listener(const struct table *t, uint64_t hash,
                                     const struct endpoint *local);
struct tcp_tuple *tcp_demux_listener_next(const struct tcp_tuple *k);
