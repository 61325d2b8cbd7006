/* SPDX-License-Identifier: MIT */
/*
 * Data of AF_UNIX between holders and the lab: a turn does all that can be done now.
 *
 *   take      what the program wrote is peeked at in our end, and sent in the lab. It stays there,
 *             charged to its writer, until the peer has read it. Descriptors are met here, and put
 *             away; their message goes out of the end at once, for they may be nowhere but on
 *             their way
 *   give      what the lab has for the program is peeked at there, and put into its holder, by
 *             pieces that the kernel does not cut; a quarter of our end's buffer at most, for with
 *             more in it the kernel does not tell us of reads
 *   settle    what was read meanwhile is received in the lab, and taken out of the writer's end.
 *             Our end says how much true size waits; pieces go in their order, so it says which
 *
 * The peer's end shows as on Linux: our end is shut, or closed, over what is unread in it: that is
 * what the peer left unread. The program's own: our end hangs up, or, where that says nothing, the
 * close of its holder is told (closing.c).
 */
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest/local.h"

enum {
    PIECE = 16384,      /* of a stream; one struct of the kernel's */
    MOST_MESSAGES = 10, /* of datagrams in a holder: net.unix.max_dgram_qlen */
    AT_ONCE = 64,       /* pieces of a turn, each way */
    CONTROL = CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(GUEST_RIGHTS * sizeof(int)) + 64
};

static int poll_lab(const struct guest_runner *runner, const struct guest_socket *s)
{
    return sockeye_poll(runner->lab, s->host, s->fd);
}

/* ---- take ---- */

/* What rides on what was peeked at. */
struct riders {
    bool has_who;
    struct ucred who;
    unsigned count;
    int fds[GUEST_RIGHTS];
};

static void read_riders(struct msghdr *header, struct riders *riders)
{
    riders->has_who = false;
    riders->count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&riders->who, CMSG_DATA(c), sizeof riders->who);
            riders->has_who = true;
        } else if (c->cmsg_type == SCM_RIGHTS) {
            riders->count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(riders->fds, CMSG_DATA(c), riders->count * sizeof(int));
        }
    }
}

static ssize_t peek(struct guest_runner *runner, const struct guest_socket *s, size_t size,
                    struct riders *riders)
{
    union {
        struct cmsghdr align;
        char bytes[CONTROL];
    } control;
    struct iovec piece = {runner->scratch, size};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(guest_local_source(s), &header, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    riders->has_who = false;
    riders->count = 0;
    if (n >= 0)
        read_riders(&header, riders);
    return n < 0 ? -errno : n;
}

/* Takes units out of the end that were passed on: bytes, or messages. */
static void drop(struct guest_runner *runner, struct guest_socket *s, size_t units)
{
    struct guest_local *l = s->local;
    int source = guest_local_source(s);

    while (units > 0 && source >= 0) {
        size_t size = l->type != SOCK_STREAM || units > GUEST_CHUNK ? GUEST_CHUNK : units;
        /* behind what the lab, or the program, may still need of the scratch */
        ssize_t n = recv(source, runner->scratch + GUEST_CHUNK, size, MSG_DONTWAIT);

        if (n < 0 || (n == 0 && l->type == SOCK_STREAM))
            break;
        l->passed -= (size_t)n < l->passed ? (size_t)n : l->passed;
        units -= l->type == SOCK_STREAM ? (size_t)n : 1;
    }
}

static int send_riders(struct guest_runner *runner, struct guest_socket *s, size_t length,
                       int flags, uint64_t number, unsigned count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct sockeye_rights))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct sockeye_rights)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SOCKEYE_SCM_RIGHTS}};
    struct sockeye_rights rights = {.number = number, .count = count};
    struct sockeye_message message = {.bytes = runner->scratch,
                                      .length = length,
                                      .control = control.bytes,
                                      .control_length = sizeof control.bytes};

    memcpy(CMSG_DATA(&control.header), &rights, sizeof rights);
    return (int)sockeye_send_message(runner->lab, s->host, s->fd, &message, flags);
}

