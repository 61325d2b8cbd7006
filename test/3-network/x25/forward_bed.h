/* SPDX-License-Identifier: MIT */
/*
 * A bed for tests of switching: a calls b through s, which has a line to each; of both kinds and
 * both moduli. What is given to a line lies there until it is carried over, or until the line is
 * full, if the test says so.
 */
#pragma once
#include "3-network/x25/x25_forward.h"

#include <errno.h>
#include <string.h>

#include "3-network/x25/x25_circuit.h"
#include "3-network/x25/x25_facilities.h"
#include "3-network/x25/x25_line.h"
#include "3-network/x25/x25_output.h"
#include "3-network/x25/x25_relay_life.h"
#include "3-network/x25/x25_route.h"
#include "base/arena.h"
#include "base/compiler.h"
#include "check.h"
#include "fake_arena.h"

#define UNUSED __attribute__((unused))

enum { CIRCUIT_TIMER = 1, LINE_TIMER, RELAY_TIMER, LINES = 4 };

struct user {
    struct x25_user user;
    struct x25_circuit *circuit;
    struct x25_reason cleared_by;
    uint8_t next_due;
    int connected, cleared, resets, interrupts, records, wrong;
};

struct station {
    struct x25 x25;
    struct means means;
    struct x25_upper upper;
    struct user user;
    struct x25_facilities answer;
    bool waits; /* answers no call */
};

/* One end of a line. */
struct end {
    struct x25_line line;
    struct end *peer;
    struct packet_queue out;
    int released, wanted;
    uint32_t room; /* packets; 0: any number */
};

static struct arena *arena;
static struct timers timers;
static struct packets packets;
static struct event_log event_log;
static uint64_t drops[DROP_COUNT];
static nanoseconds now;
static struct station a, s, b;
static struct end ends[LINES]; /* a's, s's to a, s's to b, b's */

/* ---- lines ---- */

static struct end *end_of(struct x25_line *line)
{
    return container_of(line, struct end, line);
}

static void line_send(struct x25_line *line, struct packet *p, nanoseconds time)
{
    (void)time;
    check(line->up);
    packet_queue_add(&end_of(line)->out, p);
}

static bool line_has_room(const struct x25_line *line)
{
    const struct end *end = container_of(line, const struct end, line);

    return line->up && (end->room == 0 || end->out.packets < end->room);
}

static void line_released(struct x25_line *line, nanoseconds time)
{
    (void)time;
    end_of(line)->released++;
}

static void line_wanted(struct x25_line *line, nanoseconds time)
{
    (void)time;
    end_of(line)->wanted++;
}

/* The one stream that s can open: to b. */
static struct x25_line *line_open(struct x25 *x, const struct endpoint *to, bool extended,
                                  nanoseconds time)
{
    (void)time;
    check(x == &s.x25 && to->port == 1998);
    ends[2].line.extended = extended;
    return &ends[2].line;
}

#define ROW                                                                                        \
    {                                                                                              \
        line_send, line_has_room, line_released, line_wanted, line_open                            \
    }
const struct x25_line_code x25_line_codes[X25_LINE_KINDS] = {ROW, ROW};

/* ---- users ---- */

static struct user *user_of(struct x25_user *user)
{
    return container_of(user, struct user, user);
}

static bool incoming(struct x25_upper *upper, struct x25_circuit *c, const struct x25_call *call,
                     struct x25_reason *reason, nanoseconds time)
{
    struct station *to = container_of(upper, struct station, upper);
    struct x25_call answer = {.facilities = to->answer};

    (void)reason;
    (void)call;
    if (to == &s)
        return false;
    to->user.circuit = c;
    x25_own(c, &to->user.user);
    return to->waits || x25_accept(c, &answer, time) == 0;
}

static bool wants(const struct x25_upper *upper, const struct x25_call *call)
{
    (void)call;
    return upper != &s.upper;
}

const struct x25_upper_code x25_upper_codes[] = {{wants, incoming}};

static void connected(struct x25_user *user, const struct x25_call *answer, nanoseconds time)
{
    (void)answer;
    (void)time;
    user_of(user)->connected++;
}

