/* SPDX-License-Identifier: MIT */
/*
 * RFC 4861 4 in bytes. Reserved fields are written as zero and not looked at; an option that we do
 * not know, or that is longer or shorter than its kind, is passed over, but one of length 0 makes
 * the whole message invalid (4.6).
 */
#include "3-network/ip6/ndp_message.h"

#include "base/integer.h"

enum {
    FLAG_MANAGED = 0x80,
    FLAG_OTHER = 0x40,
    FLAG_ROUTER = 0x80,
    FLAG_SOLICITED = 0x40,
    FLAG_OVERRIDE = 0x20,
    FLAG_ON_LINK = 0x80,
    FLAG_AUTONOMOUS = 0x40,
    PREFERENCE_SHIFT = 3,
    PREFERENCE_RESERVED = 2,
    ADDRESS_BITS = 128,
    ADDRESS_BYTES = 16
};

static struct address read_address(struct reader *r)
{
    struct address a;

    a.high = read_u64(r);
    a.low = read_u64(r);
    return a;
}

static void write_address(struct writer *w, struct address a)
{
    write_u64(w, a.high);
    write_u64(w, a.low);
}

/* RFC 4191 2.1: a number of two bits with a sign; 10 is reserved, and read as 00. */
static int8_t preference_of(uint8_t flags)
{
    static const int8_t values[] = {NDP_PREFER_MEDIUM, NDP_PREFER_HIGH, NDP_PREFER_MEDIUM,
                                    NDP_PREFER_LOW};

    return values[flags >> PREFERENCE_SHIFT & 3];
}

static uint8_t preference_bits(int8_t preference)
{
    return (uint8_t)(((uint32_t)preference & 3) << PREFERENCE_SHIFT);
}

/* RFC 4861 4.6, 6.1 and 7.1: each length is more than zero, and within the message. */
static bool options_are_sound(struct reader r, struct ndp_header *h)
{
    while (reader_left(&r) > 0) {
        uint8_t type = read_u8(&r), units = read_u8(&r);

        if (r.failed || units == 0)
            return false;
        read_skip(&r, (size_t)units * NDP_OPTION_UNIT - 2);
        h->names_source = h->names_source || type == NDP_OPTION_SOURCE_MAC;
    }
    return !r.failed;
}

static void router_read(struct reader *r, struct ndp_header *h)
{
    uint8_t flags;

    h->hop_limit = read_u8(r);
    flags = read_u8(r);
    h->managed = flags & FLAG_MANAGED;
    h->other = flags & FLAG_OTHER;
    h->preference = preference_of(flags);
    h->lifetime_s = read_u16(r);
    h->reachable_ms = read_u32(r);
    h->retransmit_ms = read_u32(r);
}

static bool body_read(struct reader *r, struct ndp_header *h)
{
    uint32_t flags;

    if (h->type == NDP_ROUTER_ADVERTISEMENT) {
        router_read(r, h);
        return true;
    }
    flags = read_u32(r) >> 24;
    if (h->type == NDP_ROUTER_SOLICITATION)
        return true;
    h->target = read_address(r);
    if (h->type == NDP_NEIGHBOR_ADVERTISEMENT) {
        h->router = flags & FLAG_ROUTER;
        h->solicited = flags & FLAG_SOLICITED;
        h->override = flags & FLAG_OVERRIDE;
    } else if (h->type == NDP_REDIRECT) {
        h->dest = read_address(r);
    }
    return h->type >= NDP_NEIGHBOR_SOLICITATION && h->type <= NDP_REDIRECT;
}

bool ndp_message_read(struct reader *r, struct ndp_header *h)
{
    uint8_t code;

    memset(h, 0, sizeof *h);
    h->type = read_u8(r);
    code = read_u8(r);
    read_skip(r, 2); /* the checksum, which icmp6.c has looked at */
    return body_read(r, h) && !r->failed && code == 0 && options_are_sound(*r, h);
}

