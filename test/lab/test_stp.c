/* SPDX-License-Identifier: MIT */
/*
 * Switches in loops, in virtual time: the spanning tree leaves one way, finds another when it is
 * cut, and takes the first again when it is back.
 */
#include "lab/lan.h"

enum { SWITCHES = 4 };

static int s[SWITCHES], uplink[8], uplinks;

/* So many switches, one of which is the root, with a host each; every port of a host is an edge. */
static void switches(int count)
{
    const struct sockeye_port_config edge = {.edge = 1};
    char name[8];

    lan_open(count);
    uplinks = 0;
    for (int i = 0; i < count; i++) {
        const struct sockeye_switch_config config = {.stp = 1, .priority = i == 0 ? 4096 : 0};

        snprintf(name, sizeof name, "s%d", i);
        s[i] = sockeye_switch(lab, name, &config);
        check(s[i] >= 0);
        lan_plug(i, s[i]);
        check_equal(sockeye_switch_port(lab, s[i], 0, &edge), 0);
    }
}

static void join(int a, int b)
{
    uplink[uplinks++] = lan_join(s[a], s[b]);
}

static void cut(int i, bool up)
{
    for (int direction = 0; direction < 2; direction++)
        check_equal(sockeye_wire_link(lab, uplink[i], direction, up, sockeye_now(lab)), 0);
}

/* Every frame of a broadcast is told: one copy comes to each host, and by each wire of the tree. */
static void one_way_remains(int count)
{
    int fd = datagrams(0, 99), used = 0;
    struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(99)};
    struct sockeye_message m = {.bytes = (void *)(uintptr_t) "all",
                                .length = 3,
                                .address = &all,
                                .address_length = sizeof all};

    all.sin_addr.s_addr = htonl(0x0a0000ff);
    pass(2 * SECOND / 10);
    forget_frames();
    check_equal(sockeye_send_message(lab, 0, fd, &m, 0), 3);
    pass(5 * MS);
    for (int i = 1; i < count; i++)
        check_equal(lan_frames[lan_wire[i]][1], 1);
    for (int i = 0; i < uplinks; i++)
        used += lan_frames[uplink[i]][0] + lan_frames[uplink[i]][1];
    check(used >= count - 1 && used <= uplinks + 2);
    check_equal(sockeye_close_fd(lab, 0, fd), 0);
}

static void of_a_triangle_one_way_remains(void)
{
    switches(3);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    pass(10 * SECOND);
    one_way_remains(3);
    for (int i = 1; i < 3; i++)
        check_equal(stream(0, i, 80, 200000, 10 * SECOND), 200000);
    check_equal(stream(1, 2, 81, 200000, 10 * SECOND), 200000);
    lan_close();
}

static int forwarding[8], discarding, roots;

static void see_ports(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->port.state == PORT_FORWARDING)
        forwarding[event->host - lan_hosts]++;
    discarding += event->port.role == PORT_ALTERNATE && event->port.state == PORT_DISCARDING;
    roots += event->port.role == PORT_ROOT && event->port.state == PORT_FORWARDING;
}

static void what_ports_become_is_told(void)
{
    switches(3);
    memset(forwarding, 0, sizeof forwarding);
    discarding = roots = 0;
    check(sockeye_observe(lab, 1u << EVENT_PORT, see_ports, NULL, NULL) >= 0);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    pass(10 * SECOND);
    check(forwarding[0] >= 2 && forwarding[1] >= 1 && forwarding[2] >= 1);
    check(discarding >= 1 && roots >= 2);
    lan_close();
}

static void programs_of_edges_need_not_wait(void)
{
    switches(3);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    check_equal(stream(0, 2, 80, 200000, 10 * SECOND), 200000);
    check(sockeye_now(lab) < 2 * SECOND);
    lan_close();
}

static void a_cut_is_gone_round_and_taken_back(void)
{
    switches(4);
    for (int i = 0; i < 4; i++)
        join(i, (i + 1) % 4);
    pass(10 * SECOND);
    check_equal(stream(0, 3, 80, 100000, 10 * SECOND), 100000);
    forget_frames();
    check_equal(stream(0, 3, 81, 100000, 10 * SECOND), 100000);
    check(lan_frames[uplink[3]][0] + lan_frames[uplink[3]][1] > 70);
    cut(3, false);
    check_equal(stream(0, 3, 82, 100000, 5 * SECOND), 100000);
    forget_frames();
    one_way_remains(4);
    cut(3, true);
    pass(5 * SECOND);
    forget_frames();
    check_equal(stream(0, 3, 83, 100000, 5 * SECOND), 100000);
    check(lan_frames[uplink[3]][0] + lan_frames[uplink[3]][1] > 70);
    one_way_remains(4);
    lan_close();
}

/* A stream that is under way outlives it. */
static void a_stream_outlives_a_cut(void)
{
    int64_t start;

    switches(3);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    pass(10 * SECOND);
    start = sockeye_now(lab);
    for (int direction = 0; direction < 2; direction++) {
        check_equal(sockeye_wire_link(lab, uplink[2], direction, false, start + 3 * MS), 0);
        check_equal(sockeye_wire_link(lab, uplink[2], direction, true, start + 9 * MS), 0);
    }
    check_equal(stream(0, 2, 80, 40000000, 20 * SECOND), 40000000);
    check(sockeye_now(lab) - start > 9 * MS);
    check(sockeye_drops(lab, -1, DROP_WIRE_DOWN) > 0);
    lan_close();
}

