/* SPDX-License-Identifier: MIT */
/*
 * Hosts on switches and hubs, for tests: h0, h1, ... at 10.0.0.1 and on, each with a wire of its
 * own to a port of a node. The frames that each wire was handed in each direction are counted.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { LAN_HOSTS = 16, LAN_WIRES = 64 };
#ifndef SECOND
#define SECOND INT64_C(1000000000)
#endif
#define MS INT64_C(1000000)
#define UNUSED __attribute__((unused))

static struct sockeye *lab;
static int lan_hosts;           /* their numbers are 0 and on */
static int lan_wire[LAN_HOSTS]; /* of each host: end 0 is the host's */
static int lan_wires;           /* made by lan_join so far */
static int lan_record = -1;     /* a file that the whole lab is recorded in */
static int lan_frames[LAN_WIRES][2];

static void lan_see(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->kind == EVENT_FRAME_SENT && event->wire < LAN_WIRES)
        lan_frames[event->wire][event->direction]++;
}

/* A lab with so many hosts, that are not joined to anything yet. */
static void lan_open(int hosts)
{
    const struct sockeye_config config = {
        .hosts = 32, .wires = LAN_WIRES, .sockets = 64, .packets = 1024, .buffer_bytes = 8 << 20};
    char name[SOCKEYE_NAME_BYTES];

    check_equal(sockeye_open(&config, &lab), 0);
    if (lan_record >= 0)
        check_equal(sockeye_record(lab, lan_record, 64 << 20), 0);
    lan_wires = 0;
    lan_hosts = hosts;
    for (int i = 0; i < hosts; i++) {
        snprintf(name, sizeof name, "h%d", i);
        check_equal(sockeye_host(lab, name), i);
    }
    memset(lan_frames, 0, sizeof lan_frames);
    check(sockeye_observe(lab, 1u << EVENT_FRAME_SENT, lan_see, NULL, NULL) >= 0);
}

/* A new wire between two nodes. @return its number */
static int lan_join(int from, int to)
{
    const struct sockeye_wire_config slow = {.delay_ns = 10000};
    char name[SOCKEYE_NAME_BYTES];
    int wire;

    snprintf(name, sizeof name, "w%d", lan_wires++);
    wire = sockeye_wire(lab, name, &slow, NULL);
    check(wire >= 0 && wire < LAN_WIRES);
    check(sockeye_interface(lab, from, name, wire, 0, NULL) >= 0);
    check(sockeye_interface(lab, to, name, wire, 1, NULL) >= 0);
    return wire;
}

/* Host i, with its address, at a port of a node. */
static void lan_plug(int i, int node)
{
    char text[32];

    lan_wire[i] = lan_join(i, node);
    snprintf(text, sizeof text, "10.0.0.%d/24", i + 1);
    check_equal(sockeye_address(lab, i, 1, text), 0);
}

UNUSED static void pass(int64_t time)
{
    int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 100000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
    check_equal(sockeye_now(lab), until);
    check_equal(sockeye_check(lab), 0);
}

static void lan_close(void)
{
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

UNUSED static void forget_frames(void)
{
    memset(lan_frames, 0, sizeof lan_frames);
}

static struct sockaddr_in name_of(int host, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(0x0a000001 + (uint32_t)host);
    return a;
}

/* A UDP socket of a host, bound to a port. */
UNUSED static int datagrams(int host, uint16_t port)
{
    int fd = sockeye_socket(lab, host, AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in own = name_of(host, port);
    int on = 1;

    check(fd >= 0);
    check_equal(sockeye_set_option(lab, host, fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), 0);
    check_equal(sockeye_bind(lab, host, fd, &own, sizeof own), 0);
    return fd;
}

UNUSED static void say(int host, int fd, int to, uint16_t port, const char *text)
{
    struct sockaddr_in name = name_of(to, port);
    struct sockeye_message m = {.bytes = (void *)(uintptr_t)text,
                                .length = strlen(text),
                                .address = &name,
                                .address_length = sizeof name};

    check_equal(sockeye_send_message(lab, host, fd, &m, 0), (int)strlen(text));
}

/* Is this what arrived, and nothing else? */
UNUSED static bool heard(int host, int fd, const char *text)
{
    char bytes[2048];
    ssize_t n = sockeye_receive(lab, host, fd, bytes, sizeof bytes, 0);

    return n == (ssize_t)strlen(text) && memcmp(bytes, text, (size_t)n) == 0 &&
           sockeye_receive(lab, host, fd, bytes, sizeof bytes, 0) == -EAGAIN;
}

UNUSED static bool heard_nothing(int host, int fd)
{
    char bytes[16];

    return sockeye_receive(lab, host, fd, bytes, sizeof bytes, 0) == -EAGAIN;
}

static size_t room(int64_t left)
{
    return left < 16384 ? (size_t)left : 16384;
}

/* A stream of so many bytes from one host to another, to its end. @return those that came */
UNUSED static int64_t stream(int from, int to, uint16_t port, int64_t total, int64_t time)
{
    static uint8_t bytes[16384];
    struct sockaddr_in own = name_of(to, port);
    int64_t sent = 0, received = 0, until = sockeye_now(lab) + time;
    int l = sockeye_socket(lab, to, AF_INET, SOCK_STREAM, 0), taken = -1;
    int fd = sockeye_socket(lab, from, AF_INET, SOCK_STREAM, 0);

    check(l >= 0 && fd >= 0 && sockeye_bind(lab, to, l, &own, sizeof own) == 0);
    check_equal(sockeye_listen(lab, to, l, 5), 0);
    check_equal(sockeye_connect(lab, from, fd, &own, sizeof own), -EINPROGRESS);
    while (received < total && sockeye_step(lab, until) == 1) {
        ssize_t n;

        if (taken < 0)
            taken = sockeye_accept(lab, to, l, NULL, NULL);
        while (sent < total &&
               (n = sockeye_send(lab, from, fd, bytes, room(total - sent), MSG_NOSIGNAL)) > 0)
            sent += n;
        while (taken >= 0 && (n = sockeye_receive(lab, to, taken, bytes, sizeof bytes, 0)) > 0)
            received += n;
    }
    check_equal(sockeye_close_fd(lab, from, fd), 0);
    check_equal(sockeye_close_fd(lab, to, l), 0);
    if (taken >= 0)
        check_equal(sockeye_close_fd(lab, to, taken), 0);
    return received;
}
