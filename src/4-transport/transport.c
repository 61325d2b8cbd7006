/* SPDX-License-Identifier: MIT */
/*
 * The service of layer 4: one row a kind of transport, one column an operation; and the end of every
 * entry, transport_deliver. The common part stands first in each kind of end and says its kind, so a
 * call is one look into the table; nothing else in the system asks which kind an end is. A new kind
 * is its files, its struct in struct transport, and a row here.
 *
 * What a kind does not have, its column says: there is no empty place in a row.
 */
#include <errno.h>

#include "4-transport/transport_end.h"
#include "4-transport/transport_state.h"
#include "base/compiler.h"

struct operations {
    int (*open)(struct transport *t, struct transport_upper *upper, struct transport_end **end);
    void (*close)(struct transport_end *end, nanoseconds now);
    int (*bind)(struct transport_end *end, const struct name *local);
    int (*listen)(struct transport_end *end, uint32_t backlog, nanoseconds now);
    int (*connect)(struct transport_end *end, const struct name *remote, nanoseconds now);
    int (*disconnect)(struct transport_end *end, nanoseconds now);
    int (*accept)(struct transport_end *end, struct transport_upper *upper,
                  struct transport_end **accepted);
    ssize_t (*send)(struct transport_end *end, const struct transport_message *m, unsigned flags,
                    nanoseconds now);
    ssize_t (*receive)(struct transport_end *end, struct transport_message *m, unsigned flags,
                       nanoseconds now);
    int (*shutdown)(struct transport_end *end, bool reading, bool writing, nanoseconds now);
    enum transport_phase (*phase)(const struct transport_end *end);
    unsigned (*ready)(const struct transport_end *end);
    int (*error_take)(struct transport_end *end);
    void (*drained)(struct transport_end *end, nanoseconds now); /* its own queue is lighter */
    void (*local)(const struct transport_end *end, struct name *local);
    int (*remote)(const struct transport_end *end, struct name *remote);
    int (*option_set)(struct transport_end *end, enum transport_option option, int64_t value,
                      nanoseconds now);
    int (*option_get)(const struct transport_end *end, enum transport_option option,
                      int64_t *value);
    int64_t (*count)(const struct transport_end *end, enum transport_count_kind kind);
    int (*info)(const struct transport_end *end, struct transport_info *info, nanoseconds now);
    int (*check)(const struct transport *t); /* all ends of a host */
};

/* ---- where a host keeps each ---- */

static int stream_open(struct transport *t, struct transport_upper *upper,
                       struct transport_end **end)
{
    return tcp_open(&t->tcp, upper, end);
}

static int stream_check(const struct transport *t)
{
    return tcp_check_all(&t->tcp);
}

static int udp_end_open(struct transport *t, struct transport_upper *upper,
                        struct transport_end **end)
{
    return udp_open(&t->udp, upper, end);
}

static int udp_end_check(const struct transport *t)
{
    return udp_check(&t->udp);
}

static int ping_end_open(struct transport *t, struct transport_upper *upper,
                         struct transport_end **end)
{
    return ping_open(&t->ping, upper, end);
}

static int ping_end_check(const struct transport *t)
{
    return ping_check(&t->ping);
}

/* ---- what datagrams have not ---- */

static int no_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    (void)end, (void)backlog, (void)now;
    return -EOPNOTSUPP;
}

static int no_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted)
{
    (void)end, (void)upper, (void)accepted;
    return -EOPNOTSUPP;
}

static int no_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}

/* What UDP and ping have from datagram.h. */
#define DATAGRAM_OPERATIONS                                                                        \
    .listen = no_listen, .accept = no_accept, .receive = datagram_receive,                         \
    .shutdown = datagram_shutdown, .phase = datagram_phase, .ready = datagram_ready,               \
    .error_take = datagram_error_take, .drained = datagram_drained, .remote = datagram_remote,     \
    .option_set = datagram_option_set, .option_get = datagram_option_get, .count = datagram_count, \
    .info = no_info

enum { KINDS = TRANSPORT_PING + 1 };

