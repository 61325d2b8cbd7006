/* SPDX-License-Identifier: MIT */
/*
 * The lab swarm: each seed makes a wire with its own faults, hosts with their own settings, and
 * streams and datagrams over it. What must hold: every byte that arrives is the one sent, in order;
 * every stream that was not aborted arrives whole; all invariants after each event; after
 * everything was closed nothing is left; and all that within a bounded time of the lab.
 *
 *     SEED=17 build/test/lab/test_swarm     one seed
 *     SEED=17 TRACE=file ...                 and what happened
 *     SEEDS=100000 FROM=1 ...               many (make soak)
 */
#include "scenario.h"

#include <stdlib.h>

#include "check.h"

enum { SEEDS = 200, MOST_EVENTS = 3000000 };
#define MOST_TIME (3 * 3600 * INT64_C(1000000000))
#define QUIET_TIME (1800 * INT64_C(1000000000))

static uint32_t sometimes(struct scenario *s, uint32_t most)
{
    return scenario_draw(s, 2) ? (uint32_t)scenario_draw(s, most) : 0;
}

static struct sockeye_wire_config draw_wire(struct scenario *s)
{
    static const uint64_t rates[] = {0, 1000000, 10000000, 100000000, 1000000000};
    struct sockeye_wire_config c = {0};

    c.rate_bits = rates[scenario_draw(s, 5)];
    c.delay_ns = (int64_t)scenario_draw(s, scenario_draw(s, 2) ? 100000000 : 1000000);
    c.jitter_ns = (int64_t)sometimes(s, 20000000);
    c.loss_ppm = sometimes(s, 100000);
    c.reorder_ppm = sometimes(s, 100000);
    c.reorder_ns = (int64_t)scenario_draw(s, 30000000);
    c.duplicate_ppm = sometimes(s, 100000);
    c.corrupt_ppm = sometimes(s, 50000);
    c.past_fcs = (uint32_t)scenario_draw(s, 2);
    c.queue_packets = scenario_draw(s, 3) ? 0 : 2 + (uint32_t)scenario_draw(s, 50);
    c.mtu = scenario_draw(s, 3) ? 0 : 296 + (uint32_t)scenario_draw(s, 8000);
    return c;
}

static void draw_settings(struct scenario *s)
{
    static const char *const switches[] = {
        "net.ipv4.tcp_sack",  "net.ipv4.tcp_timestamps",      "net.ipv4.tcp_window_scaling",
        "net.ipv4.tcp_dsack", "net.ipv4.tcp_moderate_rcvbuf", "net.ipv4.tcp_slow_start_after_idle"};

    /* As patient with what was closed as with what is open: after a long silence one RTO may be all
     * that eight retries of RTO_MIN allow, and then bytes that were closed behind are given up. */
    scenario_expect(s, sockeye_set(s->lab, -1, "net.ipv4.tcp_orphan_retries", "15") == 0);
    for (int host = 0; host < 2; host++) {
        for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
            bool off = scenario_draw(s, 4) == 0;

            scenario_expect(s, sockeye_set(s->lab, host, switches[i], off ? "0" : "1") == 0);
        }
    }
    if (scenario_draw(s, 4) == 0)
        scenario_expect(s, sockeye_set(s->lab, -1, "net.ipv4.tcp_rmem", "4096 8192 16384") == 0);
    if (scenario_draw(s, 4) == 0)
        scenario_expect(s, sockeye_set(s->lab, -1, "net.ipv4.tcp_wmem", "4096 8192 16384") == 0);
}

/* Down for some seconds, up again: at most twice. */
static void draw_flaps(struct scenario *s)
{
    int64_t when = sockeye_now(s->lab);

    for (uint64_t n = scenario_draw(s, 3); n > 0; n--) {
        int direction = (int)scenario_draw(s, 2);

        when += (int64_t)scenario_draw(s, 4000000000);
        scenario_expect(s, sockeye_wire_link(s->lab, s->wire, direction, false, when) == 0);
        when += (int64_t)scenario_draw(s, 8000000000);
        scenario_expect(s, sockeye_wire_link(s->lab, s->wire, direction, true, when) == 0);
    }
}

