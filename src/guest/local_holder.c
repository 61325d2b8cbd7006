/* SPDX-License-Identifier: MIT */
/*
 * The holders of AF_UNIX and our ends of them (local.c says what they are for).
 *
 * Our end of a stream, of sequenced packets and of a pair is what the holder is connected to. A
 * datagram socket has an end that sends into its holder by name, and when it is connected another
 * one, to which it is: AF_UNIX lets nobody else send to it then. That one has the kernel's usual
 * limit of datagrams, as the socket has that it stands for.
 *
 * Our ends are told who wrote (SO_PASSCRED), and peek on where they peeked last (SO_PEEK_OFF). The
 * true size of a piece, by which we know what of our pieces was read (SIOCOUTQ), depends on its
 * length alone; it is weighed once, in a socket of ours.
 */
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest/local.h"

static void set_up(int end)
{
    int on = 1, from = 0;

    setsockopt(end, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    setsockopt(end, SOL_SOCKET, SO_PEEK_OFF, &from, sizeof from);
}

/* Takes the end over. */
static int open_end(struct guest_runner *runner, struct guest_socket *s, int end)
{
    int r;

    set_up(end);
    r = guest_bridge_open(runner, s, end, false);
    if (r == 0)
        guest_bridge_await_room(runner, s);
    return r;
}

static int know(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int r = guest_holder_enter(runner, s, holder);

    if (r < 0)
        return r;
    guest_socket_name(runner, s, holder);
    guest_closing_watch(runner, s, holder);
    return 0;
}

/* Of one that is connected from its beginning. */
int guest_local_open(struct guest_runner *runner, struct guest_socket *s, int holder, int end)
{
    int r = open_end(runner, s, end);

    if (r == 0)
        r = know(runner, s, holder);
    if (r == 0)
        guest_socket_set_phase(runner, s, GUEST_OPEN);
    return r;
}

/* @return a new holder, unconnected; or -errno */
int guest_local_make(struct guest_runner *runner, struct guest_socket *s, bool nonblocking)
{
    int type = s->local->type, r = 0, end;
    int holder = socket(AF_UNIX, type | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);

    if (holder < 0)
        return -errno;
    if (type == SOCK_DGRAM) {
        r = guest_holder_name(runner, s, holder, true);
        end = r < 0 ? -1 : socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (r == 0)
            r = end < 0 ? -errno : open_end(runner, s, end);
        if (r == 0)
            guest_socket_set_phase(runner, s, GUEST_OPEN);
    }
    if (r == 0)
        r = know(runner, s, holder);
    if (r < 0) {
        close(holder);
        return r;
    }
    return holder;
}

/* The holder of one that the lab has connected. */
int guest_local_join(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int end = guest_holder_knock(runner, holder, s->local->type), r;
    char unit;

    if (end < 0)
        return end;
    r = open_end(runner, s, end);
    if (r < 0)
        return r;
    s->local->is_planted = send(holder, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 &&
                           recv(end, &unit, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    guest_socket_set_phase(runner, s, GUEST_OPEN);
    return 0;
}

static struct sockaddr *generic(const struct sockaddr_un *address)
{
    struct sockaddr *p;

    memcpy(&p, &address, sizeof p); /* the calls only read it */
    return p;
}

/* Connects the holder of a datagram socket to an end of ours. */
int guest_local_turn_to(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int end = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (end < 0)
        return -errno;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%llxc", runner->directory,
             (unsigned long long)s->holder.name);
    set_up(end);
    if (bind(end, generic(&address), sizeof address) < 0 ||
        connect(holder, generic(&address), sizeof address) < 0)
        r = -errno;
    unlink(address.sun_path);
    if (r == 0)
        r = drive_watch(runner->drive, runner->user, end, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                        GUEST_IS_SOCKET, s->handle);
    if (r < 0) {
        close(end);
        return r;
    }
    s->local->other = end;
    return 0;
}

/* It is connected no more; the kernel has thrown away what it had not read, as the lab has. */
void guest_local_turn_away(struct guest_socket *s, int holder)
{
    static const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    if (s->local->other < 0 && !s->local->is_pair)
        return;
    connect(holder, &nobody, sizeof nobody);
    guest_local_forget_given(s);
    s->local->caller_count = 0;
    s->local->ahead += s->local->messages; /* they are at the peer still, but with us no more */
    s->local->messages = s->local->passed = 0;
    if (s->local->other >= 0)
        close(s->local->other);
    s->local->other = -1;
}

void guest_local_shut_end(struct guest_socket *s, int how)
{
    int end = s->local->other >= 0 ? s->local->other : s->bridge.end;

    if (end < 0)
        return;
    shutdown(end, how);
    s->local->end_shut |= how == SHUT_RDWR ? 3u : how == SHUT_RD ? 1u : 2u;
}

int guest_local_source(const struct guest_socket *s)
{
    if (s->local->other >= 0)
        return s->local->other;
    return s->local->type == SOCK_DGRAM && !s->local->is_pair ? -1 : s->bridge.end;
}

/* ---- the scales ---- */

/* Puts a piece on the scales, and takes it away again. */
static int weigh(int from, int to, size_t length)
{
    static char bytes[GUEST_CHUNK];
    int charge = 0;

    if (length > sizeof bytes ||
        send(from, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
        return 0;
    ioctl(from, SIOCOUTQ, &charge);
    recv(to, bytes, sizeof bytes, MSG_DONTWAIT);
    return charge;
}

int guest_local_charge(struct guest_runner *runner, int type, size_t length)
{
    int which = type == SOCK_STREAM ? 0 : 1, *pair = &runner->scales[2 * which];
    struct guest_weight *known = &runner->weights[which][length % GUEST_WEIGHTS];

    if (known->charge != 0 && known->length == length)
        return known->charge;
    if (pair[0] < 0 &&
        socketpair(AF_UNIX, (which == 0 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK,
                   0, pair) < 0)
        return 0;
    known->length = length;
    known->charge = weigh(pair[0], pair[1], length);
    return known->charge;
}