static const struct operations operations[KINDS] = {
    [TRANSPORT_STREAM] = {.open = stream_open,
                          .close = tcp_close,
                          .bind = tcp_bind,
                          .listen = tcp_listen,
                          .connect = tcp_connect,
                          .disconnect = tcp_disconnect,
                          .accept = tcp_accept,
                          .send = tcp_write,
                          .receive = tcp_read,
                          .shutdown = tcp_shutdown,
                          .phase = tcp_phase,
                          .ready = tcp_ready,
                          .error_take = tcp_error_take,
                          .drained = tcp_drained,
                          .local = tcp_local,
                          .remote = tcp_remote,
                          .option_set = tcp_option_set,
                          .option_get = tcp_option_get,
                          .count = tcp_count,
                          .info = tcp_info,
                          .check = stream_check},
    [TRANSPORT_DATAGRAM] = {.open = udp_end_open,
                            .close = udp_close,
                            .bind = udp_bind,
                            .connect = udp_connect,
                            .disconnect = udp_disconnect,
                            .send = udp_send,
                            .local = udp_local,
                            .check = udp_end_check,
                            DATAGRAM_OPERATIONS},
    [TRANSPORT_PING] = {.open = ping_end_open,
                        .close = ping_close,
                        .bind = ping_bind,
                        .connect = ping_connect,
                        .disconnect = ping_disconnect,
                        .send = ping_send,
                        .local = ping_local,
                        .check = ping_end_check,
                        DATAGRAM_OPERATIONS},
};

/* ---- the calls ---- */

int transport_open(struct transport *t, enum transport_kind kind, struct transport_upper *upper,
                   struct transport_end **end)
{
    if ((unsigned)kind >= KINDS || !operations[kind].open)
        return -EPROTONOSUPPORT;
    return operations[kind].open(t, upper, end);
}

void transport_close(struct transport_end *end, nanoseconds now)
{
    operations[end->kind].close(end, now);
}

int transport_bind(struct transport_end *end, const struct name *local)
{
    return operations[end->kind].bind(end, local);
}

int transport_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    return operations[end->kind].listen(end, backlog, now);
}

int transport_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    return operations[end->kind].connect(end, remote, now);
}

int transport_disconnect(struct transport_end *end, nanoseconds now)
{
    return operations[end->kind].disconnect(end, now);
}

int transport_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted)
{
    return operations[end->kind].accept(end, upper, accepted);
}

ssize_t transport_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                       nanoseconds now)
{
    return operations[end->kind].send(end, m, flags, now);
}

ssize_t transport_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                          nanoseconds now)
{
    return operations[end->kind].receive(end, m, flags, now);
}

int transport_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    return operations[end->kind].shutdown(end, reading, writing, now);
}

enum transport_phase transport_phase(const struct transport_end *end)
{
    return operations[end->kind].phase(end);
}

unsigned transport_ready(const struct transport_end *end)
{
    return operations[end->kind].ready(end);
}

int transport_error_take(struct transport_end *end)
{
    return operations[end->kind].error_take(end);
}

void transport_local(const struct transport_end *end, struct name *local)
{
    operations[end->kind].local(end, local);
}

int transport_remote(const struct transport_end *end, struct name *remote)
{
    return operations[end->kind].remote(end, remote);
}

int transport_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                         nanoseconds now)
{
    return operations[end->kind].option_set(end, option, value, now);
}

int transport_option_get(const struct transport_end *end, enum transport_option option,
                         int64_t *value)
{
    return operations[end->kind].option_get(end, option, value);
}

int64_t transport_count(const struct transport_end *end, enum transport_count_kind kind)
{
    return operations[end->kind].count(end, kind);
}

int transport_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    return operations[end->kind].info(end, info, now);
}

const struct transport_upper *transport_upper_of(const struct transport_end *end)
{
    return end->upper;
}

/* ---- the end of an entry ---- */

/* Sockets whose own queue became lighter go on sending. */
static void go_on(struct transport *t, nanoseconds now)
{
    struct list_link *l;

    while ((l = list_pop(&t->drained)) != NULL) {
        struct charge *charge = container_of(l, struct charge, drained);
        struct transport_end *end = charge->owner;

        if (!charge->owned)
            continue;
        charge->wants = 0;
        operations[end->kind].drained(end, now);
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

int transport_check(const struct transport *t)
{
    int line = 0;

    for (int kind = TRANSPORT_STREAM; line == 0 && kind < KINDS; kind++)
        line = operations[kind].check(t);
    return line;
}
