/* SPDX-License-Identifier: MIT */
/*
 * Why a segment went again, as event, trace and capture tell it (enum mark): each reason by a loss
 * that gives it, and no other.
 */
#include "pair.h"

#include "check.h"

enum { BYTES = 1000, MOST = 16 };

static unsigned marks[MOST];
static int count;

static void see_mark(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->kind != EVENT_FRAME_SENT || event->host != A || event->frame.mark == MARK_NONE)
        return;
    check(count < MOST);
    marks[count++] = event->frame.mark;
}

static void begin(int fd[2], const char *sack)
{
    pair_open();
    check_equal(sockeye_set(lab, A, "net.ipv4.tcp_sack", sack), 0);
    pair_connect(fd);
    set_number(A, fd[A], IPPROTO_TCP, TCP_NODELAY, 1);
    check(sockeye_observe(lab, EVENT_EVERYTHING, see_mark, NULL, NULL) >= 0);
    count = 0;
}

/* One write a segment; 'x' is lost. Then there is time for all but the retransmission timer. */
static void write_segments(int fd, const char *fates)
{
    static const char bytes[BYTES];
    int wire = sockeye_find_wire(lab, "w");

    for (const char *fate = fates; *fate; fate++) {
        check_equal(sockeye_wire_link(lab, wire, 0, *fate != 'x', sockeye_now(lab)), 0);
        pass(1000);
        check_equal(sockeye_send(lab, A, fd, bytes, BYTES, 0), BYTES);
        pass(1000);
    }
    check_equal(sockeye_wire_link(lab, wire, 0, true, sockeye_now(lab)), 0);
    pass(100 * MS);
}

static void check_marks(const unsigned *expected, int n)
{
    check_equal(count, n);
    for (int i = 0; i < n; i++)
        check_equal(marks[i], expected[i]);
    count = 0;
}

/* RFC 5681 3.2, RFC 6582 3.2: twice, for a recovery remembers nothing of the one before. What
 * follows right behind its end may be an echo of it (RFC 6582 4): one segment is between. */
static void without_sack(void)
{
    static const unsigned expected[] = {MARK_RETRANSMIT_FAST, MARK_RETRANSMIT_PARTIAL,
                                        MARK_RETRANSMIT_PARTIAL};
    int fd[2];

    begin(fd, "0");
    write_segments(fd[A], "x.x.x...");
    check_marks(expected, 3);
    write_segments(fd[A], ".");
    write_segments(fd[A], "x.x..."); /* cwnd is four: the last two go for duplicates */
    check_marks(expected, 2);
    pair_close();
}

static void with_sack(void)
{
    static const unsigned expected[] = {MARK_RETRANSMIT_SACK, MARK_RETRANSMIT_SACK};
    int fd[2];

    begin(fd, "1");
    write_segments(fd[A], "x.x....");
    check_marks(expected, 2);
    pair_close();
}

/* RFC 6298 5.4: nothing behind it can tell of the loss. */
static void by_the_timer(void)
{
    static const unsigned expected[] = {MARK_RETRANSMIT_RTO};

    for (int i = 0; i < 2; i++) {
        int fd[2];

        begin(fd, i ? "1" : "0");
        write_segments(fd[A], "..x");
        check_marks(expected, 0);
        pass(1000 * MS);
        check_marks(expected, 1);
        pair_close();
    }
}

static const struct test tests[] = {
    {"without SACK a segment goes again for the third duplicate, or a partial ACK", without_sack},
    {"with SACK it goes again for what the scoreboard says", with_sack},
    {"where nothing follows the timer sends it again", by_the_timer},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
