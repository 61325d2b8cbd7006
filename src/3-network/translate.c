/* SPDX-License-Identifier: MIT */
/*
 * Mappings and sessions: theory in translate.h.
 *
 * Six tables, each keyed under the node's key: mappings by who is inside (and the peer, as far as
 * it counts) and by the outer endpoint; sessions by inner endpoint and peer, which is how packets
 * that leave are found, by outer endpoint and peer, for those that come, and by outer endpoint and
 * the peer's address, which answers the filter by address; inner addresses, each with its count.
 *
 * The outer port is the inner one if it is free, so that programs which tell each other their ports
 * see them arrive (RFC 4787 4.2.1, RFC 7857 9), else one at random of the same parity and of the
 * same range, below 1024 or not (RFC 4787 REQ-3a, REQ-4).
 *
 * Room: one inner address has at most so many sessions, so that one that scans the world leaves the
 * others theirs; nothing that lives is thrown out for something new.
 */
#include "3-network/translate.h"

#include <errno.h>
#include <string.h>

#include "3-network/ip.h"
#include "3-network/translate_tcp.h"
#include "base/bucket.h"
#include "base/compiler.h"
#include "base/pool.h"

enum { FIRST_HIGH_PORT = 1024 };

#define SYN_WAITS (6 * SECOND) /* RFC 5382 REQ-4 */

/* Whose key: no two tables hold what another one looks for. */
enum key_of { KEY_INNER = 1, KEY_OUTER, KEY_CONTACT };

static uint64_t hash_of(const struct translate *t, enum key_of of, uint8_t protocol,
                        const struct endpoint *own, const struct endpoint *peer)
{
    const uint64_t words[] = {
        (uint64_t)of << 48 | (uint64_t)protocol << 32 | (uint64_t)own->port << 16 | peer->port,
        own->address.high, own->address.low, peer->address.high, peer->address.low};

    return bucket_of_words(t->key, words, sizeof words / sizeof *words);
}

static bool is_same(const struct endpoint *a, const struct endpoint *b)
{
    return address_equal(a->address, b->address) && a->port == b->port;
}

static void endpoint_copy(struct endpoint *to, const struct endpoint *from)
{
    to->address.high = from->address.high;
    to->address.low = from->address.low;
    to->port = from->port;
    to->interface = 0; /* whose it is says the address here: no link-local is translated */
    to->zero = 0;
}

/* A peer, as far as it counts. */
static struct endpoint peer_of(const struct endpoint *peer, uint32_t dependence)
{
    struct endpoint counts = {0};

    if (dependence != TRANSLATE_INDEPENDENT)
        counts.address = peer->address;
    if (dependence == TRANSLATE_ADDRESS_AND_PORT)
        counts.port = peer->port;
    return counts;
}

void translate_settings_default(struct translate_settings *settings)
{
    *settings = (struct translate_settings){
        .mapping = TRANSLATE_INDEPENDENT,
        .filter = TRANSLATE_ADDRESS,
        .hairpin = 1,
        .sessions_most = TRANSLATE_SESSIONS,
        .host_sessions_most = TRANSLATE_SESSIONS / 4,
        .port_first = FIRST_HIGH_PORT,
        .port_last = UINT16_MAX,
        .idle = {[TRANSLATE_TIME_UDP] = 300 * SECOND,
                 [TRANSLATE_TIME_TRANSITORY] = 240 * SECOND,
                 [TRANSLATE_TIME_ESTABLISHED] = 7440 * SECOND,
                 [TRANSLATE_TIME_ICMP] = 60 * SECOND,
                 [TRANSLATE_TIME_CLOSING] = 240 * SECOND},
    };
}

uint64_t translate_arena_bytes(void)
{
    return 6 * pool_bytes(TRANSLATE_SESSIONS * sizeof(struct table_link *), 1);
}

int translate_init(struct translate *t, struct means *means, const struct translate_plan *plan,
                   const struct translate_settings *settings)
{
    struct table *tables[] = {&t->mapping_inner, &t->mapping_outer,   &t->session_inner,
                              &t->session_outer, &t->session_contact, &t->hosts};

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (table_init(tables[i], means->arena, TRANSLATE_SESSIONS) < 0)
            return -ENOMEM;
    t->means = means;
    random_key_draw(&t->key, means->key, RANDOM_TABLE, UINT64_C(1) << 32 | plan->outside);
    t->mapping_pool = plan->mapping_pool;
    t->session_pool = plan->session_pool;
    t->host_pool = plan->host_pool;
    t->outside = plan->outside;
    memcpy(&t->settings, settings, sizeof *settings);
    return 0;
}

