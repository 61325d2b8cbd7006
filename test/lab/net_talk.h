/* SPDX-License-Identifier: MIT */
/*
 * What the programs of a network (net.h) do: conversations, each a stream with bytes both ways, or
 * datagrams that are sent back. Every byte is a function of conversation, direction and offset, and
 * each is checked. A conversation that ends with an error asks net_excuses, which the test defines,
 * whether something that was done to the network explains it.
 */
#pragma once
#include "net.h"

enum net_talk_limits { NET_CHUNK = 20000, NET_DATAGRAM = 3000, NET_SMALL = 1200 };

static bool net_excuses(const struct net *n, const struct net_talk *t, int error);
static bool net_runs(const struct net *n, int host); /* else its programs stand still */

static uint8_t net_byte(const struct net_talk *t, int direction, uint64_t offset)
{
    uint64_t x = (offset + (uint64_t)t->port * 7919 + (uint64_t)direction * 104729) *
                 UINT64_C(0x9e3779b97f4a7c15);

    return (uint8_t)(x >> 56);
}

static int net_host_of(const struct net *n, const struct net_talk *t, int which)
{
    return n->host[which ? t->server : t->client].node;
}

/* The server's name as the client's domain has it; for the server itself any address. */
static uint32_t net_name(const struct net_talk *t, const struct net *n, bool own,
                         struct sockaddr_storage *name)
{
    struct sockaddr_in *in = (struct sockaddr_in *)name;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)name;
    int r = n->lan[n->lans - 1].up; /* the translator, if there is one */
    char address[48], text[64];

    memset(name, 0, sizeof *name);
    net_text(address, t->is_6, n->host[t->server].lan, 10 + t->server, "");
    if (t->is_forwarded)
        net_text(address, t->is_6, n->router[r].base, 200 + r, "");
    if (t->domain == AF_INET) {
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)t->port);
        if (!own)
            (void)inet_pton(AF_INET, address, &in->sin_addr);
        return sizeof *in;
    }
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)t->port);
    snprintf(text, sizeof text, "%s%s", t->is_6 ? "" : "::ffff:", address);
    if (!own)
        (void)inet_pton(AF_INET6, text, &in6->sin6_addr);
    return sizeof *in6;
}

static void net_drop_side(struct net *n, struct net_talk *t, int which)
{
    if (t->fd[which] >= 0)
        net_expect(n, sockeye_close_fd(n->lab, net_host_of(n, t, which), t->fd[which]) == 0);
    t->fd[which] = -1;
    t->is_over[which] = true;
}

/* The conversation failed: both leave it. */
static void net_broken(struct net *n, struct net_talk *t, int error)
{
    if (!t->failed && !net_excuses(n, t, error)) {
        bool error_is_explained = false;

        printf("# talk %d from h%d to h%d: error %d\n", t->port, t->client, t->server, error);
        net_expect(n, error_is_explained);
    }
    t->failed = true;
    net_drop_side(n, t, 0);
    net_drop_side(n, t, 1);
}

/* Who waits for somebody that is gone learns of it in no other way. */
static void net_keep_alive(struct net *n, int node, int fd)
{
    static const int options[][3] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                                     {IPPROTO_TCP, TCP_KEEPIDLE, 60},
                                     {IPPROTO_TCP, TCP_KEEPINTVL, 10},
                                     {IPPROTO_TCP, TCP_KEEPCNT, 9}};

    for (int i = 0; i < 4; i++) {
        int result = sockeye_set_option(n->lab, node, fd, options[i][0], options[i][1],
                                        &options[i][2], sizeof(int));

        net_expect(n, result == 0);
    }
}

static int net_listener(struct net *n, struct net_talk *t)
{
    int node = net_host_of(n, t, 1), type = t->is_stream ? SOCK_STREAM : SOCK_DGRAM;
    int fd = sockeye_socket(n->lab, node, t->domain, type, 0);
    struct sockaddr_storage own;
    uint32_t length = net_name(t, n, true, &own);

    net_expect(n, fd >= 0);
    net_expect(n, sockeye_bind(n->lab, node, fd, &own, length) == 0);
    if (t->is_stream)
        net_expect(n, sockeye_listen(n->lab, node, fd, 8) == 0);
    return fd;
}

static void net_begin(struct net *n, struct net_talk *t)
{
    int node = net_host_of(n, t, 0), result;
    struct sockaddr_storage to;
    uint32_t length = net_name(t, n, false, &to);

    t->begun = true;
    t->fd[0] = sockeye_socket(n->lab, node, t->domain, t->is_stream ? SOCK_STREAM : SOCK_DGRAM, 0);
    net_expect(n, t->fd[0] >= 0);
    if (t->is_stream)
        net_keep_alive(n, node, t->fd[0]);
    result = sockeye_connect(n->lab, node, t->fd[0], &to, length);
    if (result != (t->is_stream ? -EINPROGRESS : 0))
        net_broken(n, t, -result);
}

