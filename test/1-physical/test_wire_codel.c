/* SPDX-License-Identifier: MIT */
/* CoDel against the arithmetic and the branches of RFC 8289 5.5 and 5.6. */
#include <string.h>

#include "1-physical/wire_codel.h"
#include "check.h"

enum { LONGEST = 1514, STANDS = 100000 };
static const struct wire_codel_plan plan; /* the RFC's 5 ms and 100 ms */

/* One frame of a round that is new; it waited `waited`, and behind it `left` bytes wait. */
static bool drops(struct wire_codel *c, nanoseconds now, nanoseconds waited, uint32_t left,
                  enum wire_codel_round *round)
{
    const struct wire_codel_frame frame = {now, waited, left, LONGEST};

    return wire_codel_drops(c, &plan, &frame, round);
}

/* Takes a frame at `now` from a queue that stands. @return how many were dropped before it */
static uint32_t take(struct wire_codel *c, nanoseconds now)
{
    enum wire_codel_round round = WIRE_CODEL_FIRST;
    uint32_t dropped = 0;

    while (drops(c, now, 50 * MILLISECOND, STANDS, &round))
        check(dropped++ < 10000);
    return dropped;
}

/* The times of the first drops: an interval after it began to stand, then 100 ms / sqrt(n). */
static void the_control_law(void)
{
    static const nanoseconds steps[] = {100000000, 70710678, 57735026, 50000000, 44721359,
                                        40824829,  37796447, 35355339, 33333333, 31622776};

    for (uint32_t i = 0; i < sizeof steps / sizeof *steps; i++)
        check_equal(wire_codel_step(WIRE_CODEL_INTERVAL, i + 1), steps[i]);
    check_equal(wire_codel_step(WIRE_CODEL_INTERVAL, 10000), 999999); /* a part in 2^26 less */
    check_equal(wire_codel_step(SECOND, 1000000), 999999);
    check_equal(wire_codel_step(INT64_C(1) << 60, 4), INT64_C(1) << 59);
    check_equal(wire_codel_step(1, UINT32_MAX), 0);
    check(wire_codel_step(SECOND, UINT32_MAX) == 15258); /* 1e9 / 65536 */
}

static void a_queue_that_stands_is_cut_ever_faster(void)
{
    static const nanoseconds steps[] = {100000000, 70710678, 57735026, 50000000};
    struct wire_codel c;
    nanoseconds due;

    memset(&c, 0, sizeof c);
    check_equal(take(&c, SECOND), 0);
    check_equal(take(&c, SECOND + 100 * MILLISECOND - 1), 0);
    due = SECOND + 100 * MILLISECOND;
    check_equal(take(&c, due), 1);
    check_equal(c.count, 1);
    for (uint32_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        due += steps[i];
        check_equal(take(&c, due - 1), 0);
        check_equal(take(&c, due), 1);
        check_equal(c.count, i + 2);
    }
}

/* What was missed is made up for in one taking. */
static void drops_that_are_overdue_come_at_once(void)
{
    struct wire_codel c;

    memset(&c, 0, sizeof c);
    (void)take(&c, SECOND);
    check_equal(take(&c, SECOND + 100 * MILLISECOND), 1); /* the next: at 1.2 s */
    /* at 1.2, 1.2707 and 1.3284; the fourth were at 1.3784 */
    check_equal(take(&c, SECOND + 330 * MILLISECOND), 3);
    check_equal(c.drop_next, SECOND + 200000000 + 70710678 + 57735026 + 50000000);
}

static void below_the_target_all_is_well(void)
{
    enum wire_codel_round round = WIRE_CODEL_FIRST;
    struct wire_codel c;

    memset(&c, 0, sizeof c);
    (void)take(&c, SECOND);
    check_equal(take(&c, SECOND + 100 * MILLISECOND), 1);
    check(!drops(&c, SECOND + 300 * MILLISECOND, 5 * MILLISECOND - 1, STANDS, &round));
    check_equal(c.dropping, 0);
    check_equal(c.first_above_time, 0);
    round = WIRE_CODEL_FIRST; /* an interval more before the next */
    check(!drops(&c, SECOND + 301 * MILLISECOND, 5 * MILLISECOND, STANDS, &round));
    check_equal(c.first_above_time, SECOND + 401 * MILLISECOND);
}

