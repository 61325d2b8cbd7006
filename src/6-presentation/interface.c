/* SPDX-License-Identifier: MIT */
/*
 * The ioctls that ask of interfaces: netdevice(7), what if_nameindex() and getifaddrs() of older
 * programs, ifconfig and the runtime of Java go by. They know IPv4 alone; an interface shows its
 * first address. An index is the interface's number + 1. What changes one is
 * interface_change.c's.
 */
#include "6-presentation/abi.h"

#include "6-presentation/call_state.h"
#include "6-presentation/manage.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <string.h>

#include "base/bytes.h"

enum { QUEUE_PACKETS = 1000 };

/* The first IPv4 address; false: none. */
static bool first_address(const struct call_host *host, uint32_t number, struct manage_address *a)
{
    for (uint32_t i = 0; manage_address(host, number, i, 0, a); i++)
        if (address_is_mapped(a->address))
            return true;
    return false;
}

static void put_address(struct ifreq *r, uint32_t ip4)
{
    uint8_t bytes[sizeof(struct sockaddr_in)] = {0};
    struct writer w = writer_of(bytes, sizeof bytes);
    uint16_t family = AF_INET;

    write_copy(&w, &family, sizeof family);
    write_u16(&w, 0);
    write_u32(&w, ip4);
    memcpy(&r->ifr_addr, bytes, sizeof bytes);
}

static int of_address(const struct call_host *host, uint32_t number, unsigned long request,
                      struct ifreq *r)
{
    struct manage_address a;
    uint32_t ip4, mask;

    if (!first_address(host, number, &a))
        return -EADDRNOTAVAIL;
    ip4 = address_to_ip4(a.address);
    mask = a.prefix ? UINT32_MAX << (32 - a.prefix) : 0;
    if (request == SIOCGIFNETMASK)
        ip4 = mask;
    else if (request == SIOCGIFBRDADDR)
        ip4 = number == 0 ? 0 : ip4 | ~mask;
    put_address(r, ip4);
    return 0;
}

static short flags_of(const struct manage_interface *i)
{
    unsigned flags = i->is_down ? 0 : IFF_UP | IFF_RUNNING;

    if (i->is_loopback)
        flags |= IFF_LOOPBACK;
    else if (i->is_ethernet)
        flags |= IFF_BROADCAST | IFF_MULTICAST;
    else
        flags |= IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
    return (short)flags;
}

static int of_interface(const struct call_host *host, uint32_t number, unsigned long request,
                        struct ifreq *r)
{
    struct manage_interface i;

    if (!manage_interface(host, number, &i))
        return -ENODEV;
    memset(&r->ifr_ifru, 0, sizeof r->ifr_ifru);
    switch (request) {
    case SIOCGIFFLAGS:
        r->ifr_flags = flags_of(&i);
        return 0;
    case SIOCGIFMTU:
        r->ifr_mtu = (int)i.mtu;
        return 0;
    case SIOCGIFINDEX:
        r->ifr_ifindex = (int)number + 1;
        return 0;
    case SIOCGIFTXQLEN:
        r->ifr_qlen = QUEUE_PACKETS;
        return 0;
    case SIOCGIFMETRIC:
    case SIOCGIFMAP:
        return 0;
    case SIOCGIFHWADDR:
        r->ifr_hwaddr.sa_family = i.is_loopback   ? ARPHRD_LOOPBACK
                                  : i.is_ethernet ? ARPHRD_ETHER
                                                  : ARPHRD_NONE;
        if (i.is_ethernet)
            memcpy(r->ifr_hwaddr.sa_data, i.mac, sizeof i.mac);
        return 0;
    default:
        return of_address(host, number, request, r);
    }
}

