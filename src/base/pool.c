/* SPDX-License-Identifier: MIT */
/*
 * A pool lies in its arena: its slots, then the stack of their free indices. Slot 0 begins some
 * lines of the cache behind a page border, in each pool elsewhere: every host has pools of a few
 * slots, and if all began at a border, the first slots of all hosts would fall on the same few sets
 * of a cache. Slot i lies at slots + i * stride. What was never handed out is never read or
 * written, so it is never committed. A slot goes back by its index: the index is checked against
 * the pool, and the stack can never hold more than was handed out, which catches most double frees
 * without ASan. Under ASan free slots and the gaps behind all slots are poisoned.
 */
#include "base/pool.h"

#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

static uint64_t stride_of(uint32_t size)
{
    return round_up((uint64_t)size + POOL_GAP_BYTES, POOL_SLOT_ALIGN);
}

static void *at(const struct arena *a, uint64_t offset)
{
    return (void *)((uintptr_t)a + offset);
}

void *pool_slot(const struct pool *pool, uint32_t index)
{
    return at(pool->arena, pool->slots + (uint64_t)index * pool->stride);
}

static uint32_t *free_of(const struct pool *pool)
{
    return at(pool->arena, pool->free);
}

uint64_t pool_bytes(uint32_t size, uint32_t limit)
{
    return round_up(stride_of(size) * limit + (uint64_t)limit * sizeof(uint32_t),
                    ARENA_PAGE_BYTES) +
           ARENA_PAGE_BYTES;
}

/* Where in a page the n-th pool begins: 64 places, by multiplicative hashing (Knuth 6.4). */
WRAPS static uint64_t place_of(uint32_t n)
{
    return (uint64_t)(n * UINT32_C(2654435769) >> 26) * POOL_SLOT_ALIGN;
}

uint64_t pool_live_bytes(const struct pool *pool)
{
    return pool->live == POOL_ALL ? (uint64_t)pool->touched * pool->stride : pool->live;
}

void pool_unpoison(struct pool *pool)
{
    unpoison(pool_slot(pool, 0), (uint64_t)pool->touched * pool->stride);
}

void pool_repoison(struct pool *pool)
{
    for (uint32_t k = 0; k < pool->touched; k++) {
        unpoison(pool_slot(pool, k), pool->size);
        poison((uint8_t *)pool_slot(pool, k) + pool->size, pool->stride - pool->size);
    }
    for (uint32_t k = 0; k < pool->freed; k++)
        poison(pool_slot(pool, free_of(pool)[k]), pool->stride);
}

struct pool *pool_open(struct arena *a, uint32_t size, uint32_t limit, bool raw)
{
    struct pool *pool = &a->pool[a->pools];
    uint64_t slots;

    if (a->pools == ARENA_POOLS || limit == 0 || stride_of(size) > UINT32_MAX)
        return NULL;
    slots = arena_take(a, pool_bytes(size, limit));
    if (!slots)
        return NULL;
    a->pools++;
    memset(pool, 0, sizeof *pool);
    pool->arena = a;
    pool->slots = slots + place_of(a->pools);
    pool->free = pool->slots + stride_of(size) * limit;
    pool->size = size;
    pool->stride = (uint32_t)stride_of(size);
    pool->limit = limit;
    pool->raw = raw;
    pool->live = POOL_ALL;
    return pool;
}

/* Its number in the arena tells the place; the rest follows from size and limit. */
bool pool_is_sound(const struct pool *pool, const struct arena *a, uint64_t offset)
{
    uint32_t number = (uint32_t)(pool - a->pool) + 1;
    uint64_t stride = stride_of(pool->size);

    return pool->arena == a && pool->limit > 0 && stride <= UINT32_MAX && pool->stride == stride &&
           pool->slots == offset + place_of(number) &&
           pool->free == pool->slots + stride * pool->limit && pool->touched <= pool->limit &&
           pool->freed <= pool->touched &&
           (pool->live == POOL_ALL || pool->live <= stride * pool->limit);
}

uint64_t pool_span(const struct pool *pool)
{
    return pool_bytes(pool->size, pool->limit);
}

bool pool_free_is_sound(const struct pool *pool)
{
    for (uint32_t i = 0; i < pool->freed; i++)
        if (free_of(pool)[i] >= pool->touched)
            return false;
    return true;
}

void *pool_get(struct pool *pool)
{
    uint8_t *slot;

    if (++pool->arena->gets == pool->arena->fail_at)
        return NULL;
    if (pool->freed) {
        slot = pool_slot(pool, free_of(pool)[--pool->freed]);
    } else if (pool->touched < pool->limit) {
        slot = pool_slot(pool, pool->touched++);
        poison(slot + pool->size, pool->stride - pool->size);
    } else {
        return NULL;
    }
    unpoison(slot, pool->size);
    if (!pool->raw)
        memset(slot, 0, pool->size);
    return slot;
}

/* Its index, or UINT32_MAX. */
uint32_t pool_index(const struct pool *pool, const void *slot)
{
    uint64_t offset = (uint64_t)((uintptr_t)slot - (uintptr_t)pool->arena) - pool->slots;

    if (offset >= (uint64_t)pool->touched * pool->stride || offset % pool->stride)
        return UINT32_MAX;
    return (uint32_t)(offset / pool->stride);
}

void pool_put(struct pool *pool, void *slot)
{
    uint32_t index = pool_index(pool, slot);

    ensure(index != UINT32_MAX && pool->freed < pool->touched);
    free_of(pool)[pool->freed++] = index;
    poison(slot, pool->stride);
}

uint32_t pool_count(const struct pool *pool)
{
    return pool->touched - pool->freed;
}
