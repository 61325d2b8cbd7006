/* SPDX-License-Identifier: MIT */
/*
 * Translation of packets: the bytes between translate.h and a forwarder. What is read of a packet
 * is its flow, or, of an ICMP error, the flow of the packet that it quotes (RFC 5508 4); what is
 * written are addresses, ports or the identifier, and the checksums that hold them, each by what
 * has changed (RFC 1624 3), so that a damaged packet stays damaged.
 *
 * A packet here is whole: fragments are put together before (RFC 4787 REQ-14 asks that they pass in
 * any order). Prefixes have no ports, and what they exchange changes no checksum (RFC 6296 2.6): by
 * them fragments pass as they are.
 */
#pragma once
#include <stdint.h>

#include "3-network/ip.h"
#include "3-network/translate.h"
#include "base/packet.h"

/* A packet on its way: p->network is where its IP header is, `transport` where that of layer 4,
 * both from p->bytes; meta has its addresses and protocol, and gets the new ones. */

/* It is to leave by the outside. @return as translate_outbound, PROTOCOL or MALFORMED; unless DONE
 * nothing was changed */
enum translate_verdict translate_packet_outbound(struct translate *t, struct ip_meta *meta,
                                                 struct packet *p, uint32_t transport,
                                                 nanoseconds now);
/* It is for the outer address. @return as translate_inbound. NONE: it may be for the router */
enum translate_verdict translate_packet_inbound(struct translate *t, struct ip_meta *meta,
                                                struct packet *p, uint32_t transport,
                                                nanoseconds now);
/* What this node itself sends: as the first, but that of prefixes it has an outer address already,
 * and only what an error quotes is exchanged. */
enum translate_verdict translate_packet_own(struct translate *t, struct ip_meta *meta,
                                            struct packet *p, uint32_t transport, nanoseconds now);
/* One that was to leave, and will not: as who sent it knows it. @return false: no other than it
 * is */
bool translate_packet_return(const struct translate *t, struct ip_meta *meta, struct packet *p,
                             uint32_t transport);
/* Has a SYN that was held been made good by one from inside? It says its own addresses. */
bool translate_packet_is_known(const struct translate *t, const struct ip_meta *meta,
                               const struct packet *p, uint32_t transport);
/* Is it, from inside, for a mapping rather than for the router? An error is if what it quotes may
 * be. */
bool translate_packet_is_mapped(const struct translate *t, const struct ip_meta *meta,
                                const struct packet *p, uint32_t transport);
/* Why a packet of this verdict is dropped. */
enum drop translate_packet_drop(enum translate_verdict verdict);
