/* SPDX-License-Identifier: MIT */
/*
 * The lab's memory and its time.
 *
 * Every pool has its limit from struct sockeye_config, so the sum is known before anything is
 * mapped. The event log lies in the arena (the core's pointers to it must be true in every process)
 * but in no live range: who watches changes neither image nor hash.
 *
 * After an event only the nodes that it can have touched are settled: the timer's own node, or, for
 * a wire, the nodes at both its ends (a departure makes the sender's charge lighter, an arrival is
 * the receiver's).
 */
#include "lab/lab.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

#define MIB (UINT64_C(1) << 20)
#define ARENA_LIMIT (UINT64_C(64) << 30)

uint64_t lab_layout(void)
{
    const uint64_t words[] = {
        1, /* grows when state means something else in the same layout */
        node_layout(),
        sizeof(void *),
        sizeof(struct lab),
        sizeof(struct wire),
        sizeof(struct wire_flows),
        offsetof(struct lab, timers),
        offsetof(struct lab, node),
    };
    static const struct siphash_key key = {0x6c61796f7574, 0x6c6162};
    uint64_t version = siphash(key, SOCKEYE_VERSION, sizeof SOCKEYE_VERSION);
    struct siphash_key of_version = {key.k0, version};

    return siphash_words(of_version, words, sizeof words / sizeof *words);
}

static uint32_t power_of_two(uint32_t n)
{
    uint32_t power = 1;

    while (power < n)
        power *= 2;
    return power;
}

/* Halves what was not asked for until the whole lab fits. */
static void defaults_fit(const struct sockeye_config *asked, struct lab_config *out)
{
    for (uint32_t n = 2; n <= LAB_SHRINK_MOST && lab_arena_bytes(out) > ARENA_LIMIT; n *= 2) {
        if (asked->sockets == 0)
            out->sockets = LAB_SOCKETS / n;
        if (asked->packets == 0)
            out->packets = LAB_PACKETS / n;
        out->big_packets = LAB_BIG_PACKETS / n;
    }
}

int lab_config_read(const struct sockeye_config *config, struct lab_config *out)
{
    static const struct sockeye_config none;
    const struct sockeye_config *c = config ? config : &none;
    uint64_t share;

    memset(out, 0, sizeof *out);
    if (c->hosts > SOCKEYE_HOSTS || c->wires > SOCKEYE_WIRES || c->sockets > LAB_SOCKETS_MOST ||
        c->packets > LAB_PACKETS_MOST)
        return -EINVAL;
    out->seed = c->seed;
    out->wall_base = c->wall_base;
    out->hosts = c->hosts ? c->hosts : LAB_HOSTS;
    out->wires = c->wires ? c->wires : LAB_WIRES;
    out->sockets_asked = c->sockets;
    out->sockets =
        power_of_two((uint32_t)most(c->sockets ? c->sockets : LAB_SOCKETS, LAB_SOCKETS_LEAST));
    out->packets_asked = c->packets;
    out->packets = c->packets ? c->packets : LAB_PACKETS;
    out->big_packets = LAB_BIG_PACKETS;
    /* seven classes of blocks, each as large as all hosts may ask for */
    share = ARENA_LIMIT / 2 / (BUFFER_CLASSES * (uint64_t)out->hosts) / MIB * MIB;
    out->buffer_bytes = c->buffer_bytes ? c->buffer_bytes : least(256 * MIB, share);
    defaults_fit(c, out);
    return out->buffer_bytes > ARENA_LIMIT ? -EINVAL : 0;
}

void lab_config_of(const struct lab *lab, struct sockeye_config *config)
{
    const struct lab_config *c = &lab->config;

    memset(config, 0, sizeof *config);
    config->seed = c->seed;
    config->hosts = c->hosts;
    config->wires = c->wires;
    config->sockets = c->sockets_asked;
    config->packets = c->packets_asked;
    config->buffer_bytes = c->buffer_bytes;
    config->wall_base = c->wall_base;
}

/* How many of everything. */
struct lab_sums {
    struct node_limits nodes;
    struct packet_limits packets;
    uint64_t small, timers, buffer_bytes;
};

