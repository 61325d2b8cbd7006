/* SPDX-License-Identifier: MIT */
/*
 * A host of ours on a wire into the kernel: a lab whose door is a TAP device of this network
 * namespace. It serves echo (port 7, TCP and UDP), a little HTTP (port 80: /N is N bytes of a
 * pattern), and does what it is told by lines on its standard input, with a line of answer each:
 *
 *     ping ADDRESS SIZE COUNT       how many replies came
 *     get ADDRESS PORT BYTES        of a server of the kernel that sends it; "ok" or why not
 *     udp ADDRESS PORT SIZE         is a datagram echoed?
 *     drops                         what was dropped, by reason
 *     add ADDRESS/PREFIX            to the interface; "auto": from router advertisements
 *     join GROUP                    a socket hears it, on port 7000; "leave" closes it
 *     heard                         what it has heard
 *     end
 *
 *     peer TAP MTU ADDRESS/PREFIX...    then "ready" is written
 *
 * Test programs alone use it: it is as simple as it may be, and bounded in time by its caller.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { FRAME = 70000, CONNECTIONS = 256, CHUNK = 65536, PORT_ECHO = 7, PORT_HTTP = 80 };

static struct sockeye *lab;
static int host, door, tap, interface; /* by number; tap: a descriptor */
static int64_t base;

enum role { NOBODY, LISTEN_ECHO, LISTEN_HTTP, ECHO, HTTP, UDP_ECHO, CLIENT };

/* By descriptor of the lab's host. */
static struct connection {
    enum role role;
    uint64_t at, total; /* of the pattern: sent or received */
    uint8_t held[CHUNK];
    size_t has;
    bool answered, failed, ended;
} * of[CONNECTIONS];

static int64_t clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec - base;
}

static uint8_t pattern(uint64_t at)
{
    return (uint8_t)(at * 131 + (at >> 8) * 17 + (at >> 16));
}

static void fail(const char *what, int result)
{
    printf("failed %s: %s\n", what, sockeye_strerror(result));
    exit(1);
}

static int check(const char *what, int result)
{
    if (result < 0)
        fail(what, result);
    return result;
}

static void open_tap(const char *name)
{
    struct ifreq request;

    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0) {
        printf("failed tap: %s\n", strerror(errno));
        exit(2);
    }
}

static struct connection *watch(int fd, enum role role)
{
    if (fd >= CONNECTIONS) {
        (void)sockeye_close_fd(lab, host, fd);
        return NULL;
    }
    free(of[fd]);
    of[fd] = calloc(1, sizeof *of[fd]);
    if (!of[fd])
        abort();
    of[fd]->role = role;
    return of[fd];
}

static void forget(int fd)
{
    (void)sockeye_close_fd(lab, host, fd);
    free(of[fd]);
    of[fd] = NULL;
}

/* A socket bound to a port of both families, or of IPv4 alone where there is no IPv6. */
static void serve(int type, uint16_t port, enum role role)
{
    struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = sockeye_socket(lab, host, AF_INET6, type, 0);

    if (fd >= 0) {
        check("bind", sockeye_bind(lab, host, fd, &any6, sizeof any6));
    } else {
        fd = check("socket", sockeye_socket(lab, host, AF_INET, type, 0));
        check("bind", sockeye_bind(lab, host, fd, &any, sizeof any));
    }
    if (type == SOCK_STREAM)
        check("listen", sockeye_listen(lab, host, fd, 128));
    (void)watch(fd, role);
}

static void accept_all(int fd, enum role role)
{
    int got;

    while ((got = sockeye_accept(lab, host, fd, NULL, NULL)) >= 0)
        (void)watch(got, role);
}

static void echo(int fd, struct connection *c)
{
    for (;;) {
        ssize_t n;

        if (c->has == 0) {
            n = sockeye_receive(lab, host, fd, c->held, sizeof c->held, 0);
            if (n == -EAGAIN)
                return;
            if (n <= 0) {
                forget(fd);
                return;
            }
            c->has = (size_t)n;
            c->at = 0;
        }
        n = sockeye_send(lab, host, fd, c->held + c->at, c->has - c->at, MSG_NOSIGNAL);
        if (n < 0) {
            if (n != -EAGAIN)
                forget(fd);
            return;
        }
        c->at += (uint64_t)n;
        if (c->at == c->has)
            c->has = 0;
    }
}

