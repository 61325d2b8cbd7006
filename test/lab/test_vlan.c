/* SPDX-License-Identifier: MIT */
/* VLANs in a lab: two switches with a trunk, hosts of two VLANs, and who tries to leave his. */
#include "lab/lan.h"

static int s[2], trunk;
static int tagged, untagged; /* frames on the trunk, in both directions */
static int longest;

static void see_trunk(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->kind != EVENT_FRAME_SENT || event->wire != trunk)
        return;
    if (event->frame.bytes[12] == 0x81 && event->frame.bytes[13] == 0)
        tagged++;
    else
        untagged++;
    longest = (int)event->frame.length > longest ? (int)event->frame.length : longest;
}

static void port_vlan(int of, int wire, uint32_t vlan, const char *list)
{
    const struct sockeye_port_config config = {.vlan = vlan, .trunk = list};
    int node, interface;

    for (int end = 0; end < 2; end++)
        if (sockeye_wire_end(lab, wire, end, &node, &interface) && node == of)
            check_equal(sockeye_switch_port(lab, node, interface, &config), 0);
}

/* h0 and h1 are of VLAN 10, h2 and h3 of 20; the even ones on the first switch. */
static void campus(uint32_t native, const char *list)
{
    const struct sockeye_switch_config config = {.vlans = 1};

    lan_open(4);
    s[0] = sockeye_switch(lab, "s0", &config);
    s[1] = sockeye_switch(lab, "s1", &config);
    for (int i = 0; i < 4; i++) {
        lan_plug(i, s[i % 2]);
        port_vlan(s[i % 2], lan_wire[i], i < 2 ? 10 : 20, NULL);
    }
    trunk = lan_join(s[0], s[1]);
    port_vlan(s[0], trunk, native, list);
    port_vlan(s[1], trunk, native, list);
    tagged = untagged = longest = 0;
    check(sockeye_observe(lab, EVENT_EVERYTHING, see_trunk, NULL, NULL) >= 0);
    pass(5 * SECOND);
}

static void two_vlans_share_a_trunk_and_hear_nothing_of_each_other(void)
{
    int fd[4];

    campus(0, "10,20");
    check(untagged == 0 && tagged > 0);
    forget_frames();
    check_equal(stream(0, 1, 80, 300000, 20 * SECOND), 300000);
    check_equal(lan_frames[lan_wire[2]][1] + lan_frames[lan_wire[3]][1], 0);
    check_equal(stream(2, 3, 80, 300000, 20 * SECOND), 300000);
    check_equal(longest, 1518);
    check_equal(untagged, 0);
    for (int i = 0; i < 4; i++)
        fd[i] = datagrams(i, 7);
    say(0, fd[0], 3, 7, "over there");
    say(2, fd[2], 1, 7, "over there");
    pass(10 * SECOND);
    check(heard_nothing(1, fd[1]) && heard_nothing(3, fd[3]));
    lan_close();
}

static void the_native_vlan_has_no_tag(void)
{
    campus(10, "20");
    tagged = untagged = 0;
    check_equal(stream(0, 1, 80, 20000, 20 * SECOND), 20000);
    pass(SECOND);
    check(tagged == 0 && untagged > 10);
    untagged = 0;
    check_equal(stream(2, 3, 80, 20000, 20 * SECOND), 20000);
    check(tagged > 10 && untagged == 0);
    lan_close();
}

static void a_trunk_carries_its_list_alone(void)
{
    campus(0, "10");
    check_equal(stream(0, 1, 80, 20000, 20 * SECOND), 20000);
    check_equal(stream(2, 3, 80, 20000, 5 * SECOND), 0);
    lan_close();
}

