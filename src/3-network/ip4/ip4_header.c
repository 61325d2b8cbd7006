/* SPDX-License-Identifier: MIT */
/*
 * RFC 791 3.1: the header, and the options as far as a host needs them: to know that each is
 * well formed, and to refuse source routes, complete or not (RFC 7126 4.3 LSRR, 4.4 SSRR). What
 * options ask for (recording a route, timestamps) is a router's service and a host's MAY
 * (RFC 1122 3.2.1.8): nothing is recorded, and no option is ever copied into an answer, so that
 * nobody can make us send elsewhere.
 */
#include "3-network/ip4/ip4_header.h"

#include "base/checksum.h"

enum option_kind {
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_RECORD_ROUTE = 7,
    OPTION_TIMESTAMP = 68,
    OPTION_LOOSE_ROUTE = 131,
    OPTION_STRICT_ROUTE = 137
};

enum header_flags { FLAG_DONT_FRAGMENT = 0x4000, FLAG_MORE = 0x2000, OFFSET_MASK = 0x1fff };

/* RFC 791 3.1 in its order, but for what depends on the bytes behind the header. RFC 791 3.1, RFC
 * 1122 3.2.1.1 (version 4), 3.2.1.2 (the checksum). */
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

/* RFC 791 3.1, Record Route: the pointer is at least 4, and what is left of the route data holds
 * whole addresses. The same shape as a source route's. */
static bool route_is_bad(const uint8_t *option, uint8_t length, uint8_t *at)
{
    *at = 1;
    if (length < 3)
        return true;
    *at = 2;
    return option[2] < 4 || (option[2] <= length && option[2] + 3 > length);
}

/* RFC 791 3.1, Internet Timestamp. */
static bool timestamp_is_bad(const uint8_t *option, uint8_t length, uint8_t *at)
{
    uint8_t flag, room;

    *at = 1;
    if (length < 4)
        return true;
    flag = option[3] & 0xf;
    room = flag == 0 ? 4 : 8;
    *at = 2;
    if (option[2] < 5 || (option[2] <= length && option[2] + room - 1 > length))
        return true;
    *at = 3;
    return flag != 0 && flag != 1 && flag != 3;
}

/* RFC 791 3.1, RFC 1122 3.2.1.8: those that we know are checked, the others passed over. */
enum ip4_options_verdict ip4_options_check(const struct ip4_header *h, uint8_t *pointer)
{
    uint8_t end = (uint8_t)(h->header_bytes - IP4_HEADER_BYTES);
    enum ip4_options_verdict verdict = IP4_OPTIONS_GOOD;
    bool route_seen = false, timestamp_seen = false;

    for (uint8_t i = 0; i < end;) {
        const uint8_t *option = h->options + i;
        bool bad = false;
        uint8_t length, at = 0;

        if (option[0] == OPTION_END)
            break;
        if (option[0] == OPTION_NOTHING) {
            i++;
            continue;
        }
        length = i + 1 < end ? option[1] : 0;
        *pointer = (uint8_t)(IP4_HEADER_BYTES + i + (i + 1 < end));
        if (length < 2 || length > end - i)
            return IP4_OPTIONS_BAD;
        if (option[0] == OPTION_RECORD_ROUTE) {
            bad = route_seen || route_is_bad(option, length, &at);
            route_seen = true;
        } else if (option[0] == OPTION_TIMESTAMP) {
            bad = timestamp_seen || timestamp_is_bad(option, length, &at);
            timestamp_seen = true;
        } else if (option[0] == OPTION_LOOSE_ROUTE || option[0] == OPTION_STRICT_ROUTE) {
            bad = verdict == IP4_OPTIONS_SOURCE_ROUTE || route_is_bad(option, length, &at);
            verdict = IP4_OPTIONS_SOURCE_ROUTE;
        }
        if (bad) {
            *pointer = (uint8_t)(IP4_HEADER_BYTES + i + at);
            return IP4_OPTIONS_BAD;
        }
        i = (uint8_t)(i + length);
    }
    return verdict;
}
