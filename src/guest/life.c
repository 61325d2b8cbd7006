/* SPDX-License-Identifier: MIT */
/*
 * The calls of a socket's life: socket, bind, listen, connect, accept, shutdown, the two names.
 *
 * Each finds its socket at rest: what the program wrote natively before this call has reached the
 * lab before it (call.c). A handler gives a value, -errno, or an enum guest_answer; one that was
 * parked is simply called again.
 */
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "guest/state.h"
#include "guest/words.h"

static int open_lab_socket(struct guest_call *call, const struct guest_kind *kind, int type)
{
    struct guest_runner *runner = call->runner;
    int host = call->program->host, protocol = (int)call->notif.data.args[2];
    int fd = sockeye_socket(runner->lab, host, kind->domain, type, protocol);

    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS) {
        guest_living_ask_all(runner); /* some may be closed */
        fd = sockeye_socket(runner->lab, host, kind->domain, type, protocol);
    }
    if (fd < 0)
        guest_report_add(runner, call->program->number, "socket(%s, %s): %s", kind->name,
                         guest_words_socket(type, protocol).text, sockeye_strerror(fd));
    return fd;
}

static int of_ours(const struct guest_call *call, const char *name, int error)
{
    return guest_report_want(call->runner, call->program->number, name, error);
}

/* Hands a holder to the program. @return GUEST_ANSWERED or -errno: the program does not have it */
static int64_t give(struct guest_call *call, int holder, int type_flags)
{
    int r = guest_target_give(call, holder, (type_flags & SOCK_CLOEXEC) != 0);

    return r < 0 ? r : GUEST_ANSWERED;
}

static int refuse(const struct guest_call *call, const struct guest_kind *kind, int type)
{
    const char *error = sockeye_strerror(-kind->error);
    int name = (int)strcspn(error, ":"); /* "EPERM: ..." */

    guest_report_add(call->runner, call->program->number, "socket(%s%s%s): %.*s", kind->name,
                     kind->type == 0 ? "" : ", ",
                     kind->type == 0 ? "" : guest_words_socket(type, 0).text, name, error);
    return -kind->error;
}

int64_t guest_life_socket(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    int domain = (int)call->notif.data.args[0], flags = (int)call->notif.data.args[1];
    int type = flags & 0xf, fd, holder;
    const struct guest_kind *kind = guest_kind_find(domain, type);
    struct guest_socket *s;
    int64_t r = 0;

    if (kind->way == GUEST_WAY_LOCAL)
        return guest_local_socket(call);
    if (flags & ~(0xf | SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    if (kind->way == GUEST_WAY_NONE)
        return refuse(call, kind, type);
    if (domain == AF_NETLINK && (int)call->notif.data.args[2] == NETLINK_SOCK_DIAG) {
        guest_living_ask_all(runner); /* some may be closed */
        guest_socket_tell(runner, call->program->host);
    }
    fd = open_lab_socket(call, kind, type);
    if (fd < 0)
        return fd;
    s = guest_socket_add(runner, call->program->host, fd, call->program->number, kind);
    if (s == NULL) {
        sockeye_close_fd(runner->lab, call->program->host, fd);
        return -ENOBUFS;
    }
    holder = s->is_datagram ? guest_holder_message(runner, s, (flags & SOCK_NONBLOCK) != 0)
                            : guest_holder_stream(runner, s, (flags & SOCK_NONBLOCK) != 0);
    if (holder < 0)
        r = of_ours(call, "socket", holder);
    else if (!s->is_datagram)
        guest_holder_adopt(runner, s, holder);
    if (r == 0)
        r = give(call, holder, flags);
    if (holder >= 0)
        close(holder);
    if (r < 0)
        guest_ending_remove(runner, s);
    return r;
}

int64_t guest_life_socketpair(struct guest_call *call)
{
    int domain = (int)call->notif.data.args[0], type = (int)call->notif.data.args[1] & 0xf;
    const struct guest_kind *kind = guest_kind_find(domain, type);

    if (kind->way == GUEST_WAY_LOCAL)
        return guest_local_socketpair(call);
    return kind->way == GUEST_WAY_NONE ? -kind->error : -EOPNOTSUPP;
}

int64_t guest_life_bind(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    uint32_t length = (uint32_t)call->address_length;
    int r;

    if (call->address_length < 0)
        return call->address_length;
    r = sockeye_bind(runner->lab, s->host, s->fd, &call->address, length);
    if (r == -EADDRINUSE) {
        guest_living_ask_all(runner);
        r = sockeye_bind(runner->lab, s->host, s->fd, &call->address, length);
    }
    return r;
}

/* The options that live in the holder: an accepted socket has its listener's, as on Linux, and a
 * new holder those of the old one. */
static void inherit_native(int from, int holder)
{
    static const int options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVLOWAT, SO_OOBINLINE};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        uint8_t value[sizeof(struct timeval)];
        socklen_t length = sizeof value;

        if (getsockopt(from, SOL_SOCKET, options[i], value, &length) == 0)
            setsockopt(holder, SOL_SOCKET, options[i], value, length);
    }
}

