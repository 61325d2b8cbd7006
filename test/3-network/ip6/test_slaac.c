/* SPDX-License-Identifier: MIT */
/* Addresses that an interface makes itself, and how long they live. */
#include "3-network/ip6/ndp_bed.h"

#define ROUTER LOCAL(0x11)
#define PREFIX ((struct address){UINT64_C(0x20010db8000a0000), 0})
#define OF_PREFIX(n) ((struct address){UINT64_C(0x20010db8000a0000), (n)})
#define MADE OF_PREFIX(OWN_LOCAL.low) /* of our station */
enum { HOUR = 3600, DAY = 24 * HOUR };

static void host_bed(void)
{
    ndp_bed();
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
}

static void advertise_prefix(struct address prefix, uint8_t length, uint32_t valid,
                             uint32_t preferred)
{
    struct say s = {.source = ROUTER,
                    .dest = IP6_ALL_NODES,
                    .h = {.type = NDP_ROUTER_ADVERTISEMENT, .lifetime_s = 9000},
                    .option = {{.type = NDP_OPTION_PREFIX,
                                .prefix = prefix,
                                .prefix_length = length,
                                .autonomous = true,
                                .lifetime_s = valid,
                                .preferred_s = preferred}},
                    .options = 1};

    say(&s);
}

static const struct ip_address *made(struct address a)
{
    static const struct ip_address none;
    const struct ip_address *own = ip_address_find(&interfaces[1], a);

    return own ? own : &none;
}

/* The k-th address of an origin; NOBODY: there is none. */
static struct address kth(enum origin origin, uint32_t k)
{
    for (uint32_t i = 0; i < interfaces[1].address_count; i++)
        if (interfaces[1].address[i].origin == origin && k-- == 0)
            return interfaces[1].address[i].address;
    return NOBODY;
}

static uint32_t count_of_origin(enum origin origin)
{
    uint32_t count = 0;

    while (!address_is_unspecified(kth(origin, count)))
        count++;
    return count;
}

static void an_address_is_made_from_a_prefix_and_asked_for(void)
{
    host_bed();
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    check_equal(made(MADE)->state, ADDRESS_OPTIMISTIC);
    check_equal(made(MADE)->origin, ORIGIN_RA);
    check_equal(made(MADE)->preferred_until - made(MADE)->since, HOUR * SECOND);
    check_equal(made(MADE)->valid_until - made(MADE)->since, DAY * SECOND);
    pass(3 * SECOND);
    check_equal(state_of(MADE), ADDRESS_PREFERRED);
    pass(HOUR * SECOND);
    check_equal(state_of(MADE), ADDRESS_DEPRECATED);
    check(ip_is_own(&host, MADE)); /* for what uses it */
    pass(DAY * SECOND);
    check_equal(state_of(MADE), ADDRESS_NONE);
    ndp_bed_done();
}

/* A datagram to the address; does it come up, and does the address speak to a far one? */
static bool is_of_use(struct address a)
{
    const struct ip6_header ip = {.source = ROUTER,
                                  .dest = a,
                                  .payload_length = 8,
                                  .next_header = IP_PROTOCOL_UDP,
                                  .hop_limit = 64};
    uint8_t frame[80] = {0};
    struct writer w = writer_of(frame, sizeof frame);
    struct ip_path path;
    uint32_t before = up_count;
    bool speaks = ip_path_find(&host, FAR(1), NOBODY, 0, bed.now, &path) == 0 &&
                  address_equal(path.source, a);

    ethernet_header_write(&w, &own_mac, &peer_mac, ETHERTYPE_IP6);
    ip6_header_write(&w, &ip);
    put(frame, (uint32_t)(w.at - frame) + 8);
    check_equal(up_count == before + 1, speaks);
    return speaks;
}

static void an_address_is_of_use_as_long_as_it_is_valid(void)
{
    host_bed();
    advertise_prefix(PREFIX, 64, 2 * HOUR, HOUR);
    pass(3 * SECOND);
    check(is_of_use(MADE));
    pass(HOUR * SECOND);
    check_equal(state_of(MADE), ADDRESS_DEPRECATED);
    check(is_of_use(MADE)); /* there is no other */
    pass(HOUR * SECOND);
    check(!is_of_use(MADE));
    ndp_bed_done();
}

