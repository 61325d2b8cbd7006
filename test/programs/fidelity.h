/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the oracle share. It drives sockets through states and prints, for each, a line
 * a question:
 *
 *     state | number question: answer
 *
 * Nothing printed depends on the machine, the addresses or on how fast things go: answers are error
 * names, event masks, small counts. Whoever acts from afar is the peer, a process of its own, here
 * or on another host, that obeys commands (fidelity_peer.h). What an act of the peer causes is
 * waited for by its event (await and its like, each with a bound), never by time; only where
 * nothing is to happen is there a pause.
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <linux/sockios.h>
#include <unistd.h>

enum {
    MOST_MS = 3000,
    FEW_MS = 150, /* for what some may not show at all */
    PAUSE_US = 20000,
    LINE = 256
};

/* not every oracle uses all of it */
#pragma GCC diagnostic ignored "-Wunused-function"

typedef struct sockaddr sa;

/* A name of either family; that it is longer than one of IPv4's is no mistake to any call. */
typedef union {
    struct sockaddr_in6 six;
    struct sockaddr_in four;
} place;

static int family = AF_INET;
static struct in6_addr there;  /* the peer's address; of IPv4 it is mapped */
static int control;            /* the stream of commands to it */
static uint16_t peer_port;     /* its TCP listener */
static uint16_t datagram_port; /* its UDP socket */
static const char *state_name;
static int row_number;

__attribute__((format(printf, 1, 2), noreturn)) static void give_up(const char *format, ...)
{
    va_list list;

    printf("Bail out! %s: ", state_name == NULL ? "start" : state_name);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    exit(1);
}

__attribute__((format(printf, 2, 3))) static void row(const char *question, const char *format, ...)
{
    va_list list;

    printf("%s | %d %s: ", state_name, ++row_number, question);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
}

/* "ok", a count, or the error's name. */
static const char *result_name(ssize_t result)
{
    static char text[4][32];
    static int next;
    char *t = text[next++ % 4];

    if (result < 0)
        return strerrorname_np(errno);
    snprintf(t, sizeof text[0], "%zd", result);
    return t;
}

static const char *error_name(int error)
{
    return error == 0 ? "none" : strerrorname_np(error);
}

