/* SPDX-License-Identifier: MIT */
/* RFC 8200 3, RFC 4443 3.1 to 3.3. Theory in forward6.h. */
#include "3-network/ip6/forward6.h"

#include "3-network/icmp_rate.h"
#include "3-network/ip6/fragment6.h"
#include "3-network/ip6/icmp6.h"
#include "3-network/ip6/ip6.h"
#include "3-network/ip6/ip6_chain.h"
#include "3-network/ip6/ndp.h"
#include "3-network/ip_timer.h"
#include "3-network/route.h"
#include "3-network/translate.h"
#include "base/integer.h"

enum { AT_HOP_LIMIT = 7 };

static void tell(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                 enum icmp6_type type, uint8_t code, uint32_t rest, nanoseconds now)
{
    const struct icmp6_header error = {.type = (uint8_t)type, .code = code, .rest = rest};

    icmp6_send_error(ip, meta, p, &error, false, now);
}

/* RFC 4443 3.1: who speaks by an address of his link alone is told that it reaches no further. */
bool forward6_may_leave(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        nanoseconds now)
{
    if (ip6_is_link_local(meta->dest))
        return false;
    if (!ip6_is_link_local(meta->source))
        return true;
    tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_SCOPE, 0, now);
    return false;
}

/* RFC 4787 6, RFC 6296 5: who is at that end sent it to an outer address, and it was turned back
 * here: no other packet has such a source. */
static bool is_hairpin(const struct ip *ip, struct address source)
{
    const struct translate *t = ip->translate;

    return t && (ip_is_own(ip, source) ||
                 (t->prefix.bits > 0 && address_matches(source, t->prefix.outer, t->prefix.bits)));
}

/* RFC 4443 3.1: a wire that has two ends and no stations. What came by it for an address of its own
 * network is nobody's, and would go to and fro until its hops are used up. */
static bool is_for_the_other_end(const struct ip *ip, const struct ip_meta *meta,
                                 const struct ip_forward *way)
{
    return way->interface == meta->interface && address_equal(way->next_hop, way->dest) &&
           !link_mac(ip->interface[way->interface]->link) && !is_hairpin(ip, meta->source);
}

/* RFC 8200 3, 4.5: no router fragments. RFC 4443 3.2: the MTU of the link that it does not fit. */
void forward6_pass_on(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                      const struct ip_forward *way, uint32_t mtu, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[way->interface];

    if (unlikely(meta->longest) && i->speaks_ip6) { /* put together to be translated */
        mtu = (uint32_t)least(mtu, most(meta->longest, IP6_MTU_LEAST));
        if (packet_length(p) > mtu) {
            packet_data(p)[AT_HOP_LIMIT]--;
            fragment6_pass_on(ip, way, p, mtu, now);
            return;
        }
    }
    if (unlikely(packet_length(p) > mtu || !i->speaks_ip6)) {
        if (i->speaks_ip6)
            tell(ip, meta, p, ICMP6_TOO_BIG, 0, mtu, now);
        else
            tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_NO_ROUTE, 0, now);
        event_drop(&ip->means->voice, now, i->speaks_ip6 ? DROP_IP_TOO_BIG : DROP_IP_NO_ROUTE, p);
        packet_put(p);
        return;
    }
    if (unlikely(is_for_the_other_end(ip, meta, way))) {
        tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_ADDRESS, 0, now);
        event_drop(&ip->means->voice, now, DROP_FORWARD_SCOPE, p);
        packet_put(p);
        return;
    }
    packet_data(p)[AT_HOP_LIMIT]--;
    p->mark = MARK_NONE;
    p->flags = 0;
    link_send(i->link, &i->link_upper6, way->next_hop, p, now);
}

/* RFC 4861 8.2: only a neighbour is told, of his destination itself or of a router, which hosts
 * know by its link-local address; at the rate of errors. At the other end of a wire of two ends
 * there is nobody else to go to. */
void forward6_redirect(struct ip_interface *in, const struct ip_meta *meta, const struct packet *p,
                       struct address next_hop, nanoseconds now)
{
    const struct route *r = route_find(in->ip, meta->source, (uint16_t)in->number);

    if (!r || !address_is_unspecified(r->gateway) || !link_mac(in->link) ||
        (!address_equal(next_hop, meta->dest) && !ip6_is_link_local(next_hop)))
        return;
    if (icmp_rate_allows(in->ip, meta->source, now))
        ndp_redirect_send(in, next_hop, p, now);
    else
        event_drop(&in->ip->means->voice, now, DROP_ICMP_RATE, NULL);
}

bool forward6_may_cut(const struct packet *p)
{
    (void)p;
    return false;
}

/* RFC 4443 3.4: as a destination of it would. */
static void refuse(struct ip *ip, const struct ip_meta *meta, struct packet *p,
                   const struct ip6_chain *c, enum ip6_chain_verdict verdict, nanoseconds now)
{
    if (verdict == IP6_CHAIN_PROBLEM)
        tell(ip, meta, p, ICMP6_PARAMETER, c->code, c->pointer, now);
    event_drop(&ip->means->voice, now,
               c->next == IP6_FRAGMENT ? DROP_IP_FRAGMENT : DROP_NAT_PROTOCOL, p);
    packet_put(p);
}

/* RFC 8200 4, 4.5. Without the rest nobody knows the ports of a fragment. */
struct packet *forward6_whole(struct ip *ip, struct ip_meta *meta, struct packet *p,
                              uint32_t *transport, nanoseconds now)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct ip6_chain c;
    struct ip6_header h;

    ensure(ip6_header_read(&r, &h)); /* as it was when it came */
    c = ip6_chain_of(h.next_header);
    meta->source = h.source;
    meta->dest = h.dest;
    for (;;) {
        enum ip6_chain_verdict verdict = IP6_CHAIN_DISCARD;
        bool good = ip6_chain_part(packet_data(p), packet_length(p), &c);

        if (good && likely(c.next != IP6_FRAGMENT))
            break;
        if (good) {
            verdict = fragment6_receive(ip, meta, &c, &p, now);
            ip_timer_rearm(ip);
        }
        if (verdict != IP6_CHAIN_GOOD) {
            refuse(ip, meta, p, &c, verdict, now);
            return NULL;
        }
        if (!p)
            return NULL;
    }
    meta->protocol = c.next;
    meta->hop_limit = h.hop_limit;
    meta->traffic_class = h.traffic_class;
    *transport = p->start + c.at;
    return p;
}

bool forward6_reaches(struct address a)
{
    return !ip6_is_link_local(a);
}

void forward6_turn_back(struct ip *ip, const struct ip_meta *meta, const struct packet *p,
                        enum ip_error_kind kind, nanoseconds now)
{
    if (kind == IP_ERROR_TIME_EXCEEDED)
        tell(ip, meta, p, ICMP6_TIME_EXCEEDED, ICMP6_CODE_HOP_LIMIT, 0, now);
    else if (kind == IP_ERROR_HOST_UNREACHABLE)
        tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_ADDRESS, 0, now);
    else if (kind == IP_ERROR_PORT_UNREACHABLE)
        tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_PORT, 0, now);
    else if (kind == IP_ERROR_PROHIBITED)
        tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_PROHIBITED, 0, now);
    else
        tell(ip, meta, p, ICMP6_UNREACHABLE, ICMP6_CODE_NO_ROUTE, 0, now);
}
