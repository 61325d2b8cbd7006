/* SPDX-License-Identifier: MIT */
/* `x25` of a host in a lab file: what it becomes, and how faults are told. */
#include <string.h>
#include "check.h"
#include "load.h"
#include "scene/scene.h"
#include "sockeye/table.h"

static const char whole[] =
    "wires:\n  - {name: line, between: [a.eth0, gate.x]}\n"
    "  - {name: net, between: [gate.eth0, c.eth0]}\n"
    "hosts:\n"
    "  - name: a\n    interfaces: [{name: eth0}]\n"
    "    x25: {address: 100, lines: [{interface: eth0, modulo: 128, frames: 128, k: 20, t1: 2s, "
    "t2: 100ms, n2: 5, channels: 1-64}]}\n"
    "  - name: c\n    interfaces: [{name: eth0, address: 10.0.0.2/24}]\n"
    "    x25: {address: 300, xot: true, xot_keepalive: 30s, "
    "xot_callers: [10.0.0.0/24, 'fd00::1'], routes: [{to: 100, xot: gate, modulo: 128}]}\n"
    "routers:\n"
    "  - name: gate\n    interfaces: [{name: x}, {name: eth0, address: 10.0.0.1/24}]\n"
    "    x25:\n      forward: true\n      xot: true\n"
    "      lines: [{interface: x, modulo: 128, frames: 128, channels: 1-64}]\n"
    "      routes: [{to: 300, xot: c}, {to: \"\", line: x}]\n";

static void keys_become_lines_and_routes(void)
{
    struct scene_file file;
    const struct scene_x25 *a, *gate, *c;

    load_right(whole, &file);
    a = file.lab->hosts[0].x25;
    c = file.lab->hosts[1].x25;
    gate = file.lab->hosts[2].x25;
    check_equal(a->lines_count, 1);
    check(a->lines[0].config.packets_128 && a->lines[0].config.frames_128);
    check_equal(a->lines[0].config.k, 20);
    check_equal(a->lines[0].config.n2, 5);
    check_equal(a->lines[0].config.t1_ns, 2000000000);
    check_equal(a->lines[0].config.t2_ns, 100000000);
    check_equal(a->lines[0].config.lowest_channel, 1);
    check_equal(a->lines[0].config.highest_channel, 64);
    check_equal(c->keepalive, 30000000000);
    check_equal(c->xot_callers_count, 2);
    check(!a->takes_xot && c->takes_xot && gate->takes_xot && gate->forwards && !c->forwards);
    check_equal(address_to_ip4(c->routes[0].ip), 0x0a000001);
    check_equal(c->routes[0].packets_128, 1);
    check_equal(address_to_ip4(gate->routes[0].ip), 0x0a000002);
    check_equal(gate->routes[1].at, 0);
    check(scene_x25_neighbour(file.lab, 0, &a->lines[0]) == NULL); /* gate has no number */
    check(strcmp(scene_x25_neighbour(file.lab, 2, &gate->lines[0]), "100") == 0);
    scene_close(&file);
}

static void lab_is_built_of_them(void)
{
    struct scene_file file;
    struct sockeye_config config;
    struct sockeye_row row;
    struct sockeye *lab;
    char text[8];

    load_right(whole, &file);
    config = scene_config(file.lab, 1);
    check_equal(sockeye_open(&config, &lab), 0);
    check_equal(scene_build(&file, lab, stderr), 0);
    check_equal(sockeye_table(lab, file.lab->hosts[0].number, SOCKEYE_TABLE_LAPB, &row, 1), 1);
    check(row.lapb.is_128 && !row.lapb.is_dce);
    check_equal(sockeye_table(lab, file.lab->hosts[2].number, SOCKEYE_TABLE_LAPB, &row, 1), 1);
    check(row.lapb.is_dce);
    check(sockeye_get(lab, file.lab->hosts[2].number, "net.x25.x25_forward", text, sizeof text) >=
          0);
    check(strcmp(text, "1") == 0);
    check(sockeye_get(lab, file.lab->hosts[1].number, "net.x25.xot_keepalive", text, sizeof text) >=
          0);
    check(strcmp(text, "30") == 0);
    /* a route of each is there: the next of its prefix takes its place, another is not found */
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[0].number, ""), 0);
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[0].number, ""), -2);
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[1].number, "100"), 0);
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[2].number, "100"), 0);
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[2].number, "300"), 0);
    check_equal(sockeye_x25_route_remove(lab, file.lab->hosts[2].number, ""), 0);
    sockeye_close(lab);
    scene_close(&file);
}

