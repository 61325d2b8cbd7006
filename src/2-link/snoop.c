/* SPDX-License-Identifier: MIT */
/* The groups of a switch. Theory in snoop.h. */
#include "2-link/snoop.h"

#include <string.h>

#include "base/address.h"
#include "base/bucket.h"
#include "base/compiler.h"
#include "base/integer.h"

enum { UNASKED, ASKED };

uint32_t snoop_entry_bytes(void)
{
    return sizeof(struct snoop_entry);
}

uint64_t snoop_arena_bytes(void)
{
    return pool_bytes(SNOOP_ENTRIES * sizeof(struct table_link *), 1);
}

int snoop_init(struct snoop *s, struct arena *arena, struct pool *pool, struct siphash_key key,
               const struct snoop_settings *settings)
{
    ensure(settings->entries > 0 && settings->entries <= SNOOP_ENTRIES);
    s->pool = pool;
    siphash_key_copy(&s->key, key);
    s->age = settings->age;
    s->limit = settings->entries;
    s->is_off = settings->is_off;
    return table_init(&s->table, arena, SNOOP_ENTRIES);
}

static struct address all_of(bool is_ip6)
{
    return is_ip6 ? (struct address){0} : address_from_ip4(0);
}

static uint64_t hash_of(const struct snoop *s, uint16_t vlan, struct address group)
{
    const uint64_t words[] = {vlan, group.high, group.low};

    return bucket_of_words(s->key, words, 3);
}

/* The first of this VLAN and group from here on, or NULL: there are as many as ports know it. */
static struct snoop_entry *match(struct table_link *at, uint16_t vlan, struct address group)
{
    for (; at; at = table_next(at)) {
        struct snoop_entry *e = container_of(at, struct snoop_entry, link);

        if (e->vlan == vlan && address_equal(e->group, group))
            return e;
    }
    return NULL;
}

static struct snoop_entry *first_of(const struct snoop *s, uint16_t vlan, struct address group)
{
    return match(table_first(&s->table, hash_of(s, vlan, group)), vlan, group);
}

static struct snoop_entry *next_of(const struct snoop_entry *e)
{
    return match(table_next(&e->link), e->vlan, e->group);
}

struct snoop_entry *snoop_find(const struct snoop *s, uint16_t vlan, struct address group,
                               uint32_t port)
{
    struct snoop_entry *e = first_of(s, vlan, group);

    while (e && e->port != port)
        e = next_of(e);
    return e;
}

static struct snoop_entry *in_order(const struct list_link *l)
{
    return l ? container_of(l, struct snoop_entry, order) : NULL;
}

/* Into a list, behind all that end no later. */
static void put(struct snoop *s, struct snoop_entry *e, nanoseconds until, int which)
{
    struct link_list *list = &s->listed[which];
    struct list_link *before;

    list_remove(&e->order);
    before = list->last;
    e->until = until;
    while (before && in_order(before)->until > until)
        before = before->previous;
    list_add_after(list, before, &e->order);
}

/* The entry, which is made if there is room; NULL: there is none. */
static struct snoop_entry *entry_make(struct snoop *s, uint16_t vlan, struct address group,
                                      uint32_t port, nanoseconds now, enum snoop_heard *heard)
{
    struct snoop_entry *e = snoop_find(s, vlan, group, port);

    *heard = SNOOP_KNOWN;
    if (e)
        return e;
    e = s->table.count < s->limit ? pool_get(s->pool) : NULL;
    *heard = e ? SNOOP_LEARNED : SNOOP_REFUSED;
    if (!e) {
        s->refused++;
        snoop_doubt(s, now + s->age);
        return NULL;
    }
    e->vlan = vlan;
    e->group = group;
    e->port = port;
    e->since = now;
    table_add(&s->table, &e->link, hash_of(s, vlan, group));
    return e;
}

enum snoop_heard snoop_join(struct snoop *s, uint16_t vlan, struct address group, uint32_t port,
                            nanoseconds now)
{
    enum snoop_heard heard;
    struct snoop_entry *e = entry_make(s, vlan, group, port, now, &heard);

    if (!e)
        return heard;
    e->again = 0;
    put(s, e, now + s->age, UNASKED);
    return heard;
}

enum snoop_heard snoop_router(struct snoop *s, const struct snoop_router *router, nanoseconds now)
{
    enum snoop_heard heard;
    struct snoop_entry *e =
        entry_make(s, router->vlan, all_of(router->is_ip6), router->port, now, &heard);

