/* SPDX-License-Identifier: MIT */
/*
 * The spanning tree without a network: switches that are values, and links that carry what they
 * say a millisecond later. Every topology must end as a tree in which all reach all.
 */
#include "2-link/rstp.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/time.h"
#include "check.h"

enum { BRIDGES = 12, LINKS = 32, PORTS = 16, FLYING = 4096 };

struct end {
    int bridge, port;
};

struct flying {
    nanoseconds when;
    struct rstp_port *to;
    struct rstp_bpdu bpdu;
};

static struct rstp bridges[BRIDGES];
static struct rstp_port ports[BRIDGES][PORTS];
static int port_count[BRIDGES], bridge_count;
static struct end links[LINKS][2];
static bool up[LINKS];
static int link_count;
static struct flying flying[FLYING];
static int flights;
static nanoseconds now;
static int spoken, flushed, loops;

static struct rstp_port *port_of(struct end e)
{
    return &ports[e.bridge][e.port];
}

static void begin(int count)
{
    memset(bridges, 0, sizeof bridges);
    memset(ports, 0, sizeof ports);
    memset(port_count, 0, sizeof port_count);
    link_count = flights = spoken = flushed = loops = 0;
    now = SECOND;
    bridge_count = count;
    for (int i = 0; i < count; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(i + 1)};

        rstp_init(&bridges[i], RSTP_PRIORITY, mac);
    }
}

static const struct rstp_port_settings usual = {.cost = 20000, .priority = RSTP_PORT_PRIORITY};

static int port_add(int bridge, const struct rstp_port_settings *settings)
{
    int n = port_count[bridge]++;

    check(n < PORTS);
    rstp_port_init(&bridges[bridge], &ports[bridge][n], (uint32_t)n + 1, settings);
    return n;
}

static int link_add(int a, int b)
{
    int n = link_count++;

    check(n < LINKS);
    links[n][0] = (struct end){a, port_add(a, &usual)};
    links[n][1] = (struct end){b, port_add(b, &usual)};
    up[n] = false;
    return n;
}

static struct rstp_port *far_end(const struct rstp_port *port)
{
    for (int i = 0; i < link_count; i++)
        for (int e = 0; e < 2; e++)
            if (up[i] && port_of(links[i][e]) == port)
                return port_of(links[i][1 - e]);
    return NULL;
}

/* Union-find over the links whose both ends forward. @return parts, or -1: there is a loop */
static int parts(void)
{
    int root[BRIDGES], count = bridge_count;

    for (int i = 0; i < bridge_count; i++)
        root[i] = i;
    for (int i = 0; i < link_count; i++) {
        int a = links[i][0].bridge, b = links[i][1].bridge;

        if (!up[i] || !port_of(links[i][0])->forwarding || !port_of(links[i][1])->forwarding)
            continue;
        while (root[a] != a)
            a = root[a];
        while (root[b] != b)
            b = root[b];
        if (a == b)
            return -1;
        root[a] = b;
        count--;
    }
    return count;
}

/* What a switch does after each entry. */
static void settle(int bridge)
{
    struct rstp_bpdu b;
    struct rstp_port *port, *to;

    check_equal(rstp_check(&bridges[bridge]), 0);
    while (rstp_flush(&bridges[bridge]))
        flushed++;
    while ((port = rstp_next_bpdu(&bridges[bridge], &b, now)) != NULL) {
        to = far_end(port);
        spoken++;
        if (!to)
            continue;
        check(flights < FLYING);
        flying[flights++] = (struct flying){now + MILLISECOND, to, b};
    }
    loops += parts() < 0;
}

static void link_up(int n)
{
    up[n] = true;
    for (int e = 0; e < 2; e++) {
        rstp_port_up(port_of(links[n][e]), now);
        settle(links[n][e].bridge);
    }
}

static void link_down(int n)
{
    up[n] = false;
    for (int e = 0; e < 2; e++) {
        rstp_port_down(port_of(links[n][e]), now);
        settle(links[n][e].bridge);
    }
}

static int bridge_of(const struct rstp_port *port)
{
    return (int)(port->rstp - bridges);
}