/* @return bytes that the lab took, or -errno */
static ssize_t send_on(struct guest_runner *runner, struct guest_socket *s, size_t length,
                       struct riders *riders)
{
    int flags = MSG_NOSIGNAL | (s->local->urgent == length && length > 0 ? MSG_OOB : 0);
    struct sockeye_caller caller = {riders->who.pid, riders->who.uid, riders->who.gid};
    uint64_t number = 0;
    ssize_t n;

    if (riders->has_who)
        sockeye_caller(runner->lab, s->host, &caller);
    if (riders->count > 0) {
        number = guest_rights_keep(runner, riders->fds, riders->count);
        for (unsigned i = 0; i < riders->count; i++)
            close(riders->fds[i]);
    }
    n = number == 0 ? sockeye_send(runner->lab, s->host, s->fd, runner->scratch, length, flags)
                    : send_riders(runner, s, length, flags, number, riders->count);
    if (n < 0 && number != 0)
        guest_rights_drop(runner, number);
    return n;
}

static void note_sent(struct guest_runner *runner, struct guest_socket *s, size_t length)
{
    struct guest_local *l = s->local;
    struct guest_socket *peer = guest_local_peer(runner, s);

    runner->statistics.bytes_sent += length;
    l->sent += length;
    if (l->urgent > 0 && length <= l->urgent) {
        l->urgent -= length;
        if (l->urgent == 0)
            l->urgent_end = l->sent;
    }
    if (peer == NULL)
        return;
    peer->local->unreceived = true;
    if (l->type == SOCK_DGRAM)
        guest_local_note_caller(peer, s->handle);
}

/* Forgets where it has peeked: it is to be seen again. */
static void look_back(const struct guest_socket *s)
{
    int from = (int)s->local->passed + (s->local->is_planted ? 1 : 0);

    setsockopt(guest_local_source(s), SOL_SOCKET, SO_PEEK_OFF, &from, sizeof from);
}

/* One piece. @return false: there is no more, or no room for it in the lab */
static bool take_one(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_local *l = s->local;
    bool is_stream = l->type == SOCK_STREAM;
    struct riders riders;
    ssize_t n, taken;

    if (!(poll_lab(runner, s) & (POLLOUT | POLLERR | POLLHUP)) && !l->is_gone)
        return false;
    n = peek(runner, s, is_stream && l->urgent > 0 ? l->urgent : GUEST_CHUNK, &riders);
    l->has_left |= n == -ECONNRESET; /* which is told once */
    l->unread = n >= 0 && !(n == 0 && (is_stream || !riders.has_who));
    if (!l->unread)
        return false;
    drive_stamp(runner->drive);
    taken = send_on(runner, s, (size_t)n, &riders);
    if (taken == -EAGAIN || taken == -ENOBUFS) {
        look_back(s);
        return false;
    }
    if (taken < 0) { /* nobody will want it; of a stream, it counts as what the peer left unread */
        l->passed += (size_t)n;
        if (l->type == SOCK_DGRAM && l->messages == 0)
            drop(runner, s, 1); /* nothing is before it */
        return true;
    }
    l->passed += (size_t)taken;
    if (taken < n)
        look_back(s);
    note_sent(runner, s, (size_t)taken);
    if (riders.count > 0) {
        size_t units = is_stream ? l->passed : l->messages + 1;

        l->ahead += units;
        l->messages = 0;
        drop(runner, s, units);
    } else {
        l->messages++;
    }
    return true;
}

/* @return true: it was cut short */
static bool take(struct guest_runner *runner, struct guest_socket *s)
{
    if (guest_local_source(s) < 0)
        s->local->unread = false;
    for (int i = 0; i < AT_ONCE && s->local->unread; i++)
        if (!take_one(runner, s))
            return false;
    return s->local->unread;
}

/* ---- settle ---- */

/* The peer has read so many units of what this one wrote. */
static void note_read(struct guest_runner *runner, struct guest_socket *s, size_t units)
{
    struct guest_local *l = s->local;
    size_t ahead = units < l->ahead ? units : l->ahead;

    l->ahead -= ahead;
    units -= ahead;
    l->messages -= units < l->messages ? units : l->messages;
    drop(runner, s, units);
    guest_wait_touch(runner, s);
}

