/* SPDX-License-Identifier: MIT */
/*
 * A host's sockets as its programs are told of them (6-presentation/manage.h): connections in the
 * order of opening, those that nobody holds among them, and behind each listener what is half open
 * there; then sockets of other kinds. Those that never leave the host, or see frames, are
 * manage_local.c's.
 */
#include "6-presentation/manage.h"

#include <errno.h>
#include <string.h>

#include "4-transport/datagram.h"
#include "4-transport/tcp/tcp_conn.h"
#include "base/compiler.h"
#include "base/pool.h"
#include "node/host.h"
#include "node/manage_holder.h"

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_RAW = 255 /* all raw sockets, whatever they speak */
};

static uint32_t bounded(int64_t value)
{
    return value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* What all kinds of end have. */
static void tell_end(struct manage_socket *s, const struct transport_end *end)
{
    const struct descriptor *d = manage_holder(end);
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
    s->is_held = end->upper != NULL;
    s->inode = d ? d->inode : 0;
}

/* ---- streams ---- */

static const struct {
    uint8_t timer, shown;
} timers[] = {{TCP_TIMER_RETRANSMIT, 1},
              {TCP_TIMER_PERSIST, 4},
              {TCP_TIMER_TIME_WAIT, 3},
              {TCP_TIMER_FIN_WAIT_2, 2},
              {TCP_TIMER_KEEPALIVE, 2}};

static uint32_t milliseconds_until(nanoseconds due, nanoseconds now)
{
    return bounded((time_later(due, now) - now) / MILLISECOND);
}

static void tell_timer(struct manage_socket *s, const struct tcp_conn *c, nanoseconds now)
{
    for (size_t i = 0; c->state != TCP_STATE_LISTEN && i < sizeof timers / sizeof *timers; i++) {
        nanoseconds due = c->timers.due[timers[i].timer];

        if (due == NEVER)
            continue;
        s->timer = timers[i].shown;
        s->timer_ms = milliseconds_until(due, now);
        break;
    }
    s->retransmits = s->timer == 4 || s->timer == 2 ? c->timers.probes : c->timers.retransmits;
}

static void tell_stream(struct manage_socket *s, const struct tcp_conn *c, nanoseconds now)
{
    tell_end(s, &c->end);
    s->at = c;
    s->cookie = c->serial;
    s->state = c->state;
    s->shut_reading = c->close.shut_reading;
    s->shut_writing = c->close.fin_wanted;
    if (c->state == TCP_STATE_LISTEN && c->listener) {
        s->unread = c->listener->accepted_count;
        s->unsent = c->listener->backlog;
    }
    tell_timer(s, c, now);
}

static void tell_half(struct manage_socket *s, const struct tcp_half *h, nanoseconds now)
{
    struct tcp_half_facts facts;
    int64_t value = 0;

    tcp_listen_half_tell(h, &facts);
    s->at = h;
    s->local = facts.tuple->local;
    s->remote = facts.tuple->remote;
    s->interface = facts.interface;
    s->cookie = facts.serial;
    s->state = TCP_STATE_SYN_RECEIVED;
    s->timer = timers[0].shown;
    s->timer_ms = milliseconds_until(facts.due, now);
    s->retransmits = facts.retransmits;
    if (transport_option_get(&tcp_listen_of_half(h)->end, OPTION_FAMILIES, &value) == 0)
        s->is_6 = value != ADDRESS_FAMILY_4;
}

static bool is_half(const struct host *h, const void *at)
{
    return pool_index(h->transport.tcp.half_pool, at) != UINT32_MAX;
}

static bool next_stream(const struct host *h, const void **at, nanoseconds now,
                        struct manage_socket *s)
{
    const struct tcp_half *half = *at && is_half(h, *at) ? *at : NULL;
    const struct tcp_conn *c = half ? tcp_listen_of_half(half) : *at;
    const struct list_link *next = c ? c->all.next : h->transport.tcp.all.first;

    half = c && c->state == TCP_STATE_LISTEN ? tcp_listen_half_next(c, half) : NULL;
    if (half) {
        *at = half;
        tell_half(s, half, now);
        return true;
    }
    while (next && container_of(next, const struct tcp_conn, all)->state == TCP_STATE_CLOSED)
        next = next->next;
    if (!next)
        return false;
    c = container_of(next, const struct tcp_conn, all);
    *at = c;
    tell_stream(s, c, now);
    return true;
}

/* ---- the others ---- */

static bool is_of(const struct transport_end *end, uint8_t protocol, const struct manage_socket *s)
{
    switch (end->kind) {
    case TRANSPORT_DATAGRAM:
        return protocol == PROTOCOL_UDP;
    case TRANSPORT_PING:
        return protocol == (s->is_6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP);
    default:
        return protocol == PROTOCOL_RAW;
    }
}

static bool has_messages(const struct transport_end *end)
{
    return end->kind == TRANSPORT_DATAGRAM || end->kind == TRANSPORT_PING ||
           end->kind == TRANSPORT_RAW;
}

/* Linux: a raw socket's port is the number of its protocol, and its peer has none. */
static void tell_raw(struct manage_socket *s)
{
    int64_t value = 0;

    if (transport_option_get(s->end, OPTION_PROTOCOL, &value) == 0)
        s->protocol = (uint8_t)value;
    s->local.port = s->protocol;
    s->remote = container_of(s->end, const struct datagram_end, end)->remote;
    s->remote.port = 0;
    s->is_6_alone = false;
}

static bool next_message_socket(const struct host *h, uint8_t protocol, const void **at,
                                struct manage_socket *s)
{
    const struct socket *socket = *at;
    const struct list_link *next = socket ? socket->link.next : h->sessions.all.first;

    for (; next; next = next->next) {
        socket = container_of(next, const struct socket, link);
        memset(s, 0, sizeof *s);
        if (!socket->end || !has_messages(socket->end))
            continue;
        tell_end(s, socket->end);
        if (socket->end->kind == TRANSPORT_RAW)
            tell_raw(s);
        if (!is_of(socket->end, protocol, s) || s->local.port == 0)
            continue; /* one without a port is in no table, as on Linux */
        s->at = socket;
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

int manage_socket_end(struct call_host *calls, const struct manage_socket *socket, nanoseconds now)
{
    struct host *h = host_of_calls(calls);
    void *at = (void *)(uintptr_t)socket->at;
    struct transport_end *end = (struct transport_end *)(uintptr_t)socket->end;

    if (is_half(h, at)) {
        tcp_listen_half_end(at, now);
        return 0;
    }
    if (end->kind == TRANSPORT_STREAM) {
        tcp_destroy(at, now);
        return 0;
    }
    if (end->kind == TRANSPORT_PING)
        return -EOPNOTSUPP;
    datagram_error_set(container_of(end, struct datagram_end, end), ECONNABORTED);
    return transport_disconnect(end, now);
}

void manage_socket_counts(const struct call_host *calls, struct manage_counts *counts)
{
    const struct host *h = container_of(calls, const struct host, calls);
    const uint64_t *drops = h->node.drops;
    struct tcp_counts tcp;

    tcp_counts_read(&h->transport.tcp, &tcp);
    memset(counts, 0, sizeof *counts);
    counts->forwards = (uint32_t)h->ip.settings.forwarding[0];
    counts->default_ttl = calls->settings.default_ttl;
    counts->rto_least_ms = h->transport.tcp.settings.rto_min_us / 1000;
    counts->rto_most_ms = h->transport.tcp.settings.rto_max_ms;
    counts->active_opens = tcp.active_opens;
    counts->passive_opens = tcp.passive_opens;
    counts->attempt_fails = tcp.attempt_fails;
    counts->resets = tcp.resets;
    counts->bad_checksums = drops[DROP_TCP_CHECKSUM];
    counts->bad_segments = drops[DROP_TCP_HEADER] + counts->bad_checksums;
    counts->segments_in = tcp.segments_in + counts->bad_segments;
    counts->segments_again = tcp.segments_again;
    counts->segments_out = tcp.segments_out - tcp.segments_again;
    counts->resets_out = tcp.resets_out;
}
