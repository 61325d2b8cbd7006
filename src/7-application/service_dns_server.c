/* SPDX-License-Identifier: MIT */
/*
 * The lab's name server: UDP and TCP port 53 of a host, in both families where the host has them.
 * What it says is service_dns.c's. A slow server keeps its answers until their time; of more than
 * SERVICE_DNS_WAITING the next queries are not answered, as no server has room for ever. How slow
 * it is may change meanwhile: an answer keeps the time that it was given.
 *
 * Over TCP (RFC 7766) a query has its length in front; a connection that sends one that cannot be a
 * query, or too long a one, is closed. An answer for which the connection has no room, or for a
 * part of it alone, is held until it has, and those behind it with it: what a client reads is whole
 * answers, one after the other. Who does not read them keeps nobody else from an answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_parts.h"

enum { QUERY_MOST = 4096, LENGTH_BYTES = 2 };

/* An answer on its way. */
struct service_dns_waiting {
    int64_t when;
    int fd;
    bool is_stream;
    bool is_held;  /* its connection has no room now */
    uint32_t done; /* bytes of it that were sent */
    struct sockaddr_storage to;
    uint32_t to_length;
    size_t length;
    uint8_t bytes[LENGTH_BYTES + SERVICE_DNS_BYTES];
};

/* @return was it sent whole, or never will be? */
static bool transmit_stream(struct service *service, struct service_dns_waiting *waiting)
{
    size_t left = LENGTH_BYTES + waiting->length - waiting->done;
    ssize_t sent = service->calls->send(service->lab, service->plan.host, waiting->fd,
                                        waiting->bytes + waiting->done, left, MSG_NOSIGNAL);

    if (sent < 0)
        return sent != -EAGAIN; /* else its end is told to who reads it */
    service->status.sent += (uint64_t)sent;
    waiting->done += (uint32_t)sent;
    return (size_t)sent == left;
}

static void transmit_datagram(struct service *service, const struct service_dns_waiting *waiting)
{
    struct sockaddr_storage to = waiting->to;
    uint8_t bytes[SERVICE_DNS_BYTES];
    struct call_message message = {.bytes = bytes,
                                   .length = waiting->length,
                                   .address = &to,
                                   .address_length = waiting->to_length};
    ssize_t sent;

    memcpy(bytes, waiting->bytes + LENGTH_BYTES, waiting->length);
    sent = service->calls->send_message(service->lab, service->plan.host, waiting->fd, &message,
                                        MSG_NOSIGNAL);
    if (sent >= 0)
        service->status.sent += (uint64_t)sent;
}

/* @return is it done with? */
static bool transmit(struct service *service, struct service_dns_waiting *waiting)
{
    if (service_sockets_find(&service->set->sockets, service->plan.host, waiting->fd) == NULL)
        return true; /* closed meanwhile */
    if (waiting->is_stream)
        return transmit_stream(service, waiting);
    transmit_datagram(service, waiting);
    return true;
}

/* All answers of a connection wait for room, or go on. */
static void hold(struct service *service, int fd, bool is_held)
{
    for (uint32_t i = 0; i < service->dns.count; i++)
        if (service->dns.waiting[i].is_stream && service->dns.waiting[i].fd == fd)
            service->dns.waiting[i].is_held = is_held;
}

static bool is_held(const struct service *service, int fd)
{
    for (uint32_t i = 0; i < service->dns.count; i++)
        if (service->dns.waiting[i].is_held && service->dns.waiting[i].fd == fd)
            return true;
    return false;
}

/* The answer whose time comes first, of those that are not held; of equals the one that was asked
 * for first. NULL: there is none */
static struct service_dns_waiting *first_of(const struct service *service)
{
    struct service_dns_waiting *first = NULL;

    for (uint32_t i = 0; i < service->dns.count; i++) {
        struct service_dns_waiting *waiting = &service->dns.waiting[i];

        if (!waiting->is_held && (first == NULL || waiting->when < first->when))
            first = waiting;
    }
    return first;
}

/* Those whose time has come. */
static void transmit_due(struct service *service)
{
    struct service_dns_waiting *first;

    while (service->status.state == SERVICE_RUNNING && (first = first_of(service)) != NULL) {
        struct service_dns_waiting *end = service->dns.waiting + service->dns.count;

        if (first->when > service->calls->now(service->lab)) {
            if (first->when < service->deadline)
                service->deadline = first->when;
            return;
        }
        if (!transmit(service, first)) {
            hold(service, first->fd, true);
            continue;
        }
        memmove(first, first + 1, (size_t)(end - first - 1) * sizeof *first);
        service->dns.count--;
    }
}

