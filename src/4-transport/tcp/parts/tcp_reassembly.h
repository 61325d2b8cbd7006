/* SPDX-License-Identifier: MIT */
/*
 * PART: which bytes of the stream have come (RFC 9293 3.10.7.4, the seventh check; SHLD-31).
 * Segments are written into the receive buffer at their own place, in order or not, so nothing is
 * copied twice and no packet is kept; this part only knows the ranges beyond RCV.NXT. It also says
 * what to report in SACK blocks (RFC 2018 4: the block with the newest segment first, then the most
 * recent others) and in a D-SACK (RFC 2883 4).
 *
 * The set of ranges is large and mostly not there: it comes from a pool with the first hole and
 * goes back when the last is filled. Without a slot a segment out of order is refused, as with too
 * many holes; data in order never is.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"
#include "base/pool.h"
#include "base/ranges.h"

struct tcp_holes {
    struct ranges ranges; /* beyond rcv.nxt; at least one */
    uint64_t
        recent[TCP_SACK_BLOCKS]; /* a byte of each of the last ranges that grew, newest first */
};

struct tcp_reassembly {
    struct tcp_holes *holes;    /* NULL: none */
    struct tcp_block duplicate; /* D-SACK for the next ACK; to == 0: none */
};

/* Of a slot of the pool of struct tcp_holes. */
uint32_t tcp_reassembly_bytes(void);
void tcp_reassembly_done(struct tcp_reassembly *r, struct pool *pool);

/* Bytes [from, to) beyond *nxt or at it were written. Moves *nxt over what is now in order.
 * @return false: too many holes, or no slot for the first; nothing noted. *added: how many are
 * new. */
bool tcp_reassembly_add(struct tcp_reassembly *r, struct pool *pool, tcp_seq *nxt, tcp_seq from,
                        tcp_seq to, uint64_t *added);
void tcp_reassembly_duplicate(struct tcp_reassembly *r, tcp_seq from, tcp_seq to);
/* The end of what was written, in order or not (at least nxt). */
tcp_seq tcp_reassembly_end(const struct tcp_reassembly *r, tcp_seq nxt);
/* Blocks for an ACK, at most `most`; takes the D-SACK. @return how many */
uint8_t tcp_reassembly_blocks(struct tcp_reassembly *r, uint32_t most, bool dsack,
                              struct tcp_block *block);
static inline bool tcp_reassembly_has_holes(const struct tcp_reassembly *r)
{
    return r->holes != NULL;
}
bool tcp_reassembly_valid(const struct tcp_reassembly *r);
