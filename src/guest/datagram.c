/* SPDX-License-Identifier: MIT */
/*
 * Sockets that keep boundaries (kind.c says which) between a holder, one end of a pair of
 * SOCK_DGRAM, and its lab socket.
 *
 *   holder -> lab  datagrams that a connected program wrote natively; one waits in `out` when the
 *                  lab has no room, and then the holder fills up. Trapped sends go to the lab
 *                  directly; when it has no room for one, the holder gets pads, which are no
 *                  datagrams of the program, until the lab has: so poll() tells the truth
 *   lab -> holder  so that poll() and native reads see them. The source address and the control
 *                  messages of a datagram in the holder are kept here, for trapped receive calls:
 *                  so the holder never has datagrams of two sources, nor two with control messages;
 *                  the next one waits in `in` until the holder is empty
 *
 * An ICMP error becomes the socket's: SO_ERROR and trapped calls tell it; poll() says ERR, and a
 * native call ECONNRESET (holder.c), whichever comes first, once. With IP_RECVERR the lab keeps
 * them one by one besides; who reads one with MSG_ERRQUEUE has been told of it, and poll() says ERR
 * while there is another.
 */
#include <poll.h>
#include <string.h>

#include "guest/ring.h"
#include "guest/state.h"

enum {
    AT_ONCE = 256,            /* datagrams of a turn, each way */
    RAISE_LATEST = 1000000000 /* ns: an error is put off no longer */
};

/* Asked before each call of the lab: a call that gets -EAGAIN would be traced, and recorded. An
 * error is no matter here: it was taken when the turn began. */
static bool is_ready(const struct guest_runner *runner, const struct guest_socket *s, int events)
{
    return (sockeye_poll(runner->lab, s->host, s->fd) & (events | POLLHUP)) != 0;
}

/* An error that the holder is to show. */
static void note(struct guest_socket *s, int error)
{
    guest_socket_set_error(s, error);
    s->datagram->is_to_raise = true;
}

/* @return false: the lab has no room */
static bool send_one(struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                     size_t length)
{
    ssize_t n;

    if (!is_ready(runner, s, POLLOUT))
        return false;
    n = sockeye_send(runner->lab, s->host, s->fd, bytes, length,
                     s->kind->way == GUEST_WAY_RECORD ? MSG_EOR : MSG_NOSIGNAL);
    if (n == -EAGAIN)
        return false;
    if (n == -EDESTADDRREQ) /* it went nowhere: the program may not think that all is well */
        note(s, EDESTADDRREQ);
    else if (n < 0) /* the datagram is lost, as Linux's would not have been sent */
        guest_socket_set_error(s, (int)-n);
    else
        runner->statistics.bytes_sent += (uint64_t)n;
    return true;
}

static void send_out(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_datagram *d = s->datagram;

    if (!d->out_full || !send_one(runner, s, d->out.bytes + d->out.from, d->out.length))
        return;
    guest_buffer_done(runner, &d->out);
    d->out_full = false;
}

/* What has no bytes is, of a dialogue that has hung up, no record but the end. */
static ssize_t take(struct guest_runner *runner, struct guest_socket *s)
{
    ssize_t n = guest_bridge_take_datagram(runner, s);
    bool unread;

    if (n == 0 && s->kind->way == GUEST_WAY_RECORD && guest_bridge_has_hung_up(s, &unread))
        return -EPIPE;
    return n;
}

/* @return true: it was cut short. The end is watched for edges: nobody would tell of the rest */
static bool push(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_datagram *d = s->datagram;

    send_out(runner, s);
    if (d->is_padded && !s->closing.is_closed && !is_ready(runner, s, POLLOUT))
        return false;
    for (int i = 0; i < AT_ONCE && !d->out_full && d->unread && guest_buffer_ready(runner); i++) {
        ssize_t n = take(runner, s);

        d->unread = n >= 0;
        drive_stamp(runner->drive);
        if (n < 0 || guest_bridge_is_pad(runner, (size_t)n))
            continue;
        d->is_written = true;
        if (send_one(runner, s, runner->scratch, (size_t)n))
            continue;
        guest_buffer_add(runner, &d->out, runner->scratch, (size_t)n);
        d->out_full = true;
    }
    d->is_padded &= d->unread;
    return d->unread && !d->out_full;
}

