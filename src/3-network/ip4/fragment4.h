/* SPDX-License-Identifier: MIT */
/*
 * Fragmentation and reassembly (RFC 791 3.2, RFC 1122 3.3.2, 3.3.3).
 *
 * A datagram in reassembly is a set: a packet of the big class with the payload at its place, and
 * the pieces that came, sorted. Nothing that came is ever overwritten: a piece equal to an earlier
 * one, byte for byte, is ignored; any other overlap condemns the whole datagram, as do two ends, or
 * bytes behind the end (RFC 5722's rule for IPv6, taken for IPv4 too). A condemned set keeps its
 * place, without memory, until its time is over, so that late pieces do not begin it anew.
 *
 * Limits: pieces of a datagram, sets of a source, sets in all, memory in all; over a limit the
 * oldest set of that kind makes room. A set lives fragment_time from its first piece on; then, if
 * the first fragment came, its source is told (ICMP time exceeded, code 1).
 */
#pragma once
#include "3-network/ip_state.h"
#include "3-network/ip4/ip4_header.h"

enum fragment4_limits { FRAGMENT4_PIECES = 128, FRAGMENT4_SETS_OF_SOURCE = 16 };

/* Sends p, whose bytes are the payload, in fragments that fit path->mtu. h is the header of the
 * whole, but for lengths and offsets. Takes p. @raise ENOBUFS (some may have been sent) */
int fragment4_send(struct ip *ip, const struct ip_path *path, const struct ip4_header *h,
                   struct packet *p, nanoseconds now);
/* Takes a fragment (p begins with its payload, h is its header). @return the whole datagram, if it
 * is complete now: it begins with its IP header; or NULL */
struct packet *fragment4_receive(struct ip *ip, const struct ip_meta *meta,
                                 const struct ip4_header *h, struct packet *p, nanoseconds now);
/* Ends the sets whose time is over. @return the first fragment of one whose source is to be told,
 * the caller's to put, with its facts in *meta: ask again; NULL: that was the last. The caller
 * rearms the timer of layer 3, here as after fragment4_receive. */
struct packet *fragment4_expire(struct ip *ip, struct ip_meta *meta, nanoseconds now);
nanoseconds fragment4_deadline(const struct ip *ip); /* or NEVER */
uint32_t fragment4_sets(const struct ip *ip);        /* in use */
int fragment4_check(const struct ip *ip);
