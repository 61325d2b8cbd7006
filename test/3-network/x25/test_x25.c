/* SPDX-License-Identifier: MIT */
/* Two stations of X.25 on a line: restart, calls, data, interrupts, resets and clears (ITU-T X.25
 * annexes B, C and D). */
#include "3-network/x25/x25_bed.h"

/* ---- the restart ---- */

static void a_line_is_restarted_before_calls_go(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    place_call(&a, &call);
    check(taken(&a) == NULL);
    x25_line_up(&a.line, bed_now);
    SENDS(&a, 0x10, 0x00, 0xfb, 0x00, 0x00);
    ARRIVES(&a, 0x10, 0x00, 0xff);
    SENDS(&a, 0x10, 0xff, 0x0b, 0x44, 0x20, 0x00, 0x10, 0x00, 0x06, 0x42, 0x07, 0x07, 0x43, 0x02,
          0x02);
}

static void both_restarts_confirm_each_other(void)
{
    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    check(x25_line_is_ready(&a.line) && x25_line_is_ready(&b.line));
    check(taken(&a) == NULL && taken(&b) == NULL);
}

static void a_restart_without_an_answer_is_sent_again(void)
{
    bed_begin(X25_LINE_LAPB, false);
    x25_line_up(&a.line, bed_now);
    SENDS(&a, 0x10, 0x00, 0xfb, 0x00, 0x00);
    wait_for(179 * SECOND);
    check(taken(&a) == NULL);
    x25_line_timer(&a.line.timer, bed_now);
    SENDS(&a, 0x10, 0x00, 0xfb, 0x00, 0x34);
}

static void a_restart_clears_all_circuits(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    ARRIVES(&a, 0x10, 0x00, 0xfb, 0x07, 0x00);
    SENDS(&a, 0x10, 0x00, 0xff);
    check_equal(a.user.cleared, 1);
    check_equal(a.user.cleared_by.cause, X25_CLEAR_OUT_OF_ORDER);
    check_equal(a.user.cleared_by.by, X25_BY_LINE);
    check_equal(a.x25.count, 0);
}

static void a_confirmation_of_no_restart_restarts(void)
{
    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    ARRIVES(&b, 0x10, 0x00, 0xff);
    SENDS(&b, 0x10, 0x00, 0xfb, 0x01, 0x11);
}

static void a_stream_is_not_restarted(void)
{
    bed_begin(X25_LINE_XOT, false);
    bed_up();
    check(taken(&a) == NULL && taken(&b) == NULL);
    ARRIVES(&a, 0x10, 0x00, 0xfb, 0x07, 0x00);
    ARRIVES(&a, 0x10, 0x00, 0xf1, 0x21);
    check(taken(&a) == NULL);
    check_equal(bed_drops[DROP_X25_STATE], 2);
}

/* ---- calls ---- */

static void a_call_is_connected(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    check_equal(a.user.circuit->lcn, 255);
    check_equal(b.call.called.length, 4);
    check(memcmp(b.call.calling.digit, "1000", 4) == 0);
}

static void who_calls_takes_channels_from_his_end(void)
{
    struct x25_call call = call_to("1000");

    connect_stations(X25_LINE_LAPB, false, NULL);
    check_equal(a.user.circuit->lcn, 255);
    place_call(&b, &call);
    check_equal(b.user.circuit->lcn, 1);
}

static void a_call_that_nobody_wants_is_cleared_as_linux_does(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    b.wants = false;
    place_call(&a, &call);
    check(carry_one(&a));
    SENDS(&b, 0x10, 0xff, 0x13, 0x01, 0x00);
    ARRIVES(&a, 0x10, 0xff, 0x13, 0x01, 0x00);
    SENDS(&a, 0x10, 0xff, 0x17);
    check_equal(a.user.cleared, 1);
    check_equal(a.user.cleared_by.cause, X25_CLEAR_NUMBER_BUSY);
    check_equal(a.x25.count, 0);
    check_equal(b.x25.count, 0);
}

