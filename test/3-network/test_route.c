/* SPDX-License-Identifier: MIT */
/* Paths: the longest prefix, sources, broadcasts, bad addresses, and path MTUs. */
#include <errno.h>

#include "3-network/ip_family.h"
#include "3-network/ip_keeper.h"
#include "3-network/ip_timer.h"
#include "3-network/path_mtu.h"
#include "3-network/route.h"

static struct ip_path path;

static int find(uint32_t dest, uint32_t source, uint16_t interface)
{
    return ip_path_find(&host, ip4_of(dest), ip4_of(source), interface, bed.now, &path);
}

static void the_longest_prefix_wins(void)
{
    static const struct {
        uint32_t dest, next_hop;
        uint16_t interface;
    } rows[] = {
        {PEER, PEER, 1},
        {0x0a000105, 0x0a000105, 2},
        {FAR, 0x0a0000fe, 1},
        {0xc6336401, 0x0a000102, 2}, /* 198.51.100/24 */
        {0xc6336481, 0x0a0000fd, 1}, /* 198.51.100.128/25 */
        {0xc63364ff, 0x0a000103, 2}, /* 198.51.100.255/32 */
    };

    keeper_bed();
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(0x0a000102), 0), 0);
    check_equal(ip_route_add(&host, ip4_of(0xc63364ff), 32, ip4_of(0x0a000103), 2), 0);
    check_equal(ip_route_add(&host, ip4_of(0xc6336480), 25, ip4_of(0x0a0000fd), 1), 0);
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_equal(find(rows[i].dest, 0, 0), 0);
        if (!address_equal(path.next_hop, ip4_of(rows[i].next_hop)) ||
            path.interface != rows[i].interface)
            test_fail(__FILE__, __LINE__, "row %u", i);
        check_equal(path.mtu, 1500);
        check_equal(path.header_bytes, 20);
        check(!path.local && !path.broadcast);
    }
    no_default_route();
    check_equal(find(FAR, 0, 0), -ENETUNREACH);
    check_equal(find(PEER, 0, 0), 0);
    ip_bed_done();
}

static void bad_routes_and_addresses_are_refused(void)
{
    keeper_bed();
    check_equal(ip_route_add(&host, ip4_of(0xc6336401), 24, ip4_of(PEER), 0), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 33, ip4_of(PEER), 0), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(FAR), 0), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(HOST), 0), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(0x0a0000ff), 0), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(PEER), 2), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0xc6336400), 24, ip4_of(0), 7), -EINVAL);
    check_equal(ip_route_add(&host, ip4_of(0), 0, ip4_of(0x0a0000fe), 1), -EEXIST);
    check_equal(ip_address_add(&host, 1, ip4_of(HOST_2), 24, 0), -EEXIST);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000200), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a0002ff), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0x7f000002), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0xe0000001), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000201), 33, 0), -EINVAL);
    check_equal(ip_address_add(&host, 5, ip4_of(0x0a000201), 24, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000200), 31, 0), 0);
    for (uint32_t i = 0; i < IP_ADDRESSES - 2; i++)
        check_equal(ip_address_add(&host, 1, ip4_of(0x0a000301 + i), 24, 0), 0);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000320), 24, 0), -ENOSPC);
    for (uint32_t i = host.routes.count; i < IP_ROUTES; i++)
        check_equal(ip_route_add(&host, ip4_of(0x14000000 + (i << 8)), 24, ip4_of(PEER), 0), 0);
    check_equal(ip_route_add(&host, ip4_of(0x15000000), 24, ip4_of(PEER), 0), -ENOSPC);
    ip_bed_done();
}