struct address translate_outer(const struct translate *t, struct address like)
{
    return t->outer[address_is_mapped(like) ? 0 : 1];
}

/* ---- mappings ---- */

static struct translate_mapping *mapping_by_outer(const struct translate *t, uint8_t protocol,
                                                  const struct endpoint *outer)
{
    const struct endpoint nobody = {0};
    struct table_link *l =
        table_first(&t->mapping_outer, hash_of(t, KEY_OUTER, protocol, outer, &nobody));

    for (; l; l = table_next(l)) {
        struct translate_mapping *m = container_of(l, struct translate_mapping, by_outer);

        if (m->protocol == protocol && is_same(&m->outer, outer))
            return m;
    }
    return NULL;
}

static struct translate_mapping *mapping_by_inner(const struct translate *t, uint8_t protocol,
                                                  const struct endpoint *inner,
                                                  const struct endpoint *peer)
{
    struct table_link *l =
        table_first(&t->mapping_inner, hash_of(t, KEY_INNER, protocol, inner, peer));

    for (; l; l = table_next(l)) {
        struct translate_mapping *m = container_of(l, struct translate_mapping, by_inner);

        if (m->protocol == protocol && is_same(&m->inner, inner) && is_same(&m->peer, peer))
            return m;
    }
    return NULL;
}

static void emit(const struct translate *t, const struct translate_mapping *m, enum change change,
                 nanoseconds now)
{
    struct sockeye_event *event = event_begin(&t->means->voice, EVENT_MAPPING, now);

    if (!event)
        return;
    event->mapping.inner = m->inner;
    event->mapping.outer = m->outer;
    event->mapping.peer = m->peer;
    event->mapping.protocol = m->protocol;
    event->mapping.change = (uint8_t)change;
    event->mapping.origin = m->origin == TRANSLATE_BY_FORWARD ? ORIGIN_CONFIGURED : ORIGIN_NONE;
}

static struct translate_mapping *mapping_open(struct translate *t, uint8_t protocol,
                                              const struct endpoint *inner,
                                              const struct endpoint *peer,
                                              const struct endpoint *outer,
                                              enum translate_origin origin, nanoseconds now)
{
    const struct endpoint nobody = {0};
    struct translate_mapping *m;

    m = t->mapping_count < TRANSLATE_MAPPINGS ? pool_get(t->mapping_pool) : NULL;
    if (!m)
        return NULL;
    endpoint_copy(&m->inner, inner);
    endpoint_copy(&m->outer, outer);
    endpoint_copy(&m->peer, peer);
    m->protocol = protocol;
    m->since = now;
    m->origin = (uint8_t)origin;
    table_add(&t->mapping_inner, &m->by_inner, hash_of(t, KEY_INNER, protocol, inner, peer));
    table_add(&t->mapping_outer, &m->by_outer, hash_of(t, KEY_OUTER, protocol, outer, &nobody));
    list_add(&t->mappings, &m->order);
    t->mapping_count++;
    emit(t, m, CHANGE_BEGAN, now);
    return m;
}

static void mapping_close(struct translate *t, struct translate_mapping *m, nanoseconds now)
{
    emit(t, m, CHANGE_ENDED, now);
    table_remove(&t->mapping_inner, &m->by_inner);
    table_remove(&t->mapping_outer, &m->by_outer);
    list_remove(&m->order);
    t->mapping_count--;
    pool_put(t->mapping_pool, m);
}

