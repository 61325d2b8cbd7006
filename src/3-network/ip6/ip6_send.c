/* SPDX-License-Identifier: MIT */
/*
 * A datagram goes down (RFC 8200 3). Nothing is looked up: the path has the interface and the next
 * hop. What this host sends to a group that it is in comes back to it, as on Linux; layer 3's own
 * messages do not (IP_SEND_NO_LOOP).
 */
#include <errno.h>
#include <string.h>

#include "3-network/forward_translate.h"
#include "3-network/ip6/fragment6.h"
#include "3-network/ip6/ip6.h"
#include "base/bucket.h"

/* RFC 6437 2, 3: every packet of a flow has one label, which is a keyed hash of the five-tuple, so
 * that labels are spread evenly and nobody can foretell them; 0 is that of no flow. */
static uint32_t label_of(const struct ip *ip, uint8_t protocol, const struct ip_path *path,
                         const struct ip_send_facts *facts)
{
    const uint64_t words[] = {RANDOM_FLOW_LABEL, (uint64_t)protocol << 32 | facts->flow,
                              path->source.high, path->source.low,
                              path->dest.high,   path->dest.low};
    uint32_t label;

    if (unlikely(facts->how & IP_SEND_LABEL))
        return facts->flow;
    if (facts->flow == 0 || !ip->settings.auto_flowlabels)
        return 0;
    label = (uint32_t)bucket_of_words(ip->means->key, words, sizeof words / sizeof *words) &
            IP6_FLOW_LABEL_MOST;
    return label ? label : 1;
}

/* RFC 8200 3, 6 and 7; a hop limit that is never zero. */
static void header_of(const struct ip *ip, const struct ip_interface *i, uint8_t protocol,
                      const struct ip_path *path, const struct ip_send_facts *facts,
                      struct ip6_header *h)
{
    memset(h, 0, sizeof *h);
    h->source = path->source;
    h->dest = path->dest;
    h->traffic_class = facts->traffic_class;
    h->flow_label = label_of(ip, protocol, path, facts);
    h->next_header = protocol;
    h->hop_limit = facts->hop_limit ? facts->hop_limit
                   : i->hop_limit   ? i->hop_limit
                                    : (uint8_t)ip->settings.hop_limit;
}

/* The header in front of its payload, for a datagram that goes whole. */
static void put_header(struct ip6_header *h, struct packet *p)
{
    struct writer w;

    h->payload_length = (uint16_t)packet_length(p);
    w = writer_of(packet_push(p, IP6_HEADER_BYTES), IP6_HEADER_BYTES);
    ip6_header_write(&w, h);
    p->network = p->start;
}

/* A copy for the sockets of this host, whole, however it leaves. */
static void loop_back(struct ip *ip, const struct ip_path *path, struct ip6_header *h,
                      const struct packet *p, nanoseconds now)
{
    const struct ip_interface *lo = ip->interface[0];
    struct packet *copy;

    if (packet_length(p) + IP6_HEADER_BYTES > link_mtu(lo->link))
        return;
    copy = packet_copy(p);
    if (!copy) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    put_header(h, copy);
    link_send(lo->link, &lo->link_upper6, path->dest, copy, now);
}

static int refuse(struct ip *ip, struct packet *p, enum drop reason, int error, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
    return error;
}

/* RFC 8200 4.5 and 5: whole if it fits the path, in fragments if it may be, else an error. */
int ip6_send(struct ip *ip, uint8_t protocol, const struct ip_path *path,
             const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    uint32_t length = packet_length(p) + IP6_HEADER_BYTES;
    const struct ip_interface *i = ip->interface[path->interface];
    struct ip6_header h;

    p->network = 0;
    if (unlikely(!i->speaks_ip6))
        return refuse(ip, p, DROP_IP_NO_ROUTE, -ENETUNREACH, now);
    if (packet_length(p) > IP6_PAYLOAD_MOST || unlikely(length > path->mtu && facts->dont_fragment))
        return refuse(ip, p, DROP_IP_TOO_BIG, -EMSGSIZE, now);
    header_of(ip, i, protocol, path, facts, &h);
    if (unlikely(path->group) && !(facts->how & IP_SEND_NO_LOOP) && ip6_is_heard(i, path->dest))
        loop_back(ip, path, &h, p, now);
    put_header(&h, p);
    if (unlikely(ip->translate)) /* whole, before it is cut */
        forward_translate_sending(ip, path->interface, protocol, path->source, path->dest, p,
                                  IP6_HEADER_BYTES, now);
    if (unlikely(length > path->mtu)) {
        packet_take(p, IP6_HEADER_BYTES);
        return fragment6_send(ip, path, &h, p, now);
    }
    link_send(i->link, &i->link_upper6, path->next_hop, p, now);
    return 0;
}

/* Nothing is left to us (IPV6_HDRINCL): only that there is a header. */
int ip6_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface];

    if (!i->speaks_ip6)
        return refuse(ip, p, DROP_IP_NO_ROUTE, -ENETUNREACH, now);
    if (packet_length(p) > link_mtu(i->link))
        return refuse(ip, p, DROP_IP_TOO_BIG, -EMSGSIZE, now);
    if (packet_length(p) < IP6_HEADER_BYTES)
        return refuse(ip, p, DROP_IP_HEADER, -EINVAL, now);
    p->network = p->start;
    link_send(i->link, &i->link_upper6, path->next_hop, p, now);
    return 0;
}
