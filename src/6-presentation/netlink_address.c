/* SPDX-License-Identifier: MIT */
/*
 * Addresses by netlink (RFC 3549 3.1.2). In the order of Linux's: IPv4's as they were added; IPv6's
 * of the widest scope first, and of one scope the newest.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/integer.h"

enum {
    FOREVER = -1,
    HUNDREDTH = 10000000, /* nanoseconds of the kernel's ticks */
    OF_LOOPBACK = 1,
    OF_ROUTER = 2,
    OF_LINK = 3 /* IFAPROT_KERNEL_* */
};

uint8_t netlink_address_scope(struct address a)
{
    if (address_is_loopback(a))
        return RT_SCOPE_HOST;
    return address_is_of_link(a) && !address_is_mapped(a) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

static uint32_t seconds(nanoseconds time)
{
    return time == NEVER ? (uint32_t)FOREVER
                         : (uint32_t)least((uint64_t)(time / SECOND), INT32_MAX);
}

static uint32_t flags_of(const struct manage_address *m)
{
    return (m->valid_for == NEVER ? IFA_F_PERMANENT : 0u) | (m->temporary ? IFA_F_TEMPORARY : 0u) |
           (m->is_secondary ? IFA_F_SECONDARY : 0u) | (m->by_router ? IFA_F_MANAGETEMPADDR : 0u) |
           (m->tentative || m->optimistic ? IFA_F_TENTATIVE : 0u) |
           (m->optimistic ? IFA_F_OPTIMISTIC : 0u) | (m->deprecated ? IFA_F_DEPRECATED : 0u) |
           (m->duplicate ? IFA_F_DADFAILED | IFA_F_TENTATIVE : 0u);
}

static void put_four(struct netlink_answer *a, uint32_t number, const char *label,
                     const struct manage_address *m)
{
    uint32_t mask = m->prefix ? UINT32_MAX << (32 - m->prefix) : 0;

    netlink_answer_address(a, IFA_LOCAL, m->address);
    if (number != 0 && m->prefix < 31)
        netlink_answer_address(a, IFA_BROADCAST,
                               address_from_ip4(address_to_ip4(m->address) | ~mask));
    netlink_answer_text(a, IFA_LABEL, label);
}

void netlink_address_put(struct netlink_answer *a, uint16_t type, uint32_t number,
                         const char *label, const struct manage_address *m)
{
    const struct ifa_cacheinfo times = {.ifa_prefered = seconds(m->preferred_for),
                                        .ifa_valid = seconds(m->valid_for),
                                        .cstamp = (uint32_t)(m->since / HUNDREDTH),
                                        .tstamp = (uint32_t)(m->since / HUNDREDTH)};
    bool is_4 = address_is_mapped(m->address);
    struct ifaddrmsg head;
    uint8_t *at = netlink_answer_begin(a, type, netlink_answer_flags(a), sizeof head);

    if (!at)
        return;
    memset(&head, 0, sizeof head);
    head.ifa_family = is_4 ? AF_INET : AF_INET6;
    head.ifa_prefixlen = (uint8_t)m->prefix;
    head.ifa_flags = (uint8_t)flags_of(m);
    head.ifa_scope = netlink_address_scope(m->address);
    head.ifa_index = number + 1;
    memcpy(at, &head, sizeof head);
    netlink_answer_address(a, IFA_ADDRESS, m->address);
    if (is_4)
        put_four(a, number, label, m);
    netlink_answer_number(a, IFA_FLAGS, flags_of(m));
    netlink_answer_attribute(a, IFA_CACHEINFO, &times, sizeof times);
    if (number == 0 || m->by_router || m->is_link_local)
        netlink_answer_byte(a, IFA_PROTO,
                            number == 0    ? OF_LOOPBACK
                            : m->by_router ? OF_ROUTER
                                           : OF_LINK);
    netlink_answer_end(a);
}

static void dump_four(struct netlink_answer *a, uint32_t number, const char *label, nanoseconds now)
{
    struct manage_address m;

    for (uint32_t k = 0; manage_address(a->end->netlink->host, number, k, now, &m); k++)
        if (address_is_mapped(m.address) && netlink_answer_next(a))
            netlink_address_put(a, RTM_NEWADDR, number, label, &m);
}

static void dump_six(struct netlink_answer *a, uint32_t number, const char *label, nanoseconds now)
{
    const struct call_host *host = a->end->netlink->host;
    struct manage_address m;
    uint32_t count = 0;

    while (manage_address(host, number, count, now, &m))
        count++;
    for (int of_link = 0; of_link < 2; of_link++) {
        for (uint32_t k = count; k-- > 0;) {
            (void)manage_address(host, number, k, now, &m);
            if (!address_is_mapped(m.address) &&
                (netlink_address_scope(m.address) == RT_SCOPE_LINK) == (of_link != 0) &&
                netlink_answer_next(a))
                netlink_address_put(a, RTM_NEWADDR, number, label, &m);
        }
    }
}

/* IPv4's of all interfaces, then IPv6's. */
int netlink_address_dump(struct netlink_answer *a, const struct netlink_attributes *asked,
                         nanoseconds now)
{
    uint8_t family = a->request->body[0];
    struct manage_interface i;
    struct ifaddrmsg header;

    (void)asked;
    memset(&header, 0, sizeof header);
    if (a->end->is_strict) {
        memcpy(&header, a->request->body, sizeof header);
        if (header.ifa_prefixlen || header.ifa_flags || header.ifa_scope) {
            a->complaint = "Invalid values in header for address dump request";
            return -EINVAL;
        }
    }
    for (int six = 0; six < 2; six++) {
        if (family != AF_UNSPEC && family != (six ? AF_INET6 : AF_INET))
            continue;
        for (uint32_t n = 0; manage_interface(a->end->netlink->host, n, &i); n++) {
            if (header.ifa_index && header.ifa_index != n + 1)
                continue;
            if (six)
                dump_six(a, n, i.name, now);
            else
                dump_four(a, n, i.name, now);
        }
    }
    return 0;
}