/* What the request is about. @return 0 asks, -EOPNOTSUPP changes what stays, -ENOTTY another */
static int kind_of(unsigned long request)
{
    switch (request) {
    case SIOCGIFNAME:
    case SIOCGIFCONF:
    case SIOCGIFFLAGS:
    case SIOCGIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFMETRIC:
    case SIOCGIFMTU:
    case SIOCGIFHWADDR:
    case SIOCGIFINDEX:
    case SIOCGIFTXQLEN:
    case SIOCGIFMAP:
    case SIOCGARP:
        return 0;
    case SIOCSIFNAME:
    case SIOCSIFDSTADDR:
    case SIOCSIFMETRIC:
    case SIOCSIFHWBROADCAST:
    case SIOCSIFTXQLEN:
    case SIOCSIFMAP:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
    case SIOCETHTOOL: /* as of a device whose driver has no such operation */
        return -EOPNOTSUPP;
    default:
        return -ENOTTY;
    }
}

/* A row for each IPv4 address, in the order of interfaces. */
static int list_all(const struct call_host *host, uint8_t *bytes, size_t *length)
{
    struct manage_interface i;
    size_t room = bytes ? *length : SIZE_MAX, used = 0;

    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        struct manage_address a;

        for (uint32_t k = 0; manage_address(host, n, k, 0, &a); k++) {
            struct ifreq r;

            if (!address_is_mapped(a.address) || room - used < sizeof r)
                continue;
            memset(&r, 0, sizeof r);
            memcpy(r.ifr_name, i.name, sizeof r.ifr_name - 1);
            put_address(&r, address_to_ip4(a.address));
            if (bytes)
                memcpy(bytes + used, &r, sizeof r);
            used += sizeof r;
        }
    }
    *length = used;
    return 0;
}

static size_t length_of(const char *text, size_t room)
{
    size_t length = 0;

    while (length < room - 1 && text[length])
        length++;
    return length;
}

static int by_name(const struct call_host *host, const struct ifreq *r)
{
    return manage_interface_by_name(host, r->ifr_name, length_of(r->ifr_name, sizeof r->ifr_name));
}

/* arp(7): one neighbour of IPv4. */
static int get_neighbor(const struct call_host *host, uint8_t *bytes, size_t *length)
{
    struct manage_neighbor n;
    struct arpreq r;
    struct reader reader;
    const void *at = NULL;
    int number;

    if (*length < sizeof r)
        return -EINVAL;
    memcpy(&r, bytes, sizeof r);
    reader = reader_of(bytes + 4, 4);
    n.address = address_from_ip4(read_u32(&reader));
    number = manage_interface_by_name(host, r.arp_dev, length_of(r.arp_dev, sizeof r.arp_dev));
    if (number < 0)
        return number;
    for (struct address whom = n.address; manage_neighbor(host, (uint32_t)number, &at, 0, &n);) {
        if (!address_equal(n.address, whom))
            continue;
        r.arp_flags = n.state == MANAGE_NEIGHBOR_INCOMPLETE || n.state == MANAGE_NEIGHBOR_FAILED
                          ? 0
                          : ATF_COM | (n.is_permanent ? ATF_PERM : 0);
        r.arp_ha.sa_family = ARPHRD_ETHER;
        memcpy(r.arp_ha.sa_data, n.mac, sizeof n.mac);
        memcpy(bytes, &r, sizeof r);
        *length = sizeof r;
        return 0;
    }
    return -ENXIO;
}

int call_ioctl_interface(const struct call_host *host, unsigned long request, void *bytes,
                         size_t *length)
{
    int status = kind_of(request), number;
    struct manage_interface i;
    struct ifreq r;

    if (status)
        return status;
    if (request == SIOCGIFCONF)
        return list_all(host, bytes, length);
    if (!bytes)
        return -EFAULT;
    if (request == SIOCGARP)
        return get_neighbor(host, bytes, length);
    if (*length < sizeof r)
        return -EINVAL;
    memcpy(&r, bytes, sizeof r);
    if (request == SIOCGIFNAME) {
        if (r.ifr_ifindex < 1 || !manage_interface(host, (uint32_t)r.ifr_ifindex - 1, &i))
            return -ENODEV;
        memset(r.ifr_name, 0, sizeof r.ifr_name);
        memcpy(r.ifr_name, i.name, sizeof r.ifr_name - 1);
    } else {
        number = by_name(host, &r);
        status = number < 0 ? number : of_interface(host, (uint32_t)number, request, &r);
    }
    if (status)
        return status;
    memcpy(bytes, &r, sizeof r);
    *length = sizeof r;
    return 0;
}
