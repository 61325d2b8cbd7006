/* SPDX-License-Identifier: MIT */
/*
 * Switches that look into what is for groups (RFC 4541), with hosts that speak IGMP and MLD: who
 * listens gets it, nobody else does, and nobody is cut off from what he listens to.
 */
#include "lab/lan.h"

#include "sockeye/table.h"

enum { PORT = 5000 };
#define STREAM 0xe8010203U

static int s[2];
static const struct sockeye_switch_config asking = {.querier = 1, .querier_ip4 = 0x0a0000fe};

/* Four hosts at one switch. */
static void begin(const struct sockeye_switch_config *config)
{
    lan_open(4);
    s[0] = sockeye_switch(lab, "s", config);
    check(s[0] >= 0);
    for (int i = 0; i < 4; i++)
        lan_plug(i, s[0]);
    pass(15 * SECOND); /* the first question and its answers */
}

static int listener(int host, uint32_t group)
{
    struct ip_mreqn request = {.imr_ifindex = 2};
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = sockeye_socket(lab, host, AF_INET, SOCK_DGRAM, 0), on = 1;

    check_equal(sockeye_set_option(lab, host, fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    check_equal(sockeye_bind(lab, host, fd, &any, sizeof any), 0);
    request.imr_multiaddr.s_addr = htonl(group);
    check_equal(
        sockeye_set_option(lab, host, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request),
        0);
    return fd;
}

/* A datagram to a group. @return which hosts' wires got it: a bit each */
static unsigned send_to(int host, uint32_t group)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = datagrams(host, PORT + 1);
    struct sockeye_message m = {.bytes = (void *)(uintptr_t) "x",
                                .length = 1,
                                .address = &name,
                                .address_length = sizeof name};
    struct ip_mreqn way = {.imr_ifindex = 2};
    unsigned got = 0;

    name.sin_addr.s_addr = htonl(group);
    check_equal(sockeye_set_option(lab, host, fd, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof way),
                0);
    forget_frames();
    check_equal(sockeye_send_message(lab, host, fd, &m, 0), 1);
    pass(MS);
    for (int i = 0; i < lan_hosts; i++)
        got |= lan_frames[lan_wire[i]][1] ? 1U << i : 0;
    check_equal(sockeye_close_fd(lab, host, fd), 0);
    return got;
}

static int rows(int node, struct sockeye_row *row, int most)
{
    return (int)sockeye_table(lab, node, SOCKEYE_TABLE_GROUPS, row, (size_t)most);
}

static void a_group_goes_to_its_listeners_alone(void)
{
    struct sockeye_row row[64];
    bool found = false;
    int n;

    begin(&asking);
    (void)listener(1, STREAM);
    pass(2 * SECOND);
    check_equal(send_to(0, STREAM), 1 << 1);
    check_equal(send_to(0, STREAM + 1), 0);
    check(sockeye_drops(lab, s[0], DROP_SWITCH_NO_LISTENER) > 0);
    check_equal(send_to(0, 0xe00000fb), 1 << 1 | 1 << 2 | 1 << 3); /* 2.1.2 (2) */
    n = rows(s[0], row, 64);
    check(n > 0 && n <= 64);
    for (int i = 0; i < n; i++)
        if (address_equal(row[i].group.group, address_from_ip4(STREAM)))
            found = row[i].interface == 1 && row[i].origin == ORIGIN_TRAFFIC && row[i].since > 0;
    check(found);
    pass(1000 * SECOND); /* who is asked, answers */
    check_equal(send_to(0, STREAM), 1 << 1);
    lan_close();
}

static void who_leaves_gets_no_more(void)
{
    int fd;

    begin(&asking);
    fd = listener(1, STREAM);
    (void)listener(2, STREAM);
    pass(2 * SECOND);
    check_equal(send_to(0, STREAM), 1 << 1 | 1 << 2);
    check_equal(sockeye_close_fd(lab, 1, fd), 0);
    pass(4 * SECOND); /* asked twice, a second each */
    check_equal(send_to(0, STREAM), 1 << 2);
    lan_close();
}

static void without_a_querier_or_snooping_all_get_all(void)
{
    static const struct sockeye_switch_config off = {.no_snooping = 1};

    for (int i = 0; i < 2; i++) {
        struct sockeye_row row[64];

        begin(i ? &off : NULL);
        (void)listener(1, STREAM);
        pass(20 * SECOND);
        check_equal(send_to(0, STREAM), 14);
        check_equal(send_to(0, STREAM + 1), 14);
        check(rows(s[0], row, 64) > 0 ? i == 0 : i == 1);
        lan_close();
    }
}

/* RFC 4541 2.1.1 (1): the other switch hears of listeners, and gets all there is. */
static void two_switches_find_each_others_listeners(void)
{
    int fd;

    lan_open(4);
    s[0] = sockeye_switch(lab, "s0", &asking);
    s[1] = sockeye_switch(lab, "s1", NULL);
    for (int i = 0; i < 4; i++)
        lan_plug(i, s[i / 2]);
    (void)lan_join(s[0], s[1]);
    pass(15 * SECOND);
    fd = listener(3, STREAM);
    (void)listener(0, STREAM + 1);
    pass(2 * SECOND);
    check_equal(send_to(1, STREAM), 1 << 3);
    check_equal(send_to(2, STREAM + 1), 1 << 0);
    check_equal(send_to(2, STREAM), 1 << 3);
    check_equal(sockeye_close_fd(lab, 3, fd), 0);
    pass(5 * SECOND);
    check_equal(send_to(1, STREAM), 0);
    check_equal(send_to(2, STREAM), 0);
    lan_close();
}

static void vlans_listen_by_themselves(void)
{
    struct sockeye_switch_config config = asking;

    config.vlans = 1;
    lan_open(4);
    s[0] = sockeye_switch(lab, "s", &config);
    for (int i = 0; i < 4; i++) {
        const struct sockeye_port_config port = {.vlan = i < 2 ? 10 : 20};

        lan_plug(i, s[0]);
        check_equal(sockeye_switch_port(lab, s[0], i, &port), 0);
    }
    pass(15 * SECOND);
    (void)listener(1, STREAM);
    (void)listener(3, STREAM);
    pass(2 * SECOND);
    check_equal(send_to(0, STREAM), 1 << 1);
    check_equal(send_to(2, STREAM), 1 << 3);
    lan_close();
}

/* RFC 4541 3: solicited-node groups are reported, so neighbours are found through the switch. */
static void neighbours_of_ipv6_find_each_other(void)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    struct sockeye_message m = {.bytes = (void *)(uintptr_t) "six",
                                .length = 3,
                                .address = &to,
                                .address_length = sizeof to};
    char text[32];
    int fd, from;

    begin(&asking);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "fd00::%d/64", i + 1);
        check_equal(sockeye_address(lab, i, 1, text), 0);
    }
    pass(200 * SECOND); /* more than one round */
    for (int i = 1; i < 4; i++) {
        char bytes[8];

        to.sin6_addr = (struct in6_addr){.s6_addr = {0xfd, [15] = (uint8_t)(i + 1)}};
        fd = sockeye_socket(lab, i, AF_INET6, SOCK_DGRAM, 0);
        check_equal(sockeye_bind(lab, i, fd, &to, sizeof to), 0);
        from = sockeye_socket(lab, 0, AF_INET6, SOCK_DGRAM, 0);
        forget_frames();
        check_equal(sockeye_send_message(lab, 0, from, &m, 0), 3);
        pass(10 * MS);
        check_equal(sockeye_receive(lab, i, fd, bytes, sizeof bytes, 0), 3);
        for (int k = 1; k < 4; k++) /* the question went to its one listener */
            check(k == i || lan_frames[lan_wire[k]][1] == 0);
    }
    lan_close();
}

