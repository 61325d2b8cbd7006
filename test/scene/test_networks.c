/* SPDX-License-Identifier: MIT */
/* Networks, switches and routers of a lab file: what they become, and how faults are told. */
#include <string.h>
#include "check.h"
#include "load.h"
#include "scene/scene.h"

/* The address of a host's interface as text, with its prefix; the k-th. */
static const char *address_of(const struct scene_file *file, const char *name, unsigned interface,
                              unsigned k)
{
    static char text[ADDRESS_TEXT_BYTES + 8];
    int host = scene_find_host(file->lab, name);
    const struct scene_interface *is;
    size_t length;

    check(host >= 0 && interface < file->lab->hosts[host].interfaces_count);
    is = &file->lab->hosts[host].interfaces[interface];
    if (k >= is->ip_count)
        return "none";
    length = address_format(is->ip[k].ip, text);
    snprintf(text + length, sizeof text - length, "/%d", is->ip[k].bits);
    return text;
}

static void check_text(const char *is, const char *wanted, int line)
{
    if (strcmp(is, wanted) != 0)
        test_fail(__FILE__, line, "is \"%s\", not \"%s\"", is, wanted);
}
#define CHECK_TEXT(is, wanted) check_text(is, wanted, __LINE__)

/* "10.2.0.0/24 via 10.1.0.254 by eth0" for each route of a host, a line each. */
static const char *ways_of(const struct scene_file *file, const char *name)
{
    static char text[2000];
    const struct scene_host *host = &file->lab->hosts[scene_find_host(file->lab, name)];
    size_t length = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < host->ways_count; i++) {
        char to[ADDRESS_TEXT_BYTES], via[ADDRESS_TEXT_BYTES];

        address_format(host->ways[i].network.ip, to);
        address_format(host->ways[i].via, via);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s/%d via %s by %s\n", to,
                                   host->ways[i].network.bits, via,
                                   host->interfaces[host->ways[i].interface].name);
    }
    return text;
}

static void hosts_of_a_network_have_addresses(void)
{
    struct scene_file file;

    load_right(
        "networks:\n  - {name: lan}\n  - {name: six, addresses: [10.9.0.0/29, fd00:9::/64]}\n"
        "hosts:\n  - {name: a, net: lan}\n"
        "  - {name: b, interfaces: [{name: e0, net: six}, {name: e1, net: lan}]}\n"
        "  - {name: c, interfaces: [{name: e0, net: lan, address: 10.1.0.3/24}]}\n"
        "  - {name: d, net: lan}\n"
        "  - {name: e, interfaces: [{name: e0, net: six, addresses: ['fd00:9::1/64']}]}\n"
        "routers:\n  - {name: r, interfaces: [{name: e0, net: lan}, {name: e1, net: six}]}\n"
        "  - {name: s, net: lan}\n",
        &file);
    CHECK_TEXT(address_of(&file, "a", 0, 0), "10.1.0.1/24");
    CHECK_TEXT(address_of(&file, "b", 1, 0), "10.1.0.2/24");
    CHECK_TEXT(address_of(&file, "d", 0, 0), "10.1.0.4/24"); /* that of c is passed over */
    CHECK_TEXT(address_of(&file, "r", 0, 0), "10.1.0.254/24");
    CHECK_TEXT(address_of(&file, "s", 0, 0), "10.1.0.253/24");
    CHECK_TEXT(address_of(&file, "b", 0, 0), "10.9.0.1/29");
    CHECK_TEXT(address_of(&file, "b", 0, 1), "fd00:9::2/64");
    CHECK_TEXT(address_of(&file, "e", 0, 0), "fd00:9::1/64");
    CHECK_TEXT(address_of(&file, "e", 0, 1), "none");
    CHECK_TEXT(address_of(&file, "r", 1, 0), "10.9.0.6/29");
    CHECK_TEXT(address_of(&file, "r", 1, 1), "fd00:9::ffff/64");
    scene_close(&file);
}

