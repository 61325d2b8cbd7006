/* SPDX-License-Identifier: MIT */
/*
 * The service of layer 4: which of the transports an end belongs to, in one switch a call; and the
 * end of every entry, transport_deliver. The common part stands first in each kind of end, so the
 * kind says what it is.
 */
#include <errno.h>

#include "4-transport/transport_state.h"
#include "4-transport/transport_end.h"
#include "base/compiler.h"

static struct tcp_conn *tcp_of(const struct transport_end *end)
{
    return (struct tcp_conn *)(uintptr_t)end;
}

static struct datagram_end *datagram_of(const struct transport_end *end)
{
    return (struct datagram_end *)(uintptr_t)end;
}

static struct udp_end *udp_of(const struct transport_end *end)
{
    return (struct udp_end *)(uintptr_t)end;
}

static struct ping_end *ping_of(const struct transport_end *end)
{
    return (struct ping_end *)(uintptr_t)end;
}

void transport_end_pending(struct transport_end *end)
{
    if (end->upper && !list_has(&end->pending))
        list_add(&end->transport->pending, &end->pending);
}

int transport_open(struct transport *t, enum transport_kind kind, struct transport_upper *upper,
                   struct transport_end **end)
{
    void *opened = NULL;
    int result = -EPROTONOSUPPORT;

    switch (kind) {
    case TRANSPORT_STREAM: {
        struct tcp_conn *c = NULL;

        result = tcp_open(&t->tcp, upper, &c);
        opened = c;
        break;
    }
    case TRANSPORT_DATAGRAM: {
        struct udp_end *e = NULL;

        result = udp_open(&t->udp, t, upper, &e);
        opened = e;
        break;
    }
    case TRANSPORT_PING: {
        struct ping_end *e = NULL;

        result = ping_open(&t->ping, t, upper, &e);
        opened = e;
        break;
    }
    }
    *end = opened;
    return result;
}

void transport_close(struct transport_end *end, nanoseconds now)
{
    if (end->kind == TRANSPORT_STREAM) {
        tcp_close(tcp_of(end), now);
        return;
    }
    list_remove(&end->pending);
    if (end->kind == TRANSPORT_DATAGRAM)
        udp_close(udp_of(end));
    else
        ping_close(ping_of(end));
}

int transport_bind(struct transport_end *end, const struct endpoint *local, nanoseconds now)
{
    (void)now;
    switch ((enum transport_kind)end->kind) {
    case TRANSPORT_STREAM:
        return tcp_bind(tcp_of(end), local);
    case TRANSPORT_DATAGRAM:
        return udp_bind(udp_of(end), local);
    case TRANSPORT_PING:
        return ping_bind(ping_of(end), local);
    }
    return -EINVAL;
}

int transport_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    return end->kind == TRANSPORT_STREAM ? tcp_listen(tcp_of(end), backlog, now) : -EOPNOTSUPP;
}

int transport_connect(struct transport_end *end, const struct endpoint *remote, nanoseconds now)
{
    switch ((enum transport_kind)end->kind) {
    case TRANSPORT_STREAM:
        return tcp_connect(tcp_of(end), remote, now);
    case TRANSPORT_DATAGRAM:
        return udp_connect(udp_of(end), remote, now);
    case TRANSPORT_PING:
        return ping_connect(ping_of(end), remote, now);
    }
    return -EINVAL;
}

int transport_disconnect(struct transport_end *end, nanoseconds now)
{
    switch ((enum transport_kind)end->kind) {
    case TRANSPORT_STREAM:
        return tcp_disconnect(tcp_of(end), now);
    case TRANSPORT_DATAGRAM:
        return udp_disconnect(udp_of(end));
    case TRANSPORT_PING:
        return ping_disconnect(ping_of(end));
    }
    return -EINVAL;
}

