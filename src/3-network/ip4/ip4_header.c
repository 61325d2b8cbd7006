/* SPDX-License-Identifier: MIT */
/* RFC 791 3.1: the header, in the order of its fields. */
#include "3-network/ip4/ip4_header.h"

#include "base/checksum.h"

enum header_flags { FLAG_DONT_FRAGMENT = 0x4000, FLAG_MORE = 0x2000, OFFSET_MASK = 0x1fff };

/* All but what depends on the bytes behind the header; RFC 1122 3.2.1.1 (version 4), 3.2.1.2 (the
 * checksum). */
static bool fields_read(struct reader *r, struct ip4_header *h)
{
    const uint8_t *from = read_bytes(r, IP4_HEADER_BYTES);
    uint32_t options;
    uint16_t flags;

    if (!from)
        return false;
    h->header_bytes = (uint8_t)((from[0] & 0xf) * 4);
    h->traffic_class = from[1];
    h->total_length = u16_at(from + 2);
    h->id = u16_at(from + 4);
    flags = u16_at(from + 6);
    h->dont_fragment = (flags & FLAG_DONT_FRAGMENT) != 0;
    h->more_fragments = (flags & FLAG_MORE) != 0;
    h->fragment_offset = (uint32_t)(flags & OFFSET_MASK) * 8;
    h->ttl = from[8];
    h->protocol = from[9];
    h->source = u32_at(from + 12);
    h->dest = u32_at(from + 16);
    h->options = r->at;
    h->checksum_right = false;
    if (from[0] >> 4 != 4 || h->header_bytes < IP4_HEADER_BYTES)
        return false;
    options = h->header_bytes - (uint32_t)IP4_HEADER_BYTES;
    read_skip(r, options);
    if (r->failed || h->total_length < h->header_bytes)
        return false;
    h->checksum_right = checksum_finish(checksum_header(0, from, h->header_bytes)) == 0;
    return true;
}

bool ip4_header_read(struct reader *r, struct ip4_header *h)
{
    size_t available = reader_left(r);

    return fields_read(r, h) && h->total_length <= available;
}

bool ip4_header_read_quoted(struct reader *r, struct ip4_header *h)
{
    return fields_read(r, h);
}

/* RFC 791 3.1; without options. */
void ip4_header_write(struct writer *w, const struct ip4_header *h)
{
    uint8_t *to = write_room(w, IP4_HEADER_BYTES);
    uint16_t flags = (uint16_t)(h->fragment_offset / 8);

    if (!to)
        return;
    if (h->dont_fragment)
        flags |= FLAG_DONT_FRAGMENT;
    if (h->more_fragments)
        flags |= FLAG_MORE;
    to[0] = 4 << 4 | IP4_HEADER_BYTES / 4;
    to[1] = h->traffic_class;
    u16_put(to + 2, h->total_length);
    u16_put(to + 4, h->id);
    u16_put(to + 6, flags);
    to[8] = h->ttl;
    to[9] = h->protocol;
    u16_put(to + 10, 0);
    u32_put(to + 12, h->source);
    u32_put(to + 16, h->dest);
    u16_put(to + 10, checksum_finish(checksum_header(0, to, IP4_HEADER_BYTES)));
}
