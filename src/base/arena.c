/* SPDX-License-Identifier: MIT */
/*
 * Pools in one stretch of memory: header, root, then for each pool its slots and the stack of its
 * free indices, each from a page border on. Giving out room is a sum that only grows; there is no
 * way to close a pool, since a lab's limits are known before it is mapped.
 *
 * Slot i lies at slots + i * stride. What was never handed out is never read or written, so it is
 * never committed. A slot goes back by its index: the index is checked against the pool, and the
 * stack can never hold more than was handed out, which catches most double frees without ASan.
 * Under ASan free slots and the gaps behind all slots are poisoned.
 */
#include "base/arena.h"

#include <string.h>

#include "base/compiler.h"

#define ARENA_MAGIC UINT64_C(0x3161656b6f636b73)

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

static uint64_t stride_of(uint32_t size)
{
    return round_up((uint64_t)size + ARENA_GAP_BYTES, ARENA_SLOT_ALIGN);
}

static void *at(const struct arena *a, uint64_t offset)
{
    return (void *)((uintptr_t)a + offset);
}

static uint8_t *slot_at(const struct pool *pool, uint32_t index)
{
    return at(pool->arena, pool->slots + (uint64_t)index * pool->stride);
}

static uint32_t *free_of(const struct pool *pool)
{
    return at(pool->arena, pool->free);
}

uint64_t arena_pool_bytes(uint32_t size, uint32_t limit)
{
    return round_up(stride_of(size) * limit, ARENA_PAGE_BYTES) +
           round_up((uint64_t)limit * sizeof(uint32_t), ARENA_PAGE_BYTES);
}

void arena_init(struct arena *a, uint64_t reserved, uint64_t layout)
{
    memset(a, 0, offsetof(struct arena, pool));
    a->magic = ARENA_MAGIC;
    a->layout = layout;
    a->base = (uint64_t)(uintptr_t)a;
    a->reserved = reserved;
    a->used = round_up(sizeof *a, ARENA_PAGE_BYTES);
}

/* Bytes from a page border on; 0: no room. */
static uint64_t take(struct arena *a, uint64_t bytes)
{
    uint64_t offset = a->used;

    if (a->used > a->reserved || bytes > a->reserved - a->used)
        return 0;
    a->used += bytes;
    return offset;
}

void *arena_root_take(struct arena *a, uint64_t bytes)
{
    ensure(a->root == 0);
    a->root = take(a, round_up(bytes, ARENA_PAGE_BYTES));
    if (!a->root)
        return NULL;
    a->root_bytes = bytes;
    return at(a, a->root);
}

void *arena_root(struct arena *a)
{
    return a->root ? at(a, a->root) : NULL;
}

static uint64_t live_bytes(const struct pool *pool)
{
    return pool->live == POOL_ALL ? (uint64_t)pool->touched * pool->stride : pool->live;
}

bool arena_range(const struct arena *a, uint32_t i, uint64_t *from, uint64_t *bytes)
{
    const struct pool *pool = &a->pool[i < 2 ? 0 : (i - 2) / 2];

    if (i == 0) {
        *from = 0;
        *bytes = offsetof(struct arena, pool) + a->pools * sizeof a->pool[0];
    } else if (i == 1) {
        *from = a->root;
        *bytes = a->root_bytes;
    } else if ((i - 2) / 2 >= a->pools) {
        return false;
    } else if (i % 2 == 0) {
        *from = pool->slots;
        *bytes = live_bytes(pool);
    } else {
        *from = pool->free;
        *bytes = (uint64_t)pool->freed * sizeof(uint32_t);
    }
    return true;
}

void arena_unpoison(struct arena *a)
{
    for (uint32_t i = 0; i < a->pools; i++)
        unpoison(slot_at(&a->pool[i], 0), (uint64_t)a->pool[i].touched * a->pool[i].stride);
}

void arena_repoison(struct arena *a)
{
    for (uint32_t i = 0; i < a->pools; i++) {
        const struct pool *pool = &a->pool[i];

        for (uint32_t k = 0; k < pool->touched; k++) {
            unpoison(slot_at(pool, k), pool->size);
            poison(slot_at(pool, k) + pool->size, pool->stride - pool->size);
        }
        for (uint32_t k = 0; k < pool->freed; k++)
            poison(slot_at(pool, free_of(pool)[k]), pool->stride);
    }
}

struct pool *pool_open(struct arena *a, uint32_t size, uint32_t limit, bool raw)
{
    struct pool *pool = &a->pool[a->pools];
    uint64_t slots;

    if (a->pools == ARENA_POOLS || limit == 0 || stride_of(size) > UINT32_MAX)
        return NULL;
    slots = take(a, arena_pool_bytes(size, limit));
    if (!slots)
        return NULL;
    a->pools++;
    memset(pool, 0, sizeof *pool);
    pool->arena = a;
    pool->slots = slots;
    pool->free = slots + round_up(stride_of(size) * limit, ARENA_PAGE_BYTES);
    pool->size = size;
    pool->stride = (uint32_t)stride_of(size);
    pool->limit = limit;
    pool->raw = raw;
    pool->live = POOL_ALL;
    return pool;
}

void *arena_array(struct arena *a, uint64_t bytes, struct pool **pool)
{
    if (bytes > UINT32_MAX)
        return NULL;
    *pool = pool_open(a, (uint32_t)bytes, 1, true);
    if (!*pool)
        return NULL;
    (*pool)->live = 0;
    return pool_get(*pool);
}

void *pool_get(struct pool *pool)
{
    uint8_t *slot;

    if (++pool->arena->gets == pool->arena->fail_at)
        return NULL;
    if (pool->freed) {
        slot = slot_at(pool, free_of(pool)[--pool->freed]);
    } else if (pool->touched < pool->limit) {
        slot = slot_at(pool, pool->touched++);
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
static uint32_t index_of(const struct pool *pool, const void *slot)
{
    uint64_t offset = (uint64_t)((uintptr_t)slot - (uintptr_t)pool->arena) - pool->slots;

    if (offset >= (uint64_t)pool->touched * pool->stride || offset % pool->stride)
        return UINT32_MAX;
    return (uint32_t)(offset / pool->stride);
}

void pool_put(struct pool *pool, void *slot)
{
    uint32_t index = index_of(pool, slot);

    ensure(index != UINT32_MAX && pool->freed < pool->touched);
    free_of(pool)[pool->freed++] = index;
    poison(slot, pool->stride);
}

uint32_t pool_count(const struct pool *pool)
{
    return pool->touched - pool->freed;
}

bool pool_owns(const struct pool *pool, const void *slot)
{
    return index_of(pool, slot) != UINT32_MAX;
}
