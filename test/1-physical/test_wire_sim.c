/* SPDX-License-Identifier: MIT */
/* Each property and each fault of a wire alone, then what they must not do to each other. */
#include <errno.h>

#include "1-physical/wire_pair.h"

static void a_frame_takes_at_least_a_microsecond(void)
{
    fresh(NULL);
    send(100, 7);
    check_equal(right.count, 0);
    run(999);
    check_equal(right.count, 0);
    run(1000);
    check_equal(right.count, 1);
    check_equal(right.arrival[0].value, 7);
    check_equal(right.arrival[0].length, 100);
    check_equal(right.arrival[0].serial, 1);
    check_equal(bed.events[EVENT_FRAME_SENT], 1);
    check_equal(bed.last[EVENT_FRAME_SENT].host, 10);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.length, 100);
    check_equal(bed.events[EVENT_FRAME_DELIVERED], 1);
    check_equal(bed.last[EVENT_FRAME_DELIVERED].host, 11);
    check_equal(bed.last[EVENT_FRAME_DELIVERED].frame.serial, 1);
    check_equal(left.budget.used, 0);
    check_equal(right.budget.used, 0);
    check_equal(wire.sim[0].budget.used, 0);
    done();
}

static void both_directions_are_apart(void)
{
    struct wire_settings slow = {.delay.base = 5 * MILLISECOND};

    fresh(&slow);
    send(60, 1);
    wire_send(&wire.end[1], bed_packet(&bed, &right.budget, 60, 2), 0);
    run(MICROSECOND);
    check_equal(left.count, 1);
    check_equal(right.count, 0);
    check_equal(bed.last[EVENT_FRAME_DELIVERED].direction, 1);
    run(5 * MILLISECOND);
    check_equal(right.count, 1);
    check_equal(right.arrival[0].time, 5 * MILLISECOND);
    done();
}

static void rate_is_bits_of_the_frame(void)
{
    /* 1 Mbit/s: 1000 bytes take 8 ms, 60 and less take 480 us; the delay comes on top. */
    struct wire_settings s = {.rate.bits = 1000000, .delay.base = MILLISECOND};

    fresh(&s);
    send(1000, 0);
    send(1000, 1);
    send(20, 2);
    run(SECOND);
    check_equal(right.count, 3);
    check_equal(right.arrival[0].time, 9 * MILLISECOND);
    check_equal(right.arrival[1].time, 17 * MILLISECOND);
    check_equal(right.arrival[2].time, 17 * MILLISECOND + 480 * MICROSECOND);
    done();
}

static void rate_rounds_up(void)
{
    struct wire_settings s = {.rate.bits = 3000000000};

    fresh(&s);
    send(61, 0); /* 488 bits: 162.67 ns */
    run(SECOND);
    check_equal(right.arrival[0].time, 1163);
    s.rate.bits = UINT64_MAX;
    wire_settings_set(&wire, 0, &s);
    send(1514, 0);
    run(2 * SECOND);
    check_equal(right.arrival[1].time, SECOND + 1001);
    done();
}

static void charge_is_released_at_departure(void)
{
    struct wire_settings s = {.rate.bits = 1000000, .delay.base = SECOND};
    struct link_list drained = {NULL, NULL};
    struct charge *charge;
    struct packet *p;

    fresh(&s);
    charge = charge_open(&bed.packets, &drained);
    for (int i = 0; i < 2; i++) {
        p = bed_packet(&bed, &left.budget, 1000, 0);
        packet_charge(p, charge);
        wire_send(&wire.end[0], p, 0);
    }
    check_equal(charge->packets, 2);
    check_equal(left.budget.used, 0);
    run(8 * MILLISECOND);
    check_equal(charge->packets, 1);
    run(16 * MILLISECOND);
    check_equal(charge->packets, 0);
    check_equal(right.count, 0);
    charge_close(&bed.packets, charge);
    run(3 * SECOND);
    done();
}

