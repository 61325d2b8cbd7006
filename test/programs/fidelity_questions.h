/* SPDX-License-Identifier: MIT */
/*
 * The questions that can be put to a socket in any state, by name; each prints a row. Some change
 * the state, as a call of a program would.
 */
#pragma once
#include "fidelity.h"

static volatile sig_atomic_t pipes; /* SIGPIPEs */

static void on_pipe(int signal)
{
    (void)signal;
    pipes++;
}

static void ask_poll(int fd)
{
    row("poll", "%s", events_name(poll_now(fd, 0)));
}

static void ask_await(int fd)
{
    await(fd, POLLIN);
    ask_poll(fd);
}

static void ask_epoll(int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP};
    int set = epoll_create1(EPOLL_CLOEXEC), n;

    epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    n = epoll_wait(set, &event, 1, 0);
    row("epoll", "%s", events_name(n == 1 ? event.events : 0));
    close(set);
}

static void ask_select(int fd)
{
    fd_set in, out, except;
    struct timeval none = {0};

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&except);
    FD_SET(fd, &in);
    FD_SET(fd, &out);
    FD_SET(fd, &except);
    select(fd + 1, &in, &out, &except, &none);
    row("select", "%s%s%s", FD_ISSET(fd, &in) ? "r" : "-", FD_ISSET(fd, &out) ? "w" : "-",
        FD_ISSET(fd, &except) ? "x" : "-");
}

static void ask_receive(int fd, const char *question, size_t size, int flags)
{
    char bytes[64] = {0};
    ssize_t n = recv(fd, bytes, size, flags);

    if (n > 0)
        row(question, "%zd %.*s", n, n < (ssize_t)size ? (int)n : (int)size, bytes);
    else
        row(question, "%s", result_name(n));
}

static void ask_recv(int fd)
{
    ask_receive(fd, "recv", 64, 0);
}

static void ask_recv_2(int fd)
{
    ask_receive(fd, "recv of 2", 2, 0);
}

static void ask_recv_0(int fd)
{
    ask_receive(fd, "recv of 0", 0, 0);
}

static void ask_dontwait(int fd)
{
    set_blocking(fd, true);
    ask_receive(fd, "recv MSG_DONTWAIT", 64, MSG_DONTWAIT);
    set_blocking(fd, false);
}

static void ask_peek(int fd)
{
    ask_receive(fd, "recv MSG_PEEK", 64, MSG_PEEK);
}

static void ask_waitall(int fd)
{
    ask_receive(fd, "recv MSG_WAITALL", 64, MSG_WAITALL);
}

static void ask_oob(int fd)
{
    ask_receive(fd, "recv MSG_OOB", 64, MSG_OOB);
}

static void ask_errors(int fd)
{
    ask_receive(fd, "recv MSG_ERRQUEUE", 64, MSG_ERRQUEUE);
}

/* Of a stream it throws away, of a datagram it tells the true length. */
static void ask_trunc(int fd)
{
    row("recv MSG_TRUNC", "%s", result_name(recv(fd, NULL, 2, MSG_TRUNC)));
}

static void ask_trunc_2(int fd)
{
    char bytes[2];

    row("recv of 2 MSG_TRUNC", "%s", result_name(recv(fd, bytes, sizeof bytes, MSG_TRUNC)));
}

static void ask_read(int fd)
{
    char bytes[64];

    row("read", "%s", result_name(read(fd, bytes, sizeof bytes)));
}

static void ask_readv(int fd)
{
    char first[2], second[62];
    struct iovec pieces[] = {{first, sizeof first}, {second, sizeof second}};

    row("readv", "%s", result_name(readv(fd, pieces, 2)));
}

static void ask_recvfrom(int fd)
{
    place from = {{0}};
    socklen_t length = sizeof from;
    char bytes[64];
    ssize_t n = recvfrom(fd, bytes, sizeof bytes, 0, (sa *)&from, &length);

    if (n < 0)
        row("recvfrom", "%s", result_name(n));
    else
        row("recvfrom", "%zd from %s", n, address_name(&from, length));
}

static void receive_message(int fd, const char *question, size_t size)
{
    place from = {{0}};
    char bytes[64];
    struct iovec piece = {bytes, size};
    struct msghdr message = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &piece, .msg_iovlen = 1};
    ssize_t n = recvmsg(fd, &message, 0);

    if (n < 0)
        row(question, "%s", result_name(n));
    else
        row(question, "%zd from %s flags %x", n, address_name(&from, message.msg_namelen),
            (unsigned)message.msg_flags);
}

static void ask_recvmsg(int fd)
{
    receive_message(fd, "recvmsg", 64);
}

