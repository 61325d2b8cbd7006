/* SPDX-License-Identifier: MIT */
/* x25.h: a station that does not keep to RNR, and a host that has no memory for a while. */
#include "x25_bed.h"

#include "base/event.h"

/* None can be had from now on, or as many as before. */
static void memory(struct station *s, bool is_there)
{
    s->means.packet_budget.limit = is_there ? 4096 : 0;
}

/* The next timer of a circuit runs out; what it sends lies there. */
static void next_timer(void)
{
    struct timer *timer = timer_heap_first(&bed_timers);

    check(timer != NULL && timer->code == BED_CIRCUIT_TIMER);
    bed_now = timer->deadline;
    timer_clear(&bed_timers, timer);
    x25_timer(timer, bed_now);
}

static void who_ignores_rnr_sends_no_more_than_a_window(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    x25_hold(b.user.circuit, true, bed_now);
    SENDS(&b, 0x10, 0xff, 0x05);        /* RNR, P(R) 0 */
    ARRIVES(&b, 0x10, 0xff, 0x00, 'x'); /* P(S) 0 */
    give(&b, 1, 'y', false);            /* what b sends meanwhile does not widen the window */
    SENDS(&b, 0x10, 0xff, 0x00, 'y');   /* P(R) 0, still */
    wait_for(10 * SECOND);              /* nor does time: T2 */
    check(taken(&b) == NULL);
    ARRIVES(&b, 0x10, 0xff, 0x22, 'x'); /* P(S) 1, and y is acknowledged: the window is full */
    check_equal(b.user.records.packets, 2);
    give(&b, 1, 'z', false);
    SENDS(&b, 0x10, 0xff, 0x02, 'z');        /* P(R) 0 */
    ARRIVES(&b, 0x10, 0xff, 0x24, 'x');      /* P(S) 2 */
    SENDS(&b, 0x10, 0xff, 0x1b, 0x05, 0x01); /* reset: not the P(S) that may come */
    check_equal(b.user.records.packets, 2);
    got(&b, 1, 'x', false);
    got(&b, 1, 'x', false);
}

static void what_is_held_is_acknowledged_with_the_rr(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    x25_hold(b.user.circuit, true, bed_now);
    SENDS(&b, 0x10, 0xff, 0x05);
    ARRIVES(&b, 0x10, 0xff, 0x00, 'x');
    ARRIVES(&b, 0x10, 0xff, 0x02, 'x');
    check(taken(&b) == NULL);
    x25_hold(b.user.circuit, false, bed_now);
    SENDS(&b, 0x10, 0xff, 0x41); /* RR, P(R) 2 */
    ARRIVES(&b, 0x10, 0xff, 0x04, 'x');
    check_equal(b.user.records.packets, 3);
    check_equal(b.user.resets, 0);
    for (int i = 0; i < 3; i++)
        got(&b, 1, 'x', false);
}

static void a_call_without_memory_goes_later(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    memory(&a, false);
    place_call(&a, &call);
    wait_for(SECOND);
    check_equal(b.calls, 0);
    memory(&a, true);
    wait_for(2 * SECOND);
    check_equal(a.user.connected, 1);
    give(&a, 10, 'x', false);
    carry();
    got(&b, 10, 'x', false);
}

static void a_call_that_never_finds_memory_ends_by_t21(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    memory(&a, false);
    place_call(&a, &call);
    wait_for(199 * SECOND);
    check_equal(a.user.cleared, 0);
    wait_for(201 * SECOND);
    check_equal(a.user.cleared, 1);
    check_equal(a.user.cleared_by.by, X25_BY_TIMER);
    check_equal(a.x25.count, 0);
}

/* One that went in time waits for its answer as long as any other. */
static void t21_runs_for_a_call_that_went_late(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    b.waits = true;
    bed_up();
    memory(&a, false);
    place_call(&a, &call);
    wait_for(100 * SECOND);
    memory(&a, true);
    wait_for(299 * SECOND);
    check_equal(b.calls, 1);
    check_equal(a.user.cleared, 0);
    wait_for(302 * SECOND);
    check_equal(a.user.cleared, 1);
}

static void an_answer_without_memory_goes_later(void)
{
    const struct x25_reason reason = {.diagnostic = 1};
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    b.waits = true;
    bed_up();
    place_call(&a, &call);
    carry();
    memory(&b, false);
    check_equal(x25_accept(b.user.circuit, &b.answer, bed_now), 0);
    x25_hold(b.user.circuit, true, bed_now);
    check_equal(x25_reset(b.user.circuit, &reason, bed_now), -ENOBUFS);
    wait_for(SECOND);
    check_equal(a.user.connected, 0);
    memory(&b, true);
    x25_hold(b.user.circuit, false, bed_now);
    give(&b, 10, 'x', false); /* behind the answer */
    carry();
    check_equal(a.user.connected, 1);
    got(&a, 10, 'x', false);
    check_equal(a.user.resets + b.user.resets, 0);
}

