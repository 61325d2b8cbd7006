/* SPDX-License-Identifier: MIT */
/*
 * A stand-in for the lab, to try the runner alone: the part of sockeye.h that the runner uses, as a
 * switchboard in memory. Connections take a millisecond, everything else no time; nothing is ever
 * lost; there are no packets. Hosts get 10.0.0.1, 10.0.0.2, ... in the order of their making. It
 * does what the runner's tests need and is linked by nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "sockeye/sockeye.h"

enum { HOSTS = 8, SOCKETS = 4096, BUFFER = 65536, QUEUE = 64, DELAY = 1000000, CHANGES = 65536 };

enum phase { FREE, CLOSED, LISTENING, CONNECTING, OPEN, BROKEN };

struct datagram {
    struct sockaddr_in from;
    size_t length;
    uint8_t bytes[2048];
};

struct sock {
    enum phase phase;
    int host, fd, type, error, backlog, pending;
    struct sockaddr_in local, remote;
    struct sock *peer;
    struct sock *accept[QUEUE];
    int accepts;
    bool orphan, fin_sent, fin_received, shut_read, no_linger, told, changed;
    int64_t due;
    uint8_t *bytes;
    size_t length;
    struct datagram *datagrams;
    int datagram_count;
};

struct sockeye {
    int64_t now;
    int hosts;
    char names[HOSTS][SOCKEYE_NAME_BYTES];
    struct sock *fds[HOSTS][SOCKETS];
    struct sock *all[HOSTS * SOCKETS];
    int count;
    struct sock *changes[CHANGES];
    int change_count;
    uint16_t port;
};

int sockeye_open(const struct sockeye_config *config, struct sockeye **lab)
{
    (void)config;
    *lab = calloc(1, sizeof **lab);
    (*lab)->port = 40000;
    return *lab == NULL ? -ENOMEM : 0;
}

void sockeye_close(struct sockeye *lab)
{
    free(lab);
}

int sockeye_host(struct sockeye *lab, const char *name)
{
    snprintf(lab->names[lab->hosts], SOCKEYE_NAME_BYTES, "%s", name);
    return lab->hosts++;
}

const char *sockeye_host_name(const struct sockeye *lab, int host)
{
    return host < 0 || host >= lab->hosts ? NULL : lab->names[host];
}

const char *sockeye_strerror(int result)
{
    return strerror(-result);
}

static void touch(struct sockeye *lab, struct sock *s)
{
    if (s->changed || s->orphan || lab->change_count == CHANGES)
        return;
    s->changed = true;
    lab->changes[lab->change_count++] = s;
}

static struct sock *get(const struct sockeye *lab, int host, int fd)
{
    return fd < 3 || fd >= SOCKETS ? NULL : lab->fds[host][fd];
}

static struct sock *make(struct sockeye *lab, int host, int type)
{
    for (int fd = 3; fd < SOCKETS; fd++)
        if (lab->fds[host][fd] == NULL) {
            struct sock *s = calloc(1, sizeof *s);

            s->host = host;
            s->fd = fd;
            s->type = type;
            s->phase = CLOSED;
            s->local.sin_family = AF_INET;
            lab->fds[host][fd] = s;
            lab->all[lab->count++] = s;
            return s;
        }
    return NULL;
}

int sockeye_socket(struct sockeye *lab, int host, int domain, int type, int protocol)
{
    struct sock *s;

    (void)protocol;
    if (domain != AF_INET || (type != SOCK_STREAM && type != SOCK_DGRAM))
        return -EAFNOSUPPORT;
    s = make(lab, host, type);
    return s == NULL ? -EMFILE : s->fd;
}

static bool is_local(const struct sock *s, const struct sockaddr_in *to)
{
    uint32_t a = ntohl(to->sin_addr.s_addr);

    return s->local.sin_port == to->sin_port &&
           ((s->local.sin_addr.s_addr == 0 &&
             (a == 0x0a000001u + (uint32_t)s->host || a >> 24 == 127)) ||
            s->local.sin_addr.s_addr == to->sin_addr.s_addr);
}

static int host_of(const struct sock *from, const struct sockaddr_in *to)
{
    uint32_t a = ntohl(to->sin_addr.s_addr);

    return a >> 24 == 127 || a == 0 ? from->host : (int)(a - 0x0a000001u);
}

static struct sock *find(struct sockeye *lab, const struct sock *from, const struct sockaddr_in *to)
{
    int host = host_of(from, to);

    for (int fd = 3; host >= 0 && host < lab->hosts && fd < SOCKETS; fd++) {
        struct sock *s = lab->fds[host][fd];

        if (s != NULL && s->type == from->type && is_local(s, to) &&
            (s->type == SOCK_DGRAM || s->phase == LISTENING))
            return s;
    }
    return NULL;
}

static void give_port(struct sockeye *lab, struct sock *s)
{
    if (s->local.sin_port == 0)
        s->local.sin_port = htons(lab->port++);
}

int sockeye_bind(struct sockeye *lab, int host, int fd, const void *address, uint32_t length)
{
    struct sock *s = get(lab, host, fd);
    struct sockaddr_in in;

    if (s == NULL)
        return -EBADF;
    if (length < sizeof in)
        return -EINVAL;
    memcpy(&in, address, sizeof in);
    for (int i = 3; i < SOCKETS && in.sin_port != 0; i++)
        if (lab->fds[host][i] != NULL && lab->fds[host][i]->type == s->type &&
            lab->fds[host][i]->local.sin_port == in.sin_port && lab->fds[host][i]->peer == NULL)
            return -EADDRINUSE;
    s->local = in;
    give_port(lab, s);
    return 0;
}

int sockeye_listen(struct sockeye *lab, int host, int fd, int backlog)
{
    struct sock *s = get(lab, host, fd);

    if (s == NULL || s->type != SOCK_STREAM)
        return s == NULL ? -EBADF : -EOPNOTSUPP;
    give_port(lab, s);
    s->phase = LISTENING;
    s->backlog = backlog < QUEUE ? backlog : QUEUE - 1;
    return 0;
}

int sockeye_connect(struct sockeye *lab, int host, int fd, const void *address, uint32_t length)
{
    struct sock *s = get(lab, host, fd);

    if (s == NULL || length < sizeof s->remote)
        return s == NULL ? -EBADF : -EINVAL;
    if (s->type == SOCK_STREAM && s->phase == OPEN) {
        bool told = s->told;

        s->told = true;
        return told ? -EISCONN : 0;
    }
    if (s->phase == CONNECTING)
        return -EALREADY;
    if (s->phase == BROKEN && s->type == SOCK_STREAM) {
        int error = s->error != 0 ? s->error : ECONNABORTED;

        s->error = 0;
        s->phase = CLOSED;
        return -error;
    }
    memcpy(&s->remote, address, sizeof s->remote);
    give_port(lab, s);
    if (s->local.sin_addr.s_addr == 0)
        s->local.sin_addr.s_addr = ntohl(s->remote.sin_addr.s_addr) >> 24 == 127
                                       ? htonl(INADDR_LOOPBACK)
                                       : htonl(0x0a000001u + (uint32_t)s->host);
    if (s->type == SOCK_DGRAM)
        return 0;
    s->phase = CONNECTING;
    s->due = lab->now + DELAY;
    s->error = 0;
    return -EINPROGRESS;
}

static void establish(struct sockeye *lab, struct sock *s)
{
    struct sock *l = find(lab, s, &s->remote), *p;

    if (l == NULL || l->accepts > l->backlog || (p = make(lab, l->host, SOCK_STREAM)) == NULL) {
        s->phase = BROKEN;
        s->error = l == NULL ? ECONNREFUSED : ETIMEDOUT;
        touch(lab, s);
        return;
    }
    lab->fds[l->host][p->fd] = NULL; /* no descriptor before accept */
    p->fd = -1;
    p->orphan = true;
    p->phase = s->phase = OPEN;
    p->peer = s;
    s->peer = p;
    p->local = s->remote;
    p->remote = s->local;
    l->accept[l->accepts++] = p;
    touch(lab, s);
    touch(lab, l);
}

