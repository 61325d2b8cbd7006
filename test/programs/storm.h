/* SPDX-License-Identifier: MIT */
/*
 * What storm.c's kinds of calls stand on: the storm itself, faults counted, calls that are made
 * again when a signal ended them, sockets, and what is asked of the peer.
 */
#pragma once
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { PEER = 7100, CALLED = 7101, ASKED = 7102, THREADS = 4, STACK = 65536, SHOWN = 5 };

enum waits { NEVER_WAITS, MAY_WAIT };

static struct sockaddr_in peer, own;
static unsigned interval;
static bool restarts, is_timed; /* timed: the socket has a time, then EINTR in any case */
static int64_t end_of_kind;
static _Atomic long faults, interrupted;
static volatile sig_atomic_t ticks;

static void on_signal(int number)
{
    (void)number;
    ticks++;
}

__attribute__((format(printf, 1, 2))) static void fault(const char *format, ...)
{
    va_list list;
    int error = errno;

    if (faults++ < SHOWN) {
        va_start(list, format);
        vprintf(format, list);
        va_end(list);
        printf(" (%s)\n", strerror(error));
    }
}

static void fatal(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool is_over(void)
{
    return now() >= end_of_kind;
}

/* Was the call interrupted? Then it is made again. */
static bool again(long result, enum waits waits)
{
    if (result >= 0 || errno != EINTR)
        return false;
    if (waits == MAY_WAIT && (!restarts || is_timed))
        interrupted++;
    else
        fault(waits == MAY_WAIT ? "interrupted in spite of SA_RESTART"
                                : "a call that never waits is interrupted");
    return true;
}

#define TRY(result, waits, call)                                                                   \
    do                                                                                             \
        (result) = (call);                                                                         \
    while (again(result, waits))

/* Two signals, so that one may come in the handler of the other, or at its end. */
static void storm(bool on)
{
    static timer_t second;
    static bool is_made;
    struct itimerval timer = {.it_interval.tv_usec = on ? interval : 0,
                              .it_value.tv_usec = on ? interval : 0};
    struct itimerspec other = {.it_interval.tv_nsec = on ? interval * 3100L : 0,
                               .it_value.tv_nsec = on ? interval * 3100L : 0};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};

    if (!is_made && timer_create(CLOCK_MONOTONIC, &event, &second) < 0)
        fatal("timer_create");
    is_made = true;
    timer_settime(second, 0, &other, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static struct sockaddr *generic(struct sockaddr_in *address)
{
    return (struct sockaddr *)address;
}

static int descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    if (directory == NULL)
        return 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static int made(int type)
{
    int fd;

    TRY(fd, NEVER_WAITS, socket(AF_INET, type, 0));
    if (fd < 0)
        fatal("socket");
    return fd;
}

static int connected(void)
{
    int fd = made(SOCK_STREAM), r;

    own.sin_port = 0;
    TRY(r, NEVER_WAITS, bind(fd, generic(&own), sizeof own));
    if (r < 0)
        fault("bind to our address");
    TRY(r, MAY_WAIT, connect(fd, generic(&peer), sizeof peer));
    if (r < 0)
        fault("connect: %d", r);
    return fd;
}

static void put_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t n;

        TRY(n, MAY_WAIT, write(fd, at, length));
        if (n <= 0)
            fatal("write");
        at += n;
        length -= (size_t)n;
    }
}

static bool get_all(int fd, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t n;

        TRY(n, MAY_WAIT, read(fd, at, length));
        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

/* A connection on which the peer does what the letter says. */
static int asked(char letter, uint32_t count)
{
    uint32_t words[2] = {htonl((uint32_t)letter), htonl(count)};
    int fd = connected();

    put_all(fd, words, sizeof words);
    return fd;
}

static void answer(int fd, uint32_t words[2])
{
    if (!get_all(fd, words, 2 * sizeof *words))
        fatal("no answer of the peer");
    words[0] = ntohl(words[0]);
    words[1] = ntohl(words[1]);
}

static int listening(uint16_t port)
{
    int fd = made(SOCK_STREAM), one = 1, r;

    own.sin_port = htons(port);
    TRY(r, NEVER_WAITS, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    TRY(r, NEVER_WAITS, bind(fd, generic(&own), sizeof own));
    if (r == 0)
        TRY(r, NEVER_WAITS, listen(fd, 16));
    if (r < 0)
        fatal("listen");
    return fd;
}
