/* SPDX-License-Identifier: MIT */
/*
 * RFC 6675 3 to 5 and RFC 2018 5, 8: the scoreboard against a model that is an array of records and
 * computes every answer from the definition, over seeded random histories.
 */
#include <string.h>

#include "4-transport/tcp/parts/tcp_scoreboard.h"
#include "base/base_test.h"

enum { RECORDS = 600, SMSS = 100 };

struct world {
    struct arena *arena;
    struct buffers buffers;
    struct budget budget;
};

static struct world open_world(uint64_t limit)
{
    struct world w = {.arena = arena_fresh(buffer_pool_bytes(4 << 20)),
                      .budget = {.used = 0, .limit = limit}};

    check_equal(buffer_pool_init(&w.buffers, w.arena, 4 << 20), 0);
    return w;
}

static void close_world(struct world *w, struct tcp_scoreboard *b)
{
    tcp_scoreboard_done(b, &w->buffers, &w->budget);
    check_equal(w->budget.used, 0);
    arena_free(w->arena);
}

/* ---- the model ---- */

struct record {
    tcp_seq from, to;
    bool sacked, lost, again;
    int transmissions;
    nanoseconds time;
};

struct model {
    struct record r[RECORDS];
    int count;
    tcp_seq una, nxt;
};

static void model_remove(struct model *m, int i)
{
    memmove(&m->r[i], &m->r[i + 1], sizeof m->r[0] * (size_t)(m->count - i - 1));
    m->count--;
}

static void model_ack(struct model *m, tcp_seq una, struct tcp_scoreboard_news *news)
{
    while (m->count > 0 && m->r[0].from < una) {
        struct record *r = &m->r[0];
        tcp_seq end = r->to < una ? r->to : una;

        news->acked += end - r->from;
        news->acked_fresh += r->sacked ? 0 : end - r->from;
        if (!r->sacked && r->transmissions == 1 && news->sent_time < 0)
            news->sent_time = r->time;
        news->again |= r->transmissions > 1;
        if (end == r->to) {
            news->acked_segments++;
            model_remove(m, 0);
        } else {
            r->from = end;
        }
    }
    m->una = una;
}

static void model_sack(struct model *m, tcp_seq from, tcp_seq to, struct tcp_scoreboard_news *news)
{
    for (int i = 0; i < m->count; i++) {
        struct record *r = &m->r[i];

        if (r->from < from || r->to > to || r->sacked)
            continue;
        r->sacked = true;
        r->lost = r->again = false;
        news->sacked += r->to - r->from;
        news->sacked_segments++;
    }
}

/* IsLost() by its definition, with Linux's reading of "DupThresh sequences" as segments. */
static bool model_is_lost(const struct model *m, int i)
{
    uint64_t bytes = 0;
    int segments = 0;

    for (int k = i + 1; k < m->count; k++) {
        segments += m->r[k].sacked;
        bytes += m->r[k].sacked ? m->r[k].to - m->r[k].from : 0;
    }
    return segments >= DUP_THRESH || bytes > (DUP_THRESH - 1) * SMSS;
}

static bool model_judge(struct model *m)
{
    bool newly = false;

    for (int i = 0; i < m->count; i++) {
        if (m->r[i].sacked || m->r[i].lost || !model_is_lost(m, i))
            continue;
        m->r[i].lost = newly = true;
    }
    return newly;
}

static int model_next_lost(const struct model *m)
{
    for (int i = 0; i < m->count; i++)
        if (m->r[i].lost && !m->r[i].again)
            return i;
    return -1;
}

/* SetPipe() of RFC 6675 4, byte by byte. */
static uint64_t model_pipe(const struct model *m)
{
    uint64_t pipe = 0;

    for (int i = 0; i < m->count; i++) {
        for (tcp_seq s = m->r[i].from; s < m->r[i].to; s++) {
            if (m->r[i].sacked)
                continue;
            pipe += !m->r[i].lost;
            pipe += m->r[i].again;
        }
    }
    return pipe;
}

static void model_all_lost(struct model *m)
{
    bool reneged = m->count > 0 && m->r[0].sacked;

    for (int i = 0; i < m->count; i++) {
        if (reneged)
            m->r[i].sacked = false;
        m->r[i].again = false;
        m->r[i].lost = !m->r[i].sacked;
    }
}