static void a_call_without_an_answer_ends_by_its_timer(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    b.waits = true;
    place_call(&a, &call);
    carry();
    wait_for(199 * SECOND);
    check_equal(a.user.cleared, 0);
    wait_for(200 * SECOND);
    check_equal(a.user.cleared, 1);
    check_equal(a.user.cleared_by.diagnostic, X25_DIAGNOSTIC_CALL_TIMER);
    check_equal(a.user.cleared_by.by, X25_BY_TIMER);
    check_equal(b.user.cleared, 1);
    check_equal(a.x25.count, 0);
}

static void a_call_may_be_accepted_later(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    b.waits = true;
    place_call(&a, &call);
    carry();
    check_equal(a.user.connected, 0);
    wait_for(100 * SECOND);
    check_equal(x25_accept(b.user.circuit, &b.answer, bed_now), 0);
    carry();
    check_equal(a.user.connected, 1);
    wait_for(400 * SECOND);
    check_equal(a.user.cleared, 0);
}

static void facilities_are_made_less_by_who_is_called(void)
{
    struct x25_call call = call_to("2000");
    const struct x25_facilities *f;

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    call.facilities.packet_in = 9;
    call.facilities.packet_out = 10;
    call.facilities.window_in = 7;
    call.facilities.window_out = 5;
    b.answer.facilities = call.facilities;
    b.answer.facilities.packet_in = 8;
    b.answer.facilities.packet_out = 12;
    b.answer.facilities.window_in = 3;
    place_call(&a, &call);
    carry();
    f = x25_agreed(b.user.circuit);
    check(f->packet_in == 8 && f->packet_out == 9 && f->window_in == 3 && f->window_out == 5);
    f = x25_agreed(a.user.circuit);
    check(f->packet_out == 8 && f->packet_in == 9 && f->window_out == 3 && f->window_in == 5);
}

static void what_a_caller_does_not_ask_for_is_the_default(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    call.facilities.mask = 0;
    b.answer.facilities.packet_in = b.answer.facilities.packet_out = 12;
    b.answer.facilities.window_in = b.answer.facilities.window_out = 7;
    place_call(&a, &call);
    carry();
    check_equal(x25_agreed(b.user.circuit)->packet_out, 7);
    check_equal(x25_agreed(b.user.circuit)->window_out, 2);
}

static void a_stream_s_calls_say_size_and_window(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_XOT, false);
    bed_up();
    call.facilities.mask = 0;
    place_call(&a, &call);
    check(carry_one(&a));
    check_equal(b.call.facilities.mask, X25_FACILITY_PACKET_BYTES | X25_FACILITY_WINDOW);
}

static void a_collision_leaves_both_calls(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    a.line.highest = b.line.highest = 2;
    a.line.lowest = b.line.lowest = 1;
    /* the DTE takes 2, then both take 1 */
    place_call(&a, &call);
    carry();
    check_equal(a.user.circuit->lcn, 2);
    b.line.highest = 3;
    a.line.highest = 3;
    a.line.lowest = 1;
    b.waits = a.waits = true;
    a.line.highest = 1;
    place_call(&a, &call);
    a.line.highest = 3;
    place_call(&b, &call);
    check(a.user.circuit->lcn == 1 && b.user.circuit->lcn == 1);
    carry();
    check_equal(a.x25.count, 3);
    check_equal(b.x25.count, 3);
    check(x25_circuit_find(&b.line, 1)->called);
    check(!x25_circuit_find(&b.line, 3)->called);
    check(!x25_circuit_find(&a.line, 1)->called);
    check(x25_circuit_find(&a.line, 3)->called);
}

static void no_channel_or_no_route_is_told_at_once(void)
{
    struct x25_call call = call_to("2000");
    struct x25_circuit *c;

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    a.line.highest = 1;
    place_call(&a, &call);
    check_equal(x25_call(&a.x25, &a.user.user, &call, &c, bed_now), -ENETUNREACH);
    x25_route_forget(&a.x25, &a.line);
    check_equal(x25_call(&a.x25, &a.user.user, &call, &c, bed_now), -ENETUNREACH);
}

