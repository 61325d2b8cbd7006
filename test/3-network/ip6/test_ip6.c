/* SPDX-License-Identifier: MIT */
/* IPv6, RFC 8200: what goes out, what comes in, to whom. */
#include <errno.h>

#include "3-network/ip6_bed.h"

static struct datagram d, sent;
static struct ip6_header h;

static void the_header_is_read_as_it_was_written(void)
{
    struct ip6_header again;
    struct reader r;

    h = header6_for(PEER6, HOST6, 17);
    h.traffic_class = 0xb8;
    h.flow_label = 0xabcde;
    h.hop_limit = 7;
    packet6_make(&d, h, "12345678", 8);
    check_equal(d.bytes[0], 0x6b);
    check_equal(d.bytes[1], 0x8a);
    r = reader_of(d.bytes, d.length);
    check(ip6_header_read(&r, &again));
    check(address_equal(again.source, PEER6) && address_equal(again.dest, HOST6));
    check_equal(again.traffic_class, 0xb8);
    check_equal(again.flow_label, 0xabcde);
    check_equal(again.payload_length, 8);
    check_equal(again.next_header, 17);
    check_equal(again.hop_limit, 7);
    r = reader_of(d.bytes, d.length - 1);
    check(!ip6_header_read(&r, &again));
    r = reader_of(d.bytes, d.length - 1);
    check(ip6_header_read_quoted(&r, &again));
    d.bytes[0] = 0x4b;
    r = reader_of(d.bytes, d.length);
    check(!ip6_header_read(&r, &again));
}

static void a_datagram_goes_by_its_path(void)
{
    ip6_bed();
    check_equal(send6_to(PEER6, 100, (struct ip_send_facts){.traffic_class = 0x28}), 0);
    check(left6(&d, &h));
    check(address_equal(h.source, HOST6) && address_equal(h.dest, PEER6));
    check_equal(h.payload_length, 100);
    check_equal(h.hop_limit, 64);
    check_equal(h.traffic_class, 0x28);
    check_equal(h.next_header, IP_PROTOCOL_UDP);
    check_equal(send6_to(FAR6, 1, (struct ip_send_facts){.hop_limit = 3}), 0);
    check(left6(&d, &h));
    check_equal(h.hop_limit, 3);
    check(address_equal(h.source, HOST6) && address_equal(h.dest, FAR6));
    interfaces[2].hop_limit = 99; /* as a router said */
    check_equal(send6_to(IP6(0xfd01000000000000, 7), 1, (struct ip_send_facts){0}), 0);
    check(left6_by(2, &d, &h));
    check_equal(h.hop_limit, 99);
    ip_bed_done();
}

static void a_datagram_for_us_comes_up(void)
{
    ip6_bed();
    h = header6_for(PEER6, HOST6, IP_PROTOCOL_UDP);
    h.traffic_class = 0x29;
    h.flow_label = 0x12345;
    h.hop_limit = 0; /* RFC 8200 3: received like any other */
    for (int i = 1; i <= 2; i++) {
        packet6_make(&sent, h, "whatever", 8);
        memcpy(sent.bytes + sent.length, "padding of a frame", 18);
        inject_on(1, sent.bytes, sent.length + 18);
        check_equal(udp_keeper.count, i);
        check_equal(udp_keeper.last.length, 8);
        check(address_equal(udp_keeper.meta.source, PEER6));
        check(address_equal(udp_keeper.meta.dest, HOST6));
        check_equal(udp_keeper.meta.interface, 1);
        check_equal(udp_keeper.meta.traffic_class, 0x29);
        check_equal(udp_keeper.meta.flow_label, 0x12345);
        check_equal(udp_keeper.meta.hop_limit, 0);
        check(!udp_keeper.meta.broadcast && !udp_keeper.meta.has_options);
    }
    ip_bed_done();
}

static void the_loopback_carries_what_is_for_this_host(void)
{
    ip6_bed();
    check_equal(send6_to(LOCALHOST6, 9000, (struct ip_send_facts){0}), 0);
    settle();
    check_equal(udp_keeper.count, 1);
    check(address_equal(udp_keeper.meta.source, LOCALHOST6));
    check_equal(udp_keeper.meta.interface, 0);
    check_equal(send6_to(HOST6_2, 10, (struct ip_send_facts){0}), 0);
    settle();
    check_equal(udp_keeper.count, 2);
    check(address_equal(udp_keeper.meta.source, HOST6_2));
    check_equal(udp_keeper.meta.interface, 2); /* counts as having come by its interface */
    check_equal(send6_to(IP6(0, 0), 10, (struct ip_send_facts){0}), 0);
    settle();
    check(address_equal(udp_keeper.meta.dest, LOCALHOST6));
    check(nothing_left());
    ip_bed_done();
}

