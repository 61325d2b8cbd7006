/* SPDX-License-Identifier: MIT */
/*
 * TCP between a holder and its lab socket. A turn does all that can be done now, in the direction
 * that was touched, and in the other one if something was left there; it says what is to become of
 * the socket (turn.c does it).
 *
 *   holder -> lab  what the program wrote goes into the lab's send buffer as far as it takes it;
 *                  one chunk may wait in `out`; then nothing more is read, and the holder fills up
 *   lab -> holder  as much as there is room in the holder: the rest stays in the lab, so that the
 *                  receive window closes
 *   FIN            the program's: its shutdown() is trapped; its close: the data end hangs up. What
 *                  it wrote goes into the lab's send buffer, whatever its size, and the FIN behind
 *                  it. The peer's: our shutdown of the data end
 *   RST            the peer's: after the data before it, our end closes over its unread byte.
 *                  Ours: the program closed with data unread (the data end says ECONNRESET), or
 *                  SO_LINGER 0 (the lab knows that option)
 *
 * After a program's shutdown(), the end hangs up too when the peer's FIN was passed on; then only
 * the probe of its name tells a close from two shutdowns.
 */
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>

#include "guest/state.h"

static int poll_lab(const struct guest_runner *runner, const struct guest_socket *s)
{
    return sockeye_poll(runner->lab, s->host, s->fd);
}

/* The lab's socket ended with an error: the program sees a reset; SO_ERROR tells it exactly. */
void guest_stream_fail(struct guest_runner *runner, struct guest_socket *s, int error)
{
    bool told_end = s->stream.eof_given && !s->stream.shut_read;

    if (error != 0)
        guest_socket_set_error(s, error);
    /* From a TCP whose FIN came first a program reads what there is, and then the end; poll() says
     * ERR. AF_UNIX cannot say both: who has something to read is to find its end behind it. */
    s->stream.ends_quietly = told_end && !guest_bridge_is_empty(s);
    guest_bridge_close(runner, s, s->stream.ends_quietly);
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

/* ---- program to lab ---- */

static bool can_take(const struct guest_runner *runner, const struct guest_socket *s)
{
    return (poll_lab(runner, s) & (POLLOUT | POLLERR | POLLHUP)) != 0;
}

/* The program writes no more: its FIN is not to wait here behind a full send buffer of the lab. */
static bool is_last(const struct guest_socket *s)
{
    return s->stream.gone || s->stream.shut_write;
}

/* @return how much of `length` goes with the same flags: which a holder does not carry */
static size_t step_of(const struct guest_stream *stream, size_t length, int *flags)
{
    *flags = MSG_NOSIGNAL;
    if (stream->more > 0) {
        *flags |= MSG_MORE;
        length = length < stream->more ? length : stream->more;
    }
    if (stream->urgent == 1) {
        *flags |= MSG_OOB;
        return 1;
    }
    return stream->urgent > 0 && length >= stream->urgent ? stream->urgent - 1 : length;
}

static void pass_marks(struct guest_stream *stream, size_t length)
{
    stream->more -= length < stream->more ? length : stream->more;
    stream->urgent -= length < stream->urgent ? length : stream->urgent;
}

/* The lab takes what it can; asked before each call, for one that gets -EAGAIN would be traced, and
 * recorded. @return how much; after an error all of it, for nobody will want it */
static size_t send_to_lab(struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                          size_t length)
{
    size_t done = 0;

    while (done < length) {
        int flags;
        size_t step = step_of(&s->stream, length - done, &flags);
        ssize_t n;

        if (is_last(s))
            flags |= SOCKEYE_SEND_LAST;
        else if (!can_take(runner, s))
            return done;
        n = sockeye_send(runner->lab, s->host, s->fd, bytes + done, step, flags);
        if (n == -EAGAIN || n == 0 || (n == -ENOBUFS && is_last(s)))
            return done;
        if (n < 0) {
            if (n != -EPIPE)
                guest_socket_set_error(s, (int)-n);
            s->stream.send_failed = true;
            return length;
        }
        runner->statistics.bytes_sent += (uint64_t)n;
        pass_marks(&s->stream, (size_t)n);
        done += (size_t)n;
    }
    return done;
}

/* @return false: something still waits in `out` */
static bool send_out(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_buffer *out = &s->stream.out;

    if (out->length > 0) {
        size_t n = send_to_lab(runner, s, out->bytes + out->from, out->length);

        guest_buffer_drop(runner, out, n);
    }
    return out->length == 0;
}

static void send_new(struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                     size_t length)
{
    size_t n = s->stream.send_failed ? length : send_to_lab(runner, s, bytes, length);

    if (n < length)
        guest_buffer_add(runner, &s->stream.out, bytes + n, length - n);
}

static void send_fin(struct guest_runner *runner, struct guest_socket *s)
{
    if (!s->stream.shut_write || s->stream.fin_sent)
        return;
    s->stream.fin_sent = true;
    sockeye_shutdown(runner->lab, s->host, s->fd, SHUT_WR);
}

/* A fast writer may not hold up the lab's time; who writes no more cannot. @return true: the rest
 * has another turn */
static bool push(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; send_out(runner, s); i++) {
        const uint8_t *bytes;
        size_t n;

        if (!s->stream.unread) {
            send_fin(runner, s);
            return false;
        }
        if ((i >= GUEST_TURN_CHUNKS && !is_last(s)) || !guest_buffer_ready(runner))
            return true;
        n = guest_bridge_take(runner, s, &bytes, &s->stream.unread);
        if (s->stream.is_news)
            drive_stamp(runner->drive);
        s->stream.is_news = false;
        if (n > 0)
            send_new(runner, s, bytes, n);
    }
    return false;
}

