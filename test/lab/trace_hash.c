/* SPDX-License-Identifier: MIT */
/*
 * A bulk transfer over a wire of 5 % loss, 5 % reordering, 2 % duplication and 1 % corruption,
 * written as pcapng to the file named by the first argument; prints a hash of all state at the end.
 * tools/determinism builds it with two compilers at two levels and compares the files.
 */
#include "scenario.h"

#include <stdlib.h>

enum { TOTAL = 2000000, MOST_EVENTS = 2000000 };

int main(int argc, char **argv)
{
    const struct sockeye_wire_config wire = {.rate_bits = 20000000,
                                             .delay_ns = 5000000,
                                             .loss_ppm = 50000,
                                             .reorder_ppm = 50000,
                                             .reorder_ns = 3000000,
                                             .duplicate_ppm = 20000,
                                             .corrupt_ppm = 10000};
    struct sockeye_config config = {.seed = 4711, .hosts = 2, .wires = 1};
    struct scenario s = {.seed = 4711};
    struct sockeye_view *view;
    FILE *file;

    if (argc != 2 || !(file = fopen(argv[1], "wb"))) {
        fprintf(stderr, "usage: trace_hash FILE.pcapng\n");
        return 2;
    }
    if (sockeye_open(&config, &s.lab) < 0 ||
        sockeye_view_open(s.lab, SOCKEYE_VIEW_PCAPNG, file, &view) < 0)
        return 2;
    scenario_hosts(&s, &wire, NULL);
    scenario_flow_open(&s, 0, TOTAL, TOTAL / 10);
    scenario_flow_open(&s, 1, TOTAL / 4, 1000);
    scenario_datagrams_open(&s, 300);
    for (int i = 0; i < MOST_EVENTS && !scenario_done(&s) && s.problem == 0; i++)
        if (!scenario_step(&s, SOCKEYE_NEVER - 1))
            break;
    scenario_expect(&s, scenario_done(&s));
    scenario_expect(&s, !s.flow[0].failed && !s.flow[1].failed);
    scenario_leave(&s);
    printf("state %016llx after %llu events, %lld ns\n", (unsigned long long)sockeye_hash(s.lab),
           (unsigned long long)s.lab->lab->steps, (long long)sockeye_now(s.lab));
    if (sockeye_view_close(view) < 0 || fclose(file) != 0)
        return 2;
    sockeye_close(s.lab);
    return s.problem != 0;
}
