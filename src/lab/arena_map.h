/* SPDX-License-Identifier: MIT */
/*
 * The edge under base/arena: memory for an arena at an address that is the same in every process,
 * and its image as bytes.
 *
 * The k-th lab of a process lies at ARENA_MAP_BASE + k * ARENA_MAP_STRIDE: below every program that
 * Linux loads position-independent (0x555555554000 upwards), and inside what ASan, TSan and MSan
 * leave to applications. Pointers inside the arena are therefore true wherever it is mapped. Only
 * as much is mapped as the limits of the pools need; nothing is committed before it is touched.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct arena;

#define ARENA_MAP_BASE UINT64_C(0x550000000000)
#define ARENA_MAP_STRIDE (UINT64_C(64) << 30)
enum { ARENA_MAP_SLOTS = 5 };

struct arena_map {
    void *address;
    uint64_t bytes;
    int fd; /* of the memfd; -1: not mapped */
    int slot;
};

/* Maps `bytes` of zeroes at the first free place. @return 0
 * @raise EMFILE all places are taken; ENOMEM, and what memfd_create and ftruncate raise */
int arena_map_open(struct arena_map *map, uint64_t bytes);
void arena_map_close(struct arena_map *map);

/* Writes the live ranges behind a header. @return 0 @raise EIO ENOSPC ... */
int arena_map_image_save(struct arena *a, int fd);
uint64_t arena_map_image_bytes(const struct arena *a);
/* The hash at its end, taken on over the header and over each range's length and bytes, from 0. It
 * finds accidents, not those who mean harm: its key is the same for all. */
uint64_t arena_map_image_hash(uint64_t hash, const void *bytes, uint64_t length);
/* Maps an image at the place where it was taken; `layout` is this build's. @raise EINVAL not an
 * image, or a damaged one; ESTALE of another build; EBUSY its place is taken; EIO ENOMEM */
int arena_map_image_load(struct arena_map *map, uint64_t layout, int fd);