static void a_full_table_lets_all_through(void)
{
    struct sockeye_switch_config small = asking;

    small.groups = 4; /* it asks in two families; two are left */
    begin(&small);
    for (uint32_t i = 0; i < 4; i++)
        (void)listener(1, STREAM + i);
    pass(2 * SECOND);
    check_equal(send_to(0, STREAM + 3), 14);
    check_equal(send_to(0, STREAM), 14);
    lan_close();
}

static void a_port_that_goes_down_listens_no_more(void)
{
    struct sockeye_row row[64];

    begin(&asking);
    (void)listener(1, STREAM);
    pass(2 * SECOND);
    check_equal(sockeye_wire_link(lab, lan_wire[1], 0, false, sockeye_now(lab)), 0);
    pass(SECOND);
    for (int n = rows(s[0], row, 64), i = 0; i < n; i++)
        check(row[i].interface != 1);
    check_equal(send_to(0, STREAM), 0);
    lan_close();
}

static void a_switch_that_crashed_asks_again(void)
{
    struct sockeye_row row[64];

    begin(&asking);
    (void)listener(1, STREAM);
    pass(2 * SECOND);
    check_equal(sockeye_crash(lab, s[0]), 0);
    pass(SECOND);
    check_equal(rows(s[0], row, 64), 0);
    check_equal(sockeye_resume(lab, s[0]), 0);
    pass(5 * SECOND);
    check_equal(send_to(0, STREAM), 14); /* its first round */
    pass(15 * SECOND);
    check_equal(send_to(0, STREAM), 1 << 1);
    lan_close();
}

static void what_makes_no_sense_is_refused(void)
{
    static const struct sockeye_switch_config bad[] = {
        {.no_snooping = 2},
        {.no_snooping = 1, .querier = 1},
        {.querier_ip4 = 0x0a000001},
        {.querier = 1, .querier_ip4 = 0xe0000001},
        {.groups = SOCKEYE_GROUPS + 1},
        {.group_age_ns = -1},
    };

    lan_open(1);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        check_equal(sockeye_switch(lab, "bad", &bad[i]), -EINVAL);
    lan_close();
}

static const struct test tests[] = {
    {"a group goes to its listeners alone", a_group_goes_to_its_listeners_alone},
    {"who leaves gets no more", who_leaves_gets_no_more},
    {"without a querier or snooping all get all", without_a_querier_or_snooping_all_get_all},
    {"two switches find each other's listeners", two_switches_find_each_others_listeners},
    {"VLANs listen by themselves", vlans_listen_by_themselves},
    {"neighbours of IPv6 find each other", neighbours_of_ipv6_find_each_other},
    {"a full table lets all through", a_full_table_lets_all_through},
    {"a port that goes down listens no more", a_port_that_goes_down_listens_no_more},
    {"a switch that crashed asks again", a_switch_that_crashed_asks_again},
    {"what makes no sense is refused", what_makes_no_sense_is_refused},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
