/* SPDX-License-Identifier: MIT */
/*
 * A host as assembled: its tables agree with its structs, layer 6 finds the names that other layers
 * own, and one host's hunger is not another's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "check.h"
#include "lab/handle.h"

static struct sockeye *pair(uint32_t packets)
{
    struct sockeye_config config = {
        .hosts = 2, .wires = 2, .sockets = 16, .packets = packets, .buffer_bytes = 1 << 20};
    struct sockeye *lab;

    check(sockeye_open(&config, &lab) == 0);
    check(sockeye_wire(lab, "w", NULL, NULL) == 0);
    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    check(sockeye_interface(lab, 0, "eth0", 0, 0, NULL) == 1);
    check(sockeye_interface(lab, 1, "eth0", 0, 1, NULL) == 1);
    check(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    check(sockeye_address(lab, 1, 1, "10.0.0.2/24") == 0);
    return lab;
}

static void tables_agree_with_the_attached(void)
{
    struct sockeye *lab = pair(0);
    const struct host *h = host_of_node(lab->lab->node[0]);

    check_equal(ip_upper_codes[h->transport.tcp.ip_upper.code].protocol, IP_PROTOCOL_TCP);
    check_equal(ip_upper_codes[h->transport.udp.ip_upper.code].protocol, IP_PROTOCOL_UDP);
    check_equal(ip_upper_codes[h->transport.ping.ip_upper.code].protocol, IP_PROTOCOL_ICMP);
    check_equal(link_upper_codes[h->ip.interface[1]->link_upper.code].ethertype, 0x0800);
    check(wire_upper_codes[host_interface(h, 1)->link.wire_upper.code].receive == link_receive);
    for (uint32_t i = 1; i < ip_upper_code_count; i++)
        check((ip_upper_codes[i].receive && ip_upper_codes[i].error) ||
              (ip_upper_codes[i].watch && ip_upper_codes[i].watch_error));
    for (uint32_t i = 1; i < link_upper_code_count; i++) {
        check(link_upper_codes[i].receive);
        /* LAPB names a station, not a next hop: none of its frames waits for one */
        check(i == HOST_LINK_LAPB || link_upper_codes[i].unreachable);
    }
    check_equal(node_check(&h->node), 0);
    sockeye_close(lab);
}

/* What an outsider must not guess: hashes and numbers of one host tell nothing of another's. */
static void secrets_are_each_hosts_own(void)
{
    struct sockeye *lab = pair(0);
    struct siphash_key key[2 * 3], none = {0};

    for (uint32_t i = 0; i < 2; i++) {
        const struct tcp *t = &host_of_node(lab->lab->node[i])->transport.tcp;

        key[3 * i] = t->isn_key;
        key[3 * i + 1] = t->timestamp_key;
        key[3 * i + 2] = t->table_key;
    }
    for (int i = 0; i < 6; i++) {
        check(memcmp(&key[i], &none, sizeof none) != 0);
        for (int j = 0; j < i; j++)
            check(memcmp(&key[i], &key[j], sizeof none) != 0);
    }
    sockeye_close(lab);
}

static void the_sums_of_the_arena_are_exact(void)
{
    struct sockeye_config config = {.hosts = 1, .wires = 1, .sockets = 1024};
    const struct arena *arena;
    struct sockeye *lab;
    uint64_t used;

    check(sockeye_open(&config, &lab) == 0);
    arena = lab->lab->arena;
    used = arena->used;
    check(sockeye_host(lab, "a") == 0 && sockeye_wire(lab, "w", NULL, NULL) == 0);
    check_equal(arena->used - used, host_arena_bytes(1024));
    used = arena->used;
    check(sockeye_interface(lab, 0, "eth0", 0, 0, NULL) == 1);
    check_equal(arena->used - used, host_interface_arena_bytes());
    sockeye_close(lab);
}

