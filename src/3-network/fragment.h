/* SPDX-License-Identifier: MIT */
/*
 * Reassembly, as far as it is the same in both families (RFC 791 3.2, RFC 1122 3.3.2; RFC 8200
 * 4.5): a family reads its header, says what the piece is, and makes the header of the whole.
 *
 * A datagram in reassembly is a set: a packet of the big class with the payload at its place, and
 * the pieces that came, sorted. Nothing that came is ever overwritten: a piece equal to an earlier
 * one, byte for byte, is ignored; any other overlap condemns the whole datagram, as do two ends, or
 * bytes behind the end (RFC 5722 4, taken for IPv4 too). A condemned set keeps its place, without
 * memory, until its time is over, so that late pieces do not begin it anew.
 *
 * Limits, of each family its own: pieces of a datagram, sets of a source (in IPv6 of its /64, since
 * who has one address of it has them all), sets in all, memory in all; over a limit the oldest set
 * of that kind makes room. So nobody who sends from one place takes all the room. A set lives for a
 * time from its first piece on; then, if the first fragment came, its source is told.
 */
#pragma once
#include "3-network/ip_family.h"

enum fragment_limits {
    FRAGMENT_PIECES = 128,
    FRAGMENT_SETS_OF_SOURCE = 16,
    FRAGMENT_HEADER_MOST = PACKET_HEADROOM + 64 /* bytes in front of the payload that are kept */
};

/* What a family reads in a fragment. */
struct fragment_piece {
    const uint8_t *header; /* from the start of the packet to the payload */
    uint32_t header_bytes; /* at most FRAGMENT_HEADER_MOST */
    uint32_t uncounted;    /* of them, do not count in the 65,535 bytes of a datagram */
    uint32_t id;
    uint32_t offset;  /* in bytes */
    uint16_t next_at; /* where in the header the protocol of the first stands (IPv6) */
    uint8_t protocol; /* 0: says not what belongs together */
    uint8_t next;     /* kept of the first fragment, for the family */
    uint8_t traffic_class;
    bool more;
};

/* What came of the whole: its packet begins with the first fragment's header. */
struct fragment_whole {
    uint32_t header_bytes;
    uint32_t length; /* behind the header */
    uint16_t next_at;
    uint16_t longest; /* bytes of the longest piece, with its header */
    uint8_t next;
    uint8_t traffic_class; /* with what RFC 3168 5.3 says of ECN */
};

/* Takes a piece (p begins with its payload). @return the whole datagram, if it is complete now, in
 * a big packet; or NULL */
struct packet *fragment_receive(struct ip *ip, enum ip_family_kind family,
                                const struct ip_meta *meta, const struct fragment_piece *piece,
                                struct packet *p, struct fragment_whole *whole, nanoseconds now);
/* The whole in a small packet if it fits one; the family has made its header right. */
struct packet *fragment_fit(struct ip *ip, struct packet *p);
/* Ends the sets whose time is over. @return the first fragment of one whose source is to be told,
 * the caller's to put, with its facts in *meta: ask again; NULL: that was the last. The caller
 * rearms the timer of layer 3, here as after fragment_receive. */
struct packet *fragment_expire(struct ip *ip, enum ip_family_kind family, struct ip_meta *meta,
                               nanoseconds now);
nanoseconds fragment_deadline(const struct ip *ip, enum ip_family_kind family); /* or NEVER */
uint32_t fragment_sets(const struct ip *ip, enum ip_family_kind family);        /* in use */
int fragment_check(const struct ip *ip, enum ip_family_kind family);
