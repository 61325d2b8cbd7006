/* SPDX-License-Identifier: MIT */
/*
 * Traffic made from a seed, for the tests of a whole lab: two hosts on one bad wire, several
 * streams with bytes both ways, half-closes and aborts, datagrams beside them. The driver is one
 * struct without pointers but the lab's, so that it can be saved beside an image and go on in
 * another process. Every byte is a function of flow, direction and offset, and each is checked.
 *
 * `problem` is the line at which something was wrong, 0: nothing so far.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/random.h"
#include "lab/handle.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum scenario_limits {
    SCENARIO_FLOWS = 6,
    SCENARIO_OPENS = 40, /* how often a connect is tried again */
    SCENARIO_CHUNK = 40000,
    SCENARIO_PORT = 8000
};

/* One side of a stream. */
struct scenario_side {
    int fd; /* -1: none */
    uint64_t total, sent, received;
    bool connected, shut, ended, done;
};

struct scenario_flow {
    struct scenario_side side[2]; /* 0: the client, on host 0 or 1 */
    int client, listener;         /* host of the client; fd of the listener on the other */
    int opens;
    uint64_t abort_at; /* the client resets when it has sent so much; 0: never */
    uint32_t send_buffer, receive_buffer;
    bool aborted, failed;
    int64_t opened_at;
};

struct scenario {
    struct sockeye *lab;
    uint64_t seed, draws;
    struct scenario_flow flow[SCENARIO_FLOWS];
    int flows, wire;
    int datagram_fd[2];
    uint32_t datagrams, datagrams_sent, datagrams_received;
    int problem;
    bool check_always; /* sockeye_check after each event */
    bool two_flips;    /* two fragments of a datagram may be flipped so that its checksum holds */
    bool may_fail;     /* limits are reached on purpose: calls may be refused */
};

