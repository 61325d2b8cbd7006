/* SPDX-License-Identifier: MIT */
/* Theory in forward_translate.h. */
#include "3-network/forward_translate.h"

#include "3-network/ip_family.h"
#include "3-network/ip_timer.h"
#include "3-network/route.h"
#include "3-network/translate_packet.h"

enum { ICMP4_ECHO = 8, ICMP6_ECHO = 128, ICMP6_NOT_ERRORS = 128, ICMP4_ECHO_REPLY = 0 };

static void drop(struct ip *ip, struct packet *p, enum translate_verdict verdict, nanoseconds now)
{
    event_drop(&ip->means->voice, now, translate_packet_drop(verdict), p);
    packet_put(p);
}

/* RFC 6296: address by address, so that the router's own stay its own. */
static bool is_by_prefix(const struct translate *t, struct address a)
{
    return t->prefix.bits > 0 && !address_is_mapped(a);
}

/* RFC 5508 REQ-8: who sends what has no room, or no ports, is told that it is not let through. */
static void refuse(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                   enum translate_verdict verdict, nanoseconds now)
{
    const struct ip_family *family = ip_family_of(meta->source);

    if (family && (verdict == TRANSLATE_FULL || verdict == TRANSLATE_PROTOCOL))
        family->turn_back(ip, meta, p, IP_ERROR_PROHIBITED, now);
    drop(ip, p, verdict, now);
}

/* On a network of the outside's own: whoever it is stands there, though the outer prefix holds the
 * network too. */
static bool is_beside(const struct ip *ip, struct address a)
{
    const struct ip_interface *outside = ip->interface[ip->translate->outside];

    for (uint32_t k = 0; k < outside->address_count; k++)
        if (address_matches(a, outside->address[k].address, outside->address[k].bits))
            return true;
    return false;
}

/* RFC 6296 5: from one inside to the outer address of another. */
static void prefix_hairpin(struct ip *ip, struct ip_meta *meta, struct packet *p,
                           uint32_t transport, nanoseconds now)
{
    struct translate *t = ip->translate;

    if (!t->settings.hairpin || is_beside(ip, meta->dest) ||
        !address_matches(meta->source, t->prefix.inner, t->prefix.bits) ||
        !address_matches(meta->dest, t->prefix.outer, t->prefix.bits))
        return;
    if (translate_packet_outbound(t, meta, p, transport, now) == TRANSLATE_DONE)
        (void)translate_packet_inbound(t, meta, p, transport, now);
}

bool forward_translate_others(const struct ip_interface *in, uint32_t family, struct ip_meta *meta,
                              struct packet *p, nanoseconds now)
{
    struct ip *ip = in->ip;
    struct translate *t = ip->translate;
    bool by_prefix = is_by_prefix(t, meta->dest);
    uint32_t transport = p->start + ip_family_rows[family].header_bytes;
    enum translate_verdict verdict = TRANSLATE_FILTERED;

    if (by_prefix && in->number != t->outside)
        prefix_hairpin(ip, meta, p, transport, now);
    if (in->number != t->outside || address_is_multicast(meta->dest) ||
        (!by_prefix && address_is_unspecified(translate_outer(t, meta->dest))))
        return true;
    if (by_prefix)
        verdict = translate_packet_inbound(t, meta, p, transport, now);
    if (verdict == TRANSLATE_DONE)
        return true;
    drop(ip, p, verdict, now);
    return false;
}

struct packet *forward_translate_leaving(struct ip *ip, uint32_t family_kind, struct ip_meta *meta,
                                         struct packet *p, uint32_t mtu, nanoseconds now)
{
    const struct ip_family *family = &ip_family_rows[family_kind];
    enum translate_verdict verdict;
    uint32_t transport = p->start + family->header_bytes;

    if (packet_length(p) > mtu && !family->may_cut(p))
        return p;
    if (!is_by_prefix(ip->translate, meta->source))
        p = family->whole(ip, meta, p, &transport, now);
    if (!p)
        return NULL;
    verdict = translate_packet_outbound(ip->translate, meta, p, transport, now);
    if (verdict != TRANSLATE_DONE) {
        refuse(ip, meta, p, verdict, now);
        return NULL;
    }
    ip_timer_rearm(ip);
    return p;
}

/* From inside, for a mapping (RFC 4787 REQ-9): its source becomes the outer one, so that the answer
 * comes back here. false: it is the router's. */
static bool hairpin(struct ip *ip, struct ip_meta *meta, struct packet *p,
                    enum translate_verdict *verdict, nanoseconds now)
{
    struct translate *t = ip->translate;
    uint32_t transport = p->start;

    if (!t->settings.hairpin || !translate_packet_is_mapped(t, meta, p, transport))
        return false;
    *verdict = translate_packet_outbound(t, meta, p, transport, now);
    if (*verdict == TRANSLATE_FILTERED) /* an error about what the router itself has sent */
        return false;
    if (*verdict == TRANSLATE_DONE)
        *verdict = translate_packet_inbound(t, meta, p, transport, now);
    return true;
}

/* RFC 5382 REQ-4: what nobody asked for waits for the inside to ask. */
static void hold(struct ip *ip, struct packet *p, nanoseconds now)
{
    p->start = p->network;
    (void)translate_hold(ip->translate, p, now);
    ip_timer_rearm(ip);
}

