/* SPDX-License-Identifier: MIT */
/*
 * Sending and receiving: one buffer, an address, control messages and flags <-> struct
 * transport_message. Each flag of Linux's is either known and passed on, or known to change nothing
 * here, or refused by name; bits that Linux ignores are ignored:
 *
 *     MSG_PEEK           passed            MSG_OOB         streams: urgent data (RFC 9293 3.8.5);
 *     MSG_MORE           streams: passed                   datagrams: -EOPNOTSUPP to send, ignored
 *     MSG_TRUNC          see below                         to receive
 *     MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL, MSG_CMSG_CLOEXEC, MSG_WAITFORONE
 *                        the caller's: nothing waits here, there are no signals
 *     MSG_EOR            records (X.25): must be there to send, is told of all received
 *     MSG_CONFIRM, MSG_ZEROCOPY      change nothing
 *     MSG_ERRQUEUE       datagrams: the errors that IP_RECVERR keeps; of a stream there are none
 *     MSG_FASTOPEN (streams); MSG_MORE, MSG_DONTROUTE, MSG_PROBE (send, datagrams)
 *                        -EOPNOTSUPP: not supported
 *
 * MSG_TRUNC asked: of a datagram the whole length is returned (but not by ping, which refuses
 * MSG_OOB to receive as well); of a stream the bytes are thrown away. A datagram longer than the
 * room loses its end, and is told so in the flags.
 */
#include "6-presentation/abi.h"

#include "6-presentation/call_state.h"
#include "6-presentation/control.h"
#include "6-presentation/protocol.h"
#include "6-presentation/rights.h"
#include "6-presentation/sockaddr.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int send_flags(const struct protocol *protocol, int flags, unsigned *passed)
{
    if (likely(!flags && !protocol->is_record))
        return 0; /* none is passed */
    if (flags & protocol->send_refused)
        return -EOPNOTSUPP;
    if (protocol->send_known && (flags & ~protocol->send_known))
        return -EINVAL;
    if (protocol->is_record && !(flags & (MSG_EOR | MSG_OOB)))
        return -EINVAL; /* Linux: a record cannot be sent in pieces */
    *passed = (flags & MSG_MORE ? TRANSPORT_MORE : 0u) |
              (flags & MSG_OOB ? TRANSPORT_OUT_OF_BAND : 0u) |
              (!protocol->has_boundaries && flags & CALL_SEND_LAST ? TRANSPORT_LAST : 0u);
    return 0;
}

static int receive_flags(const struct protocol *protocol, int flags, unsigned *passed)
{
    bool streams = !protocol->has_boundaries, interrupts = streams || protocol->is_record;

    if (likely(!flags))
        return 0; /* none is passed */
    if (protocol->receive_known && (flags & ~protocol->receive_known))
        return -EINVAL;
    if (flags & protocol->receive_refused ||
        (flags & MSG_ERRQUEUE && !protocol->tells_errors && !protocol->is_local))
        return -EOPNOTSUPP;
    if (flags & MSG_ERRQUEUE && protocol->tells_errors) {
        *passed = TRANSPORT_ERRORS;
        return streams ? -EAGAIN : 0;
    }
    *passed = (flags & MSG_PEEK ? TRANSPORT_PEEK : 0u) |
              ((interrupts || protocol->is_local) && flags & MSG_OOB ? TRANSPORT_OUT_OF_BAND : 0u) |
              (streams && !protocol->is_local && flags & MSG_TRUNC ? TRANSPORT_DISCARD : 0u);
    return 0;
}

/* What few sockets ask of their messages, and the others do not look at. */
enum { WANTS_MORE = WANTS_QUALIFIED | WANTS_BESIDE | WANTS_FLOW_SEND | WANTS_PATH_MTU };

/* Where a datagram goes: the address given, or the peer. */
static int read_destination(const struct descriptor *d, const struct call_message *message,
                            struct transport_message *m)
{
    struct name local;
    int status;

