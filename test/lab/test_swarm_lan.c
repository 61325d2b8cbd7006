/* SPDX-License-Identifier: MIT */
/*
 * The swarm of switched networks: each seed makes hubs and switches of all kinds, joined as a tree
 * or, where the spanning tree is spoken, with loops, whose wires come and go; and two hosts on bad
 * wires at two places of it, with streams and datagrams. What must hold is what holds in
 * test_swarm.c; the network in between may not be told from a wire, and forgets the hosts when they
 * are silent.
 *
 *     SEED=17 build/test/lab/test_swarm_lan      one seed
 *     SEED=17 TRACE=file ...                      and what happened
 *     SEEDS=100000 FROM=1 ...                     many
 */
#include "scenario.h"

#include <stdlib.h>

#include "check.h"

enum { SEEDS = 60, MOST_EVENTS = 3000000, NODES = 5, UPLINKS = 8 };
#define MOST_TIME (3 * 3600 * INT64_C(1000000000))
#define QUIET_TIME (1800 * INT64_C(1000000000))
#define SECOND_NS INT64_C(1000000000)

struct lan {
    struct scenario *s;
    int node[NODES], nodes;
    bool is_hub[NODES], tree; /* tree: all its switches take part in the spanning tree */
    int uplink[UPLINKS], uplinks;
    int names;
};

static uint32_t sometimes(struct scenario *s, uint32_t most)
{
    return scenario_draw(s, 2) ? (uint32_t)scenario_draw(s, most) : 0;
}

/* Of a host; the MTU is that of all, since a switch cannot tell anybody that his is too large. */
static struct sockeye_wire_config draw_wire(struct scenario *s)
{
    static const uint64_t rates[] = {0, 1000000, 10000000, 100000000, 1000000000};
    struct sockeye_wire_config c = {0};

    c.rate_bits = rates[scenario_draw(s, 5)];
    c.delay_ns = (int64_t)scenario_draw(s, scenario_draw(s, 2) ? 50000000 : 1000000);
    c.jitter_ns = (int64_t)sometimes(s, 20000000);
    c.loss_ppm = sometimes(s, 100000);
    c.reorder_ppm = sometimes(s, 100000);
    c.reorder_ns = (int64_t)scenario_draw(s, 30000000);
    c.duplicate_ppm = sometimes(s, 100000);
    c.corrupt_ppm = sometimes(s, 50000);
    return c;
}

static int new_wire(struct lan *lan, const struct sockeye_wire_config *config)
{
    char name[16];
    int wire;

    snprintf(name, sizeof name, "w%d", lan->names++);
    wire = sockeye_wire(lan->s->lab, name, config, NULL);
    scenario_expect(lan->s, wire >= 0);
    return wire;
}

/* A port of node i; on a switch of the tree it says what is behind it. */
static void plug(struct lan *lan, int i, int wire, int end, bool edge, bool shared)
{
    const struct sockeye_port_config config = {.edge = edge, .shared = shared};
    struct sockeye *lab = lan->s->lab;
    char name[16];
    int port;

    snprintf(name, sizeof name, "p%d", lan->names++);
    port = sockeye_interface(lab, lan->node[i], name, wire, end, NULL);
    scenario_expect(lan->s, port >= 0);
    if (lan->tree && !lan->is_hub[i])
        scenario_expect(lan->s, sockeye_switch_port(lab, lan->node[i], port, &config) == 0);
}

static void join(struct lan *lan, int a, int b)
{
    struct sockeye_wire_config config = {.delay_ns = (int64_t)scenario_draw(lan->s, 2000000)};
    int wire = new_wire(lan, &config);

    plug(lan, a, wire, 0, false, lan->is_hub[b]);
    plug(lan, b, wire, 1, false, lan->is_hub[a]);
    lan->uplink[lan->uplinks++] = wire;
}

static void draw_nodes(struct lan *lan)
{
    struct scenario *s = lan->s;
    char name[16];

    lan->nodes = 1 + (int)scenario_draw(s, NODES);
    lan->tree = scenario_draw(s, 2) != 0;
    for (int i = 0; i < lan->nodes; i++) {
        struct sockeye_switch_config config = {
            .age_ns = (1 + (int64_t)scenario_draw(s, 300)) * SECOND_NS,
            .stations = sometimes(s, 4),
            .keep_oldest = (uint32_t)scenario_draw(s, 2),
            .vlans = (uint32_t)scenario_draw(s, 2),
            .stp = lan->tree,
        };

        lan->is_hub[i] = scenario_draw(s, 4) == 0;
        snprintf(name, sizeof name, "n%d", i);
        lan->node[i] =
            lan->is_hub[i] ? sockeye_hub(s->lab, name) : sockeye_switch(s->lab, name, &config);
        scenario_expect(s, lan->node[i] >= 0);
        if (i > 0)
            join(lan, i, (int)scenario_draw(s, (uint64_t)i));
    }
}

/* More ways, between switches of the tree alone: so that each loop has one. */
static void draw_loops(struct lan *lan)
{
    for (uint64_t n = lan->tree ? scenario_draw(lan->s, 4) : 0; n > 0; n--) {
        int a = (int)scenario_draw(lan->s, (uint64_t)lan->nodes);
        int b = (int)scenario_draw(lan->s, (uint64_t)lan->nodes);

        if (a != b && !lan->is_hub[a] && !lan->is_hub[b])
            join(lan, a, b);
    }
    scenario_expect(lan->s, sockeye_find_loop(lan->s->lab, NULL, 0) == 0);
}