/* A trapped call has sent, or found the lab full: poll() says by the holder whether there is room.
 */
void guest_datagram_note_sent(struct guest_runner *runner, struct guest_socket *s, int holder)
{
    struct guest_datagram *d = s->datagram;

    if (!d->is_padded && !is_ready(runner, s, POLLOUT) && guest_bridge_pad(runner, holder))
        d->is_padded = d->unread = true;
}

/* Has an ICMP error come? Asked before anything is sent, which would take it. Where the lab has
 * more to tell than one number, there is a queue of them: poll() says so until it is read. */
static void note_error(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_datagram *d = s->datagram;
    int error = 0;
    uint32_t length = sizeof error;

    if (!(sockeye_poll(runner->lab, s->host, s->fd) & POLLERR) || (d->is_queued && d->is_raised))
        return;
    if (sockeye_get_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return;
    d->is_queued = (sockeye_poll(runner->lab, s->host, s->fd) & POLLERR) != 0;
    if (d->is_queued && !d->is_to_raise)
        d->raise_by = drive_wall() + RAISE_LATEST;
    d->is_to_raise |= d->is_queued;
    if (error != 0)
        note(s, error);
}

/* Who reads errors one by one and sends by native calls would have ECONNRESET from the next of
 * these, where Linux says what traceroute, for one, expects: so the error is shown when it waits
 * for something, as it does before it reads errors. It is looked at from time to time, not in the
 * turn of a call that we have just taken. */
static bool is_early(const struct guest_socket *s, unsigned touched)
{
    const struct guest_datagram *d = s->datagram;

    return d->is_written && d->is_queued && s->last_user.thread != 0 &&
           drive_wall() < d->raise_by &&
           !(touched & GUEST_LOOKED_AT && guest_signal_waits(s->last_user.thread));
}

/* Once all that the program wrote was taken. @return true: it was put off */
static bool show_error(struct guest_runner *runner, struct guest_socket *s, unsigned touched)
{
    struct guest_datagram *d = s->datagram;

    if (!d->is_to_raise || d->unread)
        return false;
    if (is_early(s, touched))
        return true;
    d->is_to_raise = false;
    if ((s->error != 0 && s->kind->way != GUEST_WAY_RECORD) || d->is_queued)
        d->is_raised = guest_holder_raise(runner, s);
    return false;
}

/* `native` is what the holder had. @return positive, or 0: none, or a native call has told it */
int guest_datagram_take_error(struct guest_socket *s, int native)
{
    int error = guest_socket_take_error(s);

    if (s->datagram->is_raised && native == 0)
        error = 0;
    s->datagram->is_raised = false;
    return error;
}

/* One was read with MSG_ERRQUEUE: what the lab says now is all there is. */
void guest_datagram_note_told(struct guest_socket *s, int holder)
{
    int native = 0;
    socklen_t length = sizeof native;

    getsockopt(holder, SOL_SOCKET, SO_ERROR, &native, &length);
    (void)guest_socket_take_error(s);
    s->datagram->is_to_raise = s->datagram->is_raised = s->datagram->is_queued = false;
}

/* May the next datagram stand behind those in the holder, of which only one source is kept? */
static bool is_fit(const struct guest_runner *runner, struct guest_socket *s)
{
    const struct guest_datagram *d = s->datagram;
    bool is_alike = d->next.control_length == 0 && d->head.control_length == 0 &&
                    d->next.source_length == d->head.source_length &&
                    memcmp(&d->next.source, &d->head.source, d->next.source_length) == 0;

    return guest_bridge_fits(runner, s, !is_alike);
}

static bool give(const struct guest_runner *runner, struct guest_socket *s, const uint8_t *bytes,
                 size_t length)
{
    struct guest_datagram *d = s->datagram;

    if (!is_fit(runner, s) || !guest_bridge_give_datagram(s, bytes, length))
        return false;
    memcpy(&d->head.source, &d->next.source, sizeof d->head.source);
    d->head.source_length = d->next.source_length;
    memcpy(d->head.control, d->next.control, d->next.control_length);
    d->head.control_length = d->next.control_length;
    return true;
}

/* @return false: it must wait */
static bool give_in(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_datagram *d = s->datagram;

    if (!d->in_full)
        return true;
    if (!give(runner, s, d->in.bytes + d->in.from, d->in.length))
        return false;
    guest_buffer_done(runner, &d->in);
    d->in_full = false;
    return true;
}

/* @return false: there is none */
static bool receive_one(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_datagram *d = s->datagram;
    struct sockeye_message m = {.bytes = runner->scratch,
                                .length = GUEST_DATAGRAM,
                                .address = &d->next.source,
                                .address_length = sizeof d->next.source,
                                .control = d->next.control,
                                .control_length = sizeof d->next.control};
    ssize_t n;

    if (!is_ready(runner, s, POLLIN))
        return false;
    n = sockeye_receive_message(runner->lab, s->host, s->fd, &m, 0);
    if (n < 0) {
        if (n != -EAGAIN && !(n == -ENOTCONN && s->kind->way == GUEST_WAY_RECORD))
            note(s, (int)-n);
        return n != -EAGAIN && n != -ENOTCONN;
    }
    d->next.source_length = m.address_length;
    d->next.control_length = (uint32_t)m.control_length;
    runner->statistics.bytes_received += (uint64_t)n;
    if (guest_ring_is(s)) {
        guest_ring_put(s, runner->scratch, (size_t)n, &d->next);
        return true;
    }
    if (!give(runner, s, runner->scratch, (size_t)n)) {
        guest_buffer_add(runner, &d->in, runner->scratch, (size_t)n);
        d->in_full = true;
    }
    return true;
}

/* Into its ring, and shown. @return true: it was cut short */
static bool pull_into_ring(struct guest_runner *runner, struct guest_socket *s)
{
    int i = 0;

    while (i < AT_ONCE && guest_ring_has_room(s) && receive_one(runner, s))
        i++;
    guest_ring_flush(runner, s);
    return i == AT_ONCE;
}

/* @return true: it was cut short */
static bool pull(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; i < AT_ONCE; i++) {
        if (!give_in(runner, s)) {
            guest_bridge_await_room(runner, s);
            return false;
        }
        if (!guest_buffer_ready(runner))
            return true;
        if (!receive_one(runner, s))
            return false;
    }
    return true;
}

