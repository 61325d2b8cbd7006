/* SPDX-License-Identifier: MIT */
/*
 * Requests that change a host by netlink (RFC 3549 2.3.2.1, 3.1): of links, addresses, routes and
 * neighbours. Each is read whole, and what it asks for that a host here cannot be (addresses with a
 * peer, routes of other tables, links of other kinds) is refused, with words for who wants them;
 * nothing is taken and left out.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { FOREVER = -1 };

/* Are all attributes but these of the list (which ends with 0) absent? */
static bool has_only(const struct netlink_attributes *asked, const uint8_t *list)
{
    for (uint32_t type = 1; type < NETLINK_ATTRIBUTES; type++) {
        uint32_t i = 0;

        while (list[i] && list[i] != type)
            i++;
        if (asked->at[type] && !list[i])
            return false;
    }
    return true;
}

static int refuse(struct netlink_answer *a, const char *why)
{
    a->complaint = why;
    return -EOPNOTSUPP;
}

static bool is_interface(const struct netlink_answer *a, int64_t index)
{
    struct manage_interface i;

    return index > 0 && manage_interface(a->end->netlink->host, (uint32_t)index - 1, &i);
}

/* ---- links ---- */

static int read_link(struct netlink_answer *a, const struct netlink_attributes *asked,
                     struct manage_link *link)
{
    struct ifinfomsg header;
    uint32_t changed;

    memcpy(&header, a->request->body, sizeof header);
    memset(link, 0, sizeof *link);
    changed = header.ifi_change ? header.ifi_change : header.ifi_flags ? UINT32_MAX : 0;
    link->has_up = changed & IFF_UP;
    link->up = header.ifi_flags & IFF_UP;
    if (header.ifi_change & ~(unsigned)IFF_UP)
        return refuse(a, "Sockeye: of the flags of a link, up alone can be changed");
    if (asked->at[IFLA_ADDRESS] && asked->length[IFLA_ADDRESS] != sizeof link->mac)
        return -EINVAL;
    if (asked->at[IFLA_ADDRESS]) {
        memcpy(link->mac, asked->at[IFLA_ADDRESS], sizeof link->mac);
        link->has_mac = true;
    }
    if (netlink_attributes_number(asked, IFLA_MTU, &link->mtu) && link->mtu == 0) {
        a->complaint = "mtu less than device minimum";
        return -EINVAL;
    }
    return 0;
}

int netlink_change_link(struct netlink_answer *a, const struct netlink_attributes *asked,
                        nanoseconds now)
{
    static const uint8_t known[] = {IFLA_IFNAME,  IFLA_ALT_IFNAME, IFLA_MTU,
                                    IFLA_ADDRESS, IFLA_EXT_MASK,   0};
    struct ifinfomsg header;
    struct manage_link link;
    int number, result;

    memcpy(&header, a->request->body, sizeof header);
    number = netlink_link_find(a, asked, header.ifi_index);
    if (number < 0 && (a->request->flags & NLM_F_CREATE))
        return refuse(a, "Unknown device type"); /* a lab alone makes interfaces */
    if (number == -EINVAL && a->request->type == RTM_NEWLINK)
        return -ENODEV; /* Linux: so `ip` asks whether this is there at all */
    if (number < 0)
        return number;
    if (a->request->flags & NLM_F_EXCL)
        return -EEXIST;
    if (asked->at[IFLA_IFNAME] && header.ifi_index && netlink_link_find(a, asked, 0) != number)
        return refuse(a, "Sockeye: an interface keeps its name");
    if (!has_only(asked, known))
        return refuse(a, "Sockeye: of a link, up, mtu and address alone can be changed");
    result = read_link(a, asked, &link);
    return result < 0 ? result
                      : manage_link_set(a->end->netlink->host, (uint32_t)number, &link, now,
                                        &a->complaint);
}

int netlink_change_link_remove(struct netlink_answer *a, const struct netlink_attributes *asked,
                               nanoseconds now)
{
    struct ifinfomsg header;
    int number;

    (void)now;
    memcpy(&header, a->request->body, sizeof header);
    number = netlink_link_find(a, asked, header.ifi_index);
    return number < 0 ? number : -EOPNOTSUPP;
}

/* ---- addresses ---- */

