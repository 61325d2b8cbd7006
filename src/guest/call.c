/* SPDX-License-Identifier: MIT */
/*
 * A trapped call, from the kernel's notification to its answer; and the calls of a socket's life:
 * socket, bind, listen, connect, accept, shutdown, the two names.
 *
 * The descriptor is borrowed, its SO_COOKIE says which socket it is (no cookie of ours: the call
 * goes on natively). Before a handler acts, the socket has its turn: what the program wrote
 * natively before this call reaches the lab before it. A handler gives a value, -errno, or an
 * enum guest_answer; one that was parked is simply called again.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/state.h"

bool guest_call_is_nonblocking(const struct guest_call *call, int flags)
{
    return (flags & MSG_DONTWAIT) != 0 || (fcntl(call->fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* @return the length */
int guest_call_read_address(const struct guest_call *call, uint64_t address, int64_t length,
                            struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (length < 0 || length > (int64_t)sizeof *out)
        return -EINVAL;
    if (guest_target_read(call, address, out, (size_t)length) < 0)
        return -EFAULT;
    return (int)length;
}

int guest_call_write_address(const struct guest_call *call, uint64_t address, uint64_t length_at,
                             const void *bytes, uint32_t length)
{
    int32_t room;

    if (guest_target_read(call, length_at, &room, sizeof room) < 0)
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    if (guest_target_write(call, address, bytes,
                           length < (uint32_t)room ? length : (uint32_t)room) < 0 ||
        guest_target_write(call, length_at, &length, sizeof length) < 0)
        return -EFAULT;
    return 0;
}

static const char *family_name(int family)
{
    switch (family) {
    case AF_INET6:
        return "AF_INET6";
    case AF_NETLINK:
        return "AF_NETLINK";
    case AF_PACKET:
        return "AF_PACKET";
    default:
        return "another family";
    }
}

static int open_lab_socket(struct guest_call *call, int type)
{
    struct guest_runner *runner = call->runner;
    int protocol = (int)call->notif.data.args[2];
    int fd = sockeye_socket(runner->lab, call->program->host, AF_INET, type, protocol);

    if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS) {
        guest_socket_probe(runner, false); /* some may be closed */
        fd = sockeye_socket(runner->lab, call->program->host, AF_INET, type, protocol);
    }
    if (fd < 0)
        guest_report_add(runner, call->program->number, "socket(AF_INET, %d, %d): %s", type,
                         protocol, sockeye_strerror(fd));
    return fd;
}

/* Hands a holder to the program. @return GUEST_ANSWERED or -errno */
static int64_t give(struct guest_call *call, int holder, int type_flags)
{
    int r;

    if (type_flags & SOCK_NONBLOCK)
        fcntl(holder, F_SETFL, O_NONBLOCK);
    r = guest_target_give(call, holder, (type_flags & SOCK_CLOEXEC) != 0);
    return r < 0 ? r : GUEST_ANSWERED;
}

