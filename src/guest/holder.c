/* SPDX-License-Identifier: MIT */
/*
 * The AF_UNIX sockets that programs hold, and how each is brought into a state that looks to read,
 * write and every kind of poll like TCP's:
 *
 *   fresh        an unconnected stream socket: OUT and HUP
 *   listening    bound and listening; a token in its queue for what the lab can accept: IN
 *   connecting   connected to our door, its send buffer full of pad bytes: nothing
 *   established  the pad is drained, but for one byte: OUT
 *   accepted     one end of a pair, bound afterwards (for the probe of guest_socket)
 *   reset        our end is closed over an unread byte: ERR, HUP; ECONNRESET once, then EOF
 *
 * For the last our end always keeps one stale byte unread: the last byte of the pad, or a planted
 * one, and later the last byte that the program wrote, which was forwarded when it was seen. So a
 * reset needs no descriptor of the program, who may have passed it to anybody.
 * Datagram sockets hold one end of a SEQPACKET pair, which keeps boundaries and tells the last
 * close. Send buffers are set, so that the unread byte's page never makes the holder unwritable.
 */
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest/state.h"

enum {
    /* SO_SNDBUF; what an ordinary user may ask for, and the kernel doubles it. Of a holder: more
     * than four times the largest piece the kernel makes (64 KiB, by sendfile). */
    HOLDER_BUFFER = 212992,
    END_BUFFER = 212992,
    DOOR_BACKLOG = 4096
};