static int read_times(struct netlink_answer *a, const struct netlink_attributes *asked,
                      struct manage_address *m)
{
    struct ifa_cacheinfo times;

    m->valid_for = m->preferred_for = NEVER;
    if (!asked->at[IFA_CACHEINFO])
        return 0;
    if (asked->length[IFA_CACHEINFO] < sizeof times)
        return -EINVAL;
    memcpy(&times, asked->at[IFA_CACHEINFO], sizeof times);
    if (times.ifa_valid == 0 || times.ifa_prefered > times.ifa_valid) {
        a->complaint = "address lifetime invalid";
        return -EINVAL;
    }
    if (times.ifa_valid != (uint32_t)FOREVER)
        m->valid_for = times.ifa_valid * SECOND;
    if (times.ifa_prefered != (uint32_t)FOREVER)
        m->preferred_for = times.ifa_prefered * SECOND;
    if (address_is_mapped(m->address) && times.ifa_valid != (uint32_t)FOREVER)
        return refuse(a, "Sockeye: addresses of IPv4 are for ever");
    return 0;
}

/* The address, and what of it is the same for new and old ones. */
static int read_address(struct netlink_answer *a, const struct netlink_attributes *asked,
                        struct ifaddrmsg *header, struct manage_address *m)
{
    struct address peer = {0};
    int local, other;

    memset(m, 0, sizeof *m);
    memcpy(header, a->request->body, sizeof *header);
    if (header->ifa_family != AF_INET && header->ifa_family != AF_INET6)
        return -EOPNOTSUPP;
    local = netlink_attributes_address(asked, IFA_LOCAL, header->ifa_family, &m->address);
    other = netlink_attributes_address(asked, IFA_ADDRESS, header->ifa_family, &peer);
    if (local < 0 || other < 0)
        return -EINVAL;
    if (local && other && !address_equal(m->address, peer))
        return refuse(a, "Sockeye: addresses have no peer");
    if (!local && header->ifa_family == AF_INET) {
        a->complaint = "ipv4: Local address is not supplied";
        return -EINVAL;
    }
    if (!local)
        m->address = peer;
    if (!local && !other)
        return -EINVAL;
    m->prefix = header->ifa_prefixlen;
    if (header->ifa_prefixlen > (header->ifa_family == AF_INET ? 32 : 128)) {
        a->complaint = header->ifa_family == AF_INET ? "ipv4: Invalid prefix length"
                                                     : "ipv6: Invalid prefix length";
        return -EINVAL;
    }
    return 0;
}

/* IPv4: that of its prefix, or none; by the prefix a host here knows what is for all. */
static bool is_broadcast_of(const struct netlink_attributes *asked, const struct manage_address *m)
{
    uint32_t others = m->prefix < 32 ? UINT32_MAX >> m->prefix : 0;
    struct address given;

    return !asked->at[IFA_BROADCAST] ||
           (netlink_attributes_address(asked, IFA_BROADCAST, AF_INET, &given) > 0 &&
            (address_to_ip4(given) == (address_to_ip4(m->address) | others) ||
             address_to_ip4(given) == 0));
}

/* What Linux would keep with an address, and a host here does not. */
static int address_extras(struct netlink_answer *a, const struct netlink_attributes *asked,
                          const struct ifaddrmsg *header, const struct manage_address *m)
{
    static const uint8_t known[] = {IFA_ADDRESS,   IFA_LOCAL, IFA_BROADCAST, IFA_LABEL, IFA_FLAGS,
                                    IFA_CACHEINFO, 0};
    uint32_t flags = header->ifa_flags;
    char label[CALL_INTERFACE_NAME_BYTES];
    struct manage_interface i;
    uint32_t length = netlink_attributes_text(asked, IFA_LABEL, label, sizeof label);

    (void)netlink_attributes_number(asked, IFA_FLAGS, &flags);
    (void)manage_interface(a->end->netlink->host, header->ifa_index - 1, &i);
    if (!has_only(asked, known))
        return refuse(a, "Sockeye: an address has neither a metric nor a protocol");
    if (flags & ~(uint32_t)(IFA_F_PERMANENT | IFA_F_SECONDARY))
        return refuse(a, "Sockeye: an address has no flags of its own");
    if (length && (memcmp(label, i.name, length) != 0 || i.name[length]))
        return refuse(a, "Sockeye: the label of an address is the name of its interface");
    if (header->ifa_family == AF_INET && !is_broadcast_of(asked, m))
        return refuse(a, "Sockeye: the broadcast address of an address follows from its prefix");
    if (header->ifa_scope != netlink_address_scope(m->address) && header->ifa_family == AF_INET)
        return refuse(a, "Sockeye: the scope of an address follows from it");
    return 0;
}

