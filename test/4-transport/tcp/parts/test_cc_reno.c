/* SPDX-License-Identifier: MIT */
/* RFC 5681 3.1, 3.2 and 4.1, RFC 6928 2, RFC 3465: Reno, and what is common to all algorithms. */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "base/base_test.h"

enum { SMSS = 1460 };

static struct cc fresh(uint32_t segments)
{
    struct cc cc = {0};

    tcp_cc_init(&cc, TCP_CC_RENO, SMSS, segments);
    return cc;
}

static void ack(struct cc *cc, uint64_t bytes, bool limited)
{
    struct ack_event e = {
        .acked = bytes, .delivered = bytes, .smss = SMSS, .cwnd_limited = limited, .rtt = -1};

    tcp_cc_on_ack(cc, &e);
}

static void loss(struct cc *cc, uint64_t flight, enum cc_loss what)
{
    tcp_cc_on_loss(cc, &(struct loss_event){.flight = flight, .what = what});
}

static void idled(struct cc *cc, uint64_t restart_window)
{
    tcp_cc_on_idle(cc, &(struct idle_event){.restart_window = restart_window});
}

static void initial_window(void)
{
    struct cc cc = fresh(10);

    check_equal(cc.cwnd, 14600);
    check(cc.ssthresh > UINT64_C(1) << 40);
}

static void slow_start(void)
{
    struct cc cc = fresh(10);

    for (int i = 0; i < 10; i++)
        ack(&cc, SMSS, true);
    check_equal(cc.cwnd, 20 * SMSS);
}

static void divided_acks(void)
{
    struct cc cc = fresh(10);

    for (int i = 0; i < SMSS; i++)
        ack(&cc, 1, true);
    check_equal(cc.cwnd, 11 * SMSS);
}

static void congestion_avoidance(void)
{
    struct cc cc = fresh(10);

    cc.ssthresh = cc.cwnd;
    for (int round = 0; round < 50; round++) {
        uint64_t cwnd = cc.cwnd;

        for (uint64_t i = 0; i < cwnd / SMSS; i++) {
            check(cc.cwnd == cwnd);
            ack(&cc, SMSS, true);
        }
        check_equal(cc.cwnd, cwnd + SMSS); /* one segment a round trip */
    }
}

static void over_the_threshold(void)
{
    struct cc cc = fresh(10);

    cc.ssthresh = cc.cwnd + 2 * SMSS;
    ack(&cc, 5 * SMSS, true); /* two in slow start, three counted for congestion avoidance */
    check_equal(cc.cwnd, 12 * SMSS);
    ack(&cc, 8 * SMSS, true);
    check_equal(cc.cwnd, 12 * SMSS);
    ack(&cc, SMSS, true);
    check_equal(cc.cwnd, 13 * SMSS);
}

static void not_limited(void)
{
    struct cc cc = fresh(10);

    for (int i = 0; i < 1000; i++)
        ack(&cc, SMSS, false);
    check_equal(cc.cwnd, 10 * SMSS);
}

static void losses(void)
{
    struct cc cc = fresh(10);

    loss(&cc, 20 * SMSS, CC_LOSS_FAST);
    check_equal(cc.ssthresh, 10 * SMSS);
    check_equal(cc.cwnd, 10 * SMSS);
    loss(&cc, SMSS, CC_LOSS_FAST); /* equation 4: max(FlightSize / 2, 2*SMSS) */
    check_equal(cc.ssthresh, 2 * SMSS);
    check_equal(cc.cwnd, 2 * SMSS);
}

static void timeouts(void)
{
    struct cc cc = fresh(10);

    loss(&cc, 30 * SMSS, CC_LOSS_TIMEOUT);
    check_equal(cc.ssthresh, 15 * SMSS);
    check_equal(cc.cwnd, SMSS);
    loss(&cc, SMSS, CC_LOSS_TIMEOUT_AGAIN); /* the same segment again: ssthresh is held (3.1) */
    check_equal(cc.ssthresh, 15 * SMSS);
    check_equal(cc.cwnd, SMSS);
}

static void idle(void)
{
    struct cc cc = fresh(10);

    cc.cwnd = 50 * SMSS;
    idled(&cc, 10 * SMSS);
    check_equal(cc.cwnd, 10 * SMSS); /* RW = min(IW, cwnd) */
    cc.cwnd = 3 * SMSS;
    idled(&cc, 10 * SMSS);
    check_equal(cc.cwnd, 3 * SMSS);
    cc.cwnd = 50 * SMSS;
    idled(&cc, UINT64_MAX);
    check_equal(cc.cwnd, 50 * SMSS);
}