/* A free outer port for an inner one. @return false: none of those that were looked at */
static bool port_choose(struct translate *t, uint8_t protocol, struct endpoint *outer,
                        uint16_t inner_port)
{
    bool is_query = protocol != IP_PROTOCOL_TCP && protocol != IP_PROTOCOL_UDP;
    bool is_low = !is_query && inner_port < FIRST_HIGH_PORT;
    uint32_t first = is_low ? 1 : is_query ? 0 : t->settings.port_first;
    uint32_t last = is_low ? FIRST_HIGH_PORT - 1U : is_query ? UINT16_MAX : t->settings.port_last;
    uint32_t step = is_query ? 1 : 2, count, at, tries;

    outer->port = inner_port;
    if (inner_port >= first && inner_port <= last && !mapping_by_outer(t, protocol, outer))
        return true;
    if (step == 2)
        first += (first ^ inner_port) & 1; /* the same parity */
    if (first > last)
        return false;
    count = (last - first) / step + 1;
    at = (uint32_t)random_below(random_draw(t->key, RANDOM_NAT_PORT, t->draws++), count);
    tries = count < TRANSLATE_PORT_TRIES ? count : TRANSLATE_PORT_TRIES;
    for (; tries > 0; tries--) {
        outer->port = (uint16_t)(first + at * step);
        if (!mapping_by_outer(t, protocol, outer))
            return true;
        at = at + 1 < count ? at + 1 : 0;
    }
    return false;
}

/* The mapping for what leaves: the one there is, or a new one. NULL: no room. */
static struct translate_mapping *mapping_for(struct translate *t, const struct translate_flow *flow,
                                             nanoseconds now)
{
    struct endpoint peer = peer_of(&flow->dest, t->settings.mapping), nobody = {0}, outer = {0};
    struct translate_mapping *m = mapping_by_inner(t, flow->protocol, &flow->source, &peer);

    if (!m && t->settings.mapping != TRANSLATE_INDEPENDENT)
        m = mapping_by_inner(t, flow->protocol, &flow->source, &nobody); /* a forward's */
    if (m)
        return m;
    outer.address = translate_outer(t, flow->source.address);
    if (address_is_unspecified(outer.address) ||
        !port_choose(t, flow->protocol, &outer, flow->source.port))
        return NULL;
    return mapping_open(t, flow->protocol, &flow->source, &peer, &outer, TRANSLATE_BY_PACKET, now);
}

int translate_forward_add(struct translate *t, uint8_t protocol, uint16_t outer_port,
                          const struct endpoint *inner, nanoseconds now)
{
    struct endpoint outer = {.address = translate_outer(t, inner->address), .port = outer_port};
    const struct endpoint nobody = {0};
    struct translate_mapping *m;

    if (outer_port == 0 || inner->port == 0)
        return -EINVAL;
    if (address_is_unspecified(outer.address))
        return -EADDRNOTAVAIL;
    if (mapping_by_outer(t, protocol, &outer))
        return -EEXIST;
    m = mapping_open(t, protocol, inner, &nobody, &outer, TRANSLATE_BY_FORWARD, now);
    if (!m)
        return -ENOSPC;
    return 0;
}

/* ---- sessions ---- */

static struct translate_session *session_by_inner(const struct translate *t,
                                                  const struct translate_flow *flow)
{
    struct table_link *l = table_first(
        &t->session_inner, hash_of(t, KEY_INNER, flow->protocol, &flow->source, &flow->dest));

    for (; l; l = table_next(l)) {
        struct translate_session *s = container_of(l, struct translate_session, by_inner);

        if (s->mapping->protocol == flow->protocol && is_same(&s->mapping->inner, &flow->source) &&
            is_same(&s->peer, &flow->dest))
            return s;
    }
    return NULL;
}

static struct translate_session *session_by_outer(const struct translate *t, uint8_t protocol,
                                                  const struct endpoint *outer,
                                                  const struct endpoint *peer)
{
    struct table_link *l =
        table_first(&t->session_outer, hash_of(t, KEY_OUTER, protocol, outer, peer));

    for (; l; l = table_next(l)) {
        struct translate_session *s = container_of(l, struct translate_session, by_outer);

        if (s->mapping->protocol == protocol && is_same(&s->mapping->outer, outer) &&
            is_same(&s->peer, peer))
            return s;
    }
    return NULL;
}

static bool was_sent_to(const struct translate *t, const struct translate_mapping *m,
                        struct address peer)
{
    const struct endpoint contact = {.address = peer};
    struct table_link *l =
        table_first(&t->session_contact, hash_of(t, KEY_CONTACT, m->protocol, &m->outer, &contact));

    for (; l; l = table_next(l)) {
        struct translate_session *s = container_of(l, struct translate_session, by_contact);

        if (s->mapping == m && address_equal(s->peer.address, peer))
            return true;
    }
    return false;
}

