/* SPDX-License-Identifier: MIT */
/* The theory is in inbox.h. RFC 1122 4.1.3.5: the program learns source and destination. */
#include "4-transport/inbox.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/integer.h"

uint32_t inbox_item_bytes(void)
{
    return sizeof(struct inbox_item);
}

void inbox_init(struct inbox *i, struct pool *pool)
{
    i->pool = pool;
}

static struct inbox_item *next(const struct inbox *i)
{
    return i->items.first ? container_of(i->items.first, struct inbox_item, link) : NULL;
}

static void take(struct inbox *i, struct inbox_item *item)
{
    list_remove(&item->link);
    i->used -= item->packet->size;
    i->count--;
    packet_put(item->packet);
    pool_put(i->pool, item);
}

void inbox_done(struct inbox *i)
{
    while (i->items.first)
        take(i, next(i));
}

/* RFC 1122 4.1.3.5: what was sent to more than us has a destination no reply can come from. */
static struct address own_address(const struct ip *ip, const struct ip_meta *meta)
{
    return meta->broadcast && !ip_is_own(ip, meta->dest)
               ? ip_spoken_for(ip, meta->source, meta->interface)
               : meta->dest;
}

bool inbox_add(struct inbox *i, const struct ip *ip, struct packet *p, const struct ip_meta *meta,
               const struct endpoint *remote, const struct endpoint *local, uint32_t limit,
               nanoseconds now)
{
    struct inbox_item *item;

    if (i->count && i->used + p->size > limit)
        return false;
    item = pool_get(i->pool);
    if (!item)
        return false;
    item->packet = p;
    item->remote = *remote;
    item->local = *local;
    item->own = own_address(ip, meta);
    item->time = now;
    item->hop_limit = meta->hop_limit;
    item->traffic_class = meta->traffic_class;
    item->options_at = (uint16_t)(p->network + meta->options_at);
    item->options_length = meta->options_length;
    list_add(&i->items, &item->link);
    i->used += p->size;
    i->count++;
    return true;
}

uint32_t inbox_next_length(const struct inbox *i)
{
    const struct inbox_item *item = next(i);

    return item ? packet_length(item->packet) : 0;
}

ssize_t inbox_receive(struct inbox *i, struct transport_message *m, bool peek)
{
    struct inbox_item *item = next(i);
    size_t n;

    if (!item)
        return -EAGAIN;
    m->true_length = packet_length(item->packet);
    n = (size_t)least(m->length, m->true_length);
    if (n)
        memcpy(m->in, packet_data(item->packet), n);
    name_of_endpoint(&m->remote, &item->remote);
    m->local = item->local;
    m->own = item->own;
    m->time = item->time;
    m->hop_limit = item->hop_limit;
    m->traffic_class = item->traffic_class;
    m->options_length = item->options_length;
    if (unlikely(item->options_length))
        memcpy(m->options, item->packet->bytes + item->options_at, item->options_length);
    if (!peek)
        take(i, item);
    return (ssize_t)n;
}