static void queue_limits(void)
{
    struct wire_settings s = {.rate.bits = 8000000, .queue.packets = 3};

    fresh(&s);
    for (uint32_t i = 0; i < 5; i++)
        send(100, i);
    bed_listen(&bed);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 2);
    check_equal(bed.events[EVENT_FRAME_SENT], 5);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.flags, FRAME_QUEUE_FULL);
    check_equal(bed.last[EVENT_DROP].drop.reason, DROP_WIRE_QUEUE_FULL);
    check_equal(bed.last[EVENT_DROP].drop.frame.serial, 5);
    run(SECOND);
    check_equal(right.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        check_equal(right.arrival[i].value, i);
    s.queue.packets = 0;
    s.queue.bytes = 250;
    wire_settings_set(&wire, 0, &s);
    send(1000, 9); /* an empty queue takes any frame */
    send(60, 10);
    run(2 * SECOND);
    send(100, 11);
    send(100, 12);
    send(51, 13);
    send(50, 14);
    run(3 * SECOND);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 4);
    check_equal(right.count, 7);
    check_equal(right.arrival[6].value, 14);
    done();
}

static void default_queue_is_a_thousand(void)
{
    struct wire_settings s = {.rate.bits = 1000000};

    fresh(&s);
    for (uint32_t i = 0; i < 1002; i++)
        send(60, i);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 2);
    run(10 * SECOND);
    check_equal(right.count, 1000);
    done();
}

static void budgets_hold(void)
{
    struct wire_settings s = {.delay.base = SECOND};

    fresh(&s);
    wire.sim[0].budget.limit = 4;
    right.budget.limit = 0;
    for (uint32_t i = 0; i < 6; i++)
        send(60, i);
    check_equal(bed.drops[DROP_WIRE_QUEUE_FULL], 2);
    run(2 * SECOND);
    check_equal(right.count, 0);
    check_equal(bed.drops[DROP_NO_MEMORY], 4);
    check_equal(wire.sim[0].budget.used, 0);
    done();
}

/* The second copy has no room; that is told in the direction of the first. */
static void a_copy_without_room_is_told(void)
{
    struct wire_settings s = {.duplicate.ppm = 1000000};

    for (uint32_t direction = 0; direction < 2; direction++) {
        fresh(&s);
        wire_settings_set(&wire, direction, &s);
        wire.sim[direction].budget.limit = 1;
        if (direction == 0)
            send(60, 1);
        else
            wire_send(&wire.end[1], bed_packet(&bed, &right.budget, 60, 1), 0);
        run(SECOND);
        check_equal(bed.drops[DROP_NO_MEMORY], 1);
        check_equal(bed.last[EVENT_DROP].drop.reason, DROP_NO_MEMORY);
        check_equal(bed.last[EVENT_DROP].direction, direction);
        check_equal(direction == 0 ? right.count : left.count, 1);
        done();
    }
}

static void loss_of_all(void)
{
    struct wire_settings s = {.loss.ppm = 1000000, .duplicate.ppm = 1000000, .rate.bits = 1000000};

    fresh(&s);
    for (uint32_t i = 0; i < 10; i++)
        send(1000, i);
    bed_listen(&bed);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.flags, FRAME_LOST);
    run(SECOND);
    check_equal(right.count, 0);
    check_equal(bed.drops[DROP_WIRE_LOSS], 10);
    /* the last of them took its time on the wire like the others */
    check_equal(bed.last[EVENT_DROP].time, 80 * MILLISECOND);
    check_equal(bed.last[EVENT_DROP].drop.frame.serial, 10);
    done();
}

static void duplication_of_all(void)
{
    struct wire_settings s = {.duplicate.ppm = 1000000};

    fresh(&s);
    send(100, 1);
    send(100, 2);
    run(SECOND);
    check_equal(right.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        check_equal(right.arrival[i].serial, i / 2 + 1);
        check_equal(right.arrival[i].value, i / 2 + 1);
        check_equal(right.arrival[i].flags, FRAME_DUPLICATED);
    }
    check_equal(bed.events[EVENT_FRAME_SENT], 2);
    check_equal(bed.events[EVENT_FRAME_DELIVERED], 4);
    done();
}

static void copies_have_their_own_jitter(void)
{
    struct wire_settings s = {.duplicate.ppm = 1000000, .delay.jitter = SECOND};
    uint32_t together = 0;

    fresh(&s);
    for (uint32_t i = 0; i < 50; i++) {
        send(60, i);
        run(bed.now + 3 * SECOND);
        check_equal(right.count, 2);
        together += right.arrival[0].time == right.arrival[1].time;
        right.count = 0;
    }
    check(together < 3);
    done();
}

