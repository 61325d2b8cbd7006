/* SPDX-License-Identifier: MIT */
/*
 * A full house: every get from a pool is made to fail in turn, over a whole scenario of two hosts.
 * What was asked for may be refused; nothing may crash, break an invariant or deliver a wrong byte;
 * what goes on goes on to its end, and in the end nothing is left. A second pass has pools that are
 * really small.
 */
#include "scenario.h"

#include <stdlib.h>

#include "check.h"

enum { MOST_EVENTS = 100000 };
#define QUIET_TIME (3600 * INT64_C(1000000000))

static const struct sockeye_wire_config wire = {
    .rate_bits = 100000000, .delay_ns = 100000, .loss_ppm = 20000, .reorder_ppm = 20000};

static bool all_said(const struct scenario *s)
{
    return scenario_done(s) || s->problem;
}

/* The gets of the scenario; `fail` of them (0: none) fails. @return a line, or 0 */
static int run_with_failure(uint64_t fail, uint64_t *gets)
{
    struct sockeye_config config = {
        .seed = 11, .hosts = 2, .wires = 1, .sockets = 16, .buffer_bytes = 4 << 20};
    struct scenario s = {.seed = 11, .check_always = true, .may_fail = true};
    uint64_t before;

    if (sockeye_open(&config, &s.lab) < 0)
        return __LINE__;
    scenario_hosts(&s, &wire, NULL);
    before = s.lab->lab->arena->gets;
    sockeye_fail_get(s.lab, fail);
    scenario_flow_open(&s, 0, 20000, 5000);
    scenario_flow_open(&s, 1, 3000, 3000);
    scenario_datagrams_open(&s, 10);
    for (int i = 0; i < MOST_EVENTS && !all_said(&s); i++)
        if (!scenario_step(&s, QUIET_TIME))
            break;
    *gets = s.lab->lab->arena->gets - before;
    scenario_leave(&s);
    for (int64_t now = sockeye_now(s.lab) + QUIET_TIME; sockeye_advance(s.lab, now) <= now;)
        ;
    scenario_expect(&s, sockeye_check(s.lab) == 0);
    if (s.problem == 0)
        s.problem = scenario_leftovers(&s);
    sockeye_close(s.lab);
    return s.problem;
}

/* Memory that is used up by connections that stay: what was taken is sent all the same, and who
 * leaves then is not kept for ever. */
static void memory_is_used_up_and_stays_so(void)
{
    enum { CLIENTS = 40, PORT = 80 };
    struct sockeye_config config = {
        .seed = 3, .hosts = 2, .wires = 1, .sockets = 64, .buffer_bytes = 64 << 10};
    struct scenario s = {.seed = 3};
    int client[CLIENTS], server[CLIENTS], listener, taken = 0, came = 0;
    struct sockaddr_in a;
    char byte = 0;

    check_equal(sockeye_open(&config, &s.lab), 0);
    scenario_hosts(&s, NULL, NULL);
    listener = scenario_listener(&s, 1, PORT);
    scenario_address(&a, 1, PORT);
    for (int i = 0; i < CLIENTS; i++) {
        client[i] = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0);
        check_equal(sockeye_connect(s.lab, 0, client[i], &a, sizeof a), -EINPROGRESS);
        sockeye_advance(s.lab, sockeye_now(s.lab) + 1000000);
        server[i] = sockeye_accept(s.lab, 1, listener, NULL, NULL);
        check(server[i] >= 0);
    }
    check_equal(sockeye_send(s.lab, 1, server[0], &byte, 1, 0), 1); /* the odd block */
    sockeye_advance(s.lab, sockeye_now(s.lab) + 1000000000);
    for (int i = 0; i < CLIENTS; i++)
        taken += sockeye_send(s.lab, 0, client[i], &byte, 1, 0) == 1;
    sockeye_advance(s.lab, sockeye_now(s.lab) + 10000000000);
    for (int i = 0; i < CLIENTS; i++)
        came += sockeye_receive(s.lab, 1, server[i], &byte, 1, 0) == 1;
    check(taken > 0 && taken < CLIENTS);
    check_equal(came, taken);
    check_equal(sockeye_close_fd(s.lab, 0, client[CLIENTS - 1]), 0);
    check_equal(host_of_node(s.lab->lab->node[0])->transport.tcp.orphan_count, 1);
    for (int64_t now = sockeye_now(s.lab) + QUIET_TIME; sockeye_advance(s.lab, now) <= now;)
        ;
    check_equal(host_of_node(s.lab->lab->node[0])->transport.tcp.orphan_count, 0);
    sockeye_close(s.lab);
}

