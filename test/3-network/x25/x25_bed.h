/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of the packet layer: two stations with one line between them that loses nothing;
 * what is given to it lies there until the test carries it over (carry), or takes it out. Each
 * station's user keeps what it was told. With BED_HAS_ITS_OWN_USERS the tables of users are the
 * test's.
 */
#pragma once
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_facilities.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_route.h"
#include "base/arena.h"
#include "base/base_test.h"
#include "base/compiler.h"

#define UNUSED __attribute__((unused))

enum { BED_BYTES = 64 << 20, BED_TOLD = 64, BED_CIRCUIT_TIMER = 1, BED_LINE_TIMER };

struct user {
    struct x25_user user;
    struct x25_circuit *circuit;
    struct packet_queue records; /* of each, flags: qualified */
    struct x25_call answer;
    struct x25_reason cleared_by, reset_by;
    struct x25_user_data clear_data;
    uint8_t interrupt[X25_INTERRUPT_BYTES];
    size_t interrupt_length;
    int connected, cleared, resets, interrupts, sent;
    bool keeps_interrupts; /* unconfirmed */
};

struct station {
    struct x25 x25;
    struct x25_line line;
    struct means means;
    struct x25_upper upper;
    struct packet_queue out; /* given to the line */
    struct user user;        /* of its only circuit that the test looks at */
    struct x25_call call;    /* the last that came in */
    struct x25_call answer;  /* how calls are answered */
    int calls;
    bool wants, waits; /* takes calls; answers them later */
    bool full;         /* the line has no room */
    int released;
};

static struct arena *bed_arena;
static struct timers bed_timers;
static struct packets bed_packets;
static struct event_log bed_log;
static uint64_t bed_drops[DROP_COUNT];
static nanoseconds bed_now;
static struct station a, b; /* a is the DTE */

static struct station *station_of(const struct x25_line *line)
{
    return line == &a.line ? &a : &b;
}

/* ---- the line ---- */

static void line_send(struct x25_line *line, struct packet *p, nanoseconds now)
{
    (void)now;
    check(line->up);
    check(packet_length(p) <= X25_PACKET_MOST_BYTES);
    packet_queue_add(&station_of(line)->out, p);
}

static bool line_has_room(const struct x25_line *line)
{
    return !station_of(line)->full;
}

static void line_released(struct x25_line *line, nanoseconds now)
{
    (void)now;
    station_of(line)->released++;
}

static void line_wanted(struct x25_line *line, nanoseconds now)
{
    (void)now;
    check(!line->up);
}

const struct x25_line_code x25_line_codes[X25_LINE_KINDS] = {
    {line_send, line_has_room, line_released, line_wanted, NULL},
    {line_send, line_has_room, line_released, line_wanted, NULL}};

/* ---- users ---- */

static struct user *user_of(struct x25_user *user)
{
    return container_of(user, struct user, user);
}

static UNUSED bool incoming(struct x25_upper *upper, struct x25_circuit *c,
                            const struct x25_call *call, struct x25_reason *reason, nanoseconds now)
{
    struct station *s = container_of(upper, struct station, upper);

    (void)reason;
    s->calls++;
    s->call = *call;
    if (!s->wants)
        return false;
    s->user.circuit = c;
    x25_own(c, &s->user.user);
    if (!s->waits)
        return x25_accept(c, &s->answer, now) == 0;
    return true;
}

static UNUSED bool wants(const struct x25_upper *upper, const struct x25_call *call)
{
    (void)call;
    return upper == &a.upper ? a.wants : b.wants;
}

#ifndef BED_HAS_ITS_OWN_USERS
const struct x25_upper_code x25_upper_codes[] = {{wants, incoming}};
#endif

static UNUSED void connected(struct x25_user *user, const struct x25_call *answer, nanoseconds now)
{
    (void)now;
    user_of(user)->connected++;
    user_of(user)->answer = *answer;
}

static UNUSED void cleared(struct x25_user *user, const struct x25_reason *reason,
                           const struct x25_user_data *data, nanoseconds now)
{
    (void)now;
    user_of(user)->cleared++;
    user_of(user)->cleared_by = *reason;
    user_of(user)->clear_data = *data;
    user_of(user)->circuit = NULL;
}

