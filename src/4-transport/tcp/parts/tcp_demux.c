/* SPDX-License-Identifier: MIT */
/* A bucket is named by the whole four-tuple, so that no peer can fill one on purpose (T-28). */
#include "4-transport/tcp/parts/tcp_demux.h"

#include "base/bucket.h"
#include "base/compiler.h"

#define SPREAD UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio (Knuth 6.4) */

uint64_t tcp_demux_hash(struct siphash_key key, const struct endpoint *local,
                        const struct endpoint *remote)
{
    return bucket_of_pair(key, local, remote);
}

/* RFC 9293 3.10.7: a segment belongs to the connection of its socket pair, exactly. */
struct tcp_tuple *tcp_demux_find(const struct table *t, uint64_t hash, const struct endpoint *local,
                                 const struct endpoint *remote)
{
    for (struct table_link *l = table_first(t, hash); l; l = table_next(l)) {
        struct tcp_tuple *k = container_of(l, struct tcp_tuple, link);

        if (tcp_demux_is(k, local, remote))
            return k;
    }
    return NULL;
}

/* Both families' unspecified address is one to a listener. */
static bool is_same_end(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port &&
           (address_equal(a->address, b->address) ||
            (address_is_unspecified(a->address) && address_is_unspecified(b->address)));
}

uint64_t tcp_demux_listener_hash(const struct endpoint *local)
{
    uint64_t spread = 0;

    if (!address_is_unspecified(local->address))
        spread = (local->address.high ^ local->address.low) * SPREAD;
    return (spread >> 32) + local->port;
}

static struct tcp_tuple *listener_from(struct table_link *l, const struct endpoint *local)
{
    for (; l; l = table_next(l)) {
        struct tcp_tuple *k = container_of(l, struct tcp_tuple, link);

        if (is_same_end(&k->local, local))
            return k;
    }
    return NULL;
}

/* One that names this local end, no more and no less: what is less exact, the caller asks for next
 * (RFC 9293 3.10.7.2). */
struct tcp_tuple *tcp_demux_listener(const struct table *t, uint64_t hash,
                                     const struct endpoint *local)
{
    return listener_from(table_first(t, hash), local);
}

struct tcp_tuple *tcp_demux_listener_next(const struct tcp_tuple *k)
{
    return listener_from(table_next(&k->link), &k->local);
}
