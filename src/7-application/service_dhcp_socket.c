/* SPDX-License-Identifier: MIT */
/* The socket of a server or client of DHCP. */
#include "7-application/service_dhcp_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

void service_dhcp_socket_open(struct service *service, uint16_t port)
{
    const struct service_plan *plan = &service->plan;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1, result;
    int fd = service->calls->socket(service->lab, plan->host, AF_INET, SOCK_DGRAM, 0);

    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return;
    }
    (void)service->calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_BROADCAST, &one,
                                     sizeof one);
    (void)service->calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_REUSEADDR, &one,
                                     sizeof one);
    result =
        service->calls->set_option(service->lab, plan->host, fd, SOL_SOCKET, SO_BINDTODEVICE,
                                   plan->interface_name, (uint32_t)strlen(plan->interface_name));
    if (result >= 0)
        result = service->calls->bind(service->lab, plan->host, fd, &any, sizeof any);
    if (result < 0) {
        (void)service->calls->close(service->lab, plan->host, fd);
        service_fail(service, "port %u on %s: %s", port, plan->interface_name,
                     service->calls->text_of_error(result));
        return;
    }
    (void)service_open_socket(service, fd, ROLE_DATAGRAM);
}

/* What does not leave is as lost as what does not arrive: it is asked again. */
void service_dhcp_socket_send(struct service *service, struct service_socket *s,
                              const struct service_dhcp_message *m, uint32_t to, uint16_t port)
{
    struct sockaddr_in peer = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(to)};
    uint8_t bytes[SERVICE_DHCP_BYTES];
    struct call_message message = {.bytes = bytes,
                                   .length = service_dhcp_header_write(m, bytes),
                                   .address = &peer,
                                   .address_length = sizeof peer};

    if (service->calls->send_message(service->lab, service->plan.host, s->fd, &message,
                                     MSG_NOSIGNAL) >= 0)
        service->status.sent += message.length;
}