/* A new holder in the place of one that AF_UNIX lets no more connect. */
static int renew_holder(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    bool nonblocking = (fcntl(call->fd, F_GETFL) & O_NONBLOCK) != 0;
    int holder = guest_holder_stream(call->runner, s, nonblocking), r;

    if (holder < 0)
        return holder;
    if (s->stream.has_native_options)
        inherit_native(call->fd, holder);
    r = guest_target_replace(call, (int)call->notif.data.args[0], holder);
    if (r < 0) { /* it goes on with the old one */
        close(holder);
        return r;
    }
    guest_holder_adopt(call->runner, s, holder);
    close(call->fd);
    call->fd = holder; /* as a borrowed one: closed with the call */
    guest_socket_set_phase(call->runner, s, GUEST_FRESH);
    guest_stream_renew(call->runner, s);
    return 0;
}

int64_t guest_life_listen(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int backlog = (int)call->notif.data.args[1], r;

    if (s->kind->way == GUEST_WAY_RECORD)
        return guest_circuit_listen(call);
    r = sockeye_listen(runner->lab, s->host, s->fd, backlog);

    if (r == -EADDRINUSE) {
        guest_living_ask_all(runner);
        r = sockeye_listen(runner->lab, s->host, s->fd, backlog);
    }
    if (r == 0 && s->phase == GUEST_LISTENING &&
        s->stream.shut_read) { /* AF_UNIX would refuse for ever */
        r = renew_holder(call);
        if (r < 0)
            return r;
    }
    if (r == 0 && s->phase == GUEST_FRESH) {
        r = guest_holder_listen(runner, s, call->fd);
        if (r < 0)
            return r;
        guest_socket_set_phase(runner, s, GUEST_LISTENING);
    }
    return r;
}

static void clear_native_error(const struct guest_call *call)
{
    int error;
    socklen_t length = sizeof error;

    getsockopt(call->fd, SOL_SOCKET, SO_ERROR, &error, &length);
}

/* The connection is under way, or its fate is known: then the lab tells it by a last connect(). */
static int64_t connect_outcome(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int r;

    if (s->phase == GUEST_CONNECTING) {
        r = guest_wait_time(call, SO_SNDTIMEO);
        if (r != -EAGAIN)
            return r;
        return call->joined ? -EALREADY : -EINPROGRESS;
    }
    if (s->phase == GUEST_FRESH) /* another thread undid it: nothing is to be begun anew */
        return -EPIPE;
    r = sockeye_connect(call->runner->lab, s->host, s->fd, &call->address,
                        (uint32_t)call->address_length);
    if (s->phase == GUEST_OPEN)
        return 0;
    clear_native_error(call);
    if (s->phase == GUEST_FAILED && r < 0)
        return r;
    r = guest_socket_take_error(s);
    return r != 0 ? -r : -ECONNRESET;
}

static int64_t connect_stream(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    struct sockaddr_in to;
    int r;

    if (call->again)
        return connect_outcome(call);
    if (s->phase == GUEST_CONNECTING) {
        call->joined = true;
        return guest_target_is_nonblocking(call, 0) ? -EALREADY : connect_outcome(call);
    }
    memcpy(&to, &call->address, sizeof to);
    if (s->phase == GUEST_FRESH || s->phase == GUEST_FAILED)
        guest_living_ask_port(runner, ntohs(to.sin_port));
    r = sockeye_connect(runner->lab, s->host, s->fd, &call->address,
                        (uint32_t)call->address_length);
    if (s->phase == GUEST_FAILED)
        clear_native_error(call);
    if (s->phase == GUEST_RESET && r == -ECONNABORTED) { /* it was reset before anybody asked */
        int error = guest_option_take_error(call);

        return error != 0 ? -error : r;
    }
    if (r != -EINPROGRESS || (s->phase != GUEST_FRESH && s->phase != GUEST_FAILED))
        return r;
    guest_target_remember(call, s);
    r = s->phase == GUEST_FAILED ? renew_holder(call) : 0;
    if (r == 0)
        r = guest_holder_connect(runner, s, call->fd);
    if (r < 0) { /* the program has nothing that could connect: neither has the lab */
        static const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

        sockeye_connect(runner->lab, s->host, s->fd, &nobody, sizeof nobody);
        return of_ours(call, "connect", r);
    }
    if (guest_target_is_nonblocking(call, 0))
        return -EINPROGRESS;
    return connect_outcome(call);
}

