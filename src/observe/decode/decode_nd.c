/* SPDX-License-Identifier: MIT */
/*
 * Neighbor Discovery (RFC 4861 4): solicitations and advertisements of routers and neighbours, and
 * redirects, with their options: addresses of layer 2, prefixes, MTU and the redirected packet (RFC
 * 4861 4.6), routes (RFC 4191 2.3), servers of names (RFC 8106 5.1), nonces (RFC 7527 4.2). An
 * option of length 0, and one that is cut off, breaks the message; unknown ones are passed over.
 */
#include "observe/decode/decode_parts.h"

#include <string.h>

enum {
    ROUTER_SOLICITATION = 133,
    ROUTER_ADVERTISEMENT,
    NEIGHBOR_SOLICITATION,
    NEIGHBOR_ADVERTISEMENT,
    REDIRECT,
    OPTION_SOURCE_MAC = 1,
    OPTION_TARGET_MAC = 2,
    OPTION_PREFIX = 3,
    OPTION_REDIRECTED = 4,
    OPTION_MTU = 5,
    OPTION_NONCE = 14,
    OPTION_ROUTE = 24,
    OPTION_SERVERS = 25
};

static void read_mac(const uint8_t *b, bool *has, uint8_t mac[6])
{
    *has = true;
    memcpy(mac, b + 2, 6);
}

static void read_prefix(struct decode_nd *nd, struct decode_view v)
{
    struct decode_nd_prefix *prefix = &nd->prefix[nd->prefixes];

    if (v.length < 32 || nd->prefixes == DECODE_PREFIXES)
        return;
    prefix->length = v.bytes[2];
    prefix->flags = v.bytes[3];
    prefix->valid = u32_at(v.bytes + 4);
    prefix->preferred = u32_at(v.bytes + 8);
    prefix->prefix = decode_ip6_address(v.bytes + 16);
    nd->prefixes++;
}

/* The prefix is as long as it must be: 0, 8 or 16 bytes. */
static void read_route(struct decode_nd *nd, struct decode_view v)
{
    struct decode_nd_prefix *route = &nd->route[nd->routes];
    uint8_t prefix[16] = {0};

    if (nd->routes == DECODE_PREFIXES)
        return;
    memcpy(prefix, v.bytes + 8, v.length - 8 < 16 ? v.length - 8 : 16);
    route->length = v.bytes[2];
    route->flags = v.bytes[3];
    route->valid = u32_at(v.bytes + 4);
    route->prefix = decode_ip6_address(prefix);
    nd->routes++;
}

static void read_servers(struct decode_nd *nd, struct decode_view v)
{
    nd->server_lifetime = u32_at(v.bytes + 4);
    for (size_t at = 8; at + 16 <= v.length && nd->servers < DECODE_PREFIXES; at += 16)
        nd->server[nd->servers++] = decode_ip6_address(v.bytes + at);
}

/* v is one option, of at least 8 bytes. */
static void read_option(struct decode_nd *nd, struct decode_view v)
{
    switch (v.bytes[0]) {
    case OPTION_SOURCE_MAC:
        read_mac(v.bytes, &nd->has_source_mac, nd->source_mac);
        break;
    case OPTION_TARGET_MAC:
        read_mac(v.bytes, &nd->has_target_mac, nd->target_mac);
        break;
    case OPTION_PREFIX:
        read_prefix(nd, v);
        break;
    case OPTION_REDIRECTED:
        nd->has_redirected = true;
        break;
    case OPTION_MTU:
        nd->has_mtu = true;
        nd->mtu = u32_at(v.bytes + 4);
        break;
    case OPTION_NONCE:
        nd->has_nonce = true;
        break;
    case OPTION_ROUTE:
        read_route(nd, v);
        break;
    case OPTION_SERVERS:
        read_servers(nd, v);
        break;
    default:
        break;
    }
}

static void read_options(struct decode *d, struct decode_view v)
{
    while (v.length > 0) {
        size_t length = v.length >= 2 ? v.bytes[1] * 8U : 0;

        if (length == 0 || length > v.length) {
            decode_break(d, "ND: option length wrong");
            return;
        }
        read_option(&d->nd, (struct decode_view){v.bytes, length});
        v = decode_after(v, length);
    }
}

/* What stands before the options: behind the first eight bytes. */
static size_t fixed_length(uint8_t type)
{
    return type == ROUTER_SOLICITATION    ? 0
           : type == ROUTER_ADVERTISEMENT ? 8
           : type == REDIRECT             ? 32
                                          : 16;
}

void decode_nd_read(struct decode *d)
{
    struct decode_view v = decode_payload(d);
    struct decode_nd *nd = &d->nd;
    uint8_t type = d->icmp.type;
    size_t fixed = fixed_length(type);

    if (v.length < fixed) {
        decode_break(d, "ND: cut off");
        return;
    }
    d->has_nd = true;
    if (type == ROUTER_ADVERTISEMENT) {
        nd->hop_limit = (uint8_t)(d->icmp.id >> 8);
        nd->flags = (uint8_t)d->icmp.id;
        nd->router_lifetime = d->icmp.sequence;
        nd->reachable_ms = u32_at(v.bytes);
        nd->retransmit_ms = u32_at(v.bytes + 4);
    } else if (type == NEIGHBOR_ADVERTISEMENT) {
        nd->flags = (uint8_t)(d->icmp.id >> 8);
    }
    if (fixed >= 16)
        nd->target = decode_ip6_address(v.bytes);
    if (fixed == 32)
        nd->dest = decode_ip6_address(v.bytes + 16);
    if (d->ip.ttl != 255)
        decode_break(d, "ND: hop limit is not 255"); /* RFC 4861 6.1, 7.1: a router passed it on */
    read_options(d, decode_after(v, fixed));
    decode_payload_put(d, decode_after(v, v.length));
}