static void model_larger_lost(struct model *m, tcp_seq length)
{
    for (int i = 0; i < m->count; i++) {
        if (m->r[i].sacked || m->r[i].to - m->r[i].from <= length)
            continue;
        m->r[i].again = false;
        m->r[i].lost = true;
    }
}

/* ---- one random operation on both ---- */

struct history {
    struct world w;
    struct tcp_scoreboard b;
    struct model m;
    struct seeded random;
    nanoseconds now;
};

static void compare(struct history *h)
{
    int next = model_next_lost(&h->m);
    const struct tcp_sent *s;
    uint32_t sacked = 0, lost = 0, again = 0;

    check(tcp_scoreboard_valid(&h->b, h->m.una, h->m.nxt));
    check_equal(tcp_scoreboard_pipe(&h->b), model_pipe(&h->m));
    check_equal(h->b.last - h->b.first, h->m.count);
    for (int i = 0; i < h->m.count; i++) {
        sacked += h->m.r[i].sacked;
        lost += h->m.r[i].lost;
        again += h->m.r[i].again;
    }
    check_equal(h->b.sacked_segments, sacked);
    check_equal(h->b.lost_segments, lost);
    check_equal(h->b.again_segments, again);
    s = tcp_scoreboard_next_lost(&h->b);
    check_equal(s != NULL, next >= 0);
    if (s)
        check_equal(s->from, h->m.r[next].from);
    s = tcp_scoreboard_first(&h->b);
    check_equal(s != NULL, h->m.count > 0);
    if (s)
        check(s->from == h->m.r[0].from && s->to == h->m.r[0].to);
}

static void do_send(struct history *h)
{
    struct record *r = &h->m.r[h->m.count];
    uint64_t length = draw_below(&h->random, 3) != 0 ? SMSS : 1 + draw_below(&h->random, SMSS);

    if (h->m.count + 2 >= RECORDS || !tcp_scoreboard_reserve(&h->b, &h->w.buffers, &h->w.budget))
        return;
    tcp_scoreboard_sent(&h->b, h->m.nxt, h->m.nxt + length, h->now);
    memset(r, 0, sizeof *r);
    r->from = h->m.nxt;
    r->to = h->m.nxt += length;
    r->time = h->now;
    r->transmissions = 1;
    h->m.count++;
}

static void do_ack(struct history *h)
{
    struct tcp_scoreboard_news got = {.sent_time = -1}, want = {.sent_time = -1};
    uint64_t most_bytes = h->m.nxt - h->m.una;
    uint64_t bytes =
        draw_below(&h->random, (draw(&h->random) % 8 == 0 ? most_bytes : 3 * SMSS) + 1);
    tcp_seq una = h->m.una + (bytes < most_bytes ? bytes : most_bytes);

    if (h->m.count > 0 && draw(&h->random) % 2 == 0)
        una = h->m.r[draw_below(&h->random, (uint64_t)(h->m.count < 4 ? h->m.count : 4))].to;
    model_ack(&h->m, una, &want);
    tcp_scoreboard_ack(&h->b, una, &got);
    check_equal(got.acked, want.acked);
    check_equal(got.acked_fresh, want.acked_fresh);
    check_equal(got.acked_segments, want.acked_segments);
    check_equal(got.sent_time, want.sent_time);
    check_equal(got.again, want.again);
}

static void random_block(struct history *h, struct tcp_block *k)
{
    uint64_t span = h->m.nxt - h->m.una;
    int i = (int)draw_below(&h->random, (uint64_t)h->m.count);
    int j = i + (int)draw_below(&h->random, 5);

    if (draw(&h->random) % 4 != 0) { /* whole records */
        k->from = h->m.r[i].from;
        k->to = h->m.r[j < h->m.count ? j : h->m.count - 1].to;
    } else { /* anything, also what may not be believed */
        k->from = h->m.una + draw_below(&h->random, span + 100) - 50;
        k->to = k->from + draw_below(&h->random, 5 * SMSS);
    }
}

