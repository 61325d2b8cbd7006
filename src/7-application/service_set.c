/* SPDX-License-Identifier: MIT */
/*
 * The table of the kinds of service, and all services of a lab: which socket belongs to which, and
 * whose deadline has come. A handler may close any socket of its service, so sockets are looked up
 * anew after each.
 */
#include <errno.h>
#include <stdlib.h>
#include "7-application/service_parts.h"

static const struct service_row kinds[] = {
    [SERVICE_SOURCE] = {.open_stream = service_source_open_stream,
                        .open_datagram = service_source_open_datagram,
                        .stream_ready = service_source_stream_ready,
                        .datagram_ready = service_datagram_ready,
                        .datagram_came = service_source_datagram_came,
                        .due = service_source_due,
                        .unfinished = service_unfinished},
    [SERVICE_SINK] = {.open_stream = service_stream_listen,
                      .open_datagram = service_datagram_bind,
                      .stream_ready = service_sink_stream_ready,
                      .datagram_ready = service_datagram_ready,
                      .datagram_came = service_sink_datagram_came,
                      .unfinished = service_unfinished,
                      .is_background = service_sink_is_background,
                      .is_server = true},
    [SERVICE_ECHO] = {.open_stream = service_stream_listen,
                      .open_datagram = service_datagram_bind,
                      .stream_ready = service_echo_stream_ready,
                      .datagram_ready = service_datagram_ready,
                      .datagram_came = service_echo_datagram_came,
                      .unfinished = service_unfinished,
                      .is_background = service_echo_is_background,
                      .is_server = true},
    [SERVICE_PING] = {.open = service_ping_open,
                      .datagram_ready = service_ping_ready,
                      .due = service_ping_due,
                      .unfinished = service_ping_unfinished},
};

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
    service->row = &kinds[plan->kind];
    service->status.is_background =
        service->row->is_background != NULL && service->row->is_background(plan);
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
    if (service->row->open != NULL)
        service->row->open(service);
    if (service->row->open_stream != NULL && service->plan.stream)
        service->row->open_stream(service);
    if (service->row->open_datagram != NULL && service->plan.datagram &&
        service->status.state == SERVICE_RUNNING)
        service->row->open_datagram(service);
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
            if (s->role == ROLE_DATAGRAM)
                service->row->datagram_ready(service, s);
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

        if (service->status.state == SERVICE_RUNNING && service->deadline <= now)
            service->row->due(service);
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
    else if (status->state == SERVICE_RUNNING)
        service->row->unfinished(service);
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

        if (service->row->is_server && plan->host == host && plan->port == port &&
            service->status.state == SERVICE_RUNNING && (datagram ? plan->datagram : plan->stream))
            return true;
    }
    return false;
}
