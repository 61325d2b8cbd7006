/* SPDX-License-Identifier: MIT */
/*
 * A datagram comes up (RFC 1122 3.2.1, in the order of its paragraphs): the header, the checksum,
 * who it is for, who it is from, its options, its fragments; then to its upper. A host forwards
 * nothing: what is not for us is dropped (RFC 1122 3.3.1.1). A router passes it on (forward.h), as
 * it is: it is not reassembled (RFC 1812 5.2.6). Neither takes source routes (RFC 7126 4.3).
 *
 * Martians (RFC 1122 3.2.1.3, RFC 1812 5.3.7): 127/8 and our own addresses come from interface 0
 * and nowhere else.
 */
#include <string.h>

#include "3-network/forward.h"
#include "3-network/forward_translate.h"
#include "3-network/ip4/forward4.h"
#include "3-network/ip4/fragment4.h"
#include "3-network/ip4/icmp4.h"
#include "3-network/ip4/igmp.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip_family.h"
#include "3-network/ip_known.h"
#include "3-network/ip_timer.h"
#include "3-network/ip_upper.h"
#include "3-network/multicast.h"
#include "3-network/route.h"

static void drop(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* RFC 1122 3.2.1.3: a source is one station; 0.0.0.0 asks everybody on its wire (DHCP). RFC
 * 9293 3.9.2.3 (MUST-63) leaves it to this. */
static bool source_is_good(const struct ip *ip, const struct ip_interface *i,
                           const struct ip_meta *meta)
{
    if (i->number == 0)
        return ip_is_own(ip, meta->source);
    if (address_is_unspecified(meta->source))
        return address_is_limited_broadcast(meta->dest);
    return route_is_one_station(ip, meta->source) && !ip_is_own(ip, meta->source);
}

/* RFC 1122 3.2.1.3 and 3.3.6. Sets meta->broadcast. Of groups a host is in all-hosts (RFC 1112 4)
 * and in those that somebody has joined. */
static bool dest_is_ours(const struct ip *ip, const struct ip_interface *i,
                         const struct link_meta *link, struct ip_meta *meta)
{
    bool everyone = address_is_limited_broadcast(meta->dest) ||
                    address_equal(meta->dest, address_from_ip4(0xe0000001));

    if (i->number == 0) {
        meta->broadcast = ip_is_broadcast(ip, meta->dest);
        return meta->broadcast || ip_is_own(ip, meta->dest);
    }
    if (everyone || route_is_subnet_broadcast(i, meta->dest) ||
        multicast_is_heard(i, IP_FAMILY_4, meta->dest)) {
        meta->broadcast = true;
        return true;
    }
    return !link->broadcast && !address_is_loopback(meta->dest) && ip_is_own(ip, meta->dest);
}

/* RFC 1122 3.2.1.3: the addresses. Sets meta->interface. */
static enum drop addresses_check(const struct ip *ip, struct ip_interface *i,
                                 const struct link_meta *link, struct ip_meta *meta)
{
    if (likely(!link->broadcast && ip_known_is(ip, i, meta))) {
        meta->interface = (uint16_t)i->known_interface;
        return DROP_NONE;
    }
    if (forward_is_known(ip, i, meta) || !dest_is_ours(ip, i, link, meta))
        return DROP_IP_DEST;
    meta->broadcast |= link->broadcast;
    if (!source_is_good(ip, i, meta))
        return DROP_IP_SOURCE;
    meta->interface = ip_known_interface(ip, i, meta);
    if (!meta->broadcast)
        ip_known_put(ip, i, meta);
    return DROP_NONE;
}

/* RFC 1122 3.2.1.8: true when the datagram may go on. */
static bool options_are_good(struct ip *ip, const struct ip_meta *meta, const struct ip4_header *h,
                             const struct packet *p, nanoseconds now)
{
    struct ip_meta none = *meta;
    uint8_t pointer = 0;

    switch (ip4_options_check(h, &pointer)) {
    case IP4_OPTIONS_BAD:        /* the sender can mend it if he is told where: RFC 1122 3.2.2.5 */
        none.options_length = 0; /* it gets none of them back */
        icmp4_send_error(ip, &none, p, ICMP4_PARAMETER, 0, (uint32_t)pointer << 24, now);
        return false;
    case IP4_OPTIONS_SOURCE_ROUTE:
        return false;
    case IP4_OPTIONS_GOOD:
        break;
    }
    return true;
}

/* What is asked of who it came to (RFC 1122 3.2.1.8). @return may it go on? */
static bool options_are_served(struct ip *ip, const struct ip_meta *meta,
                               const struct ip4_header *h, struct packet *p, nanoseconds now)
{
    struct address own =
        ip_is_own(ip, meta->dest) ? meta->dest : ip_spoken_for(ip, meta->source, meta->interface);

    return options_are_good(ip, meta, h, p, now) &&
           forward4_record(ip, meta, p, address_to_ip4(own), now);
}

/* RFC 1122 3.2.1: up to ICMP or the transport; RFC 1122 3.4: with all the facts of the header. */
static void deliver(struct ip *ip, const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    bool watched = unlikely(ip->watcher) && ip_upper_watch(ip, meta, p, now);

    if (meta->protocol == IP_PROTOCOL_ICMP) {
        icmp4_receive(ip, meta, p, now);
        return;
    }
    if (meta->protocol == IP_PROTOCOL_IGMP) {
        igmp_receive(ip, meta, p, now);
        return;
    }
    /* ICMPv6 is IPv6's alone */
    if (meta->protocol != IP_PROTOCOL_ICMPV6 && ip_upper_receive(ip, meta, p, now))
        return;
    if (watched) {
        packet_put(p);
        return;
    }
    /* RFC 1122 3.2.2.1: so that the sender need not wait for its own timeout */
    icmp4_send_unreachable(ip, meta, p, IP_ERROR_PROTOCOL_UNREACHABLE, now);
    drop(ip, p, DROP_IP_PROTOCOL, now);
}

static void note_options(struct ip_meta *meta, const struct ip4_header *h)
{
    meta->has_options = h->header_bytes > IP4_HEADER_BYTES;
    meta->options_at = IP4_HEADER_BYTES;
    meta->options_length = (uint8_t)(h->header_bytes - IP4_HEADER_BYTES);
}

/* A whole datagram out of reassembly (RFC 791 3.2): its header is ours, so it is right. */
static struct packet *reassemble(struct ip *ip, struct ip_meta *meta, const struct ip4_header *h,
                                 struct packet *p, nanoseconds now)
{
    struct ip4_header whole;
    struct reader r;

    packet_take(p, h->header_bytes);
    p = fragment4_receive(ip, meta, h, p, now);
    ip_timer_rearm(ip);
    if (!p)
        return NULL;
    r = reader_of(packet_data(p), packet_length(p));
    ensure(ip4_header_read(&r, &whole));
    p->network = p->start;
    meta->traffic_class = whole.traffic_class;
    meta->hop_limit = whole.ttl;
    note_options(meta, &whole);
    packet_take(p, whole.header_bytes);
    return p;
}

/* Whom it was not sent to: a host forwards nothing, and drops it in silence (RFC 1122 3.3.1.1). */
static void receive_others(struct ip *ip, struct ip_interface *i, const struct link_meta *link,
                           const struct ip_meta *meta, const struct ip4_header *h, struct packet *p,
                           nanoseconds now)
{
    if (i->number == 0 || !ip->settings.forwarding[IP_FAMILY_4])
        drop(ip, p, address_is_multicast(meta->dest) ? DROP_NOT_FOR_US : DROP_IP_DEST, now);
    else if (meta->has_options && !options_are_good(ip, meta, h, p, now))
        drop(ip, p, DROP_IP_OPTION, now);
    else
        forward_datagram(i, IP_FAMILY_4, link, meta, p, now);
}

/* RFC 1122 3.2.1: the checks in the order of its paragraphs; what fails is silently discarded (RFC
 * 1122 3.2.1.1, 3.2.1.2, 3.2.1.3). */
void ip4_receive(struct link_upper *upper, struct packet *p, const struct link_meta *link,
                 nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip *ip = i->ip;
    struct ip4_header h;
    struct ip_meta meta;
    enum drop reason;

    p->network = p->start;
    if (!ip4_header_read(&r, &h)) {
        drop(ip, p, DROP_IP_HEADER, now);
        return;
    }
    if (!h.checksum_right) {
        drop(ip, p, DROP_IP_CHECKSUM, now);
        return;
    }
    packet_trim(p, h.total_length);
    memset(&meta, 0, sizeof meta);
    meta.source = address_from_ip4(h.source);
    meta.dest = address_from_ip4(h.dest);
    meta.protocol = h.protocol;
    meta.hop_limit = h.ttl; /* RFC 1122 3.2.1.7: 0 and 1 are received like any other */
    meta.traffic_class = h.traffic_class;
    note_options(&meta, &h);
    meta.interface = (uint16_t)i->number;
    reason = addresses_check(ip, i, link, &meta);
    if (reason == DROP_IP_DEST) {
        receive_others(ip, i, link, &meta, &h, p, now);
        return;
    }
    if (reason != DROP_NONE) {
        drop(ip, p, reason, now);
        return;
    }
    if (meta.has_options && !options_are_served(ip, &meta, &h, p, now)) {
        drop(ip, p, DROP_IP_OPTION, now);
        return;
    }
    if (h.more_fragments || h.fragment_offset) {
        p = reassemble(ip, &meta, &h, p, now);
        if (!p)
            return;
    } else {
        packet_take(p, h.header_bytes);
    }
    if (unlikely(ip->translate) && forward_own(i, IP_FAMILY_4, &meta, p, now))
        return;
    deliver(ip, &meta, p, now);
}

/* RFC 1812 4.3.3.1: a router's last hop does not answer, and who sent the datagram is told. */
static void forwarded_unreachable(struct ip_interface *i, const struct ip4_header *h,
                                  struct packet *p, nanoseconds now)
{
    struct ip_meta meta;

    memset(&meta, 0, sizeof meta);
    meta.source = address_from_ip4(h->source);
    meta.dest = address_from_ip4(h->dest);
    meta.protocol = h->protocol;
    meta.interface = (uint16_t)i->number;
    p->network = p->start;
    forward4_turn_back(i->ip, &meta, p, IP_ERROR_HOST_UNREACHABLE, now);
}

/* RFC 5508 4: what was translated is as its source knows it, before that is told. */
static void sent_here(struct ip_interface *i, struct packet *p, struct reader *r,
                      struct ip4_header *h)
{
    struct ip_meta meta = {.source = address_from_ip4(h->source),
                           .dest = address_from_ip4(h->dest),
                           .protocol = h->protocol};

    p->network = p->start;
    if (h->fragment_offset == 0 &&
        forward_translate_return(i, &meta, p, p->start + h->header_bytes)) {
        *r = reader_of(packet_data(p), packet_length(p));
        ensure(ip4_header_read(r, h));
    }
}

/* The sender hears of it as if the error had come by ICMP (RFC 1122 3.2.2.1); layer 2 has counted
 * the packet. */
void ip4_receive_unreachable(struct link_upper *upper, struct packet *p, nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper);
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip4_header h;
    struct ip_error error;

    if (!ip4_header_read(&r, &h)) {
        packet_put(p);
        return;
    }
    if (unlikely(i->ip->translate))
        sent_here(i, p, &r, &h);
    if (ip_is_own(i->ip, address_from_ip4(h.source))) {
        memset(&error, 0, sizeof error);
        error.kind = IP_ERROR_HOST_UNREACHABLE;
        error.from_here = true;
        error.interface = (uint16_t)i->number;
        error.offender = address_from_ip4(h.source);
        error.hop_limit = (uint8_t)i->ip->settings.default_ttl;
        (void)icmp4_error_tell(i->ip, &error, &h, &r, now);
    } else {
        forwarded_unreachable(i, &h, p, now);
    }
    packet_put(p);
}

/* RFC 1122 3.3.1.4: layer 2 has asked for a gateway in vain. */
void ip4_receive_failed(struct link_upper *upper, struct address target, nanoseconds now)
{
    struct ip_interface *i = container_of(upper, struct ip_interface, link_upper);

    route_failed(i->ip, target, (uint16_t)i->number, now);
}