static void what_is_no_prefix_for_addresses_is_passed_over(void)
{
    static const struct {
        struct address prefix;
        uint8_t length;
        uint32_t valid, preferred;
    } rows[] = {
        {{UINT64_C(0xfe80000000000000), 0}, 64, DAY, HOUR}, /* link-local */
        {{UINT64_C(0xff0e000000000000), 0}, 64, DAY, HOUR},
        {{UINT64_C(0x20010db8000a0000), 0}, 64, HOUR, DAY}, /* preferred is longer than valid */
        {{UINT64_C(0x20010db8000a0000), 0}, 64, 0, 0},
        {{UINT64_C(0x20010db8000a0000), 0}, 63, DAY, HOUR}, /* with 64 bits that is not 128 */
        {{UINT64_C(0x20010db8000a0000), 0}, 65, DAY, HOUR},
        {{UINT64_C(0x20010db8000a0000), 0}, 128, DAY, HOUR},
    };

    host_bed();
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        advertise_prefix(rows[k].prefix, rows[k].length, rows[k].valid, rows[k].preferred);
        check_equal(count_of_origin(ORIGIN_RA), 0);
    }
    host.settings.ndp.autoconf = 0;
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    check_equal(count_of_origin(ORIGIN_RA), 0);
    ndp_bed_done();
}

/* RFC 4862 5.5.3 e: nobody takes an address away in less than two hours. */
static void a_valid_lifetime_is_not_cut_to_less_than_two_hours(void)
{
    static const struct {
        uint32_t first, later, remains; /* seconds */
    } rows[] = {
        {DAY, 2 * DAY, 2 * DAY},                           /* longer: believed */
        {DAY, 3 * HOUR, 3 * HOUR},                         /* more than two hours: believed */
        {DAY, HOUR, 2 * HOUR},                             /* less: two hours */
        {DAY, 0, 2 * HOUR},        {HOUR, HOUR / 2, HOUR}, /* as little remains already: ignored */
        {HOUR, 0, HOUR},           {HOUR, HOUR + 60, HOUR + 60}, /* more than remains: believed */
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        nanoseconds off;

        host_bed();
        advertise_prefix(PREFIX, 64, rows[k].first, 60);
        advertise_prefix(PREFIX, 64, rows[k].later, 0);
        off = made(MADE)->valid_until - bed.now - rows[k].remains * SECOND;
        check(off <= 0 && off > -SECOND);
        check(made(MADE)->preferred_until <= bed.now); /* that one is */
        ndp_bed_done();
    }
}

static void a_preferred_lifetime_can_be_cut_and_given_again(void)
{
    host_bed();
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    pass(3 * SECOND);
    advertise_prefix(PREFIX, 64, DAY, 0);
    check_equal(state_of(MADE), ADDRESS_DEPRECATED);
    advertise_prefix(PREFIX, 64, DAY, DAY);
    check_equal(state_of(MADE), ADDRESS_PREFERRED);
    advertise_prefix(PREFIX, 64, UINT32_MAX, UINT32_MAX);
    check(made(MADE)->preferred_until == NEVER);
    check(made(MADE)->valid_until == NEVER);
    pass(1000LL * DAY * SECOND);
    check_equal(state_of(MADE), ADDRESS_PREFERRED);
    ndp_bed_done();
}

static void a_prefix_without_lifetime_makes_no_configured_address_end(void)
{
    host_bed();
    add(OF_PREFIX(1));
    advertise_prefix(PREFIX, 64, 1, 1);
    pass(DAY * SECOND);
    check_equal(state_of(OF_PREFIX(1)), ADDRESS_PREFERRED);
    check_equal(state_of(MADE), ADDRESS_NONE);
    ndp_bed_done();
}

static void identifiers_are_of_the_station_or_opaque(void)
{
    struct address first, second;

    check_equal(slaac_id_of_mac(&(struct mac){{0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde}}),
                UINT64_C(0x365678fffe9abcde)); /* RFC 2464 4's own example */
    ndp_bed();
    host.settings.ndp.addr_gen_mode = SLAAC_MODE_OPAQUE;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    advertise_prefix(GLOBAL(0), 64, DAY, HOUR);
    first = kth(ORIGIN_RA, 0);
    second = kth(ORIGIN_RA, 1);
    check(first.low != second.low && first.low != OWN_LOCAL.low);
    check(kth(ORIGIN_LINK_LOCAL, 0).low != first.low);
    ndp_bed_done();
    ndp_bed(); /* the same network, later: the same address (RFC 7217 1) */
    host.settings.ndp.addr_gen_mode = SLAAC_MODE_OPAQUE;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    check(address_equal(kth(ORIGIN_RA, 0), first));
    ndp_bed_done();
    ndp_bed();
    host.settings.ndp.addr_gen_mode = SLAAC_MODE_NONE;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    check_equal(interfaces[1].address_count, 0);
    ndp_bed_done();
}

