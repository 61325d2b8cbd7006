/* SPDX-License-Identifier: MIT */
/* What the tests of base/ share: seeded numbers that owe nothing to base/random, and an arena of
 * fresh zeroed memory with room for so many bytes beside its header. */
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "check.h"

struct seeded {
    uint64_t state;
};

/* splitmix64 */
__attribute__((unused)) static uint64_t draw(struct seeded *s)
{
    uint64_t z = s->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

__attribute__((unused)) static uint64_t draw_below(struct seeded *s, uint64_t bound)
{
    return draw(s) % bound;
}

__attribute__((unused)) static struct arena *arena_fresh(uint64_t bytes)
{
    uint64_t header = (sizeof(struct arena) + ARENA_PAGE_BYTES - 1) & ~(uint64_t)0xfff;
    uint64_t reserved = header + bytes;
    void *memory = mmap(NULL, reserved, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    arena_init(memory, reserved, 1);
    return memory;
}

__attribute__((unused)) static void arena_free(struct arena *a)
{
    uint64_t bytes = a->reserved;

    arena_unpoison(a);
    munmap(a, bytes);
}