static void a_queue_of_one_frame_is_never_bad(void)
{
    enum wire_codel_round round;
    struct wire_codel c;

    memset(&c, 0, sizeof c);
    for (nanoseconds now = SECOND; now < 3 * SECOND; now += 50 * MILLISECOND) {
        round = WIRE_CODEL_FIRST;
        check(!drops(&c, now, SECOND, LONGEST, &round));
    }
    round = WIRE_CODEL_FIRST;
    check(!drops(&c, 3 * SECOND, SECOND, LONGEST + 1, &round));
    round = WIRE_CODEL_FIRST;
    check(drops(&c, 3 * SECOND + 100 * MILLISECOND, SECOND, LONGEST + 1, &round));
}

/* Back within 16 intervals: where it stopped; later: at the beginning. */
static void who_is_back_soon_goes_on(void)
{
    for (int soon = 0; soon < 2; soon++) {
        enum wire_codel_round round = WIRE_CODEL_FIRST;
        nanoseconds back = (soon ? 2 : 5) * SECOND;
        struct wire_codel c;

        memset(&c, 0, sizeof c);
        (void)take(&c, SECOND);
        (void)take(&c, SECOND + 100 * MILLISECOND);
        (void)take(&c, SECOND + 400 * MILLISECOND); /* count 5 with the four of these 300 ms */
        check_equal(c.count, 5);
        check_equal(c.lastcount, 1);
        check(!drops(&c, SECOND + 401 * MILLISECOND, 0, STANDS, &round));
        (void)take(&c, back);
        check_equal(take(&c, back + 100 * MILLISECOND), 1);
        check_equal(c.count, soon ? 4 : 1);
    }
}

/* A mark counts as a drop, and the frame goes. */
static void marks_follow_the_same_law(void)
{
    enum wire_codel_round round = WIRE_CODEL_FIRST;
    struct wire_codel c;

    memset(&c, 0, sizeof c);
    (void)take(&c, SECOND);
    check(drops(&c, SECOND + 100 * MILLISECOND, SECOND, STANDS, &round));
    wire_codel_marked(&c, &plan, round);
    check_equal(c.drop_next, SECOND + 200 * MILLISECOND);
    round = WIRE_CODEL_FIRST;
    check(!drops(&c, SECOND + 199 * MILLISECOND, SECOND, STANDS, &round));
    round = WIRE_CODEL_FIRST;
    check(drops(&c, SECOND + 200 * MILLISECOND, SECOND, STANDS, &round));
    wire_codel_marked(&c, &plan, round);
    check_equal(c.count, 2);
    check_equal(c.drop_next, SECOND + 200 * MILLISECOND + 70710678);
}

static void an_empty_queue_ends_it(void)
{
    struct wire_codel c;

    memset(&c, 0, sizeof c);
    (void)take(&c, SECOND);
    (void)take(&c, SECOND + 100 * MILLISECOND);
    wire_codel_empty(&c);
    check_equal(c.dropping, 0);
    check_equal(take(&c, 2 * SECOND), 0);
}

static const struct test tests[] = {
    {"RFC 8289 5.6 the control law is interval / sqrt(count)", the_control_law},
    {"RFC 8289 5.5 a queue that stands is cut ever faster", a_queue_that_stands_is_cut_ever_faster},
    {"RFC 8289 5.5 drops that are overdue come at once", drops_that_are_overdue_come_at_once},
    {"RFC 8289 5.5 below the target all is well", below_the_target_all_is_well},
    {"RFC 8289 5.6 a queue of one frame is never bad", a_queue_of_one_frame_is_never_bad},
    {"RFC 8289 5.5 who is back soon goes on where it stopped", who_is_back_soon_goes_on},
    {"marks follow the same law as drops", marks_follow_the_same_law},
    {"an empty queue ends the dropping", an_empty_queue_ends_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
