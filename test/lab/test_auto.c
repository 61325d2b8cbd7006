/* SPDX-License-Identifier: MIT */
/*
 * A host that finds its addresses itself, behind a router that advertises, and a host with an
 * address behind another of its interfaces: sockets of AF_INET6 from one to the other.
 */
#include "lab/pair6.h"

enum { R = 2 };

static void joined(int node, const char *name, int wire, int end, const char *address)
{
    int i = sockeye_interface(lab, node, name, wire, end, NULL);

    check(i > 0);
    check_equal(sockeye_address(lab, node, i, address), 0);
}

static void auto_open(const struct sockeye_advertise_config *config)
{
    const struct sockeye_config size = {.hosts = 3, .wires = 2};
    const struct sockeye_wire_config wire = {.delay_ns = 1000000};

    check_equal(sockeye_open(&size, &lab), 0);
    check_equal(sockeye_host(lab, "a"), A);
    check_equal(sockeye_host(lab, "b"), B);
    check_equal(sockeye_router(lab, "r"), R);
    check_equal(sockeye_wire(lab, "near", &wire, NULL), 0);
    check_equal(sockeye_wire(lab, "far", &wire, NULL), 1);
    joined(A, "eth0", 0, 0, "auto");
    joined(R, "eth0", 0, 1, "fd00:1::1/64");
    joined(R, "eth1", 1, 0, "fd00:2::1/64");
    joined(B, "eth0", 1, 1, "fd00:2::2/64");
    check_equal(sockeye_route(lab, B, "default", "fd00:2::1", 0), 0);
    check_equal(sockeye_advertise(lab, R, 1, config), 0);
}

/* Until a name of A's own is of this prefix, ten seconds at most. */
static bool has_address(void)
{
    struct sockaddr_in6 own;
    uint32_t length;

    for (int k = 0; k < 100; k++) {
        int fd = open6(A, SOCK_DGRAM), r = connect6(A, fd, "fd00:2::2", 9);

        length = sizeof own;
        if (r == 0)
            check_equal(sockeye_local_name(lab, A, fd, &own, &length), 0);
        check_equal(sockeye_close_fd(lab, A, fd), 0);
        if (r == 0 && own.sin6_addr.s6_addr[0] == 0xfd && own.sin6_addr.s6_addr[3] == 1)
            return true;
        pass(100 * MS);
    }
    return false;
}

static void a_host_finds_its_address_and_its_router(void)
{
    char bytes[8];
    int l, fd, got;

    auto_open(NULL);
    check(has_address());
    l = open6(B, SOCK_STREAM);
    check_equal(bind6(B, l, "::", 80), 0);
    check_equal(sockeye_listen(lab, B, l, 5), 0);
    fd = open6(A, SOCK_STREAM);
    check_equal(connect6(A, fd, "fd00:2::2", 80), -EINPROGRESS);
    pass(SECOND);
    got = sockeye_accept(lab, B, l, NULL, NULL);
    check(got >= 0);
    check_equal(sockeye_send(lab, A, fd, "hello", 5, 0), 5);
    pass(SECOND);
    check_equal(sockeye_receive(lab, B, got, bytes, sizeof bytes, 0), 5);
    pair_close();
}

static void what_a_router_says_ends_with_its_word(void)
{
    const struct sockeye_advertise_config off = {.off = 1};
    int fd;

    auto_open(NULL);
    check(has_address());
    check_equal(sockeye_advertise(lab, R, 1, &off), 0);
    pass(SECOND);
    fd = open6(A, SOCK_DGRAM);
    check_equal(connect6(A, fd, "fd00:2::2", 9), -ENETUNREACH);
    pair_close();
}

static void what_a_router_cannot_say_is_refused(void)
{
    const struct sockeye_advertise_config bad[] = {
        {.interval_s = 3},
        {.interval_s = 1801},
        {.lifetime_s = 9001},
        {.interval_s = 600, .lifetime_s = 599},
        {.preference = 2},
        {.preference = -2},
        {.mtu = 1 << 20},
        {.reachable_ms = 3600001},
        {.managed = 2},
        {.valid_s = 10, .preferred_s = 11},
        {.prefixes = "fd00::1"},
        {.prefixes = "10.0.0.0/8"},
        {.prefixes = ""},
        {.prefixes = "fd00::/129"},
        {.prefixes = "a::/64,b::/64,c::/64,d::/64,e::/64,f::/64,1::/64,2::/64,3::/64"},
        {.servers = "ff02::1"},
        {.servers = "a::,b::,c::,d::,e::"},
        {.servers = "fd00::1/64"},
    };

    auto_open(NULL);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        check_equal(sockeye_advertise(lab, R, 1, &bad[k]), -EINVAL);
    check_equal(sockeye_advertise(lab, R, 0, NULL), -EINVAL);
    check_equal(sockeye_advertise(lab, R, 9, NULL), -EINVAL);
    check_equal(sockeye_advertise(lab, 99, 1, NULL), -EINVAL);
    check_equal(sockeye_address(lab, A, 0, "auto"), -EINVAL);
    pair_close();
}

/* Four seconds are the shortest that the longest interval may be; the shortest is three then. */
static void the_shortest_interval_is_three_seconds(void)
{
    const struct sockeye_advertise_config quick = {.interval_s = 4};
    int64_t last = 0;
    uint8_t type;
    int fd, count = 0;

    auto_open(&quick);
    fd = sockeye_socket(lab, A, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    check(fd >= 0);
    for (int64_t k = 1; k <= 2000; k++) { /* 200 s */
        pass(100 * MS);
        while (sockeye_receive(lab, A, fd, &type, 1, 0) > 0) {
            if (type != 134)
                continue;
            check(count == 0 || k - last >= 29);
            check(k - last <= 41);
            last = k;
            count++;
        }
    }
    check(count >= 49 && count <= 68);
    pair_close();
}

static void a_host_without_ipv6_takes_no_address_of_it(void)
{
    const struct sockeye_config size = {.hosts = 1, .wires = 1};
    int i;

    check_equal(sockeye_open(&size, &lab), 0);
    check_equal(sockeye_host(lab, "a"), A);
    check_equal(sockeye_wire(lab, "near", NULL, NULL), 0);
    check_equal(sockeye_set(lab, A, "ipv6.disable", "1"), 0);
    i = sockeye_interface(lab, A, "eth0", 0, 0, NULL);
    check_equal(sockeye_address(lab, A, i, "fd00::1/64"), -EAFNOSUPPORT);
    check_equal(sockeye_address(lab, A, i, "auto"), -EAFNOSUPPORT);
    check_equal(sockeye_advertise(lab, A, i, NULL), -EAFNOSUPPORT);
    check_equal(sockeye_address(lab, A, i, "10.0.0.1/24"), 0);
    pair_close();
}

static const struct test tests[] = {
    {"a host finds its address and its router (RFC 4862 5.5)",
     a_host_finds_its_address_and_its_router},
    {"what a router says ends with its word (RFC 4861 6.2.5)",
     what_a_router_says_ends_with_its_word},
    {"what a router cannot say is refused (RFC 4861 6.2.1)", what_a_router_cannot_say_is_refused},
    {"the shortest interval is three seconds (RFC 4861 6.2.1-4)",
     the_shortest_interval_is_three_seconds},
    {"a host without IPv6 takes no address of it", a_host_without_ipv6_takes_no_address_of_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
