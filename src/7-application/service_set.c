/* SPDX-License-Identifier: MIT */
/*
 * All services of a lab: which socket belongs to which, and whose deadline has come. A handler may
 * close any socket of its service, so sockets are looked up anew after each.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_parts.h"

struct services {
    struct sockeye *lab;
    const struct service_calls *calls;
    uint64_t seed;
    struct service **list;
    int count;
};

int services_open(struct sockeye *lab, const struct service_calls *calls, uint64_t seed,
                  struct services **services)
{
    *services = calloc(1, sizeof **services);
    if (*services == NULL)
        return -ENOMEM;
    (*services)->lab = lab;
    (*services)->calls = calls;
    (*services)->seed = seed;
    return 0;
}

void services_close(struct services *services)
{
    if (services == NULL)
        return;
    for (int i = 0; i < services->count; i++) {
        while (services->list[i]->sockets != NULL)
            service_close_socket(services->list[i], services->list[i]->sockets);
        free(services->list[i]);
    }
    free(services->list);
    free(services);
}

int services_add(struct services *services, const struct service_plan *plan)
{
    struct service *service = calloc(1, sizeof *service);
    struct service **list =
        realloc(services->list, ((size_t)services->count + 1) * sizeof(struct service *));

    if (list != NULL)
        services->list = list;
    if (list == NULL || service == NULL) {
        free(service);
        return -ENOMEM;
    }
    service->plan = *plan;
    service->lab = services->lab;
    service->calls = services->calls;
    service->seed = services->seed;
    service->deadline = NEVER;
    service->status.is_background =
        plan->kind == SERVICE_ECHO ||
        (plan->kind == SERVICE_SINK && (plan->stream ? plan->connections == 0 : !plan->has_total));
    services->list[services->count] = service;
    return services->count++;
}

struct service_socket *service_open_socket(struct service *service, int fd, enum service_role role)
{
    struct service_socket *socket = calloc(1, sizeof *socket);

    if (socket != NULL && role != ROLE_LISTENER)
        socket->buffer = malloc(SERVICE_BUFFER);
    if (socket == NULL || (role != ROLE_LISTENER && socket->buffer == NULL)) {
        free(socket);
        (void)service->calls->close(service->lab, service->plan.host, fd);
        service_fail(service, "out of memory");
        return NULL;
    }
    socket->fd = fd;
    socket->role = role;
    socket->next = service->sockets;
    service->sockets = socket;
    return socket;
}

void service_close_socket(struct service *service, struct service_socket *socket)
{
    struct service_socket **at = &service->sockets;

    while (*at != socket)
        at = &(*at)->next;
    *at = socket->next;
    (void)service->calls->close(service->lab, service->plan.host, socket->fd);
    free(socket->buffer);
    free(socket);
}

static void finish(struct service *service, enum service_state state)
{
    while (service->sockets != NULL)
        service_close_socket(service, service->sockets);
    service->status.state = state;
    service->status.ended = service->calls->now(service->lab);
    service->deadline = NEVER;
}

void service_fail(struct service *service, const char *format, ...)
{
    va_list arguments;

    if (service->status.state == SERVICE_FAILED)
        return;
    va_start(arguments, format);
    vsnprintf(service->status.problem, sizeof service->status.problem, format, arguments);
    va_end(arguments);
    finish(service, SERVICE_FAILED);
}

void service_end(struct service *service)
{
    finish(service, SERVICE_DONE);
}

int service_bound(struct service *service, int type)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(service->plan.port)};
    int one = 1, result;
    int fd = service->calls->socket(service->lab, service->plan.host, AF_INET, type, 0);

    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return -1;
    }
    (void)service->calls->set_option(service->lab, service->plan.host, fd, SOL_SOCKET, SO_REUSEADDR,
                                     &one, sizeof one);
    result = service->calls->bind(service->lab, service->plan.host, fd, &any, sizeof any);
    if (result < 0) {
        (void)service->calls->close(service->lab, service->plan.host, fd);
        service_fail(service, "port %u: %s", service->plan.port,
                     service->calls->text_of_error(result));
        return -1;
    }
    return fd;
}

void services_start(struct services *services, int number)
{
    struct service *service = services->list[number];

    if (service->status.state != SERVICE_WAITING)
        return;
    service->status.state = SERVICE_RUNNING;
    service->status.started = services->calls->now(services->lab);
    if (service->plan.kind == SERVICE_PING)
        service_ping_open(service);
    if (service->plan.kind != SERVICE_PING && service->plan.stream)
        service_stream_open(service);
    if (service->plan.kind != SERVICE_PING && service->plan.datagram &&
        service->status.state == SERVICE_RUNNING)
        service_datagram_open(service);
}

void services_on_change(struct services *services, int host, int fd)
{
    for (int i = 0; i < services->count; i++) {
        struct service *service = services->list[i];

        if (service->plan.host != host || service->status.state != SERVICE_RUNNING)
            continue;
        for (struct service_socket *s = service->sockets; s != NULL; s = s->next) {
            if (s->fd != fd)
                continue;
            if (service->plan.kind == SERVICE_PING)
                service_ping_ready(service, s);
            else if (s->role == ROLE_DATAGRAM)
                service_datagram_ready(service, s);
            else
                service_stream_ready(service, s);
            return;
        }
    }
}

int64_t services_on_time(struct services *services)
{
    int64_t now = services->calls->now(services->lab), next = NEVER;

    for (int i = 0; i < services->count; i++) {
        struct service *service = services->list[i];

        if (service->status.state == SERVICE_RUNNING && service->deadline <= now) {
            if (service->plan.kind == SERVICE_PING)
                service_ping_due(service);
            else
                service_datagram_due(service);
        }
        if (service->status.state == SERVICE_RUNNING && service->deadline < next)
            next = service->deadline;
    }
    return next;
}

static void judge(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    struct service_status *status = &service->status;
    bool has_all = !plan->has_total || status->received >= plan->bytes;

    if (status->state == SERVICE_WAITING)
        service_fail(service, "was never started");
    else if (status->state == SERVICE_RUNNING && status->is_background && has_all)
        service_end(service);
    else if (status->state == SERVICE_RUNNING && plan->kind == SERVICE_PING)
        service_fail(service, "not finished: %u of %u requests sent, %u replies", status->pings,
                     plan->count, status->replies);
    else if (status->state == SERVICE_RUNNING)
        service_fail(service, "not finished: %llu bytes sent, %llu received, of %llu",
                     (unsigned long long)status->sent, (unsigned long long)status->received,
                     (unsigned long long)plan->bytes);
}

void services_finish(struct services *services)
{
    for (int i = 0; i < services->count; i++)
        judge(services->list[i]);
}

void services_status(const struct services *services, int number, struct service_status *status)
{
    *status = services->list[number]->status;
}

bool services_are_listening(const struct services *services, int host, uint16_t port, bool datagram)
{
    for (int i = 0; i < services->count; i++) {
        const struct service *service = services->list[i];
        const struct service_plan *plan = &service->plan;

        if ((plan->kind == SERVICE_SINK || plan->kind == SERVICE_ECHO) && plan->host == host &&
            plan->port == port && service->status.state == SERVICE_RUNNING &&
            (datagram ? plan->datagram : plan->stream))
            return true;
    }
    return false;
}