/* Flights first, in their order; then deadlines. */
static void run_for(nanoseconds time)
{
    nanoseconds until = now + time;

    for (int steps = 0;; steps++) {
        nanoseconds next = flights ? flying[0].when : NEVER;
        int first = -1;

        check(steps < 1000000);
        for (int i = 0; i < bridge_count; i++)
            if (rstp_deadline(&bridges[i]) < next) {
                next = rstp_deadline(&bridges[i]);
                first = i;
            }
        if (next > until)
            break;
        check(next >= now);
        now = next;
        if (first >= 0) {
            rstp_advance(&bridges[first], now);
            settle(first);
        } else {
            struct flying f = flying[0];

            memmove(flying, flying + 1, (size_t)--flights * sizeof *flying);
            if (far_end(f.to)) {
                rstp_port_receive(f.to, &f.bpdu, now);
                settle(bridge_of(f.to));
            }
        }
    }
    now = until;
}

static void links_up(void)
{
    for (int i = 0; i < link_count; i++)
        link_up(i);
}

static enum port_role role(int n, int end)
{
    return (enum port_role)port_of(links[n][end])->role;
}

static void a_triangle_keeps_two_sides(void)
{
    begin(3);
    link_add(0, 1);
    link_add(1, 2);
    link_add(2, 0);
    links_up();
    run_for(100 * MILLISECOND);
    check_equal(parts(), 1);
    check_equal(loops, 0);
    check(role(0, 0) == PORT_DESIGNATED && role(0, 1) == PORT_ROOT);
    check(role(2, 1) == PORT_DESIGNATED && role(2, 0) == PORT_ROOT);
    check(role(1, 0) == PORT_DESIGNATED && role(1, 1) == PORT_ALTERNATE);
    for (int i = 0; i < 3; i++)
        check_equal(bridges[i].root_priority.root, bridges[0].bridge);
    run_for(60 * SECOND);
    check_equal(parts(), 1);
    check_equal(loops, 0);
}

static void the_alternate_takes_over_at_once(void)
{
    a_triangle_keeps_two_sides();
    flushed = 0;
    link_down(2);
    run_for(50 * MILLISECOND);
    check_equal(parts(), 1);
    check(role(1, 1) == PORT_ROOT && port_of(links[1][1])->forwarding);
    check(flushed > 0);
    link_up(2);
    run_for(50 * MILLISECOND);
    check_equal(parts(), 1);
    check(role(2, 0) == PORT_ROOT && role(1, 1) == PORT_ALTERNATE);
    check_equal(loops, 0);
}

/* The switch that was the root is gone: the others agree on the next. What they had told each other
 * of the old one goes round until it is 20 hops old, slower and slower (17.13.12). */
static void another_root_is_found(void)
{
    begin(4);
    for (int i = 0; i < 4; i++)
        for (int k = i + 1; k < 4; k++)
            link_add(i, k);
    links_up();
    run_for(SECOND);
    check_equal(parts(), 1);
    for (int i = 0; i < 3; i++)
        link_down(i); /* all of switch 0 */
    run_for(20 * SECOND);
    check_equal(parts(), 2);
    for (int i = 1; i < 4; i++)
        check_equal(bridges[i].root_priority.root, bridges[1].bridge);
    check_equal(loops, 0);
}

/* Nothing tells it but that its neighbour is silent: 3 hellos. */
static void a_silent_neighbour_is_forgotten(void)
{
    a_triangle_keeps_two_sides();
    up[2] = false; /* both ends think it is up */
    run_for(5 * SECOND);
    check(role(2, 0) == PORT_ROOT);
    run_for(SECOND + 100 * MILLISECOND);
    check(role(1, 1) == PORT_ROOT && port_of(links[1][1])->forwarding);
}

static void ports_of_hosts_are_edges(void)
{
    const struct rstp_port_settings edge = {.cost = 1, .priority = 128, .edge = true};
    int n, m;

    begin(1);
    n = port_add(0, &usual);
    m = port_add(0, &edge);
    rstp_port_up(&ports[0][n], now);
    rstp_port_up(&ports[0][m], now);
    settle(0);
    check(ports[0][m].forwarding);
    run_for(2 * SECOND);
    check(!ports[0][n].forwarding);
    run_for(2 * SECOND);
    check(ports[0][n].forwarding && ports[0][n].edge);
    check_equal(bridges[0].changes, 0);
    spoken = 0;
    run_for(20 * SECOND);
    check_equal(spoken, 20); /* a hello in 2 s, by each */
}

