/* SPDX-License-Identifier: MIT */
/*
 * One neighbour on a link: an address, the station that has it, and how sure we are (RFC 4861
 * 7.3.2). Within layer 2.
 */
#pragma once
#include "2-link/ethernet.h"

enum neighbor_constants {
    NEIGHBOR_INCOMPLETE_MOST = 256, /* in resolution at a time, on a link */
    NEIGHBOR_WAITING_MOST = 1024,   /* packets that wait, on a link */
    NEIGHBOR_LOOKS = 32             /* neighbours that are looked at for one that may go */
};
#define NEIGHBOR_FAILED_TIME (60 * SECOND) /* how long a failure is remembered */
#define NEIGHBOR_KEPT_TIME (60 * SECOND)   /* how long who has answered keeps its place */
/* What an answer takes: as long as none was timed; and no less than this, which leaves a busy
 * machine the time to answer. */
#define NEIGHBOR_ROUND_TRIP (5 * MILLISECOND)
#define NEIGHBOR_ROUND_TRIP_LEAST (500 * MICROSECOND)

/* How a packet came to tell us of its sender. */
enum neighbor_heard {
    NEIGHBOR_ANSWERED_US, /* a reply sent to us alone */
    NEIGHBOR_ASKED_US,    /* a request for an address of ours */
    NEIGHBOR_OVERHEARD    /* anything else: announcements, others' business */
};

struct neighbor {
    struct table_link by_address;
    struct list_link order; /* l->neighbor_order */
    struct timer timer;     /* what it is for, the state says */
    struct packet_queue waiting;
    struct link *link;
    struct link_upper *upper; /* whose packets wait; NULL: nobody has sent to it yet */
    struct address address;
    nanoseconds since;      /* in its state */
    nanoseconds confirmed;  /* REACHABLE: last heard to answer */
    nanoseconds reachable;  /* for how long that holds */
    nanoseconds asked_at;   /* the last request, if `asked` */
    nanoseconds round_trip; /* what its last answer took */
    uint32_t serial;        /* its number on the link */
    uint32_t tries;         /* requests in this round */
    struct mac mac;         /* true in REACHABLE, STALE, DELAY, PROBE */
    struct mac claimant;    /* if contested: the other station */
    uint8_t state;          /* enum neighbor_state */
    uint8_t asked;          /* lately, and without an answer */
    uint8_t contested;      /* PROBE: another station claims its address */
    uint8_t claim_answered; /* and answered when it was asked */
    uint8_t origin;         /* enum origin: who said last that it is there */
    uint8_t is_permanent;   /* written down: REACHABLE, whatever stations say */
    uint8_t is_router;      /* as the last believed said; shown, and nothing more */
    uint8_t zero;
};

struct neighbor *neighbor_find(const struct link *l, struct address a);
void neighbor_send(struct link *l, struct link_upper *upper, uint16_t ethertype,
                   struct address next_hop, struct packet *p, nanoseconds now);
/* Tells of the drop, then gives the packet back to its upper. */
void neighbor_unreachable(struct link *l, struct link_upper *upper, struct packet *p,
                          nanoseconds now);
/* ARP: a station said that it has an address. false: that is none of our business. */
bool neighbor_heard(struct link *l, struct address a, const struct mac *mac,
                    enum neighbor_heard how, nanoseconds now);
/* The same by layer 3's own protocol: it is asked by, or hears of, a station (RFC 4861 7.2.3,
 * 6.3.4, 8.3). */
bool neighbor_told(struct link *l, struct link_upper *upper, const struct link_news *news,
                   nanoseconds now);
/* RFC 4861 7.2.5. */
bool neighbor_advertised(struct link *l, const struct link_news *news, nanoseconds now);
/* The base of reachable times has changed. */
void neighbor_times_anew(struct link *l);
bool neighbor_is_crowded(const struct link *l);
/* As link_neighbor_put, link_neighbor_remove. */
int neighbor_write(struct link *l, const struct link_neighbor_plan *plan, nanoseconds now);
int neighbor_forget(struct link *l, struct address a, nanoseconds now);
void neighbor_forget_all(struct link *l, nanoseconds now);
void neighbor_confirm(struct neighbor *n, nanoseconds now);
void neighbor_timer(struct neighbor *n, nanoseconds now);
int neighbor_check(const struct link *l);