static void ask_recvmsg_2(int fd)
{
    receive_message(fd, "recvmsg of 2", 2);
}

static void ask_send(int fd)
{
    row("send", "%s", result_name(send(fd, "xyz", 3, MSG_NOSIGNAL)));
}

static void ask_send_0(int fd)
{
    row("send of 0", "%s", result_name(send(fd, "", 0, MSG_NOSIGNAL)));
}

static void ask_send_oob(int fd)
{
    row("send MSG_OOB", "%s", result_name(send(fd, "u", 1, MSG_OOB | MSG_NOSIGNAL)));
}

static void ask_send_more(int fd)
{
    row("send MSG_MORE", "%s", result_name(send(fd, "xyz", 3, MSG_MORE | MSG_NOSIGNAL)));
}

static void ask_write(int fd)
{
    ssize_t n;

    pipes = 0;
    n = write(fd, "xyz", 3);
    row("write", "%s%s", result_name(n), pipes > 0 ? " and SIGPIPE" : "");
}

static void ask_writev(int fd)
{
    char bytes[] = "xyz";
    struct iovec pieces[] = {{bytes, 1}, {bytes + 1, 2}};
    ssize_t n;

    pipes = 0;
    n = writev(fd, pieces, 2);
    row("writev", "%s%s", result_name(n), pipes > 0 ? " and SIGPIPE" : "");
}

static void ask_sendto(int fd)
{
    place to = at(there, datagram_port);

    row("sendto", "%s", result_name(sendto(fd, "xyz", 3, MSG_NOSIGNAL, (sa *)&to, sizeof to)));
}

static void ask_sendmsg(int fd)
{
    char bytes[] = "xyz";
    struct iovec piece = {bytes, 3};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};

    row("sendmsg", "%s", result_name(sendmsg(fd, &message, MSG_NOSIGNAL)));
}

static void ask_sendfile(int fd)
{
    char name[] = "/tmp/fidelity-XXXXXX";
    int file = mkstemp(name);

    if (file < 0 || write(file, letters, 10) != 10)
        give_up("no file to send");
    unlink(name);
    lseek(file, 0, SEEK_SET);
    pipes = 0;
    row("sendfile", "%s", result_name(sendfile(fd, file, NULL, 10)));
    close(file);
}

static void ask_splice(int fd)
{
    int ends[2];

    if (pipe(ends) < 0)
        give_up("pipe: %s", strerror(errno));
    row("splice", "%s", result_name(splice(fd, NULL, ends[1], NULL, 64, SPLICE_F_NONBLOCK)));
    close(ends[0]);
    close(ends[1]);
}

static void ask_number(int fd, const char *question, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof value;

    if (getsockopt(fd, level, name, &value, &length) < 0)
        row(question, "%s", strerrorname_np(errno));
    else
        row(question, "%d of %d bytes", value, (int)length);
}

static void ask_error(int fd)
{
    int error = -1;
    socklen_t length = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        row("SO_ERROR", "%s", strerrorname_np(errno));
    else
        row("SO_ERROR", "%s", error_name(error));
}