static int64_t connect_either(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int r;

    if (call->address_length >= 0 && guest_name_is_resolver(&call->address, call->address_length))
        return -ENOENT;
    if (s == NULL)
        return GUEST_CONTINUE;
    if (call->address_length < 0)
        return call->address_length;
    if (s->local != NULL)
        return guest_local_connect(call);
    if (s->kind->way == GUEST_WAY_RECORD)
        return guest_circuit_connect(call);
    if (!s->is_datagram && call->address.ss_family != AF_UNSPEC)
        return connect_stream(call);
    r = sockeye_connect(call->runner->lab, s->host, s->fd, &call->address,
                        (uint32_t)call->address_length);
    if (r == 0 && s->phase == GUEST_LISTENING)
        guest_ending_held(call->runner, s);
    if (!s->is_datagram && r == 0 && s->phase != GUEST_FRESH) { /* AF_UNSPEC undid the connection */
        shutdown(call->fd, SHUT_RDWR);                          /* who waits wakes up */
        r = renew_holder(call);
    }
    if (s->is_datagram && r == 0)
        guest_target_remember(call, s);
    if (s->is_datagram && r == 0 && s->error == EDESTADDRREQ)
        guest_option_take_error(call); /* a send before it went nowhere: on Linux, at once */
    return r;
}

int64_t guest_life_connect(struct guest_call *call)
{
    int64_t answer = connect_either(call);

    if (answer == -ENETUNREACH)
        guest_report_unreached(call, &call->address);
    return answer;
}

/* The lab's `fd`, and a pair for its bytes, become a socket. */
static struct guest_socket *accepted_stream(struct guest_call *call, int fd, const int pair[2],
                                            int *error)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket;
    struct guest_socket *s = guest_socket_add(runner, l->host, fd, call->program->number, l->kind);
    int r;

    if (s == NULL) {
        guest_holder_close_pair(pair);
        sockeye_close_fd(runner->lab, l->host, fd);
        *error = -ENOBUFS;
        return NULL;
    }
    r = guest_holder_pair(runner, s, pair);
    if (r < 0) {
        *error = of_ours(call, "accept", r);
        guest_ending_abort(runner, s);
        return NULL;
    }
    guest_stream_inherit(l, s);
    return s;
}

/* A new one of the lab. What it needs of ours is there before it is taken out of the queue: else it
 * stays there. */
static struct guest_socket *accepted_now(struct guest_call *call, int flags, int *holder,
                                         struct sockaddr_storage *address, uint32_t *length,
                                         int *error)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket, *s;
    bool is_there = (sockeye_poll(runner->lab, l->host, l->fd) & POLLIN) != 0;
    int pair[2] = {-1, -1}, fd;

    if (is_there && guest_holder_open_pair(l, pair, (flags & SOCK_NONBLOCK) != 0) < 0) {
        *error = of_ours(call, "accept", -errno);
        return NULL;
    }
    fd = sockeye_accept(runner->lab, l->host, l->fd, address, length);
    if (fd < 0) {
        *error = fd;
        guest_holder_close_pair(pair);
        return NULL;
    }
    s = l->local != NULL ? guest_local_accepted(call, fd, pair, error)
                         : accepted_stream(call, fd, pair, error);
    if (s == NULL)
        return NULL;
    *holder = pair[0];
    guest_turn(runner, s, GUEST_BY_LAB); /* what has arrived is there at once */
    return s;
}

/* The first that the lab gave before, but its accept() could not have; or a new one of the lab. */
static struct guest_socket *accepted(struct guest_call *call, int flags, int *holder,
                                     struct sockaddr_storage *address, uint32_t *length, int *error)
{
    struct guest_socket *s = guest_socket_take_held(call->socket, holder);

    *length = sizeof *address;
    if (s == NULL)
        return accepted_now(call, flags, holder, address, length, error);
    fcntl(*holder, F_SETFL, flags & SOCK_NONBLOCK ? O_NONBLOCK : 0); /* as this call wants it */
    if (sockeye_peer_name(call->runner->lab, s->host, s->fd, address, length) < 0)
        *length = 0;
    return s;
}

/* The holder's queue shows IN exactly if something can be accepted. */
static void settle_tokens(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket;
    bool more = l->next_held != NULL || (sockeye_poll(runner->lab, l->host, l->fd) & POLLIN) != 0;

    while (l->holder.tokens > (more ? 1 : 0))
        guest_holder_take_token(l, call->fd);
    if (more && l->holder.tokens == 0)
        guest_holder_add_token(runner, l);
}

