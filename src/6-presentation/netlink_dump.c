/* SPDX-License-Identifier: MIT */
/*
 * What a host tells of itself by netlink (RFC 3549 3.1): its interfaces, addresses and routes, in
 * the form of rtnetlink(7). Everything is told at once; of one interface alone where one is asked.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/integer.h"

enum {
    QUEUE_PACKETS = 1000,
    STATE_UP = 6,        /* IF_OPER_UP */
    LOWER_UP = 1U << 16, /* IFF_LOWER_UP */
    FOREVER = -1
};

/* ---- interfaces ---- */

static uint32_t flags_of(const struct manage_interface *i)
{
    uint32_t flags = IFF_UP | IFF_RUNNING | LOWER_UP;

    if (i->is_loopback)
        return flags | IFF_LOOPBACK;
    return flags | IFF_MULTICAST | (i->is_ethernet ? IFF_BROADCAST : IFF_POINTOPOINT | IFF_NOARP);
}

static void put_link(struct netlink_answer *a, uint32_t number, uint16_t flags,
                     const struct manage_interface *i)
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, nobody[6];
    uint8_t state = i->is_loopback ? 0 : STATE_UP;
    struct ifinfomsg m;
    uint8_t *at = netlink_answer_begin(a, RTM_NEWLINK, flags, sizeof m);

    if (!at)
        return;
    memset(&m, 0, sizeof m);
    m.ifi_type = i->is_loopback ? ARPHRD_LOOPBACK : i->is_ethernet ? ARPHRD_ETHER : ARPHRD_NONE;
    m.ifi_index = (int)number + 1;
    m.ifi_flags = flags_of(i);
    memcpy(at, &m, sizeof m);
    netlink_answer_text(a, IFLA_IFNAME, i->name);
    netlink_answer_number(a, IFLA_TXQLEN, QUEUE_PACKETS);
    netlink_answer_attribute(a, IFLA_OPERSTATE, &state, sizeof state);
    netlink_answer_number(a, IFLA_MTU, i->mtu);
    netlink_answer_text(a, IFLA_QDISC, "noqueue");
    if (i->is_loopback || i->is_ethernet) {
        netlink_answer_attribute(a, IFLA_ADDRESS, i->is_loopback ? nobody : i->mac, 6);
        netlink_answer_attribute(a, IFLA_BROADCAST, i->is_loopback ? nobody : everybody, 6);
    }
    netlink_answer_end(a);
}

static void dump_links(struct netlink_answer *a)
{
    struct manage_interface i;

    for (uint32_t n = 0; manage_interface(a->end->netlink->host, n, &i); n++)
        put_link(a, n, NLM_F_MULTI, &i);
}

/* The name among the attributes of a request. @return its length, 0: none */
static uint32_t name_of(const struct netlink_request *r, char name[CALL_INTERFACE_NAME_BYTES])
{
    uint32_t at = sizeof(struct ifinfomsg), length = 0;
    struct rtattr header;

    while (at + sizeof header <= r->length) {
        memcpy(&header, r->body + at, sizeof header);
        if (header.rta_len < sizeof header || header.rta_len > r->length - at)
            break;
        if ((header.rta_type == IFLA_IFNAME || header.rta_type == IFLA_ALT_IFNAME) &&
            header.rta_len - sizeof header < CALL_INTERFACE_NAME_BYTES) {
            memcpy(name, r->body + at + sizeof header, header.rta_len - sizeof header);
            while (length < header.rta_len - sizeof header && name[length])
                length++;
            return length;
        }
        at += RTA_ALIGN((uint32_t)header.rta_len);
    }
    return 0;
}

/* One, by its index or its name. */
static int get_link(struct netlink_answer *a)
{
    const struct call_host *host = a->end->netlink->host;
    char name[CALL_INTERFACE_NAME_BYTES];
    struct manage_interface i;
    struct ifinfomsg asked;
    uint32_t length;
    int number;

    if (a->request->length < sizeof asked)
        return -EINVAL;
    memcpy(&asked, a->request->body, sizeof asked);
    length = name_of(a->request, name);
    if (asked.ifi_index == 0 && length == 0)
        return -EINVAL;
    number = asked.ifi_index ? asked.ifi_index - 1 : manage_interface_by_name(host, name, length);
    if (number < 0 || !manage_interface(host, (uint32_t)number, &i))
        return -ENODEV;
    put_link(a, (uint32_t)number, 0, &i);
    return 0;
}

/* ---- addresses ---- */