int netlink_change_address(struct netlink_answer *a, const struct netlink_attributes *asked,
                           nanoseconds now)
{
    uint16_t flags = a->request->flags;
    struct ifaddrmsg header;
    struct manage_address m;
    int result = read_address(a, asked, &header, &m);

    if (result < 0)
        return result;
    if (!is_interface(a, header.ifa_index)) {
        a->complaint = header.ifa_family == AF_INET ? "ipv4: Device not found"
                                                    : "ipv6: Unable to find the interface";
        return -ENODEV;
    }
    result = address_extras(a, asked, &header, &m);
    if (result == 0)
        result = read_times(a, asked, &m);
    if (result < 0)
        return result;
    return manage_address_put(a->end->netlink->host, header.ifa_index - 1, &m,
                              (flags & NLM_F_REPLACE) && !(flags & NLM_F_EXCL), now, &a->complaint);
}

/* Linux: of IPv4 the length of the prefix counts only where IFA_ADDRESS is given. */
int netlink_change_address_remove(struct netlink_answer *a, const struct netlink_attributes *asked,
                                  nanoseconds now)
{
    struct call_host *host = a->end->netlink->host;
    struct manage_address m, own;
    struct ifaddrmsg header;
    int result = read_address(a, asked, &header, &m);
    bool counts_prefix = header.ifa_family == AF_INET6 || asked->at[IFA_ADDRESS];

    if (result < 0)
        return result;
    if (!is_interface(a, header.ifa_index)) {
        a->complaint = header.ifa_family == AF_INET ? "ipv4: Device not found"
                                                    : "ipv6: Unable to find the interface";
        return -ENODEV;
    }
    for (uint32_t k = 0; manage_address(host, header.ifa_index - 1, k, now, &own); k++)
        if (address_equal(own.address, m.address) && (!counts_prefix || own.prefix == m.prefix))
            return manage_address_remove(host, header.ifa_index - 1, m.address, now);
    a->complaint =
        header.ifa_family == AF_INET ? "ipv4: Address not found" : "ipv6: address not found";
    return -EADDRNOTAVAIL;
}

/* ---- routes ---- */

static const struct {
    uint8_t type, kind;
} route_kinds[] = {{RTN_UNICAST, MANAGE_ROUTE_UNICAST},
                   {RTN_BLACKHOLE, MANAGE_ROUTE_BLACKHOLE},
                   {RTN_UNREACHABLE, MANAGE_ROUTE_UNREACHABLE},
                   {RTN_PROHIBIT, MANAGE_ROUTE_PROHIBIT}};

/* RTA_METRICS: the MTU is the one that there is. */
static int read_metrics(struct netlink_answer *a, const struct netlink_attributes *asked,
                        struct manage_route *r)
{
    static const uint8_t known[] = {RTAX_MTU, 0};
    struct netlink_attributes metrics;

    if (!asked->at[RTA_METRICS])
        return 0;
    netlink_attributes_read(asked->at[RTA_METRICS], asked->length[RTA_METRICS], &metrics);
    if (!has_only(&metrics, known))
        return refuse(a, "Sockeye: of the metrics of a route, mtu alone can be set");
    (void)netlink_attributes_number(&metrics, RTAX_MTU, &r->mtu);
    return 0;
}

static int read_ends(struct netlink_answer *a, const struct netlink_attributes *asked,
                     const struct rtmsg *header, struct manage_route *r)
{
    uint32_t width = header->rtm_family == AF_INET ? 32 : 128, outside;
    struct address masked;

    if (header->rtm_dst_len > width) {
        a->complaint = "Invalid prefix length";
        return -EINVAL;
    }
    if (header->rtm_family == AF_INET)
        r->dest = address_from_ip4(0);
    if (netlink_attributes_address(asked, RTA_DST, header->rtm_family, &r->dest) < 0 ||
        netlink_attributes_address(asked, RTA_GATEWAY, header->rtm_family, &r->gateway) < 0 ||
        netlink_attributes_address(asked, RTA_PREFSRC, header->rtm_family, &r->source) < 0)
        return -EINVAL;
    outside = 128 - width;
    masked = address_masked(r->dest, outside + header->rtm_dst_len);
    if (!address_equal(masked, r->dest) && header->rtm_family == AF_INET) {
        a->complaint = "Invalid prefix for given prefix length";
        return -EINVAL;
    }
    r->dest = masked;
    r->prefix = header->rtm_dst_len;
    return 0;
}