static bool net_is_connected(struct net *n, struct net_talk *t)
{
    int node = net_host_of(n, t, 0), error = 0, ready;
    uint32_t length = sizeof error;

    if (t->connected)
        return true;
    ready = sockeye_poll(n->lab, node, t->fd[0]);
    if (!(ready & (POLLOUT | POLLERR | POLLHUP)))
        return false;
    net_expect(
        n, sockeye_get_option(n->lab, node, t->fd[0], SOL_SOCKET, SO_ERROR, &error, &length) == 0);
    t->connected = error == 0 && !(ready & POLLERR);
    if (!t->connected)
        net_broken(n, t, error);
    return t->connected;
}

static void net_read(struct net *n, struct net_talk *t, int which)
{
    static uint8_t bytes[NET_CHUNK];

    while (t->fd[which] >= 0 && !t->ended[which]) {
        ssize_t got =
            sockeye_receive(n->lab, net_host_of(n, t, which), t->fd[which], bytes, sizeof bytes, 0);
        bool as_sent = true;

        if (got == -EAGAIN)
            return;
        if (got < 0) {
            net_broken(n, t, (int)-got);
            return;
        }
        for (ssize_t k = 0; k < got; k++)
            as_sent =
                as_sent && bytes[k] == net_byte(t, 1 - which, t->received[which] + (uint64_t)k);
        net_expect(n, as_sent);
        t->received[which] += (uint64_t)got;
        t->ended[which] = got == 0;
    }
}

static void net_write(struct net *n, struct net_talk *t, int which)
{
    static uint8_t bytes[NET_CHUNK];
    int node = net_host_of(n, t, which);

    while (t->fd[which] >= 0 && t->sent[which] < t->total[which]) {
        uint64_t left = t->total[which] - t->sent[which];
        size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
        ssize_t put;

        for (size_t k = 0; k < size; k++)
            bytes[k] = net_byte(t, which, t->sent[which] + k);
        put = sockeye_send(n->lab, node, t->fd[which], bytes, size, MSG_NOSIGNAL);
        if (put == -EAGAIN)
            return;
        if (put < 0) {
            net_broken(n, t, (int)-put);
            return;
        }
        t->sent[which] += (uint64_t)put;
    }
    if (t->fd[which] >= 0 && !t->shut[which]) {
        int result = sockeye_shutdown(n->lab, node, t->fd[which], SHUT_WR);

        t->shut[which] = true;
        if (result < 0)
            net_broken(n, t, -result);
    }
}

static void net_pump_stream(struct net *n, struct net_talk *t, int which)
{
    if (which == 1 && t->fd[1] < 0 && !t->is_over[1]) {
        int fd = sockeye_accept(n->lab, net_host_of(n, t, 1), t->listener, NULL, NULL);

        if (fd >= 0) {
            t->fd[1] = fd;
            net_keep_alive(n, net_host_of(n, t, 1), fd);
        } else if (fd != -EAGAIN) {
            net_broken(n, t, -fd);
        }
    }
    if (t->fd[which] < 0 || (which == 0 && !net_is_connected(n, t)))
        return;
    net_read(n, t, which);
    net_write(n, t, which);
    if (t->fd[which] >= 0 && t->ended[which] && t->shut[which]) {
        net_expect(n, t->received[which] == t->total[1 - which]);
        net_drop_side(n, t, which);
    }
}

/* The client's next datagram; the first eight bytes are its number. */
static void net_send_datagram(struct net *n, struct net_talk *t)
{
    static uint8_t bytes[NET_DATAGRAM];
    uint64_t number = t->datagrams;
    size_t length = 8 + (size_t)net_draw(n, (net_draw(n, 4) ? NET_SMALL : NET_DATAGRAM) - 8);
    ssize_t put;

    if (t->fd[0] < 0 || !net_runs(n, t->client))
        return;
    memcpy(bytes, &number, 8);
    for (size_t k = 8; k < length; k++)
        bytes[k] = net_byte(t, 0, number + k);
    put = sockeye_send(n->lab, net_host_of(n, t, 0), t->fd[0], bytes, length, 0);
    if (put < 0) {
        net_expect(n, net_excuses(n, t, (int)-put) || put == -EMSGSIZE);
        return;
    }
    net_expect(n, put == (ssize_t)length);
    t->datagrams++;
    t->small += length <= NET_SMALL;
}