/* Slots of the pools of all nodes that are taken. */
static uint32_t slots_taken(const struct sockeye *lab)
{
    const struct node_pools *p = &lab->lab->pools;

    return pool_count(p->nodes) + pool_count(p->interfaces) + pool_count(p->fragments) +
           pool_count(p->icmp);
}

/* Each get of theirs fails in turn. */
static void what_cannot_be_made_takes_nothing(void)
{
    struct sockeye_config config = {.hosts = 64, .wires = 16, .sockets = 16};
    struct sockeye *lab;
    uint32_t taken = 0;
    int made = -ENOMEM;

    check(sockeye_open(&config, &lab) == 0);
    check(sockeye_wire(lab, "w", NULL, NULL) == 0);
    for (uint64_t n = 1; made < 0; n++) {
        sockeye_fail_get(lab, n);
        made = sockeye_host(lab, "a");
        check(made == 0 || (made == -ENOMEM && slots_taken(lab) == 0 && n < 40));
    }
    check_equal(sockeye_find_host(lab, "a"), 0);
    taken = slots_taken(lab);
    made = -ENOMEM;
    for (uint64_t n = 1; made < 0; n++) {
        sockeye_fail_get(lab, n);
        made = sockeye_interface(lab, 0, "eth0", 0, 0, NULL);
        check(made == 1 || (made == -ENOMEM && slots_taken(lab) == taken && n < 10));
    }
    sockeye_fail_get(lab, 0);
    check_equal(slots_taken(lab), taken + 1);
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

static void a_node_holds_both_ends_of_a_wire(void)
{
    struct sockeye_config config = {.hosts = 1, .wires = 2, .sockets = 16};
    struct sockeye *lab;
    const struct node *n;

    check(sockeye_open(&config, &lab) == 0);
    check(sockeye_host(lab, "a") == 0);
    check(sockeye_wire(lab, "v", NULL, NULL) == 0 && sockeye_wire(lab, "w", NULL, NULL) == 1);
    check(sockeye_interface(lab, 0, "one", 1, 1, NULL) == 1);
    check(sockeye_interface(lab, 0, "two", 1, 0, NULL) == 2);
    n = lab->lab->node[0];
    check_equal(node_interface_at(n, 1, 1), 1);
    check_equal(node_interface_at(n, 1, 0), 2);
    check_equal(node_interface_at(n, 0, 0), -ENODEV);
    check_equal(node_interface_at(n, LAB_LOOPBACK_WIRE, 0), 0);
    check_equal(node_interface_at(n, LAB_LOOPBACK_WIRE, 1), 0);
    check_equal(node_check(n), 0);
    sockeye_close(lab);
}

static void names_of_interfaces(void)
{
    struct sockeye *lab = pair(0);
    const struct call_host *calls = &host_of_node(lab->lab->node[0])->calls;
    char name[CALL_INTERFACE_NAME_BYTES];

    check_equal(manage_interface_by_name(calls, "lo", 2), 0);
    check_equal(manage_interface_by_name(calls, "eth0", 4), 1);
    check_equal(manage_interface_by_name(calls, "eth", 3), -ENODEV);
    check_equal(manage_interface_by_name(calls, "eth00", 5), -ENODEV);
    check_equal(manage_interface_by_name(calls, "", 0), -ENODEV);
    check_equal(manage_interface_name(calls, 1, name), 4);
    check(strcmp(name, "eth0") == 0);
    check_equal(manage_interface_name(calls, 2, name), -ENODEV);
    sockeye_close(lab);
}

static void names_of_congestion_controls(void)
{
    struct sockeye *lab = pair(0);
    const struct call_host *calls = &host_of_node(lab->lab->node[0])->calls;
    char name[CALL_CONGESTION_NAME_BYTES], text[32];

    check_equal(manage_congestion_by_name(calls, "reno", 4), TCP_CC_RENO);
    check_equal(manage_congestion_by_name(calls, "none", 4), -ENOENT);
    check_equal(manage_congestion_name(calls, TCP_CC_RENO, name), 0);
    check(strcmp(name, "reno") == 0 && name[15] == 0);
    check_equal(manage_congestion_name(calls, TCP_CC_RENO + 1, name), -ENOENT);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_congestion_control", "none"), -EINVAL);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_congestion_control", "reno"), 0);
    check_equal(sockeye_get(lab, 0, "net.ipv4.tcp_congestion_control", text, sizeof text), 0);
    check(strcmp(text, "reno") == 0);
    sockeye_close(lab);
}

