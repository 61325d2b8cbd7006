/* SPDX-License-Identifier: MIT */
/*
 * Streams of AF_UNIX (unix_stream_sendmsg, unix_stream_read_generic of Linux).
 *
 * Bytes are queued in messages of at most half the sender's buffer; a read goes on from one to the
 * next, but does not glue what different processes wrote, if it is asked who they are.
 *
 * MSG_OOB: the last byte of the message is queued as a message of its own, and is the urgent one
 * (the one before it is then as any other). It is read by MSG_OOB, or, with SO_OOBINLINE, in its
 * place; a read without comes to a stop before it once, and passes it over after that. A byte that
 * was read by MSG_OOB stays as an empty message, to mark the place, until the read that meets it.
 */
#include "5-session/unix_end.h"

#include <errno.h>

#include "base/compiler.h"
#include "base/integer.h"

/* May it send at all? The peer of a connection stays, so it is there. */
static int check_send(const struct unix_end *e, const struct transport_message *m)
{
    if (m->remote.family != NAME_NONE)
        return e->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
    if (!e->peer)
        return -ENOTCONN;
    return e->shut & UNIX_SHUT_WRITING ? -EPIPE : 0;
}

/* Does anybody read there, and take what is sent? */
static int check_reader(const struct unix_end *peer, const struct transport_message *m)
{
    if (peer->dead || peer->shut & UNIX_SHUT_READING)
        return -EPIPE;
    return m->beside && m->beside->rights && !(peer->flags & UNIX_PASS_RIGHTS) ? -EPERM : 0;
}

static int queue(struct unix_end *e, const struct transport_message *m, size_t at, uint32_t length,
                 unsigned flags, nanoseconds now)
{
    int status = unix_queue_may(e);

    if (status == -EAGAIN && flags & TRANSPORT_LAST)
        status = 0;
    if (!status)
        status = check_reader(e->peer, m);
    if (!status)
        status = unix_queue_add(e, e->peer, m, m->out + at, length,
                                unix_queue_stream_charge(length), now);
    return status;
}

/* The byte out of band takes the place of one that was not read. */
static int queue_urgent(struct unix_end *e, const struct transport_message *m, size_t at,
                        unsigned flags, nanoseconds now)
{
    int status = queue(e, m, at, 1, flags, now);

    if (!status)
        e->peer->urgent = container_of(e->peer->queue.last, struct unix_item, link);
    return status;
}

ssize_t unix_stream_send(struct transport_end *end, const struct transport_message *m,
                         unsigned flags, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);
    bool urgent = (flags & TRANSPORT_OUT_OF_BAND) != 0;
    size_t sent = 0, plain = m->length - (urgent && m->length ? 1 : 0);
    int status = 0;

    if (urgent && m->length == 0)
        return -EOPNOTSUPP;
    status = check_send(e, m);
    while (!status && sent < plain) {
        uint32_t length = unix_queue_chunk(e, plain - sent);

        status = queue(e, m, sent, length, flags, now);
        if (!status)
            sent += length;
    }
    if (!status && urgent) {
        status = queue_urgent(e, m, sent, flags, now);
        if (!status)
            sent++;
    }
    return sent ? (ssize_t)sent : status;
}

/* ---- receiving ---- */

static ssize_t receive_urgent(struct unix_end *e, struct transport_message *m, unsigned flags)
{
    struct unix_item *item = e->urgent;

    if (e->flags & UNIX_OOB_INLINE || !item)
        return -EINVAL;
    if (m->length)
        unix_queue_copy(e, item, 0, m->in, 1);
    if (!(flags & TRANSPORT_PEEK)) {
        e->urgent = NULL;
        unix_queue_consume(e, item, 1);
        unix_end_tell(e);
    }
    m->urgent = true;
    return 1;
}

/* One read. */
struct reading {
    struct unix_end *e;
    struct transport_message *m;
    bool peeks;
    size_t copied, left;
    uint32_t skip; /* bytes of what is to be read that a peek passes over */
    bool begun;
    bool has_sender;
    struct session_credentials sender;
};

/* An empty message marks where a byte out of band was: it goes, unless this is a peek, and what was
 * read so far ends here if there is no other such byte. */
static struct unix_item *pass_mark(struct reading *r, struct unix_item *item)
{
    struct unix_end *e = r->e;
    struct unix_item *next = unix_queue_next(item);

