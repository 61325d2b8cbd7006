/* SPDX-License-Identifier: MIT */
/* The disciplines, on a wire of 8 Mbit/s: a frame of 1000 bytes takes a millisecond. */
#include <errno.h>

#include "1-physical/wire_pair.h"
#include "base/pool.h"

enum { RATE = 8000000, FRAME = 1000 };
static struct wire_settings settings;

static void fresh_queue(enum wire_discipline discipline, uint32_t packets)
{
    settings = (struct wire_settings){.rate.bits = RATE,
                                      .queue = {.discipline = discipline, .packets = packets}};
    fresh(NULL);
    wire.flows = pool_open(bed.arena, sizeof(struct wire_flows), 2, false);
    check_equal(wire_settings_set(&wire, 0, &settings), 0);
}

/* Into a frame of UDP over IPv4: the flow is that of the ports, the ECN as given. */
static void send_flow(uint32_t port, uint32_t value, uint8_t ecn)
{
    struct packet *p = bed_packet(&bed, &left.budget, FRAME, value);
    uint8_t *bytes = packet_data(p);

    memcpy(bytes + 12, "\x08\x00\x45", 3);
    bytes[15] = ecn;
    bytes[20] = bytes[21] = 0;
    bytes[23] = 17;
    bytes[34] = (uint8_t)(port >> 8);
    bytes[35] = (uint8_t)port;
    wire_send(&wire.end[0], p, bed.now);
    check_equal(wire_check(&wire), 0);
}

static void head_drop_keeps_the_newest(void)
{
    fresh_queue(WIRE_HEAD_DROP, 3);
    for (uint32_t i = 0; i < 6; i++)
        send(FRAME, i);
    bed_listen(&bed);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 3);
    check_equal(bed.last[EVENT_DROP].drop.frame.serial, 4); /* the oldest that waited */
    run(SECOND);
    check_equal(right.count, 3);
    check_equal(right.arrival[0].value, 0); /* it was in transmission */
    check_equal(right.arrival[1].value, 4);
    check_equal(right.arrival[2].value, 5);
    done();
    fresh_queue(WIRE_HEAD_DROP, 1); /* nothing waits: who comes gives way itself */
    send(FRAME, 1);
    send(FRAME, 2);
    run(SECOND);
    check_equal(right.count, 1);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 1);
    done();
}

/* More comes than the wire takes: after an interval the standing queue is cut. The first drop is
 * the first frame that is taken an interval after one had waited 5 ms. */
static void codel_cuts_a_standing_queue(void)
{
    uint64_t first = 0;

    fresh_queue(WIRE_CODEL, 0);
    for (uint32_t i = 0; i < 1000; i++) {
        send(FRAME, i);
        send(i % 2 ? FRAME : 500, 5000);
        run(bed.now + MILLISECOND);
        if (!first && bed.drops[DROP_WIRE_STANDING])
            first = i;
    }
    check(first > 105 && first < 115);
    check(bed.drops[DROP_WIRE_STANDING] > 10);
    check_equal(bed.drops[DROP_WIRE_STANDING], wire.sim[0].queue.drops);
    check_equal(wire.sim[0].queue.marks, 0);
    done();
}

/* The same of packets whose transport speaks ECN: none is lost. */
static void ecn_marks_in_place_of_drops(void)
{
    uint32_t marked = 0;

    fresh_queue(WIRE_CODEL, 0);
    settings.queue.ecn = 1;
    check_equal(wire_settings_set(&wire, 0, &settings), 0);
    for (uint32_t i = 0; i < 400; i++) {
        send_flow(1, i, 2);
        send_flow(1, i, 2);
        run(bed.now + MILLISECOND);
    }
    run(bed.now + SECOND);
    check_equal(right.count, 800);
    check_equal(bed.drops[DROP_WIRE_STANDING], 0);
    for (uint32_t i = 0; i < right.count; i++)
        marked += (right.arrival[i].flags & FRAME_MARKED) != 0;
    check(marked >= 5);
    check_equal(marked, wire.sim[0].queue.marks);
    check(!(bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_MARKED));
    done();
}

