/* SPDX-License-Identifier: MIT */
/*
 * What one connection leaves to the next: many short ones behind each other (a TIME-WAIT is kept,
 * but is nobody's burden), and one socket that is connected, disconnected and connected again.
 */
#include "scenario.h"

#include "check.h"

enum { PORT = 80, BYTES = 60000 };
#define MS INT64_C(1000000)

static void run_for(struct scenario *s, int64_t time)
{
    int64_t until = sockeye_now(s->lab) + time;

    while (sockeye_advance(s->lab, until) <= until)
        ;
    check_equal(sockeye_check(s->lab), 0);
}

static void open_lab(struct scenario *s, uint32_t sockets, const struct sockeye_wire_config *wire)
{
    struct sockeye_config config = {.seed = 5, .hosts = 2, .wires = 1, .sockets = sockets};

    memset(s, 0, sizeof *s);
    check_equal(sockeye_open(&config, &s->lab), 0);
    scenario_hosts(s, wire, NULL);
}

static int connect_from(struct scenario *s, int fd)
{
    struct sockaddr_in a;

    scenario_address(&a, 1, PORT);
    return sockeye_connect(s->lab, 0, fd, &a, sizeof a);
}

/* A client that says five bytes and leaves. Does the server get them, and an end? */
static bool say_and_leave(struct scenario *s, int listener)
{
    int client = sockeye_socket(s->lab, 0, AF_INET, SOCK_STREAM, 0), server;
    char bytes[8];
    bool whole;

    if (client < 0 || connect_from(s, client) != -EINPROGRESS)
        return false;
    sockeye_advance(s->lab, sockeye_now(s->lab) + MS / 10);
    server = sockeye_accept(s->lab, 1, listener, NULL, NULL);
    whole = sockeye_send(s->lab, 0, client, "hello", 5, 0) == 5;
    whole &= sockeye_close_fd(s->lab, 0, client) == 0;
    sockeye_advance(s->lab, sockeye_now(s->lab) + MS / 10);
    whole &= sockeye_receive(s->lab, 1, server, bytes, sizeof bytes, 0) == 5;
    whole &= sockeye_receive(s->lab, 1, server, bytes, sizeof bytes, 0) == 0;
    whole &= sockeye_close_fd(s->lab, 1, server) == 0;
    sockeye_advance(s->lab, sockeye_now(s->lab) + MS / 10);
    return whole;
}

static void many_short(uint32_t sockets, int count)
{
    struct scenario s;
    int listener, whole = 0;

    open_lab(&s, sockets, NULL);
    listener = scenario_listener(&s, 1, PORT);
    for (int i = 0; i < count; i++)
        whole += say_and_leave(&s, listener);
    check_equal(whole, count);
    check_equal(sockeye_close_fd(s.lab, 1, listener), 0);
    run_for(&s, 120000 * MS);
    check_equal(scenario_leftovers(&s), 0);
    sockeye_close(s.lab);
}

static void more_than_may_be_orphans(void)
{
    many_short(8192, 4200);
}

static void the_oldest_time_wait_makes_room(void)
{
    many_short(16, 200);
}

/* Reads what came in so far, and checks it. @return how much */
static uint64_t read_all(struct scenario *s, int fd)
{
    static uint8_t bytes[BYTES];
    uint64_t got = 0;
    ssize_t n;

    while ((n = sockeye_receive(s->lab, 0, fd, bytes, sizeof bytes, 0)) > 0) {
        check(scenario_is_pattern(bytes, n, 0, 1, got));
        got += (uint64_t)n;
    }
    return got;
}

/* The server sends over a bad wire for a while; then the client cuts it off, whatever has come. */
static void talk_and_cut(struct scenario *s, int fd, int listener, int round)
{
    static uint8_t bytes[BYTES];
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int server = -EAGAIN;

    check_equal(connect_from(s, fd), -EINPROGRESS);
    check_equal(sockeye_receive(s->lab, 0, fd, bytes, sizeof bytes, 0), -EAGAIN);
    check((sockeye_poll(s->lab, 0, fd) & (POLLIN | POLLRDHUP)) == 0);
    for (int i = 0; i < 60 && server == -EAGAIN; i++) {
        run_for(s, 1000 * MS);
        server = sockeye_accept(s->lab, 1, listener, NULL, NULL);
    }
    check(server >= 0);
    for (uint64_t i = 0; i < BYTES; i++)
        bytes[i] = scenario_byte(0, 1, i);
    check(sockeye_send(s->lab, 1, server, bytes, BYTES, 0) > 0);
    if (round % 3 == 0)
        check_equal(sockeye_shutdown(s->lab, 1, server, SHUT_WR), 0);
    run_for(s, (10 + round * 7 % 90) * MS);
    check(read_all(s, fd) <= BYTES);
    check_equal(sockeye_connect(s->lab, 0, fd, &nobody, sizeof nobody), 0);
    check_equal(sockeye_close_fd(s->lab, 1, server), 0);
    run_for(s, 1000 * MS);
}

