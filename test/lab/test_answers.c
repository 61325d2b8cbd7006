/* SPDX-License-Identifier: MIT */
/*
 * What calls answer in states that few programs come to: each as Linux answers between two network
 * namespaces, where all of this was asked first.
 */
#include <limits.h>

#include "lab/pair.h"

static void reset(int host, int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    check_equal(sockeye_set_option(lab, host, fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    check_equal(sockeye_close_fd(lab, host, fd), 0);
    pass(10 * MS);
}

/* A binds 7777 and connects to B; the accepted one is returned. */
static int bound_and_connected(int *fd)
{
    int l = listener(B, 5000), other;

    *fd = stream(A);
    check_equal(bind_to(A, *fd, "0.0.0.0", 7777), 0);
    check_equal(connect_to(A, *fd, "10.0.0.2", 5000), -EINPROGRESS);
    pass(10 * MS);
    other = accepted(B, l);
    check_equal(sockeye_close_fd(lab, B, l), 0);
    return other;
}

static void is_kept(int fd)
{
    int other = stream(A);

    check_equal(bind_to(A, fd, "0.0.0.0", 8888), -EINVAL);
    check_equal(bind_to(A, other, "0.0.0.0", 7777), -EADDRINUSE);
    check_equal(port_of(A, fd), 7777);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
    check_equal(bind_to(A, other, "0.0.0.0", 7777), 0);
    pair_close();
}

static void a_bound_port_is_kept(void)
{
    int fd, other;

    pair_open();
    (void)bound_and_connected(&fd);
    check_equal(disconnect(A, fd), 0);
    is_kept(fd);

    pair_open();
    other = bound_and_connected(&fd);
    reset(B, other);
    is_kept(fd);

    pair_open();
    fd = listener(A, 7777);
    check_equal(sockeye_shutdown(lab, A, fd, SHUT_RD), 0);
    set_number(A, fd, SOL_SOCKET, SO_REUSEADDR, 0);
    is_kept(fd);
}

/* And is used again: by connect(), and by listen(), as a listener's of before was. */
static void a_kept_port_serves_again(void)
{
    int fd, l, other;

    pair_open();
    other = bound_and_connected(&fd);
    check_equal(disconnect(A, fd), 0);
    pass(10 * MS);
    check_equal(sockeye_close_fd(lab, B, other), 0);
    l = listener(B, 5000);
    check_equal(connect_to(A, fd, "10.0.0.2", 5000), -EINPROGRESS);
    pass(10 * MS);
    check(accepted(B, l) >= 0);
    check_equal(port_of(A, fd), 7777);
    check_equal(disconnect(A, fd), 0);
    check_equal(sockeye_listen(lab, A, fd, 1), 0);
    check_equal(disconnect(A, fd), 0);
    other = stream(A);
    set_number(A, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_number(A, other, SOL_SOCKET, SO_REUSEADDR, 1);
    check_equal(bind_to(A, other, "0.0.0.0", 7777), 0); /* no longer a listener's */
    pair_close();
}

static void a_chosen_port_is_given_back(void)
{
    int l, fd, datagrams;

    pair_open();
    l = listener(B, 5000);
    fd = stream(A);
    check_equal(bind_to(A, fd, "10.0.0.1", 0), 0);
    check_equal(connect_to(A, fd, "10.0.0.2", 5000), -EINPROGRESS);
    pass(10 * MS);
    check(accepted(B, l) >= 0);
    check_equal(disconnect(A, fd), 0);
    check_equal(bind_to(A, fd, "10.0.0.1", 0), 0);
    datagrams = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(bind_to(A, datagrams, "10.0.0.1", 0), 0);
    check_equal(connect_to(A, datagrams, "10.0.0.2", 5000), 0);
    check_equal(disconnect(A, datagrams), 0);
    check_equal(port_of(A, datagrams), 0);
    check_equal(bind_to(A, datagrams, "10.0.0.1", 0), 0);
    pair_close();
}

/* RFC 9293 3.10.5: CLOSING and LAST-ACK have nothing to tell. */
static void an_abort_resets_whom_it_cuts_off(void)
{
    static char bytes[200000];
    int fd[2];

    pair_open(); /* LAST-ACK */
    pair_connect(fd);
    check_equal(sockeye_close_fd(lab, B, fd[B]), 0);
    pass(10 * MS);
    check_equal(sockeye_shutdown(lab, A, fd[A], SHUT_WR), 0);
    check_equal(disconnect(A, fd[A]), 0);
    check(!(pair_seen[A].flags & 4));
    check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), 0);
    pair_close();

    pair_open(); /* the FIN is queued behind data: the peer waits for it */
    pair_connect(fd);
    check_equal(sockeye_shutdown(lab, B, fd[B], SHUT_WR), 0);
    pass(100 * MS);
    check(sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0) > 100000);
    check_equal(sockeye_shutdown(lab, A, fd[A], SHUT_WR), 0);
    check_equal(disconnect(A, fd[A]), 0);
    check_equal(pair_seen[A].flags & 4, 4);
    check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), ECONNRESET);
    pair_close();
}

