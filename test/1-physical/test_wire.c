/* SPDX-License-Identifier: MIT */
/* The ends of a wire, its doors, and the names that it gives. */
#include "1-physical/wire_pair.h"

static void too_long_frames(void)
{
    fresh(NULL);
    send(1514, 1);
    send(1515, 2);
    run(SECOND);
    check_equal(right.count, 1);
    check_equal(bed.drops[DROP_TOO_LONG], 1);
    check_equal(bed.events[EVENT_FRAME_SENT], 1);
    done();
    fresh_named("bare", NULL, true);
    send(1500, 1);
    send(1501, 2);
    run(SECOND);
    check_equal(right.count, 1);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.flags, FRAME_BARE_IP);
    done();
}

static void nobody_at_the_end(void)
{
    fresh(NULL);
    wire_attach(&wire.end[1], NULL, NULL, EVENT_NOWHERE);
    send(60, 1);
    run(SECOND);
    check_equal(bed.drops[DROP_WIRE_DOWN], 1);
    done();
}

static void doors(void)
{
    struct packet *p;

    fresh(NULL);
    bed_wire_init(&bed, &wire, 0, "door", WIRE_DOOR, true);
    wire_attach(&wire.end[0], &left.upper, &left.budget, 10);
    run(SECOND);
    send(100, 1);
    send(100, 2);
    bed_listen(&bed);
    check_equal(bed.events[EVENT_FRAME_SENT], 2);
    check_equal(bed.last[EVENT_FRAME_SENT].direction, 0);
    check_equal(left.budget.used, 0);
    check_equal(wire.sim[0].budget.used, 2);
    p = wire_outside(&wire);
    check(p && p->time == SECOND && p->serial == 1);
    check(wire_outside_take(&wire) == p);
    packet_put(p);
    packet_put(wire_outside_take(&wire));
    check(!wire_outside(&wire) && !wire_outside_take(&wire));
    wire_inject(&wire, bed_packet(&bed, &wire.sim[1].budget, 60, 8), bed.now);
    wire_inject(&wire, bed_packet(&bed, &wire.sim[1].budget, 60, 9), bed.now);
    check_equal(left.count, 0); /* an event of its own */
    run(SECOND);
    check_equal(left.count, 2);
    check_equal(left.arrival[0].value, 8);
    check_equal(left.arrival[1].value, 9);
    check_equal(left.arrival[1].time, SECOND);
    check_equal(bed.last[EVENT_FRAME_SENT].host, EVENT_NOWHERE);
    check_equal(bed.last[EVENT_FRAME_SENT].direction, 1);
    check_equal(bed.last[EVENT_FRAME_DELIVERED].host, 10);
    check_equal(wire_link_at(&wire, 1, false, bed.now, bed.now), 0);
    wire_inject(&wire, bed_packet(&bed, &wire.sim[1].budget, 60, 10), bed.now);
    wire_inject(&wire, bed_packet(&bed, &wire.sim[1].budget, 65536, 10), bed.now);
    run(2 * SECOND);
    check_equal(left.count, 2);
    check_equal(bed.drops[DROP_WIRE_DOWN], 1);
    check_equal(bed.drops[DROP_TOO_LONG], 1);
    done();
}

static void a_door_has_a_limit(void)
{
    fresh(NULL);
    bed_wire_init(&bed, &wire, 0, "door", WIRE_DOOR, false);
    wire.sim[0].budget.limit = 3;
    for (uint32_t i = 0; i < 5; i++)
        send(60, i);
    check_equal(wire.outside.packets, 3);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 2);
    done();
}

static void serials_and_timers_have_names(void)
{
    fresh(NULL);
    send(60, 1);
    check_equal(wire.sim[0].arrive.node, 11);
    check_equal(wire.sim[0].arrive.source, 1 * 8 + 0 * 4 + 1);
    check_equal(wire.sim[0].arrive.serial, 1);
    wire_send(&wire.end[1], bed_packet(&bed, &right.budget, 60, 2), 0);
    check_equal(wire.sim[1].arrive.node, 10);
    check_equal(wire.sim[1].arrive.source, 1 * 8 + 1 * 4 + 1);
    run(SECOND);
    check(timer_heap_valid(&bed.timers));
    check(!timer_heap_first(&bed.timers));
    done();
}

static const struct test tests[] = {
    {"frames longer than the MTU are dropped", too_long_frames},
    {"a frame for nobody is dropped", nobody_at_the_end},
    {"a door passes frames out and in", doors},
    {"a door holds as many frames as its budget", a_door_has_a_limit},
    {"timers carry the names of node, wire and frame", serials_and_timers_have_names},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
