/* SPDX-License-Identifier: MIT */
/*
 * Linear hashing (Litwin, 1980). With `size` buckets in use and round <= size < 2 round, a hash
 * belongs to bucket hash mod 2 round, or, where there is no such bucket yet, to hash mod round.
 * Growing by one bucket therefore only splits bucket size - round, and keeps the order of the
 * links in both halves: what table_first finds does not depend on when the table grew.
 */
#include "base/table.h"

#include <errno.h>

#include "base/arena.h"
#include "base/compiler.h"

enum { TABLE_LEAST = 16 };

int table_init(struct table *t, struct arena *arena, uint32_t limit)
{
    ensure(limit > 0 && (limit & (limit - 1)) == 0);
    t->buckets = arena_array(arena, (uint64_t)limit * sizeof(struct table_link *), &t->pool);
    if (!t->buckets)
        return -ENOMEM;
    t->limit = limit;
    t->round = t->size = limit < TABLE_LEAST ? limit : TABLE_LEAST;
    t->count = 0;
    for (uint32_t i = 0; i < t->size; i++)
        t->buckets[i] = NULL;
    t->pool->live = t->size * sizeof(struct table_link *);
    return 0;
}

static struct table_link **bucket_of(const struct table *t, uint64_t hash)
{
    uint64_t bucket = hash & (2 * (uint64_t)t->round - 1);

    return &t->buckets[bucket < t->size ? bucket : bucket & (t->round - 1)];
}

static void grow(struct table *t)
{
    struct table_link **stays = &t->buckets[t->size - t->round];
    struct table_link **moves = &t->buckets[t->size];
    struct table_link *next;

    for (struct table_link *l = *stays; l; l = next) {
        next = l->next;
        if (l->hash & t->round) {
            *moves = l;
            moves = &l->next;
        } else {
            *stays = l;
            stays = &l->next;
        }
    }
    *stays = *moves = NULL;
    if (++t->size == 2 * t->round)
        t->round = t->size;
    t->pool->live = t->size * sizeof(struct table_link *);
}

void table_add(struct table *t, struct table_link *link, uint64_t hash)
{
    struct table_link **bucket;

    if (t->count >= t->size && t->size < t->limit)
        grow(t);
    bucket = bucket_of(t, hash);
    link->hash = hash;
    link->next = *bucket;
    *bucket = link;
    t->count++;
}

void table_remove(struct table *t, struct table_link *link)
{
    struct table_link **at = bucket_of(t, link->hash);

    while (*at != link) {
        ensure(*at);
        at = &(*at)->next;
    }
    *at = link->next;
    link->next = NULL;
    t->count--;
}

static struct table_link *with_hash(struct table_link *l, uint64_t hash)
{
    while (l && l->hash != hash)
        l = l->next;
    return l;
}

struct table_link *table_first(const struct table *t, uint64_t hash)
{
    return with_hash(*bucket_of(t, hash), hash);
}

struct table_link *table_next(const struct table_link *link)
{
    return with_hash(link->next, link->hash);
}
