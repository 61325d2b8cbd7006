/* SPDX-License-Identifier: MIT */
/* The Address Resolution Protocol, RFC 826, for IPv4 on Ethernet. Within layer 2. */
#pragma once
#include "2-link/ethernet.h"

enum arp_constants { ARP_BYTES = 28, ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp_header {
    uint16_t opcode;
    struct mac sender_mac, target_mac;
    struct address sender, target;
};

/* false: not IPv4 on Ethernet, short, another opcode, or a sender that no station can be. */
bool arp_header_read(struct reader *r, struct arp_header *h);
void arp_header_write(struct writer *w, const struct arp_header *h);

/* arp_receive.c: a frame with ARP in it; takes the packet (starts at the Ethernet header). */
void arp_receive(struct link *l, const struct ethernet_header *ethernet, struct packet *p,
                 nanoseconds now);
void arp_send(struct link *l, const struct arp_header *h, const struct mac *dest, nanoseconds now);
/* Asks for a target: all stations, or, if `whom` is not NULL, that one. */
void arp_ask(struct link *l, struct address target, const struct mac *whom, nanoseconds now);
/* RFC 5227 2.1.1: asks for an address that we want, without a claim to it; `begins`: what was heard
 * of it before is forgotten. */
void arp_probe(struct link *l, struct address wanted, bool begins, nanoseconds now);
/* Says once that we have own[i]. */
void arp_announce_once(struct link *l, uint32_t i, nanoseconds now);
/* Begins to announce own[i]. */
void arp_announce(struct link *l, uint32_t i, nanoseconds now);
/* What is to be announced has changed: its timer. */
void arp_announce_settle(struct link *l);
void arp_announce_timer(struct link *l, nanoseconds now);
