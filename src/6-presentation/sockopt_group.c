/* SPDX-License-Identifier: MIT */
/*
 * Options of groups: RFC 3678 4 and 5 (sources and whole filters, of one family or of any), RFC
 * 3493 5.2 and the older ones of IPv4. Each has bytes of a form of its own, which become a group,
 * an interface and sources; what they do is one of a few things: join, leave, add or remove a
 * source, or set the whole filter. Errors are Linux's.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "6-presentation/sockaddr.h"
#include "base/bytes.h"

/* What an option does. */
enum deed { JOIN, LEAVE, JOIN_SOURCE, LEAVE_SOURCE, BLOCK, UNBLOCK, FILTER };

/* How its bytes stand. */
enum shape {
    MREQ,        /* struct ip_mreqn, or ip_mreq without the index */
    MREQ_SOURCE, /* struct ip_mreq_source */
    MSFILTER,    /* struct ip_msfilter */
    MREQ_6,      /* struct ipv6_mreq */
    REQ,         /* struct group_req */
    SOURCE_REQ,  /* struct group_source_req */
    FILTER_REQ   /* struct group_filter */
};

static const struct {
    int16_t level, name;
    uint8_t deed, shape;
} options[] = {
    {IPPROTO_IP, IP_ADD_MEMBERSHIP, JOIN, MREQ},
    {IPPROTO_IP, IP_DROP_MEMBERSHIP, LEAVE, MREQ},
    {IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, JOIN_SOURCE, MREQ_SOURCE},
    {IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, LEAVE_SOURCE, MREQ_SOURCE},
    {IPPROTO_IP, IP_BLOCK_SOURCE, BLOCK, MREQ_SOURCE},
    {IPPROTO_IP, IP_UNBLOCK_SOURCE, UNBLOCK, MREQ_SOURCE},
    {IPPROTO_IP, IP_MSFILTER, FILTER, MSFILTER},
    {IPPROTO_IP, MCAST_JOIN_GROUP, JOIN, REQ},
    {IPPROTO_IP, MCAST_LEAVE_GROUP, LEAVE, REQ},
    {IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, JOIN_SOURCE, SOURCE_REQ},
    {IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, LEAVE_SOURCE, SOURCE_REQ},
    {IPPROTO_IP, MCAST_BLOCK_SOURCE, BLOCK, SOURCE_REQ},
    {IPPROTO_IP, MCAST_UNBLOCK_SOURCE, UNBLOCK, SOURCE_REQ},
    {IPPROTO_IP, MCAST_MSFILTER, FILTER, FILTER_REQ},
    {IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, JOIN, MREQ_6},
    {IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, LEAVE, MREQ_6},
    {IPPROTO_IPV6, MCAST_JOIN_GROUP, JOIN, REQ},
    {IPPROTO_IPV6, MCAST_LEAVE_GROUP, LEAVE, REQ},
    {IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, JOIN_SOURCE, SOURCE_REQ},
    {IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, LEAVE_SOURCE, SOURCE_REQ},
    {IPPROTO_IPV6, MCAST_BLOCK_SOURCE, BLOCK, SOURCE_REQ},
    {IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE, UNBLOCK, SOURCE_REQ},
    {IPPROTO_IPV6, MCAST_MSFILTER, FILTER, FILTER_REQ},
};

/* What the bytes say. */
struct wanted {
    struct transport_group group; /* with the sources of a whole filter */
    struct address source;        /* of one alone */
};

static struct address ip4_at(const uint8_t *b)
{
    return address_from_ip4(u32_at(b));
}

static struct address ip6_at(const uint8_t *b)
{
    return (struct address){.high = (uint64_t)u32_at(b) << 32 | u32_at(b + 4),
                            .low = (uint64_t)u32_at(b + 8) << 32 | u32_at(b + 12)};
}

/* An address of the option's family in a struct sockaddr_storage. @return false: another family */
static bool storage_read(int level, const uint8_t *b, struct address *a)
{
    sa_family_t family;

    memcpy(&family, b, sizeof family);
    if (level == IPPROTO_IP && family == AF_INET)
        *a = ip4_at(b + offsetof(struct sockaddr_in, sin_addr));
    else if (level == IPPROTO_IPV6 && family == AF_INET6)
        *a = ip6_at(b + offsetof(struct sockaddr_in6, sin6_addr));
    else
        return false;
    return true;
}