static struct translate_host *host_of(struct translate *t, struct address inner)
{
    uint64_t hash = bucket_of_address(t->key, inner);
    struct table_link *l = table_first(&t->hosts, hash);
    struct translate_host *host;

    for (; l; l = table_next(l)) {
        host = container_of(l, struct translate_host, by_address);
        if (address_equal(host->address, inner))
            return host;
    }
    host = pool_get(t->host_pool);
    if (!host)
        return NULL;
    host->address.high = inner.high;
    host->address.low = inner.low;
    table_add(&t->hosts, &host->by_address, hash);
    return host;
}

static void host_release(struct translate *t, struct translate_host *host)
{
    if (host->sessions > 0)
        return;
    table_remove(&t->hosts, &host->by_address);
    pool_put(t->host_pool, host);
}

/* In the list of its time, as the latest. */
static void session_refresh(struct translate *t, struct translate_session *s, nanoseconds now)
{
    s->last = now;
    if (t->sessions[s->time].last == &s->order)
        return;
    list_remove(&s->order);
    list_add(&t->sessions[s->time], &s->order);
}

static enum translate_time time_of(uint8_t protocol, enum translate_tcp_state tcp)
{
    if (protocol == IP_PROTOCOL_UDP)
        return TRANSLATE_TIME_UDP;
    if (protocol != IP_PROTOCOL_TCP)
        return TRANSLATE_TIME_ICMP;
    if (translate_tcp_is_established(tcp))
        return TRANSLATE_TIME_ESTABLISHED;
    return translate_tcp_is_opening(tcp) ? TRANSLATE_TIME_TRANSITORY : TRANSLATE_TIME_CLOSING;
}

static struct translate_session *session_open(struct translate *t, struct translate_mapping *m,
                                              const struct endpoint *peer, bool outbound,
                                              uint8_t tcp_flags, nanoseconds now)
{
    const struct endpoint contact = {.address = peer->address};
    struct translate_host *host = host_of(t, m->inner.address);
    struct translate_session *s = NULL;

    if (host && t->session_count < t->settings.sessions_most &&
        host->sessions < t->settings.host_sessions_most)
        s = pool_get(t->session_pool);
    if (!s) {
        if (host)
            host_release(t, host);
        return NULL;
    }
    s->mapping = m;
    s->host = host;
    endpoint_copy(&s->peer, peer);
    s->since = now;
    if (m->protocol == IP_PROTOCOL_TCP)
        s->tcp = (uint8_t)translate_tcp_first(outbound, tcp_flags);
    s->time = (uint8_t)time_of(m->protocol, s->tcp);
    table_add(&t->session_inner, &s->by_inner, hash_of(t, KEY_INNER, m->protocol, &m->inner, peer));
    table_add(&t->session_outer, &s->by_outer, hash_of(t, KEY_OUTER, m->protocol, &m->outer, peer));
    table_add(&t->session_contact, &s->by_contact,
              hash_of(t, KEY_CONTACT, m->protocol, &m->outer, &contact));
    session_refresh(t, s, now);
    m->sessions++;
    host->sessions++;
    t->session_count++;
    return s;
}

static void session_close(struct translate *t, struct translate_session *s, nanoseconds now)
{
    struct translate_mapping *m = s->mapping;

    table_remove(&t->session_inner, &s->by_inner);
    table_remove(&t->session_outer, &s->by_outer);
    table_remove(&t->session_contact, &s->by_contact);
    list_remove(&s->order);
    s->host->sessions--;
    host_release(t, s->host);
    pool_put(t->session_pool, s);
    t->session_count--;
    m->sessions--;
    if (m->sessions == 0 && m->origin == TRANSLATE_BY_PACKET)
        mapping_close(t, m, now);
}

/* A packet of a session passed. What is refused or reset from inside keeps nothing alive (RFC 7857
 * 7, 7.1), and a change of its timeout begins it anew. */
static void session_passed(struct translate *t, struct translate_session *s, bool outbound,
                           uint8_t tcp_flags, nanoseconds now)
{
    uint8_t protocol = s->mapping->protocol;
    enum translate_time before = s->time;
    bool keeps = outbound || protocol != IP_PROTOCOL_UDP || t->settings.inbound_refresh;

    if (protocol == IP_PROTOCOL_TCP) {
        s->tcp = (uint8_t)translate_tcp_next(s->tcp, outbound, tcp_flags);
        s->time = (uint8_t)time_of(protocol, s->tcp);
        keeps = !(tcp_flags & TRANSLATE_TCP_RST);
    }
    if (keeps || s->time != before)
        session_refresh(t, s, now);
}

