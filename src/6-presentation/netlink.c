/* SPDX-License-Identifier: MIT */
/*
 * Sockets of NETLINK_ROUTE: a request comes by send, its answers wait in packets to be received
 * (RFC 3549 2.2, 2.3). Who asks more than fits is told ENOBUFS, and asks again.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/integer.h"
#include "base/packet.h"
#include "base/pool.h"

enum { BUFFER_DEFAULT = 212992, GROUPS = RTNLGRP_MAX };
_Static_assert((int)GROUPS <= 64, "a bit for each");

static struct netlink_end *end_of(const struct transport_end *end)
{
    return (struct netlink_end *)(uintptr_t)end; /* its first member */
}

uint32_t netlink_end_bytes(void)
{
    return sizeof(struct netlink_end);
}

void netlink_init(struct netlink *n, struct means *means, struct call_host *host,
                  struct pool *end_pool)
{
    n->means = means;
    n->host = host;
    n->end_pool = end_pool;
}

int netlink_open(struct transport_service *service, struct transport_upper *upper,
                 struct transport_end **end)
{
    struct netlink *n = service->kind == TRANSPORT_DIAG
                            ? container_of(service, struct netlink, diag)
                            : container_of(service, struct netlink, service);
    struct netlink_end *e = n->count < NETLINK_ENDS ? pool_get(n->end_pool) : NULL;

    if (!e)
        return -ENOBUFS;
    e->end.service = service;
    e->end.upper = upper;
    e->end.kind = service->kind;
    e->netlink = n;
    e->send_buffer = e->receive_buffer = BUFFER_DEFAULT;
    list_add(&n->ends, &e->link);
    n->count++;
    *end = &e->end;
    return 0;
}

static struct packet *take(struct netlink_end *e)
{
    struct packet *p = e->waiting[e->first];

    e->waiting[e->first] = NULL;
    e->first = (e->first + 1) % NETLINK_WAITING;
    e->count--;
    return p;
}

/* While anybody is a member of any, layers note what they change. */
static void groups_set(struct netlink_end *e, uint64_t groups)
{
    struct netlink *n = e->netlink;
    bool is_any = false;

    e->groups = groups;
    for (struct list_link *l = n->ends.first; l; l = l->next)
        is_any = is_any || container_of(l, struct netlink_end, link)->groups;
    n->means->changes = is_any ? &n->changes : NULL;
    if (!is_any)
        n->changes.count = n->changes.lost = 0;
}

void netlink_close(struct transport_end *end, nanoseconds now)
{
    struct netlink_end *e = end_of(end);

    (void)now;
    groups_set(e, 0);
    while (e->count)
        packet_put(take(e));
    list_remove(&e->end.pending);
    list_remove(&e->link);
    e->netlink->count--;
    pool_put(e->netlink->end_pool, e);
}

/* Each protocol has ports of its own. */
static bool is_taken(const struct netlink_end *own, uint32_t port)
{
    for (struct list_link *l = own->netlink->ends.first; l; l = l->next) {
        const struct netlink_end *e = container_of(l, struct netlink_end, link);

        if (e->port == port && e->end.kind == own->end.kind)
            return true;
    }
    return false;
}

/* One that nobody has; Linux takes the number of the process, which is nobody's here. */
static void choose_port(struct netlink_end *e)
{
    do
        e->netlink->ports = e->netlink->ports % INT32_MAX + 1;
    while (is_taken(e, e->netlink->ports));
    e->port = e->netlink->ports;
}

int netlink_bind(struct transport_end *end, const struct name *local)
{
    struct netlink_end *e = end_of(end);

    if (e->end.kind == TRANSPORT_DIAG && local->netlink.groups)
        return -EPERM; /* what ends is not told of */
    if (e->port && local->netlink.port != e->port)
        return -EINVAL;
    if (e->port) {
        groups_set(e, (e->groups & ~(uint64_t)UINT32_MAX) | local->netlink.groups);
        return 0;
    }
    if (local->netlink.port == 0)
        choose_port(e);
    else if (is_taken(e, local->netlink.port))
        return -EADDRINUSE;
    else
        e->port = local->netlink.port;
    groups_set(e, (e->groups & ~(uint64_t)UINT32_MAX) | local->netlink.groups);
    return 0;
}

