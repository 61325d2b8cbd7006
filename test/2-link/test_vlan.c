/* SPDX-License-Identifier: MIT */
/* VLANs at a port, as a table: what comes in where, and what leaves in which form. */
#include "2-link/vlan.h"

#include <string.h>

#include "base/packet.h"
#include "check.h"

static struct vlan_port port;
static uint8_t frame[64];
static uint32_t length;

static void access_port(uint16_t vlan, bool double_tags)
{
    memset(&port, 0, sizeof port);
    vlan_port_access(&port, vlan);
    port.double_tags = double_tags;
}

static void trunk_port(const char *list, uint16_t native, bool double_tags)
{
    memset(&port, 0, sizeof port);
    check(vlan_port_trunk(&port, list, native));
    port.double_tags = double_tags;
}

/* A frame of so many tags; TPID in the high half, the tag in the low. */
static void frame_of(uint32_t first, uint32_t second)
{
    uint32_t tags[2] = {first, second};

    memset(frame, 2, 12);
    length = 12;
    for (int i = 0; i < 2; i++)
        for (int shift = 24; tags[i] && shift >= 0; shift -= 8)
            frame[length++] = (uint8_t)(tags[i] >> shift);
    frame[length++] = 8;
    frame[length++] = 0;
    length += 20;
}

#define C(vid) (0x81000000u | (vid))
#define S(vid) (0x88a80000u | (vid))