static void do_sack(struct history *h)
{
    struct tcp_block block[TCP_SACK_BLOCKS];
    unsigned count = 1 + (unsigned)draw_below(&h->random, TCP_SACK_BLOCKS);
    struct tcp_scoreboard_news got = {.sent_time = -1}, want = {.sent_time = -1};
    bool duplicate = false;

    if (h->m.count == 0)
        return;
    for (unsigned i = 0; i < count; i++)
        random_block(h, &block[i]);
    for (unsigned i = 0; i < count; i++) {
        const struct tcp_block *k = &block[i];
        bool inside = i == 0 && count > 1 && k->from >= block[1].from && k->to <= block[1].to;

        if (k->from >= k->to || k->to > h->m.nxt)
            continue;
        duplicate |= k->to <= h->m.una || inside;
        if (k->from >= h->m.una && !inside)
            model_sack(&h->m, k->from, k->to, &want);
    }
    tcp_scoreboard_sack(&h->b, block, count, h->m.una, h->m.nxt, &got);
    check_equal(got.sacked, want.sacked);
    check_equal(got.sacked_segments, want.sacked_segments);
    check_equal(got.duplicate, duplicate);
}

static void do_send_again(struct history *h)
{
    int i = model_next_lost(&h->m);
    struct record *r;
    tcp_seq to;

    if (i < 0 || h->m.count + 2 >= RECORDS ||
        !tcp_scoreboard_reserve(&h->b, &h->w.buffers, &h->w.budget))
        return;
    r = &h->m.r[i];
    to = r->to - (draw(&h->random) % 3 == 0 ? draw_below(&h->random, r->to - r->from) : 0);
    tcp_scoreboard_sent_again(&h->b, r->from, to, h->now);
    if (to < r->to) {
        memmove(r + 1, r, sizeof *r * (size_t)(h->m.count - i));
        h->m.count++;
        r->to = to;
        r[1].from = to;
    }
    r->again = true;
    r->transmissions++;
    r->time = h->now;
}

static void do_lose(struct history *h)
{
    uint64_t which = draw(&h->random) % 8;
    uint32_t length;

    if (which == 0) {
        tcp_scoreboard_all_lost(&h->b);
        model_all_lost(&h->m);
    } else if (which == 1) {
        length = (uint32_t)draw_below(&h->random, SMSS + 1);
        tcp_scoreboard_larger_lost(&h->b, length);
        model_larger_lost(&h->m, length);
    }
}

static void step(struct history *h)
{
    h->now++;
    switch (draw_below(&h->random, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        do_send(h);
        break;
    case 5:
        do_ack(h);
        break;
    case 6:
    case 7:
    case 8:
        do_sack(h);
        break;
    case 9:
    case 10:
    case 11:
        check_equal(tcp_scoreboard_judge(&h->b, SMSS), model_judge(&h->m));
        break;
    case 12:
    case 13:
        do_send_again(h);
        break;
    case 14:
        do_lose(h);
        break;
    default:
        if (draw(&h->random) % 4 == 0) {
            bool newly = h->m.count > 0 && !h->m.r[0].sacked && !h->m.r[0].lost;

            check_equal(tcp_scoreboard_first_lost(&h->b), newly);
            if (newly)
                h->m.r[0].lost = true;
        }
        break;
    }
    compare(h);
}

static void random_history(uint64_t seed, uint64_t limit)
{
    static struct history h;

    memset(&h, 0, sizeof h);
    h.w = open_world(limit);
    h.random.state = seed;
    h.m.una = h.m.nxt = (UINT64_C(1) << 32) - 5000;
    for (int i = 0; i < 3000; i++)
        step(&h);
    close_world(&h.w, &h.b);
}

static void random_histories(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++)
        random_history(seed, 1 << 20);
}

static void little_memory(void)
{
    for (uint64_t seed = 100; seed < 110; seed++)
        random_history(seed, 4096);
}

/* ---- the sentences one by one ---- */

static void send_segments(struct world *w, struct tcp_scoreboard *b, tcp_seq from, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        check(tcp_scoreboard_reserve(b, &w->buffers, &w->budget));
        tcp_scoreboard_sent(b, from + i * SMSS, from + (i + 1) * SMSS, (nanoseconds)i);
    }
}

