/* SPDX-License-Identifier: MIT */
/*
 * A lab with hubs and switches is a value like any other: the same twice, saved and loaded,
 * recorded and replayed; and what goes wrong in it on purpose goes wrong at its place alone.
 */
#include "lab/handle.h"

#include "lab/lan.h"

#include <sys/mman.h>
#include <unistd.h>

#include "sockeye/table.h"

static int node[4];

/* h0 and h1 behind two switches of the tree with two ways between them, h2 behind a hub, h3 behind
 * a switch with VLANs behind that. */
static void build(void)
{
    const struct sockeye_switch_config tree = {.stp = 1, .age_ns = 30 * SECOND};
    const struct sockeye_switch_config vlans = {.vlans = 1, .port_stations = 8};
    const struct sockeye_port_config trunk = {.trunk = "all", .vlan = 1, .storm_rate = 1000};

    lan_open(4);
    node[0] = sockeye_switch(lab, "s0", &tree);
    node[1] = sockeye_switch(lab, "s1", &tree);
    node[2] = sockeye_hub(lab, "hub");
    node[3] = sockeye_switch(lab, "s3", &vlans);
    (void)lan_join(node[0], node[1]);
    (void)lan_join(node[0], node[1]);
    (void)lan_join(node[1], node[2]);
    (void)lan_join(node[2], node[3]);
    check_equal(sockeye_switch_port(lab, node[3], 0, &trunk), 0);
    for (int i = 0; i < 4; i++)
        lan_plug(i, node[i]);
}

static void talk(void)
{
    pass(5 * SECOND); /* ports that were not said to be edges open after three */
    for (int i = 0; i < 4; i++)
        check_equal(stream(i, (i + 1) % 4, (uint16_t)(80 + i), 50000, 60 * SECOND), 50000);
    pass(10 * SECOND);
}

static void the_same_labs_are_the_same_bytes(void)
{
    uint64_t hash[2];

    for (int i = 0; i < 2; i++) {
        build();
        talk();
        hash[i] = sockeye_hash(lab);
        lan_close();
    }
    check(hash[0] == hash[1]);
}

static void an_image_goes_on_as_the_lab_does(void)
{
    int fd = memfd_create("image", 0);
    uint64_t hash;

    build();
    talk();
    check_equal(sockeye_save(lab, fd), 0);
    pass(100 * SECOND);
    hash = sockeye_hash(lab);
    sockeye_close(lab);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(fd, &lab), 0);
    pass(100 * SECOND);
    check(sockeye_hash(lab) == hash);
    check_equal(stream(0, 3, 99, 50000, 60 * SECOND), 50000);
    lan_close();
    close(fd);
}

static void a_record_replays(void)
{
    int fd = lan_record = memfd_create("record", 0), result;
    struct sockeye_replay *replay;
    uint64_t hash;

    build();
    lan_record = -1;
    talk();
    check_equal(sockeye_record_stop(lab), 0);
    hash = sockeye_hash(lab);
    sockeye_close(lab);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &lab), 0);
    while ((result = sockeye_replay_next(replay)) > 0) {
    }
    check_equal(result, 0);
    check(sockeye_hash(lab) == hash);
    sockeye_replay_close(replay);
    close(fd);
}

/* Each get of the building and of the first talk fails in turn. */
static void want_of_memory_is_told(void)
{
    for (uint64_t n = 1; n < 60; n++) {
        const struct sockeye_switch_config tree = {.stp = 1};
        int s, w;

        lan_open(2);
        sockeye_fail_get(lab, n);
        s = sockeye_switch(lab, "s", &tree);
        check(s >= 0 || s == -ENOMEM);
        if (s < 0)
            s = sockeye_switch(lab, "s", &tree);
        for (int i = 0; i < 2; i++) {
            char name[4] = {'w', (char)('0' + i), 0};
            int port;

            w = sockeye_wire(lab, name, NULL, NULL);
            if (w < 0)
                w = sockeye_wire(lab, name, NULL, NULL);
            port = sockeye_interface(lab, s, name, w, 0, NULL);
            check(port == i || port == -ENOMEM);
            if (port < 0)
                check_equal(sockeye_interface(lab, s, name, w, 0, NULL), i);
            port = sockeye_interface(lab, i, name, w, 1, NULL);
            if (port < 0)
                check_equal(sockeye_interface(lab, i, name, w, 1, NULL), 1);
            (void)sockeye_address(lab, i, 1, i ? "10.0.0.2/24" : "10.0.0.1/24");
        }
        pass(20 * SECOND);
        lan_close();
    }
}

