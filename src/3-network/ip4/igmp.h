/* SPDX-License-Identifier: MIT */
/*
 * IGMP, the host's part (RFC 3376 with the versions before it, RFC 2236 and RFC 1112): queries that
 * come, reports that go. Who is in which group is group.c's.
 */
#pragma once
#include "3-network/group.h"
#include "3-network/ip_state.h"
#include "base/bytes.h"

enum { IP_PROTOCOL_IGMP = 2 };

struct igmp_query {
    uint32_t version;     /* of the querier: 1, 2 or 3 */
    struct address group; /* unspecified: a general query */
    nanoseconds within;
    struct group_sources sources;
};

/* A whole message; its checksum is right. @return false: it is none, or no query */
bool igmp_header_read(struct reader *r, struct igmp_query *query);
/* A message came: p begins with it. Takes p. */
void igmp_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);
/* Sends records, to a querier of an older version (1, 2) if there is one. */
void igmp_report(struct ip_interface *i, uint32_t older, const struct group_record *records,
                 uint32_t count, nanoseconds now);
/* All-hosts, which is never reported (RFC 3376 6). */
bool igmp_is_silent(struct address group);
