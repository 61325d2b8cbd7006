/* SPDX-License-Identifier: MIT */
/*
 * A server of stateless DHCPv6 on one interface of a router: UDP port 547, in the group of all
 * servers, and bound to it: what is sent to one station is not for it (RFC 8415 16). What it
 * answers is service_inform.c's; the answer goes to who asked, which has an
 * address of the link (RFC 8415 18.3.6, 18.3.10).
 */
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_inform_socket.h"

void service_inform_server_open(struct service *service)
{
    struct service_socket *s =
        service_inform_socket_open(service, &service_inform_socket_all, SERVICE_DHCP6_SERVER_PORT);
    const struct service_plan *plan = &service->plan;
    struct ipv6_mreq group = {.ipv6mr_multiaddr = service_inform_socket_all,
                              .ipv6mr_interface = service_inform_socket_index(service)};
    uint8_t hardware[6] = {0};
    int result;

    if (s == NULL)
        return;
    result = service->calls->set_option(service->lab, plan->host, s->fd, IPPROTO_IPV6,
                                        IPV6_JOIN_GROUP, &group, sizeof group);
    if (result < 0) {
        service_fail(service, "the group of servers: %s", service->calls->text_of_error(result));
        return;
    }
    (void)service->calls->hardware(service->lab, plan->host, plan->interface, hardware);
    service_dhcp6_id_of(hardware, &service->dhcp6_id);
}

void service_inform_server_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length)
{
    struct service_dhcp6_message m, reply;
    struct sockaddr_in6 from;

    if (message->address_length != sizeof from)
        return;
    memcpy(&from, message->address, sizeof from);
    if (!service_dhcp6_header_read(s->buffer, length, &m) ||
        !service_inform_answer(service->plan.inform, &service->dhcp6_id, &m, &reply))
        return;
    from.sin6_port = htons(SERVICE_DHCP6_CLIENT_PORT);
    service_inform_socket_send(service, s, &reply, &from);
    service->status.connections++;
}
