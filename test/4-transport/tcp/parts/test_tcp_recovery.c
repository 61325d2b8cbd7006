/* SPDX-License-Identifier: MIT */
/* RFC 5681 3.2, RFC 6582 3.2, RFC 6675 5: when recovery begins, goes on and ends. */
#include "4-transport/tcp/parts/tcp_recovery.h"
#include "base/base_test.h"

enum { SMSS = 1000, BASE = 100000 };

static struct ack_event duplicate(tcp_seq ack, tcp_seq nxt, bool sack)
{
    return (struct ack_event){.ack = ack,
                              .una = ack,
                              .nxt = nxt,
                              .duplicate = true,
                              .sack_ok = sack,
                              .smss = SMSS,
                              .rtt = -1};
}

static struct ack_event progress(tcp_seq una, tcp_seq ack, tcp_seq nxt, bool sack)
{
    return (struct ack_event){.ack = ack,
                              .una = una,
                              .nxt = nxt,
                              .acked = ack - una,
                              .acked_segments = (uint32_t)((ack - una) / SMSS),
                              .sack_ok = sack,
                              .smss = SMSS,
                              .rtt = -1};
}

static enum tcp_recovery_advice tell(struct tcp_recovery *r, struct ack_event e)
{
    return tcp_recovery_on_ack(r, &e);
}

static void enter(struct tcp_recovery *r, tcp_seq ack, tcp_seq nxt)
{
    check_equal(tell(r, duplicate(ack, nxt, false)), RECOVERY_NOTHING);
    check_equal(r->phase, RECOVERY_DISORDER);
    check_equal(tell(r, duplicate(ack, nxt, false)), RECOVERY_NOTHING);
    check_equal(tell(r, duplicate(ack, nxt, false)), RECOVERY_ENTER);
    check_equal(r->phase, RECOVERY_FAST);
    check_equal(r->point, nxt);
}

static void third_duplicate(void)
{
    struct tcp_recovery r = {0};

    enter(&r, BASE, BASE + 10 * SMSS);
    check_equal(tell(&r, duplicate(BASE, BASE + 10 * SMSS, false)), RECOVERY_NOTHING);
    check_equal(tcp_recovery_emulated(&r, SMSS), 4 * SMSS);
}

/* RFC 5681 3.2, step 2; RFC 6675 5, step 4.2. */
static void limited_transmit_is_no_flight(bool sack)
{
    struct tcp_recovery r = {0};
    struct ack_event e;

    check_equal(tell(&r, duplicate(BASE, BASE + 10 * SMSS, sack)), RECOVERY_NOTHING);
    check_equal(tell(&r, duplicate(BASE, BASE + 11 * SMSS, sack)), RECOVERY_NOTHING);
    e = duplicate(BASE, BASE + 12 * SMSS, sack);
    e.flight = 12 * SMSS;
    check_equal(tcp_recovery_on_ack(&r, &e), RECOVERY_ENTER);
    check_equal(tcp_recovery_flight(&r, &e), 10 * SMSS);
    e.flight = 9 * SMSS;
    check_equal(tcp_recovery_flight(&r, &e), 9 * SMSS);
    r = (struct tcp_recovery){0};
    e = progress(BASE, BASE + SMSS, BASE + 10 * SMSS, sack);
    e.flight = 10 * SMSS;
    e.lost = true; /* told by an ACK that is no duplicate */
    check_equal(tcp_recovery_on_ack(&r, &e), RECOVERY_ENTER);
    check_equal(tcp_recovery_flight(&r, &e), 10 * SMSS);
}

static void limited_transmit_does_not_count(void)
{
    limited_transmit_is_no_flight(false);
    limited_transmit_is_no_flight(true);
}

/* RFC 5681 3.2 (T-18): of ten that are out no more than ten can have left, whoever says so. */
static void more_duplicates_than_segments_are_not_believed(void)
{
    struct tcp_recovery r = {0};

    enter(&r, BASE, BASE + 10 * SMSS);
    for (int i = 0; i < 20; i++)
        (void)tell(&r, duplicate(BASE, BASE + 10 * SMSS, false));
    check_equal(tcp_recovery_emulated(&r, SMSS), 10 * SMSS);
}

static void progress_starts_the_count_again(void)
{
    struct tcp_recovery r = {0};

    for (int i = 0; i < 10; i++) {
        tcp_seq una = BASE + (unsigned)i * SMSS;

        check_equal(tell(&r, duplicate(una, una + 9 * SMSS, false)), RECOVERY_NOTHING);
        check_equal(tell(&r, duplicate(una, una + 9 * SMSS, false)), RECOVERY_NOTHING);
        check_equal(tell(&r, progress(una, una + SMSS, una + 9 * SMSS, false)), RECOVERY_NOTHING);
        check_equal(r.phase, RECOVERY_OPEN);
    }
}