static void a_network_is_a_switch_and_cables(void)
{
    struct scene_file file;
    const struct scene *lab;

    load_right("switches:\n  - {name: sw, age: 10s, stations: 8}\n"
               "networks:\n  - {name: lan, switch: sw, delay: 3ms, loss: 1%}\n  - {name: own}\n"
               "wires:\n  - {name: up, between: [sw.up, z.e]}\n"
               "hosts:\n  - {name: a, net: lan}\n  - {name: z, interfaces: [{name: e}]}\n"
               "  - {name: b, interfaces: [{name: e0, net: own}, {name: e1, net: own}]}\n",
               &file);
    lab = file.lab;
    check_equal(lab->switches_count, 2);
    check_equal(lab->switches[0].config.age_ns, 10000000000);
    check_equal(lab->switches[0].config.stations, 8);
    CHECK_TEXT(lab->switches[1].name, "own");
    check_equal(lab->wires_count, 4);
    CHECK_TEXT(lab->wires[1].name, "lan-a");
    CHECK_TEXT(lab->wires[2].name, "own-b");
    CHECK_TEXT(lab->wires[3].name, "own-b-e1");
    check_equal(lab->wires[1].config[0].delay_ns, 3000000);
    check_equal(lab->wires[1].config[1].loss_ppm, 10000);
    check_equal(lab->switches[0].ports_count, 2);
    CHECK_TEXT(lab->switches[0].ports[1].name, "a");
    CHECK_TEXT(lab->switches[0].ports[0].name, "up");
    CHECK_TEXT(lab->switches[1].ports[1].name, "b-e1");
    /* a hears z through the switch, and not b */
    check_equal(lab->hosts[0].interfaces[0].segment, lab->hosts[1].interfaces[0].segment);
    check(lab->hosts[0].interfaces[0].segment != lab->hosts[2].interfaces[0].segment);
    scene_close(&file);
}

/* `net` of an interface that a wire joins gives it an address, and no cable. */
static void a_wire_goes_before_a_cable(void)
{
    struct scene_file file;

    load_right("switches: [{name: s}, {name: t}]\nnetworks: [{name: n, switch: s}]\nwires:\n"
               "  - {name: up, between: [s.up, t.up]}\n  - {name: w, between: [t.1, b.e]}\nhosts:\n"
               "  - {name: a, net: n}\n  - {name: b, interfaces: [{name: e, net: n}]}\n",
               &file);
    check_equal(file.lab->wires_count, 3);
    CHECK_TEXT(address_of(&file, "b", 0, 0), "10.1.0.2/24");
    check_equal(file.lab->hosts[0].interfaces[0].segment, file.lab->hosts[1].interfaces[0].segment);
    scene_close(&file);
}

static void routes_are_found(void)
{
    struct scene_file file;

    /* r1 - r2 - r3 in a row, and r1 - r4 - r3 beside it, which is as short and stands later */
    load_right("networks:\n  - {name: n1, addresses: [10.1.0.0/24, 'fd00:1::/64']}\n"
               "  - {name: n2, addresses: [10.2.0.0/24, 'fd00:2::/64']}\n  - {name: n3}\n"
               "  - {name: n4}\n"
               "wires:\n  - {name: w, between: [r1.w, r4.w]}\n"
               "hosts:\n  - {name: a, net: n1}\n  - {name: c, net: n3}\n"
               "  - {name: own, net: n1, routes: [{to: default, via: 10.1.0.7}]}\n"
               "routers:\n"
               "  - {name: r1, interfaces: [{name: e0, net: n1}, {name: e1, net: n2}, "
               "{name: w, address: 192.168.0.1/30}]}\n"
               "  - {name: r2, interfaces: [{name: e0, net: n2}, {name: e1, net: n3}]}\n"
               "  - {name: r3, interfaces: [{name: e0, net: n3}, {name: e1, net: n4}]}\n"
               "  - {name: r4, interfaces: [{name: w, address: 192.168.0.2/30}, "
               "{name: e1, net: n3}]}\n",
               &file);
    CHECK_TEXT(ways_of(&file, "a"), "0.0.0.0/0 via 10.1.0.254 by eth0\n"
                                    "::/0 via fd00:1::ffff by eth0\n");
    CHECK_TEXT(ways_of(&file, "c"), "0.0.0.0/0 via 10.3.0.254 by eth0\n");
    CHECK_TEXT(ways_of(&file, "own"), "0.0.0.0/0 via 10.1.0.7 by eth0\n"
                                      "::/0 via fd00:1::ffff by eth0\n");
    CHECK_TEXT(ways_of(&file, "r1"), "10.3.0.0/24 via 10.2.0.253 by e1\n"
                                     "10.4.0.0/24 via 10.2.0.253 by e1\n");
    CHECK_TEXT(ways_of(&file, "r3"), "10.1.0.0/24 via 10.3.0.254 by e0\n"
                                     "10.2.0.0/24 via 10.3.0.254 by e0\n"
                                     "192.168.0.0/30 via 10.3.0.252 by e0\n");
    scene_close(&file);
}