/* What the program has read is received in the lab. */
static void receive(struct guest_runner *runner, struct guest_socket *s, size_t bytes,
                    size_t messages)
{
    uint8_t *to = runner->scratch;

    while (s->local->type == SOCK_STREAM ? bytes > 0 : messages > 0) {
        size_t size = s->local->type != SOCK_STREAM || bytes > GUEST_CHUNK ? GUEST_CHUNK : bytes;
        ssize_t n = sockeye_receive(runner->lab, s->host, s->fd, to, size, 0);

        if (n < 0 || (n == 0 && s->local->type == SOCK_STREAM))
            break;
        runner->statistics.bytes_received += (uint64_t)n;
        bytes -= (size_t)n < bytes ? (size_t)n : bytes;
        messages--;
    }
}

static int waiting(int end)
{
    int bytes = 0;

    return end < 0 || ioctl(end, SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
}

/* Was the holder closed, with what we put into it unread? Then it was thrown away, not read: the
 * kernel says so before it does it. */
static bool was_left(struct guest_socket *s)
{
    struct pollfd p = {.fd = s->bridge.end, .events = 0};

    s->local->has_left |= s->local->type != SOCK_DGRAM && s->bridge.end >= 0 &&
                          poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
    return s->local->has_left;
}

static void tell_writers(struct guest_runner *runner, struct guest_socket *s, size_t units)
{
    struct guest_socket *peer = guest_local_peer(runner, s);

    if (s->local->type != SOCK_DGRAM) {
        if (peer != NULL && peer->local->peer == s->handle)
            note_read(runner, peer, units);
        return;
    }
    while (units-- > 0) {
        struct guest_socket *from = guest_socket_of_handle(runner, guest_local_next_caller(s));

        if (from != NULL && from->local != NULL)
            note_read(runner, from, 1);
    }
}

static void settle(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_local *l = s->local;
    int left[2] = {l->charged[0] > 0 ? waiting(s->bridge.end) : 0,
                   l->charged[1] > 0 ? waiting(l->other) : 0};
    size_t bytes = 0, messages = 0;
    bool has_rights = false;

    if (was_left(s))
        return;
    while (l->count > 0) {
        struct guest_piece *g = guest_local_given(l, 0);

        if (l->charged[g->by_other] - g->charge < left[g->by_other])
            break;
        l->charged[g->by_other] -= g->charge;
        bytes += g->length;
        messages++;
        has_rights |= g->has_rights;
        l->first = (l->first + 1) % GUEST_PIECES;
        l->count--;
    }
    if (messages == 0)
        return;
    receive(runner, s, bytes, messages);
    if (has_rights)
        guest_rights_note_lost(runner, s->host);
    tell_writers(runner, s, l->type == SOCK_STREAM ? bytes : messages);
    guest_local_wake_blocked(runner, s->host);
}

/* ---- give ---- */

/* What the lab told with a piece. */
struct told {
    struct sockaddr_un name;
    uint32_t name_length;
    bool has_who;
    struct ucred who;
    struct sockeye_rights rights; /* of count 0: none */
};

static ssize_t peek_lab(struct guest_runner *runner, struct guest_socket *s, size_t size,
                        struct told *told)
{
    union {
        struct cmsghdr align;
        char bytes[GUEST_CONTROL];
    } control;
    struct sockeye_message message = {.bytes = runner->scratch,
                                      .length = size,
                                      .address = &told->name,
                                      .address_length = sizeof told->name,
                                      .control = control.bytes,
                                      .control_length = sizeof control.bytes};
    int from = 0;
    struct msghdr header = {.msg_control = control.bytes};
    ssize_t n;

    memset(told, 0, sizeof *told);
    if (!s->local->peeks)
        sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_PEEK_OFF, &from,
                           sizeof from);
    s->local->peeks = true;
    n = sockeye_receive_message(runner->lab, s->host, s->fd, &message, MSG_PEEK);
    if (n < 0)
        return n;
    told->name_length = message.address_length;
    header.msg_controllen = message.control_length;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&told->who, CMSG_DATA(c), sizeof told->who);
            told->has_who = true;
        } else if (c->cmsg_type == SOCKEYE_SCM_RIGHTS) {
            memcpy(&told->rights, CMSG_DATA(c), sizeof told->rights);
        }
    }
    return n;
}

