/* SPDX-License-Identifier: MIT */
/*
 * What each path costs, one path a run, so that tools/measure can count the instructions of two
 * lengths and take the difference: opening the lab then cancels out. Everything is in one process
 * and one thread: both stacks, the wire and both programs.
 *
 *     paths bulk N           N segments of 1,460 bytes over a perfect wire, and their ACKs
 *     paths echo N           N times 64 bytes there and back, on one connection
 *     paths connect N        N times connect, 64 bytes there and back, close by both ends
 *     paths udp N            N datagrams of 64 bytes, sent and received
 *     paths open N           N connections to one port, all of which stay open
 *     paths pairs N HOSTS    N echoes in all, on a wire and a connection for each pair
 *     paths fresh N          the bytes of an image with N idle connections
 *     paths carried N        the same after each has carried 64 bytes each way
 *     paths hosts N          a lab of N hosts, in pairs
 *
 * Time passes from deadline to deadline. A program asks for its bytes at once and then after each
 * event until they are there; the receiver of datagrams waits for the event first.
 *
 * It prints CPU seconds of the path alone, or bytes. It knows the public header alone, so that it
 * can be built against other commits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sockeye/sockeye.h"

enum { CHUNK = 65536, SEGMENT = 1460, SMALL = 64, PORT = 5001, MOST = 1000000 };
#define SECOND INT64_C(1000000000)

static uint8_t chunk[CHUNK], sink[CHUNK];
static double started, spent;

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "paths: %s\n", what);
    exit(1);
}

static struct sockeye *open_lab(int hosts, uint32_t sockets)
{
    struct sockeye_config config = {.seed = 1,
                                    .hosts = (uint32_t)hosts,
                                    .wires = (uint32_t)(hosts + 1) / 2,
                                    .sockets = sockets};
    struct sockeye *lab;
    int result = sockeye_open(&config, &lab);

    must(result == 0, sockeye_strerror(result));
    return lab;
}

/* Hosts 2n and 2n + 1 with a wire between them, 10.x.y.1 and 10.x.y.2. */
static void make_pair(struct sockeye *lab, int n, const struct sockeye_wire_config *config)
{
    char name[SOCKEYE_NAME_BYTES], address[32];
    int wire;

    (void)snprintf(name, sizeof name, "w%d", n);
    wire = sockeye_wire(lab, name, config, NULL);
    must(wire >= 0, "wire");
    for (int side = 0; side < 2; side++) {
        (void)snprintf(name, sizeof name, "h%d", 2 * n + side);
        must(sockeye_host(lab, name) == 2 * n + side, "host");
        must(sockeye_interface(lab, 2 * n + side, "eth0", wire, side, NULL) == 1, "interface");
        (void)snprintf(address, sizeof address, "10.%d.%d.%d/24", n >> 8, n & 255, side + 1);
        must(sockeye_address(lab, 2 * n + side, 1, address) == 0, "address");
    }
}

static struct sockaddr_in address_of(int host)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};

    a.sin_addr.s_addr = htonl(0x0a000001U + ((uint32_t)host / 2 << 8) + (uint32_t)host % 2);
    return a;
}

static void pass_time(struct sockeye *lab)
{
    must(sockeye_next_deadline(lab) != SOCKEYE_NEVER, "nothing can happen any more");
    (void)sockeye_advance(lab, sockeye_next_deadline(lab));
}

static int listen_on(struct sockeye *lab, int host)
{
    struct sockaddr_in a = address_of(host);
    int listener = sockeye_socket(lab, host, AF_INET, SOCK_STREAM, 0);

    must(sockeye_bind(lab, host, listener, &a, sizeof a) == 0, "bind");
    must(sockeye_listen(lab, host, listener, 128) == 0, "listen");
    return listener;
}

