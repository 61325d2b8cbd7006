/* SPDX-License-Identifier: MIT */
/* One wire between two stations of the test, and what tests do with it. */
#pragma once
#include "1-physical/wire_bed.h"
#include "base/compiler.h"

static struct bed bed;
static struct wire wire;
static struct station left, right;

static void on_receive(struct wire_upper *upper, struct packet *p, nanoseconds now)
{
    struct station *s = container_of(upper, struct station, upper);
    struct arrival *a = &s->arrival[s->count++];

    check(s->count <= BED_ARRIVALS);
    a->time = now;
    a->serial = p->serial;
    a->length = packet_length(p);
    a->damaged = p->damaged;
    a->flags = p->flags;
    a->changed = 0;
    memcpy(&a->value, packet_data(p), 4);
    for (uint32_t i = 4; i < a->length; i++)
        a->changed |= packet_data(p)[i] != 0x5a && !(i == 12 || i == 13);
    packet_put(p);
}

const struct wire_upper_code wire_upper_codes[] = {{.receive = on_receive}};

static void fresh_named(const char *name, const struct wire_settings *forth, bool bare)
{
    bed_init(&bed);
    memset(&left, 0, sizeof left);
    memset(&right, 0, sizeof right);
    left.budget.limit = right.budget.limit = BED_PACKETS;
    bed_wire_init(&bed, &wire, 0, name, WIRE_SIM, bare);
    wire_attach(&wire.end[0], &left.upper, &left.budget, 10);
    wire_attach(&wire.end[1], &right.upper, &right.budget, 11);
    if (forth)
        wire_settings_set(&wire, 0, forth);
}

__attribute__((unused)) static void fresh(const struct wire_settings *forth)
{
    fresh_named("w", forth, false);
}

static void done(void)
{
    check_equal(wire_check(&wire), 0);
    bed_done(&bed);
}

static void send(uint32_t length, uint32_t value)
{
    wire_send(&wire.end[0], bed_packet(&bed, &left.budget, length, value), bed.now);
    check_equal(wire_check(&wire), 0);
}

static void run(nanoseconds until)
{
    bed_run(&bed, until, NULL);
}