    if (!message->address || !message->address_length)
        return 0;
    memset(&m->remote, 0, sizeof m->remote);
    status = sockaddr_read(protocol_of(d)->domain, (enum sockaddr_use)protocol_of(d)->send_use,
                           message->address, message->address_length, &m->remote);
    if (status || m->remote.family == NAME_NONE)
        return status;
    if (protocol_of(d)->needs_port && sockaddr_port(&m->remote) == 0)
        return -EINVAL;
    session_local(d->session.socket, &local);
    sockaddr_destination(protocol_of(d)->domain, &m->remote, &local);
    return 0;
}

/* A stream that is not open says so before anybody looks into its control messages, as on Linux. */
static bool sends_now(const struct descriptor *d)
{
    return protocol_of(d)->has_boundaries || session_phase(d->session.socket) == TRANSPORT_OPEN;
}

/* X25_QBITINCL: the first byte says whether the record behind it is qualified. */
RARE static ssize_t send_qualified(const struct descriptor *d, struct transport_message *m,
                                   unsigned passed, nanoseconds now)
{
    ssize_t sent;

    if (m->length == 0)
        return 0; /* Linux: nothing is sent */
    m->qualified = m->out[0] != 0;
    m->out++;
    m->length--;
    sent = session_send(d->session.socket, m, passed, now);
    return sent < 0 ? sent : sent + 1;
}

/* Of AF_UNIX, where credentials and rights ride beside the bytes; what nobody took is kept. */
RARE static ssize_t send_beside(struct call_host *host, struct descriptor *d,
                                const struct call_message *message, struct transport_message *m,
                                int flags, nanoseconds now)
{
    struct message_beside beside = {.has_credentials = false};
    unsigned passed = 0;
    ssize_t sent = send_flags(protocol_of(d), flags, &passed);

    m->beside = &beside;
    if (!sent)
        sent = read_destination(d, message, m);
    if (!sent && message->control)
        sent = control_read(host, d, message->control, message->control_length, m, NULL);
    if (!sent)
        sent = session_send(d->session.socket, m, passed, now);
    if (beside.rights)
        control_unix_keep(host, &beside);
    rights_settle(host, now);
    return sent;
}

ssize_t call_send_message(struct call_host *host, int fd, const struct call_message *message,
                          int flags, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    const struct protocol *protocol;
    struct transport_extra extra;
    struct transport_message m;
    unsigned passed = 0;
    int status;

    if (!d)
        return -EBADF;
    protocol = protocol_of(d);
    if (message->length && !message->bytes)
        return -EFAULT;
    if (protocol->message_most && message->length > protocol->message_most)
        return -EMSGSIZE;
    memset(&m, 0, TRANSPORT_MESSAGE_SENT);
    m.remote.family = NAME_NONE;
    m.out = message->bytes;
    m.length = message->length;
    if (protocol->is_local)
        return send_beside(host, d, message, &m, flags, now);
    status = send_flags(protocol, flags, &passed);
    if (!status)
        status =
            protocol->has_boundaries
                ? read_destination(d, message, &m)
                : sockaddr_check(message->address, message->address ? message->address_length : 0);
    if (status)
        return status;
    if (message->control)
        status = control_read(host, d, message->control, message->control_length, &m, &extra);
    if (unlikely(d->wants & WANTS_MORE)) {
        if (d->wants & WANTS_FLOW_SEND)
            control_flow_of_name(message->address, message->address_length, &m, &extra);
        if (!status && d->wants & WANTS_QUALIFIED)
            return send_qualified(d, &m, passed, now);
    }
    if (status && (status != -EINVAL || sends_now(d)))
        return status;
    return session_send(d->session.socket, &m, passed, now);
}

ssize_t call_send(struct call_host *host, int fd, const void *bytes, size_t length, int flags,
                  nanoseconds now)
{
    const struct call_message message = {.bytes = (void *)(uintptr_t)bytes, .length = length};

    return call_send_message(host, fd, &message, flags, now);
}