static void the_source_is_on_the_next_hops_network(void)
{
    keeper_bed();
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000301), 24, 0), 0);
    check_equal(find(PEER, 0, 0), 0);
    check(address_equal(path.source, ip4_of(HOST)));
    check_equal(find(0x0a000309, 0, 0), 0);
    check(address_equal(path.source, ip4_of(0x0a000301)));
    check_equal(find(FAR, 0, 0), 0);
    check(address_equal(path.source, ip4_of(HOST)));
    check_equal(find(0x0a000105, 0, 0), 0);
    check(address_equal(path.source, ip4_of(HOST_2)));
    check_equal(find(PEER, HOST_2, 0), 0); /* asked for: kept */
    check(address_equal(path.source, ip4_of(HOST_2)));
    check_equal(path.interface, 1);
    check_equal(find(PEER, FAR, 0), -ENETUNREACH);
    check_equal(find(PEER, 0x0a0000ff, 0), -ENETUNREACH);
    check_equal(find(PEER, 0xffffffff, 0), -EINVAL);
    check_equal(find(PEER, 0xe0000001, 0), -EINVAL);
    check_equal(find(PEER, LOCALHOST, 0), -EINVAL);
    ip_bed_done();
}

/* Whatever a caller names: RFC 1122 3.2.1.3 (a) to (g). */
static void a_source_is_an_address_of_ours(void)
{
    static const struct {
        uint32_t source;
        int result;
    } rows[] = {
        {HOST, 0},
        {HOST_2, 0},
        {1, -ENETUNREACH},          /* (b) a host of "this network" */
        {0xffffffff, -EINVAL},      /* (c) */
        {0x0a0000ff, -ENETUNREACH}, /* (d), (e) */
        {0x0affffff, -ENETUNREACH}, /* (f) */
        {LOCALHOST, -EINVAL},       /* (g) */
        {0xe0000001, -EINVAL},      /* a group */
        {0xf0000001, -ENETUNREACH}, /* class E */
        {0x0a000000, -ENETUNREACH}, /* the network */
        {PEER, -ENETUNREACH},       /* a neighbour's */
        {FAR, -ENETUNREACH},
    };

    keeper_bed();
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint16_t interface = 0; interface < BED_LINKS; interface++)
            if (find(PEER, rows[i].source, interface) != rows[i].result)
                test_fail(__FILE__, __LINE__, "row %u", i);
    check_equal(find(PEER, 0, 0), 0); /* (a): who names none has one all the same */
    check(address_equal(path.source, ip4_of(HOST)));
    ip_bed_done();
}

static void an_interface_asked_for_is_used(void)
{
    keeper_bed();
    check_equal(find(FAR, 0, 2), 0); /* no route leads there: then it is on that wire */
    check(path.interface == 2 && address_equal(path.next_hop, ip4_of(FAR)));
    check(address_equal(path.source, ip4_of(HOST_2)));
    check_equal(find(PEER, 0, 2), 0);
    check(path.interface == 2 && address_equal(path.next_hop, ip4_of(PEER)));
    check_equal(find(FAR, 0, 6), -ENETUNREACH);
    check_equal(find(0x0a000105, 0, 2), 0);
    check_equal(find(0xffffffff, 0, 2), 0);
    check_equal(path.interface, 2);
    check_equal(find(0xffffffff, 0, 0), 0);
    check_equal(path.interface, 1);
    check_equal(find(0xffffffff, HOST_2, 0), 0);
    check_equal(path.interface, 2);
    check_equal(find(0xffffffff, 0, 6), -ENETUNREACH);
    ip_bed_done();
}

/* As Linux: nothing is guessed for 255.255.255.255 and groups, but who is bound has an
 * interface. */
static void without_a_route_there_is_no_way_to_all(void)
{
    keeper_bed();
    no_default_route();
    check_equal(find(0xffffffff, 0, 0), -ENETUNREACH);
    check_equal(find(0xe00000fb, 0, 0), -ENETUNREACH);
    check_equal(find(FAR, 0, 0), -ENETUNREACH);
    check_equal(find(0xffffffff, HOST_2, 0), 0);
    check(path.interface == 2 && path.broadcast);
    check_equal(find(0xe00000fb, 0, 1), 0);
    check(path.interface == 1 && path.group);
    check_equal(find(0x0a0001ff, 0, 0), 0); /* a subnet's is on a network of ours */
    check(path.interface == 2 && path.broadcast);
    ip_bed_done();
}

