/* SPDX-License-Identifier: MIT */
/*
 * MLD, the host's part (RFC 3810 with RFC 2710): queries that come and reports that go, as messages
 * of ICMPv6. Who is in which group is group.c's.
 */
#pragma once
#include "3-network/group.h"
#include "3-network/ip_state.h"
#include "base/bytes.h"

enum mld_type { MLD_QUERY = 130, MLD_REPORT_1 = 131, MLD_DONE_1 = 132, MLD_REPORT_2 = 143 };

struct mld_query {
    uint32_t version;     /* of the querier: 1 or 2 */
    struct address group; /* ::: a general query */
    nanoseconds within;
    struct group_sources sources;
};

/* A whole message, whose checksum was found right. @return false: it is no query */
bool mld_header_read(struct reader *r, struct mld_query *query);
/* A message of these types came: p begins with it. Takes p. */
void mld_receive(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now);
void mld_report(struct ip_interface *i, uint32_t older, const struct group_record *records,
                uint32_t count, nanoseconds now);
/* All-nodes, and what reaches no further than this host (RFC 3810 6). */
bool mld_is_silent(struct address group);
