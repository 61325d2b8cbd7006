/* SPDX-License-Identifier: MIT */
/*
 * PART: what a SYN says, and what both ends agreed when both have said it: MSS (RFC 9293 3.7.1,
 * MUST-14 to 16, 65, 67), window scale (RFC 7323 2), timestamps (RFC 7323 3.2), SACK (RFC 2018 2).
 * An option is used if both SYNs had it; a SYN-ACK has those that the SYN had and we want.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/tcp/parts/tcp_header.h"

enum {
    TCP_SMSS_DEFAULT = 536,    /* RFC 9293 3.7.1, MUST-15: of IPv4 */
    TCP_SMSS_DEFAULT_6 = 1220, /* and of IPv6 */
    TCP_SMSS_LEAST = 48        /* of payload and options: Linux's tcp_min_snd_mss; T-14 */
};

/* What we would have. */
struct tcp_offer {
    uint16_t mss;
    uint8_t wscale; /* the shift that our buffer needs */
    uint8_t timestamps, sack, window_scaling;
};

struct tcp_agreed {
    uint8_t sack_ok, ts_ok, wscale_ok;
};

/* The MSS to announce, of what a path leaves for a segment; asked: by the program, 0: nothing
 * (MUST-67). */
uint16_t tcp_offer_mss(uint64_t path_bytes, uint32_t asked);
/* Eff.snd.MSS of RFC 9293 3.7.1 (MUST-16), less the timestamps of every segment. peer: what the
 * peer announced, 0: nothing. */
uint32_t tcp_offer_segment(uint64_t path_bytes, uint32_t peer, uint32_t asked,
                           const struct tcp_agreed *agreed);
/* Options of our first SYN (agreed NULL), or of the SYN that answers one. Timestamps get their
 * values from the caller, if TCP_HAS_TIMESTAMP is set then. */
void tcp_offer_write(const struct tcp_offer *o, const struct tcp_agreed *agreed,
                     struct tcp_segment *syn);
/* The peer's SYN came. */
void tcp_offer_agree(const struct tcp_offer *o, const struct tcp_segment *syn,
                     struct tcp_agreed *agreed);
/* What the peer's SYN says of its segments (MUST-15: if nothing, the default of the family) and of
 * its windows. */
uint16_t tcp_offer_peer_mss(const struct tcp_segment *syn, bool is_ip6);
uint8_t tcp_offer_peer_wscale(const struct tcp_segment *syn, const struct tcp_agreed *agreed);