int netlink_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    (void)end, (void)backlog, (void)now;
    return -EOPNOTSUPP;
}

int netlink_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    struct netlink_end *e = end_of(end);

    (void)now;
    if (remote->netlink.port || remote->netlink.groups)
        return -EPERM; /* only the host itself is there to be asked */
    if (!e->port)
        choose_port(e);
    return 0;
}

int netlink_disconnect(struct transport_end *end, nanoseconds now)
{
    (void)end, (void)now;
    return 0;
}

int netlink_accept(struct transport_end *end, struct transport_upper *upper,
                   struct transport_end **accepted)
{
    (void)end, (void)upper, (void)accepted;
    return -EOPNOTSUPP;
}

/* ---- requests ---- */

static void serve(struct netlink_answer *a, nanoseconds now)
{
    const struct netlink_request *r = a->request;
    bool asks = (r->flags & NLM_F_REQUEST) && r->type >= NLMSG_MIN_TYPE;
    int status = asks ? netlink_request_serve(a, now) : 0;

    if (status || ((r->flags & NLM_F_ACK) && !a->is_dump))
        netlink_answer_error(a, status);
}

ssize_t netlink_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                     nanoseconds now)
{
    struct netlink_end *e = end_of(end);
    struct netlink_answer a = {.end = e};
    size_t at = 0;

    if (flags & TRANSPORT_OUT_OF_BAND)
        return -EOPNOTSUPP;
    if (m->remote.family != NAME_NONE && (m->remote.netlink.port || m->remote.netlink.groups))
        return -EPERM;
    if (!e->port)
        choose_port(e);
    while (m->length - at >= sizeof(struct nlmsghdr) && !a.full) {
        struct netlink_request r;
        struct nlmsghdr header;

        memcpy(&header, m->out + at, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > m->length - at)
            break;
        r.type = header.nlmsg_type;
        r.flags = header.nlmsg_flags;
        r.serial = header.nlmsg_seq;
        r.header = m->out + at;
        r.body = r.header + NLMSG_HDRLEN;
        r.length = header.nlmsg_len - (uint32_t)sizeof header;
        a.request = &r;
        a.complaint = NULL;
        a.is_dump = false;
        serve(&a, now);
        netlink_answer_flush(&a);
        at += least(NLMSG_ALIGN((size_t)header.nlmsg_len), m->length - at);
    }
    return a.full ? -ENOBUFS : (ssize_t)m->length;
}

ssize_t netlink_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                        nanoseconds now)
{
    struct netlink_end *e = end_of(end);
    struct packet *p;
    size_t n;

    if (e->has_lost) {
        e->has_lost = 0;
        return -ENOBUFS;
    }
    if (e->count == 0 && !e->dump.goes_on)
        return -EAGAIN;
    netlink_request_go_on(e, now);
    if (e->count == 0) { /* there was no memory for the rest */
        e->dump.goes_on = 0;
        return -ENOBUFS;
    }
    p = e->waiting[e->first];
    m->true_length = packet_length(p);
    n = (size_t)least(m->length, m->true_length);
    if (n)
        memcpy(m->in, packet_data(p), n);
    memset(&m->remote, 0, sizeof m->remote);
    m->remote.family = NAME_NETLINK; /* the host itself: port 0 */
    if (!(flags & TRANSPORT_PEEK)) {
        packet_put(take(e));
        netlink_request_go_on(e, now);
    }
    return (ssize_t)n;
}

int netlink_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    (void)end, (void)reading, (void)writing, (void)now;
    return -EOPNOTSUPP;
}

