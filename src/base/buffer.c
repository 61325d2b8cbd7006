/* SPDX-License-Identifier: MIT */
/* A block comes from the smallest class that holds it; each class is a pool of its own. */
#include "base/buffer.h"

#include <errno.h>

#include "base/arena.h"
#include "base/compiler.h"

uint32_t buffer_class_bytes(unsigned class)
{
    ensure(class < BUFFER_CLASSES);
    return (uint32_t)BUFFER_LEAST_BYTES << 2 * class;
}

uint64_t buffer_pool_bytes(uint64_t total_bytes)
{
    uint64_t bytes = 0;

    for (unsigned k = 0; k < BUFFER_CLASSES; k++)
        bytes += pool_bytes(buffer_class_bytes(k), (uint32_t)(total_bytes / buffer_class_bytes(k)));
    return bytes;
}

int buffer_pool_init(struct buffers *b, struct arena *arena, uint64_t total_bytes)
{
    for (unsigned k = 0; k < BUFFER_CLASSES; k++) {
        uint64_t limit = total_bytes / buffer_class_bytes(k);

        b->pool[k] = NULL;
        if (limit == 0)
            continue;
        ensure(limit <= UINT32_MAX);
        b->pool[k] = pool_open(arena, buffer_class_bytes(k), (uint32_t)limit, true);
        if (!b->pool[k])
            return -ENOMEM;
    }
    return 0;
}

void *buffer_get(struct buffers *b, struct budget *budget, uint64_t bytes, unsigned *class)
{
    unsigned k = 0;
    void *block;

    while (k < BUFFER_CLASSES && buffer_class_bytes(k) < bytes)
        k++;
    if (k == BUFFER_CLASSES || !b->pool[k])
        return NULL;
    if (budget->used > budget->limit || buffer_class_bytes(k) > budget->limit - budget->used)
        return NULL;
    block = pool_get(b->pool[k]);
    if (!block)
        return NULL;
    budget->used += buffer_class_bytes(k);
    *class = k;
    return block;
}

void buffer_put(struct buffers *b, struct budget *budget, void *block, unsigned class)
{
    ensure(class < BUFFER_CLASSES && budget->used >= buffer_class_bytes(class));
    pool_put(b->pool[class], block);
    budget->used -= buffer_class_bytes(class);
}
