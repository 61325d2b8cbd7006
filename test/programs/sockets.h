/* SPDX-License-Identifier: MIT */
/*
 * What the programs of socket checks share: addresses of the loopback, a listener, a connection,
 * waiting, signals, and their main function.
 */
#pragma once
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct sockaddr sa;

__attribute__((unused)) static struct sockaddr_in at(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

__attribute__((unused)) static uint16_t port_of(int fd)
{
    struct sockaddr_in name = {0};
    socklen_t length = sizeof name;

    check_equal(getsockname(fd, (sa *)&name, &length), 0);
    check_equal(length, sizeof name);
    return ntohs(name.sin_port);
}

__attribute__((unused)) static int listener(uint16_t *port)
{
    struct sockaddr_in any = at(0);
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    check(fd >= 0);
    check_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    check_equal(bind(fd, (sa *)&any, sizeof any), 0);
    check_equal(listen(fd, 16), 0);
    *port = port_of(fd);
    return fd;
}

/* A connection: pair[0] connected, pair[1] accepted. */
__attribute__((unused)) static void connection(int pair[2])
{
    uint16_t port;
    int l = listener(&port);
    struct sockaddr_in to = at(port);

    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    check_equal(connect(pair[0], (sa *)&to, sizeof to), 0);
    pair[1] = accept(l, NULL, NULL);
    check(pair[1] >= 0);
    close(l);
}

__attribute__((unused)) static int wait_for(int fd, short events, int ms)
{
    struct pollfd p = {.fd = fd, .events = events};

    poll(&p, 1, ms);
    return p.revents;
}

__attribute__((unused)) static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

__attribute__((unused)) static int socket_error(int fd)
{
    int error = -1;
    socklen_t length = sizeof error;

    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
}

/* A port at which nobody listens, and that nobody else can have meanwhile: it stays bound. */
__attribute__((unused)) static uint16_t closed_port(void)
{
    struct sockaddr_in name = at(0);
    socklen_t length = sizeof name;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    check(fd >= 0 && bind(fd, (struct sockaddr *)&name, length) == 0);
    check(getsockname(fd, (struct sockaddr *)&name, &length) == 0);
    return ntohs(name.sin_port);
}

__attribute__((unused)) static volatile sig_atomic_t signals;

__attribute__((unused)) static void on_signal(int number)
{
    (void)number;
    signals++;
}

__attribute__((unused)) static void alarm_in_ms(int ms, int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    struct itimerval timer = {.it_value.tv_usec = ms * 1000};

    signals = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

__attribute__((unused)) static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((unused)) static int sockets_main(int argc, char **argv, const struct test *tests,
                                                size_t count)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(0);
    if (argc == 2) { /* one test, by its number */
        size_t i = strtoul(argv[1], NULL, 10);

        return i == 0 || i > count || test_main(&tests[i - 1], 1);
    }
    return test_main(tests, count);
}