int64_t sockeye_now(const struct sockeye *lab)
{
    return lab->now;
}

int64_t sockeye_next_deadline(const struct sockeye *lab)
{
    int64_t due = SOCKEYE_NEVER;

    for (int i = 0; i < lab->count; i++)
        if (lab->all[i]->phase == CONNECTING && lab->all[i]->due < due)
            due = lab->all[i]->due;
    return due;
}

int64_t sockeye_advance(struct sockeye *lab, int64_t now)
{
    for (int i = 0; i < lab->count; i++)
        if (lab->all[i]->phase == CONNECTING && lab->all[i]->due <= now)
            establish(lab, lab->all[i]);
    lab->now = now;
    return sockeye_next_deadline(lab);
}

int sockeye_accept(struct sockeye *lab, int host, int fd, void *address, uint32_t *length)
{
    struct sock *l = get(lab, host, fd), *s;

    if (l == NULL || l->phase != LISTENING)
        return l == NULL ? -EBADF : -EINVAL;
    if (l->accepts == 0)
        return -EAGAIN;
    s = l->accept[0];
    memmove(l->accept, l->accept + 1, (size_t)--l->accepts * sizeof(struct sock *));
    for (int i = 3; i < SOCKETS; i++)
        if (lab->fds[host][i] == NULL) {
            s->fd = i;
            s->orphan = false;
            s->host = host;
            lab->fds[host][i] = s;
            touch(lab, s);
            if (address != NULL) {
                memcpy(address, &s->remote, sizeof s->remote);
                *length = sizeof s->remote;
            }
            return i;
        }
    return -EMFILE;
}

