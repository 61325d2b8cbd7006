/* SPDX-License-Identifier: MIT */
/*
 * A datagram goes down (RFC 791 3.2; RFC 1122 3.2.1, 3.3). Nothing is looked up: the path has
 * the interface and the next hop. A datagram that fits and carries DF is atomic, its
 * identification is 0 (RFC 6864 4.1); else it is a number that nobody else can predict
 * (RFC 7739 3). Broadcasts come back to this host as well, as they do on Linux.
 */
#include <errno.h>
#include <string.h>

#include "3-network/forward_translate.h"
#include "3-network/ip4/fragment4.h"
#include "3-network/ip4/ip4.h"
#include "3-network/ip4/ip4_options.h"
#include "3-network/ip_family.h"
#include "3-network/multicast.h"
#include "base/checksum.h"

enum ip4_at { IP4_AT_LENGTH = 2, IP4_AT_ID = 4, IP4_AT_CHECKSUM = 10, IP4_AT_SOURCE = 12 };

/* RFC 1122 3.2.1.5 (identification: RFC 6864 4.1 and 4.2), 3.2.1.6 (TOS), 3.2.1.7 (a TTL that is
 * never zero). */
static void header_of(struct ip *ip, uint8_t protocol, const struct ip_path *path,
                      const struct ip_send_facts *facts, bool dont_fragment, struct ip4_header *h)
{
    memset(h, 0, sizeof *h);
    h->source = address_to_ip4(path->source);
    h->dest = address_to_ip4(path->dest);
    h->traffic_class = facts->traffic_class;
    h->ttl = facts->hop_limit ? facts->hop_limit : (uint8_t)ip->settings.default_ttl;
    h->protocol = protocol;
    h->dont_fragment = dont_fragment;
    if (!dont_fragment)
        h->id = (uint16_t)random_draw(ip->means->key, RANDOM_IP_ID, ip->id_count++);
}

/* The header in front of its payload, for a datagram that goes whole. */
static void put_header(struct ip4_header *h, struct packet *p)
{
    struct writer w;

    h->total_length = (uint16_t)(packet_length(p) + IP4_HEADER_BYTES);
    w = writer_of(packet_push(p, IP4_HEADER_BYTES), IP4_HEADER_BYTES);
    ip4_header_write(&w, h);
    p->network = p->start;
}

/* A copy for the sockets of this host (RFC 1122 3.3.6), whole, however it leaves. */
static void loop_back(struct ip *ip, const struct ip_path *path, struct ip4_header *h,
                      const struct packet *p, nanoseconds now)
{
    const struct ip_interface *lo = ip->interface[0];
    struct packet *copy;

    if (packet_length(p) + IP4_HEADER_BYTES > link_mtu(lo->link))
        return;
    copy = packet_copy(p);
    if (!copy) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return;
    }
    put_header(h, copy);
    link_send(lo->link, &lo->link_upper, path->dest, copy, now);
}

static int refuse(struct ip *ip, struct packet *p, enum drop reason, int error, nanoseconds now)
{
    event_drop(&ip->means->voice, now, reason, p);
    packet_put(p);
    return error;
}

static bool comes_back(const struct ip *ip, const struct ip_path *path,
                       const struct ip_send_facts *facts)
{
    return path->broadcast ||
           (path->group && !(facts->how & IP_SEND_NO_LOOP) &&
            multicast_is_heard(ip->interface[path->interface], IP_FAMILY_4, path->dest));
}

/* The header in front of p, which begins with its options: in them is recorded what they ask for of
 * who sends (RFC 791 3.1, RFC 1122 3.2.1.8). */
static void put_header_with_options(struct ip *ip, const struct ip_path *path, struct ip4_header *h,
                                    struct packet *p, nanoseconds now)
{
    uint32_t bytes = IP4_HEADER_BYTES + path->options_bytes;
    uint8_t *at, pointer;
    struct ip4_options_record record = {.address = h->source, .time = ip4_options_time(now)};

    put_header(h, p);
    at = packet_data(p);
    at[0] = (uint8_t)(4 << 4 | bytes / 4);
    record.asked = ip_is_own(ip, address_from_ip4(ip4_options_asked(at, bytes)));
    (void)ip4_options_fill(at, bytes, &record, &pointer); /* no room for a time: it goes without */
    u16_put(at + IP4_AT_CHECKSUM, 0);
    u16_put(at + IP4_AT_CHECKSUM, checksum_finish(checksum_header(0, at, bytes)));
}

