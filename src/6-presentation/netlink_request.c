/* SPDX-License-Identifier: MIT */
/*
 * Requests: RFC 3549 2.3.2.1. A type is of a kind of entry, in steps of four: new, delete, get, set
 * (rtnetlink(7)). A get with NLM_F_DUMP asks for the table, and one request for a table is answered
 * at a time (EBUSY). Who asked for strict checks (NETLINK_GET_STRICT_CHK) is refused what a
 * question for a table does not look at; who did not may send less than its whole header.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <string.h>

enum { STEP = 4, NEW = 0, DELETE = 1, GET = 2, SET = 3 };

static const struct netlink_kind kinds[] = {
    {RTM_NEWLINK, sizeof(struct ifinfomsg), netlink_link_dump, netlink_link_get,
     netlink_change_link, netlink_change_link_remove},
    {RTM_NEWADDR, sizeof(struct ifaddrmsg), netlink_address_dump, NULL, netlink_change_address,
     netlink_change_address_remove},
    {RTM_NEWROUTE, sizeof(struct rtmsg), netlink_route_dump, netlink_route_get,
     netlink_change_route, netlink_change_route_remove},
    {RTM_NEWNEIGH, sizeof(struct ndmsg), netlink_neighbor_dump, netlink_neighbor_get,
     netlink_change_neighbor, netlink_change_neighbor_remove},
    {RTM_NEWRULE, sizeof(struct fib_rule_hdr), netlink_rule_dump, NULL, NULL, NULL},
};

/* What NETLINK_SOCK_DIAG has. */
static const struct netlink_kind diag = {SOCK_DIAG_BY_FAMILY,
                                         sizeof(struct inet_diag_req_v2),
                                         netlink_diag_dump,
                                         netlink_diag_get,
                                         NULL,
                                         NULL};

static const struct netlink_kind *kind_of(const struct netlink_end *e, uint16_t type)
{
    if (e->end.kind == TRANSPORT_DIAG)
        return type == SOCK_DIAG_BY_FAMILY || type == SOCK_DESTROY ? &diag : NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (type >= kinds[i].type && type < kinds[i].type + STEP)
            return &kinds[i];
    return NULL;
}

/* ---- one request ---- */

/* The attributes behind the struct of its kind, which may not be whole. */
static void attributes_of(const struct netlink_kind *kind, const uint8_t *body, uint32_t length,
                          struct netlink_attributes *attributes)
{
    uint32_t skip = NLMSG_ALIGN((uint32_t)kind->bytes);

    netlink_attributes_read(body + (skip < length ? skip : length),
                            skip < length ? length - skip : 0, attributes);
}

static int begin_dump(struct netlink_answer *a, const struct netlink_kind *kind, nanoseconds now)
{
    const struct netlink_request *r = a->request;
    struct netlink_progress *dump = &a->end->dump;

    if (!kind->dump)
        return -EOPNOTSUPP;
    if (dump->goes_on)
        return -EBUSY;
    if (r->length > sizeof dump->body)
        return -EMSGSIZE;
    if (a->end->is_strict && kind != &diag && r->length < kind->bytes) {
        a->complaint = "Invalid header for dump request";
        return -EINVAL;
    }
    a->is_dump = true;
    netlink_answer_flush(a); /* what was answered before stands before it */
    dump->type = r->type;
    dump->flags = r->flags;
    dump->serial = r->serial;
    dump->length = r->length;
    dump->told = 0;
    dump->goes_on = 1;
    memset(dump->body, 0, sizeof dump->body);
    memcpy(dump->body, r->body, r->length);
    netlink_request_go_on(a->end, now);
    if (a->end->count == 0) { /* there is no memory, and nobody who would ask again */
        dump->goes_on = 0;
        return -ENOBUFS;
    }
    return 0;
}

static netlink_action *action_of(const struct netlink_kind *kind, uint16_t type)
{
    switch (type - kind->type) {
    case DELETE:
        return kind->remove;
    case GET:
        return kind->get;
    case SET: /* of links it means the same as new; others have none */
        return type == RTM_SETLINK ? kind->put : NULL;
    default:
        return kind->put;
    }
}

static int serve_diag(struct netlink_answer *a, const struct netlink_kind *kind, nanoseconds now)
{
    const struct netlink_request *r = a->request;
    struct netlink_attributes attributes;
    int status;

    if (!kind)
        return -EINVAL;
    if ((r->flags & NLM_F_DUMP) && r->length > sizeof a->end->dump.body)
        return -EMSGSIZE; /* before its filter, of any length, is looked through */
    attributes_of(kind, r->body, r->length, &attributes);
    status = netlink_diag_check(a, &attributes);
    if (status < 0)
        return status;
    if (r->type == SOCK_DESTROY)
        return netlink_diag_end(a, &attributes, now);
    return (r->flags & NLM_F_DUMP) ? begin_dump(a, kind, now)
                                   : netlink_diag_get(a, &attributes, now);
}

int netlink_request_serve(struct netlink_answer *a, nanoseconds now)
{
    const struct netlink_request *r = a->request;
    const struct netlink_kind *kind = kind_of(a->end, r->type);
    struct netlink_attributes attributes;
    netlink_action *action;

    if (a->end->end.kind == TRANSPORT_DIAG)
        return serve_diag(a, kind, now);
    if (!kind)
        return -EOPNOTSUPP;
    if (r->length == 0)
        return 0; /* Linux: it says not even of which family */
    if (r->type - kind->type == GET && (r->flags & NLM_F_DUMP))
        return begin_dump(a, kind, now);
    action = action_of(kind, r->type);
    if (!action)
        return -EOPNOTSUPP;
    if (r->length < kind->bytes)
        return -EINVAL;
    attributes_of(kind, r->body, r->length, &attributes);
    return action(a, &attributes, now);
}

/* ---- a table ---- */

static void put_done(struct netlink_answer *a, int status)
{
    uint8_t *at = netlink_answer_begin(a, NLMSG_DONE, NLM_F_MULTI, sizeof status);

    if (!at)
        return;
    memcpy(at, &status, sizeof status);
    netlink_answer_end(a);
}

void netlink_request_go_on(struct netlink_end *e, nanoseconds now)
{
    struct netlink_progress *dump = &e->dump;
    const struct netlink_kind *kind = kind_of(e, dump->type);
    const struct netlink_request r = {.type = dump->type,
                                      .flags = dump->flags,
                                      .serial = dump->serial,
                                      .header = dump->body,
                                      .body = dump->body,
                                      .length = dump->length};
    struct netlink_answer a = {.end = e, .request = &r, .told = dump->told};
    struct netlink_attributes attributes;
    int status;

    if (!dump->goes_on || e->count >= NETLINK_DUMP)
        return;
    attributes_of(kind, dump->body, dump->length, &attributes);
    status = kind->dump(&a, &attributes, now);
    dump->told = a.passed - (a.full && a.passed > dump->told);
    if (!a.paused && !a.full) {
        dump->goes_on = 0;
        put_done(&a, status);
        dump->goes_on = a.full; /* the end is what is left to be told */
    }
    netlink_answer_flush(&a);
}
