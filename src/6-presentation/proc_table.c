/* SPDX-License-Identifier: MIT */
/*
 * Interfaces, routes, neighbours and addresses of IPv6 in the forms of /proc/net, and what
 * /sys/class/net has of an interface (proc(5), Linux's ABI/testing/sysfs-class-net).
 */
#include "6-presentation/abi.h"

#include "6-presentation/proc.h"

#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <string.h>

#include "base/bytes.h"

enum { LINE_ROUTE = 127, MAC_TEXT = 17, QUEUE_PACKETS = 1000 };

static void put_mac(struct proc_text *t, const uint8_t mac[6])
{
    for (int k = 0; k < 6; k++) {
        if (k > 0)
            proc_text_put(t, ":");
        proc_text_hex_low(t, mac[k], 2);
    }
}

static void put_ip4(struct proc_text *t, uint32_t ip4, int width)
{
    size_t begun = t->used, length;

    for (int k = 3; k >= 0; k--) {
        proc_text_number(t, ip4 >> 8 * k & 0xff, 0);
        if (k > 0)
            proc_text_put(t, ".");
    }
    length = t->used - begun;
    if (length < (size_t)width)
        proc_text_fill(t, (size_t)width - length);
}

/* The bytes of an address of IPv4 as a word of the machine's. */
static void put_word4(struct proc_text *t, uint32_t ip4)
{
    uint8_t bytes[4];
    struct writer w = writer_of(bytes, sizeof bytes);
    uint32_t word;

    write_u32(&w, ip4);
    memcpy(&word, bytes, sizeof word);
    proc_text_hex(t, word, 8);
}

static void put_address6(struct proc_text *t, struct address a)
{
    proc_text_hex_low(t, a.high, 16);
    proc_text_hex_low(t, a.low, 16);
    proc_text_put(t, " ");
}

/* ---- interfaces ---- */

static void put_counts(struct proc_text *t, uint64_t bytes, uint64_t packets, const int *widths)
{
    proc_text_number(t, (int64_t)bytes, widths[0]);
    proc_text_put(t, " ");
    proc_text_number(t, (int64_t)packets, widths[1]);
    for (int k = 2; k < 8; k++) { /* errors and the like: drops have reasons of their own here */
        proc_text_put(t, " ");
        proc_text_number(t, 0, widths[k]);
    }
}

void proc_table_dev(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const int received[8] = {7, 7, 4, 4, 4, 5, 10, 9}, sent[8] = {8, 7, 4, 4, 4, 5, 7, 10};
    struct manage_interface i;

    (void)now;
    proc_text_put(t,
                  "Inter-|   Receive                                                |  Transmit\n"
                  " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
                  "packets errs drop fifo colls carrier compressed\n");
    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        proc_text_word(t, i.name, 6);
        proc_text_put(t, ": ");
        put_counts(t, i.received_bytes, i.received_packets, received);
        proc_text_put(t, " ");
        put_counts(t, i.sent_bytes, i.sent_packets, sent);
        proc_text_put(t, "\n");
    }
}

static void put_line(struct proc_text *t, int64_t value)
{
    proc_text_number(t, value, 0);
    proc_text_put(t, "\n");
}

