/* SPDX-License-Identifier: MIT */
/*
 * Sockets of AF_UNIX, AF_PACKET and AF_NETLINK as a host's programs are told of them
 * (6-presentation/manage.h), in the order of opening. Of AF_UNIX those that wait to be accepted are
 * among them, which are nobody's yet; what was closed, and only waits for what it sent to be read,
 * is not.
 */
#include "6-presentation/manage.h"

#include <string.h>
#include <sys/socket.h>

#include "base/compiler.h"
#include "node/manage_holder.h"

enum { PROTOCOL_ROUTE = 0, PROTOCOL_DIAG = 4 /* NETLINK_ROUTE, NETLINK_SOCK_DIAG */ };

static uint32_t inode_of(const struct transport_end *end)
{
    const struct descriptor *d = manage_holder(end);

    return d ? d->inode : 0;
}

static uint8_t state_of(const struct unix_end *e)
{
    static const uint8_t states[] = {[UNIX_CLOSED] = TCP_STATE_CLOSED,
                                     [UNIX_LISTENING] = TCP_STATE_LISTEN,
                                     [UNIX_CONNECTED] = TCP_STATE_ESTABLISHED};

    return states[e->state];
}

/* By the order of the kinds. */
static const uint8_t types[UNIX_KINDS] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

bool manage_local(const struct call_host *calls, const void **at, struct manage_local *s)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct unix_end *e = *at;
    const struct list_link *next = e ? e->link.next : h->unix_host.ends.first;

    while (next && container_of(next, const struct unix_end, link)->dead)
        next = next->next;
    if (!next)
        return false;
    e = container_of(next, const struct unix_end, link);
    *at = e;
    memset(s, 0, sizeof *s);
    s->end = &e->end;
    s->type = types[e->end.kind - TRANSPORT_UNIX_STREAM];
    if (e->name) {
        s->name.bytes = e->name->bytes;
        s->name.length = e->name->length;
    }
    s->cookie = e->serial;
    s->inode = inode_of(&e->end);
    s->peer = e->peer ? inode_of(&e->peer->end) : 0;
    s->is_held = e->end.upper != NULL;
    s->has_peer = e->peer != NULL;
    s->state = state_of(e);
    s->shut_reading = (e->shut & UNIX_SHUT_READING) != 0;
    s->shut_writing = (e->shut & UNIX_SHUT_WRITING) != 0;
    if (e->state == UNIX_LISTENING) {
        s->unread = e->waiting;
        s->unsent = e->backlog;
    } else {
        s->unread = (uint32_t)transport_count(&e->end, COUNT_UNREAD);
        s->unsent = (uint32_t)transport_count(&e->end, COUNT_UNACKED);
    }
    return true;
}

bool manage_local_waiting(const struct transport_end *listener, const void **at, uint32_t *inode)
{
    const struct unix_end *e = *at;
    const struct list_link *next =
        e ? e->accepted.next : container_of(listener, const struct unix_end, end)->accepts.first;

    if (!next)
        return false;
    e = container_of(next, const struct unix_end, accepted);
    *at = e;
    *inode = e->peer ? inode_of(&e->peer->end) : 0;
    return true;
}

bool manage_local_frames(const struct call_host *calls, const void **at, struct manage_frames *s)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct frames_end *e = *at;
    const struct list_link *next = e ? e->link.next : h->frames.ends.first;
    const struct descriptor *d;

    if (!next)
        return false;
    e = container_of(next, const struct frames_end, link);
    *at = e;
    memset(s, 0, sizeof *s);
    s->end = &e->end;
    s->interface = e->interface;
    s->unread = e->used;
    s->receive_buffer = e->options.receive_buffer;
    s->send_buffer = e->options.send_buffer;
    s->protocol = e->protocol;
    s->is_cooked = e->is_cooked;
    d = manage_holder(&e->end);
    if (d) {
        s->cookie = d->session.socket->serial;
        s->inode = d->inode;
        s->tells_facts = (d->wants & WANTS_FRAME) != 0;
    }
    return true;
}

bool manage_local_netlink(const struct call_host *calls, const void **at, struct manage_netlink *s)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const struct netlink_end *e = *at;
    const struct list_link *next = e ? e->link.next : h->netlink.ends.first;

    if (!next)
        return false;
    e = container_of(next, const struct netlink_end, link);
    *at = e;
    memset(s, 0, sizeof *s);
    s->inode = inode_of(&e->end);
    s->port = e->port;
    s->groups = (uint32_t)e->groups;
    s->protocol = e->end.service == &h->netlink.diag ? PROTOCOL_DIAG : PROTOCOL_ROUTE;
    for (uint32_t i = 0; i < e->count; i++)
        s->unread += e->waiting[(e->first + i) % NETLINK_WAITING]->size;
    s->is_telling = e->dump.goes_on;
    return true;
}
