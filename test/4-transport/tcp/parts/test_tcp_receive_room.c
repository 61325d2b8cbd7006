/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.8.6: the receive buffer follows the program. */
#include "4-transport/tcp/parts/tcp_receive_room.h"
#include "base/base_test.h"

enum { FIRST = 131072, MOST = 6291456, RMSS = 1460, BASE = 1000000 };
#define RTT (20 * MILLISECOND)
#define START SECOND

static struct tcp_receive_room started(void)
{
    struct tcp_receive_room r;

    tcp_receive_room_init(&r, FIRST);
    tcp_receive_room_start(&r, BASE, START);
    return r;
}

static void reads(struct tcp_receive_room *r, tcp_seq read_to, nanoseconds now)
{
    const struct tcp_receive_facts f = {
        .now = now, .srtt = RTT, .read_to = read_to, .most = MOST, .rmss = RMSS};

    tcp_receive_room_on_read(r, &f);
}

static void it_grows_to_twice_what_is_read_in_a_round_trip(void)
{
    struct tcp_receive_room r = started();

    reads(&r, BASE + 100000, START + RTT - 1);
    check_equal(r.bytes, FIRST); /* the round trip is not over */
    reads(&r, BASE + 150000, START + RTT);
    check_equal(tcp_receive_room_window(&r), 2 * 150000 + 16 * RMSS);
    reads(&r, BASE + 200000, START + 2 * RTT); /* slower now: it never shrinks */
    check_equal(tcp_receive_room_window(&r), 2 * 150000 + 16 * RMSS);
    reads(&r, BASE + 200000 + (64 << 20), START + 3 * RTT);
    check_equal(r.bytes, MOST);
}

static void a_program_that_reads_little_changes_nothing(void)
{
    struct tcp_receive_room r = started();

    for (int i = 1; i < 100; i++)
        reads(&r, BASE + (tcp_seq)i * 1000, START + i * RTT);
    check_equal(r.bytes, FIRST);
}

static void a_round_trip_is_a_millisecond_at_least(void)
{
    struct tcp_receive_room r = started();
    struct tcp_receive_facts f = {
        .now = START + 1000, .srtt = 10, .read_to = BASE + 90000, .most = MOST, .rmss = RMSS};

    tcp_receive_room_on_read(&r, &f);
    check_equal(r.bytes, FIRST);
    f.now = START + MILLISECOND;
    tcp_receive_room_on_read(&r, &f);
    check(r.bytes > FIRST);
}

static void what_was_promised_stays(void)
{
    struct tcp_receive_room r = started();

    tcp_receive_room_set(&r, 10000, 3000);
    check_equal(r.bytes, 10000);
    tcp_receive_room_set(&r, 10000, 60000);
    check_equal(tcp_receive_room_window(&r), 60000);
    check_equal(tcp_receive_room_free(&r, 1000), 59000);
    check_equal(tcp_receive_room_free(&r, 60001), 0);
}

static const struct test tests[] = {
    {"it grows to twice what is read in a round trip, and never shrinks",
     it_grows_to_twice_what_is_read_in_a_round_trip},
    {"a program that reads little changes nothing", a_program_that_reads_little_changes_nothing},
    {"a round trip is a millisecond at least", a_round_trip_is_a_millisecond_at_least},
    {"what was promised stays, when the program sets a size (SHLD-14)", what_was_promised_stays},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
