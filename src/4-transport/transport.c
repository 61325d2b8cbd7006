/* SPDX-License-Identifier: MIT */
/*
 * The service of layer 4: a call is one look into the table of operations, by the kind that every
 * end says in its common part; nothing else in the system asks which kind an end is. And the end of
 * every entry, transport_deliver.
 */
#include <errno.h>

#include "4-transport/transport_end.h"
#include "4-transport/transport_state.h"
#include "base/compiler.h"

void transport_attach(struct transport *t, struct transport_service *service,
                      enum transport_kind kind)
{
    service->pending = &t->pending;
    service->drained = &t->drained;
    service->kind = kind;
    t->service[kind] = service;
}

/* ---- the calls ---- */

int transport_open(struct transport *t, enum transport_kind kind, struct transport_upper *upper,
                   struct transport_end **end)
{
    if ((unsigned)kind >= TRANSPORT_KINDS || !t->service[kind])
        return -EPROTONOSUPPORT;
    return transport_operations[kind].open(t->service[kind], upper, end);
}

int transport_pair(struct transport_end *a, struct transport_end *b)
{
    if (!transport_operations[a->kind].pair)
        return -EOPNOTSUPP;
    return transport_operations[a->kind].pair(a, b);
}

bool transport_is_immediate(const struct transport_end *end)
{
    return transport_operations[end->kind].is_immediate;
}

void transport_close(struct transport_end *end, nanoseconds now)
{
    transport_operations[end->kind].close(end, now);
}

int transport_bind(struct transport_end *end, const struct name *local)
{
    return transport_operations[end->kind].bind(end, local);
}

int transport_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    return transport_operations[end->kind].listen(end, backlog, now);
}

int transport_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    return transport_operations[end->kind].connect(end, remote, now);
}

int transport_disconnect(struct transport_end *end, nanoseconds now)
{
    return transport_operations[end->kind].disconnect(end, now);
}

int transport_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted)
{
    return transport_operations[end->kind].accept(end, upper, accepted);
}

ssize_t transport_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                       nanoseconds now)
{
    return transport_operations[end->kind].send(end, m, flags, now);
}

ssize_t transport_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                          nanoseconds now)
{
    return transport_operations[end->kind].receive(end, m, flags, now);
}

int transport_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    return transport_operations[end->kind].shutdown(end, reading, writing, now);
}

enum transport_phase transport_phase(const struct transport_end *end)
{
    return transport_operations[end->kind].phase(end);
}

unsigned transport_ready(const struct transport_end *end)
{
    return transport_operations[end->kind].ready(end);
}

int transport_error_take(struct transport_end *end)
{
    return transport_operations[end->kind].error_take(end);
}

void transport_local(const struct transport_end *end, struct name *local)
{
    transport_operations[end->kind].local(end, local);
}

int transport_remote(const struct transport_end *end, struct name *remote)
{
    return transport_operations[end->kind].remote(end, remote);
}

int transport_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                         nanoseconds now)
{
    return transport_operations[end->kind].option_set(end, option, value, now);
}

int transport_group(struct transport_end *end, enum transport_group_call call,
                    struct transport_group *group, nanoseconds now)
{
    if (!transport_operations[end->kind].group)
        return -EPROTO;
    return transport_operations[end->kind].group(end, call, group, now);
}

uint16_t transport_interface_of(const struct transport_end *end, struct address own)
{
    if (!transport_operations[end->kind].interface_of)
        return 0;
    return transport_operations[end->kind].interface_of(end, own);
}

int transport_circuit(struct transport_end *end, enum transport_circuit_call call,
                      struct transport_circuit *circuit, nanoseconds now)
{
    if (!transport_operations[end->kind].circuit)
        return -EOPNOTSUPP;
    return transport_operations[end->kind].circuit(end, call, circuit, now);
}

int transport_option_get(const struct transport_end *end, enum transport_option option,
                         int64_t *value)
{
    return transport_operations[end->kind].option_get(end, option, value);
}

int transport_filter(struct transport_end *end, enum transport_filter_call call,
                     struct transport_filter *filter)
{
    if (!transport_operations[end->kind].filter)
        return -ENOPROTOOPT;
    return transport_operations[end->kind].filter(end, call, filter);
}

int transport_header(struct transport_end *end, enum transport_header_call call,
                     struct transport_header *header)
{
    if (!transport_operations[end->kind].header)
        return -ENOPROTOOPT;
    return transport_operations[end->kind].header(end, call, header);
}

int transport_link(struct transport_end *end, enum transport_link_call call,
                   struct transport_link *given)
{
    if (!transport_operations[end->kind].link)
        return -ENOPROTOOPT;
    return transport_operations[end->kind].link(end, call, given);
}

int64_t transport_count(const struct transport_end *end, enum transport_count_kind kind)
{
    return transport_operations[end->kind].count(end, kind);
}

int transport_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    return transport_operations[end->kind].info(end, info, now);
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
        transport_operations[end->kind].drained(end, now);
    }
}

/* Out of line: whoever has nothing to deliver asks first, and needs no frame for it. */
RARE void transport_deliver(struct transport *t, nanoseconds now)
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

    for (int kind = 0; line == 0 && kind < TRANSPORT_KINDS; kind++)
        if (t->service[kind])
            line = transport_operations[kind].check(t->service[kind]);
    return line;
}