static int64_t accept_one(struct guest_call *call, int flags)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *l = call->socket, *s;
    struct sockaddr_storage address;
    uint32_t length = 0;
    int holder = -1, error = 0;
    int64_t r;

    if (l->kind->way == GUEST_WAY_RECORD)
        return guest_circuit_accept(call, flags);
    if (l->kind->way == GUEST_WAY_LOCAL && l->phase != GUEST_LISTENING)
        return GUEST_CONTINUE; /* the kernel knows what is wrong with it */
    if (!guest_target_waits(call))
        return GUEST_ANSWERED;
    s = accepted(call, flags, &holder, &address, &length, &error);
    settle_tokens(call); /* before the answer: the program may poll at once */
    if (s == NULL) {
        if (error != -EAGAIN || guest_target_is_nonblocking(call, 0))
            return error;
        return guest_wait_time(call, SO_RCVTIMEO);
    }
    if (l->stream.has_native_options)
        inherit_native(call->fd, holder);
    r = args[1] == 0 ? 0 : guest_target_write_address(call, args[1], args[2], &address, length);
    if (r < 0 && guest_target_waits(call)) { /* nowhere to write: Linux closes it then */
        close(holder);
        guest_ending_abort(call->runner, s);
        return r;
    }
    if (r == 0)
        r = give(call, holder, flags);
    if (r >= 0) {
        close(holder);
        return r;
    }
    guest_socket_hold(l, s, holder); /* the caller is gone, or has no room: the next may have it */
    settle_tokens(call);
    return r;
}

int64_t guest_life_accept(struct guest_call *call)
{
    return accept_one(call, 0);
}

int64_t guest_life_accept4(struct guest_call *call)
{
    int flags = (int)call->notif.data.args[3];

    return flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : accept_one(call, flags);
}

/* Both sides have finished, and nothing is left to be sent. */
static bool is_over(const struct guest_runner *runner, const struct guest_socket *s)
{
    struct sockaddr_storage name;
    uint32_t length = sizeof name;

    return s->stream.fin_sent && s->stream.eof_given &&
           sockeye_peer_name(runner->lab, s->host, s->fd, &name, &length) == -ENOTCONN;
}

static int64_t shutdown_stream(struct guest_call *call, int how)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r = 0;

    if (s->phase != GUEST_OPEN) {
        r = sockeye_shutdown(runner->lab, s->host, s->fd, how);
        if (r == 0 && s->phase == GUEST_LISTENING && how != SHUT_WR)
            guest_ending_held(runner, s);
        if (r == -ENOTCONN || (r == 0 && s->phase == GUEST_LISTENING && how != SHUT_WR)) {
            shutdown(call->fd, how); /* Linux: refused, and yet done */
            if (how != SHUT_WR)
                guest_stream_note_shutdown(s, SHUT_RD);
        }
        if (s->phase == GUEST_CONNECTING && (sockeye_poll(runner->lab, s->host, s->fd) & POLLHUP))
            guest_stream_fail(runner, s, 0);
        return r;
    }
    if (is_over(runner, s))
        r = -ENOTCONN;
    if (how != SHUT_WR) {
        int error = sockeye_shutdown(runner->lab, s->host, s->fd, SHUT_RD);

        r = r == 0 ? error : r;
    }
    guest_holder_shutdown(runner, s, call->fd, how);
    guest_stream_note_shutdown(s, how);
    guest_turn(runner, s, GUEST_BY_LAB | GUEST_BY_PROGRAM);
    return r;
}

int64_t guest_life_shutdown(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int how = (int)call->notif.data.args[1], r;

    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    if (!s->is_datagram)
        return shutdown_stream(call, how);
    r = sockeye_shutdown(call->runner->lab, s->host, s->fd, how);
    if (r != 0 && r != -ENOTCONN) /* unconnected: Linux refuses, and yet does it */
        return r;
    shutdown(call->fd, how);
    guest_datagram_note_shutdown(s, how);
    return r;
}

/* Of this end or of the other: which is the lab's function to ask. */
static int64_t tell_name(struct guest_call *call,
                         int (*name_of)(struct sockeye *lab, int host, int fd, void *address,
                                        uint32_t *length))
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    struct sockaddr_storage address = {0};
    uint32_t length = sizeof address;
    int r = name_of(call->runner->lab, s->host, s->fd, &address, &length);

    return r < 0 ? r : guest_target_write_address(call, args[1], args[2], &address, length);
}

int64_t guest_life_getsockname(struct guest_call *call)
{
    return tell_name(call, sockeye_local_name);
}

int64_t guest_life_getpeername(struct guest_call *call)
{
    return tell_name(call, sockeye_peer_name);
}
