/* SPDX-License-Identifier: MIT */
/* What is IPv4's own in fragments (RFC 791 3.2): how they are cut, and the header of the whole. The
 * theory of reassembly is in fragment.h. */
#pragma once
#include "3-network/fragment.h"
#include "3-network/ip4/ip4_header.h"

/* Sends p, whose bytes are the payload, in fragments that fit path->mtu. h is the header of the
 * whole, but for lengths and offsets. Takes p. @raise ENOBUFS (some may have been sent) */
int fragment4_send(struct ip *ip, const struct ip_path *path, const struct ip4_header *h,
                   struct packet *p, nanoseconds now);
/* Takes a fragment (p begins with its payload, h is its header). @return the whole datagram, if it
 * is complete now: it begins with its IP header; or NULL */
struct packet *fragment4_receive(struct ip *ip, const struct ip_meta *meta,
                                 const struct ip4_header *h, struct packet *p, nanoseconds now);
/* Sends p in fragments, whose headers behind the first have the options that are to be copied. p
 * stays the caller's. */
void fragment4_cut(struct ip *ip, const struct packet *p, const struct ip_forward *way,
                   uint32_t mtu, nanoseconds now);