static void ask_options(int fd)
{
    ask_number(fd, "SO_TYPE", SOL_SOCKET, SO_TYPE);
    ask_number(fd, "SO_DOMAIN", SOL_SOCKET, SO_DOMAIN);
    ask_number(fd, "SO_PROTOCOL", SOL_SOCKET, SO_PROTOCOL);
    ask_number(fd, "SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN);
    ask_number(fd, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
    ask_number(fd, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR);
    ask_number(fd, "SO_BROADCAST", SOL_SOCKET, SO_BROADCAST);
    ask_number(fd, "SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT);
    ask_number(fd, "SO_SNDLOWAT", SOL_SOCKET, SO_SNDLOWAT);
    ask_number(fd, "SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE);
    ask_number(fd, "SO_PRIORITY", SOL_SOCKET, SO_PRIORITY);
    ask_number(fd, "option 9999", SOL_SOCKET, 9999);
    ask_number(fd, "IP_TOS", IPPROTO_IP, IP_TOS);
    ask_number(fd, "IP_TTL", IPPROTO_IP, IP_TTL);
    ask_number(fd, "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY);
    ask_number(fd, "TCP_CORK", IPPROTO_TCP, TCP_CORK);
    ask_number(fd, "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE);
    ask_number(fd, "TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL);
    ask_number(fd, "TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT);
    ask_number(fd, "TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT);
    ask_number(fd, "TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT);
    ask_number(fd, "TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT);
}

static void ask_count(int fd, const char *question, unsigned long request)
{
    int value = -1;

    if (ioctl(fd, request, &value) < 0)
        row(question, "%s", strerrorname_np(errno));
    else
        row(question, "%d", value);
}

static void ask_nread(int fd)
{
    ask_count(fd, "FIONREAD", FIONREAD);
}

static void ask_outq(int fd)
{
    ask_count(fd, "SIOCOUTQ", SIOCOUTQ);
}

static void ask_has_outq(int fd)
{
    int value = -1;

    ioctl(fd, SIOCOUTQ, &value);
    row("SIOCOUTQ", "%s", value > 0 ? "some" : "none");
}

static void ask_atmark(int fd)
{
    ask_count(fd, "SIOCATMARK", SIOCATMARK);
}

static void ask_tcp_state(int fd)
{
    row("TCP_INFO state", "%d", tcp_state(fd));
}

static void ask_name(int fd)
{
    place name = {{0}};
    socklen_t length = sizeof name;

    if (getsockname(fd, (sa *)&name, &length) < 0)
        row("getsockname", "%s", strerrorname_np(errno));
    else
        row("getsockname", "%s", address_name(&name, length));
}

static void ask_peer(int fd)
{
    place name = {{0}};
    socklen_t length = sizeof name;

    if (getpeername(fd, (sa *)&name, &length) < 0)
        row("getpeername", "%s", strerrorname_np(errno));
    else
        row("getpeername", "%s", address_name(&name, length));
}

static void ask_shut_wr(int fd)
{
    row("shutdown SHUT_WR", "%s", result_name(shutdown(fd, SHUT_WR)));
}

static void ask_shut_rd(int fd)
{
    row("shutdown SHUT_RD", "%s", result_name(shutdown(fd, SHUT_RD)));
}

static void ask_shut_both(int fd)
{
    row("shutdown SHUT_RDWR", "%s", result_name(shutdown(fd, SHUT_RDWR)));
}

static void ask_accept(int fd)
{
    int accepted = accept(fd, NULL, NULL);

    row("accept", "%s", accepted < 0 ? strerrorname_np(errno) : "one");
    if (accepted >= 0)
        close(accepted);
}

static void ask_listen(int fd)
{
    row("listen", "%s", result_name(listen(fd, 4)));
}

static void ask_bind(int fd)
{
    row("bind", "%s", result_name(bind_anywhere(fd)));
}

static void ask_connect(int fd)
{
    row("connect", "%s", result_name(connect_to(fd, peer_port)));
}

static void ask_disconnect(int fd)
{
    row("connect AF_UNSPEC", "%s", result_name(disconnect(fd)));
}

static const struct {
    const char *word;
    void (*put)(int fd);
} questions[] = {
    {"poll", ask_poll},         {"epoll", ask_epoll},
    {"select", ask_select},     {"recv", ask_recv},
    {"recv0", ask_recv_0},      {"recv2", ask_recv_2},
    {"dontwait", ask_dontwait}, {"peek", ask_peek},
    {"waitall", ask_waitall},   {"oob", ask_oob},
    {"errqueue", ask_errors},   {"trunc", ask_trunc},
    {"trunc2", ask_trunc_2},    {"read", ask_read},
    {"readv", ask_readv},       {"recvfrom", ask_recvfrom},
    {"recvmsg", ask_recvmsg},   {"recvmsg2", ask_recvmsg_2},
    {"send", ask_send},         {"send0", ask_send_0},
    {"send-oob", ask_send_oob}, {"send-more", ask_send_more},
    {"write", ask_write},       {"writev", ask_writev},
    {"sendto", ask_sendto},     {"sendmsg", ask_sendmsg},
    {"sendfile", ask_sendfile}, {"splice", ask_splice},
    {"error", ask_error},       {"options", ask_options},
    {"nread", ask_nread},       {"outq", ask_outq},
    {"has-outq", ask_has_outq}, {"atmark", ask_atmark},
    {"state", ask_tcp_state},   {"name", ask_name},
    {"peer", ask_peer},         {"shut-wr", ask_shut_wr},
    {"shut-rd", ask_shut_rd},   {"shut-both", ask_shut_both},
    {"accept", ask_accept},     {"listen", ask_listen},
    {"await", ask_await},       {"bind", ask_bind},
    {"connect", ask_connect},   {"disconnect", ask_disconnect},
};

static void put_question(int fd, const char *word)
{
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strcmp(word, questions[i].word) == 0) {
            questions[i].put(fd);
            return;
        }
    give_up("no such question: %s", word);
}

/* Words with blanks between. */
static void put_questions(int fd, const char *words)
{
    char copy[LINE], *rest = copy, *word;

    snprintf(copy, sizeof copy, "%s", words);
    while ((word = strsep(&rest, " ")) != NULL)
        put_question(fd, word);
}