static ssize_t send_datagram(struct sockeye *lab, struct sock *s, const struct sockaddr_in *to,
                             const void *bytes, size_t length)
{
    struct sock *d;
    struct datagram *g;

    if (to->sin_port == 0)
        return -EDESTADDRREQ;
    give_port(lab, s);
    d = find(lab, s, to);
    if (d == NULL) {
        s->error = s->remote.sin_port != 0 ? ECONNREFUSED : 0;
        touch(lab, s);
        return (ssize_t)length;
    }
    if (d->datagram_count == QUEUE || length > sizeof g->bytes)
        return (ssize_t)length; /* lost */
    if (d->datagrams == NULL)
        d->datagrams = calloc(QUEUE, sizeof *d->datagrams);
    g = &d->datagrams[d->datagram_count++];
    g->from = s->local;
    if (g->from.sin_addr.s_addr == 0)
        g->from.sin_addr.s_addr = ntohl(to->sin_addr.s_addr) >> 24 == 127
                                      ? htonl(INADDR_LOOPBACK)
                                      : htonl(0x0a000001u + (uint32_t)s->host);
    g->length = length;
    memcpy(g->bytes, bytes, length);
    touch(lab, d);
    return (ssize_t)length;
}

ssize_t sockeye_send(struct sockeye *lab, int host, int fd, const void *bytes, size_t length,
                     int flags)
{
    struct sock *s = get(lab, host, fd), *p;

    (void)flags;
    if (s == NULL)
        return -EBADF;
    if (s->error != 0) {
        int error = s->error;

        s->error = 0;
        return -error;
    }
    if (s->type == SOCK_DGRAM)
        return send_datagram(lab, s, &s->remote, bytes, length);
    p = s->peer;
    if (s->phase != OPEN || s->fin_sent || p == NULL)
        return s->phase == CONNECTING ? -EAGAIN : -EPIPE;
    if (p->bytes == NULL)
        p->bytes = malloc(BUFFER);
    if (length > BUFFER - p->length)
        length = BUFFER - p->length;
    if (length == 0)
        return -EAGAIN;
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
    touch(lab, p);
    return (ssize_t)length;
}

