/* SPDX-License-Identifier: MIT */
/* Nodes that are paused or crash, and partitions: what hosts notice, and what heals. */
#include "lab/pair.h"

static uint64_t gone(int host, enum drop reason)
{
    return sockeye_drops(lab, host, reason);
}

static void send_text(int host, int fd, const char *text)
{
    check_equal(sockeye_send(lab, host, fd, text, strlen(text), 0), (long long)strlen(text));
}

static bool has_text(int host, int fd, const char *text)
{
    char bytes[64] = "";
    ssize_t n = sockeye_receive(lab, host, fd, bytes, sizeof bytes - 1, 0);

    return n == (ssize_t)strlen(text) && memcmp(bytes, text, (size_t)n) == 0;
}

static void a_paused_host_goes_on_where_it_stood(void)
{
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_equal(sockeye_pause(lab, B), 0);
    check_equal(sockeye_pause(lab, B), -EALREADY);
    pair_count[B] = 0;
    send_text(A, fd[A], "hello");
    pass(5 * SECOND);
    check_equal(pair_count[B], 0); /* not even an ACK */
    check(gone(-1, DROP_NODE_AWAY) >= 3);
    check(!has_text(B, fd[B], "hello"));
    check_equal(sockeye_resume(lab, B), 0);
    check_equal(sockeye_resume(lab, B), -EALREADY);
    pass(10 * SECOND);
    check(has_text(B, fd[B], "hello"));
    send_text(B, fd[B], "here");
    pass(SECOND);
    check(has_text(A, fd[A], "here"));
    pair_close();
}

/* What its timers were to do waits, and is done at once afterwards. */
static void timers_of_a_paused_host_wait(void)
{
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_equal(sockeye_pause(lab, A), 0);
    send_text(A, fd[A], "hello"); /* whoever drives a program stops it; here nobody does */
    pair_count[A] = 0;
    pass(60 * SECOND);
    check_equal(pair_count[A], 0);
    check_equal(sockeye_resume(lab, A), 0);
    pass(10 * MS);
    check_equal(pair_count[A], 1); /* the retransmission that was due long ago */
    check(has_text(B, fd[B], "hello"));
    pair_close();
}

static void a_crash_leaves_nothing_and_tells_nobody(void)
{
    struct sockeye_change change;
    int fd[2], again, old;

    pair_open();
    pair_connect(fd);
    old = listener(B, 81);
    pair_count[B] = 0;
    check_equal(sockeye_crash(lab, B), 0);
    check_equal(sockeye_crash(lab, B), -EALREADY);
    check_equal(pair_count[B], 0); /* no FIN, no RST */
    check_equal(number_of(B, fd[B], SOL_SOCKET, SO_ERROR), ENETDOWN);
    pass(SECOND);
    check_equal(sockeye_resume(lab, B), 0);
    check_equal(sockeye_close_fd(lab, B, fd[B]), 0);
    check_equal(sockeye_close_fd(lab, B, old), 0);
    send_text(A, fd[A], "are you there?");
    pass(SECOND);
    check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), ECONNRESET);
    while (sockeye_next_change(lab, &change))
        continue;
    old = listener(B, 81); /* the port is free again */
    again = stream(A);
    check_equal(connect_to(A, again, "10.0.0.2", 81), -EINPROGRESS);
    pass(SECOND);
    check(accepted(B, old) >= 0);
    pair_close();
}

static const uint16_t is_a = A, is_b = B, web = 80;

static int part(const uint16_t *from, const uint16_t *to, enum sockeye_partition_action action,
                const uint16_t *port, bool new_only)
{
    const struct sockeye_partition p = {.from = from,
                                        .to = to,
                                        .from_count = 1,
                                        .to_count = 1,
                                        .ports = port,
                                        .port_count = port != NULL,
                                        .action = action,
                                        .new_only = new_only};

    return sockeye_partition(lab, &p);
}

