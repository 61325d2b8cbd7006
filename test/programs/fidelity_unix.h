/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the oracle of AF_UNIX share: making sockets, short questions, messages with
 * descriptors and credentials. All three types go through the same states; `type` is that of now.
 * What was sent is waited for (arrived), for a lab may take its time where the kernel does not.
 */
#pragma once
#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "fidelity.h"

enum { LONG_PAUSE_US = 100000 }; /* for what comes, and does not show */

static int type;
static int made_names;

static const char *type_name(void)
{
    return type == SOCK_STREAM ? "stream" : type == SOCK_DGRAM ? "datagram" : "seqpacket";
}

static bool connects(void) /* has it connections? */
{
    return type != SOCK_DGRAM;
}

__attribute__((format(printf, 1, 2))) static void enter(const char *format, ...)
{
    static char name[128];
    size_t n = (size_t)snprintf(name, sizeof name, "%s ", type_name());
    va_list list;

    va_start(list, format);
    vsnprintf(name + n, sizeof name - n, format, list);
    va_end(list);
    state_name = name;
    row_number = 0;
}

static int make(void)
{
    int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        give_up("socket: %s", strerror(errno));
    return fd;
}

static void make_pair(int pair[2])
{
    if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        give_up("socketpair: %s", strerror(errno));
}

