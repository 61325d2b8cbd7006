/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX for unmodified programs: the calls of a socket's life.
 *
 * The holder is a socket of the kernel's of the same type, unconnected as long as the program's is;
 * so what the program does natively with it (read, write, poll, its options, its errors) is
 * answered by the same code as on Linux. Each step of the lab's socket is done to the holder too:
 *
 *   connect   the lab connects first, then the holder to us; a unit is planted in our end until the
 *             connection is accepted, so that a listener's close shows as a reset
 *   accept    one end of a kernel pair; the listener's queue holds a token (holder.c)
 *   shutdown  in the lab, at the holder, and at our end of the peer's holder
 *   datagrams are sent into a holder by its name, a file of our directory. A holder that is
 *             connected is so to an end of ours, which its peer's close closes: ECONNREFUSED
 *
 * What a program writes is read at our end (local_turn.c) without taking it away, is sent in the
 * lab, peeked at there for the peer, and put into the peer's holder. When that has read, which our
 * end tells, it is received in the lab and taken out of the sender's end. So the sender's buffer,
 * what poll() and SIOCOUTQ say, and a reset for what was left unread are the kernel's own, and
 * the lab knows at each moment what Linux would know. A datagram for a name goes to the lab alone.
 *
 * Descriptors (SCM_RIGHTS) are sent natively too. Where we meet them in our end they are at once
 * put into a socket of ours (local_rights.c), and go from there into the receiver's holder with
 * their message: there the kernel keeps, counts, truncates and collects them. We keep none. The
 * lab, and so a record, has only their count.
 *
 * A bound path is a file made as the program would make it (local_path.c); its name is found by
 * device and inode. Abstract names are the host's, in the lab. What somebody outside of the lab
 * serves is connected natively, named in the report, and is the kernel's from then on.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/local.h"

enum { NAME_AT = offsetof(struct sockaddr_un, sun_path), ASKED = 64 /* listeners, if they live */ };

/* @return NULL: the lab's socket is closed */
static struct guest_socket *add(struct guest_runner *runner, const struct guest_call *call, int fd,
                                int type)
{
    struct guest_local *local = calloc(1, sizeof *local);
    struct guest_socket *s = NULL;

    if (local != NULL)
        s = guest_socket_add(runner, call->program->host, fd, call->program->number,
                             guest_kind_find(AF_UNIX, type));
    if (s == NULL) {
        free(local);
        sockeye_close_fd(runner->lab, call->program->host, fd);
        return NULL;
    }
    s->local = local;
    s->local->type = type;
    s->local->file = s->local->other = -1;
    return s;
}

static int want(const struct guest_call *call, const char *name, int error)
{
    return guest_report_want(call->runner, call->program->number, name, error);
}

/* Is it for the kernel to answer: the host's AF_UNIX is, or it is a mistake? */
static bool is_kernels(const struct guest_call *call)
{
    const struct guest_config *config = &call->runner->config;
    int flags = (int)call->notif.data.args[1], protocol = (int)call->notif.data.args[2];
    int type = flags & 0xf;

    if (config->leaves_unix != NULL && config->leaves_unix(config->context, call->program->host))
        return true;
    return (flags & ~(0xf | SOCK_NONBLOCK | SOCK_CLOEXEC)) || (protocol & ~AF_UNIX) ||
           (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW &&
            type != SOCK_SEQPACKET);
}

static int type_of(const struct guest_call *call)
{
    int type = (int)call->notif.data.args[1] & 0xf;

    return type == SOCK_RAW ? SOCK_DGRAM : type; /* as Linux has it */
}

int64_t guest_local_socket(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    int flags = (int)call->notif.data.args[1], type = type_of(call), fd, holder;
    struct guest_socket *s;
    int64_t r;

    if (is_kernels(call))
        return GUEST_CONTINUE;
    fd = sockeye_socket(runner->lab, call->program->host, AF_UNIX, type, 0);
    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS) {
        guest_living_ask_all(runner);
        fd = sockeye_socket(runner->lab, call->program->host, AF_UNIX, type, 0);
    }
    if (fd < 0)
        return want(call, "socket", fd);
    s = add(runner, call, fd, type);
    if (s == NULL)
        return -ENOBUFS;
    holder = guest_local_make(runner, s, (flags & SOCK_NONBLOCK) != 0);
    r = holder < 0 ? want(call, "socket", holder)
                   : guest_target_give(call, holder, (flags & SOCK_CLOEXEC) != 0);
    if (holder >= 0)
        close(holder);
    if (r < 0)
        guest_ending_remove(runner, s);
    return r < 0 ? r : GUEST_ANSWERED;
}

