/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.10.7.4 (seventh), SHLD-31; RFC 2018 4; RFC 2883 4: against a row of flags. */
#include <string.h>

#include "4-transport/tcp/parts/tcp_reassembly.h"
#include "base/base_test.h"

enum { SPACE = 3000 };
static const tcp_seq BASE = (UINT64_C(1) << 32) - 100;

static struct tcp_block blocks[TCP_SACK_BLOCKS];
static struct pool *pool;

static void add(struct tcp_reassembly *r, tcp_seq *nxt, unsigned from, unsigned to, unsigned added)
{
    uint64_t new_bytes = 99;

    check(tcp_reassembly_add(r, pool, nxt, BASE + from, BASE + to, &new_bytes));
    check_equal(new_bytes, added);
}

static void check_block(unsigned i, unsigned from, unsigned to)
{
    check_equal(blocks[i].from, BASE + from);
    check_equal(blocks[i].to, BASE + to);
}

static void in_order(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 0, 100, 100);
    add(&r, &nxt, 100, 101, 1);
    check_equal(nxt, BASE + 101);
    check(!tcp_reassembly_has_holes(&r));
    check_equal(tcp_reassembly_end(&r, nxt), nxt);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 0);
}

static void a_hole_is_filled(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 100, 200, 100);
    check_equal(nxt, BASE);
    check(tcp_reassembly_has_holes(&r));
    check_equal(tcp_reassembly_end(&r, nxt), BASE + 200);
    add(&r, &nxt, 150, 250, 50);
    add(&r, &nxt, 110, 120, 0);
    add(&r, &nxt, 0, 120, 100);
    check_equal(nxt, BASE + 250);
    check(!tcp_reassembly_has_holes(&r));
}

/* RFC 2018 4: the first block is the one with the segment that came last; then the most recent. */
static void order_of_blocks(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    for (unsigned i = 1; i <= 5; i++)
        add(&r, &nxt, i * 100, i * 100 + 50, 50);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 4);
    check_block(0, 500, 550);
    check_block(1, 400, 450);
    check_block(2, 300, 350);
    check_block(3, 200, 250);
    add(&r, &nxt, 250, 300, 50); /* joins two: one block, reported first */
    check_equal(tcp_reassembly_blocks(&r, 3, true, blocks), 3);
    check_block(0, 200, 350);
    check_block(1, 500, 550);
    check_block(2, 400, 450);
    add(&r, &nxt, 450, 500, 50); /* joins the two that were told behind it: told once, not thrice */
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 400, 550);
    check_block(1, 200, 350);
    add(&r, &nxt, 0, 100, 100); /* in order: reaches the first range */
    check_equal(nxt, BASE + 150);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 400, 550);
    check_block(1, 200, 350);
}

static void duplicates(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 100, 200, 100);
    tcp_reassembly_duplicate(&r, BASE - 50, BASE - 20);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_equal(blocks[0].from, BASE - 50);
    check_equal(blocks[0].to, BASE - 20);
    check_block(1, 100, 200);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 1); /* told once (RFC 2883 4) */
    check_block(0, 100, 200);
    tcp_reassembly_duplicate(&r, BASE - 50, BASE - 20);
    check_equal(tcp_reassembly_blocks(&r, 4, false, blocks), 1); /* not wanted */
    check_equal(tcp_reassembly_blocks(&r, 0, true, blocks), 0);
}

/* RFC 2883 4, a duplicate above the hole: its block, then the one around it. */
static void a_duplicate_within(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 100, 300, 200);
    tcp_reassembly_duplicate(&r, BASE + 150, BASE + 200);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 150, 200);
    check_block(1, 100, 300);
}

static void partly_known(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 100, 200, 100);
    add(&r, &nxt, 300, 400, 100);
    add(&r, &nxt, 500, 600, 100);
    (void)tcp_reassembly_blocks(&r, 4, true, blocks);
    add(&r, &nxt, 0, 450, 250);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 100, 200); /* the first of the two that were known */
    check_block(1, 500, 600);
    add(&r, &nxt, 550, 700, 100);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 550, 600);
    check_block(1, 500, 700);
    add(&r, &nxt, 500, 700, 0);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_block(0, 500, 700); /* equal to the block around it, and told all the same */
    check_block(1, 500, 700);
}

/* RFC 2883 4: the one that waits to be told is not forgotten for the next. */
static void the_first_duplicate_is_told(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;

    add(&r, &nxt, 100, 200, 100);
    tcp_reassembly_duplicate(&r, BASE - 50, BASE - 20);
    add(&r, &nxt, 150, 250, 50);
    check_equal(tcp_reassembly_blocks(&r, 4, true, blocks), 2);
    check_equal(blocks[0].from, BASE - 50);
    check_equal(blocks[0].to, BASE - 20);
    check_block(1, 100, 250);
}

static void too_many_holes(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;
    uint64_t added;
    struct tcp_holes before;

    for (unsigned i = 1; i <= RANGES_MOST; i++)
        add(&r, &nxt, 10 * i, 10 * i + 1, 1);
    before = *r.holes;
    check(!tcp_reassembly_add(&r, pool, &nxt, BASE + 5, BASE + 6, &added));
    check(memcmp(&before, r.holes, sizeof before) == 0);
    /* what is in order is never refused: else nobody could close the holes */
    add(&r, &nxt, 0, 3, 3);
    check_equal(nxt, BASE + 3);
    add(&r, &nxt, 3, 10, 7);
    check_equal(nxt, BASE + 11);
    check_equal(r.holes->ranges.count, RANGES_MOST - 1);
    add(&r, &nxt, 11, 2000, 2000 - 11 - (RANGES_MOST - 1));
    check_equal(nxt, BASE + 2000);
    check(!tcp_reassembly_has_holes(&r));
}