static const struct fault faults[] = {
    {"wires: [{name: w, between: [a.e, b.e]}]\nhosts:\n"
     "  - name: a\n    interfaces: [{name: e}]\n    x25:\n      address: 12x\n"
     "      lines: [{interface: f}, {interface: e, role: boss, modulo: 9, frames: 64, k: 8, n2: 0,"
     " channels: 5, peer: me, t1: soon}]\n"
     "      routes: [{to: 1a, line: f}, {to: 2, xot: nobody}, {to: 3}, {to: 4, line: e, xot: b},\n"
     "        {to: 5, line: e, modulo: 8}]\n      xot: maybe\n"
     "  - {name: b, interfaces: [{name: e}], x25: {routes: [{to: 1, xot: a}]}}\n",
     "lab.yaml:6: hosts.a.x25.address: \"12x\" is not 1 to 15 digits\n"
     "lab.yaml:10: hosts.a.x25.xot: \"maybe\" is neither true nor false\n"
     "lab.yaml:7: hosts.a.x25.lines[0].interface: this host has no interface \"f\"\n"
     "lab.yaml:7: hosts.a.x25.lines[1].role: \"boss\" is neither dte nor dce\n"
     "lab.yaml:7: hosts.a.x25.lines[1].modulo: \"9\" is neither 8 nor 128\n"
     "lab.yaml:7: hosts.a.x25.lines[1].frames: \"64\" is neither 8 nor 128\n"
     "lab.yaml:7: hosts.a.x25.lines[1].t1: \"soon\" is not a time such as 250us, 1.5ms, 2s, 5min "
     "or 1h\n"
     "lab.yaml:7: hosts.a.x25.lines[1].n2: \"0\" is not a whole number from 1 to 255\n"
     "lab.yaml:7: hosts.a.x25.lines[1].k: \"8\" is not a whole number from 1 to 7\n"
     "lab.yaml:7: hosts.a.x25.lines[1].channels: \"5\" is not a range of 1 to 4095, such as 1-255\n"
     "lab.yaml:7: hosts.a.x25.lines[1].peer: \"me\" is not a MAC address\n"
     "lab.yaml:8: hosts.a.x25.routes[0].to: \"1a\" is not up to 15 digits\n"
     "lab.yaml:8: hosts.a.x25.routes[0].line: no line is at an interface \"f\"\n"
     "lab.yaml:8: hosts.a.x25.routes[1].xot: \"nobody\" is neither a host nor an address\n"
     "lab.yaml:8: hosts.a.x25.routes[2]: needs one of \"line\" and \"xot\"\n"
     "lab.yaml:8: hosts.a.x25.routes[3]: needs one of \"line\" and \"xot\"\n"
     "lab.yaml:9: hosts.a.x25.routes[4].modulo: is the line's, and stands there\n"
     "lab.yaml:11: hosts.b.x25.routes[0].xot: host \"a\" has no address of the file\n"},
    {"hosts:\n  - name: a\n    x25:\n      xot_keepalive: 1.5s\n"
     "      xot_callers: [10.0.0.0/24, gate, '::/8', '::/8', '::/8', '::/8', '::/8', '::/8', "
     "'::/8']\n",
     "lab.yaml:4: hosts.a.x25.xot_keepalive: \"1.5s\" is not 1 to 32767 whole seconds\n"
     "lab.yaml:5: hosts.a.x25.xot_callers: \"gate\" is neither an address nor a network\n"
     "lab.yaml:5: hosts.a.x25.xot_callers: more than 8\n"
     "lab.yaml:5: hosts.a.x25.xot_callers: says nothing without \"xot: true\"\n"},
    {"networks: [{name: n}]\nhosts:\n  - {name: a, net: n, x25: {lines: [{interface: eth0}]}}\n",
     "lab.yaml:3: hosts.a.x25.lines[0].role: is needed on a network: one of both ends is dte, the "
     "other dce\n"},
    {"hosts:\n  - {name: a}\n  - {name: b, x25: {routes: [{to: 1, xot: a}]}}\n",
     "lab.yaml:3: hosts.b.x25.routes[0].xot: host \"a\" has no address of the file\n"},
};

static void faults_are_told(void)
{
    faults_are(faults, sizeof faults / sizeof *faults);
}

static const struct test tests[] = {
    {"keys become lines and routes", keys_become_lines_and_routes},
    {"a lab is built of them", lab_is_built_of_them},
    {"faults are told with their line", faults_are_told},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