/* Two sockets of the lab become two of the program's. @return their holders in `holders` */
static int open_both(struct guest_call *call, int fds[2], struct guest_socket *both[2],
                     int holders[2])
{
    struct guest_runner *runner = call->runner;
    int flags = (int)call->notif.data.args[1], type = type_of(call);

    for (int i = 0; i < 2; i++) {
        int pair[2];

        if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | (flags & SOCK_NONBLOCK), 0, pair) < 0)
            return -errno;
        holders[i] = pair[0];
        both[i] = add(runner, call, fds[i], type);
        if (both[i] == NULL) {
            fds[i] = -1;
            close(pair[1]);
            return -ENOBUFS;
        }
        if (guest_local_open(runner, both[i], pair[0], pair[1]) < 0)
            return -ENOBUFS;
        both[i]->local->is_pair = true;
    }
    both[0]->local->peer = both[1]->handle;
    both[1]->local->peer = both[0]->handle;
    return 0;
}

static int give_both(struct guest_call *call, const int holders[2])
{
    bool cloexec = ((int)call->notif.data.args[1] & SOCK_CLOEXEC) != 0;
    int numbers[2] = {-1, -1};

    /* Linux writes there before it makes anything */
    if (guest_target_write(call, call->notif.data.args[3], numbers, sizeof numbers) < 0)
        return -EFAULT;
    if (!guest_target_has_room(call, 2))
        return -EMFILE;
    for (int i = 0; i < 2; i++) {
        numbers[i] = guest_target_add(call, holders[i], cloexec);
        if (numbers[i] < 0)
            return numbers[i];
    }
    return guest_target_write(call, call->notif.data.args[3], numbers, sizeof numbers);
}

int64_t guest_local_socketpair(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *both[2] = {NULL, NULL};
    int fds[2], holders[2] = {-1, -1}, r;

    if (is_kernels(call))
        return GUEST_CONTINUE;
    guest_path_say_caller(call, true);
    r = sockeye_socketpair(runner->lab, call->program->host, AF_UNIX, type_of(call), 0, fds);
    if (r < 0)
        return want(call, "socketpair", r);
    r = open_both(call, fds, both, holders);
    if (r == 0)
        r = give_both(call, holders);
    for (int i = 0; i < 2; i++) {
        if (holders[i] >= 0)
            close(holders[i]);
        if (r < 0 && both[i] != NULL)
            guest_ending_remove(runner, both[i]);
        else if (r < 0 && fds[i] >= 0)
            sockeye_close_fd(runner->lab, call->program->host, fds[i]);
    }
    return r;
}

/* ---- names ---- */

static int bind_path(struct guest_call *call, const char *path)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct guest_local made = {.file = -1};
    size_t length = strlen(path);
    struct stat st;
    int r;

    if (fstat(call->fd, &st) < 0)
        return -EBADF;
    r = guest_path_make(call, path, st.st_mode & 0777, &made);
    if (r < 0)
        return r;
    memcpy(name.sun_path, path, length);
    made.place = ++runner->place_number;
    r = sockeye_bind_at(runner->lab, s->host, s->fd, &name,
                        (uint32_t)(NAME_AT + length + (length < sizeof name.sun_path)), made.place);
    if (r < 0) {
        guest_path_unmake(call, path);
        close(made.file);
        return r;
    }
    s->local->place = made.place;
    s->local->file = made.file;
    s->local->device = made.device;
    s->local->inode = made.inode;
    return 0;
}

int64_t guest_local_bind(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    uint32_t length = (uint32_t)call->address_length;
    char path[sizeof(struct sockaddr_un) + 1];
    int r;

    if (call->address_length < 0)
        return call->address_length;
    if (guest_local_path_of(&call->address, length, path))
        return bind_path(call, path);
    r = sockeye_bind(runner->lab, s->host, s->fd, &call->address, length);
    if (r == -EADDRINUSE) {
        guest_living_ask_all(runner);
        r = sockeye_bind(runner->lab, s->host, s->fd, &call->address, length);
    }
    return r;
}

int64_t guest_local_listen(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r;

    guest_path_say_caller(call, true);
    r = sockeye_listen(runner->lab, s->host, s->fd, (int)call->notif.data.args[1]);
    if (r == 0 && s->phase == GUEST_FRESH) {
        r = guest_holder_listen(runner, s, call->fd);
        if (r < 0)
            return want(call, "listen", r);
        guest_socket_set_phase(runner, s, GUEST_LISTENING);
    }
    return r;
}

/* ---- connect ---- */

/* Those that may be closed: before anybody could notice. */
static void ask_listeners(struct guest_runner *runner, int host)
{
    struct guest_link *next, *list = &runner->listeners;
    int left = ASKED;

    for (struct guest_link *l = list->next; l != list && left > 0; l = next, left--) {
        struct guest_socket *s = GUEST_OF(l, struct guest_socket, life.link);

        next = l->next;
        if (s->local != NULL && s->host == host && !guest_link_is_in(&s->waits) &&
            guest_holder_is_closed(runner, s))
            guest_ending_remove(runner, s);
    }
}

