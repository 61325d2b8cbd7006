/* SPDX-License-Identifier: MIT */
/* The theory is in ports.h. RFC 6056 3.3.1 (random), 3.3.4 (double hash), 3.3.5 (random steps). */
#include "4-transport/ports.h"

#include <errno.h>

#include "base/arena.h"
#include "base/compiler.h"

enum { STEP_MOST = 8 };

int ports_init(struct ports *p, struct arena *arena, uint32_t limit, struct siphash_key key,
               bool stream)
{
    siphash_key_copy(&p->key, key);
    p->stream = stream;
    p->first = PORTS_FIRST;
    p->last = PORTS_LAST;
    p->group_pool = pool_open(arena, sizeof(struct port_group), limit, false);
    return p->group_pool ? table_init(&p->table, arena, limit) : -ENOMEM;
}

static uint64_t hash_of(const struct ports *p, uint16_t port)
{
    const uint64_t words[] = {RANDOM_TABLE, port};

    return siphash_words(p->key, words, 2);
}

static struct port_group *group_find(const struct ports *p, uint16_t port)
{
    struct table_link *l = table_first(&p->table, hash_of(p, port));

    for (; l; l = table_next(l)) {
        struct port_group *g = container_of(l, struct port_group, link);

        if (g->port == port)
            return g;
    }
    return NULL;
}

static struct port_binding *binding_of(struct list_link *l)
{
    return l ? container_of(l, struct port_binding, member) : NULL;
}

static int group_add(struct ports *p, struct port_binding *b, const struct endpoint *local,
                     bool by_connect)
{
    struct port_group *g = group_find(p, local->port);

    if (!g) {
        g = pool_get(p->group_pool);
        if (!g)
            return -ENOBUFS;
        g->port = local->port;
        table_add(&p->table, &g->link, hash_of(p, g->port));
    }
    b->local = *local;
    b->local.zero = 0;
    b->group = g;
    b->serial = ++p->serial;
    b->by_connect = by_connect;
    list_add(&g->members, &b->member);
    g->count++;
    g->bound += !by_connect;
    return 0;
}

/* Could one packet match both? */
static bool overlap(const struct endpoint *a, const struct endpoint *b)
{
    return (a->interface == 0 || b->interface == 0 || a->interface == b->interface) &&
           (address_is_unspecified(a->address) || address_is_unspecified(b->address) ||
            address_equal(a->address, b->address));
}

static bool conflict(const struct ports *p, const struct port_binding *b,
                     const struct endpoint *local, const struct port_binding *other)
{
    if (other == b || !overlap(local, &other->local))
        return false;
    if (b->reuse_address && other->reuse_address && !(p->stream && other->listening))
        return false;
    return !(b->reuse_port && other->reuse_port);
}

static bool is_free(const struct ports *p, const struct endpoint *local)
{
    struct port_binding *b = ports_first(p, local->port);

    for (; b; b = ports_next(b))
        if (overlap(local, &b->local))
            return false;
    return true;
}

/* RFC 6056 3.3.1: random, then the next ones. */
static int bind_any(struct ports *p, struct port_binding *b, const struct endpoint *local)
{
    uint32_t range = (uint32_t)(p->last - p->first) + 1;
    uint64_t draw = random_draw(p->key, RANDOM_PORT, p->draws++);
    uint32_t from = (uint32_t)random_below(draw, range);
    struct endpoint at = *local;

    for (uint32_t i = 0; i < range; i++) {
        at.port = (uint16_t)(p->first + (from + i) % range);
        if (is_free(p, &at))
            return group_add(p, b, &at, false);
    }
    return -EADDRINUSE;
}

int ports_bind(struct ports *p, struct port_binding *b, const struct endpoint *local)
{
    struct port_binding *other;

    if (ports_is_bound(b))
        return -EINVAL;
    if (local->port == 0)
        return bind_any(p, b, local);
    for (other = ports_first(p, local->port); other; other = ports_next(other))
        if (conflict(p, b, local, other))
            return -EADDRINUSE;
    return group_add(p, b, local, false);
}