static void echo_datagrams(int fd)
{
    static uint8_t bytes[CHUNK];
    struct sockaddr_storage from;
    ssize_t n;

    for (;;) {
        struct sockeye_message m = {.bytes = bytes,
                                    .length = sizeof bytes,
                                    .address = &from,
                                    .address_length = sizeof from};

        n = sockeye_receive_message(lab, host, fd, &m, 0);
        if (n == -EAGAIN)
            return;
        if (n < 0)
            continue;
        m.length = (size_t)n;
        (void)sockeye_send_message(lab, host, fd, &m, MSG_NOSIGNAL);
    }
}

static void http(int fd, struct connection *c)
{
    if (!c->answered) {
        ssize_t n =
            sockeye_receive(lab, host, fd, c->held + c->has, sizeof c->held - 1 - c->has, 0);
        char head[128];

        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            forget(fd);
            return;
        }
        c->has += (size_t)n;
        c->held[c->has] = '\0';
        if (!strstr((char *)c->held, "\r\n\r\n"))
            return;
        c->answered = true;
        c->total = strtoull(strncmp((char *)c->held, "GET /", 5) == 0 ? (char *)c->held + 5 : "0",
                            NULL, 10);
        snprintf(head, sizeof head,
                 "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\nConnection: close\r\n\r\n",
                 (unsigned long long)c->total);
        (void)sockeye_send(lab, host, fd, head, strlen(head), MSG_NOSIGNAL);
    }
    while (c->at < c->total) {
        size_t some = c->total - c->at < CHUNK ? (size_t)(c->total - c->at) : CHUNK;
        ssize_t n;

        for (size_t i = 0; i < some; i++)
            c->held[i] = pattern(c->at + i);
        n = sockeye_send(lab, host, fd, c->held, some, MSG_NOSIGNAL);
        if (n == -EAGAIN)
            return;
        if (n < 0) {
            forget(fd);
            return;
        }
        c->at += (uint64_t)n;
    }
    if (!c->ended)
        (void)sockeye_shutdown(lab, host, fd, SHUT_WR);
    c->ended = true;
    if (sockeye_receive(lab, host, fd, c->held, sizeof c->held, 0) != -EAGAIN)
        forget(fd);
}

/* What a server of the kernel sends is the pattern, whole, and ends. */
static void client(int fd, struct connection *c)
{
    for (;;) {
        ssize_t n = sockeye_receive(lab, host, fd, c->held, sizeof c->held, 0);

        if (n == -EAGAIN || c->failed || c->ended)
            return;
        if (n < 0)
            c->failed = true;
        if (n == 0)
            c->ended = true;
        for (ssize_t i = 0; i < n; i++)
            c->failed |= c->held[i] != pattern(c->at++);
    }
}

static void on_change(int fd)
{
    struct connection *c = fd >= 0 && fd < CONNECTIONS ? of[fd] : NULL;

    if (!c)
        return;
    switch (c->role) {
    case LISTEN_ECHO:
        accept_all(fd, ECHO);
        break;
    case LISTEN_HTTP:
        accept_all(fd, HTTP);
        break;
    case ECHO:
        echo(fd, c);
        break;
    case HTTP:
        http(fd, c);
        break;
    case UDP_ECHO:
        echo_datagrams(fd);
        break;
    case CLIENT:
        client(fd, c);
        break;
    case NOBODY:
        break;
    }
}

/* One turn: the clock, frames both ways, sockets; then waits at most so long. */
static void turn(int64_t most_ns)
{
    static uint8_t frame[FRAME];
    struct pollfd polls[] = {{.fd = tap, .events = POLLIN}};
    struct sockeye_change change;
    int64_t left = clock_now(), next, when;
    ssize_t n;

    (void)sockeye_advance(lab, left);
    for (int i = 0; i < 256 && (n = read(tap, frame, sizeof frame)) > 0; i++)
        (void)sockeye_inject(lab, door, frame, (size_t)n);
    (void)sockeye_advance(lab, clock_now());
    while (sockeye_next_change(lab, &change))
        on_change(change.fd);
    while ((n = sockeye_emit(lab, door, frame, sizeof frame, &when)) > 0)
        if (write(tap, frame, (size_t)n) < 0 && errno != EAGAIN)
            break; /* the kernel's side is down: as lost as on a wire that is cut */
    next = sockeye_next_deadline(lab) - clock_now();
    if (next > most_ns)
        next = most_ns;
    if (next > 0) {
        struct timespec t = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};

        (void)ppoll(polls, 1, &t, NULL);
    }
}

