/* SPDX-License-Identifier: MIT */
/*
 * Where a router that translates addresses (translate.h) asks its translator: the one seam.
 *
 *     from outside    for the outer address   inbound; then routed to who has it, or, if the router
 *                     itself has it, or nobody and the router is open, up
 *                     for another             to a prefix that is translated (RFC 6296), or
 *                                             dropped: nobody outside knows inner addresses
 *     from inside     to the outside          after the way was found, outbound
 *                     for the outer address   the hairpin (RFC 4787 6): outbound, then inbound
 *     from the router itself, by the outside  outbound, so that its ports are nobody else's; of
 *                                             ICMP only questions, and errors, whose quote then
 *                                             is what the peer has sent (RFC 5508 4)
 *
 * Translated is what is whole: fragments are put together before (RFC 4787 REQ-14), and cut again
 * behind, those of IPv6 no longer than they came. What will not pass is told of before it is
 * changed, or after it is changed back. A node that does not translate pays a look at one pointer.
 */
#pragma once
#include "3-network/ip_state.h"

/* Datagrams of a family (enum ip_family_kind) begin with their header in the first two, which may
 * change meta; in the third p->network is that, and p begins with its transport. */

/* For nobody here, from outside. @return false: it was dropped */
bool forward_translate_others(const struct ip_interface *in, uint32_t family, struct ip_meta *meta,
                              struct packet *p, nanoseconds now);
/* It leaves by an interface, whose MTU this is. @return the whole packet; NULL: it was taken */
struct packet *forward_translate_leaving(struct ip *ip, uint32_t family, struct ip_meta *meta,
                                         struct packet *p, uint32_t mtu, nanoseconds now);
/* By its addresses it is for us. */
enum forward_translated {
    FORWARD_TRANSLATED_UP,   /* and it is */
    FORWARD_TRANSLATED_ON,   /* no: p begins with its header again, and goes on */
    FORWARD_TRANSLATED_TAKEN /* it waits, or was dropped */
};
enum forward_translated forward_translate_own(const struct ip_interface *in, struct ip_meta *meta,
                                              struct packet *p, nanoseconds now);
/* What this node itself sends by an interface; p begins with a header of so many bytes. */
void forward_translate_sending(struct ip *ip, uint32_t interface, uint8_t protocol,
                               struct address source, struct address dest, struct packet *p,
                               uint32_t header_bytes, nanoseconds now);
/* What could not leave by an interface is as who sent it knows it, before he is told. false: it is
 * as it was sent here. */
bool forward_translate_return(const struct ip_interface *i, struct ip_meta *meta, struct packet *p,
                              uint32_t transport);
/* The addresses of an interface have changed: the outer one is the first that others can reach. */
void forward_translate_addresses(const struct ip_interface *i, nanoseconds now);
/* What waited too long, and what ends. */
void forward_translate_expire(struct ip *ip, nanoseconds now);