static void net_pump_datagrams(struct net *n, struct net_talk *t, int which)
{
    static uint8_t bytes[NET_DATAGRAM];
    int node = net_host_of(n, t, which), fd = which ? t->listener : t->fd[0];
    struct sockaddr_storage from;

    for (int i = 0; i < 1000 && fd >= 0; i++) {
        struct sockeye_message m = {.bytes = bytes,
                                    .length = sizeof bytes,
                                    .address = which ? &from : NULL,
                                    .address_length = which ? sizeof from : 0};
        ssize_t got = sockeye_receive_message(n->lab, node, fd, &m, 0);
        uint64_t number = 0;
        bool as_sent = true;

        if (got == -EAGAIN)
            return;
        if (got < 0) {
            /* larger than some wire on the way: Linux tells that to who is connected */
            net_expect(n, net_excuses(n, t, (int)-got) || got == -EMSGSIZE);
            continue;
        }
        memcpy(&number, bytes, 8);
        net_expect(n, got >= 8 && number < t->datagrams);
        for (ssize_t k = 8; k < got; k++)
            as_sent = as_sent && bytes[k] == net_byte(t, 0, number + (uint64_t)k);
        net_expect(n, as_sent);
        if (which) {
            m.length = (size_t)got;
            got = sockeye_send_message(n->lab, node, fd, &m, 0);
            net_expect(n, got == (ssize_t)m.length || net_excuses(n, t, (int)-got));
        } else {
            t->answered += got <= NET_SMALL;
            t->last = (int64_t)number;
        }
    }
}

static void net_pump(struct net *n, struct net_talk *t, int which)
{
    if (!net_runs(n, which ? t->server : t->client))
        return;
    if (t->is_stream)
        net_pump_stream(n, t, which);
    else
        net_pump_datagrams(n, t, which);
}

static void net_serve_all(struct net *n)
{
    for (int i = 0; i < n->talks; i++)
        for (int which = 0; which < 2; which++)
            if (n->talk[i].begun)
                net_pump(n, &n->talk[i], which);
}

static void net_serve(struct net *n)
{
    struct sockeye_change change;

    while (sockeye_next_change(n->lab, &change)) {
        for (int i = 0; i < n->talks; i++) {
            struct net_talk *t = &n->talk[i];

            if (change.host == net_host_of(n, t, 0) && change.fd == t->fd[0])
                net_pump(n, t, 0);
            else if (change.host == net_host_of(n, t, 1) &&
                     (change.fd == t->listener || change.fd == t->fd[1]))
                net_pump(n, t, 1);
        }
    }
}

/* RFC 4787 7: from outside it is reached by a port of the translator. */
static void net_forward(struct net *n, const struct net_talk *t)
{
    int lan = n->host[t->server].lan, protocol = t->is_stream ? IPPROTO_TCP : IPPROTO_UDP;
    char text[48];

    net_text(text, t->is_6, lan, 10 + t->server, "");
    net_expect(n, sockeye_nat_forward(n->lab, n->router[n->lan[lan].up].node, protocol, t->port,
                                      text, t->port) == 0);
}

/* A conversation of a pair that has a way; it listens from here on. */
static void net_talk_open(struct net *n, struct net_talk *t, int client, int server, int port)
{
    const struct net_host *c = &n->host[client], *s = &n->host[server];

    memset(t, 0, sizeof *t);
    t->client = client;
    t->server = server;
    t->port = port;
    t->is_6 = net_has_way6(n, client, server) && (!(c->has4 && s->has4) || net_draw(n, 2));
    t->domain = t->is_6 || net_draw(n, 3) == 0 ? AF_INET6 : AF_INET;
    t->is_stream = net_draw(n, 4) != 0;
    t->fd[0] = t->fd[1] = -1;
    t->last = -1;
    t->listener = net_listener(n, t);
    t->is_forwarded = n->lan[s->lan].is_translated && c->lan != s->lan;
    if (t->is_forwarded)
        net_forward(n, t);
}

static void net_talk_close(struct net *n, struct net_talk *t)
{
    net_drop_side(n, t, 0);
    net_drop_side(n, t, 1);
    if (t->listener >= 0)
        net_expect(n, sockeye_close_fd(n->lab, net_host_of(n, t, 1), t->listener) == 0);
    t->listener = -1;
}

static bool net_is_done(const struct net *n)
{
    for (int i = 0; i < n->talks; i++)
        if (n->talk[i].is_stream && !(n->talk[i].is_over[0] && n->talk[i].is_over[1]))
            return false;
    return true;
}
