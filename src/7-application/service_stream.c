/* SPDX-License-Identifier: MIT */
/*
 * What services of TCP share: listening on a port, taking the connections that come, reading and
 * verifying what a source sends.
 *
 * Changes come when readiness was touched, so each handler goes on until -EAGAIN.
 *
 * A connection that cannot be taken, because its host has no descriptor or no memory left, is no
 * reason for a service to end: it stays in the queue of the listener, and is tried again a tenth of
 * a second later, for nothing tells when there is room again.
 */
#include <errno.h>
#include "7-application/service_parts.h"

enum { BACKLOG = 128 };
static const int64_t accept_again = 100000000; /* ns after one that failed */

void service_stream_listen(struct service *service)
{
    int fd = service_bound(service, SOCK_STREAM), result;

    if (fd < 0 || service_open_socket(service, fd, ROLE_LISTENER) == NULL)
        return;
    result = service->calls->listen(service->lab, service->plan.host, fd, BACKLOG);
    if (result < 0)
        service_fail(service, "listen: %s", service->calls->text_of_error(result));
}

/* @return false: it is the listener that is broken */
static bool may_accept_later(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM ||
           error == -ECONNABORTED;
}

static void accept_all(struct service *service, const struct service_socket *listener)
{
    int fd = listener->fd;

    while (service->status.state == SERVICE_RUNNING) {
        int accepted = service->calls->accept(service->lab, service->plan.host, fd, NULL, NULL);
        struct service_socket *s;

        if (accepted == -EAGAIN)
            return;
        if (may_accept_later(accepted)) {
            service->deadline = service->calls->now(service->lab) + accept_again;
            return;
        }
        if (accepted < 0) {
            service_fail(service, "accept: %s", service->calls->text_of_error(accepted));
            return;
        }
        s = service_open_socket(service, accepted, ROLE_STREAM);
        if (s == NULL)
            return;
        s->is_connected = true;
        service->status.connections++;
        service->row->stream_ready(service, s);
    }
}

void service_stream_ready(struct service *service, struct service_socket *socket)
{
    if (socket->role == ROLE_LISTENER)
        accept_all(service, socket);
    else
        service->row->stream_ready(service, socket);
}

void service_stream_due(struct service *service)
{
    struct service_socket *next;

    service->deadline = NEVER;
    for (struct service_socket *s = service->sockets; s != NULL; s = next) {
        next = s->next;
        if (s->role == ROLE_LISTENER) { /* there is one */
            accept_all(service, s);
            return;
        }
    }
}

bool service_stream_receive(struct service *service, struct service_socket *s)
{
    for (;;) {
        size_t right;
        ssize_t got = service->calls->receive(service->lab, service->plan.host, s->fd, s->buffer,
                                              SERVICE_BUFFER, 0);

        if (got == 0)
            return true;
        if (got == -EAGAIN)
            return false;
        if (got < 0) {
            service_fail(service, "receive after %llu bytes: %s", (unsigned long long)s->received,
                         service->calls->text_of_error((int)got));
            return false;
        }
        right = service_pattern_check(service->seed, s->received, s->buffer, (size_t)got);
        s->received += (uint64_t)got;
        service->status.received += (uint64_t)got;
        if (right < (size_t)got) {
            service_fail(service, "byte %llu of the stream is not what was sent",
                         (unsigned long long)(s->received - (uint64_t)got + right));
            return false;
        }
    }
}
