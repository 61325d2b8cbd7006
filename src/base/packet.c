/* SPDX-License-Identifier: MIT */
/*
 * Packets from two pools of raw slots: the struct, then its bytes. Getting one sets every field of
 * the struct, and none of the bytes. Two counts are kept with it: the node's budget (in packets)
 * and the charge of the socket that sent it (in bytes as they were when it was charged: headers are
 * still pushed in front of it later); so putting a packet back undoes both.
 *
 * A charge outlives its owner as long as packets hold it: whoever is last frees it.
 */
#include "base/packet.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"

enum {
    SMALL_SLOT = sizeof(struct packet) + PACKET_HEADROOM + PACKET_SMALL_BYTES,
    BIG_SLOT = sizeof(struct packet) + PACKET_HEADROOM + PACKET_BIG_BYTES
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct packet) == 96, "packet_get sets every field");

int packet_pool_init(struct packets *ps, struct arena *arena, const struct packet_limits *limits)
{
    ps->small = pool_open(arena, SMALL_SLOT, limits->small, true);
    ps->big = pool_open(arena, BIG_SLOT, limits->big, true);
    ps->charges = pool_open(arena, sizeof(struct charge), limits->charges, false);
    return ps->small && ps->big && ps->charges ? 0 : -ENOMEM;
}

uint64_t packet_pool_bytes(const struct packet_limits *limits)
{
    return pool_bytes(SMALL_SLOT, limits->small) + pool_bytes(BIG_SLOT, limits->big) +
           pool_bytes(sizeof(struct charge), limits->charges);
}

struct packet *packet_get(struct packets *ps, struct budget *budget, uint32_t size)
{
    bool big = size > PACKET_SMALL_BYTES;
    struct packet *p;

    if (size > PACKET_BIG_BYTES || budget->used >= budget->limit)
        return NULL;
    p = pool_get(big ? ps->big : ps->small);
    if (!p)
        return NULL;
    p->next = p->previous = NULL;
    p->bytes = (uint8_t *)(p + 1);
    p->start = p->end = PACKET_HEADROOM;
    p->size = PACKET_HEADROOM + (big ? PACKET_BIG_BYTES : PACKET_SMALL_BYTES);
    p->network = 0;
    p->budget = budget;
    p->charge = NULL;
    p->packets = ps;
    p->serial = 0;
    p->time = 0;
    p->mark = p->damaged = p->zero = 0;
    p->flags = p->zero_too = 0;
    p->big = big;
    p->charged = 0;
    budget->used++;
    return p;
}

void packet_put(struct packet *p)
{
    if (!p)
        return;
    packet_uncharge(p);
    ensure(p->budget->used > 0);
    p->budget->used--;
    pool_put(p->big ? p->packets->big : p->packets->small, p);
}

struct packet *packet_copy(const struct packet *p)
{
    struct packet *copy = packet_get(p->packets, p->budget, p->size - PACKET_HEADROOM);

    if (!copy)
        return NULL;
    copy->start = p->start;
    copy->end = p->end;
    copy->network = p->network;
    copy->serial = p->serial;
    copy->time = p->time;
    copy->mark = p->mark;
    copy->damaged = p->damaged;
    copy->flags = p->flags;
    memcpy(copy->bytes + p->start, p->bytes + p->start, p->end - p->start);
    return copy;
}

bool packet_move(struct packet *p, struct budget *budget)
{
    if (budget == p->budget)
        return true;
    if (budget->used >= budget->limit)
        return false;
    ensure(p->budget->used > 0);
    p->budget->used--;
    budget->used++;
    p->budget = budget;
    return true;
}

void packet_charge(struct packet *p, struct charge *charge)
{
    ensure(!p->charge && charge->owned);
    p->charge = charge;
    p->charged = packet_length(p);
    charge->bytes += p->charged;
    charge->packets++;
}

void packet_uncharge(struct packet *p)
{
    struct charge *charge = p->charge;

    if (!charge)
        return;
    ensure(charge->packets > 0 && charge->bytes >= p->charged);
    charge->bytes -= p->charged;
    charge->packets--;
    p->charge = NULL;
    p->charged = 0;
    if (!charge->owned) {
        if (charge->packets == 0)
            pool_put(p->packets->charges, charge);
    } else if (charge->wants && !list_has(&charge->drained)) {
        list_add(charge->list, &charge->drained);
    }
}

void packet_queue_add(struct packet_queue *q, struct packet *p)
{
    p->next = NULL;
    if (q->last)
        q->last->next = p;
    else
        q->first = p;
    q->last = p;
    q->packets++;
    q->bytes += packet_length(p);
}

struct packet *packet_queue_take(struct packet_queue *q)
{
    struct packet *p = q->first;

    if (!p)
        return NULL;
    q->first = p->next;
    if (!q->first)
        q->last = NULL;
    p->next = NULL;
    q->packets--;
    q->bytes -= packet_length(p);
    return p;
}

bool packet_queue_is_sound(const struct packet_queue *q)
{
    const struct packet *p = q->first;
    uint32_t packets = 0, bytes = 0;

    for (; p && packets <= q->packets; p = p->next) {
        packets++;
        bytes += packet_length(p);
        if (!p->next && q->last != p)
            return false;
    }
    return !p && packets == q->packets && bytes == q->bytes && (packets || !q->last);
}