/* A flow that sends little never waits for those that fill the queue. */
static void flows_take_turns(void)
{
    nanoseconds worst = 0;

    fresh_queue(WIRE_FQ_CODEL, 0);
    for (uint32_t i = 0; i < 200; i++)
        send_flow(7, 0, 0);
    run(5 * MILLISECOND); /* until that flow is an old one */
    for (uint32_t i = 1; i <= 20; i++) {
        nanoseconds sent = bed.now;
        uint32_t before = right.count;

        send_flow(8, i, 0);
        run(bed.now + 5 * MILLISECOND);
        for (uint32_t k = before; k < right.count; k++)
            if (right.arrival[k].value == i)
                worst = time_later(worst, right.arrival[k].time - sent);
    }
    /* the one in transmission and itself, and the flight */
    check(worst > 0 && worst <= 2 * MILLISECOND + MICROSECOND);
    done();
}

static void two_full_flows_share_evenly(void)
{
    uint32_t ours = 0;

    fresh_queue(WIRE_FQ_CODEL, 0);
    settings.queue.codel.target = 10 * SECOND; /* CoDel is not to disturb */
    check_equal(wire_settings_set(&wire, 0, &settings), 0);
    for (uint32_t i = 0; i < 100; i++)
        send_flow(7, 7, 0);
    for (uint32_t i = 0; i < 100; i++)
        send_flow(8, 8, 0);
    run(100 * MILLISECOND);
    for (uint32_t i = 0; i < right.count; i++)
        ours += right.arrival[i].value == 7;
    check(right.count >= 99 && ours >= 49 && ours <= 52);
    done();
}

/* RFC 8290 4.1: over the limit half of the fattest flow goes, 64 frames at most. */
static void the_fattest_flow_gives_way(void)
{
    uint32_t thin = 0;

    fresh_queue(WIRE_FQ_CODEL, 50);
    send_flow(1, 0, 0);
    for (uint32_t i = 0; i < 10; i++)
        send_flow(8, 8, 0);
    for (uint32_t i = 0; i < 200; i++)
        send_flow(7, 7, 0);
    check(wire.sim[0].queue.packets <= 49);
    run(SECOND);
    for (uint32_t i = 0; i < right.count; i++)
        thin += right.arrival[i].value == 8;
    check_equal(thin, 10);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL] + right.count, 211);
    done();
}

static void a_change_of_discipline_loses_nothing(void)
{
    static const uint32_t order[] = {WIRE_FQ_CODEL, WIRE_HEAD_DROP, WIRE_FQ_CODEL, WIRE_CODEL,
                                     WIRE_TAIL_DROP};

    fresh_queue(WIRE_TAIL_DROP, 0);
    for (uint32_t i = 0; i < 60; i++)
        send_flow(i % 3, i, 0);
    for (uint32_t i = 0; i < sizeof order / sizeof *order; i++) {
        run(bed.now + 3 * MILLISECOND);
        settings.queue.discipline = order[i];
        check_equal(wire_settings_set(&wire, 0, &settings), 0);
        check_equal(wire_check(&wire), 0);
    }
    run(SECOND);
    check_equal(right.count, 60);
    for (uint32_t i = 0; i < 60; i++) /* each flow in its order */
        for (uint32_t k = 0; k < i; k++)
            check(right.arrival[i].value % 3 != right.arrival[k].value % 3 ||
                  right.arrival[i].value > right.arrival[k].value);
    done();
}

static void without_memory_for_flows_all_is_as_it_was(void)
{
    fresh_queue(WIRE_CODEL, 9);
    wire.flows = NULL;
    settings.queue.discipline = WIRE_FQ_CODEL;
    check_equal(wire_settings_set(&wire, 0, &settings), -ENOSPC);
    check_equal(wire.sim[0].settings.queue.discipline, WIRE_CODEL);
    check_equal(wire_check(&wire), 0);
    done();
}

static const struct test tests[] = {
    {"head drop keeps the newest, and what is in transmission", head_drop_keeps_the_newest},
    {"RFC 8289 5.5 CoDel cuts a queue that stands, after an interval", codel_cuts_a_standing_queue},
    {"RFC 3168 5 what is ECT is marked in place of dropped", ecn_marks_in_place_of_drops},
    {"RFC 8290 4.2 a flow that sends little does not wait for those that fill the queue",
     flows_take_turns},
    {"RFC 8290 3 two flows that fill the queue share evenly", two_full_flows_share_evenly},
    {"RFC 8290 4.1 over the limit the fattest flow gives way", the_fattest_flow_gives_way},
    {"a change of discipline loses nothing, and each flow keeps its order",
     a_change_of_discipline_loses_nothing},
    {"without memory for flows all is as it was", without_memory_for_flows_all_is_as_it_was},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