/* Puts bytes into the holder, with the descriptors that ride on them. */
static ssize_t put(struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                   size_t length, const struct told *told, int flags)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(GUEST_RIGHTS * sizeof(int))];
    } control;
    int fds[GUEST_RIGHTS], count = 0, end = s->local->other >= 0 ? s->local->other : s->bridge.end;
    struct sockaddr_un address;
    struct iovec piece = {NULL, length};
    struct msghdr header = {.msg_iov = &piece, .msg_iovlen = 1};
    ssize_t n;

    memcpy(&piece.iov_base, &bytes, sizeof bytes); /* only read */
    if (told->rights.count > 0)
        count = guest_rights_take(runner, told->rights.number, fds);
    if (count > 0) {
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN((size_t)count * sizeof *fds);
        memcpy(CMSG_DATA(&control.header), fds, (size_t)count * sizeof *fds);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE((size_t)count * sizeof *fds);
    }
    if (s->local->type == SOCK_DGRAM && !s->local->is_pair) {
        header.msg_namelen = guest_holder_address(runner, s, &address);
        header.msg_name = &address;
    }
    n = sendmsg(end, &header, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
    for (int i = 0; i < count; i++)
        close(fds[i]);
    return n < 0 ? -errno : n;
}

static bool has_room(const struct guest_runner *runner, const struct guest_socket *s)
{
    const struct guest_local *l = s->local;

    if (l->type == SOCK_DGRAM && !l->is_pair && l->count >= MOST_MESSAGES)
        return false;
    return l->count < GUEST_PIECES - 1 && l->charged[l->other >= 0] < runner->end_size / 8;
}

static bool note_given(struct guest_runner *runner, struct guest_socket *s, size_t length,
                       const struct told *told)
{
    struct guest_local *l = s->local;
    struct guest_piece *g;

    if (l->given == NULL)
        l->given = calloc(GUEST_PIECES, sizeof *l->given);
    if (l->given == NULL)
        return false;
    g = guest_local_given(l, l->count++);
    g->length = (uint32_t)length;
    g->charge = guest_local_charge(runner, l->type, length);
    g->by_other = l->other >= 0;
    g->has_rights = told->rights.count > 0;
    g->has_who = told->has_who;
    g->who = told->who;
    g->name_length = told->name_length;
    g->name = told->name;
    l->charged[g->by_other] += g->charge;
    l->put += length;
    return true;
}

/* Where does the piece end: before or behind the peer's last urgent byte? */
static size_t step_of(const struct guest_runner *runner, const struct guest_socket *s, size_t size,
                      int *flags)
{
    const struct guest_socket *peer = guest_local_peer(runner, s);
    const struct guest_local *l = s->local;
    uint64_t end = peer == NULL ? l->urgent_end : peer->local->urgent_end;

    *flags = 0;
    if (l->type != SOCK_STREAM || end <= l->put)
        return size;
    if (end == l->put + 1) {
        *flags = MSG_OOB;
        return 1;
    }
    return end - 1 - l->put < size ? (size_t)(end - 1 - l->put) : size;
}

/* The lab is to give urgent bytes in their place: the holder knows what to make of them. */
static void take_in_line(struct guest_runner *runner, struct guest_socket *s)
{
    int on = 1;

    if (!s->local->in_line)
        sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    s->local->in_line = true;
}

/* @return false: there is no more for now */
static bool give_one(struct guest_runner *runner, struct guest_socket *s)
{
    bool is_stream = s->local->type == SOCK_STREAM;
    struct told told;
    int flags;
    size_t size = step_of(runner, s, is_stream ? PIECE : GUEST_DATAGRAM, &flags);
    ssize_t n;

    if (flags & MSG_OOB)
        take_in_line(runner, s);
    n = peek_lab(runner, s, size, &told);
    s->local->is_reset |= n == -ECONNRESET;
    s->local->unreceived = n >= 0 && !(n == 0 && s->local->type != SOCK_DGRAM &&
                                       (is_stream || (poll_lab(runner, s) & POLLRDHUP)));
    if (!s->local->unreceived)
        return false;
    if (put(runner, s, runner->scratch, (size_t)n, &told, flags) < 0)
        return false; /* who is gone is told of by his end */
    note_given(runner, s, (size_t)n, &told);
    return true;
}