static void cleared(struct x25_user *user, const struct x25_reason *reason,
                    const struct x25_user_data *data, nanoseconds time)
{
    (void)data;
    (void)time;
    user_of(user)->cleared++;
    user_of(user)->cleared_by = *reason;
    user_of(user)->circuit = NULL;
}

static void record(struct x25_user *user, struct packet *p, bool qualified, nanoseconds time)
{
    struct user *u = user_of(user);

    (void)time;
    u->wrong += packet_data(p)[0] != u->next_due || qualified != (u->next_due % 3 == 0);
    u->next_due++;
    u->records++;
    packet_put(p);
}

static void interrupt(struct x25_user *user, const uint8_t *bytes, size_t length, nanoseconds time)
{
    user_of(user)->interrupts++;
    user_of(user)->wrong += length != 3 || memcmp(bytes, "hey", 3) != 0;
    x25_interrupt_confirm(user_of(user)->circuit, time);
}

static void reset(struct x25_user *user, const struct x25_reason *reason, nanoseconds time)
{
    (void)reason;
    (void)time;
    user_of(user)->resets++;
}

static void sent(struct x25_user *user, nanoseconds time)
{
    (void)user;
    (void)time;
}

const struct x25_user_code x25_user_codes[] = {
    {connected, cleared, record, interrupt, reset, sent}};

/* ---- the bed ---- */

static void station_begin(struct station *st, uint32_t node)
{
    const struct x25_plan plan = {
        .limit = 300,
        .pool = pool_open(arena, x25_circuit_bytes(), 300, false),
        .relay_pool = pool_open(arena, x25_relay_bytes(), X25_RELAYS, false),
        .timer_code = CIRCUIT_TIMER,
        .line_timer_code = LINE_TIMER,
        .relay_timer_code = RELAY_TIMER,
    };

    memset(st, 0, sizeof *st);
    st->means = (struct means){
        .arena = arena,
        .timers = &timers,
        .packets = &packets,
        .packet_budget.limit = 4096,
        .voice = {.log = &event_log, .drops = drops},
        .key = {1, 2},
        .node = node,
    };
    check_equal(x25_init(&st->x25, &st->means, &plan), 0);
    x25_attach(&st->x25, &st->upper, 0);
    x25_facilities_init(&st->answer);
    st->answer.mask = X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    st->answer.window_in = st->answer.window_out = 127;
    st->answer.packet_in = st->answer.packet_out = 12;
}

static struct x121 digits(const char *text)
{
    struct x121 x = {.length = (uint8_t)strlen(text)};

    memcpy(x.digit, text, x.length);
    return x;
}

static UNUSED void route(struct station *st, const char *prefix, struct x25_line *line)
{
    struct x25_route r = {.line = line, .to.port = 1998, .prefix = digits(prefix)};

    check_equal(x25_route_add(&st->x25, &r), 0);
}

static void end_begin(int i, struct station *st, enum x25_line_kind kind, enum x25_role role,
                      bool extended, uint8_t packet_most)
{
    const struct x25_line_plan plan = {.kind = kind,
                                       .role = role,
                                       .extended = extended,
                                       .lowest = 1,
                                       .highest = 100,
                                       .packet_most = packet_most};

    x25_line_open(&st->x25, &ends[i].line, &plan);
    ends[i].peer = &ends[i ^ 1];
}

static bool carry_one(struct end *from)
{
    struct packet *p = packet_queue_take(&from->out);

    if (!p)
        return false;
    check(packet_move(p, &from->peer->line.x25->means->packet_budget));
    if (from->peer->line.up)
        x25_line_receive(&from->peer->line, p, now);
    else
        packet_put(p);
    check_equal(x25_check(&a.x25), 0);
    check_equal(x25_check(&s.x25), 0);
    check_equal(x25_check(&b.x25), 0);
    if (from->room > 0 && from->line.up)
        x25_line_ready(&from->line, now);
    check_equal(x25_relay_check(&s.x25), 0);
    return true;
}

static void carry(void)
{
    for (int i = 0, idle = 0; i < 100000 && idle < LINES; i++)
        idle = carry_one(&ends[i % LINES]) ? 0 : idle + 1;
}