static void a_socket_is_connected_again(void)
{
    const struct sockeye_wire_config wire = {
        .rate_bits = 10000000, .delay_ns = 5 * MS, .loss_ppm = 100000};
    struct scenario s;
    int fd, listener, error;
    uint32_t length = sizeof error;

    open_lab(&s, 64, &wire);
    listener = scenario_listener(&s, 1, PORT);
    fd = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0);
    for (int round = 0; round < 60; round++) {
        talk_and_cut(&s, fd, listener, round);
        check_equal(sockeye_get_option(s.lab, 0, fd, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    }
    sockeye_close(s.lab);
}

/* RFC 9293 3.6.1 (SHLD-3): the reset is all that text after close() gets; it is kept nowhere. */
static void text_after_close(size_t length, bool in_order)
{
    const struct sockeye_wire_config lossy = {.delay_ns = MS, .loss_ppm = in_order ? 0 : 300000};
    static uint8_t bytes[BYTES];
    struct scenario s;
    int client, listener, server = -EAGAIN;

    open_lab(&s, 64, &lossy);
    listener = scenario_listener(&s, 1, PORT);
    client = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0);
    check_equal(connect_from(&s, client), -EINPROGRESS);
    for (int i = 0; i < 60 && server == -EAGAIN; i++) {
        run_for(&s, 1000 * MS);
        server = sockeye_accept(s.lab, 1, listener, NULL, NULL);
    }
    check(server >= 0);
    check_equal(sockeye_close_fd(s.lab, 1, server), 0);
    run_for(&s, 3000 * MS);
    check_equal(sockeye_send(s.lab, 0, client, bytes, length, 0), length);
    run_for(&s, 3000 * MS);
    check(sockeye_poll(s.lab, 0, client) & POLLHUP);
    check(sockeye_drops(s.lab, 1, DROP_TCP_CLOSED) > 0);
    check_equal(sockeye_close_fd(s.lab, 0, client), 0);
    check_equal(sockeye_close_fd(s.lab, 1, listener), 0);
    run_for(&s, 120000 * MS);
    check_equal(scenario_leftovers(&s), 0);
    sockeye_close(s.lab);
}

static void text_after_close_is_kept_nowhere(void)
{
    text_after_close(1, true);
    text_after_close(9000, true);
    text_after_close(9000, false);
}

/* RFC 9293 3.6.1 (MAY-2): the server closed first; the client comes again from the same port. */
static void a_syn_that_ends_a_time_wait_leaves_nothing(void)
{
    struct scenario s;
    struct sockaddr_in from;
    int on = 1, listener;

    open_lab(&s, 64, NULL);
    scenario_address(&from, 0, 5555);
    listener = scenario_listener(&s, 1, PORT);
    for (int i = 0; i < 3; i++) {
        int client = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0), server;

        check_equal(sockeye_set_option(s.lab, 0, client, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on),
                    0);
        check_equal(sockeye_bind(s.lab, 0, client, &from, sizeof from), 0);
        check_equal(connect_from(&s, client), -EINPROGRESS);
        run_for(&s, 10 * MS);
        server = sockeye_accept(s.lab, 1, listener, NULL, NULL);
        check(server >= 0);
        check_equal(sockeye_close_fd(s.lab, 1, server), 0);
        run_for(&s, 10 * MS);
        check_equal(sockeye_close_fd(s.lab, 0, client), 0);
        run_for(&s, 2000 * MS);
        check_equal(pool_count(s.lab->lab->pools.conns), 2); /* the listener, one TIME-WAIT */
    }
    check_equal(sockeye_close_fd(s.lab, 1, listener), 0);
    run_for(&s, 120000 * MS);
    check_equal(scenario_leftovers(&s), 0);
    sockeye_close(s.lab);
}

/* Eight streams that nobody reads want more than the host has: what finds no memory is a counted
 * drop, and comes again when there is some. */
static void text_without_memory_comes_again(void)
{
    enum { STREAMS = 8, EACH = 60000 };
    struct sockeye_config config = {
        .seed = 5, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 256 << 10};
    static uint8_t bytes[EACH];
    int client[STREAMS], server[STREAMS], listener;
    size_t sent[STREAMS] = {0}, got[STREAMS] = {0}, all = 0;
    struct scenario s;

    memset(&s, 0, sizeof s);
    check_equal(sockeye_open(&config, &s.lab), 0);
    scenario_hosts(&s, NULL, NULL);
    listener = scenario_listener(&s, 1, PORT);
    for (int i = 0; i < STREAMS; i++) {
        client[i] = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0);
        check_equal(connect_from(&s, client[i]), -EINPROGRESS);
        run_for(&s, 10 * MS);
        server[i] = sockeye_accept(s.lab, 1, listener, NULL, NULL);
        check(server[i] >= 0);
    }
    for (int turn = 0; turn < 2000 && all < STREAMS * EACH; turn++) {
        for (int i = 0; i < STREAMS; i++) {
            ssize_t n = sockeye_send(s.lab, 0, client[i], bytes + sent[i], EACH - sent[i], 0);

            sent[i] += n > 0 ? (size_t)n : 0;
            n = turn < 50 ? 0 : sockeye_receive(s.lab, 1, server[i], bytes, EACH, 0);
            got[i] += n > 0 ? (size_t)n : 0;
            all += n > 0 ? (size_t)n : 0;
        }
        if (turn == 49)
            check(sockeye_drops(s.lab, 1, DROP_TCP_MEMORY) > 0);
        run_for(&s, 100 * MS);
    }
    for (int i = 0; i < STREAMS; i++)
        check_equal(got[i], EACH);
    sockeye_close(s.lab);
}

static const struct test tests[] = {
    {"more short connections than orphans are allowed arrive whole", more_than_may_be_orphans},
    {"in a small host the oldest TIME-WAIT makes room, for a client too",
     the_oldest_time_wait_makes_room},
    {"text after close() is answered with a reset, and kept nowhere (SHLD-3)",
     text_after_close_is_kept_nowhere},
    {"text for which there is no memory is a counted drop, and comes again",
     text_without_memory_comes_again},
    {"a SYN that ends a TIME-WAIT leaves nothing of it (MAY-2)",
     a_syn_that_ends_a_time_wait_leaves_nothing},
    {"a socket that is connected again remembers nothing of what was", a_socket_is_connected_again},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
