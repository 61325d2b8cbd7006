/* SPDX-License-Identifier: MIT */
/*
 * A datagram comes up (RFC 8200 3, 4): the header, who it is for, who it is from, its extension
 * headers strictly in order, its fragments; then to its upper. A host forwards nothing: what is not
 * for us is dropped. A router passes it on (forward.h). What a Routing header would send on is
 * neither's to send.
 *
 * Martians (RFC 4291 2.5.2, 2.5.3, 2.7): ::1 and our own addresses come from interface 0 and
 * nowhere else, but for what neighbours say, which may be that they have an address of ours. A
 * mapped address is IPv4's, and stands in no header of IPv6.
 */
#include <string.h>

#include "3-network/forward.h"
#include "3-network/forward_translate.h"
#include "3-network/ip6/forward6.h"
#include "3-network/ip6/fragment6.h"
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ip6_chain.h"
#include "3-network/ip_family.h"
#include "3-network/ip_known.h"
#include "3-network/ip_timer.h"
#include "3-network/ip_upper.h"
#include "3-network/route.h"

enum { HOP_LIMIT_OF_NEIGHBOR = 255, IP6_FIRST_WORD = 4 /* bytes */ };

static void drop(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* RFC 4861 4: what neighbours say stands right behind the fixed header, and no router passed it
 * on. */
static bool neighbor_speaks(const struct ip_meta *meta, const struct packet *p)
{
    const uint8_t *type = packet_data(p) + IP6_HEADER_BYTES;

    return meta->hop_limit == HOP_LIMIT_OF_NEIGHBOR && meta->protocol == IP_PROTOCOL_ICMPV6 &&
           packet_length(p) > IP6_HEADER_BYTES && *type >= ICMP6_ROUTER_SOLICITATION &&
           *type <= ICMP6_REDIRECT;
}

/* RFC 4291 2.5.2: who has no address yet speaks to groups alone. */
static bool source_is_good(const struct ip *ip, const struct ip_interface *i,
                           const struct ip_meta *meta, const struct packet *p)
{
    if (i->number == 0)
        return ip_is_own(ip, meta->source);
    if (address_is_unspecified(meta->source))
        return address_is_multicast(meta->dest) && !address_is_mapped(meta->source);
    return route_is_one_station(ip, meta->source) && !address_is_mapped(meta->source) &&
           (!ip_is_own(ip, meta->source) || neighbor_speaks(meta, p));
}

/* RFC 4291 2.7, 2.8. Sets meta->broadcast. An address of one link is ours on that link alone. */
static bool dest_is_ours(const struct ip *ip, const struct ip_interface *i, struct ip_meta *meta)
{
    if (address_is_mapped(meta->dest))
        return false;
    if (address_is_multicast(meta->dest)) {
        meta->broadcast = true;
        return i->number == 0 ||
               (ip6_scope(meta->dest) > IP6_SCOPE_INTERFACE && ip6_is_heard(i, meta->dest));
    }
    if (i->number != 0 && ip6_is_link_local(meta->dest))
        return route_is_interface_own(i, meta->dest);
    return ip_is_own(ip, meta->dest) && (i->number == 0 || !address_is_loopback(meta->dest));
}

/* The addresses. Sets meta->interface. */
static enum drop addresses_check(const struct ip *ip, struct ip_interface *i,
                                 const struct link_meta *link, struct ip_meta *meta,
                                 const struct packet *p)
{
    if (likely(!link->broadcast && ip_known_is(ip, i, meta))) {
        meta->interface = (uint16_t)i->known_interface;
        return DROP_NONE;
    }
    if (forward_is_known(ip, i, meta) || !dest_is_ours(ip, i, meta))
        return DROP_IP_DEST;
    meta->broadcast |= link->broadcast;
    if (!source_is_good(ip, i, meta, p))
        return DROP_IP_SOURCE;
    meta->interface = ip_known_interface(ip, i, meta);
    if (!meta->broadcast && (i->number == 0 || !ip_is_own(ip, meta->source)))
        ip_known_put(ip, i, meta);
    return DROP_NONE;
}

/* RFC 4443 3.4. p begins with the fixed header. */
static void tell_problem(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                         const struct ip6_chain *c, nanoseconds now)
{
    const struct icmp6_header error = {
        .type = ICMP6_PARAMETER, .code = c->code, .rest = c->pointer};

    icmp6_send_error(ip, meta, p, &error, c->always != 0, now);
}

/* Up to ICMP or the transport, with all the facts of the header. RFC 8200 4: a next header that
 * nobody knows is a problem of its source; 4.7: behind No Next Header is nothing. */
static void deliver(struct ip_interface *i, struct ip_meta *meta, struct packet *p,
                    struct ip6_chain *c, nanoseconds now)
{
    struct ip *ip = i->ip;
    bool watched;

    meta->protocol = c->next;
    meta->has_options = c->at > IP6_HEADER_BYTES;
    if (c->next == IP6_NOTHING) {
        drop(ip, p, DROP_IP_PROTOCOL, now);
        return;
    }
    packet_take(p, c->at);
    if (unlikely(ip->translate) && forward_own(i, IP_FAMILY_6, meta, p, now))
        return;
    watched = unlikely(ip->watcher) && ip_upper_watch(ip, meta, p, now);
    if (c->next == IP_PROTOCOL_ICMPV6) {
        icmp6_receive(ip, meta, p, now);
        return;
    }
    /* ICMP is IPv4's alone */
    if (c->next != IP_PROTOCOL_ICMP && ip_upper_receive(ip, meta, p, now))
        return;
    if (watched) {
        packet_put(p);
        return;
    }
    c->code = IP6_PROBLEM_NEXT_HEADER;
    c->pointer = c->next_at;
    tell_problem(ip, meta, p, c, now);
    drop(ip, p, DROP_IP_PROTOCOL, now);
}

/* It cannot be processed to its end: its source is told, or not. */
static void refuse(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                   const struct ip6_chain *c, enum ip6_chain_verdict verdict, nanoseconds now)
{
    if (verdict == IP6_CHAIN_PROBLEM)
        tell_problem(ip, meta, p, c, now);
    drop(ip, p, c->next == IP6_FRAGMENT ? DROP_IP_FRAGMENT : DROP_IP_OPTION, now);
}

/* RFC 8200 4, 4.5: header after header, until the payload. A datagram out of reassembly is walked
 * on behind where its Fragment header was; another one in it counts against the same limit of
 * headers. p begins with the fixed header. */
static void walk(struct ip_interface *i, struct ip_meta *meta, struct packet *p,
                 struct ip6_chain *c, nanoseconds now)
{
    struct ip *ip = i->ip;

    for (;;) {
        enum ip6_chain_verdict verdict = ip6_chain_walk(packet_data(p), packet_length(p), c);

        if (verdict == IP6_CHAIN_GOOD && likely(c->next != IP6_FRAGMENT)) {
            deliver(i, meta, p, c, now);
            return;
        }
        if (verdict == IP6_CHAIN_GOOD) {
            verdict = fragment6_receive(ip, meta, c, &p, now);
            ip_timer_rearm(ip);
        }
        if (verdict != IP6_CHAIN_GOOD) {
            refuse(ip, meta, p, c, verdict, now);
            return;
        }
        if (!p)
            return;
    }
}

/* Whom it was not sent to. A host forwards nothing. RFC 8200 4: of the extension headers only the
 * hop-by-hop options are anything to a router on the way. */
static void receive_others(struct ip_interface *i, const struct link_meta *link,
                           const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct ip6_chain c = ip6_chain_of(meta->protocol);
    enum ip6_chain_verdict verdict;
    struct ip *ip = i->ip;

    if (i->number == 0 || !ip->settings.forwarding[IP_FAMILY_6]) {
        drop(ip, p, address_is_multicast(meta->dest) ? DROP_NOT_FOR_US : DROP_IP_DEST, now);
        return;
    }
    verdict = ip6_chain_hop(packet_data(p), packet_length(p), &c);
    if (verdict == IP6_CHAIN_GOOD) {
        forward_datagram(i, IP_FAMILY_6, link, meta, p, now);
        return;
    }
    if (verdict == IP6_CHAIN_PROBLEM)
        tell_problem(ip, meta, p, &c, now);
    drop(ip, p, DROP_IP_OPTION, now);
}

/* RFC 8200 3, 4. What fails is silently discarded, but for what RFC 4443 3.4 has told. */
void ip6_receive(struct link_upper *upper, struct packet *p, const struct link_meta *link,
                 nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper6);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip *ip = i->ip;
    struct ip6_header h;
    struct ip6_chain c;
    struct ip_meta meta;
    enum drop reason;

    p->network = p->start;
    if (!ip6_header_read(&r, &h)) {
        drop(ip, p, DROP_IP_HEADER, now);
        return;
    }
    packet_trim(p, (uint32_t)IP6_HEADER_BYTES + h.payload_length);
    memset(&meta, 0, sizeof meta);
    meta.source = h.source;
    meta.dest = h.dest;
    meta.protocol = h.next_header;
    meta.hop_limit = h.hop_limit; /* 0 is received like any other: RFC 8200 3 */
    meta.traffic_class = h.traffic_class;
    meta.flow_label = h.flow_label;
    meta.options_length = h.flow_label | h.traffic_class ? IP6_FIRST_WORD : 0;
    meta.interface = (uint16_t)i->number;
    reason = addresses_check(ip, i, link, &meta, p);
    if (reason == DROP_IP_DEST) {
        receive_others(i, link, &meta, p, now);
        return;
    }
    if (reason != DROP_NONE) {
        drop(ip, p, reason, now);
        return;
    }
    c = ip6_chain_of(h.next_header);
    walk(i, &meta, p, &c, now);
}

