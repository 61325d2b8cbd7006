/* SPDX-License-Identifier: MIT */
/*
 * What a switch reads of a frame for a group of stations (RFC 4541): which group of IPv4 or IPv6
 * it is for, and what it says about groups, as a message of IGMP (RFC 1112, 2236, 3376), MLD (RFC
 * 2710, 3810) or PIM. It is the one place in layer 2 that looks at what layer 3 wrote, as the RFC
 * has it do, and it is a value: bytes in, a struct out.
 *
 * Memberships are read per group, without their sources (RFC 4541 2.1.2 (3) allows it): who asks
 * for some sources listens to the group, and who blocks some says nothing new. A message that hosts
 * would not believe (another hop limit than 1, a query of MLD from an address that is none of the
 * link) says nothing here either: else the switch would wait for answers that never come. Reports
 * from 0.0.0.0 and :: count (2.1.1 (2), 3).
 */
#pragma once
#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

/* Which ports it is for. */
enum snoop_way {
    SNOOP_TO_ALL,
    SNOOP_TO_LISTENERS, /* of its group, and to routers */
    SNOOP_TO_ROUTERS,
    SNOOP_TO_NOBODY /* its headers are broken: RFC 4541 2.1.1 (5), 2.1.2 (6) */
};

enum snoop_says {
    SNOOP_SAYS_NOTHING,
    SNOOP_SAYS_REPORT, /* who listens, and who no longer does: snoop_message_next */
    SNOOP_SAYS_QUERY,
    SNOOP_SAYS_HELLO /* of a router, in PIM */
};

struct snoop_message {
    enum snoop_way way;
    enum snoop_says says;
    bool is_ip6;
    bool spares;                 /* of a query: who does not answer is not forgotten for it */
    struct address source, dest; /* of the packet */
    struct address group;        /* of a query; unspecified: of all */
    nanoseconds within;          /* of a query: when the last answer comes */
    /* of a report */
    uint32_t records; /* that are left */
    bool is_short;    /* of the versions that have one group and no records */
    bool leaves;      /* that one */
    struct reader reader;
};

/* What a group's listeners at one port have said. */
struct snoop_record {
    struct address group;
    bool leaves;
};

/* Of what follows the header of a frame for a group of stations, of this ethertype. */
void snoop_message_read(struct reader *r, uint16_t ethertype, struct snoop_message *m);
/* The next group of a report that a switch may keep. @return false: there is none */
bool snoop_message_next(struct snoop_message *m, struct snoop_record *record);
