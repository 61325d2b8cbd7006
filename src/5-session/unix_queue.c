/* SPDX-License-Identifier: MIT */
/*
 * Messages that wait at an end of AF_UNIX: a list of what is known of each, and one ring with the
 * bytes of all, in the order of the list.
 *
 * Memory is the sender's: each message counts in its SO_SNDBUF until it is read to its end, as what
 * Linux would take for it (struct sk_buff, 256 bytes; its head with 320 bytes of its own, in powers
 * of two from 512 on; pages for what is longer), so that as many messages fit as there, and
 * SIOCOUTQ says the same. A sender may go on while less than its buffer is charged, and is writable
 * for poll() while a quarter at most is.
 *
 * What a host holds in all is bounded too: items by the host's limit, bytes by its budget of
 * buffers; the sender that finds these used up is told ENOBUFS.
 */
#include "5-session/unix_end.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/integer.h"

enum charge_constants {
    CHARGE_MESSAGE = 256, /* struct sk_buff */
    CHARGE_HEAD = 320,    /* struct skb_shared_info */
    CHARGE_HEAD_LEAST = 512,
    CHARGE_PAGE = 4096,
    STREAM_HEAD_MOST = CHARGE_PAGE - CHARGE_HEAD,
    STREAM_PAGES_MOST = 32768,
    STREAM_MARGIN = 64,
    DATAGRAM_HEAD_MOST = 4 * CHARGE_PAGE - CHARGE_HEAD,
    DATAGRAM_PAGES_MOST = 17 * CHARGE_PAGE
};

static uint32_t pages(uint32_t bytes)
{
    return (bytes + CHARGE_PAGE - 1) / CHARGE_PAGE * CHARGE_PAGE;
}

static uint32_t charge_of(uint32_t head, uint32_t in_pages)
{
    uint32_t whole = CHARGE_HEAD_LEAST;

    while (whole < head + CHARGE_HEAD)
        whole *= 2;
    return CHARGE_MESSAGE + whole + pages(in_pages);
}

uint32_t unix_queue_stream_charge(uint32_t bytes)
{
    uint32_t in_pages = bytes > STREAM_HEAD_MOST ? pages(bytes - STREAM_HEAD_MOST) : 0;

    in_pages = (uint32_t)least(in_pages, bytes);
    return charge_of(bytes - in_pages, in_pages);
}

uint32_t unix_queue_datagram_charge(uint32_t bytes)
{
    uint32_t in_pages = 0;

    if (bytes > DATAGRAM_HEAD_MOST)
        in_pages = pages((uint32_t)least(bytes - DATAGRAM_HEAD_MOST, DATAGRAM_PAGES_MOST));
    return charge_of(bytes - in_pages, in_pages);
}

uint32_t unix_queue_chunk(const struct unix_end *e, size_t left)
{
    uint64_t most_bytes =
        least(e->send_buffer / 2 - STREAM_MARGIN, STREAM_HEAD_MOST + STREAM_PAGES_MOST);

    return (uint32_t)least(left, most_bytes);
}

int unix_queue_may(struct unix_end *e)
{
    int error = e->error;

    e->error = 0;
    if (error)
        return -error;
    if (e->shut & UNIX_SHUT_WRITING)
        return -EPIPE;
    return e->charged < e->send_buffer ? 0 : -EAGAIN;
}

struct unix_item *unix_queue_first(const struct unix_end *e)
{
    return e->queue.first ? container_of(e->queue.first, struct unix_item, link) : NULL;
}

struct unix_item *unix_queue_next(const struct unix_item *item)
{
    return item->link.next ? container_of(item->link.next, struct unix_item, link) : NULL;
}

/* Room for another message of so many bytes at an end; NULL: there is none. */
static struct unix_item *room(struct unix_end *to, uint32_t length)
{
    struct unix_host *h = to->host;
    uint64_t end = to->bytes.to + length;
    struct unix_item *item;

    if (h->items_count >= h->item_limit)
        return NULL;
    item = pool_get(h->item_pool);
    if (!item)
        return NULL;
    if (length &&
        !ring_reserve(&to->bytes, h->means->buffers, &h->means->buffer_budget, end, to->bytes.to)) {
        pool_put(h->item_pool, item);
        return NULL;
    }
    h->items_count++;
    return item;
}

