/* SPDX-License-Identifier: MIT */
/*
 * TCP between a holder and its lab socket. A turn does all that can be done now, in both
 * directions, and is called whenever either side was touched; it is idempotent, so a spurious call
 * costs only time. The data end is watched edge-triggered, for it always holds an unread byte
 * (guest_holder).
 *
 *   holder -> lab  what the program wrote goes into the lab's send buffer as far as it takes it;
 * one chunk may wait in `out`; then nothing more is read, and the holder fills up lab -> holder  by
 * pieces, as long as the holder has less than `room` of true size unread: the rest stays in the
 * lab, so that the receive window closes FIN            the program's: its shutdown() is trapped,
 * sent when `out` is empty; its close: the data end hangs up. The peer's: our shutdown of the data
 * end RST            the peer's: after the data before it, our end closes over its unread byte.
 * Ours: the program closed with data unread (the data end says ECONNRESET), or SO_LINGER 0 (the lab
 * knows that option)
 *
 * After a program's shutdown(), the end hangs up too when the peer's FIN was passed on; then only
 * the probe of its path tells a close from two shutdowns.
 */
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest/state.h"

int guest_buffer_add(struct guest_buffer *b, const void *bytes, size_t length)
{
    if (b->from > 0) {
        memmove(b->bytes, b->bytes + b->from, b->length);
        b->from = 0;
    }
    if (b->length + length > b->size) {
        size_t size = b->length + length < 4096 ? 4096 : b->length + length;
        uint8_t *more = realloc(b->bytes, size);

        if (more == NULL)
            return -ENOBUFS;
        b->bytes = more;
        b->size = size;
    }
    if (length > 0)
        memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    return 0;
}

void guest_buffer_drop(struct guest_buffer *b, size_t length)
{
    b->from += length;
    b->length -= length;
    if (b->length == 0)
        guest_buffer_done(b);
}

void guest_buffer_done(struct guest_buffer *b)
{
    free(b->bytes);
    memset(b, 0, sizeof *b);
}

/* The lab's socket ended with an error: the program sees a reset; SO_ERROR tells it exactly. */
void guest_stream_fail(struct guest_runner *runner, struct guest_socket *s, int error)
{
    if (error != 0)
        s->error = error;
    if (s->eof_given &&
        !s->shut_read) /* the program reads EOF, not a reset, as from a TCP whose FIN came first */
        while (recv(s->end, runner->scratch, GUEST_CHUNK, MSG_DONTWAIT) > 0)
            continue;
    if (s->end >= 0)
        close(s->end);
    s->end = -1;
    guest_socket_set_phase(runner, s, s->phase == GUEST_CONNECTING ? GUEST_FAILED : GUEST_RESET);
}