    if (r->copied && (!e->urgent || item == e->urgent))
        return NULL;
    if (!r->peeks)
        unix_queue_remove(e, item);
    return next;
}

/* The message to read from, where the first one is; NULL: the read ends here, or there is none. */
static struct unix_item *at_mark(struct reading *r, struct unix_item *item)
{
    struct unix_end *e = r->e;

    if (item && unix_queue_left(item) == 0)
        item = pass_mark(r, item);
    if (!item || item != e->urgent)
        return item;
    if (r->copied)
        return NULL;
    if (e->flags & UNIX_OOB_INLINE) {
        if (!r->peeks)
            e->urgent = NULL;
        return item;
    }
    if (r->peeks)
        return unix_queue_next(item);
    unix_queue_remove(e, item);
    return unix_queue_first(e);
}

/* Nothing more is there: is that an end, an error, or only so for now? Of an end Linux says that
 * process 0 has sent it. */
static int nothing(const struct reading *r)
{
    const struct session_credentials zero = {0, 0, 0};
    struct unix_end *e = r->e;
    int error = e->error;

    e->error = 0;
    if (error)
        return -error;
    if (r->m->beside && !r->begun) {
        r->m->beside->has_credentials = (e->flags & UNIX_PASS_CREDENTIALS) != 0;
        session_credentials_copy(&r->m->beside->credentials, &zero);
    }
    return e->shut & UNIX_SHUT_READING ? 0 : -EAGAIN;
}

/* Are these bytes of somebody else than those before? */
static bool is_other(struct reading *r, const struct unix_item *item)
{
    if (r->has_sender)
        return !session_credentials_equal(&r->sender, &item->credentials);
    if (r->e->flags & UNIX_PASS_CREDENTIALS) {
        session_credentials_copy(&r->sender, &item->credentials);
        r->has_sender = true;
    }
    return false;
}

/* Takes what it can of a message. @return may the read go on with the next: it was read to its
 * end, and no rights came with it */
static bool take(struct reading *r, struct unix_item *item)
{
    bool has_rights = item->rights != NULL;
    struct unix_end *e = r->e;
    uint32_t length = (uint32_t)least(unix_queue_left(item) - r->skip, r->left);

    if (!r->begun) {
        r->begun = true;
        unix_queue_beside(e, item, r->m);
    }
    unix_queue_copy(e, item, r->skip, r->m->in + r->copied, length);
    r->copied += length;
    r->left -= length;
    unix_queue_rights(e, item, r->m->beside, r->peeks);
    if (r->peeks) {
        unix_queue_peek_on(e, length);
        r->skip = 0;
        return !has_rights;
    }
    unix_queue_consume(e, item, length);
    unix_queue_peek_back(e, length);
    if (unix_queue_left(item))
        return false;
    unix_queue_remove(e, item);
    return !has_rights;
}

/* The message to read in, behind those that a peek passes over, and empty ones. */
static struct unix_item *pass_over(struct reading *r, struct unix_item *item)
{
    while (item && r->skip >= unix_queue_left(item)) {
        r->skip -= unix_queue_left(item);
        item = unix_queue_next(item);
    }
    return item;
}

static ssize_t read_on(struct reading *r)
{
    struct unix_item *item = unix_queue_first(r->e), *next;

    do {
        item = item ? pass_over(r, at_mark(r, item)) : NULL;
        if (!item)
            return r->copied ? (ssize_t)r->copied : nothing(r);
        if (is_other(r, item))
            break;
        next = unix_queue_next(item);
        if (!take(r, item))
            break;
        item = r->peeks ? next : unix_queue_first(r->e);
    } while (r->peeks ? item != NULL : r->left != 0); /* a peek walks on without room too */
    return (ssize_t)r->copied;
}

ssize_t unix_stream_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                            nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);
    struct reading r = {.e = e, .m = m, .left = m->length};

    (void)now;
    if (e->state != UNIX_CONNECTED)
        return -EINVAL;
    if (flags & TRANSPORT_OUT_OF_BAND)
        return receive_urgent(e, m, flags);
    r.peeks = (flags & TRANSPORT_PEEK) != 0;
    if (r.peeks && e->peek_at > 0)
        r.skip = (uint32_t)e->peek_at;
    return read_on(&r);
}
