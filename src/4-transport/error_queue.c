/* SPDX-License-Identifier: MIT */
/* The theory is in error_queue.h. */
#include "4-transport/error_queue.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/integer.h"

uint32_t error_item_bytes(void)
{
    return sizeof(struct error_item);
}

void error_queue_init(struct error_queue *q, struct pool *pool)
{
    q->pool = pool;
}

static struct error_item *first(const struct error_queue *q)
{
    return q->items.first ? container_of(q->items.first, struct error_item, link) : NULL;
}

static void take(struct error_queue *q, struct error_item *item)
{
    list_remove(&item->link);
    q->used -= item->packet->size;
    q->count--;
    packet_put(item->packet);
    pool_put(q->pool, item);
}

void error_queue_clear(struct error_queue *q)
{
    while (q->items.first)
        take(q, first(q));
}

bool error_queue_add(struct error_queue *q, struct means *means, const struct error_item *like,
                     const uint8_t *bytes, uint32_t length, uint32_t room)
{
    struct packet *p = packet_get(means->packets, &means->packet_budget, length);
    struct error_item *item = NULL;

    if (p && p->size <= room)
        item = pool_get(q->pool);
    if (!item) {
        packet_put(p);
        return false;
    }
    if (length)
        memcpy(packet_append(p, length), bytes, length);
    item->packet = p;
    item->trouble = like->trouble;
    item->remote = like->remote;
    item->local = like->local;
    item->time = like->time;
    item->hop_limit = like->hop_limit;
    item->traffic_class = like->traffic_class;
    list_add(&q->items, &item->link);
    q->used += p->size;
    q->count++;
    return true;
}

static bool is_by_icmp(const struct error_item *item)
{
    return item->trouble.origin != TROUBLE_LOCAL;
}

ssize_t error_queue_receive(struct error_queue *q, struct transport_message *m, int *next,
                            bool *by_icmp)
{
    struct error_item *item = first(q), *behind;
    size_t n;

    if (!item)
        return -EAGAIN;
    m->true_length = packet_length(item->packet);
    n = (size_t)least(m->length, m->true_length);
    if (n)
        memcpy(m->in, packet_data(item->packet), n);
    name_of_endpoint(&m->remote, &item->remote);
    m->local = item->local;
    m->own = item->local.address;
    m->time = item->time;
    m->hop_limit = item->hop_limit;
    m->traffic_class = item->traffic_class;
    m->urgent = false;
    m->options_length = 0;
    m->trouble = item->trouble;
    *by_icmp = is_by_icmp(item);
    take(q, item);
    behind = first(q);
    *next = behind && is_by_icmp(behind) ? (int)behind->trouble.number : 0;
    return (ssize_t)n;
}