static int64_t call_socket(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    int domain = (int)call->notif.data.args[0], flags = (int)call->notif.data.args[1];
    int type = flags & 0xf, fd, holder;
    struct guest_socket *s;
    int64_t r;

    if (domain == AF_UNIX)
        return GUEST_CONTINUE;
    if (flags & ~(0xf | SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    if (domain != AF_INET) {
        guest_report_add(runner, call->program->number, "socket(%s): EAFNOSUPPORT",
                         family_name(domain));
        return -EAFNOSUPPORT;
    }
    if (type == SOCK_RAW) {
        guest_report_add(runner, call->program->number, "socket(AF_INET, SOCK_RAW): EPERM");
        return -EPERM;
    }
    fd = open_lab_socket(call, type);
    if (fd < 0)
        return fd;
    s = guest_socket_add(runner, call->program->host, fd, type != SOCK_STREAM);
    if (s == NULL) {
        sockeye_close_fd(runner->lab, call->program->host, fd);
        return -ENOBUFS;
    }
    s->program = call->program->number;
    holder = s->datagram ? guest_holder_message(runner, s) : guest_holder_stream(runner, s);
    r = holder < 0 ? holder : give(call, holder, flags);
    if (holder >= 0)
        close(holder);
    if (r < 0) {
        guest_report_add(runner, call->program->number, "socket(): %s", sockeye_strerror((int)r));
        guest_socket_remove(runner, s);
    }
    return r;
}

static int64_t call_socketpair(struct guest_call *call)
{
    int domain = (int)call->notif.data.args[0];

    if (domain == AF_UNIX)
        return GUEST_CONTINUE;
    return domain == AF_INET ? -EOPNOTSUPP : -EAFNOSUPPORT;
}

static int64_t call_bind(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    struct sockaddr_storage address;
    int length = guest_call_read_address(call, call->notif.data.args[1],
                                         (int32_t)call->notif.data.args[2], &address);
    int r;

    if (length < 0)
        return length;
    r = sockeye_bind(runner->lab, s->host, s->fd, &address, (uint32_t)length);
    if (r == -EADDRINUSE) {
        guest_socket_probe(runner, false);
        r = sockeye_bind(runner->lab, s->host, s->fd, &address, (uint32_t)length);
    }
    return r;
}

/* A new holder in the place of one that AF_UNIX lets no more connect. */
static int renew_holder(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int holder, r;

    if (s->end >= 0)
        close(s->end);
    s->end = -1;
    holder = guest_holder_stream(call->runner, s);
    if (holder < 0)
        return holder;
    if (fcntl(call->fd, F_GETFL) & O_NONBLOCK)
        fcntl(holder, F_SETFL, O_NONBLOCK);
    r = guest_target_replace(call, (int)call->notif.data.args[0], holder);
    close(call->fd);
    call->fd = holder; /* as a borrowed one: closed with the call */
    guest_socket_set_phase(call->runner, s, GUEST_FRESH);
    s->shut_read = s->shut_write = s->fin_sent = s->eof_given = s->send_failed = false;
    s->small = s->stale = false;
    s->tokens = 0;
    return r;
}

static int64_t call_listen(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int backlog = (int)call->notif.data.args[1];
    int r = sockeye_listen(runner->lab, s->host, s->fd, backlog);

    if (r == -EADDRINUSE) {
        guest_socket_probe(runner, false);
        r = sockeye_listen(runner->lab, s->host, s->fd, backlog);
    }
    if (r == 0 && s->phase == GUEST_LISTENING && s->shut_read) { /* AF_UNIX would refuse for ever */
        r = renew_holder(call);
        if (r < 0)
            return r;
    }
    if (r == 0 && s->phase == GUEST_FRESH) {
        if (listen(call->fd, GUEST_TOKENS * 2) < 0)
            return -errno;
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
static int64_t connect_outcome(struct guest_call *call, const struct sockaddr_storage *address,
                               int length)
{
    struct guest_socket *s = call->socket;
    int r;

    if (s->phase == GUEST_CONNECTING) {
        r = guest_wait_time(call, SO_SNDTIMEO);
        if (r != -EAGAIN)
            return r;
        return call->joined ? -EALREADY : -EINPROGRESS;
    }
    r = sockeye_connect(call->runner->lab, s->host, s->fd, address, (uint32_t)length);
    if (s->phase == GUEST_OPEN)
        return 0;
    clear_native_error(call);
    if (s->phase == GUEST_FAILED && r < 0)
        return r;
    r = s->error != 0 ? -s->error : -ECONNRESET;
    s->error = 0;
    return r;
}

static int64_t connect_stream(struct guest_call *call, const struct sockaddr_storage *address,
                              int length)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r;

    if (call->again)
        return connect_outcome(call, address, length);
    if (s->phase == GUEST_CONNECTING) {
        call->joined = true;
        return guest_call_is_nonblocking(call, 0) ? -EALREADY
                                                  : connect_outcome(call, address, length);
    }
    guest_socket_probe(runner, true);
    r = sockeye_connect(runner->lab, s->host, s->fd, address, (uint32_t)length);
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
    if (r < 0) {
        guest_report_add(runner, call->program->number, "connect(): %s", sockeye_strerror(r));
        return r;
    }
    if (guest_call_is_nonblocking(call, 0))
        return -EINPROGRESS;
    return connect_outcome(call, address, length);
}

static int64_t call_connect(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    struct sockaddr_storage address;
    int length = guest_call_read_address(call, call->notif.data.args[1],
                                         (int32_t)call->notif.data.args[2], &address);
    int r;

    if (length >= 0 && guest_name_is_resolver(&address, length))
        return -ENOENT;
    if (s == NULL)
        return GUEST_CONTINUE;
    if (length < 0)
        return length;
    if (!s->datagram && address.ss_family != AF_UNSPEC)
        return connect_stream(call, &address, length);
    r = sockeye_connect(call->runner->lab, s->host, s->fd, &address, (uint32_t)length);
    if (!s->datagram && r == 0 && s->phase != GUEST_FRESH) { /* AF_UNSPEC undid the connection */
        shutdown(call->fd, SHUT_RDWR);                       /* who waits wakes up */
        r = renew_holder(call);
    }
    return r;
}

/* One the lab gave before, whose accept() was interrupted; or a new one of the lab. */
static struct guest_socket *accepted(struct guest_call *call, int *holder,
                                     struct sockaddr_storage *address, uint32_t *length, int *error)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket, *s = l->next_held;
    int fd;

    *length = sizeof *address;
    if (s != NULL) {
        l->next_held = s->next_held;
        s->next_held = NULL;
        *holder = s->held_holder;
        s->held_holder = -1;
        if (sockeye_peer_name(runner->lab, s->host, s->fd, address, length) < 0)
            *length = 0;
        return s;
    }
    fd = sockeye_accept(runner->lab, l->host, l->fd, address, length);
    *error = fd;
    if (fd < 0)
        return NULL;
    s = guest_socket_add(runner, l->host, fd, false);
    if (s == NULL) {
        sockeye_close_fd(runner->lab, l->host, fd);
        *error = -ENOBUFS;
        return NULL;
    }
    s->program = call->program->number;
    *holder = guest_holder_pair(runner, s);
    if (*holder < 0) {
        *error = *holder == -EMFILE ? -ENFILE : *holder;
        guest_report_add(runner, s->program, "accept(): %s", sockeye_strerror(*error));
        guest_socket_abort(runner, s);
        return NULL;
    }
    guest_socket_turn(runner, s); /* what has arrived is there at once */
    return s;
}

/* The holder's queue shows IN exactly if something can be accepted. */
static void settle_tokens(struct guest_call *call)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *l = call->socket;
    bool more = l->next_held != NULL || (sockeye_poll(runner->lab, l->host, l->fd) & POLLIN) != 0;

    while (l->tokens > (more ? 1 : 0))
        guest_holder_take_token(l, call->fd);
    if (more && l->tokens == 0)
        guest_holder_add_token(l);
}

/* The options that live in the holder: an accepted socket has its listener's, as on Linux. */
static void inherit_native(int listener, int holder)
{
    static const int options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVLOWAT, SO_OOBINLINE};

    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        uint8_t value[sizeof(struct timeval)];
        socklen_t length = sizeof value;

        if (getsockopt(listener, SOL_SOCKET, options[i], value, &length) == 0)
            setsockopt(holder, SOL_SOCKET, options[i], value, length);
    }
}

