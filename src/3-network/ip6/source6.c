/* SPDX-License-Identifier: MIT */
/*
 * RFC 6724. Section 5 chooses a source: pair by pair, the first rule that tells two candidates
 * apart decides. Candidates are the addresses of the interface it goes out by, and, for what is not
 * of one link, those of the others too, as on Linux; tentative and duplicate ones never (4).
 * Section 6 orders destinations the same way; IPv4's addresses take part as mapped ones.
 *
 * Rules that find nothing here: 4 (home addresses), 5.5 (it is not kept which router advertised a
 * prefix), 7 of section 6 (every transport is native).
 */
#include "3-network/ip6/source6.h"

#include "3-network/ip6/ip6.h"
#include "base/integer.h"

enum { WORD_BITS = 64 };

/* RFC 6724 2.1 */
struct policy {
    struct address prefix;
    uint8_t bits, precedence, label;
};

static const struct policy policies[] = {
    {{0, 1}, 128, 50, 0},
    {{0, UINT64_C(0xffff00000000)}, 96, 35, 4},
    {{0, 0}, 96, 1, 3},
    {{UINT64_C(0x2001000000000000), 0}, 32, 5, 5},
    {{UINT64_C(0x2002000000000000), 0}, 16, 30, 2},
    {{UINT64_C(0x3ffe000000000000), 0}, 16, 1, 12},
    {{UINT64_C(0xfec0000000000000), 0}, 10, 1, 11},
    {{UINT64_C(0xfc00000000000000), 0}, 7, 3, 13},
    {{0, 0}, 0, 40, 1}, /* the longest come first */
};

static const struct policy *policy_of(struct address a)
{
    const struct policy *p = policies;

    while (!address_matches(a, p->prefix, p->bits))
        p++;
    return p;
}

/* RFC 6724 3.1, 3.2: of IPv4's, those of one link and of the host are of link scope. */
static uint32_t scope_of(struct address a)
{
    uint32_t ip4;

    if (!address_is_mapped(a))
        return a.high >> 54 == 0x3fb ? IP6_SCOPE_SITE : ip6_scope(a);
    ip4 = address_to_ip4(a);
    return ip4 >> 24 == 127 || ip4 >> 16 == 0xa9fe ? IP6_SCOPE_LINK : IP6_SCOPE_GLOBAL;
}

static uint32_t zeros_before(uint64_t word)
{
    uint32_t zeros = 0;

    for (uint64_t bit = UINT64_C(1) << (WORD_BITS - 1); bit && !(word & bit); bit >>= 1)
        zeros++;
    return zeros;
}

/* RFC 6724 2.2: CommonPrefixLen, no longer than the source's prefix. */
static uint32_t common_bits(const struct ip_address *source, struct address dest)
{
    uint32_t bits = zeros_before(source->address.high ^ dest.high);

    if (bits == WORD_BITS)
        bits += zeros_before(source->address.low ^ dest.low);
    return (uint32_t)least(bits, source->bits);
}

struct candidate {
    const struct ip_interface *interface;
    const struct ip_address *own;
};

/* RFC 6724 5, the rules in their order: more than 0: a is better. */
static int source_compare(const struct ip *ip, const struct ip_path *path,
                          const struct candidate *a, const struct candidate *b)
{
    struct address dest = path->dest;
    uint32_t scope = scope_of(dest), scope_a = scope_of(a->own->address),
             scope_b = scope_of(b->own->address);
    uint8_t label = policy_of(dest)->label;
    bool temporary_first = ip->settings.ndp.use_tempaddr == 2;
    int rule;

    rule = address_equal(a->own->address, dest) - address_equal(b->own->address, dest);
    if (rule == 0 && scope_a != scope_b) /* 2 */
        rule = scope_a < scope_b ? (scope_a < scope ? -1 : 1) : (scope_b < scope ? 1 : -1);
    if (rule == 0) /* 3 */
        rule = (b->own->state == ADDRESS_DEPRECATED) - (a->own->state == ADDRESS_DEPRECATED);
    if (rule == 0) /* 5 */
        rule =
            (a->interface->number == path->interface) - (b->interface->number == path->interface);
    if (rule == 0) /* 6 */
        rule = (policy_of(a->own->address)->label == label) -
               (policy_of(b->own->address)->label == label);
    if (rule == 0) { /* 7 */
        rule = (a->own->origin == ORIGIN_TEMPORARY) - (b->own->origin == ORIGIN_TEMPORARY);
        rule = temporary_first ? rule : -rule;
    }
    if (rule == 0) /* 8 */
        rule = (int)common_bits(a->own, dest) - (int)common_bits(b->own, dest);
    return rule;
}

/* RFC 6724 4: what goes no further than one link has a source of that link's interface. */
static bool is_of_link(const struct ip_path *path)
{
    return path->group || scope_of(path->dest) <= IP6_SCOPE_LINK;
}

static void look_at(const struct ip *ip, const struct ip_path *path, const struct ip_interface *i,
                    struct candidate *best)
{
    for (uint32_t k = 0; k < i->address_count; k++) {
        const struct candidate c = {i, &i->address[k]};

        if (address_is_mapped(c.own->address) || !ip_address_is_usable(c.own))
            continue;
        if (!best->own || source_compare(ip, path, &c, best) > 0) {
            best->interface = c.interface;
            best->own = c.own;
        }
    }
}

static const struct ip_address *choose(const struct ip *ip, const struct ip_path *path)
{
    struct candidate best = {NULL, NULL};

    look_at(ip, path, ip->interface[path->interface], &best);
    for (uint32_t n = 1; !is_of_link(path) && n < ip->interface_count; n++)
        if (n != path->interface)
            look_at(ip, path, ip->interface[n], &best);
    return best.own;
}

bool source6_choose(const struct ip *ip, struct ip_path *path)
{
    const struct ip_address *own = choose(ip, path);

    if (own)
        path->source = own->address;
    return own != NULL;
}
