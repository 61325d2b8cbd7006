/* SPDX-License-Identifier: MIT */
/* x25_forward.h: calls that go on, and what passes on them. */
#include "forward_bed.h"

static const struct shape shapes[] = {
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {false, false}, 0},
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {true, false}, 0},
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {false, true}, 0},
    {{X25_LINE_LAPB, X25_LINE_LAPB}, {true, true}, 0},
    {{X25_LINE_LAPB, X25_LINE_XOT}, {false, false}, 0},
    {{X25_LINE_LAPB, X25_LINE_XOT}, {true, false}, 0},
    {{X25_LINE_XOT, X25_LINE_LAPB}, {false, false}, 0},
    {{X25_LINE_XOT, X25_LINE_LAPB}, {true, false}, 0},
    {{X25_LINE_XOT, X25_LINE_LAPB}, {true, true}, 0},
    {{X25_LINE_XOT, X25_LINE_XOT}, {true, true}, 0},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void data_passes_both_ways(void)
{
    for (int i = 0; i < SHAPES; i++) {
        connect_through(&shapes[i], 2, 7);
        talk(200);
        end();
    }
}

static void windows_are_made_less(void)
{
    for (int i = 0; i < SHAPES; i++) {
        uint8_t window = shapes[i].extended[0] ? 100 : 6;
        bool narrow =
            shapes[i].extended[0] && shapes[i].kind[1] == X25_LINE_LAPB && !shapes[i].extended[1];

        connect_through(&shapes[i], window, 8);
        check_equal(x25_agreed(a.user.circuit)->window_out, narrow ? 7 : window);
        check_equal(x25_agreed(b.user.circuit)->window_in, narrow ? 7 : window);
        check_equal(x25_agreed(a.user.circuit)->window_in, narrow ? 7 : window);
        check_equal(x25_agreed(a.user.circuit)->packet_out, 8);
        talk(100);
        end();
    }
}

static void packets_are_made_smaller(void)
{
    struct shape shape = shapes[0];

    shape.packet_most = 9;
    connect_through(&shape, 3, 11);
    check_equal(x25_agreed(a.user.circuit)->packet_out, 9);
    check_equal(x25_agreed(b.user.circuit)->packet_in, 9);
    talk(50);
    end();
}

static void interrupts_and_resets_pass(void)
{
    const struct x25_reason reason = {.cause = 0, .diagnostic = 5};

    for (int i = 0; i < SHAPES; i++) {
        connect_through(&shapes[i], 4, 7);
        for (int round = 0; round < 3; round++) {
            struct station *from = round % 2 ? &b : &a;
            struct packet *p = packet_get(&packets, &from->means.packet_budget, 3);

            talk(7);
            memcpy(packet_append(p, 3), "hey", 3);
            check_equal(x25_interrupt(from->user.circuit, p, now), 0);
            carry();
            check_equal(x25_reset(from->user.circuit, &reason, now), 0);
            carry();
            check_equal(a.user.interrupts + b.user.interrupts, 1);
            check_equal(a.user.resets + b.user.resets, 1);
            a.user.records = b.user.records = a.user.next_due = b.user.next_due = 0;
            a.user.interrupts = b.user.interrupts = a.user.resets = b.user.resets = 0;
        }
        talk(30);
        end();
    }
}

static void called_station_clears(void)
{
    const struct x25_reason reason = {.cause = 0, .diagnostic = 9};

    for (int i = 0; i < SHAPES; i++) {
        connect_through(&shapes[i], 2, 7);
        x25_clear(b.user.circuit, &reason, NULL, now);
        carry();
        check_equal(a.user.cleared, 1);
        check_equal(a.user.cleared_by.diagnostic, 9);
        check_equal(s.x25.relay_count, 0);
        check(ends[1].released + ends[2].released > 0);
    }
}

static void both_clear_at_once(void)
{
    const struct x25_reason reason = {.cause = 0, .diagnostic = 9};

    connect_through(&shapes[0], 2, 7);
    x25_clear(a.user.circuit, &reason, NULL, now);
    x25_clear(b.user.circuit, &reason, NULL, now);
    carry();
    check_equal(s.x25.relay_count, 0);
    check_equal(a.x25.count + b.x25.count, 0);
}