ssize_t sockeye_receive(struct sockeye *lab, int host, int fd, void *bytes, size_t size, int flags)
{
    struct sock *s = get(lab, host, fd);

    (void)flags;
    if (s == NULL)
        return -EBADF;
    if (s->length > 0) {
        size_t n = size < s->length ? size : s->length;

        memcpy(bytes, s->bytes, n);
        memmove(s->bytes, s->bytes + n, s->length - n);
        s->length -= n;
        if (s->peer != NULL)
            touch(lab, s->peer);
        return (ssize_t)n;
    }
    if (s->error != 0) {
        int error = s->error;

        s->error = 0;
        return -error;
    }
    if (s->phase != OPEN && s->phase != BROKEN)
        return -ENOTCONN;
    return s->fin_received || s->phase == BROKEN ? 0 : -EAGAIN;
}

ssize_t sockeye_send_message(struct sockeye *lab, int host, int fd,
                             const struct sockeye_message *message, int flags)
{
    struct sock *s = get(lab, host, fd);
    struct sockaddr_in to;

    if (message->address == NULL)
        return sockeye_send(lab, host, fd, message->bytes, message->length, flags);
    memcpy(&to, message->address, sizeof to);
    return s == NULL ? -EBADF : send_datagram(lab, s, &to, message->bytes, message->length);
}

ssize_t sockeye_receive_message(struct sockeye *lab, int host, int fd,
                                struct sockeye_message *message, int flags)
{
    struct sock *s = get(lab, host, fd);
    struct datagram *g;
    size_t n;

    message->control_length = 0;
    message->flags = 0;
    if (s == NULL || s->error != 0 || s->type == SOCK_STREAM) {
        message->address_length = 0;
        return flags & MSG_ERRQUEUE
                   ? -EAGAIN
                   : sockeye_receive(lab, host, fd, message->bytes, message->length, flags);
    }
    if (s->datagram_count == 0 || (flags & MSG_ERRQUEUE))
        return -EAGAIN;
    g = &s->datagrams[0];
    n = g->length < message->length ? g->length : message->length;
    memcpy(message->bytes, g->bytes, n);
    memcpy(message->address, &g->from, sizeof g->from);
    message->address_length = sizeof g->from;
    memmove(s->datagrams, s->datagrams + 1, (size_t)--s->datagram_count * sizeof *g);
    return (ssize_t)n;
}

int sockeye_shutdown(struct sockeye *lab, int host, int fd, int how)
{
    struct sock *s = get(lab, host, fd);

    if (s == NULL || s->phase != OPEN)
        return s == NULL ? -EBADF : -ENOTCONN;
    if (how != SHUT_WR)
        s->shut_read = true;
    if (how != SHUT_RD && !s->fin_sent) {
        s->fin_sent = true;
        if (s->peer != NULL) {
            s->peer->fin_received = true;
            touch(lab, s->peer);
        }
    }
    return 0;
}

static void reset(struct sockeye *lab, struct sock *s)
{
    s->peer = NULL;
    s->phase = BROKEN;
    s->error = ECONNRESET;
    touch(lab, s);
}

int sockeye_close_fd(struct sockeye *lab, int host, int fd)
{
    struct sock *s = get(lab, host, fd);

    if (s == NULL)
        return -EBADF;
    lab->fds[host][fd] = NULL;
    s->orphan = true;
    for (int i = 0; i < s->accepts; i++)
        if (s->accept[i]->peer != NULL)
            reset(lab, s->accept[i]->peer);
    if (s->peer != NULL) {
        if (s->no_linger || s->length > 0) {
            reset(lab, s->peer);
        } else {
            s->peer->fin_received = true;
            s->peer->peer = NULL;
            touch(lab, s->peer);
        }
    }
    for (int i = 0; i < lab->change_count; i++)
        if (lab->changes[i] == s)
            lab->changes[i] = lab->changes[--lab->change_count];
    for (int i = 0; i < lab->count; i++)
        if (lab->all[i] == s)
            lab->all[i] = lab->all[--lab->count];
    free(s->bytes);
    free(s->datagrams);
    free(s);
    return 0;
}

static int name(const struct sockaddr_in *from, void *address, uint32_t *length)
{
    memcpy(address, from, sizeof *from);
    *length = sizeof *from;
    return 0;
}

