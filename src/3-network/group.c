/* SPDX-License-Identifier: MIT */
/*
 * Members, their merge, and what of it is to be reported: theory in group.h.
 *
 * A group that nobody wants any more stays, as INCLUDE of nothing, until that has been told as
 * often as it must be; who joins meanwhile finds it.
 */
#include "3-network/group.h"

#include <errno.h>
#include <string.h>

#include "base/bucket.h"
#include "base/compiler.h"
#include "base/pool.h"
#include "base/random.h"

/* RFC 3376 8.11: between reports of one change at most. */
#define REPORT_INTERVAL SECOND

void group_init(struct group_set *gs, const struct group_plan *plan)
{
    gs->group_pool = plan->group_pool;
    gs->member_pool = plan->member_pool;
    siphash_key_copy(&gs->key, plan->key);
    gs->answer_at = gs->next = NEVER;
}

/* ---- sets of sources ---- */

static bool is_before(struct address a, struct address b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static uint32_t place_of(const struct group_sources *s, struct address a)
{
    uint32_t low = 0, high = s->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (is_before(s->address[middle], a))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool group_source_has(const struct group_sources *s, struct address a)
{
    uint32_t at = place_of(s, a);

    return at < s->count && address_equal(s->address[at], a);
}

int group_source_add(struct group_sources *s, struct address a, uint32_t most)
{
    uint32_t at = place_of(s, a);

    if (at < s->count && address_equal(s->address[at], a))
        return -EADDRNOTAVAIL;
    if (s->count >= most || s->count == GROUP_SOURCES)
        return -ENOBUFS;
    memmove(&s->address[at + 1], &s->address[at], (s->count - at) * sizeof s->address[0]);
    s->address[at].high = a.high;
    s->address[at].low = a.low;
    s->count++;
    return 0;
}

int group_source_remove(struct group_sources *s, struct address a)
{
    uint32_t at = place_of(s, a);

    if (at == s->count || !address_equal(s->address[at], a))
        return -EADDRNOTAVAIL;
    s->count--;
    memmove(&s->address[at], &s->address[at + 1], (s->count - at) * sizeof s->address[0]);
    memset(&s->address[s->count], 0, sizeof s->address[0]);
    return 0;
}

static void sources_copy(struct group_sources *to, const struct group_sources *from)
{
    memcpy(to, from, sizeof *to);
}

static void sources_clear(struct group_sources *s)
{
    memset(s, 0, sizeof *s);
}

static bool sources_are_same(const struct group_sources *a, const struct group_sources *b)
{
    return a->count == b->count &&
           memcmp(a->address, b->address, a->count * sizeof a->address[0]) == 0;
}

/* What is in a and not in b is added to `to`; what does not fit is left out. @return all fits */
static bool difference_add(struct group_sources *to, const struct group_sources *a,
                           const struct group_sources *b)
{
    bool fits = true;

    for (uint32_t i = 0; i < a->count; i++)
        if ((!b || !group_source_has(b, a->address[i])) &&
            group_source_add(to, a->address[i], GROUP_SOURCES) == -ENOBUFS)
            fits = false;
    return fits;
}

/* The same, and it is taken out of `from`. */
static void difference_move(struct group_sources *to, struct group_sources *from,
                            const struct group_sources *a, const struct group_sources *b)
{
    (void)difference_add(to, a, b);
    for (uint32_t i = 0; i < a->count; i++)
        if (!group_source_has(b, a->address[i]))
            (void)group_source_remove(from, a->address[i]);
}

static void difference_remove(struct group_sources *from, const struct group_sources *these)
{
    for (uint32_t i = 0; i < these->count; i++)
        (void)group_source_remove(from, these->address[i]);
}

/* ---- groups ---- */

static uint32_t bucket_of(const struct group_set *gs, struct address a)
{
    return (uint32_t)(bucket_of_address(gs->key, a) % GROUP_BUCKETS);
}

static struct group *group_find(const struct group_set *gs, struct address a)
{
    struct group *g = gs->bucket[bucket_of(gs, a)];

    while (g && !address_equal(g->address, a))
        g = g->next;
    return g;
}

static struct group *group_open(struct group_set *gs, struct address a, bool is_silent,
                                nanoseconds now)
{
    struct group *g = gs->count < GROUP_MOST ? pool_get(gs->group_pool) : NULL, **at;

    if (!g)
        return NULL;
    g->of = gs;
    g->address.high = a.high;
    g->address.low = a.low;
    g->since = now;
    g->is_silent = is_silent;
    g->change.at = g->answer_at = NEVER;
    at = &gs->bucket[bucket_of(gs, a)];
    g->next = *at;
    *at = g;
    list_add(&gs->order, &g->order);
    gs->count++;
    return g;
}

static bool group_is_idle(const struct group *g)
{
    return !g->members.first && g->change.at == NEVER;
}

static void group_close(struct group *g)
{
    struct group_set *gs = g->of;
    struct group **at = &gs->bucket[bucket_of(gs, g->address)];

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    list_remove(&g->order);
    gs->count--;
    pool_put(gs->group_pool, g);
}

/* The earliest of all times: looked for when one has gone or come nearer, which is rare. */
static void next_find(struct group_set *gs)
{
    gs->next = gs->answer_at;
    for (struct list_link *at = gs->order.first; at; at = at->next) {
        const struct group *g = container_of(at, struct group, order);

        gs->next = time_earlier(gs->next, time_earlier(g->change.at, g->answer_at));
    }
}

static nanoseconds soon(struct group_set *gs, nanoseconds within, nanoseconds now)
{
    uint64_t draw = random_draw(gs->key, RANDOM_GROUP, gs->draws++);

    return now + 1 + (nanoseconds)random_below(draw, (uint64_t)(within > 1 ? within : 1));
}

/* RFC 3376 3.2: what all members together want. @return false: of more sources than there is room
 * for */
static bool merge(const struct group *g, uint32_t *filter, struct group_sources *sources)
{
    bool first = true, fits = true;

    sources_clear(sources);
    *filter = GROUP_INCLUDE;
    for (struct list_link *at = g->members.first; at; at = at->next) {
        const struct group_member *m = container_of(at, struct group_member, of_group);

        if (m->filter == GROUP_EXCLUDE)
            *filter = GROUP_EXCLUDE;
    }
    for (struct list_link *at = g->members.first; at; at = at->next) {
        const struct group_member *m = container_of(at, struct group_member, of_group);

        if (*filter == GROUP_INCLUDE) {
            fits = difference_add(sources, &m->sources, NULL) && fits;
        } else if (m->filter == GROUP_EXCLUDE) {
            if (first)
                sources_copy(sources, &m->sources);
            for (uint32_t i = sources->count; i-- > 0;)
                if (!group_source_has(&m->sources, sources->address[i]))
                    (void)group_source_remove(sources, sources->address[i]);
            first = false;
        }
    }
    for (struct list_link *at = g->members.first; at && *filter == GROUP_EXCLUDE; at = at->next) {
        const struct group_member *m = container_of(at, struct group_member, of_group);

        if (m->filter == GROUP_INCLUDE)
            difference_remove(sources, &m->sources);
    }
    return fits;
}

static bool has_room(const struct group *g)
{
    struct group_sources sources;
    uint32_t filter;

    return merge(g, &filter, &sources);
}

/* RFC 3376 5.1: which records tell the way from what was to what is. */
static void note_change(struct group *g, uint32_t filter, const struct group_sources *sources,
                        nanoseconds now)
{
    struct group_change *c = &g->change;
    bool includes = filter == GROUP_INCLUDE;

    if (g->is_silent)
        return;
    if (c->at == NEVER) { /* all of the change before is told */
        sources_clear(&c->allow);
        sources_clear(&c->block);
    }
    if (filter != g->filter) {
        c->filter_left = GROUP_ROBUSTNESS;
        c->sources_left = 0;
        sources_clear(&c->allow);
        sources_clear(&c->block);
    } else {
        struct group_sources *added = includes ? &c->allow : &c->block;
        struct group_sources *gone = includes ? &c->block : &c->allow;

        difference_move(added, gone, sources, &g->sources);
        difference_move(gone, added, &g->sources, sources);
        c->sources_left = GROUP_ROBUSTNESS;
    }
    c->at = now; /* the first at once */
}

/* A member of it is another, came or went. */
static void group_settle(struct group *g, nanoseconds now)
{
    struct group_sources sources;
    uint32_t filter;

    (void)merge(g, &filter, &sources);
    if (filter != g->filter || !sources_are_same(&sources, &g->sources)) {
        note_change(g, filter, &sources, now);
        g->filter = filter;
        sources_copy(&g->sources, &sources);
    }
    if (group_is_idle(g)) {
        struct group_set *gs = g->of;

        group_close(g);
        next_find(gs);
    } else {
        next_find(g->of);
    }
}

/* ---- members ---- */

struct group_member *group_member_of(const struct group_set *gs, const struct link_list *of_socket,
                                     struct address group)
{
    for (struct list_link *at = of_socket->first; at; at = at->next) {
        struct group_member *m = container_of(at, struct group_member, of_socket);

        if (m->group->of == gs && address_equal(m->group->address, group))
            return m;
    }
    return NULL;
}

static void member_close(struct group_member *m)
{
    list_remove(&m->of_socket);
    list_remove(&m->of_group);
    pool_put(m->group->of->member_pool, m);
}

/* RFC 3376 3.2, RFC 3810 4.2: who asks for more sources than the interface can tell of is told. */
int group_join(struct group_set *gs, struct link_list *of_socket, struct address group,
               enum group_filter filter, const struct group_sources *sources, bool is_silent,
               nanoseconds now)
{
    struct group_member *m;
    struct group *g;

    if (group_member_of(gs, of_socket, group))
        return -EADDRINUSE;
    g = group_find(gs, group);
    if (!g)
        g = group_open(gs, group, is_silent, now);
    if (!g)
        return -ENOBUFS;
    m = pool_get(gs->member_pool);
    if (!m) {
        if (group_is_idle(g))
            group_close(g);
        return -ENOBUFS;
    }
    m->group = g;
    m->filter = filter;
    if (sources)
        sources_copy(&m->sources, sources);
    list_add(of_socket, &m->of_socket);
    list_add(&g->members, &m->of_group);
    if (!has_room(g)) {
        member_close(m);
        if (group_is_idle(g))
            group_close(g);
        return -ENOBUFS;
    }
    group_settle(g, now);
    return 0;
}

int group_change(struct group_member *m, enum group_filter filter,
                 const struct group_sources *sources, nanoseconds now)
{
    uint32_t filter_before = m->filter;
    struct group_sources before;

    if (filter == GROUP_INCLUDE && sources->count == 0) {
        group_leave(m, now);
        return 0;
    }
    sources_copy(&before, &m->sources);
    m->filter = filter;
    sources_copy(&m->sources, sources);
    if (!has_room(m->group)) {
        m->filter = filter_before;
        sources_copy(&m->sources, &before);
        return -ENOBUFS;
    }
    group_settle(m->group, now);
    return 0;
}

void group_leave(struct group_member *m, nanoseconds now)
{
    struct group *g = m->group;

    member_close(m);
    group_settle(g, now);
}

bool group_is_heard(const struct group_set *gs, struct address group)
{
    const struct group *g = gs->count > 0 ? group_find(gs, group) : NULL;

    return g && g->members.first;
}

bool group_member_wants(const struct group_member *m, struct address source)
{
    return group_source_has(&m->sources, source) == (m->filter == GROUP_INCLUDE);
}

/* ---- reports ---- */

/* RFC 3376 5.2: rules 1 to 5. */
void group_asked(struct group_set *gs, struct address group, const struct group_sources *sources,
                 nanoseconds within, nanoseconds now)
{
    nanoseconds at = soon(gs, within, now);
    struct group *g;

    if (gs->answer_at <= at)
        return;
    if (address_is_unspecified(group)) {
        gs->answer_at = at;
        gs->next = time_earlier(gs->next, at);
        return;
    }
    g = group_find(gs, group);
    if (!g || g->is_silent || !g->members.first)
        return;
    if (g->answer_at == NEVER) /* what was asked before is answered */
        sources_clear(&g->asked);
    if (!sources || sources->count == 0) {
        g->asks_sources = 0;
        sources_clear(&g->asked);
    } else if (g->answer_at == NEVER || g->asks_sources) {
        g->asks_sources = 1;
        (void)difference_add(&g->asked, sources, NULL);
    }
    g->answer_at = time_earlier(g->answer_at, at);
    gs->next = time_earlier(gs->next, g->answer_at);
}

/* RFC 3376 5.2: what of the named sources is wanted. @return false: none */
static bool answer_sources(struct group *g)
{
    for (uint32_t i = g->asked.count; i-- > 0;) {
        struct address a = g->asked.address[i];

        if (group_source_has(&g->sources, a) != (g->filter == GROUP_INCLUDE))
            (void)group_source_remove(&g->asked, a);
    }
    return g->asked.count > 0;
}

static const struct group_sources *some(const struct group_sources *s)
{
    return s->count > 0 ? s : NULL;
}

static struct group_record whole(const struct group *g)
{
    return (struct group_record){.kind = g->filter == GROUP_INCLUDE ? GROUP_IS_INCLUDE
                                                                    : GROUP_IS_EXCLUDE,
                                 .group = g->address,
                                 .sources = some(&g->sources)};
}

/* The records of a change that is due. */
static uint32_t change_report(struct group *g, struct group_record *records, nanoseconds now)
{
    struct group_change *c = &g->change;
    uint32_t count = 0;

    if (c->filter_left > 0) {
        records[count++] = (struct group_record){
            .kind = g->filter == GROUP_INCLUDE ? GROUP_TO_INCLUDE : GROUP_TO_EXCLUDE,
            .group = g->address,
            .sources = some(&g->sources)};
        c->filter_left--;
    } else if (c->sources_left > 0) {
        if (c->allow.count > 0)
            records[count++] = (struct group_record){GROUP_ALLOW, g->address, &c->allow};
        if (c->block.count > 0)
            records[count++] = (struct group_record){GROUP_BLOCK, g->address, &c->block};
        c->sources_left--;
    }
    c->at = c->filter_left + c->sources_left > 0 ? soon(g->of, REPORT_INTERVAL, now) : NEVER;
    return count;
}

/* What a group has to say now. */
static uint32_t group_records(struct group *g, bool all_asked, struct group_record *records,
                              nanoseconds now)
{
    uint32_t count = 0;

    if (g->change.at <= now)
        count = change_report(g, records, now);
    if (all_asked || g->answer_at <= now) {
        if (all_asked || !g->asks_sources) {
            if (g->members.first && !g->is_silent)
                records[count++] = whole(g);
        } else if (answer_sources(g)) {
            records[count++] = (struct group_record){GROUP_IS_INCLUDE, g->address, &g->asked};
        }
        g->answer_at = NEVER;
        g->asks_sources = 0;
    }
    return count;
}

uint32_t group_report(struct group_set *gs, struct group_record *records, uint32_t most,
                      nanoseconds now)
{
    bool all_asked = gs->answer_at <= now, is_whole = true;
    struct list_link *at, *next;
    uint32_t count = 0;

    for (at = gs->order.first; at; at = next) {
        struct group *g = container_of(at, struct group, order);

        next = at->next;
        if (count + 3 > most) { /* the rest by another report */
            is_whole = false;
            break;
        }
        count += group_records(g, all_asked, records + count, now);
    }
    if (all_asked && is_whole)
        gs->answer_at = NEVER;
    next_find(gs);
    return count;
}

/* Those that nobody wants and of which all is told go. */
void group_forget(struct group_set *gs)
{
    struct list_link *next;

    for (struct list_link *at = gs->order.first; at; at = next) {
        struct group *g = container_of(at, struct group, order);

        next = at->next;
        if (group_is_idle(g))
            group_close(g);
    }
    next_find(gs); /* one that went had perhaps yet to answer */
}

int group_check(const struct group_set *gs)
{
    nanoseconds next = gs->answer_at;
    uint32_t count = 0;

    for (struct list_link *at = gs->order.first; at; at = at->next, count++) {
        const struct group *g = container_of(at, struct group, order);
        struct group_sources sources;
        uint32_t filter;

        (void)merge(g, &filter, &sources);
        if (g->of != gs || filter != g->filter || !sources_are_same(&sources, &g->sources) ||
            group_find(gs, g->address) != g || g->change.allow.count > GROUP_SOURCES)
            return __LINE__;
        next = time_earlier(next, time_earlier(g->change.at, g->answer_at));
    }
    return count == gs->count && next == gs->next ? 0 : __LINE__;
}
