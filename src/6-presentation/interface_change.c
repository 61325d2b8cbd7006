/* SPDX-License-Identifier: MIT */
/*
 * The ioctls that change interfaces (netdevice(7)), routes (rtentry of <linux/route.h>, in6_rtmsg)
 * and neighbours (arp(7)): what ifconfig, route and arp do. They are of before netlink and say
 * less: a family is known by the length of what it gives, and the name of an interface that an
 * rtentry points to stands behind it. What is changed is this host's alone.
 */
#include "6-presentation/abi.h"

#include "6-presentation/call_state.h"
#include "6-presentation/manage.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <string.h>

#include "base/bytes.h"

enum { NAME_BYTES = 16, CLASS_A = 8, CLASS_B = 16, CLASS_C = 24, ALL_BITS = 32 };

/* A struct sockaddr of IPv4; false: of another family. */
static bool read_ip4(const void *address, uint32_t *ip4)
{
    uint8_t bytes[16];
    uint16_t family;
    struct reader r;

    memcpy(bytes, address, sizeof bytes);
    memcpy(&family, bytes, sizeof family);
    r = reader_of(bytes + 4, 4);
    *ip4 = read_u32(&r);
    return family == AF_INET;
}

static int number_of(const struct call_host *host, const char *name)
{
    size_t length = 0;

    while (length < NAME_BYTES - 1 && name[length])
        length++;
    return manage_interface_by_name(host, name, length);
}

static bool first_address(const struct call_host *host, uint32_t number, nanoseconds now,
                          struct manage_address *a)
{
    for (uint32_t i = 0; manage_address(host, number, i, now, a); i++)
        if (address_is_mapped(a->address))
            return true;
    return false;
}

/* RFC 1122 3.2.1.3: what the first bits of an address say; Linux begins with it. */
static uint32_t prefix_of_class(uint32_t ip4)
{
    if (ip4 >> 31 == 0)
        return CLASS_A;
    return ip4 >> 30 == 2 ? CLASS_B : CLASS_C;
}

/* -EINVAL: ones and zeroes are mixed */
static int prefix_of_mask(uint32_t mask)
{
    int bits = 0;

    while (bits < ALL_BITS && mask >> (31 - bits) & 1)
        bits++;
    return bits < ALL_BITS && mask << bits ? -EINVAL : bits;
}

/* The first address of IPv4 becomes this one. */
static int readdress(struct call_host *host, uint32_t number, uint32_t ip4, uint32_t prefix,
                     nanoseconds now)
{
    struct manage_address old, a;
    const char *why = NULL;

    memset(&a, 0, sizeof a);
    a.address = address_from_ip4(ip4);
    a.prefix = prefix;
    a.valid_for = a.preferred_for = NEVER;
    if (first_address(host, number, now, &old))
        (void)manage_address_remove(host, number, old.address, now);
    return ip4 ? manage_address_put(host, number, &a, false, now, &why) : 0;
}

static int set_address(struct call_host *host, uint32_t number, unsigned long request,
                       const struct ifreq *r, nanoseconds now)
{
    struct manage_address old;
    uint32_t ip4;
    int prefix;

    if (!read_ip4(&r->ifr_addr, &ip4))
        return -EINVAL;
    if (request == SIOCSIFADDR)
        return readdress(host, number, ip4, prefix_of_class(ip4), now);
    if (!first_address(host, number, now, &old))
        return -EADDRNOTAVAIL;
    prefix = (int)old.prefix;
    if (request == SIOCSIFNETMASK)
        prefix = prefix_of_mask(ip4);
    if (prefix < 0)
        return prefix;
    if (request == SIOCSIFBRDADDR) /* it follows from the address, and can be said again */
        return ip4 == (address_to_ip4(old.address) | (uint32_t)(UINT64_C(0xffffffff) >> prefix))
                   ? 0
                   : -EOPNOTSUPP;
    return readdress(host, number, address_to_ip4(old.address), (uint32_t)prefix, now);
}

static int set_flags(struct call_host *host, uint32_t number, const struct ifreq *r,
                     nanoseconds now)
{
    const unsigned known = IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST | IFF_LOOPBACK |
                           IFF_POINTOPOINT | IFF_NOARP;
    struct manage_link link = {.has_up = true, .up = (r->ifr_flags & IFF_UP) != 0};
    const char *why = NULL;

    if ((unsigned short)r->ifr_flags & ~known)
        return -EOPNOTSUPP; /* IFF_PROMISC, IFF_ALLMULTI: a packet socket asks for these */
    return manage_link_set(host, number, &link, now, &why);
}