static const struct fault faults[] = {
    {"networks:\n  - {name: lan}\n  - {name: lan}\n  - {name: a}\n  - {name: sw}\n"
     "switches:\n  - {name: sw}\n  - {name: a}\n  - {name: sw, kind: bridge}\n"
     "  - {name: h, kind: hub, age: 1s}\nhosts:\n  - {name: a}\nrouters:\n  - {name: a}\n",
     "lab.yaml:8: switches.a.name: a host has this name\n"
     "lab.yaml:9: switches.sw.name: another switch has this name\n"
     "lab.yaml:9: switches.sw.kind: \"bridge\" is neither switch nor hub\n"
     "lab.yaml:10: switches.h.kind: a hub remembers no stations and groups, and is in no tree\n"
     "lab.yaml:3: networks.lan.name: another network has this name\n"
     "lab.yaml:4: networks.a.name: a host has this name\n"
     "lab.yaml:5: networks.sw.name: a switch has this name\n"
     "lab.yaml:14: routers.a.name: another host has this name\n"},
    {"switches:\n  - {name: a, snooping: on}\n  - {name: b, snooping: false, querier: true}\n"
     "  - {name: c, querier: 224.0.0.1}\n  - {name: d, querier: 'fd00::1'}\n"
     "  - {name: e, querier: perhaps, group_age: 0s}\n  - {name: f, groups: 5000}\n"
     "  - {name: g, kind: hub, snooping: true}\n"
     "  - {name: h, querier: 10.0.0.1, groups: 10, group_age: 1s, snooping: true}\n"
     "hosts:\n  - {name: x}\n",
     "lab.yaml:2: switches.a.snooping: \"on\" is neither true nor false\n"
     "lab.yaml:3: switches.b.snooping: \"groups\", \"group_age\" and \"querier\" need it to be "
     "true\n"
     "lab.yaml:4: switches.c.querier: \"224.0.0.1\" is no IPv4 address of a station\n"
     "lab.yaml:5: switches.d.querier: \"fd00::1\" is no IPv4 address of a station\n"
     "lab.yaml:6: switches.e.group_age: is no time at all\n"
     "lab.yaml:6: switches.e.querier: \"perhaps\" is neither true nor false\n"
     "lab.yaml:7: switches.f.groups: \"5000\" is not a whole number from 1 to 4096\n"
     "lab.yaml:8: switches.g.kind: a hub remembers no stations and groups, and is in no tree\n"},
    {"switches:\n  - {name: other}\nwires:\n  - {name: w, between: [other.a, b.eth0]}\n"
     "networks:\n  - {name: n, switch: sw, addresses: [10.0.0.0/24]}\n"
     "hosts:\n  - {name: a, net: n}\n  - {name: b, interfaces: [{name: eth0}]}\n",
     "lab.yaml:6: networks.n.switch: there is no switch \"sw\"\n"},
    {"networks:\n  - {name: n, switch: sw, addresses: [10.0.0.0/24]}\nhosts:\n  - {name: a, net: "
     "n}\n",
     "lab.yaml:2: networks.n.switch: there is no switch \"sw\"\n"},
    {"networks:\n  - {name: n, switch: sw, addresses: [10.0.0.1/24, 10.0.0.0, 127.0.0.0/8]}\n"
     "hosts:\n  - {name: a, net: m, interfaces: [{name: e, net: k}]}\n",
     "lab.yaml:2: networks.n.switch: there is no switch \"sw\"\n"
     "lab.yaml:2: networks.n.addresses[0]: \"10.0.0.1/24\" is an address in 10.0.0.0/24; give the "
     "network\n"
     "lab.yaml:2: networks.n.addresses[1]: \"10.0.0.0\" is not a prefix such as 10.1.0.0/24 or "
     "fd00:1::/64\n"
     "lab.yaml:2: networks.n.addresses[2]: \"127.0.0.0/8\" has no addresses that a host can have\n"
     "lab.yaml:4: hosts.a.net: stands beside \"interfaces\"; give it to one of them\n"
     "lab.yaml:4: hosts.a.interfaces.e.net: there is no network \"k\"\n"},
    {"networks:\n  - {name: a, addresses: [10.2.0.0/16]}\n  - {name: b}\n"
     "  - {name: c, addresses: [10.2.9.0/24]}\nhosts:\n  - {name: x, net: c}\n",
     "lab.yaml:3: networks.b.addresses[0]: 10.2.0.0/24 (by its place) and 10.2.0.0/16 of network "
     "\"a\", in line "
     "2, have addresses in common\n"
     "lab.yaml:4: networks.c.addresses[0]: 10.2.9.0/24 and 10.2.0.0/16 of network \"a\", in line "
     "2, "
     "have addresses in common\n"},
    {"networks:\n  - {name: n, addresses: [10.0.0.0/30]}\nhosts:\n"
     "  - {name: a, interfaces: [{name: e, net: n, address: 10.0.1.1/30}]}\n"
     "  - {name: b, interfaces: [{name: e, net: n, address: 10.0.0.1/24}]}\n"
     "  - {name: c, net: n}\n  - {name: d, net: n}\n  - {name: e, net: n}\n",
     "lab.yaml:4: hosts.a.interfaces.e.address: \"10.0.1.1/30\" is not an address of network \"n\" "
     "(10.0.0.0/30)\n"
     "lab.yaml:5: hosts.b.interfaces.e.address: \"10.0.0.1/24\" is not an address of network \"n\" "
     "(10.0.0.0/30)\n"
     "lab.yaml:7: hosts.d.net: network \"n\" has no address of 10.0.0.0/30 left\n"
     "lab.yaml:8: hosts.e.net: network \"n\" has no address of 10.0.0.0/30 left\n"},
    {"networks: [{name: n, ip6: auto}, {name: m}]\nhosts:\n  - {name: a, net: n}\nrouters:\n"
     "  - {name: r, net: m}\n",
     "lab.yaml:1: networks.n.ip6: no router of this network could advertise\n"},
    {"switches: [{name: s, age: 60}, {name: t, age: 0s}]\nhosts:\n  - {name: a}\n",
     "lab.yaml:1: switches.s.age: \"60\" is not a time such as 250us, 1.5ms, 2s, 5min or 1h\n"
     "lab.yaml:1: switches.t.age: is no time at all\n"},
    {"switches:\n  - {name: s, priority: 4096}\n  - {name: t, stp: true, priority: 100}\n"
     "  - {name: u, stp: true, priority: 5000, ports: [{name: a, cost: 0, priority: 17}]}\n"
     "  - {name: v, ports: [{name: a, edge: true}]}\nwires:\n"
     "  - {name: w, between: [u.a, v.a]}\nhosts: [{name: x}]\n",
     "lab.yaml:2: switches.s.priority: needs stp: true\n"
     "lab.yaml:3: switches.t.priority: \"100\" is not a whole number from 4096 to 61440\n"
     "lab.yaml:4: switches.u.priority: \"5000\" is not a multiple of 4096\n"
     "lab.yaml:4: switches.u.ports.a.cost: \"0\" is not a whole number from 1 to 200000000\n"
     "lab.yaml:4: switches.u.ports.a.priority: \"17\" is not a multiple of 16\n"
     "lab.yaml:5: switches.v.ports.a: \"cost\", \"priority\", \"edge\" and \"shared\" need stp: "
     "true of the switch\n"},
    {"switches: [{name: s}]\nwires:\n  - {name: w, between: [s.1, q.1]}\n"
     "  - {name: x, between: [s.1, s.a_b.c]}\nhosts:\n  - {name: a}\n",
     "lab.yaml:3: wires.w.between[1]: \"q.1\": there is no such host, router or switch\n"
     "lab.yaml:4: wires.x.between[0]: port \"1\" of switch \"s\" is already joined to wire \"w\"\n"
     "lab.yaml:4: wires.x.between[1]: \"a_b.c\" cannot name a port\n"},
    {"networks:\n  - {name: a-network-of-31-letters-or-so}\nhosts:\n  - {name: client, net: "
     "a-network-of-31-letters-or-so}\n",
     "lab.yaml:4: hosts.client.net: \"a-network-of-31-letters-or-so-client\" has more than 31 "
     "letters, as the name of its cable\n"},
    {"switches:\n  - name: s\n    ports: [{name: a, vlan: 0}, {name: a}, {name: b, vlan: 4095}]\n"
     "  - {name: h, kind: hub, ports: [{name: x}]}\nnetworks:\n  - {name: n, vlan: 3}\n"
     "  - {name: m, vlan: 3, switch: h}\nhosts:\n"
     "  - {name: i, ip6: maybe, as: nobody}\n  - {name: j, ip6: off, interfaces: [{name: e, net: "
     "n, addresses: "
     "['fd00::1/64']}]}\n",
     "lab.yaml:3: switches.s.ports.a.vlan: \"0\" is not a whole number from 1 to 4094\n"
     "lab.yaml:3: switches.s.ports.a.name: another port of this switch has this name\n"
     "lab.yaml:3: switches.s.ports.b.vlan: \"4095\" is not a whole number from 1 to 4094\n"
     "lab.yaml:4: switches.h.ports: there is nothing to say of the ports of a hub\n"
     "lab.yaml:6: networks.n.vlan: needs \"switch\"; this network has one for itself alone\n"
     "lab.yaml:7: networks.m.vlan: \"h\" is a hub\n"
     "lab.yaml:9: hosts.i.ip6: \"maybe\" is neither off nor auto\n"
     "lab.yaml:9: hosts.i.as: \"nobody\" is neither user nor root\n"
     "lab.yaml:10: hosts.j.interfaces.e.addresses[0]: is of IPv6, and this host has \"ip6: off\"\n"
     "lab.yaml:10: hosts.j.interfaces.e.addresses[0]: \"fd00::1/64\" is not an address of network "
     "\"n\" (10.1.0.0/24)\n"
     "lab.yaml:3: switches.s.ports.a: no wire joins this port\n"
     "lab.yaml:3: switches.s.ports.a: no wire joins this port\n"
     "lab.yaml:3: switches.s.ports.b: no wire joins this port\n"
     "lab.yaml:4: switches.h.ports.x: no wire joins this port\n"},
    {"networks:\n  - {name: n, dhcp: {first: 10.9.0.1, lease: 59s}}\n"
     "  - {name: m, addresses: [10.9.0.0/24], dhcp: {first: 10.9.0.20, last: 10.9.0.10}}\n"
     "  - {name: o, addresses: ['fd00::/64'], dhcp: {}}\n  - {name: p, dhcp: {}}\nhosts:\n"
     "  - {name: a, interfaces: [{name: e, net: p, address: 10.4.0.130/24}]}\nrouters:\n"
     "  - {name: r, interfaces: [{name: m, net: m}, {name: p, net: p}]}\n",
     "lab.yaml:2: networks.n.dhcp.first: \"10.9.0.1\" is not an address of this network\n"
     "lab.yaml:2: networks.n.dhcp.lease: is less than 60s\n"
     "lab.yaml:3: networks.m.dhcp: from first to last are no addresses\n"
     "lab.yaml:4: networks.o.dhcp: this network has no prefix of IPv4\n"
     "lab.yaml:7: hosts.a.interfaces.e.address: 10.4.0.130 is among the addresses that DHCP gives "
     "on "
     "network \"p\"\n"
     "lab.yaml:2: networks.n.dhcp: no router of this network could serve it\n"
     "lab.yaml:4: networks.o.dhcp: no router of this network could serve it\n"},
    {"hosts: [{name: a}]\nrouters:\n  - {name: q, outside: e}\n"
     "  - {name: r, nat: full, outside: e, forwards: [{port: 0, to: b}, "
     "{port: 1, to: \"c:2\", protocol: icmp}, {port: 1, to: \"a:2\"}]}\n  - {name: s, nat: cgn}\n",
     "lab.yaml:3: routers.q: \"outside\" and \"forwards\" need \"nat\"\n"
     "lab.yaml:4: routers.r.nat: \"full\" is not home, symmetric or cgn\n"
     "lab.yaml:4: routers.r.outside: this router has no interface \"e\"\n"
     "lab.yaml:4: routers.r.forwards[0].port: \"0\" is not a port\n"
     "lab.yaml:4: routers.r.forwards[0].to: \"b\" is not HOST:PORT\n"
     "lab.yaml:4: routers.r.forwards[1].protocol: \"icmp\" is neither tcp nor udp\n"
     "lab.yaml:4: routers.r.forwards[1].to: \"c\" is neither a host nor an address\n"
     "lab.yaml:5: routers.s.nat: needs \"outside\", the interface that leads there\n"
     "lab.yaml:4: routers.r.forwards[2].to: host \"a\" has no address of the file\n"},
    {"networks: [{name: n}, {name: w}]\nhosts: [{name: a, net: n}]\nrouters:\n"
     "  - name: r\n    nat: home\n    outside: o\n    interfaces: [{name: n, net: n}, {name: o, "
     "net: w}]\n"
     "    forwards:\n      - {port: 80, to: \"a:8080\"}\n      - {port: 80, to: \"a:1\", "
     "protocol: udp}\n"
     "      - {port: 81, to: \"a:8080\"}\n      - {port: 80, to: \"10.0.0.9:8081\"}\n",
     "lab.yaml:12: routers.r.forwards[3].port: 80 of tcp leads to \"a:8080\" already, by line "
     "9\n"},
    {"networks: [{name: n}]\nhosts:\n  - {name: a, net: n}\n"
     "  - {name: b, interfaces: [{name: e}, {name: f}]}\n"
     "  - {name: c, interfaces: [{name: e}]}\nwires:\n"
     "  - {name: n-a, between: [b.e, c.e]}\n  - {name: v, between: [b.e, b.f]}\n",
     "lab.yaml:8: wires.v.between[0]: \"b.e\" is already joined to wire \"n-a\"\n"
     "lab.yaml:3: hosts.a.net: another wire has this name\n"},
};