/* Of a pair of datagram sockets: nobody is there any more whom it could send to. Nothing tells us
 * then of what it reads; for the lab it has read it. */
static void show_alone(struct guest_runner *runner, struct guest_socket *s)
{
    if (!s->local->is_alone || s->local->unreceived || s->bridge.end < 0)
        return;
    receive(runner, s, 0, s->local->count);
    guest_local_forget_given(s);
    guest_bridge_close(runner, s, false);
}

/* The peer shut its writing side, or is gone: the holder shows it behind the data. */
static void show_end(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_local *l = s->local;
    int events = l->type == SOCK_DGRAM || s->bridge.end < 0 ? 0 : poll_lab(runner, s);

    if (l->unreceived || s->bridge.end < 0)
        return;
    if (l->is_reset || (events & POLLERR) ||
        ((events & POLLHUP) && l->peer != 0 && guest_local_peer(runner, s) == NULL)) {
        guest_bridge_close(runner, s, false);
        guest_socket_set_phase(runner, s, GUEST_RESET);
        return;
    }
    if ((events & POLLRDHUP) && !l->eof_given) {
        l->eof_given = true;
        guest_local_shut_end(s, SHUT_WR);
    }
}

/* @return true: it was cut short */
static bool give(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; i < AT_ONCE; i++) {
        if (!s->local->unreceived || !has_room(runner, s))
            return false;
        if (!give_one(runner, s))
            return false;
    }
    return s->local->unreceived;
}

/* ---- turns ---- */

static bool has_hung_up(const struct guest_socket *s, bool *has_left)
{
    struct pollfd p = {.fd = s->bridge.end, .events = POLLIN};

    if (s->bridge.end < 0 || poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP))
        return false;
    *has_left |= (p.revents & POLLERR) != 0;
    return true;
}

/* Has the program closed the last copy of its holder? */
static bool has_gone(struct guest_socket *s, unsigned touched)
{
    struct guest_local *l = s->local;
    bool told = (touched & GUEST_HUNG_UP) && l->type != SOCK_DGRAM && l->end_shut != 3;

    if (l->is_gone)
        return true;
    if (told && has_hung_up(s, &l->has_left))
        l->is_gone = true;
    if (s->closing.is_closed &&
        (s->bridge.end < 0 || l->type == SOCK_DGRAM || l->end_shut == 3 || s->phase != GUEST_OPEN))
        l->is_gone = true;
    if (l->is_gone)
        l->unread = true;
    return l->is_gone;
}

/* What it wrote goes out; then the lab's socket is closed, over what it has not read. */
static enum guest_verdict finish(struct guest_runner *runner, struct guest_socket *s)
{
    if (!s->local->has_left && s->local->type != SOCK_DGRAM)
        settle(runner, s);
    if (take(runner, s))
        return GUEST_AGAIN;
    return s->local->unread ? GUEST_KEEP : GUEST_REMOVE;
}

enum guest_verdict guest_local_turn(struct guest_runner *runner, struct guest_socket *s,
                                    unsigned touched)
{
    struct guest_local *l = s->local;
    bool again;

    l->unread |= (touched & GUEST_BY_PROGRAM) != 0;
    l->unreceived |= (touched & GUEST_BY_LAB) != 0;
    if (has_gone(s, touched))
        return finish(runner, s);
    l->unreceived |= l->is_alone && s->bridge.end >= 0;
    if (s->phase != GUEST_OPEN)
        return GUEST_KEEP;
    again = take(runner, s);
    if (l->count > 0)
        settle(runner, s);
    again |= give(runner, s);
    show_end(runner, s);
    show_alone(runner, s);
    return again ? GUEST_AGAIN : GUEST_KEEP;
}
