/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that ride on messages (SCM_RIGHTS of unix(7)): a socket lives as long as it has a
 * number or rides somewhere. Dropping rights may end a socket, whose queue may hold further ones;
 * they come back by a list (session_rights_take_released), one after the other.
 *
 * Sockets that ride in each other's queues alone, with no number left, would live for ever. Where
 * the last number of a socket goes, or a ride of one without, and rights lie in its own queue, they
 * are looked for: what can be received from a socket with a number, or from one that can be
 * received, is marked; of the others the queues are emptied (as unix_gc of Linux does). Each such
 * search is one walk over all numbers of the host, and over the queues that hold rights.
 */
#include "6-presentation/abi.h"
#include "6-presentation/rights.h"

#include <errno.h>
#include <string.h>

#include "6-presentation/descriptor.h"

static struct descriptor *descriptor_of(struct session_upper *held)
{
    return container_of(held, struct descriptor, session);
}

static int hold(struct call_host *host, struct session_rights *rights, struct descriptor *d)
{
    struct descriptor_share *share = descriptor_shared_make(&host->descriptors, d);

    if (!share)
        return -ENOBUFS;
    rights->held[rights->count++] = &d->session;
    if (share->rides++ == 0)
        list_add(&host->riding, &share->ride);
    return 0;
}

int rights_read(struct call_host *host, const uint8_t *data, size_t length,
                struct message_beside *beside)
{
    size_t count = length / sizeof(int);

    if (count == 0)
        return 0;
    if (beside->rights && beside->rights->number)
        return -EINVAL;
    if (!beside->rights)
        beside->rights = session_rights_open(host->sessions);
    if (!beside->rights)
        return -ETOOMANYREFS;
    if (count > SESSION_RIGHTS_MOST - beside->rights->count)
        return -EINVAL;
    for (size_t i = 0; i < count; i++) {
        struct descriptor *d;
        int number, status;

        memcpy(&number, data + i * sizeof number, sizeof number);
        d = descriptor_find(&host->descriptors, number);
        if (!d)
            return -EBADF;
        status = hold(host, beside->rights, d);
        if (status)
            return status;
    }
    return 0;
}

void rights_write(struct call_host *host, struct control_room *room,
                  const struct message_beside *beside)
{
    const size_t header = sizeof(struct cmsghdr);
    const struct session_rights *rights = beside->rights;
    int numbers[SESSION_RIGHTS_MOST];
    size_t most_count = 0;
    uint32_t given = 0;

    if (room->at && room->left > header)
        most_count = (room->left - header) / sizeof(int);
    while (given < rights->count && given < most_count) {
        struct descriptor *d = descriptor_of(rights->held[given]);
        int number = descriptor_share(&host->descriptors, d);

        if (number < 0)
            break;
        session_ready_touch(d->session.socket); /* it may be ready, and nobody was told of it */
        numbers[given++] = number;
    }
    if (given)
        control_put(room, SOL_SOCKET, SCM_RIGHTS, numbers, given * sizeof(int));
    if (given < rights->count)
        room->flags |= MSG_CTRUNC;
}

/* ---- what nobody holds ---- */

void rights_number_left(struct call_host *host, struct descriptor *d, nanoseconds now)
{
    if (d->number)
        return;
    if (descriptor_shared(&host->descriptors, d)) {
        host->rides_in_circle |= session_rights_holds(d->session.socket);
        return;
    }
    session_close(d->session.socket, now);
    descriptor_free(&host->descriptors, d);
}

static void release(struct call_host *host, struct session_rights *rights, nanoseconds now)
{
    for (uint32_t i = 0; i < rights->count; i++) {
        struct descriptor *d = descriptor_of(rights->held[i]);
        struct descriptor_share *share = descriptor_shared(&host->descriptors, d);

        if (--share->rides == 0)
            list_remove(&share->ride);
        descriptor_shared_end(&host->descriptors, d);
        rights_number_left(host, d, now);
    }
    session_rights_close(host->sessions, rights);
}

/* Marks what rides in the queues of a socket, and is to be looked at itself then. */
static void mark(const struct descriptors *ds, const struct descriptor *d, struct link_list *found)
{
    struct session_rights_walk walk = {.end = NULL};
    const struct session_rights *rights;

    while ((rights = session_rights_next(d->session.socket, &walk)) != NULL)
        for (uint32_t i = 0; rights->number == 0 && i < rights->count; i++) {
            struct descriptor_share *held = descriptor_shared(ds, descriptor_of(rights->held[i]));

            if (held->is_marked)
                continue;
            held->is_marked = 1;
            list_add(found, &held->found);
        }
}

/* Empties the queues of what rides in a circle. */
static void collect(struct call_host *host)
{
    const struct descriptors *ds = &host->descriptors;
    struct link_list found = {NULL, NULL};
    struct list_link *l;

    host->rides_in_circle = 0;
    for (l = host->riding.first; l; l = l->next)
        container_of(l, struct descriptor_share, ride)->is_marked = 0;
    for (int n = descriptor_next(ds, CALL_FIRST); n >= 0; n = descriptor_next(ds, n + 1)) {
        struct descriptor *d = descriptor_find(ds, n);

        if (session_rights_holds(d->session.socket))
            mark(ds, d, &found);
    }
    while ((l = list_pop(&found)) != NULL)
        mark(ds, container_of(l, struct descriptor_share, found)->descriptor, &found);
    for (l = host->riding.first; l; l = l->next) {
        const struct descriptor_share *share = container_of(l, struct descriptor_share, ride);
        struct socket *socket = share->descriptor->session.socket;

        if (!share->numbers && !share->is_marked && session_rights_holds(socket))
            session_rights_purge(socket);
    }
}

void rights_settle_now(struct call_host *host, nanoseconds now)
{
    struct session_rights *rights;

    do {
        while ((rights = session_rights_take_released(host->sessions)) != NULL)
            release(host, rights, now);
        if (host->rides_in_circle)
            collect(host);
    } while (session_rights_has_released(host->sessions));
}