/* Whose address comes while the lab runs has none in the file, and is waited for. */
static void addresses_come_by_dhcp(void)
{
    struct scene_file file;
    const struct scene *lab;

    load_right(
        "networks:\n  - {name: n, addresses: [10.1.0.0/24, 'fd00::/64'], dhcp: {lease: 2min}}\n"
        "  - {name: m}\nhosts:\n  - {name: a, net: n}\n"
        "  - {name: b, interfaces: [{name: e, net: n, address: 10.1.0.1/24}]}\n"
        "  - {name: c, interfaces: [{name: e, net: m, address: dhcp}]}\n"
        "  - {name: d, net: m, traffic: [{ping: {to: a, after: c.addressed}}, {ping: {to: b}}]}\n"
        "routers:\n  - {name: r, interfaces: [{name: e0, net: n}, {name: e1, net: m}]}\n",
        &file);
    lab = file.lab;
    check(lab->hosts[0].is_live && !lab->hosts[1].is_live && lab->hosts[2].is_live);
    CHECK_TEXT(address_of(&file, "a", 0, 0), "fd00::1/64");
    CHECK_TEXT(address_of(&file, "c", 0, 0), "none");
    check(lab->networks[0].dhcp->own == 0x0a0100fe && lab->networks[0].dhcp->host == 4);
    check(lab->networks[0].dhcp->first_ip == 0x0a010080 &&
          lab->networks[0].dhcp->last_ip == 0x0a0100df);
    check_equal(lab->networks[0].dhcp->lease_time, 120000000000);
    check(lab->hosts[3].traffic[0].start.condition[0].kind == CONDITION_ADDRESSED);
    check_equal(lab->hosts[3].traffic[1].peer_host, -1);
    scene_close(&file);
}

