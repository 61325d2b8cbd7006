/* SPDX-License-Identifier: MIT */
/*
 * A tree of pages, 64 parts each, three levels: 262,144 numbers. The index of a descriptor is its
 * number less CALL_FIRST; six bits of it a level choose the part. Pages are made on the way to a
 * number and never given back: there are at most limit / 64 and a few, and their pool is the
 * host's own.
 *
 * The page of the lowest numbers, which most programs never leave, is also found without the way.
 *
 * `full` is kept exact upward: a part's bit is set when its last free number goes, and cleared when
 * one comes back. Then the lowest zero bit, three times, is the lowest free number.
 */
#include "6-presentation/descriptor.h"

#include <errno.h>

#include "base/arena.h"
#include "base/integer.h"

static uint32_t pages_limit(uint32_t limit)
{
    uint32_t pages = 0;

    for (int level = 0; level < DESCRIPTOR_LEVELS; level++) {
        limit = (limit + DESCRIPTOR_PAGE_PARTS - 1) / DESCRIPTOR_PAGE_PARTS;
        pages += limit;
    }
    return pages;
}

static uint32_t shares_limit(uint32_t limit)
{
    return limit < DESCRIPTOR_SHARES ? limit : DESCRIPTOR_SHARES;
}

uint64_t descriptor_table_bytes(uint32_t limit)
{
    return pool_bytes(sizeof(struct descriptor), limit) +
           pool_bytes(sizeof(struct descriptor_page), pages_limit(limit)) +
           pool_bytes(sizeof(struct descriptor_share), shares_limit(limit));
}

int descriptor_table_init(struct descriptors *ds, struct arena *arena, uint32_t limit)
{
    if (limit == 0 || limit > CALL_DESCRIPTORS)
        return -EINVAL;
    ds->limit = limit;
    ds->numbers = 0;
    ds->pool = pool_open(arena, sizeof(struct descriptor), limit, false);
    ds->page_pool = pool_open(arena, sizeof(struct descriptor_page), pages_limit(limit), false);
    ds->share_pool = pool_open(arena, sizeof(struct descriptor_share), shares_limit(limit), false);
    if (!ds->pool || !ds->page_pool || !ds->share_pool)
        return -ENOMEM;
    ds->root = pool_get(ds->page_pool);
    return ds->root ? 0 : -ENOMEM;
}

static uint32_t part_of(uint32_t index, int level)
{
    return index >> (DESCRIPTOR_PAGE_SHIFT * level) & (DESCRIPTOR_PAGE_PARTS - 1);
}

/* Fills path[level] with the pages on the way to the lowest free index. */
static inline int find_free(struct descriptors *ds, struct descriptor_page *path[DESCRIPTOR_LEVELS],
                            uint32_t *found)
{
    struct descriptor_page *page = ds->root;
    uint32_t index = 0;

    for (int level = DESCRIPTOR_LEVELS - 1; level >= 0; level--) {
        uint32_t part;

        if (page->full == UINT64_MAX)
            return -EMFILE;
        part = integer_log2(~page->full & (page->full + 1));
        index |= part << (DESCRIPTOR_PAGE_SHIFT * level);
        if (index >= ds->limit)
            return -EMFILE;
        path[level] = page;
        if (level == 0)
            break;
        if (!page->part.page[part])
            page->part.page[part] = pool_get(ds->page_pool);
        page = page->part.page[part];
        if (!page)
            return -ENOBUFS;
    }
    if (index < DESCRIPTOR_PAGE_PARTS)
        ds->first = path[0]; /* it may be new */
    *found = index;
    return 0;
}

/* Gives it a free number, to which a way was found. */
static inline void put(struct descriptors *ds, struct descriptor *d, uint32_t index,
                       struct descriptor_page *path[DESCRIPTOR_LEVELS])
{
    path[0]->part.descriptor[part_of(index, 0)] = d;
    path[0]->full |= UINT64_C(1) << part_of(index, 0);
    for (int level = 1; level < DESCRIPTOR_LEVELS && path[level - 1]->full == UINT64_MAX; level++)
        path[level]->full |= UINT64_C(1) << part_of(index, level);
    ds->numbers++;
}

int descriptor_add(struct descriptors *ds, struct descriptor **descriptor)
{
    struct descriptor_page *path[DESCRIPTOR_LEVELS];
    struct descriptor *d;
    uint32_t index;
    int status = find_free(ds, path, &index);

    if (status)
        return status;
    d = pool_get(ds->pool);
    if (!d)
        return -ENOBUFS;
    d->number = CALL_FIRST + index;
    put(ds, d, index, path);
    *descriptor = d;
    return (int)d->number;
}

struct descriptor_share *descriptor_shared(const struct descriptors *ds, const struct descriptor *d)
{
    return d->share ? pool_slot(ds->share_pool, d->share - 1u) : NULL;
}

struct descriptor_share *descriptor_shared_make(struct descriptors *ds, struct descriptor *d)
{
    struct descriptor_share *share = descriptor_shared(ds, d);

    if (share)
        return share;
    share = pool_get(ds->share_pool);
    if (!share)
        return NULL;
    share->descriptor = d;
    share->numbers = d->number != 0;
    d->share = (uint16_t)(pool_index(ds->share_pool, share) + 1);
    return share;
}

