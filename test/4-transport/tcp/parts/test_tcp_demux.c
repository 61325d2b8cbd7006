/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.10.7 (the socket pair); security T-28: the hash is keyed. */
#include <string.h>

#include "4-transport/tcp/parts/tcp_demux.h"
#include "base/base_test.h"

enum { TUPLES = 2000 };

static const struct siphash_key key = {1, 2};

static void fill(struct tcp_tuple *k, struct seeded *random)
{
    /* few values, so that most pairs of tuples differ in one part only */
    k->local.address = address_from_ip4(0x0a000001 + (uint32_t)draw_below(random, 4));
    k->remote.address = address_from_ip4(0x0a000001 + (uint32_t)draw_below(random, 8));
    k->local.port = (uint16_t)(80 + draw_below(random, 8));
    k->remote.port = (uint16_t)(1000 + draw_below(random, 32));
}

static bool same(const struct tcp_tuple *a, const struct tcp_tuple *b)
{
    return memcmp(&a->local, &b->local, sizeof a->local) == 0 &&
           memcmp(&a->remote, &b->remote, sizeof a->remote) == 0;
}

static const struct tcp_tuple *naive(const struct tcp_tuple *all, const bool *in, int count,
                                     const struct tcp_tuple *k)
{
    for (int i = 0; i < count; i++)
        if (in[i] && same(&all[i], k))
            return &all[i];
    return NULL;
}

static void finds_what_is_there(void)
{
    static struct tcp_tuple all[TUPLES];
    static bool in[TUPLES];
    struct arena *arena = arena_fresh(1 << 22);
    struct seeded random = {17};
    struct table t;

    memset(&t, 0, sizeof t);
    check_equal(table_init(&t, arena, 4096), 0);
    for (int i = 0; i < TUPLES; i++) {
        struct tcp_tuple *k = &all[i];
        uint64_t hash;

        fill(k, &random);
        hash = tcp_demux_hash(key, &k->local, &k->remote);
        check(tcp_demux_find(&t, hash, &k->local, &k->remote) == naive(all, in, i, k));
        if (!naive(all, in, i, k)) {
            table_add(&t, &k->link, hash);
            in[i] = true;
        }
        if (draw(&random) % 3 == 0) {
            int gone = (int)draw_below(&random, (uint64_t)i + 1);

            if (in[gone])
                table_remove(&t, &all[gone].link);
            in[gone] = false;
        }
    }
    arena_free(arena);
}

static void each_part_counts(void)
{
    struct tcp_tuple a = {.local.port = 1, .remote.port = 2}, b;

    a.local.address = address_from_ip4(0x0a000001);
    a.remote.address = address_from_ip4(0x0a000002);
    for (int part = 0; part < 5; part++) {
        b = a;
        if (part == 0)
            b.local.port = 3;
        else if (part == 1)
            b.remote.port = 3;
        else if (part == 2)
            b.local.address = address_from_ip4(0x0a000003);
        else if (part == 3)
            b.remote.address = address_from_ip4(0x0a000003);
        else {
            b.local = a.remote;
            b.remote = a.local;
        }
        check(tcp_demux_hash(key, &a.local, &a.remote) != tcp_demux_hash(key, &b.local, &b.remote));
    }
}

static void the_key_counts(void)
{
    struct tcp_tuple a = {.local.port = 1, .remote.port = 2};
    struct siphash_key other = {1, 3};

    check(tcp_demux_hash(key, &a.local, &a.remote) != tcp_demux_hash(other, &a.local, &a.remote));
}

/* Two tuples under one hash: found by comparing, not by luck. */
static void collisions(void)
{
    struct arena *arena = arena_fresh(1 << 22);
    struct tcp_tuple a = {.local.port = 1, .remote.port = 2},
                     b = {.local.port = 1, .remote.port = 3};
    struct tcp_tuple c = {.local.port = 1, .remote.port = 4};
    struct table t;

    memset(&t, 0, sizeof t);
    check_equal(table_init(&t, arena, 64), 0);
    table_add(&t, &a.link, 42);
    table_add(&t, &b.link, 42);
    check(tcp_demux_find(&t, 42, &a.local, &a.remote) == &a);
    check(tcp_demux_find(&t, 42, &b.local, &b.remote) == &b);
    check(tcp_demux_find(&t, 42, &c.local, &c.remote) == NULL);
    arena_free(arena);
}

static void listen_at(struct table *t, struct tcp_tuple *k, struct address address, uint16_t port)
{
    k->local.address = address;
    k->local.port = port;
    table_add(t, &k->link, tcp_demux_listener_hash(&k->local));
}

static struct tcp_tuple *listener_at(const struct table *t, struct address address, uint16_t port)
{
    struct endpoint local = {.address = address, .port = port};

    return tcp_demux_listener(t, tcp_demux_listener_hash(&local), &local);
}

static void listeners_are_found_by_their_local_end(void)
{
    static struct tcp_tuple k[5];
    struct arena *arena = arena_fresh(1 << 22);
    struct address any = {0}, one = address_from_ip4(0x0a000001),
                   two = address_from_ip4(0x0a000002);
    struct tcp_tuple *found;
    struct table t;

    memset(&t, 0, sizeof t);
    check_equal(table_init(&t, arena, 4096), 0);
    listen_at(&t, &k[0], any, 80);
    listen_at(&t, &k[1], one, 80);
    listen_at(&t, &k[2], any, 81);
    listen_at(&t, &k[3], address_from_ip4(0), 82);
    check(listener_at(&t, one, 80) == &k[1]);
    check(!listener_at(&t, two, 80));
    check(listener_at(&t, any, 80) == &k[0]);
    check(listener_at(&t, any, 81) == &k[2]);
    check(listener_at(&t, any, 82) == &k[3]); /* 0.0.0.0 and :: are one */
    listen_at(&t, &k[4], one, 80);
    found = listener_at(&t, one, 80);
    check(found == &k[1] || found == &k[4]);
    check(tcp_demux_listener_next(found) == (found == &k[1] ? &k[4] : &k[1]));
    check(!tcp_demux_listener_next(tcp_demux_listener_next(found)));
    table_remove(&t, &k[1].link);
    table_remove(&t, &k[4].link);
    check(!listener_at(&t, one, 80));
    arena_free(arena);
}

static const struct test tests[] = {
    {"what is in the table is found, and nothing else", finds_what_is_there},
    {"each part of the pair counts, and their order", each_part_counts},
    {"the key counts (T-28)", the_key_counts},
    {"listeners are found by their local end, equal ones one after the other",
     listeners_are_found_by_their_local_end},
    {"pairs with one hash are told apart", collisions},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