static int pending_error(struct guest_runner *runner, struct guest_socket *s)
{
    int error = 0;
    uint32_t length = sizeof error;

    if (sockeye_get_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return 0;
    return error;
}

/* Reads what the program wrote since, keeping the newest byte in the queue as the stale one. The
 * new bytes are the last n in scratch[0 .. 1 + n). @return n */
static size_t read_end(struct guest_runner *runner, struct guest_socket *s, const uint8_t **bytes)
{
    uint8_t *to = runner->scratch;
    size_t old = s->stale, want;
    int available = 0;
    ssize_t n = 0;

    if (ioctl(s->end, SIOCINQ, &available) < 0 || (size_t)available <= old)
        return 0;
    want = available < GUEST_CHUNK ? (size_t)available : GUEST_CHUNK;
    if (!s->small)
        want--;
    if (want > 0 && (n = recv(s->end, to, want, MSG_DONTWAIT)) <= 0)
        return 0;
    s->stale = !s->small && recv(s->end, to + n, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    *bytes = to + old;
    return (size_t)n + s->stale - old;
}

/* Asked before each call of the lab: a call that gets -EAGAIN would be traced, and recorded. */
static bool is_ready(const struct guest_runner *runner, const struct guest_socket *s, int events)
{
    return (sockeye_poll(runner->lab, s->host, s->fd) & (events | POLLERR | POLLHUP)) != 0;
}

/* @return false: the lab takes no more for now */
static bool send_out(struct guest_runner *runner, struct guest_socket *s)
{
    while (s->out.length > 0) {
        ssize_t n;

        if (!is_ready(runner, s, POLLOUT))
            return false;
        n = sockeye_send(runner->lab, s->host, s->fd, s->out.bytes + s->out.from, s->out.length,
                         MSG_NOSIGNAL | s->out_flags);

        if (n == -EAGAIN || n == 0)
            return false;
        if (n < 0) {
            if (n != -EPIPE)
                s->error = (int)-n;
            s->send_failed = true;
            guest_buffer_done(&s->out);
            return true;
        }
        runner->statistics.bytes_sent += (uint64_t)n;
        guest_buffer_drop(&s->out, (size_t)n);
    }
    s->out_flags = 0;
    return true;
}

static void send_fin(struct guest_runner *runner, struct guest_socket *s)
{
    if (!s->shut_write || s->fin_sent || s->out.length > 0)
        return;
    s->fin_sent = true;
    sockeye_shutdown(runner->lab, s->host, s->fd, SHUT_WR);
}

/* Program to lab. A fast writer may not hold up the lab's time: the rest has another turn. */
static void push(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; send_out(runner, s); i++) {
        const uint8_t *bytes;
        size_t n;

        if (i >= GUEST_TURN_CHUNKS && guest_socket_turn_again(runner, s))
            return;
        n = read_end(runner, s, &bytes);
        if (n == 0) {
            send_fin(runner, s);
            return;
        }
        if (!s->send_failed)
            guest_buffer_add(&s->out, bytes, n);
    }
}

/* @return false: the holder has enough for now */
static bool put_in(struct guest_socket *s)
{
    while (s->in.length > 0) {
        ssize_t n =
            send(s->end, s->in.bytes + s->in.from, s->in.length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return false;
        guest_buffer_drop(&s->in, n > 0 ? (size_t)n : s->in.length); /* EPIPE: shut for reading */
    }
    return guest_holder_waiting(s->end) < s->room - 2 * GUEST_PIECE;
}

static bool take_urgent(struct guest_runner *runner, struct guest_socket *s)
{
    int mark = 0;
    uint8_t byte;

    if (!(sockeye_poll(runner->lab, s->host, s->fd) & POLLPRI) ||
        sockeye_ioctl(runner->lab, s->host, s->fd, SIOCATMARK, &mark) < 0 || mark == 0 ||
        sockeye_receive(runner->lab, s->host, s->fd, &byte, 1, MSG_OOB) != 1)
        return false;
    send(s->end, &byte, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
    return true;
}

/* Lab to program. @return 0, or the error with which the connection ended */
static int pull(struct guest_runner *runner, struct guest_socket *s)
{
    while (!s->eof_given && (put_in(s) || s->shut_read) &&
           is_ready(runner, s, POLLIN | POLLPRI | POLLRDHUP)) {
        uint8_t piece[GUEST_PIECE];
        ssize_t n;

        if (take_urgent(runner, s))
            continue;
        n = sockeye_receive(runner->lab, s->host, s->fd, piece, sizeof piece, 0);
        if (n == -EAGAIN)
            return 0;
        if (n < 0)
            return (int)-n;
        if (n == 0 && s->send_failed)
            return s->error != 0 ? s->error : ECONNRESET;
        if (n == 0) {
            s->eof_given = true;
            shutdown(s->end, SHUT_WR);
            return 0;
        }
        runner->statistics.bytes_received += (uint64_t)n;
        if (!s->shut_read)
            guest_buffer_add(&s->in, piece, (size_t)n);
    }
    return 0;
}

/* Has the program closed the last copy of its holder? */
static bool has_gone(struct guest_runner *runner, struct guest_socket *s, bool *unread)
{
    struct pollfd p = {.fd = s->end, .events = POLLIN};

    if (poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP))
        return false;
    *unread = (p.revents & POLLERR) != 0 || s->in.length > 0;
    if (*unread)
        return true;
    if (s->shut_write && (s->eof_given || s->shut_read))
        return guest_socket_is_closed(runner, s);
    return true;
}

/* The program is gone; what it wrote goes out, then the lab's socket is closed. */
static void finish(struct guest_runner *runner, struct guest_socket *s)
{
    push(runner, s);
    if (s->unfinished && !s->send_failed)
        return;
    if (s->out.length == 0 || s->send_failed)
        guest_socket_remove(runner, s);
}

static void open_turn(struct guest_runner *runner, struct guest_socket *s)
{
    bool unread = false;
    int error;

    if (!s->gone && has_gone(runner, s, &unread))
        s->gone = true;
    if (unread) {
        guest_socket_abort(runner, s);
        return;
    }
    if (s->gone) {
        finish(runner, s);
        return;
    }
    push(runner, s);
    error = pull(runner, s);
    if (error == 0 && s->eof_given) { /* nothing is read any more, so nothing tells us */
        if (sockeye_poll(runner->lab, s->host, s->fd) & POLLERR)
            error = pending_error(runner, s);
        else if (s->send_failed)
            error = EPIPE;
    }
    if (error != 0)
        guest_stream_fail(runner, s, error);
}

static void connecting_turn(struct guest_runner *runner, struct guest_socket *s)
{
    int events = sockeye_poll(runner->lab, s->host, s->fd);
    bool unread = false;

    if (has_gone(runner, s, &unread)) {
        guest_socket_remove(runner, s);
    } else if (events & (POLLERR | POLLHUP)) {
        guest_stream_fail(runner, s, 0); /* the lab keeps the error for SO_ERROR or connect() */
    } else if (events & POLLOUT) {
        if (guest_holder_establish(runner, s) < 0) {
            guest_socket_abort(runner, s);
            return;
        }
        guest_socket_set_phase(runner, s, GUEST_OPEN);
        open_turn(runner, s);
    }
}

void guest_stream_turn(struct guest_runner *runner, struct guest_socket *s)
{
    if (s->phase == GUEST_CONNECTING)
        connecting_turn(runner, s);
    else
        open_turn(runner, s);
}
