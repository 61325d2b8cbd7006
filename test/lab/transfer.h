/* SPDX-License-Identifier: MIT */
/* A bulk transfer over a bad wire, with a flow back and datagrams beside it: a lab at work. */
#pragma once
#include "scenario.h"

#include "check.h"

enum { MOST_EVENTS = 1000000 };

__attribute__((unused)) static void transfer_open(struct scenario *s, uint64_t seed)
{
    const struct sockeye_wire_config wire = {.rate_bits = 50000000,
                                             .delay_ns = 2000000,
                                             .loss_ppm = 50000,
                                             .reorder_ppm = 50000,
                                             .duplicate_ppm = 20000,
                                             .corrupt_ppm = 10000};
    struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 16 << 20};

    memset(s, 0, sizeof *s);
    s->seed = seed;
    check(sockeye_open(&config, &s->lab) == 0);
    scenario_hosts(s, &wire, NULL);
    scenario_flow_open(s, 0, 300000, 50000);
    scenario_flow_open(s, 1, 100000, 1000);
    scenario_datagrams_open(s, 100);
}

/* Runs to the end, or to an event. */
__attribute__((unused)) static void transfer_run(struct scenario *s, uint64_t until_step)
{
    for (int i = 0; i < MOST_EVENTS && !scenario_done(s) && s->problem == 0; i++) {
        if (s->lab->lab->steps >= until_step)
            return;
        if (!scenario_step(s, SOCKEYE_NEVER - 1))
            return;
    }
}
