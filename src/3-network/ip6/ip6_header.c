/* SPDX-License-Identifier: MIT */
/* RFC 8200 3 and 4.5: the headers, in the order of their fields. */
#include "3-network/ip6/ip6_header.h"

enum { FLAG_MORE = 1 };

static struct address address_at(const uint8_t *from)
{
    return (struct address){.high = (uint64_t)u32_at(from) << 32 | u32_at(from + 4),
                            .low = (uint64_t)u32_at(from + 8) << 32 | u32_at(from + 12)};
}

static void address_put(uint8_t *to, struct address a)
{
    u32_put(to, (uint32_t)(a.high >> 32));
    u32_put(to + 4, (uint32_t)a.high);
    u32_put(to + 8, (uint32_t)(a.low >> 32));
    u32_put(to + 12, (uint32_t)a.low);
}

bool ip6_header_read_quoted(struct reader *r, struct ip6_header *h)
{
    const uint8_t *from = read_bytes(r, IP6_HEADER_BYTES);
    uint32_t first;

    if (!from)
        return false;
    first = u32_at(from);
    h->traffic_class = (uint8_t)(first >> 20);
    h->flow_label = first & IP6_FLOW_LABEL_MOST;
    h->payload_length = u16_at(from + 4);
    h->next_header = from[6];
    h->hop_limit = from[7];
    h->source = address_at(from + 8);
    h->dest = address_at(from + 24);
    return first >> 28 == 6;
}

bool ip6_header_read(struct reader *r, struct ip6_header *h)
{
    return ip6_header_read_quoted(r, h) && h->payload_length <= reader_left(r);
}

/* RFC 8200 3. */
void ip6_header_write(struct writer *w, const struct ip6_header *h)
{
    uint8_t *to = write_room(w, IP6_HEADER_BYTES);

    if (!to)
        return;
    u32_put(to, UINT32_C(6) << 28 | (uint32_t)h->traffic_class << 20 |
                    (h->flow_label & IP6_FLOW_LABEL_MOST));
    u16_put(to + 4, h->payload_length);
    to[6] = h->next_header;
    to[7] = h->hop_limit;
    address_put(to + 8, h->source);
    address_put(to + 24, h->dest);
}

/* RFC 8200 4.5: what is reserved is ignored. */
bool ip6_header_fragment_read(struct reader *r, struct ip6_fragment_header *h)
{
    const uint8_t *from = read_bytes(r, IP6_FRAGMENT_BYTES);

    if (!from)
        return false;
    h->next_header = from[0];
    h->offset = u16_at(from + 2) & 0xfff8;
    h->more = (from[3] & FLAG_MORE) != 0;
    h->id = u32_at(from + 4);
    return true;
}

void ip6_header_fragment_write(struct writer *w, const struct ip6_fragment_header *h)
{
    write_u8(w, h->next_header);
    write_u8(w, 0);
    write_u16(w, (uint16_t)((h->offset & 0xfff8) | (h->more ? FLAG_MORE : 0)));
    write_u32(w, h->id);
}
