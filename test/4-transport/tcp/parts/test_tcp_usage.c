/* SPDX-License-Identifier: MIT */
/* RFC 7661: cwnd is worth raising only if it was used. */
#include "4-transport/tcp/parts/tcp_usage.h"
#include "base/base_test.h"

enum { SMSS = 1000 };

#define SLOW_START UINT64_MAX / 2

/* Sends so that [una, nxt) is out; held: cwnd had no room for more. */
static void output(struct tcp_usage *u, tcp_seq una, tcp_seq nxt, bool held)
{
    tcp_usage_begin(u);
    if (held)
        tcp_usage_on_held(u);
    tcp_usage_on_sent(u, una, nxt, true);
}

static void nothing_sent(void)
{
    struct tcp_usage u = {0};

    check(!tcp_usage_is_limited(&u, 10 * SMSS, SLOW_START));
    check(!tcp_usage_is_limited(&u, 10 * SMSS, 10 * SMSS));
}

static void held_back(void)
{
    struct tcp_usage u = {0};

    output(&u, 0, 10 * SMSS, true);
    check(tcp_usage_is_limited(&u, 10 * SMSS, SLOW_START));
    check(tcp_usage_is_limited(&u, 10 * SMSS, 10 * SMSS)); /* in congestion avoidance too */
}

static void half_used(void)
{
    struct tcp_usage u = {0};

    output(&u, 0, 5 * SMSS, false);
    check(!tcp_usage_is_limited(&u, 10 * SMSS, SLOW_START));
    output(&u, 0, 5 * SMSS + 1, false);
    check(tcp_usage_is_limited(&u, 10 * SMSS, SLOW_START));
    check(!tcp_usage_is_limited(&u, 10 * SMSS, 10 * SMSS));
}

/* Until its end the fullest flight counts: neither a smaller one nor one with room takes its
 * place, however many follow. */
static void fullest_flight(void)
{
    struct tcp_usage u = {0};

    output(&u, 0, 10 * SMSS, true);
    for (tcp_seq una = SMSS; una < 10 * SMSS; una += SMSS) {
        output(&u, una, 10 * SMSS + una / 10, false);
        check(tcp_usage_is_limited(&u, 10 * SMSS, 10 * SMSS));
        check_equal(u.most_out, 10 * SMSS);
        check_equal(u.until, 10 * SMSS);
    }
    output(&u, 10 * SMSS, 12 * SMSS, false); /* all of it is acknowledged: the next one */
    check(!tcp_usage_is_limited(&u, 10 * SMSS, 10 * SMSS));
    check_equal(u.most_out, 2 * SMSS);
    check_equal(u.until, 12 * SMSS);
}

static void larger_flight(void)
{
    struct tcp_usage u = {0};

    output(&u, 0, 2 * SMSS, false);
    output(&u, SMSS, 8 * SMSS, false); /* before its end, and larger */
    check_equal(u.most_out, 7 * SMSS);
    check_equal(u.until, 8 * SMSS);
    output(&u, 2 * SMSS, 9 * SMSS, true); /* no larger, but cwnd holds more back */
    check_equal(u.until, 9 * SMSS);
    check(tcp_usage_is_limited(&u, 7 * SMSS, 7 * SMSS));
}

static void nothing_new(void)
{
    struct tcp_usage u = {0}, before;

    output(&u, 0, 4 * SMSS, false);
    before = u;
    tcp_usage_begin(&u);
    tcp_usage_on_sent(&u, 4 * SMSS, 4 * SMSS, false); /* an ACK came, and nothing went */
    check(u.most_out == before.most_out && u.until == before.until && !u.limited);
    tcp_usage_on_held(&u); /* nothing went because of cwnd: that is news */
    tcp_usage_on_sent(&u, 2 * SMSS, 4 * SMSS, false);
    check(u.limited && u.most_out == 2 * SMSS);
}

static const struct test tests[] = {
    {"nothing sent limits nothing", nothing_sent},
    {"cwnd that held a segment back was used", held_back},
    {"in slow start cwnd of which more than half was out was used", half_used},
    {"the fullest flight counts until its end", fullest_flight},
    {"a larger flight, or one that cwnd holds back, takes its place", larger_flight},
    {"an output that sends nothing says nothing, unless cwnd is why", nothing_new},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
