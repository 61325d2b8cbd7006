/* SPDX-License-Identifier: MIT */
/* Hosts on hubs and switches: who hears what, and what such a node is not. */
#include "lab/lan.h"

#include "sockeye/table.h"

static void on_a_hub_all_hear_all(void)
{
    int hub, fd[3];

    lan_open(3);
    hub = sockeye_hub(lab, "hub");
    check(hub >= 0);
    for (int i = 0; i < 3; i++)
        lan_plug(i, hub);
    for (int i = 0; i < 3; i++)
        fd[i] = datagrams(i, 7);
    pass(5 * SECOND);
    forget_frames();
    say(0, fd[0], 1, 7, "hello");
    pass(SECOND);
    check(heard(1, fd[1], "hello") && heard_nothing(2, fd[2]));
    check(lan_frames[lan_wire[2]][1] >= 2); /* the question of ARP, and the datagram */
    check_equal(sockeye_drops(lab, 2, DROP_NOT_FOR_US), lan_frames[lan_wire[2]][1] - 1);
    lan_close();
}

static int lan_of_a_switch(int hosts, const struct sockeye_switch_config *config)
{
    int s;

    lan_open(hosts);
    s = sockeye_switch(lab, "s", config);
    check(s >= 0);
    for (int i = 0; i < hosts; i++)
        lan_plug(i, s);
    return s;
}

static void a_switch_sends_to_the_port_of_the_receiver_alone(void)
{
    int fd[3];

    (void)lan_of_a_switch(3, NULL);
    for (int i = 0; i < 3; i++)
        fd[i] = datagrams(i, 7);
    pass(5 * SECOND);
    say(0, fd[0], 1, 7, "one");
    say(1, fd[1], 0, 7, "two");
    pass(SECOND);
    check(heard(1, fd[1], "one") && heard(0, fd[0], "two"));
    forget_frames();
    check_equal(stream(0, 1, 80, 200000, 10 * SECOND), 200000);
    check_equal(lan_frames[lan_wire[2]][1], 0);
    check(lan_frames[lan_wire[1]][1] > 100);
    check(heard_nothing(2, fd[2]));
    lan_close();
}

static void three_hosts_of_a_switch_talk_by_tcp(void)
{
    (void)lan_of_a_switch(3, NULL);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            if (i != k)
                check_equal(stream(i, k, (uint16_t)(100 + 3 * i + k), 50000, 10 * SECOND), 50000);
    lan_close();
}

/* Its table has 300 s: what is not known is sent to all again. */
static void a_silent_station_is_forgotten_in_its_time(void)
{
    const struct sockeye_switch_config config = {.age_ns = 20 * SECOND};
    int fd;

    (void)lan_of_a_switch(3, &config);
    fd = datagrams(0, 7);
    pass(5 * SECOND);
    say(0, fd, 1, 7, "one");
    pass(SECOND);
    forget_frames();
    say(0, fd, 1, 7, "two");
    pass(SECOND / 100);
    check_equal(lan_frames[lan_wire[2]][1], 0);
    pass(25 * SECOND);
    check_equal(sockeye_next_deadline(lab) > sockeye_now(lab), 1);
    forget_frames();
    say(0, fd, 1, 7, "three");
    pass(1000000);
    check_equal(lan_frames[lan_wire[2]][1], 1);
    lan_close();
}

static void a_switch_has_no_sockets_and_no_addresses(void)
{
    int s = lan_of_a_switch(1, NULL), hub = sockeye_hub(lab, "hub"), value;
    char text[64];

    for (int n = s; n >= 0; n = n == s ? hub : -1) {
        check_equal(sockeye_socket(lab, n, AF_INET, SOCK_STREAM, 0), -EOPNOTSUPP);
        check_equal(sockeye_address(lab, n, 0, "10.0.0.9/24"), -EOPNOTSUPP);
        check_equal(sockeye_route(lab, n, "default", "10.0.0.1", 0), -EOPNOTSUPP);
        check_equal(sockeye_set(lab, n, "net.ipv4.tcp_sack", "0"), -EOPNOTSUPP);
        check_equal(sockeye_get(lab, n, "net.ipv4.tcp_sack", text, sizeof text), -EOPNOTSUPP);
        check_equal(sockeye_poll(lab, n, 3), -EOPNOTSUPP);
        check_equal(sockeye_ioctl(lab, n, 3, 0, &value), -EOPNOTSUPP);
    }
    check_equal(sockeye_socket(lab, 99, AF_INET, SOCK_STREAM, 0), -EINVAL);
    check_equal(sockeye_set(lab, -1, "net.ipv4.tcp_sack", "0"), 0);
    check(strncmp(sockeye_interface_name(lab, s, 0, text, sizeof text), "w", 1) == 0);
    check_equal(text[0], 0);
    check_equal(sockeye_switch(lab, "s", NULL), -EEXIST);
    value = sockeye_door(lab, "bare", SOCKEYE_DOOR_IP, 0);
    check_equal(sockeye_interface(lab, s, "bare", value, 0, NULL), -EINVAL);
    check_equal(sockeye_interface(lab, hub, "bare", value, 0, NULL), -EINVAL);
    lan_close();
}