/* ---- the model ---- */

struct model {
    bool has[SPACE];
};

static unsigned model_end(const struct model *m, unsigned at)
{
    while (at < SPACE && m->has[at])
        at++;
    return at;
}

static unsigned model_start(const struct model *m, unsigned at)
{
    while (at > 0 && m->has[at - 1])
        at--;
    return at;
}

/* Every block is exactly one island beyond nxt, no two alike, the newest first. */
static void check_blocks(struct tcp_reassembly *r, const struct model *m, unsigned nxt, int newest)
{
    unsigned count = tcp_reassembly_blocks(r, 4, false, blocks), islands = 0;

    for (unsigned i = nxt + 1; i < SPACE; i++)
        islands += m->has[i] && !m->has[i - 1];
    check(islands < 4 ? count <= islands : true);
    check((count != 0) == (islands != 0) || newest < 0);
    for (unsigned i = 0; i < count; i++) {
        unsigned from = (unsigned)(blocks[i].from - BASE), to = (unsigned)(blocks[i].to - BASE);

        check(from > nxt && to <= SPACE && m->has[from]);
        check_equal(model_start(m, from), from);
        check_equal(model_end(m, from), to);
        for (unsigned k = 0; k < i; k++)
            check(blocks[k].from != blocks[i].from);
    }
    if (newest >= 0) {
        check(count >= 1);
        check_equal(blocks[0].from - BASE, model_start(m, (unsigned)newest));
    }
}

static void random_arrivals(uint64_t seed, unsigned longest)
{
    struct seeded random = {seed};
    struct tcp_reassembly r = {0};
    struct model m = {{false}};
    tcp_seq nxt = BASE;

    m.has[0] = false;
    while (nxt < BASE + SPACE) {
        unsigned at = (unsigned)(nxt - BASE), span = SPACE - at, want = 0;
        unsigned from = draw(&random) % 6 == 0 ? at : at + (unsigned)draw_below(&random, span);
        unsigned to = from + 1 + (unsigned)draw_below(&random, longest);
        uint64_t added = 0;
        bool ok;

        to = to < SPACE ? to : SPACE;
        ok = tcp_reassembly_add(&r, pool, &nxt, BASE + from, BASE + to, &added);
        check(ok || (from > at && r.holes->ranges.count == RANGES_MOST));
        for (unsigned i = from; ok && i < to; i++) {
            want += !m.has[i];
            m.has[i] = true;
        }
        check_equal(added, want);
        check_equal(nxt - BASE, model_end(&m, 0));
        check(tcp_reassembly_valid(&r));
        if (nxt == BASE + SPACE)
            break;
        at = (unsigned)(nxt - BASE);
        check_blocks(&r, &m, at, ok && from > at ? (int)from : -1);
    }
    check(!tcp_reassembly_has_holes(&r));
}

static void random_histories(void)
{
    for (uint64_t seed = 1; seed <= 200; seed++)
        random_arrivals(seed, seed % 2 != 0 ? 40 : 400);
}

/* The set of ranges is there while there are holes, and no longer. */
static void memory_of_holes(void)
{
    struct tcp_reassembly r = {0};
    tcp_seq nxt = BASE;
    uint32_t others = pool_count(pool);
    uint64_t added = 1;

    add(&r, &nxt, 0, 100, 100);
    check_equal(pool_count(pool), others);
    add(&r, &nxt, 200, 300, 100);
    check_equal(pool_count(pool), others + 1);
    add(&r, &nxt, 100, 200, 100);
    check_equal(pool_count(pool), others);
    add(&r, &nxt, 400, 500, 100);
    tcp_reassembly_done(&r, pool);
    check_equal(pool_count(pool), others);
    pool->arena->fail_at = pool->arena->gets + 1;
    check(!tcp_reassembly_add(&r, pool, &nxt, BASE + 400, BASE + 500, &added));
    check(!tcp_reassembly_has_holes(&r));
    check_equal(added, 0);
    add(&r, &nxt, 300, 500, 200);
}

static const struct test tests[] = {
    {"in order, nothing is noted", in_order},
    {"a hole is noted, and filled", a_hole_is_filled},
    {"the newest block is first, then the most recent (RFC 2018 4)", order_of_blocks},
    {"a duplicate is told once, first (RFC 2883 4)", duplicates},
    {"a duplicate above a hole is told before the block around it (RFC 2883 4)",
     a_duplicate_within},
    {"of a segment that is partly known the first such part is told", partly_known},
    {"the first duplicate is told of, not the last", the_first_duplicate_is_told},
    {"too many holes are refused, data in order never", too_many_holes},
    {"two hundred random histories agree with the model", random_histories},
    {"the set of ranges is in memory while there are holes, and no longer", memory_of_holes},
};

int main(void)
{
    struct arena *arena = arena_fresh(1 << 20);
    int result;

    pool = pool_open(arena, tcp_reassembly_bytes(), 16, false);
    result = test_main(tests, sizeof tests / sizeof *tests);
    arena_free(arena);
    return result;
}