static uint16_t index_of(uint32_t index)
{
    return index > UINT16_MAX ? UINT16_MAX : (uint16_t)index; /* beyond all there are */
}

static uint32_t int_at(const uint8_t *b)
{
    uint32_t value;

    memcpy(&value, b, sizeof value);
    return value;
}

/* RFC 3678 4.1.1: the interface by an address of it; none: that of the route. */
static int interface_by_address(const struct sockopt_request *r, struct address own,
                                struct wanted *w)
{
    if (address_is_unspecified(own))
        return 0;
    w->group.interface = session_interface_of(r->d->session.socket, own);
    return w->group.interface ? 0 : -ENODEV;
}

static int sources_read(const struct sockopt_request *r, uint32_t head, uint32_t each,
                        uint32_t most, struct wanted *w)
{
    const uint8_t *b = r->value;

    if (w->group.count > most)
        return -ENOBUFS;
    if (r->length < head + w->group.count * each)
        return -EINVAL;
    for (uint32_t i = 0; i < w->group.count; i++) {
        const uint8_t *at = b + head + i * each;

        if (each == 4)
            w->group.source[i] = ip4_at(at);
        else if (!storage_read(r->row->level, at, &w->group.source[i]))
            return -EADDRNOTAVAIL;
    }
    return 0;
}

static int filter_read(uint32_t mode, uint32_t count, struct wanted *w)
{
    if (mode != MCAST_INCLUDE && mode != MCAST_EXCLUDE)
        return -EINVAL;
    w->group.is_exclude = mode == MCAST_EXCLUDE;
    w->group.count = count;
    return 0;
}

enum {
    MREQ_BYTES = 8,
    MREQN_BYTES = 12,
    MREQ_SOURCE_BYTES = 12,
    MSFILTER_HEAD = 16,
    MREQ_6_BYTES = 20,
    STORAGE_BYTES = 128,
    REQ_HEAD = 8, /* the index, and what aligns the address behind it */
    REQ_BYTES = REQ_HEAD + STORAGE_BYTES,
    SOURCE_REQ_BYTES = REQ_BYTES + STORAGE_BYTES,
    FILTER_HEAD = REQ_BYTES + 8,
    SOURCES_4 = 10, /* Linux's igmp_max_msf */
    SOURCES_6 = 64  /* and mld_max_msf */
};
_Static_assert(sizeof(struct group_source_req) == SOURCE_REQ_BYTES, "as Linux lays it out");

static uint32_t sources_most(int level)
{
    return level == IPPROTO_IP ? SOURCES_4 : SOURCES_6;
}

static int ip_read(const struct sockopt_request *r, enum shape shape, struct wanted *w)
{
    const uint8_t *b = r->value;
    int status;

    w->group.group = ip4_at(b);
    if (shape == MREQ) {
        if (r->length >= MREQN_BYTES && int_at(b + 8) != 0) {
            w->group.interface = index_of(int_at(b + 8));
            return 0;
        }
        return interface_by_address(r, ip4_at(b + 4), w);
    }
    if (shape == MREQ_SOURCE) {
        w->source = ip4_at(b + 8);
        return interface_by_address(r, ip4_at(b + 4), w);
    }
    status = filter_read(int_at(b + 8), int_at(b + 12), w);
    if (status == 0)
        status = interface_by_address(r, ip4_at(b + 4), w);
    return status ? status : sources_read(r, MSFILTER_HEAD, 4, SOURCES_4, w);
}

static int any_read(const struct sockopt_request *r, enum shape shape, struct wanted *w)
{
    const uint8_t *b = r->value;
    int status;

    w->group.interface = index_of(int_at(b));
    if (!storage_read(r->row->level, b + REQ_HEAD, &w->group.group))
        return shape == SOURCE_REQ ? -EADDRNOTAVAIL : -EINVAL;
    if (shape == SOURCE_REQ && !storage_read(r->row->level, b + REQ_BYTES, &w->source))
        return -EADDRNOTAVAIL;
    if (shape != FILTER_REQ)
        return 0;
    status = filter_read(int_at(b + REQ_BYTES), int_at(b + REQ_BYTES + 4), w);
    return status ? status
                  : sources_read(r, FILTER_HEAD, STORAGE_BYTES, sources_most(r->row->level), w);
}