static uint32_t name_of(const char *text, unsigned port, struct sockaddr_storage *name)
{
    struct sockaddr_in *in = (void *)name;
    struct sockaddr_in6 *in6 = (void *)name;
    char address[64];

    memset(name, 0, sizeof *name);
    snprintf(address, sizeof address, "%s", text);
    address[strcspn(address, "%")] = '\0';
    if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        return sizeof *in;
    }
    if (inet_pton(AF_INET6, address, &in6->sin6_addr) != 1)
        return 0;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)port);
    if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) || IN6_IS_ADDR_MULTICAST(&in6->sin6_addr))
        in6->sin6_scope_id = (uint32_t)interface + 1; /* as the ABI counts: lo is 1 */
    return sizeof *in6;
}

static void do_ping(const char *address, unsigned size, unsigned count)
{
    static uint8_t out[FRAME], in[FRAME];
    struct sockaddr_storage to;
    uint32_t length = name_of(address, 0, &to);
    bool is6 = to.ss_family == AF_INET6;
    int fd =
        sockeye_socket(lab, host, to.ss_family, SOCK_DGRAM, is6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    unsigned replies = 0;

    if (length == 0 || fd < 0 || size > 65535) {
        printf("failed socket: %s\n", sockeye_strerror(fd));
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct sockeye_message m = {
            .bytes = out, .length = 8 + size, .address = &to, .address_length = length};
        int64_t until = clock_now() + 2000000000;
        ssize_t n = -EAGAIN;

        memset(out, 0, 8);
        out[0] = is6 ? 128 : 8;
        out[7] = (uint8_t)i;
        for (unsigned k = 0; k < size; k++)
            out[8 + k] = pattern(k + i);
        (void)sockeye_send_message(lab, host, fd, &m, MSG_NOSIGNAL);
        while (clock_now() < until && n == -EAGAIN) {
            turn(10000000);
            n = sockeye_receive(lab, host, fd, in, sizeof in, 0);
        }
        replies += n == (ssize_t)(8 + size) && in[0] == (is6 ? 129 : 0) && in[7] == out[7] &&
                   memcmp(in + 8, out + 8, size) == 0;
    }
    (void)sockeye_close_fd(lab, host, fd);
    printf("ok %u\n", replies);
}

static void do_get(const char *address, unsigned port, uint64_t bytes)
{
    struct sockaddr_storage to;
    uint32_t length = name_of(address, port, &to);
    int fd = sockeye_socket(lab, host, to.ss_family, SOCK_STREAM, 0), result = -EINVAL;
    int64_t until = clock_now() + 60000000000;
    struct connection *c = fd >= 0 ? watch(fd, CLIENT) : NULL;

    if (c && length > 0)
        result = sockeye_connect(lab, host, fd, &to, length);
    while (c && result == -EINPROGRESS && !c->ended && !c->failed && clock_now() < until)
        turn(10000000);
    if (c && c->ended && !c->failed && c->at == bytes)
        printf("ok %llu\n", (unsigned long long)c->at);
    else
        printf("failed %s after %llu bytes\n", sockeye_strerror(c ? result : fd),
               (unsigned long long)(c ? c->at : 0));
    if (c)
        forget(fd);
}

static void do_udp(const char *address, unsigned port, unsigned size)
{
    static uint8_t out[FRAME], in[FRAME];
    struct sockaddr_storage to;
    uint32_t length = name_of(address, port, &to);
    int fd = sockeye_socket(lab, host, to.ss_family, SOCK_DGRAM, 0);
    struct sockeye_message m = {
        .bytes = out, .length = size, .address = &to, .address_length = length};
    int64_t until = clock_now() + 2000000000;
    ssize_t n;

    for (unsigned k = 0; k < size; k++)
        out[k] = pattern(k);
    n = sockeye_connect(lab, host, fd, &to, length); /* or it would hear of no refusal */
    m.address = NULL;
    m.address_length = 0;
    if (n == 0)
        n = sockeye_send_message(lab, host, fd, &m, MSG_NOSIGNAL);
    if (n >= 0)
        n = -EAGAIN;
    while (clock_now() < until && n == -EAGAIN) {
        turn(10000000);
        n = sockeye_receive(lab, host, fd, in, sizeof in, 0);
    }
    (void)sockeye_close_fd(lab, host, fd);
    if (n == (ssize_t)size && memcmp(in, out, size) == 0)
        printf("ok %u\n", size);
    else
        printf("failed %s\n", n < 0 ? sockeye_strerror((int)n) : "another answer");
}

static void do_drops(void)
{
    printf("ok");
    for (unsigned i = 0; i < DROP_COUNT; i++)
        if (sockeye_drops(lab, host, i))
            printf(" %s=%llu", event_drop_name(i), (unsigned long long)sockeye_drops(lab, host, i));
    printf("\n");
}

static int listener = -1; /* the socket that has joined a group */

static void do_join(const char *group)
{
    struct group_req request = {.gr_interface = (uint32_t)interface + 1};
    struct sockaddr_storage any;
    uint32_t length = name_of(group, 0, &request.gr_group);
    bool is6 = request.gr_group.ss_family == AF_INET6;
    int result;

    (void)name_of(is6 ? "::" : "0.0.0.0", 7000, &any);
    listener = sockeye_socket(lab, host, any.ss_family, SOCK_DGRAM, 0);
    result = listener < 0 ? listener : sockeye_bind(lab, host, listener, &any, length);
    if (result == 0)
        result = sockeye_set_option(lab, host, listener, is6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                    MCAST_JOIN_GROUP, &request, sizeof request);
    printf("%s\n", result < 0 ? sockeye_strerror(result) : "ok");
}

static void do_heard(void)
{
    char text[1500];
    ssize_t n = sockeye_receive(lab, host, listener, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    printf("%s\n", n < 0 ? sockeye_strerror((int)n) : text);
}

static void obey(char *line)
{
    char address[128] = "";
    unsigned long long a = 0, b = 0;

    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "ping %127s %llu %llu", address, &a, &b) == 3)
        do_ping(address, (unsigned)a, (unsigned)b);
    else if (sscanf(line, "get %127s %llu %llu", address, &a, &b) == 3)
        do_get(address, (unsigned)a, b);
    else if (sscanf(line, "udp %127s %llu %llu", address, &a, &b) == 3)
        do_udp(address, (unsigned)a, (unsigned)b);
    else if (sscanf(line, "add %127s", address) == 1)
        printf("%s\n", sockeye_address(lab, host, interface, address) < 0 ? "failed" : "ok");
    else if (sscanf(line, "join %127s", address) == 1)
        do_join(address);
    else if (strcmp(line, "heard") == 0)
        do_heard();
    else if (strcmp(line, "leave") == 0)
        printf("%s\n", sockeye_close_fd(lab, host, listener) < 0 ? "failed" : "ok");
    else if (strcmp(line, "drops") == 0)
        do_drops();
    else if (strcmp(line, "end") == 0)
        exit(sockeye_check(lab) == 0 ? 0 : 3);
    else
        printf("failed: no such command\n");
}