enum forward_translated forward_translate_own(const struct ip_interface *in, struct ip_meta *meta,
                                              struct packet *p, nanoseconds now)
{
    enum translate_verdict verdict = TRANSLATE_NONE;
    struct ip *ip = in->ip;
    struct translate *t = ip->translate;

    if (in->number == 0 || meta->broadcast || is_by_prefix(t, meta->dest) ||
        !address_equal(meta->dest, translate_outer(t, meta->dest)))
        return FORWARD_TRANSLATED_UP;
    if (in->number != t->outside) {
        if (!hairpin(ip, meta, p, &verdict, now))
            return FORWARD_TRANSLATED_UP;
    } else {
        verdict = translate_packet_inbound(t, meta, p, p->start, now);
    }
    ip_timer_rearm(ip);
    if (verdict == TRANSLATE_HOLD) {
        hold(ip, p, now);
        return FORWARD_TRANSLATED_TAKEN;
    }
    /* neighbours speak in ICMPv6 of the router itself */
    if (verdict == TRANSLATE_NONE && (t->settings.open || meta->protocol == IP_PROTOCOL_ICMPV6))
        return FORWARD_TRANSLATED_UP;
    if (verdict != TRANSLATE_DONE) {
        if (in->number != t->outside)
            (void)translate_packet_return(t, meta, p, p->start);
        refuse(ip, meta, p, verdict, now);
        return FORWARD_TRANSLATED_TAKEN;
    }
    if (ip_is_own(ip, meta->dest))
        return FORWARD_TRANSLATED_UP;
    p->start = p->network;
    return FORWARD_TRANSLATED_ON;
}

/* Of ICMP, questions begin a mapping and errors need that of what they quote; an answer has its
 * identifier from who asked. */
static bool is_translated(uint8_t protocol, uint8_t type)
{
    if (protocol == IP_PROTOCOL_ICMP)
        return type != ICMP4_ECHO_REPLY;
    if (protocol == IP_PROTOCOL_ICMPV6)
        return type < ICMP6_NOT_ERRORS || type == ICMP6_ECHO;
    return protocol == IP_PROTOCOL_TCP || protocol == IP_PROTOCOL_UDP;
}

void forward_translate_sending(struct ip *ip, uint32_t interface, uint8_t protocol,
                               struct address source, struct address dest, struct packet *p,
                               uint32_t header_bytes, nanoseconds now)
{
    struct ip_meta meta = {.source = source, .dest = dest, .protocol = protocol};
    struct translate *t = ip->translate;
    uint32_t transport = p->start + header_bytes;

    if (interface != t->outside ||
        (!is_by_prefix(t, source) && !address_equal(source, translate_outer(t, source))) ||
        address_is_multicast(dest) || transport == p->end ||
        !is_translated(protocol, p->bytes[transport]))
        return;
    (void)translate_packet_own(t, &meta, p, transport, now);
    ip_timer_rearm(ip);
}

bool forward_translate_return(const struct ip_interface *i, struct ip_meta *meta, struct packet *p,
                              uint32_t transport)
{
    const struct translate *t = i->ip->translate;

    /* of prefixes the router's own addresses are its own, outer ones too */
    if (i->number != t->outside || transport > p->end ||
        (is_by_prefix(t, meta->source) && ip_is_own(i->ip, meta->source)))
        return false;
    return translate_packet_return(t, meta, p, transport);
}

void forward_translate_addresses(const struct ip_interface *i, nanoseconds now)
{
    struct translate *t = i->ip->translate;

    if (i->number != t->outside)
        return;
    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++) {
        struct address outer = ip_family_rows[k].network;

        for (uint32_t n = i->address_count; n-- > 0;)
            if (ip_family_of(i->address[n].address) == &ip_family_rows[k] &&
                ip_family_rows[k].reaches(i->address[n].address))
                outer = i->address[n].address;
        if (address_is_unspecified(outer))
            outer = address_is_mapped(outer) ? address_from_ip4(0) : (struct address){0};
        translate_outer_set(t, outer, now);
    }
}

/* RFC 5382 REQ-4: if the inside has not asked meanwhile, the peer is told that nobody is there. One
 * that is inside too, and came by a hairpin, gets back what it has sent. */
static void overdue(struct ip *ip, struct packet *p, nanoseconds now)
{
    const struct ip_family *family = NULL;
    struct ip_meta meta = {0};
    uint32_t transport;

    for (uint32_t k = 0; k < IP_FAMILY_COUNT; k++)
        if (packet_data(p)[0] >> 4 == ip_family_rows[k].version)
            family = &ip_family_rows[k];
    ensure(family);
    p = family->whole(ip, &meta, p, &transport, now);
    ensure(p); /* it was whole */
    if (!translate_packet_is_known(ip->translate, &meta, p, transport)) {
        (void)translate_packet_return(ip->translate, &meta, p, transport);
        family->turn_back(ip, &meta, p, IP_ERROR_PORT_UNREACHABLE, now);
    }
    drop(ip, p, TRANSLATE_FILTERED, now);
}

void forward_translate_expire(struct ip *ip, nanoseconds now)
{
    struct packet *p;

    while ((p = translate_overdue(ip->translate, now)))
        overdue(ip, p, now);
    translate_expire(ip->translate, now);
}