static ssize_t receive_qualified(const struct descriptor *d, struct transport_message *m,
                                 unsigned passed, nanoseconds now)
{
    size_t first = m->length > 0;
    uint8_t *bytes = m->in;
    ssize_t got;

    m->in += first;
    m->length -= first;
    got = session_receive(d->session.socket, m, passed, now);
    if (got < 0)
        return got;
    if (first)
        bytes[0] = m->qualified;
    m->true_length++;
    return got + (ssize_t)first;
}

/* News of a path before the datagrams. Who asked for no room beside the bytes loses what came there
 * (or shows it to receive_message). */
RARE static ssize_t receive_more(const struct descriptor *d, struct transport_message *m,
                                 unsigned passed, uint32_t *told, nanoseconds now)
{
    ssize_t got;

    if (d->wants & WANTS_QUALIFIED)
        return receive_qualified(d, m, passed, now);
    if (d->wants & WANTS_PATH_MTU && !(passed & TRANSPORT_ERRORS) && control_flow_mtu(d, m, now)) {
        *told |= CONTROL_PATH_MTU;
        return 0;
    }
    got = session_receive(d->session.socket, m, passed, now);
    if (d->wants & WANTS_BESIDE && !m->beside)
        rights_settle(d->host, now);
    return got;
}

/* Receives into bytes; what beside the bytes is known stays in m: of a stream nothing, of a
 * datagram all. *told: MSG_TRUNC, MSG_OOB. */
static ssize_t receive(struct descriptor *d, struct transport_message *m, void *bytes, size_t size,
                       int flags, uint32_t *told, nanoseconds now)
{
    bool streams = !protocol_of(d)->has_boundaries;
    unsigned passed = 0;
    ssize_t got;
    int status;

    if (size && !bytes && !(streams && flags & MSG_TRUNC))
        return -EFAULT;
    status = receive_flags(protocol_of(d), flags, &passed);
    if (status)
        return status;
    m->in = bytes;
    m->length = size;
    m->remote.family = NAME_NONE;
    m->time = -1;
    m->true_length = 0;
    m->urgent = false;
    m->options_length = 0;
    m->qualified = false;
    got = unlikely(d->wants & WANTS_MORE) ? receive_more(d, m, passed, told, now)
                                          : session_receive(d->session.socket, m, passed, now);
    if (got < 0)
        return got;
    if (m->urgent)
        *told |= MSG_OOB;
    if (passed & TRANSPORT_ERRORS)
        *told |= MSG_ERRQUEUE;
    if (protocol_of(d)->is_record)
        *told |= MSG_EOR;
    if (!streams && m->true_length > (size_t)got) {
        *told |= MSG_TRUNC;
        if (flags & MSG_TRUNC && !(flags & MSG_ERRQUEUE) && protocol_of(d)->tells_length)
            return (ssize_t)m->true_length;
    }
    return got;
}

ssize_t call_receive(struct call_host *host, int fd, void *bytes, size_t size, int flags,
                     nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    struct transport_message m;
    uint32_t told = 0;

    if (!d)
        return -EBADF;
    m.beside = NULL;
    return receive(d, &m, bytes, size, flags, &told, now);
}

ssize_t call_receive_message(struct call_host *host, int fd, struct call_message *message,
                             int flags, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    uint8_t name[NAME_UNIX_BYTES];
    struct message_beside beside = {.name = name};
    struct transport_message m;
    uint32_t told = 0;
    ssize_t got;

    if (!d)
        return -EBADF;
    m.beside = protocol_of(d)->is_local ? &beside : NULL;
    if (message->address && message->address_length > INT_MAX)
        return -EINVAL;
    got = receive(d, &m, message->bytes, message->length, flags, &told, now);
    if (got < 0)
        return got;
    if (message->address)
        sockaddr_write(protocol_of(d)->domain, &m.remote, message->address,
                       &message->address_length);
    message->control_length =
        control_write(host, d, &m, message->control, message->control_length, &told);
    message->flags = told;
    if (m.beside)
        rights_settle(host, now);
    return got;
}