/* Linux: fib_compute_spec_dst(). */
static void who_speaks_for_us_is_who_would_answer(void)
{
    keeper_bed();
    check(address_equal(ip_spoken_for(&host, ip4_of(PEER), 1), ip4_of(HOST)));
    check(address_equal(ip_spoken_for(&host, ip4_of(PEER), 2), ip4_of(HOST)));
    check(address_equal(ip_spoken_for(&host, ip4_of(0x0a000105), 2), ip4_of(HOST_2)));
    check(address_equal(ip_spoken_for(&host, ip4_of(0), 2), ip4_of(HOST_2)));
    no_default_route();
    check(address_equal(ip_spoken_for(&host, ip4_of(FAR), 2), ip4_of(HOST_2)));
    interfaces[1].address_count = interfaces[2].address_count = 0;
    check(address_is_unspecified(ip_spoken_for(&host, ip4_of(FAR), 2)));
    ip_bed_done();
}

static void local_destinations_take_the_loopback(void)
{
    keeper_bed();
    check_equal(find(HOST_2, 0, 0), 0);
    check(path.local && path.interface == 0);
    check(address_equal(path.source, ip4_of(HOST_2)));
    check_equal(path.mtu, 65535);
    check_equal(find(0x7f000055, 0, 0), 0);
    check(path.local && address_equal(path.source, ip4_of(LOCALHOST)));
    check_equal(find(HOST, LOCALHOST, 0), 0);
    check(address_equal(path.source, ip4_of(LOCALHOST)));
    check_equal(find(0, HOST, 0), 0);
    check(address_equal(path.dest, ip4_of(HOST)));
    ip_bed_done();
}

static void broadcasts_and_groups_are_known(void)
{
    keeper_bed();
    check_equal(find(0x0a0000ff, 0, 0), 0);
    check(path.broadcast && !path.group);
    check(address_equal(path.next_hop, ip4_of(0xffffffff)));
    check_equal(find(0xffffffff, 0, 0), 0);
    check(path.broadcast);
    check_equal(find(0xe00000fb, 0, 0), 0);
    check(path.group && !path.broadcast);
    check(address_equal(path.next_hop, ip4_of(0xe00000fb)));
    check_equal(find(0xf0000001, 0, 0), -ENETUNREACH);
    check(ip_is_broadcast(&host, ip4_of(0x0a0001ff)));
    check(!ip_is_broadcast(&host, ip4_of(0x0a0002ff)));
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000400), 31, 0), 0);
    check(!ip_is_broadcast(&host, ip4_of(0x0a000401))); /* RFC 3021 */
    check(ip_can_bind(&host, ip4_of(0)) && ip_can_bind(&host, ip4_of(0xe00000fb)));
    check(ip_can_bind(&host, ip4_of(0x7f123456)) && !ip_can_bind(&host, ip4_of(PEER)));
    ip_bed_done();
}

static void a_changed_table_makes_paths_stale(void)
{
    struct ip_path kept;

    keeper_bed();
    check_equal(find(FAR, 0, 0), 0);
    kept = path;
    check(ip_path_is_fresh(&host, &kept));
    check_equal(ip_route_add(&host, ip4_of(FAR), 32, ip4_of(0x0a000102), 0), 0);
    check(!ip_path_is_fresh(&host, &kept));
    check_equal(ip_path_refresh(&host, &kept, 0), 0);
    check_equal(kept.interface, 2);
    check(address_equal(kept.source, ip4_of(HOST))); /* kept */
    check(ip_path_is_fresh(&host, &kept));
    ip_bed_done();
}

static uint32_t mtu_to(uint32_t dest)
{
    check_equal(find(dest, 0, 0), 0);
    return path.mtu;
}

