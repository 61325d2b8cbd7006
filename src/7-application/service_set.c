/* SPDX-License-Identifier: MIT */
/*
 * The table of the kinds of service, and all services of a lab. Only those that were touched or are
 * due are looked at, however many there are: a socket leads to its service (service_sockets.h), and
 * deadlines stand in a heap (service_queue.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
                      .due = service_stream_due,
                      .unfinished = service_unfinished,
                      .is_background = service_sink_is_background,
                      .is_server = true},
    [SERVICE_ECHO] = {.open_stream = service_stream_listen,
                      .open_datagram = service_datagram_bind,
                      .stream_ready = service_echo_stream_ready,
                      .datagram_ready = service_datagram_ready,
                      .datagram_came = service_echo_datagram_came,
                      .due = service_stream_due,
                      .unfinished = service_unfinished,
                      .is_background = service_echo_is_background,
                      .is_server = true},
    [SERVICE_PING] = {.open = service_ping_open,
                      .datagram_ready = service_ping_ready,
                      .due = service_ping_due,
                      .unfinished = service_ping_unfinished},
    [SERVICE_DHCP_SERVER] = {.open = service_dhcp_server_open,
                             .datagram_ready = service_datagram_ready,
                             .datagram_came = service_dhcp_server_came,
                             .unfinished = service_unfinished,
                             .close = service_dhcp_server_close,
                             .leases = service_dhcp_table_server,
                             .is_background = service_dhcp_server_is_background,
                             .is_server = true},
    [SERVICE_DHCP_CLIENT] = {.open = service_dhcp_client_open,
                             .datagram_ready = service_datagram_ready,
                             .datagram_came = service_dhcp_client_came,
                             .due = service_dhcp_client_due,
                             .leases = service_dhcp_table_client,
                             .unfinished = service_unfinished,
                             .is_background = service_dhcp_server_is_background},
    [SERVICE_INFORM_SERVER] = {.open = service_inform_server_open,
                               .datagram_ready = service_datagram_ready,
                               .datagram_came = service_inform_server_came,
                               .unfinished = service_unfinished,
                               .is_background = service_dhcp_server_is_background,
                               .is_server = true},
    [SERVICE_INFORM_CLIENT] = {.open = service_inform_client_open,
                               .datagram_ready = service_datagram_ready,
                               .datagram_came = service_inform_client_came,
                               .due = service_inform_client_due,
                               .leases = service_dhcp_table_informed,
                               .unfinished = service_unfinished,
                               .is_background = service_dhcp_server_is_background},
    [SERVICE_DNS] = {.open = service_dns_server_open,
                     .stream_ready = service_dns_server_stream_ready,
                     .datagram_ready = service_datagram_ready,
                     .datagram_came = service_dns_server_came,
                     .due = service_dns_server_due,
                     .unfinished = service_unfinished,
                     .close = service_dns_server_close,
                     .is_background = service_dhcp_server_is_background,
                     .is_server = true},
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
        if (services->list[i]->row->close != NULL)
            services->list[i]->row->close(services->list[i]);
        free(services->list[i]);
    }
    service_queue_done(&services->queue);
    service_sockets_done(&services->sockets);
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
    if (list == NULL || service == NULL || service_queue_add(&services->queue, service) < 0) {
        free(service);
        return -ENOMEM;
    }
    service->plan = *plan;
    service->lab = services->lab;
    service->calls = services->calls;
    service->seed = services->seed;
    service->set = services;
    service->row = &kinds[plan->kind];
    service->status.is_background =
        service->row->is_background != NULL && service->row->is_background(plan);
    services->awaited += service_is_awaited(&service->status);
    services->list[services->count] = service;
    return services->count++;
}

void service_set_peer(struct service_set *services, int number,
                      const struct sockaddr_storage *address, uint32_t length)
{
    services->list[number]->plan.address = *address;
    services->list[number]->plan.address_length = length;
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
    service_queue_moved(&services->queue, service);
}

void service_set_crash(struct service_set *services, int host)
{
    for (int i = 0; i < services->count; i++) {
        struct service *service = services->list[i];

        if (service->plan.host != host || service->status.state != SERVICE_RUNNING)
            continue;
        service->has_crashed = true;
        if (service_is_awaited(&service->status))
            service_fail(service, "its host crashed");
        service->deadline = NEVER;
        service_queue_moved(&services->queue, service);
    }
}

bool service_set_has_crashed(const struct service_set *services, int number)
{
    return services->list[number]->has_crashed;
}

/* @return false: there is nothing to start again */
static bool rise(struct service *service)
{
    if (!service->has_crashed)
        return false;
    service->has_crashed = false;
    while (service->sockets != NULL)
        service_close_socket(service, service->sockets);
    return true;
}

bool service_set_revive(struct service_set *services, int number)
{
    struct service *service = services->list[number];
    bool is_background = service->status.is_background;

    if (!rise(service))
        return false;
    memset(&service->status, 0, sizeof service->status);
    service->status.is_background = is_background;
    services->awaited += service_is_awaited(&service->status);
    return true;
}

void service_set_restart(struct service_set *services, int number)
{
    struct service *service = services->list[number];

    if (!rise(service))
        return;
    service->row->open(service);
    service_queue_moved(&services->queue, service);
}

void service_set_on_change(struct service_set *services, int host, int fd)
{
    struct service_socket *socket = service_sockets_find(&services->sockets, host, fd);
    struct service *service;

    if (socket == NULL)
        return;
    service = socket->service;
    if (service->has_crashed)
        return;
    if (socket->role == ROLE_DATAGRAM)
        service->row->datagram_ready(service, socket);
    else
        service_stream_ready(service, socket);
    service_queue_moved(&services->queue, service);
}

int64_t service_set_on_time(struct service_set *services)
{
    int due = service_queue_take(&services->queue, services->calls->now(services->lab));

    for (int i = 0; i < due; i++) {
        struct service *service = services->queue.due[i];

        service->row->due(service);
        service_queue_moved(&services->queue, service);
    }
    return service_queue_next(&services->queue);
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

bool service_set_is_running(const struct service_set *services)
{
    return services->awaited > 0;
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
