/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of wires: an arena with timers, packets and a log of events, and stations that
 * keep what comes up. Runs timers up to a time; counts events.
 */
#pragma once
#include <string.h>
#include <sys/mman.h>

#include "1-physical/wire_state.h"
#include "base/arena.h"
#include "check.h"

enum { BED_BYTES = 96 << 20, BED_TIMERS = 4096, BED_PACKETS = 8192, BED_ARRIVALS = 4096 };
enum { TIMER_WIRE = 1 }; /* of a wire; others are the test's */

struct arrival {
    nanoseconds time;
    uint64_t serial;
    uint32_t length;
    uint32_t value; /* the first four bytes */
    uint8_t damaged, changed;
    uint32_t flags;
};

struct station {
    struct wire_upper upper;
    struct budget budget;
    uint32_t count;
    struct arrival arrival[BED_ARRIVALS];
};

struct bed {
    struct arena *arena;
    struct timers timers;
    struct packets packets;
    struct event_log log;
    uint64_t drops[DROP_COUNT];
    uint64_t events[EVENT_KINDS];
    struct sockeye_event last[EVENT_KINDS];
    struct means means; /* of the wires: the lab's */
    nanoseconds now;
};

/* What the test does with timers that are not of a wire. */
typedef void bed_timer(struct timer *timer, nanoseconds now);

static struct wire *bed_wire[8]; /* by number */

static void *bed_pages(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    check(memory != MAP_FAILED);
    return memory;
}

static void bed_init(struct bed *b)
{
    const struct packet_limits limits = {BED_PACKETS, 16, 1024};

    memset(b, 0, sizeof *b);
    memset(bed_wire, 0, sizeof bed_wire);
    b->arena = bed_pages(BED_BYTES);
    arena_init(b->arena, BED_BYTES, 1);
    check_equal(timer_heap_init(&b->timers, b->arena, BED_TIMERS), 0);
    check_equal(packet_pool_init(&b->packets, b->arena, &limits), 0);
    check_equal(event_log_init(&b->log, b->arena), 0);
    b->log.wanted = UINT32_MAX;
    b->means = (struct means){
        .arena = b->arena,
        .timers = &b->timers,
        .packets = &b->packets,
        .packet_budget.limit = 4096,
        .voice = {.log = &b->log, .drops = b->drops, .host = EVENT_NOWHERE, .wire = EVENT_NOWHERE},
        .key = {1, 2},
        .node = EVENT_NOWHERE,
    };
}

static void bed_done(struct bed *b)
{
    arena_unpoison(b->arena);
    munmap(b->arena, BED_BYTES);
}

/* Counts what happened in a step, and keeps the last event of each kind. */
static void bed_listen(struct bed *b)
{
    const struct event_record *record;
    uint64_t at = 0;

    while ((record = event_log_next(&b->log, &at))) {
        enum event_kind kind = event_record_kind(record);

        b->events[kind]++;
        event_record_read(record, 1U << kind, &b->last[kind]);
    }
    check_equal(b->log.lost, 0);
    event_log_begin(&b->log, EVENT_EVERYTHING);
}

static void bed_check_wires(void)
{
    for (int i = 0; i < 8; i++)
        if (bed_wire[i])
            check_equal(wire_check(bed_wire[i]), 0);
}

/* All that is due until a time, each event with the invariants behind it. */
static void bed_run(struct bed *b, nanoseconds until, bed_timer *other)
{
    struct timer *timer;

    bed_listen(b);
    while ((timer = timer_heap_first(&b->timers)) && timer->deadline <= until) {
        check(timer->deadline >= b->now);
        b->now = timer->deadline;
        timer_clear(&b->timers, timer);
        if (timer->code == TIMER_WIRE)
            wire_timer(bed_wire[timer->source / 8 - 1], timer, b->now);
        else if (other)
            other(timer, b->now);
        bed_check_wires();
        bed_listen(b);
    }
    b->now = until;
}

static void bed_wire_init(struct bed *b, struct wire *w, uint32_t number, const char *name,
                          enum wire_kind kind, bool bare)
{
    const struct wire_plan plan = {.kind = kind,
                                   .number = number,
                                   .mtu = 1500,
                                   .bare = bare,
                                   .key = random_key(b->means.key, name, strlen(name)),
                                   .timer_code = TIMER_WIRE};

    wire_init(w, &b->means, &plan);
    bed_wire[number] = w;
}

static struct packet *bed_packet(struct bed *b, struct budget *budget, uint32_t length,
                                 uint32_t value)
{
    struct packet *p = packet_get(&b->packets, budget, length);
    uint8_t *bytes;

    check(p);
    bytes = packet_append(p, length);
    memset(bytes, 0x5a, length);
    if (length >= 4)
        memcpy(bytes, &value, 4);
    return p;
}