static int change_interface(struct call_host *host, unsigned long request, const uint8_t *bytes,
                            nanoseconds now)
{
    struct manage_link link = {0};
    const char *why = NULL;
    struct ifreq r;
    int number;

    memcpy(&r, bytes, sizeof r);
    number = number_of(host, r.ifr_name);
    if (number < 0)
        return number;
    switch (request) {
    case SIOCSIFFLAGS:
        return set_flags(host, (uint32_t)number, &r, now);
    case SIOCSIFMTU:
        link.mtu = r.ifr_mtu > 0 ? (uint32_t)r.ifr_mtu : 1;
        return manage_link_set(host, (uint32_t)number, &link, now, &why);
    case SIOCSIFHWADDR:
        link.has_mac = true;
        memcpy(link.mac, r.ifr_hwaddr.sa_data, sizeof link.mac);
        return r.ifr_hwaddr.sa_family == ARPHRD_ETHER
                   ? manage_link_set(host, (uint32_t)number, &link, now, &why)
                   : -EINVAL;
    case SIOCSIFADDR:
    case SIOCSIFNETMASK:
    case SIOCSIFBRDADDR:
        return set_address(host, (uint32_t)number, request, &r, now);
    default:
        return -EOPNOTSUPP;
    }
}

/* ---- IPv6's addresses ---- */

static int change_address_6(struct call_host *host, unsigned long request, const uint8_t *bytes,
                            nanoseconds now)
{
    struct reader r = reader_of(bytes, 16);
    struct manage_address a;
    struct manage_interface i;
    const char *why = NULL;
    uint32_t prefix;
    int32_t index;

    memset(&a, 0, sizeof a);
    a.address.high = read_u64(&r);
    a.address.low = read_u64(&r);
    memcpy(&prefix, bytes + 16, sizeof prefix);
    memcpy(&index, bytes + 20, sizeof index);
    a.prefix = prefix;
    a.valid_for = a.preferred_for = NEVER;
    if (index < 1 || !manage_interface(host, (uint32_t)index - 1, &i))
        return -ENODEV;
    if (prefix > 128 || address_is_mapped(a.address))
        return -EINVAL;
    return request == SIOCSIFADDR
               ? manage_address_put(host, (uint32_t)index - 1, &a, false, now, &why)
               : manage_address_remove(host, (uint32_t)index - 1, a.address, now);
}

/* ---- routes ---- */

static int put_or_remove(struct call_host *host, unsigned long request, struct manage_route *r,
                         bool has_interface, nanoseconds now)
{
    struct manage_route_match match = {.has_gateway = !address_is_unspecified(r->gateway),
                                       .has_interface = has_interface,
                                       .has_metric = r->metric != 0};
    const char *why = NULL;

    r->expires_in = NEVER;
    r->preference = MANAGE_ROUTE_MEDIUM;
    if (request == SIOCADDRT)
        return manage_route_put(host, r, MANAGE_ROUTE_CREATE | MANAGE_ROUTE_EXCLUSIVE, now, &why);
    match.route = *r;
    return manage_route_remove(host, &match, now);
}

static int change_route(struct call_host *host, unsigned long request, const uint8_t *bytes,
                        nanoseconds now)
{
    uint32_t dest, gateway = 0, mask = 0;
    struct manage_route r;
    struct rtentry e;
    int prefix, number = 0;

    memset(&r, 0, sizeof r);
    memcpy(&e, bytes, sizeof e);
    if (!read_ip4(&e.rt_dst, &dest))
        return -EAFNOSUPPORT;
    (void)read_ip4(&e.rt_genmask, &mask);
    prefix = e.rt_flags & RTF_HOST ? ALL_BITS : prefix_of_mask(mask);
    if (prefix < 0 || (prefix < ALL_BITS && dest << prefix))
        return -EINVAL;
    if (e.rt_flags & RTF_GATEWAY) {
        if (!read_ip4(&e.rt_gateway, &gateway) || gateway == 0)
            return -EINVAL;
        r.gateway = address_from_ip4(gateway);
    }
    if (bytes[sizeof e])
        number = number_of(host, (const char *)bytes + sizeof e);
    if (number < 0)
        return number;
    r.dest = address_from_ip4(dest);
    r.prefix = (uint32_t)prefix;
    r.metric = e.rt_metric > 0 ? (uint32_t)e.rt_metric - 1 : 0;
    r.mtu = e.rt_flags & RTF_MTU ? (uint32_t)e.rt_mtu : 0;
    r.interface = (uint32_t)number;
    r.kind = e.rt_flags & RTF_REJECT ? MANAGE_ROUTE_UNREACHABLE : MANAGE_ROUTE_UNICAST;
    return put_or_remove(host, request, &r, number > 0, now);
}

static struct address address_of(const struct in6_addr *from)
{
    struct reader r = reader_of((const uint8_t *)from, sizeof *from);
    struct address a;

    a.high = read_u64(&r);
    a.low = read_u64(&r);
    return a;
}