int transport_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted, nanoseconds now)
{
    struct tcp_conn *c = NULL;
    int result;

    if (end->kind != TRANSPORT_STREAM)
        return -EOPNOTSUPP;
    result = tcp_accept(tcp_of(end), upper, &c, now);
    if (result == 0)
        *accepted = (struct transport_end *)(void *)c; /* its first member */
    return result;
}

ssize_t transport_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                       nanoseconds now)
{
    switch ((enum transport_kind)end->kind) {
    case TRANSPORT_STREAM:
        return tcp_write(tcp_of(end), m, flags, now);
    case TRANSPORT_DATAGRAM:
        return udp_send(udp_of(end), m, flags, now);
    case TRANSPORT_PING:
        return ping_send(ping_of(end), m, flags, now);
    }
    return -EINVAL;
}

ssize_t transport_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                          nanoseconds now)
{
    return end->kind == TRANSPORT_STREAM ? tcp_read(tcp_of(end), m, flags, now)
                                         : datagram_receive(datagram_of(end), m, flags);
}

int transport_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    return end->kind == TRANSPORT_STREAM ? tcp_shutdown(tcp_of(end), reading, writing, now)
                                         : datagram_shutdown(datagram_of(end), reading, writing);
}

unsigned transport_ready(const struct transport_end *end)
{
    return end->kind == TRANSPORT_STREAM ? tcp_ready(tcp_of(end))
                                         : datagram_ready(datagram_of(end));
}

int transport_error_take(struct transport_end *end)
{
    return end->kind == TRANSPORT_STREAM ? tcp_error_take(tcp_of(end))
                                         : datagram_error_take(datagram_of(end));
}

void transport_local(const struct transport_end *end, struct endpoint *local)
{
    if (end->kind == TRANSPORT_STREAM)
        tcp_local(tcp_of(end), local);
    else if (end->kind == TRANSPORT_DATAGRAM)
        udp_local(udp_of(end), local);
    else
        ping_local(ping_of(end), local);
}

int transport_remote(const struct transport_end *end, struct endpoint *remote)
{
    return end->kind == TRANSPORT_STREAM ? tcp_remote(tcp_of(end), remote)
                                         : datagram_remote(datagram_of(end), remote);
}

int transport_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                         nanoseconds now)
{
    return end->kind == TRANSPORT_STREAM ? tcp_option_set(tcp_of(end), option, value, now)
                                         : datagram_option_set(datagram_of(end), option, value);
}

int transport_option_get(const struct transport_end *end, enum transport_option option,
                         int64_t *value)
{
    return end->kind == TRANSPORT_STREAM ? tcp_option_get(tcp_of(end), option, value)
                                         : datagram_option_get(datagram_of(end), option, value);
}

int64_t transport_count(const struct transport_end *end, enum transport_count_kind kind)
{
    return end->kind == TRANSPORT_STREAM ? tcp_count(tcp_of(end), kind)
                                         : datagram_count(datagram_of(end), kind);
}

int transport_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    if (end->kind != TRANSPORT_STREAM)
        return -ENOPROTOOPT;
    tcp_info(tcp_of(end), info, now);
    return 0;
}

/* Sockets whose own queue became lighter go on sending. */
static void go_on(struct transport *t, nanoseconds now)
{
    struct list_link *l;

    while ((l = list_pop(&t->drained)) != NULL) {
        struct charge *charge = container_of(l, struct charge, drained);

        if (!charge->owned)
            continue;
        if (charge->code == t->tcp.code)
            tcp_drained(charge, now);
        else
            datagram_drained(charge);
    }
}

void transport_deliver(struct transport *t, nanoseconds now)
{
    struct list_link *l;

    go_on(t, now);
    while ((l = list_pop(&t->pending)) != NULL) {
        struct transport_end *end = container_of(l, struct transport_end, pending);

        if (end->upper)
            transport_upper_codes[end->upper->code].told(end->upper, now);
    }
    tcp_deliver(&t->tcp);
}