/* A connection from host to host + 1, whose listener is given. */
static void join(struct sockeye *lab, int host, int listener, int *from, int *to)
{
    struct sockaddr_in a = address_of(host + 1);

    *from = sockeye_socket(lab, host, AF_INET, SOCK_STREAM, 0);
    must(*from >= 0, "socket");
    must(sockeye_connect(lab, host, *from, &a, sizeof a) == -EINPROGRESS, "connect");
    while ((*to = sockeye_accept(lab, host + 1, listener, NULL, NULL)) == -EAGAIN)
        pass_time(lab);
    must(*to >= 0, "accept");
}

static void send_small(struct sockeye *lab, int host, int fd)
{
    must(sockeye_send(lab, host, fd, chunk, SMALL, 0) == SMALL, "send");
}

static void receive_small(struct sockeye *lab, int host, int fd)
{
    ssize_t n;

    while ((n = sockeye_receive(lab, host, fd, sink, SMALL, 0)) == -EAGAIN)
        pass_time(lab);
    must(n == SMALL, "receive");
}

static void echo(struct sockeye *lab, int from, int to)
{
    send_small(lab, 0, from);
    receive_small(lab, 1, to);
    send_small(lab, 1, to);
    receive_small(lab, 0, from);
}

static void begin(void)
{
    started = seconds();
}

static void end(void)
{
    spent = seconds() - started;
}

static void run_bulk(int n)
{
    uint64_t total = (uint64_t)n * SEGMENT, sent = 0, received = 0;
    struct sockeye *lab = open_lab(2, 0);
    int from, to;

    must(sockeye_set(lab, -1, "net.ipv4.tcp_timestamps", "0") == 0, "setting");
    make_pair(lab, 0, NULL);
    join(lab, 0, listen_on(lab, 1), &from, &to);
    begin();
    while (received < total) {
        ssize_t k = 1;

        while (sent < total && k > 0) {
            uint64_t left = total - sent;

            k = sockeye_send(lab, 0, from, chunk, left < CHUNK ? (size_t)left : CHUNK, 0);
            must(k > 0 || k == -EAGAIN, "send");
            sent += k > 0 ? (uint64_t)k : 0;
        }
        pass_time(lab);
        while ((k = sockeye_receive(lab, 1, to, sink, CHUNK, 0)) > 0)
            received += (uint64_t)k;
        must(k == -EAGAIN, "receive");
    }
    end();
    sockeye_close(lab);
}

static void run_echo(int n)
{
    struct sockeye *lab = open_lab(2, 0);
    int from, to;

    make_pair(lab, 0, NULL);
    join(lab, 0, listen_on(lab, 1), &from, &to);
    begin();
    for (int i = 0; i < n; i++)
        echo(lab, from, to);
    end();
    sockeye_close(lab);
}

/* The client closes first; the server reads the end, and closes too. */
static void run_connect(int n)
{
    struct sockeye *lab = open_lab(2, 30000);
    int from, to, listener;
    ssize_t k;

    make_pair(lab, 0, NULL);
    listener = listen_on(lab, 1);
    begin();
    for (int i = 0; i < n; i++) {
        join(lab, 0, listener, &from, &to);
        echo(lab, from, to);
        must(sockeye_close_fd(lab, 0, from) == 0, "close");
        while ((k = sockeye_receive(lab, 1, to, sink, SMALL, 0)) == -EAGAIN)
            pass_time(lab);
        must(k == 0, "the end");
        must(sockeye_close_fd(lab, 1, to) == 0, "close");
    }
    end();
    sockeye_close(lab);
}

static void run_udp(int n)
{
    struct sockeye *lab = open_lab(2, 0);
    struct sockaddr_in a = address_of(1);
    int from, to;

    make_pair(lab, 0, NULL);
    from = sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, 0);
    to = sockeye_socket(lab, 1, AF_INET, SOCK_DGRAM, 0);
    must(sockeye_bind(lab, 1, to, &a, sizeof a) == 0, "bind");
    must(sockeye_connect(lab, 0, from, &a, sizeof a) == 0, "connect");
    begin();
    for (int i = 0; i < n; i++) {
        send_small(lab, 0, from);
        pass_time(lab);
        receive_small(lab, 1, to);
    }
    end();
    sockeye_close(lab);
}

