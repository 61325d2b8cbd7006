/* SPDX-License-Identifier: MIT */
/*
 * The life of an end of AF_UNIX (unix(7), net/unix/af_unix.c).
 *
 * A connection is two ends that name each other as peers. connect makes the second one, as if
 * accepted already: it takes bytes while it waits in the listener's queue, and accept only gives it
 * a user. Of the queue one more than the backlog may wait; who finds it full is told -EAGAIN, and
 * told again when there is room.
 *
 * An end is freed when nobody refers to it: its user, its peer, and each message that it sent and
 * that was not read yet, since these show its name and are charged to it. What closing does is done
 * at once, whoever refers to it: its name leads nowhere, what it had not read is thrown away (and
 * the peer of a connection is told ECONNRESET for it), and a peer has nobody to write to or read
 * from any more.
 *
 * Datagrams have a peer too, but it is only where they go; nobody asks that it sends back here. If
 * it has a peer of its own, nobody else may send to it (EPERM).
 */
#include "5-session/unix_end.h"

#include <errno.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/compiler.h"

uint32_t unix_end_bytes(void)
{
    return sizeof(struct unix_end);
}

uint32_t unix_name_bytes(void)
{
    return sizeof(struct unix_name);
}

uint32_t unix_item_bytes(void)
{
    return sizeof(struct unix_item);
}

uint32_t unix_rights_limit(uint32_t sockets)
{
    return (sockets + UNIX_RIGHTS_SHARE - 1) / UNIX_RIGHTS_SHARE;
}

int unix_init(struct unix_host *h, struct means *means, const struct unix_plan *plan)
{
    h->means = means;
    h->end_pool = plan->end_pool;
    h->name_pool = plan->name_pool;
    h->item_pool = plan->item_pool;
    h->rights_pool = plan->rights_pool;
    h->rights_limit = unix_rights_limit(plan->sockets);
    h->end_limit = h->name_limit = h->item_limit = 2 * plan->sockets;
    h->queue_most = UNIX_QUEUE_MOST;
    siphash_key_copy(&h->key, random_key(means->key, "unix", 4));
    return table_init(&h->names, means->arena, plan->sockets);
}

/* The kinds of a host stand one behind the other. */
static struct unix_host *host_of(struct transport_service *service)
{
    return container_of(service - (service->kind - TRANSPORT_UNIX_STREAM), struct unix_host,
                        service[0]);
}

int unix_open(struct transport_service *service, struct transport_upper *upper,
              struct transport_end **end)
{
    struct unix_end *e = unix_end_new(host_of(service), service);

    if (!e)
        return -ENFILE;
    e->end.upper = upper;
    *end = &e->end;
    return 0;
}

static void join(struct unix_end *e, struct unix_end *peer)
{
    peer->references++;
    e->peer = peer;
    e->state = UNIX_CONNECTED;
}

static void credentials_keep(struct unix_end *e, const struct session_credentials *from)
{
    session_credentials_copy(&e->credentials, from);
    e->has_credentials = 1;
}

int unix_pair(struct transport_end *a, struct transport_end *b)
{
    struct unix_end *one = unix_end_of(a), *other = unix_end_of(b);

    join(one, other);
    join(other, one);
    if (!unix_end_connects(one)) {
        list_add(&other->senders, &one->sends_to);
        list_add(&one->senders, &other->sends_to);
    }
    credentials_keep(one, &one->host->caller);
    credentials_keep(other, &one->host->caller);
    return 0;
}

/* ---- closing ---- */

/* Is there something that was not read? A byte out of band that was passed lies there still, but
 * has been read. */
static bool has_unread(const struct unix_end *e)
{
    const struct unix_item *item = unix_queue_first(e);

    if (item && unix_queue_left(item) == 0)
        item = unix_queue_next(item);
    return item != NULL;
}

