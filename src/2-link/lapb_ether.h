/* SPDX-License-Identifier: MIT */
/*
 * A data link of LAPB on an Ethernet wire, as Linux's lapbether has it: ethertype 0x6000, then the
 * length of the frame in two bytes, the low one first, then the frame. The length is what padding
 * needs; the FCS is Ethernet's. LAPB is for two: frames go to all stations of the wire, or to the
 * one that was named, and then nobody else is listened to.
 *
 * The link is set up when it is asked for (lapb_ether_connect), by either end.
 *
 * A host that is short of packets says so (RNR; ITU-T X.25 2.4.5.8), instead of losing frames that
 * LAPB sends again, and looks again every LAPB_ROOM_WAIT. Of two that are both short neither says
 * it: what they have may be what they would send each other.
 *
 * Timer: source is LAPB_TIMER_SOURCE, serial is interface << 32.
 */
#pragma once
#include "2-link/lapb.h"
#include "2-link/link.h"
#include "base/means.h"
#include "base/timer.h"

enum lapb_ether_constants {
    LAPB_ETHERTYPE = 0x6000,
    LAPB_ETHER_BYTES = 2, /* the length */
    LAPB_TIMER_SOURCE = 6
};

#define LAPB_ROOM_WAIT (100 * MILLISECOND)

/* What layer 3 provides. */
struct lapb_upper {
    uint32_t code;
    uint32_t zero;
};

struct lapb_upper_code {
    /* The next packet; takes it. */
    void (*receive)(struct lapb_upper *upper, struct packet *p, nanoseconds now);
    void (*told)(struct lapb_upper *upper, enum lapb_news news, nanoseconds now);
    /* lapb_ether_has_room has become true. */
    void (*ready)(struct lapb_upper *upper, nanoseconds now);
};
extern const struct lapb_upper_code lapb_upper_codes[]; /* the assembler's */

struct lapb_ether {
    struct link_upper link_upper;
    struct link *link;
    struct means *means;
    struct lapb_upper *upper;
    struct voice voice; /* of what comes in */
    struct timer timer;
    nanoseconds look_again; /* for memory; NEVER: there is enough */
    struct lapb lapb;
    struct mac peer;
    uint16_t interface;
    bool is_full; /* has_room said no since */
    uint8_t zero[7];
};

struct lapb_ether_plan {
    struct lapb_settings settings;
    const struct mac *peer; /* NULL: whoever is there */
    uint32_t interface;     /* its number on the node */
    uint32_t link_code;     /* entry of link_upper_codes */
    uint32_t upper_code;    /* of lapb_upper_codes */
    uint32_t timer_code;
};

/* In zeroed memory, on an Ethernet link. */
void lapb_ether_init(struct lapb_ether *e, struct means *means, struct link *l,
                     struct lapb_upper *upper, const struct lapb_ether_plan *plan);
void lapb_ether_connect(struct lapb_ether *e, nanoseconds now);
/* Takes the packet; while the link is down it is dropped. */
void lapb_ether_send(struct lapb_ether *e, struct packet *p, nanoseconds now);
/* May another packet be given to it, with half of the queue left for what cannot wait? */
bool lapb_ether_has_room(struct lapb_ether *e);
void lapb_ether_receive(struct link_upper *upper, struct packet *p, const struct link_meta *meta,
                        nanoseconds now);                    /* for the table */
void lapb_ether_timer(struct timer *timer, nanoseconds now); /* the same */
/* All it knew is gone; its upper is not told. */
void lapb_ether_crash(struct lapb_ether *e);
int lapb_ether_check(const struct lapb_ether *e);
