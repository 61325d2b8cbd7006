/* SPDX-License-Identifier: MIT */
/*
 * PART: fast retransmit and fast recovery: when they begin and end (RFC 5681 3.2; RFC 6582 for
 * peers without SACK; RFC 6675 with). Facts of an acknowledgement in, advice out; the scoreboard is
 * marked and congestion control told by the caller.
 *
 *     OPEN            --a duplicate ACK-->                        DISORDER
 *     OPEN, DISORDER  --the third duplicate, or a loss judged-->  FAST
 *     any             --the retransmission timer-->               LOSS
 *     FAST, LOSS      --ack >= point-->                           OPEN
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_cc.h"

/* Linux's numbers (tcpi_ca_state), of which CWR, the answer to ECN, does not occur yet. */
enum tcp_recovery_phase {
    RECOVERY_OPEN,
    RECOVERY_DISORDER,
    RECOVERY_CWR,
    RECOVERY_FAST,
    RECOVERY_LOSS
};

enum tcp_recovery_advice {
    RECOVERY_NOTHING,
    RECOVERY_ENTER,   /* mark the first segment lost, halve cwnd, retransmit */
    RECOVERY_PARTIAL, /* RFC 6582 3.2 step 3: the next first segment is lost too */
    RECOVERY_LEAVE    /* all that was out when it began is acknowledged */
};

struct tcp_recovery {
    tcp_seq point; /* SND.NXT when recovery began: RecoveryPoint, or "recover" of RFC 6582 */
    tcp_seq edge;  /* SND.NXT when the first of these duplicates came, or the last partial ACK */
    uint16_t phase;
    uint16_t partial;    /* a partial ACK came since it began */
    uint32_t duplicates; /* duplicate ACKs in a row; without SACK these stand for segments */
};

enum tcp_recovery_advice tcp_recovery_on_ack(struct tcp_recovery *r, const struct ack_event *e);
/* FlightSize for ssthresh, when recovery begins: what was sent for duplicates, by limited transmit,
 * is not in it (RFC 5681 3.2, step 2; RFC 6675 5, step 4.2). */
uint64_t tcp_recovery_flight(const struct tcp_recovery *r, const struct ack_event *e);
void tcp_recovery_on_timeout(struct tcp_recovery *r, tcp_seq nxt);
/* Without SACK: bytes that the duplicate ACKs say have left the network. */
uint64_t tcp_recovery_emulated(const struct tcp_recovery *r, uint32_t smss);