static void a_host_has_so_many_circuits_and_no_more(void)
{
    struct x25_call call = call_to("2000");
    struct x25_circuit *c;

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    a.x25.settings.circuits = 2;
    b.x25.settings.circuits = 1;
    place_call(&a, &call);
    carry();
    place_call(&a, &call);
    carry();
    check_equal(a.user.cleared, 1);
    check_equal(a.user.cleared_by.cause, X25_CLEAR_CONGESTION);
    place_call(&a, &call);
    check_equal(x25_call(&a.x25, &a.user.user, &call, &c, bed_now), -ENOBUFS);
}

static void user_data_comes_with_the_call_and_with_fast_select_both_ways(void)
{
    struct x25_call call = call_to("2000");
    struct x25_reason why = {.cause = 0, .diagnostic = 5};
    struct x25_user_data bye = {.length = 3, .bytes = "bye"};

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    call.facilities.reverse = X25_FAST_SELECT;
    call.facilities.mask |= X25_FACILITY_REVERSE;
    call.data = (struct x25_user_data){.length = 128, .bytes = "hello"};
    b.answer.data = (struct x25_user_data){.length = 5, .bytes = "there"};
    place_call(&a, &call);
    carry();
    check_equal(b.call.data.length, 128);
    check(memcmp(b.call.data.bytes, "hello", 6) == 0);
    check_equal(a.user.answer.data.length, 5);
    x25_clear(b.user.circuit, &why, &bye, bed_now);
    carry();
    check_equal(a.user.cleared_by.diagnostic, 5);
    check(a.user.clear_data.length == 3 && memcmp(a.user.clear_data.bytes, "bye", 3) == 0);
    check_equal(a.x25.count + b.x25.count, 0);
}

static void a_restricted_fast_select_is_not_accepted(void)
{
    struct x25_call call = call_to("2000");

    bed_begin(X25_LINE_LAPB, false);
    bed_up();
    b.waits = true;
    call.facilities.reverse = X25_FAST_SELECT_RESTRICTED;
    call.facilities.mask |= X25_FACILITY_REVERSE;
    place_call(&a, &call);
    carry();
    check_equal(x25_accept(b.user.circuit, &b.answer, bed_now), -EOPNOTSUPP);
    ARRIVES(&a, 0x10, 0xff, 0x0f);
    SENDS(&a, 0x10, 0xff, 0x13, 0x00, 0x2a);
    check_equal(a.user.cleared_by.diagnostic, X25_DIAGNOSTIC_FAST_SELECT);
}

/* ---- data ---- */

static void records_keep_their_boundaries(void)
{
    static const uint32_t lengths[] = {0, 1, 127, 128, 129, 256, 1000, 5000, 65535};

    connect_stations(X25_LINE_LAPB, false, NULL);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        give(&a, lengths[i], (uint8_t)i, i % 2);
    carry();
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        got(&b, lengths[i], (uint8_t)i, i % 2);
    wait_for(bed_now + 10 * SECOND);
    check_equal(x25_unsent_bytes(a.user.circuit), 0);
    check_equal(a.means.packet_budget.used, 0);
}

static void data_is_cut_with_the_m_bit(void)
{
    struct x25_facilities f;

    x25_facilities_init(&f);
    f.packet_in = f.packet_out = 4;
    connect_stations(X25_LINE_LAPB, false, &f);
    give(&a, 18, 'x', true);
    SENDS(&a, 0x90, 0xff, 0x10, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x',
          'x', 'x', 'x');
    SENDS(&a, 0x90, 0xff, 0x02, 'x', 'x');
}

