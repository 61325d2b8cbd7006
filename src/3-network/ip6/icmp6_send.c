/* SPDX-License-Identifier: MIT */
/* Messages that layer 3 sends of its own: beside icmp6.c, which answers what came in, for those who
 * are called from there. */
#include "3-network/ip6/icmp6.h"

#include "3-network/ip6/ip6.h"
#include "base/checksum.h"

/* RFC 4443 2.3: into the message that p is. */
void icmp6_send_checksum(struct packet *p, struct address source, struct address dest)
{
    uint8_t *at = packet_data(p);
    uint64_t pseudo = checksum_pseudo(source, dest, IP_PROTOCOL_ICMPV6, packet_length(p));

    u16_put(at + 2, 0);
    u16_put(at + 2, checksum_finish(checksum_add(pseudo, at, packet_length(p))));
}

/* To a station that is named: the question is whether it has that address. */
static void send_station(const struct ip_interface *i, struct address source, struct address dest,
                         uint8_t hop_limit, const struct mac *station, struct packet *p,
                         nanoseconds now)
{
    const struct ip6_header h = {.source = source,
                                 .dest = dest,
                                 .payload_length = (uint16_t)packet_length(p),
                                 .next_header = IP_PROTOCOL_ICMPV6,
                                 .hop_limit = hop_limit};
    struct writer w = writer_of(packet_push(p, IP6_HEADER_BYTES), IP6_HEADER_BYTES);

    ip6_header_write(&w, &h);
    link_send_station(i->link, &i->link_upper6, station, p, now);
}

void icmp6_send(struct ip *ip, const struct ip_interface *i, struct address source,
                struct address dest, uint8_t hop_limit, const struct mac *station, struct packet *p,
                nanoseconds now)
{
    const struct ip_send_facts facts = {.hop_limit = hop_limit, .how = IP_SEND_NO_LOOP};
    const struct ip_path path = {.source = source,
                                 .dest = dest,
                                 .next_hop = dest,
                                 .mtu = ip_interface_mtu(ip, (uint16_t)i->number),
                                 .header_bytes = IP6_HEADER_BYTES,
                                 .interface = (uint16_t)i->number,
                                 .group = address_is_multicast(dest)};

    icmp6_send_checksum(p, source, dest);
    if (station)
        send_station(i, source, dest, hop_limit, station, p, now);
    else
        (void)ip6_send(ip, IP_PROTOCOL_ICMPV6, &path, &facts, p, now);
}