/* Who sent it is told where one of the two asks; else nobody is (and 65534, nobody's number). */
static void stamp(struct unix_item *item, const struct unix_end *e, const struct unix_end *to,
                  const struct message_beside *beside)
{
    const struct session_credentials nobody = {0, 65534, 65534};

    if (beside && beside->has_credentials)
        session_credentials_copy(&item->credentials, &beside->credentials);
    else if ((e->flags | to->flags) & UNIX_PASS_CREDENTIALS)
        session_credentials_copy(&item->credentials, &e->host->caller);
    else
        session_credentials_copy(&item->credentials, &nobody);
}

int unix_queue_add(struct unix_end *e, struct unix_end *to, const struct transport_message *m,
                   const uint8_t *bytes, uint32_t length, uint32_t charge, nanoseconds now)
{
    struct unix_item *item = room(to, length);

    if (!item)
        return -ENOBUFS;
    item->from = e;
    item->at = to->bytes.to;
    item->time = now;
    item->length = length;
    item->charge = charge;
    stamp(item, e, to, m->beside);
    if (m->beside) {
        item->rights = m->beside->rights;
        m->beside->rights = NULL;
    }
    to->rights += item->rights != NULL;
    if (length)
        ring_push(&to->bytes, bytes, length);
    e->references++;
    e->charged += charge;
    list_add(&to->queue, &item->link);
    to->waiting++;
    to->unread += length;
    unix_end_tell(to);
    return 0;
}

/* The ring holds what is from the first message on. */
static void shorten(struct unix_end *e)
{
    const struct unix_item *first = unix_queue_first(e);

    if (first) {
        ring_drop(&e->bytes, first->at);
        return;
    }
    ring_drop(&e->bytes, e->bytes.to);
    ring_done(&e->bytes, e->host->means->buffers, &e->host->means->buffer_budget);
}

void unix_queue_remove(struct unix_end *e, struct unix_item *item)
{
    struct unix_end *from = item->from;

    list_remove(&item->link);
    e->waiting--;
    e->unread -= unix_queue_left(item);
    if (e->urgent == item)
        e->urgent = NULL;
    if (item->rights) {
        e->rights--;
        unix_rights_drop(e->host, item->rights);
    }
    from->charged -= item->charge;
    unix_end_tell(from);
    pool_put(e->host->item_pool, item);
    e->host->items_count--;
    unix_end_release(from);
    shorten(e);
}

void unix_queue_purge(struct unix_end *e)
{
    while (e->queue.first)
        unix_queue_remove(e, unix_queue_first(e));
}

void unix_queue_copy(const struct unix_end *e, const struct unix_item *item, uint32_t skip,
                     uint8_t *to, uint32_t length)
{
    if (length)
        ring_read(&e->bytes, item->at + item->consumed + skip, to, length);
}

void unix_queue_consume(struct unix_end *e, struct unix_item *item, uint32_t length)
{
    item->consumed += length;
    e->unread -= length;
}

void unix_queue_peek_back(struct unix_end *e, uint32_t length)
{
    if (e->peek_at > 0)
        e->peek_at = (uint32_t)e->peek_at > length ? e->peek_at - (int32_t)length : 0;
}

void unix_queue_peek_on(struct unix_end *e, uint32_t length)
{
    if (e->peek_at >= 0)
        e->peek_at = (int32_t)least((uint64_t)e->peek_at + length, INT32_MAX);
}

/* A sender that has gone may go for good with its last message, and its name with it: what is told
 * of that is a copy. */
void unix_queue_beside(const struct unix_end *e, const struct unix_item *item,
                       struct transport_message *m)
{
    struct message_beside *beside = m->beside;
    struct name_unix *name = &m->remote.unix_name;

    if (!beside)
        return;
    beside->has_credentials = (e->flags & UNIX_PASS_CREDENTIALS) != 0;
    session_credentials_copy(&beside->credentials, &item->credentials);
    if (!item->from->name || !beside->name)
        return;
    unix_name_tell(item->from, &m->remote);
    memcpy(beside->name, name->bytes, name->length);
    name->bytes = beside->name;
}

void unix_queue_rights(struct unix_end *e, struct unix_item *item, struct message_beside *beside,
                       bool peeks)
{
    if (!item->rights)
        return;
    if (beside) {
        beside->rights = item->rights;
        beside->peeks = peeks;
    }
    if (peeks)
        return;
    if (!beside)
        unix_rights_drop(e->host, item->rights); /* lost with the first byte that is read so */
    item->rights = NULL;
    e->rights--;
}
