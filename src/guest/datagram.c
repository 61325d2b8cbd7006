/* SPDX-License-Identifier: MIT */
/*
 * UDP and ping sockets between a holder (one end of a SEQPACKET pair) and its lab socket.
 *
 *   holder -> lab  datagrams that a connected program wrote natively; one waits in `out` when the
 *                  lab has no room, and then the holder fills up
 *   lab -> holder  so that poll() and native reads see them. The source address and the control
 *                  messages of a datagram in the holder are kept here, for trapped receive calls:
 *                  so the holder never has datagrams of two sources, nor two with control messages;
 *                  the next one waits in `in` until the holder is empty
 *
 * An ICMP error becomes s->error: SO_ERROR and trapped calls tell it; a native recv() cannot.
 */
#include <poll.h>
#include <string.h>

#include "guest/state.h"

/* Asked before each call of the lab: a call that gets -EAGAIN would be traced, and recorded. */
static bool is_ready(const struct guest_runner *runner, const struct guest_socket *s, int events)
{
    return (sockeye_poll(runner->lab, s->host, s->fd) & (events | POLLERR | POLLHUP)) != 0;
}

static void push_one(struct guest_runner *runner, struct guest_socket *s)
{
    ssize_t n;

    if (!is_ready(runner, s, POLLOUT))
        return;
    n = sockeye_send(runner->lab, s->host, s->fd, s->out.bytes + s->out.from, s->out.length,
                     MSG_NOSIGNAL);
    if (n == -EAGAIN)
        return;
    if (n < 0)
        s->error = (int)-n; /* the datagram is lost, as Linux's would not have been sent */
    else
        runner->statistics.bytes_sent += (uint64_t)n;
    guest_buffer_done(&s->out);
    s->out_full = false;
}

/* @return false: the program has closed its holder */
static bool push(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; i < 256; i++) {
        struct pollfd p = {.fd = s->end, .events = POLLIN};
        ssize_t n;

        if (s->out_full)
            push_one(runner, s);
        if (s->out_full)
            return true;
        if (poll(&p, 1, 0) != 1)
            return true;
        if (s->shut_write) /* all was read before it was shut; more than this is a close */
            return (p.revents & POLLHUP) == 0;
        n = recv(s->end, runner->scratch, GUEST_DATAGRAM, MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n < 0 || (n == 0 && (p.revents & POLLHUP)))
            return false;
        if (guest_buffer_add(&s->out, runner->scratch, (size_t)n) == 0)
            s->out_full = true;
    }
    return true;
}

static bool pull_one(struct guest_runner *runner, struct guest_socket *s)
{
    struct sockeye_message m = {.bytes = runner->scratch,
                                .length = GUEST_DATAGRAM,
                                .address = &s->in_source,
                                .address_length = sizeof s->in_source,
                                .control = s->in_control,
                                .control_length = sizeof s->in_control};
    ssize_t n;

    if (!is_ready(runner, s, POLLIN))
        return false;
    n = sockeye_receive_message(runner->lab, s->host, s->fd, &m, 0);
    if (n < 0) {
        if (n != -EAGAIN)
            s->error = (int)-n;
        return n != -EAGAIN && n != -ENOTCONN;
    }
    s->in_source_length = m.address_length;
    s->in_control_length = (uint32_t)m.control_length;
    s->in_full = guest_buffer_add(&s->in, runner->scratch, (size_t)n) == 0;
    runner->statistics.bytes_received += (uint64_t)n;
    return true;
}

/* May the datagram in `in` stand behind those in the holder? */
static bool is_fit(const struct guest_socket *s)
{
    int waiting = guest_holder_waiting(s->end);

    if (waiting == 0)
        return true;
    return waiting < s->room && s->in_control_length == 0 && s->head_control_length == 0 &&
           s->in_source_length == s->head_source_length &&
           memcmp(&s->in_source, &s->head_source, s->in_source_length) == 0;
}

static void pull(struct guest_runner *runner, struct guest_socket *s)
{
    for (int i = 0; i < 256; i++) {
        if (!s->in_full && !pull_one(runner, s))
            return;
        if (!s->in_full)
            continue;
        if (!is_fit(s) ||
            send(s->end, s->in.bytes + s->in.from, s->in.length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return;
        memcpy(&s->head_source, &s->in_source, sizeof s->head_source);
        s->head_source_length = s->in_source_length;
        memcpy(s->head_control, s->in_control, s->in_control_length);
        s->head_control_length = s->in_control_length;
        guest_buffer_done(&s->in);
        s->in_full = false;
    }
}

void guest_datagram_turn(struct guest_runner *runner, struct guest_socket *s)
{
    if (!push(runner, s)) {
        guest_socket_remove(runner, s);
        return;
    }
    pull(runner, s);
}