static void a_setting_stands_in_every_layer_that_needs_it(void)
{
    struct sockeye *lab = pair(0);
    const struct host *h = host_of_node(lab->lab->node[0]);

    check_equal(sockeye_set(lab, 0, "net.ipv4.ip_default_ttl", "77"), 0);
    check(h->ip.settings.default_ttl == 77 && h->calls.settings.default_ttl == 77);
    check_equal(sockeye_set(lab, 0, "net.core.somaxconn", "9"), 0);
    check(h->transport.tcp.settings.somaxconn == 9 && h->calls.settings.somaxconn == 9);
    check_equal(sockeye_set(lab, 0, "net.ipv4.ip_local_port_range", "4000 4003"), 0);
    check(h->transport.udp.ports.first == 4000 && h->transport.tcp.ports.last == 4003);
    check_equal(sockeye_set(lab, 0, "net.ipv4.neigh.default.retrans_time_ms", "250"), 0);
    check_equal(host_interface(h, 1)->link.settings.retransmit, 250 * MILLISECOND);
    check_equal(host_of_node(lab->lab->node[1])->ip.settings.default_ttl, 64);
    check(sockeye_wire(lab, "later", NULL, NULL) == 1);
    check_equal(sockeye_interface(lab, 0, "eth1", 1, 0, NULL), 2);
    check_equal(host_interface(h, 2)->link.settings.retransmit, 250 * MILLISECOND);
    sockeye_close(lab);
}

/* Datagrams that nobody reads fill one host; the other's packets are its own. */
static void limits_belong_to_a_host(void)
{
    struct sockeye *lab = pair(32);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
    int from = sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, 0);
    int to = sockeye_socket(lab, 1, AF_INET, SOCK_DGRAM, 0);
    char bytes[100] = {0};
    int got = 0;

    check_equal(sockeye_bind(lab, 1, to, &a, sizeof a), 0);
    a.sin_addr.s_addr = htonl(0x0a000002);
    check_equal(sockeye_connect(lab, 0, from, &a, sizeof a), 0);
    for (int i = 0; i < 200; i++) {
        check_equal(sockeye_send(lab, 0, from, bytes, sizeof bytes, 0), sizeof bytes);
        sockeye_advance(lab, sockeye_now(lab) + 10 * MILLISECOND);
    }
    check(lab->lab->node[1]->means.packet_budget.used <= 32);
    check_equal(lab->lab->node[0]->means.packet_budget.used, 0);
    check(sockeye_drops(lab, 1, DROP_NO_MEMORY) + sockeye_drops(lab, -1, DROP_NO_MEMORY) +
              sockeye_drops(lab, 1, DROP_UDP_BUFFER) >
          0);
    while (sockeye_receive(lab, 1, to, bytes, sizeof bytes, 0) == sizeof bytes)
        got++;
    check(got > 0 && got <= 32);
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"the tables agree with what is attached", tables_agree_with_the_attached},
    {"every secret of a host is its own", secrets_are_each_hosts_own},
    {"what a host and an interface take of the arena is told to the byte",
     the_sums_of_the_arena_are_exact},
    {"a host or an interface that cannot be made takes nothing", what_cannot_be_made_takes_nothing},
    {"a node may hold both ends of a wire, and of its loopback it does",
     a_node_holds_both_ends_of_a_wire},
    {"interfaces are found by name and named by number", names_of_interfaces},
    {"congestion controls are found by name and named by number", names_of_congestion_controls},
    {"a setting stands in every layer that needs it",
     a_setting_stands_in_every_layer_that_needs_it},
    {"limits belong to a host", limits_belong_to_a_host},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
