/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_SOCK_DIAG (sock_diag(7)): the sockets of a host, as `ss` asks for them. Here are those of
 * TCP, UDP, ping and raw sockets, in both families: by states and by a filter (netlink_filter.h),
 * with the extensions that the request names; netlink_diag_local.c has AF_UNIX and AF_PACKET. One
 * can be asked for by its names, and, but for ping, be ended (SOCK_DESTROY). The requests of before
 * Linux 3.3 and other families are refused (EINVAL, ENOENT).
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"
#include "6-presentation/netlink_diag.h"
#include "6-presentation/netlink_filter.h"
#include "6-presentation/sockopt.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "base/bytes.h"
#include "base/integer.h"

enum { STATE_CLOSED = 7, STATE_LISTEN = 10 /* TCP_CLOSE, TCP_LISTEN */ };

static bool is_asked(const struct inet_diag_req_v2 *asked, int extension)
{
    return asked->idiag_ext & (1 << (extension - 1));
}

static void write_address(uint8_t *to, struct address a, bool is_6)
{
    struct writer w = writer_of(to, 16);

    if (!is_6) {
        write_u32(&w, address_to_ip4(a));
        return;
    }
    write_u64(&w, a.high);
    write_u64(&w, a.low);
}

static void write_id(struct inet_diag_sockid *id, const struct manage_socket *s)
{
    struct writer w = writer_of((uint8_t *)&id->idiag_sport, 4);

    write_u16(&w, s->local.port);
    write_u16(&w, s->remote.port);
    write_address((uint8_t *)id->idiag_src, s->local.address, s->is_6);
    write_address((uint8_t *)id->idiag_dst, s->remote.address, s->is_6);
    id->idiag_if = s->interface ? s->interface + 1 : 0;
    id->idiag_cookie[0] = (uint32_t)s->cookie;
    id->idiag_cookie[1] = (uint32_t)(s->cookie >> 32);
}

static void put_memory(struct netlink_answer *a, const struct inet_diag_req_v2 *asked,
                       const struct manage_socket *s)
{
    struct inet_diag_meminfo memory = {.idiag_rmem = s->unread, .idiag_wmem = s->unsent};
    struct netlink_answer_memory all = {.unread = s->unread, .unsent = s->unsent};
    int64_t value = 0;

    if (transport_option_get(s->end, OPTION_RECEIVE_BUFFER, &value) == 0)
        all.receive_buffer = (uint32_t)value;
    if (transport_option_get(s->end, OPTION_SEND_BUFFER, &value) == 0)
        all.send_buffer = (uint32_t)value;
    if (is_asked(asked, INET_DIAG_MEMINFO))
        netlink_answer_attribute(a, INET_DIAG_MEMINFO, &memory, sizeof memory);
    if (is_asked(asked, INET_DIAG_SKMEMINFO))
        netlink_answer_memory(a, INET_DIAG_SKMEMINFO, &all);
}

static void put_info(struct netlink_answer *a, const struct inet_diag_req_v2 *asked,
                     const struct manage_socket *s, nanoseconds now)
{
    char name[CALL_CONGESTION_NAME_BYTES];
    uint8_t bytes[SOCKOPT_INFO_BYTES];
    struct transport_info info;
    int64_t kind = 0;

    memset(&info, 0, sizeof info);
    if (transport_info(s->end, &info, now))
        return;
    if (is_asked(asked, INET_DIAG_INFO))
        netlink_answer_attribute(a, INET_DIAG_INFO, bytes,
                                 (uint32_t)sockopt_info_fill(&info, bytes));
    if (is_asked(asked, INET_DIAG_CONG) &&
        transport_option_get(s->end, OPTION_CONGESTION, &kind) == 0 &&
        manage_congestion_name(a->end->netlink->host, (uint32_t)kind, name) == 0)
        netlink_answer_text(a, INET_DIAG_CONG, name);
}