static uint8_t scope_of(struct address a)
{
    if (address_is_loopback(a))
        return RT_SCOPE_HOST;
    return address_is_of_link(a) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

static uint32_t seconds(nanoseconds time)
{
    return time == NEVER ? (uint32_t)FOREVER
                         : (uint32_t)least((uint64_t)(time / SECOND), INT32_MAX);
}

static uint32_t address_flags(const struct manage_address *m)
{
    return (m->valid_for == NEVER ? IFA_F_PERMANENT : 0u) | (m->temporary ? IFA_F_TEMPORARY : 0u) |
           (m->tentative || m->optimistic ? IFA_F_TENTATIVE : 0u) |
           (m->optimistic ? IFA_F_OPTIMISTIC : 0u) | (m->deprecated ? IFA_F_DEPRECATED : 0u) |
           (m->duplicate ? IFA_F_DADFAILED | IFA_F_TENTATIVE : 0u);
}

static void put_address(struct netlink_answer *a, uint32_t number, const char *label,
                        const struct manage_address *m)
{
    const struct ifa_cacheinfo times = {.ifa_prefered = seconds(m->preferred_for),
                                        .ifa_valid = seconds(m->valid_for)};
    bool is_4 = address_is_mapped(m->address);
    struct ifaddrmsg head;
    uint8_t *at = netlink_answer_begin(a, RTM_NEWADDR, NLM_F_MULTI, sizeof head);

    if (!at)
        return;
    memset(&head, 0, sizeof head);
    head.ifa_family = is_4 ? AF_INET : AF_INET6;
    head.ifa_prefixlen = (uint8_t)m->prefix;
    head.ifa_flags = (uint8_t)address_flags(m);
    head.ifa_scope = scope_of(m->address);
    head.ifa_index = number + 1;
    memcpy(at, &head, sizeof head);
    netlink_answer_address(a, IFA_ADDRESS, m->address);
    if (is_4) {
        uint32_t mask = m->prefix ? UINT32_MAX << (32 - m->prefix) : 0;

        netlink_answer_address(a, IFA_LOCAL, m->address);
        if (number != 0 && m->prefix < 31)
            netlink_answer_address(a, IFA_BROADCAST,
                                   address_from_ip4(address_to_ip4(m->address) | ~mask));
        netlink_answer_text(a, IFA_LABEL, label);
    }
    netlink_answer_number(a, IFA_FLAGS, address_flags(m));
    netlink_answer_attribute(a, IFA_CACHEINFO, &times, sizeof times);
    netlink_answer_end(a);
}

/* IPv4's of all interfaces, then IPv6's. */
static void dump_addresses(struct netlink_answer *a, uint8_t family, nanoseconds now)
{
    const struct call_host *host = a->end->netlink->host;
    struct manage_interface i;

    for (int six = 0; six < 2; six++) {
        if (family != AF_UNSPEC && family != (six ? AF_INET6 : AF_INET))
            continue;
        for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
            struct manage_address m;

            for (uint32_t k = 0; manage_address(host, n, k, now, &m); k++)
                if (address_is_mapped(m.address) == !six)
                    put_address(a, n, i.name, &m);
        }
    }
}

/* ---- routes ---- */

static void put_route(struct netlink_answer *a, const struct manage_route *r)
{
    static const uint8_t types[] = {[MANAGE_ROUTE_UNICAST] = RTN_UNICAST,
                                    [MANAGE_ROUTE_BLACKHOLE] = RTN_BLACKHOLE,
                                    [MANAGE_ROUTE_UNREACHABLE] = RTN_UNREACHABLE,
                                    [MANAGE_ROUTE_PROHIBIT] = RTN_PROHIBIT};
    bool by_gateway = !address_is_unspecified(r->gateway);
    struct rtmsg head;
    uint8_t *at = netlink_answer_begin(a, RTM_NEWROUTE, NLM_F_MULTI, sizeof head);

    if (!at)
        return;
    memset(&head, 0, sizeof head);
    head.rtm_family = address_is_mapped(r->dest) ? AF_INET : AF_INET6;
    head.rtm_dst_len = (uint8_t)r->prefix;
    head.rtm_table = RT_TABLE_MAIN;
    head.rtm_protocol = r->by_router ? RTPROT_RA : r->by_address ? RTPROT_KERNEL : RTPROT_STATIC;
    head.rtm_scope = by_gateway || head.rtm_family == AF_INET6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    head.rtm_type = types[r->kind];
    memcpy(at, &head, sizeof head);
    netlink_answer_number(a, RTA_TABLE, RT_TABLE_MAIN);
    if (r->prefix != 0)
        netlink_answer_address(a, RTA_DST, r->dest);
    if (r->metric != 0)
        netlink_answer_number(a, RTA_PRIORITY, r->metric);
    if (by_gateway)
        netlink_answer_address(a, RTA_GATEWAY, r->gateway);
    if (r->kind == MANAGE_ROUTE_UNICAST)
        netlink_answer_number(a, RTA_OIF, r->interface + 1);
    netlink_answer_end(a);
}

static void dump_routes(struct netlink_answer *a, uint8_t family)
{
    const void *at = NULL;
    struct manage_route r;

    while (manage_route(a->end->netlink->host, &at, &r))
        if (family == AF_UNSPEC || family == (address_is_mapped(r.dest) ? AF_INET : AF_INET6))
            put_route(a, &r);
}

/* ---- what is asked ---- */

static void put_done(struct netlink_answer *a)
{
    if (netlink_answer_begin(a, NLMSG_DONE, NLM_F_MULTI, sizeof(int)))
        netlink_answer_end(a);
}

int netlink_dump(struct netlink_answer *a, nanoseconds now)
{
    const struct netlink_request *r = a->request;
    uint8_t family = r->length > 0 ? r->body[0] : AF_UNSPEC;

    if ((r->flags & NLM_F_DUMP) != NLM_F_DUMP)
        return r->type == RTM_GETLINK ? get_link(a) : -EOPNOTSUPP;
    switch (r->type) {
    case RTM_GETLINK:
        dump_links(a);
        break;
    case RTM_GETADDR:
        dump_addresses(a, family, now);
        break;
    case RTM_GETROUTE:
        dump_routes(a, family);
        break;
    default:
        return -EOPNOTSUPP;
    }
    put_done(a);
    return 0;
}
