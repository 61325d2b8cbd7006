/* SPDX-License-Identifier: MIT */
/*
 * A server of DHCP on one interface of a host: UDP port 67, kept to that interface, so that a host
 * may have one on each. What it answers is service_lease.c's.
 *
 * Where an answer goes: RFC 2131 4.1. To who has no address yet it is broadcast even if it did not
 * ask for that: a socket cannot send to a station that does not answer ARP, and the RFC lets a
 * server broadcast then.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include "7-application/service_dhcp_socket.h"

void service_dhcp_server_open(struct service *service)
{
    int result = service->leases.list != NULL /* RFC 2131 1.6: they outlive the server's restart */
                     ? 0
                     : service_lease_open(&service->leases, service->plan.lease);

    if (result < 0)
        service_fail(service, "the range of addresses: %s", service->calls->text_of_error(result));
    else
        service_dhcp_socket_open(service, SERVICE_DHCP_SERVER_PORT);
}

void service_dhcp_server_came(struct service *service, struct service_socket *s,
                              struct call_message *message, size_t length)
{
    struct service_dhcp_message m, reply;
    uint32_t to = INADDR_BROADCAST;
    uint16_t port = SERVICE_DHCP_CLIENT_PORT;

    (void)message;
    if (!service_dhcp_header_read(s->buffer, length, &m) ||
        !service_lease_answer(&service->leases, &m, service->calls->now(service->lab), &reply))
        return;
    if (m.relay != 0) {
        to = m.relay;
        port = SERVICE_DHCP_SERVER_PORT;
    } else if (reply.type != DHCP_NAK && m.client != 0) {
        to = m.client;
    }
    service_dhcp_socket_send(service, s, &reply, to, port);
}

bool service_dhcp_server_is_background(const struct service_plan *plan)
{
    (void)plan;
    return true;
}

void service_dhcp_server_close(struct service *service)
{
    service_lease_close(&service->leases);
}
