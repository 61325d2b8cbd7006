/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 2: neighbours on one wire. A packet is sent to a next hop, by its layer-3
 * address; which station that is, layer 2 finds out, while the packet waits. Packets come up by
 * ethertype.
 *
 * The states of neighbours (RFC 4861 7.3) are layer 2's for both families. What differs is who
 * asks: for IPv4 layer 2 itself, by ARP (RFC 826), for IPv6 layer 3, which has a protocol of its
 * own for it (`ask`) and tells what it heard (link_hear).
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

enum link_address_constants { MAC_BYTES = 6 };

/* The address of a station. */
struct mac {
    uint8_t bytes[MAC_BYTES];
};

/* Facts beside a packet that came up. */
struct link_meta {
    bool broadcast;           /* sent to all or to a group of stations */
    const struct mac *source; /* who sent it; NULL: a bare link */
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
    /* Asks who has this address: all who may (whom NULL), or one station alone. `waiting`: the
     * first packet that waits for the answer (starts at its layer-3 header), or NULL. No function:
     * layer 2 asks, by ARP. */
    void (*ask)(struct link_upper *upper, struct address target, const struct packet *waiting,
                const struct mac *whom, nanoseconds now);
    /* A neighbour did not answer (RFC 4861 7.3.3): what waited for it comes back next. May be
     * NULL. */
    void (*failed)(struct link_upper *upper, struct address target, nanoseconds now);
};
extern const struct link_upper_code link_upper_codes[]; /* the assembler's */
extern const uint32_t link_upper_code_count;

struct link;

void link_attach(struct link *l, struct link_upper *upper, uint32_t code);
/* An address of ours on this link: ARP answers for it and announces it. @return 0 -ENOSPC */
int link_address_add(struct link *l, struct address own, nanoseconds now);
void link_address_remove(struct link *l, struct address own);
/* Asks the stations for an address of IPv4 that this one wants (RFC 5227 2.1.1), and listens from
 * then on for who else has or wants it; `begins`: what was heard before does not count. @return 0,
 * -EOPNOTSUPP: there are no stations */
int link_probe(struct link *l, struct address wanted, bool begins, nanoseconds now);
/* Is it taken, as far as was heard? @return 1, 0, -EINVAL: it was not asked for */
int link_probed(const struct link *l, struct address wanted);
/* Sends to a next hop; takes the packet. Group addresses and the limited broadcast are mapped; a
 * broadcast of a subnet is layer 3's to know: it names 255.255.255.255 as the next hop. */
void link_send(struct link *l, const struct link_upper *from, struct address next_hop,
               struct packet *p, nanoseconds now);
/* To this station, whoever has the next hop; takes the packet. */
void link_send_station(struct link *l, const struct link_upper *from, const struct mac *station,
                       struct packet *p, nanoseconds now);

/* What a station said of itself in a protocol of layer 3's. */
struct link_news {
    struct address address;
    const struct mac *mac; /* NULL: it did not say */
    bool advertisement;    /* of a neighbour (RFC 4861 7.2.5); false: anything else */
    bool solicited, override;
    bool router; /* it says that it is one (RFC 4861 4.4, 6.3.4) */
};
/* RFC 4861 7.2.3, 7.2.5: what is made of it. @return false: nothing; it is to be ignored whole */
bool link_hear(struct link *l, struct link_upper *upper, const struct link_news *news,
               nanoseconds now);
/* Little room is left for neighbours: who asks is answered by the station he names. */
bool link_is_crowded(const struct link *l);
/* The station that has an address, as far as is known. @return false: it is not */
bool link_station(const struct link *l, struct address a, struct mac *mac);
/* RFC 4861 6.3.4: how long what this upper's neighbours answered holds, and when they are asked
 * again; 0: as the settings say. */
void link_times_set(struct link *l, const struct link_upper *upper, nanoseconds reachable,
                    nanoseconds retransmit);
/* NULL: a bare link, where there are no stations. */
const struct mac *link_mac(const struct link *l);
/* RFC 4861 7.3.1: an upper layer saw the neighbour answer. */
void link_confirm(struct link *l, struct address next_hop, nanoseconds now);
uint32_t link_mtu(const struct link *l);

/* ---- what a host may change of it ---- */

/* Off: nothing goes out or is heard, and no neighbour is known. */
void link_up_set(struct link *l, bool up, nanoseconds now);
bool link_is_up(const struct link *l);
/* @raise EINVAL more than the wire carries */
int link_mtu_set(struct link *l, uint32_t mtu);
/* @raise EADDRNOTAVAIL a group's, or nobody's; EOPNOTSUPP a bare link */
int link_mac_set(struct link *l, const struct mac *mac, nanoseconds now);

/* A neighbour that somebody has written down. */
struct link_neighbor_plan {
    struct address address;
    struct mac mac;
    bool is_permanent; /* it is what it is, whatever stations say */
    bool is_stale;     /* else it has just answered */
};
bool link_neighbor_known(const struct link *l, struct address a);
/* @raise ENOBUFS no place is left; EOPNOTSUPP a bare link */
int link_neighbor_put(struct link *l, const struct link_neighbor_plan *plan, nanoseconds now);
/* @raise ENOENT */
int link_neighbor_remove(struct link *l, struct address a, nanoseconds now);
