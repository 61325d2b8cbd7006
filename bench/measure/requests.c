/* SPDX-License-Identifier: MIT */
/*
 * A client for bench/measure/nginx_close.yaml, which knows nothing of Sockeye: COUNT requests with
 * Connection: close, one after another, each on a connection of its own.
 *
 *     requests ADDRESS PORT COUNT      prints how many, and how many a second
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One request: the answer to its end. @return false if anything went wrong */
static int is_answered(const struct sockaddr_in *server)
{
    static const char ask[] = "GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[4096];
    ssize_t n, all = 0;

    if (fd < 0 || connect(fd, (const struct sockaddr *)server, sizeof *server) < 0 ||
        write(fd, ask, sizeof ask - 1) != (ssize_t)sizeof ask - 1)
        return 0;
    while ((n = read(fd, answer, sizeof answer)) > 0) {
        if (all == 0 && (n < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0))
            return 0;
        all += n;
    }
    return close(fd) == 0 && n == 0 && all > 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    int count = argc == 4 ? atoi(argv[3]) : 0;
    double start = seconds();

    if (count < 1 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) {
        fprintf(stderr, "usage: requests ADDRESS PORT COUNT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[2]));
    for (int i = 0; i < count; i++) {
        if (!is_answered(&server)) {
            fprintf(stderr, "requests: number %d failed\n", i + 1);
            return 1;
        }
    }
    printf("%d requests, %.1f a second\n", count, count / (seconds() - start));
    return 0;
}
