/* SPDX-License-Identifier: MIT */
/*
 * A transport made of answers: layer 4 as layers 5 and 6 see it, without one. A test says what each
 * call shall answer and looks at what it was given. Included by one file of a program; it defines
 * the functions of transport.h.
 */
#pragma once
#include <errno.h>
#include <string.h>

#include "4-transport/transport_end.h"
#include "5-session/session_state.h"
#include "base/compiler.h"

enum { FAKE_ENDS = 512, FAKE_BYTES = 70000, FAKE_UPPER_CODE = 7 };

struct fake_end {
    struct transport_end end; /* first */
    bool open;
    enum transport_phase phase;
    int error; /* pending, positive */
    unsigned ready;
    bool has_remote;
    struct name local, remote;
    int64_t option[OPTION_COUNT];
    int64_t count[COUNT_AT_MARK + 1];
    unsigned disconnects, shutdowns;
    uint32_t backlog;
    bool shut_reading, shut_writing;
    /* what was sent last */
    struct transport_message sent;
    unsigned sent_flags, received_flags;
};

/* What the next calls answer. */
static struct fake {
    struct fake_end ends[FAKE_ENDS];
    enum transport_group_call group_call;
    struct transport_group group; /* of the last call */
    int group_result;
    enum transport_circuit_call circuit_call;
    struct transport_circuit circuit; /* of the last call; what is read */
    int circuit_result;
    int circuit_calls;
    int open_result, bind_result, connect_result, accept_result, disconnect_result;
    ssize_t send_result;               /* 0: all of it */
    ssize_t receive_result;            /* negative: that; else `datagram` is given */
    struct transport_message datagram; /* what is received: from, to, time, hop limit ... */
    uint8_t bytes[FAKE_BYTES];         /* its bytes */
    struct transport_info info;
    bool stays_opening; /* shutdown finds it opening from both sides, and waits */
    unsigned opened, closed;
} fake;

static struct fake_end *fake_of(const struct transport_end *end)
{
    return container_of(end, struct fake_end, end);
}

static struct fake_end *fake_open(enum transport_kind kind, struct transport_upper *upper)
{
    for (size_t i = 0; i < FAKE_ENDS; i++) {
        struct fake_end *e = &fake.ends[i];

        if (e->open)
            continue;
        memset(e, 0, sizeof *e);
        e->open = true;
        e->end.kind = kind;
        e->end.upper = upper;
        e->local.family = NAME_INTERNET;
        e->option[OPTION_LINGER] = -1;
        e->option[OPTION_PACING_RATE] = -1;
        e->option[OPTION_LINGER_2] = 60 * SECOND;
        e->option[OPTION_MULTICAST_HOP_LIMIT] = 1;
        e->option[OPTION_MULTICAST_LOOP] = 1;
        e->option[OPTION_DISCOVER_MTU] = 1;
        e->option[OPTION_MULTICAST_HOP_LIMIT_6] = 1;
        e->option[OPTION_MULTICAST_LOOP_6] = 1;
        e->option[OPTION_MULTICAST_ALL_6] = 1;
        e->option[OPTION_DISCOVER_MTU_6] = 1;
        e->option[OPTION_QUICK_ACK] = 1;
        e->option[OPTION_RECEIVE_LOW_WATER] = 1;
        e->option[OPTION_NOT_SENT_LOW_WATER] = UINT32_MAX;
        e->option[OPTION_KEEPALIVE_IDLE] = 7200 * SECOND;
        e->option[OPTION_KEEPALIVE_INTERVAL] = 75 * SECOND;
        e->option[OPTION_KEEPALIVE_COUNT] = 9;
        e->option[OPTION_SYN_COUNT] = 6;
        e->option[OPTION_MAXIMUM_SEGMENT] = 536;
        fake.opened++;
        return e;
    }
    return NULL;
}

int transport_open(struct transport *t, enum transport_kind kind, struct transport_upper *upper,
                   struct transport_end **end)
{
    struct fake_end *e;

    (void)t;
    if (fake.open_result)
        return fake.open_result;
    e = fake_open(kind, upper);
    if (!e)
        return -ENOBUFS;
    *end = &e->end;
    return 0;
}

int transport_pair(struct transport_end *a, struct transport_end *b)
{
    (void)a, (void)b;
    return -EOPNOTSUPP;
}

bool transport_is_immediate(const struct transport_end *end)
{
    (void)end;
    return false;
}

void transport_close(struct transport_end *end, nanoseconds now)
{
    (void)now;
    ensure(fake_of(end)->open);
    fake_of(end)->open = false;
    fake.closed++;
}

int transport_bind(struct transport_end *end, const struct name *local)
{
    if (end->kind == TRANSPORT_STREAM && fake_of(end)->phase != TRANSPORT_CLOSED)
        return -EINVAL;
    if (fake.bind_result)
        return fake.bind_result;
    fake_of(end)->local = *local;
    return 0;
}

int transport_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    (void)now;
    if (end->kind != TRANSPORT_STREAM)
        return -EOPNOTSUPP;
    fake_of(end)->phase = TRANSPORT_LISTENING;
    fake_of(end)->backlog = backlog;
    return 0;
}

int transport_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    (void)now;
    if (fake.connect_result)
        return fake.connect_result;
    fake_of(end)->remote = *remote;
    fake_of(end)->has_remote = true;
    fake_of(end)->phase = end->kind == TRANSPORT_STREAM ? TRANSPORT_OPENING : TRANSPORT_OPEN;
    if (end->kind != TRANSPORT_STREAM)
        return 0;
    return -EINPROGRESS;
}

int transport_disconnect(struct transport_end *end, nanoseconds now)
{
    (void)now;
    fake_of(end)->disconnects++;
    fake_of(end)->phase = TRANSPORT_CLOSED;
    fake_of(end)->has_remote = false;
    return fake.disconnect_result;
}

