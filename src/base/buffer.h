/* SPDX-License-Identifier: MIT */
/*
 * Blocks of bytes in seven sizes, from raw pools: the memory behind rings. A node's budget counts
 * whole blocks.
 */
#pragma once
#include <stdint.h>

struct arena;
struct pool;

enum { BUFFER_CLASSES = 7, BUFFER_LEAST_BYTES = 4096 }; /* 4 KiB x 4^k: to 16 MiB */

/* A node's share of a store: bytes of blocks here, packets in base/packet. */
struct budget {
    uint64_t used, limit;
};

struct buffers {
    struct pool *pool[BUFFER_CLASSES];
};

/* Opens the pools; total_bytes is how much each class may hold in all. @return 0 or -ENOMEM */
int buffer_pool_init(struct buffers *b, struct arena *arena, uint64_t total_bytes);
uint64_t buffer_pool_bytes(uint64_t total_bytes);
uint32_t buffer_class_bytes(unsigned class);
/* A block of at least `bytes`, charged to the budget; NULL: no room. Sets *class. */
void *buffer_get(struct buffers *b, struct budget *budget, uint64_t bytes, unsigned *class);
void buffer_put(struct buffers *b, struct budget *budget, void *block, unsigned class);
