/* SPDX-License-Identifier: MIT */
/*
 * A source. Over TCP it connects, sends its bytes, shuts its side, and is done when the other side
 * has ended too; with `is_echoed` it reads all of them back and verifies them. Over UDP it sends a
 * datagram an interval, and waits a while after the last for what comes back.
 */
#include <errno.h>
#include <poll.h>
#include "7-application/service_parts.h"

static const int64_t wait_after_last = 3000000000;

static int connect_to_peer(struct service *service, int fd)
{
    const struct service_plan *plan = &service->plan;

    return service->calls->connect(service->lab, plan->host, fd, &plan->address,
                                   plan->address_length);
}

/* Opens a socket that is to be connected. @return NULL after service_fail */
static struct service_socket *open_socket(struct service *service, int type, enum service_role role)
{
    int fd = service->calls->socket(service->lab, service->plan.host,
                                    service->plan.address.ss_family, type, 0);

    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return NULL;
    }
    return service_open_socket(service, fd, role);
}

void service_source_open_stream(struct service *service)
{
    struct service_socket *s = open_socket(service, SOCK_STREAM, ROLE_STREAM);
    int result;

    if (s == NULL)
        return;
    if (service_pattern_init(&s->pattern, service->seed, SERVICE_BUFFER) < 0) {
        service_fail(service, "out of memory");
        return;
    }
    result = connect_to_peer(service, s->fd);
    if (result < 0 && result != -EINPROGRESS)
        service_fail(service, "connect: %s", service->calls->text_of_error(result));
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

/* Sends the pattern on; shuts our side after the last byte. @return false: it has failed */
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

void service_source_stream_ready(struct service *service, struct service_socket *s)
{
    uint64_t back = service->plan.is_echoed ? service->plan.bytes : 0;

    if (!s->is_connected && !finish_connect(service, s))
        return;
    if (!send_pattern(service, s) || !service_stream_receive(service, s))
        return;
    if (s->received != back || s->sent != service->plan.bytes)
        service_fail(service, "the peer ended after %llu bytes of ours and %llu of its own",
                     (unsigned long long)s->sent, (unsigned long long)s->received);
    else
        service_end(service);
}

void service_source_open_datagram(struct service *service)
{
    struct service_socket *s = open_socket(service, SOCK_DGRAM, ROLE_DATAGRAM);
    int result;

    if (s == NULL)
        return;
    result = connect_to_peer(service, s->fd);
    if (result < 0)
        service_fail(service, "connect: %s", service->calls->text_of_error(result));
    else
        service->deadline = service->calls->now(service->lab);
}

static void send_next(struct service *service, struct service_socket *s)
{
    uint64_t left = service->plan.bytes - s->sent;
    size_t length = left < service->plan.size ? (size_t)left : service->plan.size;
    ssize_t sent;

    service_datagram_fill(service, s->sent, s->buffer, length);
    sent = service->calls->send(service->lab, service->plan.host, s->fd, s->buffer, length,
                                MSG_NOSIGNAL);
    /* ECONNREFUSED is of an earlier datagram: the port may open yet. */
    if (sent < 0 && sent != -EAGAIN && sent != -ENOBUFS && sent != -ECONNREFUSED) {
        service_fail(service, "send after %llu bytes: %s", (unsigned long long)s->sent,
                     service->calls->text_of_error((int)sent));
        return;
    }
    if (sent >= 0) {
        s->sent += length;
        service->status.sent += length;
    }
    service->deadline = service->calls->now(service->lab) +
                        (s->sent == service->plan.bytes ? wait_after_last : service->plan.interval);
}

void service_source_due(struct service *service)
{
    struct service_socket *s = service->sockets;

    if (s->sent < service->plan.bytes)
        send_next(service, s);
    else if (service->plan.is_echoed && service->status.received == 0 && service->plan.bytes > 0)
        service_fail(service, "nothing came back");
    else
        service_end(service);
}

void service_source_datagram_came(struct service *service, struct service_socket *s,
                                  struct call_message *message, size_t length)
{
    const struct service_plan *plan = &service->plan;

    (void)message;
    if (!service_datagram_is_right(service, s->buffer, length))
        service_fail(service, "a datagram is not what was sent");
    else if (plan->is_echoed && service->status.received >= plan->bytes && s->sent == plan->bytes)
        service_end(service);
}