static void partial_then_full(void)
{
    struct tcp_recovery r = {0};
    tcp_seq nxt = BASE + 10 * SMSS;

    enter(&r, BASE, nxt);
    for (int i = 0; i < 6; i++)
        (void)tell(&r, duplicate(BASE, nxt, false));
    check_equal(tcp_recovery_emulated(&r, SMSS), 9 * SMSS);
    /* the hole, and four of those counted */
    check_equal(tell(&r, progress(BASE, BASE + 5 * SMSS, nxt, false)), RECOVERY_PARTIAL);
    check_equal(tcp_recovery_emulated(&r, SMSS), 5 * SMSS);
    check_equal(r.phase, RECOVERY_FAST);
    check_equal(tell(&r, progress(BASE + 5 * SMSS, nxt - 1, nxt + SMSS, false)), RECOVERY_PARTIAL);
    check_equal(tell(&r, progress(nxt - 1, nxt, nxt + SMSS, false)), RECOVERY_LEAVE);
    check_equal(r.phase, RECOVERY_OPEN);
    check_equal(tcp_recovery_emulated(&r, SMSS), 0);
}

/* RFC 6582 3.2 step 1: duplicates of what was already recovered mean nothing */
static void not_twice_for_one_window(void)
{
    struct tcp_recovery r = {0};
    tcp_seq nxt = BASE + 10 * SMSS;

    enter(&r, BASE, nxt);
    check_equal(tell(&r, progress(BASE, nxt, nxt + 4 * SMSS, false)), RECOVERY_LEAVE);
    for (int i = 0; i < 8; i++)
        check_equal(tell(&r, duplicate(nxt, nxt + 4 * SMSS, false)), RECOVERY_NOTHING);
    check(r.phase != RECOVERY_FAST);
    check_equal(tell(&r, progress(nxt, nxt + 1, nxt + 9 * SMSS, false)), RECOVERY_NOTHING);
    enter(&r, nxt + 1, nxt + 9 * SMSS);
}

static void after_a_timeout(void)
{
    struct tcp_recovery r = {0};
    tcp_seq nxt = BASE + 10 * SMSS;

    (void)tell(&r, duplicate(BASE, nxt, false));
    tcp_recovery_on_timeout(&r, nxt);
    check_equal(r.phase, RECOVERY_LOSS);
    check_equal(tcp_recovery_emulated(&r, SMSS), 0);
    for (int i = 0; i < 5; i++)
        check_equal(tell(&r, duplicate(BASE, nxt, false)), RECOVERY_NOTHING);
    check_equal(tell(&r, progress(BASE, BASE + SMSS, nxt, false)), RECOVERY_NOTHING);
    check_equal(r.phase, RECOVERY_LOSS);
    check_equal(tell(&r, progress(BASE + SMSS, nxt, nxt, false)), RECOVERY_LEAVE);
    check_equal(r.phase, RECOVERY_OPEN);
}

static void a_timeout_ends_fast_recovery(void)
{
    struct tcp_recovery r = {0};

    enter(&r, BASE, BASE + 10 * SMSS);
    tcp_recovery_on_timeout(&r, BASE + 12 * SMSS);
    check_equal(r.phase, RECOVERY_LOSS);
    check_equal(r.point, BASE + 12 * SMSS);
}

static void with_sack(void)
{
    struct tcp_recovery r = {0};
    struct ack_event e = duplicate(BASE, BASE + 10 * SMSS, true);

    check_equal(tell(&r, e), RECOVERY_NOTHING);
    e.lost = true;
    check_equal(tell(&r, e), RECOVERY_ENTER); /* RFC 6675 5 (2): IsLost, with one duplicate */
    e = progress(BASE, BASE + SMSS, BASE + 11 * SMSS, true);
    e.lost = true;
    check_equal(tell(&r, e), RECOVERY_NOTHING); /* the scoreboard says what is lost */
    check_equal(r.phase, RECOVERY_FAST);
    e = progress(BASE + SMSS, BASE + 10 * SMSS, BASE + 11 * SMSS, true);
    check_equal(tell(&r, e), RECOVERY_LEAVE);
}

static void with_sack_third_duplicate(void)
{
    struct tcp_recovery r = {0};

    (void)tell(&r, duplicate(BASE, BASE + 10 * SMSS, true));
    (void)tell(&r, duplicate(BASE, BASE + 10 * SMSS, true));
    check_equal(tell(&r, duplicate(BASE, BASE + 10 * SMSS, true)), RECOVERY_ENTER);
}

static void what_is_no_duplicate(void)
{
    struct tcp_recovery r = {0};
    struct ack_event e = duplicate(BASE, BASE + 10 * SMSS, false);

    e.duplicate = false;
    for (int i = 0; i < 10; i++)
        check_equal(tell(&r, e), RECOVERY_NOTHING);
    check_equal(r.phase, RECOVERY_OPEN);
}

static const struct test tests[] = {
    {"the third duplicate ACK begins fast recovery (RFC 5681 3.2)", third_duplicate},
    {"what limited transmit sent is not in FlightSize (RFC 5681 3.2, RFC 6675 5)",
     limited_transmit_does_not_count},
    {"more duplicates than segments are not believed",
     more_duplicates_than_segments_are_not_believed},
    {"progress starts the count again", progress_starts_the_count_again},
    {"a partial ACK goes on, a full one ends it (RFC 6582 3.2)", partial_then_full},
    {"duplicates for data of the last recovery begin none (RFC 6582 3.2)",
     not_twice_for_one_window},
    {"after a timeout nothing begins until all is acknowledged", after_a_timeout},
    {"a timeout ends fast recovery", a_timeout_ends_fast_recovery},
    {"with SACK a judged loss begins it, and partial ACKs need no advice (RFC 6675 5)", with_sack},
    {"with SACK three duplicates are enough too", with_sack_third_duplicate},
    {"an ACK that is no duplicate counts for nothing", what_is_no_duplicate},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