/* The error of before waits still; a socket that only closed has none. */
static void undone_twice_it_tells_what_it_had_to(void)
{
    int fd = -1;

    pair_open();
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 5009), -EINPROGRESS);
    pass(10 * MS);
    check_equal(disconnect(A, fd), 0);
    check_equal(sockeye_poll(lab, A, fd), POLLOUT | POLLERR | POLLHUP);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    check_equal(connect_to(A, fd, "10.0.0.9", 5009), -EINPROGRESS);
    check_equal(disconnect(A, fd), 0);
    check_equal(sockeye_listen(lab, A, fd, 1), 0);
    check_equal(sockeye_poll(lab, A, fd), 0); /* a listener tells no error by poll() */
    check_equal(number_of(A, fd, SOL_SOCKET, SO_ERROR), ECONNRESET);
    pair_close();
}

static void a_listener_has_nothing_to_read(void)
{
    char byte;
    int l;

    pair_open();
    l = listener(A, 5000);
    check_equal(sockeye_receive(lab, A, l, &byte, 1, 0), -ENOTCONN);
    check_equal(sockeye_receive(lab, A, l, &byte, 1, MSG_OOB), -ENOTCONN);
    check_equal(sockeye_send(lab, A, l, &byte, 1, 0), -EPIPE);
    pair_close();
}

static void an_urgent_byte_alone_is_not_in(void)
{
    char bytes[8];
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_equal(sockeye_send(lab, B, fd[B], "ab", 2, 0), 2);
    check_equal(sockeye_send(lab, B, fd[B], "!", 1, MSG_OOB), 1);
    pass(10 * MS);
    check_equal(sockeye_poll(lab, A, fd[A]), POLLIN | POLLPRI | POLLOUT);
    check_equal(sockeye_receive(lab, A, fd[A], bytes, sizeof bytes, 0), 2);
    check_equal(sockeye_poll(lab, A, fd[A]), POLLPRI | POLLOUT);
    check_equal(sockeye_receive(lab, A, fd[A], bytes, sizeof bytes, 0), -EAGAIN);
    set_number(A, fd[A], SOL_SOCKET, SO_OOBINLINE, 1);
    pair_close();
}

/* A connection that ended: what poll() tells, and the calls after it. */
static void poll_tells_of_ends_as_linux_does(void)
{
    char byte;
    int fd[2];

    for (int with_fin = 0; with_fin < 2; with_fin++) {
        pair_open();
        pair_connect(fd);
        if (with_fin)
            check_equal(sockeye_shutdown(lab, B, fd[B], SHUT_WR), 0);
        pass(10 * MS);
        reset(B, fd[B]);
        check_equal(sockeye_poll(lab, A, fd[A]), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
        check_equal(number_of(A, fd[A], SOL_SOCKET, SO_ERROR), with_fin ? EPIPE : ECONNRESET);
        check_equal(sockeye_poll(lab, A, fd[A]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
        pair_close();
    }
    for (int how = SHUT_RD; how <= SHUT_RDWR; how++) { /* while connecting */
        pair_open();
        fd[A] = stream(A);
        check_equal(connect_to(A, fd[A], "10.0.0.9", 5000), -EINPROGRESS);
        check_equal(sockeye_poll(lab, A, fd[A]), 0);
        check_equal(sockeye_shutdown(lab, A, fd[A], how), 0);
        check_equal(sockeye_poll(lab, A, fd[A]), POLLOUT | POLLERR | POLLHUP);
        check_equal(sockeye_send(lab, A, fd[A], "x", 1, 0), -ECONNRESET);
        check_equal(sockeye_receive(lab, A, fd[A], &byte, 1, 0), -ENOTCONN);
        pair_close();
    }
}

/* What has nowhere to go says that; the error of before is told by what could be sent. */
static void datagrams_tell_errors_in_linuxs_order(void)
{
    int fd;

    pair_open();
    fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(connect_to(A, fd, "10.0.0.2", 5009), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), 1);
    pass(10 * MS);
    check_equal(disconnect(A, fd), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), -EDESTADDRREQ);
    check_equal(connect_to(A, fd, "10.0.0.2", 5010), 0);
    check_equal(sockeye_shutdown(lab, A, fd, SHUT_WR), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), -ECONNREFUSED);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), -EPIPE);
    check_equal(disconnect(A, fd), 0);
    check_equal(sockeye_send(lab, A, fd, "x", 1, 0), -EDESTADDRREQ);
    pair_close();
}