static void sums_of(const struct lab_config *c, struct lab_sums *s)
{
    uint64_t hosts = c->hosts, wires = c->wires;

    s->nodes.nodes = c->hosts;
    s->nodes.interfaces = c->hosts + 2 * c->wires; /* a loopback each; a wire has two ends */
    s->nodes.sockets = c->sockets;
    s->nodes.packets = c->packets;
    /* a host's own, and those of each direction of its loopback and of a wire */
    s->small = c->packets * (3 * hosts + 2 * wires) + node_frames_packets(&s->nodes);
    s->packets.small = (uint32_t)s->small;
    s->packets.big = c->big_packets * c->hosts;
    /* connections, of a program and orphaned, and datagram sockets of two kinds; and what closed
     * sockets left in a queue */
    s->packets.charges = (4 * c->sockets + c->packets) * c->hosts;
    s->timers = node_timers_most(&s->nodes) + WIRE_TIMERS * wires;
    s->buffer_bytes = c->buffer_bytes * hosts;
}

uint64_t lab_arena_bytes(const struct lab_config *c)
{
    uint64_t hosts = c->hosts, wires = c->wires, sum = 0;
    struct lab_sums s;

    sums_of(c, &s);
    if (s.small > UINT32_MAX / 2 || s.buffer_bytes > ARENA_LIMIT ||
        s.timers > UINT32_MAX / sizeof(struct timer *))
        return UINT64_MAX;
    sum += sizeof(struct arena) + sizeof(struct lab) + 4 * (uint64_t)ARENA_PAGE_BYTES;
    sum += pool_bytes(sizeof(struct event_log), 1) + pool_bytes(EVENT_LOG_BYTES, 1);
    sum += packet_pool_bytes(&s.packets);
    sum += buffer_pool_bytes(s.buffer_bytes);
    sum += pool_bytes((uint32_t)(s.timers * sizeof(struct timer *)), 1);
    sum += pool_bytes(sizeof(struct wire), c->wires);
    sum += pool_bytes(sizeof(struct wire_flows), 2 * c->wires);
    sum += pool_bytes((uint32_t)(hosts * sizeof(struct node *)), 1);
    sum += pool_bytes((uint32_t)(wires * sizeof(struct wire *)), 1);
    return sum + node_pools_bytes(&s.nodes) + node_tables_bytes(&s.nodes);
}

static bool pools_open(struct lab *lab, const struct lab_sums *s)
{
    lab->wire_pool = pool_open(lab->arena, sizeof(struct wire), lab->config.wires, false);
    lab->flows_pool =
        pool_open(lab->arena, sizeof(struct wire_flows), 2 * lab->config.wires, false);
    lab->node = arena_array(lab->arena, lab->config.hosts * sizeof *lab->node, &lab->node_list);
    lab->wire = arena_array(lab->arena, lab->config.wires * sizeof *lab->wire, &lab->wire_list);
    return lab->wire_pool && lab->flows_pool && lab->node && lab->wire &&
           node_pools_open(&lab->pools, lab->arena, &s->nodes);
}

static void means_init(struct lab *lab)
{
    struct means *m = &lab->means;

    m->arena = lab->arena;
    m->timers = &lab->timers;
    m->packets = &lab->packets;
    m->buffers = &lab->buffers;
    m->packet_budget.limit = lab->config.packets;
    m->buffer_budget.limit = lab->config.buffer_bytes;
    m->voice.log = lab->log;
    m->voice.drops = lab->drops;
    m->voice.host = m->voice.wire = EVENT_NOWHERE;
    m->key.k0 = lab->config.seed;
    m->key.k1 = UINT64_C(0x736f636b657965);
    m->touched = &lab->touched;
    m->node = EVENT_NOWHERE;
}

struct lab *lab_init(void *memory, uint64_t bytes, uint64_t layout, const struct lab_config *config)
{
    struct arena *a = memory;
    struct pool *log_pool;
    struct lab_sums s;
    struct lab *lab;

    arena_init(a, bytes, layout);
    lab = arena_root_take(a, sizeof *lab);
    if (!lab)
        return NULL;
    lab->arena = a;
    memcpy(&lab->config, config, sizeof lab->config);
    sums_of(config, &s);
    lab->log = arena_array(a, sizeof *lab->log, &log_pool);
    if (!lab->log || event_log_init(lab->log, a) < 0)
        return NULL;
    lab->log_bytes = lab->log->bytes;
    if (timer_heap_init(&lab->timers, a, (uint32_t)s.timers) < 0 ||
        packet_pool_init(&lab->packets, a, &s.packets) < 0 ||
        buffer_pool_init(&lab->buffers, a, s.buffer_bytes) < 0 || !pools_open(lab, &s))
        return NULL;
    means_init(lab);
    return lab;
}

