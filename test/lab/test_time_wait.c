/* SPDX-License-Identifier: MIT */
/*
 * connect() to a peer with whom a connection of the same ports waits in TIME-WAIT: what Linux's
 * tcp_twsk_unique() says, for each value of net.ipv4.tcp_tw_reuse (0 never, 1 always, 2 where an
 * end is of 127/8). Timestamps are needed in any case (RFC 6191 2). Who bound the port needs
 * nothing else; who left it to connect() also that tcp_tw_reuse_delay is over.
 */
#include "lab/pair.h"

enum { PORT = 40000 };

struct way {
    const char *reuse, *timestamps, *peer;
    int64_t waits;
    bool bound;
    int result;
};

static const struct way ways[] = {
    {"0", "1", "10.0.0.2", 10 * SECOND, false, -EADDRNOTAVAIL},
    {"1", "1", "10.0.0.2", 900 * MS, false, -EADDRNOTAVAIL},
    {"1", "1", "10.0.0.2", 1001 * MS, false, -EINPROGRESS},
    {"1", "0", "10.0.0.2", 10 * SECOND, false, -EADDRNOTAVAIL},
    {"2", "1", "10.0.0.2", 10 * SECOND, false, -EADDRNOTAVAIL},
    {"2", "1", "127.0.0.1", 900 * MS, false, -EADDRNOTAVAIL},
    {"2", "1", "127.0.0.1", 1001 * MS, false, -EINPROGRESS},
    {"0", "1", "127.0.0.1", 10 * SECOND, false, -EADDRNOTAVAIL},
    {"0", "1", "10.0.0.2", 1 * MS, true, -EINPROGRESS},
    {"2", "1", "10.0.0.2", 1 * MS, true, -EINPROGRESS},
    {"1", "0", "10.0.0.2", 10 * SECOND, true, -EADDRNOTAVAIL},
    {"1", "0", "10.0.0.2", 61 * SECOND, true, -EINPROGRESS},
};

static int opened(const struct way *w)
{
    int fd = stream(A);

    if (w->bound) {
        set_number(A, fd, SOL_SOCKET, SO_REUSEADDR, 1);
        check_equal(bind_to(A, fd, "0.0.0.0", PORT), 0);
    }
    return fd;
}

/* Sends more than the clock of the ISN counts meanwhile. */
static void send_much(int from, int host, int to)
{
    static char bytes[60000];

    for (int i = 0; i < 20; i++) {
        ssize_t n = sockeye_send(lab, A, from, bytes, sizeof bytes, 0);

        check(n > 0);
        pass(5 * MS);
        while (sockeye_receive(lab, host, to, bytes, sizeof bytes, 0) > 0)
            ;
    }
}

static void try(const struct way *w)
{
    int server = strcmp(w->peer, "10.0.0.2") == 0 ? B : A, l, fd, old, other;
    struct pair_segment last;

    pair_open();
    check_equal(sockeye_set(lab, A, "net.ipv4.tcp_tw_reuse", w->reuse), 0);
    check_equal(sockeye_set(lab, A, "net.ipv4.tcp_timestamps", w->timestamps), 0);
    check_equal(sockeye_set(lab, A, "net.ipv4.ip_local_port_range", "40000 40000"), 0);
    l = listener(server, 5000);
    old = opened(w);
    check_equal(connect_to(A, old, w->peer, 5000), -EINPROGRESS);
    pass(10 * MS);
    other = accepted(server, l);
    send_much(old, server, other);
    last = pair_seen[A];
    check_equal(sockeye_shutdown(lab, A, old, SHUT_WR),
                0); /* held, and in TIME-WAIT all the same */
    pass(10 * MS);
    check_equal(sockeye_close_fd(lab, server, other), 0);
    pass(10 * MS + w->waits);
    fd = opened(w);
    check_equal(connect_to(A, fd, w->peer, 5000), w->result);
    if (w->result == -EINPROGRESS) {
        if (server == B && w->waits < 60 * SECOND)
            check((int32_t)(pair_seen[A].seq - (last.seq + last.length)) > 0);
        pass(10 * MS);
        other = accepted(server, l);
        check_equal(sockeye_send(lab, A, fd, "new", 3, 0), 3);
        pass(10 * MS);
        check_equal(sockeye_receive(lab, server, other, (char[9]){0}, 9, 0), 3);
        check_equal(sockeye_poll(lab, A, old) & POLLHUP, POLLHUP);
    }
    check_equal(sockeye_close_fd(lab, A, old), 0);
    pass(10 * MS);
    pair_close();
}

static void each_way(void)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        printf("# way %zu\n", i);
        try(&ways[i]);
    }
}

/* FIN-WAIT-2 is no TIME-WAIT: something may come yet. */
static void nothing_else_is_ended(void)
{
    const struct way bound = {.bound = true};
    int l, fd[2];

    pair_open();
    l = listener(B, 5000);
    fd[0] = opened(&bound);
    check_equal(connect_to(A, fd[0], "10.0.0.2", 5000), -EINPROGRESS);
    pass(10 * MS);
    check_equal(sockeye_close_fd(lab, A, fd[0]), 0);
    pass(10 * MS);
    fd[1] = opened(&bound);
    check_equal(connect_to(A, fd[1], "10.0.0.2", 5000), -EADDRNOTAVAIL);
    check(accepted(B, l) >= 0);
    pair_close();
}

static const struct test tests[] = {
    {"connect() ends a TIME-WAIT as tcp_tw_reuse says (RFC 6191)", each_way},
    {"connect() ends no connection that is not in TIME-WAIT", nothing_else_is_ended},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