/* The bits of poll and of epoll are the same numbers. */
static const char *events_name(unsigned events)
{
    static const struct {
        unsigned bit;
        const char *name;
    } bits[] = {{POLLIN, "IN"},   {POLLPRI, "PRI"},   {POLLOUT, "OUT"},    {POLLERR, "ERR"},
                {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"}, {POLLRDHUP, "RDHUP"}};
    static char text[4][64];
    static int next;
    char *t = text[next++ % 4];

    t[0] = '\0';
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (events & bits[i].bit) {
            if (t[0] != '\0')
                strcat(t, "+");
            strcat(t, bits[i].name);
        }
    if (t[0] == '\0')
        strcpy(t, "-");
    return t;
}

static unsigned poll_now(int fd, int most_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLPRI | POLLOUT | POLLRDHUP};

    return poll(&p, 1, most_ms) < 0 ? 0 : (unsigned short)p.revents;
}

static void pause_shortly(void)
{
    usleep(PAUSE_US);
}

/* Waits until all of these events are there. A state that is never reached shows in its rows. */
static void await_for(int fd, unsigned events, int most_ms)
{
    for (int ms = 0; ms < most_ms && (poll_now(fd, 0) & events) != events; ms++)
        usleep(1000);
}

static void await(int fd, unsigned events)
{
    await_for(fd, events, MOST_MS);
}

static int bytes_waiting(int fd)
{
    int bytes = 0;

    return ioctl(fd, FIONREAD, &bytes) < 0 ? -1 : bytes;
}

static void await_bytes(int fd, int bytes)
{
    for (int ms = 0; ms < MOST_MS && bytes_waiting(fd) < bytes; ms++)
        usleep(1000);
}

static int tcp_state(int fd)
{
    struct tcp_info info = {0};
    socklen_t length = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0 ? -1 : info.tcpi_state;
}

static void await_state(int fd, int state)
{
    for (int ms = 0; ms < MOST_MS && tcp_state(fd) != state; ms++)
        usleep(1000);
}

static void say(int fd, const char *line)
{
    size_t length = strlen(line);

    if (send(fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
        give_up("the peer is gone");
}

/* A line without its end. @return false: the other side has closed */
static bool hear(int fd, char *line)
{
    size_t length = 0;

    while (length < LINE - 1 && read(fd, line + length, 1) == 1) {
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
        length++;
    }
    return false;
}

/* Has the peer do something. @return its answer */
__attribute__((format(printf, 1, 2))) static const char *ask(const char *format, ...)
{
    static char answer[LINE];
    char line[LINE];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line - 1, format, list);
    va_end(list);
    strcat(line, "\n");
    say(control, line);
    if (!hear(control, answer))
        give_up("the peer does not answer: %s", line);
    return answer;
}

static place at(struct in6_addr address, uint16_t port)
{
    place name = {{0}};

    if (family == AF_INET) {
        name.four.sin_family = AF_INET;
        memcpy(&name.four.sin_addr, &address.s6_addr[12], sizeof name.four.sin_addr);
    } else {
        name.six.sin6_family = AF_INET6;
        name.six.sin6_addr = address;
    }
    name.four.sin_port = htons(port); /* where the other has it too */
    return name;
}

static place anywhere(void)
{
    return at(in6addr_any, 0);
}

static uint16_t port_of(int fd)
{
    place name = {{0}};
    socklen_t length = sizeof name;

    if (getsockname(fd, (sa *)&name, &length) < 0)
        give_up("getsockname: %s", strerror(errno));
    return ntohs(name.four.sin_port);
}

static struct in6_addr address_of(const char *text)
{
    struct in6_addr address = {{{0}}};
    char mapped[64];

    snprintf(mapped, sizeof mapped, "::ffff:%s", text);
    if (inet_pton(AF_INET6, strchr(text, ':') == NULL ? mapped : text, &address) != 1)
        give_up("not an address: %s", text);
    return address;
}

/* Is it IPv4 that is spoken, by sockets of whichever family? */
static bool is_mapped(void)
{
    return IN6_IS_ADDR_V4MAPPED(&there);
}

static bool is_any(const place *name)
{
    if (name->four.sin_family == AF_INET)
        return name->four.sin_addr.s_addr == 0;
    return IN6_IS_ADDR_UNSPECIFIED(&name->six.sin6_addr);
}

/* Addresses differ from run to run: what is told is whether there is one, and whose port it is. */
static const char *address_name(const place *name, socklen_t length)
{
    static char text[2][64];
    static int next;
    char *t = text[next++ % 2];
    uint16_t port = ntohs(name->four.sin_port);

    if (length == 0)
        return "nothing";
    snprintf(t, sizeof text[0], "%s:%s length %d family %d", is_any(name) ? "any" : "host",
             port == 0                                    ? "0"
             : port == peer_port || port == datagram_port ? "peer's"
                                                          : "port",
             (int)length, name->four.sin_family);
    return t;
}

static int new_tcp(void)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0)
        give_up("socket: %s", strerror(errno));
    return fd;
}

static int new_udp(void)
{
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0)
        give_up("socket: %s", strerror(errno));
    return fd;
}

static int connect_to(int fd, uint16_t port)
{
    place to = at(there, port);

    return connect(fd, (sa *)&to, sizeof to);
}

static int disconnect(int fd)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};

    return connect(fd, &none, sizeof none);
}

static int bind_anywhere(int fd)
{
    place any = anywhere();

    return bind(fd, (sa *)&any, sizeof any);
}

static void set_blocking(int fd, bool blocking)
{
    int flags = fcntl(fd, F_GETFL);

    fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

static void set_number(int fd, int level, int name, int value)
{
    if (setsockopt(fd, level, name, &value, sizeof value) < 0)
        give_up("setsockopt(%d, %d): %s", level, name, strerror(errno));
}

static void set_time(int fd, int name, int ms)
{
    struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    if (setsockopt(fd, SOL_SOCKET, name, &time, sizeof time) < 0)
        give_up("setsockopt(%d): %s", name, strerror(errno));
}

static void set_linger_0(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}
