/* SPDX-License-Identifier: MIT */
/* The stations of a switch. Theory in switch_table.h. */
#include "2-link/switch_table.h"

#include <errno.h>
#include <string.h>

#include "2-link/ethernet.h"
#include "base/bucket.h"
#include "base/compiler.h"

uint32_t switch_table_station_bytes(void)
{
    return sizeof(struct switch_station);
}

uint64_t switch_table_arena_bytes(void)
{
    return pool_bytes(SWITCH_STATIONS * sizeof(struct table_link *), 1);
}

int switch_table_init(struct switch_table *t, struct arena *arena, struct pool *pool,
                      struct siphash_key key, const struct switch_table_settings *settings)
{
    ensure(settings->stations > 0 && settings->stations <= SWITCH_STATIONS);
    t->pool = pool;
    siphash_key_copy(&t->key, key);
    t->age = settings->age;
    t->limit = settings->stations;
    t->full = settings->full;
    for (uint32_t i = 0; i < SWITCH_PORTS; i++)
        t->port[i].limit = settings->port_stations;
    return table_init(&t->table, arena, SWITCH_STATIONS);
}

void switch_table_limit(struct switch_table *t, uint32_t port, uint32_t stations)
{
    t->port[port].limit = stations;
}

static uint64_t hash_of(const struct switch_table *t, uint16_t vlan, const struct mac *mac)
{
    uint64_t word = (uint64_t)vlan << 48 | (uint64_t)u16_at(mac->bytes) << 32;

    word |= u32_at(mac->bytes + 2);
    return bucket_of_words(t->key, &word, 1);
}

static struct switch_station *station_of(const struct switch_table *t, uint64_t hash, uint16_t vlan,
                                         const struct mac *mac)
{
    struct table_link *at = table_first(&t->table, hash);

    for (; at; at = table_next(at)) {
        struct switch_station *s = container_of(at, struct switch_station, link);

        if (s->vlan == vlan && mac_equal(&s->mac, mac))
            return s;
    }
    return NULL;
}

static struct switch_station *in_silence(struct list_link *l)
{
    return l ? container_of(l, struct switch_station, silent) : NULL;
}

struct switch_station *switch_table_oldest(const struct switch_table *t)
{
    return in_silence(t->silent.first);
}

struct switch_station *switch_table_oldest_at(const struct switch_table *t, uint32_t port)
{
    struct list_link *first = t->port[port].stations.first;

    return first ? container_of(first, struct switch_station, beside) : NULL;
}

struct switch_station *switch_table_next(const struct switch_station *s)
{
    return in_silence(s->silent.next);
}

static void leave_port(struct switch_table *t, struct switch_station *s)
{
    list_remove(&s->beside);
    t->port[s->port].count--;
}

static void join_port(struct switch_table *t, struct switch_station *s, uint32_t port,
                      nanoseconds now)
{
    s->port = port;
    s->since = now;
    list_add(&t->port[port].stations, &s->beside);
    t->port[port].count++;
}

void switch_table_forget(struct switch_table *t, struct switch_station *s)
{
    table_remove(&t->table, &s->link);
    list_remove(&s->silent);
    leave_port(t, s);
    pool_put(t->pool, s);
}

/* Is there room behind this port, perhaps after somebody has gone? `mover`, or NULL, has a place in
 * the table already. */
static bool make_room(struct switch_table *t, uint32_t port, const struct switch_station *mover,
                      struct switch_news *news)
{
    bool port_full = t->port[port].count >= t->port[port].limit;
    bool full = !mover && t->table.count >= t->limit;
    struct switch_station *goes;

    if (!port_full && !full)
        return true;
    if (t->full == SWITCH_FULL_NOT_LEARNED)
        return false;
    goes = port_full ? switch_table_oldest_at(t, port) : switch_table_oldest(t);
    if (!goes)
        return false;
    news->evicted = true;
    news->evicted_vlan = goes->vlan;
    memcpy(&news->evicted_mac, &goes->mac, sizeof news->evicted_mac);
    news->evicted_port = goes->port;
    switch_table_forget(t, goes);
    return true;
}

/* To the end of a list, where it most often is already. */
static void renew(struct list_link *l)
{
    struct link_list *list = l->list;

    if (!l->next)
        return;
    list_remove(l);
    list_add(list, l);
}

static void hear_again(struct switch_table *t, struct switch_station *s, uint32_t port,
                       nanoseconds now, struct switch_news *news)
{
    if (s->port != port) {
        if (!make_room(t, port, s, news)) {
            news->heard = SWITCH_REFUSED;
            return;
        }
        news->heard = SWITCH_MOVED;
        news->old_port = s->port;
        leave_port(t, s);
        join_port(t, s, port, now);
        s->moves++;
    }
    s->heard = now;
    renew(&s->silent);
    renew(&s->beside);
}

void switch_table_learn(struct switch_table *t, uint16_t vlan, const struct mac *mac, uint32_t port,
                        nanoseconds now, struct switch_news *news)
{
    uint64_t hash = hash_of(t, vlan, mac);
    struct switch_station *s = station_of(t, hash, vlan, mac);

    ensure(!mac_is_group(mac));
    news->heard = SWITCH_KNOWN;
    news->evicted = false;
    if (likely(s)) {
        hear_again(t, s, port, now, news);
        return;
    }
    s = make_room(t, port, NULL, news) ? pool_get(t->pool) : NULL;
    if (!s) {
        news->heard = SWITCH_REFUSED;
        return;
    }
    news->heard = SWITCH_LEARNED;
    s->vlan = vlan;
    memcpy(&s->mac, mac, sizeof s->mac);
    s->heard = now;
    table_add(&t->table, &s->link, hash);
    list_add(&t->silent, &s->silent);
    join_port(t, s, port, now);
}

uint32_t switch_table_find(const struct switch_table *t, uint16_t vlan, const struct mac *mac)
{
    const struct switch_station *s = station_of(t, hash_of(t, vlan, mac), vlan, mac);

    return s ? s->port : SWITCH_NOWHERE;
}

nanoseconds switch_table_deadline(const struct switch_table *t)
{
    const struct switch_station *oldest = switch_table_oldest(t);

    return oldest ? oldest->heard + t->age : NEVER;
}

int switch_table_check(const struct switch_table *t)
{
    uint32_t stations = 0, at_ports = 0;
    nanoseconds before = 0;

    for (const struct list_link *l = t->silent.first; l; l = l->next) {
        const struct switch_station *s = container_of(l, const struct switch_station, silent);

        if (s->heard < before || s->since > s->heard || s->port >= SWITCH_PORTS)
            return __LINE__;
        if (s->beside.list != &t->port[s->port].stations || mac_is_group(&s->mac))
            return __LINE__;
        before = s->heard;
        if (++stations > t->table.count)
            return __LINE__;
    }
    for (uint32_t i = 0; i < SWITCH_PORTS; i++)
        at_ports += t->port[i].count;
    if (stations != t->table.count || at_ports != stations || stations > t->limit)
        return __LINE__;
    return 0;
}
