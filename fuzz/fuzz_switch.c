/* SPDX-License-Identifier: MIT */
/*
 * Any frames into the ports of a switch, and time between them: with VLANs, the spanning tree and
 * groups, with hubs beside it and a loop. Every invariant holds after each, and without a loop no
 * frame comes back by the port it went in. The input is a list: port, how much later, a length, a
 * frame of that length (or, for a few ports, what is made of it: a BPDU).
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "sockeye/sockeye.h"

enum { DOORS = 4, STEPS = 20000, FRAMES = 400, LONGEST = 1518 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct sockeye *lab;
static int door[DOORS];

static void build(uint32_t flags)
{
    static const struct sockeye_port_config kinds[] = {
        {.vlan = 5},
        {.vlan = 5, .storm_rate = 100},
        {.vlan = 1, .trunk = "5,7-9"},
        {.vlan = 7, .double_tags = 1},
    };
    const struct sockeye_config config = {
        .hosts = 4, .wires = 8, .sockets = 16, .packets = 64, .buffer_bytes = 1 << 20};
    const struct sockeye_switch_config of_switch = {.age_ns = 1000000000,
                                                    .stations = flags & 1 ? 4 : 0,
                                                    .port_stations = flags & 2 ? 2 : 0,
                                                    .keep_oldest = flags >> 2 & 1,
                                                    .vlans = flags >> 3 & 1,
                                                    .stp = flags >> 4 & 1,
                                                    .groups = flags >> 8 & 1 ? 3 : 0,
                                                    .no_snooping = (flags >> 9 & 3) == 3,
                                                    .querier = (flags >> 9 & 3) == 1};
    int s, other, wire;

    ensure(sockeye_open(&config, &lab) == 0);
    s = sockeye_switch(lab, "s", &of_switch);
    other = flags & 32 ? sockeye_hub(lab, "o") : sockeye_switch(lab, "o", &of_switch);
    ensure(s >= 0 && other >= 0);
    for (int i = 0; i < DOORS; i++) {
        char name[] = {'d', (char)('0' + i), 0};

        door[i] = sockeye_door(lab, name, SOCKEYE_DOOR_ETHERNET, 0);
        ensure(sockeye_interface(lab, i == 3 ? other : s, name, door[i], 0, NULL) >= 0);
        if (i < 3 && of_switch.vlans)
            ensure(sockeye_switch_port(lab, s, i, &kinds[(i + (int)(flags >> 6)) % 4]) == 0);
    }
    /* two ways between them are a loop, which a tree alone opens */
    for (int i = 0; i < (of_switch.stp ? 2 : 1); i++) {
        char name[] = {'w', (char)('0' + i), 0};

        wire = sockeye_wire(lab, name, NULL, NULL);
        ensure(sockeye_interface(lab, s, name, wire, 0, NULL) >= 0);
        ensure(sockeye_interface(lab, other, name, wire, 1, NULL) >= 0);
    }
}

/* What came out is told apart from what went in by its last four bytes. A tree can be talked into a
 * loop by who speaks for it; where there is none, nothing comes back. */
static void empty(int from, uint32_t mark, bool may_return)
{
    uint8_t frame[2048];
    ssize_t n;

    for (int i = 0; i < DOORS; i++)
        while ((n = sockeye_emit(lab, door[i], frame, sizeof frame, NULL)) > 0)
            ensure(may_return || i != from || n < 18 || u32_at(frame + n - 4) != mark);
}

static void put(int port, const uint8_t *bytes, size_t length, uint32_t mark)
{
    static const uint8_t bpdu[] = {0x01, 0x80, 0xc2, 0,    0,    0,    2, 0, 0, 0, 0,
                                   1,    0,    39,   0x42, 0x42, 0x03, 0, 0, 2, 2};
    uint8_t frame[LONGEST + 64] = {0};
    size_t n = 0;

    if (port >= DOORS) {
        memcpy(frame, bpdu, sizeof bpdu);
        n = sizeof bpdu;
    }
    memcpy(frame + n, bytes, length);
    n += length;
    u32_put(frame + n, mark);
    n += 4;
    (void)sockeye_inject(lab, door[port % DOORS], frame, n < 14 ? 14 : n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint32_t flags = read_u16(&r);
    int64_t now = 0;

    build(flags);
    for (uint32_t i = 0; i < FRAMES && reader_left(&r) > 4; i++) {
        int port = read_u8(&r) % (2 * DOORS);
        uint32_t later = read_u8(&r);
        size_t n = read_u16(&r) % LONGEST;
        const uint8_t *at = read_bytes(&r, n < reader_left(&r) ? n : reader_left(&r));

        n = (size_t)(r.at - at);
        put(port, at, n, 0x51000000 | i);
        now += later < 128 ? 2000 * (int64_t)later : (int64_t)(later - 128) * 100000000;
        for (int k = 0; k < STEPS && sockeye_step(lab, now) == 1; k++) {
        }
        (void)sockeye_advance(lab, now);
        ensure(sockeye_check(lab) == 0);
        empty(port % DOORS, 0x51000000 | i, (flags & 16) != 0);
    }
    sockeye_close(lab);
    return 0;
}
