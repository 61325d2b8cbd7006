/* SPDX-License-Identifier: MIT */
/*
 * Built-in traffic over UDP. A datagram of a source begins with its offset in the stream, 8 bytes
 * big-endian, so that each is verified by itself: UDP may lose, double and reorder them, and none
 * of that is a failure. A sink with a total is done when that many bytes have come; a source waits
 * a while after its last datagram for what comes back.
 */
#include <errno.h>
#include <stdio.h>
#include "7-application/service_parts.h"
#include "7-application/service_pattern.h"

enum { OFFSET_BYTES = 8, ERRORS = 16 };
static const int64_t wait_after_last = 3000000000;

void service_datagram_open(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    int result, fd;

    if (plan->kind != SERVICE_SOURCE) {
        fd = service_bound(service, SOCK_DGRAM);
        if (fd >= 0)
            (void)service_open_socket(service, fd, ROLE_DATAGRAM);
        return;
    }
    fd = service->calls->socket(service->lab, plan->host, AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return;
    }
    if (service_open_socket(service, fd, ROLE_DATAGRAM) == NULL)
        return;
    result = service->calls->connect(service->lab, plan->host, fd, &plan->peer, sizeof plan->peer);
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

    for (int i = 0; i < OFFSET_BYTES; i++)
        s->buffer[i] = (uint8_t)(s->sent >> (56 - 8 * i));
    if (length > OFFSET_BYTES)
        service_pattern_fill(service->seed, s->sent + OFFSET_BYTES, s->buffer + OFFSET_BYTES,
                             length - OFFSET_BYTES);
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

void service_datagram_due(struct service *service)
{
    struct service_socket *s = service->sockets;

    if (s->sent < service->plan.bytes)
        send_next(service, s);
    else if (service->plan.is_echoed && service->status.received == 0 && service->plan.bytes > 0)
        service_fail(service, "nothing came back");
    else
        service_end(service);
}

/* A datagram that came is right if it is the pattern at the offset it names. */
static bool is_right(const struct service *service, const uint8_t *bytes, size_t length)
{
    uint64_t offset = 0;

    if (length < OFFSET_BYTES)
        return true; /* the last one may be that short */
    for (int i = 0; i < OFFSET_BYTES; i++)
        offset = offset << 8 | bytes[i];
    return service_pattern_check(service->seed, offset + OFFSET_BYTES, bytes + OFFSET_BYTES,
                                 length - OFFSET_BYTES) == length - OFFSET_BYTES;
}

static void take(struct service *service, struct service_socket *s, struct call_message *message,
                 size_t got)
{
    const struct service_plan *plan = &service->plan;

    s->received += got;
    service->status.received += got;
    if (plan->kind == SERVICE_ECHO) {
        message->length = got;
        message->flags = 0;
        /* An echo that finds no room is a datagram lost, as UDP may. */
        if (service->calls->send_message(service->lab, plan->host, s->fd, message, MSG_NOSIGNAL) >=
            0)
            service->status.sent += got;
    } else if (!is_right(service, s->buffer, got)) {
        service_fail(service, "a datagram is not what was sent");
    } else if (plan->kind == SERVICE_SINK && plan->has_total &&
               service->status.received >= plan->bytes) {
        service_end(service);
    } else if (plan->kind == SERVICE_SOURCE && plan->is_echoed &&
               service->status.received >= plan->bytes && s->sent == plan->bytes) {
        service_end(service);
    }
}

void service_datagram_ready(struct service *service, struct service_socket *socket)
{
    int fd = socket->fd, errors = 0;

    while (service->status.state == SERVICE_RUNNING && errors < ERRORS) {
        struct sockaddr_in from;
        struct call_message message = {.bytes = socket->buffer,
                                       .length = SERVICE_BUFFER,
                                       .address = &from,
                                       .address_length = sizeof from};
        ssize_t got =
            service->calls->receive_message(service->lab, service->plan.host, fd, &message, 0);

        if (got == -EAGAIN)
            return;
        if (got >= 0)
            take(service, socket, &message, (size_t)got);
        else
            errors++; /* an ICMP error of an earlier datagram, taken by this call */
    }
}