int main(int argc, char **argv)
{
    char line[256];
    size_t has = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 3)
        return 64;
    base = clock_now();
    check("open", sockeye_open(NULL, &lab));
    host = check("host", sockeye_host(lab, "sockeye"));
    door = check("door", sockeye_door(lab, "tap", SOCKEYE_DOOR_ETHERNET, (uint32_t)atoi(argv[2])));
    interface = check("interface", sockeye_interface(lab, host, "eth0", door, 0, NULL));
    open_tap(argv[1]);
    for (int i = 3; i < argc; i++)
        check(argv[i], sockeye_address(lab, host, interface, argv[i]));
    serve(SOCK_STREAM, PORT_ECHO, LISTEN_ECHO);
    serve(SOCK_STREAM, PORT_HTTP, LISTEN_HTTP);
    serve(SOCK_DGRAM, PORT_ECHO, UDP_ECHO);
    (void)fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    printf("ready\n");
    for (;;) {
        ssize_t n = read(0, line + has, 1);

        if (n == 0)
            return 0;
        if (n == 1 && line[has++] != '\n' && has < sizeof line - 1)
            continue;
        if (n == 1) {
            line[has] = '\0';
            has = 0;
            obey(line);
        }
        turn(n == 1 ? 0 : 20000000);
    }
}
