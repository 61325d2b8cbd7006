/* SPDX-License-Identifier: MIT */
/*
 * Two hosts behind two routers:
 *
 *     A 10.1.0.1 -- near -- 10.1.0.254 R 10.9.0.1
 *                                              -- between --
 *                                        10.9.0.2 S 10.2.0.254 -- far -- 10.2.0.1 B
 *
 * Each host has a default route by its router, each router one by the other. Calls are pair.h's.
 */
#pragma once
#include "lab/pair.h"

enum { R = 2, S = 3, WIRES = 3 };
enum { NEAR, BETWEEN, FAR };

static void routed_interface(int node, const char *name, int wire, int end, const char *address)
{
    int i = sockeye_interface(lab, node, name, wire, end, NULL);

    check(i > 0);
    check_equal(sockeye_address(lab, node, i, address), 0);
}

/* The wire between the routers has this MTU; 0: 1500. */
static void routed_open(uint32_t mtu)
{
    const struct sockeye_config config = {.hosts = 4, .wires = WIRES};
    const struct sockeye_wire_config wire = {.delay_ns = 1000000},
                                     narrow = {.delay_ns = 1000000, .mtu = mtu};

    check_equal(sockeye_open(&config, &lab), 0);
    check_equal(sockeye_host(lab, "a"), A);
    check_equal(sockeye_host(lab, "b"), B);
    check_equal(sockeye_router(lab, "r"), R);
    check_equal(sockeye_router(lab, "s"), S);
    check_equal(sockeye_wire(lab, "near", &wire, NULL), NEAR);
    check_equal(sockeye_wire(lab, "between", &narrow, NULL), BETWEEN);
    check_equal(sockeye_wire(lab, "far", &wire, NULL), FAR);
    routed_interface(A, "eth0", NEAR, 0, "10.1.0.1/24");
    routed_interface(R, "eth0", NEAR, 1, "10.1.0.254/24");
    routed_interface(R, "eth1", BETWEEN, 0, "10.9.0.1/24");
    routed_interface(S, "eth0", BETWEEN, 1, "10.9.0.2/24");
    routed_interface(S, "eth1", FAR, 0, "10.2.0.254/24");
    routed_interface(B, "eth0", FAR, 1, "10.2.0.1/24");
    check_equal(sockeye_route(lab, A, "default", "10.1.0.254", 0), 0);
    check_equal(sockeye_route(lab, B, "default", "10.2.0.254", 0), 0);
    check_equal(sockeye_route(lab, R, "default", "10.9.0.2", 0), 0);
    check_equal(sockeye_route(lab, S, "default", "10.9.0.1", 0), 0);
}