static void put_classes(struct netlink_answer *a, const struct inet_diag_req_v2 *asked,
                        const struct manage_socket *s)
{
    int64_t value = 0;

    if (is_asked(asked, INET_DIAG_TOS) &&
        transport_option_get(s->end, OPTION_TRAFFIC_CLASS, &value) == 0)
        netlink_answer_byte(a, INET_DIAG_TOS, (uint8_t)value);
    if (s->is_6 && is_asked(asked, INET_DIAG_TCLASS) &&
        transport_option_get(s->end, OPTION_TRAFFIC_CLASS_6, &value) == 0)
        netlink_answer_byte(a, INET_DIAG_TCLASS, (uint8_t)least((uint64_t)value, UINT8_MAX));
    if (s->is_6 && (s->state == STATE_LISTEN || s->state == STATE_CLOSED))
        netlink_answer_byte(a, INET_DIAG_SKV6ONLY, s->is_6_alone);
}

static void put_socket(struct netlink_answer *a, const struct inet_diag_req_v2 *asked,
                       const struct manage_socket *s, nanoseconds now)
{
    struct inet_diag_msg m;
    uint8_t *at = netlink_answer_begin(a, SOCK_DIAG_BY_FAMILY, netlink_answer_flags(a), sizeof m);

    if (!at)
        return;
    memset(&m, 0, sizeof m);
    m.idiag_family = s->is_6 ? AF_INET6 : AF_INET;
    m.idiag_state = s->state;
    m.idiag_timer = s->timer;
    m.idiag_retrans = (uint8_t)least(s->retransmits, UINT8_MAX);
    m.idiag_expires = s->timer_ms;
    m.idiag_rqueue = s->unread;
    m.idiag_wqueue = s->unsent;
    m.idiag_inode = s->inode;
    write_id(&m.id, s);
    memcpy(at, &m, sizeof m);
    if (s->end) { /* what is half open is no socket yet */
        netlink_answer_byte(a, INET_DIAG_SHUTDOWN,
                            (uint8_t)((s->shut_reading ? 1 : 0) | (s->shut_writing ? 2 : 0)));
        put_classes(a, asked, s);
        put_memory(a, asked, s);
    }
    if (s->end && asked->sdiag_protocol == IPPROTO_TCP)
        put_info(a, asked, s, now);
    if (s->protocol)
        netlink_answer_byte(a, INET_DIAG_PROTOCOL, s->protocol);
    netlink_answer_end(a);
}

static int read_request(const struct netlink_answer *a, struct inet_diag_req_v2 *asked)
{
    if (a->request->length < sizeof *asked)
        return -EINVAL;
    memcpy(asked, a->request->body, sizeof *asked);
    return 0;
}

/* The fields of the id that are set must be the socket's. */
static bool fits(const struct inet_diag_req_v2 *asked, const struct manage_socket *s)
{
    uint8_t ports[4];
    struct writer w = writer_of(ports, sizeof ports);

    write_u16(&w, s->local.port);
    write_u16(&w, s->remote.port);
    return (asked->sdiag_family == AF_INET6) == s->is_6 && (asked->idiag_states >> s->state & 1) &&
           (!asked->id.idiag_sport || memcmp(&asked->id.idiag_sport, ports, 2) == 0) &&
           (!asked->id.idiag_dport || memcmp(&asked->id.idiag_dport, ports + 2, 2) == 0);
}

static int dump(struct netlink_answer *a, const struct netlink_attributes *attributes,
                nanoseconds now)
{
    const uint8_t *filter = attributes->at[INET_DIAG_REQ_BYTECODE];
    uint32_t length = attributes->length[INET_DIAG_REQ_BYTECODE];
    struct inet_diag_req_v2 asked;
    struct manage_socket s;
    const void *at = NULL;
    int status = read_request(a, &asked);

    if (status < 0)
        return status;
    while (manage_socket(a->end->netlink->host, asked.sdiag_protocol, &at, now, &s))
        if (fits(&asked, &s) && netlink_filter_passes(filter, length, &s) && netlink_answer_next(a))
            put_socket(a, &asked, &s, now);
    return 0;
}

static int check(const struct netlink_answer *a, const struct netlink_attributes *attributes)
{
    const uint8_t *filter = attributes->at[INET_DIAG_REQ_BYTECODE];
    struct inet_diag_req_v2 asked;
    int status = read_request(a, &asked);

    if (status == 0 && filter &&
        !netlink_filter_is_valid(filter, attributes->length[INET_DIAG_REQ_BYTECODE]))
        return -EINVAL;
    return status;
}

