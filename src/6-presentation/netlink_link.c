/* SPDX-License-Identifier: MIT */
/*
 * Links by netlink (RFC 3549 3.1.1): the interfaces of a host, with what ip-link(8) shows of them.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum {
    QUEUE_PACKETS = 1000,
    STATE_DOWN = 2, /* IF_OPER_DOWN */
    STATE_UP = 6,
    LOWER_UP = 1U << 16, /* IFF_LOWER_UP */
    MTU_LEAST = 68,
    SEGMENTS_MOST = 65535,
    SEGMENT_BYTES = 65536
};

uint32_t netlink_link_flags(const struct manage_interface *i)
{
    uint32_t flags = i->is_down ? 0 : IFF_UP | IFF_RUNNING | LOWER_UP;

    if (i->is_loopback)
        return flags | IFF_LOOPBACK;
    return flags | IFF_MULTICAST | (i->is_ethernet ? IFF_BROADCAST : IFF_POINTOPOINT | IFF_NOARP);
}

uint16_t netlink_link_type(const struct manage_interface *i)
{
    return i->is_loopback ? ARPHRD_LOOPBACK : i->is_ethernet ? ARPHRD_ETHER : ARPHRD_NONE;
}

static void put_counts(struct netlink_answer *a, const struct manage_interface *i)
{
    struct rtnl_link_stats64 wide;
    struct rtnl_link_stats narrow;

    memset(&wide, 0, sizeof wide);
    memset(&narrow, 0, sizeof narrow);
    wide.rx_packets = i->received_packets;
    wide.rx_bytes = i->received_bytes;
    wide.tx_packets = i->sent_packets;
    wide.tx_bytes = i->sent_bytes;
    narrow.rx_packets = (uint32_t)i->received_packets;
    narrow.rx_bytes = (uint32_t)i->received_bytes;
    narrow.tx_packets = (uint32_t)i->sent_packets;
    narrow.tx_bytes = (uint32_t)i->sent_bytes;
    netlink_answer_attribute(a, IFLA_STATS64, &wide, sizeof wide);
    netlink_answer_attribute(a, IFLA_STATS, &narrow, sizeof narrow);
}

static void put_six_facts(struct netlink_answer *a, const struct manage_interface *i)
{
    netlink_answer_number(a, IFLA_INET6_FLAGS, i->is_down ? 0 : 1u << 31 /* IF_READY */);
    netlink_answer_byte(a, IFLA_INET6_ADDR_GEN_MODE, i->address_mode);
}

/* What each family keeps of it: of IPv6 whether its addresses are made of the MAC address. */
static void put_families(struct netlink_answer *a, const struct manage_interface *i)
{
    uint32_t all = netlink_answer_nest(a, IFLA_AF_SPEC), six;

    if (i->has_ipv6) {
        six = netlink_answer_nest(a, AF_INET6);
        put_six_facts(a, i);
        netlink_answer_nest_end(a, six);
    }
    netlink_answer_nest_end(a, all);
}

static void put_vlan(struct netlink_answer *a, const struct manage_interface *i)
{
    uint32_t info, data;

    netlink_answer_number(a, IFLA_LINK, i->base + 1);
    info = netlink_answer_nest(a, IFLA_LINKINFO);
    netlink_answer_text(a, IFLA_INFO_KIND, "vlan");
    data = netlink_answer_nest(a, IFLA_INFO_DATA);
    netlink_answer_attribute(a, IFLA_VLAN_ID, &i->vlan, sizeof i->vlan);
    netlink_answer_nest_end(a, data);
    netlink_answer_nest_end(a, info);
}

static bool begin(struct netlink_answer *a, uint32_t number, uint8_t family, uint32_t change,
                  const struct manage_interface *i)
{
    struct ifinfomsg m;
    uint8_t *at = netlink_answer_begin(a, RTM_NEWLINK, netlink_answer_flags(a), sizeof m);

    if (!at)
        return false;
    memset(&m, 0, sizeof m);
    m.ifi_family = family;
    m.ifi_type = netlink_link_type(i);
    m.ifi_index = (int)number + 1;
    m.ifi_flags = netlink_link_flags(i);
    m.ifi_change = change;
    memcpy(at, &m, sizeof m);
    netlink_answer_text(a, IFLA_IFNAME, i->name);
    return true;
}

static uint8_t state_of(const struct manage_interface *i)
{
    return i->is_down ? STATE_DOWN : i->is_loopback ? 0 : STATE_UP;
}

/* The shorter row that who asks by AF_INET6 gets of an interface with IPv6 (Linux's
 * inet6_fill_ifinfo). */