static void path_mtu_falls(uint32_t dest, uint32_t mtu)
{
    path_mtu_lower(&host, ip4_of(dest), mtu, bed.now);
    ip_timer_rearm(&host);
}

static void the_loopback_speaks_for_no_other_interface(void)
{
    keeper_bed();
    interfaces[1].address_count = interfaces[2].address_count = 0;
    /* who has no address asks all on a wire as nobody: RFC 2131 4.1 */
    check_equal(find(0xffffffff, 0, 1), 0);
    check(address_equal(path.source, ip4_of(0)));
    check_equal(find(0xffffffff, 0, 0), -EADDRNOTAVAIL);
    check_equal(find(FAR, 0, 0), -EADDRNOTAVAIL);
    interfaces[2].address_count = 1;
    check_equal(find(0xffffffff, 0, 1), 0);
    check(address_equal(path.source, ip4_of(HOST_2)));
    ip_bed_done();
}

/* By a path of before, what is sent goes where the tables of now say. */
static void a_stale_path_is_found_again_to_send(void)
{
    const struct ip_send_facts facts = {0};
    struct ip_path kept;
    struct datagram d;
    struct ip4_header h;

    keeper_bed();
    check_equal(find(FAR, 0, 0), 0);
    kept = path;
    check_equal(ip_route_add(&host, ip4_of(FAR), 32, ip4_of(0x0a000102), 0), 0);
    check_equal(ip_send(&host, &udp_keeper.upper, &kept, &facts,
                        packet_get(&host_packets, &means.packet_budget, 8), bed.now),
                0);
    check(!left_by(1, &d, &h) && left_by(2, &d, &h));
    check_equal(h.dest, FAR);
    check(!ip_path_is_fresh(&host, &kept)); /* it is its user's to keep */
    ip_bed_done();
}

static void a_path_mtu_only_falls_and_expires(void)
{
    keeper_bed();
    path_mtu_falls(FAR, 1400);
    check_equal(mtu_to(FAR), 1400);
    check_equal(mtu_to(PEER), 1500);
    path_mtu_falls(FAR, 1450);
    check_equal(mtu_to(FAR), 1400);
    path_mtu_falls(FAR, 9000);
    check_equal(mtu_to(FAR), 1400);
    check(!path.below_least);
    path_mtu_falls(FAR, 100);
    check_equal(mtu_to(FAR), 552);
    check(path.below_least);
    run_until(599 * SECOND);
    check_equal(mtu_to(FAR), 552);
    run_until(601 * SECOND);
    check_equal(mtu_to(FAR), 1500);
    check_equal(host.path_mtu_count, 0);
    ip_bed_done();
}

static void a_raised_least_leaves_what_is_known(void)
{
    keeper_bed();
    path_mtu_falls(FAR, 600);
    host.settings.path_mtu_least = 1000;
    check_equal(ip_check(&host), 0);
    check_equal(mtu_to(FAR), 600);
    path_mtu_falls(PEER, 600);
    check_equal(mtu_to(PEER), 1000);
    check_equal(ip_check(&host), 0);
    ip_bed_done();
}

static void the_path_mtu_table_forgets_the_oldest(void)
{
    keeper_bed();
    for (uint32_t i = 0; i <= IP_PATH_MTUS; i++) {
        run_until(bed.now + SECOND);
        path_mtu_falls(FAR + 256 * i, 1000);
    }
    check_equal(host.path_mtu_count, IP_PATH_MTUS);
    check_equal(mtu_to(FAR), 1500);
    check_equal(mtu_to(FAR + 256), 1000);
    check_equal(mtu_to(FAR + 256 * IP_PATH_MTUS), 1000);
    ip_bed_done();
}