static void lost_line_clears_the_other(void)
{
    for (int i = 0; i < SHAPES; i++)
        for (int lost = 1; lost < 3; lost++) {
            struct station *left = lost == 1 ? &b : &a;

            connect_through(&shapes[i], 2, 7);
            x25_line_down(&ends[lost].line, now);
            carry();
            check_equal(left->user.cleared, 1);
            check_equal(left->user.cleared_by.cause, X25_CLEAR_OUT_OF_ORDER);
            check_equal(s.x25.relay_count, 0);
        }
}

static void call_waits_for_its_line(void)
{
    begin(&shapes[0]);
    call(2, 7);
    check_equal(ends[2].wanted, 1);
    check_equal(a.user.connected, 0);
    check_equal(s.x25.relay_count, 1);
    up(2);
    check_equal(a.user.connected, 1);
    talk(20);
    end();
}

static void waiting_call_is_cleared(void)
{
    const struct x25_reason reason = {.cause = 0};

    begin(&shapes[0]);
    call(2, 7);
    x25_clear(a.user.circuit, &reason, NULL, now);
    carry();
    check_equal(s.x25.relay_count, 0);
    check_equal(a.x25.count, 0);
    call(2, 7);
    x25_line_failed(&ends[2].line, now); /* it could not come up */
    carry();
    check_equal(a.user.cleared_by.cause, X25_CLEAR_OUT_OF_ORDER);
    check_equal(s.x25.relay_count, 0);
}

static void nothing_is_switched_unless_it_is_said(void)
{
    begin(&shapes[0]);
    up(2);
    s.x25.forward = false;
    call(2, 7);
    check_equal(a.user.cleared, 1);
    check_equal(s.x25.relay_count, 0);
    s.x25.forward = true;
    check_equal(x25_route_remove(&s.x25, &(struct x121){.length = 2, .digit = "12"}), 0);
    call(2, 7); /* back by the line it came by: 1 is there */
    check_equal(a.user.cleared, 2);
    check_equal(s.x25.relay_count, 0);
}

static void relays_have_a_limit(void)
{
    struct x25_call c = {.called = digits("12345"), .calling = digits("999")};
    struct user users[X25_RELAYS + 1];

    begin(&shapes[0]);
    up(2);
    memset(users, 0, sizeof users);
    x25_facilities_init(&c.facilities);
    for (int i = 0; i <= X25_RELAYS; i++) {
        check_equal(x25_call(&a.x25, &users[i].user, &c, &users[i].circuit, now), 0);
        carry();
        check_equal(users[i].connected, i < X25_RELAYS);
    }
    check_equal(users[X25_RELAYS].cleared_by.cause, X25_CLEAR_CONGESTION);
    check_equal(s.x25.relay_count, X25_RELAYS);
}

/* A packet of a's arrives at s, which gives its second line these octets. */
static void passes(const uint8_t *bytes, uint32_t length, const uint8_t *want)
{
    struct packet *p = packet_get(&packets, &s.means.packet_budget, 16);

    check(p);
    memcpy(packet_append(p, length), bytes, length);
    x25_line_receive(&ends[1].line, p, now);
    p = packet_queue_take(&ends[2].out);
    check(p);
    check_equal(packet_length(p), length);
    check(memcmp(packet_data(p), want, length) == 0);
    packet_put(p);
}

static void channels_are_each_lines_own(void)
{
    static const uint8_t rr[] = {0x10, 100, 0x01}, rr_there[] = {0x10, 100, 0x01};
    static const uint8_t data[] = {0x50, 100, 0x10, 'x'};
    uint8_t there[sizeof data];

    connect_through(&shapes[0], 2, 7);
    memcpy(there, data, sizeof there);
    passes(rr, sizeof rr, rr_there);
    passes(data, sizeof data, there); /* D and M stay */
    /* a second call, by the next channel of each */
    check_equal(x25_line_channel(&ends[2].line), 99);
}

/* b's call on a channel that s has for a switched one: while that is on its way, a DTE's goes on
 * and the switched one is given up; when it is open, or being cleared, nobody heeds it. */
static void a_call_meets_a_switched_one(void)
{
    static const uint8_t bytes[] = {0x10, 1, 0x0b, 0x11, 0x19, 0, 0};

    for (int when = 0; when < 3; when++) { /* on its way, open, being cleared */
        struct packet *p;

        begin(&shapes[0]);
        ends[2].line.role = X25_DCE;
        ends[3].line.role = X25_DTE;
        up(2);
        ends[3].line.up = when != 0; /* b hears of it, or does not */
        call(2, 7);
        ends[3].line.up = true;
        if (when == 2)
            x25_line_down(&ends[1].line, now);
        p = packet_get(&packets, &s.means.packet_budget, sizeof bytes);
        check(p);
        memcpy(packet_append(p, sizeof bytes), bytes, sizeof bytes);
        x25_line_receive(&ends[2].line, p, now);
        check_equal(x25_relay_check(&s.x25), 0);
        carry();
        check_equal(a.user.cleared > 0, when == 0);
    }
}

