/* SPDX-License-Identifier: MIT */
/* RFC 8200 4.5: fragments cut and made whole. Theory in fragment6.h. */
#include "3-network/ip6/fragment6.h"

#include <errno.h>
#include <string.h>

enum { LENGTH_AT = 4, OFFSET_AT = 2, UDP_BYTES = 8, TCP_BYTES = 20, ICMP_BYTES = 8 };
enum { HEADER_SHARE = 2 }; /* the headers that each fragment repeats are half of it at most */

/* ---- sending ---- */

/* RFC 8200 4.5; there are no headers of ours to repeat in each. */
int fragment6_send(struct ip *ip, const struct ip_path *path, const struct ip6_header *h,
                   struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface];
    uint32_t most_bytes = (path->mtu - IP6_HEADER_BYTES - IP6_FRAGMENT_BYTES) & ~7u;
    uint32_t length = packet_length(p);
    struct ip6_fragment_header fragment = {
        .next_header = h->next_header,
        .id = (uint32_t)random_draw(ip->means->key, RANDOM_IP_ID, ip->id_count++)};
    struct ip6_header piece = *h;

    piece.next_header = IP6_FRAGMENT;
    for (uint32_t from = 0; from < length; from += most_bytes) {
        uint32_t n = length - from < most_bytes ? length - from : most_bytes;
        struct packet *f = packet_get(ip->means->packets, &ip->means->packet_budget, n);
        struct writer w;

        if (!f) {
            event_drop(&ip->means->voice, now, DROP_NO_MEMORY, p);
            packet_put(p);
            return -ENOBUFS;
        }
        memcpy(packet_append(f, n), packet_data(p) + from, n);
        f->mark = p->mark;
        if (p->charge)
            packet_charge(f, p->charge);
        fragment.offset = from;
        fragment.more = from + n < length;
        piece.payload_length = (uint16_t)(IP6_FRAGMENT_BYTES + n);
        w = writer_of(packet_push(f, IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES),
                      IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES);
        ip6_header_write(&w, &piece);
        ip6_header_fragment_write(&w, &fragment);
        f->network = f->start;
        link_send(i->link, &i->link_upper6, path->next_hop, f, now);
    }
    packet_put(p);
    return 0;
}

/* What each fragment repeats: through the Routing header, else through hop-by-hop options, else the
 * fixed header. @return its bytes; *next_at: where the header behind it is named */
static uint32_t repeated(const uint8_t *packet, uint32_t length, uint32_t *next_at)
{
    uint32_t end = IP6_HEADER_BYTES, at = IP6_HEADER_BYTES;
    uint8_t next = packet[IP6_NEXT_AT];

    *next_at = IP6_NEXT_AT;
    for (uint32_t i = 0; i < IP6_CHAIN_HEADERS && at + 8 <= length; i++) {
        uint32_t bytes = (packet[at + 1] + 1U) * 8;

        if ((next != IP6_HOP_BY_HOP && next != IP6_ROUTING && next != IP6_DESTINATION) ||
            bytes > length - at)
            break;
        if (next != IP6_DESTINATION) {
            end = at + bytes;
            *next_at = at;
        }
        next = packet[at];
        at += bytes;
    }
    return end;
}

/* The header of the whole becomes that of each. */
void fragment6_pass_on(struct ip *ip, const struct ip_forward *way, struct packet *p, uint32_t mtu,
                       nanoseconds now)
{
    const struct ip_interface *i = ip->interface[way->interface];
    uint8_t *whole = packet_data(p);
    uint32_t length = packet_length(p), next_at, header = repeated(whole, length, &next_at);
    uint32_t most_bytes = (mtu - header - IP6_FRAGMENT_BYTES) & ~7u;
    struct ip6_fragment_header fragment = {
        .next_header = whole[next_at],
        .id = (uint32_t)random_draw(ip->means->key, RANDOM_IP_ID, ip->id_count++)};

    if (header > mtu / HEADER_SHARE) { /* else few bytes would leave as many times as many */
        event_drop(&ip->means->voice, now, DROP_IP_TOO_BIG, p);
        packet_put(p);
        return;
    }
    whole[next_at] = IP6_FRAGMENT;
    for (uint32_t from = header; from < length; from += most_bytes) {
        uint32_t n = length - from < most_bytes ? length - from : most_bytes;
        struct packet *f = packet_get(ip->means->packets, &ip->means->packet_budget,
                                      header + IP6_FRAGMENT_BYTES + n);
        struct writer w;

        if (!f) {
            event_drop(&ip->means->voice, now, DROP_NO_MEMORY, p);
            break;
        }
        fragment.offset = from - header;
        fragment.more = from + n < length;
        u16_put(whole + LENGTH_AT, (uint16_t)(header - IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES + n));
        memcpy(packet_append(f, header), whole, header);
        w = writer_of(packet_append(f, IP6_FRAGMENT_BYTES), IP6_FRAGMENT_BYTES);
        ip6_header_fragment_write(&w, &fragment);
        memcpy(packet_append(f, n), whole + from, n);
        f->network = f->start;
        link_send(i->link, &i->link_upper6, way->next_hop, f, now);
    }
    packet_put(p);
}