static void an_address_has_the_family_of_its_network(void)
{
    const struct address six = {0x20010db800000000, 1};

    keeper_bed();
    check(ip_family_of(ip4_of(0)) == &ip_family_rows[IP_FAMILY_4]);
    check(ip_family_of(ip4_of(UINT32_MAX)) == &ip_family_rows[IP_FAMILY_4]);
    check(ip_family_of(six) == &ip_family_rows[IP_FAMILY_6]);
    check(ip_family_of((struct address){0, UINT64_C(0xfffe00000000)}) ==
          &ip_family_rows[IP_FAMILY_6]);
    check_equal(ip_path_find(&host, six, (struct address){0, 0}, 0, 0, &path), -ENETUNREACH);
    check_equal(ip_route_add(&host, six, 128, ip4_of(0x0a0000fe), 0), -EINVAL);
    check_equal(ip_route_add(&host, six, 129, (struct address){0, 0}, 1), -EINVAL);
    check(!ip_is_own(&host, six) && !ip_is_broadcast(&host, six));
    check_equal(ip_address_add(&host, 1, six, 64, 0), 0);
    check(ip_is_own(&host, six));
    ip_bed_done();
}

static void an_address_goes_with_the_last_route_to_its_network(void)
{
    uint32_t routes;

    keeper_bed();
    routes = host.routes.count;
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000501), 24, 0), 0);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a000502), 24, 0), 0);
    check_equal(host.routes.count, routes + 1);
    check(ip_is_own(&host, ip4_of(0x0a000501)));
    check_equal(ip_address_remove(&host, 1, ip4_of(0x0a000501), 0), 0);
    check(!ip_is_own(&host, ip4_of(0x0a000501)) && ip_is_own(&host, ip4_of(0x0a000502)));
    check_equal(host.routes.count, routes + 1);
    check_equal(ip_address_remove(&host, 1, ip4_of(0x0a000501), 0), -EADDRNOTAVAIL);
    check_equal(ip_address_remove(&host, 99, ip4_of(0x0a000502), 0), -EADDRNOTAVAIL);
    check_equal(ip_address_remove(&host, 1, ip4_of(0x0a000502), 0), 0);
    check_equal(host.routes.count, routes);
    check_equal(ip_path_find(&host, ip4_of(0x0a000501), ip4_of(0x0a000502), 0, 0, &path),
                -ENETUNREACH); /* no address of ours any more */
    check_equal(ip_check(&host), 0);
    ip_bed_done();
}

static void an_address_says_where_it_came_from_and_since_when(void)
{
    const struct ip_address_plan leased = {.address = ip4_of(0x0a000507),
                                           .prefix = 24,
                                           .origin = ORIGIN_DHCP,
                                           .preferred_until = NEVER,
                                           .valid_until = 60 * SECOND};
    const struct ip_address *own;

    keeper_bed();
    check_equal(ip_address_assign(&host, 1, &leased, 5 * SECOND), 0);
    own = ip_address_find(host.interface[1], leased.address);
    check(own);
    check_equal(own->origin, ORIGIN_DHCP);
    check_equal(own->state, ADDRESS_PREFERRED);
    check_equal(own->since, 5 * SECOND);
    check_equal(own->valid_until, 60 * SECOND);
    check(!ip_address_find(host.interface[2], leased.address));
    ip_bed_done();
}

static void two_addresses_of_a_network_have_one_route(void)
{
    uint32_t before;

    keeper_bed();
    before = host.routes.count;
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a00004d), 24, 0), 0);
    check_equal(host.routes.count, before);
    check_equal(ip_address_add(&host, 1, ip4_of(0x0a00004e), 25, 0), 0);
    check_equal(host.routes.count, before + 1);
    ip_bed_done();
}

/* The first learnt goes; those learnt later keep their own size and time. */
static void one_path_mtu_expires_and_the_others_stay(void)
{
    keeper_bed();
    path_mtu_falls(FAR, 1400);
    run_until(100 * SECOND);
    path_mtu_falls(FAR + 256, 1300);
    path_mtu_falls(FAR + 512, 600);
    check_equal(host.path_mtu_count, 3);
    run_until(601 * SECOND);
    check_equal(host.path_mtu_count, 2);
    check_equal(find(FAR, 0, 0), 0);
    check_equal(path.mtu, 1500);
    check_equal(find(FAR + 256, 0, 0), 0);
    check_equal(path.mtu, 1300);
    check_equal(find(FAR + 512, 0, 0), 0);
    check_equal(path.mtu, 600);
    run_until(701 * SECOND);
    check_equal(host.path_mtu_count, 0);
    ip_bed_done();
}