static void bind_to_device(int host, int fd, const char *name)
{
    check_equal(sockeye_set_option(lab, host, fd, SOL_SOCKET, SO_BINDTODEVICE, name,
                                   (uint32_t)strlen(name)),
                0);
}

/* A second wire: 10.0.1.1 and 10.0.1.2, eth1. */
static void two_wires(void)
{
    static const char *const addresses[] = {"10.0.1.1/24", "10.0.1.2/24"};
    int w;

    pair_open();
    w = sockeye_wire(lab, "w2", NULL, NULL);
    for (int i = 0; i < 2; i++) {
        int n = sockeye_interface(lab, i, "eth1", w, i, NULL);

        check_equal(sockeye_address(lab, i, n, addresses[i]), 0);
    }
}

/* Connects from a host, and tells what poll() says then. */
static int tried(int host, const char *address, uint16_t port)
{
    int fd = stream(host), ready;

    check_equal(connect_to(host, fd, address, port), -EINPROGRESS);
    pass(100 * MS);
    ready = sockeye_poll(lab, host, fd);
    check(ready == POLLOUT || number_of(host, fd, SOL_SOCKET, SO_ERROR) == ECONNREFUSED);
    return ready == POLLOUT ? fd : -1;
}

static void a_listener_keeps_to_its_device(void)
{
    char name[16] = "";
    uint32_t length = sizeof name;
    int l, fd;

    two_wires();
    l = stream(B);
    bind_to_device(B, l, "eth0");
    check_equal(bind_to(B, l, "0.0.0.0", 5000), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
    check(tried(A, "10.0.0.2", 5000) >= 0);
    check(tried(A, "10.0.1.2", 5000) < 0);
    fd = accepted(B, l);
    check_equal(sockeye_get_option(lab, B, fd, SOL_SOCKET, SO_BINDTODEVICE, name, &length), 0);
    check(strcmp(name, "eth0") == 0);
    check(tried(B, "10.0.0.2", 5000) >= 0); /* its own host counts as speaking by it */
    check(tried(B, "127.0.0.1", 5000) < 0);
    fd = stream(B); /* another device may have a listener of its own */
    bind_to_device(B, fd, "eth1");
    check_equal(bind_to(B, fd, "0.0.0.0", 5000), 0);
    check_equal(sockeye_listen(lab, B, fd, 5), 0);
    check(tried(A, "10.0.1.2", 5000) >= 0);
    check(accepted(B, fd) >= 0);
    fd = stream(B);
    check_equal(bind_to(B, fd, "0.0.0.0", 5000), -EADDRINUSE);
    bind_to_device(B, l, "eth1"); /* and it may change */
    check(tried(A, "10.0.0.2", 5000) < 0);
    bind_to_device(B, l, "");
    check(tried(A, "10.0.0.2", 5000) >= 0);
    pair_close();
}

/* A connection hears only its own, whenever it was told so; and speaks by it alone. */
static void a_connection_keeps_to_its_device(void)
{
    char bytes[4];
    int fd[2], other;

    two_wires();
    pair_connect(fd);
    bind_to_device(A, fd[A], "eth0");
    check_equal(sockeye_send(lab, B, fd[B], "ab", 2, 0), 2);
    pass(10 * MS);
    check_equal(sockeye_receive(lab, A, fd[A], bytes, sizeof bytes, 0), 2);
    bind_to_device(A, fd[A], "eth1");
    check_equal(sockeye_send(lab, B, fd[B], "cd", 2, 0), 2);
    pass(10 * MS);
    check_equal(sockeye_receive(lab, A, fd[A], bytes, sizeof bytes, 0), -EAGAIN);
    check_equal(number_of(B, fd[B], SOL_SOCKET, SO_ERROR), ECONNRESET); /* nobody there */
    other = stream(A);
    bind_to_device(A, other, "eth1");
    check_equal(connect_to(A, other, "10.0.0.2", 5000), -EINPROGRESS);
    pair_count[A] = 0;
    pass(5 * SECOND); /* on that wire nobody has the address: as everywhere, then, no route */
    check_equal(number_of(A, other, SOL_SOCKET, SO_ERROR), EHOSTUNREACH);
    pair_close();
}

/* RFC 7323 5.2: a RST that answers a timestamp echoes it; its own is 0. */
static void a_reset_echoes_the_timestamp(void)
{
    int fd;

    pair_open();
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 5009), -EINPROGRESS);
    pass(10 * MS);
    check_equal(pair_seen[B].flags & 4, 4);
    check_equal(pair_seen[B].ts_value, 0);
    check(pair_seen[A].ts_value != 0);
    check_equal(pair_seen[B].ts_echo, pair_seen[A].ts_value);
    check_equal(sockeye_set(lab, A, "net.ipv4.tcp_timestamps", "0"), 0);
    fd = stream(A);
    check_equal(connect_to(A, fd, "10.0.0.2", 5009), -EINPROGRESS);
    pass(10 * MS);
    check_equal(pair_seen[B].flags & 4, 4);
    check_equal(pair_seen[B].header, 20);
    pair_close();
}