/* Opens n connections, kept; with `carry` each has carried something, and is idle. */
static struct sockeye *open_many(int n, bool carry)
{
    struct sockeye *lab = open_lab(2, (uint32_t)n + 100);
    int from, to, listener;

    make_pair(lab, 0, NULL);
    listener = listen_on(lab, 1);
    begin();
    for (int i = 0; i < n; i++) {
        join(lab, 0, listener, &from, &to);
        if (carry)
            echo(lab, from, to);
    }
    end();
    return lab;
}

static void run_open(int n)
{
    sockeye_close(open_many(n, false));
}

static uint64_t image_bytes(const struct sockeye *lab)
{
    int fd = memfd_create("image", 0);
    struct stat s;

    must(fd >= 0 && sockeye_save(lab, fd) == 0 && fstat(fd, &s) == 0, "image");
    (void)close(fd);
    return (uint64_t)s.st_size;
}

static void show_idle(int n, bool carry)
{
    struct sockeye *lab = open_many(n, carry);

    (void)sockeye_advance(lab, sockeye_now(lab) + 10 * SECOND);
    printf("bytes %llu\n", (unsigned long long)image_bytes(lab));
    sockeye_close(lab);
}

static void run_fresh(int n)
{
    show_idle(n, false);
}

static void run_carried(int n)
{
    show_idle(n, true);
}

/* Answers what came: all bytes go back, so each pair plays for ever. @return echoes ended */
static int answer(struct sockeye *lab, const struct sockeye_change *change)
{
    ssize_t n;

    if (!(change->events & POLLIN))
        return 0;
    n = sockeye_receive(lab, change->host, change->fd, sink, SMALL, 0);
    if (n < 0)
        return 0; /* the listener */
    must(n == SMALL, "receive");
    send_small(lab, change->host, change->fd);
    return change->host % 2 == 0;
}

static void run_pairs(int n, int hosts)
{
    struct sockeye *lab = open_lab(hosts, 0);
    struct sockeye_change change;
    int *from = calloc((size_t)hosts, sizeof *from), to, done = 0;

    must(from != NULL && hosts % 2 == 0, "hosts");
    for (int i = 0; i < hosts; i += 2)
        make_pair(lab, i / 2, NULL);
    for (int i = 0; i < hosts; i += 2)
        join(lab, i, listen_on(lab, i + 1), &from[i], &to);
    while (sockeye_next_change(lab, &change))
        ;
    begin();
    for (int i = 0; i < hosts; i += 2)
        send_small(lab, i, from[i]);
    while (done < n) {
        pass_time(lab);
        while (sockeye_next_change(lab, &change))
            done += answer(lab, &change);
    }
    end();
    free(from);
    sockeye_close(lab);
}

static void run_hosts(int n)
{
    run_pairs(n, n);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(int n);
    } paths[] = {{"bulk", run_bulk},   {"echo", run_echo},      {"connect", run_connect},
                 {"udp", run_udp},     {"open", run_open},      {"fresh", run_fresh},
                 {"hosts", run_hosts}, {"carried", run_carried}};
    int n = argc > 2 ? atoi(argv[2]) : -1;

    if (n >= 0 && n <= MOST && argc == 4 && strcmp(argv[1], "pairs") == 0) {
        run_pairs(n, atoi(argv[3]));
        printf("seconds %.6f\n", spent);
        return 0;
    }
    for (size_t i = 0; n >= 0 && n <= MOST && argc == 3 && i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(argv[1], paths[i].name) != 0)
            continue;
        paths[i].run(n);
        printf("seconds %.6f\n", spent);
        return 0;
    }
    fprintf(stderr, "usage: paths PATH N, or paths pairs N HOSTS\n");
    return 2;
}