int transport_accept(struct transport_end *end, struct transport_upper *upper,
                     struct transport_end **accepted)
{
    struct fake_end *e;

    if (end->kind != TRANSPORT_STREAM)
        return -EOPNOTSUPP;
    if (fake_of(end)->phase != TRANSPORT_LISTENING)
        return -EINVAL;
    if (fake.accept_result)
        return fake.accept_result;
    e = fake_open(TRANSPORT_STREAM, upper);
    ensure(e != NULL);
    e->phase = TRANSPORT_OPEN;
    name_of_endpoint(&e->remote,
                     &(struct endpoint){.address = address_from_ip4(0x0a000002), .port = 40000});
    e->has_remote = true;
    *accepted = &e->end;
    return 0;
}

ssize_t transport_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                       nanoseconds now)
{
    (void)now;
    fake_of(end)->sent = *m;
    fake_of(end)->sent_flags = flags;
    return fake.send_result ? fake.send_result : (ssize_t)m->length;
}

ssize_t transport_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                          nanoseconds now)
{
    size_t length = m->length < fake.datagram.true_length ? m->length : fake.datagram.true_length;

    (void)now;
    fake_of(end)->received_flags = flags;
    if (fake.receive_result < 0)
        return fake.receive_result;
    if (!(flags & TRANSPORT_DISCARD) && length)
        memcpy(m->in, fake.bytes, length);
    m->remote = fake.datagram.remote;
    m->local = fake.datagram.local;
    m->time = fake.datagram.time;
    m->true_length = fake.datagram.true_length;
    m->hop_limit = fake.datagram.hop_limit;
    m->traffic_class = fake.datagram.traffic_class;
    m->urgent = fake.datagram.urgent;
    m->qualified = fake.datagram.qualified;
    m->options_length = fake.datagram.options_length;
    memcpy(m->options, fake.datagram.options, m->options_length);
    return (ssize_t)length;
}

int transport_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    (void)now;
    fake_of(end)->shutdowns++;
    fake_of(end)->shut_reading |= reading;
    fake_of(end)->shut_writing |= writing;
    if (fake_of(end)->phase == TRANSPORT_CLOSED)
        return -ENOTCONN;
    if (fake_of(end)->phase == TRANSPORT_LISTENING ||
        (fake_of(end)->phase == TRANSPORT_OPENING && !fake.stays_opening))
        return transport_disconnect(end, now);
    return 0;
}

enum transport_phase transport_phase(const struct transport_end *end)
{
    return fake_of(end)->phase;
}

const struct transport_upper *transport_upper_of(const struct transport_end *end)
{
    return end->upper;
}

unsigned transport_ready(const struct transport_end *end)
{
    return fake_of(end)->ready;
}

int transport_error_take(struct transport_end *end)
{
    int error = fake_of(end)->error;

    fake_of(end)->error = 0;
    return error;
}

void transport_local(const struct transport_end *end, struct name *local)
{
    *local = fake_of(end)->local;
}

int transport_remote(const struct transport_end *end, struct name *remote)
{
    if (!fake_of(end)->has_remote)
        return -ENOTCONN;
    *remote = fake_of(end)->remote;
    return 0;
}

int transport_group(struct transport_end *end, enum transport_group_call call,
                    struct transport_group *group, nanoseconds now)
{
    (void)now;
    ensure(fake_of(end)->open);
    fake.group_call = call;
    fake.group = *group;
    return fake.group_result;
}

int transport_circuit(struct transport_end *end, enum transport_circuit_call call,
                      struct transport_circuit *circuit, nanoseconds now)
{
    (void)now;
    ensure(fake_of(end)->open);
    if (call == TRANSPORT_CIRCUIT_READ) {
        *circuit = fake.circuit;
        return 0;
    }
    fake.circuit_calls++;
    fake.circuit_call = call;
    fake.circuit = *circuit;
    return fake.circuit_result;
}

uint16_t transport_interface_of(const struct transport_end *end, struct address own)
{
    (void)end;
    return address_equal(own, address_from_ip4(0x0a000001)) ? 2 : 0;
}

int transport_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                         nanoseconds now)
{
    (void)now;
    ensure(option < OPTION_COUNT);
    if (option == OPTION_WINDOW_CLAMP && value == 0 && fake_of(end)->phase != TRANSPORT_CLOSED)
        return -EINVAL;
    fake_of(end)->option[option] = value;
    return 0;
}

int transport_option_get(const struct transport_end *end, enum transport_option option,
                         int64_t *value)
{
    ensure(option < OPTION_COUNT);
    if (option == OPTION_MTU && !fake_of(end)->has_remote)
        return -ENOTCONN;
    *value = fake_of(end)->option[option];
    return 0;
}

__attribute__((unused)) int transport_link(struct transport_end *end, enum transport_link_call call,
                                           struct transport_link *given)
{
    (void)end, (void)call, (void)given;
    return -ENOPROTOOPT;
}

__attribute__((unused)) int transport_header(struct transport_end *end,
                                             enum transport_header_call call,
                                             struct transport_header *header)
{
    (void)end, (void)call, (void)header;
    return -ENOPROTOOPT;
}

__attribute__((unused)) int transport_filter(struct transport_end *end,
                                             enum transport_filter_call call,
                                             struct transport_filter *filter)
{
    (void)end, (void)call, (void)filter;
    return -ENOPROTOOPT;
}

int64_t transport_count(const struct transport_end *end, enum transport_count_kind kind)
{
    return fake_of(end)->count[kind];
}

int transport_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)now;
    if (end->kind != TRANSPORT_STREAM)
        return -ENOPROTOOPT;
    *info = fake.info;
    return 0;
}