static void opaque_identifiers_depend_on_all_that_they_should(void)
{
    const struct siphash_key key = {1, 2}, other = {1, 3};
    uint64_t id = slaac_id_opaque(key, PREFIX, 1, &own_mac, 0);

    check(id == slaac_id_opaque(key, PREFIX, 1, &own_mac, 0));
    check(id == slaac_id_opaque(key, OF_PREFIX(9), 1, &own_mac, 0)); /* of the prefix alone */
    check(id != slaac_id_opaque(other, PREFIX, 1, &own_mac, 0));
    check(id != slaac_id_opaque(key, GLOBAL(0), 1, &own_mac, 0));
    check(id != slaac_id_opaque(key, PREFIX, 2, &own_mac, 0));
    check(id != slaac_id_opaque(key, PREFIX, 1, &peer_mac, 0));
    check(id != slaac_id_opaque(key, PREFIX, 1, NULL, 0));
    check(id != slaac_id_opaque(key, PREFIX, 1, &own_mac, 1));
}

static void reserved_identifiers_are_known(void)
{
    check(slaac_id_is_reserved(0));
    check(slaac_id_is_reserved(UINT64_C(0x02005efffe000000)));
    check(slaac_id_is_reserved(UINT64_C(0x02005efffeffffff)));
    check(!slaac_id_is_reserved(UINT64_C(0x02005effff000000)));
    check(slaac_id_is_reserved(UINT64_C(0xfdffffffffffff80)));
    check(slaac_id_is_reserved(UINT64_C(0xfdffffffffffffff)));
    check(!slaac_id_is_reserved(UINT64_C(0xfdffffffffffff7f)));
    check(!slaac_id_is_reserved(1));
}

static void an_opaque_address_that_is_taken_is_replaced_three_times(void)
{
    struct address tried[6];
    uint32_t count = 0;

    ndp_bed();
    host.settings.ndp.addr_gen_mode = SLAAC_MODE_OPAQUE;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    for (; count < 6; count++) {
        tried[count] = kth(ORIGIN_RA, 0);
        if (state_of(tried[count]) == ADDRESS_DUPLICATED)
            break;
        advertise(tried[count], IP6_ALL_NODES, false, true, peer_mac);
        for (uint32_t k = 0; k < count; k++)
            check(!address_equal(tried[k], tried[count]));
    }
    check_equal(count, 4); /* the first, and IDGEN_RETRIES more */
    ndp_bed_done();
    host_bed(); /* one of our station's own is not replaced: RFC 4862 5.4.5 */
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    advertise(MADE, IP6_ALL_NODES, false, true, peer_mac);
    check_equal(state_of(MADE), ADDRESS_DUPLICATED);
    check_equal(count_of_origin(ORIGIN_RA), 1);
    ndp_bed_done();
}

/* ---- temporary addresses ---- */

static void temporary_bed(void)
{
    ndp_bed();
    host.settings.ndp.use_tempaddr = 2;
    check_equal(ip_interface_configure(&host, 1, bed.now), 0);
}

static void a_temporary_address_lives_as_long_as_it_may(void)
{
    const struct ip_address *own;

    temporary_bed();
    advertise_prefix(PREFIX, 64, UINT32_MAX, UINT32_MAX);
    check_equal(count_of_origin(ORIGIN_TEMPORARY), 1);
    own = made(kth(ORIGIN_TEMPORARY, 0));
    check(own->address.high == PREFIX.high && own->address.low != MADE.low);
    check_equal(own->valid_until - own->since, 2LL * DAY * SECOND);
    check(own->preferred_until - own->since <= DAY * SECOND);
    check(own->preferred_until - own->since >= DAY / 10 * 6 * SECOND); /* MAX_DESYNC_FACTOR */
    ndp_bed_done();
    temporary_bed(); /* or as its prefix does */
    advertise_prefix(PREFIX, 64, 2 * HOUR, HOUR);
    own = made(kth(ORIGIN_TEMPORARY, 0));
    check_equal(own->valid_until - own->since, 2 * HOUR * SECOND);
    check_equal(own->preferred_until - own->since, HOUR * SECOND);
    ndp_bed_done();
}

static void a_temporary_address_has_a_successor_before_it_is_deprecated(void)
{
    struct address first;
    nanoseconds preferred;

    temporary_bed();
    advertise_prefix(PREFIX, 64, UINT32_MAX, UINT32_MAX);
    first = kth(ORIGIN_TEMPORARY, 0);
    preferred = made(first)->preferred_until - bed.now;
    pass(preferred - 6 * SECOND);
    check_equal(count_of_origin(ORIGIN_TEMPORARY), 1);
    pass(2 * SECOND); /* REGEN_ADVANCE: 2 s, and three probes of 1 s */
    check_equal(count_of_origin(ORIGIN_TEMPORARY), 2);
    check_equal(state_of(first), ADDRESS_PREFERRED);
    pass(5 * SECOND);
    check_equal(state_of(first), ADDRESS_DEPRECATED);
    check_equal(state_of(kth(ORIGIN_TEMPORARY, 1)), ADDRESS_PREFERRED);
    check(kth(ORIGIN_TEMPORARY, 1).low != first.low);
    for (uint32_t day = 0; day < 60; day++) {
        pass((nanoseconds)DAY * SECOND);
        check(count_of_origin(ORIGIN_TEMPORARY) + 1 <= NDP_SLAAC_ADDRESSES);
    }
    check(count_of_origin(ORIGIN_TEMPORARY) >= 2);
    ndp_bed_done();
}

