/* SPDX-License-Identifier: MIT */
/*
 * A hash table of embedded links, for keys hashed by SipHash under the node's key. It grows by
 * linear hashing: one bucket is split an insertion, so there is no pause and memory is touched as
 * it is needed. It is never walked by bucket: who needs an order keeps a list of its own.
 *
 *     for (l = table_first(t, hash); l; l = table_next(l))
 *         { x = container_of(l, struct x, link); if (equal(x, key)) ... }
 */
#pragma once
#include <stdint.h>

struct arena;
struct pool;

struct table_link {
    struct table_link *next;
    uint64_t hash;
};

struct table {
    struct table_link **buckets;
    struct pool *pool; /* the one-slot pool that holds the buckets */
    uint32_t limit;    /* buckets at most, a power of two */
    uint32_t size;     /* buckets in use */
    uint32_t round;    /* the power of two <= size */
    uint32_t count;    /* links */
};

/* @return 0 or -ENOMEM */
int table_init(struct table *t, struct arena *arena, uint32_t limit);
void table_add(struct table *t, struct table_link *link, uint64_t hash);
void table_remove(struct table *t, struct table_link *link);
struct table_link *table_first(const struct table *t, uint64_t hash); /* with exactly this hash */
struct table_link *table_next(const struct table_link *link);         /* the next with its hash */