static void directions_have_their_own_luck(void)
{
    struct wire_settings s = {.loss.ppm = 500000};

    fresh(&s);
    wire_settings_set(&wire, 1, &s);
    for (uint32_t i = 0; i < 64; i++) {
        send(60, i);
        wire_send(&wire.end[1], bed_packet(&bed, &right.budget, 60, i), 0);
    }
    run(SECOND);
    check(left.count > 16 && right.count > 16);
    check(left.count != right.count ||
          memcmp(left.arrival, right.arrival, left.count * sizeof *left.arrival) != 0);
    done();
}

static void corruption_of_all(void)
{
    struct wire_settings s = {.corrupt.ppm = 1000000};

    fresh(&s);
    for (uint32_t i = 0; i < 200; i++)
        send(60, 0x5a5a5a5a);
    bed_listen(&bed);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.flags, FRAME_DAMAGED);
    run(SECOND);
    check_equal(right.count, 200);
    for (uint32_t i = 0; i < 200; i++) {
        check(right.arrival[i].damaged);
        check(right.arrival[i].flags == FRAME_DAMAGED);
    }
    done();
}

/* A frame that says that it carries IPv4. */
static void send_ip(uint32_t length)
{
    struct packet *p = bed_packet(&bed, &left.budget, length, 0);

    memcpy(packet_data(p) + 12, "\x08\x00", 2);
    wire_send(&wire.end[0], p, bed.now);
}

static void corruption_past_the_fcs(void)
{
    struct wire_settings s = {.corrupt.ppm = 1000000, .corrupt.past_fcs = 1};

    fresh(&s);
    for (uint32_t i = 0; i < 200; i++)
        send_ip(60);
    run(SECOND);
    for (uint32_t i = 0; i < 200; i++) {
        check_equal(right.arrival[i].flags, FRAME_FLIPPED);
        check(!right.arrival[i].damaged);
        check(right.arrival[i].changed);
        check_equal(right.arrival[i].value, 0);
    }
    send(60, 0); /* not IP: damaged in the plain way */
    run(2 * SECOND);
    check_equal(right.arrival[200].flags, FRAME_DAMAGED);
    check(right.arrival[200].damaged);
    done();
}

static void reordering_holds_back(void)
{
    struct wire_settings s = {.reorder.ppm = 1000000, .reorder.by = 3 * MILLISECOND};

    fresh(&s);
    send(60, 1);
    s.reorder.ppm = 0;
    wire_settings_set(&wire, 0, &s);
    send(60, 2);
    run(SECOND);
    check_equal(right.count, 2);
    check_equal(right.arrival[0].value, 2);
    check_equal(right.arrival[1].value, 1);
    check_equal(right.arrival[1].time, 3 * MILLISECOND + MICROSECOND);
    check_equal(right.arrival[1].flags, FRAME_REORDERED);
    s.reorder.ppm = 1000000;
    s.reorder.by = 0;
    wire_settings_set(&wire, 0, &s);
    send(60, 3);
    run(2 * SECOND);
    check_equal(right.arrival[2].time, SECOND + MILLISECOND + MICROSECOND);
    done();
}

static void jitter_is_uniform_and_sorted(void)
{
    struct wire_settings s = {.delay.base = MILLISECOND, .delay.jitter = MILLISECOND};
    nanoseconds sum = 0, most = 0, least = SECOND;
    uint32_t swapped = 0;

    fresh(&s);
    for (uint32_t i = 0; i < 1000; i++)
        send(60, i);
    run(SECOND);
    check_equal(right.count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        const struct arrival *a = &right.arrival[i];

        sum += a->time;
        most = time_later(most, a->time);
        least = time_earlier(least, a->time);
        swapped += i > 0 && a->serial < a[-1].serial;
        check(i == 0 || a->time > a[-1].time ||
              (a->time == a[-1].time && a->serial > a[-1].serial));
    }
    check(least >= MILLISECOND && least < MILLISECOND + 10 * MICROSECOND);
    check(most <= 2 * MILLISECOND && most > 2 * MILLISECOND - 10 * MICROSECOND);
    check(sum / 1000 > 1450 * MICROSECOND && sum / 1000 < 1550 * MICROSECOND);
    check(swapped > 300);
    done();
}