enum transport_phase netlink_phase(const struct transport_end *end)
{
    (void)end;
    return TRANSPORT_OPEN; /* whom it asks is always there */
}

unsigned netlink_ready(const struct transport_end *end)
{
    const struct netlink_end *e = end_of(end);

    return READY_OUT | (e->count || e->dump.goes_on || e->has_lost ? READY_IN : 0u) |
           (e->has_lost ? READY_ERROR : 0u);
}

int netlink_error_take(struct transport_end *end)
{
    struct netlink_end *e = end_of(end);
    int error = e->has_lost ? ENOBUFS : 0;

    e->has_lost = 0;
    return error;
}

void netlink_drained(struct transport_end *end, nanoseconds now)
{
    (void)end, (void)now;
}

void netlink_local(const struct transport_end *end, struct name *local)
{
    memset(local, 0, sizeof *local);
    local->family = NAME_NETLINK;
    local->netlink.port = end_of(end)->port;
}

int netlink_remote(const struct transport_end *end, struct name *remote)
{
    (void)end;
    memset(remote, 0, sizeof *remote);
    remote->family = NAME_NETLINK;
    return 0;
}

static uint8_t *flag_of(struct netlink_end *e, enum transport_option option)
{
    if (option == OPTION_NETLINK_EXPLAINS)
        return &e->explains;
    if (option == OPTION_NETLINK_CAPPED)
        return &e->is_capped;
    return option == OPTION_NETLINK_STRICT ? &e->is_strict : NULL;
}

static int group_change(struct netlink_end *e, bool joins, int64_t group)
{
    uint64_t bit;

    if (group < 1 || group > GROUPS || e->end.kind == TRANSPORT_DIAG)
        return -EINVAL;
    bit = UINT64_C(1) << (group - 1);
    groups_set(e, joins ? e->groups | bit : e->groups & ~bit);
    return 0;
}

/* Sizes are remembered: its answers do not count in them. */
int netlink_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                       nanoseconds now)
{
    struct netlink_end *e = end_of(end);
    uint8_t *flag = flag_of(e, option);

    (void)now;
    if (option == OPTION_SEND_BUFFER)
        e->send_buffer = (uint32_t)value;
    else if (option == OPTION_RECEIVE_BUFFER)
        e->receive_buffer = (uint32_t)value;
    else if (flag)
        *flag = value != 0;
    else if (option == OPTION_NETLINK_JOIN || option == OPTION_NETLINK_LEAVE)
        return group_change(e, option == OPTION_NETLINK_JOIN, value);
    else
        return -ENOPROTOOPT;
    return 0;
}

int netlink_option_get(const struct transport_end *end, enum transport_option option,
                       int64_t *value)
{
    struct netlink_end *e = end_of(end);
    const uint8_t *flag = flag_of(e, option);

    if (option == OPTION_SEND_BUFFER)
        *value = e->send_buffer;
    else if (option == OPTION_RECEIVE_BUFFER)
        *value = e->receive_buffer;
    else if (flag)
        *value = *flag;
    else
        return -ENOPROTOOPT;
    return 0;
}

int64_t netlink_count(const struct transport_end *end, enum transport_count_kind kind)
{
    (void)end, (void)kind;
    return -EINVAL;
}

int netlink_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}

int netlink_check(const struct transport_service *service)
{
    const struct netlink *n;
    uint32_t count = 0;

    if (service->kind == TRANSPORT_DIAG)
        return 0; /* all are in the one list */
    n = container_of(service, const struct netlink, service);

    for (struct list_link *l = n->ends.first; l; l = l->next) {
        const struct netlink_end *e = container_of(l, struct netlink_end, link);

        if (e->netlink != n || e->count > NETLINK_WAITING || e->first >= NETLINK_WAITING)
            return __LINE__;
        count++;
    }
    return count == n->count ? 0 : __LINE__;
}