static int read_preference(const struct netlink_attributes *asked, struct manage_route *r)
{
    r->preference = MANAGE_ROUTE_MEDIUM;
    if (!asked->at[RTA_PREF])
        return 0;
    if (asked->length[RTA_PREF] < 1)
        return -EINVAL;
    if (asked->at[RTA_PREF][0] == 1)
        r->preference = MANAGE_ROUTE_HIGH;
    else if (asked->at[RTA_PREF][0] == 3)
        r->preference = MANAGE_ROUTE_LOW;
    return 0;
}

/* What is the same for new and old ones. */
static int read_route(struct netlink_answer *a, const struct netlink_attributes *asked,
                      struct rtmsg *header, struct manage_route *r)
{
    uint32_t table, out = 0;
    size_t i = 0;
    int result;

    memset(r, 0, sizeof *r);
    r->expires_in = NEVER;
    memcpy(header, a->request->body, sizeof *header);
    if (header->rtm_family != AF_INET && header->rtm_family != AF_INET6)
        return -EOPNOTSUPP;
    table = header->rtm_table;
    (void)netlink_attributes_number(asked, RTA_TABLE, &table);
    if (table != RT_TABLE_MAIN && table != RT_TABLE_UNSPEC)
        return refuse(a, "Sockeye: the table main is the one whose routes can be changed");
    if (header->rtm_tos || header->rtm_src_len)
        return refuse(a, "Sockeye: a route looks at the destination alone");
    result = read_ends(a, asked, header, r);
    if (result < 0)
        return result;
    (void)netlink_attributes_number(asked, RTA_PRIORITY, &r->metric);
    if (netlink_attributes_number(asked, RTA_OIF, &out) && out && !is_interface(a, out))
        return -ENODEV;
    r->interface = out ? out - 1 : 0;
    r->protocol = header->rtm_protocol;
    while (i < 4 && route_kinds[i].type != header->rtm_type)
        i++;
    if (i == 4 && header->rtm_type != RTN_UNSPEC)
        return refuse(a, "Sockeye: there are no routes of this type");
    r->kind = i == 4 ? MANAGE_ROUTE_UNICAST : route_kinds[i].kind;
    if (r->kind != MANAGE_ROUTE_UNICAST)
        r->interface = 0; /* IPv6's stand at lo */
    return read_preference(asked, r);
}

int netlink_change_route(struct netlink_answer *a, const struct netlink_attributes *asked,
                         nanoseconds now)
{
    static const uint8_t known[] = {RTA_DST,   RTA_OIF,     RTA_GATEWAY, RTA_PRIORITY,  RTA_PREFSRC,
                                    RTA_TABLE, RTA_METRICS, RTA_PREF,    RTA_CACHEINFO, RTA_EXPIRES,
                                    0};
    uint16_t flags = a->request->flags;
    uint32_t how = ((flags & NLM_F_CREATE) ? MANAGE_ROUTE_CREATE : 0) |
                   ((flags & NLM_F_EXCL) ? MANAGE_ROUTE_EXCLUSIVE : 0) |
                   ((flags & NLM_F_REPLACE) ? MANAGE_ROUTE_REPLACE : 0) |
                   ((flags & NLM_F_APPEND) ? MANAGE_ROUTE_APPEND : 0);
    uint32_t expires = 0;
    struct manage_route r;
    struct rtmsg header;
    int result = read_route(a, asked, &header, &r);

    if (result < 0)
        return result;
    if (!has_only(asked, known))
        return refuse(a, "Sockeye: a route has one next hop, without encapsulation");
    if (header.rtm_flags & RTNH_F_ONLINK)
        return refuse(a, "Sockeye: a gateway is on a network of ours");
    if (netlink_attributes_number(asked, RTA_EXPIRES, &expires) && expires)
        r.expires_in = expires * SECOND;
    result = read_metrics(a, asked, &r);
    return result < 0 ? result
                      : manage_route_put(a->end->netlink->host, &r, how, now, &a->complaint);
}

