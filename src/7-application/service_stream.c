/* SPDX-License-Identifier: MIT */
/*
 * Built-in traffic over TCP. A source connects, sends its bytes, shuts its side, and is done when
 * the other side has ended too; with `is_echoed` it reads all of them back and verifies them. A
 * sink accepts, verifies and counts until the end, then closes. An echo sends back what it reads,
 * and reads no more than it could send back.
 *
 * Changes come when readiness was touched, so each handler goes on until -EAGAIN.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include "7-application/service_parts.h"

enum { BACKLOG = 128 };

void service_stream_open(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    bool is_source = plan->kind == SERVICE_SOURCE;
    struct service_socket *socket;
    int result, fd;

    if (is_source)
        fd = service->calls->socket(service->lab, plan->host, AF_INET, SOCK_STREAM, 0);
    else
        fd = service_bound(service, SOCK_STREAM);
    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return;
    }
    socket = service_open_socket(service, fd, is_source ? ROLE_STREAM : ROLE_LISTENER);
    if (socket == NULL)
        return;
    if (is_source && service_pattern_init(&socket->pattern, service->seed, SERVICE_BUFFER) < 0) {
        service_fail(service, "out of memory");
        return;
    }
    if (is_source)
        result =
            service->calls->connect(service->lab, plan->host, fd, &plan->peer, sizeof plan->peer);
    else
        result = service->calls->listen(service->lab, plan->host, fd, BACKLOG);
    if (result < 0 && result != -EINPROGRESS)
        service_fail(service, "%s: %s", is_source ? "connect" : "listen",
                     service->calls->text_of_error(result));
}

/* Sees whether a connection that was begun came about. */
static bool finish_connect(struct service *service, struct service_socket *s)
{
    int error = 0;
    uint32_t length = sizeof error;
    int events = service->calls->poll(service->lab, service->plan.host, s->fd);

    if ((events & (POLLOUT | POLLERR | POLLHUP)) == 0)
        return false;
    (void)service->calls->get_option(service->lab, service->plan.host, s->fd, SOL_SOCKET, SO_ERROR,
                                     &error, &length);
    if (error != 0) {
        service_fail(service, "connect: %s", service->calls->text_of_error(-error));
        return false;
    }
    s->is_connected = (events & POLLOUT) != 0;
    if (s->is_connected)
        service->status.connections++;
    return s->is_connected;
}

/* Sends the pattern on; shuts our side after the last byte. @return false: the service has failed
 */
static bool send_pattern(struct service *service, struct service_socket *s)
{
    while (s->sent < service->plan.bytes) {
        uint64_t left = service->plan.bytes - s->sent;
        size_t length = left < SERVICE_BUFFER ? (size_t)left : SERVICE_BUFFER;
        ssize_t sent;

        sent =
            service->calls->send(service->lab, service->plan.host, s->fd,
                                 service_pattern_next(&s->pattern, length), length, MSG_NOSIGNAL);
        if (sent == -EAGAIN)
            return true;
        if (sent < 0) {
            service_fail(service, "send after %llu bytes: %s", (unsigned long long)s->sent,
                         service->calls->text_of_error((int)sent));
            return false;
        }
        service_pattern_take(&s->pattern, (size_t)sent);
        s->sent += (uint64_t)sent;
        service->status.sent += (uint64_t)sent;
    }
    if (!s->is_shut) {
        s->is_shut = true;
        (void)service->calls->shutdown(service->lab, service->plan.host, s->fd, SHUT_WR);
    }
    return true;
}

/* Reads and verifies the pattern. @return true at the orderly end; false: later, or failed */
static bool receive_pattern(struct service *service, struct service_socket *s)
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

static void source_ready(struct service *service, struct service_socket *s)
{
    uint64_t back = service->plan.is_echoed ? service->plan.bytes : 0;

    if (!s->is_connected && !finish_connect(service, s))
        return;
    if (!send_pattern(service, s) || !receive_pattern(service, s))
        return;
    if (s->received != back || s->sent != service->plan.bytes)
        service_fail(service, "the peer ended after %llu bytes of ours and %llu of its own",
                     (unsigned long long)s->sent, (unsigned long long)s->received);
    else
        service_end(service);
}

static void sink_ready(struct service *service, struct service_socket *s)
{
    const struct service_plan *plan = &service->plan;
    struct service_status *status = &service->status;

    if (!receive_pattern(service, s))
        return;
    service_close_socket(service, s);
    if (plan->connections == 0 || status->connections < plan->connections ||
        (service->sockets != NULL &&
         (service->sockets->role != ROLE_LISTENER || service->sockets->next != NULL)))
        return;
    if (plan->has_total && status->received != plan->bytes)
        service_fail(service, "%llu bytes arrived, not %llu", (unsigned long long)status->received,
                     (unsigned long long)plan->bytes);
    else
        service_end(service);
}

/* Sends what is held. @return true: all of it */
static bool echo_back(struct service *service, struct service_socket *s)
{
    while (s->held > 0) {
        ssize_t sent = service->calls->send(service->lab, service->plan.host, s->fd,
                                            s->buffer + s->from, s->held, MSG_NOSIGNAL);

        if (sent < 0) {
            if (sent != -EAGAIN)
                s->at_end = true;
            return false;
        }
        s->from += (size_t)sent;
        s->held -= (size_t)sent;
        service->status.sent += (uint64_t)sent;
    }
    s->from = 0;
    return true;
}

static void echo_ready(struct service *service, struct service_socket *s)
{
    while (echo_back(service, s)) {
        ssize_t got = service->calls->receive(service->lab, service->plan.host, s->fd, s->buffer,
                                              SERVICE_BUFFER, 0);

        if (got == -EAGAIN)
            return;
        if (got <= 0) {
            s->at_end = true;
            break;
        }
        s->held = (size_t)got;
        service->status.received += (uint64_t)got;
    }
    if (s->at_end)
        service_close_socket(service, s);
}

static void connection_ready(struct service *service, struct service_socket *s)
{
    if (service->plan.kind == SERVICE_SOURCE)
        source_ready(service, s);
    else if (service->plan.kind == SERVICE_SINK)
        sink_ready(service, s);
    else
        echo_ready(service, s);
}

static void accept_all(struct service *service, const struct service_socket *listener)
{
    int fd = listener->fd;

    while (service->status.state == SERVICE_RUNNING) {
        int accepted = service->calls->accept(service->lab, service->plan.host, fd, NULL, NULL);
        struct service_socket *s;

        if (accepted == -EAGAIN)
            return;
        if (accepted == -ECONNABORTED)
            continue;
        if (accepted < 0) {
            service_fail(service, "accept: %s", service->calls->text_of_error(accepted));
            return;
        }
        s = service_open_socket(service, accepted, ROLE_STREAM);
        if (s == NULL)
            return;
        s->is_connected = true;
        service->status.connections++;
        connection_ready(service, s);
    }
}

void service_stream_ready(struct service *service, struct service_socket *socket)
{
    if (socket->role == ROLE_LISTENER)
        accept_all(service, socket);
    else
        connection_ready(service, socket);
}