/* Routers of such a network advertise, from addresses of the file; its hosts find theirs. */
static void addresses_come_by_advertisement(void)
{
    struct scene_file file;

    load_right("networks: [{name: n, ip6: auto}, {name: m, addresses: ['fd00:7::/64']}]\nhosts:\n"
               "  - {name: a, net: n}\n  - {name: b, net: n, ip6: off}\n"
               "  - {name: c, net: m, ip6: auto}\nrouters:\n  - {name: r, net: n}\n",
               &file);
    CHECK_TEXT(address_of(&file, "a", 0, 0), "10.1.0.1/24");
    CHECK_TEXT(address_of(&file, "a", 0, 1), "none");
    CHECK_TEXT(address_of(&file, "r", 0, 1), "fd00:0:0:1::ffff/64");
    CHECK_TEXT(address_of(&file, "c", 0, 0), "none");
    check(file.lab->hosts[0].interfaces[0].is_auto && !file.lab->hosts[1].interfaces[0].is_auto);
    check(file.lab->hosts[2].interfaces[0].is_auto && !file.lab->hosts[3].interfaces[0].is_auto);
    check(file.lab->hosts[0].is_live && !file.lab->hosts[1].is_live);
    scene_close(&file);
}

/* Outside of a translator nobody knows the inside, nor takes it for his router. */
static void a_translator_hides_its_inside(void)
{
    struct scene_file file;

    load_right("networks: [{name: in}, {name: out}, {name: far}]\nhosts:\n  - {name: a, net: in}\n"
               "  - {name: b, net: out}\nrouters:\n"
               "  - {name: h, interfaces: [{name: i, net: in}, {name: o, net: out}], nat: home, "
               "outside: o}\n"
               "  - {name: r, interfaces: [{name: o, net: out}, {name: f, net: far}]}\n",
               &file);
    CHECK_TEXT(ways_of(&file, "a"), "0.0.0.0/0 via 10.1.0.254 by eth0\n");
    CHECK_TEXT(ways_of(&file, "b"), "0.0.0.0/0 via 10.2.0.253 by eth0\n");
    CHECK_TEXT(ways_of(&file, "h"), "10.3.0.0/24 via 10.2.0.253 by o\n");
    CHECK_TEXT(ways_of(&file, "r"), "");
    scene_close(&file);
}

