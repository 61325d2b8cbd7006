/* SPDX-License-Identifier: MIT */
/*
 * PART: round-trip time and the retransmission timeout (RFC 6298). Samples in, RTO out. Karn's rule
 * (section 3) is the caller's: it gives no sample for a segment sent twice, unless by timestamp.
 *
 * As Linux, the variance term has the floor, not the sum: RTO = SRTT + max(4 RTTVAR, rto_min), with
 * rto_min 200 ms; section 2.4's one second is a SHOULD, and the setting net.ipv4.tcp_rto_min_us.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct tcp_rtt {
    nanoseconds srtt, rttvar, rto; /* srtt 0: no sample yet */
    nanoseconds least;             /* the least sample; 0: none */
    nanoseconds rto_min, rto_max;
    uint32_t backoff; /* doublings since the last progress */
    uint32_t zero;
};

void tcp_rtt_init(struct tcp_rtt *t, nanoseconds initial, nanoseconds rto_min, nanoseconds rto_max);
/* A measurement. It ends the backoff too, which nothing else does while data is outstanding (RFC
 * 6298 5, behind 5.7; Karn). */
void tcp_rtt_sample(struct tcp_rtt *t, nanoseconds rtt);
void tcp_rtt_progress(struct tcp_rtt *t); /* the peer's window opened: its probes back off anew */
/* RFC 6298 5.7: the SYN had to be sent again, so one second was too short and there is no sample:
 * data begins with three. */
void tcp_rtt_syn_was_lost(struct tcp_rtt *t);
void tcp_rtt_backoff(struct tcp_rtt *t);              /* the timer expired: 5.5 */
nanoseconds tcp_rtt_timeout(const struct tcp_rtt *t); /* rto * 2^backoff, at most rto_max */