/* Does memory lie behind the root? */
static bool is_inside(const struct arena *a, const void *at, uint64_t bytes)
{
    uint64_t from = (uint64_t)(uintptr_t)at - a->base, least_from = a->root + a->root_bytes;

    return from >= least_from && from <= a->used && bytes <= a->used - from && from % 8 == 0;
}

struct lab *lab_of_arena(struct arena *a)
{
    struct lab *lab = a->root_bytes == sizeof *lab ? arena_root(a) : NULL;

    if (!lab || lab->arena != a || !is_inside(a, lab->log, sizeof *lab->log) ||
        !is_inside(a, lab->log_bytes, EVENT_LOG_BYTES) || lab->now < 0 ||
        lab->now > SOCKEYE_TIME_MOST)
        return NULL;
    lab->log->bytes = lab->log_bytes;
    lab->log->size = EVENT_LOG_BYTES;
    event_log_begin(lab->log, 0);
    return lab;
}

void lab_clock_set(struct lab *lab, nanoseconds now)
{
    now = time_earlier(now, SOCKEYE_TIME_MOST);
    if (now <= lab->now)
        return;
    lab->now = now;
    lab->instant_steps = 0;
}

static inline void settle(struct lab *lab, int64_t node)
{
    struct node *n = lab_node(lab, node);

    if (n)
        node_settle(n, lab->now);
}

static void settle_ends(struct lab *lab, const struct wire *w)
{
    settle(lab, w->end[0].node);
    if (w->end[1].node != w->end[0].node)
        settle(lab, w->end[1].node);
}

void lab_settle_node(struct lab *lab, int node)
{
    settle(lab, node);
}

void lab_settle_wire(struct lab *lab, int wire)
{
    const struct wire *w = lab_wire(lab, wire);

    if (w)
        settle_ends(lab, w);
}

void lab_step(struct lab *lab, uint32_t wanted)
{
    struct timer *timer = timer_heap_take(&lab->timers);
    uint32_t node, number;
    struct wire *wire;

    event_log_begin(lab->log, wanted);
    lab_clock_set(lab, timer->deadline);
    lab->steps++;
    lab->instant_steps++;
    if (unlikely(lab->still) && lab_timer_waits(lab, timer)) {
        timer_heap_close(&lab->timers);
        return;
    }
    node = timer->node;
    number = timer->source / 8 - 1; /* of the wire: wire.h, names of timers */
    if (timer->code == TIMER_WIRE) {
        wire = lab_wire(lab, number);
        ensure(wire);
        wire_timer(wire, timer, lab->now);
        settle_ends(lab, wire);
    } else {
        node_timer(timer, lab->now);
        settle(lab, node);
    }
    timer_heap_close(&lab->timers);
}

enum { HASH_WORDS = 512 };

/* Words that point into the arena count from its base: a lab has the same hash in every place. */
NO_ASAN static uint64_t hash_range(const struct lab *lab, uint64_t hash, const uint8_t *at,
                                   uint64_t bytes)
{
    uint64_t base = lab->arena->base, words[HASH_WORDS];

    while (bytes) {
        uint64_t part = least(bytes, sizeof words);
        struct siphash_key key = {hash, part};
        size_t n = (size_t)((part + 7) / 8);

        words[n - 1] = 0;
        memcpy(words, at, part);
        for (size_t i = 0; i < n; i++)
            if (words[i] - base < lab->arena->reserved)
                words[i] -= base;
        hash = siphash_words(key, words, n);
        at += part;
        bytes -= part;
    }
    return hash;
}

uint64_t lab_hash(const struct lab *lab)
{
    struct arena *a = lab->arena;
    uint64_t hash = 0, from, bytes;

    arena_unpoison(a);
    for (uint32_t i = 0; arena_range(a, i, &from, &bytes); i++) {
        const uint8_t *at = (const uint8_t *)a + from;

        hash = hash_range(lab, hash, at, bytes);
    }
    arena_repoison(a);
    return hash;
}

int lab_check(const struct lab *lab)
{
    int line = 0;

    if (!timer_heap_valid(&lab->timers))
        return __LINE__;
    for (uint32_t i = 0; line == 0 && i < lab->wire_count; i++)
        line = wire_check(lab->wire[i]);
    for (uint32_t i = 0; line == 0 && i < lab->node_count; i++)
        line = node_check(lab->node[i]);
    return line;
}