static void draw_flows(struct scenario *s)
{
    uint64_t flows = 1 + scenario_draw(s, SCENARIO_FLOWS - 1);

    for (uint64_t i = 0; i < flows; i++) {
        struct scenario_flow *f = &s->flow[s->flows];
        uint64_t most = scenario_draw(s, 4) ? 100000 : 1000000;
        uint64_t there = sometimes(s, (uint32_t)most), back = sometimes(s, (uint32_t)most);

        f->send_buffer = scenario_draw(s, 4) ? 0 : 4608 + (uint32_t)scenario_draw(s, 20000);
        f->receive_buffer = scenario_draw(s, 4) ? 0 : 2304 + (uint32_t)scenario_draw(s, 20000);
        if (scenario_draw(s, 6) == 0 && there > 0)
            f->abort_at = 1 + scenario_draw(s, there);
        scenario_flow_open(s, (int)scenario_draw(s, 2), there, back);
    }
    if (scenario_draw(s, 2))
        scenario_datagrams_open(s, (uint32_t)scenario_draw(s, 200));
}

static void run_to_the_end(struct scenario *s)
{
    for (int i = 0; !scenario_done(s) && s->problem == 0; i++) {
        scenario_expect(s, i < MOST_EVENTS);
        scenario_expect(s, sockeye_now(s->lab) < MOST_TIME);
        if (!scenario_step(s, SOCKEYE_NEVER - 1))
            break;
    }
    scenario_expect(s, scenario_done(s));
    scenario_leave(s);
    for (int i = 0; i < MOST_EVENTS && s->problem == 0; i++)
        if (sockeye_step(s->lab, sockeye_now(s->lab) + QUIET_TIME) == 0)
            break;
    sockeye_advance(s->lab, sockeye_now(s->lab) + QUIET_TIME);
    scenario_expect(s, sockeye_check(s->lab) == 0);
    if (s->problem == 0)
        s->problem = scenario_leftovers(s);
}

static int run_seed(uint64_t seed)
{
    struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 64 << 20};
    struct scenario s = {.seed = seed, .check_always = true};
    struct sockeye_wire_config forth, back;
    const char *path = getenv("TRACE");
    FILE *trace = path ? fopen(path, "w") : NULL;
    struct sockeye_view *view = NULL;

    if (sockeye_open(&config, &s.lab) < 0)
        return __LINE__;
    if (trace)
        scenario_expect(&s, sockeye_view_open(s.lab, SOCKEYE_VIEW_TRACE, trace, &view) == 0);
    forth = draw_wire(&s);
    back = scenario_draw(&s, 2) ? draw_wire(&s) : forth;
    s.two_flips = forth.past_fcs && forth.corrupt_ppm;
    scenario_hosts(&s, &forth, &back);
    draw_settings(&s);
    draw_flaps(&s);
    draw_flows(&s);
    run_to_the_end(&s);
    if (s.problem)
        printf("# seed %llu failed: line %d\n", (unsigned long long)seed, s.problem);
    if (view)
        scenario_expect(&s, sockeye_view_close(view) == 0 && fclose(trace) == 0);
    sockeye_close(s.lab);
    return s.problem;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void every_seed_holds(void)
{
    uint64_t from = number_from("SEED", number_from("FROM", 1));
    uint64_t count = getenv("SEED") ? 1 : number_from("SEEDS", SEEDS);
    int failed = 0;

    for (uint64_t i = 0; i < count; i++)
        failed += run_seed(from + i) != 0;
    printf("# %llu seeds from %llu, %d failed\n", (unsigned long long)count,
           (unsigned long long)from, failed);
    check_equal(failed, 0);
}

static const struct test tests[] = {
    {"over any bad wire streams arrive whole, invariants hold and nothing is left",
     every_seed_holds},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
