/* SPDX-License-Identifier: MIT */
/*
 * What one socket alone does not show: edges of epoll, copies of a descriptor, what an accepted
 * socket inherits, timeouts, and what the other side sees of a close.
 */
#pragma once
#include "fidelity_datagrams.h"

static int new_set(int fd, unsigned events)
{
    struct epoll_event event = {.events = events};
    int set = epoll_create1(EPOLL_CLOEXEC);

    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0)
        give_up("epoll_ctl: %s", strerror(errno));
    return set;
}

static void ask_set(int set, const char *question)
{
    struct epoll_event events[4];
    int n = epoll_wait(set, events, 4, 0);

    row(question, "%s", events_name(n > 0 ? events[0].events : 0));
}

static const unsigned all_edges = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;

static int edges_of_reading(void)
{
    int fd = connected(), set = new_set(fd, all_edges & ~(unsigned)EPOLLOUT);

    ask_set(set, "at first");
    ask("send 3");
    await_bytes(fd, 3);
    ask_set(set, "data has come");
    ask_set(set, "nothing new");
    ask_recv_2(fd);
    ask_set(set, "a part is read");
    ask("send 3");
    await_bytes(fd, 4);
    ask_set(set, "more has come");
    ask_recv(fd);
    ask_set(set, "all is read");
    ask("fin");
    await(fd, POLLRDHUP);
    ask_set(set, "FIN");
    ask_set(set, "nothing new");
    close(set);
    return fd;
}

static int edges_of_writing(void)
{
    int fd = connected(), set = new_set(fd, EPOLLOUT | EPOLLET);

    ask_set(set, "at first");
    ask_send(fd);
    row("the peer read", "%s", ask("read 3"));
    pause_shortly();
    ask_set(set, "a little was sent");
    close(set);
    return fd;
}

static int edge_of_room(void)
{
    int fd = full(), set = new_set(fd, EPOLLOUT | EPOLLET);

    ask_set(set, "full");
    ask_send(fd);
    ask("drain");
    await(fd, POLLOUT);
    ask_set(set, "drained");
    ask_set(set, "nothing new");
    close(set);
    return fd;
}

static int edge_of_connecting(void)
{
    int fd = new_tcp(), set = new_set(fd, all_edges);

    ask_set(set, "fresh");
    connect_to(fd, peer_port);
    await(fd, POLLOUT);
    ask("accept");
    ask_set(set, "established");
    ask_set(set, "nothing new");
    ask("reset");
    await(fd, POLLHUP);
    ask_set(set, "reset");
    ask_set(set, "nothing new");
    close(set);
    return fd;
}

static int edge_of_refusal(void)
{
    int fd = new_tcp(), set = new_set(fd, all_edges);

    ask_set(set, "fresh");
    connect_to(fd, closed_port());
    await(fd, POLLHUP);
    ask_set(set, "refused");
    ask_set(set, "nothing new");
    close(set);
    return fd;
}

static int edges_of_listening(void)
{
    int fd = listening(), set = new_set(fd, all_edges);

    ask_set(set, "at first");
    ask("connect %d", port_of(fd));
    await(fd, POLLIN);
    ask_set(set, "one waits");
    ask_set(set, "nothing new");
    ask_accept(fd);
    ask_set(set, "it is accepted");
    ask("connect %d", port_of(fd));
    await(fd, POLLIN);
    ask_set(set, "another waits");
    close(set);
    return fd;
}

static int edges_of_datagrams(void)
{
    int fd = udp_known(), set = new_set(fd, all_edges & ~(unsigned)EPOLLOUT);

    ask_set(set, "at first");
    ask("send-datagram 3");
    await(fd, POLLIN);
    ask_set(set, "one has come");
    ask_set(set, "nothing new");
    ask_recv(fd);
    ask_set(set, "it is read");
    close(set);
    return fd;
}

static int one_shot(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
    int fd = with_data(), set = new_set(fd, EPOLLIN | EPOLLONESHOT);

    ask_set(set, "at first");
    ask("send 3");
    await_bytes(fd, 6);
    ask_set(set, "more has come");
    epoll_ctl(set, EPOLL_CTL_MOD, fd, &event);
    ask_set(set, "armed again");
    close(set);
    return fd;
}

static int nested_set(void)
{
    int fd = with_data(), inner = new_set(fd, EPOLLIN), set = new_set(inner, EPOLLIN);

    ask_set(set, "with data");
    ask_recv(fd);
    ask_set(set, "read");
    close(inner);
    close(set);
    return fd;
}

static int copied(void)
{
    int fd = connected(), copy = dup(fd), set = new_set(fd, EPOLLIN);

    close(fd);
    ask("send 3");
    await_bytes(copy, 3);
    ask_set(set, "the copied one is closed");
    row("O_NONBLOCK of the copy", "%d", (fcntl(copy, F_GETFL) & O_NONBLOCK) != 0);
    ask_recv(copy);
    ask_send(copy);
    row("the peer read", "%s", ask("read 3"));
    row("descriptor flags", "%d", fcntl(copy, F_GETFD));
    close(set);
    return copy;
}