/* RFC 4443 3.1: what a router could not bring to its last hop, and who sent it is told. */
static void forwarded_unreachable(struct ip_interface *i, struct packet *p, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip_meta meta;
    struct ip6_header h;

    if (!ip6_header_read(&r, &h) || ip_is_own(i->ip, h.source))
        return;
    memset(&meta, 0, sizeof meta);
    meta.source = h.source;
    meta.dest = h.dest;
    meta.protocol = h.next_header;
    meta.interface = (uint16_t)i->number;
    p->network = p->start;
    forward6_turn_back(i->ip, &meta, p, IP_ERROR_HOST_UNREACHABLE, now);
}

/* RFC 5508 4: what was translated is as its source knows it, before that is told. */
static void sent_here(struct ip_interface *i, struct packet *p)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip_meta meta = {.hop_limit = 0};
    struct ip6_header h;
    struct ip6_chain c;

    if (!ip6_header_read(&r, &h))
        return;
    c = ip6_chain_of(h.next_header);
    if (!ip6_chain_skip(packet_data(p), packet_length(p), &c))
        return;
    meta.source = h.source;
    meta.dest = h.dest;
    meta.protocol = c.next;
    p->network = p->start;
    (void)forward_translate_return(i, &meta, p, p->start + c.at);
}

/* The sender hears of it as if the error had come by ICMP: "address unreachable" (RFC 4443 3.1);
 * layer 2 has counted the packet. */
void ip6_receive_unreachable(struct link_upper *upper, struct packet *p, nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper6);
    struct ip_error error;

    if (unlikely(i->ip->translate))
        sent_here(i, p);
    memset(&error, 0, sizeof error);
    error.kind = IP_ERROR_HOST_UNREACHABLE;
    error.from_here = true;
    error.interface = (uint16_t)i->number;
    if (icmp6_error_tell(i->ip, &error, packet_data(p), packet_length(p), now) == IP_UNHEARD)
        forwarded_unreachable(i, p, now);
    packet_put(p);
}
