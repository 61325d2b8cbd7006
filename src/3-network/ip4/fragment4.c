/* SPDX-License-Identifier: MIT */
/* RFC 791 3.2: fragments cut and made whole. Theory in fragment4.h. */
#include "3-network/ip4/fragment4.h"

#include <errno.h>
#include <string.h>

#include "base/checksum.h"
#include "base/integer.h"

enum { OPTION_END = 0, OPTION_NOTHING = 1, OPTION_COPIED = 0x80 };
enum { AT_LENGTH = 2, AT_FLAGS = 6, AT_CHECKSUM = 10, FLAG_MORE = 0x2000 };

/* RFC 791 3.2, the fragmentation procedure; RFC 1122 3.3.3. */
int fragment4_send(struct ip *ip, const struct ip_path *path, const struct ip4_header *h,
                   struct packet *p, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[path->interface];
    uint32_t most_bytes = (path->mtu - IP4_HEADER_BYTES) & ~7u;
    uint32_t length = packet_length(p);

    for (uint32_t from = 0; from < length; from += most_bytes) {
        uint32_t n = length - from < most_bytes ? length - from : most_bytes;
        struct ip4_header piece = *h;
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
        piece.fragment_offset = from;
        piece.more_fragments = from + n < length;
        piece.total_length = (uint16_t)(IP4_HEADER_BYTES + n);
        w = writer_of(packet_push(f, IP4_HEADER_BYTES), IP4_HEADER_BYTES);
        ip4_header_write(&w, &piece);
        f->network = f->start;
        link_send(i->link, &i->link_upper, path->next_hop, f, now);
    }
    packet_put(p);
    return 0;
}

/* RFC 791 3.1: the header of fragments behind the first has the options that say so. They have been
 * checked. @return its bytes */
static uint32_t later_header(const uint8_t *from, uint32_t bytes, uint8_t to[IP4_HEADER_MOST])
{
    uint32_t n = IP4_HEADER_BYTES, length;

    memcpy(to, from, IP4_HEADER_BYTES);
    for (uint32_t i = IP4_HEADER_BYTES; i < bytes && from[i] != OPTION_END; i += length) {
        length = from[i] == OPTION_NOTHING ? 1 : from[i + 1];
        ensure(length > 0 && length <= bytes - i);
        if (from[i] & OPTION_COPIED) {
            memcpy(to + n, from + i, length);
            n += length;
        }
    }
    while (n % 4)
        to[n++] = OPTION_END;
    to[0] = (uint8_t)(4 << 4 | n / 4);
    return n;
}

/* One fragment: its header, which is made right, and a part of the payload. false: no memory. */
static bool fragment_send(struct ip *ip, const struct ip_forward *way, const struct packet *like,
                          uint8_t *header, uint32_t header_bytes, const uint8_t *payload,
                          uint32_t length, nanoseconds now)
{
    const struct ip_interface *i = ip->interface[way->interface];
    uint32_t total = header_bytes + length;
    struct packet *f = packet_get(ip->means->packets, &ip->means->packet_budget, total);

    if (!f) {
        event_drop(&ip->means->voice, now, DROP_NO_MEMORY, NULL);
        return false;
    }
    u16_put(header + AT_LENGTH, (uint16_t)total);
    u16_put(header + AT_CHECKSUM, 0);
    u16_put(header + AT_CHECKSUM, checksum_finish(checksum_header(0, header, header_bytes)));
    memcpy(packet_append(f, header_bytes), header, header_bytes);
    memcpy(packet_append(f, length), payload, length);
    f->mark = like->mark;
    if (like->charge)
        packet_charge(f, like->charge);
    f->network = f->start;
    link_send(i->link, &i->link_upper, way->next_hop, f, now);
    return true;
}

/* RFC 791 3.2, RFC 1812 5.2.6: what comes may be a fragment already. Of the flags all but "more"
 * are copied, the reserved one too (RFC 1812 5.2.5). */
void fragment4_cut(struct ip *ip, const struct packet *p, const struct ip_forward *way,
                   uint32_t mtu, nanoseconds now)
{
    const uint8_t *whole = packet_data(p);
    uint32_t whole_header = (uint32_t)(whole[0] & 0xf) * 4, header_bytes = whole_header;
    uint32_t length = packet_length(p) - whole_header, n;
    uint16_t flags = u16_at(whole + AT_FLAGS);
    uint8_t header[IP4_HEADER_MOST];

    memcpy(header, whole, whole_header);
    for (uint32_t from = 0; from < length; from += n) {
        if (from > 0)
            header_bytes = later_header(whole, whole_header, header);
        n = (uint32_t)least(length - from, (mtu - header_bytes) & ~7u);
        u16_put(header + AT_FLAGS,
                (uint16_t)((flags + from / 8) | (from + n < length ? (uint32_t)FLAG_MORE : 0)));
        if (!fragment_send(ip, way, p, header, header_bytes, whole + whole_header + from, n, now))
            return;
    }
}

/* RFC 791 3.2: the header of the whole is the first fragment's, with its own length and no fragment
 * fields. */
static void whole_header(struct packet *p, const struct fragment_whole *whole)
{
    uint8_t *h = packet_data(p);

    h[1] = whole->traffic_class;
    u16_put(h + 2, (uint16_t)packet_length(p));
    u16_put(h + 6, 0);
    u16_put(h + 10, 0);
    u16_put(h + 10, checksum_finish(checksum_add(0, h, whole->header_bytes)));
}

struct packet *fragment4_receive(struct ip *ip, const struct ip_meta *meta,
                                 const struct ip4_header *h, struct packet *p, nanoseconds now)
{
    const struct fragment_piece piece = {
        .header = p->bytes + p->network,
        .header_bytes = h->header_bytes,
        .id = h->id,
        .offset = h->fragment_offset,
        .protocol = h->protocol,
        .traffic_class = h->traffic_class,
        .more = h->more_fragments,
    };
    struct fragment_whole whole;

    p = fragment_receive(ip, IP_FAMILY_4, meta, &piece, p, &whole, now);
    if (!p)
        return NULL;
    whole_header(p, &whole);
    return fragment_fit(ip, p);
}