static int64_t accept_one(struct guest_call *call, int flags)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *l = call->socket, *s;
    struct sockaddr_storage address;
    uint32_t length = 0;
    int holder = -1, error = 0;
    int64_t r;

    if (!guest_target_waits(call))
        return GUEST_ANSWERED;
    s = accepted(call, &holder, &address, &length, &error);
    if (s == NULL) {
        settle_tokens(call);
        if (error != -EAGAIN || guest_call_is_nonblocking(call, 0))
            return error;
        return guest_wait_time(call, SO_RCVTIMEO);
    }
    settle_tokens(call); /* before the answer: the program may poll at once */
    inherit_native(call->fd, holder);
    r = args[1] == 0 ? 0 : guest_call_write_address(call, args[1], args[2], &address, length);
    if (r == 0)
        r = give(call, holder, flags);
    if (r == -ENOENT) { /* a signal took the caller away: keep it for the next */
        s->held_holder = holder;
        s->next_held = l->next_held;
        l->next_held = s;
        settle_tokens(call);
        r = GUEST_ANSWERED;
    } else {
        close(holder);
        if (r < 0)
            guest_socket_abort(call->runner, s);
    }
    return r;
}

static int64_t call_accept(struct guest_call *call)
{
    return accept_one(call, 0);
}

