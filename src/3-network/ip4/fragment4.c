/* SPDX-License-Identifier: MIT */
/* RFC 791 3.2: fragments cut and made whole. Theory in fragment4.h. */
#include "3-network/ip4/fragment4.h"

#include <errno.h>
#include <string.h>

#include "base/checksum.h"

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
