/* SPDX-License-Identifier: MIT */
/* Ethernet frames: their header, and stations. Within layer 2. */
#pragma once
#include "2-link/link_state.h"
#include "base/bytes.h"

enum ethernet_constants {
    ETHERTYPE_NONE = 0, /* an 802.3 frame that says no ethertype */
    ETHERTYPE_IP4 = 0x0800,
    ETHERTYPE_ARP = 0x0806,
    ETHERTYPE_IP6 = 0x86dd
};

struct ethernet_header {
    struct mac dest, source;
    uint16_t ethertype;
    uint32_t header_bytes;  /* 14, or 22 with a SNAP header */
    uint32_t payload_bytes; /* behind the header; an 802.3 length cuts off what is padding */
};

/* false: shorter than its header or than it says, or from a group of stations. */
bool ethernet_header_read(struct reader *r, struct ethernet_header *h);
/* Ethernet II: 14 bytes. */
void ethernet_header_write(struct writer *w, const struct mac *dest, const struct mac *source,
                           uint16_t ethertype);

static inline bool mac_equal(const struct mac *a, const struct mac *b)
{
    return memcmp(a->bytes, b->bytes, MAC_BYTES) == 0;
}

/* All stations, or a group of them. */
static inline bool mac_is_group(const struct mac *m)
{
    return (m->bytes[0] & 1) != 0;
}

extern const struct mac ethernet_broadcast;

/* The stations of a group or broadcast address. false: it is an address of one. */
bool ethernet_group(struct address a, struct mac *mac);
/* To the wire, as it is, and counted; takes the packet. */
static inline void link_put(struct link *l, struct packet *p, nanoseconds now)
{
    l->sent_packets++;
    l->sent_bytes += packet_length(p);
    wire_send(l->end, p, now);
}

/* Sends a whole frame, which has no tag of the link's VLAN; takes the packet. */
void ethernet_send_frame(struct link *l, struct packet *p, nanoseconds now);
/* Puts the header in front and sends; takes the packet. */
void ethernet_send(struct link *l, const struct mac *dest, uint16_t ethertype, struct packet *p,
                   nanoseconds now);
