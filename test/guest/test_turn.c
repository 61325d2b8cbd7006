/* SPDX-License-Identifier: MIT */
/*
 * turn.c, datagram.c and ending.c on a lab, without a program: the test holds what a program would.
 */
#include "check.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/state.h"

struct bench {
    struct sockeye *lab;
    struct guest_runner runner;
    int host;
};

static struct bench bench; /* it is large */

static void open_bench(void)
{
    struct sockeye_config config = {.seed = 1};
    struct drive_user user = {.context = &bench};
    int wire, interface;

    memset(&bench, 0, sizeof bench);
    check_equal(sockeye_open(&config, &bench.lab), 0);
    wire = sockeye_wire(bench.lab, "w", NULL, NULL);
    bench.host = sockeye_host(bench.lab, "alpha");
    interface = sockeye_interface(bench.lab, bench.host, "eth0", wire, 0, NULL);
    check_equal(sockeye_address(bench.lab, bench.host, interface, "10.0.0.1/24"), 0);
    check_equal(drive_open(bench.lab, &bench.runner.drive), 0);
    bench.runner.lab = bench.lab;
    bench.runner.user = drive_join(bench.runner.drive, &user);
    bench.runner.scratch = malloc(GUEST_CHUNK + GUEST_DATAGRAM);
    check(bench.runner.scratch != NULL);
    guest_link_init(&bench.runner.listeners);
    guest_link_init(&bench.runner.silent);
    guest_link_init(&bench.runner.unfinished);
    guest_wait_init(&bench.runner);
    bench.runner.census = epoll_create1(EPOLL_CLOEXEC);
    guest_closing_open(&bench.runner);
}

static void close_bench(void)
{
    guest_ending_all(&bench.runner);
    check_equal(bench.runner.statistics.sockets_now, 0);
    while (bench.runner.spare_count > 0)
        free(bench.runner.spare[--bench.runner.spare_count]);
    free(bench.runner.scratch);
    guest_closing_done(&bench.runner);
    close(bench.runner.census);
    drive_close(bench.runner.drive);
    check_equal(sockeye_check(bench.lab), 0);
    sockeye_close(bench.lab);
}

static struct guest_socket *add(int type)
{
    int fd = sockeye_socket(bench.lab, bench.host, AF_INET, type, 0);
    struct guest_socket *s;

    check(fd >= 0);
    s = guest_socket_add(&bench.runner, bench.host, fd, 0, guest_kind_find(AF_INET, type));
    check(s != NULL);
    return s;
}

/* Its end is watched for edges: nothing tells of the rest again. */
static void datagrams_beyond_a_turns_share_have_another_turn(void)
{
    enum { DATAGRAMS = 270, TURNS = 10 };
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct guest_socket *s, *to_whom;
    int holder;

    open_bench();
    s = add(SOCK_DGRAM);
    to_whom = add(SOCK_DGRAM);
    to.sin_addr.s_addr = htonl(0x0a000001);
    check_equal(sockeye_connect(bench.lab, s->host, s->fd, &to, sizeof to), 0);
    check_equal(sockeye_bind(bench.lab, to_whom->host, to_whom->fd, &to, sizeof to), 0);
    holder = guest_holder_message(&bench.runner, s, true);
    check(holder >= 0);
    for (int i = 0; i < DATAGRAMS; i++)
        check_equal(send(holder, "x", 1, MSG_DONTWAIT), 1);
    guest_turn(&bench.runner, s, GUEST_BY_PROGRAM);
    for (int i = 0; i < TURNS && guest_link_is_in(&bench.runner.unfinished); i++)
        guest_turn_finish(&bench.runner);
    check(!guest_link_is_in(&bench.runner.unfinished));
    check_equal(bench.runner.statistics.bytes_sent, DATAGRAMS);
    close(holder);
    close_bench();
}

/* The last copy counts, and all that was written before goes out. */
static void a_closed_datagram_holder_is_heard_of(void)
{
    enum { DATAGRAMS = 270, TURNS = 10 };
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct guest_socket *s, *to_whom;
    int holder, copy;

    open_bench();
    s = add(SOCK_DGRAM);
    to_whom = add(SOCK_DGRAM);
    to.sin_addr.s_addr = htonl(0x0a000001);
    check_equal(sockeye_connect(bench.lab, s->host, s->fd, &to, sizeof to), 0);
    check_equal(sockeye_bind(bench.lab, to_whom->host, to_whom->fd, &to, sizeof to), 0);
    holder = guest_holder_message(&bench.runner, s, true);
    check(holder >= 0);
    copy = dup(holder);
    for (int i = 0; i < DATAGRAMS; i++)
        check_equal(send(holder, "x", 1, MSG_DONTWAIT), 1);
    close(holder);
    check(guest_closing_next(&bench.runner) == NULL);
    close(copy);
    check(guest_closing_next(&bench.runner) == s);
    guest_turn(&bench.runner, s, GUEST_BY_PROGRAM);
    for (int i = 0; i < TURNS && guest_link_is_in(&bench.runner.unfinished); i++)
        guest_turn_finish(&bench.runner);
    check_equal(bench.runner.statistics.bytes_sent, DATAGRAMS);
    check_equal(bench.runner.statistics.sockets_now, 1);
    close_bench();
}

