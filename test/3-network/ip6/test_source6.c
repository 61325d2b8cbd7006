/* SPDX-License-Identifier: MIT */
/* Which address speaks, and which destination is tried first: RFC 6724. */
#include "3-network/ip6/ndp_bed.h"

#define IP4(n) address_from_ip4(n)
#define IP6(high, low) ((struct address){UINT64_C(high), UINT64_C(low)})

/* An address that is certain at once, of this kind. */
static void own(struct address a, uint32_t prefix, enum origin origin, bool deprecated)
{
    const struct ip_address_plan plan = {.address = a,
                                         .prefix = prefix,
                                         .origin = origin,
                                         .preferred_until = NEVER,
                                         .valid_until = NEVER};

    check_equal(ip_address_assign(&host, 1, &plan, bed.now), 0);
    if (deprecated)
        ip_address_find(&interfaces[1], a)->state = ADDRESS_DEPRECATED;
}

static void source_bed(void)
{
    const struct route_plan all = {
        .gateway = LOCAL(0x11), .interface = 1, .preference = ROUTE_MEDIUM, .expires = NEVER};

    ndp_bed();
    host.settings.ndp.dad_transmits = 0;
    host.settings.ndp.accept_ra = 0;
    check_equal(route_put(&host, &all, 0), 0);
}

static struct address source_to(struct address dest)
{
    struct ip_path path;

    return ip_path_find(&host, dest, NOBODY, 0, bed.now, &path) < 0 ? NOBODY : path.source;
}

static bool speaks(struct address dest, struct address source)
{
    return address_equal(source_to(dest), source);
}

/* 6724 10.1's own examples, as far as one interface has them. */
static void rule_by_rule_a_source_is_chosen(void)
{
    source_bed();
    own(IP6(0x20010db800010000, 1), 64, ORIGIN_CONFIGURED, false);
    own(IP6(0x20010db800010000, 2), 64, ORIGIN_CONFIGURED, false);
    own(IP6(0xfd00000000000000, 1), 64, ORIGIN_CONFIGURED, false);
    check(speaks(IP6(0x20010db800010000, 9), IP6(0x20010db800010000, 1)));
    check(speaks(LOCAL(9), OWN_LOCAL));                   /* rule 2 */
    check(speaks(IP6(0xff02000000000000, 1), OWN_LOCAL)); /* rule 2: a group of the link */
    check(speaks(IP6(0xff0e000000000000, 9), IP6(0x20010db800010000, 1)));
    check(speaks(IP6(0xfd00000000000099, 1), IP6(0xfd00000000000000, 1))); /* rule 6 */
    check(speaks(IP6(0x2a00000000000000, 1), IP6(0x20010db800010000, 1)));
    check(speaks(IP6(0x20010db800010000, 2), IP6(0x20010db800010000, 2))); /* rule 1 */
    ndp_bed_done();
}

static void the_longest_common_prefix_decides_last(void)
{
    source_bed();
    own(IP6(0x20010db800010000, 2), 64, ORIGIN_CONFIGURED, false);
    own(IP6(0x20010db830000000, 2), 64, ORIGIN_CONFIGURED, false);
    check(speaks(IP6(0x20010db810000000, 2), IP6(0x20010db800010000, 2)));
    check(speaks(IP6(0x20010db830000001, 2), IP6(0x20010db830000000, 2)));
    ndp_bed_done();
    source_bed(); /* 2.2: no further than the prefix of the source */
    own(IP6(0x20010db800010000, 1), 64, ORIGIN_CONFIGURED, false);
    own(IP6(0x20010db800010000, 0xff02), 64, ORIGIN_CONFIGURED, false);
    check(speaks(IP6(0x20010db800010000, 0xff03), IP6(0x20010db800010000, 1)));
    ndp_bed_done();
}

static void a_deprecated_address_speaks_when_no_other_can(void)
{
    source_bed();
    own(IP6(0x20010db800010000, 1), 64, ORIGIN_CONFIGURED, true);
    check(speaks(IP6(0x20010db800010000, 9), IP6(0x20010db800010000, 1)));
    own(IP6(0x2a00000000000000, 1), 64, ORIGIN_CONFIGURED, false);
    check(speaks(IP6(0x20010db800010000, 9), IP6(0x2a00000000000000, 1)));
    ndp_bed_done();
}

static void temporary_addresses_speak_if_they_are_preferred(void)
{
    for (uint32_t mode = 0; mode <= 2; mode++) {
        source_bed();
        host.settings.ndp.use_tempaddr = mode;
        own(IP6(0x20010db800010000, 1), 64, ORIGIN_RA, false);
        own(IP6(0x20010db800010000, 0x7777), 64, ORIGIN_TEMPORARY, false);
        check(speaks(FAR(1), IP6(0x20010db800010000, mode == 2 ? 0x7777 : 1)));
        ndp_bed_done();
    }
}

static void what_is_not_certain_does_not_speak(void)
{
    source_bed();
    host.settings.ndp.dad_transmits = 1;
    host.settings.ndp.optimistic_dad = 0;
    own(IP6(0x20010db800010000, 1), 64, ORIGIN_CONFIGURED, false);
    check(speaks(FAR(1), NOBODY));
    host.settings.ndp.dad_transmits = 0;
    own(IP6(0x20010db800010000, 2), 64, ORIGIN_CONFIGURED, false);
    check(speaks(FAR(1), IP6(0x20010db800010000, 2)));
    ndp_bed_done();
}

/* 3.4: what no format says more of is global. */
static void each_address_has_its_scope(void)
{
    check_equal(ip6_scope(IP6(0, 1)), IP6_SCOPE_LINK);
    check_equal(ip6_scope(LOCAL(1)), IP6_SCOPE_LINK);
    check_equal(ip6_scope(IP6(0x4000000000000000, 1)), IP6_SCOPE_GLOBAL);
    check_equal(ip6_scope(IP6(0x0200000000000000, 1)), IP6_SCOPE_GLOBAL); /* NSAP */
    source_bed();
    own(IP6(0x4000000000000000, 1), 64, ORIGIN_CONFIGURED, false);
    check(speaks(IP6(0x2a00000000000000, 1), IP6(0x4000000000000000, 1)));
    check(speaks(LOCAL(9), OWN_LOCAL));
    ndp_bed_done();
}

static const struct test tests[] = {
    {"rule by rule a source is chosen (RFC 6724 5)", rule_by_rule_a_source_is_chosen},
    {"the longest common prefix decides last (RFC 6724 5)", the_longest_common_prefix_decides_last},
    {"a deprecated address speaks when no other can (RFC 6724 5)",
     a_deprecated_address_speaks_when_no_other_can},
    {"temporary addresses speak if they are preferred (RFC 6724 5)",
     temporary_addresses_speak_if_they_are_preferred},
    {"each address has its scope (RFC 6724 3.4-1 to 2)", each_address_has_its_scope},
    {"what is not certain does not speak (RFC 6724 4)", what_is_not_certain_does_not_speak},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