/* Of a dialogue nothing comes before it has begun. */
static bool may_pull(const struct guest_socket *s)
{
    return !s->datagram->shut_read && (s->kind->way != GUEST_WAY_RECORD || s->phase == GUEST_OPEN);
}

enum guest_verdict guest_datagram_turn(struct guest_runner *runner, struct guest_socket *s,
                                       unsigned touched)
{
    struct guest_datagram *d = s->datagram;
    bool again, waits;

    d->unread |= (touched & GUEST_BY_PROGRAM) != 0 || s->closing.is_closed;
    note_error(runner, s);
    again = push(runner, s);
    if (s->closing.is_closed && !again)
        return d->out_full ? GUEST_KEEP : GUEST_REMOVE;
    waits = show_error(runner, s, touched); /* before what wakes it for another reason */
    again |= may_pull(s) && (guest_ring_is(s) ? pull_into_ring(runner, s) : pull(runner, s));
    return again ? GUEST_AGAIN : waits ? GUEST_PUT_OFF : GUEST_KEEP;
}

void guest_datagram_forget_head(struct guest_socket *s)
{
    s->datagram->head.source_length = s->datagram->head.control_length = 0;
}

void guest_datagram_note_shutdown(struct guest_socket *s, int how)
{
    s->datagram->shut_read |= how != SHUT_WR;
}

void guest_datagram_done(struct guest_runner *runner, struct guest_socket *s)
{
    if (s->datagram == NULL)
        return;
    guest_ring_done(runner, s);
    guest_buffer_done(runner, &s->datagram->out);
    guest_buffer_done(runner, &s->datagram->in);
}