int sockeye_local_name(struct sockeye *lab, int host, int fd, void *address, uint32_t *length)
{
    struct sock *s = get(lab, host, fd);

    return s == NULL ? -EBADF : name(&s->local, address, length);
}

int sockeye_peer_name(struct sockeye *lab, int host, int fd, void *address, uint32_t *length)
{
    struct sock *s = get(lab, host, fd);

    if (s == NULL || s->remote.sin_port == 0)
        return s == NULL ? -EBADF : -ENOTCONN;
    return name(&s->remote, address, length);
}

int sockeye_get_option(struct sockeye *lab, int host, int fd, int level, int option, void *value,
                       uint32_t *length)
{
    struct sock *s = get(lab, host, fd);
    int number = 0;

    if (s == NULL)
        return -EBADF;
    if (level == SOL_SOCKET && option == SO_ERROR) {
        number = s->error;
        s->error = 0;
    } else if (level == SOL_SOCKET && option == SO_TYPE) {
        number = s->type;
    } else if (level == SOL_SOCKET && option == SO_ACCEPTCONN) {
        number = s->phase == LISTENING;
    } else if (level == SOL_SOCKET && option == SO_DOMAIN) {
        number = AF_INET;
    } else if (level == SOL_SOCKET && (option == SO_RCVBUF || option == SO_SNDBUF)) {
        number = BUFFER;
    } else if (level != IPPROTO_TCP && level != SOL_SOCKET) {
        return -ENOPROTOOPT;
    }
    if (*length > sizeof number)
        *length = sizeof number;
    memcpy(value, &number, *length);
    return 0;
}

int sockeye_set_option(struct sockeye *lab, int host, int fd, int level, int option,
                       const void *value, uint32_t length)
{
    struct sock *s = get(lab, host, fd);
    struct linger linger;

    if (s == NULL)
        return -EBADF;
    if (level == SOL_SOCKET && option == SO_LINGER && length == sizeof linger) {
        memcpy(&linger, value, sizeof linger);
        s->no_linger = linger.l_onoff != 0 && linger.l_linger == 0;
    }
    return level == SOL_SOCKET && option == SO_ZEROCOPY ? -ENOPROTOOPT : 0;
}

int sockeye_ioctl(struct sockeye *lab, int host, int fd, unsigned long request, int *value)
{
    struct sock *s = get(lab, host, fd);

    *value = request == SIOCINQ && s != NULL ? (int)s->length : 0;
    return s == NULL ? -EBADF : 0;
}

int sockeye_poll(const struct sockeye *lab, int host, int fd)
{
    const struct sock *s = get(lab, host, fd);

    if (s == NULL)
        return -EBADF;
    if (s->type == SOCK_DGRAM)
        return POLLOUT | (s->datagram_count > 0 ? POLLIN : 0) | (s->error != 0 ? POLLERR : 0);
    if (s->phase == LISTENING)
        return s->accepts > 0 ? POLLIN : 0;
    if (s->phase == CONNECTING)
        return 0;
    if (s->phase == BROKEN)
        return POLLIN | POLLOUT | POLLHUP | POLLRDHUP | (s->error != 0 ? POLLERR : 0);
    if (s->phase == CLOSED)
        return POLLOUT | POLLHUP;
    return (s->length > 0 || s->fin_received ? POLLIN : 0) | (s->fin_received ? POLLRDHUP : 0) |
           (s->peer == NULL || s->peer->length < BUFFER ? POLLOUT : 0) |
           (s->fin_received && s->fin_sent ? POLLHUP : 0);
}

bool sockeye_next_change(struct sockeye *lab, struct sockeye_change *change)
{
    struct sock *s;

    if (lab->change_count == 0)
        return false;
    s = lab->changes[0];
    memmove(lab->changes, lab->changes + 1, (size_t)--lab->change_count * sizeof(struct sock *));
    s->changed = false;
    change->host = s->host;
    change->fd = s->fd;
    change->events = sockeye_poll(lab, s->host, s->fd);
    return true;
}