int netlink_change_route_remove(struct netlink_answer *a, const struct netlink_attributes *asked,
                                nanoseconds now)
{
    struct manage_route_match match;
    struct rtmsg header;
    int result;

    memset(&match, 0, sizeof match);
    result = read_route(a, asked, &header, &match.route);
    if (result < 0)
        return result;
    match.has_gateway = asked->at[RTA_GATEWAY] != NULL;
    match.has_interface = match.route.interface != 0;
    match.has_metric = match.route.metric != 0;
    match.has_kind = header.rtm_type != RTN_UNSPEC &&
                     (header.rtm_family == AF_INET || header.rtm_type != RTN_UNICAST);
    match.has_protocol = header.rtm_protocol > RTPROT_BOOT;
    return manage_route_remove(a->end->netlink->host, &match, now);
}

/* ---- neighbours ---- */

static int read_neighbor(struct netlink_answer *a, const struct netlink_attributes *asked,
                         struct ndmsg *header, struct manage_neighbor *n)
{
    int result;

    memset(n, 0, sizeof *n);
    memcpy(header, a->request->body, sizeof *header);
    if (header->ndm_family != AF_INET && header->ndm_family != AF_INET6)
        return -EOPNOTSUPP;
    result = netlink_attributes_address(asked, NDA_DST, header->ndm_family, &n->address);
    if (result <= 0) {
        a->complaint = result ? "Invalid network address" : "Network address not specified";
        return -EINVAL;
    }
    if (!is_interface(a, header->ndm_ifindex))
        return -ENODEV;
    if (header->ndm_flags & NTF_PROXY)
        return refuse(a, "Sockeye: nobody answers for others here");
    return 0;
}

int netlink_change_neighbor(struct netlink_answer *a, const struct netlink_attributes *asked,
                            nanoseconds now)
{
    struct call_host *host = a->end->netlink->host;
    struct manage_neighbor n, there;
    struct ndmsg header;
    int result = read_neighbor(a, asked, &header, &n);
    bool is_there;

    if (result < 0)
        return result;
    is_there =
        netlink_neighbor_find(host, (uint32_t)header.ndm_ifindex - 1, n.address, now, &there);
    if (!is_there && !(a->request->flags & NLM_F_CREATE))
        return -ENOENT;
    if (is_there && (a->request->flags & NLM_F_EXCL))
        return -EEXIST;
    if (asked->at[NDA_LLADDR] && asked->length[NDA_LLADDR] != sizeof n.mac) {
        a->complaint = "Invalid link address";
        return -EINVAL;
    }
    if (!asked->at[NDA_LLADDR] && (!is_there || there.state == MANAGE_NEIGHBOR_FAILED ||
                                   there.state == MANAGE_NEIGHBOR_INCOMPLETE))
        return refuse(a, "Sockeye: a neighbour is written down with its link address");
    memcpy(n.mac, asked->at[NDA_LLADDR] ? asked->at[NDA_LLADDR] : there.mac, sizeof n.mac);
    if (header.ndm_state != NUD_PERMANENT && header.ndm_state != NUD_REACHABLE &&
        header.ndm_state != NUD_STALE)
        return refuse(a, "Sockeye: a neighbour is made permanent, reachable or stale");
    n.is_permanent = header.ndm_state == NUD_PERMANENT;
    n.state = header.ndm_state == NUD_STALE ? MANAGE_NEIGHBOR_STALE : MANAGE_NEIGHBOR_REACHABLE;
    return manage_neighbor_put(host, (uint32_t)header.ndm_ifindex - 1, &n, now);
}

int netlink_change_neighbor_remove(struct netlink_answer *a, const struct netlink_attributes *asked,
                                   nanoseconds now)
{
    struct manage_neighbor n;
    struct ndmsg header;
    int result = read_neighbor(a, asked, &header, &n);

    return result < 0 ? result
                      : manage_neighbor_remove(a->end->netlink->host,
                                               (uint32_t)header.ndm_ifindex - 1, n.address, now);
}