static void put_six(struct netlink_answer *a, uint32_t number, const struct manage_interface *i)
{
    static const uint8_t nobody[6];
    uint32_t nest;

    if (!begin(a, number, AF_INET6, 0, i))
        return;
    if (i->is_loopback || i->is_ethernet)
        netlink_answer_attribute(a, IFLA_ADDRESS, i->is_loopback ? nobody : i->mac, 6);
    netlink_answer_number(a, IFLA_MTU, i->mtu);
    if (i->vlan)
        netlink_answer_number(a, IFLA_LINK, i->base + 1);
    netlink_answer_byte(a, IFLA_OPERSTATE, state_of(i));
    nest = netlink_answer_nest(a, IFLA_PROTINFO);
    put_six_facts(a, i);
    netlink_answer_nest_end(a, nest);
    netlink_answer_end(a);
}

void netlink_link_put(struct netlink_answer *a, uint32_t number, uint32_t change,
                      const struct manage_interface *i)
{
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, nobody[6];

    if (!begin(a, number, AF_UNSPEC, change, i))
        return;
    netlink_answer_number(a, IFLA_TXQLEN, QUEUE_PACKETS);
    netlink_answer_byte(a, IFLA_OPERSTATE, state_of(i));
    netlink_answer_byte(a, IFLA_LINKMODE, 0);
    netlink_answer_number(a, IFLA_MTU, i->mtu);
    netlink_answer_number(a, IFLA_MIN_MTU, i->is_loopback ? 0 : MTU_LEAST);
    netlink_answer_number(a, IFLA_MAX_MTU, i->is_loopback ? 0 : i->most_mtu);
    netlink_answer_number(a, IFLA_GROUP, 0);
    netlink_answer_number(a, IFLA_PROMISCUITY, 0);
    netlink_answer_number(a, IFLA_ALLMULTI, 0);
    netlink_answer_number(a, IFLA_NUM_TX_QUEUES, 1);
    netlink_answer_number(a, IFLA_NUM_RX_QUEUES, 1);
    netlink_answer_number(a, IFLA_GSO_MAX_SEGS, SEGMENTS_MOST);
    netlink_answer_number(a, IFLA_GSO_MAX_SIZE, SEGMENT_BYTES);
    netlink_answer_byte(a, IFLA_CARRIER, 1);
    netlink_answer_text(a, IFLA_QDISC, "noqueue");
    if (i->is_loopback || i->is_ethernet) {
        netlink_answer_attribute(a, IFLA_ADDRESS, i->is_loopback ? nobody : i->mac, 6);
        netlink_answer_attribute(a, IFLA_BROADCAST, i->is_loopback ? nobody : everybody, 6);
    }
    if (i->vlan)
        put_vlan(a, i);
    put_counts(a, i);
    put_families(a, i);
    netlink_answer_end(a);
}

int netlink_link_dump(struct netlink_answer *a, const struct netlink_attributes *asked,
                      nanoseconds now)
{
    struct manage_interface i;
    struct ifinfomsg header;

    (void)now;
    if (asked->at[IFLA_MASTER] || asked->at[IFLA_LINKINFO])
        return 0; /* there are none such but of VLANs, and these have no master */
    memset(&header, 0, sizeof header);
    memcpy(&header, a->request->body,
           a->request->length < sizeof header ? a->request->length : sizeof header);
    if (a->end->is_strict && (header.ifi_type || header.ifi_flags || header.ifi_change))
        return -EINVAL;
    if (a->end->is_strict && header.ifi_index)
        return -EINVAL;
    for (uint32_t n = 0; manage_interface(a->end->netlink->host, n, &i); n++) {
        bool six = header.ifi_family == AF_INET6;

        if ((six && !i.has_ipv6) || !netlink_answer_next(a))
            continue;
        if (six)
            put_six(a, n, &i);
        else
            netlink_link_put(a, n, 0, &i);
    }
    return 0;
}

int netlink_link_find(struct netlink_answer *a, const struct netlink_attributes *asked, int index)
{
    const struct call_host *host = a->end->netlink->host;
    char name[CALL_INTERFACE_NAME_BYTES];
    uint32_t length = netlink_attributes_text(asked, IFLA_IFNAME, name, sizeof name);
    struct manage_interface i;
    int number = index > 0 ? index - 1 : -1;

    if (length == 0)
        length = netlink_attributes_text(asked, IFLA_ALT_IFNAME, name, sizeof name);
    if (index == 0 && length == 0)
        return -EINVAL;
    if (index == 0)
        number = manage_interface_by_name(host, name, length);
    return number < 0 || !manage_interface(host, (uint32_t)number, &i) ? -ENODEV : number;
}

/* One, by its index or its name. */
int netlink_link_get(struct netlink_answer *a, const struct netlink_attributes *asked,
                     nanoseconds now)
{
    struct manage_interface i;
    struct ifinfomsg header;
    int number;

    (void)now;
    memcpy(&header, a->request->body, sizeof header);
    number = netlink_link_find(a, asked, header.ifi_index);
    if (number < 0)
        return number;
    (void)manage_interface(a->end->netlink->host, (uint32_t)number, &i);
    netlink_link_put(a, (uint32_t)number, 0, &i);
    return 0;
}
