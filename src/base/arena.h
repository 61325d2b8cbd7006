/* SPDX-License-Identifier: MIT */
/*
 * The lab's memory, seen from inside: who may use which byte. Pure: the mapping itself (memfd,
 * mmap, image files) is an edge, lab/arena_map.
 *
 * The arena is a header, one root object and pools, nothing else. Each pool has its own high-water
 * mark (`touched`), and an image is the live ranges alone: to read an untouched page of a memfd
 * commits it. Objects live in fixed slots with a named limit, are reused last-in first-out and
 * zeroed on get, so that the bytes of the arena depend on the inputs alone, padding too.
 * Pools of raw bytes (packets, buffers) are not zeroed: `raw` says that their users write what
 * they read. A large array is a raw pool of one slot whose owner says how much of it is state
 * (`live`), so that neither a get nor an image touches the rest.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum arena_constants {
    ARENA_PAGE_BYTES = 4096,
    ARENA_SLOT_ALIGN = 64, /* a cache line */
    ARENA_GAP_BYTES = 16,  /* between slots: poisoned for ever, so that an overrun is seen */
    ARENA_POOLS = 4096     /* the tables of every host are pools too */
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

struct arena {
    uint64_t magic;
    uint64_t layout;   /* hash of the layout: another build may not open this arena */
    uint64_t base;     /* the address at which the pointers inside are true */
    uint64_t reserved; /* bytes mapped */
    uint64_t used;     /* given out so far */
    uint64_t root;     /* offset and bytes of the root object */
    uint64_t root_bytes;
    uint64_t gets;    /* of all pools */
    uint64_t fail_at; /* the get of this number fails (tests); 0: none */
    uint32_t pools;
    uint32_t reserved_zero;
    struct pool pool[ARENA_POOLS];
};

/* The bytes that a pool or a plain block will take, for the sum before mapping. */
uint64_t arena_pool_bytes(uint32_t size, uint32_t limit);

void arena_init(struct arena *a, uint64_t reserved, uint64_t layout);
/* Takes the root object (zeroed by the mapping); once. NULL: no room. */
void *arena_root_take(struct arena *a, uint64_t bytes);
void *arena_root(struct arena *a);
/* The i-th live range; false: there is none. Image, restore and state hash walk these. Ranges of
 * zero bytes occur. */
bool arena_range(const struct arena *a, uint32_t i, uint64_t *from, uint64_t *bytes);
/* Around copying an image out or in (ASan): free slots and gaps become readable, and the shadow
 * follows the state again. Restoring does the first before, the second after. */
void arena_unpoison(struct arena *a);
void arena_repoison(struct arena *a);

struct pool *pool_open(struct arena *a, uint32_t size, uint32_t limit,
                       bool raw);  /* NULL: no room */
void *pool_get(struct pool *pool); /* zeroed unless raw; NULL: limit reached */
void pool_put(struct pool *pool, void *slot);
/* Slots handed out now. */
uint32_t pool_count(const struct pool *pool);
/* Is it the start of a slot that was handed out at some time? */
bool pool_owns(const struct pool *pool, const void *slot);
/* The one slot of a raw pool opened for it: an array of `bytes`, of which nothing is live until
 * the owner says so in (*pool)->live. NULL: no room. */
void *arena_array(struct arena *a, uint64_t bytes, struct pool **pool);