/* `length` bytes went into the holder by a call with these flags. */
static void mark(struct guest_socket *s, int flags)
{
    size_t waiting = s->stream.out.length + (size_t)guest_bridge_untaken(s);

    s->stream.unread = true;
    if (flags & MSG_MORE)
        s->stream.more = waiting;
    if (flags & MSG_OOB)
        s->stream.urgent = waiting;
}

/* A trapped send. It goes to the lab if nothing stands before it; what the lab does not take, goes
 * into the holder as if the program had written it there: so the holder, by which poll() answers,
 * has room for this call exactly when it says so. @return how much was taken, or -errno */
ssize_t guest_stream_send(struct guest_runner *runner, struct guest_socket *s, int holder,
                          const uint8_t *bytes, size_t length, int flags)
{
    ssize_t n = 0, more;

    flags = (flags & ~SOCKEYE_SEND_LAST) | MSG_NOSIGNAL;
    if (s->phase != GUEST_OPEN ||
        (!s->stream.unread && s->stream.out.length == 0 && can_take(runner, s)))
        n = sockeye_send(runner->lab, s->host, s->fd, bytes, length, flags);
    if (n > 0)
        runner->statistics.bytes_sent += (uint64_t)n;
    if (s->phase != GUEST_OPEN || (n < 0 && n != -EAGAIN))
        return n;
    if (n < 0)
        n = 0;
    if ((size_t)n == length)
        return n;
    more = send(holder, bytes + n, length - (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (more < 0)
        return n > 0 ? n : -errno;
    mark(s, flags);
    return n + more;
}

/* ---- lab to program ---- */

/* Gives `length` bytes. Who closed its holder before they came has not read them: they stay in `in`
 * as a sign of it (has_gone). @return how much is done with */
static size_t give(struct guest_socket *s, const uint8_t *bytes, size_t length)
{
    size_t n = length;

    return guest_bridge_give(s, bytes, &n) == GUEST_UNWANTED && s->stream.shut_read ? length : n;
}

/* @return false: the holder has enough for now */
static bool give_in(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_buffer *in = &s->stream.in;

    if (in->length > 0)
        guest_buffer_drop(runner, in, give(s, in->bytes + in->from, in->length));
    return in->length == 0;
}

static void give_new(struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                     size_t length)
{
    size_t n = s->stream.shut_read ? length : give(s, bytes, length);

    if (n < length)
        guest_buffer_add(runner, &s->stream.in, bytes + n, length - n);
}

/* The holder knows what out of band means, and SO_OOBINLINE: the lab is to give every byte in its
 * place, also one whose mark has moved on before it was taken. */
static bool take_urgent(struct guest_runner *runner, struct guest_socket *s)
{
    int mark = 0, in_line = 1;
    uint8_t byte;

    if (!s->stream.is_urgent_in_line)
        sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_OOBINLINE, &in_line,
                           sizeof in_line);
    s->stream.is_urgent_in_line = true;
    if (sockeye_ioctl(runner->lab, s->host, s->fd, SIOCATMARK, &mark) < 0 || mark == 0 ||
        sockeye_receive(runner->lab, s->host, s->fd, &byte, 1, 0) != 1)
        return false;
    guest_bridge_give_urgent(s, byte);
    return true;
}

/* Receives at most `size`. @return false: the lab has no more for now, or ever: *error then says
 * with what the connection ended */
static bool receive(struct guest_runner *runner, struct guest_socket *s, size_t size, int *error)
{
    int events = poll_lab(runner, s);
    ssize_t n;

    if (!(events & (POLLIN | POLLPRI | POLLRDHUP | POLLERR | POLLHUP)))
        return false;
    if ((events & POLLPRI) && take_urgent(runner, s))
        return true;
    n = sockeye_receive(runner->lab, s->host, s->fd, runner->scratch, size, 0);
    if (n > 0) {
        runner->statistics.bytes_received += (uint64_t)n;
        give_new(runner, s, runner->scratch, (size_t)n);
        return true;
    }
    if (n < 0) {
        *error = n == -EAGAIN ? 0 : (int)-n;
    } else if (s->stream.send_failed) {
        *error = s->error != 0 ? s->error : ECONNRESET;
    } else {
        s->stream.eof_given = true;
        guest_bridge_give_end(s);
    }
    return false;
}

/* @return 0, or the error with which the connection ended; *again: it was cut short */
static int pull(struct guest_runner *runner, struct guest_socket *s, bool *again)
{
    int error = 0;

    while (s->stream.unreceived && !s->stream.eof_given) {
        size_t size = GUEST_CHUNK;

        if (!s->stream.shut_read &&
            (!give_in(runner, s) || (size = guest_bridge_room(runner, s)) == 0)) {
            guest_bridge_await_room(runner, s);
            return 0;
        }
        if (!guest_buffer_ready(runner)) {
            *again = true;
            return 0;
        }
        s->stream.unreceived = receive(runner, s, size, &error);
    }
    return error;
}

/* ---- turns ---- */

/* Has the program closed the last copy of its holder? */
static bool has_gone(struct guest_runner *runner, struct guest_socket *s, bool *unread)
{
    if (!guest_bridge_has_hung_up(s, unread))
        return false;
    *unread |= s->stream.in.length > 0;
    if (*unread)
        return true;
    if (s->stream.shut_write && (s->stream.eof_given || s->stream.shut_read)) {
        if (guest_holder_is_closed(runner, s))
            return true;
        guest_socket_doubt(runner, s);
        return false;
    }
    return true;
}

void guest_stream_note_gone(struct guest_socket *s)
{
    s->stream.gone = true;
}

/* The program is gone; what it wrote goes out, then the lab's socket is closed. */
static enum guest_verdict finish(struct guest_runner *runner, struct guest_socket *s)
{
    if (push(runner, s) && !s->stream.send_failed)
        return GUEST_AGAIN;
    return s->stream.out.length == 0 || s->stream.send_failed ? GUEST_REMOVE : GUEST_KEEP;
}

static enum guest_verdict open_turn(struct guest_runner *runner, struct guest_socket *s,
                                    unsigned touched)
{
    bool unread = false, again;
    int error;

    if ((touched & GUEST_HUNG_UP) && !s->stream.gone && has_gone(runner, s, &unread))
        s->stream.gone = true;
    if (unread)
        return GUEST_ABORT;
    if (s->stream.gone)
        return finish(runner, s);
    again = push(runner, s);
    error = pull(runner, s, &again);
    if (error == 0 && s->stream.eof_given) { /* nothing is read any more, so nothing tells us */
        if (poll_lab(runner, s) & POLLERR)
            error = pending_error(runner, s);
        else if (s->stream.send_failed)
            error = EPIPE;
    }
    if (error != 0) {
        guest_stream_fail(runner, s, error);
        return GUEST_KEEP;
    }
    return again ? GUEST_AGAIN : GUEST_KEEP;
}

static enum guest_verdict connecting_turn(struct guest_runner *runner, struct guest_socket *s,
                                          unsigned touched)
{
    int events = poll_lab(runner, s);
    bool unread = false;

    if ((touched & GUEST_HUNG_UP) && has_gone(runner, s, &unread))
        return GUEST_REMOVE;
    if (events & (POLLERR | POLLHUP)) {
        guest_stream_fail(runner, s, 0); /* the lab keeps the error for SO_ERROR or connect() */
        return GUEST_KEEP;
    }
    if (!(events & POLLOUT))
        return GUEST_KEEP;
    if (guest_holder_establish(runner, s) < 0)
        return GUEST_ABORT;
    guest_socket_set_phase(runner, s, GUEST_OPEN);
    s->stream.unread = s->stream.unreceived = true;
    return open_turn(runner, s, touched);
}

enum guest_verdict guest_stream_turn(struct guest_runner *runner, struct guest_socket *s,
                                     unsigned touched)
{
    s->stream.is_news = (touched & GUEST_BY_PROGRAM) != 0;
    s->stream.unread |= s->stream.is_news;
    s->stream.unreceived |= (touched & GUEST_BY_LAB) != 0;
    if (s->phase == GUEST_CONNECTING)
        return connecting_turn(runner, s, touched);
    if (s->phase == GUEST_OPEN)
        return open_turn(runner, s, touched);
    return GUEST_KEEP;
}

/* The program shut its holder; the FIN goes out behind what it wrote. */
void guest_stream_note_shutdown(struct guest_socket *s, int how)
{
    s->stream.shut_read |= how != SHUT_WR;
    s->stream.shut_write |= how != SHUT_RD;
}

/* Options were set that live in the holder: what is accepted from it has them too. */
void guest_stream_note_options(struct guest_socket *s)
{
    s->stream.has_native_options = true;
}

void guest_stream_inherit(const struct guest_socket *listener, struct guest_socket *s)
{
    s->stream.has_native_options = listener->stream.has_native_options;
}

/* Its holder is a new one, with the options of the old one. */
void guest_stream_renew(struct guest_runner *runner, struct guest_socket *s)
{
    bool has_native_options = s->stream.has_native_options;

    guest_stream_done(runner, s);
    s->stream = (struct guest_stream){.has_native_options = has_native_options};
}

void guest_stream_done(struct guest_runner *runner, struct guest_socket *s)
{
    guest_buffer_done(runner, &s->stream.out);
    guest_buffer_done(runner, &s->stream.in);
}