/* A broadcast from outside, behind so many tags. */
static void inject(int door, const uint32_t *tags, int count)
{
    uint8_t frame[64] = {255, 255, 255, 255, 255, 255, 2, 9, 9, 9, 9, 9};
    size_t n = 12;

    for (int i = 0; i < count; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            frame[n++] = (uint8_t)(tags[i] >> shift);
    frame[n++] = 0x88;
    frame[n++] = 0xb5;
    check_equal(sockeye_inject(lab, door, frame, sizeof frame), 0);
    pass(10 * MS);
}

/* The trunk's native VLAN is the attacker's own: what the first switch takes off, the second would
 * read behind it. */
static void no_station_leaves_its_vlan_by_two_tags(void)
{
    static const struct {
        uint32_t tags[2];
        int count;
    } tries[] = {
        {{0x8100000a, 0x81000014}, 2},
        {{0x81000000, 0x81000014}, 2},
        {{0x81000014}, 1},
        {{0x88a80014}, 1},
        {{0x81000000, 0x88a80014}, 2},
        {{0x81000014, 0x8100000a}, 2},
    };
    int door;

    campus(10, "20");
    door = sockeye_door(lab, "door", SOCKEYE_DOOR_ETHERNET, 0);
    check(sockeye_interface(lab, s[0], "attacker", door, 0, NULL) >= 0);
    port_vlan(s[0], door, 10, NULL);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        forget_frames();
        inject(door, tries[i].tags, tries[i].count);
        for (int k = 0; k < 4; k++)
            check_equal(lan_frames[lan_wire[k]][1], 0);
        check_equal(sockeye_drops(lab, s[0], DROP_SWITCH_TAGS), i + 1);
    }
    forget_frames();
    inject(door, NULL, 0);
    check_equal(lan_frames[lan_wire[1]][1], 1);
    check_equal(lan_frames[lan_wire[3]][1], 0);
    lan_close();
}

/* An access port whose tags are data, as a provider's is: they pass the trunk under its own. */
static void tags_may_be_data(void)
{
    const struct sockeye_port_config data = {.vlan = 30, .double_tags = 1};
    const struct sockeye_port_config trunk_data = {.trunk = "10,20,30", .double_tags = 1};
    static const uint32_t inner = 0x81000014;
    int door[2], interface, node;
    uint8_t frame[64];

    campus(0, "10,20,30");
    for (int i = 0; i < 2; i++) {
        door[i] = sockeye_door(lab, i ? "far" : "near", SOCKEYE_DOOR_ETHERNET, 0);
        interface = sockeye_interface(lab, s[i], "customer", door[i], 0, NULL);
        check_equal(sockeye_switch_port(lab, s[i], interface, &data), 0);
        check(sockeye_wire_end(lab, trunk, i, &node, &interface));
        check_equal(sockeye_switch_port(lab, s[i], interface, &trunk_data), 0);
    }
    forget_frames();
    inject(door[0], &inner, 1);
    check_equal(sockeye_emit(lab, door[1], frame, sizeof frame, NULL), 64);
    check(memcmp(frame + 12, "\x81\x00\x00\x14\x88\xb5", 6) == 0);
    check_equal(lan_frames[lan_wire[3]][1], 0);
    lan_close();
}

static void a_switch_without_vlans_passes_tags_as_data(void)
{
    static const uint32_t tag = 0x81000007;
    const struct sockeye_port_config port = {.vlan = 10};
    uint8_t frame[64];
    int hub, door[2];

    lan_open(0);
    hub = sockeye_switch(lab, "s", NULL);
    for (int i = 0; i < 2; i++) {
        door[i] = sockeye_door(lab, i ? "far" : "near", SOCKEYE_DOOR_ETHERNET, 0);
        check_equal(sockeye_interface(lab, hub, i ? "b" : "a", door[i], 0, NULL), i);
    }
    inject(door[0], &tag, 1);
    check_equal(sockeye_emit(lab, door[1], frame, sizeof frame, NULL), 64);
    check(memcmp(frame + 12, "\x81\x00\x00\x07", 4) == 0);
    check_equal(sockeye_switch_port(lab, hub, 0, &port), -EINVAL);
    check_equal(sockeye_switch_port(lab, hub, 0, NULL), 0);
    check_equal(sockeye_switch_port(lab, hub, 2, NULL), -EINVAL);
    lan_close();
}