static void without_jitter_frames_keep_their_order(void)
{
    struct wire_settings s = {
        .rate.bits = 100000000, .delay.base = MILLISECOND, .loss.ppm = 100000};

    fresh(&s);
    for (uint32_t i = 0; i < 3000; i++) {
        send(60 + i % 1400, i);
        run(bed.now + (i % 7) * 40 * MICROSECOND);
    }
    run(bed.now + SECOND);
    for (uint32_t i = 1; i < right.count; i++)
        check(right.arrival[i].serial > right.arrival[i - 1].serial);
    check(right.count > 1000);
    done();
}

static void chances_are_as_set(void)
{
    struct wire_settings s = {
        .loss.ppm = 50000, .reorder.ppm = 50000, .duplicate.ppm = 20000, .corrupt.ppm = 10000};
    uint32_t seen[4] = {0}, sent = 20000;

    fresh(&s);
    for (uint32_t i = 0; i < sent; i++) {
        send(60, i);
        bed_listen(&bed);
        seen[0] += (bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_LOST) != 0;
        seen[1] += (bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_REORDERED) != 0;
        seen[2] += (bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_DUPLICATED) != 0;
        seen[3] += (bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_DAMAGED) != 0;
        run(bed.now + 2 * MILLISECOND);
        right.count = 0;
    }
    /* five standard deviations */
    check(seen[0] > 845 && seen[0] < 1155);
    check(seen[1] > 795 && seen[1] < 1105);
    check(seen[2] > 280 && seen[2] < 480);
    check(seen[3] > 120 && seen[3] < 260);
    check_equal(bed.drops[DROP_WIRE_LOSS], seen[0]);
    done();
}

static const struct wire_settings bad = {.loss.ppm = 200000,
                                         .duplicate.ppm = 100000,
                                         .reorder.ppm = 100000,
                                         .corrupt.ppm = 100000,
                                         .delay.jitter = MILLISECOND,
                                         .rate.bits = 10000000};

/* Sends 300 frames over wire 0, some over wire 1 if it is there; keeps what came up. */
static uint32_t bad_run(const char *name, bool with_another, struct arrival *kept)
{
    static struct wire another;
    static struct station third;

    fresh_named(name, &bad, false);
    memset(&third, 0, sizeof third);
    third.budget.limit = BED_PACKETS;
    if (with_another) {
        bed_wire_init(&bed, &another, 1, "another", WIRE_SIM, false);
        wire_attach(&another.end[0], &third.upper, &third.budget, 3);
        wire_attach(&another.end[1], &third.upper, &third.budget, 3);
        wire_settings_set(&another, 0, &bad);
    }
    for (uint32_t i = 0; i < 300; i++) {
        send(60, i);
        if (with_another)
            wire_send(&another.end[0], bed_packet(&bed, &third.budget, 80, i), bed.now);
        run(bed.now + 100 * MICROSECOND);
    }
    run(bed.now + SECOND);
    memcpy(kept, right.arrival, sizeof right.arrival);
    done();
    return right.count;
}

static struct arrival one[BED_ARRIVALS], two[BED_ARRIVALS];

static void fates_belong_to_names(void)
{
    uint32_t count = bad_run("w", false, one);

    check(count > 200);
    check_equal(bad_run("w", false, two), count);
    check(memcmp(one, two, count * sizeof *one) == 0);
    check_equal(bad_run("w", true, two), count);
    check(memcmp(one, two, count * sizeof *one) == 0);
    check(bad_run("v", false, two) != count || memcmp(one, two, count * sizeof *one) != 0);
}

static void one_fault_does_not_move_another(void)
{
    struct wire_settings s = {.loss.ppm = 200000};
    uint64_t lost[2] = {0, 0};

    for (int with = 0; with < 2; with++) {
        s.duplicate.ppm = s.corrupt.ppm = with ? 300000 : 0;
        fresh(&s);
        for (uint32_t i = 0; i < 60; i++) {
            send(60, i);
            bed_listen(&bed);
            if (bed.last[EVENT_FRAME_SENT].frame.flags & FRAME_LOST)
                lost[with] |= UINT64_C(1) << i;
        }
        run(SECOND);
        done();
    }
    check(lost[0] != 0);
    check_equal(lost[0], lost[1]);
}

