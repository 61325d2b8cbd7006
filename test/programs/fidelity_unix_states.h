/* SPDX-License-Identifier: MIT */
/*
 * The states of a socket of AF_UNIX: fresh, bound, listening, connected, shut, closed, reset; what
 * poll() says in each, what calls return, how much goes in.
 */
#pragma once
#include "fidelity_unix.h"

static void of_fresh(void)
{
    int fd = make(), error = 0;
    char byte;

    enter("fresh");
    q_poll(fd);
    q_names(fd);
    q("read", read(fd, &byte, 1));
    q("write", write(fd, "a", 1));
    q_recv(fd);
    q_send(fd);
    q_recv_as(fd, "recv MSG_OOB", 1, MSG_OOB);
    q("send MSG_OOB", send(fd, "a", 1, MSG_OOB | MSG_NOSIGNAL));
    q("listen", listen(fd, 1));
    q("accept", accept(fd, NULL, NULL));
    q("shutdown of nothing", shutdown(fd, 7));
    q("shutdown SHUT_WR", shutdown(fd, SHUT_WR));
    q_poll(fd);
    q_send(fd);
    q("shutdown SHUT_RD", shutdown(fd, SHUT_RD));
    q_poll(fd);
    q_recv(fd);
    q_error(fd);
    close(fd);

    enter("options");
    fd = make();
    q_option(fd, "SO_TYPE", SO_TYPE);
    q_option(fd, "SO_DOMAIN", SO_DOMAIN);
    q_option(fd, "SO_PROTOCOL", SO_PROTOCOL);
    q_option(fd, "SO_ACCEPTCONN", SO_ACCEPTCONN);
    q_option(fd, "SO_SNDBUF", SO_SNDBUF);
    q_option(fd, "SO_RCVBUF", SO_RCVBUF);
    q_option(fd, "SO_PASSCRED", SO_PASSCRED);
    set_on(fd, SO_PASSCRED);
    q_option(fd, "SO_PASSCRED, set", SO_PASSCRED);
    q_option(fd, "SO_PEEK_OFF", SO_PEEK_OFF);
    q("SO_KEEPALIVE", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int)));
    q_option(fd, "SO_KEEPALIVE", SO_KEEPALIVE);
    q("SO_SNDBUF", setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){8192}, sizeof(int)));
    q_option(fd, "SO_SNDBUF", SO_SNDBUF);
    q("IPPROTO_TCP", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)));
    q("SO_ATTACH_BPF", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    q_queue(fd, "SIOCINQ", SIOCINQ);
    q_queue(fd, "SIOCOUTQ", SIOCOUTQ);
    q_error(fd);
    close(fd);
    (void)error;

    enter("socket()");
    q("protocol 1", fd = socket(AF_UNIX, type, 1) >= 0 ? 0 : -1);
    q("protocol 2", socket(AF_UNIX, type, 2));
    q("SOCK_RAW", (fd = socket(AF_UNIX, SOCK_RAW, 0)) >= 0 ? number_option(fd, SO_TYPE) : fd);
    q("SOCK_RDM", socket(AF_UNIX, SOCK_RDM, 0));
    q("socketpair protocol 2", socketpair(AF_UNIX, type, 2, (int[2]){0}));
    q("socketpair nowhere", socketpair(AF_UNIX, type, 0, NULL));
    close(fd);
}