static void leave_peer(struct unix_end *e, bool was_accepted)
{
    struct unix_end *peer = e->peer;

    e->peer = NULL;
    list_remove(&e->sends_to);
    if (!peer)
        return;
    if (unix_end_connects(e)) {
        peer->shut = UNIX_SHUT_BOTH;
        if (has_unread(e) || !was_accepted)
            peer->error = ECONNRESET;
        unix_end_tell(peer);
    }
    unix_end_release(peer);
}

static void close_end(struct unix_end *e, bool was_accepted)
{
    e->dead = 1;
    e->shut = UNIX_SHUT_BOTH;
    e->state = UNIX_CLOSED;
    unix_name_close(e);
    list_remove(&e->waits);
    unix_end_tell_waiters(e);
    leave_peer(e, was_accepted);
    unix_queue_purge(e);
    list_remove(&e->end.pending);
    e->end.upper = NULL;
}

void unix_close(struct transport_end *end, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);
    struct list_link *l;

    (void)now;
    close_end(e, true);
    while ((l = list_pop(&e->accepts)) != NULL) {
        struct unix_end *waiting = container_of(l, struct unix_end, accepted);

        e->waiting--;
        close_end(waiting, false);
        unix_end_release(waiting);
    }
    unix_end_release(e);
}

int unix_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);

    (void)now;
    e->shut |= (reading ? UNIX_SHUT_READING : 0) | (writing ? UNIX_SHUT_WRITING : 0);
    unix_end_tell(e);
    if (e->peer && unix_end_connects(e)) {
        e->peer->shut |= (reading ? UNIX_SHUT_WRITING : 0) | (writing ? UNIX_SHUT_READING : 0);
        unix_end_tell(e->peer);
    }
    return 0;
}

/* ---- names ---- */

int unix_bind(struct transport_end *end, const struct name *local)
{
    return unix_name_bind(unix_end_of(end), local);
}

void unix_local(const struct transport_end *end, struct name *local)
{
    unix_name_tell(unix_end_of(end), local);
}

int unix_remote(const struct transport_end *end, struct name *remote)
{
    const struct unix_end *e = unix_end_of(end);

    if (!e->peer)
        return -ENOTCONN;
    unix_name_tell(e->peer, remote);
    return 0;
}

/* ---- connecting ---- */

int unix_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);

    (void)now;
    if (!unix_end_connects(e))
        return -EOPNOTSUPP;
    if (!e->name || e->state == UNIX_CONNECTED)
        return -EINVAL;
    if (backlog > e->backlog)
        unix_end_tell_waiters(e);
    e->backlog = backlog;
    e->state = UNIX_LISTENING;
    credentials_keep(e, &e->host->caller);
    return 0;
}

/* Who tells or is told who he is has a name. */
static int choose_name(struct unix_end *e)
{
    return e->flags & UNIX_PASS_CREDENTIALS && !e->name ? unix_name_choose(e) : 0;
}

/* The end that accept will give out. */
static struct unix_end *embryo(struct unix_end *listener, struct unix_end *client)
{
    struct unix_end *e = unix_end_new(client->host, client->end.service);

    if (!e)
        return NULL;
    e->flags = listener->flags & (UNIX_PASS_CREDENTIALS | UNIX_PASS_RIGHTS);
    unix_name_share(e, listener->name);
    credentials_keep(e, &client->host->caller);
    list_add(&listener->accepts, &e->accepted);
    listener->waiting++;
    return e;
}

int unix_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end), *listener = NULL, *fresh;
    int status = choose_name(e);

    (void)now;
    if (!status)
        status = unix_name_find(e->host, remote, e->end.kind, &listener);
    if (status)
        return status;
    if (listener->state != UNIX_LISTENING || listener->shut & UNIX_SHUT_READING)
        return -ECONNREFUSED;
    if (unix_queue_is_full(listener)) {
        unix_end_wait(e, listener);
        return -EAGAIN;
    }
    if (e->state != UNIX_CLOSED)
        return e->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
    fresh = embryo(listener, e);
    if (!fresh)
        return -ENFILE;
    join(e, fresh);
    join(fresh, e);
    credentials_keep(e, &listener->credentials);
    list_remove(&e->waits);
    unix_end_tell(listener);
    unix_end_tell(e);
    return 0;
}