static int copied_and_shut(void)
{
    int fd = connected(), copy = dup(fd);

    shutdown(copy, SHUT_WR);
    ask_send(fd);
    row("the peer", "%s", ask("see"));
    close(copy);
    return fd;
}

/* A child closes its copy, and another writes and ends: the peer's stream goes on. */
static int inherited(void)
{
    int fd = connected(), status;
    pid_t child = fork();

    if (child == 0) {
        close(fd);
        _exit(0);
    }
    waitpid(child, &status, 0);
    ask_send(fd);
    row("the peer read", "%s", ask("read 3"));
    child = fork();
    if (child == 0)
        _exit(send(fd, "xyz", 3, 0) == 3 ? 0 : 1);
    waitpid(child, &status, 0);
    row("the child", "%d", WEXITSTATUS(status));
    row("the peer read", "%s", ask("read 3"));
    pause_shortly();
    return fd;
}

static void see_end(int fd)
{
    close(fd);
    row("the peer", "%s", ask("see"));
}

static int end_clean(void)
{
    see_end(connected());
    return -1;
}

static int end_with_unread(void)
{
    see_end(with_data());
    return -1;
}

static int end_with_linger_0(void)
{
    int fd = connected();

    set_linger_0(fd);
    see_end(fd);
    return -1;
}

static int end_behind_data(void)
{
    int fd = connected();

    ask_send(fd);
    see_end(fd);
    return -1;
}

static int end_after_shut_write(void)
{
    int fd = shut_write();

    close(fd);
    pause_shortly();
    row("the peer's send", "%s", ask("send 3"));
    pause_shortly();
    row("the peer's send", "%s", ask("send 3"));
    return -1;
}

static int end_after_shut_read(void)
{
    see_end(shut_read());
    return -1;
}

static int end_of_process(void)
{
    int status, fd;
    pid_t child;

    fd = connected();
    child = fork();
    if (child == 0)
        pause();
    close(fd);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    row("the peer", "%s", ask("see"));
    return -1;
}

static int end_of_listener(void)
{
    int fd = listening_with_one();
    uint16_t port = port_of(fd);

    close(fd);
    row("the peer", "%s", ask("see"));
    row("the peer's connect", "%s", ask("connect %d", port));
    return -1;
}

static int port_taken(void)
{
    int fd = listening(), other = new_tcp();
    place name = at(in6addr_any, port_of(fd));

    row("bind of another", "%s", result_name(bind(other, (sa *)&name, sizeof name)));
    set_number(other, SOL_SOCKET, SO_REUSEADDR, 1);
    row("with SO_REUSEADDR", "%s", result_name(bind(other, (sa *)&name, sizeof name)));
    close(fd);
    row("when it is closed", "%s", result_name(bind(other, (sa *)&name, sizeof name)));
    row("bind again", "%s", result_name(bind(other, (sa *)&name, sizeof name)));
    return other;
}

static int not_ours(void)
{
    /* of documentation: RFC 5737, RFC 3849 */
    place name = at(address_of(is_mapped() ? "203.0.113.7" : "2001:db8::7"), 0);
    int fd = new_tcp();

    row("bind", "%s", result_name(bind(fd, (sa *)&name, sizeof name)));
    name.four.sin_family = family == AF_INET ? AF_INET6 : AF_INET;
    row("bind of another family", "%s", result_name(bind(fd, (sa *)&name, sizeof name)));
    row("connect of another family", "%s", result_name(connect(fd, (sa *)&name, sizeof name)));
    row("connect of a short name", "%s", result_name(connect(fd, (sa *)&name, 4)));
    row("bind of a short name", "%s", result_name(bind(fd, (sa *)&name, 4)));
    return fd;
}