static void what_is_sent_to_all_nodes_comes_back(void)
{
    ip6_bed();
    check_equal(send6_to(IP6_ALL_NODES, 10, (struct ip_send_facts){0}), 0);
    check(left6(&d, &h));
    settle();
    check_equal(udp_keeper.count, 1);
    check(udp_keeper.meta.broadcast);
    check_equal(udp_keeper.meta.interface, 1);
    check_equal(send6_to(IP6_ALL_NODES, 10, (struct ip_send_facts){.how = IP_SEND_NO_LOOP}), 0);
    check_equal(send6_to(IP6_ALL_ROUTERS, 10, (struct ip_send_facts){0}), 0);
    settle();
    check_equal(udp_keeper.count, 1);
    ip_bed_done();
}

/* One datagram; how many came up, were dropped for their destination and for their source. */
static void martians_are_dropped(void)
{
    const struct {
        struct address source, dest;
        uint32_t up, dest_drops, source_drops;
    } rows[] = {
        {PEER6, HOST6, 1, 0, 0},
        {PEER6, HOST6_2, 1, 0, 0}, /* the weak model */
        {PEER6_LINK, HOST6_LINK, 1, 0, 0},
        {PEER6, IP6_ALL_NODES, 1, 0, 0},
        {PEER6, IP6(0xff02000000000000, 0x1ff000001), 1, 0, 0}, /* solicited-node */
        {PEER6, IP6(0xff02000000000000, 0x1ff000002), 0, 1, 0},
        {PEER6, IP6_ALL_ROUTERS, 0, 1, 0},
        {PEER6, IP6(0xff01000000000000, 1), 0, 1, 0}, /* of the interface: RFC 4291 2.7.1 */
        {PEER6, IP6(0xff00000000000000, 1), 0, 1, 0}, /* a reserved scope */
        {PEER6, PEER6, 0, 1, 0},
        {PEER6, LOCALHOST6, 0, 1, 0}, /* RFC 4291 2.5.3: MUST be dropped */
        {PEER6, IP6(0, 0), 0, 1, 0},
        {PEER6, IP6(0, 0xffff0a000001), 0, 1, 0}, /* 10.0.0.1, ours in IPv4 */
        {LOCALHOST6, HOST6, 0, 0, 1},
        {IP6(0, 0), HOST6, 0, 0, 1}, /* RFC 4291 2.5.2 */
        {IP6(0, 0), IP6_ALL_NODES, 1, 0, 0},
        {IP6(0, 0xffff0a000002), HOST6, 0, 0, 1},
        {IP6(0, 0xffff00000000), IP6_ALL_NODES, 0, 0, 1},
        {IP6_ALL_NODES, HOST6, 0, 0, 1}, /* RFC 4291 2.7: no group is a source */
        {HOST6, HOST6, 0, 0, 1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ip6_bed();
        packet6_make(&sent, header6_for(rows[i].source, rows[i].dest, IP_PROTOCOL_UDP), "x", 1);
        inject(&sent);
        if (udp_keeper.count != rows[i].up ||
            drops(DROP_IP_DEST) + drops(DROP_NOT_FOR_US) != rows[i].dest_drops ||
            drops(DROP_IP_SOURCE) != rows[i].source_drops)
            test_fail(__FILE__, __LINE__, "row %zu", i);
        check(nothing_left());
        ip_bed_done();
    }
}

static void an_interface_without_an_address_is_silent_and_deaf(void)
{
    keeper_bed();
    packet6_make(&sent, header6_for(PEER6, IP6_ALL_NODES, IP_PROTOCOL_UDP), "x", 1);
    inject(&sent);
    check_equal(udp_keeper.count, 0);
    check_equal(drops(DROP_ETHERTYPE), 1);
    check_equal(send6_to(IP6_ALL_NODES, 1, (struct ip_send_facts){0}), -ENETUNREACH);
    check_equal(send6_to(PEER6, 1, (struct ip_send_facts){0}), -ENETUNREACH);
    check_equal(send6_to(LOCALHOST6, 1, (struct ip_send_facts){0}), 0); /* the loopback speaks it */
    settle();
    check_equal(udp_keeper.count, 1);
    check(nothing_left());
    ip_bed_done();
}

static void only_addresses_of_one_station_are_taken(void)
{
    ip6_bed();
    check_equal(ip_address_add(&host, 1, IP6_ALL_NODES, 64, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, IP6(0, 0), 64, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, LOCALHOST6, 128, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, PEER6, 129, 0), -EINVAL);
    check_equal(ip_address_add(&host, 1, PEER6, 0, 0), -EINVAL);
    check_equal(ip_address_add(&host, 2, HOST6, 64, 0), -EEXIST);
    wires[2].mtu = 1279; /* RFC 8200 5: no link of IPv6 carries less than 1280 */
    interfaces[2].speaks_ip6 = 0;
    check_equal(ip_address_add(&host, 2, PEER6, 64, 0), -EINVAL);
    ip_bed_done();
}

/* RFC 4291 2.7: scope 0 is reserved, and F is as E. */
static void a_group_of_no_scope_is_nobodys(void)
{
    struct ip_path path;

    ip6_bed();
    check_equal(ip_path_find(&host, IP6(0xff00000000000000, 9), IP6(0, 0), 1, 0, &path),
                -ENETUNREACH);
    for (uint64_t scope = 0xe; scope <= 0xf; scope++) {
        const struct address group = IP6(0xff00000000000000 | scope << 48, 9);

        check_equal(ip_path_find(&host, group, IP6(0, 0), 1, 0, &path), 0);
        check(path.group && address_equal(path.source, HOST6));
    }
    ip_bed_done();
}

/* RFC 6724 4: what goes no further than a link, or to a group, has a source of that link alone. */
static void to_groups_only_addresses_of_their_link_speak(void)
{
    const struct address groups[] = {IP6(0xff0e000000000000, 9), IP6(0xff02000000000000, 9),
                                     IP6(0xfe80000000000000, 9)};
    struct ip_path path;

    ip6_bed();
    for (uint32_t k = 0; k < 3; k++) {
        check_equal(ip_path_find(&host, groups[k], IP6(0, 0), 2, 0, &path), 0);
        check(address_equal(path.source, HOST6_2)); /* though HOST6_LINK is of the scope */
    }
    check_equal(ip_address_remove(&host, 2, HOST6_2, 0), 0);
    check_equal(ip_address_add(&host, 2, ip4_of(HOST_2 + 1), 24, 0), 0);
    check_equal(ip_route_add(&host, IP6(0xfd05000000000000, 0), 64, IP6(0, 0), 2), 0);
    check_equal(ip_path_find(&host, IP6(0xfd05000000000000, 9), IP6(0, 0), 0, 0, &path), 0);
    check(address_equal(path.source, HOST6)); /* to others those of other interfaces do */
    for (uint32_t k = 0; k < 3; k++)
        check_equal(ip_path_find(&host, groups[k], IP6(0, 0), 2, 0, &path), -EADDRNOTAVAIL);
    ip_bed_done();
}

static void what_does_not_fit_is_refused(void)
{
    ip6_bed();
    check_equal(send6_to(PEER6, 1461, (struct ip_send_facts){.dont_fragment = 1}), -EMSGSIZE);
    check_equal(drops(DROP_IP_TOO_BIG), 1);
    check_equal(send6_to(PEER6, 1460, (struct ip_send_facts){.dont_fragment = 1}), 0);
    check(left6(&d, &h));
    check_equal(d.length, 1500);
    ip_bed_done();
}

static uint32_t label_of_flow(uint32_t flow, struct address dest)
{
    check_equal(send6_to(dest, 9, (struct ip_send_facts){.flow = flow}), 0);
    check(left6(&d, &h));
    return h.flow_label;
}

static void every_flow_has_a_label_of_its_own(void)
{
    uint32_t label;

    ip6_bed();
    label = label_of_flow(5, FAR6);
    check(label != 0 && label <= IP6_FLOW_LABEL_MOST);
    check_equal(label_of_flow(5, FAR6), label);
    check(label_of_flow(6, FAR6) != label);
    check(label_of_flow(5, PEER6) != label);
    check_equal(label_of_flow(0, FAR6), 0); /* of no flow */
    host.settings.auto_flowlabels = 0;
    check_equal(label_of_flow(5, FAR6), 0);
    ip_bed_done();
}

static const struct test tests[] = {
    {"the header is read as it was written (RFC 8200 3)", the_header_is_read_as_it_was_written},
    {"a datagram goes by its path, with the hop limit of its sender, a router or the host",
     a_datagram_goes_by_its_path},
    {"a datagram for us comes up with all its facts, hop limit 0 too (RFC 8200 3)",
     a_datagram_for_us_comes_up},
    {"the loopback carries what is for this host", the_loopback_carries_what_is_for_this_host},
    {"what is sent to all nodes comes back, to other groups and layer 3's own not",
     what_is_sent_to_all_nodes_comes_back},
    {"martians are dropped (RFC 4291 2.5.2, 2.5.3, 2.7)", martians_are_dropped},
    {"an interface without an address of IPv6 is silent and deaf",
     an_interface_without_an_address_is_silent_and_deaf},
    {"only addresses of one station are taken, on links of 1280 bytes and more (RFC 8200 5)",
     only_addresses_of_one_station_are_taken},
    {"every flow has a label of its own (RFC 6437 2)", every_flow_has_a_label_of_its_own},
    {"a group of no scope is nobody's (RFC 4291 2.7-5, 2.7-7)", a_group_of_no_scope_is_nobodys},
    {"to groups only addresses of their link speak (RFC 6724 4-2)",
     to_groups_only_addresses_of_their_link_speak},
    {"what does not fit and may not be in fragments is refused", what_does_not_fit_is_refused},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