/* RFC 5681 3.2, step 6; RFC 6582 3.2, step 3. */
static void recovery(void)
{
    struct cc cc = fresh(10);
    struct ack_event e = {
        .acked = SMSS, .delivered = SMSS, .smss = SMSS, .cwnd_limited = true, .rtt = -1};

    loss(&cc, 20 * SMSS, CC_LOSS_FAST);
    e.recovering = true;
    for (int i = 0; i < 50; i++)
        tcp_cc_on_ack(&cc, &e);
    check_equal(cc.cwnd, 10 * SMSS);
    cc.ssthresh = 8 * SMSS;
    e.recovered = true;
    tcp_cc_on_ack(&cc, &e);
    check_equal(cc.cwnd, 8 * SMSS);
    e.recovering = e.recovered = false;
    e.acked = 0; /* a duplicate ACK that SACKs something */
    tcp_cc_on_ack(&cc, &e);
    check_equal(cc.cwnd, 8 * SMSS);
}

static void segment_size(void)
{
    struct cc cc = fresh(10);

    tcp_cc_smss_set(&cc, 536);
    check_equal(cc.cwnd, 5360);
    check_equal(cc.smss, 536);
    cc.cwnd = 100;
    tcp_cc_smss_set(&cc, SMSS);
    check_equal(cc.cwnd, SMSS);
}

/* Whatever happens, cwnd is a segment at least, and grows by no more than was acknowledged. */
static void random_events(void)
{
    struct seeded random = {11};
    struct cc cc = fresh(10);

    for (int i = 0; i < 100000; i++) {
        uint64_t bytes = draw_below(&random, 4 * SMSS) + 1, cwnd = cc.cwnd;
        uint64_t flight = draw_below(&random, 2 * cwnd);

        switch (draw_below(&random, 40)) {
        case 0:
            loss(&cc, flight, CC_LOSS_FAST);
            check(cc.cwnd == cc.ssthresh && cc.cwnd <= 2 * SMSS + flight / 2);
            break;
        case 1:
            loss(&cc, flight, draw(&random) & 1 ? CC_LOSS_TIMEOUT : CC_LOSS_TIMEOUT_AGAIN);
            check_equal(cc.cwnd, SMSS);
            break;
        default:
            ack(&cc, bytes, draw(&random) & 1);
            check(cc.cwnd >= cwnd && cc.cwnd <= cwnd + bytes + SMSS);
            check(cc.own.reno.counted < cc.cwnd);
        }
        check(cc.cwnd >= SMSS && cc.ssthresh >= 2 * SMSS);
    }
}

static void names(void)
{
    check(strcmp(tcp_cc_name(TCP_CC_RENO), "reno") == 0);
    check(tcp_cc_name(TCP_CC_RENO + 1) == NULL);
    check_equal(tcp_cc_kind_of("reno", 4), TCP_CC_RENO);
    check_equal(tcp_cc_kind_of("reno\0\0\0\0", 8), TCP_CC_RENO); /* as setsockopt may give it */
    check_equal(tcp_cc_kind_of("ren", 3), -ENOENT);
    check_equal(tcp_cc_kind_of("renoo", 5), -ENOENT);
    check_equal(tcp_cc_kind_of("", 0), -ENOENT);
}

static const struct test tests[] = {
    {"the initial window is ten segments (RFC 6928 2)", initial_window},
    {"slow start doubles cwnd in a round trip", slow_start},
    {"dividing ACKs gains nothing (RFC 3465)", divided_acks},
    {"congestion avoidance adds a segment a round trip", congestion_avoidance},
    {"one ACK may cross ssthresh", over_the_threshold},
    {"cwnd does not grow while it does not limit", not_limited},
    {"a loss halves the flight, to two segments at least (equation 4)", losses},
    {"a timeout makes cwnd one segment; a repetition keeps ssthresh", timeouts},
    {"after idling cwnd is at most the restart window (4.1)", idle},
    {"in fast recovery cwnd stays, and is at most ssthresh behind it", recovery},
    {"a new segment size keeps the segments", segment_size},
    {"random events keep cwnd in bounds", random_events},
    {"algorithms are known by name", names},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