/* RFC 4861 4.6.2 */
static bool prefix_read(struct reader *r, struct ndp_option *o)
{
    uint8_t flags;

    o->prefix_length = read_u8(r);
    flags = read_u8(r);
    o->on_link = flags & FLAG_ON_LINK;
    o->autonomous = flags & FLAG_AUTONOMOUS;
    o->lifetime_s = read_u32(r);
    o->preferred_s = read_u32(r);
    read_skip(r, 4);
    o->prefix = read_address(r);
    if (r->failed || reader_left(r) > 0 || o->prefix_length > ADDRESS_BITS)
        return false;
    o->prefix = address_masked(o->prefix, o->prefix_length);
    return true;
}

/* RFC 4191 2.3: of the prefix there is as much as its length needs, or more. */
static bool route_read(struct reader *r, struct ndp_option *o)
{
    uint8_t bytes[ADDRESS_BYTES] = {0}, flags;
    struct reader prefix = reader_of(bytes, sizeof bytes);
    size_t there;

    o->prefix_length = read_u8(r);
    flags = read_u8(r);
    o->preference = preference_of(flags);
    o->reserved_preference = (flags >> PREFERENCE_SHIFT & 3) == PREFERENCE_RESERVED;
    o->lifetime_s = read_u32(r);
    there = reader_left(r);
    if (r->failed || o->prefix_length > ADDRESS_BITS || there > ADDRESS_BYTES ||
        (there < ADDRESS_BYTES && (size_t)o->prefix_length > there * 8))
        return false;
    read_copy(r, bytes, there);
    o->prefix = address_masked(read_address(&prefix), o->prefix_length);
    return true;
}

/* RFC 8106 5.1, 5.2: a reserved word, a lifetime, and the rest. */
static bool names_read(struct reader *r, struct ndp_option *o)
{
    read_skip(r, 2);
    o->lifetime_s = read_u32(r);
    o->length = (uint32_t)reader_left(r);
    o->bytes = read_bytes(r, o->length);
    if (r->failed || o->length == 0)
        return false;
    return o->type == NDP_OPTION_SEARCH || o->length % ADDRESS_BYTES == 0;
}

/* The body of an option, which is all that r holds. */
static bool option_body_read(struct reader *r, struct ndp_option *o)
{
    switch (o->type) {
    case NDP_OPTION_SOURCE_MAC:
    case NDP_OPTION_TARGET_MAC: /* RFC 2464 6 */
        read_copy(r, o->mac.bytes, MAC_BYTES);
        return !r->failed && reader_left(r) == 0;
    case NDP_OPTION_PREFIX:
        return prefix_read(r, o);
    case NDP_OPTION_MTU:
        read_skip(r, 2);
        o->mtu = read_u32(r);
        return !r->failed && reader_left(r) == 0;
    case NDP_OPTION_NONCE:
        o->length = (uint32_t)reader_left(r);
        o->bytes = read_bytes(r, o->length);
        return true;
    case NDP_OPTION_ROUTE:
        return route_read(r, o);
    case NDP_OPTION_SERVERS:
    case NDP_OPTION_SEARCH:
        return names_read(r, o);
    case NDP_OPTION_REDIRECTED: /* nothing that we do depends on it */
        break;
    }
    return false;
}

static bool is_known(uint8_t type)
{
    return (type >= NDP_OPTION_SOURCE_MAC && type <= NDP_OPTION_MTU) || type == NDP_OPTION_NONCE ||
           type == NDP_OPTION_ROUTE || type == NDP_OPTION_SERVERS || type == NDP_OPTION_SEARCH;
}

bool ndp_message_option_read(struct reader *r, struct ndp_option *o)
{
    while (reader_left(r) > 0) {
        uint8_t type = read_u8(r), units = read_u8(r);
        size_t length = (size_t)units * NDP_OPTION_UNIT - 2;
        struct reader body;

        if (r->failed || units == 0 || reader_left(r) < length)
            return false;
        body = reader_of(r->at, length);
        read_skip(r, length);
        if (!is_known(type))
            continue;
        memset(o, 0, sizeof *o);
        o->type = (enum ndp_option_type)type;
        if (option_body_read(&body, o))
            return true;
    }
    return false;
}