    if (!e)
        return heard;
    if (router->asks && !e->asks)
        e->ready = now + router->within;
    e->asks |= router->asks;
    e->routes |= router->routes;
    if (router->asks)
        e->leads = router->leads;
    put(s, e, now + SNOOP_QUERIER_AGE, UNASKED);
    return heard;
}

static void shorten(struct snoop *s, struct snoop_entry *e, nanoseconds until)
{
    if (until < e->until)
        put(s, e, until, ASKED);
}

void snoop_ask(struct snoop *s, uint16_t vlan, struct address group, nanoseconds until)
{
    for (struct snoop_entry *e = first_of(s, vlan, group); e; e = next_of(e))
        shorten(s, e, until);
}

void snoop_leave(struct snoop *s, struct snoop_entry *e, nanoseconds until, uint8_t again)
{
    e->again = again;
    shorten(s, e, until);
}

void snoop_extend(struct snoop *s, struct snoop_entry *e, nanoseconds until)
{
    ensure(e->again > 0);
    e->again--;
    put(s, e, until, ASKED);
}

void snoop_doubt(struct snoop *s, nanoseconds until)
{
    s->unsure = time_later(s->unsure, until);
}

bool snoop_is_active(const struct snoop *s, uint16_t vlan, bool is_ip6, nanoseconds now)
{
    const struct snoop_entry *e = first_of(s, vlan, all_of(is_ip6));

    while (e && !(e->asks && e->ready <= now))
        e = next_of(e);
    return e && now >= s->unsure;
}

bool snoop_is_led(const struct snoop *s, uint16_t vlan, bool is_ip6)
{
    const struct snoop_entry *e = first_of(s, vlan, all_of(is_ip6));

    while (e && !e->leads)
        e = next_of(e);
    return e != NULL;
}

static void add(struct snoop_ports *ports, uint32_t port)
{
    ports->bit[port / 64] |= UINT64_C(1) << port % 64;
}

void snoop_listeners(const struct snoop *s, uint16_t vlan, struct address group,
                     struct snoop_ports *ports)
{
    for (const struct snoop_entry *e = first_of(s, vlan, group); e; e = next_of(e))
        add(ports, e->port);
}

void snoop_routers(const struct snoop *s, uint16_t vlan, bool is_ip6, struct snoop_ports *ports)
{
    const struct snoop_entry *e = first_of(s, vlan, all_of(is_ip6));

    for (; e; e = next_of(e))
        if (e->routes)
            add(ports, e->port);
}

struct snoop_entry *snoop_first(const struct snoop *s)
{
    struct snoop_entry *a = in_order(s->listed[UNASKED].first);
    struct snoop_entry *b = in_order(s->listed[ASKED].first);

    return !a || (b && b->until < a->until) ? b : a;
}

struct snoop_entry *snoop_next(const struct snoop *s, const struct snoop_entry *before)
{
    if (before && before->order.next)
        return in_order(before->order.next);
    if (before && before->order.list == &s->listed[ASKED])
        return NULL;
    if (!before && s->listed[UNASKED].first)
        return in_order(s->listed[UNASKED].first);
    return in_order(s->listed[ASKED].first);
}

struct snoop_entry *snoop_at_port(const struct snoop *s, uint32_t port)
{
    struct snoop_entry *e = snoop_next(s, NULL);

    while (e && e->port != port)
        e = snoop_next(s, e);
    return e;
}

void snoop_forget(struct snoop *s, struct snoop_entry *e)
{
    table_remove(&s->table, &e->link);
    list_remove(&e->order);
    pool_put(s->pool, e);
}

nanoseconds snoop_deadline(const struct snoop *s)
{
    const struct snoop_entry *e = snoop_first(s);

    return e ? e->until : NEVER;
}

int snoop_check(const struct snoop *s)
{
    uint32_t entries = 0;
    nanoseconds before = 0;

    for (const struct snoop_entry *e = snoop_next(s, NULL); e; e = snoop_next(s, e)) {
        if (e->order.list == &s->listed[ASKED] && e->order.list->first == &e->order)
            before = 0;
        if (e->until < before || e->since > e->until || e->port > SNOOP_SELF)
            return __LINE__;
        if (address_is_unspecified(e->group) ? !e->asks && !e->routes : e->asks || e->routes)
            return __LINE__;
        if (e->port == SNOOP_SELF && (!e->asks || e->routes))
            return __LINE__;
        before = e->until;
        if (++entries > s->table.count)
            return __LINE__;
    }
    return entries != s->table.count || entries > s->limit ? __LINE__ : 0;
}
