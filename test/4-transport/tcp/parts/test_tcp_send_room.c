/* SPDX-License-Identifier: MIT */
/* How much may be written: RFC 9293 3.9.1.2, RFC 9293 A.4; Linux's pieces and limits. */
#include "4-transport/tcp/parts/tcp_send_room.h"
#include "base/base_test.h"

enum { MSS = 1460, LEAST = 16384, MOST = 4194304, BASE = 1000000 };

static struct tcp_send_facts facts(void)
{
    return (struct tcp_send_facts){.from = BASE,
                                   .to = BASE,
                                   .nxt = BASE,
                                   .wnd_max = 1 << 20,
                                   .cwnd = 10 * MSS,
                                   .low_water = UINT32_MAX,
                                   .limit_least = LEAST,
                                   .limit = MOST,
                                   .smss = MSS};
}

static void the_limit_is_two_cwnds_of_segments_as_a_kernel_holds_them(void)
{
    struct tcp_send_facts f = facts();

    check_equal(tcp_send_room_limit(&f), 20 * (4096 + 256));
    f.cwnd = MSS;
    check_equal(tcp_send_room_limit(&f), LEAST);
    f.cwnd = 1 << 30;
    check_equal(tcp_send_room_limit(&f), MOST);
    f.smss = 0; /* not agreed yet */
    check_equal(tcp_send_room_limit(&f), MOST);
    f.limit_least = f.limit = 5000;
    check_equal(tcp_send_room_limit(&f), 5000);
}

static void a_buffer_is_full_at_its_last_byte(void)
{
    struct tcp_send_facts f = facts();
    struct tcp_send_room r = {0};

    f.limit_least = f.limit = 5000;
    f.to = f.nxt = BASE + 4999;
    check(tcp_send_room_next(&r, &f) != 0);
    f.to = f.nxt = BASE + 5000;
    check_equal(tcp_send_room_next(&(struct tcp_send_room){0}, &f), 0);
}

static void a_piece_is_whole_segments_of_half_the_window(void)
{
    struct tcp_send_facts f = facts();

    check_equal(tcp_send_room_piece(&f), 44 * MSS); /* 65,215 bytes at most */
    f.wnd_max = 10000;
    check_equal(tcp_send_room_piece(&f), 3 * MSS);
    f.wnd_max = 100;
    check_equal(tcp_send_room_piece(&f), MSS);
}

static void a_piece_is_never_less_than_a_segment(void)
{
    struct tcp_send_facts f = facts();
    struct tcp_send_room r = {0};
    unsigned pieces = 0;

    f.smss = 65483; /* of a loopback, without timestamps 65,495 */
    f.limit_least = f.limit = 1 << 20;
    for (uint64_t length = 10 * 65483, more; length != 0; length -= more, pieces++) {
        more = tcp_send_room_next(&r, &f);
        check(more != 0);
        more = more < length ? more : length;
        f.to += more;
        f.nxt = f.to; /* what is in goes out at once */
    }
    check_equal(pieces, 10);
}

static void the_last_piece_may_pass_the_limit_but_none_begins_behind_it(void)
{
    struct tcp_send_facts f = facts();
    struct tcp_send_room r = {0};
    uint64_t piece = tcp_send_room_piece(&f);

    f.limit_least = f.limit = 100000;
    f.to += piece - 1;
    f.nxt = f.to;
    check_equal(tcp_send_room_next(&r, &f), piece);
    f.to += piece;
    check(f.to - f.from > f.limit);
    check_equal(tcp_send_room_next(&r, &f), 0);
}

static void a_piece_that_was_partly_sent_grows_by_as_much(void)
{
    struct tcp_send_facts f = facts();
    struct tcp_send_room r = {0};
    uint64_t piece = tcp_send_room_piece(&f);

    check_equal(tcp_send_room_next(&r, &f), piece);
    f.to += 1000;
    check_equal(tcp_send_room_next(&r, &f), piece - 1000);
    f.nxt += 400;
    check_equal(tcp_send_room_next(&r, &f), piece - 600);
    f.limit_least = f.limit = 10; /* not asked in the midst of a piece */
    check_equal(tcp_send_room_next(&r, &f), piece - 600);
}

static void low_water_bounds_what_was_never_sent(void)
{
    struct tcp_send_facts f = facts();
    struct tcp_send_room r = {0};

    f.low_water = 10000;
    f.cwnd = 100 * MSS;
    f.to += 70000;
    check_equal(tcp_send_room_next(&r, &f), 0);
    f.nxt = f.to - 9999;
    check(tcp_send_room_next(&r, &f) != 0);
    check(!tcp_send_room_is_writable(&f));
    f.nxt = f.to - 4999;
    check(tcp_send_room_is_writable(&f));
}

static void writable_is_told_when_a_third_of_the_buffer_is_free(void)
{
    struct tcp_send_facts f = facts();

    f.limit_least = f.limit = 30000;
    f.to = f.nxt = f.from + 20000;
    check(tcp_send_room_is_writable(&f));
    f.to = f.nxt = f.from + 20002;
    check(!tcp_send_room_is_writable(&f));
}

static const struct test tests[] = {
    {"the limit is two cwnds of segments, each as a kernel holds it, or the program's own",
     the_limit_is_two_cwnds_of_segments_as_a_kernel_holds_them},
    {"a buffer is full at its last byte", a_buffer_is_full_at_its_last_byte},
    {"a piece is whole segments of at most half the window",
     a_piece_is_whole_segments_of_half_the_window},
    {"a piece is never less than a segment, however large that is",
     a_piece_is_never_less_than_a_segment},
    {"the last piece may pass the limit, but none begins behind it",
     the_last_piece_may_pass_the_limit_but_none_begins_behind_it},
    {"a piece that was partly sent may grow by as much",
     a_piece_that_was_partly_sent_grows_by_as_much},
    {"TCP_NOTSENT_LOWAT bounds what was never sent (RFC 9293 A.4)",
     low_water_bounds_what_was_never_sent},
    {"writable is told when a third of the buffer is free",
     writable_is_told_when_a_third_of_the_buffer_is_free},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
