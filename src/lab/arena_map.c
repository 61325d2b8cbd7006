/* SPDX-License-Identifier: MIT */
/*
 * Mapping an arena (memfd and mmap with MAP_FIXED_NOREPLACE: nobody's memory is ever replaced) and
 * carrying its live ranges to a file and back.
 *
 * An image is: magic, version, layout hash, place, bytes mapped; then the live ranges in the order
 * of arena_range, each with its length; then a keyed hash of all of it. Loading reads the header of
 * the arena first, since that names the other ranges, and believes nothing: every range must be
 * what the arena's own header says and lie inside the mapping, and the hash must fit.
 *
 * Under ASan free slots are poisoned, and the shadow belongs to the process, not to the memory:
 * everything is made readable around copying, and before the mapping goes.
 */
#include "lab/arena_map.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/siphash.h"
#include "lab/file.h"

#define IMAGE_MAGIC UINT64_C(0x6567616d69656b73)
enum { IMAGE_VERSION = 1, IMAGE_BLOCK = 1 << 16 };

struct image_header {
    uint64_t magic, version, layout, slot, reserved;
};

static const struct siphash_key image_key = {0x736f636b657965, 0x696d616765};

static int map_at(struct arena_map *map)
{
    void *want = (void *)(uintptr_t)(ARENA_MAP_BASE + (uint64_t)map->slot * ARENA_MAP_STRIDE);
    int flags = MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    void *got = mmap(want, map->bytes, PROT_READ | PROT_WRITE, flags, map->fd, 0);

    if (got == MAP_FAILED)
        return errno == EEXIST ? -EBUSY : -errno;
    if (got != want) { /* valgrind and kernels before 4.17 take the flag for a hint */
        munmap(got, map->bytes);
        return -EBUSY;
    }
    map->address = got;
    return 0;
}

static int memory_open(struct arena_map *map, uint64_t bytes)
{
    map->address = NULL;
    map->bytes = bytes;
    map->fd = -1;
    if (bytes == 0 || bytes > ARENA_MAP_STRIDE)
        return -ENOMEM;
    map->fd = memfd_create("sockeye-lab", MFD_CLOEXEC);
    if (map->fd < 0)
        return -errno;
    if (ftruncate(map->fd, (off_t)bytes) == 0)
        return 0;
    close(map->fd);
    map->fd = -1;
    return -ENOMEM;
}

int arena_map_open(struct arena_map *map, uint64_t bytes)
{
    int result = memory_open(map, bytes);

    if (result < 0)
        return result;
    result = -EBUSY;
    for (map->slot = 0; map->slot < ARENA_MAP_SLOTS; map->slot++) {
        result = map_at(map);
        if (result != -EBUSY)
            break;
    }
    if (result < 0)
        arena_map_close(map);
    return result == -EBUSY ? -EMFILE : result;
}

/* At a given place. @raise EBUSY it is taken; EINVAL no such place */
static int open_at(struct arena_map *map, int slot, uint64_t bytes)
{
    int result = slot < 0 || slot >= ARENA_MAP_SLOTS ? -EINVAL : memory_open(map, bytes);

    if (result < 0)
        return result;
    map->slot = slot;
    result = map_at(map);
    if (result < 0)
        arena_map_close(map);
    return result;
}

void arena_map_close(struct arena_map *map)
{
    if (map->address) {
        munmap(map->address, map->bytes);
        map->address = NULL;
    }
    if (map->fd >= 0)
        close(map->fd);
    map->fd = -1;
}

uint64_t arena_map_image_hash(uint64_t hash, const void *bytes, uint64_t length)
{
    for (uint64_t at = 0; at < length; at += IMAGE_BLOCK) {
        uint64_t part = length - at < IMAGE_BLOCK ? length - at : IMAGE_BLOCK;
        struct siphash_key key = {image_key.k0 ^ hash, image_key.k1};

        hash = siphash(key, (const uint8_t *)bytes + at, part);
    }
    return hash;
}

int arena_map_image_save(struct arena *a, int fd)
{
    struct image_header header = {IMAGE_MAGIC, IMAGE_VERSION, a->layout, 0, a->reserved};
    uint64_t hash, from, bytes;
    int result;

    header.slot = (a->base - ARENA_MAP_BASE) / ARENA_MAP_STRIDE;
    hash = arena_map_image_hash(0, &header, sizeof header);
    result = file_write(fd, &header, sizeof header);
    arena_unpoison(a);
    for (uint32_t i = 0; result == 0 && arena_range(a, i, &from, &bytes); i++) {
        hash = arena_map_image_hash(hash, &bytes, sizeof bytes);
        hash = arena_map_image_hash(hash, (const uint8_t *)a + from, bytes);
        result = file_write(fd, &bytes, sizeof bytes);
        if (result == 0)
            result = file_write(fd, (const uint8_t *)a + from, bytes);
    }
    arena_repoison(a);
    return result < 0 ? result : file_write(fd, &hash, sizeof hash);
}

uint64_t arena_map_image_bytes(const struct arena *a)
{
    uint64_t sum = sizeof(struct image_header) + sizeof(uint64_t), from, bytes;

    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++)
        sum += sizeof bytes + bytes;
    return sum;
}

/* ENODATA of an image that ends early means that it is none. */
static int load_result(int result)
{
    return result == -ENODATA ? -EINVAL : result;
}

static int load_ranges(struct arena_map *map, const struct image_header *header, int fd)
{
    struct arena *a = map->address;
    uint64_t hash = arena_map_image_hash(0, header, sizeof *header), from = 0, bytes, length,
             wanted;
    int result;

    for (uint32_t i = 0; i == 0 || arena_range(a, i, &from, &bytes); i++) {
        result = file_read(fd, &length, sizeof length);
        if (result < 0)
            return load_result(result);
        if (i == 0 ? length > sizeof *a || length > map->bytes : length != bytes)
            return -EINVAL;
        result = file_read(fd, (uint8_t *)a + from, length);
        if (result < 0)
            return load_result(result);
        if (i == 0 && (length < offsetof(struct arena, pool) ||
                       !arena_is_sound(a, header->layout, header->reserved) ||
                       !arena_range(a, 0, &from, &bytes) || bytes != length))
            return -EINVAL;
        hash = arena_map_image_hash(hash, &length, sizeof length);
        hash = arena_map_image_hash(hash, (uint8_t *)a + from, length);
    }
    result = file_read(fd, &wanted, sizeof wanted);
    if (result < 0)
        return load_result(result);
    for (uint32_t i = 0; i < a->pools; i++)
        if (!pool_free_is_sound(&a->pool[i]))
            return -EINVAL;
    return wanted == hash ? 0 : -EINVAL;
}

int arena_map_image_load(struct arena_map *map, uint64_t layout, int fd)
{
    struct image_header header;
    int result = file_read(fd, &header, sizeof header);

    map->address = NULL;
    map->fd = -1;
    if (result < 0)
        return load_result(result);
    if (header.magic != IMAGE_MAGIC || header.slot >= ARENA_MAP_SLOTS ||
        header.reserved < sizeof(struct arena) || header.reserved > ARENA_MAP_STRIDE)
        return -EINVAL;
    if (header.version != IMAGE_VERSION || header.layout != layout)
        return -ESTALE;
    result = open_at(map, (int)header.slot, header.reserved);
    if (result < 0)
        return result;
    result = load_ranges(map, &header, fd);
    if (result < 0)
        arena_map_close(map);
    else
        arena_repoison(map->address);
    return result;
}