/* A name of a path, or with '@' in front an abstract one. @return its length */
static socklen_t name_of(const char *path, struct sockaddr_un *name)
{
    size_t length = strlen(path);

    memset(name, 0, sizeof *name);
    name->sun_family = AF_UNIX;
    memcpy(name->sun_path, path, length);
    if (path[0] != '@')
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    name->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int bind_to(int fd, const char *path)
{
    struct sockaddr_un name;
    socklen_t length = name_of(path, &name);

    return bind(fd, (sa *)&name, length);
}

static int join(int fd, const char *path)
{
    struct sockaddr_un name;
    socklen_t length = name_of(path, &name);

    return connect(fd, (sa *)&name, length);
}

static ssize_t send_to(int fd, const char *path, const char *text)
{
    struct sockaddr_un name;
    socklen_t length = name_of(path, &name);

    return sendto(fd, text, strlen(text), MSG_NOSIGNAL, (sa *)&name, length);
}

/* One that is bound to a new file, whose name comes back. */
static int make_bound(char *path)
{
    int fd = make();

    sprintf(path, "s%d", ++made_names);
    unlink(path);
    if (bind_to(fd, path) < 0)
        give_up("bind: %s", strerror(errno));
    return fd;
}

/* Two that are connected, by a listener; of datagrams, one that sends to the other's name. */
static void make_connected(int pair[2])
{
    char path[32];
    int listener = make_bound(path);

    pair[0] = make();
    if (connects() && listen(listener, 5) < 0)
        give_up("listen: %s", strerror(errno));
    if (join(pair[0], path) < 0)
        give_up("connect: %s", strerror(errno));
    if (!connects()) {
        pair[1] = listener;
        return;
    }
    await(listener, POLLIN);
    pair[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (pair[1] < 0)
        give_up("accept: %s", strerror(errno));
    close(listener);
    unlink(path);
}

static void close_both(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

static void arrived(int fd)
{
    await(fd, POLLIN);
}

/* ---- questions ---- */

static void q(const char *question, ssize_t result)
{
    row(question, "%s", result_name(result));
}

static void q_poll(int fd)
{
    row("poll", "%s", events_name(poll_now(fd, 0)));
}

/* When nothing more comes: what a lab needs time for has come. */
static void q_settled(int fd, unsigned wanted)
{
    await(fd, wanted);
    q_poll(fd);
}

static void q_recv_as(int fd, const char *question, size_t size, int flags)
{
    char bytes[64] = {0};
    ssize_t n = recv(fd, bytes, size, flags);

    if (n > 0)
        row(question, "%zd %.*s", n, n < (ssize_t)size ? (int)n : (int)size, bytes);
    else
        row(question, "%s", result_name(n));
}

static void q_recv(int fd)
{
    q_recv_as(fd, "recv", 64, 0);
}

static void q_send(int fd)
{
    q("send", send(fd, "abc", 3, MSG_NOSIGNAL));
}

static void q_error(int fd)
{
    int error = -1;
    socklen_t length = sizeof error;

    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    row("SO_ERROR", "%s", error_name(error));
}

/* A name, with the file of the test or the abstract one that it is; "" is unnamed. */
static void q_name(const char *question, int result, const struct sockaddr_un *name,
                   socklen_t length)
{
    size_t path = offsetof(struct sockaddr_un, sun_path);

    if (result < 0)
        row(question, "%s", result_name(result));
    else if (length <= path)
        row(question, "unnamed, %d", (int)length);
    else if (name->sun_path[0] != '\0')
        row(question, "%.*s, %d", (int)(length - path), name->sun_path, (int)(length - path));
    else if (length == path + 6)
        row(question, "an own abstract name");
    else
        row(question, "@%.*s, %d", (int)(length - path - 1), name->sun_path + 1,
            (int)(length - path));
}

static void q_names(int fd)
{
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    int r;

    memset(&name, 0, sizeof name);
    r = getsockname(fd, (sa *)&name, &length);
    q_name("getsockname", r, &name, length);
    memset(&name, 0, sizeof name);
    length = sizeof name;
    r = getpeername(fd, (sa *)&name, &length);
    q_name("getpeername", r, &name, length);
}

static void q_from(int fd)
{
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    char bytes[64];
    ssize_t n;

    memset(&name, 0, sizeof name);
    n = recvfrom(fd, bytes, sizeof bytes, 0, (sa *)&name, &length);
    q("recvfrom", n);
    if (n >= 0)
        q_name("its address", 0, &name, length);
}

static int number_option(int fd, int option)
{
    int value = -1;
    socklen_t length = sizeof value;

    return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? -errno : value;
}

static void q_option(int fd, const char *question, int option)
{
    int value = number_option(fd, option);

    if (value < 0 && value != -1)
        row(question, "%s", error_name(-value));
    else
        row(question, "%d", value);
}

static void q_queue(int fd, const char *question, unsigned long request)
{
    int value = -1;

    if (ioctl(fd, request, &value) < 0)
        row(question, "%s", result_name(-1));
    else
        row(question, "%d", value);
}

static void set_on(int fd, int option)
{
    int on = 1;

    setsockopt(fd, SOL_SOCKET, option, &on, sizeof on);
}

/* ---- messages ---- */

struct parcel {
    char bytes[64], control[2048];
    struct iovec piece;
    struct msghdr header;
};

static struct msghdr *pack(struct parcel *p, const char *text)
{
    memset(p, 0, sizeof *p);
    strcpy(p->bytes, text);
    p->piece = (struct iovec){p->bytes, strlen(text)};
    p->header = (struct msghdr){.msg_iov = &p->piece, .msg_iovlen = 1};
    return &p->header;
}

static void put_control(struct parcel *p, int kind, const void *data, size_t length)
{
    struct cmsghdr *c;

    p->header.msg_control = p->control;
    c = (struct cmsghdr *)(void *)(p->control + p->header.msg_controllen);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = kind;
    c->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(c), data, length);
    p->header.msg_controllen += CMSG_SPACE(length);
}

static ssize_t send_rights(int fd, const char *text, const int *fds, int count)
{
    struct parcel p;

    pack(&p, text);
    put_control(&p, SCM_RIGHTS, fds, (size_t)count * sizeof *fds);
    return sendmsg(fd, &p.header, MSG_NOSIGNAL);
}

static int open_files(void)
{
    int count = 0;

    for (int fd = 0; fd < 200; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Receives with room for so many bytes of control; says what came. @return the descriptors */
static int receive_parcel(int fd, const char *question, size_t room, int flags, int *fds)
{
    struct parcel p;
    int count = 0, before = open_files();
    char said[128] = "";
    ssize_t n;

    pack(&p, "");
    p.piece.iov_len = sizeof p.bytes;
    p.header.msg_control = room > 0 ? p.control : NULL;
    p.header.msg_controllen = room;
    n = recvmsg(fd, &p.header, flags);
    for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&p.header); c != NULL;
         c = CMSG_NXTHDR(&p.header, c)) {
        size_t at = strlen(said);

        if (c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred who;

            memcpy(&who, CMSG_DATA(c), sizeof who);
            snprintf(said + at, sizeof said - at, " credentials(%s, %d, %d)",
                     who.pid == getpid()    ? "own"
                     : who.pid == getppid() ? "parent's"
                                            : "other",
                     who.uid == geteuid(), who.gid == getegid());
        } else if (c->cmsg_type == SCM_RIGHTS) {
            count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof *fds);
            memcpy(fds, CMSG_DATA(c), (size_t)count * sizeof *fds);
            snprintf(said + at, sizeof said - at, " rights(%d)", count);
        } else {
            snprintf(said + at, sizeof said - at, " type %d", c->cmsg_type);
        }
    }
    row(question, "%s%s%s%s%s files%+d", result_name(n), said,
        n >= 0 && (p.header.msg_flags & MSG_CTRUNC) ? " CTRUNC" : "",
        n >= 0 && (p.header.msg_flags & MSG_TRUNC) ? " TRUNC" : "",
        n >= 0 && (p.header.msg_flags & MSG_EOR) ? " EOR" : "", open_files() - before);
    return count;
}