/* What waits in the lab for a neighbour that does not answer fills it. A pad is not waited for. */
static void a_full_lab_makes_a_holder_unwritable(void)
{
    static const char bytes[2000];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct pollfd p = {.events = POLLOUT};
    struct guest_socket *s;
    int size = 1;

    open_bench();
    s = add(SOCK_DGRAM);
    to.sin_addr.s_addr = htonl(0x0a000009);
    check_equal(sockeye_connect(bench.lab, s->host, s->fd, &to, sizeof to), 0);
    check_equal(
        sockeye_set_option(bench.lab, s->host, s->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size),
        0);
    p.fd = guest_holder_message(&bench.runner, s, true);
    guest_datagram_note_sent(&bench.runner, s, p.fd);
    check_equal(poll(&p, 1, 0), 1); /* there is room */
    for (int i = 0; i < 3; i++)
        sockeye_send(bench.lab, s->host, s->fd, bytes, sizeof bytes, 0);
    check_equal(sockeye_poll(bench.lab, s->host, s->fd) & POLLOUT, 0);
    guest_datagram_note_sent(&bench.runner, s, p.fd);
    guest_turn(&bench.runner, s, GUEST_BY_PROGRAM);
    check_equal(poll(&p, 1, 0), 0);
    close(p.fd);
    check(guest_closing_next(&bench.runner) == s);
    guest_turn(&bench.runner, s, GUEST_BY_PROGRAM);
    check_equal(bench.runner.statistics.sockets_now, 0);
    check_equal(bench.runner.statistics.bytes_sent, 0);
    close_bench();
}

/* Nobody can be watched: the census finds who is closed. */
static void an_unwatched_datagram_holder_is_found_closed(void)
{
    struct guest_socket *s;
    int holder;

    open_bench();
    guest_closing_done(&bench.runner);
    bench.runner.closes = -1;
    s = add(SOCK_DGRAM);
    holder = guest_holder_message(&bench.runner, s, true);
    guest_living_ask_all(&bench.runner);
    guest_turn_finish(&bench.runner);
    check_equal(bench.runner.statistics.sockets_now, 1);
    close(holder);
    guest_living_ask_all(&bench.runner);
    guest_turn_finish(&bench.runner);
    check_equal(bench.runner.statistics.sockets_now, 0);
    close_bench();
}

/* An ICMP error is at the holder once, and again when another comes; no datagram is lost by it. */
static void an_error_is_shown_at_a_datagram_holder(void)
{
    struct pollfd p = {.events = POLLIN | POLLOUT};
    struct guest_socket *s;
    char byte;

    open_bench();
    s = add(SOCK_DGRAM);
    p.fd = guest_holder_message(&bench.runner, s, true);
    for (int i = 0; i < 3; i++) {
        check(guest_holder_raise(&bench.runner, s));
        check_equal(poll(&p, 1, 0), 1);
        check_equal(p.revents, POLLOUT | POLLERR);
        check(recv(p.fd, &byte, 1, 0) < 0 && errno == ECONNRESET);
        check(recv(p.fd, &byte, 1, 0) < 0 && errno == EAGAIN);
        check(guest_bridge_give_datagram(s, (const uint8_t *)"abc", 3));
        check_equal(recv(p.fd, &byte, 1, 0), 1);
        check_equal(send(p.fd, "defg", 4, 0), 4);
        check_equal(guest_bridge_take_datagram(&bench.runner, s), 4);
        check_equal(guest_bridge_take_datagram(&bench.runner, s), -EAGAIN);
    }
    close(p.fd);
    close_bench();
}

/* accept() was interrupted; the connection stands in a slot before its listener's. */
static void a_held_connection_ends_once_with_its_listener(void)
{
    struct guest_socket *held, *listener;

    open_bench();
    held = add(SOCK_STREAM);
    listener = add(SOCK_STREAM);
    check(held->handle < listener->handle);
    guest_socket_hold(listener, held, dup(STDERR_FILENO));
    close_bench();
}

static const struct test tests[] = {
    {"datagrams beyond a turn's share have another turn",
     datagrams_beyond_a_turns_share_have_another_turn},
    {"the last close of a datagram holder is heard of, and what it holds is sent",
     a_closed_datagram_holder_is_heard_of},
    {"a full lab makes a datagram holder unwritable, and does not outlive its close",
     a_full_lab_makes_a_holder_unwritable},
    {"a datagram holder that cannot be watched is found closed by the census",
     an_unwatched_datagram_holder_is_found_closed},
    {"an error is shown at a datagram holder, once each time",
     an_error_is_shown_at_a_datagram_holder},
    {"a connection that is held for accept() ends once, with its listener",
     a_held_connection_ends_once_with_its_listener},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
