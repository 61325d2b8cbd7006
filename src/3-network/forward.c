/* SPDX-License-Identifier: MIT */
/* RFC 1812 5.2.1.2, 5.3: the parts of forwarding that both families have. Theory in forward.h. */
#include "3-network/forward.h"

#include "3-network/forward_translate.h"
#include "3-network/ip_family.h"
#include "3-network/route.h"
#include "3-network/translate.h"

static void drop(struct ip *ip, struct packet *p, enum drop reason, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
}

/* RFC 1812 5.3.8: off unless a setting asks for it. Of IPv4, as on Linux: 1, answers would go by
 * the interface that it came by; 2, by any. */
static bool source_is_likely(const struct ip *ip, const struct ip_meta *meta)
{
    const struct route *r;

    if (!ip->settings.rp_filter || !address_is_mapped(meta->source))
        return true;
    r = route_find(ip, meta->source, 0);
    return r && r->kind == ROUTE_UNICAST &&
           (ip->settings.rp_filter == 2 || r->interface == meta->interface);
}

/* RFC 1812 5.3.4: what the frame said. 5.3.5 and RFC 2644: broadcasts stay on their network. 5.3.7,
 * RFC 4291 2.5.2, 2.5.3, 2.7: a source is one station, and not this one, unless a translator made
 * it so; no address that means nothing elsewhere. */
static enum drop may_pass(struct ip *ip, const struct ip_family *family,
                          const struct link_meta *link, const struct ip_meta *meta,
                          const struct packet *p, nanoseconds now)
{
    if (ip_family_of(meta->dest) != family)
        return DROP_IP_DEST;
    if (address_is_multicast(meta->dest))
        return DROP_FORWARD_GROUP;
    if (link && link->broadcast)
        return DROP_IP_DEST;
    if (ip_family_of(meta->source) != family || !route_is_one_station(ip, meta->source) ||
        (link && (ip_is_own(ip, meta->source) || !source_is_likely(ip, meta))))
        return DROP_IP_SOURCE;
    if (ip_is_broadcast(ip, meta->dest))
        return DROP_FORWARD_BROADCAST;
    if (!family->is_station(meta->dest))
        return DROP_IP_DEST;
    return family->may_leave(ip, meta, p, now) ? DROP_NONE : DROP_FORWARD_SCOPE;
}

/* RFC 1812 5.2.4: which way. What has none is dropped for this reason, and its source is told. */
static enum drop way_find(struct ip *ip, const struct ip_family *family, const struct ip_meta *meta,
                          const struct packet *p, struct ip_forward *way, nanoseconds now)
{
    const struct route *r = route_find(ip, meta->dest, 0);

    if (!r) { /* RFC 1812 4.3.3.1 */
        family->turn_back(ip, meta, p, IP_ERROR_NET_UNREACHABLE, now);
        return DROP_IP_NO_ROUTE;
    }
    if (r->kind != ROUTE_UNICAST) {
        if (r->kind == ROUTE_UNREACHABLE)
            family->turn_back(ip, meta, p, IP_ERROR_HOST_UNREACHABLE, now);
        else if (r->kind == ROUTE_PROHIBIT) /* RFC 1812 5.2.7.1 */
            family->turn_back(ip, meta, p, IP_ERROR_PROHIBITED, now);
        return DROP_FORWARD_POLICY;
    }
    way->source = meta->source;
    way->dest = meta->dest;
    way->next_hop = address_is_unspecified(r->gateway) ? meta->dest : r->gateway;
    way->interface = r->interface;
    way->mtu = r->mtu;
    way->generation = ip->generation;
    return DROP_NONE;
}

/* The last step: by the outside of a translator with another source. */
static void send_on(struct ip_interface *in, uint32_t family, const struct ip_meta *meta,
                    struct packet *p, nanoseconds now)
{
    struct ip *ip = in->ip;
    const struct ip_forward *way = &in->forward;
    uint32_t mtu = route_mtu(ip, way->interface, way->mtu);
    struct ip_meta leaving;

    if (unlikely(ip->translate) && way->interface == ip->translate->outside &&
        way->interface != in->number) {
        leaving = *meta;
        p = forward_translate_leaving(ip, family, &leaving, p, mtu, now);
        if (!p)
            return;
        meta = &leaving;
    }
    if (unlikely(way->interface == in->number)) /* RFC 1812 5.2.7.2 */
        ip_family_rows[family].redirect(in, meta, p, way->next_hop, now);
    ip_family_rows[family].pass_on(ip, meta, p, way, mtu, now);
}

/* RFC 1812 5.2.1.2. link NULL: it came through a translator. */
static void onward(struct ip_interface *in, uint32_t family_kind, const struct link_meta *link,
                   const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    const struct ip_family *family = &ip_family_rows[family_kind];
    struct ip *ip = in->ip;
    enum drop reason;

    if (unlikely((link && link->broadcast) || !forward_is_known(ip, in, meta))) {
        reason = may_pass(ip, family, link, meta, p, now);
        if (reason == DROP_NONE)
            reason = way_find(ip, family, meta, p, &in->forward, now);
        if (reason != DROP_NONE) {
            drop(ip, p, reason, now);
            return;
        }
    }
    if (unlikely(meta->hop_limit <= 1)) { /* RFC 1812 5.3.1, 5.2.7.3; RFC 8200 3 */
        family->turn_back(ip, meta, p, IP_ERROR_TIME_EXCEEDED, now);
        drop(ip, p, DROP_FORWARD_HOPS, now);
        return;
    }
    send_on(in, family_kind, meta, p, now);
}

void forward_datagram(struct ip_interface *in, uint32_t family, const struct link_meta *link,
                      const struct ip_meta *meta, struct packet *p, nanoseconds now)
{
    struct ip_meta arriving;

    if (likely(!in->ip->translate)) {
        onward(in, family, link, meta, p, now);
        return;
    }
    arriving = *meta;
    if (forward_translate_others(in, family, &arriving, p, now))
        onward(in, family, link, &arriving, p, now);
}

bool forward_own(struct ip_interface *in, uint32_t family, struct ip_meta *meta, struct packet *p,
                 nanoseconds now)
{
    enum forward_translated result = FORWARD_TRANSLATED_UP;

    if (in->ip->translate)
        result = forward_translate_own(in, meta, p, now);
    if (result == FORWARD_TRANSLATED_ON)
        onward(in, family, NULL, meta, p, now);
    return result != FORWARD_TRANSLATED_UP;
}