/* Time passes, and what it sends is carried over. */
static UNUSED void wait_until(nanoseconds until)
{
    struct timer *timer;

    while ((timer = timer_heap_first(&timers)) && timer->deadline <= until) {
        now = timer->deadline;
        timer_clear(&timers, timer);
        if (timer->code == CIRCUIT_TIMER)
            x25_timer(timer, now);
        else if (timer->code == LINE_TIMER)
            x25_line_timer(timer, now);
        else
            x25_relay_life_timer(timer, now);
        check_equal(x25_relay_check(&s.x25), 0);
        carry();
    }
    now = until;
}

static void up(int i)
{
    x25_line_up(&ends[i].line, now);
    x25_line_up(&ends[i ^ 1].line, now);
    carry();
}

struct shape {
    enum x25_line_kind kind[2];
    bool extended[2];
    uint8_t packet_most; /* of the second line */
};

static void begin(const struct shape *shape)
{
    const struct packet_limits limits = {4096, 64, 16};

    arena = fake_arena_fresh(arena, 96 << 20);
    memset(drops, 0, sizeof drops);
    memset(ends, 0, sizeof ends);
    now = 0;
    check_equal(timer_heap_init(&timers, arena, 4096), 0);
    check_equal(packet_pool_init(&packets, arena, &limits), 0);
    check_equal(event_log_init(&event_log, arena), 0);
    station_begin(&a, 0);
    station_begin(&s, 1);
    station_begin(&b, 2);
    end_begin(0, &a, shape->kind[0], X25_DTE, shape->extended[0], 0);
    end_begin(1, &s, shape->kind[0], X25_DCE, shape->extended[0], 0);
    end_begin(2, &s, shape->kind[1], X25_DTE, shape->extended[1], shape->packet_most);
    end_begin(3, &b, shape->kind[1], X25_DCE, shape->extended[1], shape->packet_most);
    route(&a, "", &ends[0].line);
    route(&b, "", &ends[3].line);
    route(&s, "1", &ends[1].line);
    route(&s, "12", shape->kind[1] == X25_LINE_XOT ? NULL : &ends[2].line);
    s.x25.forward = true;
    up(0);
}

static UNUSED void call(uint8_t window, uint8_t packet)
{
    struct x25_call c = {.called = digits("12345"), .calling = digits("999")};

    x25_facilities_init(&c.facilities);
    c.facilities.mask = X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW;
    c.facilities.window_in = c.facilities.window_out = window;
    c.facilities.packet_in = c.facilities.packet_out = packet;
    check_equal(x25_call(&a.x25, &a.user.user, &c, &a.user.circuit, now), 0);
    carry();
}

static UNUSED void connect_through(const struct shape *shape, uint8_t window, uint8_t packet)
{
    begin(shape);
    up(2);
    call(window, packet);
    check_equal(a.user.connected, 1);
    check(b.user.circuit != NULL);
    check_equal(s.x25.relay_count, 1);
    check_equal(s.x25.count, 0);
}

static UNUSED void give(struct station *from, uint8_t value, uint32_t length)
{
    struct packet *p = packet_get(&packets, &from->means.packet_budget, length);

    check(p);
    memset(packet_append(p, length), value, length);
    check_equal(x25_send(from->user.circuit, p, value % 3 == 0, now), 0);
}

static UNUSED void talk(int records)
{
    for (int i = 0; i < records; i++) {
        give(&a, (uint8_t)(a.user.wrong + i), (uint32_t)(1 + i * 37 % 700));
        give(&b, (uint8_t)i, (uint32_t)(1 + i * 53 % 900));
        carry();
    }
    check_equal(a.user.records, records);
    check_equal(b.user.records, records);
    check_equal(a.user.wrong + b.user.wrong, 0);
    check_equal(a.user.resets + b.user.resets, 0);
}

static UNUSED void end(void)
{
    const struct x25_reason reason = {.cause = 0, .diagnostic = 7};

    x25_clear(a.user.circuit, &reason, NULL, now);
    carry();
    check_equal(b.user.cleared, 1);
    check_equal(b.user.cleared_by.diagnostic, 7);
    check_equal(s.x25.relay_count, 0);
    check_equal(a.x25.count + b.x25.count, 0);
    check_equal(s.means.packet_budget.used, 0);
}
