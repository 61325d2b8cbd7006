/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/checksum.h"
#include "base/ring.h"
#include "base_test.h"

enum { MIB = 1 << 20 };

struct world {
    struct arena *arena;
    struct buffers buffers;
    struct budget budget;
};

static struct world fresh(uint64_t total, uint64_t limit)
{
    struct world w = {.arena = arena_fresh(buffer_pool_bytes(total)),
                      .budget = {.used = 0, .limit = limit}};

    check_equal(buffer_pool_init(&w.buffers, w.arena, total), 0);
    return w;
}

/* What byte stands at an offset of the test's stream. */
static uint8_t byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8) * 13 + (offset >> 20));
}

static void fill(uint8_t *to, uint64_t offset, size_t length)
{
    for (size_t i = 0; i < length; i++)
        to[i] = byte_at(offset + i);
}

static void check_bytes(const struct ring *r, uint64_t from, uint64_t to)
{
    uint8_t part[256];

    while (from < to) {
        size_t length = to - from < sizeof part ? (size_t)(to - from) : sizeof part;

        ring_read(r, from, part, length);
        for (size_t i = 0; i < length; i++)
            check_equal(part[i], byte_at(from + i));
        from += length;
    }
}

static void push_and_drop_wrap(void)
{
    struct world w = fresh(4 * MIB, 4 * MIB);
    struct seeded s = {51};
    struct ring r;
    uint8_t part[3000];

    ring_init(&r, UINT64_C(0x1fffff000));
    for (int step = 0; step < 20000; step++) {
        size_t length = (size_t)draw_below(&s, sizeof part);

        if (ring_used(&r) + length <= 4096) {
            check(ring_reserve(&r, &w.buffers, &w.budget, r.to + length, r.to));
            fill(part, r.to, length);
            ring_push(&r, part, length);
        } else {
            ring_drop(&r, r.from + draw_below(&s, ring_used(&r) + 1));
        }
        if (step % 16 == 0)
            check_bytes(&r, r.from, r.to);
    }
    check_equal(r.capacity, 4096);
    ring_done(&r, &w.buffers, &w.budget);
    check_equal(w.budget.used, 0);
    check(!r.bytes && ring_used(&r) == 0);
    arena_free(w.arena);
}

static void growth_keeps_out_of_order_bytes(void)
{
    struct seeded s = {52};

    for (int round = 0; round < 200; round++) {
        struct world w = fresh(4 * MIB, 4 * MIB);
        uint64_t start = draw(&s) >> 1, held, ahead, to;
        uint8_t part[4096];
        struct ring r;

        ring_init(&r, start);
        held = draw_below(&s, 2000);
        ahead = held + 1 + draw_below(&s, 1000);
        check(ring_reserve(&r, &w.buffers, &w.budget, start + 4096, start));
        fill(part, start, held);
        ring_push(&r, part, held);
        fill(part, start + ahead, 1000);
        ring_write(&r, start + ahead, part, 1000);
        to = start + 4097 + draw_below(&s, MIB - 4097);
        check(ring_reserve(&r, &w.buffers, &w.budget, to, start + ahead + 1000));
        check(r.capacity >= to - start && w.budget.used == r.capacity);
        check_bytes(&r, start, start + held);
        check_bytes(&r, start + ahead, start + ahead + 1000);
        arena_free(w.arena);
    }
}

static void what_fits_takes_nothing_more(void)
{
    struct world w = fresh(MIB, MIB);
    const uint8_t *bytes;
    struct ring r;

    ring_init(&r, 77);
    check(ring_reserve(&r, &w.buffers, &w.budget, 77 + 4096, 77));
    bytes = r.bytes;
    check(ring_reserve(&r, &w.buffers, &w.budget, 77 + 4096, 77));
    check(r.bytes == bytes && r.capacity == 4096 && w.budget.used == 4096);
    check(ring_reserve(&r, &w.buffers, &w.budget, 77 + 4097, 77));
    check(r.capacity > 4096);
    arena_free(w.arena);
}

static void no_memory_changes_nothing(void)
{
    struct world w = fresh(MIB, 20000);
    struct ring r, before;
    uint8_t part[100];

    ring_init(&r, 5);
    check(ring_reserve(&r, &w.buffers, &w.budget, 105, 5));
    fill(part, 5, 100);
    ring_push(&r, part, 100);
    before = r;
    check(!ring_reserve(&r, &w.buffers, &w.budget, 5 + 16385, 105)); /* over the budget */
    w.arena->fail_at = w.arena->gets + 1;
    check(!ring_reserve(&r, &w.buffers, &w.budget, 5 + 4097, 105)); /* the pool fails */
    check(memcmp(&r, &before, sizeof r) == 0);
    check_equal(w.budget.used, 4096);
    check_bytes(&r, 5, 105);
    /* 4096 + 16384 are over the limit, but the old block goes back at once */
    check(ring_reserve(&r, &w.buffers, &w.budget, 5 + 4097, 105));
    check_equal(w.budget.used, 16384);
    check_bytes(&r, 5, 105);
    arena_free(w.arena);
}

static void checksum_over_the_seam(void)
{
    struct world w = fresh(MIB, MIB);
    struct seeded s = {53};
    struct ring r;
    uint8_t part[4096], flat[4096];

    ring_init(&r, 0);
    check(ring_reserve(&r, &w.buffers, &w.budget, 4096, 0));
    for (int round = 0; round < 5000; round++) {
        uint64_t from = r.from + draw_below(&s, 4096);
        size_t length = (size_t)draw_below(&s, 4097);
        uint64_t sum = draw(&s) >> 40;

        for (size_t i = 0; i < length; i++)
            part[i] = (uint8_t)draw(&s);
        ring_drop(&r, r.to);
        r.from = r.to = from;
        ring_write(&r, from, part, length);
        memset(flat, 0x55, sizeof flat);
        check_equal(checksum_finish(ring_read_checksum(&r, from, flat, length, sum)),
                    checksum_finish(checksum_add(sum, part, length)));
        check(memcmp(flat, part, length) == 0);
    }
    arena_free(w.arena);
}

static const struct test tests[] = {
    {"bytes pushed and dropped stand at their offsets, around the end", push_and_drop_wrap},
    {"a larger memory keeps what was written out of order", growth_keeps_out_of_order_bytes},
    {"what fits takes nothing more", what_fits_takes_nothing_more},
    {"without memory nothing changes, and the old block does not count", no_memory_changes_nothing},
    {"a checksum over the end of the memory is right at odd places too", checksum_over_the_seam},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
