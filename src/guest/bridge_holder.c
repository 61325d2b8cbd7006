/* SPDX-License-Identifier: MIT */
/*
 * Bytes through a holder: what the program reads and writes natively, we write and read at the data
 * end. The end is watched edge-triggered, for it always holds an unread byte (holder.c).
 *
 * No question is asked whose answer is known. Small writes are peeked at: the peek shows the newest
 * byte, which must stay, so no question for the length comes before it nor after it; a program
 * that wrote much is asked how much at once. When it has read is told only to who waits for room.
 * The true size that waits unread in the holder is counted up with what we give, and asked for only
 * when so much could be the limit. True size is what SIOCOUTQ counts and SO_SNDBUF limits; it
 * shrinks when a whole piece was read, so pieces are small.
 */
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/state.h"

enum {
    GLANCE = 2048, /* bytes peeked at: more than most programs write at a time */
    /* SO_SNDBUF; what an ordinary user may ask for, and the kernel doubles it */
    END_BUFFER = 212992,
    PIECES = GUEST_CHUNK / GUEST_PIECE,
    PAD =
        GUEST_MESSAGE_BUFFER / 2 + 233, /* with more than a quarter of SO_SNDBUF there is no OUT */
    /* true size: of the kernel's own structs for a piece, and the most for a datagram */
    PIECE_OVERHEAD = 1536,
    PIECE_CHARGE = GUEST_PIECE + PIECE_OVERHEAD
};