/* Is it the one that has these names, and, if the asker says so, this cookie and protocol? */
static bool is_named(const struct inet_diag_req_v2 *asked, const struct manage_socket *s)
{
    const uint32_t any = INET_DIAG_NOCOOKIE;
    struct inet_diag_sockid id;

    memset(&id, 0, sizeof id);
    write_id(&id, s);
    if (s->protocol && asked->pad && asked->pad != s->protocol)
        return false; /* struct inet_diag_req_raw */
    if ((asked->id.idiag_cookie[0] != any || asked->id.idiag_cookie[1] != any) &&
        memcmp(id.idiag_cookie, asked->id.idiag_cookie, sizeof id.idiag_cookie) != 0)
        return false;
    return fits(asked, s) && memcmp(id.idiag_src, asked->id.idiag_src, sizeof id.idiag_src) == 0 &&
           memcmp(id.idiag_dst, asked->id.idiag_dst, sizeof id.idiag_dst) == 0;
}

/* One, by both its names. */
static int find(const struct netlink_answer *a, struct inet_diag_req_v2 *asked,
                struct manage_socket *s, nanoseconds now)
{
    const void *at = NULL;
    int status = read_request(a, asked);

    if (status < 0)
        return status;
    asked->idiag_states = UINT32_MAX;
    while (manage_socket(a->end->netlink->host, asked->sdiag_protocol, &at, now, s))
        if (is_named(asked, s))
            return 0;
    return -ENOENT;
}

static int get(struct netlink_answer *a, nanoseconds now)
{
    struct inet_diag_req_v2 asked;
    struct manage_socket s;
    int status = find(a, &asked, &s, now);

    if (status == 0)
        put_socket(a, &asked, &s, now);
    return status;
}

static int end(struct netlink_answer *a, nanoseconds now)
{
    struct inet_diag_req_v2 asked;
    struct manage_socket s;
    int status = find(a, &asked, &s, now);

    return status < 0 ? status : manage_socket_end(a->end->netlink->host, &s, now);
}

/* ---- by family ---- */

static const struct netlink_diag_family families[] = {
    {AF_INET, check, dump, get, end},
    {AF_INET6, check, dump, get, end},
    {AF_UNIX, netlink_diag_local_check, netlink_diag_local_dump, netlink_diag_local_get, NULL},
    {AF_PACKET, netlink_diag_local_frames_check, netlink_diag_local_frames_dump, NULL, NULL},
};

/* Linux calls others those that nobody has registered for. */
static const struct netlink_diag_family no_family;

static const struct netlink_diag_family *family_of(const struct netlink_answer *a)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (a->request->length >= sizeof(struct sock_diag_req) &&
            families[i].family == a->request->body[0])
            return &families[i];
    return &no_family;
}

int netlink_diag_check(const struct netlink_answer *a, const struct netlink_attributes *attributes)
{
    const struct netlink_diag_family *family = family_of(a);

    if (a->request->length < sizeof(struct sock_diag_req))
        return -EINVAL;
    return family->check ? family->check(a, attributes) : -ENOENT;
}

int netlink_diag_dump(struct netlink_answer *a, const struct netlink_attributes *attributes,
                      nanoseconds now)
{
    const struct netlink_diag_family *family = family_of(a);

    return family->dump ? family->dump(a, attributes, now) : -ENOENT;
}

int netlink_diag_get(struct netlink_answer *a, const struct netlink_attributes *attributes,
                     nanoseconds now)
{
    const struct netlink_diag_family *family = family_of(a);

    (void)attributes;
    return family->get ? family->get(a, now) : -EOPNOTSUPP;
}

int netlink_diag_end(struct netlink_answer *a, const struct netlink_attributes *attributes,
                     nanoseconds now)
{
    const struct netlink_diag_family *family = family_of(a);

    (void)attributes;
    return family->end ? family->end(a, now) : -EOPNOTSUPP;
}
