/* SPDX-License-Identifier: MIT */
/*
 * All services of a lab: which socket belongs to which, and whose deadline has come. A handler may
 * close any socket of its service, so sockets are looked up anew after each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "7-application/service_parts.h"

struct service_set {
    struct sockeye *lab;
    const struct service_calls *calls;
    uint64_t seed;
    struct service **list;
    int count;
};

int service_set_open(struct sockeye *lab, const struct service_calls *calls, uint64_t seed,
                     struct service_set **services)
{
    *services = calloc(1, sizeof **services);
    if (*services == NULL)
        return -ENOMEM;
    (*services)->lab = lab;
    (*services)->calls = calls;
    (*services)->seed = seed;
    return 0;
}

void service_set_close(struct service_set *services)
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

int service_set_add(struct service_set *services, const struct service_plan *plan)
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

void service_set_start(struct service_set *services, int number)
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

void service_set_on_change(struct service_set *services, int host, int fd)
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

int64_t service_set_on_time(struct service_set *services)
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

void service_set_finish(struct service_set *services)
{
    for (int i = 0; i < services->count; i++)
        judge(services->list[i]);
}

void service_set_status(const struct service_set *services, int number,
                        struct service_status *status)
{
    *status = services->list[number]->status;
}

bool service_set_are_listening(const struct service_set *services, int host, uint16_t port,
                               bool datagram)
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