static bool is(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

bool proc_table_class(const struct manage_interface *i, uint32_t number, const char *name,
                      struct proc_text *t)
{
    uint32_t flags = (i->is_down ? 0u : IFF_UP) |
                     (i->is_loopback   ? IFF_LOOPBACK
                      : i->is_ethernet ? IFF_BROADCAST | IFF_MULTICAST
                                       : IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST);

    if (is(name, "address")) {
        put_mac(t, i->mac);
        proc_text_put(t, "\n");
    } else if (is(name, "operstate")) {
        proc_text_put(t, i->is_down ? "down\n" : i->is_loopback ? "unknown\n" : "up\n");
    } else if (is(name, "flags")) {
        proc_text_put(t, "0x");
        proc_text_hex_low(t, flags, 1);
        proc_text_put(t, "\n");
    } else if (is(name, "mtu")) {
        put_line(t, i->mtu);
    } else if (is(name, "ifindex") || (is(name, "iflink") && !i->vlan)) {
        put_line(t, number + 1);
    } else if (is(name, "iflink")) {
        put_line(t, i->base + 1);
    } else if (is(name, "type")) {
        put_line(t, i->is_loopback ? ARPHRD_LOOPBACK : i->is_ethernet ? ARPHRD_ETHER : ARPHRD_NONE);
    } else if (is(name, "carrier")) {
        put_line(t, 1);
    } else if (is(name, "tx_queue_len")) {
        put_line(t, QUEUE_PACKETS);
    } else if (is(name, "statistics/rx_bytes")) {
        put_line(t, (int64_t)i->received_bytes);
    } else if (is(name, "statistics/rx_packets")) {
        put_line(t, (int64_t)i->received_packets);
    } else if (is(name, "statistics/tx_bytes")) {
        put_line(t, (int64_t)i->sent_bytes);
    } else if (is(name, "statistics/tx_packets")) {
        put_line(t, (int64_t)i->sent_packets);
    } else {
        return false;
    }
    return true;
}

/* ---- neighbours of IPv4 ---- */

void proc_table_arp(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_interface i;
    struct manage_neighbor n;

    proc_text_put(t, "IP address       HW type     Flags       HW address            Mask     "
                     "Device\n");
    for (uint32_t k = 0; manage_interface(host, k, &i); k++) {
        for (const void *at = NULL; manage_neighbor(host, k, &at, now, &n);) {
            bool is_known = n.state != MANAGE_NEIGHBOR_FAILED &&
                            n.state != MANAGE_NEIGHBOR_INCOMPLETE &&
                            n.state != MANAGE_NEIGHBOR_NONE;

            if (!address_is_mapped(n.address))
                continue;
            put_ip4(t, address_to_ip4(n.address), 16);
            proc_text_put(t, " 0x1         0x");
            proc_text_hex_low(t, is_known ? ATF_COM | (n.is_permanent ? ATF_PERM : 0) : 0, 1);
            proc_text_put(t, "         ");
            put_mac(t, n.mac);
            proc_text_put(t, "     *        ");
            proc_text_put(t, i.name);
            proc_text_put(t, "\n");
        }
    }
}

/* ---- routes ---- */

void proc_table_route(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    const void *at = NULL;
    struct manage_route r;
    size_t begun = t->used;

    proc_text_put(t, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow"
                     "\tIRTT");
    proc_text_fill(t, LINE_ROUTE - (t->used - begun));
    proc_text_put(t, "\n");
    while (manage_route(host, &at, now, &r)) {
        uint32_t mask = r.prefix > 0 && r.prefix <= 32 ? UINT32_MAX << (32 - r.prefix) : 0;
        bool is_way = r.kind == MANAGE_ROUTE_UNICAST;
        bool by_gateway = !address_is_unspecified(r.gateway);
        struct manage_interface i;

        if (!address_is_mapped(r.dest))
            continue;
        begun = t->used;
        (void)manage_interface(host, r.interface, &i);
        proc_text_put(t, is_way ? i.name : "*");
        proc_text_put(t, "\t");
        put_word4(t, address_to_ip4(r.dest));
        proc_text_put(t, "\t");
        put_word4(t, by_gateway ? address_to_ip4(r.gateway) : 0);
        proc_text_put(t, "\t");
        proc_text_hex(t,
                      RTF_UP | (by_gateway ? RTF_GATEWAY : 0) | (r.prefix == 32 ? RTF_HOST : 0) |
                          (is_way ? 0 : RTF_REJECT),
                      4);
        proc_text_put(t, "\t0\t0\t");
        proc_text_number(t, r.metric, 0);
        proc_text_put(t, "\t");
        put_word4(t, mask);
        proc_text_put(t, "\t");
        proc_text_number(t, r.mtu, 0);
        proc_text_put(t, "\t0\t0");
        if (t->used - begun < LINE_ROUTE)
            proc_text_fill(t, LINE_ROUTE - (t->used - begun));
        proc_text_put(t, "\n");
    }
}

static void put_route6(struct proc_text *t, struct address dest, uint32_t prefix,
                       struct address gateway, uint32_t metric, uint32_t flags, const char *name)
{
    put_address6(t, dest);
    proc_text_hex_low(t, prefix, 2);
    proc_text_put(t, " ");
    put_address6(t, (struct address){0, 0});
    proc_text_put(t, "00 ");
    put_address6(t, gateway);
    proc_text_hex_low(t, metric, 8);
    proc_text_put(t, " 00000001 00000000 ");
    proc_text_hex_low(t, flags, 8);
    proc_text_put(t, " ");
    proc_text_word(t, name, 8);
    proc_text_put(t, "\n");
}

/* The routes, then the host's own addresses, as Linux's two tables. */
void proc_table_route6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    const void *at = NULL;
    struct manage_interface i;
    struct manage_address a;
    struct manage_route r;

    while (manage_route_inner_first(host, &at, now, &r)) {
        bool is_way = r.kind == MANAGE_ROUTE_UNICAST;
        bool by_gateway = !address_is_unspecified(r.gateway);

        if (address_is_mapped(r.dest))
            continue;
        (void)manage_interface(host, is_way ? r.interface : 0, &i);
        put_route6(t, r.dest, r.prefix, r.gateway, manage_route_metric(&r),
                   RTF_UP | (by_gateway ? RTF_GATEWAY : 0) | (is_way ? 0 : RTF_REJECT) |
                       (r.by_router ? RTF_ADDRCONF : 0),
                   i.name);
    }
    for (uint32_t n = 0; manage_interface(host, n, &i); n++)
        for (uint32_t k = 0; manage_address(host, n, k, now, &a); k++)
            if (!address_is_mapped(a.address))
                put_route6(t, a.address, 128, (struct address){0, 0}, 0, RTF_UP | RTF_LOCAL,
                           i.name);
}

/* ---- addresses of IPv6 ---- */

void proc_table_addresses6(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_interface i;
    struct manage_address a;

    for (uint32_t n = 0; manage_interface(host, n, &i); n++) {
        for (uint32_t k = 0; manage_address(host, n, k, now, &a); k++) {
            if (address_is_mapped(a.address))
                continue;
            put_address6(t, a.address);
            proc_text_hex_low(t, n + 1, 2);
            proc_text_put(t, " ");
            proc_text_hex_low(t, a.prefix, 2);
            proc_text_put(t, address_is_loopback(a.address)  ? " 10 "
                             : address_is_of_link(a.address) ? " 20 "
                                                             : " 00 ");
            proc_text_hex_low(t,
                              (a.valid_for == NEVER ? IFA_F_PERMANENT : 0u) |
                                  (a.tentative || a.optimistic ? IFA_F_TENTATIVE : 0u) |
                                  (a.deprecated ? IFA_F_DEPRECATED : 0u) |
                                  (a.duplicate ? IFA_F_DADFAILED : 0u) |
                                  (a.temporary ? IFA_F_TEMPORARY : 0u),
                              2);
            proc_text_put(t, " ");
            proc_text_word(t, i.name, 8);
            proc_text_put(t, "\n");
        }
    }
}
