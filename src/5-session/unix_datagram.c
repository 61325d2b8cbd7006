/* SPDX-License-Identifier: MIT */
/*
 * Whole messages of AF_UNIX: datagrams, and the sequenced packets of a connection
 * (unix_dgram_sendmsg, unix_dgram_recvmsg, unix_seqpacket_sendmsg of Linux).
 *
 * A datagram goes to the name it is given, or to the peer. Of those who send to a socket that is
 * not connected back to them, one more than net.unix.max_dgram_qlen messages may wait there; those
 * of a pair have only their own buffers for a limit. A peer that was closed refuses once, and is
 * none any more after that.
 */
#include "5-session/unix_end.h"

#include <errno.h>

#include "base/integer.h"

enum { DATAGRAM_MARGIN = 32 /* a message is as much shorter than the buffer, at least */ };

/* To whom it goes. */
static int find_receiver(struct unix_end *e, const struct transport_message *m,
                         struct unix_end **to)
{
    if (m->remote.family != NAME_NONE && !unix_end_connects(e))
        return unix_name_find(e->host, &m->remote, e->end.kind, to);
    *to = e->peer;
    return *to ? 0 : -ENOTCONN;
}

/* The peer was closed: a connection has an end for that, datagrams find out by this. */
static int refused(struct unix_end *e)
{
    if (unix_end_connects(e))
        return -EPIPE;
    unix_peer_set(e, NULL);
    return -ECONNREFUSED;
}

static int check_receiver(struct unix_end *e, struct unix_end *to,
                          const struct transport_message *m)
{
    if (to->peer && to->peer != e)
        return -EPERM;
    if (to->dead)
        return refused(e);
    if (to->shut & UNIX_SHUT_READING)
        return -EPIPE;
    if (m->beside && m->beside->rights && !(to->flags & UNIX_PASS_RIGHTS))
        return -EPERM;
    if (to != e && to->peer != e && unix_queue_is_full(to)) {
        unix_end_wait(e, to);
        return -EAGAIN;
    }
    return 0;
}

/* What is looked at before anybody asks to whom it goes. */
static int check_sender(struct unix_end *e, const struct transport_message *m, unsigned flags)
{
    int error = e->error;

    if (unix_end_connects(e)) {
        e->error = 0;
        if (error)
            return -error;
        if (e->state != UNIX_CONNECTED)
            return -ENOTCONN;
    }
    if (flags & TRANSPORT_OUT_OF_BAND)
        return -EOPNOTSUPP;
    if (e->flags & UNIX_PASS_CREDENTIALS && !e->name) {
        int status = unix_name_choose(e);

        if (status)
            return status;
    }
    return m->length > e->send_buffer - DATAGRAM_MARGIN ? -EMSGSIZE : unix_queue_may(e);
}

ssize_t unix_datagram_send(struct transport_end *end, const struct transport_message *m,
                           unsigned flags, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end), *to = NULL;
    int status = check_sender(e, m, flags);

    if (!status)
        status = find_receiver(e, m, &to);
    if (!status)
        status = check_receiver(e, to, m);
    if (!status)
        status = unix_queue_add(e, to, m, m->out, (uint32_t)m->length,
                                unix_queue_datagram_charge((uint32_t)m->length), now);
    return status ? status : (ssize_t)m->length;
}

/* The message to be read: the first, or the one that the peek's offset leads into. An empty one is
 * seen once by a peek that goes on: there is no offset behind it. */
static struct unix_item *choose(const struct unix_end *e, bool peeks, uint32_t *skip)
{
    struct unix_item *item = unix_queue_first(e);

    *skip = peeks && e->peek_at > 0 ? (uint32_t)e->peek_at : 0;
    while (item && peeks && e->peek_at >= 0 && *skip >= item->length &&
           (item->length || *skip || item->peeked)) {
        *skip -= item->length;
        item = unix_queue_next(item);
    }
    return item;
}

static int nothing(const struct unix_end *e)
{
    return unix_end_connects(e) && e->shut & UNIX_SHUT_READING ? 0 : -EAGAIN;
}

ssize_t unix_datagram_receive(struct transport_end *end, struct transport_message *m,
                              unsigned flags, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);
    bool peeks = (flags & TRANSPORT_PEEK) != 0, was_full = unix_queue_is_full(e);
    int error = e->error;
    struct unix_item *item;
    uint32_t skip, length;

    (void)now;
    if (unix_end_connects(e) && e->state != UNIX_CONNECTED)
        return -ENOTCONN;
    if (flags & TRANSPORT_OUT_OF_BAND)
        return -EOPNOTSUPP;
    e->error = 0;
    if (error)
        return -error;
    item = choose(e, peeks, &skip);
    if (!item)
        return nothing(e);
    length = (uint32_t)least(item->length - skip, m->length);
    unix_queue_copy(e, item, skip, m->in, length);
    m->true_length = item->length - skip;
    m->time = item->time;
    unix_queue_beside(e, item, m);
    unix_queue_rights(e, item, m->beside, peeks);
    if (peeks) {
        item->peeked = item->length == 0;
        unix_queue_peek_on(e, length);
        return (ssize_t)length;
    }
    unix_queue_peek_back(e, item->length);
    unix_queue_remove(e, item);
    if (was_full && !unix_queue_is_full(e))
        unix_end_tell_waiters(e);
    return (ssize_t)length;
}