void descriptor_shared_end(struct descriptors *ds, struct descriptor *d)
{
    struct descriptor_share *share = descriptor_shared(ds, d);

    if (!share || share->rides || share->numbers > 1)
        return;
    d->share = 0;
    pool_put(ds->share_pool, share);
}

int descriptor_share(struct descriptors *ds, struct descriptor *d)
{
    struct descriptor_page *path[DESCRIPTOR_LEVELS];
    struct descriptor_share *share = descriptor_shared_make(ds, d);
    uint32_t index;
    int status = share ? find_free(ds, path, &index) : -ENOBUFS;

    if (status) {
        descriptor_shared_end(ds, d);
        return status;
    }
    put(ds, d, index, path);
    if (d->number == 0)
        d->number = CALL_FIRST + index;
    share->numbers++;
    return (int)(CALL_FIRST + index);
}

/* Another number of it, when the one that it was known by is gone. */
static uint32_t other_number(const struct descriptors *ds, const struct descriptor *d)
{
    int number = descriptor_next(ds, CALL_FIRST);

    while (number >= 0 && descriptor_find(ds, number) != d)
        number = descriptor_next(ds, number + 1);
    return number < 0 ? 0 : (uint32_t)number;
}

static inline void clear(struct descriptors *ds, uint32_t index)
{
    struct descriptor_page *page = ds->root;

    for (int level = DESCRIPTOR_LEVELS - 1; level > 0; level--) {
        page->full &= ~(UINT64_C(1) << part_of(index, level));
        page = page->part.page[part_of(index, level)];
    }
    page->full &= ~(UINT64_C(1) << part_of(index, 0));
    page->part.descriptor[part_of(index, 0)] = NULL;
    ds->numbers--;
}

void descriptor_leave(struct descriptors *ds, struct descriptor *d, int number)
{
    struct descriptor_share *share = descriptor_shared(ds, d);

    clear(ds, (uint32_t)number - CALL_FIRST);
    if (share)
        share->numbers--;
    if (d->number == (uint32_t)number)
        d->number = share && share->numbers ? other_number(ds, d) : 0;
    descriptor_shared_end(ds, d);
}

void descriptor_free(struct descriptors *ds, struct descriptor *d)
{
    pool_put(ds->pool, d);
}

void descriptor_remove(struct descriptors *ds, struct descriptor *d)
{
    clear(ds, d->number - CALL_FIRST);
    pool_put(ds->pool, d);
}

/* The lowest page on the way to an index, or NULL; *level says where the way ended. */
static const struct descriptor_page *find_page(const struct descriptors *ds, uint32_t index,
                                               int *level)
{
    const struct descriptor_page *page = ds->root;

    for (*level = DESCRIPTOR_LEVELS - 1; *level > 0 && page; (*level)--)
        page = page->part.page[part_of(index, *level)];
    return page;
}

struct descriptor *descriptor_find(const struct descriptors *ds, int number)
{
    const struct descriptor_page *page;
    uint32_t index;
    int level;

    if (number < CALL_FIRST || (uint32_t)number - CALL_FIRST >= ds->limit)
        return NULL;
    index = (uint32_t)number - CALL_FIRST;
    page = index < DESCRIPTOR_PAGE_PARTS ? ds->first : find_page(ds, index, &level);
    return page ? page->part.descriptor[part_of(index, 0)] : NULL;
}

int descriptor_next(const struct descriptors *ds, int number)
{
    uint32_t index = number > CALL_FIRST ? (uint32_t)number - CALL_FIRST : 0;

    while (index < ds->limit) {
        int level;
        const struct descriptor_page *page = find_page(ds, index, &level);
        uint32_t step = UINT32_C(1) << (DESCRIPTOR_PAGE_SHIFT * (page ? 0 : level + 1));

        if (page && page->part.descriptor[part_of(index, 0)])
            return (int)(CALL_FIRST + index);
        index = (index | (step - 1)) + 1;
    }
    return -1;
}

/* A number is its page's, and of a descriptor that is known by it or has several. */
static bool is_right(const struct descriptors *ds, int number)
{
    const struct descriptor *d = descriptor_find(ds, number);
    uint32_t index = (uint32_t)number - CALL_FIRST;
    const struct descriptor_page *page;
    const struct descriptor_share *share;
    int level;

    if (!d || index >= ds->limit)
        return false;
    share = descriptor_shared(ds, d);
    if (share && (share->descriptor != d || share->numbers == 0))
        return false;
    if (d->number != (uint32_t)number && !(share && share->numbers > 1))
        return false;
    page = find_page(ds, index, &level);
    return page && (page->full >> part_of(index, 0) & 1);
}

int descriptor_table_check(const struct descriptors *ds, uint32_t without_number)
{
    uint32_t numbers = 0, known = 0;
    int way;

    if (ds->first != find_page(ds, 0, &way))
        return __LINE__;
    for (int n = descriptor_next(ds, CALL_FIRST); n >= 0 && numbers <= ds->numbers;
         n = descriptor_next(ds, n + 1)) {
        const struct descriptor *d = descriptor_find(ds, n);

        if (!d || !is_right(ds, n))
            return __LINE__;
        known += d->number == (uint32_t)n;
        numbers++;
    }
    if (numbers != ds->numbers)
        return __LINE__;
    return known + without_number == pool_count(ds->pool) ? 0 : __LINE__;
}
