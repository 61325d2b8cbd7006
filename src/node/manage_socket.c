/* SPDX-License-Identifier: MIT */
/*
 * A host's sockets as its programs are told of them (6-presentation/manage.h): connections in the
 * order of opening, those that nobody holds among them, and sockets of other kinds. What is half
 * open is a listener's, and not told of.
 */
#include "6-presentation/manage.h"

#include <string.h>

#include "4-transport/datagram.h"
#include "4-transport/tcp/tcp_conn.h"
#include "base/compiler.h"
#include "node/host.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };

static uint32_t bounded(int64_t value)
{
    return value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void tell_holder(struct manage_socket *s, const struct transport_end *end)
{
    const struct descriptor *d;

    if (!end->upper)
        return;
    d = container_of(container_of(end->upper, const struct socket, below)->upper,
                     const struct descriptor, session);
    s->inode = d->inode;
    s->is_held = true;
}

/* What all kinds of end have. */
static void tell_end(struct manage_socket *s, const struct transport_end *end)
{
    struct name name = {0};
    int64_t value = 0;

    s->end = end;
    transport_local(end, &name);
    s->local = name.endpoint;
    name = (struct name){0};
    if (transport_remote(end, &name) == 0)
        s->remote = name.endpoint;
    if (transport_option_get(end, OPTION_FAMILIES, &value) == 0) {
        s->is_6 = value != ADDRESS_FAMILY_4;
        s->is_6_alone = value == ADDRESS_FAMILY_6;
    }
    if (transport_option_get(end, OPTION_INTERFACE, &value) == 0)
        s->interface = (uint32_t)value;
    s->unread = bounded(transport_count(end, COUNT_UNREAD));
    s->unsent = bounded(transport_count(end, COUNT_UNACKED));
    tell_holder(s, end);
}

/* ---- streams ---- */

static const struct {
    uint8_t timer, shown;
} timers[] = {{TCP_TIMER_RETRANSMIT, 1},
              {TCP_TIMER_PERSIST, 4},
              {TCP_TIMER_TIME_WAIT, 3},
              {TCP_TIMER_FIN_WAIT_2, 2},
              {TCP_TIMER_KEEPALIVE, 2}};

static void tell_timer(struct manage_socket *s, const struct tcp_conn *c, nanoseconds now)
{
    for (size_t i = 0; c->state != TCP_STATE_LISTEN && i < sizeof timers / sizeof *timers; i++) {
        nanoseconds due = c->timers.due[timers[i].timer];

        if (due == NEVER)
            continue;
        s->timer = timers[i].shown;
        s->timer_ms = bounded((time_later(due, now) - now) / MILLISECOND);
        break;
    }
    s->retransmits = s->timer == 4 || s->timer == 2 ? c->timers.probes : c->timers.retransmits;
}

static bool next_stream(const struct host *h, const void **at, nanoseconds now,
                        struct manage_socket *s)
{
    const struct tcp_conn *c = *at;
    const struct list_link *next = c ? c->all.next : h->transport.tcp.all.first;

    while (next && container_of(next, const struct tcp_conn, all)->state == TCP_STATE_CLOSED)
        next = next->next;
    if (!next)
        return false;
    c = container_of(next, const struct tcp_conn, all);
    *at = c;
    tell_end(s, &c->end);
    s->cookie = c->serial;
    s->state = c->state;
    s->shut_reading = c->close.shut_reading;
    s->shut_writing = c->close.fin_wanted;
    if (c->state == TCP_STATE_LISTEN && c->listener) {
        s->unread = c->listener->accepted_count;
        s->unsent = c->listener->backlog;
    }
    tell_timer(s, c, now);
    return true;
}

/* ---- the others ---- */

static bool is_of(const struct transport_end *end, uint8_t protocol, const struct manage_socket *s)
{
    if (end->kind == TRANSPORT_DATAGRAM)
        return protocol == PROTOCOL_UDP;
    return end->kind == TRANSPORT_PING && protocol == (s->is_6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);
}

static bool next_message_socket(const struct host *h, uint8_t protocol, const void **at,
                                struct manage_socket *s)
{
    const struct socket *socket = *at;
    const struct list_link *next = socket ? socket->link.next : h->sessions.all.first;

    for (; next; next = next->next) {
        socket = container_of(next, const struct socket, link);
        memset(s, 0, sizeof *s);
        if (!socket->end ||
            (socket->end->kind != TRANSPORT_DATAGRAM && socket->end->kind != TRANSPORT_PING))
            continue;
        tell_end(s, socket->end);
        if (!is_of(socket->end, protocol, s) || s->local.port == 0)
            continue; /* one without a port is in no table, as on Linux */
        s->cookie = socket->serial;
        s->state = transport_phase(socket->end) == TRANSPORT_OPEN ? TCP_STATE_ESTABLISHED
                                                                  : TCP_STATE_CLOSED;
        *at = socket;
        return true;
    }
    return false;
}

bool manage_socket(const struct call_host *calls, uint8_t protocol, const void **at,
                   nanoseconds now, struct manage_socket *socket)
{
    const struct host *h = container_of(calls, const struct host, calls);

    memset(socket, 0, sizeof *socket);
    return protocol == PROTOCOL_TCP ? next_stream(h, at, now, socket)
                                    : next_message_socket(h, protocol, at, socket);
}
