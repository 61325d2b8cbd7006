/* SPDX-License-Identifier: MIT */
/* x25_relay.h, x25_relay_room.h: a switched call whose next line is full, and its timers. */
#include "forward_bed.h"

static const struct shape shapes[] = {
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {false, false}, 0},
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {true, true}, 0},
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {true, false}, 0},
    {{X25_LINE_XOT, X25_LINE_LAPB}, {false, false}, 0},
    {{X25_LINE_XOT, X25_LINE_XOT}, {false, false}, 0},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, WINDOW = 7 };

static void carry_all(struct end *from)
{
    while (carry_one(from))
        continue;
}

/* Connected; the line from s to b takes one packet at a time, and what a has sent is at s. */
static void begin_full(const struct shape *shape, int records)
{
    connect_through(shape, WINDOW, 7);
    ends[2].room = 1;
    for (int i = 0; i < records; i++)
        give(&a, (uint8_t)i, 20);
    carry_all(&ends[0]);
}

static void a_full_line_holds_the_sender(void)
{
    for (int i = 0; i < SHAPES; i++) {
        begin_full(&shapes[i], 50);
        check_equal(ends[2].out.packets, 1); /* the others wait at s */
        carry_one(&ends[1]);
        check_equal(a.user.circuit->peer_busy, 1);
        carry();
        check_equal(b.user.records, 50);
        check_equal(b.user.wrong, 0);
        check_equal(a.user.resets + b.user.resets, 0);
        check_equal(a.user.circuit->peer_busy, 0);
        check_equal(drops[DROP_X25_RELAY], 0);
        end();
    }
}

static void an_rr_does_not_free_who_has_to_wait(void)
{
    for (int i = 0; i < SHAPES; i++) {
        begin_full(&shapes[i], WINDOW);
        carry_all(&ends[1]);
        carry_one(&ends[2]); /* the first arrives, and the next takes its place */
        wait_until(0);
        x25_output_flow(b.user.circuit, now); /* RR of b */
        carry_all(&ends[3]);
        carry_all(&ends[1]);
        check_equal(a.user.circuit->peer_busy, 1);
        check_equal(a.user.circuit->window.va, 1); /* what it acknowledges passes */
        carry();
        check_equal(a.user.circuit->peer_busy, 0);
        check_equal(b.user.records, WINDOW);
        end();
    }
}

static void room_of_ours_does_not_undo_an_rnr_of_the_far_station(void)
{
    for (int i = 0; i < SHAPES; i++) {
        begin_full(&shapes[i], WINDOW);
        x25_hold(b.user.circuit, true, now);
        carry();
        check_equal(b.user.records, WINDOW);
        check_equal(a.user.circuit->peer_busy, 1);
        x25_hold(b.user.circuit, false, now);
        carry();
        check_equal(a.user.circuit->peer_busy, 0);
        end();
    }
}

static void an_rr_that_found_no_memory_goes_later(void)
{
    begin_full(&shapes[0], WINDOW);
    carry_all(&ends[1]);
    ends[2].room = 2;
    while (ends[2].out.packets > 0) {
        s.means.packet_budget.limit = 0; /* of s itself; what passes has its packets */
        struct packet *p = packet_queue_take(&ends[2].out);

        check(packet_move(p, &b.means.packet_budget));
        x25_line_receive(&ends[3].line, p, now);
        x25_line_ready(&ends[2].line, now);
    }
    check_equal(a.user.circuit->peer_busy, 1);
    s.means.packet_budget.limit = 4096;
    ends[2].room = 0;
    wait_until(SECOND);
    carry();
    check_equal(a.user.circuit->peer_busy, 0);
    check_equal(b.user.records, WINDOW);
}

static void an_interrupt_overtakes_what_waits(void)
{
    struct packet *p;

    begin_full(&shapes[0], WINDOW);
    p = packet_get(&packets, &a.means.packet_budget, 3);
    check(p);
    memcpy(packet_append(p, 3), "hey", 3);
    check_equal(x25_interrupt(a.user.circuit, p, now), 0);
    carry_all(&ends[0]);
    carry_one(&ends[2]);
    carry_one(&ends[2]);
    check_equal(b.user.interrupts, 1);
    check(b.user.records < WINDOW);
    carry();
    check_equal(b.user.records, WINDOW);
    end();
}

static void a_reset_throws_away_what_waits(void)
{
    const struct x25_reason reason = {.diagnostic = 5};

    for (int i = 0; i < SHAPES; i++) {
        begin_full(&shapes[i], WINDOW);
        check_equal(x25_reset(b.user.circuit, &reason, now), 0);
        carry_all(&ends[3]);
        check(s.means.packet_budget.used <= 3); /* what the lines have */
        carry();
        check_equal(a.user.resets, 1);
        check_equal(a.user.circuit->peer_busy, 0);
        a.user.resets = a.user.wrong = b.user.records = b.user.wrong = b.user.next_due = 0;
        talk(20);
        end();
    }
}