#define scenario_expect(s, condition)                                                              \
    do {                                                                                           \
        if (!(condition) && (s)->problem == 0) {                                                   \
            (s)->problem = __LINE__;                                                               \
            printf("# seed %llu, %s:%d: not %s, at %lld ns\n", (unsigned long long)(s)->seed,      \
                   __FILE__, __LINE__, #condition, (long long)sockeye_now((s)->lab));              \
        }                                                                                          \
    } while (0)

__attribute__((unused)) static uint64_t scenario_draw(struct scenario *s, uint64_t below)
{
    struct siphash_key key = {s->seed, 0x7363656e};

    return random_below(random_draw(key, RANDOM_KEY, s->draws++), below);
}

static uint8_t scenario_byte(int flow, int direction, uint64_t offset)
{
    uint64_t x = (offset + (uint64_t)flow * 7919 + (uint64_t)direction * 104729) *
                 UINT64_C(0x9e3779b97f4a7c15);

    return (uint8_t)(x >> 56);
}

static bool scenario_is_pattern(const uint8_t *bytes, ssize_t n, int flow, int direction,
                                uint64_t offset)
{
    for (ssize_t k = 0; k < n; k++)
        if (bytes[k] != scenario_byte(flow, direction, offset + (uint64_t)k))
            return false;
    return true;
}

static void scenario_address(struct sockaddr_in *a, int host, int port)
{
    memset(a, 0, sizeof *a);
    a->sin_family = AF_INET;
    a->sin_port = htons((uint16_t)port);
    a->sin_addr.s_addr = htonl(0x0a000001 + (uint32_t)host);
}

/* May this result be blamed on a limit that was reached on purpose, or on a bad wire? */
static bool scenario_excuses(const struct scenario *s, ssize_t result)
{
    return s->may_fail &&
           (result == -ENOBUFS || result == -ENOMEM || result == -EMFILE || result == -ENOSPC);
}

static int scenario_listener(struct scenario *s, int host, int port)
{
    int fd = sockeye_socket(s->lab, host, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a;
    int result;

    scenario_address(&a, host, port);
    if (fd < 0)
        return fd;
    result = sockeye_bind(s->lab, host, fd, &a, sizeof a);
    if (result == 0)
        result = sockeye_listen(s->lab, host, fd, 8);
    if (result < 0)
        (void)sockeye_close_fd(s->lab, host, fd);
    return result < 0 ? result : fd;
}

static void scenario_drop_side(struct scenario *s, struct scenario_flow *f, int which)
{
    struct scenario_side *side = &f->side[which];
    int host = which == 0 ? f->client : 1 - f->client;

    if (side->fd >= 0)
        scenario_expect(s, sockeye_close_fd(s->lab, host, side->fd) == 0);
    side->fd = -1;
    side->done = true;
}

static void scenario_connect(struct scenario *s, int i)
{
    struct scenario_flow *f = &s->flow[i];
    struct scenario_side *side = &f->side[0];
    struct sockaddr_in a;
    int result;

    f->opens++;
    side->fd = sockeye_socket(s->lab, f->client, AF_INET, SOCK_STREAM, 0);
    scenario_expect(s, side->fd >= 0 || scenario_excuses(s, side->fd));
    if (side->fd < 0) {
        f->failed = true;
        return;
    }
    if (f->send_buffer)
        (void)sockeye_set_option(s->lab, f->client, side->fd, SOL_SOCKET, SO_SNDBUF,
                                 &f->send_buffer, 4);
    if (f->receive_buffer)
        (void)sockeye_set_option(s->lab, f->client, side->fd, SOL_SOCKET, SO_RCVBUF,
                                 &f->receive_buffer, 4);
    scenario_address(&a, 1 - f->client, SCENARIO_PORT + i);
    f->opened_at = sockeye_now(s->lab);
    result = sockeye_connect(s->lab, f->client, side->fd, &a, sizeof a);
    scenario_expect(s, result == -EINPROGRESS || scenario_excuses(s, result));
    if (result != -EINPROGRESS) {
        scenario_drop_side(s, f, 0);
        f->failed = true;
    }
}

/* The connect had an outcome: connected, or to be tried again. */
static bool scenario_is_connected(struct scenario *s, int i)
{
    struct scenario_flow *f = &s->flow[i];
    struct scenario_side *side = &f->side[0];
    int error = 0, ready = sockeye_poll(s->lab, f->client, side->fd);
    uint32_t length = sizeof error;

    if (side->connected)
        return true;
    if (!(ready & (POLLOUT | POLLERR | POLLHUP)))
        return false;
    scenario_expect(s, sockeye_get_option(s->lab, f->client, side->fd, SOL_SOCKET, SO_ERROR, &error,
                                          &length) == 0);
    if (error == 0 && ready & POLLOUT && !(ready & POLLERR)) {
        side->connected = true;
        return true;
    }
    scenario_expect(s, s->may_fail || error == EHOSTUNREACH || error == ETIMEDOUT ||
                           error == ECONNREFUSED || error == ECONNRESET);
    scenario_expect(s, sockeye_close_fd(s->lab, f->client, side->fd) == 0);
    side->fd = -1;
    if (f->opens < SCENARIO_OPENS)
        scenario_connect(s, i);
    else
        f->failed = true;
    return false;
}

/* A stream failed under us: fine only if it was aborted, or its client had given up its first try.
 * No wire here is so bad that an established connection may time out. */
static void scenario_broken(struct scenario *s, int i, int which)
{
    struct scenario_flow *f = &s->flow[i];

    scenario_expect(s, s->may_fail || f->aborted || f->failed || f->opens > 1);
    f->failed = true;
    scenario_drop_side(s, f, which);
}

static void scenario_read(struct scenario *s, int i, int which)
{
    static uint8_t bytes[SCENARIO_CHUNK];
    struct scenario_flow *f = &s->flow[i];
    struct scenario_side *side = &f->side[which];
    int host = which == 0 ? f->client : 1 - f->client;

    while (!side->done && !side->ended) {
        size_t size = 1 + (size_t)scenario_draw(s, SCENARIO_CHUNK);
        ssize_t n = sockeye_receive(s->lab, host, side->fd, bytes, size, 0);

        if (n == -EAGAIN)
            return;
        if (n < 0) {
            scenario_broken(s, i, which);
            return;
        }
        if (!scenario_is_pattern(bytes, n, i, 1 - which, side->received)) {
            bool stream_is_as_sent = false;

            scenario_expect(s, stream_is_as_sent);
            return;
        }
        side->received += (uint64_t)n;
        side->ended = n == 0;
    }
}

static void scenario_abort(struct scenario *s, int i)
{
    struct scenario_flow *f = &s->flow[i];
    struct linger linger = {1, 0};

    f->aborted = true;
    scenario_expect(s, sockeye_set_option(s->lab, f->client, f->side[0].fd, SOL_SOCKET, SO_LINGER,
                                          &linger, sizeof linger) == 0);
    scenario_drop_side(s, f, 0);
}

static void scenario_write(struct scenario *s, int i, int which)
{
    static uint8_t bytes[SCENARIO_CHUNK];
    struct scenario_flow *f = &s->flow[i];
    struct scenario_side *side = &f->side[which];
    int host = which == 0 ? f->client : 1 - f->client;

    while (!side->done && side->sent < side->total) {
        size_t size = 1 + (size_t)scenario_draw(s, SCENARIO_CHUNK);
        ssize_t n;

        if (size > side->total - side->sent)
            size = (size_t)(side->total - side->sent);
        for (size_t k = 0; k < size; k++)
            bytes[k] = scenario_byte(i, which, side->sent + k);
        n = sockeye_send(s->lab, host, side->fd, bytes, size, MSG_NOSIGNAL);
        if (n == -EAGAIN)
            return;
        if (n < 0) {
            if (scenario_excuses(s, n))
                return;
            scenario_broken(s, i, which);
            return;
        }
        side->sent += (uint64_t)n;
        if (which == 0 && f->abort_at && side->sent >= f->abort_at) {
            scenario_abort(s, i);
            return;
        }
    }
    if (!side->done && !side->shut) {
        int result = sockeye_shutdown(s->lab, host, side->fd, SHUT_WR);

        side->shut = true;
        if (result < 0)
            scenario_broken(s, i, which);
    }
}

/* Who waits for a peer that was reset, whose RST was lost, learns of it in no other way. */
static void scenario_keep_alive(struct scenario *s, int host, int fd)
{
    static const int options[][3] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                                     {IPPROTO_TCP, TCP_KEEPIDLE, 60},
                                     {IPPROTO_TCP, TCP_KEEPINTVL, 10},
                                     {IPPROTO_TCP, TCP_KEEPCNT, 5}};

    for (int i = 0; i < 4; i++)
        scenario_expect(s, sockeye_set_option(s->lab, host, fd, options[i][0], options[i][1],
                                              &options[i][2], 4) == 0);
}

static void scenario_accept(struct scenario *s, int i)
{
    struct scenario_flow *f = &s->flow[i];
    int fd;

    while ((fd = sockeye_accept(s->lab, 1 - f->client, f->listener, NULL, NULL)) >= 0) {
        struct scenario_side *side = &f->side[1];

        if (side->fd >= 0) { /* the connection of an earlier try, which the client gave up */
            scenario_expect(s, f->opens > 1);
            (void)sockeye_close_fd(s->lab, 1 - f->client, side->fd);
            side->sent = side->received = 0;
            side->shut = side->ended = false;
        }
        side->fd = fd;
        side->connected = true;
        side->done = false;
        if (f->abort_at)
            scenario_keep_alive(s, 1 - f->client, fd);
    }
    scenario_expect(s, fd == -EAGAIN || scenario_excuses(s, fd));
}

static void scenario_pump(struct scenario *s, int i, int which)
{
    struct scenario_flow *f = &s->flow[i];
    struct scenario_side *side = &f->side[which];

    if (side->fd < 0 || side->done || (which == 0 && !scenario_is_connected(s, i)))
        return;
    scenario_read(s, i, which);
    scenario_write(s, i, which);
    if (!side->done && side->ended && side->shut) {
        scenario_expect(s, f->aborted || f->failed || f->opens > 1 ||
                               side->received == f->side[1 - which].total);
        scenario_drop_side(s, f, which);
    }
}

static void scenario_datagrams(struct scenario *s)
{
    uint8_t bytes[2000];
    struct sockaddr_in a;
    ssize_t n;

    if (s->datagrams_sent < s->datagrams && s->datagram_fd[0] >= 0) {
        uint32_t number = s->datagrams_sent++;
        size_t length = 4 + (size_t)scenario_draw(s, 1800);
        struct sockeye_message m = {
            .bytes = bytes, .length = length, .address = &a, .address_length = sizeof a};

        scenario_address(&a, 1, SCENARIO_PORT);
        memcpy(bytes, &number, 4);
        for (size_t k = 4; k < length; k++)
            bytes[k] = scenario_byte((int)number, 0, k);
        n = sockeye_send_message(s->lab, 0, s->datagram_fd[0], &m, 0);
        scenario_expect(s, n == (ssize_t)length || n == -EAGAIN || n == -EHOSTUNREACH ||
                               n == -ECONNREFUSED || n == -ENOBUFS);
    }
    while (s->datagram_fd[1] >= 0 &&
           (n = sockeye_receive(s->lab, 1, s->datagram_fd[1], bytes, sizeof bytes, 0)) >= 0) {
        uint32_t number;

        memcpy(&number, bytes, 4);
        scenario_expect(s, n >= 4 && (s->two_flips || number < s->datagrams_sent));
        scenario_expect(s,
                        s->two_flips || scenario_is_pattern(bytes + 4, n - 4, (int)number, 0, 4));
        s->datagrams_received++;
    }
}

/* Serves every socket that changed. */
static void scenario_serve(struct scenario *s)
{
    struct sockeye_change change;

    while (sockeye_next_change(s->lab, &change)) {
        for (int i = 0; i < s->flows; i++) {
            struct scenario_flow *f = &s->flow[i];

            if (change.host == 1 - f->client && change.fd == f->listener) {
                scenario_accept(s, i);
                scenario_pump(s, i, 1);
            } else if (change.host == f->client && change.fd == f->side[0].fd) {
                scenario_pump(s, i, 0);
            } else if (change.host == 1 - f->client && change.fd == f->side[1].fd) {
                scenario_pump(s, i, 1);
            }
        }
    }
    scenario_datagrams(s);
}

/* Is every flow at its end? */
__attribute__((unused)) static bool scenario_done(const struct scenario *s)
{
    for (int i = 0; i < s->flows; i++) {
        const struct scenario_flow *f = &s->flow[i];

        if (f->side[0].fd >= 0 || f->side[1].fd >= 0 || (!f->side[0].done && !f->failed))
            return false;
        if (!f->failed && !f->aborted && !f->side[1].done)
            return false;
    }
    return true;
}

/* One event of the lab, then what the programs do. false: nothing is due before `until`. */
__attribute__((unused)) static bool scenario_step(struct scenario *s, int64_t until)
{
    if (!sockeye_step(s->lab, until))
        return false;
    if (s->check_always)
        scenario_expect(s, sockeye_check(s->lab) == 0);
    scenario_serve(s);
    if (s->check_always)
        scenario_expect(s, sockeye_check(s->lab) == 0);
    return s->problem == 0;
}

/* Two hosts on a wire; the lab is open. */
__attribute__((unused)) static void scenario_hosts(struct scenario *s,
                                                   const struct sockeye_wire_config *forth,
                                                   const struct sockeye_wire_config *back)
{
    s->wire = sockeye_wire(s->lab, "w0", forth, back);
    scenario_expect(s, s->wire == 0);
    scenario_expect(s, sockeye_host(s->lab, "a") == 0 && sockeye_host(s->lab, "b") == 1);
    scenario_expect(s, sockeye_interface(s->lab, 0, "eth0", s->wire, 0, NULL) == 1);
    scenario_expect(s, sockeye_interface(s->lab, 1, "eth0", s->wire, 1, NULL) == 1);
    scenario_expect(s, sockeye_address(s->lab, 0, 1, "10.0.0.1/24") == 0);
    scenario_expect(s, sockeye_address(s->lab, 1, 1, "10.0.0.2/24") == 0);
    s->datagram_fd[0] = s->datagram_fd[1] = -1;
}

/* Begins a flow. */
__attribute__((unused)) static void scenario_flow_open(struct scenario *s, int client,
                                                       uint64_t there, uint64_t back)
{
    int i = s->flows++;
    struct scenario_flow *f = &s->flow[i];

    f->client = client;
    f->side[0].fd = f->side[1].fd = -1;
    f->side[0].total = there;
    f->side[1].total = back;
    f->listener = scenario_listener(s, 1 - client, SCENARIO_PORT + i);
    scenario_expect(s, f->listener >= 0 || scenario_excuses(s, f->listener));
    scenario_connect(s, i);
}

__attribute__((unused)) static void scenario_datagrams_open(struct scenario *s, uint32_t count)
{
    struct sockaddr_in a;

    s->datagrams = count;
    s->datagram_fd[0] = sockeye_socket(s->lab, 0, AF_INET, SOCK_DGRAM, 0);
    s->datagram_fd[1] = sockeye_socket(s->lab, 1, AF_INET, SOCK_DGRAM, 0);
    scenario_address(&a, 1, SCENARIO_PORT);
    scenario_expect(s, (s->datagram_fd[0] >= 0 && s->datagram_fd[1] >= 0) || s->may_fail);
    scenario_expect(s,
                    sockeye_bind(s->lab, 1, s->datagram_fd[1], &a, sizeof a) == 0 || s->may_fail);
}

/* The programs leave: every socket is closed. */
__attribute__((unused)) static void scenario_leave(struct scenario *s)
{
    for (int i = 0; i < s->flows; i++) {
        struct scenario_flow *f = &s->flow[i];

        for (int which = 0; which < 2; which++)
            scenario_drop_side(s, f, which);
        if (f->listener >= 0)
            scenario_expect(s, sockeye_close_fd(s->lab, 1 - f->client, f->listener) == 0);
        f->listener = -1;
    }
    for (int i = 0; i < 2; i++)
        if (s->datagram_fd[i] >= 0)
            scenario_expect(s, sockeye_close_fd(s->lab, i, s->datagram_fd[i]) == 0);
}

/* After everything was closed and long time went by: what is left of it. 0: nothing. */
__attribute__((unused)) static int scenario_leftovers(const struct scenario *s)
{
    const struct lab *lab = s->lab->lab;

    if (pool_count(lab->pools.conns) || pool_count(lab->pools.halves))
        return __LINE__;
    if (pool_count(lab->pools.holes) || pool_count(lab->pools.listeners))
        return __LINE__;
    if (pool_count(lab->pools.udp_ends) || pool_count(lab->pools.inbox))
        return __LINE__;
    if (pool_count(lab->packets.small) || pool_count(lab->packets.big))
        return __LINE__;
    if (pool_count(lab->packets.charges))
        return __LINE__;
    for (int i = 0; i < BUFFER_CLASSES; i++)
        if (lab->buffers.pool[i] && pool_count(lab->buffers.pool[i]))
            return __LINE__;
    for (uint32_t i = 0; i < lab->node_count; i++)
        if (lab->node[i]->means.packet_budget.used || lab->node[i]->means.buffer_budget.used)
            return __LINE__;
    for (uint32_t i = 0; i < lab->timers.count; i++)
        if (lab->timers.heap[i]->code != TIMER_NEIGHBOR && lab->timers.heap[i]->code != TIMER_IP)
            return __LINE__;
    return 0;
}