static void a_window_stops_the_sender_until_it_is_told(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    for (int i = 0; i < 5; i++)
        give(&a, 10, 'x', false);
    check_equal(a.out.packets, 2);
    ARRIVES(&a, 0x10, 0xff, 0x21); /* RR 1 */
    check_equal(a.out.packets, 3);
    ARRIVES(&a, 0x10, 0xff, 0x65); /* RNR 3 */
    check_equal(a.out.packets, 3);
    ARRIVES(&a, 0x10, 0xff, 0x61); /* RR 3 */
    check_equal(a.out.packets, 5);
    ARRIVES(&a, 0x10, 0xff, 0xa1); /* RR 5 */
    check_equal(x25_unsent_bytes(a.user.circuit), 0);
    check_equal(a.user.sent, 3);
}

static void a_line_without_room_stops_data_alone(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    a.full = true;
    give(&a, 10, 'x', false);
    check(taken(&a) == NULL);
    a.full = false;
    x25_line_ready(&a.line, bed_now);
    carry();
    got(&b, 10, 'x', false);
}

static void an_acknowledgement_waits_for_data_or_its_time(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    give(&a, 10, 'x', false);
    carry();
    check_equal(x25_unsent_bytes(a.user.circuit), 10);
    wait_for(bed_now + 3 * SECOND);
    check_equal(x25_unsent_bytes(a.user.circuit), 0);
    give(&a, 10, 'x', false);
    carry();
    give(&b, 10, 'y', false);
    carry();
    check_equal(x25_unsent_bytes(a.user.circuit), 0);
}

static void the_d_bit_is_answered_at_once(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    ARRIVES(&b, 0x50, 0xff, 0x00, 'x');
    SENDS(&b, 0x10, 0xff, 0x21);
}

static void a_reject_sends_again(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    give(&a, 1, 'x', false);
    give(&a, 1, 'y', false);
    SENDS(&a, 0x10, 0xff, 0x00, 'x');
    SENDS(&a, 0x10, 0xff, 0x02, 'y');
    ARRIVES(&a, 0x10, 0xff, 0x29); /* REJ 1 */
    SENDS(&a, 0x10, 0xff, 0x02, 'y');
    check(taken(&a) == NULL);
}

static void a_user_without_room_holds_the_sender(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    give(&a, 10, 'x', false);
    check(carry_one(&a));
    x25_hold(b.user.circuit, true, bed_now);
    SENDS(&b, 0x10, 0xff, 0x25); /* RNR 1 */
    ARRIVES(&a, 0x10, 0xff, 0x25);
    give(&a, 10, 'y', false);
    check(taken(&a) == NULL);
    x25_hold(b.user.circuit, false, bed_now);
    carry();
    got(&b, 10, 'x', false);
    got(&b, 10, 'y', false);
}

static void windows_of_127_run_in_modulo_128(void)
{
    struct x25_facilities f;

    x25_facilities_init(&f);
    f.window_in = f.window_out = 127;
    connect_stations(X25_LINE_LAPB, true, &f);
    for (int i = 0; i < 300; i++)
        give(&a, 10, (uint8_t)i, false);
    check_equal(a.out.packets, 127);
    carry();
    for (int i = 0; i < 300; i++)
        got(&b, 10, (uint8_t)i, false);
}

/* ---- interrupts ---- */

static void interrupt_with(struct station *s, const char *text)
{
    struct packet *p = packet_get(&bed_packets, &s->means.packet_budget, 32);

    memcpy(packet_append(p, (uint32_t)strlen(text)), text, strlen(text));
    check_equal(x25_interrupt(s->user.circuit, p, bed_now), 0);
}