static void set_buffer(int fd, int bytes)
{
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static int take_path(struct guest_runner *runner, struct sockaddr_un *address)
{
    int n;

    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    n = snprintf(address->sun_path, sizeof address->sun_path, "%s/%llx", runner->directory,
                 (unsigned long long)++runner->paths);
    return n < 0 || (size_t)n >= sizeof address->sun_path ? -ENAMETOOLONG : 0;
}

static int bind_path(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    struct sockaddr_un address;
    int r = take_path(runner, &address);

    if (r < 0)
        return r;
    if (bind(holder, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    if (s->path[0] != '\0') /* its holder was replaced */
        unlink(s->path);
    memcpy(s->path, address.sun_path, sizeof s->path);
    return 0;
}

/* Our end: as large a buffer as can be had, a quarter of it for what the program has not read. */
static int adopt_end(struct guest_runner *runner, struct guest_socket *s, int end)
{
    int size = 0;
    socklen_t length = sizeof size;

    s->end = end;
    set_buffer(end, END_BUFFER);
    getsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, &length);
    s->room = size / 4;
    fcntl(end, F_SETFL, O_NONBLOCK);
    return guest_runner_watch(runner, end, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              GUEST_IS_SOCKET, s->handle);
}

int guest_holder_open_door(struct guest_runner *runner)
{
    struct sockaddr_un *address = &runner->door_address;

    address->sun_family = AF_UNIX;
    if (snprintf(address->sun_path, sizeof address->sun_path, "%s/door", runner->directory) >=
        (int)sizeof address->sun_path)
        return -ENAMETOOLONG;
    runner->door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    runner->probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (runner->door < 0 || runner->probe < 0 ||
        bind(runner->door, (struct sockaddr *)address, sizeof *address) < 0 ||
        listen(runner->door, DOOR_BACKLOG) < 0)
        return -errno;
    return 0;
}

int guest_holder_stream(struct guest_runner *runner, struct guest_socket *s)
{
    int holder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int r;

    if (holder < 0)
        return -errno;
    set_buffer(holder, HOLDER_BUFFER);
    r = bind_path(runner, s, holder);
    if (r < 0) {
        close(holder);
        return r;
    }
    guest_socket_name(runner, s, guest_target_cookie(holder));
    return holder;
}

int guest_holder_pair(struct guest_runner *runner, struct guest_socket *s)
{
    int pair[2], r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    set_buffer(pair[0], HOLDER_BUFFER);
    r = bind_path(runner, s, pair[0]);
    if (r == 0 && send(pair[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
        r = -errno;
    if (r == 0)
        r = adopt_end(runner, s, pair[1]);
    else
        close(pair[1]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    guest_socket_name(runner, s, guest_target_cookie(pair[0]));
    s->stale = true;
    guest_socket_set_phase(runner, s, GUEST_OPEN);
    return pair[0];
}

int guest_holder_message(struct guest_runner *runner, struct guest_socket *s)
{
    int pair[2], r;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    set_buffer(pair[0], HOLDER_BUFFER);
    r = adopt_end(runner, s, pair[1]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    guest_socket_name(runner, s, guest_target_cookie(pair[0]));
    return pair[0];
}

/* The end at our door that belongs to this holder; strangers are sent away. */
static int accept_from(struct guest_runner *runner, const struct guest_socket *s)
{
    for (int i = 0; i < DOOR_BACKLOG; i++) {
        struct sockaddr_un from;
        socklen_t length = sizeof from;
        int end = accept4(runner->door, (struct sockaddr *)&from, &length, SOCK_CLOEXEC);

        if (end < 0)
            return -errno;
        if (length > offsetof(struct sockaddr_un, sun_path) &&
            strncmp(from.sun_path, s->path, sizeof from.sun_path) == 0)
            return end;
        close(end);
    }
    return -EAGAIN;
}

/* A small send buffer first: a full one of usual size would pin 400 KiB of the kernel's memory. */
static void fill(struct guest_socket *s, int holder)
{
    static const uint8_t pad[32768];
    ssize_t n;

    set_buffer(holder, 0);
    s->small = true;
    s->pad = 0;
    while ((n = send(holder, pad, sizeof pad, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        s->pad += (size_t)n;
}

void guest_holder_grow(struct guest_socket *s, int holder)
{
    set_buffer(holder, HOLDER_BUFFER);
    s->small = false;
}

int guest_holder_connect(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int end, r;

    if (connect(holder, (struct sockaddr *)&runner->door_address, sizeof runner->door_address) < 0)
        return -errno;
    end = accept_from(runner, s);
    if (end < 0)
        return end;
    fill(s, holder);
    r = adopt_end(runner, s, end);
    if (r == 0)
        guest_socket_set_phase(runner, s, GUEST_CONNECTING);
    return r;
}

/* Takes the pad out, all but the byte that stays unread. If the holder cannot be found now (it was
 * passed on), its buffer grows at the program's next call; until then no byte may stay, for in a
 * small buffer one byte's page makes it unwritable. */
int guest_holder_establish(struct guest_runner *runner, struct guest_socket *s)
{
    static uint8_t away[65536];
    int holder = guest_target_borrow_again(runner, s);

    if (holder >= 0) {
        guest_holder_grow(s, holder);
        close(holder);
    }
    s->stale = !s->small;
    while (s->pad > s->stale) {
        size_t left = s->pad - s->stale, step = left < sizeof away ? left : sizeof away;
        ssize_t n = recv(s->end, away, step, MSG_DONTWAIT);

        if (n <= 0)
            return n < 0 ? -errno : -EPIPE; /* the program closed it */
        s->pad -= (size_t)n;
    }
    return 0;
}

/* @raise ECONNREFUSED the listener is closed; EAGAIN its queue is full */
int guest_holder_add_token(struct guest_socket *s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int token = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r;

    if (token < 0)
        return -errno;
    memcpy(address.sun_path, s->path, sizeof s->path);
    r = connect(token, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    if (r == 0)
        s->tokens++;
    close(token); /* it stays in the queue */
    return r == -ENOENT ? -ECONNREFUSED : r;
}

void guest_holder_take_token(struct guest_socket *s, int holder)
{
    struct pollfd p = {.fd = holder, .events = POLLIN};
    int token;

    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLIN)) { /* the holder may be a blocking one */
        s->tokens = 0;
        return;
    }
    token = accept4(holder, NULL, NULL, SOCK_CLOEXEC);
    if (token >= 0)
        close(token);
    if (s->tokens > 0)
        s->tokens--;
}

/* Bytes of true size that the program has not read yet. */
int guest_holder_waiting(int end)
{
    int bytes = 0;

    return ioctl(end, SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
}