static void a_partition_comes_and_heals(void)
{
    int fd[2], number;

    pair_open();
    pair_connect(fd);
    number = part(&is_a, &is_b, SOCKEYE_PARTITION_DROP, NULL, false);
    check_equal(number, 0);
    send_text(A, fd[A], "hello");
    send_text(B, fd[B], "there");
    pass(2 * SECOND);
    check(!has_text(B, fd[B], "hello"));
    check(has_text(A, fd[A], "there")); /* that way is open */
    check(gone(A, DROP_PARTITION) > 1);
    check_equal(sockeye_heal(lab, number), 0);
    check_equal(sockeye_heal(lab, number), -EINVAL);
    pass(10 * SECOND);
    check(has_text(B, fd[B], "hello"));
    pair_close();
}

static void a_reset_ends_what_is_connected(void)
{
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_equal(part(&is_a, &is_b, SOCKEYE_PARTITION_RESET, NULL, false), 0);
    send_text(A, fd[A], "hello");
    pass(10 * MS);
    check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), ECONNRESET);
    fd[A] = stream(A);
    check_equal(connect_to(A, fd[A], "10.0.0.2", 80), -EINPROGRESS);
    pass(10 * MS);
    check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    pair_close();
}

static void unreachable_is_told_at_once(void)
{
    int fd;

    pair_open();
    (void)listener(B, 80);
    check_equal(part(&is_a, &is_b, SOCKEYE_PARTITION_UNREACHABLE, NULL, false), 0);
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 80), -EINPROGRESS);
    pass(10 * MS);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), EHOSTUNREACH);
    pair_close();
}

static void ports_and_new_connections(void)
{
    int fd[2], other, late;

    pair_open();
    pair_connect(fd);
    check_equal(part(&is_a, &is_b, SOCKEYE_PARTITION_DROP, &web, false), 0);
    other = listener(B, 81);
    late = stream(A);
    check_equal(connect_to(A, late, "10.0.0.2", 81), -EINPROGRESS);
    pass(SECOND);
    check(accepted(B, other) >= 0);
    check_equal(sockeye_heal(lab, 0), 0);
    check_equal(part(&is_a, &is_b, SOCKEYE_PARTITION_RESET, NULL, true), 0);
    send_text(A, fd[A], "hello"); /* what is connected goes on */
    late = stream(A);
    check_equal(connect_to(A, late, "10.0.0.2", 81), -EINPROGRESS);
    pass(SECOND);
    check(has_text(B, fd[B], "hello"));
    check_equal(number_of(A, late, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    pair_close();
}

static void what_is_wrong_is_refused(void)
{
    static const uint16_t nobody = 7;
    struct sockeye_partition p = {.from = &is_a, .to = &nobody, .from_count = 1, .to_count = 1};

    pair_open();
    check_equal(sockeye_partition(lab, &p), -EINVAL);
    p.to = &is_b;
    p.to_count = 0;
    check_equal(sockeye_partition(lab, &p), -EINVAL);
    p.to_count = 1;
    p.action = (enum sockeye_partition_action)3;
    check_equal(sockeye_partition(lab, &p), -EINVAL);
    p.action = SOCKEYE_PARTITION_DROP;
    for (int i = 0; i < 32; i++)
        check_equal(sockeye_partition(lab, &p), i);
    check_equal(sockeye_partition(lab, &p), -ENOSPC);
    check_equal(sockeye_heal(lab, -1), -EINVAL);
    check_equal(sockeye_pause(lab, 9), -EINVAL);
    check_equal(sockeye_crash(lab, -1), -EINVAL);
    pair_close();
}

static const struct test tests[] = {
    {"a paused host hears and says nothing, and goes on where it stood",
     a_paused_host_goes_on_where_it_stood},
    {"what the timers of a paused host were to do is done at once afterwards",
     timers_of_a_paused_host_wait},
    {"a crash leaves no connection and no listener, and tells nobody",
     a_crash_leaves_nothing_and_tells_nobody},
    {"a partition holds one way, and heals", a_partition_comes_and_heals},
    {"RFC 9293 3.10.7.1 a partition that resets ends connections at once",
     a_reset_ends_what_is_connected},
    {"RFC 1812 5.2.7.1 a partition that is told is EHOSTUNREACH", unreachable_is_told_at_once},
    {"a partition may be of ports, or of new connections alone", ports_and_new_connections},
    {"what is wrong is refused, and so is one too many", what_is_wrong_is_refused},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