static UNUSED void record(struct x25_user *user, struct packet *p, bool qualified, nanoseconds now)
{
    (void)now;
    p->flags = qualified;
    packet_queue_add(&user_of(user)->records, p);
}

static UNUSED void interrupt(struct x25_user *user, const uint8_t *bytes, size_t length,
                             nanoseconds now)
{
    struct user *u = user_of(user);

    u->interrupts++;
    u->interrupt_length = length;
    memcpy(u->interrupt, bytes, length);
    if (!u->keeps_interrupts)
        x25_interrupt_confirm(u->circuit, now);
}

static UNUSED void reset(struct x25_user *user, const struct x25_reason *reason, nanoseconds now)
{
    (void)now;
    user_of(user)->resets++;
    user_of(user)->reset_by = *reason;
}

static UNUSED void sent(struct x25_user *user, nanoseconds now)
{
    (void)now;
    user_of(user)->sent++;
}

#ifndef BED_HAS_ITS_OWN_USERS
const struct x25_user_code x25_user_codes[] = {
    {connected, cleared, record, interrupt, reset, sent}};
#endif

/* ---- the bed ---- */

static void station_begin(struct station *s, enum x25_line_kind kind, enum x25_role role,
                          bool extended)
{
    const struct x25_plan plan = {.pool = pool_open(bed_arena, x25_circuit_bytes(), 300, false),
                                  .limit = 300,
                                  .timer_code = BED_CIRCUIT_TIMER,
                                  .line_timer_code = BED_LINE_TIMER};
    const struct x25_line_plan line = {
        .kind = kind, .role = role, .extended = extended, .lowest = 1, .highest = 255};
    const struct x25_route any = {.line = &s->line};

    memset(s, 0, sizeof *s);
    s->means = (struct means){
        .arena = bed_arena,
        .timers = &bed_timers,
        .packets = &bed_packets,
        .packet_budget.limit = 4096,
        .voice = {.log = &bed_log, .drops = bed_drops},
        .key = {1, 2},
        .node = s == &b,
    };
    check_equal(x25_init(&s->x25, &s->means, &plan), 0);
    x25_attach(&s->x25, &s->upper, 0);
    x25_line_open(&s->x25, &s->line, &line);
    check_equal(x25_route_add(&s->x25, &any), 0);
    x25_facilities_init(&s->answer.facilities);
    s->wants = true;
}