void service_dns_server_due(struct service *service)
{
    service_stream_due(service);
    transmit_due(service);
}

/* The descriptor may be another connection's by the time of an answer. */
static void forget(struct service *service, int fd)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < service->dns.count; i++) {
        if (service->dns.waiting[i].fd == fd)
            continue;
        if (kept != i)
            service->dns.waiting[kept] = service->dns.waiting[i];
        kept++;
    }
    service->dns.count = kept;
}

/* Is there room for an answer to who asks? A connection that does not read what it has asked for is
 * closed for others. */
static bool make_room(struct service *service, const struct service_socket *asks)
{
    for (uint32_t i = 0; service->dns.count == SERVICE_DNS_WAITING && i < service->dns.count; i++) {
        const struct service_dns_waiting *waiting = &service->dns.waiting[i];
        struct service_socket *socket =
            service_sockets_find(&service->set->sockets, service->plan.host, waiting->fd);

        if (!waiting->is_held || socket == NULL || socket == asks)
            continue;
        forget(service, waiting->fd);
        service_close_socket(service, socket);
    }
    return service->dns.count < SERVICE_DNS_WAITING;
}

/* Answers a query, now or later. */
static void answer(struct service *service, const struct service_socket *s, const uint8_t *query,
                   size_t length, const struct call_message *from)
{
    struct service_dns_waiting *waiting;
    const struct service_dns_plan *plan = service->plan.dns;
    uint8_t bytes[SERVICE_DNS_BYTES];
    size_t is = service_dns_answer(plan, query, length, from == NULL, bytes);

    if (is == 0 || !make_room(service, s))
        return;
    if (service->dns.waiting == NULL)
        service->dns.waiting = calloc(SERVICE_DNS_WAITING, sizeof *service->dns.waiting);
    if (service->dns.waiting == NULL)
        return;
    waiting = &service->dns.waiting[service->dns.count];
    waiting->when = service->calls->now(service->lab) + plan->delay;
    waiting->fd = s->fd;
    waiting->is_stream = from == NULL;
    waiting->is_held = waiting->is_stream && is_held(service, s->fd);
    waiting->done = 0;
    waiting->to_length = 0;
    if (from != NULL) {
        memcpy(&waiting->to, from->address, from->address_length);
        waiting->to_length = from->address_length;
    }
    waiting->length = is;
    waiting->bytes[0] = (uint8_t)(is >> 8);
    waiting->bytes[1] = (uint8_t)is;
    memcpy(waiting->bytes + LENGTH_BYTES, bytes, is);
    service->dns.count++;
    transmit_due(service);
}

void service_dns_server_open(struct service *service)
{
    service->deadline = NEVER;
    service->dns.count = 0;
    service_datagram_bind(service);
    if (service->status.state == SERVICE_RUNNING)
        service_stream_listen(service);
}

void service_dns_server_came(struct service *service, struct service_socket *s,
                             struct call_message *message, size_t length)
{
    answer(service, s, s->buffer, length, message);
}

/* Whole queries of what has come so far. @return false: it cannot be a query */
static bool queries_take(struct service *service, struct service_socket *s)
{
    while (s->held >= LENGTH_BYTES) {
        size_t length = (size_t)s->buffer[0] << 8 | s->buffer[1];

        if (length > QUERY_MOST || length == 0)
            return false;
        if (s->held < LENGTH_BYTES + length)
            break;
        answer(service, s, s->buffer + LENGTH_BYTES, length, NULL);
        s->held -= LENGTH_BYTES + length;
        memmove(s->buffer, s->buffer + LENGTH_BYTES + length, s->held);
    }
    return true;
}

void service_dns_server_stream_ready(struct service *service, struct service_socket *s)
{
    if (is_held(service, s->fd)) {
        hold(service, s->fd, false);
        transmit_due(service);
    }
    while (service->status.state == SERVICE_RUNNING) {
        ssize_t got = service->calls->receive(service->lab, service->plan.host, s->fd,
                                              s->buffer + s->held, SERVICE_BUFFER - s->held, 0);

        if (got == -EAGAIN)
            return;
        if (got > 0) {
            s->held += (size_t)got;
            service->status.received += (uint64_t)got;
        }
        if (got <= 0 || !queries_take(service, s)) {
            forget(service, s->fd);
            service_close_socket(service, s);
            return;
        }
    }
}

void service_dns_server_close(struct service *service)
{
    free(service->dns.waiting);
}