int ports_listen(struct ports *p, struct port_binding *b)
{
    struct port_binding *other = ports_first(p, b->local.port);

    for (; other; other = ports_next(other))
        if (conflict(p, b, &b->local, other))
            return -EADDRINUSE;
    b->listening = 1;
    return 0;
}

void ports_inherit(struct ports *p, struct port_binding *b, const struct port_binding *listener,
                   const struct endpoint *local)
{
    struct port_group *g = listener->group;

    ensure(g && g->port == local->port && !b->group);
    b->local = *local;
    b->local.zero = 0;
    b->group = g;
    b->serial = ++p->serial;
    b->reuse_address = listener->reuse_address;
    b->reuse_port = listener->reuse_port;
    list_add(&g->members, &b->member);
    g->count++;
    g->bound++;
}

void ports_address_set(struct port_binding *b, struct address address)
{
    b->local.address = address;
}

void ports_release(struct ports *p, struct port_binding *b)
{
    struct port_group *g = b->group;

    if (!g)
        return;
    list_remove(&b->member);
    g->count--;
    g->bound -= !b->by_connect;
    if (g->count == 0) {
        table_remove(&p->table, &g->link);
        pool_put(p->group_pool, g);
    }
    b->group = NULL;
    b->local.port = 0;
    b->listening = 0;
    b->by_connect = 0;
}

/* RFC 6056 3.3.4: F picks the place, G the counter; two purposes make them two functions. RFC
 * 6056 3.3, 3.4 (the key is of the node). */
void ports_walk(const struct ports *p, struct port_walk *walk, const struct endpoint *local,
                const struct endpoint *remote)
{
    uint64_t words[] = {RANDOM_PORT_OFFSET,   local->address.high, local->address.low,
                        remote->address.high, remote->address.low, remote->port};
    uint64_t f = siphash_words(p->key, words, 6), g;

    words[0] = RANDOM_PORT;
    g = siphash_words(p->key, words, 6);
    walk->local = *local;
    walk->local.zero = 0;
    walk->counter = (uint32_t)(g % PORTS_COUNTERS);
    walk->from = (uint32_t)(f >> 33) + p->counter[walk->counter];
    walk->tried = 0;
    walk->port = 0;
    walk->zero = 0;
}

uint16_t ports_candidate(const struct ports *p, struct port_walk *walk)
{
    uint32_t range = (uint32_t)(p->last - p->first) + 1;

    while (walk->tried < range) {
        uint16_t port = (uint16_t)(p->first + (walk->from % range + walk->tried++) % range);
        const struct port_group *g = group_find(p, port);

        if (!g || g->bound == 0) {
            walk->port = port;
            return port;
        }
    }
    walk->port = 0;
    return 0;
}

int ports_take(struct ports *p, const struct port_walk *walk, struct port_binding *b)
{
    uint64_t draw = random_draw(p->key, RANDOM_PORT, p->draws++);
    struct endpoint local = walk->local;
    int result;

    ensure(walk->port != 0 && !b->group);
    local.port = walk->port;
    result = group_add(p, b, &local, true);
    if (result == 0)
        p->counter[walk->counter] = (uint16_t)(p->counter[walk->counter] + walk->tried +
                                               (uint32_t)random_below(draw, STEP_MOST));
    return result;
}

struct port_binding *ports_first(const struct ports *p, uint16_t port)
{
    const struct port_group *g = group_find(p, port);

    return g ? binding_of(g->members.first) : NULL;
}

struct port_binding *ports_next(const struct port_binding *b)
{
    return binding_of(b->member.next);
}

uint64_t ports_weight(const struct ports *p, const struct port_binding *b,
                      const struct endpoint *local, const struct endpoint *remote)
{
    const uint64_t words[] = {RANDOM_REUSEPORT,    b->serial,   local->address.high,
                              local->address.low,  local->port, remote->address.high,
                              remote->address.low, remote->port};

    /* the newest of those that do not share by hash */
    return b->reuse_port ? siphash_words(p->key, words, 8) | 1 : b->serial;
}

int ports_check(const struct ports *p)
{
    return p->table.count == pool_count(p->group_pool) && p->first <= p->last ? 0 : __LINE__;
}
