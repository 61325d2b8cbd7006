/* SPDX-License-Identifier: MIT */
/*
 * SEAM: congestion control. One struct of facts for each acknowledgement, one struct of state, and
 * a const table of algorithms chosen by number (state holds no pointer to code). Facts in, cwnd and
 * ssthresh out; recovery (tcp_recovery) decides when something was lost, not these.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/time.h"

enum tcp_cc_kind { TCP_CC_RENO, TCP_CC_COUNT };

/* One acknowledgement, for RTT, recovery, rate and every congestion control alike. */
struct ack_event {
    nanoseconds now, rtt; /* rtt -1: no sample */
    tcp_seq una, nxt;     /* SND.UNA before this ACK; SND.NXT */
    tcp_seq ack;
    uint64_t acked;     /* bytes newly acknowledged */
    uint64_t sacked;    /* bytes newly SACKed */
    uint64_t delivered; /* bytes that this ACK is the first to tell of, either way */
    uint64_t flight;    /* FlightSize before this ACK (RFC 5681 2) */
    uint64_t pipe;      /* after it, and after judging losses */
    uint32_t acked_segments;
    uint32_t smss;
    bool duplicate;    /* a duplicate ACK by RFC 5681 2 (or it SACKed something) */
    bool lost;         /* segments were newly judged lost */
    bool sack_ok;      /* the peer sends SACK */
    bool cwnd_limited; /* cwnd, and not the application or the window, held data back (RFC 7661) */
};

struct cc {
    uint64_t cwnd, ssthresh; /* bytes */
    uint64_t counted;        /* acknowledged in congestion avoidance and not yet paid out */
    uint32_t smss;
    uint32_t kind; /* enum tcp_cc_kind */
};

struct cc_ops {
    const char *name;
    void (*on_ack)(struct cc *cc, const struct ack_event *e);       /* outside of recovery */
    void (*on_loss)(struct cc *cc, uint64_t flight);                /* entering fast recovery */
    void (*on_timeout)(struct cc *cc, uint64_t flight, bool first); /* first: not a repetition */
};

extern const struct cc_ops cc_reno;

/* RFC 6928 2: ten segments. */
void tcp_cc_init(struct cc *cc, enum tcp_cc_kind kind, uint32_t smss, uint32_t initial_segments);
void tcp_cc_on_ack(struct cc *cc, const struct ack_event *e);
void tcp_cc_on_loss(struct cc *cc, uint64_t flight);
void tcp_cc_on_timeout(struct cc *cc, uint64_t flight, bool first);
void tcp_cc_on_idle(struct cc *cc, uint64_t initial); /* RFC 5681 4.1: after an idle RTO */
void tcp_cc_smss_set(struct cc *cc,
                     uint32_t smss); /* the segment size changed: cwnd keeps its segments */
/* RFC 6582 3.2 step 3: leaving recovery, cwnd is at most ssthresh. */
void tcp_cc_deflate(struct cc *cc);
void tcp_cc_kind_set(struct cc *cc, uint32_t kind);
const char *tcp_cc_name(unsigned kind);              /* NULL: no such kind */
int tcp_cc_kind_of(const char *name, size_t length); /* -ENOENT */
