/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.8.6.3 (MUST-40, SHLD-18, SHLD-19), RFC 5681 4.2. */
#include "4-transport/tcp/parts/tcp_delack.h"
#include "base/base_test.h"

enum { MSS = 1460 };

static struct tcp_delack fresh(void)
{
    struct tcp_delack d = {0};

    tcp_delack_init(&d, MSS);
    return d;
}

/* Past quick mode. */
static struct tcp_delack calm(void)
{
    struct tcp_delack d = fresh();

    tcp_delack_quick(&d, false);
    return d;
}

static void nothing_owed(void)
{
    struct tcp_delack d = fresh();

    check(!d.now && !d.owed && d.deadline == NEVER);
    tcp_delack_on_timer(&d);
    check(!d.now);
}

static void young(void)
{
    struct tcp_delack d = fresh();

    for (int i = 0; i < DELACK_QUICK; i++) {
        tcp_delack_on_data(&d, 100, 100, i * MILLISECOND);
        check(d.now);
        tcp_delack_on_ack_sent(&d);
        check(!d.now && !d.owed && d.deadline == NEVER);
    }
    tcp_delack_on_data(&d, 100, 100, 20 * MILLISECOND);
    check(!d.now && d.owed);
    check_equal(d.deadline, 20 * MILLISECOND + DELACK_NS);
}

/* A FIN counts as an octet. */
static void fin_behind_a_full_segment(void)
{
    struct tcp_delack d = calm();

    for (int less = 1; less >= 0; less--) {
        tcp_delack_on_data(&d, MSS, MSS, 0);
        tcp_delack_on_ack_sent(&d); /* so it knows what is full-sized */
        tcp_delack_on_data(&d, (uint32_t)(MSS - less), (uint32_t)(MSS - less), 0);
        check(!d.now);
        tcp_delack_on_fin(&d, 0);
        check_equal(d.now, less == 0);
        tcp_delack_on_ack_sent(&d);
    }
}

static void second_full_segment(void)
{
    struct tcp_delack d = calm();

    for (int i = 0; i < 20; i++) {
        tcp_delack_on_data(&d, MSS, MSS, i * MILLISECOND);
        check(!d.now);
        tcp_delack_on_data(&d, MSS, MSS, i * MILLISECOND);
        check(d.now);
        tcp_delack_on_ack_sent(&d);
    }
}

static void what_is_full_sized(void)
{
    struct tcp_delack d = calm();

    tcp_delack_on_data(&d, 536, 536, 0);
    check(!d.now);
    tcp_delack_on_data(&d, 1, 1, 0);
    check(d.now); /* the peer has shown no larger segment yet */
    tcp_delack_on_ack_sent(&d);
    tcp_delack_on_data(&d, 1000, 1000, 0);
    check(!d.now);
    tcp_delack_on_data(&d, 1000, 1000, 0);
    check(d.now); /* its segments have 1000 bytes, ours would have 1460 */
    tcp_delack_on_ack_sent(&d);
    tcp_delack_on_data(&d, 9000, 9000, 0);
    check_equal(d.largest, MSS); /* several that came as one */
    tcp_delack_full_size(&d, 500);
    check_equal(d.largest, 500);
}

static void fins(void)
{
    struct tcp_delack d = fresh();

    tcp_delack_on_data(&d, 100, 100, SECOND);
    tcp_delack_on_fin(&d, SECOND);
    check(!d.now && d.owed);
    check_equal(d.deadline, SECOND + DELACK_NS);
    tcp_delack_on_ack_sent(&d);
    check(!d.owed && d.deadline == NEVER);
    d = fresh();
    tcp_delack_on_urgent_need(&d);
    tcp_delack_on_fin(&d, SECOND);
    check(d.now);
    d = fresh();
    tcp_delack_on_data(&d, 2 * MSS, MSS, SECOND);
    tcp_delack_on_fin(&d, SECOND);
    check(d.now);
}

static void within_half_a_second(void)
{
    struct tcp_delack d = calm();

    check(DELACK_NS < SECOND / 2);
    tcp_delack_on_data(&d, 1, 1, SECOND);
    check_equal(d.deadline, SECOND + DELACK_NS);
    tcp_delack_on_data(&d, 1, 1, SECOND + 30 * MILLISECOND);
    check_equal(d.deadline, SECOND + DELACK_NS); /* from the first byte on */
    tcp_delack_on_timer(&d);
    check(d.now && d.deadline == NEVER);
    tcp_delack_on_ack_sent(&d);
    check(!d.now && d.unacked == 0);
}