static void sack_one(struct tcp_scoreboard *b, tcp_seq from, tcp_seq to, tcp_seq una, tcp_seq nxt)
{
    struct tcp_block block = {from, to};
    struct tcp_scoreboard_news news = {.sent_time = -1};

    tcp_scoreboard_sack(b, &block, 1, una, nxt, &news);
}

static void third_sack_loses(void)
{
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};

    send_segments(&w, &b, 0x100000000, 10);
    sack_one(&b, 0x100000000 + SMSS, 0x100000000 + 2 * SMSS, 0x100000000, 0x100000000 + 10 * SMSS);
    check(!tcp_scoreboard_judge(&b, SMSS));
    sack_one(&b, 0x100000000 + SMSS, 0x100000000 + 3 * SMSS, 0x100000000, 0x100000000 + 10 * SMSS);
    check(!tcp_scoreboard_judge(&b, SMSS)); /* 2 * SMSS is not more than 2 * SMSS */
    sack_one(&b, 0x100000000 + SMSS, 0x100000000 + 4 * SMSS, 0x100000000, 0x100000000 + 10 * SMSS);
    check(tcp_scoreboard_judge(&b, SMSS));
    check_equal(b.lost, SMSS);
    check(!tcp_scoreboard_judge(&b, SMSS));
    check_equal(tcp_scoreboard_pipe(&b), 6 * SMSS);
    close_world(&w, &b);
}

static void reneging(void)
{
    const tcp_seq una = 0x100000000;
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};
    struct tcp_scoreboard_news news = {.sent_time = -1};

    send_segments(&w, &b, una, 4);
    sack_one(&b, una + SMSS, una + 4 * SMSS, una, una + 4 * SMSS);
    check_equal(b.sacked, 3 * SMSS);
    tcp_scoreboard_all_lost(&b); /* the hole is the first one: the SACKs are still believed */
    check_equal(b.sacked, 3 * SMSS);
    check_equal(b.lost, SMSS);
    tcp_scoreboard_ack(&b, una + SMSS, &news);
    tcp_scoreboard_all_lost(&b); /* now the first one is SACKed and not acknowledged: RFC 2018 8 */
    check_equal(b.sacked, 0);
    check_equal(b.lost, 3 * SMSS);
    sack_one(&b, una + 2 * SMSS, una + 4 * SMSS, una + SMSS, una + 4 * SMSS);
    check_equal(b.sacked, 2 * SMSS);
    close_world(&w, &b);
}

static void duplicate_blocks(void)
{
    const tcp_seq una = 0x100000000;
    struct tcp_block below[2] = {{una - 10, una}, {una + SMSS, una + 2 * SMSS}};
    struct tcp_block within[2] = {{una + SMSS, una + SMSS + 10}, {una + SMSS, una + 2 * SMSS}};
    struct tcp_block beyond[1] = {{una + SMSS, una + 5 * SMSS}};
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};
    struct tcp_scoreboard_news news = {.sent_time = -1};

    send_segments(&w, &b, una, 4);
    tcp_scoreboard_sack(&b, beyond, 1, una, una + 4 * SMSS, &news);
    check(!news.duplicate && news.sacked == 0); /* what was not sent is not believed */
    tcp_scoreboard_sack(&b, below, 2, una, una + 4 * SMSS, &news);
    check(news.duplicate);
    check_equal(news.sacked, SMSS);
    memset(&news, 0, sizeof news);
    tcp_scoreboard_sack(&b, within, 2, una, una + 4 * SMSS, &news);
    check(news.duplicate);
    check_equal(news.sacked, 0);
    close_world(&w, &b);
}

static void emulation(void)
{
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};
    struct tcp_scoreboard_news news = {.sent_time = -1};

    send_segments(&w, &b, 0x100000000, 5);
    tcp_scoreboard_emulate(&b, 3 * SMSS);
    check_equal(tcp_scoreboard_pipe(&b), 2 * SMSS);
    tcp_scoreboard_emulate(&b, 50 * SMSS);
    check_equal(tcp_scoreboard_pipe(&b), 0);
    tcp_scoreboard_ack(&b, 0x100000000 + 4 * SMSS, &news);
    check_equal(tcp_scoreboard_pipe(&b), 0);
    tcp_scoreboard_emulate(&b, 0);
    check_equal(tcp_scoreboard_pipe(&b), SMSS);
    close_world(&w, &b);
}

