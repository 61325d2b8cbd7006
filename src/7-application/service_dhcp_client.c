/* SPDX-License-Identifier: MIT */
/*
 * A client of DHCP for one interface of a host: UDP port 68, kept to the interface. What is sent
 * and when is service_tenant.c's; here an address and its routes are set and taken away, by the
 * lab's own inputs, so a record holds them. A host that crashed and starts again has no address,
 * and begins from the beginning.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "7-application/service_dhcp_socket.h"

enum { TEXT = 32 };

static void text_of(uint32_t address, char text[TEXT])
{
    snprintf(text, TEXT, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
             address & 255);
}

static unsigned bits_of(uint32_t mask)
{
    unsigned bits = 0;

    while (bits < 32 && mask >> (31 - bits) & 1)
        bits++;
    return bits;
}

static void withdraw(struct service *service)
{
    const struct service_plan *plan = &service->plan;

    if (service->lease_text[0] == '\0')
        return;
    (void)service->calls->address_remove(service->lab, plan->host, plan->interface,
                                         service->lease_text);
    service->lease_text[0] = '\0';
    if (service->gateway_text[0] != '\0')
        (void)service->calls->route_remove(service->lab, plan->host, "default",
                                           service->gateway_text, plan->interface);
    service->gateway_text[0] = '\0';
}

static void configure(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    const struct service_dhcp_message *lease = &service->tenant.lease;
    unsigned bits = bits_of(lease->mask);
    char text[TEXT];
    int result;

    text_of(lease->your, text);
    snprintf(service->lease_text, sizeof service->lease_text, "%s/%u", text, bits == 0 ? 24 : bits);
    result =
        service->calls->address(service->lab, plan->host, plan->interface, service->lease_text);
    if (result < 0) {
        service_fail(service, "the address %s: %s", service->lease_text,
                     service->calls->text_of_error(result));
        return;
    }
    if (lease->routers > 0) {
        text_of(lease->router[0], service->gateway_text);
        (void)service->calls->route(service->lab, plan->host, "default", service->gateway_text,
                                    plan->interface);
    }
    service->status.connections = 1; /* it is served */
}

/* What wires carry no stations for has nobody else on it. */
static void probe(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    char text[TEXT];

    text_of(service->tenant.lease.your, text);
    (void)service->calls->probe(service->lab, plan->host, plan->interface, text,
                                service->tenant.tries == 1);
}

static bool is_taken(const struct service *service)
{
    const struct service_plan *plan = &service->plan;
    char text[TEXT];

    if (service->tenant.state != TENANT_PROBING || service->tenant.tries == 0)
        return false;
    text_of(service->tenant.lease.your, text);
    return service->calls->probed(service->lab, plan->host, plan->interface, text) > 0;
}

static void act(struct service *service, const struct service_tenant_step *step)
{
    struct service_socket *s = service->sockets;

    if (step->withdraw)
        withdraw(service);
    if (step->probe)
        probe(service);
    if (step->configure)
        configure(service);
    if (step->send != TENANT_SEND_NOTHING && service->status.state == SERVICE_RUNNING)
        service_dhcp_socket_send(service, s, &step->message,
                                 step->send == TENANT_SEND_ALL ? INADDR_BROADCAST
                                                               : service->tenant.lease.server_id,
                                 SERVICE_DHCP_SERVER_PORT);
    if (service->status.state == SERVICE_RUNNING)
        service->deadline = service->tenant.deadline;
}

void service_dhcp_client_open(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    uint8_t hardware[SERVICE_DHCP_HARDWARE] = {0};
    nanoseconds now = service->calls->now(service->lab);
    struct siphash_key key = {service->seed ^ (uint64_t)now,
                              (uint64_t)plan->host << 32 | (uint32_t)plan->interface};

    withdraw(service); /* of a host that starts again: what it had before */
    service->status.connections = 0;
    service_dhcp_socket_open(service, SERVICE_DHCP_CLIENT_PORT);
    if (service->status.state != SERVICE_RUNNING)
        return;
    (void)service->calls->hardware(service->lab, plan->host, plan->interface, hardware);
    service_tenant_init(&service->tenant, hardware, plan->host_name, plan->probes, key, now);
    service->deadline = now;
}

void service_dhcp_client_due(struct service *service)
{
    struct service_tenant_step step;

    if (is_taken(service))
        service_tenant_conflict(&service->tenant, service->calls->now(service->lab), &step);
    else
        service_tenant_due(&service->tenant, service->calls->now(service->lab), &step);
    act(service, &step);
}

void service_dhcp_client_came(struct service *service, struct service_socket *s,
                              struct call_message *message, size_t length)
{
    struct service_dhcp_message m;
    struct service_tenant_step step;

    (void)message;
    if (!service_dhcp_header_read(s->buffer, length, &m))
        return;
    service_tenant_came(&service->tenant, &m, service->calls->now(service->lab), &step);
    act(service, &step);
}