static void of_pair(void)
{
    int p[2];
    char bytes[8];

    enter("pair");
    make_pair(p);
    q_poll(p[0]);
    q_names(p[0]);
    q_recv(p[0]);
    q_send(p[0]);
    arrived(p[1]);
    q_poll(p[1]);
    q_queue(p[1], "SIOCINQ", SIOCINQ);
    q_recv_as(p[1], "recv MSG_PEEK", 64, MSG_PEEK);
    q_recv_as(p[1], "recv of 2 MSG_PEEK", 2, MSG_PEEK);
    q_recv_as(p[1], "recv of 2", 2, 0);
    q_recv(p[1]);
    q_send(p[1]);
    q_send(p[1]);
    arrived(p[0]);
    usleep(LONG_PAUSE_US);
    q_queue(p[0], "SIOCINQ of two", SIOCINQ);
    q_recv_as(p[0], "recv of 2 MSG_TRUNC", 2, MSG_TRUNC);
    q_recv(p[0]);
    q_recv(p[0]);
    q("connect", connect(p[0], &(sa){.sa_family = AF_UNIX}, 2));
    q("listen", listen(p[0], 1));
    q("send of 0", send(p[0], "", 0, MSG_NOSIGNAL));
    if (type != SOCK_STREAM)
        arrived(p[1]);
    q_poll(p[1]);
    q_recv(p[1]);
    q("send MSG_EOR", send(p[0], "ab", 2, MSG_EOR));
    arrived(p[1]);
    q("recv MSG_WAITALL", recv(p[1], bytes, 2, MSG_WAITALL));
    q("send MSG_MORE", send(p[0], "ab", 2, MSG_MORE));
    arrived(p[1]);
    q_recv(p[1]);
    close_both(p);
}

static void of_shutdown(bool is_pair)
{
    const char *how = is_pair ? "pair" : "connected";
    int p[2];

    enter("%s, shut for writing", how);
    is_pair ? make_pair(p) : make_connected(p);
    q_send(p[0]);
    q("shutdown SHUT_WR", shutdown(p[0], SHUT_WR));
    q_poll(p[0]);
    q_send(p[0]);
    q_settled(p[1], connects() ? POLLRDHUP : POLLIN);
    q_recv(p[1]);
    q_recv(p[1]);
    q_send(p[1]);
    if (connects()) {
        arrived(p[0]);
        q_recv(p[0]);
        q("shutdown SHUT_WR of the other", shutdown(p[1], SHUT_WR));
        q_settled(p[0], POLLHUP);
        q_settled(p[1], POLLHUP);
        q_recv(p[0]);
        q_send(p[0]);
    }
    close_both(p);

    enter("%s, shut for reading", how);
    is_pair ? make_pair(p) : make_connected(p);
    q("shutdown SHUT_RD", shutdown(p[0], SHUT_RD));
    q_poll(p[0]);
    q_recv(p[0]);
    q_send(p[0]);
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    q_poll(p[1]);
    q_recv(p[1]);
    q_send(p[1]);
    q_poll(p[1]);
    close_both(p);

    enter("%s, shut for both", how);
    is_pair ? make_pair(p) : make_connected(p);
    q("shutdown SHUT_RDWR", shutdown(p[0], SHUT_RDWR));
    q_poll(p[0]);
    q_recv(p[0]);
    q_send(p[0]);
    if (connects())
        q_settled(p[1], POLLHUP);
    q_recv(p[1]);
    usleep(LONG_PAUSE_US);
    q_send(p[1]);
    close_both(p);
}

static void of_close(bool is_pair)
{
    const char *how = is_pair ? "pair" : "connected";
    int p[2];

    enter("%s, closed by the other", how);
    is_pair ? make_pair(p) : make_connected(p);
    q_send(p[0]);
    arrived(p[1]);
    q_recv(p[1]);
    usleep(LONG_PAUSE_US);
    close(p[1]);
    await_for(p[0], POLLHUP, connects() ? MOST_MS : FEW_MS);
    q_poll(p[0]);
    q_names(p[0]);
    q_send(p[0]);
    q_recv(p[0]);
    q_send(p[0]);
    q_error(p[0]);
    close(p[0]);

    enter("%s, closed by the other with something unread", how);
    is_pair ? make_pair(p) : make_connected(p);
    q_send(p[0]);
    arrived(p[1]);
    close(p[1]);
    await_for(p[0], POLLHUP, connects() ? MOST_MS : FEW_MS);
    q_poll(p[0]);
    q_send(p[0]);
    q_recv(p[0]);
    q_recv(p[0]);
    q_poll(p[0]);
    close(p[0]);

    enter("%s, closed behind data", how);
    is_pair ? make_pair(p) : make_connected(p);
    q_send(p[0]);
    q_send(p[0]);
    close(p[0]);
    q_settled(p[1], connects() ? POLLHUP : POLLIN);
    q_recv(p[1]);
    q_recv(p[1]);
    q_recv(p[1]);
    close(p[1]);

    enter("%s, SO_ERROR of a reset", how);
    is_pair ? make_pair(p) : make_connected(p);
    q_send(p[0]);
    arrived(p[1]);
    close(p[1]);
    await_for(p[0], POLLHUP, connects() ? MOST_MS : FEW_MS);
    q_error(p[0]);
    q_error(p[0]);
    q_poll(p[0]);
    q_recv(p[0]);
    close(p[0]);
}

