/* SPDX-License-Identifier: MIT */
/* RFC 6298 2 and 5.5, against the formulas in floating point. */
#include "4-transport/tcp/parts/tcp_rtt.h"
#include "base/base_test.h"

static struct tcp_rtt fresh(void)
{
    struct tcp_rtt t;

    tcp_rtt_init(&t, SECOND, 200 * MILLISECOND, 120 * SECOND);
    return t;
}

static void before_a_sample(void)
{
    struct tcp_rtt t = fresh();

    check_equal(tcp_rtt_timeout(&t), SECOND);
    tcp_rtt_backoff(&t);
    check_equal(tcp_rtt_timeout(&t), 2 * SECOND);
}

static void the_first_sample(void)
{
    struct tcp_rtt t = fresh();

    tcp_rtt_sample(&t, 100 * MILLISECOND);
    check_equal(t.srtt, 100 * MILLISECOND);
    check_equal(t.rttvar, 50 * MILLISECOND);
    check_equal(tcp_rtt_timeout(&t), 300 * MILLISECOND); /* 100 + max(4 * 50, 200) */
    tcp_rtt_init(&t, SECOND, 200 * MILLISECOND, 120 * SECOND);
    tcp_rtt_sample(&t, 400 * MILLISECOND);
    check_equal(tcp_rtt_timeout(&t), 1200 * MILLISECOND);
}

static void the_second_sample(void)
{
    struct tcp_rtt t = fresh();

    tcp_rtt_sample(&t, 80 * MILLISECOND);
    tcp_rtt_sample(&t, 160 * MILLISECOND);
    /* RTTVAR with the SRTT from before: 3/4 * 40 + 1/4 * 80; SRTT: 7/8 * 80 + 1/8 * 160 */
    check_equal(t.rttvar, 50 * MILLISECOND);
    check_equal(t.srtt, 90 * MILLISECOND);
    check_equal(tcp_rtt_timeout(&t), 290 * MILLISECOND);
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static void follows_the_formula(void)
{
    struct seeded random = {3};

    for (int run = 0; run < 200; run++) {
        struct tcp_rtt t = fresh();
        double srtt = 0, rttvar = 0;
        nanoseconds least = NEVER;
        uint64_t range = UINT64_C(1) << (10 + draw_below(&random, 24));

        for (int i = 0; i < 200; i++) {
            nanoseconds rtt = (nanoseconds)(1000 + draw_below(&random, range));
            double r = (double)rtt, variance, rto;

            tcp_rtt_sample(&t, rtt);
            least = time_earlier(least, rtt);
            if (i == 0) {
                srtt = r;
                rttvar = r / 2;
            } else {
                rttvar = 0.75 * rttvar + 0.25 * magnitude(srtt - r);
                srtt = 0.875 * srtt + 0.125 * r;
            }
            check(magnitude((double)t.srtt - srtt) < 100);
            check(magnitude((double)t.rttvar - rttvar) < 200);
            variance = 4 * rttvar > 2e8 ? 4 * rttvar : 2e8;
            rto = srtt + variance < 120e9 ? srtt + variance : 120e9;
            check(magnitude((double)tcp_rtt_timeout(&t) - rto) < 1000);
            check_equal(t.least, least);
        }
    }
}

static void constant_rtt(void)
{
    struct tcp_rtt t = fresh();

    for (int i = 0; i < 200; i++)
        tcp_rtt_sample(&t, 50 * MILLISECOND);
    check_equal(t.srtt, 50 * MILLISECOND);
    check(t.rttvar < 10);
    check_equal(tcp_rtt_timeout(&t), 250 * MILLISECOND); /* the floor is on the variance */
}

static void doubling(void)
{
    struct tcp_rtt t = fresh();
    nanoseconds want = 300 * MILLISECOND;

    tcp_rtt_sample(&t, 100 * MILLISECOND);
    for (int i = 0; i < 100; i++) {
        check_equal(tcp_rtt_timeout(&t), want);
        tcp_rtt_backoff(&t);
        want = want * 2 < 120 * SECOND ? want * 2 : 120 * SECOND;
    }
    check_equal(tcp_rtt_timeout(&t), 120 * SECOND);
    tcp_rtt_sample(&t, 100 * MILLISECOND);
    want = tcp_rtt_timeout(&t);
    check(want < 300 * MILLISECOND + 1);
    tcp_rtt_backoff(&t);
    check_equal(tcp_rtt_timeout(&t), 2 * want);
    tcp_rtt_progress(&t);
    check_equal(tcp_rtt_timeout(&t), want);
}

static void after_a_lost_syn(void)
{
    struct tcp_rtt t = fresh();

    tcp_rtt_backoff(&t);
    tcp_rtt_backoff(&t);
    tcp_rtt_syn_was_lost(&t);
    check_equal(tcp_rtt_timeout(&t), 3 * SECOND);
    tcp_rtt_sample(&t, 100 * MILLISECOND);
    check_equal(tcp_rtt_timeout(&t), 300 * MILLISECOND);
    tcp_rtt_init(&t, 5 * SECOND, 200 * MILLISECOND, 120 * SECOND);
    tcp_rtt_syn_was_lost(&t);
    check_equal(tcp_rtt_timeout(&t), 5 * SECOND);
    tcp_rtt_init(&t, SECOND, 200 * MILLISECOND, 2 * SECOND);
    tcp_rtt_syn_was_lost(&t);
    check_equal(tcp_rtt_timeout(&t), 2 * SECOND);
}

static void strange_samples(void)
{
    struct tcp_rtt t = fresh();

    tcp_rtt_sample(&t, 0);
    check(t.srtt > 0);
    tcp_rtt_sample(&t, -5);
    check(t.srtt > 0);
    tcp_rtt_sample(&t, NEVER);
    check(t.srtt <= 120 * SECOND && tcp_rtt_timeout(&t) <= 120 * SECOND);
    check(t.rto <= 120 * SECOND); /* as it is shown */
    check(tcp_rtt_timeout(&t) >= 200 * MILLISECOND);
}

static const struct test tests[] = {
    {"before any sample RTO is the initial one, and backs off (2.1)", before_a_sample},
    {"the first sample gives SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR (2.2)",
     the_first_sample},
    {"RTTVAR is computed before SRTT (2.3)", the_second_sample},
    {"a thousand samples follow the formulas (2.3)", follows_the_formula},
    {"with a constant RTT, RTO is SRTT and the floor", constant_rtt},
    {"each timeout doubles RTO up to the most; a sample ends it (5.5, 2.5)", doubling},
    {"data behind a SYN that was sent again begins with three seconds (5.7)", after_a_lost_syn},
    {"a sample of nothing, or of for ever, does no harm", strange_samples},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