static void bed_begin(enum x25_line_kind kind, bool extended)
{
    const struct packet_limits limits = {4096, 64, 16};

    if (bed_arena) {
        arena_unpoison(bed_arena);
        munmap(bed_arena, BED_BYTES);
    }
    bed_arena = mmap(NULL, BED_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(bed_arena != MAP_FAILED);
    arena_init(bed_arena, BED_BYTES, 1);
    memset(bed_drops, 0, sizeof bed_drops);
    bed_now = 0;
    check_equal(timer_heap_init(&bed_timers, bed_arena, 4096), 0);
    check_equal(packet_pool_init(&bed_packets, bed_arena, &limits), 0);
    check_equal(event_log_init(&bed_log, bed_arena), 0);
    station_begin(&a, kind, X25_DTE, extended);
    station_begin(&b, kind, X25_DCE, extended);
}

static void bed_check(void)
{
    check_equal(x25_check(&a.x25), 0);
    check_equal(x25_check(&b.x25), 0);
}

/* The next packet that a station sent, taken off its line; NULL: none. */
static UNUSED struct packet *taken(struct station *s)
{
    return packet_queue_take(&s->out);
}

/* Carries one packet over. false: there was none. */
static UNUSED bool carry_one(struct station *from)
{
    struct station *to = from == &a ? &b : &a;
    struct packet *p = packet_queue_take(&from->out);

    if (!p)
        return false;
    check(packet_move(p, &to->means.packet_budget));
    x25_line_receive(&to->line, p, bed_now);
    bed_check();
    return true;
}

/* Carries over what there is, and what comes of it. */
static UNUSED void carry(void)
{
    for (int i = 0; i < 100000; i++) {
        bool ab = carry_one(&a), ba = carry_one(&b);

        if (!ab && !ba)
            return;
    }
    check(false);
}

/* Time passes, and all that it sends is carried over. */
static UNUSED void wait_for(nanoseconds until)
{
    struct timer *timer;

    while ((timer = timer_heap_first(&bed_timers)) && timer->deadline <= until) {
        bed_now = timer->deadline;
        timer_clear(&bed_timers, timer);
        if (timer->code == BED_CIRCUIT_TIMER)
            x25_timer(timer, bed_now);
        else
            x25_line_timer(timer, bed_now);
        bed_check();
        carry();
    }
    bed_now = until;
}

static UNUSED void bed_up(void)
{
    x25_line_up(&a.line, bed_now);
    x25_line_up(&b.line, bed_now);
    carry();
}

/* ---- what tests do ---- */

static struct x121 digits(const char *text)
{
    struct x121 x = {.length = (uint8_t)strlen(text)};

    memcpy(x.digit, text, x.length);
    return x;
}

static UNUSED struct x25_call call_to(const char *called)
{
    struct x25_call call = {.called = digits(called), .calling = digits("1000")};

    x25_facilities_init(&call.facilities);
    call.facilities.mask = X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    return call;
}

static UNUSED void place_call(struct station *s, const struct x25_call *call)
{
    check_equal(x25_call(&s->x25, &s->user.user, call, &s->user.circuit, bed_now), 0);
}

/* a has called b, and is connected. */
static UNUSED void connect_stations(enum x25_line_kind kind, bool extended,
                                    const struct x25_facilities *most)
{
    struct x25_call call = call_to("2000");

    bed_begin(kind, extended);
    bed_up();
    if (most) {
        call.facilities = b.answer.facilities = *most;
        call.facilities.mask = b.answer.facilities.mask =
            X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    }
    place_call(&a, &call);
    carry();
    check_equal(a.user.connected, 1);
    check_equal(b.calls, 1);
}

static UNUSED void give(struct station *s, uint32_t length, uint8_t value, bool qualified)
{
    struct packet *p = packet_get(&bed_packets, &s->means.packet_budget, length);

    check(p != NULL);
    memset(packet_append(p, length), value, length);
    check_equal(x25_send(s->user.circuit, p, qualified, bed_now), 0);
}

/* The next record a station's user has: of that length, all of that value. */
static UNUSED void got(struct station *s, uint32_t length, uint8_t value, bool qualified)
{
    struct packet *p = packet_queue_take(&s->user.records);

    check(p != NULL);
    check_equal(packet_length(p), length);
    check_equal(p->flags, qualified);
    for (uint32_t i = 0; i < length; i++)
        check_equal(packet_data(p)[i], value);
    packet_put(p);
}

/* The next packet of a station is this; it is thrown away. */
static UNUSED void sends(struct station *s, const void *bytes, uint32_t length)
{
    struct packet *p = taken(s);

    check(p != NULL);
    check_equal(packet_length(p), length);
    for (uint32_t i = 0; i < length; i++)
        check_equal(packet_data(p)[i], ((const uint8_t *)bytes)[i]);
    packet_put(p);
}

/* A packet of the test's arrives. */
static UNUSED void arrives(struct station *s, const void *bytes, uint32_t length)
{
    struct packet *p = packet_get(&bed_packets, &s->means.packet_budget, length);

    check(p != NULL);
    memcpy(packet_append(p, length), bytes, length);
    x25_line_receive(&s->line, p, bed_now);
    bed_check();
}

#define SENDS(s, ...)                                                                              \
    do {                                                                                           \
        static const uint8_t want[] = {__VA_ARGS__};                                               \
        sends(s, want, sizeof want);                                                               \
    } while (0)
#define ARRIVES(s, ...)                                                                            \
    do {                                                                                           \
        static const uint8_t given[] = {__VA_ARGS__};                                              \
        arrives(s, given, sizeof given);                                                           \
    } while (0)
