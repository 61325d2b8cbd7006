/* SPDX-License-Identifier: MIT */
/*
 * Routes by netlink (RFC 3549 3.1.4), of two tables: `main` has the host's own, as the lab, its
 * programs, its addresses and routers made them; `local` is what its addresses mean (this host, all
 * stations of a network, IPv6's groups), and follows from them alone. The order is that of Linux's
 * tries: IPv4's by prefix, the wider first; IPv6's with the wider behind.
 *
 * A route of IPv6 without a metric has the one that Linux gives it: 256 to the network of an
 * address, else 1024.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/integer.h"

enum {
    METRIC_OF_GROUPS = 256,
    HUNDREDTH = 10000000,         /* nanoseconds of the kernel's ticks */
    CACHE_BROADCAST = 0x10000000, /* RTCF_* of <linux/in_route.h> */
    CACHE_MULTICAST = 0x20000000
};
#define CACHE_LOCAL 0x80000000u

/* What a question for a table leaves out. */
struct route_filter {
    uint32_t table, out, protocol, type; /* 0: any */
    uint8_t family;
};

/* One route in the ABI's words. */
struct route_words {
    struct rtmsg head;
    uint32_t metric, out;
    struct address dest, gateway, source;
    uint32_t mtu;
    nanoseconds expires_in;
    uint8_t preference;
};

static bool is_wanted(const struct route_filter *f, const struct route_words *w)
{
    return (f->table == 0 || f->table == w->head.rtm_table) && (f->out == 0 || f->out == w->out) &&
           (f->protocol == 0 || f->protocol == w->head.rtm_protocol) &&
           (f->type == 0 || f->type == w->head.rtm_type);
}

static void put_cache(struct netlink_answer *a, const struct route_words *w)
{
    struct rta_cacheinfo cache;

    memset(&cache, 0, sizeof cache);
    if (w->expires_in != NEVER)
        cache.rta_expires = (int32_t)least((uint64_t)(w->expires_in / HUNDREDTH), INT32_MAX);
    netlink_answer_attribute(a, RTA_CACHEINFO, &cache, sizeof cache);
}

static void put_words(struct netlink_answer *a, uint16_t type, const struct route_words *w)
{
    bool is_6 = w->head.rtm_family == AF_INET6;
    uint8_t *at = netlink_answer_begin(a, type, netlink_answer_flags(a), sizeof w->head);

    if (!at)
        return;
    memcpy(at, &w->head, sizeof w->head);
    netlink_answer_number(a, RTA_TABLE, w->head.rtm_table);
    if (w->head.rtm_dst_len)
        netlink_answer_address(a, RTA_DST, w->dest);
    if (w->head.rtm_src_len) {
        static const uint8_t nobody[16];

        netlink_answer_attribute(a, RTA_SRC, nobody, sizeof nobody);
    }
    if (w->metric || is_6)
        netlink_answer_number(a, RTA_PRIORITY, w->metric);
    if (w->mtu) {
        uint32_t nest = netlink_answer_nest(a, RTA_METRICS);

        netlink_answer_number(a, RTAX_MTU, w->mtu);
        netlink_answer_nest_end(a, nest);
    }
    if (!address_is_unspecified(w->source))
        netlink_answer_address(a, RTA_PREFSRC, w->source);
    if (!address_is_unspecified(w->gateway))
        netlink_answer_address(a, RTA_GATEWAY, w->gateway);
    if (w->out)
        netlink_answer_number(a, RTA_OIF, w->out);
    if (w->head.rtm_flags & RTM_F_CLONED)
        netlink_answer_number(a, RTA_UID, 0);
    if (is_6 || (w->head.rtm_flags & RTM_F_CLONED))
        put_cache(a, w);
    if (is_6)
        netlink_answer_byte(a, RTA_PREF, w->preference);
    netlink_answer_end(a);
}

/* ---- the table main ---- */

static uint8_t preference_of(const struct manage_route *r)
{
    static const uint8_t words[] = {[MANAGE_ROUTE_HIGH] = 1,
                                    [MANAGE_ROUTE_MEDIUM] = 0,
                                    [MANAGE_ROUTE_LOW] = 3}; /* RFC 4191 2.1 */

    return words[r->preference];
}

