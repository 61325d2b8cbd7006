/* SPDX-License-Identifier: MIT */
/*
 * bulk listen PORT BYTES, bulk connect HOST PORT BYTES: each sends BYTES of a pattern and expects
 * as many, at the same time, over one TCP connection; exit code 0 if all came as it was sent.
 */
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 20000 };

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 13 + i / 253 + i / 65519);
}

static ssize_t put(int fd, size_t from, size_t total)
{
    static uint8_t bytes[CHUNK];
    size_t step = total - from < CHUNK ? total - from : CHUNK;

    for (size_t i = 0; i < step; i++)
        bytes[i] = pattern(from + i);
    return send(fd, bytes, step, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t take(int fd, size_t from)
{
    static uint8_t bytes[CHUNK];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] != pattern(from + (size_t)i))
            return -2;
    return n;
}

static int exchange(int fd, size_t total)
{
    size_t sent = 0, received = 0;
    bool ended = false; /* the peer may be done before we are */

    while (!ended || sent < total) {
        struct pollfd p = {.fd = fd,
                           .events = (short)((ended ? 0 : POLLIN) | (sent < total ? POLLOUT : 0))};
        ssize_t n;

        if (poll(&p, 1, 60000) != 1) {
            fprintf(stderr, "bulk: nothing for a minute\n");
            return 1;
        }
        if (p.revents & POLLOUT && sent < total && (n = put(fd, sent, total)) > 0) {
            sent += (size_t)n;
            if (sent == total)
                shutdown(fd, SHUT_WR);
        }
        if (ended && (p.revents & POLLERR) != 0)
            return 1;
        if (ended || !(p.revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        n = take(fd, received);
        if (n == -2)
            fprintf(stderr, "bulk: bytes differ after %zu\n", received);
        if (n == -2)
            return 1;
        ended = n == 0;
        if (n > 0)
            received += (size_t)n;
    }
    return received != total;
}

int main(int argc, char **argv)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *to;
    int fd, l, one = 1;

    if (argc < 4 || getaddrinfo(argc == 5 ? argv[2] : "0.0.0.0", argv[argc - 2], &hints, &to) != 0)
        return 2;
    fd = l = socket(AF_INET, SOCK_STREAM, 0);
    if (argc == 5) {
        if (connect(fd, to->ai_addr, to->ai_addrlen) < 0)
            return 3;
    } else {
        setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (bind(l, to->ai_addr, to->ai_addrlen) < 0 || listen(l, 1) < 0)
            return 3;
        fd = accept(l, NULL, NULL);
    }
    freeaddrinfo(to);
    return fd < 0 ? 4 : exchange(fd, strtoul(argv[argc - 1], NULL, 10));
}