/* ---- receiving ---- */

static enum ip6_chain_verdict problem(struct ip6_chain *c, uint8_t code, uint32_t pointer)
{
    c->code = code;
    c->pointer = pointer;
    return IP6_CHAIN_PROBLEM;
}

/* RFC 7112 3, 5: are all headers there, through the upper layer's own? Of a protocol that we do not
 * know nobody can say where its header ends, but it has begun. */
static bool has_whole_chain(const struct packet *p, struct ip6_chain c)
{
    static const struct {
        uint8_t protocol, bytes;
    } uppers[] = {{IP_PROTOCOL_TCP, TCP_BYTES},
                  {IP_PROTOCOL_UDP, UDP_BYTES},
                  {IP_PROTOCOL_ICMPV6, ICMP_BYTES}};
    uint32_t length = packet_length(p);

    if (!ip6_chain_skip(packet_data(p), length, &c))
        return false;
    for (size_t i = 0; i < sizeof uppers / sizeof *uppers; i++)
        if (uppers[i].protocol == c.next)
            return length - c.at >= uppers[i].bytes;
    return c.next == IP6_NOTHING || c.at < length;
}

/* RFC 8200 4.5: takes the Fragment header out, and the header in front names what was behind it.
 * p begins with the fixed header, which gets its length. */
static void take_header_out(struct packet *p, uint32_t at, uint32_t next_at, uint8_t next)
{
    uint8_t *from = packet_data(p);

    from[next_at] = next;
    memmove(from + IP6_FRAGMENT_BYTES, from, at);
    packet_take(p, IP6_FRAGMENT_BYTES);
    p->network = p->start;
    u16_put(packet_data(p) + LENGTH_AT, (uint16_t)(packet_length(p) - IP6_HEADER_BYTES));
}

/* The walk goes on where the Fragment header was. */
static void step(struct ip6_chain *c, uint32_t at, uint32_t next_at, uint8_t next)
{
    c->at = at;
    c->next_at = next_at;
    c->next = next;
    c->headers++;
}

static struct packet *reassemble(struct ip *ip, struct ip_meta *meta,
                                 const struct ip6_fragment_header *h, struct ip6_chain *c,
                                 struct packet *p, nanoseconds now)
{
    const struct fragment_piece piece = {
        .header = packet_data(p),
        .header_bytes = c->at + IP6_FRAGMENT_BYTES,
        .uncounted = IP6_HEADER_BYTES + IP6_FRAGMENT_BYTES,
        .id = h->id,
        .offset = h->offset,
        .next_at = (uint16_t)c->next_at,
        .next = h->next_header,
        .traffic_class = meta->traffic_class,
        .more = h->more,
    };
    struct fragment_whole whole;
    uint8_t *first;

    packet_take(p, piece.header_bytes);
    p = fragment_receive(ip, IP_FAMILY_6, meta, &piece, p, &whole, now);
    if (!p)
        return NULL;
    first = packet_data(p);
    meta->traffic_class = whole.traffic_class;
    meta->longest = whole.longest;
    meta->hop_limit = first[7];
    first[0] = (uint8_t)(first[0] & 0xf0) | whole.traffic_class >> 4;
    first[1] = (uint8_t)((first[1] & 0xf) | (whole.traffic_class & 0xf) << 4);
    step(c, whole.header_bytes - IP6_FRAGMENT_BYTES, whole.next_at, whole.next);
    take_header_out(p, c->at, c->next_at, c->next);
    return fragment_fit(ip, p);
}

/* RFC 8200 4.5, the conditions of error in its order. */
enum ip6_chain_verdict fragment6_receive(struct ip *ip, struct ip_meta *meta, struct ip6_chain *c,
                                         struct packet **packet, nanoseconds now)
{
    struct packet *p = *packet;
    struct reader r = reader_of(packet_data(p) + c->at, packet_length(p) - c->at);
    struct ip6_fragment_header h;
    uint32_t length;

    if (c->headers == IP6_CHAIN_HEADERS)
        return IP6_CHAIN_DISCARD;
    if (!ip6_header_fragment_read(&r, &h))
        return problem(c, IP6_PROBLEM_FIELD, c->next_at);
    meta->fragmented = true;
    length = (uint32_t)reader_left(&r);
    if (h.offset == 0 && !h.more) {
        step(c, c->at, c->next_at, h.next_header);
        take_header_out(p, c->at, c->next_at, c->next);
        return IP6_CHAIN_GOOD;
    }
    if (h.more && length % 8 != 0)
        return problem(c, IP6_PROBLEM_FIELD, LENGTH_AT);
    if (c->at - IP6_HEADER_BYTES + h.offset + length > IP6_PAYLOAD_MOST)
        return problem(c, IP6_PROBLEM_FIELD, c->at + OFFSET_AT);
    if (h.offset == 0 && !has_whole_chain(p, *c))
        return problem(c, IP6_PROBLEM_CHAIN, 0);
    *packet = reassemble(ip, meta, &h, c, p, now);
    return IP6_CHAIN_GOOD;
}