static int change_route_6(struct call_host *host, unsigned long request, const uint8_t *bytes,
                          nanoseconds now)
{
    struct manage_interface i;
    struct manage_route r;
    struct in6_rtmsg m;

    memset(&r, 0, sizeof r);
    memcpy(&m, bytes, sizeof m);
    if (m.rtmsg_dst_len > 128 || m.rtmsg_src_len)
        return -EINVAL;
    r.dest = address_masked(address_of(&m.rtmsg_dst), m.rtmsg_dst_len);
    if (address_is_mapped(r.dest))
        return -EINVAL;
    if (m.rtmsg_flags & RTF_GATEWAY)
        r.gateway = address_of(&m.rtmsg_gateway);
    if (m.rtmsg_ifindex &&
        (m.rtmsg_ifindex < 0 || !manage_interface(host, (uint32_t)m.rtmsg_ifindex - 1, &i)))
        return -ENODEV;
    r.interface = m.rtmsg_ifindex ? (uint32_t)m.rtmsg_ifindex - 1 : 0;
    r.prefix = m.rtmsg_dst_len;
    r.metric = m.rtmsg_metric;
    r.kind = m.rtmsg_flags & RTF_REJECT ? MANAGE_ROUTE_UNREACHABLE : MANAGE_ROUTE_UNICAST;
    return put_or_remove(host, request, &r, r.interface != 0, now);
}

/* ---- neighbours ---- */

static int interface_of_neighbor(const struct call_host *host, const struct arpreq *r,
                                 struct address whom, nanoseconds now)
{
    struct manage_way way;
    int result;

    if (r->arp_dev[0])
        return number_of(host, r->arp_dev);
    result = manage_way(host, whom, (struct address){0}, 0, now, &way);
    if (result < 0)
        return result;
    return way.is_local || !address_is_unspecified(way.gateway) ? -ENETUNREACH : (int)way.interface;
}

static int change_neighbor(struct call_host *host, unsigned long request, const uint8_t *bytes,
                           nanoseconds now)
{
    struct manage_neighbor n;
    struct arpreq r;
    uint32_t ip4;
    int number;

    memset(&n, 0, sizeof n);
    memcpy(&r, bytes, sizeof r);
    if (!read_ip4(&r.arp_pa, &ip4))
        return -EPFNOSUPPORT;
    if (r.arp_flags & ATF_PUBL)
        return -EOPNOTSUPP; /* nobody answers for others */
    n.address = address_from_ip4(ip4);
    number = interface_of_neighbor(host, &r, n.address, now);
    if (number < 0)
        return number;
    if (request == SIOCDARP) {
        number = manage_neighbor_remove(host, (uint32_t)number, n.address, now);
        return number == -ENOENT ? -ENXIO : number;
    }
    memcpy(n.mac, r.arp_ha.sa_data, sizeof n.mac);
    n.is_permanent = (r.arp_flags & ATF_PERM) != 0;
    n.state = MANAGE_NEIGHBOR_REACHABLE;
    return manage_neighbor_put(host, (uint32_t)number, &n, now);
}

bool call_ioctl_changes(unsigned long request)
{
    switch (request) {
    case SIOCSIFFLAGS:
    case SIOCSIFADDR:
    case SIOCSIFBRDADDR:
    case SIOCSIFNETMASK:
    case SIOCSIFMTU:
    case SIOCSIFHWADDR:
    case SIOCDIFADDR:
    case SIOCADDRT:
    case SIOCDELRT:
    case SIOCSARP:
    case SIOCDARP:
        return true;
    default:
        return false;
    }
}

int call_ioctl_change(struct call_host *host, unsigned long request, const uint8_t *bytes,
                      size_t length, nanoseconds now)
{
    if (!bytes)
        return -EFAULT;
    switch (request) {
    case SIOCADDRT:
    case SIOCDELRT:
        if (length == sizeof(struct in6_rtmsg))
            return change_route_6(host, request, bytes, now);
        return length >= sizeof(struct rtentry) + NAME_BYTES
                   ? change_route(host, request, bytes, now)
                   : -EINVAL;
    case SIOCSARP:
    case SIOCDARP:
        return length >= sizeof(struct arpreq) ? change_neighbor(host, request, bytes, now)
                                               : -EINVAL;
    case SIOCDIFADDR:
    case SIOCSIFADDR:
        if (length == CALL_ADDRESS_6_BYTES)
            return change_address_6(host, request, bytes, now);
        /* fall through */
    default:
        if (!call_ioctl_changes(request) || request == SIOCDIFADDR)
            return -EOPNOTSUPP;
        return length >= sizeof(struct ifreq) ? change_interface(host, request, bytes, now)
                                              : -EINVAL;
    }
}
