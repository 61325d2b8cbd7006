/* SPDX-License-Identifier: MIT */
/*
 * Images in which some words are others, with a hash that fits: what is loaded in spite of that
 * has its root and its pools inside the arena, behind its header, none over another, and can be
 * written again and closed. What the root says beyond that is trusted (sockeye_load), so nothing
 * is run.
 *
 * A patch is an offset in words of 4 bytes (in 3 bytes), and the word to put there.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/compiler.h"
#include "lab/arena_map.h"
#include "lab/file.h"
#include "lab/handle.h"

enum { PATCHES = 32, HASH_BYTES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t *image, *copy;
static size_t image_bytes;

static void image_make(void)
{
    const struct sockeye_config config = {
        .seed = 1, .hosts = 1, .wires = 1, .sockets = 16, .packets = 16, .buffer_bytes = 1 << 16};
    struct sockeye *lab;
    int fd = memfd_create("image", MFD_CLOEXEC);
    off_t end;

    ensure(fd >= 0 && sockeye_open(&config, &lab) == 0);
    ensure(sockeye_door(lab, "d", SOCKEYE_DOOR_IP, 0) == 0 && sockeye_host(lab, "a") == 0);
    ensure(sockeye_interface(lab, 0, "e", 0, 0, NULL) == 1);
    ensure(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    ensure(sockeye_save(lab, fd) == 0);
    sockeye_close(lab);
    end = lseek(fd, 0, SEEK_END);
    ensure(end > 0 && lseek(fd, 0, SEEK_SET) == 0);
    image_bytes = (size_t)end;
    image = malloc(image_bytes);
    copy = malloc(image_bytes);
    ensure(image && copy && file_read(fd, image, image_bytes) == 0);
    close(fd);
}

/* The hash that arena_map.c will expect, by the lengths that stand in the copy. */
static uint64_t hash_of_copy(void)
{
    size_t at = 5 * sizeof(uint64_t), end = image_bytes - HASH_BYTES;
    uint64_t hash = arena_map_image_hash(0, copy, at), length;

    while (end - at >= sizeof length) {
        memcpy(&length, copy + at, sizeof length);
        hash = arena_map_image_hash(hash, &length, sizeof length);
        at += sizeof length;
        if (length > end - at)
            break;
        hash = arena_map_image_hash(hash, copy + at, length);
        at += (size_t)length;
    }
    return hash;
}

/* The ranges of a loaded arena are disjoint; most of them are pools, in order. */
static void check_ranges(const struct arena *a)
{
    uint64_t from, bytes, root = a->root;

    ensure(arena_range(a, 0, &from, &bytes) && from == 0 && bytes <= root);
    for (uint32_t i = 2; arena_range(a, i, &from, &bytes); i++)
        ensure(bytes == 0 || (from >= root + a->root_bytes && bytes <= a->used - from));
}

static void load(int fd)
{
    struct sockeye *lab;

    if (sockeye_load(fd, &lab) < 0)
        return;
    check_ranges(lab->lab->arena);
    ensure(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    ensure(sockeye_save(lab, fd) == 0);
    sockeye_close(lab);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint64_t hash;
    int fd;

    if (!image)
        image_make();
    memcpy(copy, image, image_bytes);
    for (int i = 0; i < PATCHES && reader_left(&r) >= 7; i++) {
        size_t at = (size_t)read_u8(&r) << 16 | read_u16(&r);
        const uint8_t *word = read_bytes(&r, 4);

        at = at % ((image_bytes - HASH_BYTES) / 4) * 4;
        memcpy(copy + at, word, 4);
    }
    hash = hash_of_copy();
    memcpy(copy + image_bytes - HASH_BYTES, &hash, sizeof hash);
    fd = memfd_create("image", MFD_CLOEXEC);
    ensure(fd >= 0 && file_write(fd, copy, image_bytes) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    load(fd);
    close(fd);
    return 0;
}