static void link_goes_down_and_up(void)
{
    struct wire_settings s = {.rate.bits = 1000000, .delay.base = 4 * MILLISECOND};

    fresh(&s);
    check_equal(wire_link_at(&wire, 0, false, 10 * MILLISECOND, 0), 0);
    check_equal(wire_link_at(&wire, 0, true, 30 * MILLISECOND, 0), 0);
    send(1000, 1); /* departs at 8 ms, arrives at 12 ms: under way when the link goes down */
    send(1000, 2); /* would depart at 16 ms */
    send(1000, 3); /* would depart at 24 ms */
    run(20 * MILLISECOND);
    check_equal(right.count, 1);
    check_equal(bed.drops[DROP_WIRE_DOWN], 1);
    check_equal(bed.last[EVENT_LINK].link.up, 0);
    send(60, 4); /* refused */
    bed_listen(&bed);
    check_equal(bed.last[EVENT_FRAME_SENT].frame.flags, FRAME_WIRE_DOWN);
    check_equal(bed.drops[DROP_WIRE_DOWN], 2);
    run(30 * MILLISECOND);
    check_equal(bed.drops[DROP_WIRE_DOWN], 3);
    check_equal(bed.events[EVENT_LINK], 2);
    check_equal(bed.last[EVENT_LINK].time, 30 * MILLISECOND);
    send(60, 5);
    run(SECOND);
    check_equal(right.count, 2);
    check_equal(right.arrival[1].value, 5);
    done();
}

static void link_changes_are_limited_and_sorted(void)
{
    fresh(NULL);
    check_equal(wire_link_at(&wire, 1, false, 5, 6), -EINVAL);
    check_equal(wire_link_at(&wire, 1, false, 0, 0), 0); /* at once */
    check(wire.sim[1].down);
    for (int i = WIRE_LINK_CHANGES; i > 0; i--)
        check_equal(wire_link_at(&wire, 1, i % 2, i * SECOND, 0), 0);
    check_equal(wire_link_at(&wire, 1, true, SECOND, 0), -ENOSPC);
    for (int i = 1; i <= WIRE_LINK_CHANGES; i++) {
        run(i * SECOND);
        check_equal(wire.sim[1].down, !(i % 2));
    }
    done();
}

static void a_rate_taken_away(void)
{
    struct wire_settings s = {.rate.bits = 1000};

    fresh(&s);
    for (uint32_t i = 0; i < 4; i++)
        send(125, i); /* a second each */
    s.rate.bits = 0;
    wire_settings_set(&wire, 0, &s);
    send(60, 4); /* behind the others still */
    run(SECOND + MICROSECOND);
    check_equal(right.count, 5);
    for (uint32_t i = 0; i < 5; i++)
        check_equal(right.arrival[i].value, i);
    done();
}

static const struct test tests[] = {
    {"a frame takes at least a microsecond", a_frame_takes_at_least_a_microsecond},
    {"the two directions have their own settings", both_directions_are_apart},
    {"the rate is that of the frame's bytes, at least 60", rate_is_bits_of_the_frame},
    {"a transmission time is rounded up, at any rate", rate_rounds_up},
    {"a socket's charge is released when its frame departs", charge_is_released_at_departure},
    {"a full queue refuses by packets and by bytes", queue_limits},
    {"without a limit a queue holds a thousand", default_queue_is_a_thousand},
    {"the budgets of direction and receiver hold", budgets_hold},
    {"a second copy without room is told in its direction", a_copy_without_room_is_told},
    {"a wire that loses all delivers nothing, in its time", loss_of_all},
    {"a wire that duplicates all delivers all twice", duplication_of_all},
    {"the copies of a frame have their own jitter", copies_have_their_own_jitter},
    {"the two directions have their own luck", directions_have_their_own_luck},
    {"a wire that corrupts all damages all", corruption_of_all},
    {"past the FCS one bit of IP is flipped and ARP is damaged", corruption_past_the_fcs},
    {"a reordered frame is held back", reordering_holds_back},
    {"jitter is uniform, and arrivals are sorted", jitter_is_uniform_and_sorted},
    {"without jitter frames keep their order", without_jitter_frames_keep_their_order},
    {"faults come as often as they are set", chances_are_as_set},
    {"a frame's fate depends on its wire's name alone", fates_belong_to_names},
    {"one fault's chance does not move another's", one_fault_does_not_move_another},
    {"a link that goes down loses what waits and what is sent", link_goes_down_and_up},
    {"link changes are limited, sorted and never in the past", link_changes_are_limited_and_sorted},
    {"taking the rate away keeps the order", a_rate_taken_away},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
