/* SPDX-License-Identifier: MIT */
/*
 * Who watches a link: frames that come up and go down are shown, before anybody has done anything
 * with them, to whoever assembles the node (the seam watch_shown). A link that nobody watches pays
 * the test of a number for each frame. Nothing is taken: who wants a frame copies it.
 *
 * A frame is shown without the tag of a VLAN, which is told beside it; it is shown at the interface
 * of the wire with its tag, and again at the interface of the VLAN without (IEEE 802.1Q). Frames
 * for other stations come up only where somebody has asked for them (promiscuous); those for groups
 * always do, since the links here take all groups. A damaged frame is none.
 */
#pragma once
#include "2-link/link_state.h"

/* Whom a frame is for; the numbers are those of the ABI (PACKET_HOST ...). */
enum watch_kind { WATCH_HOST, WATCH_BROADCAST, WATCH_GROUP, WATCH_OTHER, WATCH_SENT };

/* What is told beside a frame. Its bytes begin with the header of the link, if that has one. */
struct watch_facts {
    struct mac source;    /* zeroes: a link without stations */
    uint16_t protocol;    /* ethertype; of a frame with a length WATCH_LLC */
    uint16_t vlan;        /* the tag that was taken off, with its priority */
    uint8_t kind;         /* enum watch_kind */
    uint8_t header_bytes; /* of the link: 14, or 0 */
    bool has_vlan;
};

enum watch_constants { WATCH_LLC = 4 /* ETH_P_802_2 */, WATCH_NOVELL = 1 /* ETH_P_802_3 */ };

/* SEAM: the assembler's. The packet stays the link's. */
void watch_shown(struct link *l, const struct packet *p, const struct watch_facts *facts,
                 nanoseconds now);

void watch_received_frame(struct link *l, const struct packet *p, nanoseconds now);
void watch_sent_frame(struct link *l, const struct packet *p, nanoseconds now);

/* A whole frame came up, or goes down. */
static inline void watch_received(struct link *l, const struct packet *p, nanoseconds now)
{
    if (unlikely(l->watchers))
        watch_received_frame(l, p, now);
}

static inline void watch_sent(struct link *l, const struct packet *p, nanoseconds now)
{
    if (unlikely(l->watchers))
        watch_sent_frame(l, p, now);
}