/* It sends the messages of the others on, so they hear themselves through it. */
static void a_loop_through_a_switch_without_the_tree_is_opened_too(void)
{
    int plain, w;

    switches(2);
    plain = sockeye_switch(lab, "plain", NULL);
    for (int i = 0; i < 2; i++) {
        w = lan_join(s[i], plain);
        check(w > 0);
    }
    join(0, 1);
    pass(60 * SECOND);
    one_way_remains(2);
    check_equal(stream(0, 1, 80, 100000, 10 * SECOND), 100000);
    lan_close();
}

static int broadcasts(void)
{
    int sum = 0;

    for (int i = 0; i < uplinks; i++)
        sum += lan_frames[uplink[i]][0] + lan_frames[uplink[i]][1];
    return sum;
}

/* A switch loses its power, and has it again; nothing tells the others but its silence. */
static void a_switch_that_crashes_is_gone_round(void)
{
    switches(3);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    pass(10 * SECOND);
    check_equal(stream(1, 2, 80, 100000, 10 * SECOND), 100000);
    check_equal(sockeye_crash(lab, s[0]), 0);
    pass(SECOND);
    check_equal(sockeye_check(lab), 0);
    check_equal(stream(1, 2, 81, 100000, 20 * SECOND), 100000);
    pass(20 * SECOND);
    forget_frames();
    check_equal(sockeye_resume(lab, s[0]), 0);
    pass(5 * SECOND);
    check(broadcasts() < 200);
    one_way_remains(3);
    check_equal(stream(0, 2, 82, 100000, 10 * SECOND), 100000);
    lan_close();
}

/* It goes on with what it believed; that is put right as soon as it is heard. */
static void a_switch_that_stood_still_makes_no_storm(void)
{
    switches(3);
    join(0, 1);
    join(1, 2);
    join(2, 0);
    pass(10 * SECOND);
    for (int i = 0; i < 3; i++) {
        check_equal(sockeye_pause(lab, s[i]), 0);
        pass(30 * SECOND);
        forget_frames();
        check_equal(sockeye_resume(lab, s[i]), 0);
        pass(5 * SECOND);
        check(broadcasts() < 300);
        one_way_remains(3);
    }
    lan_close();
}

static void what_is_no_message_is_dropped(void)
{
    static const uint8_t bad[64] = {0x01, 0x80, 0xc2, 0, 0,  0,    2,    0, 0,
                                    0,    0,    9,    0, 39, 0x42, 0x42, 3};
    int door;

    switches(1);
    door = sockeye_door(lab, "door", SOCKEYE_DOOR_ETHERNET, 0);
    check_equal(sockeye_interface(lab, s[0], "door", door, 0, NULL), 1);
    pass(SECOND);
    check_equal(sockeye_inject(lab, door, bad, sizeof bad), 0);
    check_equal(sockeye_inject(lab, door, bad, 20), 0);
    check_equal(sockeye_inject(lab, door, bad, 14), 0);
    pass(SECOND);
    check_equal(sockeye_drops(lab, s[0], DROP_SWITCH_BPDU), 3);
    lan_close();
}

static void settings_of_the_tree_are_looked_at(void)
{
    static const struct sockeye_switch_config bad[] = {
        {.stp = 2}, {.stp = 1, .priority = 4095}, {.stp = 1, .priority = 65536}};
    static const struct sockeye_port_config bad_port[] = {
        {.cost = 200000001}, {.priority = 17}, {.priority = 256}, {.edge = 2}, {.shared = 2}};
    const struct sockeye_switch_config plain = {0};
    int other;

    switches(1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_equal(sockeye_switch(lab, "x", &bad[i]), -EINVAL);
    for (size_t i = 0; i < sizeof bad_port / sizeof *bad_port; i++)
        check_equal(sockeye_switch_port(lab, s[0], 0, &bad_port[i]), -EINVAL);
    other = sockeye_switch(lab, "y", &plain);
    (void)lan_join(s[0], other);
    for (size_t i = 0; i < sizeof bad_port / sizeof *bad_port; i++) {
        struct sockeye_port_config port = bad_port[i];

        port.cost = port.cost != 0;
        port.priority = port.priority ? 128 : 0;
        port.edge = port.edge != 0;
        port.shared = port.shared != 0;
        check_equal(sockeye_switch_port(lab, other, 0, &port), -EINVAL);
    }
    lan_close();
}

static const struct test tests[] = {
    {"of a triangle of switches one way remains", of_a_triangle_one_way_remains},
    {"what ports become in the tree is told", what_ports_become_is_told},
    {"programs at edges need not wait for the tree", programs_of_edges_need_not_wait},
    {"a cut is gone round, and the old way taken again", a_cut_is_gone_round_and_taken_back},
    {"a stream outlives a cut", a_stream_outlives_a_cut},
    {"a loop through a switch without the tree is opened too",
     a_loop_through_a_switch_without_the_tree_is_opened_too},
    {"a switch that crashes is gone round, and comes back", a_switch_that_crashes_is_gone_round},
    {"a switch that stood still makes no storm", a_switch_that_stood_still_makes_no_storm},
    {"what is no message of the tree is dropped", what_is_no_message_is_dropped},
    {"settings of the tree are looked at", settings_of_the_tree_are_looked_at},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
