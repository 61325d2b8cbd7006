/* SPDX-License-Identifier: MIT */
/*
 * parked wait COUNT: so many threads wait for a datagram, each on a port of its own from 10000 on,
 * with a time limit, and never get one but the first, which ends the program when it got its last.
 * parked poke HOST COUNT: sends so many to the first.
 * parked hold COUNT: so many connections between a listener and its own, then it waits for ever.
 * parked crowd: connects to its own listener until the lab has no room for more, and cannot accept
 * then either; then it makes room and talks with itself by one more.
 * parked look: polls its own listener, accepts when it is told to, and ends.
 * parked shut COUNT: so many connections to its own listener, each shut both ways, then closed;
 * then it listens at the next port and waits for ever.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { FIRST_PORT = 10000, STACK = 65536 };

static struct sockaddr_in at_port(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    return address;
}

static void *wait_for_one(void *argument)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    int fd = *(int *)argument;
    char byte = 'x';

    while (byte != '.')
        if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &length) != 1)
            _exit(1);
    _exit(0);
}

static int wait_all(unsigned count)
{
    int *fds = calloc(count, sizeof *fds);
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (unsigned i = 0; fds != NULL && i < count; i++) {
        struct sockaddr_in address = at_port(FIRST_PORT + i);
        struct timeval limit = {.tv_sec = 1000 + i % 7};

        fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
        if (fds[i] < 0 || setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
            bind(fds[i], (struct sockaddr *)&address, sizeof address) < 0 ||
            pthread_create(&thread, &attributes, wait_for_one, &fds[i]) != 0) {
            perror("parked");
            return 1;
        }
    }
    pause();
    return 1;
}

static int poke(const char *host, unsigned count)
{
    struct addrinfo want = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0 || getaddrinfo(host, "10000", &want, &found) != 0)
        return 1;
    for (unsigned i = 0; i < count; i++)
        if (sendto(fd, i + 1 < count ? "x" : ".", 1, 0, found->ai_addr, found->ai_addrlen) != 1)
            return 1;
    freeaddrinfo(found);
    return 0;
}

static int hold(unsigned count)
{
    struct sockaddr_in address = at_port(FIRST_PORT);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 10) < 0)
        return 1;
    for (unsigned i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
            accept(listener, NULL, NULL) < 0 || socket(AF_INET, SOCK_STREAM, 0) < 0)
            return 1;
    }
    address.sin_port = htons(FIRST_PORT + 1);
    if (listen(listener, 10) < 0)
        return 1;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, 10) < 0)
        return 1;
    pause();
    return 1;
}

static int connected(void)
{
    struct sockaddr_in address = at_port(FIRST_PORT);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* The other end of the connection, among those that wait before it. */
static int accepted(int listener, int fd)
{
    struct sockaddr_in own = {0}, from = {0};
    socklen_t length = sizeof own;

    getsockname(fd, (struct sockaddr *)&own, &length);
    for (;;) {
        int end = accept(listener, (struct sockaddr *)&from, &length);

        if (end >= 0 && from.sin_port == own.sin_port)
            return end;
        if (end >= 0)
            close(end);
    }
}

static int crowd(void)
{
    enum { MOST = 500, TOO_MANY = 3 };
    struct sockaddr_in address = at_port(FIRST_PORT);
    int listener = socket(AF_INET, SOCK_STREAM, 0), fds[MOST], count = 0, fd;
    char byte = 0;

    alarm(20);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, MOST) < 0)
        return 1;
    while (count < MOST && (fds[count] = connected()) >= 0)
        count++;
    if (count == MOST || errno != ENFILE)
        return 1;
    for (int i = 0; i < TOO_MANY; i++)
        if (connected() >= 0 || errno != ENFILE || accept(listener, NULL, NULL) >= 0 ||
            errno != ENFILE)
            return 1;
    while (count > 0)
        close(fds[--count]);
    while ((fd = connected()) < 0)
        usleep(1000);
    return send(fd, "x", 1, 0) != 1 || recv(accepted(listener, fd), &byte, 1, 0) != 1 ||
           byte != 'x';
}

static int look(void)
{
    struct sockaddr_in address = at_port(FIRST_PORT);
    struct pollfd p = {.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};

    if (bind(p.fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(p.fd, 5) < 0)
        return 1;
    return poll(&p, 1, 30000) != 1 || accept(p.fd, NULL, NULL) < 0;
}

static int shut(unsigned count)
{
    struct sockaddr_in address = at_port(FIRST_PORT);

    for (unsigned i = 0; i < 2; i++) {
        int listener = socket(AF_INET, SOCK_STREAM, 0);

        address.sin_port = htons((uint16_t)(FIRST_PORT + i));
        if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
            listen(listener, (int)count) < 0)
            return 1;
        for (unsigned k = 0; i == 0 && k < count; k++) {
            int fd = connected();

            if (fd < 0 || shutdown(fd, SHUT_RDWR) < 0)
                return 1;
            usleep(1000);
            close(fd);
        }
    }
    pause();
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "wait") == 0)
        return wait_all((unsigned)strtoul(argv[2], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "poke") == 0)
        return poke(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "hold") == 0)
        return hold((unsigned)strtoul(argv[2], NULL, 10));
    if (argc == 2 && strcmp(argv[1], "crowd") == 0)
        return crowd();
    if (argc == 2 && strcmp(argv[1], "look") == 0)
        return look();
    if (argc == 3 && strcmp(argv[1], "shut") == 0)
        return shut((unsigned)strtoul(argv[2], NULL, 10));
    return 2;
}
