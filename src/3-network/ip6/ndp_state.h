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
    uint16_t zero;
};

/* RFC 4861 5.1: the Prefix List. */
struct ndp_prefix {
    struct address prefix;
    nanoseconds since, until;
    uint32_t bits;
    uint32_t zero;
};

struct ndp_server {
    struct address address;
    nanoseconds since, until;
};

/* RFC 4861 6.2 */
struct ndp_advertise {
    struct ip_advertise_plan plan;
    nanoseconds next, last;
    uint32_t sent;
    uint32_t on;
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
    struct ndp_advertise advertise;
};

/* ---- ndp_state.c ---- */

uint64_t ndp_state_draw(struct ndp *n, enum random_purpose purpose);
nanoseconds ndp_state_retransmit(const struct ndp *n);
void ndp_state_note(const struct ndp *n, struct address a, enum note note, nanoseconds now);
/* An address of ours is in another state, as an event. */
void ndp_state_tell(const struct ndp *n, const struct ip_address *own, uint8_t from, uint8_t to,
                    nanoseconds now);
/* Every change of the state of an address goes through here, but that it is gone. */
void ndp_state_address(const struct ndp *n, struct ip_address *own, enum address_state state,
                       nanoseconds now);
static inline bool ndp_state_is_router(const struct ip_interface *i)
{
    return i->ip->settings.forwarding[IP_FAMILY_6] != 0;
}
