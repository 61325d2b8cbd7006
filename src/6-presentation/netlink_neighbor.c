/* SPDX-License-Identifier: MIT */
/* Neighbours by netlink (RFC 3549 3.1.3): the stations that each link knows, of both families. */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/integer.h"

enum { HUNDREDTH = 10000000 /* nanoseconds of the kernel's ticks */ };

static const uint16_t states[] = {
    [MANAGE_NEIGHBOR_NONE] = NUD_NONE,           [MANAGE_NEIGHBOR_INCOMPLETE] = NUD_INCOMPLETE,
    [MANAGE_NEIGHBOR_REACHABLE] = NUD_REACHABLE, [MANAGE_NEIGHBOR_STALE] = NUD_STALE,
    [MANAGE_NEIGHBOR_DELAY] = NUD_DELAY,         [MANAGE_NEIGHBOR_PROBE] = NUD_PROBE,
    [MANAGE_NEIGHBOR_FAILED] = NUD_FAILED};

static uint32_t ticks(nanoseconds time)
{
    return (uint32_t)least((uint64_t)time / HUNDREDTH, UINT32_MAX);
}

void netlink_neighbor_put(struct netlink_answer *a, uint16_t type, uint32_t number,
                          const struct manage_neighbor *n)
{
    const struct nda_cacheinfo times = {.ndm_confirmed = ticks(n->confirmed),
                                        .ndm_used = ticks(n->since),
                                        .ndm_updated = ticks(n->since)};
    struct ndmsg head;
    uint8_t *at = netlink_answer_begin(a, type, netlink_answer_flags(a), sizeof head);

    if (!at)
        return;
    memset(&head, 0, sizeof head);
    head.ndm_family = address_is_mapped(n->address) ? AF_INET : AF_INET6;
    head.ndm_ifindex = (int)number + 1;
    head.ndm_state = n->is_permanent ? NUD_PERMANENT : states[n->state];
    head.ndm_type = RTN_UNICAST;
    head.ndm_flags = n->is_router ? NTF_ROUTER : 0;
    memcpy(at, &head, sizeof head);
    netlink_answer_address(a, NDA_DST, n->address);
    if (n->state != MANAGE_NEIGHBOR_NONE && n->state != MANAGE_NEIGHBOR_INCOMPLETE &&
        n->state != MANAGE_NEIGHBOR_FAILED)
        netlink_answer_attribute(a, NDA_LLADDR, n->mac, sizeof n->mac);
    netlink_answer_number(a, NDA_PROBES, n->probes);
    netlink_answer_attribute(a, NDA_CACHEINFO, &times, sizeof times);
    netlink_answer_end(a);
}

static void dump_interface(struct netlink_answer *a, uint32_t number, bool six, nanoseconds now)
{
    struct manage_neighbor n;
    const void *at = NULL;

    while (manage_neighbor(a->end->netlink->host, number, &at, now, &n))
        if (address_is_mapped(n.address) == !six && netlink_answer_next(a))
            netlink_neighbor_put(a, RTM_NEWNEIGH, number, &n);
}

int netlink_neighbor_dump(struct netlink_answer *a, const struct netlink_attributes *asked,
                          nanoseconds now)
{
    uint32_t index = 0, master = 0;
    struct manage_interface i;
    struct ndmsg header;

    memset(&header, 0, sizeof header);
    memcpy(&header, a->request->body,
           a->request->length < sizeof header ? a->request->length : sizeof header);
    if (a->end->is_strict && (header.ndm_state || header.ndm_type || header.ndm_ifindex)) {
        a->complaint = "Invalid values in header for neighbor dump request";
        return -EINVAL;
    }
    (void)netlink_attributes_number(asked, NDA_IFINDEX, &index);
    (void)netlink_attributes_number(asked, NDA_MASTER, &master);
    if (master || (header.ndm_flags & NTF_PROXY))
        return 0; /* there are none such */
    for (int six = 0; six < 2; six++) {
        if (header.ndm_family != AF_UNSPEC && header.ndm_family != (six ? AF_INET6 : AF_INET))
            continue;
        for (uint32_t n = 0; manage_interface(a->end->netlink->host, n, &i); n++)
            if (index == 0 || index == n + 1)
                dump_interface(a, n, six, now);
    }
    return 0;
}

bool netlink_neighbor_find(const struct call_host *host, uint32_t number, struct address address,
                           nanoseconds now, struct manage_neighbor *n)
{
    const void *at = NULL;

    while (manage_neighbor(host, number, &at, now, n))
        if (address_equal(n->address, address))
            return true;
    return false;
}

int netlink_neighbor_get(struct netlink_answer *a, const struct netlink_attributes *asked,
                         nanoseconds now)
{
    const struct call_host *host = a->end->netlink->host;
    struct manage_interface i;
    struct manage_neighbor n;
    struct address address;
    struct ndmsg header;
    int status;

    memcpy(&header, a->request->body, sizeof header);
    if (header.ndm_family != AF_INET && header.ndm_family != AF_INET6) {
        a->complaint = "Unsupported address family";
        return -EOPNOTSUPP;
    }
    status = netlink_attributes_address(asked, NDA_DST, header.ndm_family, &address);
    if (status <= 0) {
        a->complaint = status ? "Invalid network address in neighbor get request"
                              : "Network address not specified";
        return -EINVAL;
    }
    if (header.ndm_ifindex < 1 || !manage_interface(host, (uint32_t)header.ndm_ifindex - 1, &i)) {
        a->complaint = header.ndm_ifindex ? "Unknown device ifindex" : "No device specified";
        return header.ndm_ifindex ? -ENODEV : -EINVAL;
    }
    if (!netlink_neighbor_find(host, (uint32_t)header.ndm_ifindex - 1, address, now, &n)) {
        a->complaint = "Neighbour entry not found";
        return -ENOENT;
    }
    netlink_neighbor_put(a, RTM_NEWNEIGH, (uint32_t)header.ndm_ifindex - 1, &n);
    return 0;
}