/* TCP_WINDOW_CLAMP: reading opens no window that is not offered. */
static void a_clamped_window_stays(void)
{
    char bytes[10000] = "";
    int fd[2], before;

    pair_open();
    pair_connect(fd);
    check(number_of(B, fd[B], IPPROTO_TCP, TCP_WINDOW_CLAMP) > 60000);
    check_equal(sockeye_set_option(lab, B, fd[B], IPPROTO_TCP, TCP_WINDOW_CLAMP, &(int){0}, 4),
                -EINVAL);
    set_number(B, fd[B], IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000);
    check_equal(number_of(B, fd[B], IPPROTO_TCP, TCP_WINDOW_CLAMP), 5000);
    check_equal(sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0), sizeof bytes);
    pass(SECOND);
    before = pair_count[B];
    for (int i = 0; i < 10; i++)
        check_equal(sockeye_receive(lab, B, fd[B], bytes, 500, 0), 500);
    pass(SECOND);
    check_equal(pair_count[B], before);
    pair_close();
}

static void more_than_fits_is_no_low_water(void)
{
    int fd;

    pair_open();
    fd = stream(A);
    set_number(A, fd, SOL_SOCKET, SO_RCVLOWAT, INT_MAX);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_RCVLOWAT), 6291456 / 2);
    set_number(A, fd, SOL_SOCKET, SO_RCVBUF, 10000);
    set_number(A, fd, SOL_SOCKET, SO_RCVLOWAT, -1);
    check_equal(number_of(A, fd, SOL_SOCKET, SO_RCVLOWAT), 10000);
    pair_close();
}

/* RFC 9293 3.6, 3.10.4: close() queues the FIN behind the data, and that is FIN-WAIT-1 at once;
 * what comes then has no reader (RFC 1122 4.2.2.13), and draws a RST. */
static void close_with_a_full_queue_ends_at_once(void)
{
    static char bytes[100000];
    ssize_t sent = 0, n;
    int fd[2];

    pair_open();
    pair_connect(fd);
    for (int i = 0; i < 100 && (n = sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0)) > 0; i++) {
        sent += n;
        pass(100 * MS);
    }
    check(sent > 200000); /* B's window is shut, and our queue full */
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
    pass(100 * MS);
    check(!(pair_seen[A].flags & (1 | 4)));
    pass(5 * SECOND);
    check_equal(sockeye_send(lab, B, fd[B], "late", 4, 0), 4);
    pass(10 * MS);
    check_equal(pair_seen[A].flags & 4, 4);
    check_equal(sockeye_send(lab, B, fd[B], "late", 4, 0), -ECONNRESET);
    pair_close();

    pair_open(); /* and without such data all that was queued comes, and then the end */
    pair_connect(fd);
    sent = sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0);
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
    for (n = 0; sent > 0; sent -= n) {
        n = sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0);
        check(n > 0 || n == -EAGAIN);
        n = n > 0 ? n : 0;
        pass(10 * MS);
    }
    check_equal(sockeye_receive(lab, B, fd[B], bytes, 1, 0), 0);
    pair_close();
}

