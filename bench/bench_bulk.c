/* SPDX-License-Identifier: MIT */
/*
 * One bulk transfer in virtual time: segments of MSS 1460 with real checksums, over a perfect wire
 * of 10 Gbit/s. Everything is in one process and one thread, so the time is the CPU's for both
 * stacks, the wire and both programs. Beside it, memcpy of the same bytes in pieces of a segment.
 *
 *     bench_bulk [MEGABYTES [RUNS]]      medians; default 64, 7
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { CHUNK = 65536, MSS = 1460, MOST_RUNS = 99 };

static uint8_t chunk[CHUNK], sink[CHUNK];

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
    fprintf(stderr, "bench_bulk: %s\n", what);
    exit(1);
}

static void make_pair(struct sockeye *lab)
{
    const struct sockeye_wire_config wire = {.rate_bits = 10000000000, .delay_ns = 10000};

    must(sockeye_wire(lab, "w", &wire, NULL) == 0, "wire");
    for (int host = 0; host < 2; host++) {
        must(sockeye_host(lab, host ? "b" : "a") == host, "host");
        must(sockeye_set(lab, host, "net.ipv4.tcp_timestamps", "0") == 0, "setting");
        must(sockeye_interface(lab, host, "eth0", 0, host, NULL) == 1, "interface");
        must(sockeye_address(lab, host, 1, host ? "10.0.0.2/24" : "10.0.0.1/24") == 0, "address");
    }
}

/* Opens a connection from a to b. */
static void join(struct sockeye *lab, int *from, int *to)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(5001)};
    int listener = sockeye_socket(lab, 1, AF_INET, SOCK_STREAM, 0);

    must(sockeye_bind(lab, 1, listener, &a, sizeof a) == 0, "bind");
    must(sockeye_listen(lab, 1, listener, 1) == 0, "listen");
    a.sin_addr.s_addr = htonl(0x0a000002);
    *from = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0);
    must(sockeye_connect(lab, 0, *from, &a, sizeof a) == -EINPROGRESS, "connect");
    while ((*to = sockeye_accept(lab, 1, listener, NULL, NULL)) == -EAGAIN)
        must(sockeye_step(lab, SOCKEYE_NEVER - 1), "accept");
    must(*to >= 0, "accept");
}

/* Moves `total` bytes. @return CPU seconds */
static double transfer(uint64_t total)
{
    struct sockeye_config config = {.seed = 1, .hosts = 2, .wires = 1};
    uint64_t sent = 0, received = 0;
    struct sockeye *lab;
    double start;
    int from, to;

    must(sockeye_open(&config, &lab) == 0, "open");
    make_pair(lab);
    join(lab, &from, &to);
    start = seconds();
    while (received < total) {
        ssize_t n = 1;

        while (sent < total && n > 0) {
            uint64_t left = total - sent;

            n = sockeye_send(lab, 0, from, chunk, left < CHUNK ? (size_t)left : CHUNK, 0);
            must(n > 0 || n == -EAGAIN, "send");
            sent += n > 0 ? (uint64_t)n : 0;
        }
        must(sockeye_next_deadline(lab) != SOCKEYE_NEVER, "the transfer stands still");
        sockeye_advance(lab, sockeye_now(lab) + 20000);
        while ((n = sockeye_receive(lab, 1, to, sink, CHUNK, 0)) > 0)
            received += (uint64_t)n;
        must(n == -EAGAIN, "receive");
    }
    start = seconds() - start;
    must(sockeye_drops(lab, -1, DROP_WIRE_QUEUE_FULL) == 0, "the wire's queue was full");
    sockeye_close(lab);
    return start;
}

/* memcpy of the same bytes, in pieces of one segment, through memory as large as a socket buffer.
 */
static double copying(uint64_t total)
{
    enum { BUFFER = 4 << 20 };
    static uint8_t *buffer;
    double start;
    size_t at = 0;

    if (!buffer)
        buffer = malloc(BUFFER);
    must(buffer != NULL, "memory");
    memset(buffer, 1, BUFFER);
    start = seconds();
    for (uint64_t done = 0; done < total; done += MSS) {
        at = at + 2 * MSS > BUFFER ? 0 : at + MSS;
        memcpy(buffer + at, chunk + done % (CHUNK - MSS), MSS);
        __asm__ volatile("" ::"r"(buffer) : "memory");
    }
    return seconds() - start;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(double (*measure)(uint64_t), uint64_t total, int runs)
{
    double times[MOST_RUNS];

    for (int i = 0; i < runs; i++)
        times[i] = measure(total);
    qsort(times, (size_t)runs, sizeof *times, by_value);
    return times[runs / 2];
}

int main(int argc, char **argv)
{
    int megabytes = argc > 1 ? atoi(argv[1]) : 64, runs = argc > 2 ? atoi(argv[2]) : 7;
    uint64_t total;
    double bulk, copy, segments;

    if (megabytes < 1 || megabytes > 100000 || runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: bench_bulk [MEGABYTES [RUNS]]\n");
        return 2;
    }
    total = (uint64_t)megabytes << 20;
    for (size_t i = 0; i < CHUNK; i++)
        chunk[i] = (uint8_t)(i * 31);
    segments = (double)total / MSS;
    copy = median(copying, total, runs);
    bulk = median(transfer, total, runs);
    printf("bulk, %d MB, MSS %d, checksums on, both ends in one thread, median of %d\n", megabytes,
           MSS, runs);
    printf("  transfer  %8.0f ns a segment  %6.2f Gbit a CPU-second\n", bulk * 1e9 / segments,
           (double)total * 8 / bulk / 1e9);
    printf("  memcpy    %8.0f ns a segment  %6.2f Gbit a CPU-second\n", copy * 1e9 / segments,
           (double)total * 8 / copy / 1e9);
    printf("  transfer / memcpy  %.1f\n", bulk / copy);
    return 0;
}