static int64_t call_accept4(struct guest_call *call)
{
    int flags = (int)call->notif.data.args[3];

    return flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC) ? -EINVAL : accept_one(call, flags);
}

/* Both sides have finished, and nothing is left to be sent. */
static bool is_over(const struct guest_runner *runner, const struct guest_socket *s)
{
    struct sockaddr_storage name;
    uint32_t length = sizeof name;

    return s->fin_sent && s->eof_given &&
           sockeye_peer_name(runner->lab, s->host, s->fd, &name, &length) == -ENOTCONN;
}

static int64_t shutdown_stream(struct guest_call *call, int how)
{
    struct guest_runner *runner = call->runner;
    struct guest_socket *s = call->socket;
    int r = 0;

    if (s->phase != GUEST_OPEN) {
        r = sockeye_shutdown(runner->lab, s->host, s->fd, how);
        if (r == -ENOTCONN || (r == 0 && s->phase == GUEST_LISTENING && how != SHUT_WR)) {
            shutdown(call->fd, how); /* Linux: refused, and yet done */
            s->shut_read |= how != SHUT_WR;
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
        s->shut_read = true;
    }
    shutdown(call->fd, how);
    if (how != SHUT_RD)
        s->shut_write = true; /* the FIN goes out behind what the program wrote */
    guest_socket_turn(runner, s);
    return r;
}

static int64_t call_shutdown(struct guest_call *call)
{
    struct guest_socket *s = call->socket;
    int how = (int)call->notif.data.args[1], r;

    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    if (!s->datagram)
        return shutdown_stream(call, how);
    r = sockeye_shutdown(call->runner->lab, s->host, s->fd, how);
    if (r != 0 && r != -ENOTCONN) /* unconnected: Linux refuses, and yet does it */
        return r;
    if (how != SHUT_WR && !s->shut_write) { /* both would look to us like a close */
        shutdown(call->fd, SHUT_RD);
        s->shut_read = true;
    } else if (r == 0 && how == SHUT_WR && !s->shut_read) {
        shutdown(call->fd, SHUT_WR);
        s->shut_write = true;
    }
    return r;
}

static int64_t call_getsockname(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_socket *s = call->socket;
    struct sockaddr_storage address = {0};
    uint32_t length = sizeof address;
    int r = call->notif.data.nr == SYS_getsockname
                ? sockeye_local_name(call->runner->lab, s->host, s->fd, &address, &length)
                : sockeye_peer_name(call->runner->lab, s->host, s->fd, &address, &length);

    return r < 0 ? r : guest_call_write_address(call, args[1], args[2], &address, length);
}

enum entry_kind {
    ON_OURS,   /* the first argument is a descriptor; not ours: natively */
    ON_ANY,    /* the same, but the handler looks at others too */
    ON_NOTHING /* no descriptor is borrowed */
};

static const struct entry {
    int number;
    enum entry_kind kind;
    const char *name;
    int64_t (*act)(struct guest_call *call);
} entries[] = {
    {SYS_socket, ON_NOTHING, "socket", call_socket},
    {SYS_socketpair, ON_NOTHING, "socketpair", call_socketpair},
    {SYS_bind, ON_OURS, "bind", call_bind},
    {SYS_listen, ON_OURS, "listen", call_listen},
    {SYS_connect, ON_ANY, "connect", call_connect},
    {SYS_accept, ON_OURS, "accept", call_accept},
    {SYS_accept4, ON_OURS, "accept4", call_accept4},
    {SYS_shutdown, ON_OURS, "shutdown", call_shutdown},
    {SYS_getsockname, ON_OURS, "getsockname", call_getsockname},
    {SYS_getpeername, ON_OURS, "getpeername", call_getsockname},
    {SYS_getsockopt, ON_OURS, "getsockopt", guest_option_get},
    {SYS_setsockopt, ON_OURS, "setsockopt", guest_option_set},
    {SYS_sendto, ON_OURS, "sendto", guest_message_sendto},
    {SYS_recvfrom, ON_OURS, "recvfrom", guest_message_recvfrom},
    {SYS_sendmsg, ON_OURS, "sendmsg", guest_message_sendmsg},
    {SYS_recvmsg, ON_OURS, "recvmsg", guest_message_recvmsg},
    {SYS_sendmmsg, ON_OURS, "sendmmsg", guest_message_sendmmsg},
    {SYS_recvmmsg, ON_OURS, "recvmmsg", guest_message_recvmmsg},
    {SYS_ioctl, ON_ANY, "ioctl", guest_option_ioctl},
    {SYS_prctl, ON_NOTHING, "prctl", guest_option_prctl},
    {SYS_seccomp, ON_NOTHING, "seccomp", guest_option_seccomp},
    {SYS_openat, ON_NOTHING, "openat", guest_name_openat},
    {SYS_openat2, ON_NOTHING, "openat2", guest_name_openat2},
#ifdef SYS_open
    {SYS_open, ON_NOTHING, "open", guest_name_open},
#endif
    {SYS_uname, ON_NOTHING, "uname", guest_name_uname},
};

static const struct entry *find_entry(int number)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i].number == number)
            return &entries[i];
    return NULL;
}

