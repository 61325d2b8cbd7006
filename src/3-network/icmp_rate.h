/* SPDX-License-Identifier: MIT */
/*
 * How often ICMP errors are sent (RFC 1812 4.3.2.8, RFC 4443 2.4 (f)), of both families: a bucket
 * of tokens a destination (found by a keyed hash, refilled at a jittered rate) and one for the
 * host, whose cost is drawn by chance, so that counting our answers tells nobody what else we
 * answered (the channel of CVE-2020-25705).
 */
#pragma once
#include "3-network/ip_state.h"

enum icmp_rate_constants {
    ICMP_RATE_BUCKETS = 256,
    ICMP_RATE_BURST = 6, /* errors to one destination at once */
    ICMP_RATE_HOST_BURST = 50
};

void icmp_rate_init(struct ip *ip);
/* May an error go to dest now? If so it is counted. */
bool icmp_rate_allows(struct ip *ip, struct address dest, nanoseconds now);
