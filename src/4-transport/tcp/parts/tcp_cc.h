/* SPDX-License-Identifier: MIT */
/*
 * SEAM: congestion control. A control hears what happens to a connection, each time with one struct
 * of facts, and answers with two numbers that stand in struct cc: how much may be out (cwnd), and
 * how fast it may go out (pacing_rate). What was lost, and when a recovery begins and ends, it is
 * told: tcp_recovery decides that.
 *
 *     on_sent    a segment with data or FIN went out, the first time or again  tcp_output
 *     on_ack     an acknowledgement said something: always, in recovery too    tcp_ack
 *     on_loss    a fast recovery begins, or the retransmission timer expired   tcp_ack, tcp_timeout
 *     on_idle    sending begins again after a pause longer than an RTO         tcp_output
 *
 * What all share is in struct cc, what one has of its own in its union: zero, when it begins. The
 * state holds no pointer to code: `kind` is a row of tcp_cc_table. Another control is a row, a
 * member of the union, and a file.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/time.h"

enum tcp_cc_kind { TCP_CC_RENO };

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
    bool recovering;   /* it came in a fast recovery, or began one */
    bool recovered;    /* it ended a fast recovery */
};

struct sent_event {
    nanoseconds now;
    tcp_seq from, to;
    uint64_t pipe; /* with it */
    bool again;    /* a retransmission */
};

enum cc_loss {
    CC_LOSS_FAST,         /* a fast recovery begins */
    CC_LOSS_TIMEOUT,      /* the retransmission timer */
    CC_LOSS_TIMEOUT_AGAIN /* and again, before what it was about was acknowledged */
};

struct loss_event {
    nanoseconds now;
    uint64_t flight; /* FlightSize, the acknowledgement that told of it not counted */
    enum cc_loss what;
};

struct idle_event {
    nanoseconds now;
    nanoseconds since;       /* the last data went out */
    uint64_t restart_window; /* RFC 5681 4.1; UINT64_MAX: the host does not want it */
};

struct cc_reno {
    uint64_t counted; /* acknowledged in congestion avoidance and not yet paid out */
};

struct cc {
    uint64_t cwnd, ssthresh; /* bytes */
    uint64_t pacing_rate;    /* bytes a second; 0: as fast as it goes */
    union {
        struct cc_reno reno;
    } own;
    uint32_t smss;
    uint32_t kind; /* enum tcp_cc_kind */
};

/* on_sent and on_idle may be NULL: it does not listen. */
struct cc_ops {
    const char *name;
    void (*on_sent)(struct cc *cc, const struct sent_event *e);
    void (*on_ack)(struct cc *cc, const struct ack_event *e);
    void (*on_loss)(struct cc *cc, const struct loss_event *e);
    void (*on_idle)(struct cc *cc, const struct idle_event *e);
};

/* A row a kind; NULL behind the last. */
extern const struct cc_ops *const tcp_cc_table[];

extern const struct cc_ops cc_reno;

/* RFC 6928 2: ten segments. */
void tcp_cc_init(struct cc *cc, enum tcp_cc_kind kind, uint32_t smss, uint32_t initial_segments);
void tcp_cc_on_ack(struct cc *cc, const struct ack_event *e);
void tcp_cc_on_loss(struct cc *cc, const struct loss_event *e);
void tcp_cc_on_idle(struct cc *cc, const struct idle_event *e);
void tcp_cc_smss_set(struct cc *cc,
                     uint32_t smss); /* the segment size changed: cwnd keeps its segments */
void tcp_cc_kind_set(struct cc *cc, uint32_t kind);  /* cwnd and ssthresh stay */
const char *tcp_cc_name(unsigned kind);              /* NULL: no such kind */
int tcp_cc_kind_of(const char *name, size_t length); /* -ENOENT */

/* Asked before a segment's facts are gathered: most controls do not listen to on_sent. */
static inline bool tcp_cc_hears_sent(const struct cc *cc)
{
    return tcp_cc_table[cc->kind]->on_sent != NULL;
}

void tcp_cc_on_sent(struct cc *cc, const struct sent_event *e);