/* Before anybody looks into its control messages. */
static void a_stream_that_is_not_open_says_so_first(void)
{
    char byte[1] = "";
    const struct cmsghdr wrong = {.cmsg_len = 3, .cmsg_level = SOL_SOCKET, .cmsg_type = 99};
    struct sockeye_message m = {
        .bytes = byte, .length = 1, .control = (void *)(uintptr_t)&wrong, .control_length = 16};
    int fd[2], l;

    pair_open();
    pair_connect(fd);
    check_equal(sockeye_send_message(lab, A, fd[A], &m, 0), -EINVAL);
    l = listener(A, 6000);
    check_equal(sockeye_send_message(lab, A, l, &m, 0), -EPIPE);
    l = stream(A);
    check_equal(sockeye_send_message(lab, A, l, &m, 0), -EPIPE);
    m.control_length = 1 << 20; /* too much is too much for any */
    check_equal(sockeye_send_message(lab, A, l, &m, 0), -ENOBUFS);
    pair_close();
}

/* Between the sending and the reading, as for a datagram. */
static void a_streams_bytes_have_a_time(void)
{
    _Alignas(8) uint8_t control[64];
    char bytes[9];
    struct sockeye_message m = {.bytes = bytes, .length = 9};
    struct cmsghdr header;
    int64_t stamp[2], sent;
    int fd[2];

    pair_open();
    pair_connect(fd);
    set_number(B, fd[B], SOL_SOCKET, SO_TIMESTAMPNS, 1);
    sent = sockeye_now(lab);
    check_equal(sockeye_send(lab, A, fd[A], "abc", 3, 0), 3);
    pass(10 * MS);
    m.control = control;
    m.control_length = sizeof control;
    check_equal(sockeye_receive_message(lab, B, fd[B], &m, 0), 3);
    check_equal(m.control_length, CMSG_SPACE(sizeof stamp));
    memcpy(&header, control, sizeof header);
    check(header.cmsg_level == SOL_SOCKET && header.cmsg_type == SO_TIMESTAMPNS);
    memcpy(stamp, control + CMSG_LEN(0), sizeof stamp);
    check_equal((stamp[0] * SECOND + stamp[1] - sent) % SECOND, MS); /* the delay of the wire */
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
    pass(10 * MS);
    m.control_length = sizeof control;
    check_equal(sockeye_receive_message(lab, B, fd[B], &m, 0), 0);
    check_equal(m.control_length, 0);
    pair_close();
}

static const struct test tests[] = {
    {"a stream's bytes have a time (SO_TIMESTAMPNS)", a_streams_bytes_have_a_time},
    {"a stream that is not open says so before its control messages are read",
     a_stream_that_is_not_open_says_so_first},
    {"a clamped window does not open by reading (TCP_WINDOW_CLAMP)", a_clamped_window_stays},
    {"SO_RCVLOWAT asks for no more than can be there", more_than_fits_is_no_low_water},
    {"close() with a full queue ends the connection at once (RFC 9293 3.10.4)",
     close_with_a_full_queue_ends_at_once},
    {"a listener keeps to its device (SO_BINDTODEVICE)", a_listener_keeps_to_its_device},
    {"a connection keeps to its device (SO_BINDTODEVICE)", a_connection_keeps_to_its_device},
    {"a reset that answers a timestamp echoes it (RFC 7323 5.2)", a_reset_echoes_the_timestamp},
    {"a port that the program bound is its socket's until it is closed", a_bound_port_is_kept},
    {"a kept port serves connect() and listen() again", a_kept_port_serves_again},
    {"a port that was chosen is given back by connect(AF_UNSPEC)", a_chosen_port_is_given_back},
    {"an abort resets whom it cuts off (RFC 9293 3.10.5)", an_abort_resets_whom_it_cuts_off},
    {"a socket undone when it is closed tells what it had to",
     undone_twice_it_tells_what_it_had_to},
    {"a listener has nothing to read", a_listener_has_nothing_to_read},
    {"an urgent byte alone is PRI, not IN", an_urgent_byte_alone_is_not_in},
    {"poll() tells of resets and of a connect given up as Linux does",
     poll_tells_of_ends_as_linux_does},
    {"datagrams tell errors in Linux's order", datagrams_tell_errors_in_linuxs_order},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