static void an_answer_goes_by_itself_once_there_is_memory(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    b.waits = true;
    bed_up();
    call.facilities.reverse = X25_FAST_SELECT;
    call.facilities.mask |= X25_FACILITY_REVERSE;
    place_call(&a, &call);
    carry();
    memory(&b, false);
    b.answer.data = (struct x25_user_data){.length = 3, .bytes = "yes"};
    check_equal(x25_accept(b.user.circuit, &b.answer, bed_now), 0);
    memory(&b, true);
    wait_for(SECOND);
    check_equal(a.user.connected, 1);
    check_equal(a.user.answer.data.length, 3);
    check_equal(memcmp(a.user.answer.data.bytes, "yes", 3), 0);
    check_equal(b.user.circuit->call.called.length, 4); /* who was called is still known */
}

static void a_confirmation_without_memory_goes_later(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    b.user.keeps_interrupts = true;
    ARRIVES(&b, 0x10, 0xff, 0x23, 'i');
    memory(&b, false);
    x25_interrupt_confirm(b.user.circuit, bed_now);
    check(taken(&b) == NULL);
    memory(&b, true);
    next_timer();
    SENDS(&b, 0x10, 0xff, 0x27);
    check(taken(&b) == NULL);
    ARRIVES(&b, 0x10, 0xff, 0x23, 'j'); /* another may come */
    check_equal(b.user.interrupts, 2);
}

/* The last event of circuits, made since this place of the log. */
static struct event_x25 event_since(uint64_t *at)
{
    const struct event_record *record;
    struct event_x25 last = {.by = 255};

    while ((record = event_log_next(&bed_log, at))) {
        struct sockeye_event e;

        event_record_read(record, EVENT_EVERYTHING, &e);
        if (e.kind == EVENT_X25)
            last = e.x25;
    }
    return last;
}

static void check_event(uint64_t *at, bool is_reset, uint8_t cause, uint8_t diagnostic,
                        enum x25_by by)
{
    struct event_x25 e = event_since(at);

    check_equal(e.is_reset, is_reset);
    check_equal(e.cause, cause);
    check_equal(e.diagnostic, diagnostic);
    check_equal(e.by, by);
    check_equal(e.lcn, 255);
}

static void resets_and_clears_are_events(void)
{
    const struct x25_reason reason = {.diagnostic = 5};
    uint64_t at = 0;

    connect_stations(X25_LINE_LAPB, false, NULL);
    event_log_begin(&bed_log, EVENT_EVERYTHING);
    check_equal(x25_reset(a.user.circuit, &reason, bed_now), 0);
    check_event(&at, true, 0, 5, X25_BY_USER);
    carry();
    check_event(&at, true, 0, 5, X25_BY_STATION);
    ARRIVES(&b, 0x10, 0xff, 0x02, 'x'); /* P(S) 1, not 0 */
    check_event(&at, true, X25_RESET_LOCAL_ERROR, X25_DIAGNOSTIC_PS, X25_BY_ERROR);
    next_timer(); /* T22 of b */
    check_event(&at, false, X25_CLEAR_LOCAL_ERROR, X25_DIAGNOSTIC_RESET_TIMER, X25_BY_TIMER);

    connect_stations(X25_LINE_LAPB, false, NULL);
    event_log_begin(&bed_log, EVENT_EVERYTHING);
    at = 0;
    x25_line_down(&a.line, bed_now);
    check_event(&at, false, X25_CLEAR_OUT_OF_ORDER, 0, X25_BY_LINE);
    x25_clear(b.user.circuit, &reason, NULL, bed_now);
    check_event(&at, false, 0, 5, X25_BY_USER);
}

static const struct test tests[] = {
    {"who ignores RNR sends no more than a window", who_ignores_rnr_sends_no_more_than_a_window},
    {"what is held is acknowledged with the RR", what_is_held_is_acknowledged_with_the_rr},
    {"a call without memory goes later", a_call_without_memory_goes_later},
    {"a call that never finds memory ends by T21", a_call_that_never_finds_memory_ends_by_t21},
    {"T21 runs for a call that went late", t21_runs_for_a_call_that_went_late},
    {"an answer without memory goes later", an_answer_without_memory_goes_later},
    {"an answer goes by itself once there is memory",
     an_answer_goes_by_itself_once_there_is_memory},
    {"resets and clears are events, with cause and diagnostic", resets_and_clears_are_events},
    {"a confirmation without memory goes later", a_confirmation_without_memory_goes_later},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
