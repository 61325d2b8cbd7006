/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/packet.h"
#include "base_test.h"

enum { SMALL = 8, BIG = 2, CHARGES = 4 };

static const struct packet_limits most = {SMALL, BIG, CHARGES};

struct world {
    struct arena *arena;
    struct packets packets;
    struct budget budget;
    struct link_list drained;
};

static struct world world;

static void fresh(void)
{
    memset(&world, 0, sizeof world);
    world.arena = arena_fresh(packet_pool_bytes(&most));
    check_equal(packet_pool_init(&world.packets, world.arena, &most), 0);
    world.budget.limit = 100;
}

static struct packet *get(uint32_t size)
{
    return packet_get(&world.packets, &world.budget, size);
}

static void headers_in_front(void)
{
    struct packet *p;

    fresh();
    p = get(PACKET_SMALL_BYTES);
    check(p && p->start == PACKET_HEADROOM && packet_length(p) == 0 && !p->big);
    memcpy(packet_append(p, 4), "data", 4);
    memcpy(packet_push(p, 3), "TCP", 3);
    memcpy(packet_push(p, 2), "IP", 2);
    check(packet_length(p) == 9 && memcmp(packet_data(p), "IPTCPdata", 9) == 0);
    packet_take(p, 2);
    packet_trim(p, 5);
    check(packet_length(p) == 5 && memcmp(packet_data(p), "TCPda", 5) == 0);
    memset(packet_append(p, PACKET_SMALL_BYTES - 2), 1, PACKET_SMALL_BYTES - 2);
    packet_put(p);
    arena_free(world.arena);
}

static void small_slot_is_two_kib(void)
{
    fresh();
    check_equal(world.packets.small->stride, 2048);
    arena_free(world.arena);
}

static void classes_by_size(void)
{
    struct packet *p;

    fresh();
    p = get(PACKET_SMALL_BYTES + 1);
    check(p && p->big);
    memset(packet_append(p, PACKET_BIG_BYTES), 1, PACKET_BIG_BYTES);
    check(!get(PACKET_BIG_BYTES + 1));
    check(get(PACKET_BIG_BYTES));
    check(!get(PACKET_BIG_BYTES));
    packet_put(p);
    check(get(PACKET_BIG_BYTES) == p);
    arena_free(world.arena);
}

static void limits(void)
{
    struct budget other = {.limit = 1};
    struct packet *p, *q;

    fresh();
    world.budget.limit = 2;
    p = get(10);
    q = get(10);
    check(p && q && !get(10));
    check(packet_move(p, &other) && p->budget == &other);
    check(other.used == 1 && world.budget.used == 1);
    check(!packet_move(q, &other) && q->budget == &world.budget);
    check(packet_move(p, &other));
    check(other.used == 1);
    packet_put(p);
    packet_put(NULL);
    check(other.used == 0 && packet_move(q, &other));
    packet_put(q);
    check(other.used == 0 && world.budget.used == 0);
    world.budget.limit = 100;
    for (int i = 0; i < SMALL; i++)
        check(get(1));
    check(!get(1));
    check_equal(world.budget.used, SMALL);
    arena_free(world.arena);
}

static void failing_get_charges_nothing(void)
{
    fresh();
    world.arena->fail_at = 1;
    check(!get(10));
    check_equal(world.budget.used, 0);
    check(get(10));
    arena_free(world.arena);
}

static void copies(void)
{
    struct packet *p, *copy;
    struct charge *charge;

    fresh();
    charge = charge_open(&world.packets, &world.drained);
    p = get(100);
    memcpy(packet_append(p, 4), "data", 4);
    p->network = p->start;
    p->mark = 3;
    p->damaged = 1;
    p->flags = 4;
    p->serial = 7;
    p->time = 8;
    packet_charge(p, charge);
    copy = packet_copy(p);
    check(copy && copy != p && copy->bytes != p->bytes && !copy->charge);
    check(packet_length(copy) == 4 && memcmp(packet_data(copy), "data", 4) == 0);
    check(copy->network == p->network && copy->mark == 3 && copy->damaged == 1);
    check(copy->flags == 4 && copy->serial == 7 && copy->time == 8);
    check_equal(world.budget.used, 2);
    check_equal(charge->packets, 1);
    world.budget.limit = 2;
    check(!packet_copy(p));
    arena_free(world.arena);
}

static void charge_follows_packets(void)
{
    struct charge *charge;
    struct packet *p, *q;

    fresh();
    charge = charge_open(&world.packets, &world.drained);
    check(charge && charge->bytes == 0);
    p = get(100);
    q = get(100);
    (void)packet_append(p, 60);
    (void)packet_append(q, 40);
    packet_charge(p, charge);
    packet_charge(q, charge);
    (void)packet_push(p, 14); /* a header later does not count */
    check(charge->bytes == 100 && charge->packets == 2);
    packet_uncharge(p);
    packet_uncharge(p);
    check(charge->bytes == 40 && charge->packets == 1 && !world.drained.first);
    charge->wants = 1;
    packet_put(q);
    check(charge->bytes == 0 && charge->packets == 0);
    check(world.drained.first == &charge->drained);
    charge_close(&world.packets, charge);
    check(!world.drained.first);
    check_equal(pool_count(world.packets.charges), 0);
    charge_close(&world.packets, NULL);
    packet_put(p);
    arena_free(world.arena);
}

static void charge_outlives_owner(void)
{
    struct charge *charge;
    struct packet *p;

    fresh();
    charge = charge_open(&world.packets, &world.drained);
    p = get(100);
    packet_charge(p, charge);
    charge->wants = 1;
    charge_close(&world.packets, charge);
    check_equal(pool_count(world.packets.charges), 1);
    packet_put(p);
    check_equal(pool_count(world.packets.charges), 0);
    check(!world.drained.first);
    arena_free(world.arena);
}

static void queue_is_first_in_first_out(void)
{
    struct packet_queue q = {0};
    struct packet *p[4];

    fresh();
    for (uint32_t i = 0; i < 4; i++) {
        p[i] = get(10);
        (void)packet_append(p[i], i + 1);
        packet_queue_add(&q, p[i]);
    }
    check(q.packets == 4 && q.bytes == 10);
    for (int i = 0; i < 4; i++)
        check(packet_queue_take(&q) == p[i]);
    check(!packet_queue_take(&q) && q.packets == 0 && q.bytes == 0 && !q.first && !q.last);
    packet_queue_add(&q, p[2]);
    check(packet_queue_take(&q) == p[2]);
    arena_free(world.arena);
}

static void no_room(void)
{
    struct arena *a = arena_fresh(packet_pool_bytes(&most) - 1);
    struct packets packets;

    check_equal(packet_pool_init(&packets, a, &most), -ENOMEM);
    arena_free(a);
}

static const struct test tests[] = {
    {"headers go in front and come off again", headers_in_front},
    {"a small packet fits two KiB with its struct", small_slot_is_two_kib},
    {"a packet's size chooses its class", classes_by_size},
    {"packets count against a budget, and move to another", limits},
    {"a get that fails charges nothing", failing_get_charges_nothing},
    {"a copy has the bytes and the marks, but no charge", copies},
    {"a charge counts bytes as they were charged, and tells when it drains",
     charge_follows_packets},
    {"a charge outlives its owner until the last packet is gone", charge_outlives_owner},
    {"a queue of packets is first in, first out", queue_is_first_in_first_out},
    {"packets without room say so", no_room},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
