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
    p->share_pool = stream ? pool_open(arena, sizeof(struct port_share), limit, false) : NULL;
    if (!p->group_pool || (stream && !p->share_pool))
        return -ENOMEM;
    return table_init(&p->table, arena, limit);
}

/* Ports are small numbers that differ: no hash spreads them better than they are. And nobody
 * outside chooses which of ours are taken. */
static uint64_t hash_of(uint16_t port)
{
    return port;
}

static struct port_group *group_find(const struct ports *p, uint16_t port)
{
    struct table_link *l = table_first(&p->table, hash_of(port));

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
        table_add(&p->table, &g->link, hash_of(g->port));
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
static bool overlap(const struct port_binding *b, const struct endpoint *local,
                    const struct port_binding *other)
{
    unsigned of_b = ports_families_at(local->address, b->families);
    unsigned of_other = ports_families_at(other->local.address, other->families);

    return (local->interface == 0 || other->local.interface == 0 ||
            local->interface == other->local.interface) &&
           (of_b == ADDRESS_FAMILIES_BOTH || of_other == ADDRESS_FAMILIES_BOTH ||
            of_b == of_other) &&
           (address_is_unspecified(local->address) ||
            address_is_unspecified(other->local.address) ||
            address_equal(local->address, other->local.address));
}

static bool overlaps_share(const struct port_binding *b, const struct endpoint *local,
                           const struct port_share *s)
{
    return (local->interface == 0 || s->interface == 0 || local->interface == s->interface) &&
           (address_equal(local->address, s->address) ||
            (address_is_unspecified(local->address) &&
             address_is_of(s->address, ports_families_at(local->address, b->families))));
}

static unsigned flags_of(bool reuse_address, bool reuse_port)
{
    return reuse_address + 2u * reuse_port;
}

static bool conflict(const struct ports *p, const struct port_binding *b,
                     const struct endpoint *local, const struct port_binding *other)
{
    if (other == b || !overlap(b, local, other))
        return false;
    if (b->reuse_address && other->reuse_address && !(p->stream && other->listening))
        return false;
    return !(b->reuse_port && other->reuse_port);
}

/* With accepted connections, none of which listens: those that share no flag with it. */
static bool conflict_share(const struct port_binding *b, const struct endpoint *local,
                           const struct port_share *s)
{
    if (!overlaps_share(b, local, s))
        return false;
    for (unsigned flags = 0; flags < PORT_FLAGS; flags++)
        if (s->count[flags] != 0 && !(flags & flags_of(b->reuse_address, b->reuse_port)))
            return true;
    return false;
}

static struct port_share *share_of(struct list_link *l)
{
    return l ? container_of(l, struct port_share, member) : NULL;
}

/* With anybody else who holds the port. */
static bool conflicts(const struct ports *p, const struct port_binding *b,
                      const struct endpoint *local)
{
    const struct port_group *g = group_find(p, local->port);

    if (!g)
        return false;
    for (struct list_link *l = g->members.first; l; l = l->next)
        if (conflict(p, b, local, binding_of(l)))
            return true;
    for (struct list_link *l = g->shares.first; l; l = l->next)
        if (conflict_share(b, local, share_of(l)))
            return true;
    return false;
}

static bool is_free(const struct ports *p, const struct port_binding *b,
                    const struct endpoint *local)
{
    const struct port_group *g = group_find(p, local->port);

    if (!g)
        return true;
    for (struct list_link *l = g->members.first; l; l = l->next)
        if (overlap(b, local, binding_of(l)))
            return false;
    for (struct list_link *l = g->shares.first; l; l = l->next)
        if (overlaps_share(b, local, share_of(l)))
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
        if (is_free(p, b, &at))
            return group_add(p, b, &at, false);
    }
    return -EADDRINUSE;
}

int ports_bind(struct ports *p, struct port_binding *b, const struct endpoint *local)
{
    if (ports_is_bound(b))
        return -EINVAL;
    if (local->port == 0)
        return bind_any(p, b, local);
    return conflicts(p, b, local) ? -EADDRINUSE : group_add(p, b, local, false);
}

int ports_listen(struct ports *p, struct port_binding *b)
{
    if (conflicts(p, b, &b->local))
        return -EADDRINUSE;
    b->listening = 1;
    return 0;
}

void ports_unlisten(struct port_binding *b)
{
    b->listening = 0;
}

static struct port_share *share_for(struct ports *p, struct port_group *g,
                                    const struct endpoint *local)
{
    struct port_share *s = share_of(g->shares.first);

    while (s && (!address_equal(s->address, local->address) || s->interface != local->interface))
        s = share_of(s->member.next);
    if (s)
        return s;
    s = pool_get(p->share_pool);
    if (!s)
        return NULL;
    s->address = local->address;
    s->interface = local->interface;
    list_add(&g->shares, &s->member);
    return s;
}

int ports_inherit(struct ports *p, struct port_binding *b, const struct port_binding *listener,
                  const struct endpoint *local)
{
    struct port_group *g = listener->group;
    struct endpoint at = *local;
    struct port_share *s;

    ensure(g && g->port == local->port && !b->group);
    at.interface = listener->local.interface;
    s = share_for(p, g, &at);
    if (!s)
        return -ENOBUFS;
    b->local = at;
    b->local.zero = 0;
    b->group = g;
    b->share = s;
    b->serial = ++p->serial;
    b->reuse_address = listener->reuse_address;
    b->reuse_port = listener->reuse_port;
    b->families = listener->families;
    s->count[flags_of(b->reuse_address, b->reuse_port)]++;
    g->count++;
    g->bound++;
    return 0;
}

void ports_reuse_set(struct port_binding *b, bool reuse_address, bool reuse_port)
{
    if (b->share) {
        b->share->count[flags_of(b->reuse_address, b->reuse_port)]--;
        b->share->count[flags_of(reuse_address, reuse_port)]++;
    }
    b->reuse_address = reuse_address;
    b->reuse_port = reuse_port;
}

void ports_address_set(struct port_binding *b, struct address address)
{
    b->local.address = address;
}

static void share_release(struct ports *p, struct port_binding *b)
{
    struct port_share *s = b->share;

    s->count[flags_of(b->reuse_address, b->reuse_port)]--;
    b->share = NULL;
    for (unsigned flags = 0; flags < PORT_FLAGS; flags++)
        if (s->count[flags] != 0)
            return;
    list_remove(&s->member);
    pool_put(p->share_pool, s);
}

void ports_release(struct ports *p, struct port_binding *b)
{
    struct port_group *g = b->group;

    if (!g)
        return;
    list_remove(&b->member);
    if (b->share)
        share_release(p, b);
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