/* Router on a stick: one host at a trunk, with an interface in each VLAN. */
static void a_host_stands_in_several_vlans(void)
{
    const struct sockeye_switch_config config = {.vlans = 1};

    lan_open(6);
    s[0] = sockeye_switch(lab, "s", &config);
    trunk = lan_join(0, s[0]);
    port_vlan(s[0], trunk, 30, "10,20");
    for (int i = 1; i < 6; i += 4) {
        lan_wire[i] = lan_join(i, s[0]);
        port_vlan(s[0], lan_wire[i], i == 1 ? 10 : 20, NULL);
        check_equal(sockeye_address(lab, i, 1, i == 1 ? "10.0.0.2/30" : "10.0.0.6/30"), 0);
    }
    check_equal(sockeye_vlan(lab, 0, 1, "eth0.10", 10), 2);
    check_equal(sockeye_vlan(lab, 0, 1, "eth0.20", 20), 3);
    check_equal(sockeye_address(lab, 0, 2, "10.0.0.1/30"), 0);
    check_equal(sockeye_address(lab, 0, 3, "10.0.0.5/30"), 0);
    tagged = untagged = longest = 0;
    check(sockeye_observe(lab, EVENT_EVERYTHING, see_trunk, NULL, NULL) >= 0);
    check_equal(stream(0, 1, 80, 100000, 20 * SECOND), 100000);
    check_equal(stream(0, 5, 80, 100000, 20 * SECOND), 100000);
    check(untagged == 0 && tagged > 200);
    check_equal(longest, 1518);
    check_equal(sockeye_vlan(lab, 0, 1, "other", 20), -EEXIST);
    check_equal(sockeye_vlan(lab, 0, 1, "eth0.10", 21), -EEXIST);
    check_equal(sockeye_vlan(lab, 0, 2, "deep", 21), -EINVAL);
    check_equal(sockeye_vlan(lab, 0, 0, "lo.10", 10), -EINVAL);
    check_equal(sockeye_vlan(lab, 0, 1, "none", 4095), -EINVAL);
    check_equal(sockeye_vlan(lab, s[0], 0, "port", 10), -EOPNOTSUPP);
    lan_close();
}

static void ports_are_looked_at(void)
{
    static const struct sockeye_port_config bad[] = {
        {.vlan = 4095}, {.trunk = "1-"}, {.stations = SOCKEYE_STATIONS + 1}, {.double_tags = 2}};
    const struct sockeye_switch_config config = {.vlans = 1};

    lan_open(1);
    s[0] = sockeye_switch(lab, "s", &config);
    lan_plug(0, s[0]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_equal(sockeye_switch_port(lab, s[0], 0, &bad[i]), -EINVAL);
    check_equal(sockeye_switch_port(lab, 0, 0, NULL), -EOPNOTSUPP);
    check_equal(sockeye_switch_port(lab, 99, 0, NULL), -EINVAL);
    lan_close();
}

static const struct test tests[] = {
    {"two VLANs share a trunk and hear nothing of each other",
     two_vlans_share_a_trunk_and_hear_nothing_of_each_other},
    {"the native VLAN of a trunk has no tag on it", the_native_vlan_has_no_tag},
    {"a trunk carries the VLANs of its list alone", a_trunk_carries_its_list_alone},
    {"no station leaves its VLAN by two tags", no_station_leaves_its_vlan_by_two_tags},
    {"where a port says so, tags are data", tags_may_be_data},
    {"a switch without VLANs passes tags as data", a_switch_without_vlans_passes_tags_as_data},
    {"a host stands in several VLANs by one wire", a_host_stands_in_several_vlans},
    {"what is said of a port is looked at", ports_are_looked_at},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