int unix_accept(struct transport_end *end, struct transport_upper *upper,
                struct transport_end **accepted)
{
    struct unix_end *e = unix_end_of(end), *fresh;
    struct list_link *l;

    if (!unix_end_connects(e))
        return -EOPNOTSUPP;
    if (e->state != UNIX_LISTENING)
        return -EINVAL;
    l = list_pop(&e->accepts);
    if (!l)
        return -EAGAIN;
    e->waiting--;
    unix_end_tell_waiters(e);
    fresh = container_of(l, struct unix_end, accepted);
    fresh->end.upper = upper;
    *accepted = &fresh->end;
    return 0;
}

/* ---- whom datagrams go to ---- */

/* It is the peer of nobody any more whose messages it has not read: they are lost. */
static void left(struct unix_end *e, struct unix_end *old)
{
    if (!unix_queue_first(e))
        return;
    unix_queue_purge(e);
    unix_end_tell_waiters(e);
    if (old->dead || old->peer != e)
        return;
    old->error = ECONNRESET;
    unix_end_tell(old);
}

void unix_peer_set(struct unix_end *e, struct unix_end *peer)
{
    struct unix_end *old = e->peer;

    list_remove(&e->sends_to);
    e->peer = peer;
    e->state = peer ? UNIX_CONNECTED : UNIX_CLOSED;
    if (peer) {
        peer->references++;
        list_add(&peer->senders, &e->sends_to);
    }
    unix_end_tell(e);
    if (!old)
        return;
    if (old != peer)
        left(e, old);
    unix_end_release(old);
}

int unix_connect_datagram(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end), *other = NULL;
    int status = choose_name(e);

    (void)now;
    if (!status)
        status = unix_name_find(e->host, remote, e->end.kind, &other);
    if (status)
        return status;
    if (other->peer && other->peer != e)
        return -EPERM;
    unix_peer_set(e, other);
    return 0;
}

int unix_disconnect(struct transport_end *end, nanoseconds now)
{
    struct unix_end *e = unix_end_of(end);

    (void)now;
    if (unix_end_connects(e))
        return -EINVAL;
    unix_peer_set(e, NULL);
    return 0;
}

/* ---- who is there ---- */

void unix_serials(const struct transport_end *end, uint64_t *own, uint64_t *peer)
{
    const struct unix_end *e = unix_end_if(end);

    *own = e ? e->serial : 0;
    *peer = e && e->peer ? e->peer->serial : 0;
}

void unix_credentials(const struct transport_end *end, struct session_credentials *credentials)
{
    const struct session_credentials nobody = {0, UINT32_MAX, UINT32_MAX};
    const struct unix_end *e = unix_end_if(end);

    session_credentials_copy(credentials, e && e->has_credentials ? &e->credentials : &nobody);
}

/* ---- a crash ---- */

void unix_crash(struct unix_host *h)
{
    struct list_link *next;

    for (struct list_link *l = h->ends.first; l; l = next) {
        struct unix_end *e = container_of(l, struct unix_end, link);

        if (!e->dead)
            unix_queue_purge(e); /* ends that were closed may go with it, but not this one */
        next = l->next;
        if (e->dead || !e->peer || !unix_end_connects(e))
            continue;
        e->shut = UNIX_SHUT_BOTH;
        e->error = ENETDOWN;
        unix_end_tell(e);
    }
}

/* ---- what there is not ---- */

void unix_drained(struct transport_end *end, nanoseconds now)
{
    (void)end, (void)now; /* it has no queue of a wire */
}

int unix_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}
