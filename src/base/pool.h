/* SPDX-License-Identifier: MIT */
/*
 * Objects of one kind in fixed slots with a named limit, reused last-in first-out and zeroed on
 * get, so that the bytes of the arena depend on the inputs alone, padding too. Pools of raw bytes
 * (packets, buffers) are not zeroed: `raw` says that their users write what they read.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct arena;

enum pool_constants {
    POOL_SLOT_ALIGN = 64, /* a cache line */
    POOL_GAP_BYTES = 16   /* between slots: poisoned for ever, so that an overrun is seen */
};

/* One kind of object. Free slots are named by index in a side array, never by a link inside the
 * slot: a poisoned slot is not touched, and a wild write cannot bend the list. */
struct pool {
    struct arena *arena;
    uint64_t slots; /* offset of slot 0 from the arena */
    uint64_t free;  /* offset of the stack of free indices: uint32_t[limit] */
    uint32_t size;  /* bytes a user sees */
    uint32_t stride;
    uint32_t limit;
    uint32_t touched; /* slots ever handed out: the rest of the memory is not committed */
    uint32_t freed;   /* indices on the stack */
    uint32_t raw;     /* not zeroed on get */
    uint64_t live;    /* POOL_ALL, or how many bytes from slot 0 on are state: its owner says */
};

#define POOL_ALL UINT64_MAX /* every touched slot is state */

/* The bytes of arena that a pool will take, for the sum before mapping. */
uint64_t pool_bytes(uint32_t size, uint32_t limit);
/* Is a pool that came out of a file as pool_open makes one from this offset on? Its free slots are
 * not looked at. */
bool pool_is_sound(const struct pool *pool, const struct arena *a, uint64_t offset);
uint64_t pool_span(const struct pool *pool); /* what it takes of the arena */
/* Are its free slots numbers of its own? */
bool pool_free_is_sound(const struct pool *pool);
/* NULL: no room. */
struct pool *pool_open(struct arena *a, uint32_t size, uint32_t limit, bool raw);
void *pool_get(struct pool *pool); /* zeroed unless raw; NULL: limit reached */
void pool_put(struct pool *pool, void *slot);
/* The slot of an index below `limit`, and back: for who has no room for a pointer. */
void *pool_slot(const struct pool *pool, uint32_t index);
uint32_t pool_index(const struct pool *pool, const void *slot);
/* Slots handed out now. */
uint32_t pool_count(const struct pool *pool);
/* Bytes from slot 0 on that are state. */
uint64_t pool_live_bytes(const struct pool *pool);
/* Around copying its slots out or in (ASan): see arena_unpoison. */
void pool_unpoison(struct pool *pool);
void pool_repoison(struct pool *pool);
