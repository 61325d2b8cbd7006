/* SPDX-License-Identifier: MIT */
/* RFC 8200 4: extension headers in the order in which they stand. Theory in ip6_chain.h. */
#include "3-network/ip6/ip6_chain.h"

enum option_kind { OPTION_PAD1 = 0, OPTION_PADN = 1 };

enum option_action { ACTION_SKIP, ACTION_DISCARD, ACTION_TELL_ALWAYS, ACTION_TELL };

static enum ip6_chain_verdict problem(struct ip6_chain *c, uint8_t code, uint32_t pointer)
{
    c->code = code;
    c->pointer = pointer;
    return IP6_CHAIN_PROBLEM;
}

/* RFC 8200 4.2: what its type says is to be done with an option that nobody here knows. */
static enum ip6_chain_verdict option_unknown(struct ip6_chain *c, const uint8_t *packet,
                                             uint32_t at)
{
    switch ((enum option_action)(packet[at] >> 6)) {
    case ACTION_SKIP:
        return IP6_CHAIN_GOOD;
    case ACTION_DISCARD:
        return IP6_CHAIN_DISCARD;
    case ACTION_TELL_ALWAYS:
        c->always = 1;
        break;
    case ACTION_TELL:
        break;
    }
    return problem(c, IP6_PROBLEM_OPTION, at);
}

/* RFC 8200 4.2: padding holds zeros, which Linux asks for too, and is no room for messages. */
static bool is_padding(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i])
            return false;
    return true;
}

/* RFC 8200 4.2: the options from `at` to `end`, strictly in order. Of those that are defined a host
 * here acts on none: Router Alert is for routers, and jumbograms are refused as the first bits of
 * their type demand. */
static enum ip6_chain_verdict options_walk(struct ip6_chain *c, const uint8_t *packet, uint32_t at,
                                           uint32_t end)
{
    uint32_t options = 0, padding = 0;

    while (at < end) {
        uint32_t bytes = 1;
        enum ip6_chain_verdict verdict;

        if (packet[at] != OPTION_PAD1) {
            if (at + 1 >= end || packet[at + 1] > end - at - 2)
                return problem(c, IP6_PROBLEM_FIELD, at + (at + 1 < end));
            bytes = 2 + (uint32_t)packet[at + 1];
        }
        if (packet[at] == OPTION_PAD1 || packet[at] == OPTION_PADN) {
            padding += bytes;
            if (padding > IP6_CHAIN_PADDING ||
                (bytes > 2 && !is_padding(packet + at + 2, bytes - 2)))
                return IP6_CHAIN_DISCARD;
        } else {
            padding = 0;
            if (++options > IP6_CHAIN_OPTIONS)
                return IP6_CHAIN_DISCARD;
            verdict = option_unknown(c, packet, at);
            if (verdict != IP6_CHAIN_GOOD)
                return verdict;
        }
        at += bytes;
    }
    return IP6_CHAIN_GOOD;
}

/* RFC 8200 4.4, RFC 5095 3: no type of routing is known here, type 0 like any other. With nothing
 * left to visit it is passed over. */
static enum ip6_chain_verdict routing_check(struct ip6_chain *c, const uint8_t *packet)
{
    return packet[c->at + 3] == 0 ? IP6_CHAIN_GOOD : problem(c, IP6_PROBLEM_FIELD, c->at + 2);
}

/* The length of a header of eight bytes and more; 0: it is not all there. */
static uint32_t header_bytes(const uint8_t *packet, uint32_t length, uint32_t at)
{
    uint32_t bytes = at + 2 <= length ? 8 + 8 * (uint32_t)packet[at + 1] : 0;

    return bytes > 0 && bytes <= length - at ? bytes : 0;
}

static void step(struct ip6_chain *c, const uint8_t *packet, uint32_t bytes)
{
    c->next = packet[c->at];
    c->next_at = c->at;
    c->at += bytes;
    c->headers++;
}

static bool is_walked(uint8_t next)
{
    return next == IP6_HOP_BY_HOP || next == IP6_ROUTING || next == IP6_DESTINATION;
}

/* RFC 8200 4, 4.1: hop-by-hop options stand right behind the fixed header, or are an unrecognized
 * next header. */
static enum ip6_chain_verdict walk_one(const uint8_t *packet, uint32_t length, struct ip6_chain *c)
{
    enum ip6_chain_verdict verdict;
    uint32_t bytes;

    if (c->next == IP6_HOP_BY_HOP && c->next_at != IP6_NEXT_AT)
        return problem(c, IP6_PROBLEM_NEXT_HEADER, c->next_at);
    if (c->headers == IP6_CHAIN_HEADERS)
        return IP6_CHAIN_DISCARD;
    bytes = header_bytes(packet, length, c->at);
    if (bytes == 0) /* RFC 4443 3.4: it cannot be processed to its end */
        return problem(c, IP6_PROBLEM_FIELD, c->at + 1 < length ? c->at + 1 : c->next_at);
    verdict = c->next == IP6_ROUTING ? routing_check(c, packet)
                                     : options_walk(c, packet, c->at + 2, c->at + bytes);
    if (verdict == IP6_CHAIN_GOOD)
        step(c, packet, bytes);
    return verdict;
}

/* RFC 8200 4: in any order and any number of times. */
enum ip6_chain_verdict ip6_chain_walk(const uint8_t *packet, uint32_t length, struct ip6_chain *c)
{
    enum ip6_chain_verdict verdict = IP6_CHAIN_GOOD;

    while (verdict == IP6_CHAIN_GOOD && is_walked(c->next))
        verdict = walk_one(packet, length, c);
    return verdict;
}

enum ip6_chain_verdict ip6_chain_hop(const uint8_t *packet, uint32_t length, struct ip6_chain *c)
{
    return c->next == IP6_HOP_BY_HOP ? walk_one(packet, length, c) : IP6_CHAIN_GOOD;
}

bool ip6_chain_part(const uint8_t *packet, uint32_t length, struct ip6_chain *c)
{
    while (c->headers < IP6_CHAIN_HEADERS && is_walked(c->next)) {
        uint32_t bytes = header_bytes(packet, length, c->at);

        if (bytes == 0 || c->at > length || bytes > length - c->at)
            return false;
        step(c, packet, bytes);
    }
    return c->at <= length && !is_walked(c->next);
}

bool ip6_chain_skip(const uint8_t *packet, uint32_t length, struct ip6_chain *c)
{
    while (c->headers < IP6_CHAIN_HEADERS && (is_walked(c->next) || c->next == IP6_FRAGMENT)) {
        bool fragment = c->next == IP6_FRAGMENT;
        uint32_t bytes = fragment ? IP6_FRAGMENT_BYTES : header_bytes(packet, length, c->at);

        if (bytes == 0 || c->at > length || bytes > length - c->at)
            return false;
        step(c, packet, bytes);
        if (fragment && (u16_at(packet + c->at - bytes + 2) & 0xfff8) != 0)
            return false;
    }
    return c->at <= length && !is_walked(c->next) && c->next != IP6_FRAGMENT;
}
