/* SPDX-License-Identifier: MIT */
/* What services of all kinds do: open and close their sockets, fail, end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "7-application/service_parts.h"

struct service_socket *service_open_socket(struct service *service, int fd, enum service_role role)
{
    struct service_socket *socket = calloc(1, sizeof *socket);

    if (socket != NULL && role != ROLE_LISTENER)
        socket->buffer = malloc(SERVICE_BUFFER);
    if (socket == NULL || (role != ROLE_LISTENER && socket->buffer == NULL) ||
        service_sockets_put(&service->set->sockets, service->plan.host, fd, socket) < 0) {
        if (socket != NULL)
            free(socket->buffer);
        free(socket);
        (void)service->calls->close(service->lab, service->plan.host, fd);
        service_fail(service, "out of memory");
        return NULL;
    }
    socket->service = service;
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
    service_sockets_remove(&service->set->sockets, service->plan.host, socket->fd);
    (void)service->calls->close(service->lab, service->plan.host, socket->fd);
    service_pattern_done(&socket->pattern);
    free(socket->buffer);
    free(socket);
}

static void finish(struct service *service, enum service_state state)
{
    if (service_is_awaited(&service->status))
        service->set->awaited--;
    while (service->sockets != NULL)
        service_close_socket(service, service->sockets);
    service->status.state = state;
    service->status.ended = service->calls->now(service->lab);
    service->deadline = NEVER;
    service_queue_moved(&service->set->queue, service);
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

void service_unfinished(struct service *service)
{
    const struct service_status *status = &service->status;
    bool has_total = service->plan.has_total || !service->row->is_server;
    char of[32] = "";

    if (has_total)
        snprintf(of, sizeof of, ", of %llu", (unsigned long long)service->plan.bytes);
    service_fail(service, "not finished: %llu bytes sent, %llu received%s",
                 (unsigned long long)status->sent, (unsigned long long)status->received, of);
}

int service_bound(struct service *service, int type)
{
    const struct service_plan *plan = &service->plan;
    int one = 1, result;
    int fd = service->calls->socket(service->lab, plan->host, plan->address.ss_family, type, 0);

    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return -1;
    }
    (void)service->calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_REUSEADDR, &one,
                                     sizeof one);
    result =
        service->calls->bind(service->lab, plan->host, fd, &plan->address, plan->address_length);
    if (result < 0) {
        (void)service->calls->close(service->lab, plan->host, fd);
        service_fail(service, "port %u: %s", plan->port, service->calls->text_of_error(result));
        return -1;
    }
    return fd;
}