static void every_get_may_fail(void)
{
    uint64_t gets, ignored;
    int line, failed = 0;

    check_equal(run_with_failure(0, &gets), 0);
    check(gets > 100);
    for (uint64_t n = 1; n <= gets; n++) {
        line = run_with_failure(n, &ignored);
        if (line)
            printf("# get %llu of %llu: line %d\n", (unsigned long long)n, (unsigned long long)gets,
                   line);
        failed += line != 0;
    }
    check_equal(failed, 0);
}

/* Making the lab itself, get by get. */
static void every_part_may_fail(void)
{
    struct sockeye_config config = {.hosts = 2, .wires = 1, .sockets = 16, .buffer_bytes = 4 << 20};
    bool whole = false;

    for (uint64_t n = 1; n < 200 && !whole; n++) {
        struct sockeye *lab;
        int host, number, interface = -1;

        check(sockeye_open(&config, &lab) == 0);
        sockeye_fail_get(lab, n);
        number = sockeye_wire(lab, "w", NULL, NULL);
        check(number == 0 || number == -ENOSPC);
        host = sockeye_host(lab, "a");
        check(host == 0 || host == -ENOMEM || host == -ENOSPC);
        if (host == 0 && number == 0) {
            interface = sockeye_interface(lab, host, "eth0", number, 0, NULL);
            check(interface == 1 || interface == -ENOMEM);
        }
        if (interface == 1)
            whole = sockeye_address(lab, host, interface, "10.0.0.1/24") == 0;
        whole = whole && lab->lab->arena->gets < lab->lab->arena->fail_at;
        sockeye_advance(lab, 10000000000);
        check_equal(sockeye_check(lab), 0);
        sockeye_fail_get(lab, 0);
        if (host < 0)
            check_equal(sockeye_host(lab, "a"), 0);
        sockeye_close(lab);
    }
    check(whole);
}

static void small_pools_are_no_catastrophe(void)
{
    for (uint32_t packets = 4; packets <= 64; packets += 4) {
        struct sockeye_config config = {.seed = packets,
                                        .hosts = 2,
                                        .wires = 1,
                                        .sockets = 16,
                                        .packets = packets,
                                        .buffer_bytes = 128 << 10};
        struct scenario s = {.seed = packets, .check_always = true, .may_fail = true};

        check(sockeye_open(&config, &s.lab) == 0);
        scenario_hosts(&s, &wire, NULL);
        for (int i = 0; i < 4; i++)
            scenario_flow_open(&s, i % 2, 30000, 10000);
        scenario_datagrams_open(&s, 50);
        for (int i = 0; i < MOST_EVENTS && !all_said(&s); i++)
            if (!scenario_step(&s, QUIET_TIME))
                break;
        scenario_leave(&s);
        for (int64_t now = sockeye_now(s.lab) + QUIET_TIME; sockeye_advance(s.lab, now) <= now;)
            ;
        check_equal(s.problem, 0);
        check_equal(scenario_leftovers(&s), 0);
        sockeye_close(s.lab);
    }
}

static const struct test tests[] = {
    {"memory that is used up keeps nobody for ever", memory_is_used_up_and_stays_so},
    {"every get of a transfer may fail, and nothing else breaks", every_get_may_fail},
    {"every get of making a lab may fail", every_part_may_fail},
    {"pools that are really small are no catastrophe", small_pools_are_no_catastrophe},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