/* As below, with options. */
static int send_with_options(struct ip *ip, const struct ip_path *path,
                             const struct ip_send_facts *facts, struct ip4_header *h,
                             struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface], *lo = ip->interface[0];
    const struct ip_forward way = {.interface = path->interface, .next_hop = path->next_hop};
    struct packet *copy;

    put_header_with_options(ip, path, h, p, now);
    if (comes_back(ip, path, facts) && packet_length(p) <= link_mtu(lo->link)) {
        copy = packet_copy(p);
        if (copy)
            link_send(lo->link, &lo->link_upper, path->dest, copy, now);
    }
    if (unlikely(ip->translate))
        forward_translate_sending(ip, path->interface, h->protocol, path->source, path->dest, p,
                                  IP4_HEADER_BYTES + path->options_bytes, now);
    if (packet_length(p) <= path->mtu) {
        link_send(i->link, &i->link_upper, path->next_hop, p, now);
        return 0;
    }
    fragment4_cut(ip, p, &way, path->mtu, now);
    packet_put(p);
    return 0;
}

/* RFC 791 3.2, RFC 1122 3.3.3: whole if it fits the path, in fragments if it may be, else an error.
 */
int ip4_send(struct ip *ip, uint8_t protocol, const struct ip_path *path,
             const struct ip_send_facts *facts, struct packet *p, nanoseconds now)
{
    uint32_t length = packet_length(p) + IP4_HEADER_BYTES;
    const struct ip_interface *i = ip->interface[path->interface];
    struct ip4_header h;

    p->network = 0;
    if (length > IP4_PACKET_MOST)
        return refuse(ip, p, DROP_IP_TOO_BIG, -EMSGSIZE, now);
    header_of(ip, protocol, path, facts, facts->dont_fragment && !path->below_least, &h);
    if (unlikely(length > path->mtu && h.dont_fragment))
        return refuse(ip, p, DROP_IP_TOO_BIG, -EMSGSIZE, now);
    if (unlikely(path->special)) {
        if (path->options_bytes)
            return send_with_options(ip, path, facts, &h, p, now);
        if (comes_back(ip, path, facts))
            loop_back(ip, path, &h, p, now);
    }
    put_header(&h, p);
    if (unlikely(ip->translate)) /* whole, before it is cut */
        forward_translate_sending(ip, path->interface, protocol, path->source, path->dest, p,
                                  IP4_HEADER_BYTES, now);
    if (unlikely(length > path->mtu)) {
        packet_take(p, IP4_HEADER_BYTES);
        return fragment4_send(ip, path, &h, p, now);
    }
    link_send(i->link, &i->link_upper, path->next_hop, p, now);
    return 0;
}

/* What raw(7) says that we fill in: the checksum and the total length always, source and
 * identification where they are 0. A header whose own length is less than the least goes as it
 * is. */
static void fill_in(struct ip *ip, const struct ip_path *path, uint8_t *header, uint32_t bytes,
                    uint32_t length)
{
    struct reader source = reader_of(header + IP4_AT_SOURCE, 4);
    struct reader id = reader_of(header + IP4_AT_ID, 2);
    struct writer w = writer_of(header + IP4_AT_LENGTH, 4);

    write_u16(&w, (uint16_t)length);
    if (read_u16(&id) == 0)
        write_u16(&w, (uint16_t)random_draw(ip->means->key, RANDOM_IP_ID, ip->id_count++));
    w = writer_of(header + IP4_AT_SOURCE, 4);
    if (read_u32(&source) == 0)
        write_u32(&w, address_to_ip4(path->source));
    memset(header + IP4_AT_CHECKSUM, 0, 2);
    w = writer_of(header + IP4_AT_CHECKSUM, 2);
    write_u16(&w, checksum_finish(checksum_add(0, header, bytes)));
}

int ip4_send_whole(struct ip *ip, const struct ip_path *path, struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface], *lo = ip->interface[0];
    uint32_t length = packet_length(p), bytes = length ? (packet_data(p)[0] & 15u) * 4u : 0;
    struct packet *copy;

    if (length > link_mtu(i->link))
        return refuse(ip, p, DROP_IP_TOO_BIG, -EMSGSIZE, now);
    if (length < IP4_HEADER_BYTES || bytes > length)
        return refuse(ip, p, DROP_IP_HEADER, -EINVAL, now);
    if (bytes >= IP4_HEADER_BYTES)
        fill_in(ip, path, packet_data(p), bytes, length);
    p->network = p->start;
    if (unlikely(path->broadcast ||
                 (path->group && multicast_is_heard(i, IP_FAMILY_4, path->dest)))) {
        copy = packet_copy(p);
        if (copy)
            link_send(lo->link, &lo->link_upper, path->dest, copy, now);
    }
    link_send(i->link, &i->link_upper, path->next_hop, p, now);
    return 0;
}