/* ---- what a router asks ---- */

enum translate_verdict translate_outbound(struct translate *t, struct translate_flow *flow,
                                          nanoseconds now)
{
    struct translate_session *s = session_by_inner(t, flow);
    struct translate_mapping *m;

    if (s) {
        session_passed(t, s, true, flow->tcp_flags, now);
    } else {
        m = mapping_for(t, flow, now);
        if (!m)
            return TRANSLATE_FULL;
        s = session_open(t, m, &flow->dest, true, flow->tcp_flags, now);
        if (!s) {
            if (m->sessions == 0 && m->origin == TRANSLATE_BY_PACKET)
                mapping_close(t, m, now);
            return TRANSLATE_FULL;
        }
    }
    flow->source = s->mapping->outer;
    return TRANSLATE_DONE;
}

/* RFC 4787 5: may this peer come in by a mapping, though it has no session? */
static bool may_come(const struct translate *t, const struct translate_mapping *m,
                     const struct endpoint *peer)
{
    if (m->origin == TRANSLATE_BY_FORWARD)
        return true;
    /* a mapping for some peers is none for others */
    if ((m->peer.port != 0 && m->peer.port != peer->port) ||
        (t->settings.mapping != TRANSLATE_INDEPENDENT &&
         !address_equal(m->peer.address, peer->address)))
        return false;
    switch ((enum translate_dependence)t->settings.filter) {
    case TRANSLATE_INDEPENDENT:
        return true;
    case TRANSLATE_ADDRESS:
        return was_sent_to(t, m, peer->address);
    case TRANSLATE_ADDRESS_AND_PORT:
    case TRANSLATE_DEPENDENCES:
        break;
    }
    return false; /* who may has a session */
}

enum translate_verdict translate_inbound(struct translate *t, struct translate_flow *flow,
                                         nanoseconds now)
{
    struct translate_session *s = session_by_outer(t, flow->protocol, &flow->dest, &flow->source);
    struct translate_mapping *m;

    if (s) {
        session_passed(t, s, false, flow->tcp_flags, now);
    } else {
        m = mapping_by_outer(t, flow->protocol, &flow->dest);
        if (!m)
            return TRANSLATE_NONE;
        if (!may_come(t, m, &flow->source))
            return flow->protocol == IP_PROTOCOL_TCP &&
                           (flow->tcp_flags & (TRANSLATE_TCP_SYN | TRANSLATE_TCP_ACK)) ==
                               TRANSLATE_TCP_SYN
                       ? TRANSLATE_HOLD
                       : TRANSLATE_FILTERED;
        s = session_open(t, m, &flow->source, false, flow->tcp_flags, now);
        if (!s)
            return TRANSLATE_FULL;
    }
    flow->dest = s->mapping->inner;
    return TRANSLATE_DONE;
}

bool translate_quoted_outbound(const struct translate *t, struct translate_flow *flow)
{
    struct translate_session *s = session_by_outer(t, flow->protocol, &flow->source, &flow->dest);

    if (!s)
        return false;
    flow->source = s->mapping->inner;
    return true;
}

bool translate_quoted_inbound(const struct translate *t, struct translate_flow *flow)
{
    struct translate_flow turned = {
        .source = flow->dest, .dest = flow->source, .protocol = flow->protocol};
    struct translate_session *s = session_by_inner(t, &turned);

    if (!s)
        return false;
    flow->dest = s->mapping->outer;
    return true;
}

/* ---- what waits and what ends ---- */

bool translate_hold(struct translate *t, struct packet *p, nanoseconds now)
{
    if (t->held.packets == TRANSLATE_HELD) {
        event_drop(&t->means->voice, now, DROP_NAT_FILTERED, p);
        packet_put(p);
        return false;
    }
    p->time = now;
    packet_queue_add(&t->held, p);
    return true;
}

struct packet *translate_overdue(struct translate *t, nanoseconds now)
{
    if (!t->held.first || t->held.first->time + SYN_WAITS > now)
        return NULL;
    return packet_queue_take(&t->held);
}

