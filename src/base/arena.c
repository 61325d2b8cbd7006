/* SPDX-License-Identifier: MIT */
/*
 * One stretch of memory: header, root, then the pools, each from a page border on. Giving out room
 * is a sum that only grows; there is no way to close a pool, since a lab's limits are known before
 * it is mapped.
 */
#include "base/arena.h"

#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

#define ARENA_MAGIC UINT64_C(0x3161656b6f636b73)

static uint64_t page_up(uint64_t n)
{
    return (n + ARENA_PAGE_BYTES - 1) / ARENA_PAGE_BYTES * ARENA_PAGE_BYTES;
}

static void *at(const struct arena *a, uint64_t offset)
{
    return (void *)((uintptr_t)a + offset);
}

void arena_init(struct arena *a, uint64_t reserved, uint64_t layout)
{
    memset(a, 0, offsetof(struct arena, pool));
    a->magic = ARENA_MAGIC;
    a->layout = layout;
    a->base = (uint64_t)(uintptr_t)a;
    a->reserved = reserved;
    a->used = page_up(sizeof *a);
}

uint64_t arena_take(struct arena *a, uint64_t bytes)
{
    uint64_t offset = a->used;

    if (bytes > a->reserved - least(a->used, a->reserved))
        return 0;
    a->used += bytes;
    return offset;
}

void *arena_root_take(struct arena *a, uint64_t bytes)
{
    ensure(a->root == 0);
    a->root = arena_take(a, page_up(bytes));
    if (!a->root)
        return NULL;
    a->root_bytes = bytes;
    return at(a, a->root);
}

void *arena_root(struct arena *a)
{
    return a->root ? at(a, a->root) : NULL;
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
        *bytes = pool_live_bytes(pool);
    } else {
        *from = pool->free;
        *bytes = (uint64_t)pool->freed * sizeof(uint32_t);
    }
    return true;
}

bool arena_is_sound(const struct arena *a, uint64_t layout, uint64_t reserved)
{
    uint64_t end = page_up(sizeof *a);

    if (a->magic != ARENA_MAGIC || a->layout != layout || a->reserved != reserved ||
        a->base != (uint64_t)(uintptr_t)a || a->used > reserved || a->pools > ARENA_POOLS ||
        a->root != end || end > a->used || a->root_bytes > a->used - end)
        return false;
    end += page_up(a->root_bytes);
    for (uint32_t i = 0; i < a->pools; i++) {
        uint64_t bytes = pool_is_sound(&a->pool[i], a, end) ? pool_span(&a->pool[i]) : 0;

        if (bytes == 0 || end > a->used || bytes > a->used - end)
            return false;
        end += bytes;
    }
    return end == a->used;
}

void arena_unpoison(struct arena *a)
{
    for (uint32_t i = 0; i < a->pools; i++)
        pool_unpoison(&a->pool[i]);
}

void arena_repoison(struct arena *a)
{
    for (uint32_t i = 0; i < a->pools; i++)
        pool_repoison(&a->pool[i]);
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
