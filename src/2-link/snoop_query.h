/* SPDX-License-Identifier: MIT */
/*
 * The question of a switch that is the querier of its wires (RFC 3376 4.1, RFC 3810 5.1): which
 * groups are listened to. Version 3 of IGMP and 2 of MLD, which stations of all versions answer.
 */
#pragma once
#include "base/address.h"
#include "base/bytes.h"

enum {
    SNOOP_QUERY_BYTES = 40 + 8 + 28, /* at most */
    SNOOP_ROBUSTNESS = 2             /* RFC 3376 8.1 */
};

struct snoop_query {
    struct address source;
    struct address group; /* unspecified: all of its family */
    uint32_t within_ms;   /* to 12,700 */
    uint32_t interval_s;  /* to 127 */
};

/* Where it goes: to all stations, or to those of the group. */
struct address snoop_query_dest(const struct snoop_query *query);
/* With its IP header. @return how long it is */
uint32_t snoop_query_write(struct writer *w, const struct snoop_query *query);
