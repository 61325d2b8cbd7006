/* SPDX-License-Identifier: MIT */
/* An arena of one test: fresh memory for each case. */
#pragma once
#include <sys/mman.h>

#include "base/arena.h"
#include "base/compiler.h"

/* Gives back the old one (NULL: none). */
static void fake_arena_end(struct arena *arena)
{
    if (!arena)
        return;
    arena_unpoison(arena);
    munmap(arena, arena->reserved);
}

static struct arena *fake_arena_fresh(struct arena *old, uint64_t bytes)
{
    const uint64_t whole = bytes + ARENA_PAGE_BYTES - bytes % ARENA_PAGE_BYTES;
    struct arena *arena;

    fake_arena_end(old);
    arena = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
    ensure(arena != MAP_FAILED);
    arena_init(arena, whole, 1);
    return arena;
}
