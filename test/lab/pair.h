/* SPDX-License-Identifier: MIT */
/*
 * Two hosts and a wire of a millisecond, and calls by the one door: what tests of sockets begin
 * with. A is 10.0.0.1, B is 10.0.0.2. Tests that a line of names more would not tell of look at the
 * frames of the wire: pair_seen has the last TCP segment of each host.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { A, B };
#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)
#define UNUSED __attribute__((unused))

struct pair_segment {
    uint32_t seq, ack, length; /* of its text */
    uint32_t window;           /* as in the header */
    uint32_t header;           /* bytes of the TCP header */
    uint32_t ts_value, ts_echo;
    uint8_t flags;
};

static struct sockeye *lab;
static int interfaces[2];
static struct pair_segment pair_seen[2]; /* the last that each host sent by the wire */
static int pair_count[2];                /* how many */

static uint32_t read_32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void pair_see(void *context, const struct sockeye_event *event)
{
    const uint8_t *ip = event->frame.bytes + 14, *tcp = ip + 20;
    struct pair_segment *s;

    (void)context;
    if (event->kind != EVENT_FRAME_SENT || event->frame.length < 54 || ip[9] != IPPROTO_TCP ||
        event->host > B)
        return;
    s = &pair_seen[event->host];
    s->seq = read_32(tcp + 4);
    s->ack = read_32(tcp + 8);
    s->header = (uint32_t)(tcp[12] >> 4) * 4;
    s->flags = tcp[13];
    s->window = (uint32_t)tcp[14] << 8 | tcp[15];
    s->ts_value = s->ts_echo = 0;
    for (uint32_t i = 20; i + 10 <= s->header && tcp[i] != 0; i += tcp[i] == 1 ? 1 : tcp[i + 1]) {
        if (tcp[i] != 8)
            continue;
        s->ts_value = read_32(tcp + i + 2);
        s->ts_echo = read_32(tcp + i + 6);
        break;
    }
    s->length = ((uint32_t)ip[2] << 8 | ip[3]) - 20 - s->header;
    pair_count[event->host]++;
}

UNUSED static void pair_open(void)
{
    const struct sockeye_wire_config wire = {.delay_ns = 1000000};
    static const char *const names[] = {"a", "b"}, *const addresses[] = {"10.0.0.1/24",
                                                                         "10.0.0.2/24"};
    int w;

    check_equal(sockeye_open(NULL, &lab), 0);
    check_equal(sockeye_host(lab, names[A]), A);
    check_equal(sockeye_host(lab, names[B]), B);
    w = sockeye_wire(lab, "w", &wire, NULL);
    for (int i = 0; i < 2; i++) {
        interfaces[i] = sockeye_interface(lab, i, "eth0", w, i, NULL);
        check_equal(sockeye_address(lab, i, interfaces[i], addresses[i]), 0);
    }
    memset(pair_seen, 0, sizeof pair_seen);
    memset(pair_count, 0, sizeof pair_count);
    check(sockeye_observe(lab, EVENT_EVERYTHING, pair_see, NULL, NULL) >= 0);
}

static void pair_close(void)
{
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

static void pass(int64_t time)
{
    int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 100000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
    check_equal(sockeye_now(lab), until);
    check_equal(sockeye_check(lab), 0);
}

static struct sockaddr_in name_of(const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    check(inet_pton(AF_INET, address, &a.sin_addr) == 1);
    return a;
}

UNUSED static int connect_to(int host, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in to = name_of(address, port);

    return sockeye_connect(lab, host, fd, &to, sizeof to);
}

UNUSED static int bind_to(int host, int fd, const char *address, uint16_t port)
{
    struct sockaddr_in own = name_of(address, port);

    return sockeye_bind(lab, host, fd, &own, sizeof own);
}

UNUSED static int disconnect(int host, int fd)
{
    const struct sockaddr none = {.sa_family = AF_UNSPEC};

    return sockeye_connect(lab, host, fd, &none, sizeof none);
}

UNUSED static uint16_t port_of(int host, int fd)
{
    struct sockaddr_in own;
    uint32_t length = sizeof own;

    check_equal(sockeye_local_name(lab, host, fd, &own, &length), 0);
    return ntohs(own.sin_port);
}

UNUSED static int stream(int host)
{
    int fd = sockeye_socket(lab, host, AF_INET, SOCK_STREAM, 0);

    check(fd >= 0);
    return fd;
}

UNUSED static void set_number(int host, int fd, int level, int name, int value)
{
    check_equal(sockeye_set_option(lab, host, fd, level, name, &value, sizeof value), 0);
}

UNUSED static int number_of(int host, int fd, int level, int name)
{
    int value = 0;
    uint32_t length = sizeof value;

    check_equal(sockeye_get_option(lab, host, fd, level, name, &value, &length), 0);
    return value;
}

UNUSED static int listener(int host, uint16_t port)
{
    int fd = stream(host);

    set_number(host, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    check_equal(bind_to(host, fd, "0.0.0.0", port), 0);
    check_equal(sockeye_listen(lab, host, fd, 5), 0);
    return fd;
}

UNUSED static int accepted(int host, int fd)
{
    int got = sockeye_accept(lab, host, fd, NULL, NULL);

    check(got >= 0);
    return got;
}

/* A connection from A to a listener of B's at port 5000; fd[A], fd[B]. */
UNUSED static void pair_connect(int fd[2])
{
    int l = listener(B, 5000);

    fd[A] = stream(A);
    check_equal(connect_to(A, fd[A], "10.0.0.2", 5000), -EINPROGRESS);
    pass(100 * MS);
    fd[B] = accepted(B, l);
    check_equal(sockeye_close_fd(lab, B, l), 0);
}