static uint8_t protocol_of(const struct manage_route *r)
{
    bool of_wire = address_is_unspecified(r->gateway);

    if (r->protocol)
        return r->protocol;
    if (r->by_router)
        return of_wire ? RTPROT_KERNEL : RTPROT_RA;
    return r->by_address ? RTPROT_KERNEL : RTPROT_BOOT;
}

/* IPv4: the first address of the network that the route is to. */
static struct address source_of_network(const struct call_host *host, const struct manage_route *r,
                                        nanoseconds now)
{
    struct manage_address m;

    for (uint32_t k = 0; manage_address(host, r->interface, k, now, &m); k++)
        if (address_is_mapped(m.address) && m.prefix == r->prefix &&
            address_matches(m.address, r->dest, 96 + r->prefix))
            return m.address;
    return (struct address){0};
}

static void words_of(const struct call_host *host, const struct manage_route *r, nanoseconds now,
                     struct route_words *w)
{
    static const uint8_t types[] = {[MANAGE_ROUTE_UNICAST] = RTN_UNICAST,
                                    [MANAGE_ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
                                    [MANAGE_ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
                                    [MANAGE_ROUTE_PROHIBIT] = RTN_PROHIBIT};
    bool is_4 = address_is_mapped(r->dest), is_way = r->kind == MANAGE_ROUTE_UNICAST;

    memset(w, 0, sizeof *w);
    w->head.rtm_family = is_4 ? AF_INET : AF_INET6;
    w->head.rtm_dst_len = (uint8_t)r->prefix;
    w->head.rtm_table = RT_TABLE_MAIN;
    w->head.rtm_protocol = protocol_of(r);
    w->head.rtm_scope =
        is_way && is_4 && address_is_unspecified(r->gateway) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    w->head.rtm_type = types[r->kind];
    w->dest = r->dest;
    w->gateway = r->gateway;
    w->source = is_4 && r->by_address ? source_of_network(host, r, now) : r->source;
    w->metric = manage_route_metric(r);
    w->mtu = r->mtu;
    w->expires_in = r->expires_in;
    w->preference = preference_of(r);
    if (is_way || !is_4)
        w->out = is_way ? r->interface + 1 : 1; /* IPv6's that send nothing stand at lo */
}

void netlink_route_put(struct netlink_answer *a, uint16_t type, const struct manage_route *r,
                       nanoseconds now)
{
    struct route_words w;

    words_of(a->end->netlink->host, r, now, &w);
    put_words(a, type, &w);
}

static void dump_main(struct netlink_answer *a, const struct route_filter *f, bool six,
                      nanoseconds now)
{
    const struct call_host *host = a->end->netlink->host;
    const void *at = NULL;
    struct manage_route r;

    while (six ? manage_route_inner_first(host, &at, now, &r) : manage_route(host, &at, now, &r)) {
        struct route_words w;

        if (address_is_mapped(r.dest) == six)
            continue;
        words_of(host, &r, now, &w);
        if (is_wanted(f, &w) && netlink_answer_next(a))
            put_words(a, RTM_NEWROUTE, &w);
    }
}

/* ---- the table local ---- */

/* What an address means: which of them, by the number. false: there are no more */
static bool local_of_address(uint32_t number, const struct manage_address *m, uint32_t which,
                             struct route_words *w)
{
    bool is_4 = address_is_mapped(m->address);
    uint32_t ip4 = is_4 ? address_to_ip4(m->address) : 0;
    uint32_t mask = is_4 && m->prefix ? UINT32_MAX << (32 - m->prefix) : 0;

    memset(w, 0, sizeof *w);
    w->expires_in = NEVER;
    w->head.rtm_family = is_4 ? AF_INET : AF_INET6;
    w->head.rtm_dst_len = is_4 ? 32 : 128;
    w->head.rtm_table = RT_TABLE_LOCAL;
    w->head.rtm_protocol = RTPROT_KERNEL;
    w->head.rtm_type = RTN_LOCAL;
    w->head.rtm_scope = is_4 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
    w->out = number + 1;
    w->dest = m->address;
    if (is_4)
        w->source = m->address;
    if (which == 0)
        return true;
    if (!is_4 || (number != 0 && which > 1) || which > 2 || m->prefix > 30)
        return false;
    if (which == 1) {
        w->dest = address_from_ip4(ip4 | ~mask);
        w->head.rtm_type = RTN_BROADCAST;
        w->head.rtm_scope = RT_SCOPE_LINK;
    } else {
        w->dest = address_from_ip4(ip4 & mask);
        w->head.rtm_dst_len = (uint8_t)m->prefix;
    }
    return true;
}

static bool is_before(const struct route_words *a, const struct route_words *b)
{
    if (a->dest.high != b->dest.high)
        return a->dest.high < b->dest.high;
    if (a->dest.low != b->dest.low)
        return a->dest.low < b->dest.low;
    if (a->head.rtm_dst_len != b->head.rtm_dst_len)
        return a->head.rtm_dst_len < b->head.rtm_dst_len;
    return a->out < b->out;
}

/* The next behind `last` in the order of the trie. */
static bool next_local(const struct call_host *host, bool six, const struct route_words *last,
                       nanoseconds now, struct route_words *next)
{
    struct manage_interface i;
    struct manage_address m;
    struct route_words w;
    bool found = false;

    for (uint32_t n = 0; manage_interface(host, n, &i); n++)
        for (uint32_t k = 0; !i.is_down && manage_address(host, n, k, now, &m); k++)
            for (uint32_t which = 0;
                 address_is_mapped(m.address) == !six && local_of_address(n, &m, which, &w);
                 which++)
                if ((!last || is_before(last, &w)) && (!found || is_before(&w, next))) {
                    *next = w;
                    found = true;
                }
    return found;
}

/* RFC 4291 2.7: groups go by the interface that says so. */
static void dump_groups(struct netlink_answer *a, const struct route_filter *f)
{
    struct manage_interface i;

    for (uint32_t n = 1; manage_interface(a->end->netlink->host, n, &i); n++) {
        struct route_words w = {.head = {.rtm_family = AF_INET6,
                                         .rtm_dst_len = 8,
                                         .rtm_table = RT_TABLE_LOCAL,
                                         .rtm_protocol = RTPROT_KERNEL,
                                         .rtm_type = RTN_MULTICAST},
                                .dest = {UINT64_C(0xff) << 56, 0},
                                .metric = METRIC_OF_GROUPS,
                                .expires_in = NEVER,
                                .out = n + 1};

        if (i.has_ipv6 && !i.is_down && is_wanted(f, &w) && netlink_answer_next(a))
            put_words(a, RTM_NEWROUTE, &w);
    }
}

static void dump_local(struct netlink_answer *a, const struct route_filter *f, bool six,
                       nanoseconds now)
{
    struct route_words w, last;
    bool more = (f->table == 0 || f->table == RT_TABLE_LOCAL) &&
                next_local(a->end->netlink->host, six, NULL, now, &w);

    for (; more && !a->paused; more = next_local(a->end->netlink->host, six, &last, now, &w)) {
        if (is_wanted(f, &w) && netlink_answer_next(a))
            put_words(a, RTM_NEWROUTE, &w);
        last = w;
    }
    if (six && !a->paused)
        dump_groups(a, f);
}

static int read_filter(struct netlink_answer *a, const struct netlink_attributes *asked,
                       struct route_filter *f, uint32_t *flags)
{
    struct rtmsg header;

    memset(f, 0, sizeof *f);
    memset(&header, 0, sizeof header);
    memcpy(&header, a->request->body,
           a->request->length < sizeof header ? a->request->length : sizeof header);
    f->family = header.rtm_family;
    *flags = header.rtm_flags;
    if (!a->end->is_strict)
        return 0;
    if (header.rtm_src_len || header.rtm_dst_len || header.rtm_tos || header.rtm_scope) {
        a->complaint = "Invalid values in header for FIB dump request";
        return -EINVAL;
    }
    f->table = header.rtm_table;
    f->protocol = header.rtm_protocol;
    f->type = header.rtm_type;
    (void)netlink_attributes_number(asked, RTA_TABLE, &f->table);
    (void)netlink_attributes_number(asked, RTA_OIF, &f->out);
    if (f->table && f->table != RT_TABLE_MAIN && f->table != RT_TABLE_LOCAL &&
        f->family != AF_UNSPEC && f->table != RT_TABLE_DEFAULT) {
        a->complaint =
            f->family == AF_INET6 ? "FIB table does not exist" : "ipv4: FIB table does not exist";
        return -ENOENT;
    }
    return 0;
}

int netlink_route_dump(struct netlink_answer *a, const struct netlink_attributes *asked,
                       nanoseconds now)
{
    struct route_filter f;
    uint32_t flags;
    int status = read_filter(a, asked, &f, &flags);

    if (status || (flags & RTM_F_CLONED)) /* no path is kept that is not its user's own */
        return status;
    for (int six = 0; six < 2; six++) {
        if (f.family != AF_UNSPEC && f.family != (six ? AF_INET6 : AF_INET))
            continue;
        dump_main(a, &f, six != 0, now);
        if (!a->paused)
            dump_local(a, &f, six != 0, now);
    }
    return 0;
}

/* ---- one: which way (ip-route(8), `get`) ---- */

static void words_of_way(const struct manage_way *way, bool six, struct route_words *w)
{
    memset(w, 0, sizeof *w);
    w->head.rtm_family = six ? AF_INET6 : AF_INET;
    w->head.rtm_dst_len = six ? 128 : 32;
    w->head.rtm_table = six && way->is_local ? RT_TABLE_LOCAL : RT_TABLE_MAIN; /* as Linux */
    w->head.rtm_type = way->is_local       ? RTN_LOCAL
                       : way->is_group     ? RTN_MULTICAST
                       : way->is_broadcast ? RTN_BROADCAST
                                           : RTN_UNICAST;
    w->dest = way->dest;
    w->source = way->source;
    if (!way->is_group && !way->is_broadcast)
        w->gateway = way->gateway;
    w->out = way->interface + 1;
    w->expires_in = NEVER;
    w->mtu = way->has_route && !way->is_group ? way->route.mtu : 0;
    if (!six) {
        w->head.rtm_flags = RTM_F_CLONED | (way->is_local       ? CACHE_LOCAL
                                            : way->is_group     ? CACHE_MULTICAST | CACHE_LOCAL
                                            : way->is_broadcast ? CACHE_BROADCAST | CACHE_LOCAL
                                                                : 0);
        return;
    }
    w->head.rtm_src_len = 128;
    w->head.rtm_protocol = way->is_local || way->is_group ? RTPROT_KERNEL : RTPROT_BOOT;
    w->metric = way->is_group ? METRIC_OF_GROUPS : 0;
    if (way->is_group)
        w->head.rtm_table = RT_TABLE_LOCAL;
    if (way->has_route && !way->is_group) {
        w->head.rtm_protocol = protocol_of(&way->route);
        w->metric = manage_route_metric(&way->route);
        w->preference = preference_of(&way->route);
        w->expires_in = way->route.expires_in;
    }
}

int netlink_route_get(struct netlink_answer *a, const struct netlink_attributes *asked,
                      nanoseconds now)
{
    struct address dest = {0}, source = {0};
    struct route_words w;
    struct manage_way way;
    struct rtmsg header;
    uint32_t out = 0;
    int status;

    memcpy(&header, a->request->body, sizeof header);
    if (header.rtm_family != AF_INET && header.rtm_family != AF_INET6)
        return -EOPNOTSUPP;
    status = netlink_attributes_address(asked, RTA_DST, header.rtm_family, &dest);
    if (status < 0 || netlink_attributes_address(asked, RTA_SRC, header.rtm_family, &source) < 0)
        return -EINVAL;
    if (asked->at[RTA_IIF] || asked->at[RTA_MARK] || (header.rtm_flags & RTM_F_FIB_MATCH) ||
        header.rtm_tos) {
        a->complaint = "Sockeye: neither iif, mark, tos nor fibmatch choose a route here";
        return -EOPNOTSUPP;
    }
    (void)netlink_attributes_number(asked, RTA_OIF, &out);
    if (status == 0 && header.rtm_family == AF_INET)
        dest = address_from_ip4(0);
    status = manage_way(a->end->netlink->host, dest, source, out ? out - 1 : 0, now, &way);
    if (status < 0)
        return status;
    words_of_way(&way, header.rtm_family == AF_INET6, &w);
    put_words(a, RTM_NEWROUTE, &w);
    return 0;
}