static int bytes_read(const struct sockopt_request *r, enum shape shape, struct wanted *w)
{
    static const uint32_t least[] = {[MREQ] = MREQ_BYTES,        [MREQ_SOURCE] = MREQ_SOURCE_BYTES,
                                     [MSFILTER] = MSFILTER_HEAD, [MREQ_6] = MREQ_6_BYTES,
                                     [REQ] = REQ_BYTES,          [SOURCE_REQ] = SOURCE_REQ_BYTES,
                                     [FILTER_REQ] = FILTER_HEAD};
    const uint8_t *b = r->value;

    memset(w, 0, sizeof *w);
    if (r->length < least[shape])
        return -EINVAL;
    if (shape <= MSFILTER)
        return ip_read(r, shape, w);
    if (shape != MREQ_6)
        return any_read(r, shape, w);
    w->group.group = ip6_at(b);
    w->group.interface = index_of(int_at(b + 16));
    return 0;
}

static int source_find(const struct transport_group *g, struct address a)
{
    for (uint32_t i = 0; i < g->count; i++)
        if (address_equal(g->source[i], a))
            return (int)i;
    return -1;
}

static int source_change(struct transport_group *g, struct address a, bool add, uint32_t most)
{
    int at = source_find(g, a);

    if (add ? at >= 0 : at < 0)
        return -EADDRNOTAVAIL;
    if (add && g->count >= most)
        return -ENOBUFS;
    if (add)
        g->source[g->count++] = a;
    else
        g->source[at] = g->source[--g->count];
    return 0;
}

/* A source more or less, in a filter of the mode that the option is for (RFC 3678 4.1.3, 5.1). */
static int source_do(const struct sockopt_request *r, enum deed deed, struct wanted *w)
{
    struct socket *socket = r->d->session.socket;
    bool blocks = deed == BLOCK || deed == UNBLOCK, add = deed == JOIN_SOURCE || deed == BLOCK;
    int status = session_group(socket, TRANSPORT_GROUP_READ, &w->group, r->now);

    if (status == -EADDRNOTAVAIL && deed == JOIN_SOURCE) {
        w->group.is_exclude = false;
        w->group.count = 1;
        w->group.source[0] = w->source;
        return session_group(socket, TRANSPORT_GROUP_JOIN, &w->group, r->now);
    }
    if (status)
        return status == -EADDRNOTAVAIL && blocks ? -EINVAL : status;
    if (w->group.is_exclude != blocks)
        return -EINVAL;
    status = source_change(&w->group, w->source, add, sources_most(r->row->level));
    return status ? status : session_group(socket, TRANSPORT_GROUP_CHANGE, &w->group, r->now);
}

int sockopt_group_set(const struct sockopt_request *r)
{
    struct socket *socket = r->d->session.socket;
    struct wanted w;
    int status;
    size_t i = 0;

    if (!protocol_of(r->d)->has_boundaries)
        return -EPROTO;
    while (options[i].level != r->row->level || options[i].name != r->row->name)
        i++;
    status = bytes_read(r, (enum shape)options[i].shape, &w);
    if (status)
        return status;
    switch ((enum deed)options[i].deed) {
    case JOIN:
        w.group.is_exclude = true;
        return session_group(socket, TRANSPORT_GROUP_JOIN, &w.group, r->now);
    case LEAVE:
        return session_group(socket, TRANSPORT_GROUP_CHANGE, &w.group, r->now);
    case JOIN_SOURCE:
    case LEAVE_SOURCE:
    case BLOCK:
    case UNBLOCK:
        return source_do(r, (enum deed)options[i].deed, &w);
    case FILTER:
        /* Linux: of a group that was joined; INCLUDE of nothing leaves it */
        status = session_group(socket, TRANSPORT_GROUP_CHANGE, &w.group, r->now);
        return status == -EADDRNOTAVAIL ? -EINVAL : status;
    }
    return -EINVAL;
}

