/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 2: neighbours on one wire. A packet is sent to a next hop, by its layer-3
 * address; which station that is, layer 2 finds out (ARP, RFC 826; the states of RFC 4861), while
 * the packet waits. Packets come up by ethertype.
 *
 * Two kinds of link: Ethernet, and bare (a wire that carries IP packets and nothing else: the
 * loopback, a door of that kind). On a bare link there are no stations, and every next hop is the
 * other end.
 *
 * Names of timers: source is LINK_TIMER_SOURCE, serial is interface << 32 | count of neighbours (0:
 * the announcements), so that they are unique on a node.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/means.h"

/* Facts beside a packet that came up. */
struct link_meta {
    bool broadcast; /* sent to all or to a group of stations */
};

/* What layer 3 provides, per interface. */
struct link_upper {
    uint32_t code;
    uint32_t zero;
};

struct link_upper_code {
    uint16_t ethertype;
    void (*receive)(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                    nanoseconds now);
    /* The next hop of this packet does not answer; takes the packet (starts at its layer-3 header),
     * which is counted as dropped already. */
    void (*unreachable)(struct link_upper *upper, struct packet *p, nanoseconds now);
};
extern const struct link_upper_code link_upper_codes[]; /* the assembler's */
extern const uint32_t link_upper_code_count;

struct link;

void link_attach(struct link *l, struct link_upper *upper, uint32_t code);
/* An address of ours on this link: ARP answers for it and announces it. @return 0 -ENOSPC */
int link_address_add(struct link *l, struct address own, nanoseconds now);
/* Sends to a next hop; takes the packet. Group addresses and the limited broadcast are mapped; a
 * broadcast of a subnet is layer 3's to know: it names 255.255.255.255 as the next hop. */
void link_send(struct link *l, const struct link_upper *from, struct address next_hop,
               struct packet *p, nanoseconds now);
/* RFC 4861 7.3.1: an upper layer saw the neighbour answer. */
void link_confirm(struct link *l, struct address next_hop, nanoseconds now);
uint32_t link_mtu(const struct link *l);
