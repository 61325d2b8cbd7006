/* SPDX-License-Identifier: MIT */
/*
 * The peer: obeys a command a line, answers each with a line. It has a TCP listener, at most two
 * streams at a time (the newer is the one that commands mean), and two UDP sockets, of which the
 * first remembers whom it last heard.
 */
#pragma once
#include "fidelity.h"

struct peer {
    int listener, closed, stream, older, full;
    int datagram, second;
    place user;                /* of the datagram socket */
    struct in6_addr other_end; /* where connect goes */
};

enum { MOST = 65536 };

static const char *const letters = "abcdefghijklmnopqrstuvwxyz";

static int peer_listen(int backlog)
{
    place any = anywhere();
    int fd = new_tcp();

    if (bind(fd, (sa *)&any, sizeof any) < 0 || listen(fd, backlog) < 0)
        give_up("listen: %s", strerror(errno));
    return fd;
}

static int peer_bind(void)
{
    place any = anywhere();
    int fd = new_udp();

    if (bind(fd, (sa *)&any, sizeof any) < 0)
        give_up("bind: %s", strerror(errno));
    return fd;
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static ssize_t peer_clean(struct peer *p, int n)
{
    (void)n;
    shut(&p->older);
    shut(&p->full);
    shut(&p->stream);
    for (int fd; (fd = accept(p->listener, NULL, NULL)) >= 0;)
        close(fd);
    return 0;
}

static void peer_take(struct peer *p, int fd)
{
    shut(&p->older);
    p->older = p->stream;
    p->stream = fd;
}

static ssize_t peer_accept(struct peer *p, int n)
{
    int fd;

    (void)n;
    await(p->listener, POLLIN);
    fd = accept(p->listener, NULL, NULL);
    if (fd < 0)
        return -1;
    peer_take(p, fd);
    set_blocking(fd, false);
    return 0;
}

static ssize_t peer_connect(struct peer *p, int port)
{
    place to = at(p->other_end, (uint16_t)port);
    int fd = new_tcp(), r;

    set_blocking(fd, true);
    set_time(fd, SO_SNDTIMEO, 900);
    r = connect(fd, (sa *)&to, sizeof to);
    set_blocking(fd, false);
    peer_take(p, fd);
    return r;
}

static ssize_t peer_send(struct peer *p, int n)
{
    return send(p->stream, letters, (size_t)n, MSG_NOSIGNAL);
}

static ssize_t peer_urgent(struct peer *p, int n)
{
    (void)n;
    return send(p->stream, "u", 1, MSG_OOB | MSG_NOSIGNAL);
}

static ssize_t peer_fin(struct peer *p, int n)
{
    (void)n;
    return shutdown(p->stream, SHUT_WR);
}

static ssize_t peer_close(struct peer *p, int n)
{
    (void)n;
    shut(&p->stream);
    return 0;
}

static ssize_t peer_reset(struct peer *p, int n)
{
    (void)n;
    set_linger_0(p->stream);
    shut(&p->stream);
    return 0;
}

/* Reads n bytes. POLLIN alone promises nothing. */
static ssize_t peer_read(struct peer *p, int n)
{
    static char bytes[MOST];
    int left = n;

    for (int ms = 0; left > 0 && ms < MOST_MS; ms++) {
        ssize_t r = recv(p->stream, bytes, (size_t)(left < MOST ? left : MOST), 0);

        if (r < 0 && errno != EAGAIN)
            return -1;
        if (r == 0)
            break;
        if (r > 0)
            left -= (int)r;
        else
            usleep(1000);
    }
    return n - left;
}

/* Reads until nothing comes for a while. */
static ssize_t peer_drain(struct peer *p, int n)
{
    static char bytes[65536];

    (void)n;
    for (int quiet = 0; quiet < 5; quiet++) {
        ssize_t r;

        while ((r = recv(p->stream, bytes, sizeof bytes, 0)) > 0)
            quiet = 0;
        if (r == 0)
            break;
        pause_shortly();
    }
    return 0;
}

static ssize_t peer_listener(struct peer *p, int n)
{
    (void)n;
    return port_of(p->listener);
}

/* A listener without room: one connection fits. */
static ssize_t peer_full(struct peer *p, int n)
{
    (void)n;
    p->full = peer_listen(0);
    return port_of(p->full);
}

static ssize_t peer_closed_port(struct peer *p, int n)
{
    (void)n;
    return port_of(p->closed);
}

static ssize_t peer_datagram_port(struct peer *p, int n)
{
    (void)n;
    return port_of(p->datagram);
}

/* A port that nobody has. */
static ssize_t peer_no_datagram_port(struct peer *p, int n)
{
    int fd = peer_bind();
    uint16_t port = port_of(fd);

    (void)p;
    (void)n;
    close(fd);
    return port;
}

/* The next "hello"; others are left over from earlier states. */
static ssize_t peer_hear_datagram(struct peer *p, int n)
{
    char bytes[64];

    (void)n;
    for (int i = 0; i < 100; i++) {
        socklen_t length = sizeof p->user;
        ssize_t r;

        await(p->datagram, POLLIN);
        r = recvfrom(p->datagram, bytes, sizeof bytes, 0, (sa *)&p->user, &length);
        if (r < 0 || bytes[0] == 'h')
            return r;
    }
    return 0;
}

static ssize_t peer_send_datagram(struct peer *p, int n)
{
    return sendto(p->datagram, letters, (size_t)n, 0, (sa *)&p->user, sizeof p->user);
}

static ssize_t peer_send_second(struct peer *p, int n)
{
    return sendto(p->second, letters, (size_t)n, 0, (sa *)&p->user, sizeof p->user);
}

/* What the peer sees at the end of its stream: the events, and what reading gives. */
static void peer_see(const struct peer *p, char *answer)
{
    char bytes[64];
    ssize_t first, second;
    char name[32];

    await(p->stream, POLLRDHUP);
    first = recv(p->stream, bytes, sizeof bytes, 0);
    snprintf(name, sizeof name, "%s", result_name(first));
    second = recv(p->stream, bytes, sizeof bytes, 0);
    snprintf(answer, LINE, "reads %s, %s", name, result_name(second));
}

/* Sends to who has closed. @return the state in which that puts it, though it reads nothing */
static ssize_t peer_send_to_closed(struct peer *p, int n)
{
    if (peer_send(p, n) < 0)
        return -1;
    await_state(p->stream, TCP_CLOSE);
    return tcp_state(p->stream);
}

/* As much as goes, also a while later. */
static ssize_t peer_fill(struct peer *p, int n)
{
    static char bytes[65536];

    (void)n;
    for (int quiet = 0; quiet < 4;) {
        while (send(p->stream, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
            quiet = 0;
        pause_shortly();
        quiet = poll_now(p->stream, 0) & POLLOUT ? 0 : quiet + 1;
    }
    return 0;
}

static const struct {
    const char *word;
    ssize_t (*act)(struct peer *p, int n);
} peer_commands[] = {
    {"clean", peer_clean},
    {"accept", peer_accept},
    {"connect", peer_connect},
    {"send", peer_send},
    {"urgent", peer_urgent},
    {"fin", peer_fin},
    {"close", peer_close},
    {"reset", peer_reset},
    {"read", peer_read},
    {"drain", peer_drain},
    {"fill", peer_fill},
    {"send-to-closed", peer_send_to_closed},
    {"listener", peer_listener},
    {"full", peer_full},
    {"closed-port", peer_closed_port},
    {"datagram-port", peer_datagram_port},
    {"no-datagram-port", peer_no_datagram_port},
    {"hear-datagram", peer_hear_datagram},
    {"send-datagram", peer_send_datagram},
    {"send-second", peer_send_second},
};

static void peer_obey(struct peer *p, const char *line, char *answer)
{
    char word[32] = "";
    int n = 0;

    if (sscanf(line, "%31s %d", word, &n) < 1)
        give_up("the peer is told nothing");
    if (strcmp(word, "see") == 0) {
        peer_see(p, answer);
        return;
    }
    for (size_t i = 0; i < sizeof peer_commands / sizeof *peer_commands; i++)
        if (strcmp(word, peer_commands[i].word) == 0) {
            snprintf(answer, LINE, "%s", result_name(peer_commands[i].act(p, n)));
            return;
        }
    give_up("the peer does not know %s", word);
}

/* Until the other side closes. */
static void peer_serve(int commands, struct in6_addr other_end)
{
    struct peer p = {.stream = -1, .older = -1, .full = -1, .other_end = other_end};
    char line[LINE], answer[LINE];

    state_name = "the peer";
    p.listener = peer_listen(16);
    p.closed = new_tcp();
    if (bind_anywhere(p.closed) < 0)
        give_up("bind: %s", strerror(errno));
    p.datagram = peer_bind();
    p.second = peer_bind();
    while (hear(commands, line)) {
        peer_obey(&p, line, answer);
        strcat(answer, "\n");
        say(commands, answer);
    }
    peer_clean(&p, 0);
    close(p.listener);
    close(p.closed);
    close(p.datagram);
    close(p.second);
}
