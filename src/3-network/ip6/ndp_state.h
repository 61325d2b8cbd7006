/* SPDX-License-Identifier: MIT */
/*
 * What an interface knows of its link in IPv6. Only the files of ND include this.
 */
#pragma once
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ndp.h"
#include "3-network/ip6/ndp_message.h"
#include "3-network/ip_family.h"

/* One address of ours that is being asked for (ndp_dad.c). */
struct ndp_dad {
    struct address address;
    nanoseconds next; /* probe, or the end */
    uint32_t left;    /* probes to send */
    uint16_t looped;  /* one of this round came back to us */
    uint16_t rounds;  /* that came back */
};

/* A way that was advertised: by a router to all (of 0 bits), to a prefix, or, from a redirect, to
 * one destination. */
struct ndp_way {
    struct address dest, router; /* router unspecified: dest is on the link */
    nanoseconds since, until;    /* NEVER: for ever */
    nanoseconds failed_at;       /* 0: its router answers, as far as we know */
    uint32_t bits;
    int8_t preference;  /* enum ndp_preference */
    uint8_t redirected; /* RFC 4861 8.3 */
    uint8_t in_table;   /* the best to its dest */
    uint8_t zero;
};

/* RFC 4861 5.1: the Prefix List. */
struct ndp_prefix {
    struct address prefix;
    nanoseconds since, until;
    uint32_t bits;
    uint32_t in_table; /* and nobody else put it there */
};

struct ndp_server {
    struct address address;
    nanoseconds until;
};

struct ndp {
    struct ip_interface *interface;
    struct timer timer;     /* the earliest of all deadlines */
    uint64_t draws;         /* of chance */
    nanoseconds retransmit; /* as a router said; 0: nobody did */
    nanoseconds reachable;  /* the same */
    nanoseconds solicit_at; /* the next router solicitation; NEVER: none */
    nanoseconds solicit_interval;
    uint32_t solicited;    /* sent */
    uint32_t solicits_on;  /* told to configure itself: without end (RFC 7559) */
    uint32_t router_heard; /* one to all */
    uint32_t nonces;       /* used up */
    uint32_t dad_count, way_count, prefix_count, server_count;
    struct ndp_dad dad[IP_ADDRESSES];
    struct ndp_way way[NDP_WAYS];
    struct ndp_prefix prefix[NDP_PREFIXES];
    struct ndp_server server[NDP_SERVERS];
};

/* A message as it is put together. */
struct ndp_draft {
    struct writer w;
    uint8_t bytes[NDP_MESSAGE_MOST];
};

/* ---- ndp.c ---- */

void ndp_settle(struct ndp *n, nanoseconds now); /* the timer */
uint64_t ndp_draw(struct ndp *n, enum random_purpose purpose);
nanoseconds ndp_retransmit(const struct ndp *n);
void ndp_note(const struct ndp *n, struct address a, enum note note, nanoseconds now);
/* Every change of the state of an address goes through here, but that it is gone. */
void ndp_address_set(const struct ndp *n, struct ip_address *own, enum address_state state,
                     nanoseconds now);
static inline bool ndp_is_router(const struct ip_interface *i)
{
    return i->ip->settings.forwarding[IP_FAMILY_6] != 0;
}

/* ---- sending: ndp_neighbor.c ---- */

void ndp_draft_begin(struct ndp_draft *d, const struct ndp_header *h);
/* Our station, unless the link has none. */
void ndp_draft_mac(const struct ndp *n, struct ndp_draft *d, enum ndp_option_type type);
/* whom: NULL, or the one station that it is for. */
void ndp_draft_send(const struct ndp *n, const struct ndp_draft *d, struct address source,
                    struct address dest, const struct mac *whom, nanoseconds now);
/* A message that passed: it begins with h, and r is at its options. */
void ndp_neighbor_solicited(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                            struct reader r, nanoseconds now);
void ndp_neighbor_advertised(struct ndp *n, const struct ip_meta *meta, const struct ndp_header *h,
                             struct reader r, nanoseconds now);
/* An address to speak to the link from, that is ours alone if we know one: `like` if it will do.
 * unspecified: there is none. */
struct address ndp_neighbor_source(const struct ip_interface *i, struct address like);
/* A station that asks or tells anything names itself, or another, in an option of this type.
 * @return it did */
bool ndp_neighbor_hear(struct ndp *n, struct address a, struct reader r, enum ndp_option_type type,
                       nanoseconds now);

/* ---- ndp_dad.c ---- */

void ndp_dad_begin(struct ndp *n, struct address a, nanoseconds now);
void ndp_dad_end(struct ndp *n, struct address a); /* it is no longer of interest */
/* A probe of somebody's for an address that we ask for ourselves. */
void ndp_dad_probed(struct ndp *n, struct ip_address *own, struct reader r, nanoseconds now);
void ndp_dad_failed(struct ndp *n, struct ip_address *own, nanoseconds now);
nanoseconds ndp_dad_deadline(const struct ndp *n);
void ndp_dad_due(struct ndp *n, nanoseconds now);
