/* SPDX-License-Identifier: MIT */
/*
 * The AF_UNIX sockets that programs hold, and how each is brought into a state that looks to read,
 * write and every kind of poll like TCP's:
 *
 *   fresh        an unconnected stream socket: OUT and HUP
 *   listening    bound and listening; a token in its queue for what the lab can accept: IN
 *   connecting   connected to our door, its send buffer full of pad bytes: nothing
 *   established  the pad is drained, but for one byte: OUT
 *   accepted     one end of a pair
 *   reset        our end is closed over an unread byte: ERR, HUP; ECONNRESET once, then EOF
 *
 * For the last our end always keeps one stale byte unread: the last byte of the pad, or a planted
 * one, and later the last byte that the program wrote, which was forwarded when it was seen. So a
 * reset needs no descriptor of the program, who may have passed it to anybody.
 * Send buffers are set, so that the unread byte's page never makes the holder unwritable.
 *
 * Datagram sockets hold one end of a SOCK_DGRAM pair, which keeps boundaries; closing.c hears of
 * the last close. An ICMP error is shown there as ERR, and an ECONNRESET for the next native call,
 * once: AF_UNIX says so to the peer of a datagram socket that turns away from it with something
 * unread. Of a SEQPACKET pair, or of streams, an error is the end.
 *
 * A name costs, so only those have one that need it. A listener must be found by its tokens: it is
 * a file of our directory, where no other user can knock. A connection whose program has shut it
 * must be found by the probe (living.c): its name is abstract, not a file; another user who knocks
 * there is refused by the kernel, for the socket does not listen. Everybody else has none.
 *
 * Our connect() to the door waits if the queue of the door is full, for us; so the door has no name
 * either: its file is unlinked as soon as we hold the inode, and is reached through our own
 * /proc/self/fd, which is closed to others of our user (runner.c: we are not dumpable). Root may
 * come there all the same; who did is turned away before and after each connect() of ours, and told
 * from us by the process that connected.
 */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "guest/local.h"

enum {
    /* SO_SNDBUF; what an ordinary user may ask for, and the kernel doubles it. Of a holder: more
     * than four times the largest piece the kernel makes (64 KiB, by sendfile). */
    HOLDER_BUFFER = 212992,
    DOOR_BACKLOG = 4096
};