/* ip-route(8) */
static void a_route_may_forbid(void)
{
    static const int errors[] = {[ROUTE_BLACKHOLE] = -EINVAL,
                                 [ROUTE_UNREACHABLE] = -EHOSTUNREACH,
                                 [ROUTE_PROHIBIT] = -EACCES};

    for (uint8_t kind = ROUTE_BLACKHOLE; kind < ROUTE_KINDS; kind++) {
        struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(0), 0);

        keeper_bed();
        plan.kind = kind;
        check_equal(ip_route_put(&host, &plan, 0), 0);
        check_equal(find(0xc6336401, 0, 0), errors[kind]);
        check_equal(find(0xc6336401, 0, 1), errors[kind]); /* whatever interface is asked for */
        check_equal(find(0xc6336501, 0, 0), 0);
        plan.interface = 1;
        check_equal(ip_route_put(&host, &plan, 0), -EINVAL);
        plan.interface = 0;
        plan.gateway = ip4_of(PEER);
        check_equal(ip_route_put(&host, &plan, 0), -EINVAL);
        ip_bed_done();
    }
}

static void the_least_metric_is_taken_and_a_change_is_seen(void)
{
    struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(PEER), 0);

    keeper_bed();
    plan.metric = 10;
    check_equal(ip_route_put(&host, &plan, 0), 0);
    plan.gateway = ip4_of(0x0a000105);
    plan.metric = 20;
    plan.mtu = 1400;
    check_equal(ip_route_put(&host, &plan, 0), 0);
    check_equal(find(0xc6336401, 0, 0), 0);
    check(path.interface == 1 && path.mtu == 1500);
    plan.metric = 5;
    check_equal(ip_route_put(&host, &plan, 0), 1);
    check(!ip_path_is_fresh(&host, &path));
    check_equal(find(0xc6336401, 0, 0), 0);
    check(path.interface == 2 && path.mtu == 1400);
    check_equal(ip_route_put(&host, &plan, 0), 1); /* nothing changes */
    check(ip_path_is_fresh(&host, &path));
    plan.mtu = 67;
    check_equal(ip_route_put(&host, &plan, 0), -EINVAL);
    check_equal(ip_route_remove(&host, &plan, 0), 0);
    check_equal(ip_route_remove(&host, &plan, 0), -ESRCH);
    check_equal(find(0xc6336401, 0, 0), 0);
    check_equal(path.interface, 1);
    ip_bed_done();
}

/* As Linux: the routes of an interface go with it, those of its networks come back with it, and
 * the best of those left is taken meanwhile. */
static void an_interface_that_is_off_has_no_routes(void)
{
    struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(PEER), 1);

    keeper_bed();
    check_equal(ip_route_put(&host, &plan, 0), 0);
    plan.gateway = ip4_of(0x0a000105);
    plan.interface = 2;
    plan.metric = 9;
    check_equal(ip_route_put(&host, &plan, 0), 0);
    check_equal(find(0xc6336401, 0, 0), 0);
    check_equal(path.interface, 1);
    ip_interface_up_set(&host, 1, false, bed.now);
    check(!ip_path_is_fresh(&host, &path));
    check_equal(find(0xc6336401, 0, 0), 0);
    check_equal(path.interface, 2);
    check_equal(find(PEER, 0, 0), -ENETUNREACH);
    check_equal(find(FAR, 0, 0), -ENETUNREACH);
    ip_interface_up_set(&host, 1, true, bed.now);
    check_equal(find(PEER, 0, 0), 0);
    check_equal(path.interface, 1);
    check_equal(find(FAR, 0, 0), -ENETUNREACH); /* what was written down is to be written again */
    ip_bed_done();
}