/* security/cases.md N-06: a station that makes up addresses fills its own port's share. */
static void a_flood_of_addresses_costs_others_nothing(void)
{
    const struct sockeye_switch_config config = {.stations = 100, .port_stations = 50};
    uint8_t frame[64] = {2, 0, 0, 0, 0, 99, 2};
    int s, door, before;

    lan_open(3);
    s = sockeye_switch(lab, "s", &config);
    for (int i = 0; i < 3; i++)
        lan_plug(i, s);
    door = sockeye_door(lab, "door", SOCKEYE_DOOR_ETHERNET, 0);
    check_equal(sockeye_interface(lab, s, "door", door, 0, NULL), 3);
    check_equal(stream(0, 1, 80, 10000, 10 * SECOND), 10000);
    for (uint32_t i = 0; i < 100000; i++) {
        frame[8] = (uint8_t)(i >> 16);
        frame[9] = (uint8_t)(i >> 8);
        frame[10] = (uint8_t)i;
        check_equal(sockeye_inject(lab, door, frame, sizeof frame), 0);
        if (i % 100 == 0)
            pass(MS);
    }
    pass(MS);
    check_equal(pool_count(lab->lab->pools.stations), 53);
    before = lan_frames[lan_wire[2]][1];
    check_equal(stream(0, 1, 81, 10000, 10 * SECOND), 10000);
    check_equal(lan_frames[lan_wire[2]][1], before);
    lan_close();
}

/* security/cases.md N-07: two ports claim one address. Frames follow the last that was heard. */
static void a_flapping_address_is_followed(void)
{
    const uint8_t mac[6] = {2, 7, 7, 7, 7, 7};
    uint8_t frame[64] = {255, 255, 255, 255, 255, 255}, to[64] = {0}, got[64];
    int s, door[3];

    lan_open(0);
    s = sockeye_switch(lab, "s", NULL);
    for (int i = 0; i < 3; i++) {
        char name[3] = {'d', (char)('0' + i), 0};

        door[i] = sockeye_door(lab, name, SOCKEYE_DOOR_ETHERNET, 0);
        check_equal(sockeye_interface(lab, s, name, door[i], 0, NULL), i);
    }
    memcpy(frame + 6, mac, 6);
    memcpy(to, mac, 6);
    to[6] = 2;
    for (int i = 0; i < 100; i++) {
        check_equal(sockeye_inject(lab, door[i % 2], frame, sizeof frame), 0);
        pass(MS);
        for (int k = 0; k < 3; k++)
            while (sockeye_emit(lab, door[k], got, sizeof got, NULL) > 0) {
            }
        check_equal(sockeye_inject(lab, door[2], to, sizeof to), 0);
        pass(MS);
        check_equal(sockeye_emit(lab, door[i % 2], got, sizeof got, NULL), 64);
        check_equal(sockeye_emit(lab, door[1 - i % 2], got, sizeof got, NULL), -EAGAIN);
    }
    check_equal(pool_count(lab->lab->pools.stations), 2);
    lan_close();
}

/* A host that shouts is held to its share; what is for one station is not touched by it. */
static void a_storm_is_held_back(void)
{
    const struct sockeye_port_config limited = {.storm_rate = 100, .storm_burst = 10};
    uint8_t frame[64] = {255, 255, 255, 255, 255, 255, 2, 9, 9, 9, 9, 9};
    struct sockeye_row ports[3];
    int s, door;

    lan_open(2);
    s = sockeye_switch(lab, "s", NULL);
    for (int i = 0; i < 2; i++)
        lan_plug(i, s);
    door = sockeye_door(lab, "door", SOCKEYE_DOOR_ETHERNET, 0);
    check_equal(sockeye_interface(lab, s, "door", door, 0, NULL), 2);
    check_equal(sockeye_switch_port(lab, s, 2, &limited), 0);
    pass(5 * SECOND);
    forget_frames();
    for (int i = 0; i < 1000; i++) {
        check_equal(sockeye_inject(lab, door, frame, sizeof frame), 0);
        pass(MS);
    }
    check(lan_frames[lan_wire[0]][1] >= 105 && lan_frames[lan_wire[0]][1] <= 111);
    check_equal(sockeye_drops(lab, s, DROP_SWITCH_STORM), 1000 - lan_frames[lan_wire[0]][1]);
    check_equal(sockeye_table(lab, s, SOCKEYE_TABLE_PORTS, ports, 3), 3);
    check_equal(ports[2].port.dropped, sockeye_drops(lab, s, DROP_SWITCH_STORM));
    check_equal(stream(0, 1, 80, 100000, 10 * SECOND), 100000);
    lan_close();
}

static const struct test tests[] = {
    {"the same labs with switches are the same bytes", the_same_labs_are_the_same_bytes},
    {"an image goes on as the lab does", an_image_goes_on_as_the_lab_does},
    {"a record with switches replays", a_record_replays},
    {"want of memory is told, and no more", want_of_memory_is_told},
    {"a flood of addresses costs other ports nothing", a_flood_of_addresses_costs_others_nothing},
    {"an address that flaps is followed", a_flapping_address_is_followed},
    {"a storm is held back at its port", a_storm_is_held_back},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