static void ask_inherited(int fd)
{
    struct timeval time = {0};
    struct linger linger = {0};
    socklen_t length = sizeof time;

    ask_number(fd, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
    ask_number(fd, "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT);
    ask_number(fd, "SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE);
    ask_number(fd, "SO_SNDBUF", SOL_SOCKET, SO_SNDBUF);
    ask_number(fd, "SO_RCVBUF", SOL_SOCKET, SO_RCVBUF);
    ask_number(fd, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR);
    ask_number(fd, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
    ask_number(fd, "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE);
    ask_number(fd, "TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT);
    ask_number(fd, "TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT);
    ask_number(fd, "IP_TTL", IPPROTO_IP, IP_TTL);
    ask_number(fd, "IP_TOS", IPPROTO_IP, IP_TOS);
    getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &length);
    row("SO_RCVTIMEO", "%ld us", (long)time.tv_usec);
    length = sizeof time;
    getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, &length);
    row("SO_SNDTIMEO", "%ld us", (long)time.tv_usec);
    length = sizeof linger;
    getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length);
    row("SO_LINGER", "%d %d", linger.l_onoff, linger.l_linger);
    row("O_NONBLOCK", "%d", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    row("FD_CLOEXEC", "%d", fcntl(fd, F_GETFD));
}

static int inheriting(void)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 7};
    int listener = listening(), fd;

    set_number(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(listener, SOL_SOCKET, SO_RCVLOWAT, 2);
    set_number(listener, SOL_SOCKET, SO_OOBINLINE, 1);
    set_number(listener, SOL_SOCKET, SO_SNDBUF, 50000);
    set_number(listener, SOL_SOCKET, SO_RCVBUF, 60000);
    set_number(listener, SOL_SOCKET, SO_REUSEADDR, 1);
    set_number(listener, IPPROTO_TCP, TCP_NODELAY, 1);
    set_number(listener, IPPROTO_TCP, TCP_KEEPIDLE, 77);
    set_number(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, 7777);
    set_number(listener, IPPROTO_IP, IP_TTL, 33);
    set_time(listener, SO_RCVTIMEO, 400);
    set_time(listener, SO_SNDTIMEO, 600);
    setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    ask_inherited(listener);
    ask("connect %d", port_of(listener));
    await(listener, POLLIN);
    fd = accept(listener, NULL, NULL);
    if (fd < 0)
        give_up("accept: %s", strerror(errno));
    ask_inherited(fd);
    linger.l_onoff = 0;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(listener);
    return fd;
}

static int timeouts(void)
{
    int fd = connected(), listener = listening();

    set_blocking(fd, true);
    set_time(fd, SO_RCVTIMEO, 30);
    ask_recv(fd);
    ask_read(fd);
    ask_recvmsg(fd);
    ask("send 3");
    ask_waitall(fd);
    set_blocking(listener, true);
    set_time(listener, SO_RCVTIMEO, 30);
    ask_accept(listener);
    close(listener);
    set_blocking(fd, false);
    return fd;
}

static int timeout_of_connect(void)
{
    uint16_t port = (uint16_t)atoi(ask("full"));
    int fd = new_tcp();

    filler = new_tcp();
    connect_to(filler, port);
    await(filler, POLLOUT);
    pause_shortly();
    set_blocking(fd, true);
    set_time(fd, SO_SNDTIMEO, 30);
    row("connect", "%s", result_name(connect_to(fd, port)));
    row("connect", "%s", result_name(connect_to(fd, port)));
    set_blocking(fd, false);
    return fd;
}

static int timeout_of_full(void)
{
    int fd = full();

    set_blocking(fd, true);
    set_time(fd, SO_SNDTIMEO, 30);
    ask_send(fd);
    ask_sendmsg(fd);
    set_blocking(fd, false);
    return fd;
}

/* MSG_WAITALL waits for all, or for the end. */
static int all_or_end(void)
{
    int fd = with_data();

    ask("fin");
    set_blocking(fd, true);
    set_time(fd, SO_RCVTIMEO, MOST_MS);
    ask_waitall(fd);
    ask_waitall(fd);
    set_blocking(fd, false);
    return fd;
}

static int in_two_pieces(void)
{
    int fd = connected();

    ask_send_more(fd);
    ask_send(fd);
    row("the peer read", "%s", ask("read 6"));
    ask_send_0(fd);
    ask_send_oob(fd);
    ask_send(fd);
    row("the peer read", "%s", ask("read 3"));
    return fd;
}

static const struct state sharing[] = {
    {"edges of reading", edges_of_reading, "recv"},
    {"edges of writing", edges_of_writing, "poll"},
    {"edge of room", edge_of_room, "poll"},
    {"edge of connecting", edge_of_connecting, "error"},
    {"edge of refusal", edge_of_refusal, "error"},
    {"edges of listening", edges_of_listening, "accept"},
    {"edges of datagrams", edges_of_datagrams, "recv"},
    {"one shot", one_shot, "recv"},
    {"a set in a set", nested_set, "recv"},
    {"copied", copied, "recv poll"},
    {"copied and shut", copied_and_shut, "poll recv"},
    {"inherited by children", inherited, "poll recv send"},
    {"closed", end_clean, ""},
    {"closed with data unread", end_with_unread, ""},
    {"closed with SO_LINGER 0", end_with_linger_0, ""},
    {"closed behind data", end_behind_data, ""},
    {"closed after shut for writing", end_after_shut_write, ""},
    {"closed after shut for reading", end_after_shut_read, ""},
    {"closed by SIGKILL", end_of_process, ""},
    {"listener closed", end_of_listener, ""},
    {"port taken", port_taken, "name"},
    {"names that are wrong", not_ours, "poll error"},
    {"inherited by accept", inheriting, "poll"},
    {"timeouts", timeouts, "poll"},
    {"timeout of connect", timeout_of_connect, "poll error"},
    {"timeout of a full one", timeout_of_full, "poll"},
    {"all or the end", all_or_end, "poll"},
    {"sent in pieces", in_two_pieces, "poll"},
};