/* Ports of a network are of its VLAN, and a trunk is what the file says. */
static void ports_have_vlans(void)
{
    struct scene_file file;
    const struct scene_switch *is;

    load_right("switches:\n  - name: s\n    ports: [{name: up, trunk: \"10,20\", vlan: 7}]\n"
               "  - {name: t}\nnetworks:\n  - {name: red, switch: s, vlan: 10}\n"
               "  - {name: blue, switch: s, addresses: [10.9.0.0/24, 'fd00::/64']}\n"
               "wires:\n  - {name: w, between: [s.up, t.1]}\nhosts:\n  - {name: a, net: red}\n"
               "  - {name: b, net: blue, ip6: off}\n  - {name: c, net: blue}\n",
               &file);
    is = &file.lab->switches[0];
    check(is->config.vlans == 1 && file.lab->switches[1].config.vlans == 0);
    check_equal(is->ports_count, 4);
    check_equal(is->ports[1].config.vlan, 10);
    check_equal(is->ports[2].config.vlan, 0);
    check_equal(is->ports[0].config.vlan, 7);
    CHECK_TEXT(is->ports[0].config.trunk, "10,20");
    CHECK_TEXT(address_of(&file, "b", 0, 1), "none");
    CHECK_TEXT(address_of(&file, "c", 0, 1), "fd00::1/64");
    scene_close(&file);
}

static void faults_are_told(void)
{
    faults_are(faults, sizeof faults / sizeof *faults);
}

static const struct test tests[] = {
    {"hosts of a network have addresses, in the order of the file",
     hosts_of_a_network_have_addresses},
    {"a network is a switch and a cable for each interface", a_network_is_a_switch_and_cables},
    {"a wire of the file goes before a cable", a_wire_goes_before_a_cable},
    {"hosts and routers know the way without being told", routes_are_found},
    {"addresses come by what routers advertise", addresses_come_by_advertisement},
    {"a translator hides its inside", a_translator_hides_its_inside},
    {"ports have VLANs", ports_have_vlans},
    {"addresses come by DHCP", addresses_come_by_dhcp},
    {"faults of networks, switches and routers are told with their line", faults_are_told},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
