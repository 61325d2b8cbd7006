/* SPDX-License-Identifier: MIT */
/*
 * PART: what was sent and has not been acknowledged, one record a segment, in order of sequence, in
 * a ring of records: sent at the end, acknowledged from the front, found in between by binary
 * search. Knows for each when it was sent last, how often, and whether it is SACKed, lost, or sent
 * again: enough for RFC 6675 now, and for RACK, PRR, D-SACK undo and rate samples later.
 *
 *     pipe = bytes - sacked - lost + again (- emulated, where the peer has no SACK)
 *
 * which is SetPipe() of RFC 6675 section 4 kept as sums. Each transition of a record adjusts the
 * sums once, so nothing here grows with what is waiting, but for the blocks newly SACKed.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/buffer.h"
#include "base/time.h"

enum tcp_sent_flag { SENT_SACKED = 1, SENT_LOST = 2, SENT_AGAIN = 4, SENT_EVER_AGAIN = 8 };
enum { DUP_THRESH = 3 };

struct tcp_sent {
    tcp_seq from, to;
    nanoseconds time; /* of the last transmission */
    uint32_t flags;
    uint32_t transmissions;
};

struct tcp_scoreboard {
    struct tcp_sent *sent; /* NULL: no memory yet */
    uint64_t first, last;  /* record i is sent[i & (capacity - 1)]; held: [first, last) */
    uint32_t capacity;     /* records */
    uint32_t class;
    uint64_t lost_from;   /* no lost record that waits to be sent again is before this index */
    uint64_t marked;      /* records before this index have been judged by IsLost */
    uint64_t high_sacked; /* index after the highest SACKed record; 0: none */
    tcp_seq high_rxt;     /* RFC 6675: the highest sequence sent again in this recovery */
    struct tcp_block seen[TCP_SACK_BLOCKS]; /* the blocks of the last ACK: not walked again */
    uint32_t sacked_segments, lost_segments, again_segments;
    /* Bytes: sums over the records; no window is larger than 2^30 (RFC 7323 2.3). */
    uint32_t bytes, sacked, lost, again;
    uint32_t emulated; /* without SACK: that duplicate ACKs say have left */
};

/* What an acknowledgement did to the board. */
struct tcp_scoreboard_news {
    uint64_t acked, sacked; /* bytes newly acknowledged, newly SACKed */
    uint64_t acked_fresh;   /* of acked, those not SACKed before */
    uint32_t acked_segments, sacked_segments;
    nanoseconds sent_time; /* of the earliest newly acknowledged segment sent only once; -1: none */
    bool again;            /* some newly acknowledged segment had been sent again */
    bool duplicate;        /* a D-SACK block came */
};

void tcp_scoreboard_done(struct tcp_scoreboard *b, struct buffers *buffers, struct budget *budget);
/* Memory for what sending one segment may need. false: there is none (do not send). */
bool tcp_scoreboard_reserve(struct tcp_scoreboard *b, struct buffers *buffers,
                            struct budget *budget);
/* Is it there: one record for a new segment, and one for a split? */
static inline bool tcp_scoreboard_has_room(const struct tcp_scoreboard *b)
{
    return b->last - b->first + 2 <= b->capacity;
}
/* A new segment left, for which there was room. */
void tcp_scoreboard_sent(struct tcp_scoreboard *b, tcp_seq from, tcp_seq to, nanoseconds now);
void tcp_scoreboard_ack(struct tcp_scoreboard *b, tcp_seq una, struct tcp_scoreboard_news *news);
/* The blocks of one ACK; una and nxt bound what is believed (RFC 2018 5, T-15). */
void tcp_scoreboard_sack(struct tcp_scoreboard *b, const struct tcp_block *blocks, unsigned count,
                         tcp_seq una, tcp_seq nxt, struct tcp_scoreboard_news *news);
/* IsLost() of RFC 6675 for all: @return true if any segment was newly judged lost. */
bool tcp_scoreboard_judge(struct tcp_scoreboard *b, uint32_t smss);
/* The first one, if it is not SACKed. @return true if newly */
bool tcp_scoreboard_first_lost(struct tcp_scoreboard *b);
/* By the retransmission timer: all that is not SACKed. */
void tcp_scoreboard_all_lost(struct tcp_scoreboard *b);
/* The path takes no more than that many bytes of payload: what is longer is lost. */
void tcp_scoreboard_larger_lost(struct tcp_scoreboard *b, uint32_t length);
/* The first lost segment that waits to be sent again, or NULL. */
const struct tcp_sent *tcp_scoreboard_next_lost(struct tcp_scoreboard *b);
const struct tcp_sent *tcp_scoreboard_first(const struct tcp_scoreboard *b); /* or NULL */
/* That record was sent again, [from, to) of it: a rest becomes a record of its own, for which there
 * was room. */
void tcp_scoreboard_sent_again(struct tcp_scoreboard *b, tcp_seq from, tcp_seq to, nanoseconds now);
void tcp_scoreboard_emulate(struct tcp_scoreboard *b, uint64_t bytes);
bool tcp_scoreboard_valid(const struct tcp_scoreboard *b, tcp_seq una, tcp_seq nxt);

/* SetPipe() (RFC 6675 4): what is on its way. Never below zero: the duplicates of a peer without
 * SACK may say that more has left than was sent. */
static inline uint64_t tcp_scoreboard_pipe(const struct tcp_scoreboard *b)
{
    uint64_t out = (uint64_t)b->bytes + b->again;
    uint64_t gone = (uint64_t)b->sacked + b->lost + b->emulated;

    return out > gone ? out - gone : 0;
}