static void set_buffer(int fd, int bytes)
{
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static struct sockaddr *generic(const struct sockaddr_un *address)
{
    struct sockaddr *p;

    memcpy(&p, &address, sizeof p); /* the calls only read it */
    return p;
}

socklen_t guest_holder_address(const struct guest_runner *runner, const struct guest_socket *s,
                               struct sockaddr_un *address)
{
    char *text = address->sun_path;
    size_t size = sizeof address->sun_path;
    unsigned long long name = s->holder.name;

    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (s->holder.name_is_path) {
        snprintf(text, size, "%s/%llx", runner->directory, name);
        return sizeof *address;
    }
    snprintf(text + 1, size - 1, "sockeye-%016llx-%llx", (unsigned long long)runner->key, name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(text + 1));
}

void guest_holder_unname(struct guest_runner *runner, struct guest_socket *s)
{
    struct sockaddr_un address;

    if (s->holder.name != 0 && s->holder.name_is_path) {
        guest_holder_address(runner, s, &address);
        unlink(address.sun_path);
    }
    s->holder.name = 0;
}

int guest_holder_name(struct guest_runner *runner, struct guest_socket *s, int holder, bool is_path)
{
    struct sockaddr_un address;
    socklen_t length;

    guest_holder_unname(runner, s); /* its holder was replaced */
    s->holder.name = ++runner->names;
    s->holder.name_is_path = is_path;
    length = guest_holder_address(runner, s, &address);
    if (bind(holder, generic(&address), length) < 0) {
        s->holder.name = 0;
        return -errno;
    }
    return 0;
}

static bool is_path_closed(int probe, const struct sockaddr *address, socklen_t length)
{
    return connect(probe, address, length) < 0 && (errno == ECONNREFUSED || errno == ENOENT);
}

static bool is_hidden_closed(const struct sockaddr *address, socklen_t length)
{
    int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool closed = other >= 0 && bind(other, address, length) == 0;

    if (other >= 0)
        close(other);
    return closed;
}

bool guest_holder_is_closed(const struct guest_runner *runner, const struct guest_socket *s)
{
    union {
        struct sockaddr_un un;
        struct sockaddr generic;
    } address;
    socklen_t length;

    if (s->held_holder >= 0 || s->holder.name == 0)
        return false;
    length = guest_holder_address(runner, s, &address.un);
    return s->holder.name_is_path ? is_path_closed(runner->probe, &address.generic, length)
                                  : is_hidden_closed(&address.generic, length);
}

int guest_holder_listen(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int r = guest_holder_name(runner, s, holder, true);

    if (r < 0)
        return r;
    return listen(holder, GUEST_TOKENS * 2) < 0 ? -errno : 0;
}

void guest_holder_shutdown(struct guest_runner *runner, struct guest_socket *s, int holder, int how)
{
    if (s->phase == GUEST_OPEN && s->holder.name == 0)
        guest_holder_name(runner, s, holder, false);
    shutdown(holder, how);
}

/* Counts it among the living (living.c), as long as somebody has it. */
int guest_holder_enter(struct guest_runner *runner, const struct guest_socket *s, int holder)
{
    struct epoll_event event = {.data.u64 = s->handle};

    return epoll_ctl(runner->census, EPOLL_CTL_ADD, holder, &event) < 0 ? -ENOBUFS : 0;
}

static int open_door(struct guest_runner *runner, struct guest_door *door, int type)
{
    struct sockaddr_un *address = &door->address;
    int r;

    address->sun_family = AF_UNIX;
    if (snprintf(address->sun_path, sizeof address->sun_path, "%s/door", runner->directory) >=
        (int)sizeof address->sun_path)
        return -ENAMETOOLONG;
    door->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (door->fd < 0 || bind(door->fd, (struct sockaddr *)address, sizeof *address) < 0)
        return -errno;
    door->file = open(address->sun_path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    r = door->file < 0 ? -errno : 0;
    unlink(address->sun_path);
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d", door->file);
    return r < 0 || listen(door->fd, DOOR_BACKLOG) == 0 ? r : -errno;
}

int guest_holder_open_doors(struct guest_runner *runner)
{
    int r;

    if (getrandom(&runner->key, sizeof runner->key, 0) != (ssize_t)sizeof runner->key)
        return -errno;
    r = open_door(runner, &runner->doors[0], SOCK_STREAM);
    return r < 0 ? r : open_door(runner, &runner->doors[1], SOCK_SEQPACKET);
}

/* A new one for the socket, which has its old one, if any, until it adopts this. */
int guest_holder_stream(struct guest_runner *runner, const struct guest_socket *s, bool nonblocking)
{
    int holder = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
    int r;

    if (holder < 0)
        return -errno;
    r = guest_holder_enter(runner, s, holder);
    if (r < 0) {
        close(holder);
        return r;
    }
    return holder;
}

/* Of AF_UNIX it is the program's own; else what walks through TCP's states. */
static int type_of(const struct guest_socket *s)
{
    return s->local == NULL ? SOCK_STREAM : s->local->type;
}

void guest_holder_adopt(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    guest_bridge_close(runner, s, false);
    guest_holder_unname(runner, s);
    memset(&s->holder, 0, sizeof s->holder);
    guest_socket_name(runner, s, holder);
}

int guest_holder_open_pair(const struct guest_socket *listener, int pair[2], bool nonblocking)
{
    int flags = SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0);

    return socketpair(AF_UNIX, type_of(listener) | flags, 0, pair);
}

void guest_holder_close_pair(const int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

/* Of an accepted one: takes the pair over, all of it where it fails. @return 0 or -errno */
int guest_holder_pair(struct guest_runner *runner, struct guest_socket *s, const int pair[2])
{
    int r;

    set_buffer(pair[0], HOLDER_BUFFER);
    r = guest_bridge_open(runner, s, pair[1], true);
    if (r == 0 && send(pair[0], "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1)
        r = -errno;
    if (r == 0)
        r = guest_holder_enter(runner, s, pair[0]);
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    guest_socket_name(runner, s, pair[0]);
    guest_socket_set_phase(runner, s, GUEST_OPEN);
    return 0;
}

int guest_holder_message(struct guest_runner *runner, struct guest_socket *s, bool nonblocking)
{
    int pair[2], r;

    int type = s->kind->way == GUEST_WAY_RECORD ? SOCK_SEQPACKET : SOCK_DGRAM;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0, pair) < 0)
        return -errno;
    set_buffer(pair[0], GUEST_MESSAGE_BUFFER);
    r = guest_bridge_open(runner, s, pair[1], false);
    if (r == 0)
        r = guest_holder_enter(runner, s, pair[0]);
    if (r == 0)
        r = guest_holder_name(runner, s, pair[0],
                              false); /* an error that is to be shown must find it */
    if (r < 0) {
        close(pair[0]);
        return r;
    }
    guest_socket_name(runner, s, pair[0]);
    guest_closing_watch(runner, s, pair[0]);
    return pair[0];
}

static bool name_end(struct guest_socket *s, const struct sockaddr_un *address, socklen_t length)
{
    if (!s->holder.end_is_named)
        s->holder.end_is_named = bind(s->bridge.end, generic(address), length) == 0;
    return s->holder.end_is_named;
}

/* Our end turns away from the holder with a byte unread, and back again. What it had not read is
 * thrown away: so all that the program wrote was taken before. The byte comes from a third socket,
 * which AF_UNIX lets in while the end has no peer. */
bool guest_holder_raise(struct guest_runner *runner, struct guest_socket *s)
{
    static const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    struct sockaddr_un of_holder, of_end;
    socklen_t length = guest_holder_address(runner, s, &of_holder);
    int end = s->bridge.end, other;
    bool raised;

    of_end = of_holder;
    of_end.sun_path[1] = 'S'; /* for sockeye-... */
    if (!name_end(s, &of_end, length))
        return false;
    other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (other < 0)
        return false;
    raised = connect(end, &nobody, sizeof nobody) == 0 &&
             sendto(other, "", 1, MSG_NOSIGNAL, generic(&of_end), length) == 1 &&
             connect(end, generic(&of_holder), length) == 0 &&
             connect(end, &nobody, sizeof nobody) == 0;
    close(other);
    return connect(end, generic(&of_holder), length) == 0 && raised;
}

/* @return the next who is at our door; *is_own: it is we */
static int accept_next(const struct guest_door *door, bool *is_own)
{
    struct ucred from = {0};
    socklen_t length = sizeof from;
    int end = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC);

    *is_own = end >= 0 && getsockopt(end, SOL_SOCKET, SO_PEERCRED, &from, &length) == 0 &&
              from.pid == getpid();
    return end < 0 ? -errno : end;
}

/* Sends all away, our own who could not be taken at their time (EMFILE) too: then the queue has
 * room. @return 0, or why they could not be taken */
static int clear_door(const struct guest_door *door)
{
    for (int i = 0; i < 2 * DOOR_BACKLOG; i++) {
        bool is_own;
        int end = accept_next(door, &is_own);

        if (end < 0)
            return end == -EAGAIN ? 0 : end;
        close(end);
    }
    return -EAGAIN;
}

/* The end at our door of the connect() that we have just made. */
static int accept_own(const struct guest_door *door)
{
    for (int i = 0; i < 2 * DOOR_BACKLOG; i++) {
        bool is_own;
        int end = accept_next(door, &is_own);

        if (end < 0 || is_own)
            return end;
        close(end);
    }
    return -EAGAIN;
}

int guest_holder_knock(struct guest_runner *runner, int holder, int type)
{
    const struct guest_door *door = &runner->doors[type == SOCK_SEQPACKET];
    int r = clear_door(door);

    if (r < 0)
        return r;
    if (connect(holder, generic(&door->address), sizeof door->address) < 0)
        return -errno;
    return accept_own(door);
}

/* A small send buffer first: a full one of usual size would pin 400 KiB of the kernel's memory. */
static void fill(struct guest_socket *s, int holder)
{
    static const uint8_t pad[32768];
    ssize_t n;

    set_buffer(holder, 0);
    s->holder.small = true;
    s->holder.pad = 0;
    while ((n = send(holder, pad, sizeof pad, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0) {
        s->holder.pad += (size_t)n;
        if ((size_t)n < sizeof pad) /* it is full */
            break;
    }
}

static void grow(struct guest_socket *s, int holder)
{
    set_buffer(holder, HOLDER_BUFFER);
    s->holder.small = false;
}

void guest_holder_borrowed(struct guest_socket *s, int holder)
{
    if (s->holder.small && s->phase == GUEST_OPEN)
        grow(s, holder);
}

int guest_holder_connect(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    int end = guest_holder_knock(runner, holder, SOCK_STREAM), r;

    if (end < 0)
        return end;
    fill(s, holder);
    r = guest_bridge_open(runner, s, end, false);
    if (r == 0)
        guest_socket_set_phase(runner, s, GUEST_CONNECTING);
    return r;
}

/* Takes the pad out, all but the byte that stays unread. If the holder cannot be found now (it was
 * passed on), its buffer grows at the program's next call; until then no byte may stay, for in a
 * small buffer one byte's page makes it unwritable. */
int guest_holder_establish(struct guest_runner *runner, struct guest_socket *s)
{
    int holder = guest_target_borrow_again(runner, s);

    if (holder >= 0) {
        grow(s, holder);
        close(holder);
    }
    return guest_bridge_drop(runner, s, s->holder.pad, !s->holder.small);
}

/* @raise ECONNREFUSED the listener is closed; EAGAIN its queue is full */
int guest_holder_add_token(struct guest_runner *runner, struct guest_socket *s)
{
    struct sockaddr_un address;
    socklen_t length = guest_holder_address(runner, s, &address);
    int token = socket(AF_UNIX, type_of(s) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int r;

    if (token < 0)
        return -errno;
    r = connect(token, generic(&address), length) < 0 ? -errno : 0;
    if (r == 0)
        s->holder.tokens++;
    close(token); /* it stays in the queue */
    return r == -ENOENT ? -ECONNREFUSED : r;
}

/* The holder may be a blocking one, and whoever holds it outside of the lab may be faster than we:
 * so it does not block for the time of this. Nothing that the program can do to a listener natively
 * looks at that flag. @return the token or -errno */
static int accept_at_once(int holder)
{
    int flags = fcntl(holder, F_GETFL), token;

    if (!(flags & O_NONBLOCK))
        fcntl(holder, F_SETFL, flags | O_NONBLOCK);
    token = accept4(holder, NULL, NULL, SOCK_CLOEXEC);
    if (token < 0)
        token = -errno;
    if (!(flags & O_NONBLOCK))
        fcntl(holder, F_SETFL, flags);
    return token;
}

void guest_holder_take_token(struct guest_socket *s, int holder)
{
    int token = accept_at_once(holder);

    if (token == -EAGAIN) {
        s->holder.tokens = 0;
        return;
    }
    if (token >= 0)
        close(token);
    if (s->holder.tokens > 0)
        s->holder.tokens--;
}
