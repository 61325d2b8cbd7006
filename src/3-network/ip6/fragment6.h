/* SPDX-License-Identifier: MIT */
/*
 * What is IPv6's own in fragments (RFC 8200 4.5): they are cut at the source alone, behind a
 * Fragment header, with an identification that nobody can foretell (RFC 7739 5.3); routers cut
 * none. The theory of reassembly is in fragment.h.
 *
 * The first fragment holds the whole chain of headers, upper layer's included (RFC 7112 5), or it
 * is refused: so that nobody hides what he sends from who filters it. A fragment that is all there
 * is (RFC 6946 4) is taken for a datagram by itself, whatever else is in reassembly, and none such
 * is ever sent.
 */
#pragma once
#include "3-network/fragment.h"
#include "3-network/ip6/ip6_chain.h"
#include "3-network/ip6/ip6_header.h"

/* Sends p, whose bytes are the payload, in fragments that fit path->mtu. h is the header of the
 * whole, but for its length. Takes p. @raise ENOBUFS (some may have been sent) */
int fragment6_send(struct ip *ip, const struct ip_path *path, const struct ip6_header *h,
                   struct packet *p, nanoseconds now);
/* What came in fragments and was put together to be translated goes on in fragments that fit mtu: p
 * is the whole with its header. Whoever made the first ones chose their length, so that an error
 * about a shorter link (RFC 8201 4) still tells him something that he can do. One whose headers
 * would be more than half of each is dropped. Takes p. */
void fragment6_pass_on(struct ip *ip, const struct ip_forward *way, struct packet *p, uint32_t mtu,
                       nanoseconds now);
/* A fragment: *p begins with the fixed header, c stands at the Fragment header. GOOD: *p is a whole
 * datagram without one, and c stands behind where it was; or NULL: it waits for others, or was
 * dropped. Else *p is the caller's still, as ip6_chain_walk. */
enum ip6_chain_verdict fragment6_receive(struct ip *ip, struct ip_meta *meta, struct ip6_chain *c,
                                         struct packet **p, nanoseconds now);