static void two_ports_on_one_wire_are_one_too_many(void)
{
    begin(1);
    link_add(0, 0);
    links_up();
    run_for(100 * MILLISECOND);
    check(role(0, 0) == PORT_DESIGNATED && role(0, 1) == PORT_BACKUP);
    run_for(60 * SECOND);
    check(!port_of(links[0][1])->forwarding);
    check_equal(parts(), 1);
}

static void priorities_and_costs_choose(void)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 3};
    struct rstp_port_settings dear = {.cost = 100000, .priority = 128};

    begin(3);
    memset(&bridges[2], 0, sizeof bridges[2]);
    rstp_init(&bridges[2], 4096, mac);
    link_add(0, 1);
    link_add(1, 2);
    link_add(2, 0);
    rstp_port_set(port_of(links[2][1]), &dear, now);
    links_up();
    run_for(SECOND);
    check_equal(bridges[0].root_priority.root, bridges[2].bridge);
    check_equal(bridges[0].root_priority.cost, 40000);
    check(role(2, 1) == PORT_ALTERNATE);
    rstp_port_set(port_of(links[2][1]), &usual, now);
    settle(0);
    run_for(SECOND);
    check_equal(bridges[0].root_priority.cost, 20000);
    check_equal(parts(), 1);
}

/* A neighbour of the old protocol is spoken to in it, and waited for as it waits. */
static void the_old_protocol_is_answered_in_kind(void)
{
    struct rstp_bpdu b = {.kind = RSTP_BPDU_CONFIG, .role = RSTP_BPDU_DESIGNATED}, said;
    int n;

    begin(1);
    n = port_add(0, &usual);
    rstp_port_up(&ports[0][n], now);
    settle(0);
    run_for(4 * SECOND);
    b.vector = (struct rstp_vector){.root = 1, .bridge = 1, .port = 0x8001};
    b.times = (struct rstp_times){0, 20 * SECOND, 2 * SECOND, 15 * SECOND};
    for (int i = 0; i < 20; i++) {
        rstp_port_receive(&ports[0][n], &b, now);
        settle(0);
        run_for(2 * SECOND);
    }
    check(!ports[0][n].rapid && ports[0][n].role == PORT_ROOT && ports[0][n].forwarding);
    ports[0][n].new_info = true;
    check(rstp_next_bpdu(&bridges[0], &said, now) && said.kind == RSTP_BPDU_TCN);
}

/* On a hub nobody agrees for all; the way opens by time alone. */
static void on_a_shared_wire_time_decides(void)
{
    struct rstp_port_settings shared = {.cost = 20000, .priority = 128, .shared = true};

    begin(2);
    links[0][0] = (struct end){0, port_add(0, &shared)};
    links[0][1] = (struct end){1, port_add(1, &shared)};
    link_count = 1;
    links_up();
    run_for(10 * SECOND);
    check(!port_of(links[0][0])->forwarding);
    run_for(30 * SECOND);
    check_equal(parts(), 1);
}

static uint64_t draws;

static int draw(uint64_t seed, int below)
{
    struct siphash_key key = {seed, 7};

    return (int)random_below(random_draw(key, RANDOM_KEY, draws++), (uint64_t)below);
}

/* In one part of those that links join? */
static int wanted_parts(void)
{
    int part[BRIDGES], count = 0;

    for (int i = 0; i < bridge_count; i++)
        part[i] = i;
    for (int round = 0; round < bridge_count; round++)
        for (int i = 0; i < link_count; i++) {
            int *a = &part[links[i][0].bridge], *b = &part[links[i][1].bridge];

            if (up[i])
                *a = *b = *a < *b ? *a : *b;
        }
    for (int i = 0; i < bridge_count; i++)
        count += part[i] == i;
    return count;
}