static void a_smaller_path(void)
{
    const tcp_seq una = 0x100000000;
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};

    send_segments(&w, &b, una, 4);
    sack_one(&b, una + SMSS, una + 2 * SMSS, una, una + 4 * SMSS);
    tcp_scoreboard_larger_lost(&b, SMSS);
    check_equal(b.lost, 0);
    tcp_scoreboard_larger_lost(&b, SMSS - 1);
    check_equal(b.lost, 3 * SMSS);
    tcp_scoreboard_sent_again(&b, una, una + SMSS - 10, 9);
    check_equal(tcp_scoreboard_pipe(&b), SMSS - 10);
    check_equal(tcp_scoreboard_next_lost(&b)->from, una + SMSS - 10);
    tcp_scoreboard_larger_lost(&b,
                               SMSS - 20); /* smaller still: what was sent again is lost again */
    check_equal(tcp_scoreboard_pipe(&b), 0);
    check_equal(tcp_scoreboard_next_lost(&b)->from, una);
    check(tcp_scoreboard_valid(&b, una, una + 4 * SMSS));
    close_world(&w, &b);
}

/* Ten in flight, ten thousand times: the ring of records stays as small as it was. */
static void memory_follows_what_is_in_flight(void)
{
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};
    tcp_seq una = 0x100000000;
    uint32_t capacity;

    send_segments(&w, &b, una, 10);
    capacity = b.capacity;
    for (int i = 0; i < 10000; i++) {
        struct tcp_scoreboard_news news = {.sent_time = -1};

        una += SMSS;
        tcp_scoreboard_ack(&b, una, &news);
        check_equal(news.acked, SMSS);
        send_segments(&w, &b, una + 9 * SMSS, 1);
    }
    check_equal(b.capacity, capacity);
    check_equal(w.budget.used, buffer_class_bytes(b.class));
    close_world(&w, &b);
}

static void a_broken_board(void)
{
    const tcp_seq una = 0x100000000, nxt = una + 4 * SMSS;
    struct world w = open_world(1 << 20);
    struct tcp_scoreboard b = {0};

    send_segments(&w, &b, una, 4);
    check(tcp_scoreboard_valid(&b, una, nxt));
    check(!tcp_scoreboard_valid(&b, una + 1, nxt) && !tcp_scoreboard_valid(&b, una, nxt + 1));
    b.sent[2].from = b.sent[1].to = b.sent[1].from; /* the bytes still add up */
    check(!tcp_scoreboard_valid(&b, una, nxt));
    b.sent[2].from = b.sent[1].to = una + 2 * SMSS;
    check(tcp_scoreboard_valid(&b, una, nxt));
    b.sent[1].to += 1;
    check(!tcp_scoreboard_valid(&b, una, nxt));
    b.sent[1].to -= 1;
    b.sent[3].flags = SENT_SACKED;
    check(!tcp_scoreboard_valid(&b, una, nxt));
    b.sacked = SMSS;
    check(tcp_scoreboard_valid(&b, una, nxt));
    b.sent[3].flags = SENT_SACKED | SENT_LOST;
    b.lost = SMSS;
    check(!tcp_scoreboard_valid(&b, una, nxt));
    b.sent[3].flags = b.sacked = b.lost = 0;
    close_world(&w, &b);
}

static const struct test tests[] = {
    {"forty random histories agree with the model", random_histories},
    {"so do ten with memory for few records", little_memory},
    {"the third SACKed segment above loses one (RFC 6675 4)", third_sack_loses},
    {"a receiver that reneges is believed no more at the timeout (RFC 2018 8)", reneging},
    {"a D-SACK is told and marks nothing; what was not sent is not believed", duplicate_blocks},
    {"when the path becomes smaller, what does not fit is lost (RFC 1191 6.4)", a_smaller_path},
    {"memory follows what is in flight", memory_follows_what_is_in_flight},
    {"a board whose records do not join, or whose sums differ from them, is not valid",
     a_broken_board},
    {"without SACK, duplicates lighten the pipe (RFC 5681 3.2)", emulation},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
