/* SPDX-License-Identifier: MIT */
/* RFC 7323 4 and 5: which timestamp is kept, which is too old, and what an echo says. */
#include "4-transport/tcp/parts/tcp_timestamp.h"
#include "base/base_test.h"

enum { NXT = 5000 };
#define START (100 * SECOND)

static struct tcp_timestamp started(uint32_t ts_val)
{
    struct tcp_timestamp t = {0};

    tcp_timestamp_start(&t, ts_val, NXT, START);
    return t;
}

static void our_clock(void)
{
    struct tcp_timestamp t = {0};

    check_equal(tcp_timestamp_value(&t, 1234 * MILLISECOND + 999999), 1234);
    tcp_timestamp_offset_set(&t, UINT32_MAX);
    check_equal(tcp_timestamp_value(&t, 1234 * MILLISECOND), 1233);
}

static void paws(void)
{
    const struct {
        uint32_t recent, ts_val;
        nanoseconds after;
        bool old;
    } rows[] = {
        {1000, 1000, 0, false},
        {1000, 999, 0, true},
        {1000, 1001, 0, false},
        {5, UINT32_MAX, 0, true}, /* the clock wrapped in between */
        {UINT32_MAX, 5, 0, false},
        {1000, 999, TCP_PAWS_AGE - 1, true},
        {1000, 999, TCP_PAWS_AGE, false}, /* 5.5: TS.Recent is outdated */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tcp_timestamp t = started(rows[i].recent);

        check_equal(tcp_timestamp_is_old(&t, rows[i].ts_val, START + rows[i].after), rows[i].old);
    }
}

/* RFC 7323 4.3: TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent. */
static void which_is_kept(void)
{
    struct tcp_timestamp t = started(1000);

    tcp_timestamp_note(&t, NXT + 1, 1010, START + 1); /* there is a hole before it */
    check_equal(t.recent, 1000);
    tcp_timestamp_note(&t, NXT, 999, START + 2);
    check_equal(t.recent, 1000);
    check_equal(t.recent_age, START);
    tcp_timestamp_note(&t, NXT, 1010, START + 3);
    check_equal(t.recent, 1010);
    check_equal(t.recent_age, START + 3);
    tcp_timestamp_on_ack_sent(&t, NXT + 100);
    tcp_timestamp_note(&t, NXT + 100, 1020, START + 4);
    check_equal(t.recent, 1020);
}

static void an_echo_measures(void)
{
    struct tcp_timestamp t = {0};
    uint32_t value;

    tcp_timestamp_offset_set(&t, 4000000000u);
    value = tcp_timestamp_value(&t, START);
    check_equal(tcp_timestamp_rtt(&t, value, START + 40 * MILLISECOND), 40 * MILLISECOND);
    check_equal(tcp_timestamp_rtt(&t, value, START), MILLISECOND); /* less than the clock can say */
    check_equal(tcp_timestamp_rtt(&t, value + 1, START), -1);
    check_equal(tcp_timestamp_rtt(&t, value, START + 3600 * SECOND), -1);
}

static const struct test tests[] = {
    {"our clock is of milliseconds, with an offset (RFC 7323 5.4)", our_clock},
    {"an older timestamp is old, unless ours is outdated (RFC 7323 5.3, 5.5)", paws},
    {"the timestamp of the segment that an ACK would answer is kept (RFC 7323 4.3)", which_is_kept},
    {"an echo measures, if it is neither of the future nor an hour old (T-31)", an_echo_measures},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