/* How much goes in until it waits, and what poll() says then. */
static void of_full(bool is_pair)
{
    static char bytes[2048];
    int p[2], count = 0;

    enter("%s, full", is_pair ? "pair" : "connected");
    is_pair ? make_pair(p) : make_connected(p);
    while (count < 5000 && send(p[0], bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
        count++;
    q("error", -1);
    row("sends", "%d", count);
    q_poll(p[0]);
    arrived(p[1]);
    for (int i = 0; i < count; i++) {
        arrived(p[1]);
        if (recv(p[1], bytes, sizeof bytes, 0) <= 0)
            break;
    }
    q_settled(p[0], POLLOUT);
    q_recv(p[1]);
    close_both(p);

    enter("%s, too long", is_pair ? "pair" : "connected");
    is_pair ? make_pair(p) : make_connected(p);
    setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &(int){4096}, sizeof(int));
    {
        static char much[300000];
        ssize_t n = send(p[0], much, sizeof much, MSG_NOSIGNAL);

        row("send of 300000", "%s", n > 0 ? "a part" : result_name(n));
    }
    close_both(p);
}

/* A listener with one that has closed in its queue; and then none. */
static void of_its_end(int l, const char *path)
{
    int a, c;

    a = accept(l, NULL, NULL);
    q("accept of one that has closed", a < 0 ? a : 0);
    q_settled(a, POLLHUP);
    q_recv(a);
    close(a);
    c = make();
    join(c, path);
    q_send(c);
    close(l);
    q_settled(c, POLLHUP);
    q_recv(c);
    q_recv(c);
    close(c);
    q("connect to a closed one", join(c = make(), path));
    q_poll(c);
    unlink(path);
    q("connect to none", join(c, path));
    close(c);
}

static void of_listening(void)
{
    int l, c, a, other;
    char path[32];
    struct sockaddr_un name;
    socklen_t length = sizeof name;

    enter("listening");
    l = make_bound(path);
    q_poll(l);
    q("connect before listen", join(c = make(), path));
    close(c);
    q("listen", listen(l, 1));
    if (!connects()) {
        q("accept", accept(l, NULL, NULL));
        close(l);
        return;
    }
    q_poll(l);
    q_names(l);
    q_option(l, "SO_ACCEPTCONN", SO_ACCEPTCONN);
    q("accept", accept(l, NULL, NULL));
    q_recv(l);
    q_send(l);
    q("connect", join(c = make(), path));
    q_settled(l, POLLIN);
    q_poll(c);
    q_names(c);
    q_send(c);
    q("connect again", join(c, path));
    q("connect a second", join(a = make(), path));
    q("connect a third", join(other = make(), path));
    close(a);
    close(other);
    memset(&name, 0, sizeof name);
    a = accept4(l, (sa *)&name, &length, SOCK_NONBLOCK);
    q_name("accept", a < 0 ? a : 0, &name, length);
    arrived(a);
    q_poll(a);
    q_names(a);
    q_from(a);
    q_option(a, "SO_ACCEPTCONN", SO_ACCEPTCONN);
    close(a);
    q_settled(c, POLLHUP);
    q_recv(c);
    close(c);
    of_its_end(l, path);
}

static void of_shut_listener(void)
{
    char path[32];
    int l, a, c;

    if (!connects())
        return;
    enter("listening, shut");
    l = make_bound(path);
    listen(l, 1);
    q("shutdown SHUT_RD", shutdown(l, SHUT_RD));
    q_settled(l, POLLIN);
    a = accept(l, NULL, NULL);
    q("accept", a < 0 ? a : 0);
    q("connect", join(c = make(), path));
    close(c);
    close(l);
}

static void of_oob(void)
{
    int p[2];

    enter("urgent");
    make_pair(p);
    q("send MSG_OOB", send(p[0], "ab", 2, MSG_OOB));
    if (type != SOCK_STREAM) {
        q_recv_as(p[1], "recv MSG_OOB", 1, MSG_OOB);
        close_both(p);
        return;
    }
    q_settled(p[1], POLLPRI);
    q_queue(p[1], "SIOCATMARK", SIOCATMARK);
    q_recv(p[1]);
    q_queue(p[1], "SIOCATMARK", SIOCATMARK);
    q_recv_as(p[1], "recv MSG_OOB", 1, MSG_OOB);
    q_recv_as(p[1], "recv MSG_OOB", 1, MSG_OOB);
    q_send(p[0]);
    await_bytes(p[1], 3);
    q_poll(p[1]);
    q_recv(p[1]);
    q("send MSG_OOB", send(p[0], "x", 1, MSG_OOB));
    await(p[1], POLLPRI);
    q_send(p[0]);
    await_bytes(p[1], 4);
    q_recv(p[1]);
    set_on(p[1], SO_OOBINLINE);
    q("send MSG_OOB", send(p[0], "yz", 2, MSG_OOB));
    await(p[1], POLLPRI);
    q_recv_as(p[1], "recv MSG_OOB, in line", 1, MSG_OOB);
    q_recv(p[1]);
    q_recv(p[1]);
    close_both(p);
}

static void of_peek_off(void)
{
    int p[2];

    enter("SO_PEEK_OFF");
    make_pair(p);
    q("SO_PEEK_OFF", setsockopt(p[1], SOL_SOCKET, SO_PEEK_OFF, &(int){1}, sizeof(int)));
    q_send(p[0]);
    q("send", send(p[0], "defg", 4, 0));
    arrived(p[1]);
    usleep(LONG_PAUSE_US);
    q_recv_as(p[1], "recv of 1 MSG_PEEK", 1, MSG_PEEK);
    q_recv_as(p[1], "recv of 1 MSG_PEEK", 1, MSG_PEEK);
    q_option(p[1], "SO_PEEK_OFF", SO_PEEK_OFF);
    q_recv_as(p[1], "recv MSG_PEEK", 64, MSG_PEEK);
    q_recv_as(p[1], "recv of 2", 2, 0);
    q_option(p[1], "SO_PEEK_OFF", SO_PEEK_OFF);
    close_both(p);
}

static void of_blocking(void)
{
    struct timeval time = {.tv_usec = 50000};
    static char bytes[2048];
    int p[2];

    enter("blocking");
    make_pair(p);
    set_blocking(p[0], true);
    setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    q_recv(p[0]);
    while (send(p[0], bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes)
        continue;
    q("send", -1);
    close_both(p);
    make_pair(p);
    set_blocking(p[0], true);
    if (!connects())
        setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    if (fork() == 0) {
        close(p[0]);
        usleep(20000);
        send(p[1], "abc", 3, MSG_NOSIGNAL);
        _exit(0);
    }
    close(p[1]);
    q_recv(p[0]);
    q_recv(p[0]);
    wait(NULL);
    close(p[0]);
}

static void of_sharing(void)
{
    int p[2], copy, status;

    enter("shared");
    make_pair(p);
    copy = dup(p[1]);
    close(p[1]);
    q_send(p[0]);
    arrived(copy);
    q_recv(copy);
    if (fork() == 0) {
        send(copy, "child", 5, 0);
        execlp("sleep", "sleep", "0.05", (char *)NULL);
        _exit(1);
    }
    close(copy);
    arrived(p[0]);
    q_recv(p[0]);
    wait(&status);
    row("exec", "%d", WEXITSTATUS(status));
    if (connects())
        q_settled(p[0], POLLHUP);
    q_recv(p[0]);
    close(p[0]);
}

static void run_states(void)
{
    of_fresh();
    of_pair();
    for (int i = 1; i >= 0; i--) {
        of_shutdown(i);
        of_close(i);
        of_full(i);
    }
    of_listening();
    of_shut_listener();
    of_oob();
    of_peek_off();
    of_blocking();
    of_sharing();
}