static void what_comes_in(void)
{
    enum { ACCESS_5, ACCESS_5_DATA, TRUNK_1_7, TRUNK_7_NO_NATIVE, TRUNK_1_7_DATA };
    static const struct {
        int port;
        uint32_t first, second;
        enum vlan_in in;
        uint16_t vlan, priority;
        bool has_tag, has_inner;
    } rows[] = {
        {ACCESS_5, 0, 0, VLAN_IN, 5, 0, false, false},
        {ACCESS_5, C(0x6000), 0, VLAN_IN, 5, 0x6000, true, false},
        {ACCESS_5, C(5), 0, VLAN_IN_TAGS, 0, 0, false, false},
        {ACCESS_5, C(7), 0, VLAN_IN_TAGS, 0, 0, false, false},
        {ACCESS_5, C(0), C(7), VLAN_IN_TAGS, 0, 0, false, false},
        {ACCESS_5, S(7), 0, VLAN_IN_TAGS, 0, 0, false, false},
        {ACCESS_5, C(0), S(7), VLAN_IN_TAGS, 0, 0, false, false},
        {ACCESS_5_DATA, C(7), 0, VLAN_IN, 5, 0, false, true},
        {ACCESS_5_DATA, C(0), 0, VLAN_IN, 5, 0, false, true},
        {ACCESS_5_DATA, 0, 0, VLAN_IN, 5, 0, false, false},
        {TRUNK_1_7, 0, 0, VLAN_IN, 1, 0, false, false},
        {TRUNK_1_7, C(0xe007), 0, VLAN_IN, 7, 0xe000, true, false},
        {TRUNK_1_7, C(1), 0, VLAN_IN, 1, 0, true, false},
        {TRUNK_1_7, C(8), 0, VLAN_IN_OTHER, 0, 0, false, false},
        {TRUNK_1_7, C(0xfff), 0, VLAN_IN_OTHER, 0, 0, false, false},
        {TRUNK_1_7, C(7), C(9), VLAN_IN_TAGS, 0, 0, false, false},
        {TRUNK_1_7, C(1), C(7), VLAN_IN_TAGS, 0, 0, false, false},
        {TRUNK_7_NO_NATIVE, 0, 0, VLAN_IN_OTHER, 0, 0, false, false},
        {TRUNK_7_NO_NATIVE, C(0x2000), 0, VLAN_IN_OTHER, 0, 0, false, false},
        {TRUNK_7_NO_NATIVE, C(7), 0, VLAN_IN, 7, 0, true, false},
        {TRUNK_1_7_DATA, C(7), C(9), VLAN_IN, 7, 0, true, true},
        {TRUNK_1_7_DATA, C(9), C(7), VLAN_IN_OTHER, 0, 0, false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vlan_facts facts;

        if (rows[i].port == ACCESS_5 || rows[i].port == ACCESS_5_DATA)
            access_port(5, rows[i].port == ACCESS_5_DATA);
        else
            trunk_port("7", rows[i].port == TRUNK_7_NO_NATIVE ? 0 : 1,
                       rows[i].port == TRUNK_1_7_DATA);
        frame_of(rows[i].first, rows[i].second);
        if (vlan_port_in(&port, frame, length, &facts) != rows[i].in)
            test_fail(__FILE__, __LINE__, "row %zu", i);
        if (rows[i].in != VLAN_IN)
            continue;
        if (facts.vlan != rows[i].vlan || facts.priority != rows[i].priority ||
            facts.has_tag != rows[i].has_tag || facts.has_inner != rows[i].has_inner)
            test_fail(__FILE__, __LINE__, "row %zu: VLAN %u", i, facts.vlan);
    }
}

static void what_goes_out(void)
{
    static const struct {
        bool trunk, double_tags;
        uint16_t vlan;
        bool has_inner;
        enum vlan_out out;
    } rows[] = {
        {false, false, 5, false, VLAN_OUT_PLAIN}, {false, false, 6, false, VLAN_OUT_NONE},
        {false, false, 5, true, VLAN_OUT_NONE},   {false, true, 5, true, VLAN_OUT_PLAIN},
        {true, false, 5, false, VLAN_OUT_PLAIN},  {true, false, 7, false, VLAN_OUT_TAGGED},
        {true, false, 8, false, VLAN_OUT_NONE},   {true, false, 5, true, VLAN_OUT_TAGGED},
        {true, true, 5, true, VLAN_OUT_TAGGED},   {true, true, 7, true, VLAN_OUT_TAGGED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vlan_facts facts = {.vlan = rows[i].vlan, .has_inner = rows[i].has_inner};

        if (rows[i].trunk)
            trunk_port("7", 5, rows[i].double_tags);
        else
            access_port(5, rows[i].double_tags);
        if (vlan_port_out(&port, &facts) != rows[i].out)
            test_fail(__FILE__, __LINE__, "row %zu", i);
    }
}

static void lists_of_vlans(void)
{
    static const char *const bad[] = {"x",  "0",   "4095", "1,",          ",1",
                                      "5-", "5-4", "1;2",  "99999999999", "1 ,2"};
    struct vlan_facts facts;

    trunk_port("10,20-22,4094", 0, false);
    for (uint16_t vlan = 1; vlan <= 4094; vlan++) {
        bool in = vlan == 10 || (vlan >= 20 && vlan <= 22) || vlan == 4094;

        frame_of(C(vlan), 0);
        check(vlan_port_in(&port, frame, length, &facts) == (in ? VLAN_IN : VLAN_IN_OTHER));
    }
    trunk_port("all", 0, false);
    frame_of(C(1), 0);
    check(vlan_port_in(&port, frame, length, &facts) == VLAN_IN);
    trunk_port("", 3, false);
    check(vlan_port_in(&port, frame, length, &facts) == VLAN_IN_OTHER);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(!vlan_port_trunk(&port, bad[i], 0));
}

static void a_tag_that_is_cut_off(void)
{
    struct vlan_facts facts;

    trunk_port("all", 1, false);
    frame_of(C(7), 0);
    for (length = 14; length < 18; length++)
        check(vlan_port_in(&port, frame, length, &facts) == VLAN_IN_SHORT);
    check(vlan_port_in(&port, frame, length, &facts) == VLAN_IN);
}

static void a_tag_goes_in_where_it_came_off(void)
{
    static const struct vlan_facts facts = {.vlan = 7, .priority = 0xa000};
    struct packet p = {.bytes = frame, .start = 0, .size = sizeof frame};
    uint8_t before[sizeof frame];

    frame_of(C(0xa007), 0);
    p.end = length;
    memcpy(before, frame, sizeof before);
    vlan_tag_remove(&p);
    check_equal(packet_length(&p), length - 4);
    check(memcmp(packet_data(&p), before, 12) == 0);
    check(memcmp(packet_data(&p) + 12, before + 16, length - 16) == 0);
    check(vlan_tag_insert(&p, &facts));
    check(p.start == 0 && memcmp(frame, before, sizeof before) == 0);
    check(!vlan_tag_insert(&p, &facts));
}

static const struct test tests[] = {
    {"each port takes in what is of its VLANs", what_comes_in},
    {"each port sends what is of its VLANs, with a tag or without", what_goes_out},
    {"the VLANs of a trunk are written as a list", lists_of_vlans},
    {"a frame that ends in its tag is told", a_tag_that_is_cut_off},
    {"a tag goes in where it came off", a_tag_goes_in_where_it_came_off},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