static void what_a_router_deprecates_has_no_successor(void)
{
    temporary_bed();
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    pass(3 * SECOND);
    advertise_prefix(PREFIX, 64, DAY, 0);
    check_equal(state_of(kth(ORIGIN_TEMPORARY, 0)), ADDRESS_DEPRECATED);
    pass(2 * SECOND);
    check_equal(count_of_origin(ORIGIN_TEMPORARY), 1);
    ndp_bed_done();
    temporary_bed(); /* and of a prefix that is preferred too shortly none is made */
    advertise_prefix(PREFIX, 64, DAY, 5);
    check_equal(count_of_origin(ORIGIN_TEMPORARY), 0);
    ndp_bed_done();
}

static void a_refreshed_prefix_prolongs_no_temporary_address_beyond_its_most(void)
{
    const struct ip_address *own;

    temporary_bed();
    host.settings.ndp.temp_valid_s = 2 * HOUR;
    host.settings.ndp.temp_preferred_s = HOUR;
    for (uint32_t k = 0; k < 8; k++) {
        advertise_prefix(PREFIX, 64, DAY, DAY);
        pass(600 * SECOND);
    }
    for (uint32_t k = 0; k < count_of_origin(ORIGIN_TEMPORARY); k++) {
        own = made(kth(ORIGIN_TEMPORARY, k));
        check(own->preferred_until - own->since <= HOUR * SECOND);
        check(own->valid_until - own->since <= 2 * HOUR * SECOND);
    }
    ndp_bed_done();
}

static void a_temporary_address_that_is_taken_is_replaced_three_times(void)
{
    uint32_t count = 0;

    temporary_bed();
    advertise_prefix(PREFIX, 64, DAY, HOUR);
    for (; count < 8; count++) {
        if (state_of(kth(ORIGIN_TEMPORARY, 0)) != ADDRESS_OPTIMISTIC)
            break;
        advertise(kth(ORIGIN_TEMPORARY, 0), IP6_ALL_NODES, false, true, peer_mac);
    }
    check_equal(count, 4);
    check_equal(state_of(MADE), ADDRESS_OPTIMISTIC);
    ndp_bed_done();
}

static const struct test tests[] = {
    {"an address is made from a prefix, and asked for (RFC 4862 5.5.3)",
     an_address_is_made_from_a_prefix_and_asked_for},
    {"an address is of use as long as it is valid (RFC 4862 5.5.4-1, 5.5.4-3 to 5)",
     an_address_is_of_use_as_long_as_it_is_valid},
    {"what is no prefix for addresses is passed over (RFC 4862 5.5.3)",
     what_is_no_prefix_for_addresses_is_passed_over},
    {"a valid lifetime is not cut to less than two hours (RFC 4862 5.5.3 e)",
     a_valid_lifetime_is_not_cut_to_less_than_two_hours},
    {"a preferred lifetime can be cut, and given again (RFC 4862 5.5.3 e)",
     a_preferred_lifetime_can_be_cut_and_given_again},
    {"a prefix makes no configured address end",
     a_prefix_without_lifetime_makes_no_configured_address_end},
    {"identifiers are of the station, or opaque (RFC 4291 A, RFC 7217 5)",
     identifiers_are_of_the_station_or_opaque},
    {"opaque identifiers depend on all that they should (RFC 7217 5)",
     opaque_identifiers_depend_on_all_that_they_should},
    {"reserved identifiers are known (RFC 5453)", reserved_identifiers_are_known},
    {"an opaque address that is taken is replaced three times (RFC 7217 6)",
     an_opaque_address_that_is_taken_is_replaced_three_times},
    {"a temporary address lives as long as it may (RFC 8981 3.4)",
     a_temporary_address_lives_as_long_as_it_may},
    {"a temporary address has a successor before it is deprecated (RFC 8981 3.5)",
     a_temporary_address_has_a_successor_before_it_is_deprecated},
    {"what a router deprecates has no successor (RFC 8981 3.5)",
     what_a_router_deprecates_has_no_successor},
    {"a refreshed prefix prolongs no temporary address beyond its most (RFC 8981 3.4)",
     a_refreshed_prefix_prolongs_no_temporary_address_beyond_its_most},
    {"a temporary address that is taken is replaced three times (RFC 8981 3.4)",
     a_temporary_address_that_is_taken_is_replaced_three_times},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