/* RFC 3678 4.1.1: an address of the interface, or its index; nothing: the routes'. */
int sockopt_group_set_interface(const struct sockopt_request *r)
{
    const uint8_t *b = r->value;
    char name[CALL_INTERFACE_NAME_BYTES];
    struct address own;
    uint32_t index = 0;
    int status;

    if (!protocol_of(r->d)->has_boundaries)
        return -EINVAL;
    if (r->length < 4)
        return -EINVAL;
    own = ip4_at(r->length >= MREQ_BYTES ? b + 4 : b);
    if (r->length >= MREQN_BYTES)
        index = int_at(b + 8);
    if (index == 0 && !address_is_unspecified(own)) {
        index = session_interface_of(r->d->session.socket, own);
        if (index == 0)
            return -EADDRNOTAVAIL;
    }
    if (index != 0 && manage_interface_name(r->host, index - 1, name) < 0)
        return -EADDRNOTAVAIL;
    status = session_option_set(r->d->session.socket, OPTION_MULTICAST_SOURCE,
                                address_is_unspecified(own) ? 0 : (int64_t)own.low, r->now);
    if (status)
        return status;
    return session_option_set(r->d->session.socket, OPTION_MULTICAST_INTERFACE, index, r->now);
}

/* The address alone, as it was given: an interface that was chosen by its index has none. */
int sockopt_group_get_interface(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    struct writer w = writer_of(answer->bytes, sizeof(uint32_t));
    int64_t source = 0;
    int status = session_option_get(q->d->session.socket, OPTION_MULTICAST_SOURCE, &source);

    write_u32(&w, (uint32_t)source);
    answer->length = sizeof(uint32_t);
    return status;
}

/* ---- what is asked: a filter by the group that the value names ---- */

static void source_write(uint8_t *at, int level, struct address a)
{
    struct writer w;

    if (level == IPPROTO_IP) {
        const sa_family_t family = AF_INET;

        memset(at, 0, STORAGE_BYTES);
        memcpy(at, &family, sizeof family);
        w = writer_of(at + offsetof(struct sockaddr_in, sin_addr), 4);
        write_u32(&w, address_to_ip4(a));
    } else {
        const sa_family_t family = AF_INET6;

        memset(at, 0, STORAGE_BYTES);
        memcpy(at, &family, sizeof family);
        w = writer_of(at + offsetof(struct sockaddr_in6, sin6_addr), 16);
        write_u64(&w, a.high);
        write_u64(&w, a.low);
    }
}

/* The group and the interface that the value names. @return 0 or -errno, as Linux checks them */
static int asked_read(const struct sockopt_query *q, struct wanted *w)
{
    const struct sockopt_request as = {.d = q->d, .row = q->row};
    const uint8_t *b = q->value;
    bool is_old = q->row->name == IP_MSFILTER && q->row->level == IPPROTO_IP;

    memset(w, 0, sizeof *w);
    if (q->room < (is_old ? (uint32_t)MSFILTER_HEAD : (uint32_t)FILTER_HEAD))
        return -EINVAL;
    if (is_old)
        w->group.group = ip4_at(b);
    else if (!storage_read(q->row->level, b + REQ_HEAD, &w->group.group))
        return -EINVAL;
    if (!address_is_multicast(w->group.group))
        return -EINVAL;
    if (!protocol_of(q->d)->has_boundaries || (!is_old && int_at(b) == 0))
        return -EADDRNOTAVAIL; /* no socket has joined by that */
    if (is_old)
        return interface_by_address(&as, ip4_at(b + 4), w);
    w->group.interface = index_of(int_at(b));
    return 0;
}

/* RFC 3678 4.1.2, 4.2.2: as many sources as there is room for, and how many there are. */
int sockopt_group_get(const struct sockopt_query *q, struct sockopt_answer *answer)
{
    bool is_old = q->row->name == IP_MSFILTER && q->row->level == IPPROTO_IP;
    uint32_t head = is_old ? MSFILTER_HEAD : FILTER_HEAD, each = is_old ? 4 : STORAGE_BYTES, mode;
    uint8_t *to = q->value, *counts = to + head - 8;
    struct wanted w;
    int status = asked_read(q, &w);

    if (status == 0)
        status = session_group(q->d->session.socket, TRANSPORT_GROUP_READ, &w.group, q->now);
    if (status)
        return status;
    mode = w.group.is_exclude ? MCAST_EXCLUDE : MCAST_INCLUDE;
    answer->length = head;
    for (uint32_t i = 0; i < w.group.count && i < int_at(counts + 4); i++) {
        struct writer one = writer_of(to + head + i * each, 4);

        if (q->room - answer->length < each)
            break;
        if (is_old)
            write_u32(&one, address_to_ip4(w.group.source[i]));
        else
            source_write(to + head + i * each, q->row->level, w.group.source[i]);
        answer->length += each;
    }
    memcpy(counts, &mode, sizeof mode);
    memcpy(counts + 4, &w.group.count, sizeof w.group.count);
    return 0;
}
