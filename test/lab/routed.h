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

static int routed_record = -1; /* a file that all is recorded in */

/* The wire between the routers has this MTU; 0: 1500. */
static void routed_open(uint32_t mtu)
{
    const struct sockeye_config config = {.hosts = 4, .wires = WIRES};
    const struct sockeye_wire_config wire = {.delay_ns = 1000000},
                                     narrow = {.delay_ns = 1000000, .mtu = mtu};

    check_equal(sockeye_open(&config, &lab), 0);
    if (routed_record >= 0)
        check_equal(sockeye_record(lab, routed_record, UINT64_C(1) << 30), 0);
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

static uint8_t bytes[65536];

UNUSED static int pinger(void)
{
    int fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

    check(fd >= 0);
    return fd;
}

UNUSED static int ping(int fd, const char *address, uint32_t length)
{
    memset(bytes, 0, length);
    bytes[0] = 8; /* echo */
    check_equal(connect_to(A, fd, address, 0), 0);
    return (int)sockeye_send(lab, A, fd, bytes, length, 0);
}

/* The last ICMP error that came to A. */
static struct {
    uint32_t from, quoted; /* whose datagram it is about */
    uint8_t type, code;
} told;

static void tell(void *context, const struct sockeye_event *event)
{
    const uint8_t *ip = event->frame.bytes + 14;

    (void)context;
    if (event->host != A || event->frame.length < 62 || ip[9] != IPPROTO_ICMP || ip[20] == 0)
        return;
    told.from = read_32(ip + 12);
    told.type = ip[20];
    told.code = ip[21];
    told.quoted = read_32(ip + 28 + 12);
}

UNUSED static void open_telling(void)
{
    routed_open(0);
    memset(&told, 0, sizeof told);
    check(sockeye_observe(lab, 1U << EVENT_FRAME_DELIVERED | EVENT_BYTES, tell, NULL, NULL) >= 0);
}

/* Bytes that went through, all of them right. */
UNUSED static uint32_t transfer(int from, int from_fd, int to, int to_fd, uint32_t length)
{
    static uint8_t piece[8192];
    uint32_t sent = 0, got = 0;

    for (int turn = 0; turn < 10000 && got < length; turn++) {
        ssize_t n;

        while (sent < length) {
            uint32_t want = length - sent < sizeof piece ? length - sent : (uint32_t)sizeof piece;

            for (uint32_t i = 0; i < want; i++)
                piece[i] = (uint8_t)((sent + i) * 13 + (sent + i) / 251);
            n = sockeye_send(lab, from, from_fd, piece, want, 0);
            if (n <= 0)
                break;
            sent += (uint32_t)n;
        }
        pass(MS);
        while ((n = sockeye_receive(lab, to, to_fd, piece, sizeof piece, 0)) > 0)
            for (ssize_t i = 0; i < n; i++, got++)
                check_equal(piece[i], (uint8_t)(got * 13 + got / 251));
    }
    return got;
}