static int64_t act_on_descriptor(struct guest_call *call, const struct entry *entry)
{
    int fd = (int)call->notif.data.args[0];

    call->fd = guest_target_borrow(call, fd);
    if (call->fd < 0) {
        if (call->fd != -EBADF && call->fd != -ESRCH)
            guest_report_add(call->runner, call->program->number,
                             "%s(): its descriptors cannot be borrowed: %s", entry->name,
                             sockeye_strerror(call->fd));
        return call->again ? -EBADF : GUEST_CONTINUE;
    }
    call->socket = guest_socket_of_cookie(call->runner, guest_target_cookie(call->fd));
    if (call->socket == NULL && entry->kind == ON_OURS)
        return call->again ? -EBADF : GUEST_CONTINUE;
    if (call->socket != NULL) {
        uint64_t handle = call->socket->handle;

        call->runner->statistics.calls++;
        if (call->socket->small && call->socket->phase == GUEST_OPEN)
            guest_holder_grow(call->socket, call->fd);
        guest_socket_turn(call->runner, call->socket);
        call->socket = guest_socket_of_handle(call->runner, handle);
        if (call->socket == NULL)
            return -EBADF;
    }
    return entry->act(call);
}

static void conclude(struct guest_call *call, int64_t result)
{
    if (result == GUEST_ANSWERED)
        return;
    if (result == GUEST_WAIT)
        result = guest_wait_park(call);
    else if (result == GUEST_CONTINUE) {
        guest_target_continue(call);
        return;
    } else if (result >= 0) {
        guest_target_answer(call, 0, result);
        return;
    }
    if (result < 0)
        guest_target_answer(call, (int)-result, 0);
}

void guest_call_act(struct guest_call *call)
{
    const struct entry *entry = find_entry(call->notif.data.nr);
    int64_t result = GUEST_CONTINUE;

    call->fd = -1;
    call->socket = NULL;
    if (call->again && !guest_target_waits(call))
        return;
    if (entry != NULL && entry->kind == ON_NOTHING)
        result = entry->act(call);
    else if (entry != NULL)
        result = act_on_descriptor(call, entry);
    conclude(call, result);
    if (call->fd >= 0)
        close(call->fd);
}

/* Takes one notification of a program. */
void guest_call_receive(struct guest_runner *runner, struct guest_program *program)
{
    struct guest_call call = {.runner = runner, .program = program};

    if (ioctl(program->listener, SECCOMP_IOCTL_NOTIF_RECV, &call.notif) < 0)
        return; /* a signal was faster */
    guest_wait_inherit(&call);
    guest_wait_forget(runner, program->number, call.notif.pid);
    drive_advance(runner->drive);
    guest_call_act(&call);
}