static void a_learnt_route_is_told_of_and_ends(void)
{
    struct route_plan plan = plan_of_route(ip4_of(0xc6336400), 24, ip4_of(0x0a000105), 0);
    const struct event_route *told = &bed.last[EVENT_ROUTE].route;

    keeper_bed();
    check_equal(bed.events[EVENT_ROUTE], 0); /* of what was configured nobody is */
    plan.origin = ORIGIN_DHCP;
    plan.expires = 10 * SECOND;
    check_equal(ip_route_put(&host, &plan, 0), 0);
    run_until(SECOND);
    check_equal(bed.events[EVENT_ROUTE], 1);
    check(told->change == CHANGE_ADDED && told->origin == ORIGIN_DHCP);
    check(told->prefix.length == 24 && told->interface == 2);
    plan.expires = 20 * SECOND;
    check_equal(ip_route_put(&host, &plan, bed.now), 1);
    run_until(15 * SECOND);
    check_equal(find(0xc6336401, 0, 0), 0);
    check_equal(path.interface, 2);
    run_until(20 * SECOND);
    check(told->change == CHANGE_EXPIRED);
    check_equal(find(0xc6336401, 0, 0), 0);
    check_equal(path.interface, 1);
    ip_bed_done();
}

static const struct test tests[] = {
    {"two addresses of a network have one route", two_addresses_of_a_network_have_one_route},
    {"the longest prefix wins (RFC 1122 3.3.1)", the_longest_prefix_wins},
    {"routes and addresses that cannot be are refused", bad_routes_and_addresses_are_refused},
    {"the source is on the next hop's network (RFC 1122 3.3.4.3)",
     the_source_is_on_the_next_hops_network},
    {"a source is an address of ours, and no other (RFC 1122 3.2.1.3-1 to 7, 3.2.1.3-9)",
     a_source_is_an_address_of_ours},
    {"an interface that was asked for is used", an_interface_asked_for_is_used},
    {"own addresses, 127/8 and 0.0.0.0 are reached by the loopback",
     local_destinations_take_the_loopback},
    {"broadcasts and groups are known (RFC 1122 3.3.6, RFC 3021)", broadcasts_and_groups_are_known},
    {"a changed table makes paths stale; refreshing keeps the source",
     a_changed_table_makes_paths_stale},
    {"without a route there is no way to all hosts, or to a group",
     without_a_route_there_is_no_way_to_all},
    {"who speaks for us to a broadcast's sender is who would answer it",
     who_speaks_for_us_is_who_would_answer},
    {"a stale path is found again to send", a_stale_path_is_found_again_to_send},
    {"an address of the loopback is no source on other interfaces",
     the_loopback_speaks_for_no_other_interface},
    {"a path MTU only falls, not below its least, and expires (RFC 1191 6.3, F-07)",
     a_path_mtu_only_falls_and_expires},
    {"an address is of the family in whose network it lies",
     an_address_has_the_family_of_its_network},
    {"a least that is raised later is for what is learnt later",
     a_raised_least_leaves_what_is_known},
    {"one path MTU expires, and the others stay", one_path_mtu_expires_and_the_others_stay},
    {"an address goes with the last route to its network",
     an_address_goes_with_the_last_route_to_its_network},
    {"an address says where it came from, and since when",
     an_address_says_where_it_came_from_and_since_when},
    {"a route may forbid", a_route_may_forbid},
    {"the least metric is taken, and a change is seen",
     the_least_metric_is_taken_and_a_change_is_seen},
    {"an interface that is off has no routes (RFC 1812 3.3.6-1 to 2, 5.3.12.3-1, 5.3.12.3-3)",
     an_interface_that_is_off_has_no_routes},
    {"a learnt route is told of, and ends", a_learnt_route_is_told_of_and_ends},
    {"a full table of path MTUs forgets the oldest", the_path_mtu_table_forgets_the_oldest},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