static void router_write(struct writer *w, const struct ndp_header *h)
{
    uint32_t flags = (h->managed ? FLAG_MANAGED : 0U) | (h->other ? FLAG_OTHER : 0U);

    write_u8(w, h->hop_limit);
    write_u8(w, (uint8_t)(flags | preference_bits(h->preference)));
    write_u16(w, h->lifetime_s);
    write_u32(w, h->reachable_ms);
    write_u32(w, h->retransmit_ms);
}

void ndp_message_write(struct writer *w, const struct ndp_header *h)
{
    uint32_t flags = (h->router ? FLAG_ROUTER : 0U) | (h->solicited ? FLAG_SOLICITED : 0U) |
                     (h->override ? FLAG_OVERRIDE : 0U);

    write_u8(w, h->type);
    write_u8(w, 0);
    write_u16(w, 0);
    if (h->type == NDP_ROUTER_ADVERTISEMENT) {
        router_write(w, h);
        return;
    }
    write_u32(w, h->type == NDP_NEIGHBOR_ADVERTISEMENT ? flags << 24 : 0);
    if (h->type == NDP_ROUTER_SOLICITATION)
        return;
    write_address(w, h->target);
    if (h->type == NDP_REDIRECT)
        write_address(w, h->dest);
}

static void prefix_write(struct writer *w, const struct ndp_option *o)
{
    uint32_t flags = (o->on_link ? FLAG_ON_LINK : 0U) | (o->autonomous ? FLAG_AUTONOMOUS : 0U);

    write_u8(w, o->prefix_length);
    write_u8(w, (uint8_t)flags);
    write_u32(w, o->lifetime_s);
    write_u32(w, o->preferred_s);
    write_u32(w, 0);
    write_address(w, o->prefix);
}

static void names_write(struct writer *w, const struct ndp_option *o)
{
    static const uint8_t padding[NDP_OPTION_UNIT];

    write_u16(w, 0);
    write_u32(w, o->lifetime_s);
    write_copy(w, o->bytes, o->length);
    write_copy(w, padding, -o->length % NDP_OPTION_UNIT);
}

/* How long it is, of units. */
static uint8_t option_units(const struct ndp_option *o)
{
    switch (o->type) {
    case NDP_OPTION_PREFIX:
        return NDP_PREFIX_OPTION_BYTES / NDP_OPTION_UNIT;
    case NDP_OPTION_ROUTE:
        return 3;
    case NDP_OPTION_NONCE:
        return (uint8_t)((2 + o->length + NDP_OPTION_UNIT - 1) / NDP_OPTION_UNIT);
    case NDP_OPTION_SERVERS:
    case NDP_OPTION_SEARCH:
    case NDP_OPTION_REDIRECTED:
        return (uint8_t)(1 + (o->length + NDP_OPTION_UNIT - 1) / NDP_OPTION_UNIT);
    case NDP_OPTION_SOURCE_MAC:
    case NDP_OPTION_TARGET_MAC:
    case NDP_OPTION_MTU:
        break;
    }
    return 1;
}

void ndp_message_option_write(struct writer *w, const struct ndp_option *o)
{
    write_u8(w, (uint8_t)o->type);
    write_u8(w, option_units(o));
    switch (o->type) {
    case NDP_OPTION_SOURCE_MAC:
    case NDP_OPTION_TARGET_MAC:
        write_copy(w, o->mac.bytes, MAC_BYTES);
        break;
    case NDP_OPTION_PREFIX:
        prefix_write(w, o);
        break;
    case NDP_OPTION_MTU:
        write_u16(w, 0);
        write_u32(w, o->mtu);
        break;
    case NDP_OPTION_NONCE:
        write_copy(w, o->bytes, o->length);
        break;
    case NDP_OPTION_ROUTE:
        write_u8(w, o->prefix_length);
        write_u8(w, preference_bits(o->preference));
        write_u32(w, o->lifetime_s);
        write_address(w, o->prefix);
        break;
    case NDP_OPTION_SERVERS:
    case NDP_OPTION_SEARCH:
        names_write(w, o);
        break;
    case NDP_OPTION_REDIRECTED: /* 6 reserved bytes, then what is quoted: in whole units */
        write_u16(w, 0);
        write_u32(w, 0);
        write_copy(w, o->bytes, o->length);
        break;
    }
}