/* A way between nodes is gone for some seconds, in both directions. */
static void draw_flaps(struct lan *lan)
{
    struct scenario *s = lan->s;
    int64_t when = sockeye_now(s->lab);

    for (uint64_t n = lan->uplinks ? scenario_draw(s, 4) : 0; n > 0; n--) {
        int wire = lan->uplink[scenario_draw(s, (uint64_t)lan->uplinks)];
        int64_t down = when + (int64_t)scenario_draw(s, 6000000000);
        int64_t up = down + (int64_t)scenario_draw(s, 9000000000);

        for (int direction = 0; direction < 2; direction++) {
            scenario_expect(s, sockeye_wire_link(s->lab, wire, direction, false, down) == 0);
            scenario_expect(s, sockeye_wire_link(s->lab, wire, direction, true, up) == 0);
        }
        when = up;
    }
}

static void draw_hosts(struct lan *lan)
{
    struct scenario *s = lan->s;
    char text[32];

    scenario_expect(s, sockeye_host(s->lab, "a") == 0 && sockeye_host(s->lab, "b") == 1);
    scenario_expect(s, sockeye_set(s->lab, -1, "net.ipv4.tcp_orphan_retries", "15") == 0);
    draw_nodes(lan);
    draw_loops(lan);
    for (int i = 0; i < 2; i++) {
        struct sockeye_wire_config config = draw_wire(s);
        int wire = new_wire(lan, &config);

        scenario_expect(s, sockeye_interface(s->lab, i, "eth0", wire, 0, NULL) == 1);
        plug(lan, (int)scenario_draw(s, (uint64_t)lan->nodes), wire, 1, true, false);
        snprintf(text, sizeof text, "10.0.0.%d/24", i + 1);
        scenario_expect(s, sockeye_address(s->lab, i, 1, text) == 0);
    }
    s->datagram_fd[0] = s->datagram_fd[1] = -1;
}

static void draw_flows(struct scenario *s)
{
    uint64_t flows = 1 + scenario_draw(s, SCENARIO_FLOWS - 1);

    for (uint64_t i = 0; i < flows; i++) {
        struct scenario_flow *f = &s->flow[s->flows];
        uint64_t there = sometimes(s, 100000), back = sometimes(s, 100000);

        if (scenario_draw(s, 6) == 0 && there > 0)
            f->abort_at = 1 + scenario_draw(s, there);
        scenario_flow_open(s, (int)scenario_draw(s, 2), there, back);
    }
    if (scenario_draw(s, 2))
        scenario_datagrams_open(s, (uint32_t)scenario_draw(s, 200));
}

/* After long silence: nothing of the hosts' talk, and no station. Hellos go on for ever. */
static int leftovers(const struct lan *lan)
{
    const struct lab *lab = lan->s->lab->lab;
    uint32_t hellos = lan->tree ? 2 * (uint32_t)lan->uplinks + 2 : 0;

    if (pool_count(lab->pools.conns) || pool_count(lab->pools.halves))
        return __LINE__;
    if (pool_count(lab->pools.udp_ends) || pool_count(lab->pools.inbox))
        return __LINE__;
    if (pool_count(lab->packets.small) > 2 * hellos || pool_count(lab->packets.big))
        return __LINE__;
    return pool_count(lab->pools.stations) ? __LINE__ : 0;
}

static void advance_to(struct scenario *s, int64_t until)
{
    for (int i = 0; i < 100 && sockeye_now(s->lab) < until; i++)
        (void)sockeye_advance(s->lab, until);
    scenario_expect(s, sockeye_now(s->lab) == until);
}

static void run_to_the_end(struct lan *lan)
{
    struct scenario *s = lan->s;

    for (int i = 0; !scenario_done(s) && s->problem == 0; i++) {
        scenario_expect(s, i < MOST_EVENTS);
        scenario_expect(s, sockeye_now(s->lab) < MOST_TIME);
        if (!scenario_step(s, SOCKEYE_NEVER - 1))
            break;
    }
    scenario_expect(s, scenario_done(s));
    scenario_leave(s);
    if (s->problem == 0)
        advance_to(s, sockeye_now(s->lab) + QUIET_TIME);
    scenario_expect(s, sockeye_check(s->lab) == 0);
    if (s->problem == 0)
        s->problem = leftovers(lan);
}

static int run_seed(uint64_t seed)
{
    struct sockeye_config config = {
        .seed = seed, .hosts = 8, .wires = 16, .sockets = 64, .buffer_bytes = 64 << 20};
    struct scenario s = {.seed = seed, .check_always = true};
    struct lan lan = {.s = &s};
    const char *path = getenv("TRACE");
    FILE *trace = path ? fopen(path, "w") : NULL;
    struct sockeye_view *view = NULL;

    if (sockeye_open(&config, &s.lab) < 0)
        return __LINE__;
    if (trace)
        scenario_expect(&s, sockeye_view_open(s.lab, SOCKEYE_VIEW_TRACE, trace, &view) == 0);
    draw_hosts(&lan);
    draw_flaps(&lan);
    if (s.problem == 0)
        draw_flows(&s);
    run_to_the_end(&lan);
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
    {"over any switched network streams arrive whole, and stations are forgotten",
     every_seed_holds},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