/* Somebody outside of the lab has it: the socket is the kernel's from now on. */
static int64_t leave_to_kernel(struct guest_call *call)
{
    struct sockaddr_un name;

    memcpy(&name, &call->address, sizeof name);
    guest_report_add(call->runner, call->program->number,
                     "connect(%.*s): served outside of the lab, and connected there",
                     (int)sizeof name.sun_path - 30, name.sun_path);
    guest_ending_remove(call->runner, call->socket);
    call->socket = NULL;
    return GUEST_CONTINUE;
}

static int64_t connect_datagram(struct guest_call *call, const struct guest_destination *to)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r = sockeye_connect(runner->lab, s->host, s->fd, &to->name, to->length);

    if (r < 0)
        return r;
    guest_local_turn_away(s, call->fd);
    s->local->peer = 0;
    if (call->address.ss_family == AF_UNSPEC)
        return 0;
    s->local->peer = to->socket == NULL ? 0 : to->socket->handle;
    r = guest_local_turn_to(runner, s, call->fd);
    return r < 0 ? want(call, "connect", r) : 0;
}

static int64_t connect_stream(struct guest_call *call, const struct guest_destination *to)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r = sockeye_connect(runner->lab, s->host, s->fd, &to->name, to->length);

    if (r == -EAGAIN && !guest_target_is_nonblocking(call, 0))
        return guest_wait_time(call, SO_SNDTIMEO);
    if (r < 0)
        return r;
    r = guest_local_join(runner, s, call->fd);
    if (r == 0 && to->socket != NULL)
        r = guest_local_note_caller(to->socket, s->handle);
    return r < 0 ? want(call, "connect", r) : 0;
}

int64_t guest_local_connect(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    struct guest_destination to;
    int r;

    if (s->local->type != SOCK_DGRAM && call->address.ss_family == AF_UNSPEC)
        return GUEST_CONTINUE; /* refused, in each state in its own way */
    ask_listeners(call->runner, s->host);
    r = guest_local_resolve(call, &call->address, (uint32_t)call->address_length, &to);
    if (r < 0)
        return r;
    if (to.is_outside && s->phase != GUEST_OPEN && to.is_served)
        return leave_to_kernel(call);
    if (to.is_outside && s->local->type == SOCK_DGRAM && to.is_served)
        return leave_to_kernel(call);
    if (to.is_outside)
        return GUEST_CONTINUE;
    guest_path_say_caller(call, true);
    return s->local->type == SOCK_DGRAM ? connect_datagram(call, &to) : connect_stream(call, &to);
}

/* ---- accept ---- */

/* Which of the program's sockets is at the other end of what was accepted? */
static void meet_caller(struct guest_runner *runner, struct guest_socket *l, struct guest_socket *s)
{
    struct guest_socket *caller;
    char unit;

    s->local->peer = guest_local_next_caller(l);
    caller = guest_socket_of_handle(runner, s->local->peer);
    if (caller == NULL || caller->local == NULL)
        return;
    caller->local->peer = s->handle;
    if (caller->local->is_planted) {
        caller->local->is_planted = false;
        recv(caller->bridge.end, &unit, 1, MSG_DONTWAIT);
    }
}

struct guest_socket *guest_local_accepted(struct guest_call *call, int fd, const int pair[2],
                                          int *error)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket, *s = add(runner, call, fd, l->local->type);

    *error = -ENOBUFS;
    if (s == NULL) {
        guest_holder_close_pair(pair);
        return NULL;
    }
    if (guest_local_open(runner, s, pair[0], pair[1]) < 0) {
        close(pair[0]);
        guest_ending_remove(runner, s);
        return NULL;
    }
    s->local->passes_who = l->local->passes_who;
    meet_caller(runner, l, s);
    return s;
}

/* ---- the end ---- */

int64_t guest_local_shutdown(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket, *peer = guest_local_peer(runner, s);
    int how = (int)call->notif.data.args[1];

    if (shutdown(call->fd, how) < 0)
        return -errno;
    sockeye_shutdown(runner->lab, s->host, s->fd, how);
    if (s->phase == GUEST_LISTENING && how != SHUT_WR)
        guest_ending_held(runner, s);
    if (s->phase != GUEST_OPEN)
        return 0;
    if (s->local->type != SOCK_DGRAM)
        s->local->end_shut |= how == SHUT_RDWR ? 3u : how == SHUT_WR ? 1u : 2u;
    if (peer != NULL && how != SHUT_WR && peer->local->peer == s->handle) {
        guest_turn(runner, peer, GUEST_BY_PROGRAM); /* what it wrote before */
        peer = guest_local_peer(runner, s);
        if (peer != NULL)
            guest_local_shut_end(peer, SHUT_RD);
    }
    return 0;
}