static void an_interrupt_overtakes_data(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    for (int i = 0; i < 5; i++)
        give(&a, 10, 'x', false);
    interrupt_with(&a, "now");
    SENDS(&a, 0x10, 0xff, 0x00, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x');
    SENDS(&a, 0x10, 0xff, 0x02, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x');
    SENDS(&a, 0x10, 0xff, 0x23, 'n', 'o', 'w');
}

static void interrupts_go_one_at_a_time(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    b.user.keeps_interrupts = true;
    interrupt_with(&a, "one");
    interrupt_with(&a, "two");
    carry();
    check_equal(b.user.interrupts, 1);
    x25_interrupt_confirm(b.user.circuit, bed_now);
    carry();
    check_equal(b.user.interrupts, 2);
    check(memcmp(b.user.interrupt, "two", 3) == 0);
    x25_interrupt_confirm(b.user.circuit, bed_now);
    carry();
    check_equal(x25_unsent_bytes(a.user.circuit), 0);
}

static void an_interrupt_too_many_resets(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    b.user.keeps_interrupts = true;
    ARRIVES(&b, 0x10, 0xff, 0x23, 1);
    ARRIVES(&b, 0x10, 0xff, 0x23, 2);
    SENDS(&b, 0x10, 0xff, 0x1b, 0x05, 0x2c);
}

/* ---- resets ---- */

static void a_reset_loses_what_is_under_way_and_goes_on(void)
{
    struct x25_reason why = {.cause = 0, .diagnostic = 77};

    connect_stations(X25_LINE_LAPB, false, NULL);
    for (int i = 0; i < 4; i++)
        give(&a, 10, (uint8_t)i, false);
    check_equal(x25_reset(a.user.circuit, &why, bed_now), 0);
    check_equal(x25_reset(a.user.circuit, &why, bed_now), -EALREADY);
    while (a.out.packets > 1)
        packet_put(taken(&a));
    carry();
    check_equal(b.user.resets, 1);
    check_equal(b.user.reset_by.diagnostic, 77);
    check_equal(a.user.resets, 0);
    got(&b, 10, 2, false);
    got(&b, 10, 3, false);
    check(b.user.records.first == NULL);
}

static void both_may_reset_at_once(void)
{
    struct x25_reason why = {.cause = 0, .diagnostic = 77};

    connect_stations(X25_LINE_LAPB, false, NULL);
    check_equal(x25_reset(a.user.circuit, &why, bed_now), 0);
    check_equal(x25_reset(b.user.circuit, &why, bed_now), 0);
    carry();
    check(a.user.circuit->state == X25_OPEN && b.user.circuit->state == X25_OPEN);
    give(&a, 10, 'x', false);
    carry();
    got(&b, 10, 'x', false);
}

static void a_reset_without_an_answer_clears(void)
{
    struct x25_reason why = {.cause = 0, .diagnostic = 77};

    connect_stations(X25_LINE_LAPB, false, NULL);
    check_equal(x25_reset(a.user.circuit, &why, bed_now), 0);
    SENDS(&a, 0x10, 0xff, 0x1b, 0x00, 0x4d);
    wait_for(180 * SECOND);
    check_equal(a.user.cleared_by.diagnostic, X25_DIAGNOSTIC_RESET_TIMER);
    check_equal(b.user.cleared, 1);
}

/* ---- clears ---- */

static void a_clear_says_cause_and_diagnostic(void)
{
    struct x25_reason why = {.cause = 0x11, .diagnostic = 0x22};

    connect_stations(X25_LINE_LAPB, false, NULL);
    x25_clear(a.user.circuit, &why, NULL, bed_now);
    carry();
    check_equal(b.user.cleared, 1);
    check(b.user.cleared_by.cause == 0x11 && b.user.cleared_by.diagnostic == 0x22);
    check_equal(a.user.cleared, 0);
    check_equal(a.x25.count + b.x25.count, 0);
    check_equal(a.released + b.released, 2);
}

static void both_may_clear_at_once(void)
{
    struct x25_reason why = {.cause = 0};

    connect_stations(X25_LINE_LAPB, false, NULL);
    x25_clear(a.user.circuit, &why, NULL, bed_now);
    x25_clear(b.user.circuit, &why, NULL, bed_now);
    carry();
    check_equal(a.x25.count + b.x25.count, 0);
}

static void a_clear_without_an_answer_ends_by_its_timer(void)
{
    struct x25_reason why = {.cause = 0};

    connect_stations(X25_LINE_LAPB, false, NULL);
    give(&a, 1000, 'x', false);
    x25_clear(a.user.circuit, &why, NULL, bed_now);
    while (a.out.first)
        packet_put(taken(&a));
    ARRIVES(&a, 0x10, 0xff, 0x00, 'x'); /* of before */
    check(taken(&a) == NULL);
    wait_for(180 * SECOND);
    check_equal(a.x25.count, 0);
    check_equal(a.means.packet_budget.used, 0);
}

static void a_line_that_goes_down_clears_what_is_on_it(void)
{
    connect_stations(X25_LINE_LAPB, false, NULL);
    give(&a, 1000, 'x', false);
    x25_line_down(&a.line, bed_now);
    check_equal(a.user.cleared_by.by, X25_BY_LINE);
    check_equal(a.x25.count, 0);
    while (a.out.first)
        packet_put(taken(&a));
    check_equal(a.means.packet_budget.used, 0);
}

static const struct test tests[] = {
    {"a line is restarted before calls go", a_line_is_restarted_before_calls_go},
    {"both restarts confirm each other", both_restarts_confirm_each_other},
    {"a restart without an answer is sent again", a_restart_without_an_answer_is_sent_again},
    {"a restart clears all circuits", a_restart_clears_all_circuits},
    {"a confirmation of no restart restarts", a_confirmation_of_no_restart_restarts},
    {"a stream is not restarted", a_stream_is_not_restarted},
    {"a call is connected", a_call_is_connected},
    {"who calls takes channels from his end", who_calls_takes_channels_from_his_end},
    {"a call that nobody wants is cleared as Linux does",
     a_call_that_nobody_wants_is_cleared_as_linux_does},
    {"a call without an answer ends by its timer", a_call_without_an_answer_ends_by_its_timer},
    {"a call may be accepted later", a_call_may_be_accepted_later},
    {"facilities are made less by who is called", facilities_are_made_less_by_who_is_called},
    {"what a caller does not ask for is the default",
     what_a_caller_does_not_ask_for_is_the_default},
    {"a stream's calls say size and window", a_stream_s_calls_say_size_and_window},
    {"a collision leaves both calls", a_collision_leaves_both_calls},
    {"no channel or no route is told at once", no_channel_or_no_route_is_told_at_once},
    {"a host has so many circuits and no more", a_host_has_so_many_circuits_and_no_more},
    {"user data comes with the call, and with fast select both ways",
     user_data_comes_with_the_call_and_with_fast_select_both_ways},
    {"a restricted fast select is not accepted", a_restricted_fast_select_is_not_accepted},
    {"records keep their boundaries", records_keep_their_boundaries},
    {"data is cut with the M bit", data_is_cut_with_the_m_bit},
    {"a window stops the sender until it is told", a_window_stops_the_sender_until_it_is_told},
    {"a line without room stops data alone", a_line_without_room_stops_data_alone},
    {"an acknowledgement waits for data or its time",
     an_acknowledgement_waits_for_data_or_its_time},
    {"the D bit is answered at once", the_d_bit_is_answered_at_once},
    {"a reject sends again", a_reject_sends_again},
    {"a user without room holds the sender", a_user_without_room_holds_the_sender},
    {"windows of 127 run in modulo 128", windows_of_127_run_in_modulo_128},
    {"an interrupt overtakes data", an_interrupt_overtakes_data},
    {"interrupts go one at a time", interrupts_go_one_at_a_time},
    {"an interrupt too many resets", an_interrupt_too_many_resets},
    {"a reset loses what is under way and goes on", a_reset_loses_what_is_under_way_and_goes_on},
    {"both may reset at once", both_may_reset_at_once},
    {"a reset without an answer clears", a_reset_without_an_answer_clears},
    {"a clear says cause and diagnostic", a_clear_says_cause_and_diagnostic},
    {"both may clear at once", both_may_clear_at_once},
    {"a clear without an answer ends by its timer", a_clear_without_an_answer_ends_by_its_timer},
    {"a line that goes down clears what is on it", a_line_that_goes_down_clears_what_is_on_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