static void settings_of_a_switch_are_looked_at(void)
{
    static const struct sockeye_switch_config bad[] = {
        {.age_ns = -1},
        {.stations = SOCKEYE_STATIONS + 1},
        {.port_stations = SOCKEYE_STATIONS + 1},
        {.keep_oldest = 2},
    };

    lan_open(0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_equal(sockeye_switch(lab, "s", &bad[i]), -EINVAL);
    check_equal(sockeye_switch(lab, "s", NULL), 0);
    lan_close();
}

static void a_loop_is_found_by_its_wires(void)
{
    const struct sockeye_switch_config tree = {.stp = 1};
    int n[6], wires[8], w[6];

    lan_open(1);
    for (int i = 0; i < 6; i++) {
        char name[4] = {'n', (char)('0' + i), 0};

        n[i] = i == 5  ? sockeye_switch(lab, name, &tree)
               : i % 2 ? sockeye_hub(lab, name)
                       : sockeye_switch(lab, name, NULL);
    }
    lan_plug(0, n[0]);
    check_equal(sockeye_find_loop(lab, wires, 8), 0);
    w[0] = lan_join(n[0], n[1]);
    w[1] = lan_join(n[3], n[2]);
    w[2] = lan_join(n[2], n[1]);
    w[3] = lan_join(n[1], n[4]);
    (void)lan_join(n[0], n[5]);
    (void)lan_join(n[5], n[4]);
    check_equal(sockeye_find_loop(lab, wires, 8), 0);
    w[4] = lan_join(n[3], n[0]);
    check_equal(sockeye_find_loop(lab, wires, 8), 4);
    for (int i = 0, seen; i < 5; i++) {
        seen = 0;
        for (int k = 0; k < 4; k++)
            seen += wires[k] == w[i];
        check_equal(seen, i != 3);
    }
    memset(wires, 0, sizeof wires);
    check_equal(sockeye_find_loop(lab, wires, 1), 4);
    check(wires[0] == w[4] && wires[1] == 0);
    lan_close();
    lan_open(0);
    n[0] = sockeye_hub(lab, "hub");
    w[0] = sockeye_wire(lab, "w", NULL, NULL);
    check(sockeye_interface(lab, n[0], "a", w[0], 0, NULL) == 0);
    check(sockeye_interface(lab, n[0], "b", w[0], 1, NULL) == 1);
    check_equal(sockeye_find_loop(lab, wires, 8), 1);
    lan_close();
}

static void what_passes_a_port_is_counted(void)
{
    struct sockeye_row rows[8];
    uint64_t in = 0, out = 0;
    int s = lan_of_a_switch(3, NULL);

    pass(SECOND);
    check_equal(stream(0, 1, 80, 100000, 10 * SECOND), 100000);
    pass(SECOND);
    check_equal(sockeye_table(lab, s, SOCKEYE_TABLE_PORTS, rows, 8), 3);
    check_equal(sockeye_table(lab, 0, SOCKEYE_TABLE_PORTS, rows + 4, 4), 0);
    for (int i = 0; i < 3; i++) {
        check_equal(rows[i].interface, i);
        check_equal(rows[i].port.wire, lan_wire[i]);
        check_equal(rows[i].port.in, lan_frames[lan_wire[i]][0]);
        check_equal(rows[i].port.out, lan_frames[lan_wire[i]][1]);
        check_equal(rows[i].port.dropped, 0);
        check_equal(rows[i].port.state, PORT_FORWARDING);
        in += rows[i].port.in_bytes;
        out += rows[i].port.out_bytes;
    }
    check(rows[0].port.in_bytes > 100000 && rows[1].port.out_bytes > 100000);
    check(out >= in); /* what is for all goes out twice */
    lan_close();
}

static const struct test tests[] = {
    {"on a hub all hear all", on_a_hub_all_hear_all},
    {"a switch sends to the port of the receiver alone",
     a_switch_sends_to_the_port_of_the_receiver_alone},
    {"three hosts of a switch talk by TCP", three_hosts_of_a_switch_talk_by_tcp},
    {"a silent station is forgotten in its time", a_silent_station_is_forgotten_in_its_time},
    {"a switch or hub has no sockets and no addresses", a_switch_has_no_sockets_and_no_addresses},
    {"settings of a switch are looked at", settings_of_a_switch_are_looked_at},
    {"what passes a port is counted", what_passes_a_port_is_counted},
    {"a loop is found, by its wires", a_loop_is_found_by_its_wires},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