/* RFC 1613 6.2: nothing is changed between two streams, the channel's number neither. */
static void two_streams_are_connected_without_a_change(void)
{
    static const uint8_t packet[][4] = {
        {0x20, 0x07, 0x01, 0x00}, {0x2f, 0xff, 0x00, 0x00}, {0x20, 0x00, 0x05, 0x02}};

    connect_through(&shapes[SHAPES - 1], 2, 7);
    for (size_t i = 0; i < 3; i++)
        passes(packet[i], 4, packet[i]);
}

/* What s has given to its lines is thrown away. */
static void empty(void)
{
    struct packet *p;

    for (int i = 1; i < 3; i++)
        while ((p = packet_queue_take(&ends[i].out)) != NULL)
            packet_put(p);
}

/* Any packets from both sides, time and lines that come and go: the invariants hold, and nothing
 * is kept. */
static void any_packets_leave_nothing(void)
{
    uint64_t x = 88172645463325252U;

    for (int round = 0; round < 40; round++) {
        begin(&shapes[round % SHAPES]);
        up(2);
        for (int i = 0; i < 1500; i++) {
            static const uint8_t types[] = {0x0b, 0x0f, 0x13, 0x17, 0x1b, 0x1f, 0x23,
                                            0x27, 0x00, 0x21, 0x45, 0xfb, 0xff, 0x09};
            struct end *to;
            struct packet *p;
            uint8_t *at;

            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            to = &ends[x & 1 ? 1 : 2];
            p = packet_get(&packets, &s.means.packet_budget, 16);
            check(p);
            at = packet_append(p, 3 + (uint32_t)(x >> 8) % 10);
            memset(at, (int)(x >> 16), packet_length(p));
            at[0] = to->line.extended ? 0x20 : 0x10;
            at[1] = (uint8_t)(x >> 24 & 3);
            at[2] = types[(x >> 32) % sizeof types];
            if (packet_length(p) > 9 && at[2] == 0x0b)
                memcpy(at + 3, "\x02\x12\x03\x43\x05\x05", 6);
            if (to->line.up)
                x25_line_receive(&to->line, p, now);
            else
                packet_put(p);
            check_equal(x25_relay_check(&s.x25), 0);
            if ((x >> 40) % 50 == 0) {
                x25_line_down(&to->line, now);
                x25_line_up(&to->line, now);
            }
            empty();
        }
        x25_line_failed(&ends[1].line, now);
        x25_line_failed(&ends[2].line, now);
        empty();
        check_equal(s.x25.relay_count, 0);
        check_equal(s.means.packet_budget.used, 0);
    }
}

static const struct test tests[] = {
    {"data passes both ways, between lines of any kind and modulo (RFC 1613 6.2)",
     data_passes_both_ways},
    {"a window that is too large is made less, and the answer says so (RFC 1613 6.2)",
     windows_are_made_less},
    {"packets that do not fit are made smaller", packets_are_made_smaller},
    {"a call that meets a switched one on its channel leaves no relay without sides (X.25 4.1.6)",
     a_call_meets_a_switched_one},
    {"interrupts and resets are end to end (RFC 1613 6.3)", interrupts_and_resets_pass},
    {"the called station clears", called_station_clears},
    {"both clear at once", both_clear_at_once},
    {"a lost line clears the other", lost_line_clears_the_other},
    {"a call waits for its line to come up", call_waits_for_its_line},
    {"a call that waits may be cleared, from both ends", waiting_call_is_cleared},
    {"nothing is switched unless a setting and a route say so",
     nothing_is_switched_unless_it_is_said},
    {"relays have a limit", relays_have_a_limit},
    {"each line has its own channels, and all else stays (RFC 1613 6)",
     channels_are_each_lines_own},
    {"two streams are connected without a change (RFC 1613 6.2)",
     two_streams_are_connected_without_a_change},
    {"any packets leave nothing behind", any_packets_leave_nothing},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