static void needs(void)
{
    struct tcp_delack d = calm();

    tcp_delack_on_urgent_need(&d);
    check(d.now);
}

static void answers(void)
{
    struct tcp_delack d = fresh();

    tcp_delack_on_data(&d, 100, 100, SECOND);
    tcp_delack_on_data_sent(&d, SECOND + MILLISECOND);
    tcp_delack_on_ack_sent(&d);
    tcp_delack_on_data(&d, 100, 100, SECOND + 2 * MILLISECOND);
    check(!d.now && d.deadline != NEVER); /* the answer will carry it */
    tcp_delack_on_timer(&d);              /* it did not come */
    check(d.now);
    tcp_delack_on_ack_sent(&d);
    tcp_delack_on_data(&d, 100, 100, SECOND + 3 * MILLISECOND);
    check(d.now);
}

static void sending_alone_is_no_conversation(void)
{
    struct tcp_delack d = fresh();

    tcp_delack_on_data_sent(&d, SECOND);
    check(!d.interactive);
    tcp_delack_on_data(&d, 100, 100, 2 * SECOND);
    tcp_delack_on_data_sent(&d, 2 * SECOND + DELACK_NS);
    check(!d.interactive);
}

static void pause(void)
{
    struct tcp_delack d = calm();

    tcp_delack_on_data(&d, 100, 100, SECOND);
    tcp_delack_on_ack_sent(&d);
    check_equal(d.quick, 0);
    tcp_delack_on_data(&d, 100, 100, 2 * SECOND);
    check_equal(d.quick, 0);
    tcp_delack_on_data(&d, 100, 100, 3 * SECOND + 1);
    check_equal(d.quick, DELACK_QUICK);
}

static void by_option(void)
{
    struct tcp_delack d = calm();

    tcp_delack_quick(&d, true); /* nothing is owed */
    check(!d.now);
    tcp_delack_quick(&d, false);
    tcp_delack_on_data(&d, 100, 100, SECOND);
    check(!d.now);
    tcp_delack_quick(&d, false);
    check(!d.now);
    tcp_delack_quick(&d, true); /* what is owed goes at once */
    check(d.now);
    tcp_delack_on_ack_sent(&d);
    tcp_delack_on_data(&d, 100, 100, SECOND);
    check(d.now);
}

/* SHLD-18, SHLD-19 and MUST-40 as a property: never is more than two segments' worth, or more than
 * half a second, without an ACK being due. */
static void random_arrivals(void)
{
    struct seeded random = {13};
    struct tcp_delack d = fresh();
    nanoseconds now = SECOND, oldest = NEVER;
    uint64_t bytes = 0;

    for (int i = 0; i < 100000; i++) {
        now += (nanoseconds)draw_below(&random, 30 * MILLISECOND);
        if (d.deadline <= now)
            tcp_delack_on_timer(&d);
        if (d.now) {
            tcp_delack_on_ack_sent(&d);
            bytes = 0;
            oldest = NEVER;
        }
        if (draw(&random) % 3 == 0)
            tcp_delack_on_data_sent(&d, now);
        bytes += 1 + draw_below(&random, MSS);
        tcp_delack_on_data(&d, (uint32_t)(bytes - d.unacked), (uint32_t)(bytes - d.unacked), now);
        check_equal(d.unacked, bytes);
        oldest = time_earlier(oldest, now);
        check(d.now || (bytes <= MSS && d.deadline <= oldest + DELACK_NS));
    }
}

static const struct test tests[] = {
    {"nothing is owed at first", nothing_owed},
    {"a young connection acknowledges at once", young},
    {"every second full-sized segment is acknowledged (SHLD-19)", second_full_segment},
    {"the FIN behind a full-sized segment makes it more", fin_behind_a_full_segment},
    {"full-sized is what the peer has shown, up to our own MSS", what_is_full_sized},
    {"a FIN may wait for an answer, but not what is urgent", fins},
    {"any other within half a second (MUST-40)", within_half_a_second},
    {"what is urgent is acknowledged at once (RFC 5681 4.2)", needs},
    {"an answer carries the ACK; when none comes, quick mode is back", answers},
    {"sending alone makes no conversation", sending_alone_is_no_conversation},
    {"after a pause the connection is young again", pause},
    {"TCP_QUICKACK sends what is owed", by_option},
    {"random arrivals never wait too long", random_arrivals},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