static int waiting(const struct guest_socket *s)
{
    int bytes = 0;

    return ioctl(s->bridge.end, SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
}

/* True size that may wait in a holder: a quarter of an end's send buffer. */
static int room_of(const struct guest_runner *runner)
{
    return runner->end_size / 4;
}

/* ---- the end ---- */

static int watch(struct guest_runner *runner, const struct guest_socket *s)
{
    return drive_watch(runner->drive, runner->user, s->bridge.end, EPOLLIN | EPOLLRDHUP | EPOLLET,
                       GUEST_IS_SOCKET, s->handle);
}

void guest_bridge_init(struct guest_socket *s)
{
    s->bridge.end = -1;
}

int guest_bridge_open(struct guest_runner *runner, struct guest_socket *s, int end, bool stale)
{
    int size = END_BUFFER;
    socklen_t length = sizeof runner->end_size;

    s->bridge = (struct guest_bridge){.end = end, .stale = stale};
    setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (runner->end_size == 0)
        getsockopt(end, SOL_SOCKET, SO_SNDBUF, &runner->end_size, &length);
    return watch(runner, s);
}

int guest_bridge_drop(struct guest_runner *runner, struct guest_socket *s, size_t length,
                      bool stale)
{
    s->bridge.stale = stale;
    while (length > stale) {
        size_t left = length - stale;
        ssize_t n = recv(s->bridge.end, runner->scratch, left < GUEST_CHUNK ? left : GUEST_CHUNK,
                         MSG_DONTWAIT);

        if (n <= 0)
            return n < 0 ? -errno : -EPIPE; /* the program closed it */
        length -= (size_t)n;
    }
    return 0;
}

void guest_bridge_close(struct guest_runner *runner, struct guest_socket *s, bool at_end)
{
    if (s->bridge.end < 0)
        return;
    while (at_end && recv(s->bridge.end, runner->scratch, GUEST_CHUNK, MSG_DONTWAIT) > 0)
        continue;
    close(s->bridge.end);
    s->bridge.end = -1;
}

/* ---- from the program ---- */

/* Takes `length` bytes out, of which the last is the new stale one; it is seen, and stays. */
static size_t take_seen(struct guest_runner *runner, struct guest_socket *s, size_t length)
{
    size_t old = s->bridge.stale, away = s->holder.small ? length : length - 1;

    if (away > 0 && recv(s->bridge.end, runner->scratch, away, MSG_DONTWAIT) != (ssize_t)away)
        return 0;
    s->bridge.stale = !s->holder.small;
    return length - old;
}

size_t guest_bridge_take(struct guest_runner *runner, struct guest_socket *s, const uint8_t **bytes,
                         bool *more)
{
    size_t old = s->bridge.stale, want;
    int available = 0, end = s->bridge.end;
    ssize_t n;

    *more = false;
    *bytes = runner->scratch + old;
    if (!s->bridge.is_bulk) {
        n = recv(end, runner->scratch, GLANCE, MSG_DONTWAIT | MSG_PEEK);
        if (n <= (ssize_t)old)
            return 0;
        if (n < GLANCE)
            return take_seen(runner, s, (size_t)n);
    }
    s->bridge.is_bulk = ioctl(end, SIOCINQ, &available) == 0 && available >= GLANCE;
    if (available <= (int)old)
        return 0;
    *more = true;
    want = available < GUEST_CHUNK ? (size_t)available : GUEST_CHUNK;
    if (!s->holder.small)
        want--;
    n = recv(end, runner->scratch, want, MSG_DONTWAIT);
    if (n <= 0)
        return 0;
    s->bridge.stale =
        !s->holder.small && recv(end, runner->scratch + n, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    return (size_t)n + s->bridge.stale - old;
}

int guest_bridge_untaken(const struct guest_socket *s)
{
    int bytes = 0, stale = s->bridge.stale;

    if (s->bridge.end < 0 || ioctl(s->bridge.end, SIOCINQ, &bytes) < 0 || bytes < stale)
        return 0;
    return bytes - stale;
}

bool guest_bridge_has_hung_up(const struct guest_socket *s, bool *unread)
{
    struct pollfd p = {.fd = s->bridge.end, .events = POLLIN};

    if (poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP))
        return false;
    *unread = (p.revents & POLLERR) != 0;
    return true;
}

/* ---- to the program ---- */

bool guest_bridge_is_empty(struct guest_socket *s)
{
    if (s->bridge.charged > 0)
        s->bridge.charged = waiting(s);
    return s->bridge.charged == 0;
}

/* Could another piece be too many? */
static bool is_short_of_room(const struct guest_runner *runner, struct guest_socket *s)
{
    int most = room_of(runner) - 2 * GUEST_PIECE;

    if (s->bridge.charged >= most)
        s->bridge.charged = waiting(s);
    return s->bridge.charged >= most;
}

bool guest_bridge_is_full(const struct guest_runner *runner, struct guest_socket *s)
{
    return is_short_of_room(runner, s);
}

size_t guest_bridge_room(const struct guest_runner *runner, struct guest_socket *s)
{
    int left;
    size_t room;

    if (is_short_of_room(runner, s))
        return 0;
    left = room_of(runner) - 2 * GUEST_PIECE - s->bridge.charged;
    room = (size_t)((left + PIECE_CHARGE - 1) / PIECE_CHARGE) * GUEST_PIECE;
    return room < GUEST_CHUNK ? room : GUEST_CHUNK;
}

/* Each piece is a message of its own, else the kernel would make large ones. */
static int send_pieces(const struct guest_socket *s, const uint8_t *bytes, size_t length)
{
    struct mmsghdr messages[PIECES];
    struct iovec pieces[PIECES];
    unsigned count = 0;

    memset(messages, 0, sizeof messages);
    for (size_t at = 0; at < length && count < PIECES; count++) {
        size_t left = length - at;

        memcpy(&pieces[count].iov_base, &(const uint8_t *){bytes + at}, sizeof(void *));
        pieces[count].iov_len = left < GUEST_PIECE ? left : GUEST_PIECE;
        messages[count].msg_hdr.msg_iov = &pieces[count];
        messages[count].msg_hdr.msg_iovlen = 1;
        at += pieces[count].iov_len;
    }
    return sendmmsg(s->bridge.end, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* One message; who has read all before it has woken up for more than a piece. */
static ssize_t send_some(struct guest_socket *s, const uint8_t *bytes, size_t length)
{
    int n;

    if (length <= GUEST_PIECE || guest_bridge_is_empty(s))
        return send(s->bridge.end, bytes, length < GUEST_LARGE ? length : GUEST_LARGE,
                    MSG_DONTWAIT | MSG_NOSIGNAL);
    n = send_pieces(s, bytes, length);
    if (n <= 0)
        return n;
    return (size_t)n * GUEST_PIECE < length ? n * GUEST_PIECE : (ssize_t)length;
}

enum guest_given guest_bridge_give(struct guest_socket *s, const uint8_t *bytes, size_t *length)
{
    size_t wanted = *length, given = 0;

    while (given < wanted) {
        ssize_t n = send_some(s, bytes + given, wanted - given);

        if (n <= 0)
            break;
        given += (size_t)n;
        s->bridge.charged +=
            (int)((size_t)n + ((size_t)n + GUEST_PIECE - 1) / GUEST_PIECE * PIECE_OVERHEAD);
    }
    *length = given;
    if (given == wanted)
        return GUEST_GIVEN;
    return errno == EAGAIN ? GUEST_FULL : GUEST_UNWANTED;
}

void guest_bridge_await_room(struct guest_runner *runner, struct guest_socket *s)
{
    if (s->bridge.tells_room)
        return;
    s->bridge.tells_room =
        drive_rewatch(runner->drive, runner->user, s->bridge.end,
                      EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, GUEST_IS_SOCKET, s->handle) == 0;
}

void guest_bridge_give_urgent(struct guest_socket *s, uint8_t byte)
{
    send(s->bridge.end, &byte, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
    s->bridge.charged += PIECE_OVERHEAD;
}

void guest_bridge_give_end(struct guest_socket *s)
{
    shutdown(s->bridge.end, SHUT_WR);
}

/* ---- datagrams ---- */

bool guest_bridge_pad(const struct guest_runner *runner, int holder)
{
    static uint8_t pad[PAD];

    memcpy(pad, &runner->key, sizeof runner->key);
    return send(holder, pad, sizeof pad, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof pad;
}

bool guest_bridge_is_pad(const struct guest_runner *runner, size_t length)
{
    return length == PAD && memcmp(runner->scratch, &runner->key, sizeof runner->key) == 0;
}

ssize_t guest_bridge_take_datagram(struct guest_runner *runner, struct guest_socket *s)
{
    ssize_t n = recv(s->bridge.end, runner->scratch, GUEST_DATAGRAM, MSG_DONTWAIT);
    return n < 0 ? -errno : n;
}

bool guest_bridge_fits(const struct guest_runner *runner, struct guest_socket *s, bool alone)
{
    if (alone)
        return guest_bridge_is_empty(s);
    if (s->bridge.charged >= room_of(runner))
        s->bridge.charged = waiting(s);
    return s->bridge.charged < room_of(runner);
}

bool guest_bridge_give_datagram(struct guest_socket *s, const uint8_t *bytes, size_t length)
{
    if (send(s->bridge.end, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return false;
    s->bridge.charged += (int)(2 * length + PIECE_OVERHEAD); /* rounded up to a power of two */
    return true;
}