bool translate_is_mapped(const struct translate *t, uint8_t protocol, const struct endpoint *outer)
{
    const struct translate_mapping *m = mapping_by_outer(t, protocol, outer);

    return m && !is_same(&m->inner, outer);
}

bool translate_is_known(const struct translate *t, const struct translate_flow *flow)
{
    return session_by_outer(t, flow->protocol, &flow->dest, &flow->source) != NULL;
}

static nanoseconds end_of(const struct translate *t, const struct list_link *first,
                          enum translate_time time)
{
    return container_of(first, struct translate_session, order)->last + t->settings.idle[time];
}

nanoseconds translate_deadline(const struct translate *t)
{
    nanoseconds deadline = t->held.first ? t->held.first->time + SYN_WAITS : NEVER;

    for (unsigned i = 0; i < TRANSLATE_TIMES; i++)
        if (t->sessions[i].first && end_of(t, t->sessions[i].first, i) < deadline)
            deadline = end_of(t, t->sessions[i].first, i);
    return deadline;
}

void translate_expire(struct translate *t, nanoseconds now)
{
    for (unsigned i = 0; i < TRANSLATE_TIMES; i++)
        while (t->sessions[i].first && end_of(t, t->sessions[i].first, i) <= now)
            session_close(t, container_of(t->sessions[i].first, struct translate_session, order),
                          now);
}

void translate_outer_set(struct translate *t, struct address outer, nanoseconds now)
{
    struct address *slot = &t->outer[address_is_mapped(outer) ? 0 : 1];
    struct list_link *at, *next;

    if (address_equal(*slot, outer))
        return;
    for (unsigned i = 0; i < TRANSLATE_TIMES; i++)
        for (at = t->sessions[i].first; at; at = next) {
            struct translate_session *s = container_of(at, struct translate_session, order);

            next = at->next;
            if (address_equal(s->mapping->outer.address, *slot))
                session_close(t, s, now);
        }
    /* forwards follow: they are ports, of whatever address there is */
    for (at = t->mappings.first; at; at = at->next) {
        struct translate_mapping *m = container_of(at, struct translate_mapping, order);
        const struct endpoint nobody = {0};

        if (!address_equal(m->outer.address, *slot))
            continue;
        table_remove(&t->mapping_outer, &m->by_outer);
        m->outer.address.high = outer.high;
        m->outer.address.low = outer.low;
        table_add(&t->mapping_outer, &m->by_outer,
                  hash_of(t, KEY_OUTER, m->protocol, &m->outer, &nobody));
    }
    slot->high = outer.high;
    slot->low = outer.low;
}

void translate_forget(struct translate *t, nanoseconds now)
{
    for (unsigned i = 0; i < TRANSLATE_TIMES; i++)
        while (t->sessions[i].first)
            session_close(t, container_of(t->sessions[i].first, struct translate_session, order),
                          now);
    while (t->held.first)
        packet_put(packet_queue_take(&t->held));
}

int translate_check(const struct translate *t)
{
    uint32_t sessions = 0, mappings = 0, of_mappings = 0;
    nanoseconds last;

    for (unsigned i = 0; i < TRANSLATE_TIMES; i++) {
        last = 0;
        for (struct list_link *at = t->sessions[i].first; at; at = at->next, sessions++) {
            struct translate_session *s = container_of(at, struct translate_session, order);

            if (s->time != i || s->last < last || s->mapping->sessions == 0 ||
                s->host->sessions == 0 || s->time != time_of(s->mapping->protocol, s->tcp))
                return __LINE__;
            last = s->last;
        }
    }
    for (struct list_link *at = t->mappings.first; at; at = at->next, mappings++) {
        struct translate_mapping *m = container_of(at, struct translate_mapping, order);

        if ((m->sessions == 0 && m->origin == TRANSLATE_BY_PACKET) ||
            mapping_by_outer(t, m->protocol, &m->outer) != m)
            return __LINE__;
        of_mappings += m->sessions;
    }
    if (sessions != t->session_count || of_mappings != sessions || mappings != t->mapping_count ||
        t->session_inner.count != sessions || t->session_outer.count != sessions ||
        t->session_contact.count != sessions || t->held.packets > TRANSLATE_HELD)
        return __LINE__;
    return 0;
}
