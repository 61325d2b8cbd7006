/* SPDX-License-Identifier: MIT */
/* What may be sent leaves evenly. */
#include "4-transport/tcp/parts/tcp_pacer.h"
#include "base/base_test.h"

static void no_rate(void)
{
    struct tcp_pacer p = {0};

    tcp_pacer_on_sent(&p, 0, 65535, 1000);
    check(!tcp_pacer_holds(&p, 0, 1000));
    check_equal(p.next, 0);
    p.next = 5000; /* by a rate that was taken off */
    check(!tcp_pacer_holds(&p, 0, 1000));
}

static void a_segment_takes_its_time(void)
{
    struct tcp_pacer p = {0};

    check(!tcp_pacer_holds(&p, 1000000, 0)); /* the first goes at once */
    tcp_pacer_on_sent(&p, 1000000, 1500, 0);
    check(tcp_pacer_holds(&p, 1000000, 0));
    check(tcp_pacer_holds(&p, 1000000, 1499999));
    check(!tcp_pacer_holds(&p, 1000000, 1500000));
    check_equal(p.next, 1500000);
    tcp_pacer_on_sent(&p, 500000, 1500, 1500000); /* at half the rate */
    check_equal(p.next, 4500000);
}

/* Whoever sends as soon as it may keeps the rate to the nanosecond, and never exceeds it. */
static void the_rate_is_kept(void)
{
    static const uint64_t rates[] = {
        1, 7, 1000, 999999937, UINT64_C(10000000000), INT64_MAX, UINT64_MAX - 1};

    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct tcp_pacer p = {0};
        nanoseconds now = 5;
        uint64_t ideal;

        for (int n = 0; n < 1000; n++) {
            check(!tcp_pacer_holds(&p, rates[i], now));
            tcp_pacer_on_sent(&p, rates[i], 1448, now);
            now = p.next;
        }
        ideal = (uint64_t)(UINT64_C(1448000) * (double)SECOND / (double)rates[i]);
        check((uint64_t)now - 5 + 1 >= ideal && (uint64_t)now - 5 <= ideal + 1001);
    }
}

static void pauses_are_not_saved_up(void)
{
    struct tcp_pacer p = {0};

    tcp_pacer_on_sent(&p, 1000, 1000, 0);
    tcp_pacer_on_sent(&p, 1000, 1000, 60 * SECOND);
    check(tcp_pacer_holds(&p, 1000, 60 * SECOND));
    check_equal(p.next, 61 * SECOND);
}

static void what_was_forced_counts(void)
{
    struct tcp_pacer p = {0};

    tcp_pacer_on_sent(&p, 1000, 1000, 0);
    tcp_pacer_on_sent(&p, 1000, 1000, 1);
    check_equal(p.next, 2 * SECOND);
    tcp_pacer_on_sent(&p, 1000, 0, 1); /* a FIN alone */
    check_equal(p.next, 2 * SECOND);
}

static void a_new_limit(void)
{
    struct tcp_pacer p = {0};

    tcp_pacer_on_sent(&p, 1, 65535, 0);
    check(tcp_pacer_holds(&p, 1000000, SECOND));
    tcp_pacer_restart(&p);
    check(!tcp_pacer_holds(&p, 1000000, SECOND));
}

static void two_rates(void)
{
    check_equal(tcp_pacer_rate(0, 0), 0);
    check_equal(tcp_pacer_rate(5, 0), 5);
    check_equal(tcp_pacer_rate(0, 7), 7);
    check_equal(tcp_pacer_rate(5, 7), 5);
    check_equal(tcp_pacer_rate(9, 7), 7);
    check_equal(tcp_pacer_rate(0, UINT64_MAX), 0);
    check_equal(tcp_pacer_rate(5, UINT64_MAX), 5);
}

static const struct test tests[] = {
    {"without a rate nothing waits", no_rate},
    {"a segment keeps the next one back for its bytes", a_segment_takes_its_time},
    {"the rate is kept, and never exceeded", the_rate_is_kept},
    {"a pause is followed by no burst", pauses_are_not_saved_up},
    {"what was forced out counts too", what_was_forced_counts},
    {"a new limit does not wait for the old one", a_new_limit},
    {"the lesser of two rates counts, and none is no rate", two_rates},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