static void every_topology_ends_as_a_tree(void)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        int n, most;

        draws = 0;
        begin(2 + draw(seed, BRIDGES - 1));
        n = bridge_count;
        most = draw(seed, LINKS - n) + 1;
        for (int i = 0; i + 1 < n; i++)
            link_add(i, i + 1);
        for (int i = 0; i < most && link_count < LINKS; i++) {
            int a = draw(seed, n), b = draw(seed, n);

            if (port_count[a] < PORTS - 2 && port_count[b] < PORTS - 2)
                link_add(a, b);
        }
        links_up();
        run_for(10 * SECOND);
        if (parts() != 1)
            test_fail(__FILE__, __LINE__, "seed %d: %d parts", (int)seed, parts());
        if (loops)
            test_fail(__FILE__, __LINE__, "seed %d: %d loops on the way", (int)seed, loops);
        for (int k = 0; k < 10; k++) {
            int i = draw(seed, link_count);

            if (up[i])
                link_down(i);
            else
                link_up(i);
            run_for(draw(seed, 3) * (int64_t)100 * MILLISECOND);
        }
        run_for(60 * SECOND);
        if (parts() != wanted_parts())
            test_fail(__FILE__, __LINE__, "seed %d: %d parts, not %d", (int)seed, parts(),
                      wanted_parts());
    }
}

static void a_bpdu_reads_as_it_was_written(void)
{
    static const uint8_t bytes[] = {0x42, 0x42, 3,    0, 0, 2,    2,    0x7e, 0x80, 0, 2,  0, 0,
                                    0,    0,    1,    0, 0, 0x4e, 0x20, 0x80, 0,    2, 0,  0, 0,
                                    0,    2,    0x80, 1, 1, 0,    0x14, 0,    2,    0, 15, 0, 0};
    struct reader r = reader_of(bytes, sizeof bytes);
    uint8_t again[RSTP_BPDU_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct rstp_bpdu b;

    check(rstp_bpdu_read(&r, &b));
    check(b.kind == RSTP_BPDU_RAPID && b.role == RSTP_BPDU_DESIGNATED);
    check(b.proposal && b.agreement && b.learning && b.forwarding && !b.topology_change);
    check(b.vector.root == 0x8000020000000001 && b.vector.cost == 20000 &&
          b.vector.bridge == 0x8000020000000002 && b.vector.port == 0x8001);
    check(b.times.age == SECOND && b.times.max_age == 20 * SECOND && b.times.hello == 2 * SECOND &&
          b.times.forward_delay == 15 * SECOND);
    check_equal(rstp_bpdu_write(&w, &b), sizeof bytes);
    check(memcmp(again, bytes, sizeof bytes) == 0);
}

static void nonsense_is_no_bpdu(void)
{
    static const uint8_t good[] = {0x42, 0x42, 3,    0, 0, 2,    2,    0x7e, 0x80, 0, 2,  0, 0,
                                   0,    0,    1,    0, 0, 0x4e, 0x20, 0x80, 0,    2, 0,  0, 0,
                                   0,    2,    0x80, 1, 1, 0,    0x14, 0,    2,    0, 15, 0, 0};
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{0, 0x41}, {1, 0},  {2, 4},  {4, 1},   {5, 1},  {6, 1},  {30, 0x14},
               {32, 41},  {32, 5}, {34, 0}, {34, 11}, {36, 3}, {36, 31}};
    uint8_t bytes[sizeof good];
    struct rstp_bpdu b;

    for (size_t length = 0; length < sizeof good - 1; length++) {
        struct reader r = reader_of(good, length);

        check(!rstp_bpdu_read(&r, &b));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reader r = reader_of(bytes, sizeof bytes);

        memcpy(bytes, good, sizeof bytes);
        bytes[bad[i].at] = bad[i].value;
        if (rstp_bpdu_read(&r, &b))
            test_fail(__FILE__, __LINE__, "row %zu was read", i);
    }
}

static const struct test tests[] = {
    {"of a triangle of switches two sides are kept", a_triangle_keeps_two_sides},
    {"an alternate port takes over at once, and gives back", the_alternate_takes_over_at_once},
    {"when the root is gone another one is found", another_root_is_found},
    {"a neighbour that is silent for three hellos is forgotten", a_silent_neighbour_is_forgotten},
    {"ports where no switch answers are edges", ports_of_hosts_are_edges},
    {"of two ports on one wire one is a backup", two_ports_on_one_wire_are_one_too_many},
    {"priorities choose the root, costs the way", priorities_and_costs_choose},
    {"the old protocol is answered in kind", the_old_protocol_is_answered_in_kind},
    {"on a shared wire time alone decides", on_a_shared_wire_time_decides},
    {"every topology ends as a tree, whatever went up and down", every_topology_ends_as_a_tree},
    {"a BPDU reads as it was written", a_bpdu_reads_as_it_was_written},
    {"nonsense is no BPDU", nonsense_is_no_bpdu},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