static void a_clear_goes_behind_what_waits(void)
{
    for (int i = 0; i < SHAPES; i++) {
        begin_full(&shapes[i], WINDOW);
        end();
        check_equal(b.user.records, WINDOW);
        check_equal(b.user.wrong, 0);
    }
}

static void beyond_both_windows_it_is_dropped(void)
{
    begin_full(&shapes[0], 0);
    for (int i = 0; i < 100; i++) {
        struct packet *p = packet_get(&packets, &s.means.packet_budget, 4);
        const uint8_t data[] = {0x10, (uint8_t)a.user.circuit->lcn, (uint8_t)(i % 8 << 1), 'x'};

        check(p);
        memcpy(packet_append(p, sizeof data), data, sizeof data);
        x25_line_receive(&ends[1].line, p, now);
    }
    check_equal(drops[DROP_X25_RELAY], 100 - 1 - (2 * WINDOW + 2));
    check(s.means.packet_budget.used < 2 * WINDOW + 6);
}

static void a_call_that_nobody_answers_is_cleared(void)
{
    for (int i = 0; i < SHAPES; i++) {
        begin(&shapes[i]);
        up(2);
        b.waits = true;
        a.x25.settings.call = 400 * SECOND;
        call(2, 7);
        wait_until(199 * SECOND);
        check_equal(s.x25.relay_count, 1);
        check_equal(a.user.cleared, 0);
        wait_until(201 * SECOND);
        check_equal(a.user.cleared, 1);
        check_equal(a.user.cleared_by.cause, X25_CLEAR_REMOTE_ERROR);
        check_equal(a.user.cleared_by.diagnostic, X25_DIAGNOSTIC_CALL_TIMER);
        check_equal(b.user.cleared, 1);
        check_equal(s.x25.relay_count, 0);
        check_equal(a.x25.count + b.x25.count, 0);
        check_equal(s.means.packet_budget.used, 0);
    }
}

static void a_call_whose_line_never_comes_up_is_cleared(void)
{
    begin(&shapes[0]);
    a.x25.settings.call = 400 * SECOND;
    call(2, 7);
    check_equal(s.x25.relay_count, 1);
    wait_until(201 * SECOND);
    check_equal(a.user.cleared, 1);
    check_equal(s.x25.relay_count, 0);
    check_equal(s.means.packet_budget.used, 0);
}

/* What s sends by this line is not heard any more. */
static void deaf(struct end *from)
{
    struct packet *p;

    while ((p = packet_queue_take(&from->out)) != NULL)
        packet_put(p);
}

static void who_does_not_confirm_is_waited_for_until_t23(void)
{
    const struct x25_reason reason = {.diagnostic = 7};

    connect_through(&shapes[0], 2, 7);
    a.x25.settings.clear = 400 * SECOND;
    x25_clear(a.user.circuit, &reason, NULL, now);
    carry_all(&ends[0]);
    deaf(&ends[2]);
    wait_until(179 * SECOND);
    check_equal(s.x25.relay_count, 1);
    check_equal(a.x25.count, 1);
    wait_until(181 * SECOND);
    check_equal(s.x25.relay_count, 0);
    check_equal(a.x25.count, 0); /* it was confirmed */
}

static void stations_that_confirm_nothing_leave_after_t21_and_t23(void)
{
    begin(&shapes[0]);
    up(2);
    b.waits = true;
    call(2, 7);
    timer_clear(&timers, &a.user.circuit->timer);
    timer_clear(&timers, &b.user.circuit->timer);
    for (int i = 0; i < 400 && s.x25.relay_count > 0; i++) {
        struct timer *timer = timer_heap_first(&timers);

        check(timer != NULL && timer->code == RELAY_TIMER);
        now = timer->deadline;
        timer_clear(&timers, timer);
        x25_relay_life_timer(timer, now);
        check_equal(x25_relay_check(&s.x25), 0);
        deaf(&ends[1]);
        deaf(&ends[2]);
    }
    check_equal(s.x25.relay_count, 0);
    check_equal(now, 380 * SECOND);
}

static const struct test tests[] = {
    {"a full line holds the sender, and nothing is lost", a_full_line_holds_the_sender},
    {"an RR does not free who has to wait", an_rr_does_not_free_who_has_to_wait},
    {"room of ours does not undo an RNR of the far station",
     room_of_ours_does_not_undo_an_rnr_of_the_far_station},
    {"an RR that found no memory goes later", an_rr_that_found_no_memory_goes_later},
    {"an interrupt overtakes what waits", an_interrupt_overtakes_what_waits},
    {"a reset throws away what waits", a_reset_throws_away_what_waits},
    {"a clear goes behind what waits", a_clear_goes_behind_what_waits},
    {"beyond both windows it is dropped", beyond_both_windows_it_is_dropped},
    {"a call that nobody answers is cleared (T21)", a_call_that_nobody_answers_is_cleared},
    {"a call whose line never comes up is cleared", a_call_whose_line_never_comes_up_is_cleared},
    {"who does not confirm is waited for until T23", who_does_not_confirm_is_waited_for_until_t23},
    {"stations that confirm nothing leave after T21 and T23",
     stations_that_confirm_nothing_leave_after_t21_and_t23},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
