/* SPDX-License-Identifier: MIT */
/*
 * The lab's memory, seen from inside: who may use which byte. Pure: the mapping itself (memfd,
 * mmap, image files) is an edge, lab/arena_map.
 *
 * The arena is a header, one root object and pools, nothing else. Each pool has its own high-water
 * mark (`touched`), and an image is the live ranges alone: to read an untouched page of a memfd
 * commits it. A large array is a raw pool of one slot whose owner says how much of it is state
 * (`live`), so that neither a get nor an image touches the rest.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

enum arena_constants {
    ARENA_PAGE_BYTES = 4096,
    ARENA_POOLS = 1 << 17 /* the tables of every host are pools too */
};

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

void arena_init(struct arena *a, uint64_t reserved, uint64_t layout);
/* Takes the root object (zeroed by the mapping); once. NULL: no room. */
void *arena_root_take(struct arena *a, uint64_t bytes);
void *arena_root(struct arena *a);
/* The i-th live range; false: there is none. Image, restore and state hash walk these. Ranges of
 * zero bytes occur. */
bool arena_range(const struct arena *a, uint32_t i, uint64_t *from, uint64_t *bytes);
/* Is a header that came out of a file one of an arena of so many bytes here, whose root and pools
 * lie behind it, each where it would have been put? Reads the header and the pools it counts, which
 * must be in memory. Then every range lies inside, and none over another. */
bool arena_is_sound(const struct arena *a, uint64_t layout, uint64_t reserved);
/* Bytes from a page border on, for a pool. @return their offset; 0: no room */
uint64_t arena_take(struct arena *a, uint64_t bytes);
/* Around copying an image out or in (ASan): free slots and gaps become readable, and the shadow
 * follows the state again. Restoring does the first before, the second after. */
void arena_unpoison(struct arena *a);
void arena_repoison(struct arena *a);

/* The one slot of a raw pool opened for it: an array of `bytes`, of which nothing is live until
 * the owner says so in (*pool)->live. NULL: no room. */
void *arena_array(struct arena *a, uint64_t bytes, struct pool **pool);
