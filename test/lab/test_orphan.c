/* SPDX-License-Identifier: MIT */
/* A connection that its program has closed goes on alone (RFC 9293 3.10.4): what comes for it is
 * nobody's news. */
#include "pair.h"

#include "check.h"

static int changes_of(int host)
{
    struct sockeye_change change;
    int count = 0;

    while (sockeye_next_change(lab, &change))
        count += change.host == host;
    return count;
}

static void nobody_is_told(void)
{
    static char bytes[50000];
    int fd[2], other;

    pair_open();
    pair_connect(fd);
    check_equal(sockeye_send(lab, A, fd[A], bytes, 5000, 0), 5000);
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
    other = stream(A); /* it has the descriptor, and perhaps the slot, of what was closed */
    check_equal(other, fd[A]);
    (void)changes_of(A);
    pass(100 * MS);
    check_equal(sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0), 5000);
    check_equal(sockeye_close_fd(lab, B, fd[B]), 0);
    pass(100 * MS);
    check_equal(changes_of(A), 0);
    check_equal(sockeye_close_fd(lab, A, other), 0);
    pair_close();
}

static const struct test tests[] = {
    {"nobody is told of what is closed", nobody_is_told},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
